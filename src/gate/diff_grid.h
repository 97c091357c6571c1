// The tables that every people-facing format of a difference shows.
#pragma once

#include "aiprof/gate/diff.h"
#include "aiprof/report/grid.h"

namespace aiprof::gate {

struct DiffGrids {
  Grid totals;
  Grid operators;  // what changed, then "[other]" where --top cuts, then the total
  Grid blocks;
  std::size_t shown_operators = 0, all_operators = 0;  // that changed or cost another time
  std::size_t summary = 1;  // last rows of `operators` that are no operators
};
[[nodiscard]] DiffGrids diff_grids(const Diff& diff, const WriteOptions& options);

// "resnet50.onnx -> wide.onnx on a100-sxm-80"
[[nodiscard]] std::string diff_title(const Diff& diff);
// "1 added, 0 removed, 7 changed, 2 affected, 164 unchanged"
[[nodiscard]] std::string diff_counts(const Diff& diff);
// What to know before trusting the numbers: gaps, other machines. One sentence each.
[[nodiscard]] std::vector<std::string> diff_notes(const Diff& diff);

}  // namespace aiprof::gate
