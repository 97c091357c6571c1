#include "aiprof/report/format.h"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <set>

#include "aiprof/base/text.h"

namespace aiprof {
namespace {

constexpr int kDigits = 3;

// `value`, at least 0.1 and below 1000, with three significant digits and no exponent.
std::string three_digits(double value) {
  const int whole = value < 0.9995 ? 0 : value < 9.995 ? 1 : value < 99.95 ? 2 : 3;
  return fmt::format("{:.{}f}", value, kDigits - whole);
}

// The exponent of the prefix, in steps of 1000, that leaves a value below 1000 once rounded.
int step_of(double value, int lowest, int highest) {
  int step = lowest;
  double scale = std::pow(1000.0, lowest);
  while (step < highest && value / scale >= 999.5) {
    ++step;
    scale *= 1000.0;
  }
  return step;
}

std::string with_unit(std::string_view number, std::string_view prefix, std::string_view unit) {
  const bool bare = prefix.empty() && unit.empty();
  return fmt::format("{}{}{}{}", number, bare ? "" : " ", prefix, unit);
}

// With the prefixes from pico to none: seconds and joules.
std::string format_small(double value, std::string_view unit) {
  constexpr std::array<std::string_view, 5> kPrefixes = {"p", "n", "u", "m", ""};
  if (!std::isfinite(value)) return "?";
  if (value == 0) return fmt::format("0 {}", unit);
  if (value < 0) return "-" + format_small(-value, unit);
  const int step = step_of(value, -4, 0);
  const double scaled = value / std::pow(1000.0, step);
  const std::string number = scaled >= 999.5 ? fmt::format("{:.0f}", scaled)
                             : scaled < 0.1  ? fmt::format("{:.2g}", scaled)
                                             : three_digits(scaled);
  return with_unit(number, kPrefixes.end()[step - 1], unit);
}

bool is_number(std::string_view word) {
  return !word.empty() && word.find_first_not_of("0123456789.,") == std::string_view::npos;
}

// Words, each number with the word after it.
std::vector<std::string> glued_words(std::string_view text) {
  std::vector<std::string> words;
  bool glue = false;
  for (const std::string& word : split(text, ' ')) {
    if (word.empty()) continue;
    // CI logs take a line that begins so for a command.
    const bool command = word.starts_with("::") || word.starts_with("##[");
    if (glue || (command && !words.empty())) {
      words.back() += ' ' + word;
    } else {
      words.push_back(word);
    }
    glue = is_number(word);
  }
  return words;
}

bool starts_code_point(char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }

// Where the code point of a column begins; the size of the text behind the last.
std::size_t byte_of_column(std::string_view text, std::size_t column) {
  std::size_t i = 0;
  for (; i < text.size(); ++i) {
    if (starts_code_point(text[i]) && column-- == 0) break;
  }
  return i;
}

}  // namespace

std::string format_si(double value, std::string_view unit) {
  constexpr std::array<std::string_view, 8> kPrefixes = {"", "k", "M", "G", "T", "P", "E", "Z"};
  if (!std::isfinite(value)) return "?";
  if (value < 0) return "-" + format_si(-value, unit);
  const int step = step_of(value, 0, static_cast<int>(kPrefixes.size()) - 1);
  const double scaled = value / std::pow(1000.0, step);
  const bool whole = step == 0 && value == std::floor(value);
  const std::string number =
      whole || value < 0.1 ? fmt::format("{:.3g}", scaled) : three_digits(scaled);
  return with_unit(number, kPrefixes[static_cast<std::size_t>(step)], unit);
}

std::string format_bytes(std::uint64_t bytes) { return format_si(static_cast<double>(bytes), "B"); }

std::string format_capacity(std::uint64_t bytes) {
  struct Unit {
    int shift;
    std::string_view name;
  };
  constexpr Unit kUnits[] = {{40, "TiB"}, {30, "GiB"}, {20, "MiB"}};
  for (const Unit& u : kUnits) {
    if (bytes >> u.shift != 0 && bytes % (std::uint64_t{1} << u.shift) == 0) {
      return fmt::format("{} {}", bytes >> u.shift, u.name);
    }
  }
  return format_bytes(bytes);
}

std::string format_seconds(double seconds) { return format_small(seconds, "s"); }

std::string format_joules(double joules) { return format_small(joules, "J"); }

std::string format_ratio(double value) {
  if (!std::isfinite(value)) return "?";
  if (value == 0) return "0";
  if (value < 0) return "-" + format_ratio(-value);
  if (value < 0.1) return fmt::format("{:.3g}", value);
  return value < 999.5 ? three_digits(value) : format_si(value, "");
}

std::string format_plain(double value) {
  constexpr double kExactBelow = 1e9;
  const bool whole = value >= 0 && value < kExactBelow && value == std::floor(value);
  return whole ? format_exact(static_cast<std::uint64_t>(value)) : format_ratio(value);
}

std::string format_percent(double fraction) {
  const double percent = fraction * 100;
  if (!std::isfinite(percent)) return "?";
  if (percent == 0) return "0";
  if (percent >= 99.95) return fmt::format("{:.0f}", percent);
  return fmt::format("{:.{}f}", percent, percent < 0.095 ? 2 : 1);
}

std::string format_rate(double per_second) {
  constexpr double kPlainBelow = 99999.5;  // "12,345" says more than "12.3 k"
  if (!std::isfinite(per_second)) return "?";
  if (per_second < 999.5) return format_ratio(per_second);
  if (per_second < kPlainBelow)
    return format_exact(static_cast<std::uint64_t>(std::llround(per_second)));
  return format_si(per_second, "");
}

std::string format_exact(std::uint64_t value) {
  std::string digits = std::to_string(value);
  for (std::size_t i = digits.size(); i > 3;) {
    i -= 3;
    digits.insert(i, ",");
  }
  return digits;
}

std::string format_shortest(double value) { return fmt::format("{}", value); }

std::size_t display_width(std::string_view text) {
  std::size_t n = 0;
  for (const char c : text) n += starts_code_point(c) ? 1 : 0;
  return n;
}

std::string shorten(std::string_view text, std::size_t width, double head) {
  const std::size_t columns = display_width(text);
  constexpr std::string_view kGone = "..";
  if (columns <= width) return std::string(text);
  const std::size_t kept = width > kGone.size() ? width - kGone.size() : 0;
  const auto first = static_cast<std::size_t>(head * static_cast<double>(kept));
  const std::size_t begin = byte_of_column(text, first);
  const std::size_t end = byte_of_column(text, columns - (kept - first));
  return std::string(text.substr(0, begin)) + std::string(kGone.substr(0, width)) +
         std::string(text.substr(end));
}

void shorten_all(std::vector<std::string>& texts, std::size_t width) {
  // The end tells operators of one module apart, the middle the modules: what suits these texts is
  // what keeps most of them apart.
  constexpr double kHeads[] = {0.0, 0.5, 0.35, 0.65, 0.8};
  std::vector<std::string> best;
  std::size_t most = 0;
  for (const double head : kHeads) {
    std::vector<std::string> shown;
    for (const std::string& text : texts) shown.push_back(shorten(text, width, head));
    const std::size_t distinct = std::set<std::string>(shown.begin(), shown.end()).size();
    if (distinct <= most) continue;
    most = distinct;
    best = std::move(shown);
  }
  if (!best.empty()) texts = std::move(best);
}

std::size_t telling_width(const std::vector<std::string>& texts, std::size_t least,
                          std::size_t most) {
  const std::size_t distinct = std::set<std::string>(texts.begin(), texts.end()).size();
  for (std::size_t width = least; width < most; ++width) {
    std::vector<std::string> shown = texts;
    shorten_all(shown, width);
    if (std::set<std::string>(shown.begin(), shown.end()).size() == distinct) return width;
  }
  return most;
}

std::string pad_left(std::string_view text, std::size_t width) {
  const std::size_t n = display_width(text);
  return std::string(n < width ? width - n : 0, ' ') + std::string(text);
}

std::string pad_right(std::string_view text, std::size_t width) {
  const std::size_t n = display_width(text);
  return std::string(text) + std::string(n < width ? width - n : 0, ' ');
}

std::string wrap_at(std::string_view text, std::size_t column, std::size_t width,
                    std::size_t indent) {
  std::string out;
  bool first = true;
  for (const std::string& word : glued_words(text)) {
    const std::size_t n = display_width(word);
    if (!first && column + 1 + n > width) {
      out += "\n" + std::string(indent, ' ');
      column = indent;
    } else if (!first) {
      out += ' ';
      ++column;
    }
    first = false;
    out += word;
    column += n;
  }
  return out;
}

std::string wrap(std::string_view text, std::size_t width, std::size_t indent) {
  return wrap_at(text, 0, width, indent);
}

std::string wrap_after(std::string_view text, std::size_t width, std::size_t indent) {
  return wrap_at(text, indent, width, indent);
}

}  // namespace aiprof
