#include "aiprof/report/layout.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <numeric>

#include "aiprof/report/format.h"

namespace aiprof {
namespace {

constexpr std::size_t kGap = 2;           // spaces between columns
constexpr std::size_t kNarrowLabel = 20;  // the first column is not cut shorter than this
constexpr std::size_t kNarrowText = 14;   // nor the others

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

// The first text of a line gives way first, then the others from the last on; numbers do not.
std::vector<std::size_t> by_readiness(const Grid& grid) {
  std::vector<std::size_t> order = {0};
  for (std::size_t i = grid.styles.size(); i-- > 1;) {
    if (is_left(grid.styles[i])) order.push_back(i);
  }
  return order;
}

// Of lines whose texts are as short as they may get without being taken for one another.
std::size_t least_width(const Grid& grid) {
  std::vector<std::size_t> widths = natural_widths(grid);
  for (const std::size_t column : by_readiness(grid)) {
    if (column != 0) {
      widths[column] = std::min(widths[column], kNarrowText);
      continue;
    }
    std::vector<std::string> texts;
    for (const auto& row : grid.rows) texts.push_back(row[0]);
    if (widths[0] > kNarrowLabel) widths[0] = telling_width(texts, kNarrowLabel, widths[0]);
  }
  return line_width(widths);
}

Grid narrowed(const Grid& grid, std::vector<std::size_t>& widths, std::size_t width) {
  Grid out = grid;
  if (widths.empty()) return out;
  for (const std::size_t column : by_readiness(grid)) {
    const std::size_t wanted = line_width(widths);
    if (wanted <= width) break;
    const std::size_t excess = wanted - width;
    const std::size_t least = std::min(widths[column], column == 0 ? kNarrowLabel : kNarrowText);
    widths[column] = widths[column] > excess + least ? widths[column] - excess : least;
    std::vector<std::string> texts;
    for (const auto& row : out.rows) texts.push_back(row[column]);
    shorten_all(texts, widths[column]);
    for (std::size_t i = 0; i < texts.size(); ++i) out.rows[i][column] = texts[i];
  }
  return out;
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

std::size_t sentence_width(const WriteOptions& options) {
  return options.lines == LineMode::kWrapped ? options.width
                                             : std::numeric_limits<std::size_t>::max();
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

bool drop_columns(Grid& grid, std::span<const std::string_view> least_wanted, std::size_t width) {
  bool dropped = false;
  for (const std::string_view header : least_wanted) {
    if (least_width(grid) <= width) break;
    const auto at = std::find(grid.headers.begin(), grid.headers.end(), header);
    if (at == grid.headers.end()) continue;
    const auto column = at - grid.headers.begin();
    grid.headers.erase(at);
    grid.styles.erase(grid.styles.begin() + column);
    for (auto& row : grid.rows) row.erase(row.begin() + column);
    dropped = true;
  }
  return dropped;
}

std::string lay_out(const Grid& grid, std::size_t width, std::size_t summary, const Pen& pen) {
  std::vector<std::size_t> widths = natural_widths(grid);
  const Grid shown = narrowed(grid, widths, width);
  std::string out = pen(Ink::kBold, grid_line(shown, shown.headers, widths)) + "\n";
  for (std::size_t i = 0; i < shown.rows.size(); ++i) {
    const std::string line = grid_line(shown, shown.rows[i], widths);
    out += (i + summary >= shown.rows.size() ? pen(Ink::kDim, line) : line) + "\n";
  }
  return out;
}

}  // namespace aiprof
