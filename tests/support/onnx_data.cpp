#include "support/onnx_data.h"

#include <onnx/onnx-data_pb.h>
#include <onnx/onnx_pb.h>

#include <stdexcept>

namespace aiprof::test {
namespace {

StoredTensor described(const onnx::TensorProto& tensor) {
  StoredTensor out;
  out.dtype = dtype_from_onnx(tensor.data_type());
  for (const std::int64_t n : tensor.dims()) out.shape.push_back(Dim(n));
  return out;
}

SequenceData described(const onnx::SequenceProto& sequence) {
  SequenceData out;
  for (const onnx::TensorProto& tensor : sequence.tensor_values()) {
    out.elements.push_back(described(tensor));
  }
  if (!out.elements.empty()) out.dtype = out.elements[0].dtype;
  return out;
}

}  // namespace

SequenceData read_sequence(const std::string& bytes, bool optional) {
  if (!optional) {
    onnx::SequenceProto sequence;
    if (!sequence.ParseFromString(bytes)) throw std::runtime_error("not a SequenceProto");
    return described(sequence);
  }
  onnx::OptionalProto value;
  if (!value.ParseFromString(bytes)) throw std::runtime_error("not an OptionalProto");
  if (value.has_sequence_value()) return described(value.sequence_value());
  SequenceData out;
  if (value.has_tensor_value()) {
    out.elements.push_back(described(value.tensor_value()));
    out.dtype = out.elements[0].dtype;
  }
  return out;
}

}  // namespace aiprof::test
