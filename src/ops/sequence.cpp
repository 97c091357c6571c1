// Sequences and optionals of tensors. They hold handles: only SplitToSequence and
// ConcatFromSequence move elements.
//
// A fact of kind kSequence or kOptional has the elements in TensorFact::sequence when they are
// known (an optional has none or one); otherwise `dtype` and, if has_shape, `shape` describe every
// element.
#include <algorithm>
#include <array>

#include "ops/families.h"
#include "ops/operands.h"

namespace aiprof::ops {
namespace {

using Elements = std::vector<TensorFact>;

TensorFact make(TypeKind kind, DType dtype, Elements elements) {
  TensorFact f;
  f.kind = kind;
  f.dtype = dtype;
  f.sequence = std::make_shared<const SequenceFact>(SequenceFact{std::move(elements)});
  return f;
}

TensorFact tensor(DType dtype) {
  TensorFact f;
  f.kind = TypeKind::kTensor;
  f.dtype = dtype;
  return f;
}

// Input i as an element, with its contents if it is small: shapes may come out of the sequence
// again.
TensorFact element(const OpView& v, std::size_t i) {
  TensorFact f = v.in(i);
  if (f.elements().value_or(UINT64_MAX) <= kSmallValue) f.value = v.value_ref(i);
  return f;
}

// What two elements have in common, where it is not known which of them is meant.
TensorFact common(const TensorFact& a, const TensorFact& b) {
  TensorFact f = tensor(a.dtype);
  f.kind = a.kind;
  f.basis = std::max(a.basis, b.basis);
  f.has_shape = a.has_shape && b.has_shape && a.rank() == b.rank();
  if (!f.has_shape) return f;
  for (std::size_t i = 0; i < a.rank(); ++i) {
    f.shape.push_back(a.shape[i] == b.shape[i] ? a.shape[i] : Dim());
  }
  return f;
}

// Any element of input i: what all have in common if the elements are known, else its description.
TensorFact any_element(const OpView& v, std::size_t i) {
  const TensorFact& s = v.in(i);
  if (!s.sequence || s.sequence->elements.empty()) {
    TensorFact f = tensor(s.dtype);
    f.has_shape = s.has_shape;
    f.shape = s.shape;
    return f;
  }
  const Elements& elements = s.sequence->elements;
  TensorFact f = elements[0];
  for (const TensorFact& e : std::span(elements).subspan(1)) f = common(f, e);
  if (elements.size() > 1) f.value = nullptr;
  return f;
}

// A sequence of unknown length whose elements look like `element`.
TensorFact sequence_like(const TensorFact& element) {
  TensorFact f = element;
  f.kind = TypeKind::kSequence;
  f.value = nullptr;
  f.sequence = nullptr;
  return f;
}

// Position `i` of the node as an index below `limit`, negative ones from the end; nullopt if its
// value is not known.
std::optional<std::size_t> position(const OpView& v, std::size_t i, std::size_t limit,
                                    std::size_t size) {
  const auto p = int_of(v, i);
  if (!p) return std::nullopt;
  const std::int64_t at = *p < 0 ? *p + static_cast<std::int64_t>(size) : *p;
  if (at < 0 || at >= static_cast<std::int64_t>(limit)) {
    v.fail("position " + std::to_string(*p) + " in a sequence of " + std::to_string(size));
  }
  return static_cast<std::size_t>(at);
}

// --- building and taking apart ------------------------------------------------------------------

void sequence_construct(const InferView& v) {
  Elements elements;
  for (std::size_t i = 0; i < v.num_inputs(); ++i) elements.push_back(element(v, i));
  v.set_fact(0, make(TypeKind::kSequence, v.in(0).dtype, std::move(elements)));
}

void sequence_empty(const InferView& v) {
  v.set_fact(0, make(TypeKind::kSequence, attr_dtype(v, "dtype", DType::kFloat32), {}));
}

// Without a position the tensor goes to the end.
void sequence_insert(const InferView& v) {
  const TensorFact& s = v.in(0);
  const DType dtype = s.dtype == DType::kUndefined ? v.in(1).dtype : s.dtype;
  if (!s.sequence) return v.set_fact(0, sequence_like(common(any_element(v, 0), v.in(1))));
  Elements elements = s.sequence->elements;
  const std::size_t n = elements.size();
  const auto at = v.has_in(2) ? position(v, 2, n + 1, n) : std::optional(n);
  if (at) {
    elements.insert(elements.begin() + static_cast<std::ptrdiff_t>(*at), element(v, 1));
  } else {
    const TensorFact any = n == 0 ? element(v, 1) : common(any_element(v, 0), v.in(1));
    elements.assign(n + 1, any);
  }
  v.set_fact(0, make(TypeKind::kSequence, dtype, std::move(elements)));
}

// Without a position the last element goes.
void sequence_erase(const InferView& v) {
  const TensorFact& s = v.in(0);
  if (!s.sequence) return v.set_fact(0, s);
  Elements elements = s.sequence->elements;
  const std::size_t n = elements.size();
  if (n == 0) v.fail("the sequence is empty");
  const auto at = v.has_in(1) ? position(v, 1, n, n) : std::optional(n - 1);
  if (at) {
    elements.erase(elements.begin() + static_cast<std::ptrdiff_t>(*at));
  } else {
    elements.assign(n - 1, any_element(v, 0));
  }
  v.set_fact(0, make(TypeKind::kSequence, s.dtype, std::move(elements)));
}

void sequence_at(const InferView& v) {
  const TensorFact& s = v.in(0);
  if (!s.sequence) return v.set_fact(0, any_element(v, 0));
  const std::size_t n = s.sequence->elements.size();
  const auto at = position(v, 1, n, n);
  v.set_fact(0, at ? s.sequence->elements[*at] : any_element(v, 0));
}

void sequence_length(const InferView& v) { v.set(0, DType::kInt64, {}); }

void sequence_length_value(const InferView& v) {
  const auto& s = v.in(0).sequence;
  if (s) v.set_ints(0, std::array{static_cast<std::int64_t>(s->elements.size())});
}

// --- SplitToSequence, ConcatFromSequence --------------------------------------------------------

// Sequences of more parts than this are not listed element by element.
constexpr std::int64_t kMaxParts = 65536;

// Extents of the parts on the split axis: the sizes in `split`, chunks of a scalar `split` (the
// last may be smaller), or single points. nullopt where their number is not known.
std::optional<Shape> parts(const OpView& v, Dim extent) {
  if (v.has_in(1) && (!v.in(1).has_shape || v.in(1).rank() != 0)) {
    const auto sizes = int_operand(v, 1);
    if (!sizes) return std::nullopt;
    Shape out;
    for (const Scalar& s : *sizes) out.push_back(s.known ? Dim(s.i) : Dim());
    return out;
  }
  const auto chunk = v.has_in(1) ? int_of(v, 1) : std::optional<std::int64_t>(1);
  if (chunk && *chunk <= 0) v.fail("chunks of " + std::to_string(*chunk));
  if (!chunk || !extent.known() || extent.value() / *chunk > kMaxParts) return std::nullopt;
  Shape out;
  for (std::int64_t begin = 0; begin < extent.value(); begin += *chunk) {
    out.push_back(std::min(*chunk, extent.value() - begin));
  }
  return out;
}

void split_to_sequence(const InferView& v) {
  const TensorFact& in = v.in(0);
  if (!in.has_shape) return v.set_fact(0, sequence_like(tensor(in.dtype)));
  const std::size_t axis = v.normalize_axis(v.attr_int("axis", 0), in.rank());
  const bool squeeze = !v.has_in(1) && v.attr_int("keepdims", 1) == 0;
  TensorFact part = tensor(in.dtype);
  part.basis = in.basis;
  part.has_shape = true;
  const auto extents = parts(v, in.shape[axis]);
  const auto shaped = [&](Dim extent) {
    part.shape = in.shape;
    part.shape[axis] = extent;
    if (squeeze) part.shape.erase_at(axis);
    return part;
  };
  if (!extents) return v.set_fact(0, sequence_like(shaped(Dim())));
  Elements elements;
  for (const Dim extent : *extents) elements.push_back(shaped(extent));
  v.set_fact(0, make(TypeKind::kSequence, in.dtype, std::move(elements)));
}

// The parts are as large together as the input.
void split_to_sequence_traffic(const OpView& v, Traffic& t) {
  t.read(0);
  if (v.has_out(0)) t.write_as(0, v.in(0).dtype, v.in(0).elements());
}

// Joins elements on an axis they have, or with new_axis on one that is added.
Shape concatenated(const OpView& v, const Elements& elements) {
  const bool stack = v.attr_int("new_axis", 0) != 0;
  const std::size_t rank = elements[0].rank() + (stack ? 1 : 0);
  const std::size_t axis = v.normalize_axis(v.attr_int("axis", 0), rank);
  Shape out = unknown_shape(rank);
  out[axis] = 0;
  for (const TensorFact& e : elements) {
    Shape shape = e.shape;
    if (stack) shape.insert_at(std::min(axis, shape.size()), 1);
    if (shape.size() != rank) v.fail("elements differ in rank");
    for (std::size_t d = 0; d < rank; ++d) {
      out[d] = d == axis ? out[d] + shape[d] : same_extent(v, out[d], shape[d], d);
    }
  }
  return out;
}

void concat_from_sequence(const InferView& v) {
  const TensorFact& s = v.in(0);
  if (s.sequence && s.sequence->elements.empty()) v.fail("the sequence is empty");
  const TensorFact any = any_element(v, 0);
  if (!s.sequence && any.has_shape) {
    const Elements one = {any};
    Shape out = concatenated(v, one);
    out[v.normalize_axis(v.attr_int("axis", 0), out.size())] = Dim();
    return v.set(0, any.dtype, out);
  }
  const bool shaped =
      s.sequence && std::all_of(s.sequence->elements.begin(), s.sequence->elements.end(),
                                [](const TensorFact& e) { return e.has_shape; });
  if (!shaped) return v.set_unknown_rank(0, any.dtype);
  v.set(0, any.dtype, concatenated(v, s.sequence->elements));
}

void concat_from_sequence_traffic(const OpView& v, Traffic& t) {
  if (v.has_in(0)) t.read_as(0, v.out(0).dtype, v.out(0).elements());
  t.write(0);
}

void concat_from_sequence_value(const InferView& v) {
  const auto& s = v.in(0).sequence;
  if (!s || !evaluable(v) || v.out(0).rank() != 1) return;
  auto value = std::make_shared<Value>();
  for (const TensorFact& e : s->elements) {
    if (!e.value || e.value->kind == Value::Kind::kString) return;
    value->kind = e.value->kind;
    value->elements.insert(value->elements.end(), e.value->elements.begin(),
                           e.value->elements.end());
  }
  v.set_value(0, std::move(value));
}

// --- optionals ----------------------------------------------------------------------------------

void optional_shape(const InferView& v) {
  if (v.has_in(0)) {
    return v.set_fact(0, make(TypeKind::kOptional, v.in(0).dtype, {element(v, 0)}));
  }
  const Attribute* type = v.attr("type");
  const DType dtype =
      type != nullptr && type->type_value != nullptr ? type->type_value->dtype : DType::kUndefined;
  v.set_fact(0, make(TypeKind::kOptional, dtype, {}));
}

// Tensors and sequences pass through (since opset 18).
void optional_get_element(const InferView& v) {
  const TensorFact& in = v.in(0);
  if (in.kind != TypeKind::kOptional) return v.set_fact(0, in);
  if (in.sequence && in.sequence->elements.empty()) v.fail("the optional is empty");
  TensorFact inner = any_element(v, 0);
  if (!in.sequence && v.has_out(0)) {
    // A declared optional does not say whether it holds a tensor or a sequence; the output may.
    const Type* declared = v.graph()[v.node().outputs[0]].declared;
    if (declared != nullptr && declared->kind == TypeKind::kSequence)
      inner.kind = TypeKind::kSequence;
  }
  v.set_fact(0, inner);
}

void optional_get_element_value(const InferView& v) {
  const TensorFact& in = v.in(0);
  if (in.kind == TypeKind::kTensor) return value_of_first(v);
  if (in.sequence && in.sequence->elements.size() == 1) {
    v.set_value(0, in.sequence->elements[0].value);
  }
}

void optional_has_element(const InferView& v) { v.set(0, DType::kBool, {}); }

void optional_has_element_value(const InferView& v) {
  const TensorFact& in = v.in(0);
  if (!v.has_in(0)) return v.set_ints(0, std::array{std::int64_t{0}});
  if (in.kind == TypeKind::kTensor || in.kind == TypeKind::kSequence) {
    return v.set_ints(0, std::array{std::int64_t{1}});
  }
  if (in.kind == TypeKind::kOptional && in.sequence) {
    v.set_ints(0, std::array{static_cast<std::int64_t>(in.sequence->elements.size())});
  }
}

constexpr std::string_view kHandles = "nothing: handles";

constexpr OpSpec kSequence[] = {
    {"", "SequenceConstruct", 11, OpClass::kSequence, sequence_construct, no_work, no_traffic,
     kHandles},
    {"", "SequenceEmpty", 11, OpClass::kSequence, sequence_empty, no_work, no_traffic, kHandles},
    {"", "SequenceInsert", 11, OpClass::kSequence, sequence_insert, no_work, no_traffic, kHandles},
    {"", "SequenceErase", 11, OpClass::kSequence, sequence_erase, no_work, no_traffic, kHandles},
    {"", "SequenceAt", 11, OpClass::kSequence, sequence_at, no_work, no_traffic, kHandles},
    {"", "SequenceLength", 11, OpClass::kSequence, sequence_length, no_work, no_traffic, kHandles,
     sequence_length_value, kValueFromShape},
    {"", "SplitToSequence", 11, OpClass::kMovement, split_to_sequence, no_work,
     split_to_sequence_traffic, "reads the input and writes the parts"},
    {"", "ConcatFromSequence", 11, OpClass::kMovement, concat_from_sequence, no_work,
     concat_from_sequence_traffic, "reads the elements and writes the output",
     concat_from_sequence_value},
    {"", "Optional", 15, OpClass::kSequence, optional_shape, no_work, no_traffic, kHandles, nullptr,
     kAliases},
    {"", "OptionalGetElement", 15, OpClass::kSequence, optional_get_element, no_work, no_traffic,
     kHandles, optional_get_element_value, kAliases},
    // Also takes tensors and sequences.
    {"", "OptionalGetElement", 18, OpClass::kSequence, optional_get_element, no_work, no_traffic,
     kHandles, optional_get_element_value, kAliases},
    {"", "OptionalHasElement", 15, OpClass::kSequence, optional_has_element, no_work, no_traffic,
     kHandles, optional_has_element_value, kValueFromShape},
    {"", "OptionalHasElement", 18, OpClass::kSequence, optional_has_element, no_work, no_traffic,
     kHandles, optional_has_element_value, kValueFromShape},
};

}  // namespace

std::span<const OpSpec> sequence_ops() { return kSequence; }

}  // namespace aiprof::ops
