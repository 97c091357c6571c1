// From the names that runtimes give their kernels to nodes.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "aiprof/trace/trace.h"

namespace aiprof::trace {

struct NamedNodes {
  std::vector<NodeId> nodes;  // empty: the name says nothing
  JoinBy by = JoinBy::kNodeName;
};

class NodeNames {
 public:
  explicit NodeNames(const Graph& graph);

  [[nodiscard]] NamedNodes find(const TraceEvent& event) const;
  // A copy between layouts or memories that the runtime put in.
  [[nodiscard]] static bool is_inserted(const TraceEvent& event);
  // Called after its operator alone: "Transpose_token_7", "Mul_181".
  [[nodiscard]] static bool is_anonymous(const TraceEvent& event);

 private:
  [[nodiscard]] NamedNodes find_plain(std::string_view name) const;
  [[nodiscard]] NamedNodes find_trimmed(std::string_view name) const;
  [[nodiscard]] NamedNodes find_numbered(const TraceEvent& event) const;
  [[nodiscard]] NamedNodes find_list(std::string_view name) const;

  const Graph& graph_;
  std::unordered_map<std::string_view, NodeId> nodes_;
  std::unordered_map<std::string_view, NodeId> writers_;
};

}  // namespace aiprof::trace
