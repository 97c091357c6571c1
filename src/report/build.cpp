// From the results of the stages to the plain data of a report. Nothing is decided here but names,
// shares and sums.
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "aiprof/base/text.h"
#include "aiprof/report/format.h"
#include "aiprof/report/report.h"
#include "report/attribute.h"
#include "report/block.h"
#include "report/measured.h"
#include "report/totals.h"

namespace aiprof {
namespace {

std::optional<std::uint64_t> known(Count c) {
  return c.known() ? std::optional(c.value()) : std::nullopt;
}

std::optional<double> intensity(const WorkRow& w) {
  const Count bytes = w.bytes_read + w.bytes_written;
  if (!bytes.known() || bytes.value() == 0 || !w.flops.known()) return std::nullopt;
  return w.flops.as_double() / bytes.as_double();
}

TensorRow tensor_row(const Graph& graph, const Analysis& analysis, TensorId id) {
  TensorRow row;
  const TensorFact& fact = analysis[id];
  const Tensor& tensor = graph[id];
  row.name = std::string(tensor.name);
  DType dtype = fact.dtype;
  if (dtype == DType::kUndefined && tensor.declared != nullptr) dtype = tensor.declared->dtype;
  if (dtype != DType::kUndefined) row.dtype = std::string(name(dtype));
  if (!fact.has_shape) return row;
  row.shape.emplace();
  for (const Dim d : fact.shape) {
    if (d.known()) {
      row.shape->emplace_back(d.value());
    } else {
      row.shape->emplace_back(graph.symbols[d.symbol()]);
    }
  }
  return row;
}

std::vector<std::size_t> tensor_indices(std::span<const TensorId> ids) {
  std::vector<std::size_t> out;
  for (const TensorId id : ids) {
    if (id != kNoTensor) out.push_back(index(id));
  }
  return out;
}

ModelRow model_row(const Graph& graph, const Analysis& analysis) {
  ModelRow row;
  row.file = graph.file;
  row.ir_version = graph.ir_version;
  row.opsets = graph.opsets;
  row.dims = analysis.dims;
  // Initializers that are also listed as inputs (IR version 3) are weights, not inputs.
  for (const TensorId id : graph.main().inputs) {
    if (id != kNoTensor && graph[id].stored == nullptr) row.inputs.push_back(index(id));
  }
  row.outputs = tensor_indices(graph.main().outputs);
  return row;
}

WorkRow work_row(const OpCost& cost) {
  WorkRow work;
  work.flops = cost.flops;
  work.macs = cost.macs;
  work.transcendentals = cost.transcendentals;
  work.integer_ops = cost.integer_ops;
  work.bytes_read = cost.bytes_read();
  work.bytes_written = cost.bytes_written();
  work.weight_bytes_read = cost.weight_bytes_read();
  return work;
}

NodeRow node_row(const Graph& graph, const Analysis& analysis, NodeId id) {
  const Node& node = graph[id];
  const NodeResult& result = analysis[id];
  const OpType& op = graph.op_type(node);
  NodeRow row;
  row.index = index(id);
  row.name = std::string(node.name);
  row.path = std::string(node.path);
  row.op_type = std::string(op.type);
  row.domain = std::string(op.domain);
  const bool call = node.body != kNoRegion;
  row.op_class = std::string(result.spec != nullptr ? name(result.spec->op_class)
                             : call                 ? name(OpClass::kControl)
                                                    : std::string_view("unknown"));
  row.block = block_path(node);
  row.status = result.status;
  row.reason = result.reason;
  row.trips = known(result.trips);
  row.inputs = tensor_indices(node.inputs);
  row.outputs = tensor_indices(node.outputs);
  if (result.status == NodeStatus::kGap) return row;
  row.work = work_row(result.cost);
  row.arithmetic_intensity = intensity(*row.work);
  return row;
}

KernelRow kernel_row(const Graph& graph, const MachineEstimate& machine, std::size_t k) {
  const Kernel& kernel = machine.lowered.kernels[k];
  const KernelEstimate& e = machine.estimate.kernels[k];
  KernelRow row;
  row.index = k;
  row.name = kernel.main == kNoNode ? std::string() : std::string(graph[kernel.main].name);
  for (const NodeId id : kernel.nodes) row.nodes.push_back(index(id));
  std::sort(row.nodes.begin(), row.nodes.end());
  row.op_class = std::string(name(kernel.op_class));
  row.fusion = kernel.fusion;
  row.engine = e.engine;
  if (!e.supported) row.unsupported = e.unsupported;
  row.launches = known(kernel.launches);
  row.flops = known(kernel.flops);
  row.bytes_read = known(kernel.bytes_read());
  row.bytes_written = known(kernel.bytes_written());
  row.saved_bytes = known(kernel.saved_bytes);
  row.arithmetic_intensity = e.arithmetic_intensity;
  row.seconds = {.latency = e.latency_seconds,
                 .compute = e.compute_seconds,
                 .memory = e.memory_seconds,
                 .overhead = e.overhead_seconds,
                 .joules = e.energy_joules};
  row.latency_low_seconds = e.latency_low_seconds;
  row.latency_high_seconds = e.latency_high_seconds;
  row.bound = e.bound;
  row.mfu = e.mfu;
  row.mbu = e.mbu;
  return row;
}

// Gives every node of a kernel its share of the kernel's time and energy.
void attribute(Report& report, const Analysis& analysis, const MachineEstimate& machine) {
  for (const KernelRow& kernel : report.kernels) {
    std::vector<double> weights;
    for (const std::size_t n : kernel.nodes) {
      weights.push_back(unfused_seconds(analysis.nodes[n].cost, machine));
    }
    const std::vector<Seconds> parts = split_exactly(kernel.seconds, weights);
    const std::vector<double> measured =
        split_exactly(kernel.measured ? kernel.measured->seconds : 0, weights);
    for (std::size_t i = 0; i < parts.size(); ++i) {
      NodeRow& row = report.nodes[kernel.nodes[i]];
      row.kernel = kernel.index;
      row.seconds = parts[i];
      row.bound = kernel.bound;
      if (kernel.measured) {
        row.measured = {.seconds = measured[i], .predicted_seconds = parts[i].latency};
      }
    }
  }
}

HardwareRow hardware_row(const Hardware& hardware) {
  HardwareRow row;
  row.id = hardware.id;
  row.name = hardware.name;
  row.file = hardware.file;
  row.hash = hardware.hash;
  row.calibration = std::string(name(hardware.calibration.state));
  row.edits = hardware.edits;
  row.memory_bytes = static_cast<std::uint64_t>(hardware.main_memory().total_capacity_bytes());
  return row;
}

void add_states(Report& report, const Graph& graph, const Analysis& analysis) {
  for (const StatePair& pair : analysis.states) {
    StateRow row;
    row.past = std::string(graph[pair.past].name);
    row.present = std::string(graph[pair.present].name);
    row.kind = pair.kind == StatePair::Kind::kKvCache ? "kv_cache" : "recurrent";
    row.bytes = known(pair.bytes);
    row.bytes_per_token = known(pair.bytes_per_token);
    row.in_place = pair.in_place;
    report.states.push_back(std::move(row));
  }
}

void add_machine(Report& report, const Graph& graph, const Analysis& analysis,
                 const MachineEstimate& machine, const MeasuredRun* measured) {
  report.hardware = hardware_row(machine.hardware);
  report.runtime = machine.profile.name;
  report.ridges = machine.estimate.ridges;
  const auto& notes = machine.estimate.notes;
  report.notes.insert(report.notes.end(), notes.begin(), notes.end());
  for (std::size_t k = 0; k < machine.lowered.kernels.size(); ++k) {
    report.kernels.push_back(kernel_row(graph, machine, k));
  }
  if (measured != nullptr) set_measured_kernels(report, *measured);
  attribute(report, analysis, machine);
  if (measured != nullptr) set_measured_rest(report, *measured);
}

// "memory.dram.bandwidth_bytes_per_second: 2e+12 -> 4e+12" as "dram.bandwidth x 2": what it is of
// and, of numbers, the factor.
std::string edit_label(const std::string& edit) {
  const std::size_t colon = edit.find(": ");
  const std::size_t arrow = edit.rfind(" -> ");
  if (colon == std::string::npos || arrow == std::string::npos || arrow < colon) return edit;
  std::string path = edit.substr(0, colon);
  for (const std::string_view unit : {"_bytes_per_second", "_seconds", "_watts", "_bytes", "_hz"}) {
    if (path.ends_with(unit)) path.resize(path.size() - unit.size());
  }
  const std::size_t last = path.rfind('.');
  const std::size_t parent =
      last == std::string::npos || last == 0 ? last : path.rfind('.', last - 1);
  if (parent != std::string::npos) path.erase(0, parent + 1);
  const std::string before = edit.substr(colon + 2, arrow - colon - 2);
  const std::string after = edit.substr(arrow + 4);
  const double old_value = std::strtod(before.c_str(), nullptr);
  const double new_value = std::strtod(after.c_str(), nullptr);
  if (!(old_value > 0) || !(new_value > 0)) return path + " = " + after;
  return path + " x " + format_plain(new_value / old_value);
}

}  // namespace

std::string machine_label(const HardwareRow& hardware) {
  std::string label = hardware.id.empty() ? hardware.name : hardware.id;
  for (const std::string& edit : hardware.edits) label += ", " + edit_label(edit);
  return label;
}

Report build_report(const Graph& graph, const Analysis& analysis, const MachineEstimate* machine,
                    const ReportOptions& options) {
  Report report;
  report.model = model_row(graph, analysis);
  report.assumptions = analysis.notes;
  report.notes = graph.notes;
  report.coverage = analysis.coverage;
  report.tensors.reserve(graph.tensors.size());
  for (std::size_t t = 0; t < graph.tensors.size(); ++t) {
    report.tensors.push_back(tensor_row(graph, analysis, static_cast<TensorId>(t)));
  }
  report.nodes.reserve(graph.nodes.size());
  for (std::size_t n = 0; n < graph.nodes.size(); ++n) {
    report.nodes.push_back(node_row(graph, analysis, static_cast<NodeId>(n)));
  }
  add_states(report, graph, analysis);
  if (machine != nullptr) add_machine(report, graph, analysis, *machine, options.measured);
  report.appendix = build_appendix(graph, analysis, machine);
  set_totals(report, graph, analysis, machine, options);
  return report;
}

}  // namespace aiprof
