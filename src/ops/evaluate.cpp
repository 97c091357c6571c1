#include "ops/evaluate.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace aiprof::ops {
namespace {

// Rounds to `precision` significant bits, to nearest even, with exponents from `least` up (of a
// fraction in [0.5, 1), as frexp has it) and infinity above `largest`.
double round_binary(double x, int precision, int least, double largest) {
  if (x == 0 || !std::isfinite(x)) return x;
  int exponent = 0;
  (void)std::frexp(x, &exponent);
  const int unit = std::max(exponent, least) - precision;
  const double y = std::ldexp(std::nearbyint(std::ldexp(x, -unit)), unit);
  return std::abs(y) > largest ? std::copysign(HUGE_VAL, y) : y;
}

std::uint64_t pattern(std::int64_t x) { return static_cast<std::uint64_t>(x); }
std::int64_t from_pattern(std::uint64_t x) { return static_cast<std::int64_t>(x); }

bool fits(std::int64_t x, DType type) { return integer(type, x).i == x; }

Scalar to_integer(double x, DType to) {
  if (!std::isfinite(x)) return {};
  const double t = std::trunc(x);
  if (to == DType::kUint64 && t >= 0x1p63 && t < 0x1p64) {
    return Scalar::of(from_pattern(static_cast<std::uint64_t>(t)));
  }
  if (t < -0x1p63 || t >= 0x1p63 || (to == DType::kUint64 && t < 0)) return {};
  const auto i = static_cast<std::int64_t>(t);
  return fits(i, to) ? Scalar::of(i) : Scalar();
}

Scalar integer_power(std::int64_t base, std::int64_t exponent, DType type) {
  if (exponent < 0) return {};
  std::int64_t result = 1;
  // Bases other than 0, 1 and -1 overflow within 64 steps.
  for (std::int64_t i = 0; i < std::min<std::int64_t>(exponent, 64 + exponent % 2); ++i) {
    if (__builtin_mul_overflow(result, base, &result)) return {};
  }
  return integer(type, result);
}

}  // namespace

Scalar integer(DType type, std::int64_t x) {
  if (type == DType::kBool) return boolean(x != 0);
  const unsigned width = bits(type);
  if (width == 0 || width >= 64) return Scalar::of(x);
  const unsigned unused = 64 - width;
  const std::uint64_t top = pattern(x) << unused;
  return Scalar::of(is_signed(type) ? from_pattern(top) >> unused : from_pattern(top >> unused));
}

Scalar real(DType type, double x) {
  switch (type) {
    case DType::kFloat64:
      return Scalar::of_float(x);
    case DType::kFloat32:
      return Scalar::of_float(static_cast<double>(static_cast<float>(x)));
    // IEEE 754 binary16: 11 significant bits; bfloat16: 8, with the exponents of binary32.
    case DType::kFloat16:
      return Scalar::of_float(round_binary(x, 11, -13, 65504.0));
    case DType::kBfloat16:
      return Scalar::of_float(round_binary(x, 8, -125, 0x1.FEp127));
    default:
      return {};
  }
}

Scalar convert(Scalar x, DType from, DType to) {
  if (!x.known) return {};
  if (is_float(from)) {
    if (is_float(to)) return real(to, x.f);
    if (to == DType::kBool) return boolean(x.f != 0);
    return is_integer(to) ? to_integer(x.f, to) : Scalar();
  }
  if (is_float(to)) {
    return real(
        to, from == DType::kUint64 ? static_cast<double>(pattern(x.i)) : static_cast<double>(x.i));
  }
  return is_integer(to) || to == DType::kBool ? integer(to, x.i) : Scalar();
}

bool less(Scalar a, Scalar b, DType type) {
  if (is_float(type)) return a.f < b.f;
  return type == DType::kUint64 ? pattern(a.i) < pattern(b.i) : a.i < b.i;
}

Scalar add(Scalar a, Scalar b, DType type) {
  return is_float(type) ? real(type, a.f + b.f)
                        : integer(type, from_pattern(pattern(a.i) + pattern(b.i)));
}

Scalar subtract(Scalar a, Scalar b, DType type) {
  return is_float(type) ? real(type, a.f - b.f)
                        : integer(type, from_pattern(pattern(a.i) - pattern(b.i)));
}

Scalar multiply(Scalar a, Scalar b, DType type) {
  if (is_float(type)) return real(type, a.f * b.f);
  if (type == DType::kUint64) {
    std::uint64_t product = 0;
    const bool lost = __builtin_mul_overflow(pattern(a.i), pattern(b.i), &product);
    return lost ? Scalar() : Scalar::of(from_pattern(product));
  }
  std::int64_t product = 0;
  return __builtin_mul_overflow(a.i, b.i, &product) ? Scalar() : integer(type, product);
}

Scalar divide(Scalar a, Scalar b, DType type) {
  if (is_float(type)) return real(type, a.f / b.f);
  if (b.i == 0) return {};
  if (type == DType::kUint64) return Scalar::of(from_pattern(pattern(a.i) / pattern(b.i)));
  if (b.i == -1) return integer(type, from_pattern(0 - pattern(a.i)));
  return integer(type, a.i / b.i);
}

Scalar power(Scalar a, Scalar b, DType type) {
  return is_float(type) ? real(type, std::pow(a.f, b.f)) : integer_power(a.i, b.i, type);
}

Scalar minimum(Scalar a, Scalar b, DType type) { return less(b, a, type) ? b : a; }
Scalar maximum(Scalar a, Scalar b, DType type) { return less(a, b, type) ? b : a; }

Scalar absolute(Scalar x, DType type) {
  if (is_float(type)) return Scalar::of_float(std::abs(x.f));
  if (!is_signed(type) || x.i >= 0) return x;
  return integer(type, from_pattern(0 - pattern(x.i)));
}

bool evaluable(const OpView& v) {
  const TensorFact& out = v.out(0);
  if (!out.shape_known() || out.dtype == DType::kString) return false;
  if (out.elements().value_or(UINT64_MAX) > kMaxValueElements) return false;
  bool some = false;
  for (std::size_t i = 0; i < v.num_inputs(); ++i) {
    if (v.in(i).dtype == DType::kString) return false;
    some = some || v.value(i) != nullptr;
  }
  return some;
}

std::optional<std::vector<Scalar>> spread(const OpView& v, std::size_t i) {
  const ValueRef value = value_or_unknowns(v, i);
  const Shape& out = v.out(0).shape;
  Shape in = v.in(i).shape;
  if (!value || value->elements.size() != num_elements(in).value_or(UINT64_MAX)) return {};
  if ((value->kind == Value::Kind::kFloat) != is_float(v.in(i).dtype)) return {};
  if (value->elements.size() == 1) in.clear();
  const std::int64_t axis = v.attr_int("axis", -1);
  if (i == 1 && axis >= 0) {
    const std::size_t rank = out.size() - std::min(static_cast<std::size_t>(axis), out.size());
    if (rank > in.size()) in.resize(rank, Dim(1));
  }
  if (in.size() > out.size()) return {};
  for (std::size_t d = 0; d < in.size(); ++d) {
    if (!in[d].is(1) && in[d] != out[out.size() - in.size() + d]) return {};
  }
  std::vector<Scalar> elements;
  elements.reserve(num_elements(out).value());
  for (const std::size_t from : broadcast_index(out, in)) {
    elements.push_back(value->elements[from]);
  }
  return elements;
}

void set_elements(const InferView& v, std::vector<Scalar> elements) {
  if (std::none_of(elements.begin(), elements.end(), [](Scalar s) { return s.known; })) {
    if (!elements.empty()) return;
  }
  auto value = std::make_shared<Value>();
  value->kind = is_float(v.out(0).dtype) ? Value::Kind::kFloat : Value::Kind::kInt;
  value->elements = std::move(elements);
  v.set_value(0, std::move(value));
}

void evaluate_unary(const InferView& v, Unary op) {
  if (!evaluable(v)) return;
  auto x = spread(v, 0);
  if (!x) return;
  const DType type = v.in(0).dtype;
  for (Scalar& s : *x) {
    if (s.known) s = op(s, type);
  }
  set_elements(v, std::move(*x));
}

void evaluate_variadic(const InferView& v, Binary op) {
  if (!evaluable(v)) return;
  auto result = spread(v, 0);
  if (!result) return;
  const DType type = v.in(0).dtype;
  for (std::size_t i = 1; i < v.num_inputs(); ++i) {
    const auto x = spread(v, i);
    if (!x || v.in(i).dtype != type) return;
    for (std::size_t e = 0; e < x->size(); ++e) {
      Scalar& s = (*result)[e];
      s = s.known && (*x)[e].known ? op(s, (*x)[e], type) : Scalar();
    }
  }
  set_elements(v, std::move(*result));
}

Work operations(DType type, Count elements, unsigned flops, unsigned transcendentals) {
  if (is_float(type) || is_complex(type)) {
    return arithmetic(type, elements, flops, transcendentals);
  }
  return arithmetic(type, elements, flops + transcendentals);
}

Count combined(Count from, Count to) {
  if (from.known() && to.known() && from.value() < to.value()) return 0U;
  return from - to;
}

Geometry row_geometry(Count rows, Count cols) {
  Geometry g;
  g.kind = Geometry::Kind::kRows;
  g.rows = rows;
  g.cols = cols;
  return g;
}

void first_to_all(const OpView& /*v*/, Traffic& t) {
  t.read(0);
  t.write_all();
}

}  // namespace aiprof::ops
