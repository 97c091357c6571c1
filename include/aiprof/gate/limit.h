// A limit: what of a model may be how large. One grammar for the command line and for budget files:
//
//   [SCOPE] METRIC RELATION VALUE        latency<=5ms, block:layer3 flops<=2G, mbu>=40%
//
//   SCOPE     nothing: the whole model
//             block:PATH     the operators of a module, as --group-by block names it
//             node:PATTERN   the operators whose names match (* any text, ? one character),
//             together each:PATTERN   every one of them for itself op:TYPE        all operators of
//             a type (Conv, com.microsoft.Attention)
//   RELATION  <= < >= > ==
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "aiprof/gate/metric.h"

namespace aiprof::gate {

struct Scope {
  enum class Kind : std::uint8_t { kWhole, kBlock, kNodes, kEach, kOpType };
  Kind kind = Kind::kWhole;
  std::string pattern;  // empty for the whole
};

enum class Relation : std::uint8_t { kAtMost, kBelow, kAtLeast, kAbove, kEqual };
[[nodiscard]] std::string_view symbol(Relation r);  // "<="
[[nodiscard]] std::string_view words(Relation r);   // "at most"

// A bound that follows from a base: base x (1 +- fraction), or base +- amount.
struct Change {
  enum class Kind : std::uint8_t { kFraction, kAmount };
  Kind kind = Kind::kFraction;
  double value = 0;  // at least 0
};

struct Limit {
  std::string text;  // as given, without spaces at its ends
  Scope scope;
  const Metric* metric = nullptr;  // never null in a parsed limit
  Relation relation = Relation::kAtMost;
  double bound = 0;              // in the base unit; unused with `change`
  std::optional<Change> change;  // of limits against a base
};

// Throw Error(kUsage) with `where` ("--limit") before the message.
[[nodiscard]] Limit parse_limit(std::string_view text, std::string_view where);
// "[SCOPE] METRIC=2%" or "METRIC=1MB". An increase of what should be large, and a decrease of what
// should be small, are refused.
enum class Direction : std::uint8_t { kIncrease, kDecrease };
[[nodiscard]] Limit parse_change(std::string_view text, Direction direction,
                                 std::string_view where);

// What is known of a number: it lies between `low` and `high`.
struct Reading {
  double low = 0;
  double high = std::numeric_limits<double>::infinity();
  double value = 0;  // the best single number; meaningless unless `has_value`
  bool has_value = false;
  std::string reason;   // why low < high; empty if they are equal
  std::string subject;  // of kEach: the operator it is of

  [[nodiscard]] bool certain() const { return low == high; }
};

enum class Outcome : std::uint8_t { kHeld, kBroken, kUndecided };

// Held if every number that the reading allows is within the bound, broken if none is.
[[nodiscard]] Outcome decide(const Reading& reading, Relation relation, double bound);

// Whether the error interval of times counts as not knowing.
enum class Certainty : std::uint8_t { kEstimate, kInterval };

// Operators of the report that a scope selects, in their order.
[[nodiscard]] std::vector<const NodeRow*> select(const Report& report, const Scope& scope);
// Throws Error(kUsage) if the scope selects nothing, naming what the model has instead.
void require_match(const Report& report, const Scope& scope, std::string_view limit);

// Reads the metric of a limit off a report; of kEach the operator that breaks the limit, else one
// that may, else the one that comes closest.
[[nodiscard]] Reading read(const Report& report, const Limit& limit, Certainty certainty);

// * is any text, ? is one byte, everything else is itself.
[[nodiscard]] bool matches(std::string_view pattern, std::string_view text);

}  // namespace aiprof::gate
