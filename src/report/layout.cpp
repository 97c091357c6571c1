#include "report/layout.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "report/format.h"

namespace aiprof {
namespace {

constexpr std::size_t kGap = 2;           // spaces between columns
constexpr std::size_t kNarrowLabel = 20;  // the first column is not cut shorter than this

int code(Ink ink) {
  switch (ink) {
    case Ink::kBold:
      return 1;
    case Ink::kDim:
      return 2;
    case Ink::kGreen:
      return 32;
    case Ink::kYellow:
      return 33;
    case Ink::kRed:
      return 31;
  }
  return 0;
}

std::string grid_line(const Grid& grid, const std::vector<std::string>& cells,
                      const std::vector<std::size_t>& widths) {
  std::string line;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const std::string text = shorten(cells[i], widths[i]);
    if (i > 0) line += std::string(kGap, ' ');
    line += is_left(grid.styles[i]) ? pad_right(text, widths[i]) : pad_left(text, widths[i]);
  }
  while (line.ends_with(' ')) line.pop_back();
  return line;
}

}  // namespace

std::string Pen::operator()(Ink ink, const std::string& text) const {
  if (!on_ || text.empty()) return text;
  return fmt::format("\x1b[{}m{}\x1b[0m", code(ink), text);
}

std::string Pen::operator()(Tone tone, const std::string& text) const {
  switch (tone) {
    case Tone::kPlain:
      return text;
    case Tone::kGood:
      return (*this)(Ink::kGreen, text);
    case Tone::kWarning:
      return (*this)(Ink::kYellow, text);
    case Tone::kBad:
      return (*this)(Ink::kRed, text);
  }
  return text;
}

std::vector<std::size_t> natural_widths(const Grid& grid) {
  std::vector<std::size_t> widths;
  for (const std::string& h : grid.headers) widths.push_back(display_width(h));
  for (const auto& row : grid.rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max(widths[i], display_width(row[i]));
    }
  }
  return widths;
}

std::size_t line_width(const std::vector<std::size_t>& widths) {
  return std::accumulate(widths.begin(), widths.end(), std::size_t{0}) +
         kGap * (widths.empty() ? 0 : widths.size() - 1);
}

std::string lay_out(const Grid& grid, std::size_t width, std::size_t summary, const Pen& pen) {
  std::vector<std::size_t> widths = natural_widths(grid);
  const std::size_t wanted = line_width(widths);
  if (wanted > width && !widths.empty()) {
    const std::size_t excess = wanted - width;
    const std::size_t least = std::min(widths[0], kNarrowLabel);
    widths[0] = widths[0] > excess + least ? widths[0] - excess : least;
  }
  std::string out = pen(Ink::kBold, grid_line(grid, grid.headers, widths)) + "\n";
  for (std::size_t i = 0; i < grid.rows.size(); ++i) {
    const std::string line = grid_line(grid, grid.rows[i], widths);
    out += (i + summary >= grid.rows.size() ? pen(Ink::kDim, line) : line) + "\n";
  }
  return out;
}

}  // namespace aiprof
