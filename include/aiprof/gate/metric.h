// The numbers that limits, differences and comparisons speak of: one table, read from reports.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "aiprof/report/report.h"

namespace aiprof::gate {

// What a number counts: how it is written and which units a limit may have.
enum class Unit : std::uint8_t {
  kSeconds,
  kJoules,
  kWatts,
  kBytes,
  kCount,
  kFraction,   // of one; written in percent
  kRate,       // a second
  kIntensity,  // FLOP/byte
};

// Which way is better; what a person fears of a change is the other one.
enum class Better : std::uint8_t { kLower, kHigher };

// What operators without counts do to a number.
enum class GapEffect : std::uint8_t {
  kNone,    // nothing: it does not rest on counts
  kHigher,  // the true number is at least this
  kLower,   // the true number is at most this
  kAny,     // it may be anything
};

// How a number of a group of operators follows from theirs.
enum class Grouping : std::uint8_t {
  kSum,    // the whole is the sum of its operators
  kRatio,  // by a rule of its own
  kNone,   // only the whole model has it
};

struct Metric {
  std::string_view name;
  std::string_view alias;  // the key in JSON reports, or another usual name; may be empty
  std::string_view what;
  Unit unit = Unit::kCount;
  Better better = Better::kLower;
  GapEffect gaps = GapEffect::kNone;
  Grouping grouping = Grouping::kNone;
  bool needs_machine = false;
  // Of the whole model; absent: unknown.
  std::optional<double> (*whole)(const Report&) = nullptr;
  // Of one operator. Where grouping is kSum, its part; else what it is blamed by, or null.
  std::optional<double> (*node)(const NodeRow&) = nullptr;
};

[[nodiscard]] std::span<const Metric> metrics();
// By name or alias, "_" and "-" alike; null if there is none.
[[nodiscard]] const Metric* find_metric(std::string_view name);
// Throws Error(kUsage): "unknown metric 'x'; did you mean ...".
[[nodiscard]] const Metric& require_metric(std::string_view name);

// For people: "921 us", "12.3 %", "4.09 G".
[[nodiscard]] std::string format_value(Unit unit, double value);
// The same with a sign, for differences.
[[nodiscard]] std::string format_difference(Unit unit, double value);
// With all digits, in the base unit: "0.0051234 s".
[[nodiscard]] std::string format_exactly(Unit unit, double value);

// Reads "5ms", "8.2 GFLOP", "80 GiB", "40%", "1e9". Throws Error(kUsage) naming `where` for text
// that is no such quantity, and for a time or a number of bytes, joules or watts without a unit.
[[nodiscard]] double parse_value(Unit unit, std::string_view text, std::string_view where);

}  // namespace aiprof::gate
