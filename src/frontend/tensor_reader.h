// TensorProto, TypeProto and their parts.
#pragma once

#include <string_view>
#include <unordered_map>

#include "aiprof/graph/graph.h"
#include "frontend/mapped_file.h"
#include "frontend/wire.h"

namespace aiprof {

// Field numbers of onnx.proto that more than one reader needs.
namespace onnx_field {
inline constexpr std::uint32_t kTensorDims = 1, kTensorDataType = 2, kTensorFloatData = 4,
                               kTensorInt32Data = 5, kTensorStringData = 6, kTensorInt64Data = 7,
                               kTensorName = 8, kTensorRawData = 9, kTensorDoubleData = 10,
                               kTensorUint64Data = 11, kTensorExternalData = 13,
                               kTensorDataLocation = 14;
}  // namespace onnx_field

struct NamedTensor {
  std::string_view name;
  StoredTensor tensor;
};

// Reads a TensorProto without touching its elements. Throws Error(kInput) naming the tensor for
// negative or overflowing dims, an unknown dtype, or fewer stored bytes than the dims need.
[[nodiscard]] NamedTensor read_tensor(wire::Bytes message);
// The same in a mapped file, through a window. The name holds until the window is used again.
[[nodiscard]] NamedTensor read_tensor(wire::Bytes message, FileWindow& window);
[[nodiscard]] NamedTensor read_sparse_tensor(wire::Bytes message);

// Dimension names seen so far, numbered in Graph::symbols.
class Symbols {
 public:
  explicit Symbols(std::vector<std::string>& list) : list_(list) { list_.emplace_back("?"); }
  SymbolId id(std::string_view name);

 private:
  std::vector<std::string>& list_;
  std::unordered_map<std::string, SymbolId> ids_;
};

// Reads a TypeProto. A dim of -1 or with neither value nor name is an anonymous unknown.
[[nodiscard]] Type read_type(wire::Bytes message, Symbols& symbols);

}  // namespace aiprof
