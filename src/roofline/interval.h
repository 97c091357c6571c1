// How far measured times lie from predicted ones.
#pragma once

#include <algorithm>

#include "aiprof/hardware/hardware.h"
#include "roofline/engine.h"

namespace aiprof::roofline {

// Quantiles of log(measured / predicted).
struct Spread {
  double q10 = 0, q50 = 0, q90 = 0;
  CalibrationState state = CalibrationState::kDatasheet;

  // Standard deviation of a normal distribution with the same 10th and 90th percentile.
  [[nodiscard]] double sigma() const { return (q90 - q10) / 2.5631031310892007; }
};

// For kernels of a class, on this machine: its own residuals where the file has them.
[[nodiscard]] Spread spread_of(const Machine& machine, const Job& job, TimeClass c);

struct Interval {
  double low = 0, high = 0;
};
// The 80 % interval of one kernel; always contains `seconds`.
[[nodiscard]] Interval interval_of(double seconds, const Spread& spread);

// Sums groups of kernels. Errors within a group (one class, one shape) are equal; between groups
// they share what is common to a device.
class SumOfIntervals {
 public:
  void add(double group_seconds, const Spread& spread);
  // The longest kernel of the sum; what happens between operators concerns the others.
  void longest(double kernel_seconds) { longest_ = std::max(longest_, kernel_seconds); }
  [[nodiscard]] Interval interval(double total_seconds, Form form) const;

 private:
  double seconds_ = 0;
  double linear_ = 0;     // sum of sigma x T
  double quadratic_ = 0;  // sum of (sigma x T)^2
  double shift_ = 0;      // sum of q50 x T
  double shared_ = 0;     // sum of rho x T
  double fitted_ = 0;     // seconds of groups that were fitted
  double longest_ = 0;
};

}  // namespace aiprof::roofline
