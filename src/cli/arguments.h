// Reading what was typed. Every failure is an Error(kUsage) that says what was expected.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/run.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace aiprof::cli {

// Parses into the variables that `app` was given. True: go on. False: help or the version was asked
// for and is written to `out`.
[[nodiscard]] bool parse(CLI::App& app, const std::vector<std::string>& arguments,
                         const Streams& streams);

// An option that takes one argument each time it is given, so that it never swallows the next one.
CLI::Option* add_repeated(CLI::App& app, const std::string& flag, std::vector<std::string>& into,
                          const std::string& what, const std::string& type_name);

// "NAME=TEXT" cut at the last "=".
[[nodiscard]] std::pair<std::string, std::string> assignment(std::string_view text,
                                                             std::string_view flag);

// A whole number of at least `low`.
[[nodiscard]] std::int64_t parse_whole(std::string_view text, std::string_view flag,
                                       std::int64_t low);
// A decimal number, all of `text`.
[[nodiscard]] std::optional<double> parse_decimal(std::string_view text);
// "5.1ms": seconds above 0; the unit is s, ms, us or ns and has to be there.
[[nodiscard]] double parse_seconds(std::string_view text, std::string_view flag);
// 0 to 100, with or without "%".
[[nodiscard]] double parse_percent(std::string_view text, std::string_view flag);

// Throws Error(kUsage): "--flag: unknown WHAT 'name'; did you mean 'x'? (one of: ...)".
[[noreturn]] void throw_unknown(std::string_view flag, std::string_view what, std::string_view name,
                                std::span<const std::string> known);

// What --format may name: the rows of a table of formats.
template <typename Format>
[[nodiscard]] std::vector<std::string> format_names(std::span<const Format> formats) {
  std::vector<std::string> names;
  for (const Format& f : formats) names.emplace_back(f.name);
  return names;
}

// The row of that name. Throws Error(kUsage).
template <typename Format>
[[nodiscard]] const Format& find_format(std::span<const Format> formats, std::string_view name) {
  for (const Format& f : formats) {
    if (f.name == name) return f;
  }
  throw_unknown("--format", "format", name, format_names(formats));
}

}  // namespace aiprof::cli
