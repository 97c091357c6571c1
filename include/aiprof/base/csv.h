// Reading comma-separated text (RFC 4180): quoted cells, doubled quotes, any line end.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace aiprof {

struct CsvRow {
  std::size_t line = 1;  // where it begins, from 1
  std::vector<std::string> cells;
};

struct CsvTable {
  std::vector<std::string> comments;  // lines before the header that begin with '#', without it
  CsvRow header;
  std::vector<CsvRow> rows;  // empty lines are skipped; every row has as many cells as the header
};

// `file` is for messages. Throws Error(kInput) naming file, line and column for text without a
// header, a row of another width, or a quote that nothing closes.
[[nodiscard]] CsvTable parse_csv(std::string_view text, std::string_view file);

// A cell as CSV: quoted where it has to be.
[[nodiscard]] std::string csv_cell(std::string_view text);

}  // namespace aiprof
