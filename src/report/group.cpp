#include <algorithm>
#include <array>
#include <map>

#include "aiprof/report/report.h"
#include "report/block.h"

namespace aiprof {
namespace {

std::string key_of(const NodeRow& row, GroupBy by, std::size_t depth) {
  if (by == GroupBy::kOpType) {
    return row.domain.empty() ? row.op_type : row.domain + "." + row.op_type;
  }
  const std::string block = block_prefix(row.block, depth);
  return block.empty() ? "(top level)" : block;
}

struct Building {
  GroupRow row;
  std::array<double, 3> by_bound = {};  // seconds, by Bound
};

void add(Building& group, const NodeRow& row) {
  ++group.row.nodes;
  if (row.status == NodeStatus::kGap) ++group.row.gaps;
  if (row.work) group.row.work += *row.work;
  if (row.measured) {
    if (!group.row.measured) group.row.measured.emplace();
    *group.row.measured += *row.measured;
  }
  if (!row.seconds) return;
  if (!group.row.seconds) group.row.seconds.emplace();
  *group.row.seconds += *row.seconds;
  if (row.bound) group.by_bound[static_cast<std::size_t>(*row.bound)] += row.seconds->latency;
}

GroupRow finish(Building group, bool has_hardware) {
  if (has_hardware && !group.row.seconds) group.row.seconds.emplace();
  const auto largest = std::max_element(group.by_bound.begin(), group.by_bound.end());
  if (*largest > 0) group.row.bound = static_cast<Bound>(largest - group.by_bound.begin());
  return std::move(group.row);
}

// Ties stay in the order of the model.
bool larger(const GroupRow& a, const GroupRow& b) {
  const double seconds_a = a.seconds ? a.seconds->latency : 0;
  const double seconds_b = b.seconds ? b.seconds->latency : 0;
  if (seconds_a != seconds_b) return seconds_a > seconds_b;
  const std::uint64_t flops_a = a.work.flops.value_or(UINT64_MAX);
  const std::uint64_t flops_b = b.work.flops.value_or(UINT64_MAX);
  return flops_a > flops_b;
}

}  // namespace

WorkRow& WorkRow::operator+=(const WorkRow& o) {
  flops += o.flops;
  macs += o.macs;
  transcendentals += o.transcendentals;
  integer_ops += o.integer_ops;
  bytes_read += o.bytes_read;
  bytes_written += o.bytes_written;
  weight_bytes_read += o.weight_bytes_read;
  return *this;
}

Seconds& Seconds::operator+=(const Seconds& o) {
  latency += o.latency;
  compute += o.compute;
  memory += o.memory;
  overhead += o.overhead;
  joules += o.joules;
  return *this;
}

std::vector<GroupRow> group_rows(const Report& report, GroupBy by, std::size_t depth) {
  std::vector<Building> groups;  // in the order of their first nodes
  std::map<std::string, std::size_t> positions;
  for (const NodeRow& row : report.nodes) {
    const std::string key = key_of(row, by, depth);
    const auto [it, added] = positions.try_emplace(key, groups.size());
    if (added) groups.emplace_back().row.key = key;
    add(groups[it->second], row);
  }
  std::vector<GroupRow> rows;
  for (Building& group : groups) {
    rows.push_back(finish(std::move(group), report.hardware.has_value()));
  }
  std::stable_sort(rows.begin(), rows.end(), larger);
  return rows;
}

}  // namespace aiprof
