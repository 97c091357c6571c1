// What a word of a fusion rule matches (aiprof/lowering/lowering.h).
#pragma once

#include <string_view>

#include "aiprof/analysis/analysis.h"

namespace aiprof {

// Operators that the word can match; whether a node does, matches_node() says.
[[nodiscard]] bool matches_type(std::string_view matcher, const OpType& op);

[[nodiscard]] bool matches_node(std::string_view matcher, const Graph& graph,
                                const Analysis& analysis, NodeId id);

}  // namespace aiprof
