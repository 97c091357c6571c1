#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

#include "roofline/gpu.h"
#include "roofline/smooth.h"

namespace aiprof::roofline {
namespace {

// Sides are powers of two: to multiply by the reciprocal is to divide.
struct Tile {
  double m, n;
  double per_m = 1 / m, per_n = 1 / n;

  // Elements of the edges for each of the area.
  [[nodiscard]] constexpr double edges() const { return per_m + per_n; }
};
// What libraries have kernels for, larger first; the first of equals wins.
constexpr std::array<Tile, 11> kTiles = {{{256, 128},
                                          {128, 256},
                                          {128, 128},
                                          {128, 64},
                                          {64, 128},
                                          {64, 64},
                                          {64, 32},
                                          {32, 64},
                                          {32, 32},
                                          {16, 64},
                                          {16, 128}}};
constexpr std::array<double, 6> kSplits = {1, 2, 4, 8, 16, 32};  // the first does not split
constexpr double kStep = 64;         // elements of a step of the main loop
constexpr double kPartialBytes = 8;  // a split part is written and read in float32
constexpr double kAbove = 1 + kRounding;

// (a^4 + b^4)^(1/4)
double norm4(double a, double b) {
  const double a2 = a * a;
  const double b2 = b * b;
  return std::sqrt(std::sqrt(a2 * a2 + b2 * b2));
}

// Share of the rate that a tile leaves to products, for operand delivery along its edges.
double efficiency(const Tile& tile, const ClassConstants& c) {
  return 1 / (1 + c.tile_halo * tile.edges());
}

double memory_bytes(const GemmShape& s, const GpuRates& gpu, const ClassConstants& c) {
  const double cap = c.cache_capacity * gpu.usable_cache;
  const double activations = s.a_bytes + s.out_bytes;
  return s.w_bytes * miss(s.weight_set + activations, cap) +
         activations * miss(activations + s.w_bytes, cap);
}

double memory_seconds(double bytes, const GpuRates& gpu, const ClassConstants& c) {
  return bytes / (gpu.main_bandwidth * c.memory_fraction);
}

using BySplit = std::array<double, kSplits.size()>;

// What a split of the contraction decides, whatever the tile.
struct SplitTerms {
  BySplit depth;    // of the contraction, that one block walks along
  BySplit latency;  // seconds of its main loop
  BySplit partial;  // bytes of the results
  BySplit join;     // seconds
};

SplitTerms split_terms(const GemmShape& s, const GpuRates& gpu, const ClassConstants& c) {
  SplitTerms t;
  for (std::size_t i = 0; i < kSplits.size(); ++i) {
    t.depth[i] = round_up(s.k / kSplits[i], s.k_step);
    t.latency[i] = t.depth[i] / kStep * c.step_cycles / gpu.clock;
    t.partial[i] = i > 0 ? kPartialBytes * kSplits[i] * s.batch * s.m * s.n : s.out_bytes;
    t.join[i] = i > 0 ? c.split_cycles / gpu.clock : 0;
  }
  return t;
}

// What a tile decides, whatever the split.
struct TileTerms {
  double tiles = 0;  // that cover the result
  double step = 0;   // seconds of one element of the contraction, for a whole tile
  double load = 0;   // bytes that a unit loads for the same
};

// Reciprocals: what takes many divisions is multiplied by them, where rounding does not matter.
struct Per {
  double unit = 0, operation = 0, cache_byte = 0;
};

// Seconds that candidates take at the least.
struct Least {
  BySplit compute, cache;
};

// Splits of one tile run side by side in vector registers: nothing in the loop branches, and all it
// writes is local. In line it would be unrolled before compilers see that.
[[gnu::noinline]] void bound_splits(const TileTerms tile, const SplitTerms& split, const Per per,
                                    Least& out) {
  Least t;
  for (std::size_t i = 0; i < kSplits.size(); ++i) {
    const double blocks = tile.tiles * kSplits[i];
    const double waves = whole(blocks * per.unit);
    t.compute[i] = waves * std::max(tile.step * split.depth[i], split.latency[i]);
    t.cache[i] = (blocks * tile.load * split.depth[i] + split.partial[i]) * per.cache_byte;
  }
  out = t;
}

// A tile and a split, by index.
struct Place {
  std::size_t tile = 0, split = 0;
  friend bool operator<(const Place& a, const Place& b) {
    return a.tile != b.tile ? a.tile < b.tile : a.split < b.split;
  }
};

struct Candidate {
  Place place;
  double compute = 0, cache = 0, cache_bytes = 0;
  double overlapped = INFINITY, body = INFINITY;  // without and with joining the parts of a split
};

// Of the smooth maximum at one candidate: twice the terms give twice as much, so that it is the sum
// of the terms, each times its slope.
struct Tangent {
  double compute = 0, cache = 0;  // slopes
  double memory = 0;              // slope times term, which all candidates share
};

class Search {
 public:
  Search(const GemmShape& shape, const GpuRates& gpu, const ClassConstants& c)
      : s_(shape),
        gpu_(gpu),
        c_(c),
        memory_bytes_(memory_bytes(shape, gpu, c)),
        memory_(memory_seconds(memory_bytes_, gpu, c)),
        peak_of_unit_(gpu.peak * c.sustained / gpu.units),
        split_(split_terms(shape, gpu, c)) {}

  // Roots and powers cost more than all the rest. Of most candidates it is enough to know that they
  // are not below the tangent of the smooth maximum at a good one.
  GemmTime run() {
    bound_all();
    Candidate best = timed(promising());
    join_terms(best);
    Tangent tangent = tangent_at(best);
    for (std::size_t t = 0; t < kTiles.size(); ++t) {
      for (std::size_t i = 0; i < kSplits.size(); ++i) {
        const double least = at(tangent, least_[t].compute[i], least_[t].cache[i]);
        if (least + split_.join[i] > best.body * kAbove) continue;
        if (consider({t, i}, tangent, best)) tangent = tangent_at(best);
      }
    }
    return time_of(best);
  }

 private:
  // Fills least_ and lowest_.
  void bound_all() {
    // Rounded down, so that no block starts a wave that it would not.
    const Per per = {.unit = (1 - kRounding) / gpu_.units,
                     .operation = 1 / peak_of_unit_,
                     .cache_byte = gpu_.cache_bandwidth > 0 ? 1 / gpu_.cache_bandwidth : 0};
    const double shared = this->shared();
    lowest_.fill(INFINITY);
    for (std::size_t t = 0; t < kTiles.size(); ++t) {
      const Tile tile = kTiles[t];
      const TileTerms terms = {
          .tiles = tiles(tile),
          .step = 2 * tile.m * tile.n * per.operation * (1 + c_.tile_halo * tile.edges()),
          .load = (tile.m * s_.bytes_a + tile.n * s_.bytes_w) * shared};
      bound_splits(terms, split_, per, least_[t]);
      for (std::size_t i = 0; i < kSplits.size(); ++i) {
        lowest_[i] = std::min(lowest_[i], least_[t].compute[i] + least_[t].cache[i]);
      }
    }
  }

  // The candidate with the least sum of its terms.
  [[nodiscard]] Place promising() const {
    Place p;
    for (std::size_t i = 1; i < kSplits.size(); ++i) {
      if (lowest_[i] + split_.join[i] < lowest_[p.split] + split_.join[p.split]) p.split = i;
    }
    while (p.tile + 1 < kTiles.size() &&
           least_[p.tile].compute[p.split] + least_[p.tile].cache[p.split] > lowest_[p.split]) {
      ++p.tile;
    }
    return p;
  }

  // True if that candidate is faster, or as fast and before the best: it is the best now.
  [[nodiscard]] bool consider(const Place& p, const Tangent& tangent, Candidate& best) const {
    Candidate other = timed(p);
    const double least = at(tangent, other.compute, other.cache);
    if (least + split_.join[p.split] > best.body * kAbove) return false;
    join_terms(other);
    if (!(other.body < best.body || (other.body == best.body && p < best.place))) return false;
    best = other;
    return true;
  }

  // Its terms, not yet overlapped.
  [[nodiscard]] Candidate timed(const Place& p) const {
    const Tile& tile = kTiles[p.tile];
    const double depth = split_.depth[p.split];
    const double blocks = tiles(tile) * kSplits[p.split];
    Candidate t;
    t.place = p;
    t.compute =
        ceil_div(blocks, gpu_.units) * norm4(step_seconds(tile) * depth, split_.latency[p.split]);
    t.cache_bytes = blocks * (tile.m * s_.bytes_a + tile.n * s_.bytes_w) * depth * shared() +
                    split_.partial[p.split];
    t.cache = gpu_.cache_bandwidth > 0 ? t.cache_bytes / gpu_.cache_bandwidth : 0;
    return t;
  }
  void join_terms(Candidate& t) const {
    t.overlapped = smooth_max(c_.overlap, {t.compute, t.cache, memory_});
    t.body = t.overlapped + split_.join[t.place.split];
  }

  [[nodiscard]] Tangent tangent_at(const Candidate& t) const {
    const Slopes s = smooth_max_slopes(c_.overlap, t.compute, t.cache, t.overlapped);
    return {.compute = s.first,
            .cache = s.second,
            .memory = t.overlapped - s.first * t.compute - s.second * t.cache};
  }
  static double at(const Tangent& t, double compute, double cache) {
    return t.compute * compute + t.cache * cache + t.memory;
  }

  [[nodiscard]] double tiles(const Tile& tile) const {
    return whole(s_.m * tile.per_m) * whole(s_.n * tile.per_n) * s_.batch;
  }
  // Of one element of the contraction, for a whole tile.
  [[nodiscard]] double step_seconds(const Tile& tile) const {
    return 2 * tile.m * tile.n / (peak_of_unit_ * efficiency(tile, c_));
  }
  // Part of what a block needs that its unit loads itself.
  [[nodiscard]] double shared() const { return (1 + 1 / gpu_.cluster) / 2; }

  [[nodiscard]] GemmTime time_of(const Candidate& best) const {
    const Tile& tile = kTiles[best.place.tile];
    GemmTime t;
    t.tile_m = tile.m;
    t.tile_n = tile.n;
    t.split = kSplits[best.place.split];
    t.tile_efficiency = efficiency(tile, c_);
    t.blocks = tiles(tile) * t.split;
    t.waves = ceil_div(t.blocks, gpu_.units);
    t.compute = best.compute;
    t.cache = best.cache;
    t.cache_bytes = best.cache_bytes;
    t.memory = memory_;
    t.memory_bytes = memory_bytes_;
    t.body = best.body;
    return t;
  }

  const GemmShape& s_;
  const GpuRates& gpu_;
  const ClassConstants& c_;
  double memory_bytes_, memory_, peak_of_unit_;
  SplitTerms split_;
  BySplit lowest_ = {};                     // of compute + cache, over all tiles
  std::array<Least, kTiles.size()> least_;  // bound_all() fills it
};

}  // namespace

GemmTime gemm_time(const GemmShape& shape, const GpuRates& gpu, const ClassConstants& c) {
  return Search(shape, gpu, c).run();
}

double gemm_least(const GemmShape& s, const GpuRates& gpu, const ClassConstants& c) {
  // Full waves of full tiles of the first kind: none has shorter edges for its area.
  static_assert(std::ranges::all_of(
      kTiles, [](const Tile& tile) { return tile.edges() >= kTiles[0].edges(); }));
  const double products = 2 * s.batch * s.m * s.n * s.k;
  const double compute = products / (gpu.peak * c.sustained * efficiency(kTiles[0], c));
  const double memory = memory_seconds(memory_bytes(s, gpu, c), gpu, c);
  return smooth_max_least(c.overlap, {compute, memory});
}

}  // namespace aiprof::roofline
