#include <algorithm>
#include <queue>
#include <unordered_set>

#include "frontend/graph_reader.h"

namespace aiprof {
namespace {

// Regions owned by each node, in attribute order; a function body comes last.
void append_bodies(const Node& node, std::vector<RegionId>& out) {
  for (const Attribute& a : node.attributes)
    out.insert(out.end(), a.regions.begin(), a.regions.end());
  if (node.body != kNoRegion) out.push_back(node.body);
}

bool owns_bodies(const Node& node) {
  return node.body != kNoRegion ||
         std::any_of(node.attributes.begin(), node.attributes.end(),
                     [](const Attribute& a) { return !a.regions.empty(); });
}

// Tensors a node needs from outside itself: its inputs, and what its bodies take from outer scopes.
void collect_uses(const Graph& graph, NodeId node, std::vector<TensorId>& uses) {
  std::vector<NodeId> open = {node};
  std::vector<RegionId> bodies;
  while (!open.empty()) {
    const Node& n = graph[open.back()];
    open.pop_back();
    uses.insert(uses.end(), n.inputs.begin(), n.inputs.end());
    bodies.clear();
    append_bodies(n, bodies);
    for (const RegionId r : bodies) {
      open.insert(open.end(), graph[r].nodes.begin(), graph[r].nodes.end());
      uses.insert(uses.end(), graph[r].outputs.begin(), graph[r].outputs.end());
    }
  }
}

// The node of `region` that makes tensor `t` available there: its producer, or the node that owns
// the body in which it is produced. kNoNode: available from the start.
NodeId provider(const Graph& graph, TensorId t, RegionId region) {
  NodeId node = graph[t].producer;
  while (node != kNoNode && graph[node].region != region) {
    const RegionId r = graph[node].region;
    node = graph[r].parent == kNoRegion ? kNoNode : graph[r].owner;
  }
  return node;
}

bool in_order(const Graph& graph, const Region& region, std::vector<std::uint32_t>& position) {
  for (std::size_t i = 0; i < region.nodes.size(); ++i) {
    position[index(region.nodes[i])] = static_cast<std::uint32_t>(i);
  }
  std::vector<TensorId> uses;
  for (std::size_t i = 0; i < region.nodes.size(); ++i) {
    const NodeId id = region.nodes[i];
    uses.assign(graph[id].inputs.begin(), graph[id].inputs.end());
    if (owns_bodies(graph[id])) collect_uses(graph, id, uses);
    for (const TensorId t : uses) {
      if (t == kNoTensor) continue;
      const NodeId p = provider(graph, t, graph[id].region);
      const bool self = p == id;
      if (p == kNoNode || (self && owns_bodies(graph[id]))) continue;
      if (position[index(p)] >= i) return false;
    }
  }
  return true;
}

// Kahn's algorithm, always taking the ready node that comes first in the file.
std::vector<NodeId> sorted(const Graph& graph, const Region& region,
                           const std::vector<std::uint32_t>& position) {
  const std::size_t n = region.nodes.size();
  std::vector<std::vector<std::uint32_t>> users(n);
  std::vector<std::uint32_t> waiting(n, 0);
  std::vector<TensorId> uses;
  for (std::size_t i = 0; i < n; ++i) {
    uses.clear();
    collect_uses(graph, region.nodes[i], uses);
    std::unordered_set<std::uint32_t> providers;
    for (const TensorId t : uses) {
      if (t == kNoTensor) continue;
      const NodeId p = provider(graph, t, graph[region.nodes[i]].region);
      const bool own_body = p == region.nodes[i] && graph[t].region != graph[p].region;
      if (p == kNoNode || own_body || (p == region.nodes[i] && owns_bodies(graph[p]))) continue;
      if (providers.insert(position[index(p)]).second) {
        users[position[index(p)]].push_back(static_cast<std::uint32_t>(i));
        ++waiting[i];
      }
    }
  }
  std::priority_queue<std::uint32_t, std::vector<std::uint32_t>, std::greater<>> ready;
  for (std::uint32_t i = 0; i < n; ++i) {
    if (waiting[i] == 0) ready.push(i);
  }
  std::vector<NodeId> order;
  while (!ready.empty()) {
    const std::uint32_t i = ready.top();
    ready.pop();
    order.push_back(region.nodes[i]);
    for (const std::uint32_t u : users[i]) {
      if (--waiting[u] == 0) ready.push(u);
    }
  }
  if (order.size() < n) {
    const auto stuck = std::find_if(waiting.begin(), waiting.end(), [](auto w) { return w > 0; });
    const auto at = static_cast<std::size_t>(stuck - waiting.begin());
    throw input_error("the graph has a cycle through " + describe(graph, region.nodes[at]) +
                      "; an ONNX graph must be acyclic");
  }
  return order;
}

// Numbers of nodes in reading order: every node before its bodies, bodies before the next node.
std::vector<NodeId> reading_order(const Graph& graph) {
  struct Cursor {
    RegionId region;
    std::size_t next;
  };
  std::vector<NodeId> order;
  order.reserve(graph.nodes.size());
  std::vector<bool> seen(graph.regions.size(), false);
  std::vector<Cursor> open = {{kMainRegion, 0}};
  std::vector<RegionId> bodies;
  while (!open.empty()) {
    Cursor& c = open.back();
    if (c.next == graph[c.region].nodes.size()) {
      open.pop_back();
      continue;
    }
    const NodeId id = graph[c.region].nodes[c.next++];
    order.push_back(id);
    bodies.clear();
    append_bodies(graph[id], bodies);
    for (std::size_t i = bodies.size(); i-- > 0;) {
      if (!seen[index(bodies[i])]) open.push_back({bodies[i], 0});
      seen[index(bodies[i])] = true;
    }
  }
  return order;
}

void renumber(Graph& graph, const std::vector<NodeId>& order) {
  std::vector<NodeId> renamed(graph.nodes.size(), kNoNode);
  std::vector<Node> nodes;
  nodes.reserve(order.size());
  for (const NodeId old : order) {
    renamed[index(old)] = static_cast<NodeId>(nodes.size());
    nodes.push_back(graph.nodes[index(old)]);
  }
  graph.nodes = std::move(nodes);
  for (Tensor& t : graph.tensors) {
    if (t.producer != kNoNode) t.producer = renamed[index(t.producer)];
  }
  for (Region& r : graph.regions) {
    if (r.owner != kNoNode) r.owner = renamed[index(r.owner)];
    for (NodeId& id : r.nodes) id = renamed[index(id)];
  }
}

}  // namespace

void order_nodes(Graph& graph) {
  std::vector<std::uint32_t> position(graph.nodes.size());
  for (Region& region : graph.regions) {
    if (!in_order(graph, region, position)) region.nodes = sorted(graph, region, position);
  }
  if (graph.regions.size() > 1 ||
      !std::is_sorted(graph.main().nodes.begin(), graph.main().nodes.end())) {
    renumber(graph, reading_order(graph));
  }
}

}  // namespace aiprof
