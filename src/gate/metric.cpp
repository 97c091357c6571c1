#include "aiprof/gate/metric.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "aiprof/base/error.h"
#include "aiprof/base/text.h"

namespace aiprof::gate {
namespace {

using Value = std::optional<double>;

Value of(Count c) { return c.known() ? Value(c.as_double()) : std::nullopt; }
Value of(std::optional<std::uint64_t> n) {
  return n ? Value(static_cast<double>(*n)) : std::nullopt;
}
Value of(std::size_t n) { return static_cast<double>(n); }

// The same member of the work, or of the times, of the whole and of one operator.
template <Count WorkRow::*member>
Value work_of_whole(const Report& r) {
  return of(r.totals.work.*member);
}
template <Count WorkRow::*member>
Value work_of_node(const NodeRow& n) {
  return n.work ? of((*n.work).*member) : std::nullopt;
}
template <double Seconds::*member>
Value time_of_whole(const Report& r) {
  return r.totals.seconds ? Value((*r.totals.seconds).*member) : std::nullopt;
}
template <double Seconds::*member>
Value time_of_node(const NodeRow& n) {  // an operator without a kernel takes no time
  return n.seconds ? (*n.seconds).*member : 0.0;
}
template <std::optional<double> ReportTotals::*member>
Value total(const Report& r) {
  return r.totals.*member;
}
template <std::optional<std::uint64_t> ReportTotals::*member>
Value count(const Report& r) {
  return of(r.totals.*member);
}
template <std::size_t Coverage::*member>
Value covered(const Report& r) {
  return of(r.coverage.*member);
}

Value bytes_of_whole(const Report& r) {
  return of(r.totals.work.bytes_read + r.totals.work.bytes_written);
}
Value bytes_of_node(const NodeRow& n) {
  return n.work ? of(n.work->bytes_read + n.work->bytes_written) : std::nullopt;
}
Value kernel_bytes(const Report& r) {
  const auto& t = r.totals;
  if (!t.kernel_bytes_read || !t.kernel_bytes_written) return std::nullopt;
  return of(Count(*t.kernel_bytes_read) + Count(*t.kernel_bytes_written));
}
Value memory_share(const Report& r) {
  if (!r.totals.memory_bytes || !r.hardware || r.hardware->memory_bytes == 0) return std::nullopt;
  return static_cast<double>(*r.totals.memory_bytes) /
         static_cast<double>(r.hardware->memory_bytes);
}
Value part_of_nodes(const Report& r, std::size_t n) {
  const std::size_t all = r.coverage.nodes;
  return all == 0 ? 1.0 : static_cast<double>(n) / static_cast<double>(all);
}
Value modelled(const Report& r) { return part_of_nodes(r, r.coverage.nodes - r.coverage.gaps); }
Value exact(const Report& r) { return part_of_nodes(r, r.coverage.exact + r.coverage.folded); }
Value whole_share(const Report&) { return 1.0; }
Value kernels(const Report& r) { return of(r.kernels.size()); }
Value unsupported(const Report& r) {
  return of(static_cast<std::size_t>(
      std::count_if(r.kernels.begin(), r.kernels.end(),
                    [](const KernelRow& k) { return !k.unsupported.empty(); })));
}
Value one(const NodeRow&) { return 1.0; }
Value is_gap(const NodeRow& n) { return n.status == NodeStatus::kGap ? 1.0 : 0.0; }
Value is_assumed(const NodeRow& n) { return n.status == NodeStatus::kAssumed ? 1.0 : 0.0; }

constexpr auto kLatency = time_of_node<&Seconds::latency>;
constexpr auto kWeights = work_of_node<&WorkRow::weight_bytes_read>;
constexpr auto kWritten = work_of_node<&WorkRow::bytes_written>;

constexpr Better kLess = Better::kLower;
constexpr Better kMore = Better::kHigher;
constexpr GapEffect kFixed = GapEffect::kNone;
constexpr GapEffect kAtLeast = GapEffect::kHigher;
constexpr GapEffect kAtMost = GapEffect::kLower;
constexpr GapEffect kAny = GapEffect::kAny;
constexpr Grouping kSum = Grouping::kSum;
constexpr Grouping kRatio = Grouping::kRatio;
constexpr Grouping kWhole = Grouping::kNone;

// name, alias, what, unit, better, gaps, grouping, needs a machine, of the whole, of a node
constexpr Metric kMetrics[] = {
    {"latency", "latency_seconds", "time of one inference", Unit::kSeconds, kLess, kAtLeast, kSum,
     true, time_of_whole<&Seconds::latency>, kLatency},
    {"compute", "compute_seconds", "time that arithmetic needs", Unit::kSeconds, kLess, kAtLeast,
     kSum, true, time_of_whole<&Seconds::compute>, time_of_node<&Seconds::compute>},
    {"memory_time", "memory_seconds", "time that moving bytes needs", Unit::kSeconds, kLess,
     kAtLeast, kSum, true, time_of_whole<&Seconds::memory>, time_of_node<&Seconds::memory>},
    {"overhead", "overhead_seconds", "time of launches that nothing hides", Unit::kSeconds, kLess,
     kAtLeast, kSum, true, time_of_whole<&Seconds::overhead>, time_of_node<&Seconds::overhead>},
    {"latency_share", "", "part of the latency that a group takes", Unit::kFraction, kLess, kAny,
     kRatio, true, whole_share, kLatency},
    {"throughput", "throughput_per_second", "samples a second", Unit::kRate, kMore, kAtMost, kWhole,
     true, total<&ReportTotals::throughput_per_second>, kLatency},
    {"tokens", "tokens_per_second", "tokens a second, of language models", Unit::kRate, kMore,
     kAtMost, kWhole, true, total<&ReportTotals::tokens_per_second>, kLatency},
    {"energy", "energy_joules", "energy of one inference", Unit::kJoules, kLess, kAtLeast, kSum,
     true, time_of_whole<&Seconds::joules>, time_of_node<&Seconds::joules>},
    {"power", "average_watts", "energy by latency", Unit::kWatts, kLess, kAny, kWhole, true,
     total<&ReportTotals::average_watts>, time_of_node<&Seconds::joules>},
    {"mfu", "", "FLOPs by latency by peak", Unit::kFraction, kMore, kAny, kWhole, true,
     total<&ReportTotals::mfu>, kLatency},
    {"mbu", "", "moved bytes by latency by peak bandwidth", Unit::kFraction, kMore, kAny, kWhole,
     true, total<&ReportTotals::mbu>, kLatency},
    {"intensity", "arithmetic_intensity", "FLOPs by moved bytes", Unit::kIntensity, kMore, kAny,
     kRatio, false, total<&ReportTotals::arithmetic_intensity>, bytes_of_node},
    {"flops", "", "floating-point operations; 1 MAC is 2", Unit::kCount, kLess, kAtLeast, kSum,
     false, work_of_whole<&WorkRow::flops>, work_of_node<&WorkRow::flops>},
    {"macs", "", "multiply-accumulates of contractions", Unit::kCount, kLess, kAtLeast, kSum, false,
     work_of_whole<&WorkRow::macs>, work_of_node<&WorkRow::macs>},
    {"transcendentals", "", "exp, division, square root, ...", Unit::kCount, kLess, kAtLeast, kSum,
     false, work_of_whole<&WorkRow::transcendentals>, work_of_node<&WorkRow::transcendentals>},
    {"integer_ops", "", "integer arithmetic outside contractions", Unit::kCount, kLess, kAtLeast,
     kSum, false, work_of_whole<&WorkRow::integer_ops>, work_of_node<&WorkRow::integer_ops>},
    {"bytes", "", "bytes read and written by each operator, before fusion", Unit::kBytes, kLess,
     kAtLeast, kSum, false, bytes_of_whole, bytes_of_node},
    {"bytes_read", "", "bytes read, before fusion", Unit::kBytes, kLess, kAtLeast, kSum, false,
     work_of_whole<&WorkRow::bytes_read>, work_of_node<&WorkRow::bytes_read>},
    {"bytes_written", "", "bytes written, before fusion", Unit::kBytes, kLess, kAtLeast, kSum,
     false, work_of_whole<&WorkRow::bytes_written>, kWritten},
    {"weight_bytes_read", "", "weight traffic, before fusion", Unit::kBytes, kLess, kAtLeast, kSum,
     false, work_of_whole<&WorkRow::weight_bytes_read>, kWeights},
    {"kernel_bytes", "", "bytes read and written after fusion", Unit::kBytes, kLess, kAtLeast,
     kWhole, true, kernel_bytes, bytes_of_node},
    {"parameters", "", "elements of distinct weights", Unit::kCount, kLess, kFixed, kWhole, false,
     count<&ReportTotals::parameters>, kWeights},
    {"buffers", "", "running statistics of batch norms", Unit::kCount, kLess, kFixed, kWhole, false,
     count<&ReportTotals::buffers>, kWeights},
    {"weight_bytes", "", "stored bytes of distinct weights", Unit::kBytes, kLess, kFixed, kWhole,
     false, count<&ReportTotals::weight_bytes>, kWeights},
    {"peak_activation_bytes", "activations", "most activations that live at one time", Unit::kBytes,
     kLess, kAtLeast, kWhole, false, count<&ReportTotals::peak_activation_bytes>, kWritten},
    {"peak_memory", "memory_bytes", "weights and the activation peak", Unit::kBytes, kLess,
     kAtLeast, kWhole, false, count<&ReportTotals::memory_bytes>, kWeights},
    {"memory_share", "", "peak memory by the capacity of the machine", Unit::kFraction, kLess,
     kAtLeast, kWhole, true, memory_share, kWeights},
    {"kv_cache_bytes", "", "KV cache after the step", Unit::kBytes, kLess, kFixed, kWhole, false,
     count<&ReportTotals::kv_cache_bytes>, nullptr},
    {"kv_bytes_per_token", "kv_cache_bytes_per_token", "growth of the KV cache with each token",
     Unit::kBytes, kLess, kFixed, kWhole, false, count<&ReportTotals::kv_cache_bytes_per_token>,
     nullptr},
    {"modelled", "", "part of the operators that have counts", Unit::kFraction, kMore, kFixed,
     kWhole, false, modelled, is_gap},
    {"exact", "", "part of the operators that rest on no assumption", Unit::kFraction, kMore,
     kFixed, kWhole, false, exact, is_assumed},
    {"gaps", "unmodelled", "operators without counts", Unit::kCount, kLess, kFixed, kSum, false,
     covered<&Coverage::gaps>, is_gap},
    {"assumed", "", "operators that rest on an assumption", Unit::kCount, kLess, kFixed, kSum,
     false, covered<&Coverage::assumed>, is_assumed},
    {"operators", "nodes", "operators of the model", Unit::kCount, kLess, kFixed, kSum, false,
     covered<&Coverage::nodes>, one},
    {"kernels", "", "kernels that the runtime forms", Unit::kCount, kLess, kAtLeast, kWhole, true,
     kernels, nullptr},
    {"unsupported", "", "kernels that the machine does not support", Unit::kCount, kLess, kAtLeast,
     kWhole, true, unsupported, nullptr},
};

std::string plain(std::string_view name) {
  std::string text = lower(name);
  std::replace(text.begin(), text.end(), '-', '_');
  return text;
}

}  // namespace

std::span<const Metric> metrics() { return kMetrics; }

const Metric* find_metric(std::string_view name) {
  const std::string wanted = plain(name);
  for (const Metric& m : kMetrics) {
    if (m.name == wanted || (!m.alias.empty() && m.alias == wanted)) return &m;
  }
  return nullptr;
}

const Metric& require_metric(std::string_view name) {
  if (const Metric* found = find_metric(name)) return *found;
  std::vector<std::string> names;
  for (const Metric& m : kMetrics) names.emplace_back(m.name);
  std::vector<std::string> all = names;
  for (const Metric& m : kMetrics) {
    if (!m.alias.empty()) all.emplace_back(m.alias);
  }
  throw usage_error(fmt::format("unknown metric '{}'{} (one of: {})", printable(name),
                                did_you_mean(plain(name), all), join(names, ", ")));
}

}  // namespace aiprof::gate
