#include "cli/arguments.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <cmath>

#include "aiprof/base/error.h"
#include "aiprof/base/text.h"
#include "aiprof/report/write.h"

namespace aiprof::cli {
namespace {

std::vector<std::string> flags_of(const CLI::App& app) {
  std::vector<std::string> flags;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& flag : option->get_lnames()) flags.push_back("--" + flag);
  }
  return flags;
}

// What to say of arguments that nothing takes: a mistyped flag or command, or one too many.
std::string describe_extras(const CLI::App& app, const std::vector<std::string>& arguments) {
  const std::vector<std::string> extras = app.remaining();
  for (const std::string& extra : extras) {
    if (!extra.starts_with("-")) continue;
    const std::string flag = extra.substr(0, extra.find('='));
    return fmt::format("unknown option {}{} (see {} --help)", printable(flag),
                       did_you_mean(flag, flags_of(app)), app.get_name());
  }
  std::vector<std::string> names;
  for (const Command& c : commands()) names.emplace_back(c.name);
  const std::string hint = app.get_name() == "aiprof" && !arguments.empty()
                               ? did_you_mean(arguments.front(), names)
                               : std::string();
  return fmt::format("unexpected argument '{}'{} (see {} --help)",
                     printable(extras.empty() ? "" : extras.front()), hint, app.get_name());
}

}  // namespace

bool parse(CLI::App& app, const std::vector<std::string>& arguments, const Streams& streams) {
  try {
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
    return true;
  } catch (const CLI::CallForHelp&) {
    streams.out << app.help() << std::flush;
    return false;
  } catch (const CLI::CallForVersion&) {
    streams.out << "aiprof " << program_version() << '\n' << std::flush;
    return false;
  } catch (const CLI::ExtrasError&) {
    throw usage_error(describe_extras(app, arguments));
  } catch (const CLI::ParseError& e) {
    throw usage_error(fmt::format("{} (see {} --help)", printable(e.what()), app.get_name()));
  }
}

CLI::Option* add_repeated(CLI::App& app, const std::string& flag, std::vector<std::string>& into,
                          const std::string& what, const std::string& type_name) {
  return app.add_option(flag, into, what)->allow_extra_args(false)->type_name(type_name);
}

std::pair<std::string, std::string> assignment(std::string_view text, std::string_view flag) {
  const std::size_t at = text.rfind('=');
  if (at == std::string_view::npos || at == 0 || at + 1 == text.size()) {
    throw usage_error(fmt::format("{} {}: expected NAME=VALUE", flag, printable(text)));
  }
  return {std::string(text.substr(0, at)), std::string(text.substr(at + 1))};
}

std::int64_t parse_whole(std::string_view text, std::string_view flag, std::int64_t low) {
  std::int64_t n = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (error != std::errc() || end != text.data() + text.size() || n < low) {
    throw usage_error(
        fmt::format("{}: '{}' is not a whole number of at least {}{}", flag, printable(text), low,
                    error == std::errc::result_out_of_range ? " that fits in 64 bits" : ""));
  }
  return n;
}

std::optional<double> parse_decimal(std::string_view text) {
  double x = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), x);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return x;
}

double parse_seconds(std::string_view text, std::string_view flag) {
  struct Unit {
    std::string_view name;
    double per_second;
  };
  constexpr Unit kUnits[] = {{"ms", 1e3}, {"us", 1e6}, {"ns", 1e9}, {"s", 1}};
  for (const Unit& unit : kUnits) {
    if (!text.ends_with(unit.name)) continue;
    std::string_view number = text.substr(0, text.size() - unit.name.size());
    while (number.ends_with(' ')) number.remove_suffix(1);
    const std::optional<double> x = parse_decimal(number);
    if (x && std::isfinite(*x) && *x > 0) return *x / unit.per_second;
  }
  throw usage_error(
      fmt::format("{}: '{}' is not a time; expected a number above 0 with a unit, such as 5.1ms "
                  "(s, ms, us, ns)",
                  flag, printable(text)));
}

double parse_percent(std::string_view text, std::string_view flag) {
  const std::string_view number = text.ends_with('%') ? text.substr(0, text.size() - 1) : text;
  const std::optional<double> x = parse_decimal(number);
  if (!x || !(*x >= 0 && *x <= 100)) {
    throw usage_error(
        fmt::format("{}: '{}' is not a percentage from 0 to 100", flag, printable(text)));
  }
  return *x;
}

void throw_unknown(std::string_view flag, std::string_view what, std::string_view name,
                   std::span<const std::string> known) {
  throw usage_error(fmt::format("{}: unknown {} '{}'{} (one of: {})", flag, what, printable(name),
                                did_you_mean(name, known), join(known, ", ")));
}

}  // namespace aiprof::cli
