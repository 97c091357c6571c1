// Which module of the model a node belongs to, as its exporter named things.
#pragma once

#include <string>

#include "aiprof/graph/graph.h"

namespace aiprof {

// The module path of a node, outermost first, "/" between the parts; the node's own name is not in
// it. Taken from the exporter's module scope, else from the slashes (or dots) of the node's name,
// below the path of the functions and subgraphs that the node stands in. Empty: top level.
[[nodiscard]] std::string block_path(const Node& node);

}  // namespace aiprof
