// Scan and SequenceMap: bodies that run once for each slice of a tensor, or element of a sequence.
// Reference: onnx/docs/Operators.md of each; Scan-8 has a batch axis, Scan-9 and later have none.
#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "analysis/repeat.h"

namespace aiprof {
namespace {

// State variables first, then slices of the scanned inputs.
class ScanControl final : public Repeat {
 public:
  ScanControl(NodeId node, RegionId body, Count trips, const Frame& around, std::size_t states,
              std::vector<std::int64_t> output_axes, Dim batch, bool batched)
      : Repeat(node, body, trips, around),
        states_(states),
        output_axes_(std::move(output_axes)),
        batch_(batch),
        batched_(batched) {}

 protected:
  void carry(Binder& b) override {
    for (std::size_t i = 0; i < states_ && i < body(b).outputs.size(); ++i) {
      copy_fact(b, body(b).outputs[i], body(b).inputs[i]);
      b.fact(body(b).inputs[i]).constant = false;
    }
  }
  bool same_carried(Binder& b) override {
    for (std::size_t i = 0; i < states_ && i < body(b).outputs.size(); ++i) {
      if (body(b).outputs[i] == kNoTensor) continue;
      if (!same_type(b.fact(body(b).inputs[i]), b.fact(body(b).outputs[i]))) return false;
    }
    return true;
  }
  void finish(Binder& b) override {
    const auto& outputs = b.graph()[node_].outputs;
    const Count steps = batched_ ? trips_ / batch_.count() : trips_;
    for (std::size_t i = 0; i < outputs.size() && i < body(b).outputs.size(); ++i) {
      const TensorId from = body(b).outputs[i];
      if (outputs[i] == kNoTensor || from == kNoTensor) continue;
      TensorFact f = b.fact(from);
      f.value = nullptr;
      f.constant = false;
      if (i >= states_) {
        const std::size_t k = i - states_;
        f = stacked(f, Dim::from(steps), k < output_axes_.size() ? output_axes_[k] : 0);
      }
      if (batched_ && f.has_shape) f.shape.insert_at(0, batch_);
      b.fact(outputs[i]) = std::move(f);
    }
  }

 private:
  std::size_t states_;
  std::vector<std::int64_t> output_axes_;
  Dim batch_;
  bool batched_;
};

std::vector<std::int64_t> axes_of(const OpView& v, std::string_view attribute, std::size_t n) {
  const auto given = v.attr_ints(attribute);
  std::vector<std::int64_t> axes(n, 0);
  std::copy_n(given.begin(), std::min(given.size(), n), axes.begin());
  return axes;
}

// Runs the body once for each element of a sequence.
class MapControl final : public Control {
 public:
  MapControl(NodeId node, RegionId body, std::vector<TensorFact> elements, const Frame& around)
      : node_(node), body_(body), elements_(std::move(elements)), outer_(around.multiplicity) {}

  // Where bodies may no longer be run one by one, the next pass stands for all that are left.
  void feed(Binder& b) {
    stands_for_ = b.exhausted() ? elements_.size() - next_ : 1;
    b.frame().multiplicity = outer_ * stands_for_;
    if (stands_for_ != 1) b.frame().assumed = true;
    const auto& formal = b.graph()[body_].inputs;
    const auto& inputs = b.graph()[node_].inputs;
    b.fact(formal[0]) = elements_[next_];
    for (std::size_t i = 1; i < formal.size() && i < inputs.size(); ++i) {
      copy_fact(b, inputs[i], formal[i]);
      const auto& sequence = b.fact(formal[i]).sequence;
      if (sequence && next_ < sequence->elements.size()) {
        const TensorFact element = sequence->elements[next_];
        b.fact(formal[i]) = element;
      }
    }
  }

  bool again(Binder& b) override {
    const auto& results = b.graph()[body_].outputs;
    gathered_.resize(results.size());
    for (std::size_t i = 0; i < results.size(); ++i) {
      if (results[i] == kNoTensor) continue;
      gathered_[i].insert(gathered_[i].end(), stands_for_, b.fact(results[i]));
    }
    next_ += stands_for_;
    if (next_ < elements_.size()) {
      feed(b);
      return true;
    }
    const auto& outputs = b.graph()[node_].outputs;
    for (std::size_t i = 0; i < outputs.size() && i < gathered_.size(); ++i) {
      if (outputs[i] == kNoTensor || gathered_[i].empty()) continue;
      TensorFact f;
      f.kind = TypeKind::kSequence;
      f.dtype = gathered_[i][0].dtype;
      f.sequence = std::make_shared<SequenceFact>(SequenceFact{std::move(gathered_[i])});
      b.fact(outputs[i]) = std::move(f);
    }
    return false;
  }

 private:
  NodeId node_;
  RegionId body_;
  std::vector<TensorFact> elements_;
  Count outer_;
  std::size_t next_ = 0;
  std::size_t stands_for_ = 1;
  std::vector<std::vector<TensorFact>> gathered_;
};

}  // namespace

void start_scan(Binder& b, NodeId id) {
  const OpView v = b.view(id);
  const RegionId body = body_of(v, "body");
  const auto scanned =
      static_cast<std::size_t>(std::max<std::int64_t>(v.attr_int("num_scan_inputs", 0), 0));
  const bool batched =
      v.opset() < 9;  // Scan-8: input 0 is sequence_lens, tensors have a batch axis
  const std::size_t first = batched ? 1 : 0;
  if (body == kNoRegion || v.num_inputs() < first + scanned || scanned == 0) {
    b.declare_outputs(id);
    b.gap(id, GapKind::kControl, "body or num_scan_inputs does not fit the inputs");
    return;
  }
  const std::size_t states = v.num_inputs() - first - scanned;
  const auto axes = axes_of(v, "scan_input_axes", scanned);
  const auto& formal = b.graph()[body].inputs;
  Dim steps;
  Dim batch;
  for (std::size_t i = 0; i < states + scanned && i < formal.size(); ++i) {
    copy_fact(b, v.node().inputs[first + i], formal[i]);
    TensorFact& f = b.fact(formal[i]);
    f.value = nullptr;
    f.constant = false;
    if (!f.has_shape) continue;
    if (batched && !f.shape.empty()) {
      if (!batch.known()) batch = f.shape[0];
      f.shape.erase_at(0);
    }
    if (i < states || f.shape.empty()) continue;
    const auto rank = static_cast<std::int64_t>(f.shape.size());
    const std::int64_t axis = axes[i - states] < 0 ? axes[i - states] + rank : axes[i - states];
    if (axis < 0 || axis >= rank) continue;
    if (!steps.known()) steps = f.shape[static_cast<std::size_t>(axis)];
    f.shape.erase_at(static_cast<std::size_t>(axis));
  }
  if (!steps.known() || steps.is(0)) {
    b.declare_outputs(id);
    if (!steps.known())
      b.gap(id, GapKind::kUnknownShape, "the length of the scanned axis is unknown");
    return;
  }
  const Count trips = batched ? steps.count() * batch.count() : steps.count();
  const std::size_t results = b.graph()[body].outputs.size();
  const std::size_t scan_outputs = results > states ? results - states : 0;
  auto control =
      std::make_unique<ScanControl>(id, body, trips, b.frame(), states,
                                    axes_of(v, "scan_output_axes", scan_outputs), batch, batched);
  ScanControl* scan = control.get();
  Frame frame{.region = body,
              .multiplicity = b.frame().multiplicity,
              .assumed = b.frame().assumed,
              .control = std::move(control)};
  b.enter(std::move(frame));
  scan->begin(b);
}

void start_map(Binder& b, NodeId id) {
  const OpView v = b.view(id);
  const RegionId body = body_of(v, "body");
  const auto sequence = v.in(0).sequence;
  b.declare_outputs(id);
  if (body == kNoRegion || b.graph()[body].inputs.empty() || !sequence) {
    b.gap(id, GapKind::kControl, "the length of the input sequence is unknown");
    return;
  }
  if (sequence->elements.empty()) return;
  auto control = std::make_unique<MapControl>(id, body, sequence->elements, b.frame());
  MapControl* map = control.get();
  Frame frame{.region = body, .assumed = b.frame().assumed, .control = std::move(control)};
  b.enter(std::move(frame));
  map->feed(b);
}

}  // namespace aiprof
