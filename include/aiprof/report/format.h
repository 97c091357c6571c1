// The only place where numbers are rounded and get prefixes.
//
// Three significant digits with SI prefixes ("4.09 G", "102 MB", "921 us"); capacities that are
// binary multiples as such ("80 GiB"). Plain ASCII.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace aiprof {

// "8.21 GFLOP", "3 FLOP": exact below 1000, else a prefix. An empty unit gives "8.21 G", "3".
[[nodiscard]] std::string format_si(double value, std::string_view unit);
[[nodiscard]] std::string format_bytes(std::uint64_t bytes);     // "102 MB"
[[nodiscard]] std::string format_capacity(std::uint64_t bytes);  // "80 GiB", else as bytes
[[nodiscard]] std::string format_seconds(double seconds);        // "921 us", "0 s"
[[nodiscard]] std::string format_joules(double joules);          // "120 mJ"
[[nodiscard]] std::string format_ratio(double value);            // "23.1", "0.0417", "1.20e-05"
[[nodiscard]] std::string format_plain(double value);            // "32,768" if whole, else a ratio
[[nodiscard]] std::string format_percent(double fraction);    // "12.3", "0.04", "100": of 0.123 ...
[[nodiscard]] std::string format_rate(double per_second);     // "1610", "0.25", "12.3 k"
[[nodiscard]] std::string format_exact(std::uint64_t value);  // "4,089,184,256"
// A double with all the digits that it has, for machines.
[[nodiscard]] std::string format_shortest(double value);

// Columns that text takes on a terminal: one for each UTF-8 code point.
[[nodiscard]] std::size_t display_width(std::string_view text);
// At most `width` columns, with ".." in place of what went: `head` (0 to 1) of what stays is from
// the beginning, the rest from the end.
[[nodiscard]] std::string shorten(std::string_view text, std::size_t width, double head = 0);
// All texts of a column, cut where most of them stay apart.
void shorten_all(std::vector<std::string>& texts, std::size_t width);
// The least width, from `least` to `most`, at which that leaves different texts different; `most`
// if there is none.
[[nodiscard]] std::size_t telling_width(const std::vector<std::string>& texts, std::size_t least,
                                        std::size_t most);
// Padded with spaces to `width` columns.
[[nodiscard]] std::string pad_left(std::string_view text, std::size_t width);
[[nodiscard]] std::string pad_right(std::string_view text, std::size_t width);

// Words of `text` in lines of at most `width` columns, the second and later ones behind `indent`
// spaces. A word that is longer than a line stays whole, a number stays with the word after it.
[[nodiscard]] std::string wrap(std::string_view text, std::size_t width, std::size_t indent);
// The same where the first line begins at a column, behind what is not part of `text`.
[[nodiscard]] std::string wrap_at(std::string_view text, std::size_t column, std::size_t width,
                                  std::size_t indent);
// The same for text that stands behind a label of `indent` columns.
[[nodiscard]] std::string wrap_after(std::string_view text, std::size_t width, std::size_t indent);

}  // namespace aiprof
