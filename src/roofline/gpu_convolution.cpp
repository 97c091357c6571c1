#include <algorithm>
#include <cmath>

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

void fused(const ConvolutionShape& s, const GpuRates& gpu, const ClassConstants& c,
           ConvolutionTime& out) {
  const double tiles = s.images * std::pow(ceil_div(s.side, 2), 2);
  const double depth = round_up(s.in_channels, kChannelStep);
  const double peak_of_unit = gpu.peak * c.sustained / gpu.units;
  double compute = INFINITY;
  for (const Tile& tile : kFusedTiles) {
    const double waves =
        ceil_div(ceil_div(tiles, tile.m) * ceil_div(s.out_channels, tile.n), gpu.units);
    compute = std::min(compute, waves * 2 * kFusedPoints * tile.m * tile.n * depth /
                                    (peak_of_unit * c.winograd_fused));
  }
  // Transformed weights are 16 / 9 as large as the weights.
  const double bytes =
      s.in_bytes + s.out_bytes + s.weight_bytes * c.winograd_weight * kFusedPoints / 9;
  const double memory = bytes / (gpu.main_bandwidth * c.memory_fraction);
  out.winograd_fused = smooth_max(c.overlap, {compute, memory}) + c.winograd_fused_seconds;
  if (out.winograd_fused >= out.body) return;
  out.algorithm = ConvolutionAlgorithm::kWinogradFused;
  out.body = out.winograd_fused;
  out.compute = compute;
  out.memory = memory;
  out.memory_bytes = bytes;
  out.cache = out.cache_bytes = 0;
}

void unfused(const ConvolutionShape& s, const GpuRates& gpu, const ClassConstants& c,
             ConvolutionTime& out) {
  const double tiles = s.images * std::pow(ceil_div(s.side, 4), 2);
  const double e = s.element_bytes;
  GemmShape product = {.m = tiles,
                       .n = s.out_channels,
                       .k = s.in_channels,
                       .batch = kPoints,
                       .bytes_a = e,
                       .bytes_w = e};
  product.a_bytes = kPoints * tiles * s.in_channels * e;
  product.w_bytes = kPoints * s.in_channels * s.out_channels * e;
  product.out_bytes = kPoints * tiles * s.out_channels * e;
  product.weight_set = product.w_bytes;
  product.k_step = s.product.k_step;
  ClassConstants constants = c;
  constants.sustained = c.sustained * c.winograd_gemm;
  const GemmTime gemm = gemm_time(product, gpu, constants);
  // The input is read and its tiles written; the tiles of the result read and the result written;
  // weights read and written in 36 / 9 + 1 times their size.
  const double bytes = s.in_bytes + product.a_bytes + product.out_bytes + s.out_bytes +
                       5 * s.weight_bytes * c.winograd_weight;
  out.transform = bytes / (gpu.main_bandwidth * c.transform_fraction);
  out.winograd = gemm.body + out.transform + c.winograd_seconds;
  if (out.winograd >= out.body) return;
  out.algorithm = ConvolutionAlgorithm::kWinograd;
  out.body = out.winograd;
  out.compute = gemm.compute;
  out.cache = gemm.cache;
  out.cache_bytes = gemm.cache_bytes;
  out.memory = gemm.memory + out.transform;
  out.memory_bytes = gemm.memory_bytes + bytes;
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
                                 const ClassConstants& c) {
  ConvolutionTime out;
  out.product = gemm_time(s.product, gpu, c);
  out.implicit = out.body = out.product.body;
  out.compute = out.product.compute;
  out.cache = out.product.cache;
  out.memory = out.product.memory;
  out.cache_bytes = out.product.cache_bytes;
  out.memory_bytes = out.product.memory_bytes;
  out.winograd_fused = out.winograd = INFINITY;
  if (!s.winograd) return out;
  fused(s, gpu, c, out);
  unfused(s, gpu, c, out);
  return out;
}

}  // namespace aiprof::roofline
