#include "aiprof/gate/limit.h"

#include <fmt/format.h>

#include <array>

#include "aiprof/base/error.h"
#include "aiprof/base/text.h"

namespace aiprof::gate {
namespace {

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

struct Operator {
  std::string_view text;
  Relation relation;
};
// Longer ones first, so that "<=" is not read as "<".
constexpr std::array<Operator, 5> kOperators = {{{"<=", Relation::kAtMost},
                                                 {">=", Relation::kAtLeast},
                                                 {"==", Relation::kEqual},
                                                 {"<", Relation::kBelow},
                                                 {">", Relation::kAbove}}};

struct Found {
  std::size_t at = std::string_view::npos;
  Operator op;
};

// The last one: names of operators may hold any character, metrics and values may not.
Found find_relation(std::string_view text) {
  for (std::size_t at = text.size(); at-- > 0;) {
    for (const Operator& op : kOperators) {
      if (text.substr(at).starts_with(op.text)) return {at, op};
    }
  }
  return {};
}

struct ScopeWord {
  std::string_view word;
  Scope::Kind kind;
};
constexpr ScopeWord kScopes[] = {{"block:", Scope::Kind::kBlock},
                                 {"node:", Scope::Kind::kNodes},
                                 {"each:", Scope::Kind::kEach},
                                 {"op:", Scope::Kind::kOpType}};

Scope parse_scope(std::string_view text, std::string_view where) {
  if (text.empty()) return {};
  for (const ScopeWord& s : kScopes) {
    if (!text.starts_with(s.word)) continue;
    const std::string_view pattern = trimmed(text.substr(s.word.size()));
    if (pattern.empty()) {
      throw usage_error(fmt::format("{}: {} names nothing", printable(where), printable(text)));
    }
    return {s.kind, std::string(pattern)};
  }
  throw usage_error(fmt::format(
      "{}: '{}' is no scope (expected block:PATH, node:PATTERN, each:PATTERN or op:TYPE)",
      printable(where), printable(text)));
}

// "SCOPE METRIC": the metric is the last word.
void parse_subject(std::string_view text, std::string_view where, Limit& limit) {
  text = trimmed(text);
  const std::size_t space = text.find_last_of(" \t");
  const std::string_view name =
      space == std::string_view::npos ? text : trimmed(text.substr(space + 1));
  const std::string_view scope =
      space == std::string_view::npos ? std::string_view() : trimmed(text.substr(0, space));
  limit.scope = parse_scope(scope, where);
  try {
    limit.metric = &require_metric(name);
  } catch (const Error& e) {
    throw e.in(where);
  }
  if (limit.scope.kind == Scope::Kind::kWhole || limit.metric->grouping != Grouping::kNone) return;
  throw usage_error(fmt::format(
      "{}: {} is of the whole model; of a group there are latency, energy, flops, bytes and others "
      "that add up",
      printable(where), limit.metric->name));
}

}  // namespace

std::string_view symbol(Relation r) {
  for (const Operator& op : kOperators) {
    if (op.relation == r) return op.text;
  }
  return "";
}

std::string_view words(Relation r) {
  switch (r) {
    case Relation::kAtMost:
      return "at most";
    case Relation::kBelow:
      return "below";
    case Relation::kAtLeast:
      return "at least";
    case Relation::kAbove:
      return "above";
    case Relation::kEqual:
      return "exactly";
  }
  return "";
}

Outcome decide(const Reading& reading, Relation relation, double bound) {
  const auto judge = [](bool all, bool none) {
    return all ? Outcome::kHeld : none ? Outcome::kBroken : Outcome::kUndecided;
  };
  switch (relation) {
    case Relation::kAtMost:
      return judge(reading.high <= bound, reading.low > bound);
    case Relation::kBelow:
      return judge(reading.high < bound, reading.low >= bound);
    case Relation::kAtLeast:
      return judge(reading.low >= bound, reading.high < bound);
    case Relation::kAbove:
      return judge(reading.low > bound, reading.high <= bound);
    case Relation::kEqual:
      return judge(reading.low == bound && reading.high == bound,
                   reading.low > bound || reading.high < bound);
  }
  return Outcome::kUndecided;
}

Limit parse_limit(std::string_view text, std::string_view where) {
  Limit limit;
  limit.text = std::string(trimmed(text));
  const std::string context = fmt::format("{} '{}'", where, limit.text);
  const Found found = find_relation(limit.text);
  if (found.at == std::string_view::npos) {
    throw usage_error(fmt::format(
        "{}: expected METRIC<=VALUE or METRIC>=VALUE, such as latency<=5ms", printable(context)));
  }
  limit.relation = found.op.relation;
  const std::string_view all = limit.text;
  parse_subject(all.substr(0, found.at), context, limit);
  limit.bound =
      parse_value(limit.metric->unit, all.substr(found.at + found.op.text.size()), context);
  return limit;
}

Limit parse_change(std::string_view text, Direction direction, std::string_view where) {
  Limit limit;
  limit.text = std::string(trimmed(text));
  const std::string context = fmt::format("{} '{}'", where, limit.text);
  const std::string_view all = limit.text;
  const std::size_t at = all.rfind('=');
  if (at == std::string_view::npos) {
    throw usage_error(
        fmt::format("{}: expected METRIC=AMOUNT, such as latency=2%", printable(context)));
  }
  parse_subject(all.substr(0, at), context, limit);
  if (limit.scope.kind == Scope::Kind::kEach) {
    throw usage_error(
        fmt::format("{}: single operators have no base; use node:PATTERN", printable(context)));
  }
  const bool increase = direction == Direction::kIncrease;
  if (increase != (limit.metric->better == Better::kLower)) {
    throw usage_error(fmt::format("{}: more {} is {}; limit it with {}", printable(context),
                                  limit.metric->name, increase ? "better" : "worse",
                                  increase ? "--max-decrease" : "--max-increase"));
  }
  limit.relation = increase ? Relation::kAtMost : Relation::kAtLeast;
  const std::string_view amount = trimmed(all.substr(at + 1));
  const bool percent = amount.ends_with('%');
  limit.change =
      Change{percent ? Change::Kind::kFraction : Change::Kind::kAmount,
             parse_value(percent ? Unit::kFraction : limit.metric->unit, amount, context)};
  return limit;
}

}  // namespace aiprof::gate
