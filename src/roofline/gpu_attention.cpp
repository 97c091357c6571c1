#include <algorithm>
#include <cmath>

#include "roofline/gpu.h"
#include "roofline/smooth.h"

namespace aiprof::roofline {
namespace {

constexpr double kQueryTiles[] = {128, 64, 16};
constexpr double kKeySplits[] = {1, 2, 4, 8, 16, 32, 64, 128};
constexpr double kKeyTile = 64;       // keys of a step of the main loop
constexpr double kRows = 16;          // rows of the smallest matrix instruction
constexpr double kLeastKeys = 32;     // fewer are not worth a block of their own
constexpr double kSpecialLanes = 16;  // exponentials of one unit in one clock
// Matrix units at a tile of q queries run at q / (q + 32) of 1.25 times the sustained rate, which
// is the whole of it at 128.
constexpr double kQueryHalf = 32;
constexpr double kQueryFull = 1.25;

struct Levels {
  double memory_bytes, memory, cache_rate;
};

Levels levels(const AttentionShape& s, const GpuRates& gpu, const ClassConstants& c) {
  Levels l{};
  l.memory_bytes = s.bytes * miss(s.bytes, c.cache_capacity * gpu.usable_cache);
  l.memory = l.memory_bytes / (gpu.main_bandwidth * c.memory_fraction);
  l.cache_rate = gpu.cache_bandwidth * c.cache_fraction;
  return l;
}

double cache_seconds(double bytes, double rate) { return rate > 0 ? bytes / rate : 0; }

// Keys that a block of `tile` queries visits on average: those that its queries see, and at the
// edge of the mask half a tile that only some of them see.
double mean_keys(const AttentionShape& s, double tile) {
  return std::min(s.keys, s.useful * s.keys + tile / 2);
}

}  // namespace

AttentionTime prefill_time(const AttentionShape& s, const GpuRates& gpu, const ClassConstants& c) {
  const Levels l = levels(s, gpu, c);
  const double key_tile = s.keys >= kKeyTile ? kKeyTile : round_up(s.keys, kRows);
  const double all_keys = round_up(s.keys, key_tile);
  const double sizes = s.size + s.value_size;
  AttentionTime best;
  best.body = INFINITY;
  for (const double tile : kQueryTiles) {
    AttentionTime t;
    t.tile = tile;
    t.blocks = s.heads * ceil_div(s.queries, tile);
    t.waves = t.blocks / gpu.units;
    const double keys = round_up(mean_keys(s, tile), key_tile);
    const double rate =
        gpu.peak * c.sustained / gpu.units * tile / (tile + kQueryHalf) * kQueryFull;
    const double exp_rate = kSpecialLanes * gpu.clock / c.exp_cost;
    const auto block = [&](double n) {
      return tile * n * 2 * sizes / rate + tile * n / exp_rate +
             n / kKeyTile * c.step_cycles / gpu.clock + c.block_cycles / gpu.clock;
    };
    t.compute = std::max(t.waves <= 1 ? 0 : std::ceil(t.waves) * block(keys), block(all_keys));
    t.cache_bytes = s.bytes + t.blocks * keys * sizes * s.element_bytes;
    t.cache = cache_seconds(t.cache_bytes, l.cache_rate);
    t.memory = l.memory;
    t.memory_bytes = l.memory_bytes;
    t.body = smooth_max(c.overlap, {t.compute, t.cache, t.memory});
    if (t.body < best.body) best = t;
  }
  return best;
}

AttentionTime decode_time(const AttentionShape& s, const GpuRates& gpu, const ClassConstants& c) {
  const Levels l = levels(s, gpu, c);
  const double sizes = s.size + s.value_size;
  AttentionTime best;
  best.body = INFINITY;
  for (const double split : kKeySplits) {
    if (split > 1 && s.keys / split < kLeastKeys) continue;
    AttentionTime t;
    t.tile = split;
    t.blocks = s.kv_heads * split;
    t.waves = t.blocks / gpu.units;
    const double keys = round_up(s.keys / split, kRows);
    const double rows = round_up(s.heads / s.kv_heads * s.queries, kRows);
    const double products = 2 * rows * keys * sizes / (gpu.peak * c.sustained / gpu.units);
    const double latency = keys / kKeyTile * c.step_cycles / gpu.clock;
    t.compute =
        std::ceil(t.waves) * (c.block_cycles / gpu.clock + smooth_max(4, {products, latency}));
    t.cache_bytes = s.bytes;
    t.cache = cache_seconds(t.cache_bytes, l.cache_rate);
    t.memory = l.memory;
    t.memory_bytes = l.memory_bytes;
    t.body = smooth_max(c.overlap, {t.compute, t.cache, t.memory}) +
             (split > 1 ? c.split_cycles / gpu.clock : 0);
    if (t.body < best.body) best = t;
  }
  return best;
}

}  // namespace aiprof::roofline
