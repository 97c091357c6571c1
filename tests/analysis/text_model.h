// Models in text form, analysed.
#pragma once

#include <string>
#include <string_view>

#include "aiprof/analysis/analysis.h"
#include "support/onnx_text.h"
#include "support/print.h"

namespace aiprof::test {

// A graph and what was found of it.
struct Analysed {
  Graph graph;
  Analysis analysis;

  // The tensor of that name that a node produces, or a graph input.
  [[nodiscard]] const TensorFact& fact(std::string_view tensor) const;
  // The node that produces the tensor of that name.
  [[nodiscard]] const NodeResult& node(std::string_view output) const;
  // "2x3", "2x?", "scalar", "[...]" for an unknown rank.
  [[nodiscard]] std::string shape(std::string_view tensor) const;
  // "1, ?, 3" or "unknown".
  [[nodiscard]] std::string value(std::string_view tensor) const;
  [[nodiscard]] Count flops() const;  // of all nodes
  // Whether a note contains `text`.
  [[nodiscard]] bool noted(std::string_view text) const;
};

// `body` is everything after the opset import: "g (float[2] x) => (float[] y) { y = Relu(x) }".
[[nodiscard]] Analysed analysed(const std::string& body, const BindOptions& options = {},
                                int opset = 17);
[[nodiscard]] Analysed analysed(Graph graph, const BindOptions& options = {});

}  // namespace aiprof::test
