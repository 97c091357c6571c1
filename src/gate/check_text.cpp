// The sentences of a check, which every format shares, and the format for terminals.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "aiprof/base/text.h"
#include "aiprof/gate/check.h"
#include "aiprof/report/format.h"
#include "aiprof/report/layout.h"
#include "gate/check_write.h"

namespace aiprof::gate {
namespace {

std::string plural(std::size_t n, std::string_view what) {
  return fmt::format("{} {}{}", n, what, n == 1 ? "" : "s");
}

// Both numbers with three digits, or with all of them where three do not tell them apart.
std::pair<std::string, std::string> tell_apart(Unit unit, double a, double b) {
  std::pair<std::string, std::string> texts = {format_value(unit, a), format_value(unit, b)};
  if (texts.first == texts.second && a != b) {
    texts = {format_exactly(unit, a), format_exactly(unit, b)};
  }
  return texts;
}

std::string got_text(const Judgement& j, const std::string& value) {
  if (!j.got.has_value) return "unknown";
  if (j.got.certain()) return value;
  const Unit unit = j.rule.limit.metric->unit;
  if (std::isinf(j.got.high))
    return j.got.low > 0 ? "at least " + format_value(unit, j.got.low) : value;
  if (j.got.low <= 0) return "at most " + format_value(unit, j.got.high);
  return fmt::format("{} ({} to {})", value, format_value(unit, j.got.low),
                     format_value(unit, j.got.high));
}

// "latency", "flops of block layer3": without the bound.
std::string subject(const Limit& limit) {
  std::string metric(limit.metric->name);
  const std::string pattern = printable(limit.scope.pattern);
  switch (limit.scope.kind) {
    case Scope::Kind::kWhole:
      return metric;
    case Scope::Kind::kBlock:
      return fmt::format("{} of block {}", metric, pattern);
    case Scope::Kind::kNodes:
      return fmt::format("{} of operators {}", metric, pattern);
    case Scope::Kind::kEach:
      return fmt::format("{} of each operator {}", metric, pattern);
    case Scope::Kind::kOpType:
      return fmt::format("{} of all {}", metric, pattern);
  }
  return metric;
}

std::string base_text(const Judgement& j) {
  const Limit& limit = j.rule.limit;
  if (!limit.change || !j.base) return {};
  const Change& change = *limit.change;
  const std::string room = change.kind == Change::Kind::kFraction
                               ? format_percent(change.value) + " %"
                               : format_value(limit.metric->unit, change.value);
  return fmt::format(" (base {} {} {})", format_value(limit.metric->unit, *j.base),
                     limit.relation == Relation::kAtMost ? "+" : "-", room);
}

std::string change_text(const Judgement& j) {
  const Unit unit = j.rule.limit.metric->unit;
  const double change = j.got.value - *j.base;
  std::string text = ", " + format_difference(unit, change) + " from the base";
  if (*j.base != 0) {
    text += fmt::format(" ({}{} %)", change < 0 ? "-" : "+",
                        format_percent(std::abs(change / *j.base)));
  }
  return text;
}

std::string excess_text(const Judgement& j) {
  if (!j.excess) return {};
  const Limit& limit = j.rule.limit;
  if (*j.excess == 0) return ", which is the bound itself";
  const bool much = limit.relation == Relation::kAtMost || limit.relation == Relation::kBelow ||
                    (limit.relation == Relation::kEqual && j.got.low > j.bound);
  std::string text = fmt::format(", {} too {}", format_value(limit.metric->unit, *j.excess),
                                 much ? "much" : "little");
  if (j.bound != 0) text += fmt::format(" ({} %)", format_percent(*j.excess / j.bound));
  return text;
}

std::string waiver_text(const Judgement& j) {
  if (j.waiver == WaiverState::kNone) return {};
  const Waiver& w = *j.rule.waiver;
  const bool expired = j.waiver == WaiverState::kExpired;
  if (j.outcome == Outcome::kHeld) {
    return fmt::format("; its waiver by {} ({} {}) is not needed", printable(w.owner),
                       expired ? "expired" : "until", format_date(w.expires));
  }
  return fmt::format("; {} {} {}: {}", expired ? "the waiver of" : "waived by", printable(w.owner),
                     (expired ? "expired on " : "until ") + format_date(w.expires),
                     printable(w.reason));
}

Ink ink_of(const Judgement& j) {
  if (j.fails()) return Ink::kRed;
  return j.outcome == Outcome::kHeld ? Ink::kGreen : Ink::kYellow;
}

// Broken ones first: what a person has to read.
std::vector<const Judgement*> by_urgency(const CheckCase& c) {
  std::vector<const Judgement*> list;
  for (const Judgement& j : c.judgements) list.push_back(&j);
  std::stable_sort(list.begin(), list.end(), [](const Judgement* a, const Judgement* b) {
    const auto rank = [](const Judgement& j) {
      return j.fails() ? 0 : j.undecided() ? 1 : j.outcome == Outcome::kHeld ? 3 : 2;
    };
    return rank(*a) < rank(*b);
  });
  return list;
}

}  // namespace

std::string verdict_text(const Check& check) {
  const Tally t = tally(check);
  const std::size_t all = t.held + t.broken + t.undecided + t.waived;
  std::string text;
  if (t.broken > 0) {
    text = fmt::format("BROKEN: {} of {}", t.broken, plural(all, "limit"));
  } else if (t.undecided > 0) {
    text = fmt::format("CANNOT BE DECIDED: {} of {}", t.undecided, plural(all, "limit"));
  } else {
    text = fmt::format("HELD: {} of {}", t.held, plural(all, "limit"));
  }
  std::string rest;
  const auto add = [&](std::size_t n, std::string_view what, bool said) {
    if (n > 0 && !said) rest += fmt::format("{}{} {}", rest.empty() ? " (" : ", ", n, what);
  };
  add(t.held, "held", t.broken == 0 && t.undecided == 0);
  add(t.undecided, "cannot be decided", t.broken == 0);
  add(t.waived, "waived", false);
  if (!rest.empty()) rest += ")";
  text += rest;
  return check.cases.size() > 1 ? text + fmt::format(" in {} cases", check.cases.size()) : text;
}

std::string_view outcome_text(const Judgement& j) {
  if (j.outcome == Outcome::kHeld) return "held";
  if (j.waiver == WaiverState::kActive) return "waived";
  return j.outcome == Outcome::kBroken ? "broken" : "cannot be decided";
}

std::string judgement_text(const Judgement& j) {
  const Limit& limit = j.rule.limit;
  const Unit unit = limit.metric->unit;
  const auto [bound, got] = tell_apart(unit, j.bound, j.got.value);
  std::string text = subject(limit) + ": ";
  if (j.has_bound) {
    text += fmt::format("expected {} {}{}, ", words(limit.relation), bound, base_text(j));
  }
  text += "got " + got_text(j, got);
  if (!j.got.subject.empty()) text += " in " + j.got.subject;
  if (j.base) text += change_text(j);
  text += excess_text(j);
  if (!j.reason.empty()) text += ": " + printable(j.reason);
  text += waiver_text(j);
  if (!j.rule.owner.empty()) text += "; owner " + printable(j.rule.owner);
  return text;
}

std::string cause_text(const Cause& cause) {
  std::string text = fmt::format("{} ({}) {}", cause.label, printable(cause.op_type),
                                 cause.change ? format_difference(cause.unit, cause.amount)
                                              : format_value(cause.unit, cause.amount));
  if (cause.share) text += fmt::format(", {} %", format_percent(*cause.share));
  if (!cause.what.empty()) text += ": " + printable(cause.what);
  return text;
}

std::string case_text(const CheckCase& c) {
  std::string text = printable(c.model);
  if (!c.hardware.empty()) text += " on " + printable(c.hardware);
  if (!c.base.empty()) text += " against " + printable(c.base);
  return text;
}

// Lines never begin with text of a model: a line that starts with "::" is a command to some CI
// logs.
std::string write_check_text(const Check& check, const WriteOptions& options) {
  const Pen pen(options.colour);
  const std::size_t width = sentence_width(options);
  const Tally t = tally(check);
  const Ink ink = t.broken > 0 ? Ink::kRed : t.undecided > 0 ? Ink::kYellow : Ink::kGreen;
  std::string out = pen(ink, wrap(verdict_text(check), width, 2)) + "\n";
  for (const CheckCase& c : check.cases) {
    out += "\n" + pen(Ink::kBold, wrap("* " + case_text(c), width, 2)) + "\n";
    for (const Judgement* j : by_urgency(c)) {
      const std::string outcome = std::string(outcome_text(*j)) + ":";
      out += fmt::format("  {} {}\n", pen(ink_of(*j), outcome),
                         wrap_at(judgement_text(*j), outcome.size() + 3, width, 4));
      for (const Cause& cause : j->causes) {
        out += "    " + wrap_at("- " + cause_text(cause), 4, width, 6) + "\n";
      }
    }
    if (c.gaps > 0) {
      const std::string note =
          fmt::format("note: {} of {} operators are not modelled (aiprof {} names them)", c.gaps,
                      c.nodes, printable(c.model));
      out += "  " + wrap_at(note, 2, width, 4) + "\n";
    }
  }
  return out;
}

}  // namespace aiprof::gate
