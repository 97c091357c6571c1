// Fourier transforms: DFT and STFT.
#include <algorithm>

#include "ops/families.h"
#include "ops/operands.h"
#include "ops/select.h"

namespace aiprof::ops {
namespace {

// FLOPs of one transform of n complex points by fast algorithms: 5 n log2 n, the count that FFTW
// and vendors quote for radix 2; log2 is rounded up for other lengths. Twiddle factors are tables.
// A real signal, or one with a symmetric spectrum, takes half.
Count fft_flops(Count n, bool real) {
  const Count flops = n * ceil_log2(n) * 5U;
  return real ? flops / 2U : flops;
}

// --- DFT ----------------------------------------------------------------------------------------

struct Transform {
  std::size_t axis = 0;
  Dim length;  // points transformed
  bool inverse = false;
  bool onesided = false;
};

// Opset 17: attribute `axis`, 1 by default. Since opset 20: input 2, -2 by default. nullopt if the
// axis is not known.
std::optional<Transform> transform(const OpView& v) {
  const TensorFact& in = v.in(0);
  std::optional<std::int64_t> axis = v.opset() >= 20 ? -2 : v.attr_int("axis", 1);
  if (v.has_in(2)) axis = int_of(v, 2);
  if (!axis || !in.has_shape) return std::nullopt;
  if (in.rank() < 2) v.fail("the input has no axis for real and imaginary parts");
  Transform t;
  t.axis = v.normalize_axis(*axis, in.rank());
  if (t.axis + 1 == in.rank()) v.fail("the last axis holds real and imaginary parts");
  t.inverse = v.attr_int("inverse", 0) != 0;
  t.onesided = v.attr_int("onesided", 0) != 0;
  const Dim extent = in.shape[t.axis];
  if (v.has_in(1)) {
    const auto given = int_of(v, 1);
    t.length = given ? Dim(*given) : Dim();
  } else {
    t.length = t.inverse && t.onesided ? (extent - Dim(1)) * Dim(2) : extent;
  }
  return t;
}

void dft_shape(const InferView& v) {
  const TensorFact& in = v.in(0);
  const auto t = transform(v);
  if (!in.has_shape) return v.set_unknown_rank(0, in.dtype);
  Shape out = t ? in.shape : unknown_shape(in.rank());
  // Back from one side of a spectrum the signal is real.
  const bool real = v.attr_int("inverse", 0) != 0 && v.attr_int("onesided", 0) != 0;
  out[out.size() - 1] = real ? 1 : 2;
  if (t) out[t->axis] = t->onesided && !t->inverse ? t->length / Dim(2) + Dim(1) : t->length;
  v.set(0, in.dtype, out);
}

Work dft_work(const OpView& v) {
  Work w;
  w.flops = Count::unknown();
  const auto t = transform(v);
  if (!t) return w;
  const TensorFact& in = v.in(0);
  const Count signals =
      product(in.shape, 0, t->axis) * product(in.shape, t->axis + 1, in.rank() - 1);
  const bool real = in.shape[in.rank() - 1].is(1) || t->onesided;
  w.flops = signals * fft_flops(t->length.count(), real);
  // The inverse is scaled by 1 / n.
  if (t->inverse) w.flops += v.out(0).elements();
  return w;
}

// --- STFT ---------------------------------------------------------------------------------------

// Length of a frame: input 3, else the window's, else the signal's.
Dim frame_length(const OpView& v) {
  if (v.has_in(3)) {
    const auto given = int_of(v, 3);
    return given ? Dim(*given) : v.in_dim(2, 0);
  }
  return v.has_in(2) ? v.in_dim(2, 0) : v.in_dim(0, 1);
}

// signal [batch, length, 1 or 2] becomes [batch, frames, bins, 2].
void stft_shape(const InferView& v) {
  const TensorFact& in = v.in(0);
  const Dim length = v.in_dim(0, 1);
  const Dim frame = frame_length(v);
  const auto step = int_of(v, 1);
  if (step && *step <= 0) v.fail("frame_step " + std::to_string(*step));
  if (length.known() && frame.known() && frame.value() > length.value()) {
    v.fail("frames of " + std::to_string(frame.value()) + " in a signal of " +
           std::to_string(length.value()));
  }
  const Dim frames = (length - frame) / (step ? Dim(*step) : Dim()) + Dim(1);
  const bool onesided = v.attr_int("onesided", 1) != 0;
  v.set(0, in.dtype, {v.in_dim(0, 0), frames, onesided ? frame / Dim(2) + Dim(1) : frame, 2});
}

Work stft_work(const OpView& v) {
  Work w;
  const Count frame = frame_length(v).count();
  const Dim parts = v.in(0).rank() == 2 ? Dim(1) : v.in_dim(0, 2);
  const Count frames = v.in_dim(0, 0).count() *
                       (v.out(0).rank() == 4 ? v.out(0).shape[1].count() : Count::unknown());
  const bool real = parts.is(1) || v.attr_int("onesided", 1) != 0;
  w.flops = frames * fft_flops(frame, real);
  if (v.has_in(2)) w.flops += frames * frame * parts.count();
  return w;
}

void stft_traffic(const OpView& /*v*/, Traffic& t) {
  t.read(0);
  t.read(2);
  t.write(0);
}

constexpr std::string_view kDft =
    "5 n ceil(log2 n) FLOPs per transform of n complex points, half for real signals, 1 per output "
    "for the scale of an inverse; reads the input and writes the output";

constexpr OpSpec kSignal[] = {
    {"", "DFT", 17, OpClass::kTransform, dft_shape, dft_work, first_once, kDft},
    {"", "DFT", 20, OpClass::kTransform, dft_shape, dft_work, first_once, kDft},
    {"", "STFT", 17, OpClass::kTransform, stft_shape, stft_work, stft_traffic,
     "per frame 1 FLOP per point for the window and 5 n ceil(log2 n) for the transform, half for "
     "real signals; reads signal and window and writes the output"},
};

}  // namespace

std::span<const OpSpec> signal_ops() { return kSignal; }

}  // namespace aiprof::ops
