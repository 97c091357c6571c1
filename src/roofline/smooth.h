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

// Bounds and times that are equal but for rounding differ by less.
inline constexpr double kRounding = 1e-12;

// What it does not go below, without a power: a larger exponent never gives more.
[[nodiscard]] inline double smooth_max_least(double p, std::initializer_list<double> times) {
  return smooth_max(p <= 2 ? 2 : p <= 3 ? 3 : kFullOverlap, times) * (1 - kRounding);
}

// What the smooth maximum, which is `all`, grows by with its first terms. It is convex, and so is
// nowhere below the tangent that has these slopes.
struct Slopes {
  double first = 0, second = 0;
};
[[nodiscard]] inline Slopes smooth_max_slopes(double p, double first, double second, double all) {
  if (!(all > 0)) return {};
  if (p >= kFullOverlap) {
    // Of equal longest terms, one.
    if (first >= all) return {.first = 1, .second = 0};
    return {.first = 0, .second = second >= all ? 1.0 : 0.0};
  }
  const auto slope = [=](double term) {
    const double share = term / all;
    if (p == 2) return share;
    if (p == 3) return share * share;
    return share > 0 ? std::pow(share, p - 1) : 0;
  };
  return {.first = slope(first), .second = slope(second)};
}

// Share of a set that is used again which must come from behind a cache: a soft step at its
// capacity. Without a cache, all of it.
[[nodiscard]] inline double miss(double set_bytes, double capacity) {
  if (!(capacity > 0)) return 1;
  const double r = set_bytes / capacity;
  const double r4 = r * r * r * r;
  return std::isinf(r4) ? 1 : r4 / (1 + r4);
}

// The next whole number, for x >= 0: without SSE 4.1 std::ceil is a call, and searches over tiles
// round a lot. Adding 2^52 leaves no bit for a fraction; above it there is none. Without branches,
// so that loops are vectorised.
[[nodiscard]] inline double whole(double x) {
  constexpr double kNoFraction = 4503599627370496;
  const double nearest = (x + kNoFraction) - kNoFraction;
  const double up = nearest + (nearest < x ? 1.0 : 0.0);
  return x < kNoFraction ? up : x;
}

[[nodiscard]] inline double ceil_div(double a, double b) { return whole(a / b); }

// The next multiple.
[[nodiscard]] inline double round_up(double a, double multiple) {
  return whole(a / multiple) * multiple;
}

}  // namespace aiprof::roofline
