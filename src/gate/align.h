// Which operator of one model is which of another.
#pragma once

#include <cstddef>
#include <limits>
#include <vector>

#include "aiprof/report/report.h"

namespace aiprof::gate {

inline constexpr std::size_t kNoMatch = std::numeric_limits<std::size_t>::max();

struct Alignment {
  std::vector<std::size_t> to_new;  // by old node; kNoMatch: removed
  std::vector<std::size_t> to_old;  // by new node; kNoMatch: added
};

// Pairs the nodes of two reports, in time that grows with their number (times its logarithm).
// Structure decides: operator type, dtypes and shapes of a node and of what surrounds it, so that
// neither names nor the order of nodes matter where the structure is unambiguous. Names decide
// between nodes that stand in equal surroundings, and pair what has changed shape.
[[nodiscard]] Alignment align(const Report& old_report, const Report& new_report);

// Same type, and same dtypes and shapes of all operands.
[[nodiscard]] bool same_signature(const Report& a, const NodeRow& x, const Report& b,
                                  const NodeRow& y);

}  // namespace aiprof::gate
