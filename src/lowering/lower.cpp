#include <algorithm>
#include <utility>

#include "aiprof/lowering/lowering.h"
#include "lowering/consumers.h"
#include "lowering/fuse.h"
#include "lowering/host_nodes.h"

namespace aiprof {
namespace {

Count sum_bytes(const std::vector<Operand>& operands, bool write, bool weights_only) {
  Count sum = 0U;
  for (const Operand& o : operands) {
    if (o.write == write && (!weights_only || o.weight)) sum += o.bytes();
  }
  return sum;
}

// Class that names a group: its contraction if it has one, else its head's.
int rank(OpClass c) {
  switch (c) {
    case OpClass::kAttention:
      return 6;
    case OpClass::kGemm:
    case OpClass::kConvolution:
    case OpClass::kRnn:
      return 5;
    case OpClass::kSoftmax:
      return 4;
    case OpClass::kNormalization:
      return 3;
    case OpClass::kReduction:
      return 2;
    default:
      return 1;
  }
}

class KernelBuilder {
 public:
  KernelBuilder(const Graph& graph, const Analysis& a, const Consumers& consumers)
      : graph_(graph), a_(a), consumers_(consumers) {}

  // Takes over the nodes of the group.
  Kernel build(Group& group) {
    Kernel k;
    choose_main(group, k);
    k.launches = a_[k.main].trips;
    k.geometry = a_[k.main].cost.geometry;
    k.math = a_[k.main].cost.math;
    k.general_power = group.nodes.size() == 1 && general_power(k.main);
    if (group.rule != nullptr) apply_rule(group, k);
    for (const NodeId id : group.nodes) {
      const OpCost& c = a_[id].cost;
      k.macs += c.macs;
      k.useful_macs += c.useful_macs.known() ? c.useful_macs : c.macs;
      k.flops += c.flops;
      k.transcendentals += c.transcendentals;
      k.integer_ops += c.integer_ops;
    }
    gather_operands(group, k);
    k.nodes = std::move(group.nodes);
    return k;
  }

 private:
  // Frameworks turn constant exponents such as 2 and 0.5 into products and roots.
  [[nodiscard]] bool general_power(NodeId id) const {
    const Node& node = graph_[id];
    return graph_.op_type(node).type == "Pow" && node.inputs.size() > 1 &&
           node.inputs[1] != kNoTensor && !a_[node.inputs[1]].constant;
  }

  void choose_main(const Group& group, Kernel& k) const {
    k.main = group.nodes.front();
    for (const NodeId id : group.nodes) {
      if (rank(a_[id].spec->op_class) > rank(a_[k.main].spec->op_class)) k.main = id;
    }
    k.op_class = a_[k.main].spec->op_class;
  }

  void apply_rule(const Group& group, Kernel& k) const {
    k.fusion = group.rule->name;
    if (group.rule->becomes == name(OpClass::kAttention)) become_attention(group, k);
    if (group.rule->becomes == name(OpClass::kNormalization)) k.op_class = OpClass::kNormalization;
    if (group.rule->becomes == name(OpClass::kElementwise)) k.op_class = OpClass::kElementwise;
    if (group.rule->kind != FusionRule::Kind::kQdq) return;
    // Low precision: the arithmetic runs in the dtype of the quantised data.
    for (const TensorId in : graph_[group.head].inputs) {
      const NodeId writer = in == kNoTensor ? kNoNode : consumers_.writer(consumers_.base(in));
      if (writer == kNoNode || graph_.op_type(graph_[writer]).type != "DequantizeLinear") continue;
      k.math = a_[graph_[writer].inputs[0]].dtype;
      return;
    }
  }

  // Two products around a softmax: queries by keys, then by values.
  void become_attention(const Group& group, Kernel& k) const {
    const Geometry* scores = nullptr;
    const Geometry* values = nullptr;
    for (const NodeId id : group.nodes) {
      const Geometry& g = a_[id].cost.geometry;
      if (g.kind != Geometry::Kind::kGemm) continue;
      (scores == nullptr ? scores : values) = &g;
      if (values != nullptr) break;
    }
    if (scores == nullptr || values == nullptr) return;
    k.op_class = OpClass::kAttention;
    k.geometry = Geometry{};
    k.geometry.kind = Geometry::Kind::kAttention;
    k.geometry.batch = scores->batch;
    k.geometry.m = scores->m;
    k.geometry.n = scores->n;
    k.geometry.k = scores->k;
    k.geometry.kv_heads = scores->batch;
    k.geometry.value_size = values->n;
  }

  [[nodiscard]] static bool inside(const Group& group, NodeId id) {
    return id != kNoNode && std::binary_search(group.nodes.begin(), group.nodes.end(), id);
  }

  // Whether somebody outside the group reads the base tensor.
  [[nodiscard]] bool read_outside(const Group& group, TensorId base) const {
    const auto readers = consumers_.readers(base);
    return consumers_.escapes(base) || readers.empty() ||
           std::any_of(readers.begin(), readers.end(), [&](NodeId r) { return !inside(group, r); });
  }

  void gather_operands(const Group& group, Kernel& k) {
    Count separate = 0U;
    const bool single = group.nodes.size() == 1 && group.rule == nullptr;
    std::size_t operands = 0;
    for (const NodeId id : group.nodes) operands += a_[id].cost.operands.size();
    k.operands.reserve(operands);
    for (const NodeId id : group.nodes) {
      for (const Operand& o : a_[id].cost.operands) {
        separate += o.bytes();
        if (single) {
          k.operands.push_back(o);
          continue;
        }
        const TensorId base = consumers_.base(o.tensor);
        if (o.write ? !read_outside(group, base) : inside(group, consumers_.writer(base))) continue;
        add(group, k, o, base);
      }
    }
    const Count kept = sum_bytes(k.operands, false, false) + sum_bytes(k.operands, true, false);
    k.saved_bytes = kept.known() && separate.known() && separate.value() > kept.value()
                        ? separate - kept
                        : Count(0U);
  }

  // A tensor that several nodes of the group read is read once, by the one that reads most of it.
  void add(const Group& group, Kernel& k, Operand o, TensorId base) const {
    if (!o.write && group.rule->kind == FusionRule::Kind::kQdq) read_quantised(o, base);
    const auto same = std::find_if(k.operands.begin(), k.operands.end(), [&](const Operand& p) {
      return p.write == o.write && consumers_.base(p.tensor) == consumers_.base(o.tensor);
    });
    if (same == k.operands.end()) {
      k.operands.push_back(o);
    } else {
      same->elements = max(same->elements, o.elements);
      same->weight = same->weight || o.weight;
    }
  }

  // What a shared DequantizeLinear would have written is read in its quantised form.
  void read_quantised(Operand& o, TensorId base) const {
    const NodeId writer = consumers_.writer(base);
    if (writer == kNoNode || graph_.op_type(graph_[writer]).type != "DequantizeLinear") return;
    o.tensor = graph_[writer].inputs[0];
    o.dtype = a_[o.tensor].dtype;
  }

  const Graph& graph_;
  const Analysis& a_;
  const Consumers& consumers_;
};

}  // namespace

Count Kernel::bytes_read() const { return sum_bytes(operands, false, false); }
Count Kernel::bytes_written() const { return sum_bytes(operands, true, false); }
Count Kernel::weight_bytes_read() const { return sum_bytes(operands, false, true); }

std::string_view name(LaunchMode mode) {
  switch (mode) {
    case LaunchMode::kNone:
      return "none";
    case LaunchMode::kGraph:
      return "graph";
    case LaunchMode::kStream:
      return "stream";
    case LaunchMode::kEager:
      return "eager";
  }
  return "stream";
}

Lowered lower_graph(const Graph& graph, const Analysis& analysis, const RuntimeProfile& profile) {
  const Consumers consumers(
      graph, analysis, profile.steps_through_views ? ShapeReaders::kCount : ShapeReaders::kIgnore);
  Lowered out;
  out.kernel_of.assign(graph.nodes.size(), Lowered::kNoKernel);
  KernelBuilder builder(graph, analysis, consumers);
  std::vector<Group> groups = fuse(graph, analysis, consumers, profile);
  out.kernels.reserve(groups.size());
  for (Group& group : groups) {
    for (const NodeId id : group.nodes) {
      out.kernel_of[index(id)] = static_cast<std::uint32_t>(out.kernels.size());
    }
    out.kernels.push_back(builder.build(group));
  }
  if (profile.steps_through_views) count_host_nodes(graph, analysis, out);
  return out;
}

}  // namespace aiprof
