// Comparisons, logic, bitwise operations and selection.
#include "ops/evaluate.h"
#include "ops/families.h"

namespace aiprof::ops {
namespace {

// --- shapes -------------------------------------------------------------------------------------

// Before opset 7: with `broadcast` the second operand is stretched onto the first, else both have
// one shape.
void limited_to_bool(const InferView& v) {
  if (v.attr_int("broadcast", 0) != 0) {
    copy_type(v, 0, 0, DType::kBool);
  } else {
    broadcast_to_bool(v);
  }
}

void first_to_bool(const InferView& v) { copy_type(v, 0, 0, DType::kBool); }

void where_shape(const InferView& v) {
  if (auto shape = broadcast_inputs(v)) {
    v.set(0, v.in(1).dtype, std::move(*shape));
  } else {
    v.set_unknown_rank(0, v.in(1).dtype);
  }
}

// --- work ---------------------------------------------------------------------------------------

// One comparison for each infinity that is looked for.
Work is_inf_work(const OpView& v) {
  const bool negative = v.attr_int("detect_negative", 1) != 0;
  const bool positive = v.attr_int("detect_positive", 1) != 0;
  return operations(v.in(0).dtype, v.in(0).elements(), (negative ? 1U : 0U) + (positive ? 1U : 0U));
}

// --- values -------------------------------------------------------------------------------------

Scalar equal(Scalar a, Scalar b, DType type) {
  return boolean(is_float(type) ? a.f == b.f : a.i == b.i);
}
Scalar is_less(Scalar a, Scalar b, DType type) { return boolean(less(a, b, type)); }
Scalar is_greater(Scalar a, Scalar b, DType type) { return boolean(less(b, a, type)); }
// Written so that a NaN compares false.
Scalar is_less_or_equal(Scalar a, Scalar b, DType type) {
  return boolean(less(a, b, type) || equal(a, b, type).i != 0);
}
Scalar is_greater_or_equal(Scalar a, Scalar b, DType type) { return is_less_or_equal(b, a, type); }

Scalar logical_and(Scalar a, Scalar b, DType /*type*/) { return boolean(a.i != 0 && b.i != 0); }
Scalar logical_or(Scalar a, Scalar b, DType /*type*/) { return boolean(a.i != 0 || b.i != 0); }
Scalar logical_xor(Scalar a, Scalar b, DType /*type*/) { return boolean((a.i != 0) != (b.i != 0)); }
Scalar logical_not(Scalar x, DType /*type*/) { return boolean(x.i == 0); }

// Sign extension makes the operations on 64 bits those on the narrower type.
Scalar bitwise_and(Scalar a, Scalar b, DType type) { return integer(type, a.i & b.i); }
Scalar bitwise_or(Scalar a, Scalar b, DType type) { return integer(type, a.i | b.i); }
Scalar bitwise_xor(Scalar a, Scalar b, DType type) { return integer(type, a.i ^ b.i); }
Scalar bitwise_not(Scalar x, DType type) { return integer(type, ~x.i); }

Scalar is_nan(Scalar x, DType /*type*/) { return boolean(x.f != x.f); }

void is_inf_value(const InferView& v) {
  if (!evaluable(v)) return;
  auto x = spread(v, 0);
  if (!x) return;
  const bool negative = v.attr_int("detect_negative", 1) != 0;
  const bool positive = v.attr_int("detect_positive", 1) != 0;
  for (Scalar& s : *x) {
    if (!s.known) continue;
    s = boolean((negative && s.f == -__builtin_huge_val()) ||
                (positive && s.f == __builtin_huge_val()));
  }
  set_elements(v, std::move(*x));
}

bool same(Scalar a, Scalar b, DType type) { return a.known && b.known && equal(a, b, type).i != 0; }

// An unknown condition between equal choices does not matter.
void where_value(const InferView& v) {
  if (!evaluable(v)) return;
  const auto condition = spread(v, 0);
  auto x = spread(v, 1);
  const auto y = spread(v, 2);
  if (!condition || !x || !y) return;
  for (std::size_t i = 0; i < x->size(); ++i) {
    const Scalar c = (*condition)[i];
    if (c.known && c.i != 0) continue;
    if (c.known) {
      (*x)[i] = (*y)[i];
    } else if (!same((*x)[i], (*y)[i], v.in(1).dtype)) {
      (*x)[i] = {};
    }
  }
  set_elements(v, std::move(*x));
}

// --- rows ---------------------------------------------------------------------------------------

constexpr OpClass kClass = OpClass::kElementwise;
constexpr std::string_view kCompare =
    "1 comparison per output element: a FLOP on floats, else an integer operation";
constexpr std::string_view kLogic = "1 integer operation per output element";
// Their bodies in ONNX compare twice and join the results; every instruction set has them as one
// comparison, so this is one of the places where a fused operator counts less than its body.
constexpr std::string_view kCompareOnce =
    "1 comparison per output element (the ONNX body makes two and an Or)";

constexpr OpSpec kRows[] = {
    {"", "Equal", 1, kClass, limited_to_bool, each<1>, each_once, kCompare, variadic_value<equal>,
     kInPlace},
    {"", "Equal", 7, kClass, broadcast_to_bool, each<1>, each_once, kCompare, variadic_value<equal>,
     kInPlace},
    {"", "Less", 1, kClass, limited_to_bool, each<1>, each_once, kCompare, variadic_value<is_less>,
     kInPlace},
    {"", "Less", 7, kClass, broadcast_to_bool, each<1>, each_once, kCompare,
     variadic_value<is_less>, kInPlace},
    {"", "Greater", 1, kClass, limited_to_bool, each<1>, each_once, kCompare,
     variadic_value<is_greater>, kInPlace},
    {"", "Greater", 7, kClass, broadcast_to_bool, each<1>, each_once, kCompare,
     variadic_value<is_greater>, kInPlace},
    {"", "LessOrEqual", 12, kClass, broadcast_to_bool, each<1>, each_once, kCompareOnce,
     variadic_value<is_less_or_equal>, kInPlace},
    {"", "GreaterOrEqual", 12, kClass, broadcast_to_bool, each<1>, each_once, kCompareOnce,
     variadic_value<is_greater_or_equal>, kInPlace},

    {"", "And", 1, kClass, limited_to_bool, each<1>, each_once, kLogic, variadic_value<logical_and>,
     kInPlace},
    {"", "And", 7, kClass, broadcast_to_bool, each<1>, each_once, kLogic,
     variadic_value<logical_and>, kInPlace},
    {"", "Or", 1, kClass, limited_to_bool, each<1>, each_once, kLogic, variadic_value<logical_or>,
     kInPlace},
    {"", "Or", 7, kClass, broadcast_to_bool, each<1>, each_once, kLogic, variadic_value<logical_or>,
     kInPlace},
    {"", "Xor", 1, kClass, limited_to_bool, each<1>, each_once, kLogic, variadic_value<logical_xor>,
     kInPlace},
    {"", "Xor", 7, kClass, broadcast_to_bool, each<1>, each_once, kLogic,
     variadic_value<logical_xor>, kInPlace},
    {"", "Not", 1, kClass, first_to_bool, each<1>, each_once, kLogic, unary_value<logical_not>,
     kInPlace},
    {"", "BitwiseAnd", 18, kClass, broadcast_all, each<1>, each_once, kLogic,
     variadic_value<bitwise_and>, kInPlace},
    {"", "BitwiseOr", 18, kClass, broadcast_all, each<1>, each_once, kLogic,
     variadic_value<bitwise_or>, kInPlace},
    {"", "BitwiseXor", 18, kClass, broadcast_all, each<1>, each_once, kLogic,
     variadic_value<bitwise_xor>, kInPlace},
    {"", "BitwiseNot", 18, kClass, same_as_first, each<1>, each_once, kLogic,
     unary_value<bitwise_not>, kInPlace},

    {"", "IsNaN", 9, kClass, first_to_bool, each<1>, each_once, "1 FLOP (compare) per element",
     unary_value<is_nan>, kInPlace},
    {"", "IsInf", 10, kClass, first_to_bool, is_inf_work, each_once,
     "1 FLOP (compare) per element for each sign that is looked for", is_inf_value, kInPlace},
    {"", "Where", 9, kClass, where_shape, no_work, each_once,
     "no arithmetic: condition and both choices read, result written", where_value, kInPlace},
};

}  // namespace

std::span<const OpSpec> logic_ops() { return kRows; }

}  // namespace aiprof::ops
