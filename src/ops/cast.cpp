// Conversions between element types: data moves, nothing is counted as arithmetic.
#include <cstring>

#include "aiprof/base/text.h"
#include "ops/evaluate.h"
#include "ops/families.h"

namespace aiprof::ops {
namespace {

// --- shapes -------------------------------------------------------------------------------------

// Cast-1 names the type ("FLOAT", "INT64"); later versions give its number.
DType target(const OpView& v) {
  const Attribute* to = v.attr("to");
  if (to != nullptr && to->type == AttrType::kString) {
    return parse_dtype(lower(to->s)).value_or(DType::kUndefined);
  }
  return attr_dtype(v, "to", DType::kUndefined);
}

void copy_as(const InferView& v, DType type) {
  if (v.in(0).has_shape) {
    v.set(0, type, v.in(0).shape);
  } else {
    v.set_unknown_rank(0, type);
  }
}

void cast_shape(const InferView& v) {
  const DType to = target(v);
  if (to == DType::kUndefined) v.fail("attribute 'to' names no element type");
  copy_as(v, to);
}

void cast_like_shape(const InferView& v) { copy_as(v, v.in(1).dtype); }

void bit_cast_shape(const InferView& v) {
  cast_shape(v);
  const DType from = v.in(0).dtype;
  if (from != DType::kUndefined && bits(from) != bits(target(v))) {
    v.fail("BitCast between types of different width: " + std::string(name(from)) + " to " +
           std::string(name(target(v))));
  }
}

// --- values -------------------------------------------------------------------------------------

void cast_value(const InferView& v) {
  const ValueRef x = v.value_ref(0);
  const DType from = v.in(0).dtype;
  const DType to = v.out(0).dtype;
  if (!x || x->kind == Value::Kind::kString || to == DType::kString || is_complex(to)) return;
  if ((x->kind == Value::Kind::kFloat) != is_float(from)) return;
  std::vector<Scalar> elements;
  elements.reserve(x->elements.size());
  for (const Scalar& s : x->elements) elements.push_back(convert(s, from, to));
  set_elements(v, std::move(elements));
}

// The bits of one element, zero-extended; nullopt for types that are never reinterpreted here.
std::optional<std::uint64_t> to_bits(Scalar x, DType type) {
  std::uint64_t out = 0;
  if (type == DType::kFloat64) {
    std::memcpy(&out, &x.f, sizeof x.f);
  } else if (type == DType::kFloat32) {
    const auto f = static_cast<float>(x.f);
    std::memcpy(&out, &f, sizeof f);
  } else if (is_integer(type)) {
    out = static_cast<std::uint64_t>(x.i);
  } else {
    return std::nullopt;
  }
  return out;
}

Scalar from_bits(std::uint64_t pattern, DType type) {
  if (type == DType::kFloat64) {
    double f = 0;
    std::memcpy(&f, &pattern, sizeof f);
    return Scalar::of_float(f);
  }
  if (type == DType::kFloat32) {
    float f = 0;
    std::memcpy(&f, &pattern, sizeof f);
    return Scalar::of_float(static_cast<double>(f));
  }
  return is_integer(type) ? integer(type, static_cast<std::int64_t>(pattern)) : Scalar();
}

void bit_cast_value(const InferView& v) {
  const ValueRef x = v.value_ref(0);
  const DType from = v.in(0).dtype;
  if (!x || x->kind == Value::Kind::kString) return;
  if ((x->kind == Value::Kind::kFloat) != is_float(from)) return;
  std::vector<Scalar> elements(x->elements.size());
  for (std::size_t i = 0; i < elements.size(); ++i) {
    if (!x->elements[i].known) continue;
    if (const auto pattern = to_bits(x->elements[i], from)) {
      elements[i] = from_bits(*pattern, v.out(0).dtype);
    }
  }
  set_elements(v, std::move(elements));
}

// --- rows ---------------------------------------------------------------------------------------

constexpr std::string_view kFormula = "no arithmetic: input read, output written";

constexpr OpSpec kRows[] = {
    {"", "Cast", 1, OpClass::kElementwise, cast_shape, no_work, first_to_all, kFormula, cast_value,
     kInPlace},
    {"", "CastLike", 15, OpClass::kElementwise, cast_like_shape, no_work, first_to_all, kFormula,
     cast_value, kInPlace | kContentsOfFirst},
    {"", "BitCast", 26, OpClass::kView, bit_cast_shape, no_work, no_traffic,
     "free: the same bytes under another type", bit_cast_value, kAliases},
};

}  // namespace

std::span<const OpSpec> cast_ops() { return kRows; }

}  // namespace aiprof::ops
