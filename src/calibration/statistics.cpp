#include "calibration/statistics.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

namespace aiprof::calibration {

double quantile(std::vector<double> values, double share) {
  if (values.empty()) return 0;
  std::ranges::sort(values);
  const double at = share * static_cast<double>(values.size() - 1);
  const auto low = static_cast<std::size_t>(at);
  const std::size_t high = std::min(low + 1, values.size() - 1);
  return std::lerp(values[low], values[high], at - static_cast<double>(low));
}

ErrorStats error_stats(std::span<const double> ratios) {
  ErrorStats s;
  s.n = ratios.size();
  if (s.n == 0) return s;
  std::vector<double> errors;
  for (const double r : ratios) {
    errors.push_back(std::abs(r - 1));
    s.bias += r - 1;
  }
  const auto n = static_cast<double>(s.n);
  s.bias /= n;
  s.mape = std::accumulate(errors.begin(), errors.end(), 0.0) / n;
  s.median = quantile(errors, 0.5);
  s.p90 = quantile(errors, 0.9);
  return s;
}

RatioQuantiles ratio_quantiles(std::span<const double> ratios) {
  std::vector<double> inverse;
  for (const double r : ratios) inverse.push_back(1 / r);
  if (inverse.empty()) return {};
  return {.n = inverse.size(),
          .p10 = quantile(inverse, 0.1),
          .p50 = quantile(inverse, 0.5),
          .p90 = quantile(inverse, 0.9)};
}

std::vector<std::size_t> shuffled(std::size_t n, std::uint64_t seed) {
  std::vector<std::size_t> order(n);
  std::iota(order.begin(), order.end(), std::size_t{0});
  // The standard fixes this generator, but no distribution: numbers are reduced by hand.
  std::mt19937_64 random(seed);
  for (std::size_t i = n; i > 1; --i) {
    std::swap(order[i - 1], order[static_cast<std::size_t>(random() % i)]);
  }
  return order;
}

}  // namespace aiprof::calibration
