#include <algorithm>
#include <array>
#include <cmath>

#include "roofline/gpu.h"
#include "roofline/smooth.h"

namespace aiprof::roofline {
namespace {

struct Tile {
  double m, n;
};
// What libraries have kernels for, larger first; the first of equals wins.
constexpr Tile kTiles[] = {{256, 128}, {128, 256}, {128, 128}, {128, 64}, {64, 128}, {64, 64},
                           {64, 32},   {32, 64},   {32, 32},   {16, 64},  {16, 128}};
constexpr double kSplits[] = {1, 2, 4, 8, 16, 32};  // the first does not split
constexpr std::size_t kCandidates = std::size(kTiles) * std::size(kSplits);
constexpr double kStep = 64;         // elements of a step of the main loop
constexpr double kPartialBytes = 8;  // a split part is written and read in float32

// (a^4 + b^4)^(1/4)
double norm4(double a, double b) {
  const double a2 = a * a;
  const double b2 = b * b;
  return std::sqrt(std::sqrt(a2 * a2 + b2 * b2));
}

class Search {
 public:
  Search(const GemmShape& shape, const GpuRates& gpu, const ClassConstants& c)
      : s_(shape), gpu_(gpu), c_(c) {
    const double cap = c.cache_capacity * gpu.usable_cache;
    const double activations = s_.a_bytes + s_.out_bytes;
    memory_bytes_ = s_.w_bytes * miss(s_.weight_set + activations, cap) +
                    activations * miss(activations + s_.w_bytes, cap);
    memory_ = memory_bytes_ / (gpu.main_bandwidth * c.memory_fraction);
    peak_of_unit_ = gpu.peak * c.sustained / gpu.units;
    for (std::size_t i = 0; i < std::size(kSplits); ++i) {
      depth_[i] = round_up(s_.k / kSplits[i], s_.k_step);
      latency_[i] = depth_[i] / kStep * c_.step_cycles / gpu_.clock;
    }
  }

  // Roots and powers cost more than all the rest: only candidates whose longest term does not
  // exceed what some candidate surely reaches are joined.
  GemmTime run() {
    const double reachable = bound_all();
    GemmTime best;
    best.body = INFINITY;
    std::size_t i = 0;
    for (const Tile& tile : kTiles) {
      for (std::size_t split = 0; split < std::size(kSplits); ++split) {
        if (least_[i++] > std::min(reachable, best.body)) continue;
        const GemmTime t = candidate(tile, split);
        if (t.body < best.body) best = t;
      }
    }
    return best;
  }

 private:
  [[nodiscard]] double join(std::size_t split) const {
    return split > 0 ? c_.split_cycles / gpu_.clock : 0;
  }

  // Fills least_ and returns the least upper bound: the sum is the smooth maximum with exponent 1,
  // and no exponent gives more.
  double bound_all() {
    double reachable = INFINITY;
    std::size_t i = 0;
    for (const Tile& tile : kTiles) {
      const double tiles = ceil_div(s_.m, tile.m) * ceil_div(s_.n, tile.n) * s_.batch;
      const double step = step_seconds(tile);
      for (std::size_t split = 0; split < std::size(kSplits); ++split) {
        const double blocks = tiles * kSplits[split];
        const double waves = ceil_div(blocks, gpu_.units);
        const double products = step * depth_[split];
        const double compute = waves * std::max(products, latency_[split]);
        const double cache = cache_seconds(cache_bytes(tile, split, blocks));
        least_[i++] = std::max({compute, cache, memory_}) + join(split);
        reachable = std::min(reachable, compute + waves * std::min(products, latency_[split]) +
                                            cache + memory_ + join(split));
      }
    }
    return reachable;
  }

  [[nodiscard]] double efficiency(const Tile& tile) const {
    return 1 / (1 + c_.tile_halo * (1 / tile.m + 1 / tile.n));
  }
  // Of one element of the contraction, for a whole tile.
  [[nodiscard]] double step_seconds(const Tile& tile) const {
    return 2 * tile.m * tile.n / (peak_of_unit_ * efficiency(tile));
  }
  [[nodiscard]] double cache_bytes(const Tile& tile, std::size_t split, double blocks) const {
    const double shared = (1 + 1 / gpu_.cluster) / 2;
    return blocks * (tile.m * s_.bytes_a + tile.n * s_.bytes_w) * depth_[split] * shared +
           (split > 0 ? kPartialBytes * kSplits[split] * s_.batch * s_.m * s_.n : s_.out_bytes);
  }
  [[nodiscard]] double cache_seconds(double bytes) const {
    return gpu_.cache_bandwidth > 0 ? bytes / gpu_.cache_bandwidth : 0;
  }

  [[nodiscard]] GemmTime candidate(const Tile& tile, std::size_t split) const {
    GemmTime t;
    t.tile_m = tile.m;
    t.tile_n = tile.n;
    t.split = kSplits[split];
    t.tile_efficiency = efficiency(tile);
    t.blocks = ceil_div(s_.m, tile.m) * ceil_div(s_.n, tile.n) * s_.batch * t.split;
    t.waves = ceil_div(t.blocks, gpu_.units);
    t.compute = t.waves * norm4(step_seconds(tile) * depth_[split], latency_[split]);
    t.cache_bytes = cache_bytes(tile, split, t.blocks);
    t.cache = cache_seconds(t.cache_bytes);
    t.memory = memory_;
    t.memory_bytes = memory_bytes_;
    t.body = smooth_max(c_.overlap, {t.compute, t.cache, t.memory}) + join(split);
    return t;
  }

  const GemmShape& s_;
  const GpuRates& gpu_;
  const ClassConstants& c_;
  double memory_bytes_ = 0, memory_ = 0, peak_of_unit_ = 0;
  std::array<double, std::size(kSplits)> depth_ = {}, latency_ = {};
  std::array<double, kCandidates> least_ = {};
};

}  // namespace

GemmTime gemm_time(const GemmShape& shape, const GpuRates& gpu, const ClassConstants& c) {
  return Search(shape, gpu, c).run();
}

}  // namespace aiprof::roofline
