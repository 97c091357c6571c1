// com.microsoft: quantised forms of element-wise, pooling and convolution operators.
//
// The QLinear forms count as the float operator, in integer operations: scales and zero points of
// whole tensors fold into constants that kernels apply with the operation itself.
#include <algorithm>
#include <utility>

#include "ops/contrib.h"
#include "ops/convolution.h"
#include "ops/evaluate.h"
#include "ops/families.h"
#include "ops/rules.h"

namespace aiprof::ops {
namespace {

// --- element-wise
// ---------------------------------------------------------------------------------

void binary_shape(const InferView& v) {  // A, scale, zero point, B ...
  const TensorFact& a = v.in(0);
  const TensorFact& b = v.in(3);
  if (!a.has_shape || !b.has_shape) return v.set_unknown_rank(0, a.dtype);
  v.set(0, a.dtype, broadcast(v, a.shape, b.shape));
}

void where_shape(const InferView& v) {  // condition, X, scale, zero point, Y ...
  const DType dtype = v.in(1).dtype;
  for (const std::size_t i : {0U, 1U, 4U}) {
    if (!v.in(i).has_shape) return v.set_unknown_rank(0, dtype);
  }
  v.set(0, dtype, broadcast(v, broadcast(v, v.in(0).shape, v.in(1).shape), v.in(4).shape));
}

// Y_scale, Y_zero_point, then (tensor, scale, zero point) of each part.
void concat_shape(const InferView& v) {
  const DType dtype = v.in(1).dtype;
  if (!v.in(2).has_shape) return v.set_unknown_rank(0, dtype);
  Shape out = v.in(2).shape;
  const std::size_t axis = v.normalize_axis(v.attr_int("axis", 0), out.size());
  for (std::size_t i = 5; i < v.num_inputs(); i += 3) {
    out[axis] = out[axis] + v.in_dim(i, static_cast<std::int64_t>(axis));
  }
  v.set(0, dtype, std::move(out));
}

// max, subtract, exp, sum and divide; one row as the standard Softmax of that opset has it.
Work softmax_cost(const OpView& v) {
  const TensorFact& x = v.in(0);
  Work w;
  if (!x.has_shape) {
    w.integer_ops = w.transcendentals = Count::unknown();
    return w;
  }
  const bool per_axis = v.attr_int("opset", 13) >= 13;
  const std::size_t axis = v.normalize_axis(v.attr_int("axis", per_axis ? -1 : 1), x.rank());
  const Count n = x.elements();
  const Count cols = product(x.shape, axis, per_axis ? axis + 1 : x.rank());
  w.integer_ops = combined(n, n / cols) * 2U + n;
  w.transcendentals = n * 2U;
  w.geometry = row_geometry(n / cols, cols);
  return w;
}

// --- pooling and reduction
// ------------------------------------------------------------------------

bool channels_last(const OpView& v) {
  return v.attr_int("channels_last", 0) != 0 || v.type().starts_with("Nhwc");
}

// Output extents of a pooling window over the spatial axes.
void pool_shape(const InferView& v) {
  const TensorFact& x = v.in(0);
  if (!x.has_shape || x.rank() < 3) return v.set_unknown_rank(0, x.dtype);
  const std::size_t rank = x.rank() - 2;
  const std::size_t first = channels_last(v) ? 1 : 2;
  const Window window = read_window(v, rank);
  const auto rounding =
      v.attr_int("ceil_mode", 0) != 0 ? WindowRounding::kCeil : WindowRounding::kFloor;
  Shape out = x.shape;
  for (std::size_t i = 0; i < rank; ++i) {
    out[first + i] = window_extent(v, window, i, x.shape[first + i], rounding);
  }
  v.set(0, x.dtype, std::move(out));
}

Work pool_cost(const OpView& v, bool average) {
  const TensorFact& x = v.in(0);
  const Count n = v.out(0).elements();
  if (!x.has_shape || x.rank() < 3) v.fail("pooling needs a batch, a channel and spatial axes");
  const Count points = read_window(v, x.rank() - 2).kernel_points();
  Work w = arithmetic(x.dtype, n * (points - 1U), 1);
  if (average) w.transcendentals = n;
  w.geometry = row_geometry(n, points);
  return w;
}

Work average_pool_cost(const OpView& v) { return pool_cost(v, true); }
Work max_pool_cost(const OpView& v) { return pool_cost(v, false); }

void global_pool_shape(const InferView& v) {
  const TensorFact& x = v.in(0);
  if (!x.has_shape || x.rank() < 3) return v.set_unknown_rank(0, x.dtype);
  const std::size_t channel = channels_last(v) ? x.rank() - 1 : 1;
  Shape out = x.shape;
  for (std::size_t i = 1; i < out.size(); ++i) {
    if (i != channel) out[i] = 1;
  }
  v.set(0, x.dtype, std::move(out));
}

void reduce_mean_shape(const InferView& v) {
  const TensorFact& x = v.in(0);
  if (!x.has_shape) return v.set_unknown_rank(0, x.dtype);
  std::vector<bool> reduced(x.rank(), v.attr_ints("axes").empty());
  for (const std::int64_t a : v.attr_ints("axes")) reduced[v.normalize_axis(a, x.rank())] = true;
  Shape out;
  for (std::size_t i = 0; i < x.rank(); ++i) {
    if (!reduced[i]) {
      out.push_back(x.shape[i]);
    } else if (v.attr_int("keepdims", 1) != 0) {
      out.push_back(1);
    }
  }
  v.set(0, x.dtype, std::move(out));
}

// Sums of what disappears, and a division of each result.
Work mean_cost(const OpView& v) {
  const Count in = v.in(0).elements();
  const Count out = v.out(0).elements();
  Work w = arithmetic(v.in(0).dtype, combined(in, out), 1);
  w.transcendentals = out;
  w.geometry = row_geometry(out, in / out);
  return w;
}

// --- convolution
// ----------------------------------------------------------------------------------

ConvOperands conv_operands(const OpView& v) {
  return {.x = 0,
          .w = 3,
          .bias = 8,
          .layout = channels_last(v) ? ConvOperands::Layout::kChannelsLast
                                     : ConvOperands::Layout::kChannelsFirst};
}

void conv_shape_rule(const InferView& v) {
  const DType dtype = v.in(7).dtype;
  if (auto shape = conv_shape(v, conv_operands(v))) {
    v.set(0, dtype, std::move(*shape));
  } else {
    v.set_unknown_rank(0, dtype);
  }
}

// As the standard QLinearConv: zero points of both operands; sums rescaled, shifted and clamped.
Work conv_cost(const OpView& v) {
  Work w = conv_work(v, conv_operands(v));
  w.math = DType::kInt8;
  add_zero_point(v, 0, 2, w);
  add_zero_point(v, 3, 5, w);
  w.flops += v.out(0).elements() * 4U;
  return w;
}

// --- quantisation
// ---------------------------------------------------------------------------------

void quantize_shape(const InferView& v) {
  copy_type(v, 0, 0, v.has_in(2) ? v.in(2).dtype : DType::kUint8);
}

Work quantize_cost(const OpView& v) {
  const Count n = v.in(0).elements();
  return arithmetic(DType::kFloat32, n, v.has_in(2) ? 3 : 2, 1);
}

void dequantize_shape(const InferView& v) { copy_type(v, 0, 0, v.in(1).dtype); }

Work dequantize_cost(const OpView& v) {
  Work w;
  w.flops = v.in(0).elements();
  add_zero_point(v, 0, 2, w);
  return w;
}

void quantize_with_order_shape(const InferView& v) { copy_type(v, 0, 0, DType::kInt8); }
void dequantize_with_order_shape(const InferView& v) {
  copy_type(v, 0, 0, attr_dtype(v, "to", DType::kFloat32));
}

// Block floating point: bytes of the packed form depend on the format that bfp_type names.
void quantize_bfp_shape(const InferView& v) {
  v.set(0, DType::kUint8, {Dim()});
  const Dim rank = v.in(0).has_shape ? Dim(static_cast<std::int64_t>(v.in(0).rank())) : Dim();
  v.set(1, DType::kInt64, {rank});
  v.set(2, DType::kInt64, {rank});
}

void dequantize_bfp_shape(const InferView& v) {
  const DType dtype = attr_dtype(v, "dtype", DType::kFloat32);
  const auto extents = v.ints(1);
  if (!extents) return v.set_unknown_rank(0, dtype);
  Shape out;
  for (const std::int64_t d : *extents) out.push_back(d);
  v.set(0, dtype, std::move(out));
}

// The largest exponent of each block (1 compare per element) and 1 rounding division per element.
Work quantize_bfp_cost(const OpView& v) {
  return arithmetic(DType::kFloat32, v.in(0).elements(), 1, 1);
}
Work dequantize_bfp_cost(const OpView& v) {
  return arithmetic(DType::kFloat32, v.out(0).elements(), 1);
}

// int8 in and out, float between.
Work qordered_gelu_cost(const OpView& v) {
  const Count n = v.in(0).elements();
  Work w = arithmetic(DType::kFloat32, n, 1 + kGelu.flops + 2, kGelu.transcendentals + 1);
  return w;
}

Work qordered_layer_norm_cost(const OpView& v) {
  const Count n = v.in(0).elements();
  Work w = norm_work(leading(v, 0), v.in_dim(0, -1).count(), {.bias = v.has_in(3)});
  w.flops += n * 3U;
  w.transcendentals += n;
  return w;
}

constexpr OpClass kElement = OpClass::kElementwise;
constexpr OpClass kQuantize = OpClass::kQuantize;

constexpr OpSpec kOps[] = {
    {kMicrosoft, "QLinearAdd", 1, kElement, binary_shape, per_element<1>, each_once,
     "1 integer operation per output element; rescaling folds into constants"},
    {kMicrosoft, "QLinearMul", 1, kElement, binary_shape, per_element<1>, each_once,
     "1 integer operation per output element; rescaling folds into constants"},
    {kMicrosoft, "QLinearConcat", 1, OpClass::kMovement, concat_shape, no_work, each_once,
     "no arithmetic where scales agree, which is taken to be so: a copy"},
    {kMicrosoft, "QLinearWhere", 1, kElement, where_shape, no_work, each_once,
     "no arithmetic: a choice per element"},
    {kMicrosoft, "QLinearSigmoid", 1, kElement, same_as_first, per_element<2, 2>, each_once,
     "2 integer operations and 2 transcendentals per element, as Sigmoid"},
    {kMicrosoft, "QLinearLeakyRelu", 1, kElement, same_as_first, per_element<2>, each_once,
     "2 integer operations (compare, multiply) per element"},
    {kMicrosoft, "QLinearSoftmax", 1, OpClass::kSoftmax, same_as_first, softmax_cost, each_once,
     "3n - 2 integer operations and 2n transcendentals per row of n, as Softmax"},
    {kMicrosoft, "QLinearAveragePool", 1, OpClass::kPooling, pool_shape, average_pool_cost,
     each_once, "kernel points - 1 integer operations and 1 division per output element"},
    {kMicrosoft, "NhwcMaxPool", 1, OpClass::kPooling, pool_shape, max_pool_cost, each_once,
     "kernel points - 1 operations (max) per output element"},
    {kMicrosoft, "QLinearGlobalAveragePool", 1, OpClass::kPooling, global_pool_shape, mean_cost,
     each_once, "spatial points - 1 integer operations and 1 division per channel"},
    {kMicrosoft, "QLinearReduceMean", 1, OpClass::kReduction, reduce_mean_shape, mean_cost,
     each_once, "input - output elements integer operations, 1 division per output element"},
    {kMicrosoft, "QLinearConv", 1, OpClass::kConvolution, conv_shape_rule, conv_cost, each_once,
     "int8 MACs as Conv; zero points 1 integer operation per operand element; bias; rescaling 4 "
     "FLOPs per output element"},
    {kMicrosoft, "QuantizeLinear", 1, kQuantize, quantize_shape, quantize_cost, each_once,
     "per element 1 transcendental (division) and 2 FLOPs (clamp), 1 more with a zero point"},
    {kMicrosoft, "DequantizeLinear", 1, kQuantize, dequantize_shape, dequantize_cost, each_once,
     "per element 1 FLOP (scale) and 1 integer operation for a zero point", nullptr, kNeverFolded},
    {kMicrosoft, "QuantizeWithOrder", 1, kQuantize, quantize_with_order_shape,
     per_input_element<2, 1>, each_once, "2 FLOPs (clamp) and 1 division per element"},
    {kMicrosoft, "DequantizeWithOrder", 1, kQuantize, dequantize_with_order_shape,
     dequantize_bfp_cost, each_once, "1 FLOP (scale) per element", nullptr, kNeverFolded},
    {kMicrosoft, "QuantizeBFP", 1, kQuantize, quantize_bfp_shape, quantize_bfp_cost, each_once,
     "1 compare and 1 division per element; the packed size depends on the format"},
    {kMicrosoft, "DequantizeBFP", 1, kQuantize, dequantize_bfp_shape, dequantize_bfp_cost,
     each_once, "1 FLOP (scale) per element", nullptr, kNeverFolded},
    {kMicrosoft, "QOrderedGelu", 1, kElement, same_as_first, qordered_gelu_cost, each_once,
     "Gelu (3 FLOPs, 2 transcendentals) + scale 1, clamp 2 and 1 division per element"},
    {kMicrosoft, "QOrderedLayerNormalization", 1, OpClass::kNormalization, same_as_first,
     qordered_layer_norm_cost, each_once,
     "LayerNormalization + scale 1, clamp 2 and 1 division per element"},
};

}  // namespace

std::span<const OpSpec> ms_quant_ops() { return kOps; }

}  // namespace aiprof::ops
