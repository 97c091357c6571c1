// How an operator's rules see one node: attributes, and facts of inputs and outputs.
#pragma once

#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

#include "aiprof/graph/fact.h"

namespace aiprof {

// The node contradicts itself (dims that do not match, an attribute of the wrong type). Becomes a
// gap with this text as its reason; never leaves the analysis.
class RuleError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Computes contents that were left out because nobody had needed them yet.
class ValueSource {
 public:
  virtual ~ValueSource() = default;
  virtual ValueRef demand(TensorId tensor) = 0;
};

// Read access. Inputs and outputs that are omitted answer with an absent TensorFact (present() is
// false, no shape), so rules need not check before they ask.
class OpView {
 public:
  // `facts` is indexed by TensorId and outlives the view; `source` may be null.
  OpView(const Graph& graph, NodeId node, std::span<TensorFact> facts,
         ValueSource* source = nullptr)
      : graph_(&graph), node_(&graph[node]), id_(node), facts_(facts), source_(source) {}

  [[nodiscard]] const Graph& graph() const { return *graph_; }
  [[nodiscard]] const Node& node() const { return *node_; }
  [[nodiscard]] NodeId id() const { return id_; }
  [[nodiscard]] std::string_view type() const { return graph_->op_type(*node_).type; }
  // Opset of the node's domain where it stands.
  [[nodiscard]] int opset() const { return graph_->op_type(*node_).version; }

  [[nodiscard]] std::size_t num_inputs() const { return node_->inputs.size(); }
  [[nodiscard]] std::size_t num_outputs() const { return node_->outputs.size(); }
  [[nodiscard]] bool has_in(std::size_t i) const {
    return i < node_->inputs.size() && node_->inputs[i] != kNoTensor;
  }
  [[nodiscard]] bool has_out(std::size_t i) const {
    return i < node_->outputs.size() && node_->outputs[i] != kNoTensor;
  }
  [[nodiscard]] const TensorFact& in(std::size_t i) const;
  [[nodiscard]] const TensorFact& out(std::size_t i) const;

  // Extent of input i at `axis` (negative counts from the end); unknown if rank or extent is, or
  // the axis does not exist.
  [[nodiscard]] Dim in_dim(std::size_t i, std::int64_t axis) const;

  // Contents of input i, or null when nothing is known of them. Decodes small stored tensors on
  // first use (floats of more than kMaxStoredFloats elements are weights and are never read).
  [[nodiscard]] const Value* value(std::size_t i) const;
  [[nodiscard]] ValueRef value_ref(std::size_t i) const;
  static constexpr std::uint64_t kMaxStoredFloats = 1024;
  // All elements of an integer (or bool) input; nullopt unless every one is known.
  [[nodiscard]] std::optional<InlineVector<std::int64_t, 8>> ints(std::size_t i) const;
  // The only element of an input that is an integer, or a floating-point number.
  [[nodiscard]] std::optional<std::int64_t> int_scalar(std::size_t i) const;
  [[nodiscard]] std::optional<double> float_scalar(std::size_t i) const;

  [[nodiscard]] const Attribute* attr(std::string_view name) const;
  [[nodiscard]] std::int64_t attr_int(std::string_view name, std::int64_t otherwise) const;
  [[nodiscard]] double attr_float(std::string_view name, double otherwise) const;
  [[nodiscard]] std::string_view attr_string(std::string_view name,
                                             std::string_view otherwise = {}) const;
  // Empty if the attribute is absent.
  [[nodiscard]] std::span<const std::int64_t> attr_ints(std::string_view name) const;
  [[nodiscard]] std::span<const float> attr_floats(std::string_view name) const;

  // `axis` as an index below `rank`; throws RuleError when it is outside [-rank, rank).
  [[nodiscard]] std::size_t normalize_axis(std::int64_t axis, std::size_t rank) const;

  [[noreturn]] void fail(const std::string& what) const { throw RuleError(what); }

 protected:
  const Graph* graph_;
  const Node* node_;
  NodeId id_;
  std::span<TensorFact> facts_;
  ValueSource* source_;
};

// Write access to outputs, for shape and value rules. Writes to omitted outputs are ignored.
class InferView : public OpView {
 public:
  using OpView::OpView;

  void set(std::size_t o, DType dtype, Shape shape) const;
  void set_unknown_rank(std::size_t o, DType dtype) const;
  void set_fact(std::size_t o, TensorFact fact) const;  // sequences, optionals
  // Marks output o as resting on an assumption (an upper bound of a data-dependent extent, say) and
  // notes why; `note` names what would settle it, if anything.
  void assume(std::size_t o, std::string note) const;
  // The text of the last assume(), if any, since construction.
  [[nodiscard]] const std::string& note() const { return note_; }

  // The value must have as many elements as the output's shape; ignored otherwise.
  void set_value(std::size_t o, ValueRef value) const;
  void set_ints(std::size_t o, std::span<const std::int64_t> values) const;

 private:
  [[nodiscard]] TensorFact* mutable_out(std::size_t o) const;
  mutable std::string note_;
};

}  // namespace aiprof
