// Who reads which tensor, looking through views.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "aiprof/analysis/analysis.h"

namespace aiprof {

// Whether a node that asks for a shape (Shape, Size) counts as a reader of the tensor: to an
// executor that steps through it, it does; elsewhere the host knows the answer.
enum class ShapeReaders : std::uint8_t { kCount, kIgnore };

class Consumers {
 public:
  Consumers(const Graph& graph, const Analysis& analysis, ShapeReaders shape_readers);

  // False for nodes that launch nothing: views, folded nodes, gaps, control flow, dead branches.
  [[nodiscard]] bool launches(NodeId node) const { return launches_[index(node)]; }
  // The tensor whose memory `t` shows: itself, or what a chain of views starts from.
  [[nodiscard]] TensorId base(TensorId t) const { return base_[index(t)]; }
  // Launching nodes that read the base tensor, in order, each once per operand.
  [[nodiscard]] std::span<const NodeId> readers(TensorId base) const {
    return {readers_.data() + first_[index(base)], first_[index(base) + 1] - first_[index(base)]};
  }
  // Leaves the graph, or a body: read by someone who is not in the list.
  [[nodiscard]] bool escapes(TensorId base) const { return escapes_[index(base)]; }
  // The launching node that writes the base tensor, or kNoNode.
  [[nodiscard]] NodeId writer(TensorId base) const { return writer_[index(base)]; }

 private:
  std::vector<bool> launches_;
  std::vector<TensorId> base_;
  std::vector<std::uint32_t> first_;
  std::vector<NodeId> readers_;
  std::vector<bool> escapes_;
  std::vector<NodeId> writer_;
};

}  // namespace aiprof
