// Models for tests, written in the text form of ONNX and serialized by ONNX's own library, so that
// a misreading of the format cannot hide behind a writer that shares it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "aiprof/graph/graph.h"

namespace aiprof::test {

// Serialized ModelProto of a model in text form:
//   <ir_version: 8, opset_import: ["": 17]> g (float[2,N] x) => (float[] y) { y = Relu(x) }
// Beyond what the parser of ONNX 1.12 takes: the name `_` is an omitted operand, dtypes may be any
// that ONNX has by now ("int4[8] w"), and a graph input may be a seq(...), optional(...) or
// map(key, ...). `float[]` has unknown rank. Throws std::runtime_error with the parser's message.
[[nodiscard]] std::string model_bytes(const std::string& text);

// The graph of model_bytes(text).
[[nodiscard]] Graph parse_model(const std::string& text);

// The graph of a serialized model, which is kept alive with it.
[[nodiscard]] Graph read_model(std::string bytes);

// The same model without the types it declares for anything but graph inputs, in subgraphs and
// functions too: shapes must then follow from the operators.
[[nodiscard]] std::string without_declared_types(const std::string& model);

// The same model with the graph input `name` made a stored sparse tensor of its shape, of which
// `nonzeros` elements are stored.
[[nodiscard]] std::string with_sparse_input(const std::string& model, const std::string& name,
                                            std::int64_t nonzeros);

// Fields of local functions that newer versions of ONNX have and 1.12 cannot write.
struct FunctionEdit {
  std::size_t function = 0;   // position in the model
  std::string overload = {};  // of the function, and of every call to it named in `callers`
  std::vector<std::string> callers = {};  // names of their first outputs, anywhere in the model
  std::string float_attribute = {};       // an attribute with a default
  float float_default = 0;
};
[[nodiscard]] std::string edit_functions(const std::string& model,
                                         const std::vector<FunctionEdit>& edits);

}  // namespace aiprof::test
