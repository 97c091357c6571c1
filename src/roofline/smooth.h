// Small formulas that all engine models share.
#pragma once

#include <algorithm>
#include <cmath>
#include <initializer_list>

namespace aiprof::roofline {

// From this exponent on, the longest time alone counts.
inline constexpr double kFullOverlap = 8;

// Smooth maximum (x1^p + x2^p + ...)^(1/p): the sum for p = 1, the largest for kFullOverlap. Never
// below the largest. Divided by the largest first, so that it cannot underflow.
[[nodiscard]] inline double smooth_max(double p, std::initializer_list<double> times) {
  const double largest = std::max(times);
  if (!(largest > 0) || p >= kFullOverlap) return std::max(largest, 0.0);
  double sum = 0;
  // Exponents that many classes have need no powers.
  if (p == 2) {
    for (const double t : times) sum += (t / largest) * (t / largest);
    return largest * std::sqrt(sum);
  }
  if (p == 3) {
    for (const double t : times) sum += (t / largest) * (t / largest) * (t / largest);
    return largest * std::cbrt(sum);
  }
  for (const double t : times) {
    if (t > 0) sum += t == largest ? 1 : std::pow(t / largest, p);
  }
  return largest * std::pow(sum, 1 / p);
}

// Share of a set that is used again which must come from behind a cache: a soft step at its
// capacity. Without a cache, all of it.
[[nodiscard]] inline double miss(double set_bytes, double capacity) {
  if (!(capacity > 0)) return 1;
  const double r = set_bytes / capacity;
  const double r4 = r * r * r * r;
  return std::isinf(r4) ? 1 : r4 / (1 + r4);
}

// The next whole number, for 0 <= x < 2^63: without SSE 4.1 std::ceil is a call, and searches over
// tiles round a lot.
[[nodiscard]] inline double whole(double x) {
  if (!(x < 9e18)) return x;
  const auto down = static_cast<double>(static_cast<long long>(x));
  return down < x ? down + 1 : down;
}

[[nodiscard]] inline double ceil_div(double a, double b) { return whole(a / b); }

// The next multiple.
[[nodiscard]] inline double round_up(double a, double multiple) {
  return whole(a / multiple) * multiple;
}

}  // namespace aiprof::roofline
