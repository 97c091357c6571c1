// Tables made from the columns that all writers share.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "report/columns.h"

namespace aiprof {

template <typename Row>
void add_row(Grid& grid, const std::vector<Column<Row>>& columns, const Row& row) {
  std::vector<std::string>& cells = grid.rows.emplace_back();
  for (const Column<Row>& c : columns) cells.push_back(format_cell(c.get(row), c.style));
}

template <typename Row>
[[nodiscard]] Grid empty_grid(const std::vector<Column<Row>>& columns) {
  Grid grid;
  for (const Column<Row>& c : columns) {
    grid.headers.emplace_back(c.header);
    grid.styles.push_back(c.style);
  }
  return grid;
}

// Keys of the columns that fit people's tables, most wanted first; the first is the label.
[[nodiscard]] std::vector<std::string_view> row_keys(const Report& report,
                                                     const WriteOptions& options);
// Keys that a wide table may add, most wanted first.
[[nodiscard]] std::vector<std::string_view> extra_keys(const Report& report);

// The operators or groups that the options ask for, then "[other]" and "total".
[[nodiscard]] Grid row_grid(const RowSet& set, std::span<const std::string_view> keys);
// One row for each machine, with the columns that any machine has a value for, less those named.
[[nodiscard]] Grid machine_grid(std::span<const Report> reports,
                                std::span<const std::string_view> without = {});

// "Top 15 of 174 operators", "All 12 blocks".
[[nodiscard]] std::string rows_title(const RowSet& set, const WriteOptions& options);

}  // namespace aiprof
