// The pass over the graph: shapes, values, costs, control flow. Nothing here calls itself on input
// depth: bodies are frames on an explicit stack, value chains an explicit worklist.
#pragma once

#include <memory>
#include <string>
#include <unordered_set>
#include <vector>

#include "aiprof/analysis/analysis.h"
#include "analysis/defaults.h"

namespace aiprof {

class Binder;

// What runs a node's bodies: decides how often, feeds their inputs, gathers their outputs.
class Control {
 public:
  virtual ~Control() = default;
  // The body has run to its end. True: run the frame's region again (it may have been changed).
  virtual bool again(Binder& binder) = 0;
};

struct Frame {
  RegionId region{};
  std::size_t next = 0;
  Count multiplicity = 1U;           // executions of the region's nodes that this pass stands for
  bool assumed = false;              // the multiplicity is a guess or a bound
  std::unique_ptr<Control> control;  // null: runs once
};

// Sums of everything counted so far; differences tell what a body cost.
struct Tally {
  Count flops = 0U, other = 0U, elements = 0U;
  friend bool operator==(const Tally&, const Tally&) = default;
};

class Binder final : public ValueSource {
 public:
  Binder(const Graph& graph, const BindOptions& options, const BoundInputs& inputs,
         std::vector<ValueRef> input_values);

  // Fills everything of the Analysis but states, sizes and coverage.
  Analysis run();

  // For controls.
  [[nodiscard]] const Graph& graph() const { return graph_; }
  [[nodiscard]] const BindOptions& options() const { return options_; }
  [[nodiscard]] TensorFact& fact(TensorId id) { return out_.facts[index(id)]; }
  [[nodiscard]] Frame& frame() { return frames_.back(); }
  [[nodiscard]] const Tally& tally() const { return tally_; }
  // Nodes visited so far, every pass over a body counted.
  [[nodiscard]] std::uint64_t visits() const { return visits_; }
  // So many that bodies are from now on run once, for all their trips: loops in loops would
  // otherwise multiply the passes of each.
  [[nodiscard]] bool exhausted() const { return visits_ > graph_.nodes.size() + kMaxExtraVisits; }
  void enter(Frame frame) { frames_.push_back(std::move(frame)); }
  // Said once, however often the node that says it is visited.
  void note(std::string text) {
    if (noted_.insert(text).second) out_.notes.push_back(std::move(text));
  }
  NodeResult& result(NodeId id) { return out_.nodes[index(id)]; }
  [[nodiscard]] OpView view(NodeId id) { return {graph_, id, out_.facts, this}; }
  // Declares a control node itself done: its own counts are zero.
  void settle(NodeId id, Count trips, const std::string& assumption);
  void gap(NodeId id, GapKind kind, std::string reason);
  // Takes back what the nodes of a region, and of the regions inside it, have counted since.
  void discard_region(RegionId region);
  void mark_assumed(RegionId region, const std::string& why);
  // Output types as declared in the model, with bound dims; marks them assumed.
  void declare_outputs(NodeId id);

  ValueRef demand(TensorId tensor) override;

 private:
  void bind_stored();
  void bind_graph_inputs(const BoundInputs& inputs, std::vector<ValueRef>& values);
  void step();
  void visit(NodeId id);
  void infer(NodeId id, const OpSpec& spec);
  void check_ranks(NodeId id) const;
  void prepare_outputs(NodeId id, const OpSpec* spec);
  void complete_from_declared(NodeId id);
  [[nodiscard]] TensorFact declared_fact(TensorId id) const;
  void evaluate_small(NodeId id, const OpSpec& spec);
  void count(NodeId id, const OpSpec& spec);
  void mark_if_assumed(NodeId id);
  void accumulate(NodeResult& result, const OpSpec& spec, const OpView& v, const Work& w,
                  const Traffic& traffic);
  [[nodiscard]] bool folds(NodeId id, const OpSpec& spec) const;
  [[nodiscard]] std::string unknown_reason(NodeId id) const;
  [[nodiscard]] const OpSpec* spec_of(const Node& node);
  void run_value_rule(NodeId id, const OpSpec& spec, ValueSource* source);

  static constexpr std::uint64_t kMaxExtraVisits = 1'000'000;

  const Graph& graph_;
  const BindOptions& options_;
  Analysis out_;
  std::vector<Frame> frames_;
  Tally tally_;
  std::uint64_t visits_ = 0;
  std::unordered_set<std::string> noted_;
  std::vector<const OpSpec*> specs_;  // by OpTypeId
  std::vector<bool> spec_known_;
  std::vector<bool> tried_;  // by TensorId: demand() found nothing
};

// Starts the bodies of a control node; false if the operator is not control flow.
[[nodiscard]] bool start_control(Binder& binder, NodeId id);

// Starts the bodies of an operator that has work of its own besides (FlexAttention).
void start_modifiers(Binder& binder, NodeId id);

}  // namespace aiprof
