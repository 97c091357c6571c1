// com.microsoft: gradients and bookkeeping of training graphs, and collectives.
#include <algorithm>
#include <utility>

#include "ops/attention.h"
#include "ops/contrib.h"
#include "ops/convolution.h"
#include "ops/evaluate.h"
#include "ops/families.h"
#include "ops/rules.h"

namespace aiprof::ops {
namespace {

constexpr StandardOp kConcat{"Concat", 13};
constexpr StandardOp kReduceSum{"ReduceSum", 13};
constexpr StandardOp kGather{"Gather", 13};

// --- element-wise gradients
// -----------------------------------------------------------------------

// dY and what the forward pass kept have one shape; a bias is added again first.
Work bias_gelu_grad_work(const OpView& v) {
  Work w = per_input_element<8, 3>(v);
  w.flops += v.in(0).elements();
  return w;
}

Work bias_fast_gelu_grad_work(const OpView& v) {
  Work w = per_input_element<15, 1>(v);
  w.flops += v.in(0).elements();
  return w;
}

// --- softmax and cross entropy
// --------------------------------------------------------------------

// Up to opset 12 the axes from `axis` on form a row; the names ending in _13 have `axis` alone.
Count softmax_rows(const OpView& v) {
  const TensorFact& x = v.in(0);
  if (!x.has_shape) return Count::unknown();
  const bool per_axis = v.type().ends_with("_13");
  const std::size_t axis = v.normalize_axis(v.attr_int("axis", per_axis ? -1 : 1), x.rank());
  return x.elements() / product(x.shape, axis, per_axis ? axis + 1 : x.rank());
}

// Y * (dY - sum(dY * Y)).
Work softmax_grad_work(const OpView& v) {
  const Count n = v.in(0).elements();
  const Count rows = softmax_rows(v);
  Work w;
  w.flops = n * 3U + combined(n, rows);
  w.geometry = row_geometry(rows, n / rows);
  return w;
}

// dY - exp(Y) * sum(dY).
Work log_softmax_grad_work(const OpView& v) {
  const Count n = v.in(0).elements();
  const Count rows = softmax_rows(v);
  Work w;
  w.flops = n * 2U + combined(n, rows);
  w.transcendentals = n;
  w.geometry = row_geometry(rows, n / rows);
  return w;
}

// Scores [N, C, ...], labels [N, ...]; outputs: loss, log probabilities.
void cross_entropy_shape(const InferView& v) {
  const DType dtype = attr_dtype(v, "output_type", v.in(0).dtype);
  if (v.attr_string("reduction", "mean") == "none") {
    copy_type(v, 1, 0, dtype);
  } else {
    v.set(0, dtype, {});
  }
  copy_type(v, 0, 1);
}

// LogSoftmax over the classes; a negation per label, a product if labels have weights or may be
// ignored (input 3), their sum, and for the mean a division, by the sum of the weights where there
// are any. As the standard SoftmaxCrossEntropyLoss.
Work cross_entropy_work(const OpView& v) {
  const Count n = v.in(0).elements();
  const Count labels = v.in(1).elements();
  Work w;
  const bool weighted = v.has_in(2) || v.has_in(3);
  w.flops = n * 2U + combined(n, labels) * 2U + labels * (weighted ? 2U : 1U);
  w.transcendentals = n + labels;
  if (v.has_in(3)) w.integer_ops = labels;
  const auto reduction = v.attr_string("reduction", "mean");
  if (reduction != "none") w.flops += combined(labels, 1U);
  if (reduction == "mean") {
    w.transcendentals += 1U;
    if (weighted) w.flops += combined(labels, 1U);
  }
  w.geometry = row_geometry(labels, n / labels);
  return w;
}

void cross_entropy_grad_shape(const InferView& v) {
  copy_type(v, 1, 0, attr_dtype(v, "output_type", v.in(1).dtype));
}

// (exp(log p) - 1 at the label) * dY / count.
Work cross_entropy_grad_work(const OpView& v) {
  const Count n = v.in(1).elements();
  const Count labels = v.in(2).elements();
  Work w;
  w.flops = n + labels + (v.has_in(5) ? n : Count(0U));
  w.transcendentals = n;
  return w;
}

// --- normalisation
// --------------------------------------------------------------------------------

// Y_grad, X, scale, ... -> X_grad, scale_grad, bias_grad.
void norm_grad_shape(const InferView& v) {
  copy_type(v, 1, 0);
  copy_type(v, 2, 1);
  copy_type(v, 2, 2);
}

struct RowsOf {
  Count n, rows, cols;
};

RowsOf rows_of(const OpView& v) {
  const TensorFact& x = v.in(1);
  if (!x.has_shape) return {};
  const std::size_t axis = v.normalize_axis(v.attr_int("axis", -1), x.rank());
  return {x.elements(), product(x.shape, 0, axis), product(x.shape, axis, x.rank())};
}

// xhat = (x - mean) * inv_std (2); dxhat = dY * scale (1); sums of dxhat and dxhat * xhat (3);
// inv_std * (dxhat - mean1 - xhat * mean2) (4); sums of dY * xhat and dY over the rows (3).
Work layer_norm_grad_work(const OpView& v) {
  const auto [n, rows, cols] = rows_of(v);
  Work w;
  w.flops = n * 8U + combined(n, rows) * 2U + n + combined(n, cols) * 2U;
  w.transcendentals = rows * 2U;
  w.geometry = row_geometry(rows, cols);
  return w;
}

// The same without means and bias.
Work rms_norm_grad_work(const OpView& v) {
  const auto [n, rows, cols] = rows_of(v);
  Work w;
  w.flops = n * 6U + combined(n, rows) + n + combined(n, cols);
  w.transcendentals = rows;
  w.geometry = row_geometry(rows, cols);
  return w;
}

// Per channel: xhat (2), sums of dY and dY * xhat (3), X_grad (4).
Work batch_norm_grad_work(const OpView& v) {
  const Count n = v.in(1).elements();
  const Count channels = v.in(2).elements();
  Work w;
  w.flops = n * 7U + combined(n, channels) * 2U;
  w.transcendentals = channels * 2U;
  w.geometry = row_geometry(channels, n / channels);
  return w;
}

// --- convolution
// ----------------------------------------------------------------------------------

// dY, X, W -> dX, dW, dB.
void conv_grad_shape(const InferView& v) {
  copy_type(v, 1, 0);
  copy_type(v, 2, 1);
  v.set(2, v.in(2).dtype, {v.in_dim(2, 0)});
}

// Each gradient that is asked for has the forward pass's MACs; the bias sums dY.
Work conv_grad_work(const OpView& v) {
  const TensorFact& x = v.in(1);
  const TensorFact& dy = v.in(0);
  const TensorFact& weight = v.in(2);
  if (!x.has_shape || !dy.has_shape || !weight.has_shape || x.rank() < 3 ||
      weight.rank() != x.rank() || dy.rank() != x.rank()) {
    v.fail("shapes of X, W and dY are needed");
  }
  const Count groups(v.attr_int("group", 1));
  Work w = conv_work(ConvExtents{.images = x.shape[0].count(),
                                 .in_channels = x.shape[1].count(),
                                 .out_channels = weight.shape[0].count(),
                                 .groups = groups,
                                 .kernel_points = product(weight.shape, 2, weight.rank()),
                                 .points = product(dy.shape, 2, dy.rank())});
  const unsigned gradients = (v.has_out(0) ? 1U : 0U) + (v.has_out(1) ? 1U : 0U);
  w.macs *= gradients;
  w.geometry.batch *= gradients;
  w.math = x.dtype;
  if (v.has_out(2)) w.flops += combined(dy.elements(), weight.shape[0].count());
  return w;
}

// --- indexing
// -------------------------------------------------------------------------------------

// Output 0 has the shape that input `kShapeInput` holds, and the dtype of input `kData`.
template <std::size_t kShapeInput, std::size_t kData>
void shape_from_value(const InferView& v) {
  const DType dtype = v.in(kData).dtype;
  const ValueRef extents = v.value_ref(kShapeInput);
  if (extents == nullptr || extents->kind != Value::Kind::kInt) {
    const Dim rank = v.in_dim(kShapeInput, 0);
    if (!rank.known() || rank.count().value() > kSmallValue) return v.set_unknown_rank(0, dtype);
    Shape unknown;
    unknown.resize(static_cast<std::size_t>(rank.value()));
    return v.set(0, dtype, std::move(unknown));
  }
  Shape out;
  for (const Scalar& s : extents->elements) out.push_back(s.known ? Dim(s.i) : Dim());
  v.set(0, dtype, std::move(out));
}

// Rows of the same index are summed: 1 addition per element of the gradient.
template <std::size_t kData>
Work scatter_add_work(const OpView& v) {
  return arithmetic(v.in(kData).dtype, v.in(kData).elements(), 1);
}

// --- bookkeeping
// ----------------------------------------------------------------------------------

void concat_training_shape(const InferView& v) {
  twin_shape<kConcat>(v);
  v.set(1, DType::kInt64, {static_cast<std::int64_t>(v.num_inputs())});
}

void concat_training_value(const InferView& v) {
  twin_value<kConcat>(v);
  auto lengths = std::make_shared<Value>();
  for (std::size_t i = 0; i < v.num_inputs(); ++i) {
    const Dim d = v.in_dim(i, v.attr_int("axis", 0));
    lengths->elements.push_back(d.known() ? Scalar::of(d.value()) : Scalar());
  }
  v.set_value(1, std::move(lengths));
}

using AxisList = InlineVector<std::int64_t, 8>;

struct BroadcastAxes {
  AxisList a, b;
};

// Axes over which each operand's gradient is summed: those it was broadcast on. From last to first.
std::optional<BroadcastAxes> broadcast_axes(const OpView& v) {
  const auto a = v.ints(0);
  const auto b = v.ints(1);
  if (!a || !b) return std::nullopt;
  BroadcastAxes axes;
  const std::size_t rank = std::max(a->size(), b->size());
  for (std::size_t back = 1; back <= rank; ++back) {
    const auto axis = static_cast<std::int64_t>(rank - back);
    if (back > a->size()) {
      axes.a.push_back(axis);
    } else if (back > b->size()) {
      axes.b.push_back(axis);
    } else if (const auto x = (*a)[a->size() - back], y = (*b)[b->size() - back]; x != y) {
      if (x != 1 && y != 1) v.fail("the shapes do not broadcast");
      (x == 1 ? axes.a : axes.b).push_back(axis);
    }
  }
  return axes;
}

void broadcast_args_shape(const InferView& v) {
  const auto axes = broadcast_axes(v);
  const DType dtype = v.in(0).dtype;
  v.set(0, dtype, {axes ? Dim(static_cast<std::int64_t>(axes->a.size())) : Dim()});
  v.set(1, dtype, {axes ? Dim(static_cast<std::int64_t>(axes->b.size())) : Dim()});
}

void broadcast_args_value(const InferView& v) {
  if (const auto axes = broadcast_axes(v)) {
    v.set_ints(0, axes->a);
    v.set_ints(1, axes->b);
  }
}

// Hands outputs to the framework and takes their gradients in return, which have their shapes.
void yield_shape(const InferView& v) {
  const auto skipped = v.attr_ints("non_differentiable_outputs");
  std::size_t o = 0;
  for (std::size_t i = 0; i < v.num_inputs(); ++i) {
    const auto index = static_cast<std::int64_t>(i);
    if (std::find(skipped.begin(), skipped.end(), index) == skipped.end()) copy_type(v, i, o++);
  }
}

void accumulate_shape(const InferView& v) {
  v.set(0, DType::kBool, {1});
  copy_type(v, 0, 1);
}

void write_first(const OpView& /*v*/, Traffic& t) { t.write(0); }

void l2_shape(const InferView& v) { v.set(0, DType::kFloat32, {}); }

Work l2_work(const OpView& v) {
  Work w;
  for (std::size_t i = 0; i < v.num_inputs(); ++i) w.flops += v.in(i).elements() * 2U;
  w.flops = combined(w.flops, 1U);
  w.transcendentals = 1U;
  return w;
}

// --- collectives
// ----------------------------------------------------------------------------------

void each_as_input(const InferView& v) {
  for (std::size_t o = 0; o < v.num_outputs(); ++o) copy_type(v, o, o);
}

std::int64_t group_size(const OpView& v) {
  return std::max<std::int64_t>(1, v.attr_int("group_size", 1));
}

// Adds of a ring, on one device: (g - 1) / g of the elements.
Work all_reduce_work(const OpView& v) {
  const Count g(group_size(v));
  Work w;
  for (std::size_t i = 0; i < v.num_inputs(); ++i) {
    add_work(w, arithmetic(v.in(i).dtype, v.in(i).elements() * (g - 1U) / g, 1));
  }
  return w;
}

void all_gather_shape(const InferView& v) {
  const TensorFact& x = v.in(0);
  if (!x.has_shape) return v.set_unknown_rank(0, x.dtype);
  Shape out = x.shape;
  const std::size_t axis = v.normalize_axis(v.attr_int("axis", 0), out.size());
  out[axis] = out[axis] * Dim(group_size(v));
  v.set(0, x.dtype, std::move(out));
}

constexpr OpClass kElement = OpClass::kElementwise;
constexpr OpClass kNorm = OpClass::kNormalization;
constexpr OpClass kCollective = OpClass::kCollective;

constexpr OpSpec kOps[] = {
    {kMicrosoft, "ReluGrad", 1, kElement, same_as_first, per_input_element<1>, each_once,
     "1 FLOP (compare) per element"},
    {kMicrosoft, "LeakyReluGrad", 1, kElement, same_as_first, per_input_element<2>, each_once,
     "2 FLOPs (compare, multiply) per element"},
    {kMicrosoft, "SigmoidGrad", 1, kElement, same_as_first, per_input_element<3>, each_once,
     "3 FLOPs per element: dY Y (1 - Y)"},
    {kMicrosoft, "TanhGrad", 1, kElement, same_as_first, per_input_element<3>, each_once,
     "3 FLOPs per element: dY (1 - Y Y)"},
    {kMicrosoft, "GeluGrad", 1, kElement, same_as_first, per_input_element<8, 3>, each_once,
     "8 FLOPs, division, erf and exp per element"},
    {kMicrosoft, "FastGeluGrad", 1, kElement, same_as_first, per_input_element<15, 1>, each_once,
     "15 FLOPs and tanh per element"},
    {kMicrosoft, "QuickGeluGrad", 1, kElement, same_as_first, per_input_element<8, 2>, each_once,
     "8 FLOPs, exp and division per element"},
    {kMicrosoft, "BiasGeluGrad_dX", 1, kElement, same_as_first, bias_gelu_grad_work, each_once,
     "9 FLOPs (bias, GeluGrad 8), division, erf and exp per element"},
    {kMicrosoft, "BiasFastGeluGrad_dX", 1, kElement, same_as_first, bias_fast_gelu_grad_work,
     each_once, "16 FLOPs (bias, FastGeluGrad 15) and tanh per element"},
    {kMicrosoft, "DropoutGrad", 1, kElement, same_as_first, per_input_element<2>, each_once,
     "2 FLOPs (mask, scale) per element"},
    {kMicrosoft, "BitmaskDropoutGrad", 1, kElement, same_as_first, per_input_element<2>, each_once,
     "2 FLOPs (mask, scale) per element"},
    {kMicrosoft, "SoftmaxGrad", 1, OpClass::kSoftmax, same_as_first, softmax_grad_work, each_once,
     "4n - 1 FLOPs per row of n: Y (dY - sum(dY Y))"},
    {kMicrosoft, "SoftmaxGrad_13", 1, OpClass::kSoftmax, same_as_first, softmax_grad_work,
     each_once, "4n - 1 FLOPs per row of n: Y (dY - sum(dY Y))"},
    {kMicrosoft, "LogSoftmaxGrad", 1, OpClass::kSoftmax, same_as_first, log_softmax_grad_work,
     each_once, "3n - 1 FLOPs and n exp per row of n: dY - exp(Y) sum(dY)"},
    {kMicrosoft, "LogSoftmaxGrad_13", 1, OpClass::kSoftmax, same_as_first, log_softmax_grad_work,
     each_once, "3n - 1 FLOPs and n exp per row of n: dY - exp(Y) sum(dY)"},
    {kMicrosoft, "SoftmaxCrossEntropyLossInternal", 1, OpClass::kLoss, cross_entropy_shape,
     cross_entropy_work, each_once,
     "LogSoftmax over classes (4n - 2 FLOPs, n exp, 1 log per label) + negation, weight and mean"},
    {kMicrosoft, "SoftmaxCrossEntropyLossInternalGrad", 1, OpClass::kLoss, cross_entropy_grad_shape,
     cross_entropy_grad_work, each_once, "1 FLOP and 1 exp per score, 1 FLOP per label"},
    {kMicrosoft, "LayerNormalizationGrad", 1, kNorm, norm_grad_shape, layer_norm_grad_work,
     each_once, "13 FLOPs per element (less 2 per row and column); 2 divisions per row"},
    {kMicrosoft, "SimplifiedLayerNormalizationGrad", 1, kNorm, norm_grad_shape, rms_norm_grad_work,
     each_once, "9 FLOPs per element (less 1 per row and column); 1 division per row"},
    {kMicrosoft, "BatchNormalizationGrad", 1, kNorm, norm_grad_shape, batch_norm_grad_work,
     each_once, "9 FLOPs per element (less 2 per channel); 2 divisions per channel"},
    {kMicrosoft, "ConvGrad", 1, OpClass::kConvolution, conv_grad_shape, conv_grad_work, each_once,
     "the forward convolution's MACs for each of dX and dW; dB sums dY"},
    {kMicrosoft, "GatherGrad", 1, OpClass::kGather, shape_from_value<0, 2>, scatter_add_work<2>,
     each_once, "1 FLOP (add) per element of dY"},
    {kMicrosoft, "GatherNDGrad", 1, OpClass::kGather, shape_from_value<0, 2>, scatter_add_work<2>,
     each_once, "1 FLOP (add) per element of the update"},
    {kMicrosoft, "GatherElementsGrad", 1, OpClass::kGather, shape_from_value<1, 0>,
     scatter_add_work<0>, each_once, "1 FLOP (add) per element of dY"},
    {kMicrosoft, "SliceGrad", 1, OpClass::kMovement, shape_from_value<1, 0>, no_work, each_once,
     "no arithmetic: dY in a tensor of zeros"},
    {kMicrosoft, "ShrunkenGather", 1, OpClass::kGather, twin_shape<kGather>, no_work,
     twin_traffic<kGather>, "no arithmetic: only the gathered rows are read"},
    {kMicrosoft, "ConcatTraining", 1, OpClass::kMovement, concat_training_shape, no_work, each_once,
     "no arithmetic: a copy", concat_training_value},
    {kMicrosoft, "ReduceSumTraining", 1, OpClass::kReduction, twin_shape<kReduceSum>,
     twin_work<kReduceSum>, each_once, "input - output elements FLOPs", twin_value<kReduceSum>},
    {kMicrosoft, "BroadcastGradientArgs", 1, OpClass::kView, broadcast_args_shape, no_work,
     no_traffic, "free: axes from shapes", broadcast_args_value},
    {kMicrosoft, "YieldOp", 1, OpClass::kView, yield_shape, no_work, no_traffic,
     "free: outputs are handed over and their gradients taken"},
    {kMicrosoft, "InPlaceAccumulatorV2", 1, kElement, accumulate_shape, per_input_element<1>,
     each_once, "1 FLOP (add) per element"},
    {kMicrosoft, "ZeroGradient", 1, OpClass::kMovement, same_as_first, no_work, write_first,
     "no arithmetic: writes zeros"},
    {kMicrosoft, "Scale", 1, kElement, same_as_first, per_input_element<1>, each_once,
     "1 FLOP per element"},
    {kMicrosoft, "ReduceAllL2", 1, OpClass::kReduction, l2_shape, l2_work, each_once,
     "2 n - 1 FLOPs over all elements of all inputs, 1 root"},
    {kMicrosoft, "AllReduce", 1, kCollective, each_as_input, all_reduce_work, each_once,
     "(g - 1) / g adds per element for a group of g, as in a ring"},
    {kMicrosoft, "NcclAllReduce", 1, kCollective, each_as_input, all_reduce_work, each_once,
     "(g - 1) / g adds per element for a group of g, as in a ring"},
    {kMicrosoft, "AllGather", 1, kCollective, all_gather_shape, no_work, each_once,
     "no arithmetic: every device receives all parts"},
    {kMicrosoft, "AllToAll", 1, kCollective, each_as_input, no_work, each_once,
     "no arithmetic: devices exchange parts"},
};

}  // namespace

std::span<const OpSpec> ms_training_ops() { return kOps; }

}  // namespace aiprof::ops
