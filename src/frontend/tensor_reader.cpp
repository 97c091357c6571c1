#include "frontend/tensor_reader.h"

#include <array>
#include <functional>
#include <utility>
#include <vector>

#include "aiprof/base/text.h"

namespace aiprof {
namespace {

using wire::Bytes;
using wire::Field;
using wire::text;

std::uint64_t fnv1a(std::uint64_t hash, std::string_view s) {
  for (const char c : s) hash = (hash ^ static_cast<std::uint8_t>(c)) * 0x100000001B3ULL;
  return (hash ^ 0xFFU) * 0x100000001B3ULL;
}

// Two tensors that name the same range of the same external file are one tensor stored once. The
// sum does not depend on the order of the entries; no offset means 0.
std::uint64_t external_identity(Bytes entry) {
  std::string_view key;
  std::string_view value;
  wire::for_each_field(entry, [&](const Field& f) {
    if (f.id == 1) key = text(f.bytes);
    if (f.id == 2) value = text(f.bytes);
  });
  const bool identifies = key == "location" || key == "length" || (key == "offset" && value != "0");
  return identifies ? fnv1a(fnv1a(0xCBF29CE484222325ULL, key), value) : 0;
}

// Elements written one field each instead of packed: legal, rare, and always few.
struct Unpacked {
  std::vector<Scalar> numbers;
  std::vector<std::string> strings;
  Value::Kind kind = Value::Kind::kInt;

  void add(Scalar s, Value::Kind of) {
    kind = of;
    if (numbers.size() <= kMaxValueElements) numbers.push_back(s);
  }
  void add(Bytes bytes) {
    kind = Value::Kind::kString;
    if (strings.size() <= kMaxValueElements) strings.emplace_back(text(bytes));
  }
};

void check_rank(std::size_t rank) {
  if (rank < kMaxRank) return;
  throw input_error("has more than " + std::to_string(kMaxRank) + " dims");
}

void read_dims(const Field& f, Shape& dims) {
  const auto add = [&](std::int64_t d) {
    check_rank(dims.size());
    if (d < 0) throw input_error("has the negative dimension " + std::to_string(d));
    dims.push_back(Dim(d));
  };
  if (!f.is_bytes()) return add(f.integer());
  wire::Reader packed(f.bytes);
  while (!packed.at_end()) add(static_cast<std::int64_t>(packed.varint()));
}

// Integer elements of repeated field `f`, packed or not.
void read_varints(const Field& f, StoredTensor& t, Unpacked& unpacked) {
  if (!f.is_bytes()) return unpacked.add(Scalar::of(f.integer()), Value::Kind::kInt);
  t.raw = f.bytes;
  t.encoding = StoredTensor::Encoding::kVarints;
}

void read_reals(const Field& f, StoredTensor& t, Unpacked& unpacked) {
  if (f.is_bytes()) {
    t.raw = f.bytes;
    return;
  }
  double d = f.real();
  if (f.type == 1) std::memcpy(&d, &f.number, sizeof d);
  unpacked.add(Scalar::of_float(d), Value::Kind::kFloat);
}

void read_tensor_field(const Field& f, NamedTensor& out, Unpacked& unpacked) {
  using namespace onnx_field;  // NOLINT(google-build-using-namespace): field names only
  StoredTensor& t = out.tensor;
  switch (f.id) {
    case kTensorDims:
      read_dims(f, t.shape);
      break;
    case kTensorDataType:
      t.dtype = dtype_from_onnx(f.integer());
      if (t.dtype == DType::kUndefined) {
        throw input_error("has the data_type " + std::to_string(f.integer()) +
                          ", which ONNX does not define");
      }
      break;
    case kTensorFloatData:
    case kTensorDoubleData:
      read_reals(f, t, unpacked);
      break;
    case kTensorInt32Data:
    case kTensorInt64Data:
    case kTensorUint64Data:
      read_varints(f, t, unpacked);
      break;
    case kTensorStringData:
      unpacked.add(f.bytes);
      break;
    case kTensorName:
      out.name = text(f.bytes);
      break;
    case kTensorRawData:
      t.raw = f.bytes;
      break;
    case kTensorExternalData:
      t.storage += external_identity(f.bytes);
      break;
    case kTensorDataLocation:
      t.external = f.number == 1;
      break;
    default:
      break;
  }
}

// Types whose varints are the values themselves, not bit patterns of something else.
bool is_plain_integer(DType type) {
  return type == DType::kBool || (is_integer(type) && bits(type) >= 8);
}

// Whether `unpacked` holds all elements of `t`, in the form that decode() gives its dtype.
bool is_whole(const StoredTensor& t, const Unpacked& unpacked) {
  const Count n = num_elements(t.shape);
  if (n.value_or(UINT64_MAX) > kMaxValueElements) return false;
  if (unpacked.kind == Value::Kind::kString) {
    return t.dtype == DType::kString && n == Count(unpacked.strings.size());
  }
  const bool fits = unpacked.kind == Value::Kind::kFloat ? is_float(t.dtype) && bits(t.dtype) >= 32
                                                         : is_plain_integer(t.dtype);
  return fits && n == Count(unpacked.numbers.size());
}

void keep_unpacked(StoredTensor& t, Unpacked& unpacked) {
  if (unpacked.numbers.empty() && unpacked.strings.empty()) return;
  if (!is_whole(t, unpacked)) return;
  auto value = std::make_shared<Value>();
  value->kind = unpacked.kind;
  value->elements = std::move(unpacked.numbers);
  value->strings = std::move(unpacked.strings);
  if (value->kind == Value::Kind::kString) value->elements.clear();
  t.value = std::move(value);
}

void check_size(const StoredTensor& t) {
  if (t.dtype == DType::kUndefined) throw input_error("states no data_type");
  const Count need = packed_bytes(t.dtype, num_elements(t.shape));
  if (!need.known()) throw input_error("has dims whose product does not fit in 64 bits");
  const bool little_endian = t.encoding == StoredTensor::Encoding::kLittleEndian;
  if (little_endian && !t.external && !t.raw.empty() && t.dtype != DType::kString &&
      t.raw.size() < need.value()) {
    throw input_error("stores " + std::to_string(t.raw.size()) + " bytes, but its dims and dtype " +
                      std::string(name(t.dtype)) + " need " + std::to_string(need.value()));
  }
}

// The name of a tensor that may be broken: writers put it after the dims.
std::string_view name_of(Bytes message) {
  std::string_view name;
  try {
    wire::for_each_field(message, [&](const Field& f) {
      if (f.id == onnx_field::kTensorName) name = text(f.bytes);
    });
  } catch (const Error&) {
    return name;
  }
  return name;
}

template <typename Access>
NamedTensor read_tensor_by(Bytes message, Access access) {
  NamedTensor out;
  Unpacked unpacked;
  try {
    wire::for_each_field(
        message, [&](const Field& f) { read_tensor_field(f, out, unpacked); }, access);
    keep_unpacked(out.tensor, unpacked);
    check_size(out.tensor);
  } catch (const Error& e) {
    throw e.in("tensor '" + printable(name_of(message)) + "'");
  }
  return out;
}

}  // namespace

NamedTensor read_tensor(Bytes message) { return read_tensor_by(message, wire::InPlace()); }

NamedTensor read_tensor(Bytes message, FileWindow& window) {
  NamedTensor t = read_tensor_by(message, std::ref(window));
  t.name = text(window.read(std::as_bytes(std::span(t.name))));
  return t;
}

NamedTensor read_sparse_tensor(Bytes message) {
  NamedTensor out;
  Shape dims;
  wire::for_each_field(message, [&](const Field& f) {
    if (f.id == 1 && f.is_bytes()) out = read_tensor(f.bytes);
    if (f.id == 3) read_dims(f, dims);
  });
  if (out.tensor.dtype == DType::kUndefined) throw input_error("a sparse tensor has no values");
  if (!packed_bytes(out.tensor.dtype, num_elements(dims)).known()) {
    throw input_error("tensor '" + printable(out.name) +
                      "': has dims whose product does not fit in 64 bits");
  }
  out.tensor.nonzeros = num_elements(out.tensor.shape).value();
  out.tensor.shape = dims;
  return out;
}

SymbolId Symbols::id(std::string_view name) {
  if (name.empty()) return 0;
  const auto [it, added] = ids_.try_emplace(std::string(name), list_.size());
  if (added) list_.emplace_back(name);
  return it->second;
}

namespace {

Dim read_dim(Bytes message, Symbols& symbols) {
  Dim dim;
  wire::for_each_field(message, [&](const Field& f) {
    if (f.id == 1 && f.type == 0) {
      if (f.integer() < -1) {
        throw input_error("has the negative dimension " + std::to_string(f.integer()));
      }
      dim = Dim(f.integer());
    }
    if (f.id == 2 && f.is_bytes()) dim = Dim::unknown(symbols.id(text(f.bytes)));
  });
  return dim;
}

Shape read_shape(Bytes message, Symbols& symbols) {
  Shape shape;
  wire::for_each_field(message, [&](const Field& f) {
    if (f.id != 1 || !f.is_bytes()) return;
    check_rank(shape.size());
    shape.push_back(read_dim(f.bytes, symbols));
  });
  return shape;
}

void read_tensor_type(Bytes message, Symbols& symbols, Type& type) {
  wire::for_each_field(message, [&](const Field& f) {
    if (f.id == 1 && f.type == 0) type.dtype = dtype_from_onnx(f.integer());
    if (f.id == 2 && f.is_bytes()) type.shape = read_shape(f.bytes, symbols);
  });
}

// The field of TypeProto that holds each kind, and the field of that message with the element.
struct Nesting {
  std::uint32_t field;
  TypeKind kind;
  std::uint32_t element;
};
constexpr std::array<Nesting, 3> kNestings = {
    {{4, TypeKind::kSequence, 1}, {9, TypeKind::kOptional, 1}, {5, TypeKind::kMap, 2}}};

}  // namespace

Type read_type(Bytes message, Symbols& symbols) {
  Type type;
  // The outermost container names the kind; its innermost tensor gives dtype and shape.
  while (!message.empty()) {
    Bytes inner;
    wire::for_each_field(message, [&](const Field& f) {
      if (!f.is_bytes()) return;
      if (f.id == 1 || f.id == 8) {
        if (type.kind == TypeKind::kUnknown) {
          type.kind = f.id == 1 ? TypeKind::kTensor : TypeKind::kSparseTensor;
        }
        read_tensor_type(f.bytes, symbols, type);
      }
      for (const Nesting& n : kNestings) {
        if (f.id != n.field) continue;
        if (type.kind == TypeKind::kUnknown) type.kind = n.kind;
        wire::for_each_field(f.bytes, [&](const Field& e) {
          if (e.id == n.element && e.is_bytes()) inner = e.bytes;
        });
      }
    });
    message = inner;
  }
  return type;
}

}  // namespace aiprof
