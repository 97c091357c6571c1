// Bind and count: shapes, values and exact costs of every node, for given dims. Knows no hardware.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "aiprof/graph/fact.h"
#include "aiprof/ops/op_rules.h"

namespace aiprof {

// What the user gave for names and inputs of the model.
struct BindOptions {
  std::map<std::string, std::int64_t> dims;                 // --dim NAME=N
  std::map<std::string, std::vector<std::int64_t>> shapes;  // --shape INPUT=1x3x224x224
  std::map<std::string, StoredTensor> values;               // --value INPUT=..., as tensors
  std::map<std::string, std::int64_t> trips;                // --trip NODE=N, by node name or path
  const OpRules* rules = nullptr;                           // --op-rules; outlives the Analysis
};

// What one operand of a node moves in all its executions.
struct Operand {
  TensorId tensor = kNoTensor;
  bool write = false;
  bool weight = false;  // stored weights, or folded from them
  bool state = false;   // KV cache or recurrent state
  DType dtype = DType::kUndefined;
  Count elements = 0U;

  [[nodiscard]] Count bytes() const { return packed_bytes(dtype, elements); }
};

// Exact counts of one node over all its executions (docs/cost-model.md).
struct OpCost {
  Count macs = 0U;
  Count flops = 0U;  // 2 x macs + FLOPs outside contractions
  Count transcendentals = 0U;
  Count integer_ops = 0U;
  Count useful_macs = 0U;  // macs without those that masks make useless
  DType math = DType::kUndefined;
  Geometry geometry;  // of one execution
  InlineVector<Operand, 5> operands;

  [[nodiscard]] Count bytes_read() const;
  [[nodiscard]] Count bytes_written() const;
  [[nodiscard]] Count weight_bytes_read() const;
};

enum class NodeStatus : std::uint8_t {
  kExact,
  kAssumed,  // rests on a default, an upper bound or a declaration; `reason` says on which
  kFolded,   // computed once, ahead of time: constant inputs
  kGap,      // no counts; `reason` says why
};
[[nodiscard]] std::string_view name(NodeStatus s);

enum class GapKind : std::uint8_t {
  kNone,
  kUnknownOp,
  kUnknownShape,
  kOverflow,
  kInconsistent,
  kControl
};

struct NodeResult {
  NodeStatus status = NodeStatus::kGap;
  GapKind gap = GapKind::kNone;
  const OpSpec* spec = nullptr;  // null: unknown operator, or a call to a local function
  Count trips = 1U;              // executions of the node in one inference; 0: never (dead branch)
  std::string reason;            // of kAssumed and kGap
  OpCost cost;                   // zero for kFolded, meaningless for kGap
};

// A pair of graph input and output that carries state from one call to the next.
struct StatePair {
  enum class Kind : std::uint8_t { kKvCache, kRecurrent };
  Kind kind = Kind::kKvCache;
  TensorId past = kNoTensor;
  TensorId present = kNoTensor;
  Count bytes;            // of the present
  Count bytes_per_token;  // growth for each new token of every sequence; 0 for recurrent state
  bool in_place = false;  // same capacity in and out: only new tokens are written
};

struct Coverage {
  std::size_t nodes = 0, exact = 0, assumed = 0, folded = 0, gaps = 0;
};

// Sizes of the whole model.
struct ModelSizes {
  Count parameters = 0U;
  Count buffers = 0U;       // batch-norm running statistics
  Count weight_bytes = 0U;  // stored bytes of distinct weights
};

struct Analysis {
  std::vector<TensorFact> facts;             // by TensorId
  std::vector<NodeResult> nodes;             // by NodeId
  std::map<std::string, std::int64_t> dims;  // every dim name of the inputs, as bound
  std::vector<StatePair> states;
  ModelSizes sizes;
  Coverage coverage;
  std::vector<std::string> notes;  // defaults used, with the flag that changes each

  [[nodiscard]] const TensorFact& operator[](TensorId id) const { return facts[index(id)]; }
  [[nodiscard]] const NodeResult& operator[](NodeId id) const { return nodes[index(id)]; }
};

// Throws Error(kUsage) for names that the model does not have and values that do not fit.
[[nodiscard]] Analysis analyze(const Graph& graph, const BindOptions& options = {});

// Peak bytes of live activations over the schedule: graph inputs and outputs included, views share
// memory, elementwise operators overwrite an input that nobody needs any more. Stored weights are
// not activations. Unknown if a tensor's size is.
struct LivenessStep {
  NodeId node = kNoNode;
  Count live_bytes;  // while the node runs
};
struct Liveness {
  Count peak_bytes = 0U;
  NodeId peak_node = kNoNode;
  std::vector<LivenessStep> steps;  // in execution order; loop bodies once
};
[[nodiscard]] Liveness liveness(const Graph& graph, const Analysis& analysis);

}  // namespace aiprof
