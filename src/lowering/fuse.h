// Groups launching nodes by the fusion rules of a runtime profile.
#pragma once

#include <vector>

#include "aiprof/lowering/lowering.h"
#include "lowering/consumers.h"

namespace aiprof {

struct Group {
  std::vector<NodeId> nodes;         // ascending
  const FusionRule* rule = nullptr;  // null: a single node
  NodeId head = kNoNode;
};

// Every launching node is in exactly one group. Groups come in an executable order. Nodes in
// different regions, or executed a different number of times, are never joined.
[[nodiscard]] std::vector<Group> fuse(const Graph& graph, const Analysis& analysis,
                                      const Consumers& consumers, const RuntimeProfile& profile);

}  // namespace aiprof
