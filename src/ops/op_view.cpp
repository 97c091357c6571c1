#include "aiprof/ops/op_view.h"

#include <algorithm>
#include <utility>

namespace aiprof {
namespace {

const TensorFact& absent() {
  static const TensorFact fact;
  return fact;
}

}  // namespace

const TensorFact& OpView::in(std::size_t i) const {
  return has_in(i) ? facts_[index(node_->inputs[i])] : absent();
}

const TensorFact& OpView::out(std::size_t i) const {
  return has_out(i) ? facts_[index(node_->outputs[i])] : absent();
}

Dim OpView::in_dim(std::size_t i, std::int64_t axis) const {
  const TensorFact& f = in(i);
  if (!f.has_shape) return {};
  const auto rank = static_cast<std::int64_t>(f.rank());
  if (axis < -rank || axis >= rank) return {};
  return f.shape[static_cast<std::size_t>(axis < 0 ? axis + rank : axis)];
}

ValueRef OpView::value_ref(std::size_t i) const {
  if (!has_in(i)) return nullptr;
  const TensorId id = node_->inputs[i];
  TensorFact& fact = facts_[index(id)];
  if (fact.value) return fact.value;
  const StoredTensor* stored = (*graph_)[id].stored;
  if (stored == nullptr || !fact.constant) {
    return source_ != nullptr ? source_->demand(id) : nullptr;
  }
  const std::uint64_t limit = is_float(stored->dtype) ? kMaxStoredFloats : kMaxValueElements;
  if (num_elements(stored->shape).value_or(UINT64_MAX) > limit) return nullptr;
  fact.value = decode(*stored);
  return fact.value;
}

const Value* OpView::value(std::size_t i) const {
  // The fact keeps the value alive: value_ref() caches what it decodes there.
  return value_ref(i).get();
}

std::optional<InlineVector<std::int64_t, 8>> OpView::ints(std::size_t i) const {
  const Value* v = value(i);
  if (v == nullptr || v->kind != Value::Kind::kInt || !v->all_known()) return std::nullopt;
  InlineVector<std::int64_t, 8> out;
  out.reserve(v->elements.size());
  for (const Scalar& s : v->elements) out.push_back(s.i);
  return out;
}

std::optional<std::int64_t> OpView::int_scalar(std::size_t i) const {
  const Value* v = value(i);
  if (v == nullptr || v->kind != Value::Kind::kInt || v->elements.size() != 1) return std::nullopt;
  return v->elements[0].known ? std::optional(v->elements[0].i) : std::nullopt;
}

std::optional<double> OpView::float_scalar(std::size_t i) const {
  const Value* v = value(i);
  if (v == nullptr || v->elements.size() != 1 || !v->elements[0].known) return std::nullopt;
  return v->kind == Value::Kind::kFloat ? v->elements[0].f : static_cast<double>(v->elements[0].i);
}

const Attribute* OpView::attr(std::string_view name) const {
  for (const Attribute& a : node_->attributes) {
    if (a.name == name) return &a;
  }
  return nullptr;
}

std::int64_t OpView::attr_int(std::string_view name, std::int64_t otherwise) const {
  const Attribute* a = attr(name);
  return a != nullptr && a->type == AttrType::kInt ? a->i : otherwise;
}

double OpView::attr_float(std::string_view name, double otherwise) const {
  const Attribute* a = attr(name);
  return a != nullptr && a->type == AttrType::kFloat ? static_cast<double>(a->f) : otherwise;
}

std::string_view OpView::attr_string(std::string_view name, std::string_view otherwise) const {
  const Attribute* a = attr(name);
  return a != nullptr && a->type == AttrType::kString ? a->s : otherwise;
}

std::span<const std::int64_t> OpView::attr_ints(std::string_view name) const {
  const Attribute* a = attr(name);
  return a != nullptr ? a->ints : std::span<const std::int64_t>();
}

std::span<const float> OpView::attr_floats(std::string_view name) const {
  const Attribute* a = attr(name);
  return a != nullptr ? a->floats : std::span<const float>();
}

std::size_t OpView::normalize_axis(std::int64_t axis, std::size_t rank) const {
  const auto r = static_cast<std::int64_t>(rank);
  if (axis < -r || axis >= r) {
    fail("axis " + std::to_string(axis) + " is outside a tensor of rank " + std::to_string(rank));
  }
  return static_cast<std::size_t>(axis < 0 ? axis + r : axis);
}

TensorFact* InferView::mutable_out(std::size_t o) const {
  return has_out(o) ? &facts_[index(node_->outputs[o])] : nullptr;
}

void InferView::set(std::size_t o, DType dtype, Shape shape) const {
  if (TensorFact* f = mutable_out(o)) {
    f->kind = TypeKind::kTensor;
    f->dtype = dtype;
    f->has_shape = true;
    f->shape = std::move(shape);
  }
}

void InferView::set_unknown_rank(std::size_t o, DType dtype) const {
  if (TensorFact* f = mutable_out(o)) {
    f->kind = TypeKind::kTensor;
    f->dtype = dtype;
    f->has_shape = false;
    f->shape.clear();
  }
}

void InferView::set_fact(std::size_t o, TensorFact fact) const {
  if (TensorFact* f = mutable_out(o)) {
    const bool constant = f->constant;
    const Basis basis = f->basis;
    *f = std::move(fact);
    f->constant = constant;
    if (basis == Basis::kAssumed) f->basis = basis;
  }
}

void InferView::assume(std::size_t o, std::string note) const {
  if (TensorFact* f = mutable_out(o)) f->basis = Basis::kAssumed;
  note_ = std::move(note);
}

void InferView::set_value(std::size_t o, ValueRef value) const {
  TensorFact* f = mutable_out(o);
  if (f == nullptr || !value || !f->has_shape) return;
  if (f->elements() == Count(value->size())) f->value = std::move(value);
}

void InferView::set_ints(std::size_t o, std::span<const std::int64_t> values) const {
  auto v = std::make_shared<Value>();
  v->elements.reserve(values.size());
  for (const std::int64_t x : values) v->elements.push_back(Scalar::of(x));
  set_value(o, std::move(v));
}

}  // namespace aiprof
