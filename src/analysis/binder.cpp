#include "analysis/binder.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "aiprof/base/text.h"

namespace aiprof {
namespace {

// Contents of at most this many elements are followed as they appear; larger ones only when a shape
// turns out to need them.
constexpr std::uint64_t kEagerElements = 64;

// Integer constants are weights where an operator computes with them, and indices elsewhere.
bool is_weight_operand(const TensorFact& fact, OpClass c) {
  if (!fact.constant) return false;
  if (is_float(fact.dtype)) return true;
  if (!is_integer(fact.dtype)) return false;
  if (bits(fact.dtype) <= 8) return true;
  return c == OpClass::kGemm || c == OpClass::kConvolution || c == OpClass::kQuantize ||
         c == OpClass::kAttention;
}

// A matrix product or convolution of constants is counted, though a runtime may fold it: frameworks
// compute it on every call, and published MACs include it.
bool is_contraction(const OpSpec& spec) {
  return spec.op_class == OpClass::kGemm || spec.op_class == OpClass::kConvolution;
}

}  // namespace

Binder::Binder(const Graph& graph, const BindOptions& options, const BoundInputs& inputs,
               std::vector<ValueRef> input_values)
    : graph_(graph), options_(options) {
  out_.facts.resize(graph.tensors.size());
  out_.nodes.resize(graph.nodes.size());
  for (NodeResult& r : out_.nodes) {  // until visited: in a branch that never runs
    r.status = NodeStatus::kExact;
    r.trips = 0U;
  }
  specs_.resize(graph.op_types.size(), nullptr);
  spec_known_.resize(graph.op_types.size(), false);
  tried_.resize(graph.tensors.size(), false);
  out_.dims = inputs.dims;
  out_.notes = graph.notes;
  out_.notes.insert(out_.notes.end(), inputs.notes.begin(), inputs.notes.end());
  bind_stored();
  bind_graph_inputs(inputs, input_values);
}

void Binder::bind_stored() {
  for (std::size_t i = 0; i < graph_.tensors.size(); ++i) {
    const StoredTensor* stored = graph_.tensors[i].stored;
    if (stored == nullptr) continue;
    TensorFact& f = out_.facts[i];
    f.kind = TypeKind::kTensor;
    f.dtype = stored->dtype;
    f.has_shape = true;
    f.shape = stored->shape;
    f.constant = true;
  }
}

void Binder::bind_graph_inputs(const BoundInputs& inputs, std::vector<ValueRef>& values) {
  for (std::size_t i = 0; i < graph_.main().inputs.size(); ++i) {
    const TensorId id = graph_.main().inputs[i];
    const Type* type = graph_[id].declared;
    TensorFact& f = fact(id);
    if (f.constant && options_.shapes.count(std::string(graph_[id].name)) == 0 && !values[i]) {
      continue;  // an initializer that a caller might override
    }
    f = TensorFact{};
    f.kind = type == nullptr ? TypeKind::kTensor : type->kind;
    f.dtype = type == nullptr ? DType::kUndefined : type->dtype;
    // What an optional holds has the extents that it declares; of a sequence they are those of
    // every element, so that names, which may differ from element to element, say nothing.
    const bool holds = f.kind == TypeKind::kOptional || f.kind == TypeKind::kSequence;
    f.has_shape =
        inputs.has_shape[i] && (f.kind == TypeKind::kTensor || (holds && all_known(*type->shape)));
    f.shape = inputs.shapes[i];
    f.basis = inputs.assumed[i] ? Basis::kAssumed : Basis::kExact;
    f.value = values[i];
  }
}

Analysis Binder::run() {
  frames_.push_back({.region = kMainRegion, .control = nullptr});
  while (!frames_.empty()) step();
  for (std::size_t i = 0; i < out_.nodes.size(); ++i) {  // those without counts of their own
    if (out_.nodes[i].status == NodeStatus::kExact) mark_if_assumed(NodeId(i));
  }
  return std::move(out_);
}

void Binder::step() {
  Frame& f = frames_.back();
  const Region& region = graph_[f.region];
  if (f.next < region.nodes.size()) {
    visit(region.nodes[f.next++]);
    return;
  }
  // The control may look at the frame, so it is taken out only while it decides.
  std::unique_ptr<Control> control = std::move(f.control);
  const bool again = control != nullptr && control->again(*this);
  if (again) {
    frames_.back().control = std::move(control);
    frames_.back().next = 0;
  } else {
    frames_.pop_back();
  }
}

const OpSpec* Binder::spec_of(const Node& node) {
  const std::size_t i = index(node.op);
  if (!spec_known_[i]) {
    const OpType& t = graph_.op_types[i];
    specs_[i] = options_.rules == nullptr ? nullptr : options_.rules->find(t.domain, t.type);
    if (specs_[i] == nullptr) specs_[i] = find_op(t.domain, t.type, t.version);
    spec_known_[i] = true;
  }
  return specs_[i];
}

void Binder::visit(NodeId id) {
  ++visits_;
  const Node& node = graph_[id];
  NodeResult& r = result(id);
  const bool first = r.trips == Count(0U);
  r.trips += frame().multiplicity;
  if (frame().assumed && r.status == NodeStatus::kExact) {
    r.status = NodeStatus::kAssumed;
    r.reason = "runs as often as was assumed of the loop or branch around it";
  }
  const OpSpec* spec = node.body == kNoRegion ? spec_of(node) : nullptr;
  if (first) r.spec = spec;
  prepare_outputs(id, spec);
  if (start_control(*this, id)) return;
  if (spec == nullptr) {
    declare_outputs(id);
    const OpType& t = graph_.op_type(node);
    gap(id, GapKind::kUnknownOp,
        fmt::format("aiprof has no rule for {}{}{} (--op-rules FILE can give one)",
                    printable(t.domain), t.domain.empty() ? "" : ".", printable(t.type)));
    return;
  }
  infer(id, *spec);
  if (spec->op_class == OpClass::kAttention) start_modifiers(*this, id);
}

// Outputs start as unknown; what the inputs rest on, they rest on too.
void Binder::prepare_outputs(NodeId id, const OpSpec* spec) {
  const Node& node = graph_[id];
  bool constant = spec != nullptr && (spec->flags & kNeverFolded) == 0 && !is_contraction(*spec);
  bool assumed = false;
  for (const TensorId t : node.inputs) {
    if (t == kNoTensor) continue;
    const bool lends = spec != nullptr && (spec->flags & kContentsOfFirst) != 0;
    constant = constant && (fact(t).constant || (lends && t != node.inputs[0]));
    assumed = assumed || fact(t).basis == Basis::kAssumed;
  }
  for (const TensorId t : node.outputs) {
    if (t == kNoTensor) continue;
    TensorFact& f = fact(t);
    f = TensorFact{};
    f.constant = constant;
    f.basis = assumed ? Basis::kAssumed : Basis::kExact;
    tried_[index(t)] = false;
  }
}

// A target shape may be any tensor: without a limit, a few nodes would fill the memory with dims.
void Binder::check_ranks(NodeId id) const {
  for (const TensorId t : graph_[id].outputs) {
    if (t == kNoTensor || out_.facts[index(t)].rank() <= kMaxRank) continue;
    throw RuleError(
        fmt::format("its output '{}' would have {} dims, more than the {} that any tensor "
                    "may have",
                    printable(graph_[t].name), out_.facts[index(t)].rank(), kMaxRank));
  }
}

void Binder::infer(NodeId id, const OpSpec& spec) {
  const InferView v(graph_, id, out_.facts, this);
  try {
    if (spec.custom != nullptr) {
      spec.custom->infer(v);
    } else {
      spec.shape(v);
    }
    check_ranks(id);
  } catch (const RuleError& e) {
    declare_outputs(id);
    gap(id, GapKind::kInconsistent, e.what());
    return;
  }
  if (!v.note().empty()) {
    NodeResult& r = result(id);
    if (r.status == NodeStatus::kExact) r.status = NodeStatus::kAssumed;
    if (r.reason.empty()) r.reason = v.note();
  }
  complete_from_declared(id);
  // Shape and Size are constants of a bound model, whatever their input holds.
  if ((spec.flags & kValueFromShape) != 0 && v.in(0).shape_known()) {
    for (const TensorId t : graph_[id].outputs) {
      if (t != kNoTensor) fact(t).constant = true;
    }
  }
  evaluate_small(id, spec);
  count(id, spec);
}

TensorFact Binder::declared_fact(TensorId id) const {
  TensorFact f;
  const Type* type = graph_[id].declared;
  if (type == nullptr) return f;
  f.kind = type->kind;
  f.dtype = type->dtype;
  f.has_shape = type->shape.has_value();
  if (!f.has_shape) return f;
  for (const Dim d : *type->shape) {
    const auto bound = d.known() ? out_.dims.end() : out_.dims.find(graph_.symbols[d.symbol()]);
    f.shape.push_back(bound == out_.dims.end() ? d : Dim(bound->second));
  }
  return f;
}

void Binder::declare_outputs(NodeId id) {
  for (const TensorId t : graph_[id].outputs) {
    if (t == kNoTensor) continue;
    TensorFact f = declared_fact(t);
    f.basis = Basis::kAssumed;
    if (f.kind == TypeKind::kUnknown) f.kind = TypeKind::kTensor;
    fact(t) = std::move(f);
  }
}

// Where a rule could not tell an extent but the model declares it, the declaration is taken, and
// said to be assumed.
void Binder::complete_from_declared(NodeId id) {
  for (const TensorId t : graph_[id].outputs) {
    if (t == kNoTensor || fact(t).shape_known() || graph_[t].declared == nullptr) continue;
    TensorFact& f = fact(t);
    if (f.kind != TypeKind::kTensor) continue;
    const TensorFact d = declared_fact(t);
    if (!d.has_shape || (f.has_shape && f.rank() != d.rank())) continue;
    if (!f.has_shape) f.shape = Shape(d.rank(), Dim());
    f.has_shape = true;
    bool used = false;
    for (std::size_t i = 0; i < d.rank(); ++i) {
      if (f.shape[i].known() || !d.shape[i].known()) continue;
      f.shape[i] = d.shape[i];
      used = true;
    }
    if (used) f.basis = Basis::kAssumed;
  }
}

void Binder::run_value_rule(NodeId id, const OpSpec& spec, ValueSource* source) {
  try {
    spec.value(InferView(graph_, id, out_.facts, source));
  } catch (const RuleError&) {
    // The shape rule has accepted the node; contents that make no sense stay unknown.
  }
}

// Follows contents that are small enough to cost nothing, without asking for larger ones.
void Binder::evaluate_small(NodeId id, const OpSpec& spec) {
  if (spec.value == nullptr) return;
  const Node& node = graph_[id];
  bool small = false;
  for (const TensorId t : node.outputs) {
    if (t == kNoTensor) continue;
    const TensorFact& f = fact(t);
    small = small || f.kind != TypeKind::kTensor ||
            (f.shape_known() && f.elements().value_or(UINT64_MAX) <= kEagerElements);
  }
  if (!small) return;
  bool useful = (spec.flags & kValueFromShape) != 0 || node.inputs.empty();
  for (const TensorId t : node.inputs) {
    if (t == kNoTensor) continue;
    const StoredTensor* stored = graph_[t].stored;
    useful =
        useful || fact(t).value != nullptr || fact(t).kind != TypeKind::kTensor ||
        (stored != nullptr && num_elements(stored->shape).value_or(UINT64_MAX) <= kEagerElements);
  }
  if (useful) run_value_rule(id, spec, nullptr);
}

// Computes the contents of one tensor by running the value rules of what it depends on, deepest
// first. A tensor whose contents cannot be had is tried once.
ValueRef Binder::demand(TensorId tensor) {
  std::vector<TensorId> open = {tensor};
  const auto worth_trying = [&](TensorId t) {
    if (t == kNoTensor || tried_[index(t)] || fact(t).value || graph_[t].stored != nullptr) {
      return false;
    }
    const NodeId p = graph_[t].producer;
    if (p == kNoNode || !fact(t).shape_known() || graph_[p].region == kNoRegion) return false;
    const OpSpec* spec = result(p).spec;
    return spec != nullptr && spec->value != nullptr &&
           fact(t).elements().value_or(UINT64_MAX) <= kMaxValueElements;
  };
  if (!worth_trying(tensor)) return fact(tensor).value;
  while (!open.empty()) {
    const TensorId t = open.back();
    const NodeId producer = graph_[t].producer;
    if (!tried_[index(t)]) {
      tried_[index(t)] = true;
      for (const TensorId in : graph_[producer].inputs) {
        if (worth_trying(in)) open.push_back(in);
      }
      if (open.back() != t) continue;
    }
    open.pop_back();
    if (!fact(t).value) run_value_rule(producer, *result(producer).spec, nullptr);
  }
  return fact(tensor).value;
}

bool Binder::folds(NodeId id, const OpSpec& spec) const {
  if ((spec.flags & kNeverFolded) != 0) return false;
  bool any = false;
  for (const TensorId t : graph_[id].outputs) {
    if (t == kNoTensor) continue;
    any = true;
    if (!out_.facts[index(t)].constant) return false;
  }
  return any;
}

void Binder::count(NodeId id, const OpSpec& spec) {
  NodeResult& r = result(id);
  if (r.status == NodeStatus::kGap) return;
  if (folds(id, spec)) {
    if (r.status == NodeStatus::kExact) r.status = NodeStatus::kFolded;
    return;
  }
  const OpView v(graph_, id, out_.facts, this);
  Work work;
  Traffic traffic(v);
  try {
    work = spec.custom != nullptr ? spec.custom->work(v) : spec.work(v);
    if (spec.custom != nullptr) {
      spec.custom->traffic(v, traffic);
    } else {
      spec.traffic(v, traffic);
    }
  } catch (const RuleError& e) {
    gap(id, GapKind::kInconsistent, e.what());
    return;
  }
  if (r.status == NodeStatus::kFolded) r.status = NodeStatus::kExact;
  accumulate(r, spec, v, work, traffic);
  const OpCost& c = r.cost;
  Count all = c.flops + c.transcendentals + c.integer_ops + c.bytes_read() + c.bytes_written();
  if (all.state() == Count::State::kOverflow) {
    gap(id, GapKind::kOverflow, "its counts do not fit in 64 bits");
  } else if (!all.known()) {
    gap(id, GapKind::kUnknownShape, unknown_reason(id));
  }
  if (r.status == NodeStatus::kExact) mark_if_assumed(id);
}

// A count is no surer than the shapes it was made from.
void Binder::mark_if_assumed(NodeId id) {
  NodeResult& r = result(id);
  for (const auto& list : {graph_[id].inputs, graph_[id].outputs}) {
    for (const TensorId t : list) {
      if (t == kNoTensor || fact(t).basis == Basis::kExact) continue;
      r.status = NodeStatus::kAssumed;
      r.reason = fmt::format("the shape of '{}' rests on an assumption", printable(graph_[t].name));
      return;
    }
  }
}

void Binder::accumulate(NodeResult& r, const OpSpec& spec, const OpView& v, const Work& w,
                        const Traffic& traffic) {
  const Count times = frame().multiplicity;
  OpCost& c = r.cost;
  const Count flops = (w.macs * 2U + w.flops) * times;
  c.macs += w.macs * times;
  c.flops += flops;
  c.transcendentals += w.transcendentals * times;
  c.integer_ops += w.integer_ops * times;
  c.useful_macs += (w.useful_macs.known() ? w.useful_macs : w.macs) * times;
  c.math = w.math == DType::kUndefined ? v.in(0).dtype : w.math;
  c.geometry = w.geometry;
  const bool same_list = c.operands.size() == traffic.operands().size();
  const std::size_t before = same_list ? 0 : c.operands.size();
  for (std::size_t i = 0; i < traffic.operands().size(); ++i) {
    const OperandTraffic& o = traffic.operands()[i];
    const auto& list = o.write ? v.node().outputs : v.node().inputs;
    const Count elements = o.elements * times;
    tally_.elements += elements;
    if (same_list && c.operands[before + i].write == o.write) {
      c.operands[before + i].elements += elements;
      continue;
    }
    const TensorId t = list[o.slot];
    c.operands.push_back({.tensor = t,
                          .write = o.write,
                          .weight = !o.write && is_weight_operand(fact(t), spec.op_class),
                          .state = o.state,
                          .dtype = o.dtype,
                          .elements = elements});
  }
  tally_.flops += flops;
  tally_.other += (w.transcendentals + w.integer_ops) * times;
}

std::string Binder::unknown_reason(NodeId id) const {
  const auto find = [&](std::span<const TensorId> list, std::string_view what) -> std::string {
    for (const TensorId t : list) {
      if (t == kNoTensor) continue;
      const TensorFact& f = out_.facts[index(t)];
      if (f.kind == TypeKind::kTensor && f.shape_known() && f.dtype != DType::kUndefined) continue;
      if (f.kind != TypeKind::kTensor && f.kind != TypeKind::kUnknown) continue;
      const NodeId p = graph_[t].producer;
      return fmt::format(
          "the {} of {} '{}' is unknown{}", f.shape_known() ? "dtype" : "shape", what,
          printable(graph_[t].name),
          p == kNoNode || p == id ? std::string() : ", it comes from " + describe(graph_, p));
    }
    return {};
  };
  std::string reason = find(graph_[id].inputs, "input");
  if (reason.empty()) reason = find(graph_[id].outputs, "output");
  return reason.empty()
             ? "its cost depends on contents that are unknown (--value INPUT=... gives them)"
             : reason;
}

void Binder::settle(NodeId id, Count /*trips*/, const std::string& assumption) {
  NodeResult& r = result(id);
  if (assumption.empty() || r.status != NodeStatus::kExact) return;
  r.status = NodeStatus::kAssumed;
  r.reason = assumption;
}

void Binder::gap(NodeId id, GapKind kind, std::string reason) {
  NodeResult& r = result(id);
  r.status = NodeStatus::kGap;
  r.gap = kind;
  r.reason = std::move(reason);
}

namespace {

// Calls f(node) for every node of `region` and of the regions inside it.
template <typename F>
void for_each_node(const Graph& graph, RegionId region, F&& f) {
  std::vector<RegionId> open = {region};
  while (!open.empty()) {
    const RegionId r = open.back();
    open.pop_back();
    for (const NodeId id : graph[r].nodes) {
      f(id);
      const Node& n = graph[id];
      if (n.body != kNoRegion) open.push_back(n.body);
      for (const Attribute& a : n.attributes)
        open.insert(open.end(), a.regions.begin(), a.regions.end());
    }
  }
}

}  // namespace

void Binder::discard_region(RegionId region) {
  for_each_node(graph_, region, [&](NodeId id) {
    NodeResult& r = result(id);
    const OpSpec* spec = r.spec;
    r = NodeResult{};
    r.status = NodeStatus::kExact;
    r.spec = spec;
    r.trips = 0U;
  });
}

void Binder::mark_assumed(RegionId region, const std::string& why) {
  for_each_node(graph_, region, [&](NodeId id) {
    NodeResult& r = result(id);
    if (r.status != NodeStatus::kExact) return;
    r.status = NodeStatus::kAssumed;
    r.reason = why;
  });
}

}  // namespace aiprof
