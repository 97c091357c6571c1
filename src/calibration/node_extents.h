// The extents of a measurement from a node of a model.
#pragma once

#include <optional>

#include "aiprof/calibration/measurement.h"
#include "aiprof/lowering/lowering.h"

namespace aiprof::calibration {

// The row for a kernel of one node: operator, types and extents, without regime and time. None
// where the table of operators (measurement.h) has no such operator, or no extents for what the
// node does. Extents that fit are not yet proof: the caller compares what the row counts.
[[nodiscard]] std::optional<Measurement> row_of_node(const Graph& graph, const Analysis& analysis,
                                                     const Kernel& kernel);

}  // namespace aiprof::calibration
