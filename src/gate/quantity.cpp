// Quantities of limits as text: reading them, and writing them for people.
#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <string>

#include "aiprof/base/error.h"
#include "aiprof/base/text.h"
#include "aiprof/gate/metric.h"
#include "aiprof/report/format.h"

namespace aiprof::gate {
namespace {

struct Suffix {
  std::string_view text;
  double factor;
};

constexpr Suffix kTimes[] = {{"s", 1}, {"ms", 1e-3}, {"us", 1e-6}, {"ns", 1e-9}};
constexpr Suffix kEnergies[] = {{"J", 1},     {"mJ", 1e-3}, {"uJ", 1e-6},
                                {"nJ", 1e-9}, {"kJ", 1e3},  {"Wh", 3600}};
constexpr Suffix kPowers[] = {{"W", 1}, {"mW", 1e-3}, {"kW", 1e3}};
constexpr Suffix kSizes[] = {{"B", 1},
                             {"kB", 1e3},
                             {"KB", 1e3},
                             {"MB", 1e6},
                             {"GB", 1e9},
                             {"TB", 1e12},
                             {"KiB", 1024.0},
                             {"MiB", 1024.0 * 1024},
                             {"GiB", 1024.0 * 1024 * 1024},
                             {"TiB", 1024.0 * 1024 * 1024 * 1024}};
constexpr Suffix kCounts[] = {{"", 1},    {"k", 1e3}, {"K", 1e3},  {"M", 1e6},
                              {"G", 1e9}, {"B", 1e9}, {"T", 1e12}, {"P", 1e15}};
constexpr Suffix kFractions[] = {{"%", 0.01}, {"", 1}};
constexpr Suffix kRates[] = {{"", 1}, {"k", 1e3}, {"M", 1e6}};
constexpr Suffix kIntensities[] = {{"", 1}};

std::span<const Suffix> suffixes(Unit unit) {
  switch (unit) {
    case Unit::kSeconds:
      return kTimes;
    case Unit::kJoules:
      return kEnergies;
    case Unit::kWatts:
      return kPowers;
    case Unit::kBytes:
      return kSizes;
    case Unit::kCount:
      return kCounts;
    case Unit::kFraction:
      return kFractions;
    case Unit::kRate:
      return kRates;
    case Unit::kIntensity:
      return kIntensities;
  }
  return {};
}

std::string_view example(Unit unit) {
  switch (unit) {
    case Unit::kSeconds:
      return "a time with its unit, such as 5ms (s, ms, us, ns)";
    case Unit::kJoules:
      return "an energy with its unit, such as 120mJ (J, mJ, uJ, kJ, Wh)";
    case Unit::kWatts:
      return "a power with its unit, such as 300W (W, mW, kW)";
    case Unit::kBytes:
      return "a size with its unit, such as 102MB (B, kB, MB, GB, KiB, MiB, GiB)";
    case Unit::kCount:
      return "a number, such as 8.2G or 25600000 (k, M, G, T)";
    case Unit::kFraction:
      return "a part, such as 40% or 0.4";
    case Unit::kRate:
      return "a number a second, such as 1000 or 1.5k";
    case Unit::kIntensity:
      return "a number of FLOP/byte, such as 25";
  }
  return "";
}

// What a unit may be followed by, because people write it: "8.2 GFLOP", "1000/s", "25 FLOP/byte".
std::string_view without_noun(Unit unit, std::string_view suffix) {
  constexpr std::string_view kNouns[] = {"FLOPs", "FLOP", "MACs", "MAC", "/s", "FLOP/byte"};
  if (unit != Unit::kCount && unit != Unit::kRate && unit != Unit::kIntensity) return suffix;
  for (const std::string_view noun : kNouns) {
    if (suffix.ends_with(noun)) return suffix.substr(0, suffix.size() - noun.size());
  }
  return suffix;
}

[[noreturn]] void refuse(Unit unit, std::string_view text, std::string_view where) {
  throw usage_error(
      fmt::format("{}: '{}' is not {}", printable(where), printable(text), example(unit)));
}

std::string_view base_unit(Unit unit) {
  switch (unit) {
    case Unit::kSeconds:
      return " s";
    case Unit::kJoules:
      return " J";
    case Unit::kWatts:
      return " W";
    case Unit::kBytes:
      return " B";
    case Unit::kIntensity:
      return " FLOP/byte";
    case Unit::kRate:
      return "/s";
    case Unit::kCount:
    case Unit::kFraction:
      return "";
  }
  return "";
}

}  // namespace

double parse_value(Unit unit, std::string_view text, std::string_view where) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  double x = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), x);
  if (error != std::errc() || !std::isfinite(x) || x < 0) refuse(unit, text, where);
  std::string_view suffix = text.substr(static_cast<std::size_t>(end - text.data()));
  while (suffix.starts_with(' ')) suffix.remove_prefix(1);
  for (const Suffix& s : suffixes(unit)) {
    if (s.text != without_noun(unit, suffix)) continue;
    // "40" where 40 % is meant would never be reached, and so never break.
    constexpr double kSlip = 2;
    if (unit == Unit::kFraction && s.text.empty() && x > kSlip) refuse(unit, text, where);
    // 8.2M is 8200000, though the nearest double to 8.2 times a million is a little less.
    const double value = x * s.factor;
    constexpr double kRounding = 1e-12;
    const double whole = std::round(value);
    return std::abs(value - whole) <= kRounding * whole ? whole : value;
  }
  refuse(unit, text, where);
}

std::string format_value(Unit unit, double value) {
  if (!std::isfinite(value)) return value > 0 ? "unbounded" : "unknown";
  switch (unit) {
    case Unit::kSeconds:
      return format_seconds(value);
    case Unit::kJoules:
      return format_joules(value);
    case Unit::kWatts:
      return format_si(value, "W");
    case Unit::kBytes:
      return format_si(value, "B");
    case Unit::kCount:
      return format_si(value, "");
    case Unit::kFraction:
      return (value < 0 ? "-" : "") + format_percent(std::abs(value)) + " %";
    case Unit::kRate:
      return (value < 0 ? "-" : "") + format_rate(std::abs(value)) + "/s";
    case Unit::kIntensity:
      return format_ratio(value) + " FLOP/byte";
  }
  return {};
}

std::string format_difference(Unit unit, double value) {
  return (value > 0 ? "+" : "") + format_value(unit, value);
}

std::string format_exactly(Unit unit, double value) {
  if (!std::isfinite(value)) return format_value(unit, value);
  if (unit == Unit::kFraction) return format_shortest(value * 100) + " %";
  return format_shortest(value) + std::string(base_unit(unit));
}

}  // namespace aiprof::gate
