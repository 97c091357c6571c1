// What the data files of ONNX's own tests hold beside tensors, read by ONNX's own library.
#pragma once

#include <string>
#include <vector>

#include "aiprof/graph/graph.h"

namespace aiprof::test {

// Dtypes and dims of the tensors of a sequence; their contents are left out.
struct SequenceData {
  DType dtype = DType::kUndefined;  // of the elements; undefined where there are none
  std::vector<StoredTensor> elements;
};

// A serialized SequenceProto, or an OptionalProto: the sequence or the one tensor in it, and an
// empty sequence for an empty optional. Throws std::runtime_error for other bytes.
[[nodiscard]] SequenceData read_sequence(const std::string& bytes, bool optional);

}  // namespace aiprof::test
