#include "report/csv.h"

#include "aiprof/base/text.h"
#include "report/columns.h"

namespace aiprof {
namespace {

std::string csv_cell(const Cell& cell) {
  const auto* text = std::get_if<std::string>(&cell);
  return text == nullptr ? raw_cell(cell) : csv_text(*text);
}

std::string machine_name(const Report& report) {
  if (!report.hardware) return {};
  return report.hardware->id.empty() ? report.hardware->name : report.hardware->id;
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
  const auto columns = pick(row_columns(), std::span<const std::string_view>(csv_keys(options)));
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
      std::string line = several ? csv_text(machine_name(report)) + "," : "";
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
