#include "report/rows.h"

#include <fmt/format.h>

#include <algorithm>

#include "aiprof/base/text.h"
#include "report/block.h"

namespace aiprof {
namespace {

double latency(const TableRow& row) { return row.seconds ? row.seconds->latency : 0; }

std::uint64_t flops(const TableRow& row) {
  return row.work ? row.work->flops.value_or(UINT64_MAX) : 0;
}

std::uint64_t bytes(const TableRow& row) {
  return row.work ? (row.work->bytes_read + row.work->bytes_written).value_or(UINT64_MAX) : 0;
}

// Ties keep the order of the model.
bool larger(const TableRow& a, const TableRow& b) {
  if (latency(a) != latency(b)) return latency(a) > latency(b);
  return flops(a) != flops(b) ? flops(a) > flops(b) : bytes(a) > bytes(b);
}

TableRow total_row(const Report& report) {
  TableRow row;
  row.label = "total";
  row.nodes = report.nodes.size();
  row.gaps = report.coverage.gaps;
  row.work = report.totals.work;
  row.seconds = report.totals.seconds;
  row.bound = report.totals.bound;
  if (report.measured) row.measured = report.measured->nodes;
  return row;
}

TableRow sum(std::span<const TableRow> rows, const std::string& label) {
  TableRow row;
  row.label = label;
  row.nodes = 0;
  row.work.emplace();
  for (const TableRow& r : rows) {
    row.nodes += r.nodes;
    row.gaps += r.gaps;
    if (r.work) *row.work += *r.work;
    if (r.measured) {
      if (!row.measured) row.measured.emplace();
      *row.measured += *r.measured;
    }
    if (!r.seconds) continue;
    if (!row.seconds) row.seconds.emplace();
    *row.seconds += *r.seconds;
  }
  return row;
}

void set_share(TableRow& row, const TableRow& total) {
  if (latency(total) > 0) {
    if (row.seconds) row.share = latency(row) / latency(total);
  } else if (flops(total) > 0 && row.work) {
    row.share = static_cast<double>(flops(row)) / static_cast<double>(flops(total));
  }
}

}  // namespace

std::string node_label(const Report& report, const NodeRow& row) {
  std::string label = row.name;
  if (label.empty() && !row.outputs.empty()) label = report.tensors[row.outputs.front()].name;
  if (label.empty()) label = fmt::format("#{}", row.index);
  if (!row.path.empty()) return printable(row.path + "/" + label);
  // A name without a path of its own says little: "node_MatMul_3745".
  const bool bare = label.find('/') == std::string::npos && !row.block.empty();
  return printable(bare ? block_prefix(row.block, 0) + "/" + label : label);
}

std::string shape_text(const TensorRow& tensor) {
  if (!tensor.shape) return "?";
  if (tensor.shape->empty()) return "scalar";
  std::string text;
  for (const DimText& d : *tensor.shape) {
    if (!text.empty()) text += 'x';
    const auto* n = std::get_if<std::int64_t>(&d);
    text += n != nullptr ? std::to_string(*n) : printable(std::get<std::string>(d));
  }
  return text;
}

std::vector<TableRow> node_rows(const Report& report) {
  std::vector<TableRow> rows;
  rows.reserve(report.nodes.size());
  for (const NodeRow& node : report.nodes) {
    TableRow row;
    row.label = node_label(report, node);
    row.node = &node;
    row.gaps = node.status == NodeStatus::kGap ? 1 : 0;
    row.work = node.work;
    row.seconds = node.seconds;
    row.bound = node.bound;
    row.measured = node.measured;
    rows.push_back(std::move(row));
  }
  return rows;
}

std::vector<TableRow> group_table_rows(const Report& report, const WriteOptions& options) {
  std::vector<TableRow> rows;
  if (!options.group_by) return rows;
  for (GroupRow& group : group_rows(report, *options.group_by, options.depth)) {
    TableRow row;
    row.label = printable(group.key);
    row.nodes = group.nodes;
    row.gaps = group.gaps;
    row.work = group.work;
    row.seconds = group.seconds;
    row.bound = group.bound;
    row.measured = group.measured;
    rows.push_back(std::move(row));
  }
  return rows;
}

RowSet top_rows(const Report& report, const WriteOptions& options) {
  RowSet set;
  set.total = total_row(report);
  set.rows = options.group_by ? group_table_rows(report, options) : node_rows(report);
  std::stable_sort(set.rows.begin(), set.rows.end(), larger);
  set.all = set.rows.size();
  if (options.top != 0 && set.rows.size() > options.top) {
    const std::span<const TableRow> all(set.rows);
    set.other = sum(all.subspan(options.top), "[other]");
    set.rows.resize(options.top);
  }
  for (TableRow& row : set.rows) set_share(row, set.total);
  if (set.other) set_share(*set.other, set.total);
  set_share(set.total, set.total);
  return set;
}

}  // namespace aiprof
