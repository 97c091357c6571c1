// If, Loop, Scan, SequenceMap and calls of local functions.
// Reference: onnx/docs/Operators.md of each; Scan-8 has a batch axis, Scan-9 and later have none.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "aiprof/base/text.h"
#include "analysis/binder.h"
#include "analysis/generation.h"

namespace aiprof {
namespace {

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

// --- calls --------------------------------------------------------------------------------------

class CallControl final : public Control {
 public:
  CallControl(NodeId node, RegionId body) : node_(node), body_(body) {}
  bool again(Binder& b) override {
    copy_outputs(b, node_, body_);
    return false;
  }

 private:
  NodeId node_;
  RegionId body_;
};

// --- If -----------------------------------------------------------------------------------------

class DecidedIf final : public Control {
 public:
  DecidedIf(NodeId node, RegionId branch) : node_(node), branch_(branch) {}
  bool again(Binder& b) override {
    copy_outputs(b, node_, branch_);
    return false;
  }

 private:
  NodeId node_;
  RegionId branch_;
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

bool start_if(Binder& b, NodeId id) {
  const OpView v = b.view(id);
  const RegionId then_branch = body_of(v, "then_branch");
  const RegionId else_branch = body_of(v, "else_branch");
  if (then_branch == kNoRegion || else_branch == kNoRegion) {
    b.declare_outputs(id);
    b.gap(id, GapKind::kControl, "then_branch or else_branch is missing");
    return true;
  }
  const auto condition = v.int_scalar(0);
  const Count times = b.frame().multiplicity;
  const bool assumed = b.frame().assumed;
  if (condition) {
    const RegionId chosen = *condition != 0 ? then_branch : else_branch;
    b.enter({.region = chosen,
             .multiplicity = times,
             .assumed = assumed,
             .control = std::make_unique<DecidedIf>(id, chosen)});
  } else {
    auto control = std::make_unique<UndecidedIf>(id, then_branch, else_branch, b.tally());
    b.enter({.region = then_branch,
             .multiplicity = times,
             .assumed = assumed,
             .control = std::move(control)});
  }
  return true;
}

// --- Loop, Scan, SequenceMap --------------------------------------------------------------------

// Largest number of trips that are followed one by one when every trip differs from the last.
constexpr std::uint64_t kMaxFollowedTrips = 4096;

// Trips are followed to the end while that visits no more nodes than this.
constexpr std::uint64_t kFollowedVisits = 4096;

// A body that runs a number of times. Trips are followed one by one until two in a row cost the
// same and carry the same shapes; the rest, unless it is short, is then taken as copies of the
// next.
class Repeat : public Control {
 public:
  Repeat(NodeId node, RegionId body, Count trips, const Frame& around)
      : node_(node), body_(body), trips_(trips), outer_(around.multiplicity) {}

  bool again(Binder& b) final {
    const std::uint64_t stood_for = stands_for_;
    done_ += stood_for;
    const Tally cost{b.tally().flops - before_.flops, b.tally().other - before_.other,
                     b.tally().elements - before_.elements};
    if (stops(b)) trips_ = done_;
    const bool last = trips_ == Count(done_) || (trips_.known() && done_ >= trips_.value());
    const bool steady = stood_for == 1 && done_ > 1 && cost == previous_cost_ && same_carried(b);
    if (last) {
      finish(b);
      return false;
    }
    const Count rest_visits = (trips_ - Count(done_)) * (b.visits() - visits_before_);
    previous_cost_ = cost;
    before_ = b.tally();
    visits_before_ = b.visits();
    carry(b);
    stands_for_ = 1;
    if (!steady && (done_ >= kMaxFollowedTrips || b.exhausted())) {
      take_the_rest(b);
    } else if (steady && rest_visits.value_or(UINT64_MAX) > kFollowedVisits) {
      stands_for_ = trips_.value() - done_;
    }
    if (stands_for_ != 1) leap(b);
    b.frame().multiplicity = outer_ * stands_for_;
    set_step(b, stands_for_ == 1);
    return true;
  }

  void begin(Binder& b) {
    before_ = b.tally();
    visits_before_ = b.visits();
    previous_cost_ = {Count::unknown(), Count::unknown(), Count::unknown()};
    if (!b.exhausted() || trips_ == Count(1U)) return;
    take_the_rest(b);
    leap(b);
    b.frame().multiplicity = outer_ * stands_for_;
    set_step(b, false);
  }

 protected:
  // Whether the body's own condition ends the loop here.
  virtual bool stops(Binder& /*b*/) { return false; }
  // Feeds carried outputs of the last trip to the inputs of the next.
  virtual void carry(Binder& b) = 0;
  // Whether carry() would change no shape.
  virtual bool same_carried(Binder& b) = 0;
  // The next pass stands for stands_for_ trips: what is carried is set to what it is half-way.
  virtual void leap(Binder& /*b*/) {}
  // Sets inputs that depend on the trip number; `exact`: this pass stands for one trip only.
  virtual void set_step(Binder& /*b*/, bool /*exact*/) {}
  virtual void finish(Binder& b) = 0;

  [[nodiscard]] const Region& body(const Binder& b) const { return b.graph()[body_]; }

  NodeId node_;
  RegionId body_;
  Count trips_;
  Count outer_;
  std::uint64_t done_ = 0;
  std::uint64_t stands_for_ = 1;

 private:
  // The next pass stands for all trips that are left, though they may differ.
  void take_the_rest(Binder& b) {
    stands_for_ = trips_.value() - done_;
    b.frame().assumed = true;
    b.note(
        fmt::format("'{}': its trips are too many, or nested too deeply, to be followed one by "
                    "one; the last ones are assumed to cost the same",
                    label(b, node_)));
  }

  Tally before_, previous_cost_;
  std::uint64_t visits_before_ = 0;
};

// Elements of a sequence; -1 where that is unknown, or the value is none.
std::ptrdiff_t length(const TensorFact& f) {
  return f.sequence ? static_cast<std::ptrdiff_t>(f.sequence->elements.size()) : -1;
}

bool same_type(const TensorFact& a, const TensorFact& b) {
  return a.kind == b.kind && a.dtype == b.dtype && a.has_shape == b.has_shape &&
         a.shape == b.shape && length(a) == length(b);
}

// `from` after `trips` trips, each of which changes it as the one from `before` to `after` did:
// extents grow or shrink by the same amount in each.
TensorFact grown(const TensorFact& from, const TensorFact& before, const TensorFact& after,
                 std::uint64_t trips) {
  TensorFact f = from;
  if (same_type(before, after)) return f;
  f.basis = Basis::kAssumed;
  f.value = nullptr;
  f.sequence = nullptr;
  if (after.kind == TypeKind::kSequence) {  // of unknown length; `shape` describes every element
    const auto& elements = after.sequence ? after.sequence->elements : std::vector<TensorFact>();
    f.has_shape = !elements.empty() && elements.front().has_shape &&
                  same_type(elements.front(), elements.back());
    if (f.has_shape) f.shape = elements.front().shape;
    return f;
  }
  f.has_shape = f.has_shape && before.has_shape && after.has_shape &&
                before.rank() == after.rank() && f.rank() == after.rank();
  for (std::size_t i = 0; f.has_shape && i < f.rank(); ++i) {
    const Dim a = before.shape[i];
    const Dim b = after.shape[i];
    if (a == b) continue;
    const Dim n = Dim::from(Count(trips));
    f.shape[i] = b.value() >= a.value() ? f.shape[i] + (b - a) * n : f.shape[i] - (a - b) * n;
    if (!a.known() || !b.known()) f.shape[i] = Dim();
  }
  return f;
}

// A scan output: the body's result stacked along `axis`. Results of differing extent have no
// common shape, so such extents are unknown.
TensorFact stacked(const TensorFact& one, Dim trips, std::int64_t axis) {
  TensorFact f;
  f.kind = TypeKind::kTensor;
  f.dtype = one.dtype;
  f.has_shape = one.has_shape;
  f.basis = one.basis;
  if (!f.has_shape) return f;
  f.shape = one.shape;
  const auto rank = static_cast<std::int64_t>(f.shape.size()) + 1;
  const std::int64_t at = std::clamp<std::int64_t>(axis < 0 ? axis + rank : axis, 0, rank - 1);
  f.shape.insert_at(static_cast<std::size_t>(at), trips);
  return f;
}

class LoopControl final : public Repeat {
 public:
  using Repeat::Repeat;

  void start(Binder& b) {
    const auto& inputs = b.graph()[node_].inputs;
    const auto& formal = body(b).inputs;
    set_scalar(b, 0, DType::kInt64, Scalar::of(0));
    if (formal.size() > 1) {
      if (inputs.size() > 1 && inputs[1] != kNoTensor) {
        copy_fact(b, inputs[1], formal[1]);
      } else {
        set_scalar(b, 1, DType::kBool, Scalar::of(1));
      }
    }
    for (std::size_t i = 2; i < formal.size(); ++i) {
      copy_fact(b, i < inputs.size() ? inputs[i] : kNoTensor, formal[i]);
      b.fact(formal[i]).constant = false;
    }
    begin(b);
  }

 protected:
  bool stops(Binder& b) override {
    const TensorId condition = body(b).outputs.empty() ? kNoTensor : body(b).outputs[0];
    if (condition == kNoTensor) return false;
    const ValueRef v = b.demand(condition) ? b.demand(condition) : b.fact(condition).value;
    return v && v->elements.size() == 1 && v->elements[0].known && v->elements[0].i == 0;
  }

  void carry(Binder& b) override {
    const auto& formal = body(b).inputs;
    const auto& results = body(b).outputs;
    std::vector<TensorFact> next;
    previous_.clear();
    for (std::size_t i = 2; i < formal.size(); ++i) {
      next.push_back(i - 1 < results.size() && results[i - 1] != kNoTensor ? b.fact(results[i - 1])
                                                                           : TensorFact{});
      previous_.push_back(b.fact(formal[i]));
    }
    for (std::size_t i = 2; i < formal.size(); ++i) {
      b.fact(formal[i]) = next[i - 2];
      b.fact(formal[i]).constant = false;
    }
  }

  void leap(Binder& b) override {
    const auto& formal = body(b).inputs;
    start_.clear();
    for (std::size_t i = 2; i < formal.size(); ++i) {
      TensorFact& f = b.fact(formal[i]);
      start_.push_back(f);
      if (i - 2 < previous_.size())
        f = grown(f, previous_[i - 2], start_.back(), (stands_for_ - 1) / 2);
    }
  }

  bool same_carried(Binder& b) override {
    const auto& formal = body(b).inputs;
    const auto& results = body(b).outputs;
    for (std::size_t i = 2; i < formal.size(); ++i) {
      if (i - 1 >= results.size() || results[i - 1] == kNoTensor) continue;
      if (!same_type(b.fact(formal[i]), b.fact(results[i - 1]))) return false;
    }
    return true;
  }

  void set_step(Binder& b, bool exact) override {
    set_scalar(b, 0, DType::kInt64,
               exact ? Scalar::of(static_cast<std::int64_t>(done_)) : Scalar());
    if (exact) return;
    // One pass for many trips: contents that change from trip to trip are not known in it.
    for (std::size_t i = 2; i < body(b).inputs.size(); ++i)
      b.fact(body(b).inputs[i]).value = nullptr;
  }

  void finish(Binder& b) override {
    const auto& outputs = b.graph()[node_].outputs;
    const auto& results = body(b).outputs;
    const std::size_t carried = body(b).inputs.size() < 2 ? 0 : body(b).inputs.size() - 2;
    for (std::size_t i = 0; i < outputs.size() && i + 1 < results.size(); ++i) {
      if (outputs[i] == kNoTensor) continue;
      if (i < carried && stands_for_ == 1) {
        copy_fact(b, results[i + 1], outputs[i]);
      } else if (i < carried && results[i + 1] != kNoTensor) {
        TensorFact last = b.fact(results[i + 1]);
        if (!same_type(b.fact(body(b).inputs[i + 2]), last)) {
          last = grown(start_[i], b.fact(body(b).inputs[i + 2]), last, stands_for_);
        }
        last.value = nullptr;
        b.fact(outputs[i]) = std::move(last);
      } else if (results[i + 1] != kNoTensor) {
        b.fact(outputs[i]) = stacked(b.fact(results[i + 1]), Dim::from(trips_), 0);
      }
      if (b.frame().assumed) b.fact(outputs[i]).basis = Basis::kAssumed;
    }
  }

 private:
  std::vector<TensorFact> previous_;  // carried values at the start of the last trip
  std::vector<TensorFact> start_;     // and before those trips that one pass stands for

  void set_scalar(Binder& b, std::size_t i, DType dtype, Scalar value) {
    if (i >= body(b).inputs.size()) return;
    TensorFact f;
    f.kind = TypeKind::kTensor;
    f.dtype = dtype;
    f.has_shape = true;
    auto v = std::make_shared<Value>();
    v->elements.push_back(value);
    f.value = std::move(v);
    // The formal input may be declared with shape [1].
    const Type* declared = b.graph()[body(b).inputs[i]].declared;
    if (declared != nullptr && declared->shape && declared->shape->size() == 1) f.shape = {Dim(1)};
    b.fact(body(b).inputs[i]) = std::move(f);
  }
};

// Trips of a loop whose bound is data: --trip, by node name or path.
std::optional<std::int64_t> trips_option(const Binder& b, NodeId id) {
  const Node& n = b.graph()[id];
  for (const std::string& name : {std::string(n.name), label(b, id)}) {
    const auto it = b.options().trips.find(name);
    if (it != b.options().trips.end()) return it->second;
  }
  return std::nullopt;
}

struct Trips {
  Count count;
  std::string assumption;  // empty if exact
};

// Exporters write "no bound" as the largest integer.
bool is_unbounded(std::int64_t m) { return m >= INT64_MAX - 1 || m == INT32_MAX; }

// Whether the body's condition is always true: a constant, or handed through.
bool runs_on(const Binder& b, RegionId body) {
  const Region& r = b.graph()[body];
  if (r.outputs.empty() || r.outputs[0] == kNoTensor || r.inputs.size() < 2) return true;
  TensorId t = r.outputs[0];
  while (true) {
    if (t == r.inputs[1]) return true;
    const Tensor& tensor = b.graph()[t];
    const auto is_true = [](const StoredTensor* s) {
      const ValueRef v = s == nullptr ? nullptr : decode(*s);
      return v && v->elements.size() == 1 && v->elements[0].i != 0;
    };
    if (tensor.stored != nullptr) return is_true(tensor.stored);
    if (tensor.producer == kNoNode) return false;
    const Node& n = b.graph()[tensor.producer];
    const std::string_view type = b.graph().op_type(n).type;
    if (type == "Constant" && !n.attributes.empty()) return is_true(n.attributes[0].tensor);
    if ((type != "Identity" && type != "Cast") || n.inputs.empty() || n.inputs[0] == kNoTensor) {
      return false;
    }
    t = n.inputs[0];
  }
}

Trips loop_trips(Binder& b, NodeId id, RegionId body) {
  const OpView v = b.view(id);
  if (const auto given = trips_option(b, id)) return {Count(*given), {}};
  const auto first = v.has_in(1) ? v.int_scalar(1) : std::optional<std::int64_t>(1);
  if (first && *first == 0) return {0U, {}};
  const auto bound = v.has_in(0) ? v.int_scalar(0) : std::nullopt;
  const bool bounded = bound && !is_unbounded(*bound);
  if (bounded && (runs_on(b, body) || *bound <= 0))
    return {Count(std::max<std::int64_t>(*bound, 0)), {}};
  if (bounded) {
    return {Count(*bound), fmt::format("Loop '{}' may stop before its {} trips; all are assumed "
                                       "(--trip {}=N)",
                                       label(b, id), *bound, label(b, id))};
  }
  return {1U, fmt::format("the trips of Loop '{}' depend on data: 1 is assumed (--trip {}=N)",
                          label(b, id), label(b, id))};
}

bool start_loop(Binder& b, NodeId id) {
  const OpView v = b.view(id);
  const RegionId body = body_of(v, "body");
  if (body == kNoRegion) {
    b.declare_outputs(id);
    b.gap(id, GapKind::kControl, "the attribute 'body' is missing");
    return true;
  }
  const Trips trips = loop_trips(b, id, body);
  if (!trips.assumption.empty()) {
    b.note(trips.assumption);
    b.settle(id, trips.count, trips.assumption);
  }
  const auto& outputs = v.node().outputs;
  if (trips.count == Count(0U)) {
    // Nothing runs: carried values pass through, scan outputs are empty.
    b.declare_outputs(id);
    const std::size_t carried = std::max<std::size_t>(b.graph()[body].inputs.size(), 2) - 2;
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      if (i < carried) {
        copy_fact(b, i + 2 < v.node().inputs.size() ? v.node().inputs[i + 2] : kNoTensor,
                  outputs[i]);
      } else if (outputs[i] != kNoTensor && b.fact(outputs[i]).has_shape &&
                 !b.fact(outputs[i]).shape.empty()) {
        b.fact(outputs[i]).shape[0] = Dim(0);
      }
    }
    return true;
  }
  auto control = std::make_unique<LoopControl>(id, body, trips.count, b.frame());
  LoopControl* loop = control.get();
  Frame frame{.region = body,
              .multiplicity = b.frame().multiplicity,
              .assumed = b.frame().assumed || !trips.assumption.empty(),
              .control = std::move(control)};
  b.enter(std::move(frame));
  loop->start(b);
  return true;
}

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

bool start_scan(Binder& b, NodeId id) {
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
    return true;
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
    return true;
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
  return true;
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

bool start_map(Binder& b, NodeId id) {
  const OpView v = b.view(id);
  const RegionId body = body_of(v, "body");
  const auto sequence = v.in(0).sequence;
  b.declare_outputs(id);
  if (body == kNoRegion || b.graph()[body].inputs.empty() || !sequence) {
    b.gap(id, GapKind::kControl, "the length of the input sequence is unknown");
    return true;
  }
  if (sequence->elements.empty()) return true;
  auto control = std::make_unique<MapControl>(id, body, sequence->elements, b.frame());
  MapControl* map = control.get();
  Frame frame{.region = body, .assumed = b.frame().assumed, .control = std::move(control)};
  b.enter(std::move(frame));
  map->feed(b);
  return true;
}

// --- FlexAttention ------------------------------------------------------------------------------

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
             .control = std::make_unique<CallControl>(id, node.body)});
    return true;
  }
  const OpType& type = b.graph().op_type(node);
  if (is_generation(type.domain, type.type)) return start_generation(b, id);
  if (!type.domain.empty()) return false;
  if (type.type == "If") return start_if(b, id);
  if (type.type == "Loop") return start_loop(b, id);
  if (type.type == "Scan") return start_scan(b, id);
  if (type.type == "SequenceMap") return start_map(b, id);
  return false;
}

}  // namespace aiprof
