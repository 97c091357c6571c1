// Operators that move no data: constants, and other names or shapes for the same elements.
#include <algorithm>
#include <array>

#include "ops/families.h"
#include "ops/operands.h"

namespace aiprof::ops {
namespace {

// --- Constant -----------------------------------------------------------------------------------

constexpr std::string_view kConstantAttributes[] = {"value",        "sparse_value", "value_int",
                                                    "value_ints",   "value_float",  "value_floats",
                                                    "value_string", "value_strings"};

const Attribute& constant_attribute(const OpView& v) {
  for (const std::string_view name : kConstantAttributes) {
    if (const Attribute* a = v.attr(name)) return *a;
  }
  v.fail("none of the attributes value, sparse_value or value_* is there");
}

void constant_shape(const InferView& v) {
  const Attribute& a = constant_attribute(v);
  switch (a.type) {
    case AttrType::kTensor:
    case AttrType::kSparseTensor:
      if (a.tensor == nullptr) v.fail("attribute " + std::string(a.name) + " holds no tensor");
      return v.set(0, a.tensor->dtype, a.tensor->shape);
    case AttrType::kInt:
      return v.set(0, DType::kInt64, {});
    case AttrType::kInts:
      return v.set(0, DType::kInt64, {static_cast<std::int64_t>(a.ints.size())});
    case AttrType::kFloat:
      return v.set(0, DType::kFloat32, {});
    case AttrType::kFloats:
      return v.set(0, DType::kFloat32, {static_cast<std::int64_t>(a.floats.size())});
    case AttrType::kString:
      return v.set(0, DType::kString, {});
    case AttrType::kStrings:
      return v.set(0, DType::kString, {static_cast<std::int64_t>(a.strings.size())});
    default:
      v.fail("attribute " + std::string(a.name) + " has a type that no constant can have");
  }
}

// Constants of floating-point tensors beyond this size are weights; their contents are never read.
bool readable(const StoredTensor& t) {
  const std::uint64_t limit = is_float(t.dtype) ? OpView::kMaxStoredFloats : kMaxValueElements;
  return num_elements(t.shape).value_or(UINT64_MAX) <= limit;
}

void constant_value(const InferView& v) {
  const Attribute& a = constant_attribute(v);
  if (a.tensor != nullptr) {
    if (readable(*a.tensor)) v.set_value(0, decode(*a.tensor));
    return;
  }
  if (!evaluable(v)) return;
  auto value = std::make_shared<Value>();
  if (a.type == AttrType::kInt) {
    value->elements.push_back(Scalar::of(a.i));
  } else if (a.type == AttrType::kInts) {
    for (const std::int64_t x : a.ints) value->elements.push_back(Scalar::of(x));
  } else if (a.type == AttrType::kFloat || a.type == AttrType::kFloats) {
    value->kind = Value::Kind::kFloat;
    if (a.type == AttrType::kFloat) value->elements.push_back(Scalar::of_float(a.f));
    for (const float x : a.floats) value->elements.push_back(Scalar::of_float(x));
  } else {
    value->kind = Value::Kind::kString;
    if (a.type == AttrType::kString) value->strings.emplace_back(a.s);
    for (const std::string_view s : a.strings) value->strings.emplace_back(s);
  }
  v.set_value(0, std::move(value));
}

// --- Identity, Shape, Size ----------------------------------------------------------------------

// Sequences and optionals pass as well as tensors.
void identity_shape(const InferView& v) {
  if (v.in(0).kind == TypeKind::kTensor) {
    same_as_first(v);
  } else if (v.in(0).present()) {
    v.set_fact(0, v.in(0));
  }
}

struct Interval {
  std::size_t begin = 0;
  std::size_t end = 0;
};

// The dims that Shape returns: attributes `start` and `end` are clamped, as in Python.
Interval shape_interval(const OpView& v) {
  const auto rank = static_cast<std::int64_t>(v.in(0).rank());
  const auto position = [&](std::string_view name, std::int64_t otherwise) {
    const std::int64_t x = v.attr_int(name, otherwise);
    return std::clamp<std::int64_t>(x < 0 ? x + rank : x, 0, rank);
  };
  const std::int64_t begin = position("start", 0);
  const std::int64_t end = std::max(begin, position("end", rank));
  return {static_cast<std::size_t>(begin), static_cast<std::size_t>(end)};
}

void shape_shape(const InferView& v) {
  if (!v.in(0).has_shape) return v.set(0, DType::kInt64, {Dim()});
  const Interval dims = shape_interval(v);
  v.set(0, DType::kInt64, {static_cast<std::int64_t>(dims.end - dims.begin)});
}

void shape_value(const InferView& v) {
  if (!v.in(0).has_shape) return;
  const Interval dims = shape_interval(v);
  auto value = unknown_value(Value::Kind::kInt, dims.end - dims.begin);
  for (std::size_t i = dims.begin; i < dims.end; ++i) {
    const Dim d = v.in(0).shape[i];
    if (d.known()) value->elements[i - dims.begin] = Scalar::of(d.value());
  }
  v.set_value(0, std::move(value));
}

void size_shape(const InferView& v) { v.set(0, DType::kInt64, {}); }

void size_value(const InferView& v) {
  const Dim n = Dim::from(v.in(0).elements());
  if (n.known()) v.set_ints(0, std::array{n.value()});
}

// --- Reshape ------------------------------------------------------------------------------------

// What a target shape says, read against the input.
struct Target {
  Shape out;                          // unknown where open
  Shape rest;                         // extents of the input that no 0 has copied
  Count wanted = 1U;                  // product of the extents given as numbers
  InlineVector<std::size_t, 8> open;  // positions of -1 and of elements that are not known
};

Target read_target(const OpView& v, const Ints& target) {
  const TensorFact& in = v.in(0);
  const bool copy_zeros = v.attr_int("allowzero", 0) == 0;
  Target t = {unknown_shape(target.size()), in.shape, 1U, {}};
  std::size_t inferred = 0;
  for (std::size_t i = 0; i < target.size(); ++i) {
    const Scalar s = target[i];
    const bool copied = s.known && s.i == 0 && copy_zeros;
    if (!s.known || s.i == -1 || (copied && !in.has_shape)) {
      t.open.push_back(i);
      inferred += s.known && s.i == -1 ? 1 : 0;
    } else if (copied) {
      if (i >= in.rank()) v.fail("a 0 in the shape has no extent of the input to copy");
      t.out[i] = in.shape[i];
      t.rest[i] = 1;
    } else if (s.i < 0) {
      v.fail("extent " + std::to_string(s.i) + " in the shape");
    } else {
      t.out[i] = s.i;
      t.wanted *= Count(s.i);
    }
  }
  if (inferred > 1) v.fail("more than one -1 in the shape");
  return t;
}

// One extent may be left open (-1, or an element that is not known): it follows from the number of
// elements. Extents copied by a 0 cancel, so that a batch nobody gave does not hide it.
Shape reshaped(const OpView& v, const Ints& target) {
  const TensorFact& in = v.in(0);
  Target t = read_target(v, target);
  const Count have = in.has_shape ? num_elements(t.rest) : Count::unknown();
  if (!have.known() || !t.wanted.known() || t.open.size() > 1) return t.out;
  // With a 0 among the other extents any open one would do.
  if (!t.open.empty() && t.wanted == Count(0U)) return t.out;
  const bool fits = t.open.empty() ? have == t.wanted : have.value() % t.wanted.value() == 0;
  if (!fits) v.fail("a tensor of " + to_text(in.shape) + " cannot become " + to_text(t.out));
  if (!t.open.empty()) t.out[t.open[0]] = Dim::from(have / t.wanted);
  return t.out;
}

void reshape_to(const InferView& v, const std::optional<Ints>& target) {
  if (!target) return v.set_unknown_rank(0, v.in(0).dtype);
  v.set(0, v.in(0).dtype, reshaped(v, *target));
}

void reshape_by_attribute(const InferView& v) { reshape_to(v, to_ints(v.attr_ints("shape"))); }
void reshape_by_input(const InferView& v) { reshape_to(v, int_operand(v, 1)); }

// --- Squeeze, Unsqueeze, Flatten ----------------------------------------------------------------

// Without axes every extent of 1 goes, which an unknown extent leaves undecided.
void squeeze_all(const InferView& v) {
  if (!all_known(v.in(0).shape)) return v.set_unknown_rank(0, v.in(0).dtype);
  Shape out;
  for (const Dim d : v.in(0).shape) {
    if (!d.is(1)) out.push_back(d);
  }
  v.set(0, v.in(0).dtype, out);
}

void squeeze_shape(const InferView& v) {
  const TensorFact& in = v.in(0);
  if (!in.has_shape) return v.set_unknown_rank(0, in.dtype);
  const bool given = v.has_in(1) || v.attr("axes") != nullptr;
  if (!given) return squeeze_all(v);
  const auto operand = int_operand(v, 1, "axes");
  if (!operand) return v.set_unknown_rank(0, in.dtype);
  if (operand->size() > in.rank()) v.fail("more axes than the input has");
  const auto axes = axes_of(v, *operand, in.rank());
  if (!axes) return v.set(0, in.dtype, unknown_shape(in.rank() - operand->size()));
  Shape out;
  for (std::size_t i = 0; i < in.rank(); ++i) {
    if (std::find(axes->begin(), axes->end(), i) == axes->end()) {
      out.push_back(in.shape[i]);
    } else if (in.shape[i].known() && !in.shape[i].is(1)) {
      v.fail("axis " + std::to_string(i) + " has extent " + std::to_string(in.shape[i].value()) +
             " and cannot be squeezed");
    }
  }
  v.set(0, in.dtype, out);
}

void unsqueeze_shape(const InferView& v) {
  const TensorFact& in = v.in(0);
  const auto operand = int_operand(v, 1, "axes");
  if (!in.has_shape || !operand) return v.set_unknown_rank(0, in.dtype);
  const std::size_t rank = in.rank() + operand->size();
  const auto axes = axes_of(v, *operand, rank);
  if (!axes) return v.set(0, in.dtype, unknown_shape(rank));
  Shape out;
  std::size_t from = 0;
  for (std::size_t i = 0; i < rank; ++i) {
    const bool added = std::find(axes->begin(), axes->end(), i) != axes->end();
    out.push_back(added ? Dim(1) : in.shape[from++]);
  }
  v.set(0, in.dtype, out);
}

void flatten_shape(const InferView& v) {
  const TensorFact& in = v.in(0);
  if (!in.has_shape) return v.set(0, in.dtype, unknown_shape(2));
  const std::int64_t axis = v.attr_int("axis", 1);
  // The axis may also stand behind the last one.
  const std::size_t split =
      axis == static_cast<std::int64_t>(in.rank()) ? in.rank() : v.normalize_axis(axis, in.rank());
  v.set(0, in.dtype,
        {Dim::from(product(in.shape, 0, split)), Dim::from(product(in.shape, split, in.rank()))});
}

constexpr std::uint8_t kFree = kAliases;

constexpr OpSpec kView[] = {
    // since 11 also sparse_value, since 12 value_int ... value_strings: told apart by the
    // attribute.
    {"", "Constant", 1, OpClass::kConstant, constant_shape, no_work, no_traffic,
     "nothing: the operators that use it read it", constant_value, kValueFromShape},
    {"", "Identity", 1, OpClass::kView, identity_shape, no_work, no_traffic, "nothing: a view",
     value_of_first, kFree},
    {"", "Shape", 1, OpClass::kView, shape_shape, no_work, no_traffic,
     "nothing: the shape is known to the host", shape_value, kValueFromShape},
    {"", "Shape", 15, OpClass::kView, shape_shape, no_work, no_traffic,
     "nothing: the shape is known to the host", shape_value, kValueFromShape},
    {"", "Size", 1, OpClass::kView, size_shape, no_work, no_traffic,
     "nothing: the shape is known to the host", size_value, kValueFromShape},
    {"", "Reshape", 1, OpClass::kView, reshape_by_attribute, no_work, no_traffic, "nothing: a view",
     value_of_first, kFree},
    {"", "Reshape", 5, OpClass::kView, reshape_by_input, no_work, no_traffic, "nothing: a view",
     value_of_first, kFree},
    {"", "Reshape", 14, OpClass::kView, reshape_by_input, no_work, no_traffic, "nothing: a view",
     value_of_first, kFree},
    {"", "Squeeze", 1, OpClass::kView, squeeze_shape, no_work, no_traffic, "nothing: a view",
     value_of_first, kFree},
    {"", "Squeeze", 13, OpClass::kView, squeeze_shape, no_work, no_traffic, "nothing: a view",
     value_of_first, kFree},
    {"", "Unsqueeze", 1, OpClass::kView, unsqueeze_shape, no_work, no_traffic, "nothing: a view",
     value_of_first, kFree},
    {"", "Unsqueeze", 13, OpClass::kView, unsqueeze_shape, no_work, no_traffic, "nothing: a view",
     value_of_first, kFree},
    {"", "Flatten", 1, OpClass::kView, flatten_shape, no_work, no_traffic, "nothing: a view",
     value_of_first, kFree},
};

}  // namespace

std::span<const OpSpec> view_ops() { return kView; }

}  // namespace aiprof::ops
