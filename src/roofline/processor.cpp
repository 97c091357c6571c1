// Processors: few cores, wide SIMD lanes, caches of their own behind a shared one.
#include <algorithm>
#include <cmath>

#include "roofline/engine.h"
#include "roofline/smooth.h"

namespace aiprof::roofline {
namespace {

// Bytes per core and clock where a file gives no bandwidth: a line every other clock from the
// private caches, a quarter of one from the shared one.
constexpr double kPrivateBytesPerClock = 32;
constexpr double kSharedBytesPerClock = 16;
// What one core can keep in flight to memory: about 12 lines of 64 bytes at 80 ns; more where the
// cores together sustain more.
constexpr double kCoreBandwidth = 1e10;
// Doubling the threads takes another round of waking and joining.
constexpr double kWakeSeconds = 0.4e-6;
// Copying one element of a window into a matrix, on one core, and starting the product of one group
// of one image. Of grouped 3x3 convolutions of ONNX Runtime on a Xeon: 0.15 ns an element on two
// cores, 0.27 where windows are strided, so that neighbours are not copied together.
constexpr double kUnrollCycles = 1.2;
constexpr double kStridedUnrollCycles = 2.2;
constexpr double kCallSeconds = 1e-6;
// Of depthwise convolutions over one dim there: 0.06 - 0.1 ns an element on two cores.
constexpr double kDepthwiseCycles = 0.6;
// Adding one product of a transposed convolution to the point of the image that it belongs to, one
// core at a time: 0.5 ns there.
constexpr double kScatterCycles = 2;
// Blocks of a product that one task computes, from registers full to single rows, and the parts
// that a long contraction is cut into.
struct Tile {
  double m, n;
};
constexpr Tile kTiles[] = {{24, 64}, {12, 32}, {6, 16}, {1, 64}, {1, 16}, {64, 1}, {8, 1}};
constexpr double kSplits[] = {1, 8};
constexpr double kOverlapOfLevels = 2;

class Processor {
 public:
  Processor(const Job& job, const Machine& machine, const Context& context)
      : job_(job),
        machine_(machine),
        context_(context),
        cores_(machine.units()),
        steps_(job.shape == Geometry::Kind::kRnn ? job.steps : 1) {
    base_.time_class = classify(job, machine);
    base_.rate = &main_rate(job, machine);
    base_.runnable = base_.rate->engine != nullptr;
  }

  // As many cores as pay for the waking.
  KernelTime run(Trace* trace) {
    const ClassConstants& c = machine_.constants(base_.time_class);
    KernelTime best;
    best.body = INFINITY;
    // Where launches are free, so is waking.
    const double round = context_.regime == Regime::kFree ? 0 : kWakeSeconds;
    double wake = 0;
    for (double active = 1; active <= cores_; wake += round) {
      const KernelTime t = on(active, wake, c);
      if (t.body + t.fixed < best.body + best.fixed) {
        best = t;
        active_ = active;
      }
      if (active >= cores_) break;
      active = std::min(active * 2, cores_);
    }
    if (trace != nullptr) explain(*trace, best);
    return best;
  }

 private:
  [[nodiscard]] KernelTime on(double active, double wake, const ClassConstants& c) const {
    KernelTime t = base_;
    t.compute = vector_seconds(job_, machine_, c.special_cost) * cores_ / active +
                loop_cycles(c) / (active * machine_.clock());
    if (is_contraction(job_) && t.runnable) {
      t.compute += product_seconds(active, c) + unroll_seconds(active) + scatter_seconds();
    }
    memory(active, c, t);
    // Loads from main memory stall a core for most of their time, as products with weights that no
    // cache holds show; those from caches are prefetched.
    t.body = smooth_max(c.overlap, {t.compute, t.cache}) + t.memory + t.link;
    t.fixed = c.fixed_cycles / machine_.clock() + wake * steps_;
    return t;
  }

  // Loads, stores and loops around arithmetic that does not fill the vector unit.
  [[nodiscard]] double loop_cycles(const ClassConstants& c) const {
    double cycles = job_.elements * c.element_cycles;
    if (job_.shape == Geometry::Kind::kRows) cycles += job_.rows * c.row_cycles;
    return cycles;
  }

  // Whole tiles in rounds over the active cores; the tile and split that end first.
  [[nodiscard]] double product_seconds(double active, const ClassConstants& c) const {
    const double core_rate = base_.rate->rate() * c.sustained / cores_;
    double best = INFINITY;
    for (const Tile& tile : kTiles) {
      const double tiles = ceil_div(job_.m, tile.m) * ceil_div(job_.n, tile.n) * job_.batch;
      // Each step of the contraction loads a row and a column for a tile of products.
      const double efficiency = 1 / (1 + c.tile_halo * (1 / tile.m + 1 / tile.n));
      for (const double split : kSplits) {
        const double rounds = ceil_div(tiles * split, active);
        const double depth = std::ceil(job_.k / split);
        best = std::min(best, rounds * 2 * tile.m * tile.n * depth / (core_rate * efficiency));
      }
    }
    if (job_.shape == Geometry::Kind::kAttention) {
      // Scores as above, then the product with the values: the same work for equal head sizes.
      best *= (1 + job_.value_size / job_.k) * job_.useful;
    }
    return best * steps_;
  }

  [[nodiscard]] double level_capacity(MemoryKind kind) const {
    const MemoryLevel* level = machine_.hardware().level(kind);
    return level == nullptr ? 0 : level->total_capacity_bytes();
  }
  [[nodiscard]] double level_bandwidth(MemoryKind kind, double bytes_per_clock) const {
    const MemoryLevel* level = machine_.hardware().level(kind);
    const double stated = level == nullptr ? 0 : level->sustained_bandwidth();
    return stated > 0 ? stated : bytes_per_clock * cores_ * machine_.clock();
  }

  // Bytes come from the nearest level that holds what is used between two uses of them: weights
  // from one inference to the next, activations from the operator that wrote them.
  void memory(double active, const ClassConstants& c, KernelTime& t) const {
    const double share = active / cores_;
    const double last = std::max(level_capacity(MemoryKind::kLlc), level_capacity(MemoryKind::kL2));
    const double usable = c.cache_capacity * last;
    const double own = level_capacity(MemoryKind::kL2) * share;
    const double weights = job_.weight_bytes;
    const double activations = job_.bytes() - weights;
    const double moving = weights + activations;
    const double set = std::max(context_.model_weight_bytes, weights) + activations;
    const double kept = machine_.residency();
    const double gone = kept > 0 ? miss(context_.reuse_seconds, kept) : 0;
    t.link_bytes = context_.streamed_share * weights;
    t.memory_bytes = std::max(0.0, weights * std::max(miss(set, usable), gone) - t.link_bytes) +
                     activations * miss(moving, usable);
    // In a network, other operators used these buffers last, divided among the cores in their way.
    const bool apart = !context_.repeated && active > 1;
    const double elsewhere = apart ? activations * (1 - miss(moving, own)) : 0;
    // Steps of a recurrent operator read the weights of the state again, half of all where the
    // input is as wide; those of the input are one product before the steps.
    const double state = weights / 2;
    const double again = (steps_ - 1) * state * miss(state, own);
    t.cache_bytes =
        std::max(0.0, weights * miss(set, own) + again + activations * miss(moving, own) +
                          elsewhere - t.memory_bytes - t.link_bytes);
    const double sustained = machine_.main().bandwidth * c.memory_fraction;
    const double core = std::max(kCoreBandwidth, sustained / cores_);
    t.memory = t.memory_bytes / std::min(sustained, active * core);
    const double rate = c.cache_fraction * share;
    const double shared_rate =
        std::max(level_bandwidth(MemoryKind::kLlc, kSharedBytesPerClock) * rate,
                 std::min(sustained, active * core));
    const double own_rate = level_bandwidth(MemoryKind::kL2, kPrivateBytesPerClock) * rate;
    t.cache = smooth_max(kOverlapOfLevels, {t.cache_bytes / shared_rate, moving / own_rate});
    if (t.link_bytes > 0) t.link = t.link_bytes / machine_.host().sustained;
  }

  // Libraries have direct kernels for convolutions over images, of channels in blocks that fill a
  // vector. Over one or three dims, and for groups that fill none, they write the windows out as a
  // matrix; a window of one point is a row of that matrix already.
  [[nodiscard]] double unrolled_elements() const {
    if (job_.shape != Geometry::Kind::kConvolution || job_.transposed) return 0;
    const bool depthwise = base_.time_class == TimeClass::kDepthwise;
    const bool fills = job_.batch <= 1 || std::fmod(job_.n, machine_.lanes()) == 0;
    const bool direct = job_.image && (depthwise || fills);
    return direct || job_.kernel_points <= 1 ? 0 : job_.batch * job_.m * job_.k;
  }
  [[nodiscard]] double unroll_seconds(double active) const {
    const double elements = unrolled_elements();
    if (elements == 0) return 0;
    const double seconds = elements / (active * machine_.clock());
    // A single channel is multiplied as it is copied.
    if (base_.time_class == TimeClass::kDepthwise) return seconds * kDepthwiseCycles;
    return seconds * (job_.unit_stride ? kUnrollCycles : kStridedUnrollCycles) +
           job_.batch * job_.images * kCallSeconds;
  }

  [[nodiscard]] double scatter_seconds() const {
    return job_.transposed ? job_.batch * job_.m * job_.n * kScatterCycles / machine_.clock() : 0;
  }

  void explain(Trace& trace, const KernelTime& t) const {
    trace.step("active cores", active_, "", "as many as pay for waking them");
    trace.step("compute time", t.compute, "s",
               "rounds of whole tiles x time of a tile at peak x sustained x tile efficiency, and "
               "vector work at the vector rate of the active cores");
    trace.step("cache time", t.cache, "s", "bytes / bandwidth of the caches of the active cores");
    trace.step("main memory bytes", t.memory_bytes, "byte",
               "operands x share that is not found in the caches, for want of room or, of weights, "
               "since their last use");
    trace.step("main memory time", t.memory, "s",
               "main memory bytes / min(bandwidth x memory_fraction, active cores x the larger of "
               "1e10 and a core's share)");
    if (t.link > 0) trace.step("link time", t.link, "s", "streamed weights / link bandwidth");
    trace.step("run time", t.body, "s",
               "(compute^overlap + cache^overlap)^(1 / overlap) + main memory + link");
    trace.step("start-up", t.fixed, "s", "fixed_cycles / clock + rounds of waking x 0.4e-6 s");
  }

  const Job& job_;
  const Machine& machine_;
  const Context& context_;
  KernelTime base_;
  double cores_ = 1, steps_ = 1, active_ = 1;
};

}  // namespace

KernelTime processor_time(const Job& job, const Machine& machine, const Context& context,
                          Trace* trace) {
  return Processor(job, machine, context).run(trace);
}

}  // namespace aiprof::roofline
