#include "analysis/sizes.h"

#include <algorithm>
#include <array>
#include <unordered_set>

namespace aiprof {
namespace {

// What one use of a stored tensor says about it. Larger wins when uses disagree.
enum class Use : std::uint8_t { kNone, kIndex, kScale, kBuffer, kWeight };

// Input slots that hold scales and zero points, by operator; they count as weight bytes only.
struct QuantSlots {
  std::string_view type;
  std::array<std::int8_t, 6> slots;  // -1: unused
};
constexpr std::array<QuantSlots, 20> kQuantSlots = {{
    {"DequantizeLinear", {1, 2, -1, -1, -1, -1}},
    {"QuantizeLinear", {1, 2, -1, -1, -1, -1}},
    {"QLinearConv", {1, 2, 4, 5, 6, 7}},
    {"QLinearMatMul", {1, 2, 4, 5, 6, 7}},
    {"QLinearAdd", {1, 2, 4, 5, 6, 7}},
    {"QLinearMul", {1, 2, 4, 5, 6, 7}},
    {"QLinearSigmoid", {1, 2, 3, 4, -1, -1}},
    {"QLinearLeakyRelu", {1, 2, 3, 4, -1, -1}},
    {"QLinearSoftmax", {1, 2, 3, 4, -1, -1}},
    {"QLinearAveragePool", {1, 2, 3, 4, -1, -1}},
    {"QLinearGlobalAveragePool", {1, 2, 3, 4, -1, -1}},
    {"QLinearReduceMean", {1, 2, 3, 4, -1, -1}},
    {"ConvInteger", {2, 3, -1, -1, -1, -1}},
    {"MatMulInteger", {2, 3, -1, -1, -1, -1}},
    {"MatMulIntegerToFloat", {2, 3, 4, 5, -1, -1}},
    {"DynamicQuantizeMatMul", {2, 3, -1, -1, -1, -1}},
    {"MatMulNBits", {2, 3, -1, -1, -1, -1}},
    {"GatherBlockQuantized", {2, 3, -1, -1, -1, -1}},
    {"QAttention", {3, 4, 6, 7, -1, -1}},
    {"QGemm", {1, 2, 4, 5, 7, 8}},
}};

bool is_scale_slot(std::string_view type, std::size_t slot) {
  const auto row = std::find_if(kQuantSlots.begin(), kQuantSlots.end(),
                                [&](const QuantSlots& q) { return q.type == type; });
  if (row == kQuantSlots.end()) {
    // Concat of quantised tensors: output scale and zero point, then (tensor, scale, zero point)*.
    return type == "QLinearConcat" && (slot < 2 || (slot - 2) % 3 != 0);
  }
  return std::find(row->slots.begin(), row->slots.end(), static_cast<std::int8_t>(slot)) !=
         row->slots.end();
}

Use use_of(const Graph& graph, const Analysis& a, NodeId id, std::size_t slot) {
  const Node& node = graph[id];
  const DType dtype = a[node.inputs[slot]].dtype;
  const std::string_view type = graph.op_type(node).type;
  if (type == "BatchNormalization" && (slot == 3 || slot == 4)) return Use::kBuffer;
  if (is_scale_slot(type, slot)) return Use::kScale;
  if (is_float(dtype) || is_complex(dtype)) return Use::kWeight;
  if (!is_integer(dtype)) return Use::kIndex;
  const OpSpec* spec = a[id].spec;
  if (spec == nullptr) return bits(dtype) <= 8 ? Use::kWeight : Use::kIndex;
  // Integers are quantised weights where an operator computes with them.
  switch (spec->op_class) {
    case OpClass::kGemm:
    case OpClass::kConvolution:
    case OpClass::kQuantize:
    case OpClass::kAttention:
    case OpClass::kRnn:
      return bits(dtype) <= 32 ? Use::kWeight : Use::kIndex;
    default:
      return bits(dtype) <= 8 && slot == 0 ? Use::kWeight : Use::kIndex;
  }
}

// Elements that a packed weight stands for: com.microsoft stores several 4-bit weights in one
// uint8.
Count logical_elements(const Graph& graph, NodeId id, std::size_t slot, Count stored) {
  const Node& node = graph[id];
  const std::string_view type = graph.op_type(node).type;
  std::int64_t k = 0;
  std::int64_t n = 0;
  for (const Attribute& at : node.attributes) {
    if (at.name == "K") k = at.i;
    if (at.name == "N") n = at.i;
  }
  const bool packed = type == "MatMulNBits" || type == "MatMulBnb4" || type == "MatMulFpQ4";
  return packed && slot == 1 && k > 0 && n > 0 ? Count(k) * n : stored;
}

// A sparse tensor stores its nonzeros, each with an int64 index.
Count stored_elements(const StoredTensor& t) {
  return t.nonzeros != 0 ? Count(t.nonzeros) : num_elements(t.shape);
}
Count stored_bytes(const StoredTensor& t) {
  return packed_bytes(t.dtype, stored_elements(t)) + Count(t.nonzeros) * 8U;
}

struct Seen {
  Use use = Use::kNone;
  Count elements;
};

}  // namespace

ModelSizes measure_sizes(const Graph& graph, const Analysis& a) {
  std::vector<Seen> seen(graph.tensors.size());
  for (std::size_t t = 0; t < graph.tensors.size(); ++t) {
    const StoredTensor* stored = graph.tensors[t].stored;
    if (stored == nullptr) continue;
    seen[t].elements = stored_elements(*stored);
  }
  std::unordered_set<std::size_t> constants;  // outputs of Constant nodes
  for (std::size_t n = 0; n < graph.nodes.size(); ++n) {
    const Node& node = graph.nodes[n];
    if (graph.op_type(node).type == "Constant" && !node.outputs.empty() &&
        node.outputs[0] != kNoTensor && a[node.outputs[0]].shape_known()) {
      seen[index(node.outputs[0])].elements = a[node.outputs[0]].elements();
      constants.insert(index(node.outputs[0]));
    }
  }
  for (std::size_t n = 0; n < graph.nodes.size(); ++n) {
    const auto id = static_cast<NodeId>(n);
    const Node& node = graph.nodes[n];
    if (node.body != kNoRegion) continue;  // the body's nodes are the users
    for (std::size_t slot = 0; slot < node.inputs.size(); ++slot) {
      const TensorId t = node.inputs[slot];
      if (t == kNoTensor) continue;
      Seen& s = seen[index(t)];
      if (graph[t].stored == nullptr && constants.count(index(t)) == 0) continue;
      const Use use = use_of(graph, a, id, slot);
      if (use == Use::kWeight) s.elements = logical_elements(graph, id, slot, s.elements);
      s.use = std::max(s.use, use);
    }
  }
  ModelSizes sizes;
  std::unordered_set<std::uint64_t> ranges;
  for (std::size_t t = 0; t < seen.size(); ++t) {
    const StoredTensor* stored = graph.tensors[t].stored;
    const bool constant = constants.count(t) != 0;
    if (stored == nullptr && !constant) continue;
    const DType dtype = stored != nullptr ? stored->dtype : a.facts[t].dtype;
    Use use = seen[t].use;
    if (use == Use::kNone && is_float(dtype))
      use = Use::kWeight;  // stored, though nothing reads it
    if (use == Use::kNone || use == Use::kIndex) continue;
    if (stored != nullptr && stored->storage != 0 && !ranges.insert(stored->storage).second)
      continue;
    sizes.weight_bytes +=
        stored != nullptr ? stored_bytes(*stored) : packed_bytes(dtype, seen[t].elements);
    if (use == Use::kWeight) sizes.parameters += seen[t].elements;
    if (use == Use::kBuffer) sizes.buffers += seen[t].elements;
  }
  return sizes;
}

}  // namespace aiprof
