// Quantisation: conversions between floating-point and quantised elements.
#include <string>
#include <utility>

#include "ops/families.h"
#include "ops/matmul.h"
#include "ops/rules.h"

namespace aiprof::ops {
namespace {

// --- blocks -------------------------------------------------------------------------------------

// The scale holds one element for the tensor, one per index of `axis`, or (block_size > 0) one per
// block of that many elements along `axis`, the last of which may be shorter.
void check_scale(const OpView& v) {
  const TensorFact& x = v.in(0);
  const TensorFact& scale = v.in(1);
  if (!x.has_shape || !scale.has_shape || scale.rank() == 0) return;
  const std::int64_t block = v.attr_int("block_size", 0);
  if (block < 0) v.fail("block_size is " + std::to_string(block));
  const Count one = scale.elements();
  if (block == 0 && one.known() && one.value() == 1) return;
  const std::size_t axis = v.normalize_axis(v.attr_int("axis", 1), x.rank());
  const std::size_t at = block == 0 ? 0 : axis;
  if (scale.rank() != (block == 0 ? 1 : x.rank())) {
    v.fail("the scale has rank " + std::to_string(scale.rank()) + " for an input of rank " +
           std::to_string(x.rank()));
  }
  const Dim extent = x.shape[axis];
  const Dim wanted =
      block == 0 ? extent
                 : Dim::from(ceil_div(extent.count(), Count(std::max<std::int64_t>(block, 1))));
  if (wanted.known() && scale.shape[at].known() && wanted != scale.shape[at]) {
    v.fail("the scale has " + std::to_string(scale.shape[at].value()) +
           " entries on its axis, not " + std::to_string(wanted.value()));
  }
}

// --- QuantizeLinear -----------------------------------------------------------------------------

// The zero point's type, else output_dtype (version 21), else uint8.
DType quantized_type(const OpView& v) {
  if (v.has_in(2)) return v.in(2).dtype;
  const DType named = attr_dtype(v, "output_dtype", DType::kUndefined);
  return named != DType::kUndefined ? named : DType::kUint8;
}

void quantize(const InferView& v) {
  check_scale(v);
  copy_type(v, 0, 0, quantized_type(v));
}

// x / scale, rounded, shifted by the zero point where there is one, and clamped. Rounding is part
// of the conversion, which counts nothing, as in Cast.
Work quantize_cost(const OpView& v) {
  const Count n = v.in(0).elements();
  Work w;
  w.flops = n * (v.has_in(2) ? 3U : 2U);
  w.transcendentals = n;
  return w;
}

// --- DequantizeLinear ---------------------------------------------------------------------------

// output_dtype (version 23), else the scale's type, which was always float32 before version 19.
void dequantize(const InferView& v) {
  check_scale(v);
  copy_type(v, 0, 0, attr_dtype(v, "output_dtype", v.in(1).dtype));
}

// (x - zero point) * scale.
Work dequantize_cost(const OpView& v) {
  const DType dtype = v.in(0).dtype;
  Work w;
  w.flops = v.in(0).elements();
  if (v.has_in(2)) add_ops(w, dtype, v.in(0).elements());
  return w;
}

// --- DynamicQuantizeLinear ----------------------------------------------------------------------

void dynamic_quantize(const InferView& v) {
  copy_type(v, 0, 0, DType::kUint8);
  v.set(1, DType::kFloat32, {});
  v.set(2, DType::kUint8, {});
}

// Its function body: minimum and maximum (in - out each), both against zero (2), their range (1),
// the scale and the zero point (2 divisions, 1 subtraction, 2 for clipping, 1 for Round), then
// QuantizeLinear with a zero point.
Work dynamic_quantize_cost(const OpView& v) {
  const Count n = v.in(0).elements();
  Work w;
  w.flops = (max(n, 1U) - 1U) * 2U + 2U + 1U + 1U + 3U + n * 3U;
  w.transcendentals = n + 2U;
  return w;
}

constexpr std::string_view kQuantizeFormula =
    "per element 1 transcendental (division) and 2 FLOPs (clamp), 1 more with a zero point";
constexpr std::string_view kDequantizeFormula =
    "per element 1 FLOP (scale) and 1 integer op for a zero point";

constexpr OpSpec kQuantize[] = {
    {"", "QuantizeLinear", 10, OpClass::kQuantize, quantize, quantize_cost, each_once,
     kQuantizeFormula},
    // Quantised weights stay as they are stored: a runtime dequantises them where they are used.
    {"", "DequantizeLinear", 10, OpClass::kQuantize, dequantize, dequantize_cost, each_once,
     kDequantizeFormula, nullptr, kNeverFolded},
    {"", "DynamicQuantizeLinear", 11, OpClass::kQuantize, dynamic_quantize, dynamic_quantize_cost,
     each_once,
     "5 FLOPs and 1 transcendental per element; 5 FLOPs and 2 transcendentals for the "
     "scale and zero point"},
};

}  // namespace

std::span<const OpSpec> quantize_ops() { return kQuantize; }

}  // namespace aiprof::ops
