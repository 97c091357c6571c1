// The rows that people's formats show: operators or groups, largest first, the rest as one row.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "aiprof/report/write.h"

namespace aiprof {

// A row of any table of operators: one node, a group, what --top cut off, or the total.
struct TableRow {
  std::string label;              // name of the node, key of the group, "[other]", "total"
  const NodeRow* node = nullptr;  // of a single node
  std::size_t nodes = 1;
  std::size_t gaps = 0;
  std::optional<WorkRow> work;
  std::optional<Seconds> seconds;
  std::optional<Bound> bound;
  std::optional<MeasuredTime> measured;
  std::optional<double> share;  // of the latency, or of the FLOPs without hardware; 0 to 1
};

struct RowSet {
  std::vector<TableRow> rows;
  std::optional<TableRow> other;
  TableRow total;
  std::size_t all = 0;  // rows before the cut
};

// All nodes of the report in their order, as rows without labels of their own.
[[nodiscard]] std::vector<TableRow> node_rows(const Report& report);
// All groups, largest first.
[[nodiscard]] std::vector<TableRow> group_table_rows(const Report& report,
                                                     const WriteOptions& options);
// The largest `options.top` of them; the sums of rows and `other` are `total`.
[[nodiscard]] RowSet top_rows(const Report& report, const WriteOptions& options);

// "1x64x112x112", "batchx3", "scalar"; "?" where not even the rank is known.
[[nodiscard]] std::string shape_text(const TensorRow& tensor);

}  // namespace aiprof
