// Contents of model inputs as typed on the command line.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "aiprof/graph/graph.h"

namespace aiprof::cli {

// The tensor that `--value input=text` gives, parsed by the dtype that the model declares:
// integers, decimals, true or false, or words; "@FILE" reads an ONNX TensorProto, which `files`
// keeps alive. Throws Error: kUsage for an input that the model does not have and for text that
// does not fit.
[[nodiscard]] StoredTensor input_value(const Graph& graph, const std::string& input,
                                       std::string_view text,
                                       std::vector<std::shared_ptr<void>>& files);

}  // namespace aiprof::cli
