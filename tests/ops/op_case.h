// Tables of operator cases: a small model in ONNX text form, and what must come out of it. Numbers
// are written as unreduced products, so that each reads as the convention it follows.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace aiprof::test {

enum class Status : std::uint8_t { kExact, kAssumed, kFolded, kGap };

struct OpCase {
  // The registry row that the case is about: "Conv 11", "com.microsoft.FastGelu 1". The model
  // imports its domain at that version, and some node must resolve to exactly this row.
  std::string_view op;
  // Graph inputs, "float[2,N] x, int64[2] shape = {3, 4}". With elements they are constants of the
  // model. `_` in a node is an omitted operand. See support/onnx_text.h.
  std::string_view inputs;
  std::string_view nodes;  // "y = Relu(x)", one or several
  // Every graph output: "float[2,3] y; int64[2] z = {1,?}". `?` is an unknown dim or element,
  // `[...]` an unknown rank, seq(...) lists the elements of a sequence.
  std::string_view outputs;
  // Sums over the nodes. FLOPs include 2 x MACs; bytes are packed.
  std::uint64_t macs = 0, flops = 0, transcendentals = 0, integer_ops = 0;
  std::uint64_t read = 0, written = 0;
  std::uint64_t useful = 0;        // MACs that masks leave; 0: all
  Status status = Status::kExact;  // of the node that the case is about
  std::string_view reason = {};    // part of the reason of a gap or an assumption
  int opset = 17;                  // of ai.onnx, where `op` is of another domain
  std::string_view values = {};    // scalar graph inputs as by --value: "n = 10, k = 3"
  std::int64_t nonzeros = 0;       // of input `a`, which then is a stored sparse tensor
  bool declared = false;           // the model declares the types of its outputs, as given above
};

// What a case's model gave, in the case's own terms, for comparison.
struct OpResult {
  std::string outputs;
  std::uint64_t macs = 0, flops = 0, transcendentals = 0, integer_ops = 0, read = 0, written = 0;
  std::uint64_t useful = 0;
  Status status = Status::kGap;
  std::string reason;
  bool found_row = false;  // a node of the model has exactly the row of the case
};

[[nodiscard]] OpResult run(const OpCase& op_case);

// The outputs of a case with dtypes spelled as aiprof spells them.
[[nodiscard]] std::string canonical_outputs(std::string_view outputs);

struct RowName {
  std::string domain, type;
  int since = 0;
  friend auto operator<=>(const RowName&, const RowName&) = default;
};
[[nodiscard]] RowName row_name(std::string_view op);

// One table per file of cases.
[[nodiscard]] std::span<const OpCase> elementwise_cases();
[[nodiscard]] std::span<const OpCase> logic_cases();
[[nodiscard]] std::span<const OpCase> activation_cases();
[[nodiscard]] std::span<const OpCase> reduction_cases();
[[nodiscard]] std::span<const OpCase> normalization_cases();
[[nodiscard]] std::span<const OpCase> contraction_cases();
[[nodiscard]] std::span<const OpCase> attention_cases();
[[nodiscard]] std::span<const OpCase> pooling_cases();
[[nodiscard]] std::span<const OpCase> shape_cases();
[[nodiscard]] std::span<const OpCase> movement_cases();
[[nodiscard]] std::span<const OpCase> gather_cases();
[[nodiscard]] std::span<const OpCase> vision_cases();
[[nodiscard]] std::span<const OpCase> signal_cases();
[[nodiscard]] std::span<const OpCase> sequence_cases();
[[nodiscard]] std::span<const OpCase> ml_cases();
[[nodiscard]] std::span<const OpCase> training_cases();
[[nodiscard]] std::span<const OpCase> ms_attention_cases();
[[nodiscard]] std::span<const OpCase> ms_matmul_cases();
[[nodiscard]] std::span<const OpCase> ms_quant_cases();
[[nodiscard]] std::span<const OpCase> ms_nn_cases();
[[nodiscard]] std::span<const OpCase> ms_misc_cases();
[[nodiscard]] std::span<const OpCase> ms_packed_cases();
[[nodiscard]] std::span<const OpCase> ms_training_cases();
[[nodiscard]] std::span<const OpCase> foreign_cases();

[[nodiscard]] std::vector<OpCase> all_cases();

}  // namespace aiprof::test
