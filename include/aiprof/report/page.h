// What HTML pages and pictures of every kind share: their looks.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace aiprof {

// A whole document that needs no network and no script. `title` is text, `body` HTML: its sections.
[[nodiscard]] std::string html_page(std::string_view title, const std::string& body);

// An element around text that is escaped: html_element("li", "class=\"good\"", "a < b").
[[nodiscard]] std::string html_element(std::string_view tag, std::string_view attributes,
                                       std::string_view text);

// Rows of a chart of bars: a label, parts of a whole, what is written behind them.
struct BarPart {
  std::string_view colour;  // a custom property of the page: "memory", "compute", "overhead"
  double share = 0;         // of the width, 0 to 1
};
[[nodiscard]] std::string html_bar(std::string_view label, const std::vector<BarPart>& parts,
                                   std::string_view value);

// The <style> of a picture, for light and for dark pages: classes page, title, dim, grid, frame,
// roof, spare, mark, halo, and f0, f1 ... for the fills of charts.
[[nodiscard]] std::string svg_style();

}  // namespace aiprof
