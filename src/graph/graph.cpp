#include "aiprof/graph/graph.h"

#include <bit>
#include <cmath>
#include <cstring>

#include "aiprof/base/text.h"

namespace aiprof {
namespace {

template <typename T>
T load(const std::byte* from) {
  T value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

// IEEE 754 binary16.
double half_to_double(std::uint16_t h) {
  const int exponent = (h >> 10) & 0x1F;
  const int mantissa = h & 0x3FF;
  const double sign = (h & 0x8000) != 0 ? -1.0 : 1.0;
  if (exponent == 31) return mantissa != 0 ? std::nan("") : sign * HUGE_VAL;
  if (exponent == 0) return sign * std::ldexp(mantissa, -24);
  return sign * std::ldexp(mantissa + 1024, exponent - 25);
}

Scalar element(DType type, const std::byte* raw, std::size_t i) {
  switch (type) {
    case DType::kFloat32:
      return Scalar::of_float(load<float>(raw + 4 * i));
    case DType::kFloat64:
      return Scalar::of_float(load<double>(raw + 8 * i));
    case DType::kFloat16:
      return Scalar::of_float(half_to_double(load<std::uint16_t>(raw + 2 * i)));
    case DType::kBfloat16:
      return Scalar::of_float(
          std::bit_cast<float>(static_cast<std::uint32_t>(load<std::uint16_t>(raw + 2 * i)) << 16));
    case DType::kInt64:
    case DType::kUint64:
      return Scalar::of(load<std::int64_t>(raw + 8 * i));
    case DType::kInt32:
      return Scalar::of(load<std::int32_t>(raw + 4 * i));
    case DType::kUint32:
      return Scalar::of(load<std::uint32_t>(raw + 4 * i));
    case DType::kInt16:
      return Scalar::of(load<std::int16_t>(raw + 2 * i));
    case DType::kUint16:
      return Scalar::of(load<std::uint16_t>(raw + 2 * i));
    case DType::kInt8:
      return Scalar::of(load<std::int8_t>(raw + i));
    case DType::kUint8:
    case DType::kBool:
      return Scalar::of(load<std::uint8_t>(raw + i));
    case DType::kInt4:
    case DType::kUint4: {
      const int nibble = (load<std::uint8_t>(raw + i / 2) >> (i % 2 == 0 ? 0 : 4)) & 0xF;
      return Scalar::of(type == DType::kInt4 && nibble > 7 ? nibble - 16 : nibble);
    }
    default:
      return {};
  }
}

// Elements written as protobuf varints; false if there are too few.
bool decode_varints(std::span<const std::byte> raw, std::vector<Scalar>& out) {
  std::size_t at = 0;
  for (Scalar& s : out) {
    std::uint64_t v = 0;
    for (unsigned shift = 0;; shift += 7) {
      if (at == raw.size() || shift > 63) return false;
      const auto byte = static_cast<std::uint64_t>(raw[at++]);
      v |= (byte & 0x7F) << shift;
      if ((byte & 0x80) == 0) break;
    }
    s = Scalar::of(static_cast<std::int64_t>(v));
  }
  return at == raw.size();
}

// Types whose varints are the values themselves, not bit patterns of something else.
bool plain_integer(DType type) {
  return type == DType::kBool || (is_integer(type) && bits(type) >= 8);
}

}  // namespace

ValueRef decode(const StoredTensor& tensor) {
  if (tensor.value) return tensor.value;
  const Count n = num_elements(tensor.shape);
  const Count bytes = packed_bytes(tensor.dtype, n);
  if (!n.known() || n.value() > kMaxValueElements || !bytes.known()) return nullptr;
  if (tensor.nonzeros != 0 || tensor.dtype == DType::kString || is_complex(tensor.dtype)) {
    return nullptr;
  }
  auto value = std::make_shared<Value>();
  value->kind = is_float(tensor.dtype) ? Value::Kind::kFloat : Value::Kind::kInt;
  value->elements.resize(n.value());
  if (tensor.encoding == StoredTensor::Encoding::kVarints) {
    const bool whole = plain_integer(tensor.dtype) && decode_varints(tensor.raw, value->elements);
    return whole ? value : nullptr;
  }
  if (tensor.raw.size() < bytes.value()) return nullptr;
  for (std::size_t i = 0; i < n.value(); ++i) {
    value->elements[i] = element(tensor.dtype, tensor.raw.data(), i);
  }
  return value;
}

std::string describe(const Graph& graph, NodeId id) {
  const Node& node = graph[id];
  const std::string label =
      node.name.empty() ? std::to_string(index(id)) : "'" + printable(node.name) + "'";
  return "node " + label + " (" + printable(graph.op_type(node).type) + ")";
}

}  // namespace aiprof
