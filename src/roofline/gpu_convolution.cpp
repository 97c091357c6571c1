#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

#include "roofline/gpu.h"
#include "roofline/smooth.h"

namespace aiprof::roofline {
namespace {

struct Tile {
  double m, n;
};
constexpr Tile kFusedTiles[] = {{32, 32}, {32, 64}};
constexpr double kChannelStep = 8;
// Products of F(2x2, 3x3) and F(4x4, 3x3): (2 + 2)^2 and (4 + 2)^2 points for each tile.
constexpr double kFusedPoints = 16;
constexpr double kPoints = 36;

double square(double x) { return x * x; }

ConvolutionTime implicit(const ConvolutionShape& s, const GpuRates& gpu, const ClassConstants& c) {
  const GemmTime t = gemm_time(s.product, gpu, c);
  return {.algorithm = ConvolutionAlgorithm::kImplicit,
          .body = t.body,
          .compute = t.compute,
          .cache = t.cache,
          .memory = t.memory,
          .cache_bytes = t.cache_bytes,
          .memory_bytes = t.memory_bytes,
          .transform = 0,
          .product = t};
}

// Its two terms, not yet overlapped.
ConvolutionTime fused(const ConvolutionShape& s, const GpuRates& gpu, const ClassConstants& c) {
  const double tiles = s.images * square(ceil_div(s.side, 2));
  const double depth = round_up(s.in_channels, kChannelStep);
  const double peak_of_unit = gpu.peak * c.sustained / gpu.units;
  ConvolutionTime out;
  out.algorithm = ConvolutionAlgorithm::kWinogradFused;
  out.compute = INFINITY;
  for (const Tile& tile : kFusedTiles) {
    const double waves =
        ceil_div(ceil_div(tiles, tile.m) * ceil_div(s.out_channels, tile.n), gpu.units);
    out.compute = std::min(out.compute, waves * 2 * kFusedPoints * tile.m * tile.n * depth /
                                            (peak_of_unit * c.winograd_fused));
  }
  // Transformed weights are 16 / 9 as large as the weights.
  out.memory_bytes =
      s.in_bytes + s.out_bytes + s.weight_bytes * c.winograd_weight * kFusedPoints / 9;
  out.memory = out.memory_bytes / (gpu.main_bandwidth * c.memory_fraction);
  return out;
}

// Winograd F(4x4, 3x3): a product for each of the 36 points, and the transforms around it.
struct Unfused {
  GemmShape product;
  ClassConstants constants;  // of the product
  double bytes = 0;          // that the transforms move
  double transform = 0;      // their seconds
};

Unfused unfused(const ConvolutionShape& s, const GpuRates& gpu, const ClassConstants& c) {
  const double tiles = s.images * square(ceil_div(s.side, 4));
  const double e = s.element_bytes;
  Unfused u;
  u.product = {.m = tiles,
               .n = s.out_channels,
               .k = s.in_channels,
               .batch = kPoints,
               .bytes_a = e,
               .bytes_w = e};
  u.product.a_bytes = kPoints * tiles * s.in_channels * e;
  u.product.w_bytes = kPoints * s.in_channels * s.out_channels * e;
  u.product.out_bytes = kPoints * tiles * s.out_channels * e;
  u.product.weight_set = u.product.w_bytes;
  u.product.k_step = s.product.k_step;
  u.constants = c;
  u.constants.sustained = c.sustained * c.winograd_gemm;
  // The input is read and its tiles written; the tiles of the result read and the result written;
  // weights read and written in 36 / 9 + 1 times their size.
  u.bytes = s.in_bytes + u.product.a_bytes + u.product.out_bytes + s.out_bytes +
            5 * s.weight_bytes * c.winograd_weight;
  u.transform = u.bytes / (gpu.main_bandwidth * c.transform_fraction);
  return u;
}

ConvolutionTime timed(const Unfused& u, const GpuRates& gpu, const ClassConstants& c) {
  ConvolutionTime out;
  out.algorithm = ConvolutionAlgorithm::kWinograd;
  out.product = gemm_time(u.product, gpu, u.constants);
  out.transform = u.transform;
  out.body = out.product.body + u.transform + c.winograd_seconds;
  out.compute = out.product.compute;
  out.cache = out.product.cache;
  out.cache_bytes = out.product.cache_bytes;
  out.memory = out.product.memory + u.transform;
  out.memory_bytes = out.product.memory_bytes + u.bytes;
  return out;
}

// What a way does not go below, without a search.
double least(const ConvolutionShape& s, const GpuRates& gpu, const ClassConstants& c,
             ConvolutionAlgorithm algorithm) {
  switch (algorithm) {
    case ConvolutionAlgorithm::kImplicit:
      break;
    case ConvolutionAlgorithm::kWinogradFused: {
      const ConvolutionTime t = fused(s, gpu, c);
      return smooth_max_least(c.overlap, {t.compute, t.memory}) + c.winograd_fused_seconds;
    }
    case ConvolutionAlgorithm::kWinograd: {
      const Unfused u = unfused(s, gpu, c);
      return gemm_least(u.product, gpu, u.constants) + u.transform + c.winograd_seconds;
    }
  }
  return gemm_least(s.product, gpu, c);
}

}  // namespace

std::string_view name(ConvolutionAlgorithm a) {
  switch (a) {
    case ConvolutionAlgorithm::kImplicit:
      return "implicit product";
    case ConvolutionAlgorithm::kWinogradFused:
      return "fused Winograd F(2x2, 3x3)";
    case ConvolutionAlgorithm::kWinograd:
      return "Winograd F(4x4, 3x3)";
  }
  return "implicit product";
}

ConvolutionTime convolution_time(const ConvolutionShape& s, const GpuRates& gpu,
                                 const ClassConstants& c, ConvolutionAlgorithm algorithm) {
  switch (algorithm) {
    case ConvolutionAlgorithm::kImplicit:
      break;
    case ConvolutionAlgorithm::kWinogradFused: {
      ConvolutionTime t = fused(s, gpu, c);
      t.body = smooth_max(c.overlap, {t.compute, t.memory}) + c.winograd_fused_seconds;
      return t;
    }
    case ConvolutionAlgorithm::kWinograd:
      return timed(unfused(s, gpu, c), gpu, c);
  }
  return implicit(s, gpu, c);
}

ConvolutionTime convolution_time(const ConvolutionShape& s, const GpuRates& gpu,
                                 const ClassConstants& c) {
  if (!s.winograd) return implicit(s, gpu, c);
  struct Way {
    ConvolutionAlgorithm algorithm;
    double least;
  };
  std::array<Way, 3> ways;
  for (std::size_t i = 0; i < ways.size(); ++i) {
    const auto algorithm = static_cast<ConvolutionAlgorithm>(i);
    ways[i] = {algorithm, least(s, gpu, c, algorithm)};
  }
  // The most promising first, which often tells that no other can be faster.
  std::ranges::sort(ways, {}, &Way::least);
  ConvolutionTime best;
  best.body = INFINITY;
  for (const Way& way : ways) {
    if (way.least > best.body) break;
    const ConvolutionTime t = convolution_time(s, gpu, c, way.algorithm);
    const bool first = t.body == best.body && t.algorithm < best.algorithm;
    if (t.body < best.body || first) best = t;
  }
  return best;
}

}  // namespace aiprof::roofline
