#include "roofline/gpu.h"
#include "roofline/smooth.h"

namespace aiprof::roofline {
namespace {

constexpr double kLongRow = 1024;  // elements that a block keeps in registers between passes

}  // namespace

VectorTime vector_time(const VectorShape& s, const GpuRates& gpu, const ClassConstants& c) {
  VectorTime t;
  t.miss_share = miss(s.bytes, c.cache_capacity * gpu.usable_cache);
  const bool rows = s.kind == VectorKind::kRows;
  if (rows && s.cols > kLongRow) t.reread_bytes = s.bytes / 2 * c.reread;
  t.memory = (s.bytes + t.reread_bytes) * t.miss_share / (gpu.main_bandwidth * c.memory_fraction);
  const double cache_rate = gpu.cache_bandwidth * c.cache_fraction;
  if (t.miss_share < 1) t.cache = s.bytes * (1 - t.miss_share) / cache_rate;
  const double elements = s.kind == VectorKind::kElementwise ? 0 : s.elements * c.element_cycles;
  t.compute = ((rows ? s.rows * c.row_cycles : 0) + elements) / (gpu.units * gpu.clock);
  // Part of the bytes come from one level and the rest from the other, one after the other.
  t.body = smooth_max(c.overlap, {t.memory + t.cache, t.compute});
  t.ramp = c.fixed_cycles / gpu.clock;
  return t;
}

DepthwiseTime depthwise_time(double operations, double bytes, const GpuRates& gpu,
                             const ClassConstants& c) {
  DepthwiseTime t;
  t.memory = bytes / (gpu.main_bandwidth * c.memory_fraction);
  t.compute = operations / (gpu.peak * c.sustained);
  t.body = smooth_max(c.overlap, {t.memory, t.compute});
  t.ramp = c.fixed_cycles / gpu.clock;
  return t;
}

}  // namespace aiprof::roofline
