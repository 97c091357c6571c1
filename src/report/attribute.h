// Splitting what a kernel costs among its nodes.
#pragma once

#include <span>
#include <vector>

#include "aiprof/report/report.h"

namespace aiprof {

// Seconds that the node would take alone at the data-sheet rates: the larger of its arithmetic at
// the peak of its engines and its bytes at the bandwidth of main memory. The weight of its share.
[[nodiscard]] double unfused_seconds(const OpCost& cost, const MachineEstimate& machine);

// Parts of `whole` in proportion to `weights` (equal parts if those are all zero): none negative,
// and added from first to last they give exactly `whole`, to the last bit.
[[nodiscard]] std::vector<double> split_exactly(double whole, std::span<const double> weights);

// The same for every member of Seconds.
[[nodiscard]] std::vector<Seconds> split_exactly(const Seconds& whole,
                                                 std::span<const double> weights);

}  // namespace aiprof
