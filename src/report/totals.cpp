#include "report/totals.h"

#include <fmt/format.h>

#include <algorithm>

#include "aiprof/analysis/dim_role.h"
#include "aiprof/base/text.h"

namespace aiprof {
namespace {

std::optional<std::uint64_t> known(Count c) {
  return c.known() ? std::optional(c.value()) : std::nullopt;
}

std::optional<std::uint64_t> dim_of_role(const Report& report, DimRole role) {
  for (const auto& [name, n] : report.model.dims) {
    if (role_of(name) == role && n > 0) return static_cast<std::uint64_t>(n);
  }
  return std::nullopt;
}

// A first dim that must be the batch: of images (rank 4 and 5) and of token ids.
std::optional<std::uint64_t> leading_dim(const TensorRow& tensor, std::size_t ids_rank) {
  if (!tensor.shape || tensor.shape->empty()) return std::nullopt;
  const std::size_t rank = tensor.shape->size();
  const auto* first = std::get_if<std::int64_t>(&tensor.shape->front());
  const bool integers = tensor.dtype == "int64" || tensor.dtype == "int32";
  if (first == nullptr || *first <= 0) return std::nullopt;
  if (rank == 4 || rank == 5 || (integers && rank == ids_rank)) {
    return static_cast<std::uint64_t>(*first);
  }
  return std::nullopt;
}

bool has_word(const std::string& name, std::string_view word) {
  return lower(name).find(word) != std::string::npos;
}

// The input with token ids: integers [batch, sequence] under one of the usual names.
const TensorRow* token_input(const Report& report) {
  for (const std::size_t t : report.model.inputs) {
    const TensorRow& tensor = report.tensors[t];
    const bool named = has_word(tensor.name, "ids") || has_word(tensor.name, "token");
    const bool position = has_word(tensor.name, "position") || has_word(tensor.name, "type");
    const bool integers = tensor.dtype == "int64" || tensor.dtype == "int32";
    if (named && !position && integers && tensor.shape && tensor.shape->size() == 2) return &tensor;
  }
  return nullptr;
}

void set_batch(Report& report) {
  if (const TensorRow* ids = token_input(report)) {
    std::uint64_t tokens = 1;
    for (const DimText& d : *ids->shape) {
      const auto* n = std::get_if<std::int64_t>(&d);
      tokens *= n == nullptr ? 0 : static_cast<std::uint64_t>(*n);
    }
    if (tokens > 0) report.tokens = tokens;
  }
  if (const auto named = dim_of_role(report, DimRole::kBatch)) {
    report.batch = *named;
    return;
  }
  if (report.model.inputs.empty()) return;
  const TensorRow& first = report.tensors[report.model.inputs.front()];
  report.batch = leading_dim(first, 2).value_or(1);
}

void set_sums(Report& report) {
  ReportTotals& t = report.totals;
  if (report.hardware) t.seconds.emplace();
  for (const NodeRow& row : report.nodes) {
    if (row.work) t.work += *row.work;
    if (row.seconds) *t.seconds += *row.seconds;
  }
}

void set_memory(Report& report, const Graph& graph, const Analysis& analysis) {
  ReportTotals& t = report.totals;
  t.parameters = known(analysis.sizes.parameters);
  t.buffers = known(analysis.sizes.buffers);
  t.weight_bytes = known(analysis.sizes.weight_bytes);
  const Liveness live = liveness(graph, analysis);
  t.peak_activation_bytes = known(live.peak_bytes);
  for (const LivenessStep& step : live.steps) {
    report.appendix.memory_steps.push_back({index(step.node), known(step.live_bytes)});
  }
  t.memory_bytes =
      known(analysis.sizes.weight_bytes +
            (t.peak_activation_bytes ? Count(*t.peak_activation_bytes) : Count::unknown()));
  Count cache = 0U;
  Count per_token = 0U;
  bool any = false;
  for (const StatePair& pair : analysis.states) {
    if (pair.kind != StatePair::Kind::kKvCache) continue;
    any = true;
    cache += pair.bytes;
    per_token += pair.bytes_per_token;
  }
  if (any) {
    t.kv_cache_bytes = known(cache);
    t.kv_cache_bytes_per_token = known(per_token);
  } else {
    t.kv_cache_bytes = 0;
  }
  if (report.hardware && t.memory_bytes) t.fits = *t.memory_bytes <= report.hardware->memory_bytes;
}

// Achieved over peak, of the whole: the same work in the measured time, which is above 0.
void set_measured(ReportTotals& t, double seconds) {
  t.measured_latency_seconds = seconds;
  if (!t.seconds || t.seconds->latency <= 0) return;
  const double scale = t.seconds->latency / seconds;
  if (t.mfu) t.measured_mfu = *t.mfu * scale;
  if (t.mbu) t.measured_mbu = *t.mbu * scale;
}

void set_times(Report& report, const Totals& estimated) {
  ReportTotals& t = report.totals;
  t.kernel_bytes_read = known(estimated.kernel_bytes_read);
  t.kernel_bytes_written = known(estimated.kernel_bytes_written);
  t.latency_low_seconds = estimated.latency_low_seconds;
  t.latency_high_seconds = estimated.latency_high_seconds;
  if (t.seconds && t.seconds->latency > 0) t.bound = estimated.bound;
  t.arithmetic_intensity = estimated.arithmetic_intensity;
  t.mfu = estimated.mfu;
  t.mbu = estimated.mbu;
  t.average_watts = estimated.average_watts;
}

void set_throughput(Report& report) {
  ReportTotals& t = report.totals;
  if (t.measured_latency_seconds) {
    t.measured_throughput_per_second =
        static_cast<double>(report.batch) / *t.measured_latency_seconds;
  }
  const double latency = t.seconds ? t.seconds->latency : 0;
  if (latency <= 0) return;
  t.throughput_per_second = static_cast<double>(report.batch) / latency;
  if (report.tokens) t.tokens_per_second = static_cast<double>(*report.tokens) / latency;
}

// Without hardware nothing is fused, so the intensity is that of the graph's own bytes.
void set_graph_intensity(ReportTotals& t) {
  const Count bytes = t.work.bytes_read + t.work.bytes_written;
  if (t.work.flops.known() && bytes.known() && bytes.value() > 0) {
    t.arithmetic_intensity = t.work.flops.as_double() / bytes.as_double();
  }
}

}  // namespace

void set_totals(Report& report, const Graph& graph, const Analysis& analysis,
                const MachineEstimate* machine, const ReportOptions& options) {
  set_batch(report);
  set_sums(report);
  set_memory(report, graph, analysis);
  if (machine != nullptr) {
    set_times(report, machine->estimate.totals);
  } else {
    set_graph_intensity(report.totals);
  }
  if (options.measured_latency_seconds) {
    set_measured(report.totals, *options.measured_latency_seconds);
  } else if (report.measured && report.measured->seconds > 0) {
    set_measured(report.totals, report.measured->seconds);
  }
  set_throughput(report);
}

}  // namespace aiprof
