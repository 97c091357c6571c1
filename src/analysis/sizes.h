// Parameters, buffers, weight bytes, and state carried between calls.
#pragma once

#include <vector>

#include "aiprof/analysis/analysis.h"

namespace aiprof {

[[nodiscard]] ModelSizes measure_sizes(const Graph& graph, const Analysis& analysis);
[[nodiscard]] std::vector<StatePair> find_states(const Graph& graph, const Analysis& analysis);

}  // namespace aiprof
