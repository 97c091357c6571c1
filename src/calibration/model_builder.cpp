#include "calibration/model_builder.h"

#include <bit>
#include <cstring>
#include <utility>

namespace aiprof::calibration {
namespace {

// Field numbers of onnx.proto (IR version 10).
namespace onnx {
constexpr std::uint32_t kModelIrVersion = 1, kModelProducer = 2, kModelGraph = 7, kModelOpset = 8;
constexpr std::uint32_t kOpsetDomain = 1, kOpsetVersion = 2;
constexpr std::uint32_t kGraphNode = 1, kGraphName = 2, kGraphInitializer = 5, kGraphInput = 11,
                        kGraphOutput = 12;
constexpr std::uint32_t kNodeInput = 1, kNodeOutput = 2, kNodeName = 3, kNodeOp = 4,
                        kNodeAttribute = 5, kNodeDomain = 7;
constexpr std::uint32_t kAttributeName = 1, kAttributeInt = 3, kAttributeText = 4,
                        kAttributeInts = 8, kAttributeType = 20;
constexpr std::int64_t kTypeInt = 2, kTypeText = 3, kTypeInts = 7;
constexpr std::uint32_t kTensorDims = 1, kTensorType = 2, kTensorName = 8, kTensorRaw = 9,
                        kTensorExternal = 13, kTensorLocation = 14;
constexpr std::uint32_t kEntryKey = 1, kEntryValue = 2;
constexpr std::uint32_t kValueName = 1, kValueType = 2, kTypeTensor = 1, kTensorTypeElement = 1,
                        kTensorTypeShape = 2, kShapeDim = 1, kDimValue = 1;
}  // namespace onnx

constexpr std::int64_t kIrVersion = 10;

std::int64_t product(const Dims& dims) {
  std::int64_t n = 1;
  for (const std::int64_t d : dims) n *= d;
  return n;
}

wire::Writer value_info(const std::string& name, DType dtype, const Dims& dims) {
  wire::Writer shape;
  for (const std::int64_t d : dims) {
    wire::Writer dim;
    dim.integer(onnx::kDimValue, d);
    shape.message(onnx::kShapeDim, dim);
  }
  wire::Writer tensor;
  tensor.integer(onnx::kTensorTypeElement, static_cast<int>(dtype));
  tensor.message(onnx::kTensorTypeShape, shape);
  wire::Writer type;
  type.message(onnx::kTypeTensor, tensor);
  wire::Writer info;
  info.bytes(onnx::kValueName, name);
  info.message(onnx::kValueType, type);
  return info;
}

wire::Writer tensor(const std::string& name, DType dtype, const Dims& dims) {
  wire::Writer t;
  for (const std::int64_t d : dims) t.integer(onnx::kTensorDims, d);
  t.integer(onnx::kTensorType, static_cast<int>(dtype));
  t.bytes(onnx::kTensorName, name);
  return t;
}

void external(wire::Writer& t, DType dtype, const Dims& dims, std::int64_t first) {
  const auto entry = [&](std::string_view key, const std::string& value) {
    wire::Writer e;
    e.bytes(onnx::kEntryKey, key);
    e.bytes(onnx::kEntryValue, value);
    t.message(onnx::kTensorExternal, e);
  };
  entry("location", weight_file(dtype));
  entry("offset", std::to_string(packed_bytes(dtype, Count(first)).value()));
  entry("length", std::to_string(packed_bytes(dtype, Count(product(dims))).value()));
  t.integer(onnx::kTensorLocation, 1);
}

template <typename T>
void append(std::string& out, T value) {
  char bytes[sizeof value];
  std::memcpy(bytes, &value, sizeof value);
  out.append(bytes, sizeof bytes);
}

// The constants of these models are exact in 16 bits: small powers of two.
std::uint16_t half_bits(double value) {
  const auto bits = std::bit_cast<std::uint32_t>(static_cast<float>(value));
  if ((bits & 0x7FFFFFFFU) == 0) return static_cast<std::uint16_t>(bits >> 16);
  const std::uint32_t exponent = (bits >> 23 & 0xFF) - 127 + 15;
  return static_cast<std::uint16_t>((bits >> 16 & 0x8000) | exponent << 10 | (bits >> 13 & 0x3FF));
}

std::string elements(DType dtype, std::int64_t n, double value) {
  std::string raw;
  for (std::int64_t i = 0; i < n; ++i) {
    switch (dtype) {
      case DType::kFloat16:
        append(raw, half_bits(value));
        break;
      case DType::kBfloat16:
        append(raw, static_cast<std::uint16_t>(
                        std::bit_cast<std::uint32_t>(static_cast<float>(value)) >> 16));
        break;
      case DType::kFloat32:
        append(raw, static_cast<float>(value));
        break;
      case DType::kFloat64:
        append(raw, value);
        break;
      case DType::kInt64:
        append(raw, static_cast<std::int64_t>(value));
        break;
      case DType::kInt32:
        append(raw, static_cast<std::int32_t>(value));
        break;
      default:
        append(raw, static_cast<std::uint8_t>(value));
        break;  // one byte
    }
  }
  return raw;
}

wire::Writer attribute(std::string_view name, std::int64_t type) {
  wire::Writer a;
  a.bytes(onnx::kAttributeName, name);
  a.integer(onnx::kAttributeType, type);
  return a;
}

}  // namespace

std::string weight_file(DType dtype) { return "weights_" + std::string(name(dtype)) + ".bin"; }

std::string ModelBuilder::input(std::string name, DType dtype, const Dims& dims) {
  inputs_.message(onnx::kGraphInput, value_info(name, dtype, dims));
  return name;
}

void ModelBuilder::output(const std::string& name, DType dtype, const Dims& dims) {
  outputs_.message(onnx::kGraphOutput, value_info(name, dtype, dims));
}

std::string ModelBuilder::weight(std::string name, DType dtype, const Dims& dims) {
  return weight_at(std::move(name), dtype, dims, 0);
}

std::string ModelBuilder::weight_at(std::string name, DType dtype, const Dims& dims,
                                    std::int64_t first) {
  wire::Writer t = tensor(name, dtype, dims);
  external(t, dtype, dims, first);
  initializers_.message(onnx::kGraphInitializer, t);
  weights_.emplace_back(dtype, first + product(dims));
  return name;
}

std::string ModelBuilder::constant(std::string name, DType dtype, const Dims& dims, double value) {
  wire::Writer t = tensor(name, dtype, dims);
  t.bytes(onnx::kTensorRaw, elements(dtype, product(dims), value));
  initializers_.message(onnx::kGraphInitializer, t);
  return name;
}

std::string ModelBuilder::integers(std::string name, std::span<const std::int64_t> values) {
  wire::Writer t = tensor(name, DType::kInt64, {static_cast<std::int64_t>(values.size())});
  std::string raw;
  for (const std::int64_t v : values) append(raw, v);
  t.bytes(onnx::kTensorRaw, raw);
  initializers_.message(onnx::kGraphInitializer, t);
  return name;
}

void ModelBuilder::node(std::string_view op, std::initializer_list<std::string_view> inputs,
                        std::initializer_list<std::string_view> outputs,
                        const Attributes& attributes, std::string_view domain) {
  wire::Writer n;
  for (const std::string_view i : inputs) n.bytes(onnx::kNodeInput, i);
  for (const std::string_view o : outputs) n.bytes(onnx::kNodeOutput, o);
  n.bytes(onnx::kNodeName, *outputs.begin());  // one of a kind
  n.bytes(onnx::kNodeOp, op);
  for (const IntAttribute& a : attributes.ints) {
    wire::Writer w = attribute(a.name, onnx::kTypeInt);
    w.integer(onnx::kAttributeInt, a.value);
    n.message(onnx::kNodeAttribute, w);
  }
  for (const IntsAttribute& a : attributes.lists) {
    wire::Writer w = attribute(a.name, onnx::kTypeInts);
    for (const std::int64_t v : a.values) w.integer(onnx::kAttributeInts, v);
    n.message(onnx::kNodeAttribute, w);
  }
  for (const TextAttribute& a : attributes.texts) {
    wire::Writer w = attribute(a.name, onnx::kTypeText);
    w.bytes(onnx::kAttributeText, a.value);
    n.message(onnx::kNodeAttribute, w);
  }
  if (!domain.empty()) n.bytes(onnx::kNodeDomain, domain);
  nodes_.message(onnx::kGraphNode, n);
}

std::string ModelBuilder::finish(const std::string& graph_name) {
  std::string graph = nodes_.take();
  wire::Writer heading;
  heading.bytes(onnx::kGraphName, graph_name);
  graph += heading.text() + initializers_.text() + inputs_.text() + outputs_.text();
  wire::Writer model;
  model.integer(onnx::kModelIrVersion, kIrVersion);
  model.bytes(onnx::kModelProducer, "aiprof");
  model.bytes(onnx::kModelGraph, graph);
  wire::Writer opset;
  opset.integer(onnx::kOpsetVersion, opset_);
  model.message(onnx::kModelOpset, opset);
  if (contrib_) {
    wire::Writer microsoft;
    microsoft.bytes(onnx::kOpsetDomain, "com.microsoft");
    microsoft.integer(onnx::kOpsetVersion, 1);
    model.message(onnx::kModelOpset, microsoft);
  }
  return model.take();
}

}  // namespace aiprof::calibration
