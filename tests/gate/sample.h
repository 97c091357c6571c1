// Reports for tests of gates: some from models, some made by hand.
#pragma once

#include <string>
#include <vector>

#include "aiprof/gate/check.h"
#include "report/sample.h"

namespace aiprof::test {

// A report of a chain of operators with given latencies, FLOPs and names, on a machine.
struct HandNode {
  std::string name;
  std::string op_type = "Conv";
  double seconds = 1e-3;
  std::uint64_t flops = 1000;
};

inline Report hand_report(const std::vector<HandNode>& nodes, const std::string& file = "m.onnx") {
  Report r;
  r.model.file = file;
  r.hardware = HardwareRow{.id = "toy", .name = "Toy", .memory_bytes = 1000};
  r.runtime = "eager";
  r.totals.seconds.emplace();
  const auto add_tensor = [&r](std::int64_t extent) {
    r.tensors.push_back({"t" + std::to_string(r.tensors.size()), "float32", {{extent}}});
    return r.tensors.size() - 1;
  };
  std::size_t previous = add_tensor(8);
  r.model.inputs = {previous};
  for (const HandNode& n : nodes) {
    NodeRow row;
    row.index = r.nodes.size();
    row.name = n.name;
    row.op_type = n.op_type;
    row.status = NodeStatus::kExact;
    row.trips = 1;
    row.inputs = {previous};
    previous = add_tensor(8);
    row.outputs = {previous};
    row.work.emplace();
    row.work->flops = n.flops;
    row.work->bytes_read = row.work->bytes_written = 32U;
    row.seconds = Seconds{.latency = n.seconds, .compute = n.seconds, .joules = 2 * n.seconds};
    row.kernel = r.kernels.size();
    row.bound = Bound::kCompute;
    KernelRow kernel;
    kernel.index = r.kernels.size();
    kernel.nodes = {row.index};
    kernel.op_class = "convolution";
    kernel.seconds = *row.seconds;
    kernel.latency_low_seconds = 0.8 * n.seconds;
    kernel.latency_high_seconds = 1.3 * n.seconds;
    kernel.bound = Bound::kCompute;
    r.kernels.push_back(kernel);
    r.totals.work += *row.work;
    *r.totals.seconds += *row.seconds;
    r.nodes.push_back(row);
  }
  r.coverage = {nodes.size(), nodes.size(), 0, 0, 0};
  r.totals.latency_low_seconds = 0.8 * r.totals.seconds->latency;
  r.totals.latency_high_seconds = 1.3 * r.totals.seconds->latency;
  r.totals.throughput_per_second = 1 / r.totals.seconds->latency;
  r.totals.parameters = 100;
  r.totals.memory_bytes = 500;
  return r;
}

// The last operator of a report becomes one that is not modelled.
inline Report with_gap(Report r) {
  NodeRow& node = r.nodes.back();
  r.totals.seconds->latency -= node.seconds->latency;
  r.totals.work.flops = r.totals.work.flops - node.work->flops;
  node.status = NodeStatus::kGap;
  node.reason = "no rule";
  node.work.reset();
  node.seconds.reset();
  node.kernel.reset();
  r.kernels.pop_back();
  r.coverage.exact -= 1;
  r.coverage.gaps = 1;
  r.totals.throughput_per_second = 1 / r.totals.seconds->latency;
  return r;
}

inline gate::Judgement judge_one(const Report& report, const std::string& limit,
                                 gate::Certainty certainty = gate::Certainty::kEstimate) {
  const std::vector<gate::Rule> rules = {{gate::parse_limit(limit, "--limit"), {}, {}}};
  return gate::judge({report, nullptr, rules, certainty, {2026, 6, 15}}).judgements.front();
}

inline gate::Judgement judge_change(const Report& report, const Report& base,
                                    const std::string& change) {
  const std::vector<gate::Rule> rules = {
      {gate::parse_change(change, gate::Direction::kIncrease, "--max-increase"), {}, {}}};
  return gate::judge({report, &base, rules, gate::Certainty::kEstimate, {2026, 6, 15}})
      .judgements.front();
}

// What a call throws, or "" if nothing.
template <typename Call>
std::string message_of(const Call& call) {
  try {
    call();
  } catch (const Error& e) {
    return e.what();
  }
  return {};
}

}  // namespace aiprof::test
