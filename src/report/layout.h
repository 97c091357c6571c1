// Laying text out on a terminal.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "report/grid.h"
#include "report/verdict.h"

namespace aiprof {

enum class Ink : std::uint8_t { kBold, kDim, kGreen, kYellow, kRed };

// Text with the escapes that give it colour, where colour is wanted.
class Pen {
 public:
  explicit Pen(ColourMode mode) : on_(mode == ColourMode::kColour) {}
  [[nodiscard]] std::string operator()(Ink ink, const std::string& text) const;
  [[nodiscard]] std::string operator()(Tone tone, const std::string& text) const;

 private:
  bool on_;
};

// Columns that each column of the grid needs, headers included.
[[nodiscard]] std::vector<std::size_t> natural_widths(const Grid& grid);
// Of a whole line with columns of these widths.
[[nodiscard]] std::size_t line_width(const std::vector<std::size_t>& widths);

// The grid as lines of at most `width` columns, if shortening the first column can do that; the
// last `summary` rows (the rest, the total) are set apart.
[[nodiscard]] std::string lay_out(const Grid& grid, std::size_t width, std::size_t summary,
                                  const Pen& pen);

}  // namespace aiprof
