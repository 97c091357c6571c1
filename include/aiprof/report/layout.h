// Laying text out on a terminal.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "aiprof/report/grid.h"
#include "aiprof/report/write.h"

namespace aiprof {

enum class Ink : std::uint8_t { kBold, kDim, kGreen, kYellow, kRed };

// How a line reads: writers give it a colour or a style, or ignore it.
enum class Tone : std::uint8_t { kPlain, kGood, kWarning, kBad };

// Text with the escapes that give it colour, where colour is wanted.
class Pen {
 public:
  explicit Pen(ColourMode mode) : on_(mode == ColourMode::kColour) {}
  [[nodiscard]] std::string operator()(Ink ink, const std::string& text) const;
  [[nodiscard]] std::string operator()(Tone tone, const std::string& text) const;

 private:
  bool on_;
};

// Where sentences of gates and differences are wrapped.
[[nodiscard]] std::size_t sentence_width(const WriteOptions& options);

// Columns that each column of the grid needs, headers included.
[[nodiscard]] std::vector<std::size_t> natural_widths(const Grid& grid);
// Of a whole line with columns of these widths.
[[nodiscard]] std::size_t line_width(const std::vector<std::size_t>& widths);

// Takes away columns that a narrow terminal has no room for beside short texts: those with these
// headers, one after the other. True if any went.
bool drop_columns(Grid& grid, std::span<const std::string_view> least_wanted, std::size_t width);

// The grid as lines of at most `width` columns, if shortening its texts can do that; the last
// `summary` rows (the rest, the total) are set apart.
[[nodiscard]] std::string lay_out(const Grid& grid, std::size_t width, std::size_t summary,
                                  const Pen& pen);

}  // namespace aiprof
