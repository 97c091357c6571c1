// Building blocks of the operators outside the standard domains.
#pragma once

#include <cstddef>
#include <string_view>

#include "aiprof/ops/op_spec.h"

namespace aiprof::ops {

inline constexpr std::string_view kMicrosoft = "com.microsoft";

// --- shapes -------------------------------------------------------------------------------------

// Output `o` has the shape of input `i`, its last extent replaced; unknown rank if that one's is.
void set_with_last(const InferView& v, std::size_t o, DType dtype, std::size_t i, Dim last);

// Outputs 0 to `count` - 1 have the dtype and shape of input 0.
template <std::size_t kCount>
void all_same_as_first(const InferView& v);

// Extents of input i but for the last, multiplied; 1 for rank 1, unknown for an unknown rank.
[[nodiscard]] Count leading(const OpView& v, std::size_t i);

// Dim of a positive integer attribute; unknown if it is absent or not positive.
[[nodiscard]] Dim attr_dim(const OpView& v, std::string_view name);

// Shape of a gather of `indices` along `axis` of `data`.
[[nodiscard]] Shape gather_shape(const Shape& data, std::size_t axis, const Shape& indices);

// --- work ---------------------------------------------------------------------------------------

// Adds the counts of `part`; geometry, dtype and useful work stay those of `into`.
void add_work(Work& into, const Work& part);

// The sum of two contractions that one operator holds; geometry and dtype are those of the larger.
[[nodiscard]] Work joined(const Work& a, const Work& b);

// FLOPs and transcendentals for each element of a function of one variable.
struct UnaryCost {
  unsigned flops = 0;
  unsigned transcendentals = 0;
};
inline constexpr UnaryCost kRelu{1, 0};
inline constexpr UnaryCost kSigmoid{2, 2};    // 1 / (1 + exp(-x)): negate, add; exp, reciprocal
inline constexpr UnaryCost kSilu{3, 2};       // x * sigmoid(x)
inline constexpr UnaryCost kQuickGelu{4, 2};  // x * sigmoid(alpha * x)
inline constexpr UnaryCost kGelu{3, 2};       // x * 0.5 * (1 + erf(x / sqrt 2)): erf, division
inline constexpr UnaryCost kFastGelu{7, 1};   // a * x * (1 + tanh(x * (b + c * x * x)))
inline constexpr UnaryCost kTanh{0, 1};
inline constexpr UnaryCost kSoftplus{1, 2};  // log(1 + exp(x))

// Cost of an activation that an attribute names ("Relu", "LeakyRelu", "gelu", "silu" ..., any case;
// empty, "none" and "identity" cost nothing). Throws RuleError for one it does not know.
[[nodiscard]] UnaryCost activation_cost(const OpView& v, std::string_view name);

// Adds a function of each of `elements` elements: FLOPs become integer operations where `dtype` is
// not floating.
void add_unary(Work& w, DType dtype, Count elements, UnaryCost cost);

// What follows the statistics of a normalisation.
struct NormOptions {
  bool centred = true;  // layer, group, instance norm; false: RMS norm
  bool scale = true;
  bool bias = false;
};

// Normalisation of `rows` rows of `cols` elements each; fills the geometry.
[[nodiscard]] Work norm_work(Count rows, Count cols, const NormOptions& options);

// Reading (q - zero_point) * scale out of `elements` quantised elements.
[[nodiscard]] Work dequantize_work(Count elements);
// Rounding x / scale + zero_point into range.
[[nodiscard]] Work quantize_work(Count elements);

// Reads of a table (input i) of which `rows` rows are looked up: no more than the table has.
void read_rows(const OpView& v, Traffic& t, std::size_t i, Count rows);

// `kFlops` FLOPs and `kTrans` transcendentals for each element of input 0.
template <unsigned kFlops, unsigned kTrans = 0>
Work per_input_element(const OpView& v);

// --- twins of standard operators
// ------------------------------------------------------------------

// The row of a standard operator that another domain repeats. Its rules must not ask for the opset,
// which is the other domain's there.
struct StandardOp {
  std::string_view type;
  int version;
};
[[nodiscard]] const OpSpec& standard_op(const OpView& v, const StandardOp& op);

template <const StandardOp& kOp>
void twin_shape(const InferView& v) {
  standard_op(v, kOp).shape(v);
}
template <const StandardOp& kOp>
void twin_value(const InferView& v) {
  if (const ValueRule rule = standard_op(v, kOp).value) rule(v);
}
template <const StandardOp& kOp>
Work twin_work(const OpView& v) {
  return standard_op(v, kOp).work(v);
}
template <const StandardOp& kOp>
void twin_traffic(const OpView& v, Traffic& t) {
  standard_op(v, kOp).traffic(v, t);
}

// --- definitions of templates -------------------------------------------------------------------

void copy_first_to(const InferView& v, std::size_t count);
[[nodiscard]] Work input_arithmetic(const OpView& v, UnaryCost cost);

template <std::size_t kCount>
void all_same_as_first(const InferView& v) {
  copy_first_to(v, kCount);
}

template <unsigned kFlops, unsigned kTrans>
Work per_input_element(const OpView& v) {
  return input_arithmetic(v, {kFlops, kTrans});
}

}  // namespace aiprof::ops
