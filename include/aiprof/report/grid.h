// Tables of formatted text, for writers that lay them out.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace aiprof {

// A value before formatting; monostate: there is none.
using Cell = std::variant<std::monostate, std::uint64_t, double, std::string>;

// How people see it.
enum class Style : std::uint8_t {
  kText,
  kCount,    // "4.09 G"
  kBytes,    // "102 MB"
  kSeconds,  // "921 us"
  kJoules,
  kWatts,
  kRatio,    // "23.1"
  kPercent,  // of a fraction; the header says %
  kRate,     // a second
};

// Columns whose text stands left; numbers stand right.
[[nodiscard]] inline bool is_left(Style style) { return style == Style::kText; }

// For people; empty where there is no value.
[[nodiscard]] std::string format_cell(const Cell& cell, Style style);
// For machines: base units, all digits.
[[nodiscard]] std::string raw_cell(const Cell& cell);

// Rows of columns as formatted text.
struct Grid {
  std::vector<std::string> headers;
  std::vector<Style> styles;
  std::vector<std::vector<std::string>> rows;
};

// As a table of Markdown, and as a table of HTML whose first column names the rows and whose
// caption says what it shows.
[[nodiscard]] std::string markdown_table(const Grid& grid);
[[nodiscard]] std::string html_table(const Grid& grid, std::string_view caption);

}  // namespace aiprof
