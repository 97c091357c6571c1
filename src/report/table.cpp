#include "report/table.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "aiprof/base/text.h"
#include "aiprof/report/format.h"
#include "aiprof/report/layout.h"
#include "report/grid.h"
#include "report/verdict.h"

namespace aiprof {
namespace {

constexpr std::size_t kLabelWidth = 11;  // of the verdict's labels
constexpr std::size_t kWideLabel = 60;   // an operator's name gets no more before columns are added

// The base columns and as many more as the width takes, with labels that are not cut.
std::vector<std::string_view> fitting_keys(const Report& report, const RowSet& set,
                                           const WriteOptions& options) {
  std::vector<std::string_view> keys = row_keys(report, options);
  for (const std::string_view extra : extra_keys(report)) {
    if (options.group_by && extra == "kernel") continue;
    std::vector<std::string_view> more = keys;
    more.insert(report.hardware ? more.end() - 1 : more.end(), extra);
    std::vector<std::size_t> widths = natural_widths(row_grid(set, more));
    widths[0] = std::min(widths[0], kWideLabel);
    if (line_width(widths) > options.width) break;
    keys = std::move(more);
  }
  return keys;
}

std::string section(const Pen& pen, const std::string& title) {
  return "\n" + pen(Ink::kBold, title) + "\n";
}

enum class Lines : std::uint8_t { kAll, kOfMachine };

std::string write_verdict(const Report& report, Lines which, const WriteOptions& options,
                          const Pen& pen) {
  const Verdict v = verdict(report);
  std::string out = pen(Ink::kBold, wrap(v.title, options.width, 2)) + "\n\n" +
                    pen(Ink::kBold, wrap(v.headline, options.width, 2)) + "\n\n";
  std::string_view previous;
  for (const VerdictLine& line : v.lines) {
    if (which == Lines::kOfMachine && line.of_model) continue;
    const std::string label = line.label == previous ? std::string() : line.label;
    previous = line.label;
    out += "  " + pen(Ink::kDim, pad_right(label, kLabelWidth)) +
           pen(line.tone, wrap_after(line.text, options.width, kLabelWidth + 2)) + "\n";
  }
  return out;
}

std::string write_rows(const Report& report, const WriteOptions& options, const Pen& pen) {
  constexpr std::string_view kLeastWanted[] = {"FLOP/B", "written", "MACs", "bytes", "read"};
  const RowSet set = top_rows(report, options);
  Grid grid = row_grid(set, row_keys(report, options));
  if (!drop_columns(grid, kLeastWanted, options.width)) {
    grid = row_grid(set, fitting_keys(report, set, options));
  }
  return section(pen, rows_title(set, options)) +
         lay_out(grid, options.width, set.other ? 2 : 1, pen);
}

std::string write_reasons(const Report& report, NodeStatus status, const std::string& title,
                          const WriteOptions& options, const Pen& pen) {
  const std::vector<Reason> list = reasons(report, status);
  if (list.empty()) return {};
  constexpr std::size_t kShown = 10;
  std::string out = section(pen, title);
  for (std::size_t i = 0; i < list.size() && (options.top == 0 || i < kShown); ++i) {
    const Reason& r = list[i];
    out += wrap(fmt::format("- {}: {} (first: {})", r.op_types, r.reason, r.example), options.width,
                2) +
           "\n";
  }
  if (options.top != 0 && list.size() > kShown) {
    out += fmt::format("- {} more; --top 0 shows all\n", list.size() - kShown);
  }
  return out;
}

// Events of a profile that are in no row.
std::string write_unmatched(const Report& report, const WriteOptions& options, const Pen& pen) {
  constexpr std::size_t kShown = 10;
  const UnmatchedEvents events = unmatched_events(report, options.top == 0 ? 0 : kShown);
  if (events.lines.empty()) return {};
  std::string out = section(pen, "Measured, but not joined to any operator");
  for (const std::string& line : events.lines) out += wrap("- " + line, options.width, 2) + "\n";
  if (events.more > 0) out += fmt::format("- {} more; --top 0 shows all\n", events.more);
  return out;
}

std::string write_notes(std::span<const Report> reports, const WriteOptions& options,
                        const Pen& pen) {
  std::vector<std::string> notes;
  const Report& first = reports.front();
  if (assumptions_shown(first) < first.assumptions.size()) notes = first.assumptions;
  for (const Report& report : reports) {
    for (const std::string& note : report.notes) {
      // What is true everywhere stands once.
      const bool everywhere = std::all_of(reports.begin(), reports.end(), [&](const Report& r) {
        return std::find(r.notes.begin(), r.notes.end(), note) != r.notes.end();
      });
      if (!everywhere) {
        notes.push_back(fmt::format("{}: {}", machine_label(*report.hardware), note));
      } else if (&report == reports.data()) {
        notes.push_back(note);
      }
    }
  }
  std::string out;
  for (const std::string& note : notes) {
    out += wrap("- " + printable(note), options.width, 2) + "\n";
  }
  return out.empty() ? out : section(pen, "Notes") + out;
}

// What gives way on a narrow terminal, the least wanted first: headers. The runtime stays where it
// alone tells two rows apart.
std::vector<std::string_view> droppable_columns(std::span<const Report> reports) {
  std::vector<std::string_view> headers = {"power", "energy"};
  std::set<std::string> labels;
  for (const Report& r : reports) {
    labels.insert(r.hardware ? machine_label(*r.hardware) : std::string());
  }
  if (labels.size() == reports.size()) headers.emplace_back("runtime");
  const bool tokens = reports.front().totals.tokens_per_second.has_value();
  headers.insert(headers.end(), {tokens ? "1/s" : "MFU %", "80 % interval"});
  return headers;
}

std::string write_comparison(std::span<const Report> reports, const WriteOptions& options,
                             const Pen& pen) {
  Grid grid = machine_grid(reports);
  const std::vector<std::string_view> droppable = droppable_columns(reports);
  (void)drop_columns(grid, droppable, options.width);
  const std::string file = printable(reports.front().model.file);
  return pen(Ink::kBold, fmt::format("{} on {} machines", file, reports.size())) + "\n\n" +
         lay_out(grid, options.width, 0, pen) + "\n";
}

}  // namespace

std::string write_table(std::span<const Report> reports, const WriteOptions& options) {
  const Pen pen(options.colour);
  std::string out;
  if (reports.size() > 1) out += write_comparison(reports, options, pen);
  for (const Report& report : reports) {
    if (&report != reports.data()) out += "\n";
    const Lines lines = &report == reports.data() ? Lines::kAll : Lines::kOfMachine;
    out += write_verdict(report, lines, options, pen);
    if (reports.size() == 1) out += write_rows(report, options, pen);
  }
  const Report& first = reports.front();
  out += write_reasons(first, NodeStatus::kGap, "Not modelled", options, pen);
  out += write_reasons(first, NodeStatus::kAssumed, "Modelled on an assumption", options, pen);
  out += write_unmatched(first, options, pen);
  if (options.notes == NotesMode::kShow) out += write_notes(reports, options, pen);
  return out;
}

}  // namespace aiprof
