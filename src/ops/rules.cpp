#include "ops/rules.h"

#include <algorithm>
#include <utility>

namespace aiprof::ops {

void same_as_first(const InferView& v) { copy_type(v, 0, 0); }

void copy_type(const InferView& v, std::size_t from, std::size_t to, DType dtype) {
  const TensorFact& f = v.in(from);
  const DType type = dtype == DType::kUndefined ? f.dtype : dtype;
  if (f.has_shape) {
    v.set(to, type, f.shape);
  } else {
    v.set_unknown_rank(to, type);
  }
}

Shape broadcast(const OpView& v, std::span<const Dim> a, std::span<const Dim> b) {
  if (a.size() < b.size()) std::swap(a, b);
  Shape out(a);
  const std::size_t shift = a.size() - b.size();
  for (std::size_t i = 0; i < b.size(); ++i) {
    const Dim x = a[shift + i];
    const Dim y = b[i];
    if (x == y || y.is(1)) continue;
    if (x.is(1) || (!x.known() && y.known())) {
      out[shift + i] = y;
    } else if (x.known() && y.known()) {
      v.fail("inputs do not broadcast: " + std::to_string(x.value()) + " against " +
             std::to_string(y.value()) + " on dimension " + std::to_string(shift + i));
    } else if (!x.known() && !y.known()) {
      out[shift + i] = Dim::unknown();
    }
  }
  return out;
}

std::optional<Shape> broadcast_inputs(const OpView& v, std::size_t first, std::size_t last) {
  Shape out;
  for (std::size_t i = first; i < std::min(last, v.num_inputs()); ++i) {
    if (!v.has_in(i)) continue;
    if (!v.in(i).has_shape) return std::nullopt;
    out = broadcast(v, out, v.in(i).shape);
  }
  return out;
}

namespace {

void broadcast_as(const InferView& v, DType dtype) {
  if (auto shape = broadcast_inputs(v)) {
    v.set(0, dtype, std::move(*shape));
  } else {
    v.set_unknown_rank(0, dtype);
  }
}

}  // namespace

void broadcast_all(const InferView& v) { broadcast_as(v, v.in(0).dtype); }
void broadcast_to_bool(const InferView& v) { broadcast_as(v, DType::kBool); }

DType attr_dtype(const OpView& v, std::string_view attr, DType otherwise) {
  const Attribute* a = v.attr(attr);
  if (a == nullptr || a->type != AttrType::kInt) return otherwise;
  return dtype_from_onnx(a->i);
}

Count product(std::span<const Dim> dims, std::size_t from, std::size_t to) {
  return num_elements(dims.subspan(from, to - from));
}

Work arithmetic(DType dtype, Count elements, unsigned per_element,
                unsigned transcendentals_per_element) {
  Work w;
  const Count ops = elements * per_element;
  (is_float(dtype) || is_complex(dtype) ? w.flops : w.integer_ops) = ops;
  w.transcendentals = elements * transcendentals_per_element;
  return w;
}

void value_of_first(const InferView& v) { v.set_value(0, v.value_ref(0)); }

std::shared_ptr<Value> unknown_value(Value::Kind kind, std::size_t n) {
  auto value = std::make_shared<Value>();
  value->kind = kind;
  value->elements.resize(n);
  return value;
}

ValueRef value_or_unknowns(const OpView& v, std::size_t i) {
  if (ValueRef known = v.value_ref(i)) return known;
  const Count n = v.in(i).elements();
  if (!n.known() || n.value() > kSmallValue || v.in(i).dtype == DType::kString) return nullptr;
  return unknown_value(is_float(v.in(i).dtype) ? Value::Kind::kFloat : Value::Kind::kInt,
                       n.value());
}

InlineVector<std::int64_t, 8> strides(std::span<const Dim> dims) {
  InlineVector<std::int64_t, 8> out(dims.size(), 1);
  for (std::size_t i = dims.size(); i-- > 1;) out[i - 1] = out[i] * dims[i].value();
  return out;
}

std::vector<std::size_t> broadcast_index(std::span<const Dim> out, std::span<const Dim> in) {
  const std::size_t n = num_elements(out).value();
  std::vector<std::size_t> indices(n, 0);
  const auto in_strides = strides(in);
  const auto out_strides = strides(out);
  const std::size_t shift = out.size() - in.size();
  for (std::size_t axis = 0; axis < in.size(); ++axis) {
    if (in[axis].is(1)) continue;
    const auto extent = static_cast<std::size_t>(out[shift + axis].value());
    const auto step = static_cast<std::size_t>(out_strides[shift + axis]);
    for (std::size_t i = 0; i < n; ++i) {
      indices[i] += (i / step) % extent * static_cast<std::size_t>(in_strides[axis]);
    }
  }
  return indices;
}

}  // namespace aiprof::ops
