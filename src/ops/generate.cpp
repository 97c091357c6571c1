// Operators that make a tensor from a few numbers.
#include "ops/generate.h"

#include <array>
#include <cmath>

#include "ops/families.h"
#include "ops/operands.h"

namespace aiprof::ops {
namespace {

// --- ConstantOfShape ----------------------------------------------------------------------------

const StoredTensor* fill_tensor(const OpView& v) {
  const Attribute* a = v.attr("value");
  return a != nullptr ? a->tensor : nullptr;
}

void constant_of_shape(const InferView& v) {
  const StoredTensor* fill = fill_tensor(v);
  const DType dtype = fill != nullptr ? fill->dtype : DType::kFloat32;
  const auto dims = int_operand(v, 0);
  if (!dims) return v.set_unknown_rank(0, dtype);
  Shape out;
  for (const Scalar& s : *dims) {
    if (s.known && s.i < 0) v.fail("extent " + std::to_string(s.i) + " in the shape");
    out.push_back(s.known ? Dim(s.i) : Dim());
  }
  v.set(0, dtype, out);
}

void constant_of_shape_value(const InferView& v) {
  if (!evaluable(v)) return;
  Scalar one = Scalar::of_float(0);
  auto value = std::make_shared<Value>();
  value->kind = Value::Kind::kFloat;
  if (const StoredTensor* fill = fill_tensor(v)) {
    const ValueRef given = decode(*fill);
    if (!given || given->elements.size() != 1) return;
    value->kind = given->kind;
    one = given->elements[0];
  }
  value->elements.assign(v.out(0).elements().value(), one);
  v.set_value(0, std::move(value));
}

// --- Range --------------------------------------------------------------------------------------

struct Progression {
  Scalar start, limit, delta;
  Value::Kind kind = Value::Kind::kInt;
};

std::optional<Progression> progression(const OpView& v) {
  Progression p;
  const std::array<Scalar*, 3> terms = {&p.start, &p.limit, &p.delta};
  p.kind = is_float(v.in(0).dtype) ? Value::Kind::kFloat : Value::Kind::kInt;
  for (std::size_t i = 0; i < terms.size(); ++i) {
    if (p.kind == Value::Kind::kFloat) {
      const auto x = v.float_scalar(i);
      if (!x) return std::nullopt;
      *terms[i] = Scalar::of_float(*x);
    } else {
      const auto x = v.int_scalar(i);
      if (!x) return std::nullopt;
      *terms[i] = Scalar::of(*x);
    }
  }
  return p;
}

// max(ceil((limit - start) / delta), 0). The difference is rounded to the operands' type first, as
// the operator's definition does.
Dim range_length(const OpView& v, const Progression& p) {
  if (p.kind == Value::Kind::kFloat) {
    if (p.delta.f == 0) v.fail("delta is 0");
    double difference = p.limit.f - p.start.f;
    if (v.in(0).dtype == DType::kFloat32) difference = static_cast<float>(difference);
    const double n = std::ceil(difference / p.delta.f);
    return std::abs(n) < 0x1p62 ? Dim(std::max<std::int64_t>(static_cast<std::int64_t>(n), 0))
                                : Dim();
  }
  if (p.delta.i == 0) v.fail("delta is 0");
  std::int64_t difference = 0;
  if (__builtin_sub_overflow(p.limit.i, p.start.i, &difference) || p.delta.i == INT64_MIN)
    return {};
  if (difference == 0 || (difference < 0) != (p.delta.i < 0)) return 0;
  return difference / p.delta.i + (difference % p.delta.i != 0 ? 1 : 0);
}

void range_shape(const InferView& v) {
  const auto p = progression(v);
  v.set(0, v.in(0).dtype, {p ? range_length(v, *p) : Dim()});
}

void range_value(const InferView& v) {
  const auto p = progression(v);
  if (!p || !evaluable(v)) return;
  auto value = unknown_value(p->kind, v.out(0).elements().value());
  for (std::size_t i = 0; i < value->elements.size(); ++i) {
    value->elements[i] = p->kind == Value::Kind::kFloat
                             ? Scalar::of_float(p->start.f + static_cast<double>(i) * p->delta.f)
                             : Scalar::of(p->start.i + static_cast<std::int64_t>(i) * p->delta.i);
  }
  v.set_value(0, std::move(value));
}

Work range_work_rule(const OpView& v) { return range_work(v.in(0).dtype, v.out(0).elements()); }

// --- EyeLike ------------------------------------------------------------------------------------

void eye_like(const InferView& v) {
  if (v.in(0).has_shape && v.in(0).rank() != 2) v.fail("the input is not a matrix");
  const DType dtype = attr_dtype(v, "dtype", v.in(0).dtype);
  v.set(0, dtype, v.in(0).has_shape ? v.in(0).shape : unknown_shape(2));
}

void eye_like_value(const InferView& v) {
  if (!evaluable(v)) return;
  const bool floating = is_float(v.out(0).dtype);
  const Scalar zero = floating ? Scalar::of_float(0) : Scalar::of(0);
  const Scalar one = floating ? Scalar::of_float(1) : Scalar::of(1);
  auto value = std::make_shared<Value>();
  value->kind = floating ? Value::Kind::kFloat : Value::Kind::kInt;
  const std::int64_t k = v.attr_int("k", 0);
  for (std::int64_t row = 0; row < v.out(0).shape[0].value(); ++row) {
    for (std::int64_t col = 0; col < v.out(0).shape[1].value(); ++col) {
      value->elements.push_back(col - row == k ? one : zero);
    }
  }
  v.set_value(0, std::move(value));
}

// --- windows ------------------------------------------------------------------------------------

void window_shape(const InferView& v) {
  const auto n = int_of(v, 0);
  if (n && *n < 0) v.fail("size " + std::to_string(*n));
  v.set(0, attr_dtype(v, "output_datatype", DType::kFloat32), {n ? Dim(*n) : Dim()});
}

// The body that ONNX gives for all three, which differ in three constants: 4 FLOPs and a division
// for the angle's step (what follows from constants alone is folded), Range(0, size, 1), then per
// element 4 multiplies, 2 adds and 2 cosines.
Work window_work(const OpView& v) {
  const Count n = v.out(0).elements();
  Work w = range_work(DType::kFloat32, n);
  w.flops += Count(4U) + n * 6U;
  w.transcendentals += Count(1U) + n * 2U;
  return w;
}

// --- MelWeightMatrix ----------------------------------------------------------------------------

void mel_shape(const InferView& v) {
  const auto bands = int_of(v, 0);
  const auto length = int_of(v, 1);
  if ((bands && *bands < 0) || (length && *length < 0)) v.fail("a negative extent");
  v.set(0, attr_dtype(v, "output_datatype", DType::kFloat32),
        {length ? Dim(*length / 2 + 1) : Dim(), bands ? Dim(*bands) : Dim()});
}

// Both edges to mel: add, log, multiply. Each of the bands + 2 corners: multiply and add to its
// mel, back to hertz (divide, power, subtract, multiply), to a bin (multiply, divide). Each bin
// lies on at most one rising and one falling side: a subtraction and a division each.
Work mel_work(const OpView& v) {
  const Shape& out = v.out(0).shape;
  if (out.size() != 2) return {};
  const Count corners = out[1].count() + Count(2U);
  Work w;
  w.flops = Count(2U * 2U) + corners * 5U + out[0].count() * 2U;
  w.transcendentals = Count(2U * 2U) + corners * 3U + out[0].count() * 2U;
  return w;
}

constexpr std::string_view kRangeFormula =
    "n adds for n elements; a subtraction, a division, a ceiling and a max for their number; "
    "writes "
    "the output";
constexpr std::string_view kWindowFormula =
    "7n + 7 FLOPs and 2n + 2 transcendentals for n points; writes the output";

constexpr OpSpec kGenerate[] = {
    {"", "ConstantOfShape", 9, OpClass::kMovement, constant_of_shape, no_work, write_only,
     "writes the output", constant_of_shape_value},
    {"", "Range", 11, OpClass::kMovement, range_shape, range_work_rule, write_only, kRangeFormula,
     range_value},
    // float16 and bfloat16 are added up in float32 (stash_type); the counts are the same.
    {"", "Range", 27, OpClass::kMovement, range_shape, range_work_rule, write_only, kRangeFormula,
     range_value},
    {"", "EyeLike", 9, OpClass::kMovement, eye_like, no_work, write_only, "writes the output",
     eye_like_value},
    {"", "HannWindow", 17, OpClass::kTransform, window_shape, window_work, write_only,
     kWindowFormula},
    {"", "HammingWindow", 17, OpClass::kTransform, window_shape, window_work, write_only,
     kWindowFormula},
    {"", "BlackmanWindow", 17, OpClass::kTransform, window_shape, window_work, write_only,
     kWindowFormula},
    {"", "MelWeightMatrix", 17, OpClass::kTransform, mel_shape, mel_work, write_only,
     "5 FLOPs and 3 transcendentals per corner of a band, 2 and 2 per frequency bin, 4 and 4 for "
     "the edges; writes the output"},
};

}  // namespace

Work range_work(DType dtype, Count n) {
  Work w;
  (is_float(dtype) ? w.flops : w.integer_ops) = Count(1U) + n;
  w.flops += 2U;
  w.transcendentals = 1U;
  return w;
}

std::span<const OpSpec> generate_ops() { return kGenerate; }

}  // namespace aiprof::ops
