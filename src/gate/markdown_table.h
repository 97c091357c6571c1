// Grids as Markdown tables.
#pragma once

#include <string>

#include "report/grid.h"
#include "report/markdown.h"

namespace aiprof::gate {

[[nodiscard]] inline std::string markdown_table(const Grid& grid) {
  const auto line = [](const std::vector<std::string>& cells) {
    std::string text = "|";
    for (const std::string& cell : cells) text += " " + markdown_text(cell) + " |";
    return text + "\n";
  };
  std::string out = line(grid.headers) + "|";
  for (const Style style : grid.styles) out += is_left(style) ? "---|" : "---:|";
  out += "\n";
  for (const auto& row : grid.rows) out += line(row);
  return out;
}

}  // namespace aiprof::gate
