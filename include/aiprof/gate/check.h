// Judging a model against limits: what held, what broke and why, what cannot be decided.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "aiprof/base/error.h"
#include "aiprof/gate/diff.h"
#include "aiprof/gate/limit.h"

namespace aiprof::gate {

// A day of the Gregorian calendar. Ordered by time.
struct Date {
  int year = 0, month = 0, day = 0;
  friend auto operator<=>(const Date&, const Date&) = default;  // NOLINT(modernize-use-nullptr)
};
// "2027-01-31"; absent for anything else, also for days that do not exist.
[[nodiscard]] std::optional<Date> parse_date(std::string_view text);
[[nodiscard]] std::string format_date(const Date& date);

// Who lets a limit be broken, why, and up to and including which day.
struct Waiver {
  std::string owner;
  std::string reason;
  Date expires;
};

struct Rule {
  Limit limit;
  std::string owner;  // of the limit; may be empty
  std::optional<Waiver> waiver;
};

// An operator that a broken limit comes from.
struct Cause {
  std::string label, op_type, block;
  std::string what;   // with a base: what changed about it
  double amount = 0;  // of the limit's metric, or of what it is blamed by
  Unit unit = Unit::kCount;
  std::optional<double> share;  // of the metric, or of its change
  bool change = false;          // `amount` is a difference to the base
};

enum class WaiverState : std::uint8_t { kNone, kActive, kExpired };

struct Judgement {
  Rule rule;
  Outcome outcome = Outcome::kUndecided;
  WaiverState waiver = WaiverState::kNone;
  double bound = 0;        // in the base unit; of a limit against a base computed from it
  bool has_bound = false;  // false: the base is not known
  Reading got;
  std::optional<double> base;    // of limits against a base
  std::optional<double> excess;  // how far beyond the bound; only if broken
  std::string reason;            // why it cannot be decided; empty otherwise
  std::vector<Cause> causes;     // only if broken; largest first

  // Broken and not waived: what makes a check fail.
  [[nodiscard]] bool fails() const {
    return outcome == Outcome::kBroken && waiver != WaiverState::kActive;
  }
  [[nodiscard]] bool undecided() const {
    return outcome == Outcome::kUndecided && waiver != WaiverState::kActive;
  }
};

// One model on one machine against its limits.
struct CheckCase {
  std::string model;
  std::string base;      // its file; empty: none
  std::string hardware;  // id or name; empty: counted only
  std::string runtime;
  std::map<std::string, std::int64_t> dims;
  std::size_t nodes = 0, gaps = 0;
  std::vector<Judgement> judgements;  // in the order of the rules
};

struct Check {
  std::vector<CheckCase> cases;
  std::string budget;  // its file; empty: limits were typed
  Date today;
};

struct CaseInput {
  const Report& report;
  const Report* base = nullptr;  // null: none; limits against a base then need not occur
  std::span<const Rule> rules;
  Certainty certainty = Certainty::kEstimate;
  Date today;
};
// Throws Error(kUsage) where a limit selects no operator, and where it needs what was not given: a
// machine or a base.
[[nodiscard]] CheckCase judge(const CaseInput& input);

struct Tally {
  std::size_t held = 0, broken = 0, undecided = 0, waived = 0;
};
[[nodiscard]] Tally tally(const Check& check);
// kLimitBroken if anything broke, else kUndecided if anything could not be decided, else kDone.
[[nodiscard]] ExitCode exit_code(const Check& check);

// One line each, for people and for every format.
[[nodiscard]] std::string verdict_text(const Check& check);
// "broken", "held", "cannot be decided", "waived".
[[nodiscard]] std::string_view outcome_text(const Judgement& judgement);
// "latency: expected at most 5 ms, got 5.43 ms, 430 us too much (8.6 %)"
[[nodiscard]] std::string judgement_text(const Judgement& judgement);
// "layer3.2/conv2 (Conv) +120 us, 34 %: output 0: 1x256x14x14 -> 1x320x14x14"
[[nodiscard]] std::string cause_text(const Cause& cause);
// "model.onnx on a100-sxm-80"
[[nodiscard]] std::string case_text(const CheckCase& c);

struct CheckFormat {
  std::string_view name;
  std::string_view what;
  std::string (*write)(const Check& check, const WriteOptions& options);
};
[[nodiscard]] std::span<const CheckFormat> check_formats();

}  // namespace aiprof::gate
