#include "report/measured.h"

#include <fmt/format.h>

#include <algorithm>

#include "report/rows.h"

namespace aiprof {

MeasuredTime& MeasuredTime::operator+=(const MeasuredTime& o) {
  seconds += o.seconds;
  predicted_seconds += o.predicted_seconds;
  return *this;
}

std::optional<double> MeasuredTime::ratio() const {
  if (!(seconds > 0) || !(predicted_seconds > 0)) return std::nullopt;
  return predicted_seconds / seconds;
}

namespace {

std::string other_shapes(const Report& report, const MeasuredRun& run) {
  const OtherShape& other = *run.joined.other_shape;
  const TensorRow& tensor = report.tensors[index(other.tensor)];
  TensorRow there;
  there.shape.emplace();
  for (const std::int64_t d : run.profile.events[other.event].shape) there.shape->emplace_back(d);
  return fmt::format("was taken with other dims: '{}' was {} there and is {} here (--dim, --shape)",
                     tensor.name, shape_text(there), shape_text(tensor));
}

}  // namespace

void set_measured_kernels(Report& report, const MeasuredRun& run) {
  for (const JoinedKernel& joined : run.joined.kernels) {
    if (!(joined.measured_seconds > 0)) continue;
    KernelRow& row = report.kernels[joined.kernel];
    row.measured = {.seconds = joined.measured_seconds,
                    .predicted_seconds = joined.predicted_seconds};
    row.measured_flops_per_second = joined.flops_per_second;
    row.measured_bytes_per_second = joined.bytes_per_second;
    row.measured_mfu = joined.mfu;
    row.measured_mbu = joined.mbu;
    row.measured_with = joined.leader;
  }
}

void set_measured_rest(Report& report, const MeasuredRun& run) {
  const auto& events = run.profile.events;
  // Views that the runtime copies, and nodes that it does not fold: their time is theirs.
  for (const JoinedEvent& e : run.joined.events) {
    if (e.kernel) continue;
    std::optional<MeasuredTime>& time = report.nodes[index(e.node)].measured;
    if (!time) time.emplace();
    time->seconds += events[e.event].seconds;
  }
  MeasuredRow& m = report.measured.emplace();
  m.file = run.profile.file;
  m.format = std::string(name(run.profile.format));
  m.runs = run.profile.runs;
  m.events = events.size();
  m.kernels = static_cast<std::size_t>(std::ranges::count_if(
      report.kernels, [](const KernelRow& k) { return k.measured.has_value(); }));
  const JoinedTotals& t = run.joined.totals;
  m.seconds = t.measured_seconds;
  m.matched_seconds = t.matched_seconds;
  m.free_seconds = t.free_seconds;
  m.mape = t.mape;
  m.weighted_mape = t.weighted_mape;
  for (const NodeRow& node : report.nodes) {
    if (node.measured) m.nodes += *node.measured;
  }
  for (const UnmatchedEvent& u : run.joined.unmatched) {
    const TraceEvent& e = events[u.event];
    m.unmatched.push_back(
        {.name = e.name, .op_type = e.op_type, .seconds = e.seconds, .reason = u.reason});
  }
  m.notes = run.profile.notes;
  if (run.joined.other_shape) m.other_shapes = other_shapes(report, run);
}

bool any_measured(std::span<const Report> reports) {
  return std::ranges::any_of(reports, [](const Report& r) { return r.measured.has_value(); });
}

}  // namespace aiprof
