#include <algorithm>
#include <limits>

#include "aiprof/analysis/analysis.h"

namespace aiprof {
namespace {

constexpr std::uint32_t kNever = std::numeric_limits<std::uint32_t>::max();

// A piece of memory: one tensor, or a tensor and its views.
struct Buffer {
  Count bytes = 0U;
  std::uint32_t last_use = 0;   // node index; kNever: until the end
  bool owned_by_caller = false; // graph inputs are not overwritten
};

class Sweep {
 public:
  Sweep(const Graph& graph, const Analysis& a)
      : graph_(graph), a_(a), buffer_of_(graph.tensors.size(), kNever) {}

  Liveness run() {
    find_body_ends();
    add_inputs();
    for (std::size_t i = 0; i < graph_.nodes.size(); ++i) place_outputs(static_cast<NodeId>(i));
    for (std::size_t i = 0; i < graph_.nodes.size(); ++i) see_uses(static_cast<NodeId>(i));
    see_region_outputs();
    walk();
    return std::move(result_);
  }

 private:
  // Weights, and what is folded from them, are not activations.
  [[nodiscard]] bool is_activation(TensorId t) const {
    return t != kNoTensor && !a_[t].constant && graph_[t].stored == nullptr &&
           a_[t].kind != TypeKind::kUnknown;
  }

  [[nodiscard]] Count size_of(TensorId t) const {
    const TensorFact& f = a_[t];
    if (f.kind == TypeKind::kTensor) return f.bytes();
    Count sum = 0U;
    if (f.sequence) {
      for (const TensorFact& e : f.sequence->elements) sum += e.bytes();
    }
    return sum;
  }

  // Nodes are numbered in reading order, so a body is a range; end_[r] is its last node.
  void find_body_ends() {
    end_.assign(graph_.regions.size(), 0);
    for (std::size_t i = 0; i < graph_.nodes.size(); ++i) {
      RegionId r = graph_.nodes[i].region;
      for (std::size_t up = 0; up < graph_.regions.size(); ++up) {
        end_[index(r)] = static_cast<std::uint32_t>(i);
        if (graph_[r].parent == kNoRegion) break;
        r = graph_[r].parent;
      }
    }
  }

  void add_inputs() {
    for (const TensorId t : graph_.main().inputs) {
      if (!is_activation(t)) continue;
      add_buffer(t);
      buffers_.back().last_use = kNever;
      buffers_.back().owned_by_caller = true;
      live_ += buffers_.back().bytes;
    }
  }

  void add_buffer(TensorId t) {
    buffer_of_[index(t)] = static_cast<std::uint32_t>(buffers_.size());
    buffers_.push_back({.bytes = size_of(t)});
  }

  void place_outputs(NodeId id) {
    const NodeResult& r = a_[id];
    const Node& node = graph_[id];
    if (r.trips == Count(0U)) return;
    const bool views = r.spec != nullptr && (r.spec->flags & kAliases) != 0 && !node.inputs.empty();
    for (std::size_t o = 0; o < node.outputs.size(); ++o) {
      const TensorId t = node.outputs[o];
      if (!is_activation(t) || buffer_of_[index(t)] != kNever) continue;
      if (o == 0 && views && is_activation(node.inputs[0])) {
        buffer_of_[index(t)] = buffer_of_[index(node.inputs[0])];
      } else if (r.status != NodeStatus::kFolded) {
        add_buffer(t);
      }
      if (Buffer* b = buffer(t)) b->last_use = std::max(b->last_use, position(id));
    }
  }

  [[nodiscard]] Buffer* buffer(TensorId t) {
    if (t == kNoTensor || buffer_of_[index(t)] == kNever) return nullptr;
    return &buffers_[buffer_of_[index(t)]];
  }

  [[nodiscard]] static std::uint32_t position(NodeId id) { return static_cast<std::uint32_t>(id); }

  // A tensor from outside a body is needed until the body has run for the last time.
  [[nodiscard]] std::uint32_t end_of_use(TensorId t, NodeId user) const {
    std::uint32_t at = position(user);
    for (RegionId r = graph_[user].region; r != graph_[t].region && graph_[r].parent != kNoRegion;
         r = graph_[r].parent) {
      at = std::max(at, end_[index(r)]);
    }
    return at;
  }

  void see_uses(NodeId id) {
    if (a_[id].trips == Count(0U)) return;
    for (const TensorId t : graph_[id].inputs) {
      if (Buffer* b = buffer(t)) b->last_use = std::max(b->last_use, end_of_use(t, id));
    }
  }

  void see_region_outputs() {
    for (std::size_t r = 0; r < graph_.regions.size(); ++r) {
      for (const TensorId t : graph_.regions[r].outputs) {
        if (Buffer* b = buffer(t)) {
          b->last_use = r == 0 ? kNever : std::max(b->last_use, end_[r]);
        }
      }
    }
  }

  // An elementwise result may take the memory of an input that dies here and is as large.
  [[nodiscard]] Count reusable(NodeId id, Count wanted) {
    const NodeResult& r = a_[id];
    if (r.spec == nullptr || (r.spec->flags & kInPlace) == 0) return 0U;
    for (const TensorId t : graph_[id].inputs) {
      const Buffer* b = buffer(t);
      if (b != nullptr && !b->owned_by_caller && b->last_use == position(id) && b->bytes == wanted) {
        return b->bytes;
      }
    }
    return 0U;
  }

  void walk() {
    std::vector<std::vector<std::uint32_t>> ending(graph_.nodes.size());
    std::vector<bool> placed(buffers_.size(), false);
    for (std::uint32_t i = 0; i < buffers_.size(); ++i) {
      if (buffers_[i].last_use != kNever) ending[buffers_[i].last_use].push_back(i);
      placed[i] = buffers_[i].owned_by_caller;
    }
    result_.peak_bytes = live_;
    result_.steps.reserve(graph_.nodes.size());
    for (std::size_t i = 0; i < graph_.nodes.size(); ++i) {
      const auto id = static_cast<NodeId>(i);
      Count grown = 0U;
      for (const TensorId t : graph_.nodes[i].outputs) {
        const Buffer* b = buffer(t);
        if (b == nullptr || placed[buffer_of_[index(t)]]) continue;
        placed[buffer_of_[index(t)]] = true;
        grown += b->bytes;
      }
      live_ += grown;
      const Count now = live_ - min(reusable(id, grown), grown);
      result_.steps.push_back({id, now});
      if (!now.known() || now.value() > result_.peak_bytes.value_or(UINT64_MAX)) {
        result_.peak_bytes = now;
        result_.peak_node = id;
      }
      for (const std::uint32_t b : ending[i]) {
        if (placed[b]) live_ = live_ - buffers_[b].bytes;
      }
    }
  }

  const Graph& graph_;
  const Analysis& a_;
  std::vector<std::uint32_t> buffer_of_;  // by TensorId; kNever: no memory of its own
  std::vector<Buffer> buffers_;
  std::vector<std::uint32_t> end_;        // by RegionId
  Count live_ = 0U;
  Liveness result_;
};

}  // namespace

Liveness liveness(const Graph& graph, const Analysis& analysis) {
  return Sweep(graph, analysis).run();
}

}  // namespace aiprof
