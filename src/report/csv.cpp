#include "report/csv.h"

#include <algorithm>

#include "aiprof/base/text.h"
#include "aiprof/report/escape.h"
#include "report/columns.h"

namespace aiprof {
namespace {

std::string csv_cell(const Cell& cell) {
  const auto* text = std::get_if<std::string>(&cell);
  return text == nullptr ? raw_cell(cell) : csv_text(*text);
}

// What tells this report from the others: the machine, and its runtime where that alone does.
std::string machine_name(const Report& report, std::span<const Report> reports) {
  if (!report.hardware) return {};
  const std::string label = machine_label(*report.hardware);
  const auto same = std::count_if(reports.begin(), reports.end(), [&](const Report& r) {
    return r.hardware && machine_label(*r.hardware) == label;
  });
  return same > 1 ? label + ", runtime " + report.runtime : label;
}

}  // namespace

std::string csv_text(std::string_view raw) {
  std::string text = printable(raw);
  constexpr std::string_view kFormula = "=+-@";
  if (!text.empty() && kFormula.find(text.front()) != std::string_view::npos) {
    text.insert(text.begin(), '\'');
  }
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

std::string write_csv(std::span<const Report> reports, const WriteOptions& options) {
  const auto columns =
      pick(row_columns(), std::span<const std::string_view>(csv_keys(reports, options)));
  const bool several = reports.size() > 1;
  std::string out = several ? "hardware" : "";
  for (const auto& column : columns) {
    if (!out.empty()) out += ',';
    out += column.key;
  }
  out += '\n';
  for (const Report& report : reports) {
    const auto rows = options.group_by ? group_table_rows(report, options) : node_rows(report);
    for (const TableRow& row : rows) {
      std::string line = several ? csv_text(machine_name(report, reports)) + "," : "";
      for (std::size_t i = 0; i < columns.size(); ++i) {
        if (i > 0) line += ',';
        line += csv_cell(columns[i].get(row));
      }
      out += line + '\n';
    }
  }
  return out;
}

}  // namespace aiprof
