#include "lowering/fuse.h"

#include <algorithm>
#include <utility>

#include "aiprof/base/text.h"
#include "lowering/matcher.h"

namespace aiprof {
namespace {

constexpr std::uint32_t kNone = UINT32_MAX;

class Fuser {
 public:
  Fuser(const Graph& graph, const Analysis& a, const Consumers& consumers,
        const RuntimeProfile& profile)
      : graph_(graph), a_(a), consumers_(consumers), profile_(profile) {
    group_of_.assign(graph.nodes.size(), kNone);
    heads_.resize(graph.op_types.size());
    for (std::size_t t = 0; t < graph.op_types.size(); ++t) {
      for (const FusionRule& rule : profile.fusions) {
        if (matches_any(rule.head, static_cast<OpTypeId>(t))) heads_[t].push_back(&rule);
      }
    }
  }

  std::vector<Group> run() {
    // Longer patterns stand before shorter ones in a profile: the first rule that fits wins, and
    // rules are tried over the whole graph one after another, so that attention is seen before the
    // epilogue of its first product.
    for (const FusionRule& rule : profile_.fusions) apply(rule);
    absorb_shared_dequantise();
    for (std::size_t i = 0; i < graph_.nodes.size(); ++i) {
      const auto id = static_cast<NodeId>(i);
      if (free(id)) keep({.nodes = {id}, .head = id});
    }
    // A group runs where its last node stands: by then all its inputs exist, and nothing outside
    // has read its inner results.
    std::sort(groups_.begin(), groups_.end(),
              [](const Group& x, const Group& y) { return x.nodes.back() < y.nodes.back(); });
    return std::move(groups_);
  }

 private:
  [[nodiscard]] bool free(NodeId id) const {
    return group_of_[index(id)] == kNone && consumers_.launches(id);
  }

  void keep(Group group) {
    for (const NodeId id : group.nodes) {
      group_of_[index(id)] = static_cast<std::uint32_t>(groups_.size());
    }
    groups_.push_back(std::move(group));
  }

  [[nodiscard]] bool matches(std::string_view matcher, NodeId id) const {
    return matches_node(matcher, graph_, a_, id);
  }
  [[nodiscard]] bool matches_any(const std::vector<std::string>& list, OpTypeId op) const {
    return std::any_of(list.begin(), list.end(), [&](const std::string& m) {
      return matches_type(m, graph_.op_types[index(op)]);
    });
  }

  // Whether operator types are members of a rule, answered once per type and rule.
  [[nodiscard]] std::vector<bool> members_of(const FusionRule& rule) const {
    std::vector<bool> is_member(graph_.op_types.size());
    for (std::size_t t = 0; t < is_member.size(); ++t) {
      is_member[t] = matches_any(rule.members, static_cast<OpTypeId>(t));
    }
    return is_member;
  }

  void apply(const FusionRule& rule) {
    const std::vector<bool> members = members_of(rule);
    if (rule.kind == FusionRule::Kind::kAbsorb) {
      apply_absorb(rule, members);
      return;
    }
    std::vector<bool> heads(graph_.op_types.size());
    bool any = false;
    for (std::size_t t = 0; t < heads.size(); ++t) {
      heads[t] = std::find(heads_[t].begin(), heads_[t].end(), &rule) != heads_[t].end();
      any = any || heads[t];
    }
    if (!any) return;
    for (std::size_t i = 0; i < graph_.nodes.size(); ++i) {
      const auto id = static_cast<NodeId>(i);
      if (!heads[index(graph_[id].op)] || !free(id)) continue;
      Group group{.nodes = {id}, .rule = &rule, .head = id};
      bool complete = true;
      switch (rule.kind) {
        case FusionRule::Kind::kEpilogue:
          append_epilogue(group, members);
          break;
        case FusionRule::Kind::kSequence:
          complete = append_sequence(group);
          break;
        case FusionRule::Kind::kCluster:
          append_cluster(group, members);
          break;
        case FusionRule::Kind::kQdq:
          complete = surround(group);
          break;
        case FusionRule::Kind::kDequant:
          take_dequantised(group);
          break;
        case FusionRule::Kind::kAbsorb:
          break;  // apply_absorb()
      }
      if (!complete || group.nodes.size() < 2) continue;
      std::sort(group.nodes.begin(), group.nodes.end());
      keep(std::move(group));
    }
  }

  [[nodiscard]] bool together(NodeId x, NodeId y) const {
    return graph_[x].region == graph_[y].region && a_[x].trips == a_[y].trips;
  }

  // The only launching reader of what `id` writes, or kNoNode.
  [[nodiscard]] NodeId only_reader(NodeId id) const {
    NodeId reader = kNoNode;
    for (const TensorId t : graph_[id].outputs) {
      if (t == kNoTensor) continue;
      if (consumers_.escapes(t)) return kNoNode;
      for (const NodeId r : consumers_.readers(t)) {
        if (reader != kNoNode && r != reader) return kNoNode;
        reader = r;
      }
    }
    return reader;
  }

  void append_epilogue(Group& group, const std::vector<bool>& members) const {
    NodeId last = group.head;
    while (group.rule->max_members == 0 ||
           static_cast<int>(group.nodes.size()) <= group.rule->max_members) {
      const NodeId next = only_reader(last);
      if (next == kNoNode || !free(next) || !members[index(graph_[next].op)] ||
          !together(group.head, next) || !keeps_size(last, next)) {
        return;
      }
      group.nodes.push_back(next);
      last = next;
    }
  }

  // An epilogue works on the elements of its producer: it neither reduces nor widens them.
  [[nodiscard]] bool keeps_size(NodeId producer, NodeId next) const {
    const TensorId in = graph_[producer].outputs[0];
    const TensorId out = graph_[next].outputs[0];
    return in != kNoTensor && out != kNoTensor && a_[in].elements() == a_[out].elements();
  }

  [[nodiscard]] static bool contains(const Group& group, NodeId id) {
    return std::find(group.nodes.begin(), group.nodes.end(), id) != group.nodes.end();
  }

  // Some reader of a group tensor that matches, latest tensors first.
  [[nodiscard]] NodeId next_in_sequence(const Group& group, std::string_view matcher) const {
    for (std::size_t i = group.nodes.size(); i-- > 0;) {
      for (const TensorId t : graph_[group.nodes[i]].outputs) {
        if (t == kNoTensor) continue;
        for (const NodeId r : consumers_.readers(t)) {
          if (free(r) && !contains(group, r) && together(group.head, r) && matches(matcher, r)) {
            return r;
          }
        }
      }
    }
    return kNoNode;
  }

  // Takes in the writers of the head's inputs that the rule names, each read by the head alone.
  bool prepend_inputs(Group& group) const {
    const auto& inputs = graph_[group.head].inputs;
    for (std::size_t i = 0; i < group.rule->inputs.size(); ++i) {
      const std::string& matcher = group.rule->inputs[i];
      const TensorId in = i < inputs.size() ? inputs[i] : kNoTensor;
      const NodeId writer = in == kNoTensor ? kNoNode : consumers_.writer(consumers_.base(in));
      if (writer != kNoNode && matches(matcher, writer) && free(writer) &&
          !contains(group, writer) && together(group.head, writer) &&
          only_reader(writer) == group.head) {
        group.nodes.push_back(writer);
      } else if (!matcher.starts_with('?')) {
        return false;
      }
    }
    return true;
  }

  bool append_sequence(Group& group) const {
    if (!prepend_inputs(group)) return false;
    for (const std::string& step : group.rule->members) {
      const NodeId next = next_in_sequence(group, step);
      if (next == kNoNode) {
        if (step.starts_with('?')) continue;
        return false;
      }
      group.nodes.push_back(next);
    }
    // Inner results must stay inside.
    for (std::size_t i = 0; i + 1 < group.nodes.size(); ++i) {
      for (const TensorId t : graph_[group.nodes[i]].outputs) {
        if (t == kNoTensor) continue;
        if (consumers_.escapes(t)) return false;
        for (const NodeId r : consumers_.readers(t)) {
          if (!contains(group, r)) return false;
        }
      }
    }
    return true;
  }

  // Grows by readers whose other inputs existed before the group began: then one launch at the
  // head's place can compute them all, and whatever is read outside is written once.
  void append_cluster(Group& group, const std::vector<bool>& members) const {
    constexpr std::size_t kMaxCluster = 64;
    for (std::size_t i = 0; i < group.nodes.size() && group.nodes.size() < kMaxCluster; ++i) {
      for (const TensorId t : graph_[group.nodes[i]].outputs) {
        if (t == kNoTensor) continue;
        for (const NodeId r : consumers_.readers(t)) {
          if (free(r) && members[index(graph_[r].op)] && !contains(group, r) &&
              together(group.head, r) && fits(group, r)) {
            group.nodes.push_back(r);
          }
        }
      }
    }
    // The group runs at its last node's place; nothing outside may need an inner result earlier.
    trim_early_readers(group);
  }

  [[nodiscard]] bool fits(const Group& group, NodeId id) const {
    for (const TensorId in : graph_[id].inputs) {
      if (in == kNoTensor) continue;
      const NodeId writer = consumers_.writer(consumers_.base(in));
      if (writer == kNoNode || contains(group, writer)) continue;
      if (writer > group.head) return false;
      // A writer inside another group that ends after our head is not there yet.
      const std::uint32_t g = group_of_[index(writer)];
      if (g != kNone && groups_[g].nodes.back() > group.head) return false;
    }
    return true;
  }

  void trim_early_readers(Group& group) const {
    std::sort(group.nodes.begin() + 1, group.nodes.end());
    for (bool changed = true; changed && group.nodes.size() > 1;) {
      changed = false;
      const NodeId last = group.nodes.back();
      for (const NodeId id : group.nodes) {
        if (id != last && read_before(group, id, last)) {
          group.nodes.pop_back();
          changed = true;
          break;
        }
      }
    }
  }

  // Whether something outside the group, standing before `last`, reads a result of `id`.
  [[nodiscard]] bool read_before(const Group& group, NodeId id, NodeId last) const {
    for (const TensorId t : graph_[id].outputs) {
      if (t == kNoTensor) continue;
      for (const NodeId r : consumers_.readers(t)) {
        const std::uint32_t g = group_of_[index(r)];
        const NodeId runs_at = g == kNone ? r : groups_[g].nodes.back();
        if (!contains(group, r) && runs_at < last) return true;
      }
    }
    return false;
  }

  // DequantizeLinear on the data inputs, QuantizeLinear on the result.
  bool surround(Group& group) const {
    const NodeId quantise = only_reader(group.head);
    if (quantise == kNoNode || graph_.op_type(graph_[quantise]).type != "QuantizeLinear" ||
        !free(quantise) || !together(group.head, quantise)) {
      return false;
    }
    const bool any = take_dequantised(group);
    if (any) group.nodes.push_back(quantise);
    return any;
  }

  // Takes in the DequantizeLinear nodes that only the head reads; true if it reads any at all.
  bool take_dequantised(Group& group) const {
    bool any = false;
    for (const TensorId in : graph_[group.head].inputs) {
      if (in == kNoTensor) continue;
      const NodeId writer = consumers_.writer(consumers_.base(in));
      if (writer == kNoNode || !is_dequantise(writer)) continue;
      any = true;
      if (free(writer) && only_reader(writer) == group.head) group.nodes.push_back(writer);
    }
    return any;
  }

  [[nodiscard]] bool is_dequantise(NodeId id) const {
    return graph_.op_type(graph_[id]).type == "DequantizeLinear";
  }

  // A node whose every reader takes over its work launches nothing: it joins the first of them.
  // False where it stays outside.
  template <typename Takes>
  bool absorb(NodeId id, Takes&& takes) {
    std::uint32_t first = kNone;
    for (const TensorId t : graph_[id].outputs) {
      if (t == kNoTensor) continue;
      if (consumers_.escapes(t)) return false;
      for (const NodeId r : consumers_.readers(t)) {
        const std::uint32_t g = group_of_[index(r)];
        if (g == kNone || !together(id, r) || !takes(r, groups_[g])) return false;
        if (first == kNone) first = g;
      }
    }
    if (first == kNone) return false;
    group_of_[index(id)] = first;
    std::vector<NodeId>& nodes = groups_[first].nodes;
    nodes.insert(std::upper_bound(nodes.begin(), nodes.end(), id), id);
    return true;
  }

  // A DequantizeLinear whose every reader computes in low precision.
  void absorb_shared_dequantise() {
    for (std::size_t i = 0; i < graph_.nodes.size(); ++i) {
      const auto id = static_cast<NodeId>(i);
      if (!is_dequantise(id) || !free(id)) continue;
      (void)absorb(id, [](NodeId reader, const Group& g) {
        return g.rule != nullptr && g.rule->kind == FusionRule::Kind::kQdq && g.head == reader;
      });
    }
  }

  // Whether a group as a whole is of a class that the rule's head names.
  [[nodiscard]] static bool becomes_head(const Group& group, const FusionRule& rule) {
    return group.rule != nullptr && !group.rule->becomes.empty() &&
           std::find(rule.head.begin(), rule.head.end(), "class:" + group.rule->becomes) !=
               rule.head.end();
  }

  // Rules of kind kAbsorb come last in a profile: readers without a group get one of their own.
  void apply_absorb(const FusionRule& rule, const std::vector<bool>& members) {
    std::vector<bool> heads(graph_.op_types.size());
    for (std::size_t t = 0; t < heads.size(); ++t) {
      heads[t] = matches_any(rule.head, static_cast<OpTypeId>(t));
    }
    for (std::size_t i = 0; i < graph_.nodes.size(); ++i) {
      const auto id = static_cast<NodeId>(i);
      if (heads[index(graph_[id].op)] && free(id)) keep({.nodes = {id}, .head = id});
    }
    std::vector<bool> absorbed(graph_.nodes.size());
    for (std::size_t i = graph_.nodes.size(); i-- > 0;) {
      const auto id = static_cast<NodeId>(i);
      if (!members[index(graph_[id].op)] || !free(id)) continue;
      absorbed[i] = absorb(id, [&](NodeId reader, const Group& g) {
        if (absorbed[index(reader)]) return true;
        const bool quantised = g.rule != nullptr && g.rule->kind == FusionRule::Kind::kQdq;
        return (heads[index(graph_[reader].op)] || becomes_head(g, rule)) && !quantised;
      });
    }
    for (Group& g : groups_) {
      if (g.nodes.size() > 1 && g.rule == nullptr) g.rule = &rule;
    }
  }

  const Graph& graph_;
  const Analysis& a_;
  const Consumers& consumers_;
  const RuntimeProfile& profile_;
  std::vector<std::vector<const FusionRule*>> heads_;  // by OpTypeId
  std::vector<std::uint32_t> group_of_;                // by NodeId
  std::vector<Group> groups_;
};

}  // namespace

std::vector<Group> fuse(const Graph& graph, const Analysis& analysis, const Consumers& consumers,
                        const RuntimeProfile& profile) {
  return Fuser(graph, analysis, consumers, profile).run();
}

}  // namespace aiprof
