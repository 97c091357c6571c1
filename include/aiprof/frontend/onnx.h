// Reading and stripping ONNX models. The only public door to the protobuf wire format.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include "aiprof/graph/graph.h"

namespace aiprof {

// Reads an .onnx file. The file is memory-mapped and stays mapped while the Graph lives; bytes of
// weights are never read, and external data need not exist.
// Throws Error(kInput) naming the file, and node or tensor, for anything that is not a model.
[[nodiscard]] Graph load_onnx(const std::string& path);

// The same from memory. `owner` keeps `bytes` alive for the Graph; null if the caller does.
[[nodiscard]] Graph read_onnx(std::span<const std::byte> bytes, const std::string& name,
                              std::shared_ptr<void> owner = nullptr);

// Reads one serialized TensorProto file (`--value NAME=@FILE`). Throws Error(kInput).
[[nodiscard]] StoredTensor load_tensor(const std::string& path, std::shared_ptr<void>& owner);

// The same model without its weights: elements of stored tensors are replaced by references to an
// external file that need not exist; dims, dtypes, and tensors that shapes may depend on stay: of
// integer, bool or string type with at most `keep_elements` elements, of any other type with at
// most 8. Everything else is copied byte by byte. Throws Error(kInput) for what is not a model.
[[nodiscard]] std::string strip_onnx(std::span<const std::byte> bytes, const std::string& name,
                                     std::uint64_t keep_elements = 1024);

// The same of a file, which is memory-mapped: bytes of weights are never read.
[[nodiscard]] std::string strip_onnx_file(const std::string& path,
                                          std::uint64_t keep_elements = 1024);

}  // namespace aiprof
