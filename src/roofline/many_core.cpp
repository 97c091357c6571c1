// Many cores behind a shared cache: kernels to the closed forms of gpu.h.
#include <algorithm>
#include <cmath>

#include "roofline/engine.h"
#include "roofline/gpu.h"
#include "roofline/smooth.h"

namespace aiprof::roofline {
namespace {

constexpr double kMatrixStep = 32;  // contractions are padded to this on matrix units
constexpr double kVectorStep = 8;   // and to this on vector units
// Fewer queries than this for each key/value head are better split along the keys.
constexpr double kFewQueries = 16;
// A radix sort goes over keys and payload once for each byte of a 32-bit key.
constexpr double kSortPasses = 4;

class ManyCore {
 public:
  ManyCore(const Job& job, const Machine& machine, const Context& context)
      : job_(job), machine_(machine), context_(context) {
    out_.time_class = classify(job, machine);
    out_.rate = &main_rate(job, machine);
    out_.runnable = out_.rate->engine != nullptr;
  }

  KernelTime run(Trace* trace) {
    if (!is_contraction(job_) || !out_.runnable) {
      vector_operator();
    } else {
      contraction();
    }
    stream_weights();
    if (trace != nullptr) explain(*trace);
    return out_;
  }

 private:
  [[nodiscard]] const ClassConstants& constants() const {
    return machine_.constants(out_.time_class);
  }

  [[nodiscard]] GpuRates rates(const UnitRate& rate) const {
    return {.units = machine_.units(),
            .clock = machine_.clock(),
            .peak = rate.rate(),
            .main_bandwidth = machine_.main().bandwidth,
            .cache_bandwidth = machine_.cache().bandwidth,
            .usable_cache = machine_.usable_cache(),
            .cluster = rate.on_matrix() ? machine_.cluster() : 1};
  }

  void contraction() {
    switch (job_.shape) {
      case Geometry::Kind::kAttention:
        attention();
        break;
      case Geometry::Kind::kConvolution:
        convolution();
        break;
      case Geometry::Kind::kRnn:
        recurrent();
        break;
      default:
        product(gemm_shape());
        break;
    }
    // Epilogues and softmax run on units of their own beside the products.
    const double others = vector_seconds(job_, machine_);
    out_.compute = std::max(out_.compute, job_.shape == Geometry::Kind::kAttention ? 0 : others);
    out_.body = std::max(out_.body, out_.compute);
  }

  [[nodiscard]] GemmShape gemm_shape() const {
    GemmShape s = {.m = job_.m, .n = job_.n, .k = job_.k, .batch = job_.batch};
    const double weights = s.batch * s.n * s.k;
    s.bytes_a = job_.first_bits / 8;
    if (job_.weight_bytes > 0) {
      s.w_bytes = job_.weight_bytes;
      // Scales and zero points of packed weights are part of the bytes.
      s.bytes_w = std::max(job_.weight_bits / 8, std::min(s.bytes_a, s.w_bytes / weights));
      s.weight_set = std::max(context_.model_weight_bytes, s.w_bytes);
    } else {
      // A product of two activations: the second was written by the kernel before.
      s.bytes_w = s.bytes_a;
      s.w_bytes = std::min(weights * s.bytes_w, job_.read_bytes);
      s.weight_set = s.w_bytes;
    }
    s.a_bytes = std::max(0.0, job_.read_bytes - s.w_bytes);
    s.out_bytes = job_.written_bytes;
    s.k_step = out_.rate->on_matrix() ? kMatrixStep : kVectorStep;
    return s;
  }

  template <typename Time>
  void take(const Time& t) {
    out_.compute = t.compute;
    out_.cache = t.cache;
    out_.memory = t.memory;
    out_.body = t.body;
    out_.cache_bytes = t.cache_bytes;
    out_.memory_bytes = t.memory_bytes;
  }

  void product(const GemmShape& shape) {
    gemm_ = gemm_time(shape, rates(*out_.rate), constants());
    take(gemm_);
    out_.fixed = constants().fixed_cycles / machine_.clock();
  }

  void attention() {
    AttentionShape s = {.heads = job_.batch,
                        .kv_heads = std::min(job_.batch, job_.kv_heads),
                        .queries = job_.m,
                        .keys = job_.n,
                        .size = job_.k,
                        .value_size = job_.value_size,
                        .element_bytes = job_.first_bits / 8,
                        .bytes = job_.bytes(),
                        .useful = job_.useful};
    const GpuRates gpu = rates(*out_.rate);
    const ClassConstants& prefill = machine_.constants(TimeClass::kAttentionPrefill);
    const ClassConstants& decode = machine_.constants(TimeClass::kAttentionDecode);
    const bool few = job_.m < kFewQueries;
    out_.time_class = few ? TimeClass::kAttentionDecode : TimeClass::kAttentionPrefill;
    const AttentionTime t = few ? decode_time(s, gpu, decode) : prefill_time(s, gpu, prefill);
    attention_ = t;
    take(t);
    out_.fixed = constants().fixed_cycles / machine_.clock();
  }

  void convolution() {
    if (out_.time_class == TimeClass::kDepthwise) return depthwise();
    GemmShape product_shape = gemm_shape();
    const bool plain = job_.batch == 1 && !job_.transposed;
    if (out_.time_class != TimeClass::kConvolution || !plain) {
      // Grouped: one product for each group. Transposed: the product of one input point with all
      // its kernel points, summed into the result on the way out.
      product(product_shape);
      return layout_copies();
    }
    // The form that was fitted: every kernel point of the input passes through the model's memory
    // term, which its constants make up for.
    const double element = product_shape.bytes_a;
    const double in_bytes = product_shape.a_bytes;
    product_shape.a_bytes = std::max(in_bytes, job_.m * job_.k * element);
    product_shape.weight_set = product_shape.w_bytes;
    const double points = job_.m / job_.images;
    const ConvolutionTime t = convolution_time({.product = product_shape,
                                                .in_channels = job_.k / job_.kernel_points,
                                                .out_channels = job_.n,
                                                .images = job_.images,
                                                .side = std::ceil(std::sqrt(points)),
                                                .in_bytes = in_bytes,
                                                .out_bytes = product_shape.out_bytes,
                                                .weight_bytes = product_shape.w_bytes,
                                                .element_bytes = element,
                                                .winograd = job_.winograd},
                                               rates(*out_.rate), constants());
    gemm_ = t.product;
    algorithm_ = t.algorithm;
    take(t);
    // Timed with the launch of a host only: start-up as of products.
    const ClassConstants& products = machine_.constants(TimeClass::kGemmFloat32);
    out_.fixed = products.fixed_cycles / machine_.clock();
  }

  // Matrix units want channels last; runtimes that keep the model's own layout copy the result of
  // a convolution once. Compilers choose the layout for the whole model.
  void layout_copies() {
    const bool keeps_layout =
        context_.mode == LaunchMode::kEager || context_.mode == LaunchMode::kStream;
    if (!keeps_layout || !out_.rate->on_matrix()) return;
    const double bytes = 2 * job_.written_bytes;
    const ClassConstants& copy = machine_.constants(TimeClass::kElementwise);
    const double seconds = bytes / (machine_.main().bandwidth * copy.memory_fraction);
    out_.memory += seconds;
    out_.memory_bytes += bytes;
    out_.body += seconds;
  }

  void depthwise() {
    // Each result is a short sum of its own: vector units do it.
    const UnitRate& vector = machine_.vector(job_.math);
    if (vector.engine != nullptr) out_.rate = &vector;
    const DepthwiseTime t =
        depthwise_time(2 * job_.macs, job_.bytes(), rates(*out_.rate), constants());
    out_.compute = t.compute;
    out_.memory = t.memory;
    out_.memory_bytes = job_.bytes();
    out_.body = t.body;
    out_.ramp = t.ramp;
  }

  // Dependent steps, each a product of the state with the weights, which stay in the cache from
  // step to step if they fit.
  void recurrent() {
    GemmShape s = gemm_shape();
    const double steps = job_.steps;
    s.a_bytes /= steps;
    s.out_bytes /= steps;
    s.weight_set = s.w_bytes;
    const GemmTime step = gemm_time(s, rates(*out_.rate), constants());
    gemm_ = step;
    const double start = constants().fixed_cycles / machine_.clock();
    out_.compute = steps * step.compute;
    out_.cache = steps * step.cache;
    // The first step brings the weights in, whatever stays after it.
    const double first = s.w_bytes / (machine_.main().bandwidth * constants().memory_fraction);
    out_.memory = std::max(steps * step.memory, first);
    out_.memory_bytes = std::max(steps * step.memory_bytes, s.w_bytes);
    out_.cache_bytes = steps * step.cache_bytes;
    out_.body = std::max(steps * step.body, out_.memory);
    out_.ramp = (steps - 1) * start;
    out_.fixed = start;
  }

  void vector_operator() {
    VectorShape s = {.elements = job_.elements, .bytes = job_.bytes()};
    if (job_.op_class == OpClass::kSort) s.bytes *= kSortPasses;
    if (out_.time_class == TimeClass::kPower) s.kind = VectorKind::kPower;
    if (out_.time_class == TimeClass::kSoftmax || out_.time_class == TimeClass::kNormalization) {
      s.kind = VectorKind::kRows;
      s.rows = job_.rows;
      s.cols = job_.cols;
      s.elements = job_.rows * job_.cols;
    }
    const VectorTime t = vector_time(s, rates(*out_.rate), constants());
    // What the counted arithmetic takes at the least; in calibrated classes it is part of the
    // unit-cycles of an element.
    const double counted = vector_seconds(job_, machine_);
    out_.compute = std::max(t.compute, counted);
    out_.cache = t.cache;
    out_.memory = t.memory;
    out_.cache_bytes = s.bytes;
    out_.memory_bytes = (s.bytes + t.reread_bytes) * t.miss_share;
    out_.body =
        std::max(smooth_max(constants().overlap, {t.memory + t.cache, out_.compute}), t.body);
    out_.ramp = t.ramp;
  }

  // Weights beyond the capacity come over the link of the host while the rest is read.
  void stream_weights() {
    if (context_.streamed_share <= 0 || job_.weight_bytes <= 0) return;
    out_.link_bytes = context_.streamed_share * job_.weight_bytes;
    out_.link = out_.link_bytes / machine_.host().sustained;
    out_.body = std::max(out_.body, out_.link);
  }

  void explain(Trace& trace) const;
  void explain_search(Trace& trace) const;

  const Job& job_;
  const Machine& machine_;
  const Context& context_;
  KernelTime out_;
  GemmTime gemm_;
  AttentionTime attention_;
  ConvolutionAlgorithm algorithm_ = ConvolutionAlgorithm::kImplicit;
};

void ManyCore::explain_search(Trace& trace) const {
  if (attention_.blocks > 0) {
    const bool few = out_.time_class == TimeClass::kAttentionDecode;
    trace.step(few ? "parts of the keys" : "queries of a block", attention_.tile, "",
               "the fastest of those tried");
    trace.step("thread blocks", attention_.blocks, "",
               few ? "key/value heads x parts" : "heads x ceil(queries / tile)");
    trace.step("waves", std::ceil(attention_.waves), "", "ceil(blocks / units)");
    return;
  }
  // The tiles of fused Winograd are not those of a product.
  const bool fused = algorithm_ == ConvolutionAlgorithm::kWinogradFused;
  if (job_.shape == Geometry::Kind::kConvolution && (fused || gemm_.blocks > 0)) {
    trace.step(name(algorithm_), out_.body, "s", "the fastest algorithm");
  }
  if (gemm_.blocks <= 0) return;
  trace.step("tile rows", gemm_.tile_m, "", "the fastest of 11 tiles x 6 splits");
  trace.step("tile columns", gemm_.tile_n, "", "of the same candidate");
  trace.step("split of the contraction", gemm_.split, "", "of the same candidate");
  trace.step("thread blocks", gemm_.blocks, "",
             "ceil(m / tile rows) x ceil(n / tile columns) x batch x split");
  trace.step("waves", gemm_.waves, "", "ceil(blocks / units)");
  trace.step("tile efficiency", gemm_.tile_efficiency, "",
             "1 / (1 + tile_halo x (1 / tile rows + 1 / tile columns))");
}

void ManyCore::explain(Trace& trace) const {
  explain_search(trace);
  trace.step("cache bytes", out_.cache_bytes, "byte",
             "what tiles load and store through the cache");
  trace.step("main memory bytes", out_.memory_bytes, "byte",
             "operands x share that is not found in the cache, r^4 / (1 + r^4), r = set / usable");
  trace.step("compute time", out_.compute, "s",
             "waves x time of a tile at peak x power factor x sustained x tile efficiency");
  trace.step("cache time", out_.cache, "s", "cache bytes / cache bandwidth");
  trace.step("main memory time", out_.memory, "s",
             "main memory bytes / (bandwidth x memory_fraction)");
  if (out_.link > 0) trace.step("link time", out_.link, "s", "streamed weights / link bandwidth");
  trace.step("run time", out_.body, "s", "(sum of time^overlap)^(1 / overlap) over the terms");
  trace.step("start-up", out_.ramp + out_.fixed, "s", "fixed_cycles / clock");
}

}  // namespace

KernelTime many_core_time(const Job& job, const Machine& machine, const Context& context,
                          Trace* trace) {
  return ManyCore(job, machine, context).run(trace);
}

}  // namespace aiprof::roofline
