// What every people-facing format of a portfolio shows.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "aiprof/gate/compare.h"
#include "aiprof/report/grid.h"

namespace aiprof::gate {

struct PairColumn {
  std::string_view key;     // in JSON and CSV
  std::string_view header;  // in tables
  Style style;
  Cell (*get)(const PairRow& row);
};
[[nodiscard]] std::span<const PairColumn> pair_columns();

// "4 models on 2 machines"
[[nodiscard]] std::string portfolio_title(const Portfolio& portfolio);
// One row for each model on each machine, with the columns that some pair has something in.
[[nodiscard]] Grid pair_grid(const Portfolio& portfolio);
// Which kinds of work the time of each model goes to.
[[nodiscard]] Grid stress_grid(const Portfolio& portfolio);
// Which models can stand for which, with a title; what each machine is best at.
[[nodiscard]] std::string alike_title(const Portfolio& portfolio);
[[nodiscard]] std::vector<std::string> cluster_lines(const Portfolio& portfolio);
[[nodiscard]] std::vector<std::string> strength_lines(const Portfolio& portfolio);

}  // namespace aiprof::gate
