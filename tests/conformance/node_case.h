// One of ONNX's own tests: a folder with model.onnx and, in test_data_set_0, its inputs and
// outputs as serialized tensors.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "aiprof/analysis/analysis.h"

namespace aiprof::conformance {

struct NodeCase {
  std::string name;  // of the folder: "test_abs"
  std::string folder;
};

// All cases below `root` (which may itself be a folder of cases, or hold several), by name.
[[nodiscard]] std::vector<NodeCase> find_cases(const std::string& root);

enum class Verdict : std::uint8_t {
  kRight,    // dtype and every dim as in the output file; of sequences, those of every element
  kBounded,  // no dim is below that in the file, and the tensor is marked assumed
  kWrong,
  kUnknown,  // aiprof does not know the dtype, a dim or the length of a sequence
  kAbsent,   // no file says what is expected
};

struct Outcome {
  std::vector<Verdict> outputs;
  std::string detail;  // of the first output that is not right, and of the first gap
  std::size_t gaps = 0;
  // Sums over all nodes.
  Count flops = 0U;
  Count transcendentals = 0U;
  std::map<std::string, std::uint64_t> flops_by_op, transcendentals_by_op;

  bool tensors = false;  // some output is a tensor, not only sequences and optionals

  [[nodiscard]] bool compared() const;
  [[nodiscard]] Verdict worst() const;
};

// Gives the model the dims of its inputs and contents that shapes may depend on (integers, bools
// and strings; floats of at most a few elements, which may be scales or ranges), hides the types
// that it declares for everything but its inputs, and compares what analyze() finds with the
// outputs on file.
[[nodiscard]] Outcome run_case(const NodeCase& node_case);

// The model as it is, with default dims and no contents. Throws what analyze() and liveness() do.
void run_alone(const NodeCase& node_case);

}  // namespace aiprof::conformance
