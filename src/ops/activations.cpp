// Activation functions, Clip and Dropout.
//
// Counts are those of the function bodies that ONNX defines (constant subexpressions, such as
// sqrt(2) in Gelu, are folded). Sigmoid has no body there and is taken as 1 / (1 + exp(-x)): two
// FLOPs (negate, add) and two transcendentals (exp, division).
#include <algorithm>
#include <cmath>
#include <limits>

#include "ops/evaluate.h"
#include "ops/families.h"

namespace aiprof::ops {
namespace {

// --- work ---------------------------------------------------------------------------------------

// exact: x / sqrt(2), erf, + 1, x * 0.5, product.
// tanh: x^3, * c, + x, * sqrt(2 / pi), tanh, + 1, x * 0.5, product.
Work gelu_work(const OpView& v) {
  const bool tanh = v.attr_string("approximate", "none") == "tanh";
  return operations(v.in(0).dtype, v.out(0).elements(), tanh ? 6 : 3, 2);
}

// A gate swish(a) = a * sigmoid(alpha * a), times b.
Work swiglu_work(const OpView& v) {
  Work w = operations(v.in(0).dtype, v.in(0).elements(), 4, 2);
  w.flops += v.out(0).elements();
  return w;
}

// A bound that is not given is not compared with.
Work clip_work(const OpView& v) {
  const bool low = v.has_in(1) || v.attr("min") != nullptr;
  const bool high = v.has_in(2) || v.attr("max") != nullptr;
  return operations(v.in(0).dtype, v.out(0).elements(), (low ? 1U : 0U) + (high ? 1U : 0U));
}

// --- values -------------------------------------------------------------------------------------

Scalar relu(Scalar x, DType type) {
  return maximum(x, is_float(type) ? Scalar::of_float(0) : Scalar::of(0), type);
}

// The bound of Clip that is input i (from opset 11) or attribute `name`; `none` if it has neither;
// unknown where the input's value is.
Scalar bound(const OpView& v, std::size_t i, std::string_view name, Scalar none) {
  if (v.has_in(i)) {
    const Value* value = v.value(i);
    if (value == nullptr || value->elements.size() != 1) return {};
    const bool real_bound = value->kind == Value::Kind::kFloat;
    return real_bound == is_float(v.in(0).dtype) ? value->elements[0] : Scalar();
  }
  if (v.attr(name) == nullptr) return none;
  return is_float(v.in(0).dtype) ? Scalar::of_float(v.attr_float(name, 0)) : none;
}

void clip_value(const InferView& v) {
  if (!evaluable(v)) return;
  auto x = spread(v, 0);
  if (!x) return;
  const DType type = v.in(0).dtype;
  for (Scalar& s : *x) {
    const Scalar low = bound(v, 1, "min", s);
    const Scalar high = bound(v, 2, "max", low.known ? maximum(s, low, type) : low);
    s = s.known && low.known && high.known ? minimum(maximum(s, low, type), high, type) : Scalar();
  }
  set_elements(v, std::move(*x));
}

// --- Dropout ------------------------------------------------------------------------------------

// Whether elements are really dropped: only where training_mode (input 2, opset 12) is known to be
// true. Earlier versions are taken as inference: their `is_test` is absent or 0 in many files that
// are meant for it, and runtimes ignore it.
bool drops(const OpView& v) { return v.int_scalar(2).value_or(0) != 0; }

void dropout_shape(const InferView& v) {
  same_as_first(v);
  copy_type(v, 0, 1);
}

void dropout_bool_mask_shape(const InferView& v) {
  same_as_first(v);
  copy_type(v, 0, 1, DType::kBool);
}

// Training: a uniform number (2 FLOPs, as RandomUniform), a comparison with the ratio, and the
// product of element, mask and 1 / (1 - ratio).
Work dropout_work(const OpView& v) {
  return drops(v) ? operations(v.in(0).dtype, v.in(0).elements(), 5) : Work();
}

// Inference passes the input on; a mask is still written where it is asked for.
void dropout_traffic(const OpView& v, Traffic& t) {
  if (drops(v)) {
    t.read(0);
    t.write(0);
  }
  t.write(1);
}

void dropout_value(const InferView& v) {
  if (!drops(v)) value_of_first(v);
}

// --- rows ---------------------------------------------------------------------------------------

constexpr OpClass kClass = OpClass::kElementwise;

constexpr OpSpec kRows[] = {
    {"", "Relu", 1, kClass, same_as_first, each<1>, each_once, "1 FLOP (max) per element",
     unary_value<relu>, kInPlace},
    {"", "LeakyRelu", 1, kClass, same_as_first, each<2>, each_once,
     "2 FLOPs (compare, mul) per element", nullptr, kInPlace},
    {"", "PRelu", 1, kClass, same_as_first, each<2>, each_once,
     "2 FLOPs (compare, mul) per element", nullptr, kInPlace},
    {"", "ThresholdedRelu", 1, kClass, same_as_first, each<1>, each_once,
     "1 FLOP (compare) per element", nullptr, kInPlace},
    {"", "Shrink", 9, kClass, same_as_first, each<4>, each_once,
     "4 FLOPs (2 compares, add, sub) per element", nullptr, kInPlace},
    {"", "Clip", 1, kClass, same_as_first, clip_work, each_once,
     "1 FLOP (compare) per element and bound", clip_value, kInPlace},
    {"", "Elu", 1, kClass, same_as_first, each<3, 1>, each_once,
     "3 FLOPs (compare, sub, mul) and 1 exp per element", nullptr, kInPlace},
    {"", "Selu", 1, kClass, same_as_first, each<5, 1>, each_once,
     "5 FLOPs (compare, sub, 3 mul) and 1 exp per element", nullptr, kInPlace},
    {"", "Celu", 12, kClass, same_as_first, each<4, 2>, each_once,
     "4 FLOPs (compare, sub, 2 mul), 1 exp and 1 division per element", nullptr, kInPlace},
    {"", "Sigmoid", 1, kClass, same_as_first, each<2, 2>, each_once,
     "2 FLOPs (neg, add), 1 exp and 1 division per element", nullptr, kInPlace},
    {"", "HardSigmoid", 1, kClass, same_as_first, each<4>, each_once,
     "4 FLOPs (mul, add, min, max) per element", nullptr, kInPlace},
    {"", "HardSwish", 14, kClass, same_as_first, each<5>, each_once,
     "5 FLOPs (hard sigmoid, mul) per element", nullptr, kInPlace},
    {"", "Tanh", 1, kClass, same_as_first, each<0, 1>, each_once, "1 transcendental per element",
     nullptr, kInPlace},
    {"", "Softplus", 1, kClass, same_as_first, each<1, 2>, each_once,
     "1 FLOP (add), 1 exp and 1 log per element", nullptr, kInPlace},
    {"", "Softsign", 1, kClass, same_as_first, each<2, 1>, each_once,
     "2 FLOPs (abs, add) and 1 division per element", nullptr, kInPlace},
    {"", "Mish", 18, kClass, same_as_first, each<2, 3>, each_once,
     "2 FLOPs (add, mul), exp, log and tanh per element", nullptr, kInPlace},
    {"", "Swish", 24, kClass, same_as_first, each<4, 2>, each_once,
     "4 FLOPs (2 mul, sigmoid's neg and add), 1 exp and 1 division per element", nullptr, kInPlace},
    {"", "SwiGLU", 28, kClass, broadcast_all, swiglu_work, each_once,
     "Swish of the gate (4 FLOPs, 2 transcendentals) and 1 FLOP (mul) per output element", nullptr,
     kInPlace},
    {"", "Gelu", 20, kClass, same_as_first, gelu_work, each_once,
     "exact: 3 FLOPs, 1 division, 1 erf per element; tanh: 6 FLOPs, 1 pow, 1 tanh", nullptr,
     kInPlace},

    {"", "Dropout", 1, OpClass::kView, dropout_shape, dropout_work, dropout_traffic,
     "free (inference); a mask that is asked for is written", dropout_value, kAliases},
    {"", "Dropout", 10, OpClass::kView, dropout_bool_mask_shape, dropout_work, dropout_traffic,
     "free (inference); a mask that is asked for is written", dropout_value, kAliases},
    {"", "Dropout", 12, OpClass::kView, dropout_bool_mask_shape, dropout_work, dropout_traffic,
     "free unless training_mode is known to be true: then 5 FLOPs per element (2 for the random "
     "number, compare, 2 mul)",
     dropout_value, kAliases},
};

}  // namespace

std::span<const OpSpec> activation_ops() { return kRows; }

}  // namespace aiprof::ops
