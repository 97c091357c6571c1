// Arithmetic and mathematical functions, one result per element.
//
// A transcendental stands for one call of a mathematical function, whatever its series costs;
// floor, ceil, round and sign count like abs: one FLOP.
#include <cmath>

#include "ops/evaluate.h"
#include "ops/families.h"

namespace aiprof::ops {
namespace {

// --- shapes -------------------------------------------------------------------------------------

// Before opset 7: with `broadcast` the second operand is stretched onto the first, else both have
// one shape.
void limited_broadcast(const InferView& v) {
  if (v.attr_int("broadcast", 0) != 0) {
    same_as_first(v);
  } else {
    broadcast_all(v);
  }
}

// --- work ---------------------------------------------------------------------------------------

// n operands are combined by n - 1 operations per output element.
Work combine_operands(const OpView& v) {
  const std::size_t n = v.num_inputs();
  return operations(v.in(0).dtype, v.out(0).elements() * (n > 0 ? n - 1 : 0), 1);
}

Work mean_operands(const OpView& v) {
  Work w = combine_operands(v);
  w.transcendentals = v.out(0).elements();
  return w;
}

// a - floor(a / b) * b, or trunc: a division, a rounding, a multiplication and a subtraction; on
// integers one remainder instruction.
Work modulo_work(const OpView& v) {
  const DType type = v.in(0).dtype;
  return is_float(type) ? operations(type, v.out(0).elements(), 3, 1)
                        : operations(type, v.out(0).elements(), 1);
}

// --- values -------------------------------------------------------------------------------------

Scalar negate(Scalar x, DType type) {
  return is_float(type) ? Scalar::of_float(-x.f) : subtract(Scalar::of(0), x, type);
}

Scalar sign(Scalar x, DType type) {
  const Scalar zero = is_float(type) ? Scalar::of_float(0) : Scalar::of(0);
  const int s = (less(zero, x, type) ? 1 : 0) - (less(x, zero, type) ? 1 : 0);
  return is_float(type) ? Scalar::of_float(s) : Scalar::of(s);
}

// Applies a function of real numbers; identity on integers, where only rounding gets here.
template <double (*kFunction)(double)>
Scalar real_function(Scalar x, DType type) {
  return is_float(type) ? real(type, kFunction(x.f)) : x;
}

// The default rounding mode is to nearest, ties to even, as Round is defined.
double round_even(double x) { return std::nearbyint(x); }
double floor_of(double x) { return std::floor(x); }
double ceil_of(double x) { return std::ceil(x); }
double sqrt_of(double x) { return std::sqrt(x); }
double exp_of(double x) { return std::exp(x); }
double log_of(double x) { return std::log(x); }
double reciprocal_of(double x) { return 1 / x; }

// Remainder with the sign of the divisor.
Scalar floor_modulo(Scalar a, Scalar b, DType type) {
  if (is_float(type)) {
    const double r = std::fmod(a.f, b.f);
    return real(type, r != 0 && (r < 0) != (b.f < 0) ? r + b.f : r);
  }
  if (b.i == 0) return {};
  if (type == DType::kUint64) {
    return subtract(a, multiply(divide(a, b, type), b, type), type);
  }
  if (b.i == -1) return Scalar::of(0);
  const std::int64_t r = a.i % b.i;
  return integer(type, r != 0 && (r < 0) != (b.i < 0) ? r + b.i : r);
}

// Remainder with the sign of the dividend.
Scalar trunc_modulo(Scalar a, Scalar b, DType type) {
  if (is_float(type)) return real(type, std::fmod(a.f, b.f));
  if (type == DType::kUint64 || b.i == 0) return floor_modulo(a, b, type);
  return b.i == -1 ? Scalar::of(0) : integer(type, a.i % b.i);
}

void modulo_value(const InferView& v) {
  evaluate_variadic(v, v.attr_int("fmod", 0) != 0 ? trunc_modulo : floor_modulo);
}

// The exponent may have another type than the base, and the result has the base's.
void power_value(const InferView& v) {
  const DType type = v.in(0).dtype;
  const DType exponent = v.in(1).dtype;
  if (type == exponent) return evaluate_variadic(v, power);
  if (!evaluable(v)) return;
  auto x = spread(v, 0);
  const auto y = spread(v, 1);
  if (!x || !y) return;
  for (std::size_t i = 0; i < x->size(); ++i) {
    const Scalar base = convert((*x)[i], type, DType::kFloat64);
    const Scalar p = convert((*y)[i], exponent, DType::kFloat64);
    (*x)[i] = base.known && p.known
                  ? convert(Scalar::of_float(std::pow(base.f, p.f)), DType::kFloat64, type)
                  : Scalar();
  }
  set_elements(v, std::move(*x));
}

void mean_value(const InferView& v) {
  if (!evaluable(v)) return;
  evaluate_variadic(v, add);
  if (!v.out(0).value) return;
  const DType type = v.in(0).dtype;
  std::vector<Scalar> x = v.out(0).value->elements;
  for (Scalar& s : x) {
    if (s.known) s = real(type, s.f / static_cast<double>(v.num_inputs()));
  }
  set_elements(v, std::move(x));
}

template <bool kLeft>
Scalar shift(Scalar a, Scalar b, DType type) {
  const auto by = static_cast<std::uint64_t>(b.i);
  if (by >= bits(type)) return Scalar::of(0);
  const auto x = static_cast<std::uint64_t>(a.i);
  return integer(type, static_cast<std::int64_t>(kLeft ? x << by : x >> by));
}

void shift_value(const InferView& v) {
  if (is_signed(v.in(0).dtype)) return;  // defined for unsigned integers
  evaluate_variadic(v, v.attr_string("direction") == "LEFT" ? shift<true> : shift<false>);
}

// --- rows ---------------------------------------------------------------------------------------

constexpr OpClass kClass = OpClass::kElementwise;
constexpr std::string_view kOne = "1 FLOP per output element (integers: 1 integer operation)";
constexpr std::string_view kQuotient =
    "1 division per output element (integers: 1 integer operation)";
constexpr std::string_view kPower =
    "1 transcendental per output element (integers: 1 integer operation)";
constexpr std::string_view kFunction = "1 transcendental per element";

constexpr OpSpec kRows[] = {
    {"", "Add", 1, kClass, limited_broadcast, each<1>, each_once, kOne, variadic_value<add>,
     kInPlace},
    {"", "Add", 7, kClass, broadcast_all, each<1>, each_once, kOne, variadic_value<add>, kInPlace},
    {"", "Sub", 1, kClass, limited_broadcast, each<1>, each_once, kOne, variadic_value<subtract>,
     kInPlace},
    {"", "Sub", 7, kClass, broadcast_all, each<1>, each_once, kOne, variadic_value<subtract>,
     kInPlace},
    {"", "Mul", 1, kClass, limited_broadcast, each<1>, each_once, kOne, variadic_value<multiply>,
     kInPlace},
    {"", "Mul", 7, kClass, broadcast_all, each<1>, each_once, kOne, variadic_value<multiply>,
     kInPlace},
    {"", "Div", 1, kClass, limited_broadcast, each<0, 1>, each_once, kQuotient,
     variadic_value<divide>, kInPlace},
    {"", "Div", 7, kClass, broadcast_all, each<0, 1>, each_once, kQuotient, variadic_value<divide>,
     kInPlace},
    {"", "Pow", 1, kClass, limited_broadcast, each<0, 1>, each_once, kPower, power_value, kInPlace},
    {"", "Pow", 7, kClass, broadcast_all, each<0, 1>, each_once, kPower, power_value, kInPlace},
    {"", "Mod", 10, kClass, broadcast_all, modulo_work, each_once,
     "floats: 3 FLOPs (round, mul, sub) and 1 division per element; integers: 1 operation",
     modulo_value, kInPlace},
    {"", "BitShift", 11, kClass, broadcast_all, each<1>, each_once,
     "1 integer operation per output element", shift_value, kInPlace},

    {"", "Sum", 1, kClass, broadcast_all, combine_operands, each_once,
     "(operands - 1) FLOPs per output element", variadic_value<add>, kInPlace},
    {"", "Max", 1, kClass, broadcast_all, combine_operands, each_once,
     "(operands - 1) FLOPs per output element", variadic_value<maximum>, kInPlace},
    {"", "Min", 1, kClass, broadcast_all, combine_operands, each_once,
     "(operands - 1) FLOPs per output element", variadic_value<minimum>, kInPlace},
    {"", "Mean", 1, kClass, broadcast_all, mean_operands, each_once,
     "(operands - 1) FLOPs and 1 division per output element", mean_value, kInPlace},

    {"", "Neg", 1, kClass, same_as_first, each<1>, each_once, kOne, unary_value<negate>, kInPlace},
    {"", "Abs", 1, kClass, same_as_first, each<1>, each_once, kOne, unary_value<absolute>,
     kInPlace},
    {"", "Sign", 9, kClass, same_as_first, each<1>, each_once, kOne, unary_value<sign>, kInPlace},
    {"", "Floor", 1, kClass, same_as_first, each<1>, each_once, kOne,
     unary_value<real_function<floor_of>>, kInPlace},
    {"", "Ceil", 1, kClass, same_as_first, each<1>, each_once, kOne,
     unary_value<real_function<ceil_of>>, kInPlace},
    {"", "Round", 11, kClass, same_as_first, each<1>, each_once, kOne,
     unary_value<real_function<round_even>>, kInPlace},
    {"", "Sqrt", 1, kClass, same_as_first, each<0, 1>, each_once, kFunction,
     unary_value<real_function<sqrt_of>>, kInPlace},
    {"", "Exp", 1, kClass, same_as_first, each<0, 1>, each_once, kFunction,
     unary_value<real_function<exp_of>>, kInPlace},
    {"", "Log", 1, kClass, same_as_first, each<0, 1>, each_once, kFunction,
     unary_value<real_function<log_of>>, kInPlace},
    {"", "Reciprocal", 1, kClass, same_as_first, each<0, 1>, each_once, kFunction,
     unary_value<real_function<reciprocal_of>>, kInPlace},
    {"", "Erf", 9, kClass, same_as_first, each<0, 1>, each_once, kFunction, nullptr, kInPlace},
    {"", "Sin", 7, kClass, same_as_first, each<0, 1>, each_once, kFunction, nullptr, kInPlace},
    {"", "Cos", 7, kClass, same_as_first, each<0, 1>, each_once, kFunction, nullptr, kInPlace},
    {"", "Tan", 7, kClass, same_as_first, each<0, 1>, each_once, kFunction, nullptr, kInPlace},
    {"", "Asin", 7, kClass, same_as_first, each<0, 1>, each_once, kFunction, nullptr, kInPlace},
    {"", "Acos", 7, kClass, same_as_first, each<0, 1>, each_once, kFunction, nullptr, kInPlace},
    {"", "Atan", 7, kClass, same_as_first, each<0, 1>, each_once, kFunction, nullptr, kInPlace},
    {"", "Sinh", 9, kClass, same_as_first, each<0, 1>, each_once, kFunction, nullptr, kInPlace},
    {"", "Cosh", 9, kClass, same_as_first, each<0, 1>, each_once, kFunction, nullptr, kInPlace},
    {"", "Asinh", 9, kClass, same_as_first, each<0, 1>, each_once, kFunction, nullptr, kInPlace},
    {"", "Acosh", 9, kClass, same_as_first, each<0, 1>, each_once, kFunction, nullptr, kInPlace},
    {"", "Atanh", 9, kClass, same_as_first, each<0, 1>, each_once, kFunction, nullptr, kInPlace},
};

}  // namespace

std::span<const OpSpec> elementwise_ops() { return kRows; }

}  // namespace aiprof::ops
