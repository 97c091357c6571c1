// Error figures of predicted against measured times.
#pragma once

#include <span>
#include <vector>

#include "aiprof/calibration/fit.h"

namespace aiprof::calibration {

// Between the two nearest values, linearly; 0 for none.
[[nodiscard]] double quantile(std::vector<double> values, double share);

// Of predicted / measured.
[[nodiscard]] ErrorStats error_stats(std::span<const double> ratios);

// Of measured / predicted.
[[nodiscard]] RatioQuantiles ratio_quantiles(std::span<const double> ratios);

// A permutation of 0 .. n - 1, the same for equal n and seed on every system.
[[nodiscard]] std::vector<std::size_t> shuffled(std::size_t n, std::uint64_t seed);

}  // namespace aiprof::calibration
