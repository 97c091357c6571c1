#include <algorithm>
#include <array>
#include <cmath>
#include <deque>
#include <functional>
#include <map>
#include <numeric>
#include <set>

#include "aiprof/trace/trace.h"
#include "trace/names.h"
#include "trace/other_shape.h"

namespace aiprof {
namespace trace {
namespace {

// Steps that a name without a node may lie from its neighbour; fused blocks are smaller.
constexpr std::size_t kMostFused = 64;
constexpr std::size_t kNeighbours = 4;

// Sets of kernels that the runtime ran as one.
class Groups {
 public:
  explicit Groups(std::size_t n) : parent_(n) {
    std::iota(parent_.begin(), parent_.end(), std::size_t{0});
  }
  std::size_t root(std::size_t i) {
    while (parent_[i] != i) i = parent_[i] = parent_[parent_[i]];
    return i;
  }
  // `into` keeps leading.
  void merge(std::size_t into, std::size_t other) { parent_[root(other)] = root(into); }

 private:
  std::vector<std::size_t> parent_;
};

class Joiner {
 public:
  Joiner(const MeasuredProfile& profile, const TraceSubject& subject)
      : profile_(profile),
        subject_(subject),
        names_(subject.graph),
        groups_(subject.lowered.kernels.size()),
        nodes_of_(profile.events.size()),
        by_(profile.events.size(), JoinBy::kNodeName),
        events_of_(subject.lowered.kernels.size()) {
    const Graph& g = subject.graph;
    for (std::size_t i = 0; i < g.nodes.size(); ++i) {
      for (const TensorId t : g.nodes[i].inputs) {
        if (t != kNoTensor) readers_[t].push_back(static_cast<NodeId>(i));
      }
    }
  }

  JoinedProfile run() {
    by_name();
    by_place();
    group_kernels();
    // A table may list some operators only: what it lacks was not run inside the others.
    if (profile_.format != TraceFormat::kTable) absorb_unmeasured();
    return result();
  }

 private:
  void claim(std::size_t event, NamedNodes found) {
    if (found.nodes.empty()) return;
    by_[event] = found.by;
    if (found.by != JoinBy::kReader) claimed_.insert(found.nodes.begin(), found.nodes.end());
    nodes_of_[event] = std::move(found.nodes);
  }

  void by_name() {
    for (std::size_t i = 0; i < profile_.events.size(); ++i) {
      claim(i, names_.find(profile_.events[i]));
    }
  }

  void by_place() {
    // Rows of a table may stand in any order.
    for (std::size_t i = 0; profile_.format != TraceFormat::kTable && i < nodes_of_.size(); ++i) {
      std::vector<std::size_t> block;
      for (; i < nodes_of_.size() && nodes_of_[i].empty(); ++i) {
        if (!is_extra(profile_.events[i])) block.push_back(i);
      }
      if (!block.empty()) place_block(block);
    }
    for (std::size_t i = 0; i < profile_.events.size(); ++i) {
      if (!nodes_of_[i].empty() || !is_extra(profile_.events[i])) continue;
      claim(i, {.nodes = neighbour(i), .by = JoinBy::kReader});
    }
    for (std::size_t i = 0; i < profile_.events.size(); ++i) {
      if (!nodes_of_[i].empty() || !NodeNames::is_anonymous(profile_.events[i])) continue;
      NamedNodes found{.nodes = moved(i), .by = JoinBy::kOrder};
      if (found.nodes.empty()) found = {.nodes = neighbour(i), .by = JoinBy::kReader};
      claim(i, std::move(found));
    }
  }

  // The runtime takes operators out and puts them in elsewhere, Transpose above all: the nearest
  // node of the type that nothing claims.
  [[nodiscard]] std::vector<NodeId> moved(std::size_t event) const {
    const std::vector<NodeId> near = neighbour(event);
    if (near.empty()) return {};
    const auto count = static_cast<std::ptrdiff_t>(subject_.graph.nodes.size());
    const auto centre = static_cast<std::ptrdiff_t>(index(near.front()));
    for (std::ptrdiff_t distance = 0; distance <= static_cast<std::ptrdiff_t>(kMostFused);
         ++distance) {
      for (const std::ptrdiff_t at : {centre - distance, centre + distance}) {
        if (at < 0 || at >= count) continue;
        const auto node = static_cast<NodeId>(at);
        const bool same =
            subject_.graph.op_type(subject_.graph[node]).type == profile_.events[event].op_type;
        if (same && kernel_of(node) && !claimed_.contains(node)) return {node};
      }
    }
    return {};
  }

  static bool is_extra(const TraceEvent& event) {
    return NodeNames::is_inserted(event) || is_view(event);
  }

  static bool is_contraction(std::string_view type) {
    // What runtimes turn products into, beside the operators of the standard.
    constexpr std::array<std::string_view, 5> kOwn = {"FusedMatMul", "FusedConv", "FusedGemm",
                                                      "NhwcConv", "TransposeMatMul"};
    if (std::ranges::find(kOwn, type) != kOwn.end()) return true;
    const OpSpec* spec = find_op("", type, 0);
    if (spec == nullptr) return false;
    return spec->op_class == OpClass::kGemm || spec->op_class == OpClass::kConvolution;
  }

  // Consecutive events whose names say nothing share the nodes between their neighbours: products
  // go to the events that multiply, what follows a product to the next event that does not.
  void place_block(const std::vector<std::size_t>& block) {
    std::vector<NodeId> nodes = between_neighbours(block.back());
    std::ranges::sort(nodes);
    std::vector<std::vector<NodeId>> shares(block.size());
    std::size_t at = 0;
    for (const NodeId node : nodes) {
      const bool product = is_contraction(subject_.graph.op_type(subject_.graph[node]).type);
      for (std::size_t next = at; next < block.size(); ++next) {
        const bool taken = product && next == at && !shares[next].empty();
        if (is_contraction(profile_.events[block[next]].op_type) != product || taken) continue;
        at = next;
        break;
      }
      shares[at].push_back(node);
    }
    for (std::size_t i = 0; i < block.size(); ++i) {
      claim(block[i], {.nodes = std::move(shares[i]), .by = JoinBy::kOrder});
    }
  }

  // A change of shape that the runtime put in around a node it rewrote.
  [[nodiscard]] static bool is_view(const TraceEvent& event) {
    const OpSpec* spec = event.op_type.empty() ? nullptr : find_op("", event.op_type, 0);
    return spec != nullptr && spec->op_class == OpClass::kView;
  }

  // The node of the next event that has one; of the last before, at the end.
  [[nodiscard]] std::vector<NodeId> neighbour(std::size_t event) const {
    for (std::size_t i = event + 1; i < nodes_of_.size(); ++i) {
      if (!nodes_of_[i].empty()) return {nodes_of_[i].front()};
    }
    for (std::size_t i = event; i-- > 0;) {
      if (!nodes_of_[i].empty()) return {nodes_of_[i].back()};
    }
    return {};
  }

  // Nodes that nothing claims and that the next events read, else that read the one before.
  [[nodiscard]] std::vector<NodeId> between_neighbours(std::size_t event) const {
    std::size_t seen = 0;
    for (std::size_t i = event + 1; i < nodes_of_.size() && seen < kNeighbours; ++i) {
      if (nodes_of_[i].empty()) continue;
      ++seen;
      std::vector<NodeId> found = unclaimed(nodes_of_[i], Direction::kWriters);
      if (!found.empty()) return found;
    }
    seen = 0;
    for (std::size_t i = event; i-- > 0 && seen < kNeighbours;) {
      if (nodes_of_[i].empty()) continue;
      ++seen;
      std::vector<NodeId> found = unclaimed(nodes_of_[i], Direction::kReaders);
      if (!found.empty()) return found;
    }
    return {};
  }

  enum class Direction : std::uint8_t { kWriters, kReaders };

  [[nodiscard]] std::vector<NodeId> adjacent(NodeId node, Direction direction) const {
    std::vector<NodeId> out;
    const Graph& g = subject_.graph;
    if (direction == Direction::kWriters) {
      for (const TensorId t : g[node].inputs) {
        if (t != kNoTensor && g[t].producer != kNoNode) out.push_back(g[t].producer);
      }
      return out;
    }
    for (const TensorId t : g[node].outputs) {
      if (const auto it = readers_.find(t); it != readers_.end()) {
        out.insert(out.end(), it->second.begin(), it->second.end());
      }
    }
    return out;
  }

  // Kernels' nodes that nothing claims, from `from` on until claimed ones.
  [[nodiscard]] std::vector<NodeId> unclaimed(const std::vector<NodeId>& from,
                                              Direction direction) const {
    std::vector<NodeId> found;
    std::set<NodeId> visited(from.begin(), from.end());
    std::deque<NodeId> queue(from.begin(), from.end());
    while (!queue.empty() && visited.size() < kMostFused) {
      const NodeId at = queue.front();
      queue.pop_front();
      for (const NodeId next : adjacent(at, direction)) {
        if (claimed_.contains(next) || !visited.insert(next).second) continue;
        queue.push_back(next);
        if (kernel_of(next)) found.push_back(next);
      }
    }
    return found;
  }

  [[nodiscard]] std::optional<std::size_t> kernel_of(NodeId node) const {
    const std::uint32_t k = subject_.lowered.kernel_of[index(node)];
    if (k == Lowered::kNoKernel) return std::nullopt;
    return k;
  }

  void group_kernels() {
    for (std::size_t e = 0; e < nodes_of_.size(); ++e) {
      std::optional<std::size_t> first;
      for (const NodeId node : nodes_of_[e]) {
        const auto k = kernel_of(node);
        if (!k) continue;
        if (!first) {
          first = k;
        } else {
          groups_.merge(*first, *k);
        }
      }
      if (first) events_of_[*first].push_back(e);
    }
    measured_.assign(events_of_.size(), false);
    for (std::size_t k = 0; k < events_of_.size(); ++k) {
      if (!events_of_[k].empty()) measured_[groups_.root(k)] = true;
    }
  }

  // How the group of a kernel was named: after a tensor, its end; after a node, its beginning.
  [[nodiscard]] bool named_by(std::size_t kernel, JoinBy by) {
    const std::size_t root = groups_.root(kernel);
    for (std::size_t k = 0; k < events_of_.size(); ++k) {
      if (groups_.root(k) != root) continue;
      for (const std::size_t e : events_of_[k]) {
        if (by_[e] == by) return true;
      }
    }
    return false;
  }

  [[nodiscard]] std::vector<std::size_t> neighbours(std::size_t kernel, Direction direction) const {
    std::vector<std::size_t> out;
    for (const NodeId node : subject_.lowered.kernels[kernel].nodes) {
      std::set<NodeId> visited;
      std::deque<NodeId> queue = {node};
      while (!queue.empty()) {
        const NodeId at = queue.front();
        queue.pop_front();
        for (const NodeId next : adjacent(at, direction)) {
          if (!visited.insert(next).second) continue;
          const auto k = kernel_of(next);
          if (!k) {
            queue.push_back(next);  // through views
          } else if (*k != kernel) {
            out.push_back(*k);
          }
        }
      }
    }
    return out;
  }

  // A kernel that no event names ran inside a neighbour's: behind one that is called after its
  // first node, or before one that is called after its last tensor.
  void absorb_unmeasured() {
    const std::size_t n = events_of_.size();
    for (std::size_t k = 0; k < n; ++k) {
      if (!measured_[groups_.root(k)]) join_measured(k, Direction::kWriters, JoinBy::kNodeName);
    }
    for (std::size_t k = n; k-- > 0;) {
      if (!measured_[groups_.root(k)]) join_measured(k, Direction::kReaders, JoinBy::kTensorName);
    }
  }

  void join_measured(std::size_t k, Direction direction, JoinBy by) {
    for (const std::size_t other : neighbours(k, direction)) {
      if (!measured_[groups_.root(other)] || !named_by(other, by)) continue;
      groups_.merge(other, k);
      return;
    }
  }

  [[nodiscard]] double predicted(std::size_t kernel) const {
    return subject_.estimate.kernels[kernel].latency_seconds;
  }

  JoinedProfile result() {
    JoinedProfile out;
    list_events(out);
    const std::size_t n = events_of_.size();
    std::map<std::size_t, std::pair<double, double>> sums;  // by group: predicted, measured
    for (std::size_t k = 0; k < n; ++k) {
      auto& [p, m] = sums[groups_.root(k)];
      p += predicted(k);
      for (const std::size_t e : events_of_[k]) m += profile_.events[e].seconds;
    }
    std::map<std::size_t, std::size_t> sizes;
    for (std::size_t k = 0; k < n; ++k) ++sizes[groups_.root(k)];
    for (std::size_t k = 0; k < n; ++k) {
      const std::size_t root = groups_.root(k);
      out.kernels.push_back(row(k, sums.at(root)));
      if (sizes[root] > 1 && out.kernels.back().measured_seconds > 0) {
        out.kernels.back().leader = root;
      }
    }
    total(out, sums);
    return out;
  }

  void list_events(JoinedProfile& out) {
    for (std::size_t e = 0; e < profile_.events.size(); ++e) {
      const double seconds = profile_.events[e].seconds;
      out.totals.measured_seconds += seconds;
      if (nodes_of_[e].empty()) {
        out.unmatched.push_back(
            {.event = e, .reason = "no node or tensor of the model is called so"});
        continue;
      }
      JoinedEvent joined{.event = e, .node = nodes_of_[e].front(), .by = by_[e], .kernel = {}};
      for (const NodeId node : nodes_of_[e]) {
        if (!joined.kernel) joined.kernel = kernel_of(node);
      }
      out.totals.matched_seconds += seconds;
      if (!joined.kernel) out.totals.free_seconds += seconds;
      out.events.push_back(joined);
    }
    std::ranges::stable_sort(out.unmatched, std::greater<>(), [&](const UnmatchedEvent& u) {
      return profile_.events[u.event].seconds;
    });
    out.other_shape = find_other_shape(profile_, subject_, out.events);
  }

  JoinedKernel row(std::size_t k, const std::pair<double, double>& group) {
    JoinedKernel j;
    j.kernel = k;
    j.events = events_of_[k];
    j.predicted_seconds = predicted(k);
    const auto& [all_predicted, all_measured] = group;
    if (!(all_measured > 0)) return j;
    const double share = all_predicted > 0 ? j.predicted_seconds / all_predicted : 1;
    j.measured_seconds = all_measured * share;
    if (!(j.measured_seconds > 0)) return j;
    j.ratio = j.predicted_seconds / j.measured_seconds;
    const Kernel& kernel = subject_.lowered.kernels[k];
    const KernelEstimate& estimate = subject_.estimate.kernels[k];
    const Count bytes = kernel.bytes_read() + kernel.bytes_written();
    if (kernel.flops.known()) j.flops_per_second = kernel.flops.as_double() / j.measured_seconds;
    if (bytes.known()) j.bytes_per_second = bytes.as_double() / j.measured_seconds;
    // Utilisation is work over time over a peak: only the time differs.
    if (estimate.mfu) j.mfu = *estimate.mfu * *j.ratio;
    if (estimate.mbu) j.mbu = *estimate.mbu * *j.ratio;
    return j;
  }

  void total(JoinedProfile& out, const std::map<std::size_t, std::pair<double, double>>& sums) {
    JoinedTotals& t = out.totals;
    double errors = 0;
    double weighted = 0;
    double joined = 0;
    std::size_t groups = 0;
    for (const auto& [root, sum] : sums) {
      t.predicted_seconds_all += sum.first;
      if (!(sum.second > 0)) continue;
      t.predicted_seconds += sum.first;
      joined += sum.second;
      errors += std::abs(sum.first / sum.second - 1);
      weighted += std::abs(sum.first - sum.second);
      ++groups;
    }
    if (groups == 0) return;
    t.mape = errors / static_cast<double>(groups);
    t.weighted_mape = weighted / joined;
    double flops = 0;
    double bytes = 0;
    double peak = 0;
    double traffic = 0;
    for (const JoinedKernel& j : out.kernels) {
      flops += j.flops_per_second.value_or(0) * j.measured_seconds;
      bytes += j.bytes_per_second.value_or(0) * j.measured_seconds;
      peak += j.mfu.value_or(0) * j.measured_seconds;
      traffic += j.mbu.value_or(0) * j.measured_seconds;
    }
    t.flops_per_second = flops / t.measured_seconds;
    t.bytes_per_second = bytes / t.measured_seconds;
    t.mfu = peak / t.measured_seconds;
    t.mbu = traffic / t.measured_seconds;
  }

  const MeasuredProfile& profile_;
  TraceSubject subject_;
  NodeNames names_;
  Groups groups_;
  std::map<TensorId, std::vector<NodeId>> readers_;
  std::vector<std::vector<NodeId>> nodes_of_;        // by event
  std::vector<JoinBy> by_;                           // by event
  std::vector<std::vector<std::size_t>> events_of_;  // by kernel
  std::vector<bool> measured_;                       // by root of a group
  std::set<NodeId> claimed_;
};

}  // namespace
}  // namespace trace

std::string_view name(JoinBy by) {
  switch (by) {
    case JoinBy::kNodeName:
      return "node name";
    case JoinBy::kTensorName:
      return "tensor name";
    case JoinBy::kRange:
      return "list of nodes";
    case JoinBy::kReader:
      return "reader";
    case JoinBy::kOrder:
      return "order";
  }
  return "node name";
}

JoinedProfile join_profile(const MeasuredProfile& profile, const TraceSubject& subject) {
  return trace::Joiner(profile, subject).run();
}

}  // namespace aiprof
