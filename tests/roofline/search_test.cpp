// What searches leave out cannot be the fastest.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "roofline/gpu.h"
#include "roofline/smooth.h"

namespace aiprof::roofline {
namespace {

constexpr double kExponents[] = {1, 1.7, 2, 2.6, 3, 3.557, 4.33, 7.9, 8};
constexpr double kTimes[] = {0, 1e-9, 3e-7, 1e-6, 1.1e-6, 4e-5};

GpuRates machine() {
  return {.units = 108,
          .clock = 1.41e9,
          .peak = 1.95e13,
          .main_bandwidth = 2e12,
          .cache_bandwidth = 5e12,
          .usable_cache = 28e6};
}

ClassConstants constants(double overlap) {
  ModelConstants all = default_constants(Form::kManyCore);
  ClassConstants& c = all[static_cast<std::size_t>(TimeClass::kConvolution)];
  c.overlap = overlap;
  return c;
}

ConvolutionShape convolution(double channels, double side) {
  constexpr double kElement = 4;
  ConvolutionShape s = {.in_channels = channels,
                        .out_channels = 2 * channels,
                        .images = 2,
                        .side = side,
                        .in_bytes = kElement * 2 * side * side * channels,
                        .out_bytes = kElement * 2 * side * side * 2 * channels,
                        .weight_bytes = kElement * channels * 2 * channels * 3 * 3,
                        .element_bytes = kElement,
                        .winograd = true};
  s.product = {.m = 2 * side * side,
               .n = 2 * channels,
               .k = channels * 3 * 3,
               .bytes_a = kElement,
               .bytes_w = kElement,
               .a_bytes = kElement * 2 * side * side * channels * 3 * 3,
               .w_bytes = s.weight_bytes,
               .out_bytes = s.out_bytes,
               .weight_set = s.weight_bytes,
               .k_step = 8};
  return s;
}

TEST(Rounding, WholeIsTheCeiling) {
  for (const double x : {0.0, 1e-300, 0.5, 1.0, 1.0 + 1e-15, 2.5, 3.0 - 1e-15, 107.0 / 108,
                         1e9 + 0.25, 0x1p51 + 0.5, 0x1p52 - 0.5, 0x1p52 + 1, 0x1p53 + 2, 1e300}) {
    EXPECT_EQ(whole(x), std::ceil(x)) << x;
  }
}

TEST(SmoothMax, ItsLeastNeedsNoPowers) {
  for (const double p : kExponents) {
    for (const double a : kTimes) {
      for (const double b : kTimes) {
        EXPECT_LE(smooth_max_least(p, {a, b}), smooth_max(p, {a, b})) << p;
        EXPECT_GE(smooth_max_least(p, {a, b}), std::max(a, b) * (1 - 1e-9)) << p;
      }
    }
  }
}

TEST(SmoothMax, IsNowhereBelowATangent) {
  for (const double p : kExponents) {
    for (const double a : kTimes) {
      for (const double b : kTimes) {
        const double all = smooth_max(p, {a, b});
        const Slopes slopes = smooth_max_slopes(p, a, b, all);
        for (const double x : kTimes) {
          for (const double y : kTimes) {
            const double tangent = all + slopes.first * (x - a) + slopes.second * (y - b);
            EXPECT_LE(tangent, smooth_max(p, {x, y}) + 1e-12 * (all + x + y))
                << p << " at " << a << ", " << b;
          }
        }
      }
    }
  }
}

TEST(Search, NoProductIsFasterThanItsBound) {
  for (const double p : kExponents) {
    for (const double m : {1.0, 77.0, 1024.0, 50176.0}) {
      GemmShape s = {.m = m, .n = 1000, .k = 2048};
      s.a_bytes = 2 * m * 2048;
      s.w_bytes = s.weight_set = 2 * 1000 * 2048;
      s.out_bytes = 2 * m * 1000;
      EXPECT_LE(gemm_least(s, machine(), constants(p)), gemm_time(s, machine(), constants(p)).body);
    }
  }
}

TEST(Search, AConvolutionTakesTheFastestOfThreeWays) {
  for (const double p : kExponents) {
    for (const double channels : {3.0, 16.0, 64.0, 256.0, 512.0}) {
      for (const double side : {7.0, 14.0, 56.0, 224.0}) {
        const ConvolutionShape s = convolution(channels, side);
        const ConvolutionTime chosen = convolution_time(s, machine(), constants(p));
        double fastest = INFINITY;
        for (const ConvolutionAlgorithm way :
             {ConvolutionAlgorithm::kImplicit, ConvolutionAlgorithm::kWinogradFused,
              ConvolutionAlgorithm::kWinograd}) {
          fastest = std::min(fastest, convolution_time(s, machine(), constants(p), way).body);
        }
        EXPECT_EQ(chosen.body, fastest) << name(chosen.algorithm);
        EXPECT_EQ(convolution_time(s, machine(), constants(p), chosen.algorithm).body, fastest);
      }
    }
  }
}

}  // namespace
}  // namespace aiprof::roofline
