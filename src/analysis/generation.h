// BeamSearch, GreedySearch, Sampling and WhisperBeamSearch of com.microsoft: whole generation loops
// whose decoder is a subgraph attribute.
#pragma once

#include <string_view>

#include "analysis/binder.h"

namespace aiprof {

[[nodiscard]] bool is_generation(std::string_view domain, std::string_view type);
void start_generation(Binder& binder, NodeId id);

}  // namespace aiprof
