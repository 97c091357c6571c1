// Indexed writes: Scatter, ScatterElements, ScatterND, TensorScatter.
#include <algorithm>
#include <cmath>

#include "ops/families.h"
#include "ops/operands.h"

namespace aiprof::ops {
namespace {

// One operation per update where updates are combined with what is there; plain writes cost none.
Work scatter_work(const OpView& v) {
  const std::string_view reduction = v.attr_string("reduction", "none");
  return reduction == "none" ? Work() : arithmetic(v.in(2).dtype, v.in(2).elements(), 1);
}

Scalar combined(std::string_view reduction, Value::Kind kind, const Scalar& a, const Scalar& b) {
  if (reduction == "none") return b;
  if (!a.known || !b.known) return {};
  if (kind == Value::Kind::kFloat) {
    if (reduction == "add") return Scalar::of_float(a.f + b.f);
    if (reduction == "mul") return Scalar::of_float(a.f * b.f);
    return Scalar::of_float(reduction == "max" ? std::max(a.f, b.f) : std::min(a.f, b.f));
  }
  std::int64_t r = 0;
  if (reduction == "add") return __builtin_add_overflow(a.i, b.i, &r) ? Scalar() : Scalar::of(r);
  if (reduction == "mul") return __builtin_mul_overflow(a.i, b.i, &r) ? Scalar() : Scalar::of(r);
  return Scalar::of(reduction == "max" ? std::max(a.i, b.i) : std::min(a.i, b.i));
}

// data, indices and updates of a small scatter; null references when it cannot be evaluated.
struct Operands {
  ValueRef data, indices, updates;
  [[nodiscard]] explicit operator bool() const { return data && indices && updates; }
};

Operands operands(const OpView& v) {
  Operands o = {value_or_unknowns(v, 0), v.value_ref(1), value_or_unknowns(v, 2)};
  const bool numbers = o && o.data->kind != Value::Kind::kString &&
                       o.data->kind == o.updates->kind && o.indices->kind == Value::Kind::kInt;
  return numbers && evaluable(v) ? o : Operands();
}

// A position that is not known may hit any element: then none is known.
void forget(Value& value) {
  for (Scalar& s : value.elements) s = {};
}

std::int64_t position(const OpView& v, std::int64_t index, std::int64_t extent) {
  if (index < -extent || index >= extent) {
    v.fail("index " + std::to_string(index) + " is outside an axis of " + std::to_string(extent));
  }
  return index < 0 ? index + extent : index;
}

// --- ScatterElements, and Scatter, its name before opset 11 -------------------------------------

void scatter_elements_value(const InferView& v) {
  const Operands o = operands(v);
  if (!o) return;
  const Shape& data = v.in(0).shape;
  const Shape& updates = v.in(2).shape;
  if (data.size() != updates.size()) v.fail("data and updates differ in rank");
  const std::size_t axis = v.normalize_axis(v.attr_int("axis", 0), data.size());
  const std::string_view reduction = v.attr_string("reduction", "none");
  const auto step = strides(data);
  const auto update_step = strides(updates);
  auto out = std::make_shared<Value>(*o.data);
  for (std::size_t i = 0; i < o.updates->elements.size() && i < o.indices->elements.size(); ++i) {
    const Scalar index = o.indices->elements[i];
    if (!index.known) {
      forget(*out);
      break;
    }
    std::int64_t p = position(v, index.i, data[axis].value()) * step[axis];
    for (std::size_t d = 0; d < data.size(); ++d) {
      const std::int64_t at = static_cast<std::int64_t>(i) / update_step[d] % updates[d].value();
      if (d != axis) p += position(v, at, data[d].value()) * step[d];
    }
    Scalar& target = out->elements[static_cast<std::size_t>(p)];
    target = combined(reduction, out->kind, target, o.updates->elements[i]);
  }
  v.set_value(0, std::move(out));
}

// --- ScatterND ----------------------------------------------------------------------------------

// Start of the slice that a tuple of indices addresses, or nullopt if one is not known.
std::optional<std::int64_t> slice_start(const OpView& v, std::span<const Scalar> tuple) {
  const Shape& data = v.in(0).shape;
  const auto step = strides(data);
  std::int64_t p = 0;
  for (std::size_t d = 0; d < tuple.size(); ++d) {
    if (!tuple[d].known) return std::nullopt;
    p += position(v, tuple[d].i, data[d].value()) * step[d];
  }
  return p;
}

void scatter_nd_value(const InferView& v) {
  const Operands o = operands(v);
  if (!o || v.in(1).rank() == 0) return;
  const Shape& data = v.in(0).shape;
  const auto depth = static_cast<std::size_t>(v.in_dim(1, -1).value());
  if (depth > data.size()) v.fail("indices address more axes than the data has");
  const std::uint64_t slice = product(data, depth, data.size()).value();
  const std::uint64_t tuples = product(v.in(1).shape, 0, v.in(1).rank() - 1).value();
  if (o.updates->size() != tuples * slice) v.fail("updates do not fit the indices");
  const std::string_view reduction = v.attr_string("reduction", "none");
  auto out = std::make_shared<Value>(*o.data);
  for (std::uint64_t i = 0; i < tuples; ++i) {
    const auto start = slice_start(v, std::span(o.indices->elements).subspan(i * depth, depth));
    if (!start) {
      forget(*out);
      break;
    }
    for (std::uint64_t e = 0; e < slice; ++e) {
      Scalar& target = out->elements[static_cast<std::uint64_t>(*start) + e];
      target = combined(reduction, out->kind, target, o.updates->elements[i * slice + e]);
    }
  }
  v.set_value(0, std::move(out));
}

// --- TensorScatter ------------------------------------------------------------------------------

// The cache is updated where it lies: only the new tokens move, into state that outlives the call.
void tensor_scatter_traffic(const OpView& v, Traffic& t) {
  t.read(1);
  t.read(2);
  t.write_state(0, v.in(1).elements());
}

constexpr std::string_view kScattered =
    "1 operation per update where a reduction combines it; reads data, indices and updates and "
    "writes the output (a functional copy)";

constexpr OpSpec kScatter[] = {
    {"", "Scatter", 9, OpClass::kGather, same_as_first, no_work, each_once,
     "reads data, indices and updates and writes the output (a functional copy)",
     scatter_elements_value},
    {"", "ScatterElements", 11, OpClass::kGather, same_as_first, scatter_work, each_once,
     kScattered, scatter_elements_value},
    // Adds reductions add and mul; since 18 also max and min.
    {"", "ScatterElements", 16, OpClass::kGather, same_as_first, scatter_work, each_once,
     kScattered, scatter_elements_value},
    {"", "ScatterElements", 18, OpClass::kGather, same_as_first, scatter_work, each_once,
     kScattered, scatter_elements_value},
    {"", "ScatterND", 11, OpClass::kGather, same_as_first, scatter_work, each_once, kScattered,
     scatter_nd_value},
    {"", "ScatterND", 16, OpClass::kGather, same_as_first, scatter_work, each_once, kScattered,
     scatter_nd_value},
    {"", "ScatterND", 18, OpClass::kGather, same_as_first, scatter_work, each_once, kScattered,
     scatter_nd_value},
    {"", "TensorScatter", 24, OpClass::kGather, same_as_first, no_work, tensor_scatter_traffic,
     "reads the update and its positions and writes as many elements of the cache, in place",
     nullptr, kAliases},
};

}  // namespace

std::span<const OpSpec> scatter_ops() { return kScatter; }

}  // namespace aiprof::ops
