// Names come from models and may hold anything: how they stay text in each format.
#pragma once

#include <string>
#include <string_view>

namespace aiprof {

// One field of CSV. Text that a spreadsheet would run as a formula (starting with = + - @) gets an
// apostrophe before it, control characters are escaped.
[[nodiscard]] std::string csv_text(std::string_view text);

// Text that stays text inside a table cell: marks of Markdown and HTML are escaped.
[[nodiscard]] std::string markdown_text(std::string_view text);

// Text for XML and HTML content and quoted attributes: one line, valid UTF-8, marks escaped.
[[nodiscard]] std::string markup_text(std::string_view raw);

}  // namespace aiprof
