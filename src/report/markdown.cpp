#include "report/markdown.h"

#include <fmt/format.h>

#include "aiprof/base/text.h"
#include "aiprof/report/escape.h"
#include "aiprof/report/format.h"
#include "report/grid.h"
#include "report/verdict.h"

namespace aiprof {
namespace {

std::string cells_line(const std::vector<std::string>& cells) {
  std::string line = "|";
  for (const std::string& cell : cells) line += " " + markdown_text(cell) + " |";
  return line + "\n";
}

std::string write_verdict(const Report& report) {
  const Verdict v = verdict(report);
  std::string out =
      fmt::format("## {}\n\n**{}**\n\n", markdown_text(v.title), markdown_text(v.headline));
  for (const VerdictLine& line : v.lines) {
    out += fmt::format("- {}: {}\n", line.label, markdown_text(line.text));
  }
  return out;
}

std::string write_reasons(const Report& report, NodeStatus status, std::string_view title) {
  std::string out;
  for (const Reason& r : reasons(report, status)) {
    out += fmt::format("- {}: {} (first: {})\n", markdown_text(r.op_types), markdown_text(r.reason),
                       markdown_text(r.example));
  }
  return out.empty() ? out : fmt::format("\n### {}\n\n{}", title, out);
}

std::string write_unmatched(const Report& report, const WriteOptions& options) {
  constexpr std::size_t kShown = 10;
  const UnmatchedEvents events = unmatched_events(report, options.top == 0 ? 0 : kShown);
  if (events.lines.empty()) return {};
  std::string out = "\n### Measured, but not joined to any operator\n\n";
  for (const std::string& line : events.lines) out += "- " + markdown_text(line) + "\n";
  if (events.more > 0) out += fmt::format("- {} more; --top 0 shows all\n", events.more);
  return out;
}

std::string write_notes(const Report& report) {
  std::string out;
  for (const std::string& note : report.assumptions) out += "- " + markdown_text(note) + "\n";
  for (const std::string& note : report.notes) out += "- " + markdown_text(note) + "\n";
  return out.empty() ? out : "\n### Notes\n\n" + out;
}

}  // namespace

std::string markdown_table(const Grid& grid) {
  std::string out = cells_line(grid.headers) + "|";
  for (const Style style : grid.styles) out += is_left(style) ? "---|" : "---:|";
  out += "\n";
  for (const auto& row : grid.rows) out += cells_line(row);
  return out;
}

std::string markdown_text(std::string_view raw) {
  constexpr std::string_view kMarks = "\\`*_{}[]<>|#~";
  std::string out;
  for (const char c : printable(raw)) {
    if (kMarks.find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

std::string write_markdown(std::span<const Report> reports, const WriteOptions& options) {
  std::string out;
  if (reports.size() > 1) out += markdown_table(machine_grid(reports)) + "\n";
  for (const Report& report : reports) {
    if (&report != reports.data()) out += "\n";
    out += write_verdict(report);
    const RowSet set = top_rows(report, options);
    out += fmt::format("\n### {}\n\n", rows_title(set, options));
    out += markdown_table(row_grid(set, row_keys(report, options)));
    out += write_reasons(report, NodeStatus::kGap, "Not modelled");
    out += write_reasons(report, NodeStatus::kAssumed, "Modelled on an assumption");
    out += write_unmatched(report, options);
    if (options.notes == NotesMode::kShow) out += write_notes(report);
  }
  return out;
}

}  // namespace aiprof
