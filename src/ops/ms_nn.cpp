// com.microsoft: normalisations, activations and convolutions with what surrounds them.
#include <utility>

#include "ops/contrib.h"
#include "ops/convolution.h"
#include "ops/evaluate.h"
#include "ops/families.h"
#include "ops/matmul.h"
#include "ops/rules.h"

namespace aiprof::ops {
namespace {

// --- skip, embed and group normalisations
// ---------------------------------------------------------

Count width_of(const OpView& v) { return v.in_dim(0, -1).count(); }

void skip_norm_shape(const InferView& v) {
  copy_type(v, 0, 0);
  set_with_last(v, 1, DType::kFloat32, 0, 1);  // saved mean and inverse deviation
  set_with_last(v, 2, DType::kFloat32, 0, 1);
  copy_type(v, 0, 3);
}

Work skip_norm(const OpView& v, const NormOptions& options, bool bias) {
  Work w = norm_work(leading(v, 0), width_of(v), options);
  w.flops += v.in(0).elements() * (bias ? 2U : 1U);  // skip, and the bias
  if (v.has_out(2)) w.transcendentals += leading(v, 0);
  return w;
}

Work skip_layer_norm_work(const OpView& v) {
  return skip_norm(v, {.bias = v.has_in(3)}, v.has_in(4));
}
Work skip_rms_norm_work(const OpView& v) { return skip_norm(v, {.centred = false}, v.has_in(3)); }

void embed_norm_shape(const InferView& v) {
  const DType dtype = v.type() == "QEmbedLayerNormalization" ? v.in(8).dtype : v.in(2).dtype;
  const Dim batch = v.in_dim(0, 0);
  const Shape out{batch, v.in_dim(0, 1), v.in_dim(2, 1)};
  v.set(0, dtype, out);
  v.set(1, DType::kInt32, {batch});
  v.set(2, dtype, out);
}

// Sum of the looked-up rows, then a layer norm; the mask index counts the mask's ones.
Work embed_norm_work(const OpView& v) {
  const Count tokens = v.in(0).elements();
  const Count n = tokens * v.in_dim(2, 1).count();
  Work w = norm_work(tokens, v.in_dim(2, 1).count(), {.bias = true});
  w.flops += n * (v.has_in(4) ? 2U : 1U);
  if (v.has_in(7) && v.has_out(1)) w.integer_ops += v.in(7).elements();
  return w;
}

Work qembed_norm_work(const OpView& v) {
  Work w = embed_norm_work(v);
  const Count n = v.in(0).elements() * v.in_dim(2, 1).count();
  add_work(w, dequantize_work(n * (v.has_in(4) ? 3U : 2U)));
  return w;
}

void embed_norm_traffic(const OpView& v, Traffic& t) {
  const Count tokens = v.in(0).elements();
  for (std::size_t i = 0; i < v.num_inputs(); ++i) {
    if (i == 3 && !(v.type() == "EmbedLayerNormalization" && v.has_in(8))) {
      read_rows(v, t, i, v.in_dim(0, 1).count());  // positions are those of one sequence
    } else if (i >= 2 && i <= 4) {
      read_rows(v, t, i, tokens);
    } else {
      t.read(i);
    }
  }
  t.write_all();
}

void skip_group_norm_shape(const InferView& v) { all_same_as_first<2>(v); }

// Every image has `groups` rows whichever axis holds the channels.
Work group_norm_work(const OpView& v) {
  const Count rows = v.in_dim(0, 0).count() * Count(v.attr_int("groups", -1));
  const Count n = v.in(0).elements();
  Work w = norm_work(rows, n / rows, {.bias = true});
  if (v.attr_int("activation", 0) != 0) add_unary(w, v.in(0).dtype, n, kSilu);
  return w;
}

Work skip_group_norm_work(const OpView& v) {
  Work w = group_norm_work(v);
  w.flops += v.in(0).elements() * (v.has_in(4) ? 2U : 1U);
  return w;
}

// RMS norm over groups as wide as the scale, times SiLU of the gate.
Work gated_rms_norm_work(const OpView& v) {
  const Count n = v.in(0).elements();
  const Count cols = v.in(1).elements();
  Work w = norm_work(n / cols, cols, {.centred = false});
  add_unary(w, v.in(0).dtype, n, kSilu);
  w.flops += n;
  return w;
}

Work branchwise_rms_norm_work(const OpView& v) {
  const Count n = v.in(0).elements();
  const std::int64_t branches = v.attr_int("num_branches", 0);
  const Count cols = branches > 0 ? width_of(v) / Count(branches) : width_of(v);
  return norm_work(n / cols, cols, {.centred = false, .scale = v.has_in(1)});
}

// --- biases and activations
// -----------------------------------------------------------------------

Work activation_with_bias(const OpView& v, UnaryCost cost, std::size_t bias) {
  Work w = input_arithmetic(v, cost);
  if (v.has_in(bias)) add_ops(w, v.in(0).dtype, v.in(0).elements());
  return w;
}

Work bias_gelu_work(const OpView& v) { return activation_with_bias(v, kGelu, 1); }
Work fast_gelu_work(const OpView& v) { return activation_with_bias(v, kFastGelu, 1); }
Work quick_gelu_work(const OpView& v) { return input_arithmetic(v, kQuickGelu); }
Work gelu_work(const OpView& v) { return input_arithmetic(v, kGelu); }

void bias_split_gelu_shape(const InferView& v) {
  set_with_last(v, 0, v.in(0).dtype, 0, v.in_dim(0, -1) / Dim(2));
}

// x * gelu(gate), both halves with their bias.
Work bias_split_gelu_work(const OpView& v) {
  Work w = per_input_element<1>(v);
  add_unary(w, v.in(0).dtype, v.out(0).elements(), {kGelu.flops + 1, kGelu.transcendentals});
  return w;
}

Work bias_softmax_work(const OpView& v) {
  const TensorFact& x = v.in(0);
  Work w;
  if (!x.has_shape) {
    w.flops = w.transcendentals = Count::unknown();
    return w;
  }
  const std::size_t axis = v.normalize_axis(v.attr_int("axis", 1), x.rank());
  const Count rows = product(x.shape, 0, axis);
  const Count n = x.elements();
  w.flops = n + combined(n, rows) * 2U + n;  // bias; max, sum, subtraction
  w.transcendentals = n * 2U;
  w.geometry = row_geometry(rows, product(x.shape, axis, x.rank()));
  return w;
}

// Elements are dropped only where training_mode is known to be true, as in Dropout.
bool drops(const OpView& v, std::size_t training) {
  return v.int_scalar(training).value_or(0) != 0;
}

void set_mask(const InferView& v, bool bits) {
  if (!bits) return copy_type(v, 0, 1, DType::kBool);
  v.set(1, DType::kUint32, {Dim::from(ceil_div(v.in(0).elements(), 32U))});
}

void bias_dropout_shape(const InferView& v) {
  copy_type(v, 0, 0);
  set_mask(v, v.type().starts_with("Bitmask"));
}

// Bias and residual; in training a random number (2), a compare and two products besides.
Work bias_dropout_work(const OpView& v) {
  const unsigned sums = 1U + (v.has_in(2) ? 1U : 0U);
  return arithmetic(v.in(0).dtype, v.in(0).elements(), sums + (drops(v, 4) ? 5U : 0U));
}

Work bitmask_dropout_work(const OpView& v) {
  return drops(v, 2) ? per_input_element<5>(v) : Work();
}

void bitmask_dropout_traffic(const OpView& v, Traffic& t) {
  if (drops(v, 2)) {
    t.read(0);
    t.write(0);
  }
  t.write(1);
}

void swiglu_shape(const InferView& v) {
  if (v.has_in(1)) return copy_type(v, 0, 0);
  set_with_last(v, 0, v.in(0).dtype, 0, v.in_dim(0, -1) / Dim(2));
}

// gate * sigmoid(alpha * gate) * (up + beta); clamps of gate (1) and up (2) where there is a limit.
Work swiglu_work(const OpView& v) {
  const unsigned beta = v.attr_float("activation_beta", 0.0) != 0.0 ? 1U : 0U;
  const unsigned limit = v.attr("limit") != nullptr ? 3U : 0U;
  return arithmetic(v.in(0).dtype, v.out(0).elements(), kQuickGelu.flops + 1U + beta + limit,
                    kQuickGelu.transcendentals);
}

// --- convolution and pooling
// ----------------------------------------------------------------------

ConvOperands conv_operands(const OpView& v) {
  ConvOperands o{.x = 0, .w = 1, .bias = 2};
  if (v.type().starts_with("Nhwc")) o.layout = ConvOperands::Layout::kChannelsLast;
  return o;
}

void conv_shape_rule(const InferView& v) {
  if (auto shape = conv_shape(v, conv_operands(v))) {
    v.set(0, v.in(0).dtype, std::move(*shape));
  } else {
    v.set_unknown_rank(0, v.in(0).dtype);
  }
}

Work fused_conv_work(const OpView& v) {
  const DType dtype = v.in(0).dtype;
  const Count n = v.out(0).elements();
  Work w = conv_work(v, conv_operands(v));
  if (v.has_in(3)) add_ops(w, dtype, n);  // the residual
  add_unary(w, dtype, n, activation_cost(v, v.attr_string("activation")));
  return w;
}

std::span<const Dim> kernel_of(const OpView& v) {
  const Shape& w = v.in(1).shape;
  return w.size() > 2 ? std::span<const Dim>(w).subspan(2) : std::span<const Dim>();
}

// Pads are a value: begin of every axis, then end of every axis.
void conv_transpose_dynamic_shape(const InferView& v) {
  const TensorFact& x = v.in(0);
  if (!x.has_shape || x.rank() < 3) return v.set_unknown_rank(0, x.dtype);
  const std::size_t rank = x.rank() - 2;
  Window window = read_window(v, rank, kernel_of(v));
  const auto pads = v.ints(2);
  const bool known = !v.has_in(2) || (pads && pads->size() == rank * 2);
  Shape out{x.shape[0], v.in_dim(1, 1) * Dim(v.attr_int("group", 1))};
  for (std::size_t i = 0; i < rank; ++i) {
    if (pads && known) {
      window.pad_begin[i] = (*pads)[i];
      window.pad_end[i] = (*pads)[rank + i];
    }
    out.push_back(known ? transposed_extent(v, window, i, x.shape[2 + i]) : Dim());
  }
  v.set(0, x.dtype, std::move(out));
}

Work conv_transpose_dynamic_work(const OpView& v) {
  const TensorFact& x = v.in(0);
  if (!x.has_shape || x.rank() < 3) return conv_transpose_work({});
  const Window window = read_window(v, x.rank() - 2, kernel_of(v));
  Work w = conv_transpose_work({.images = x.shape[0].count(),
                                .in_channels = x.shape[1].count(),
                                .out_channels = v.in_dim(1, 1).count() * v.attr_int("group", 1),
                                .groups = v.attr_int("group", 1),
                                .kernel_points = window.kernel_points(),
                                .points = product(x.shape, 2, x.rank())});
  describe_window(window, w.geometry);
  if (v.has_in(3)) add_ops(w, x.dtype, v.out(0).elements());
  return w;
}

// Words of characters: every window of characters by the weights, tanh, and the largest per word.
void word_conv_shape(const InferView& v) { set_with_last(v, 0, v.in(1).dtype, 0, v.in_dim(1, 0)); }

Work word_conv_work(const OpView& v) {
  const Count words = leading(v, 0);
  const Count filters = v.in_dim(1, 0).count();
  const Count window = v.in_dim(1, 2).count();
  const Count places = v.in_dim(0, -1).count() - window + 1U;
  Work w = gemm_work({.m = words * places, .n = filters, .k = window * v.in_dim(3, 1).count()});
  w.math = v.in(1).dtype;
  const Count n = words * places * filters;
  w.flops = n + n - words * filters;  // bias, maximum
  w.transcendentals = n;
  return w;
}

void word_conv_traffic(const OpView& v, Traffic& t) {
  t.read(0);
  t.read(1);
  t.read(2);
  read_rows(v, t, 3, v.in(0).elements());
  t.write(0);
}

constexpr OpClass kElement = OpClass::kElementwise;
constexpr OpClass kNorm = OpClass::kNormalization;
constexpr OpClass kConv = OpClass::kConvolution;
constexpr std::string_view kConvFormula =
    "MACs: output elements x channels / group x kernel points; per output element: bias, residual "
    "and activation";

constexpr OpSpec kOps[] = {
    {kMicrosoft, "SkipLayerNormalization", 1, kNorm, skip_norm_shape, skip_layer_norm_work,
     each_once, "1 FLOP (skip) per element, 1 more with bias, + LayerNormalization"},
    {kMicrosoft, "SkipSimplifiedLayerNormalization", 1, kNorm, skip_norm_shape, skip_rms_norm_work,
     each_once, "1 FLOP (skip) per element, 1 more with bias, + RMSNormalization"},
    {kMicrosoft, "EmbedLayerNormalization", 1, kNorm, embed_norm_shape, embed_norm_work,
     embed_norm_traffic,
     "1 FLOP per element and embedding after the first, + LayerNormalization; only the looked-up "
     "rows are read"},
    {kMicrosoft, "QEmbedLayerNormalization", 1, kNorm, embed_norm_shape, qembed_norm_work,
     embed_norm_traffic,
     "dequantisation (2 integer operations per looked-up element) + EmbedLayerNormalization"},
    {kMicrosoft, "GroupNorm", 1, kNorm, same_as_first, group_norm_work, each_once,
     "GroupNormalization over `groups` rows per image; + SiLU (3 FLOPs, 2 transcendentals) if "
     "activated"},
    {kMicrosoft, "SkipGroupNorm", 1, kNorm, skip_group_norm_shape, skip_group_norm_work, each_once,
     "1 FLOP (skip) per element, 1 more with bias, + GroupNorm"},
    {kMicrosoft, "GatedRMSNorm", 1, kNorm, same_as_first, gated_rms_norm_work, each_once,
     "RMSNormalization + SiLU of the gate (3 FLOPs, 2 transcendentals) + 1 FLOP per element"},
    {kMicrosoft, "BranchwiseRMSNorm", 1, kNorm, same_as_first, branchwise_rms_norm_work, each_once,
     "RMSNormalization of every branch"},
    {kMicrosoft, "GatedAdd", 1, kElement, same_as_first, per_input_element<2>, each_once,
     "2 FLOPs (multiply, add) per element", nullptr, kInPlace},
    {kMicrosoft, "BiasAdd", 1, kElement, same_as_first, per_input_element<2>, each_once,
     "2 FLOPs (bias, skip) per element", nullptr, kInPlace},
    {kMicrosoft, "BiasGelu", 1, kElement, same_as_first, bias_gelu_work, each_once,
     "4 FLOPs (bias, Gelu 3) and 2 transcendentals (division, erf) per element", nullptr, kInPlace},
    {kMicrosoft, "Gelu", 1, kElement, same_as_first, gelu_work, each_once,
     "3 FLOPs and 2 transcendentals (division, erf) per element", nullptr, kInPlace},
    {kMicrosoft, "FastGelu", 1, kElement, same_as_first, fast_gelu_work, each_once,
     "7 FLOPs and 1 tanh per element: a x (1 + tanh(x (b + c x x))); 1 FLOP more with bias",
     nullptr, kInPlace},
    {kMicrosoft, "QuickGelu", 1, kElement, same_as_first, quick_gelu_work, each_once,
     "4 FLOPs and 2 transcendentals per element: x * sigmoid(alpha x)", nullptr, kInPlace},
    {kMicrosoft, "BiasSplitGelu", 1, kElement, bias_split_gelu_shape, bias_split_gelu_work,
     each_once,
     "1 FLOP (bias) per input element; Gelu (3 FLOPs, 2 transcendentals) and 1 FLOP per output "
     "element"},
    {kMicrosoft, "BiasSoftmax", 1, OpClass::kSoftmax, same_as_first, bias_softmax_work, each_once,
     "1 FLOP (bias) per element + Softmax (3n - 2 FLOPs, 2n transcendentals per row of n)"},
    {kMicrosoft, "BiasDropout", 1, kElement, bias_dropout_shape, bias_dropout_work, each_once,
     "1 FLOP (bias) per element, 1 more with residual; 5 more if training_mode is known to be "
     "true"},
    {kMicrosoft, "BitmaskBiasDropout", 1, kElement, bias_dropout_shape, bias_dropout_work,
     each_once,
     "1 FLOP (bias) per element, 1 more with residual; 5 more if training_mode is known to be "
     "true"},
    {kMicrosoft, "BitmaskDropout", 1, OpClass::kView, bias_dropout_shape, bitmask_dropout_work,
     bitmask_dropout_traffic, "free unless training_mode is known to be true: 5 FLOPs per element",
     nullptr, kAliases},
    {kMicrosoft, "ScaledSiLU", 1, kElement, same_as_first, per_input_element<4, 2>, each_once,
     "4 FLOPs and 2 transcendentals per element", nullptr, kInPlace},
    {kMicrosoft, "SwiGLU", 1, kElement, swiglu_shape, swiglu_work, each_once,
     "5 FLOPs (Swish 4, gate product) and 2 transcendentals per output element; 1 more FLOP for "
     "beta, 3 for clamps"},
    {kMicrosoft, "FusedConv", 1, kConv, conv_shape_rule, fused_conv_work, each_once, kConvFormula},
    {kMicrosoft, "NhwcConv", 1, kConv, conv_shape_rule, fused_conv_work, each_once, kConvFormula},
    {kMicrosoft, "NhwcFusedConv", 1, kConv, conv_shape_rule, fused_conv_work, each_once,
     kConvFormula},
    {kMicrosoft, "ConvTransposeWithDynamicPads", 1, kConv, conv_transpose_dynamic_shape,
     conv_transpose_dynamic_work, each_once,
     "MACs: input elements x filters / group x kernel points; bias 1 FLOP per output element"},
    {kMicrosoft, "WordConvEmbedding", 1, kConv, word_conv_shape, word_conv_work, word_conv_traffic,
     "words x windows x filters x window x character size MACs; bias, tanh and maximum"},
};

}  // namespace

std::span<const OpSpec> ms_nn_ops() { return kOps; }

}  // namespace aiprof::ops
