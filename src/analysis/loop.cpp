// Loop: a body that runs for a number of trips, or until it says that it stops.
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "analysis/repeat.h"

namespace aiprof {
namespace {

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

}  // namespace

void start_loop(Binder& b, NodeId id) {
  const OpView v = b.view(id);
  const RegionId body = body_of(v, "body");
  if (body == kNoRegion) {
    b.declare_outputs(id);
    b.gap(id, GapKind::kControl, "the attribute 'body' is missing");
    return;
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
    return;
  }
  auto control = std::make_unique<LoopControl>(id, body, trips.count, b.frame());
  LoopControl* loop = control.get();
  Frame frame{.region = body,
              .multiplicity = b.frame().multiplicity,
              .assumed = b.frame().assumed || !trips.assumption.empty(),
              .control = std::move(control)};
  b.enter(std::move(frame));
  loop->start(b);
}

}  // namespace aiprof
