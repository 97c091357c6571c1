// The one table of columns that every people-facing writer and CSV share: a metric is one row here.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "aiprof/report/grid.h"
#include "report/rows.h"

namespace aiprof {

template <typename Row>
struct Column {
  std::string_view key;     // in CSV and JSON, unit included
  std::string_view header;  // in tables
  std::string_view unit;    // of the value, SI
  Style style;
  Cell (*get)(const Row& row);
};

[[nodiscard]] std::span<const Column<TableRow>> row_columns();
[[nodiscard]] std::span<const Column<Report>> machine_columns();

// The columns with these keys, in this order. Every key has to exist.
template <typename Row>
[[nodiscard]] std::vector<Column<Row>> pick(std::span<const Column<Row>> all,
                                            std::span<const std::string_view> keys) {
  std::vector<Column<Row>> out;
  for (const std::string_view key : keys) {
    for (const Column<Row>& column : all) {
      if (column.key == key) out.push_back(column);
    }
  }
  return out;
}

// Keys of the columns of a list of operators, or of groups: for people from the most to the least
// wanted, for CSV all of them; measured ones if a report has any.
[[nodiscard]] std::vector<std::string_view> csv_keys(std::span<const Report> reports,
                                                     const WriteOptions& options);

// "/conv1/Conv", or "node_conv2d (Conv)" where the name does not show the type.
[[nodiscard]] std::string label_with_type(const TableRow& row);

}  // namespace aiprof
