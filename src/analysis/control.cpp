// If, calls of local functions, and the modifiers of FlexAttention.
// Reference: onnx/docs/Operators.md of each.
#include "analysis/control.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "aiprof/base/text.h"
#include "analysis/generation.h"

namespace aiprof {

RegionId body_of(const OpView& v, std::string_view attribute) {
  const Attribute* a = v.attr(attribute);
  return a == nullptr || a->regions.empty() ? kNoRegion : a->regions[0];
}

void copy_fact(Binder& b, TensorId from, TensorId to) {
  if (to == kNoTensor || from == to) return;
  if (from == kNoTensor) {
    b.fact(to) = TensorFact{};
    return;
  }
  const TensorFact source = b.fact(from);
  b.fact(to) = source;
}

void copy_outputs(Binder& b, NodeId node, RegionId body) {
  const auto& results = b.graph()[body].outputs;
  const auto& outputs = b.graph()[node].outputs;
  for (std::size_t i = 0; i < outputs.size() && i < results.size(); ++i) {
    copy_fact(b, results[i], outputs[i]);
  }
}

std::string label(const Binder& b, NodeId node) {
  const Node& n = b.graph()[node];
  const std::string path = n.path.empty() ? "" : printable(n.path) + "/";
  return path + (n.name.empty() ? fmt::format("node {}", index(node)) : printable(n.name));
}

namespace {

// A body that runs once: that of a call, or the branch of an If whose condition is known.
class OneBody final : public Control {
 public:
  OneBody(NodeId node, RegionId body) : node_(node), body_(body) {}
  bool again(Binder& b) override {
    copy_outputs(b, node_, body_);
    return false;
  }

 private:
  NodeId node_;
  RegionId body_;
};

// Runs both branches; the one with more work counts, the other is reported in a note.
class UndecidedIf final : public Control {
 public:
  UndecidedIf(NodeId node, RegionId then_branch, RegionId else_branch, const Tally& before)
      : node_(node), then_(then_branch), else_(else_branch), before_(before) {}

  bool again(Binder& b) override {
    if (b.frame().region == then_) {
      after_then_ = b.tally();
      b.frame().region = else_;
      return true;
    }
    const Count then_work = after_then_.flops - before_.flops;
    const Count else_work = b.tally().flops - after_then_.flops;
    const Count then_moved = after_then_.elements - before_.elements;
    const Count else_moved = b.tally().elements - after_then_.elements;
    const bool then_larger = std::pair(then_work.value_or(UINT64_MAX), then_moved.value()) >=
                             std::pair(else_work.value_or(UINT64_MAX), else_moved.value());
    const RegionId larger = then_larger ? then_ : else_;
    b.discard_region(then_larger ? else_ : then_);
    const std::string why =
        fmt::format("the condition of If '{}' is unknown: its {} is assumed", label(b, node_),
                    then_larger ? "then_branch" : "else_branch");
    b.mark_assumed(larger, why);
    b.settle(node_, 1U, why);
    b.note(fmt::format("{} ({} FLOPs against {}); --value of the input it depends on decides it",
                       why, std::max(then_work.value(), else_work.value()),
                       std::min(then_work.value(), else_work.value())));
    copy_outputs(b, node_, larger);
    for (const TensorId t : b.graph()[node_].outputs) {
      if (t != kNoTensor) b.fact(t).basis = Basis::kAssumed;
    }
    return false;
  }

 private:
  NodeId node_;
  RegionId then_, else_;
  Tally before_;
  Tally after_then_;
};

void start_if(Binder& b, NodeId id) {
  const OpView v = b.view(id);
  const RegionId then_branch = body_of(v, "then_branch");
  const RegionId else_branch = body_of(v, "else_branch");
  if (then_branch == kNoRegion || else_branch == kNoRegion) {
    b.declare_outputs(id);
    b.gap(id, GapKind::kControl, "then_branch or else_branch is missing");
    return;
  }
  const auto condition = v.int_scalar(0);
  const Count times = b.frame().multiplicity;
  const bool assumed = b.frame().assumed;
  if (condition) {
    const RegionId chosen = *condition != 0 ? then_branch : else_branch;
    b.enter({.region = chosen,
             .multiplicity = times,
             .assumed = assumed,
             .control = std::make_unique<OneBody>(id, chosen)});
  } else {
    auto control = std::make_unique<UndecidedIf>(id, then_branch, else_branch, b.tally());
    b.enter({.region = then_branch,
             .multiplicity = times,
             .assumed = assumed,
             .control = std::move(control)});
  }
}

// score_mod and prob_mod see the whole score tensor once.
class Modifiers final : public Control {
 public:
  Modifiers(std::vector<RegionId> regions, TensorFact scores)
      : regions_(std::move(regions)), scores_(std::move(scores)) {}

  void feed(Binder& b) const {
    for (const TensorId t : b.graph()[regions_[next_]].inputs) b.fact(t) = scores_;
  }
  bool again(Binder& b) override {
    if (++next_ == regions_.size()) return false;
    b.frame().region = regions_[next_];
    feed(b);
    return true;
  }

 private:
  std::vector<RegionId> regions_;
  TensorFact scores_;
  std::size_t next_ = 0;
};

struct Start {
  std::string_view type;
  void (*start)(Binder& b, NodeId id);
};
constexpr Start kStarts[] = {
    {"If", start_if}, {"Loop", start_loop}, {"Scan", start_scan}, {"SequenceMap", start_map}};

}  // namespace

void start_modifiers(Binder& b, NodeId id) {
  const OpView v = b.view(id);
  std::vector<RegionId> regions;
  for (const std::string_view attribute : {"score_mod", "prob_mod"}) {
    if (const RegionId r = body_of(v, attribute); r != kNoRegion) regions.push_back(r);
  }
  if (regions.empty()) return;
  TensorFact scores;
  scores.kind = TypeKind::kTensor;
  const DType computed = v.in(0).dtype == DType::kFloat64 ? DType::kFloat64 : DType::kFloat32;
  scores.dtype =
      dtype_from_onnx(v.attr_int("softmax_precision", static_cast<std::int64_t>(computed)));
  scores.has_shape = true;
  scores.shape = {v.in_dim(0, 0), v.in_dim(0, 1), v.in_dim(0, 2), v.in_dim(1, 2)};
  auto control = std::make_unique<Modifiers>(regions, std::move(scores));
  const Modifiers* modifiers = control.get();
  b.enter({.region = regions[0],
           .multiplicity = b.frame().multiplicity,
           .assumed = b.frame().assumed,
           .control = std::move(control)});
  modifiers->feed(b);
}

bool start_control(Binder& b, NodeId id) {
  const Node& node = b.graph()[id];
  if (node.body != kNoRegion) {
    b.enter({.region = node.body,
             .multiplicity = b.frame().multiplicity,
             .assumed = b.frame().assumed,
             .control = std::make_unique<OneBody>(id, node.body)});
    return true;
  }
  const OpType& type = b.graph().op_type(node);
  if (is_generation(type.domain, type.type)) {
    start_generation(b, id);
    return true;
  }
  if (!type.domain.empty()) return false;
  for (const Start& s : kStarts) {
    if (s.type != type.type) continue;
    s.start(b, id);
    return true;
  }
  return false;
}

}  // namespace aiprof
