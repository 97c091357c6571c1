#include "lowering/host_nodes.h"

#include <algorithm>

namespace aiprof {
namespace {

class HostNodes {
 public:
  explicit HostNodes(const Graph& graph)
      : graph_(graph), stored_(graph.tensors.size()), dynamic_(graph.tensors.size()) {
    for (std::size_t t = 0; t < graph.tensors.size(); ++t) {
      const Tensor& tensor = graph.tensors[t];
      stored_[t] = tensor.stored != nullptr;
      dynamic_[t] = tensor.graph_input && tensor.stored == nullptr && has_symbols(tensor);
    }
  }

  // Whether a session runs the node. Nodes are taken in their order.
  bool runs(const Node& node) {
    const std::string_view type = graph_.op_type(node).type;
    const bool of_shape = type == "Shape" || type == "Size";
    bool stored = true;
    bool dynamic = false;
    for (const TensorId t : node.inputs) {
      if (t == kNoTensor) continue;
      stored = stored && stored_[index(t)];
      dynamic = dynamic || dynamic_[index(t)];
    }
    if (of_shape) stored = !dynamic;
    for (const TensorId t : node.outputs) {
      if (t == kNoTensor) continue;
      stored_[index(t)] = stored;
      dynamic_[index(t)] = dynamic;
    }
    return !stored;
  }

 private:
  static bool has_symbols(const Tensor& tensor) {
    if (tensor.declared == nullptr || !tensor.declared->shape) return true;
    return std::ranges::any_of(*tensor.declared->shape, [](Dim d) { return !d.known(); });
  }

  const Graph& graph_;
  std::vector<bool> stored_;   // known when a session is made
  std::vector<bool> dynamic_;  // its dims may depend on dims that are not declared
};

}  // namespace

void count_host_nodes(const Graph& graph, const Analysis& analysis, Lowered& lowered) {
  if (lowered.kernels.empty()) return;
  HostNodes nodes(graph);
  Count waiting = 0U;
  std::uint32_t last = 0;
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    const bool runs = nodes.runs(graph.nodes[i]);
    const std::uint32_t kernel = lowered.kernel_of[i];
    if (kernel != Lowered::kNoKernel) {
      lowered.kernels[kernel].host_nodes += waiting;
      waiting = 0U;
      last = kernel;
    } else if (runs && graph.nodes[i].body == kNoRegion) {
      waiting += analysis.nodes[i].trips.value_or(1);
    }
  }
  lowered.kernels[last].host_nodes += waiting;
}

}  // namespace aiprof
