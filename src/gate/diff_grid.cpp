#include "gate/diff_grid.h"

#include <fmt/format.h>

#include <cmath>

#include "aiprof/base/text.h"
#include "aiprof/report/format.h"

namespace aiprof::gate {
namespace {

std::string delta_text(const Pair& pair, Unit unit) {
  const std::optional<double> d = pair.delta();
  if (!d) return "?";
  return *d == 0 ? "" : format_difference(unit, *d);
}

std::string percent_text(const Pair& pair) {
  const std::optional<double> d = pair.delta();
  if (!d || *d == 0) return "";
  if (*pair.before == 0) return "new";
  return (*d < 0 ? "-" : "+") + format_percent(std::abs(*d / *pair.before));
}

std::string value_text(const std::optional<double>& value, Unit unit) {
  return value ? format_value(unit, *value) : std::string("?");
}

Pair bytes_of(const Costs& c) {
  Pair p;
  if (c.bytes_read.before && c.bytes_written.before) {
    p.before = *c.bytes_read.before + *c.bytes_written.before;
  }
  if (c.bytes_read.after && c.bytes_written.after) {
    p.after = *c.bytes_read.after + *c.bytes_written.after;
  }
  return p;
}

void add_costs(std::vector<std::string>& cells, const Costs& costs, bool timed) {
  if (timed) cells.push_back(delta_text(costs.latency, Unit::kSeconds));
  cells.push_back(delta_text(costs.flops, Unit::kCount));
  cells.push_back(delta_text(bytes_of(costs), Unit::kBytes));
  cells.push_back(delta_text(costs.weight_bytes_read, Unit::kBytes));
  if (timed) cells.push_back(delta_text(costs.energy, Unit::kJoules));
}

void add_cost_columns(Grid& grid, bool timed) {
  const auto column = [&](std::string header, Style style) {
    grid.headers.push_back(std::move(header));
    grid.styles.push_back(style);
  };
  if (timed) column("latency", Style::kSeconds);
  column("FLOPs", Style::kCount);
  column("bytes", Style::kBytes);
  column("weights", Style::kBytes);
  if (timed) column("energy", Style::kJoules);
}

void sum_pair(Pair& into, const Pair& from) {
  into.before =
      into.before && from.before ? std::optional(*into.before + *from.before) : std::nullopt;
  into.after = into.after && from.after ? std::optional(*into.after + *from.after) : std::nullopt;
}

void sum_costs(Costs& into, const Costs& from) {
  for (const auto member : {&Costs::latency, &Costs::energy, &Costs::flops, &Costs::macs,
                            &Costs::bytes_read, &Costs::bytes_written, &Costs::weight_bytes_read}) {
    sum_pair(into.*member, from.*member);
  }
}

Costs nothing() {
  constexpr Pair kZero = {0.0, 0.0};
  return {kZero, kZero, kZero, kZero, kZero, kZero, kZero};
}

// Of the totals that did not change, those that a reader would miss.
bool always_shown(std::string_view metric) {
  return metric == "latency" || metric == "flops" || metric == "parameters" ||
         metric == "peak_memory";
}

Grid totals_grid(const Diff& diff) {
  Grid grid;
  grid.headers = {"total", "before", "after", "difference", "%"};
  grid.styles = {Style::kText, Style::kCount, Style::kCount, Style::kCount, Style::kCount};
  for (const TotalChange& t : diff.totals) {
    const Unit unit = t.metric->unit;
    const bool moved = t.values.before != t.values.after;
    if (!moved && !always_shown(t.metric->name)) continue;
    grid.rows.push_back({std::string(t.metric->name), value_text(t.values.before, unit),
                         value_text(t.values.after, unit), delta_text(t.values, unit),
                         percent_text(t.values)});
  }
  return grid;
}

void fill_operators(const Diff& diff, const WriteOptions& options, DiffGrids& out) {
  Grid& grid = out.operators;
  grid.headers = {"operator", "change"};
  grid.styles = {Style::kText, Style::kText};
  add_cost_columns(grid, diff.timed);
  grid.headers.emplace_back("what");
  grid.styles.push_back(Style::kText);
  Costs total = nothing();
  Costs rest = nothing();
  std::size_t hidden = 0;
  for (const OperatorChange& change : diff.operators) {
    sum_costs(total, change.costs);
    if (change.kind == ChangeKind::kUnchanged) continue;
    ++out.all_operators;
    if (options.top != 0 && out.shown_operators == options.top) {
      sum_costs(rest, change.costs);
      ++hidden;
      continue;
    }
    ++out.shown_operators;
    std::vector<std::string>& cells = grid.rows.emplace_back();
    cells = {change.label + " (" + printable(change.op_type) + ")", std::string(name(change.kind))};
    add_costs(cells, change.costs, diff.timed);
    cells.push_back(printable(change.what));
  }
  const auto summary = [&](std::string label, std::string count, const Costs& costs) {
    std::vector<std::string>& cells = grid.rows.emplace_back();
    cells = {std::move(label), std::move(count)};
    add_costs(cells, costs, diff.timed);
    cells.emplace_back();
  };
  if (hidden > 0) {
    summary("[other]", std::to_string(hidden), rest);
    out.summary = 2;
  }
  summary("total", std::to_string(out.all_operators), total);
}

Grid block_grid(const Diff& diff, const WriteOptions& options) {
  Grid grid;
  grid.headers = {"block", "added", "removed", "changed", "affected"};
  grid.styles = {Style::kText, Style::kCount, Style::kCount, Style::kCount, Style::kCount};
  add_cost_columns(grid, diff.timed);
  for (const BlockChange& b : diff.blocks) {
    if (b.added + b.removed + b.changed + b.affected == 0) continue;
    if (options.top != 0 && grid.rows.size() == options.top) break;
    std::vector<std::string>& cells = grid.rows.emplace_back();
    cells = {printable(b.block), std::to_string(b.added), std::to_string(b.removed),
             std::to_string(b.changed), std::to_string(b.affected)};
    add_costs(cells, b.costs, diff.timed);
  }
  return grid;
}

std::string machine_text(const DiffSide& side) {
  if (side.hardware.empty()) return {};
  return printable(side.hardware + ", runtime " + side.runtime);
}

}  // namespace

DiffGrids diff_grids(const Diff& diff, const WriteOptions& options) {
  DiffGrids out;
  out.totals = totals_grid(diff);
  fill_operators(diff, options, out);
  out.blocks = block_grid(diff, options);
  return out;
}

std::string diff_title(const Diff& diff) {
  const std::string before = machine_text(diff.before);
  const std::string after = machine_text(diff.after);
  std::string files = printable(diff.before.file) + " -> " + printable(diff.after.file);
  if (before.empty() && after.empty()) return files;
  if (before == after) return files + " on " + after;
  return fmt::format("{} ({}) -> {} ({})", printable(diff.before.file),
                     before.empty() ? "no machine" : before, printable(diff.after.file),
                     after.empty() ? "no machine" : after);
}

std::string diff_counts(const Diff& diff) {
  return fmt::format("{} added, {} removed, {} changed, {} affected, {} unchanged", diff.added,
                     diff.removed, diff.changed, diff.affected, diff.unchanged);
}

std::vector<std::string> diff_notes(const Diff& diff) {
  std::vector<std::string> notes;
  for (const DiffSide* side : {&diff.before, &diff.after}) {
    if (side->gaps == 0) continue;
    notes.push_back(
        fmt::format("{}: {} of {} operators are not modelled; differences are of what is modelled",
                    printable(side->file), side->gaps, side->nodes));
  }
  if (diff.before.hardware.empty() != diff.after.hardware.empty()) {
    notes.emplace_back("only one side has a machine: times are not compared");
  }
  if (diff.affected > 0) {
    notes.emplace_back(
        "affected: the operator is the same and its cost is not, because its kernel is another");
  }
  return notes;
}

}  // namespace aiprof::gate
