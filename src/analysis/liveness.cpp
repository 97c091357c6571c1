#include <algorithm>
#include <limits>
#include <utility>

#include "aiprof/analysis/analysis.h"

namespace aiprof {
namespace {

constexpr std::uint32_t kNever = std::numeric_limits<std::uint32_t>::max();

// A piece of memory: one tensor, or a tensor and its views. It is live at nodes first ... last.
struct Buffer {
  Count bytes = 0U;
  std::uint32_t first = 0;
  std::uint32_t last = 0;        // kNever: until the end
  RegionId scope = kMainRegion;  // the repeated body that makes it anew in every run
  bool callers = false;          // a graph input: never overwritten
};

// Nodes are numbered in reading order, which is the order of execution; a body is a range.
class Sweep {
 public:
  Sweep(const Graph& graph, const Analysis& a)
      : graph_(graph), a_(a), buffer_of_(graph.tensors.size(), kNever) {}

  Liveness run() {
    find_scopes();
    find_ends();
    take_inputs();
    for (std::size_t i = 0; i < graph_.nodes.size(); ++i) {
      leave_bodies(static_cast<std::uint32_t>(i));
      if (a_.nodes[i].trips != Count(0U)) place(static_cast<NodeId>(i));
    }
    leave_bodies(kNever);
    for (std::size_t i = 0; i < graph_.nodes.size(); ++i) {
      if (a_.nodes[i].trips != Count(0U)) see_uses(static_cast<NodeId>(i));
    }
    see_results();
    walk();
    return std::move(result_);
  }

 private:
  static std::uint32_t position(NodeId id) { return static_cast<std::uint32_t>(id); }

  // Weights, and what is folded from them, are not activations.
  [[nodiscard]] bool is_activation(TensorId t) const {
    return t != kNoTensor && !a_[t].constant && graph_[t].stored == nullptr &&
           a_[t].kind != TypeKind::kUnknown;
  }

  // A sequence owns copies of its elements, as runtimes keep it.
  [[nodiscard]] Count size_of(TensorId t) const {
    const TensorFact& f = a_[t];
    if (f.kind != TypeKind::kSequence) return f.bytes();
    if (!f.sequence) return Count::unknown();
    Count sum = 0U;
    for (const TensorFact& e : f.sequence->elements) sum += e.bytes();
    return sum;
  }

  // Bodies of If and of functions run once where they stand; others run again and again, and what
  // they take from outside must outlast them.
  void find_scopes() {
    scope_.assign(graph_.regions.size(), kMainRegion);
    for (std::size_t r = 1; r < graph_.regions.size(); ++r) {
      const Region& region = graph_.regions[r];
      const bool owned = region.owner != kNoNode && region.parent != kNoRegion;
      const bool once = !owned || graph_[region.owner].body == static_cast<RegionId>(r) ||
                        graph_.op_type(graph_[region.owner]).type == "If";
      // Regions follow the region they stand in.
      scope_[r] = once && owned ? scope_[index(region.parent)] : static_cast<RegionId>(r);
    }
  }

  // The last node of each region, nodes of inner regions included.
  void find_ends() {
    end_.assign(graph_.regions.size(), 0);
    for (std::size_t i = 0; i < graph_.nodes.size(); ++i) {
      for (RegionId r = graph_.nodes[i].region; r != kNoRegion; r = graph_[r].parent) {
        end_[index(r)] = static_cast<std::uint32_t>(i);
      }
    }
  }

  void take_inputs() {
    for (const TensorId t : graph_.main().inputs) {
      if (!is_activation(t)) continue;
      Buffer& b = add_buffer(t, 0);
      b.last = kNever;
      b.callers = true;
    }
  }

  Buffer& add_buffer(TensorId t, std::uint32_t first) {
    buffer_of_[index(t)] = static_cast<std::uint32_t>(buffers_.size());
    return buffers_.emplace_back(Buffer{.bytes = size_of(t),
                                        .first = first,
                                        .last = first,
                                        .scope = scope_[index(graph_[t].region)]});
  }

  [[nodiscard]] Buffer* buffer(TensorId t) {
    if (t == kNoTensor || buffer_of_[index(t)] == kNever) return nullptr;
    return &buffers_[buffer_of_[index(t)]];
  }

  void place(NodeId id) {
    const Node& node = graph_[id];
    if (has_subgraphs(node)) {
      enter_bodies(id);
      return;
    }
    if (node.body != kNoRegion) {
      open_.push_back({id, std::max(position(id), end_[index(node.body)])});
      return;
    }
    const NodeResult& r = a_[id];
    const bool views = r.spec != nullptr && (r.spec->flags & kAliases) != 0 && !node.inputs.empty();
    for (std::size_t o = 0; o < node.outputs.size(); ++o) {
      const TensorId t = node.outputs[o];
      if (!is_activation(t) || buffer(t) != nullptr) continue;
      if (o == 0 && views && buffer(node.inputs[0]) != nullptr) {
        buffer_of_[index(t)] = buffer_of_[index(node.inputs[0])];
      } else if (r.status != NodeStatus::kFolded) {
        add_buffer(t, position(id));
      }
    }
  }

  static bool has_subgraphs(const Node& node) {
    return std::any_of(node.attributes.begin(), node.attributes.end(),
                       [](const Attribute& a) { return !a.regions.empty(); });
  }

  template <typename F>
  void for_each_subgraph(const Node& node, F&& f) const {
    for (const Attribute& a : node.attributes) {
      for (const RegionId r : a.regions) f(r);
    }
  }

  // Inputs of a body are memory of its own: its first run reads what the node was given, which the
  // caller of the node keeps, and every later run what the run before has made.
  void enter_bodies(NodeId id) {
    std::uint32_t end = position(id);
    for_each_subgraph(graph_[id], [&](RegionId r) {
      end = std::max(end, end_[index(r)]);
      for (const TensorId t : graph_[r].inputs) {
        if (is_activation(t) && buffer(t) == nullptr) add_buffer(t, position(id));
      }
    });
    open_.push_back({id, end});
    const std::size_t carried = count_carried(graph_[id]);
    for (std::size_t o = carried; o < graph_[id].outputs.size(); ++o) {  // gathered run by run
      const TensorId t = graph_[id].outputs[o];
      if (is_activation(t) && buffer(t) == nullptr) add_buffer(t, position(id));
    }
  }

  // Outputs of the node that are the body's own results rather than gathered from all runs.
  [[nodiscard]] std::size_t count_carried(const Node& node) const {
    const std::string_view type = graph_.op_type(node).type;
    std::size_t carried = 0;
    if (type == "If") carried = node.outputs.size();
    if (type == "Loop") carried = node.inputs.size() > 2 ? node.inputs.size() - 2 : 0;
    if (type == "Scan") {
      const auto scanned =
          std::find_if(node.attributes.begin(), node.attributes.end(),
                       [](const Attribute& a) { return a.name == "num_scan_inputs"; });
      const auto n = scanned == node.attributes.end() ? 0 : std::max<std::int64_t>(scanned->i, 0);
      carried = node.inputs.size() - std::min(node.inputs.size(), static_cast<std::size_t>(n));
    }
    return std::min(carried, node.outputs.size());
  }

  // Gives memory to the results of nodes whose bodies end before node `now`.
  void leave_bodies(std::uint32_t now) {
    while (!open_.empty() && open_.back().end < now) {
      const Open done = open_.back();
      open_.pop_back();
      const Node& node = graph_[done.node];
      const bool loop = graph_.op_type(node).type == "Loop";
      for (std::size_t o = 0; o < node.outputs.size(); ++o) {
        const TensorId t = node.outputs[o];
        if (!is_activation(t) || buffer(t) != nullptr) continue;
        if (node.body != kNoRegion) adopt(t, node.body, o, 0);
        for_each_subgraph(node, [&](RegionId r) {
          if (buffer(t) == nullptr) adopt(t, r, o + (loop ? 1 : 0), position(done.node));
        });
        if (buffer(t) == nullptr) add_buffer(t, done.end);
      }
    }
  }

  // A result of a body that was made there (at node `since` or later) becomes that of its owner.
  void adopt(TensorId t, RegionId body, std::size_t result, std::uint32_t since) {
    if (result >= graph_[body].outputs.size()) return;
    const TensorId inner = graph_[body].outputs[result];
    const Buffer* b = buffer(inner);
    if (b == nullptr || b->first < since || (b->callers && since > 0)) return;
    buffer_of_[index(t)] = buffer_of_[index(inner)];
  }

  // A tensor from outside a repeated body is needed until the body has run for the last time.
  [[nodiscard]] std::uint32_t end_of_use(TensorId t, NodeId user) const {
    const RegionId home = scope_[index(graph_[t].region)];
    std::uint32_t at = position(user);
    for (RegionId r = scope_[index(graph_[user].region)]; r != home;) {
      at = std::max(at, end_[index(r)]);
      if (graph_[r].parent == kNoRegion) break;
      r = scope_[index(graph_[r].parent)];
    }
    return at;
  }

  void see_uses(NodeId id) {
    const Node& node = graph_[id];
    std::uint32_t until = 0;
    for_each_subgraph(node, [&](RegionId r) { until = std::max(until, end_[index(r)]); });
    for (const TensorId t : node.inputs) {
      if (Buffer* b = buffer(t)) b->last = std::max({b->last, end_of_use(t, id), until});
    }
  }

  void see_results() {
    for (std::size_t r = 0; r < graph_.regions.size(); ++r) {
      for (const TensorId t : graph_.regions[r].outputs) {
        if (Buffer* b = buffer(t)) b->last = r == 0 ? kNever : std::max(b->last, end_[r]);
      }
    }
  }

  // An elementwise result may take the memory of an input that dies here and is as large.
  [[nodiscard]] Count reused(NodeId id) {
    const NodeResult& r = a_[id];
    const Node& node = graph_[id];
    if (r.spec == nullptr || (r.spec->flags & kInPlace) == 0 || node.outputs.empty()) return 0U;
    const Buffer* out = buffer(node.outputs[0]);
    if (out == nullptr || out->first != position(id)) return 0U;
    for (const TensorId t : node.inputs) {
      const Buffer* b = buffer(t);
      const bool dies = b != nullptr && b != out && !b->callers && b->last == position(id) &&
                        b->scope == scope_[index(node.region)];
      if (dies && b->bytes == out->bytes) return b->bytes;
    }
    return 0U;
  }

  // Bytes, and how many buffers have no known size.
  struct Amount {
    Count bytes = 0U;
    std::size_t unknown = 0;

    void add(const Buffer& b) {
      if (b.bytes.known()) bytes += b.bytes;
      unknown += b.bytes.known() ? 0 : 1;
    }
    [[nodiscard]] Count total() const { return unknown > 0 ? Count::unknown() : bytes; }
  };

  void walk() {
    const std::size_t n = graph_.nodes.size();
    std::vector<Amount> born(n);
    std::vector<Amount> freed(n);
    for (const Buffer& b : buffers_) {
      if (n == 0) result_.peak_bytes += b.bytes;
      if (b.first < n) born[b.first].add(b);
      if (b.last < n) freed[b.last].add(b);
    }
    Amount live;
    result_.steps.reserve(n);
    for (std::size_t i = 0; i < n; ++i) {
      live.bytes += born[i].bytes;
      live.unknown += born[i].unknown;
      record(static_cast<NodeId>(i), live.total() - reused(static_cast<NodeId>(i)));
      live.bytes = live.bytes - freed[i].bytes;
      live.unknown -= freed[i].unknown;
    }
  }

  // The peak is unknown once a step is.
  void record(NodeId id, Count now) {
    result_.steps.push_back({id, now});
    Count& peak = result_.peak_bytes;
    const bool first_unknown = peak.known() && !now.known();
    const bool higher = peak.known() && now.known() && now.value() > peak.value();
    if (!first_unknown && !higher) return;
    peak = now;
    result_.peak_node = id;
  }

  // A node whose bodies are being walked, and their last node.
  struct Open {
    NodeId node;
    std::uint32_t end;
  };

  const Graph& graph_;
  const Analysis& a_;
  std::vector<std::uint32_t> buffer_of_;  // by TensorId; kNever: no memory of its own
  std::vector<Buffer> buffers_;
  std::vector<RegionId> scope_;     // by RegionId: the innermost repeated region it is in
  std::vector<std::uint32_t> end_;  // by RegionId
  std::vector<Open> open_;
  Liveness result_;
};

}  // namespace

Liveness liveness(const Graph& graph, const Analysis& analysis) {
  return Sweep(graph, analysis).run();
}

}  // namespace aiprof
