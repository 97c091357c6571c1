// Which module of the model a node belongs to, as its exporter named things.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "aiprof/graph/graph.h"

namespace aiprof {

// The module path of a node, outermost first, "/" between the parts; the node's own name is not in
// it. Taken from the exporter's module scope, else from the slashes (or dots) of the node's name,
// below the path of the functions and subgraphs that the node stands in. Empty: top level.
[[nodiscard]] std::string block_path(const Node& node);

// The first `depth` parts of a path (0: all), as people write it: a part that repeats the one
// before it stands in its place, so that "layer1/layer1.0" reads "layer1.0".
[[nodiscard]] std::string block_prefix(std::string_view path, std::size_t depth);

}  // namespace aiprof
