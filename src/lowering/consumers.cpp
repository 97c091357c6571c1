#include "lowering/consumers.h"

#include <algorithm>

namespace aiprof {
namespace {

bool is_view(const NodeResult& r) { return r.spec != nullptr && (r.spec->flags & kAliases) != 0; }

bool asks_for_shape(const NodeResult& r) {
  return r.spec != nullptr && (r.spec->flags & kValueFromShape) != 0;
}

bool is_launch(const Graph& graph, const Analysis& analysis, NodeId id) {
  const NodeResult& r = analysis[id];
  if (graph[id].body != kNoRegion || r.spec == nullptr || r.trips == Count(0U)) return false;
  if (r.status == NodeStatus::kFolded || r.status == NodeStatus::kGap) return false;
  const OpCost& c = r.cost;
  return !c.operands.empty() || c.flops != Count(0U) || c.transcendentals != Count(0U) ||
         c.integer_ops != Count(0U);
}

}  // namespace

Consumers::Consumers(const Graph& graph, const Analysis& analysis, ShapeReaders shape_readers)
    : launches_(graph.nodes.size()),
      base_(graph.tensors.size()),
      first_(graph.tensors.size() + 1, 0),
      escapes_(graph.tensors.size(), false),
      writer_(graph.tensors.size(), kNoNode) {
  for (std::size_t t = 0; t < base_.size(); ++t) base_[t] = static_cast<TensorId>(t);
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    const auto id = static_cast<NodeId>(i);
    const Node& node = graph.nodes[i];
    launches_[i] = is_launch(graph, analysis, id);
    const bool view = is_view(analysis[id]) && !launches_[i] && !node.inputs.empty() &&
                      node.inputs[0] != kNoTensor && !node.outputs.empty();
    if (view && node.outputs[0] != kNoTensor) {
      base_[index(node.outputs[0])] = base_[index(node.inputs[0])];
    }
  }
  const auto for_each_read = [&](auto&& f) {
    for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
      if (is_view(analysis.nodes[i]) && !launches_[i]) continue;
      if (shape_readers == ShapeReaders::kIgnore && asks_for_shape(analysis.nodes[i])) continue;
      for (const TensorId t : graph.nodes[i].inputs) {
        if (t == kNoTensor) continue;
        if (launches_[i]) {
          f(index(base_[index(t)]), static_cast<NodeId>(i));
        } else {
          escapes_[index(base_[index(t)])] = true;  // a gap or a body reads it
        }
      }
      if (!launches_[i]) continue;
      for (const TensorId t : graph.nodes[i].outputs) {
        if (t != kNoTensor) writer_[index(t)] = static_cast<NodeId>(i);
      }
    }
  };
  for_each_read([&](std::size_t t, NodeId /*reader*/) { ++first_[t + 1]; });
  for (std::size_t t = 0; t < base_.size(); ++t) first_[t + 1] += first_[t];
  readers_.resize(first_.back());
  std::vector<std::uint32_t> next(first_.begin(), first_.end() - 1);
  for_each_read([&](std::size_t t, NodeId reader) { readers_[next[t]++] = reader; });
  for (const Region& region : graph.regions) {
    for (const TensorId t : region.outputs) {
      if (t != kNoTensor) escapes_[index(base_[index(t)])] = true;
    }
  }
}

}  // namespace aiprof
