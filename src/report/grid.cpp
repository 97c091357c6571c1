#include "report/grid.h"

#include <fmt/format.h>

#include <algorithm>

namespace aiprof {

std::vector<std::string_view> row_keys(const Report& report, const WriteOptions& options) {
  std::vector<std::string_view> keys = {"label"};
  if (options.group_by) keys = {"key", "nodes"};
  if (report.hardware) {
    keys.insert(keys.end(), {"latency_seconds", "share", "flops", "bytes", "arithmetic_intensity",
                             "bound_or_gap"});
    if (report.measured) {
      const auto share = std::find(keys.begin(), keys.end(), "share");
      keys.insert(share, {"measured_seconds", "ratio"});
    }
  } else {
    keys.insert(keys.end(),
                {"flops", "share", "macs", "bytes_read", "bytes_written", "arithmetic_intensity"});
    if (report.coverage.gaps > 0) keys.emplace_back(options.group_by ? "gaps" : "status");
  }
  return keys;
}

std::vector<std::string_view> extra_keys(const Report& report) {
  if (!report.hardware) return {"weight_bytes_read", "transcendentals", "integer_ops"};
  return {"macs",           "weight_bytes_read", "compute_seconds",
          "memory_seconds", "overhead_seconds",  "energy_joules",
          "kernel"};
}

Grid row_grid(const RowSet& set, std::span<const std::string_view> keys) {
  const std::vector<Column<TableRow>> columns = pick(row_columns(), keys);
  Grid grid = empty_grid(columns);
  for (const TableRow& row : set.rows) add_row(grid, columns, row);
  if (set.other) add_row(grid, columns, *set.other);
  add_row(grid, columns, set.total);
  return grid;
}

Grid machine_grid(std::span<const Report> reports, std::span<const std::string_view> without) {
  const auto wanted = [&](const Column<Report>& column) {
    if (std::find(without.begin(), without.end(), column.key) != without.end()) return false;
    return std::any_of(reports.begin(), reports.end(), [&](const Report& r) {
      return !std::holds_alternative<std::monostate>(column.get(r));
    });
  };
  std::vector<Column<Report>> columns;
  for (const Column<Report>& column : machine_columns()) {
    if (wanted(column)) columns.push_back(column);
  }
  Grid grid = empty_grid(columns);
  for (const Report& report : reports) add_row(grid, columns, report);
  return grid;
}

std::string rows_title(const RowSet& set, const WriteOptions& options) {
  const std::string_view what = !options.group_by                      ? "operators"
                                : *options.group_by == GroupBy::kBlock ? "blocks"
                                                                       : "operator types";
  return set.other ? fmt::format("Top {} of {} {}", set.rows.size(), set.all, what)
                   : fmt::format("All {} {}", set.all, what);
}

}  // namespace aiprof
