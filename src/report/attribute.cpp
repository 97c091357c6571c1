#include "report/attribute.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace aiprof {
namespace {

// Seconds for `operations` in `type` at the dense peak; 0 where the machine has no such rate, so
// that bytes alone decide the share.
double peak_seconds(double operations, EngineUnit unit, MathType type, const Hardware& hardware) {
  if (operations <= 0) return 0;
  std::optional<Rate> rate = find_rate(hardware, unit, type);
  if (!rate) rate = find_rate(hardware, EngineUnit::kInMemory, type);
  return rate && rate->peak->value > 0 ? operations / rate->peak->value : 0;
}

}  // namespace

double unfused_seconds(const OpCost& cost, const MachineEstimate& machine) {
  const Hardware& hardware = machine.hardware;
  double compute = 0;
  if (std::optional<MathType> type = parse_math_type(name(cost.math))) {
    const double products = 2 * cost.macs.as_double();
    const double others = std::max(0.0, cost.flops.as_double() - products);
    compute = peak_seconds(others, EngineUnit::kVector, *type, hardware);
    const bool tf32 = machine.profile.float32_math == Float32Math::kTf32;
    if (*type == MathType::kFloat32 && tf32) type = MathType::kTf32;
    compute += peak_seconds(products, EngineUnit::kMatrix, *type, hardware);
  }
  const double bandwidth = hardware.main_memory().peak_bandwidth();
  const double bytes = (cost.bytes_read() + cost.bytes_written()).as_double();
  return std::max(compute, bandwidth > 0 ? bytes / bandwidth : 0);
}

std::vector<double> split_exactly(double whole, std::span<const double> weights) {
  const double total = std::accumulate(weights.begin(), weights.end(), 0.0);
  const bool usable = total > 0 && std::isfinite(total);
  const auto count = static_cast<double>(weights.size());
  // Every partial sum is a multiple of the last place of the whole, so that no addition rounds.
  const double step = std::nextafter(whole, std::numeric_limits<double>::infinity()) - whole;
  std::vector<double> parts(weights.size());
  double seen = 0;  // weight so far
  double sum = 0;   // parts so far
  for (std::size_t i = 0; i < weights.size(); ++i) {
    seen += usable ? weights[i] : 1.0;
    const bool last = i + 1 == weights.size();
    const double share = std::min(1.0, seen / (usable ? total : count));
    const double target = last ? whole : std::floor(whole * share / step) * step;
    parts[i] = target - sum;
    sum = target;
  }
  return parts;
}

std::vector<Seconds> split_exactly(const Seconds& whole, std::span<const double> weights) {
  std::vector<Seconds> parts(weights.size());
  for (double Seconds::*member : {&Seconds::latency, &Seconds::compute, &Seconds::memory,
                                  &Seconds::overhead, &Seconds::joules}) {
    const std::vector<double> split = split_exactly(whole.*member, weights);
    for (std::size_t i = 0; i < parts.size(); ++i) parts[i].*member = split[i];
  }
  return parts;
}

}  // namespace aiprof
