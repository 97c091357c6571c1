#include "aiprof/gate/check.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>

#include "aiprof/base/text.h"
#include "aiprof/report/format.h"

namespace aiprof::gate {
namespace {

constexpr std::size_t kCauses = 5;

std::string machine_name(const Report& report) {
  if (!report.hardware) return {};
  return report.hardware->id.empty() ? report.hardware->name : report.hardware->id;
}

void require_inputs(const CaseInput& in, const Limit& limit) {
  if (limit.metric->needs_machine && !in.report.hardware) {
    throw usage_error(fmt::format("'{}': {} is of a machine: give --hw NAME (aiprof hw list)",
                                  printable(limit.text), limit.metric->name));
  }
  if (limit.change && in.base == nullptr) {
    throw usage_error(
        fmt::format("'{}' is against a base: give --base FILE", printable(limit.text)));
  }
  require_match(in.report, limit.scope, fmt::format("'{}'", limit.text));
}

// Operators of a change that the scope selects on either side.
bool in_scope(const OperatorChange& change, const std::vector<bool>& before,
              const std::vector<bool>& after) {
  return (change.new_node && after[*change.new_node]) ||
         (change.old_node && before[*change.old_node]);
}

std::vector<bool> mask(const Report& report, const Scope& scope) {
  std::vector<bool> selected(report.nodes.size(), false);
  for (const NodeRow* node : select(report, scope)) selected[node->index] = true;
  return selected;
}

class Judge {
 public:
  explicit Judge(const CaseInput& in) : in_(in) {}

  Judgement run(const Rule& rule) {
    j_ = Judgement();
    j_.rule = rule;
    require_inputs(in_, rule.limit);
    j_.got = read(in_.report, rule.limit, in_.certainty);
    if (rule.limit.change) {
      judge_change();
    } else {
      j_.bound = rule.limit.bound;
      j_.has_bound = true;
      j_.outcome = decide(j_.got, rule.limit.relation, j_.bound);
    }
    if (j_.outcome == Outcome::kUndecided && j_.reason.empty()) j_.reason = j_.got.reason;
    if (j_.outcome == Outcome::kBroken) explain();
    apply_waiver();
    return std::move(j_);
  }

 private:
  // Both sides come from the same model of time, so that its error is theirs together: the interval
  // is left out of comparisons.
  void judge_change() {
    const Limit& limit = j_.rule.limit;
    j_.got = read(in_.report, limit, Certainty::kEstimate);
    const Reading base = read(*in_.base, limit, Certainty::kEstimate);
    if (!base.has_value || !j_.got.has_value) {
      j_.reason = base.has_value ? j_.got.reason : "of the base: " + base.reason;
      return;
    }
    j_.base = base.value;
    const double sign = limit.relation == Relation::kAtMost ? 1 : -1;
    const double room = limit.change->kind == Change::Kind::kFraction
                            ? base.value * limit.change->value
                            : limit.change->value;
    j_.bound = base.value + sign * room;
    j_.has_bound = true;
    const bool broken = sign * (j_.got.value - j_.bound) > 0;
    j_.outcome = broken ? Outcome::kBroken : Outcome::kHeld;
    if (base.certain() && j_.got.certain()) return;
    judge_unmodelled(broken, base);
  }

  // Operators without counts that are the same on both sides add the same to both. A difference
  // that is small enough without them stays so, and so does an absolute one that is too large; a
  // relative one may shrink.
  void judge_unmodelled(bool broken, const Reading& base) {
    const Limit& limit = j_.rule.limit;
    const bool adds_up = limit.metric->grouping == Grouping::kSum && same_gaps();
    const bool relative = limit.change->kind == Change::Kind::kFraction;
    if (adds_up && !(broken && relative)) {
      const double change = j_.got.value - *j_.base;
      j_.got.low = j_.got.high = j_.got.value;
      j_.got.reason = fmt::format("operators that are not modelled are the same on both sides; {}",
                                  format_difference(limit.metric->unit, change));
      return;
    }
    j_.outcome = Outcome::kUndecided;
    j_.reason = j_.got.certain() ? "of the base: " + base.reason : j_.got.reason;
  }

  bool same_gaps() {
    if (in_.report.coverage.gaps != in_.base->coverage.gaps) return false;
    for (const OperatorChange& change : difference().operators) {
      const bool gap =
          (change.new_node && in_.report.nodes[*change.new_node].status == NodeStatus::kGap) ||
          (change.old_node && in_.base->nodes[*change.old_node].status == NodeStatus::kGap);
      if (gap && change.kind != ChangeKind::kUnchanged) return false;
    }
    return true;
  }

  const Diff& difference() {
    if (!diff_) diff_ = diff(*in_.base, in_.report);
    return *diff_;
  }

  void explain() {
    const Limit& limit = j_.rule.limit;
    const bool upper = limit.relation == Relation::kAtMost || limit.relation == Relation::kBelow ||
                       (limit.relation == Relation::kEqual && j_.got.low > j_.bound);
    // The end that is nearest to the bound: so much it is at least beyond.
    j_.excess = upper ? j_.got.low - j_.bound : j_.bound - j_.got.high;
    if (limit.metric->node == nullptr) return;
    if (limit.change || base_holds()) causes_of_change(upper);
    if (j_.causes.empty() && !limit.change) causes_of_value();
  }

  // Whether it is the change that broke a limit that is not itself against the base.
  [[nodiscard]] bool base_holds() const {
    const Limit& limit = j_.rule.limit;
    return in_.base != nullptr && decide(read(*in_.base, limit, in_.certainty), limit.relation,
                                         limit.bound) == Outcome::kHeld;
  }

  // What a metric is blamed by has its own unit: of a throughput the seconds of operators.
  [[nodiscard]] static Unit blame_unit(const Metric& metric) {
    for (const Metric& m : metrics()) {
      if (m.grouping == Grouping::kSum && m.node == metric.node) return m.unit;
    }
    return metric.unit;
  }

  void causes_of_change(bool upper) {
    const Metric& metric = *j_.rule.limit.metric;
    const std::vector<bool> before = mask(*in_.base, j_.rule.limit.scope);
    const std::vector<bool> after = mask(in_.report, j_.rule.limit.scope);
    // Fewer a second means more seconds each: what is blamed grows where the number shrinks.
    const bool grows = metric.grouping == Grouping::kSum ? upper : true;
    double total = 0;
    for (const OperatorChange& change : difference().operators) {
      if (!in_scope(change, before, after)) continue;
      const double amount =
          part(in_.report, change.new_node, metric) - part(*in_.base, change.old_node, metric);
      total += amount;
      if (amount == 0 || (amount > 0) != grows) continue;
      j_.causes.push_back({change.label, change.op_type, change.block,
                           change.what.empty() ? std::string(name(change.kind)) : change.what,
                           amount, blame_unit(metric), std::nullopt, true});
    }
    keep_largest(total);
  }

  static double part(const Report& report, std::optional<std::size_t> node, const Metric& metric) {
    return node ? metric.node(report.nodes[*node]).value_or(0) : 0;
  }

  void causes_of_value() {
    const Metric& metric = *j_.rule.limit.metric;
    double total = 0;
    for (const NodeRow* node : select(in_.report, j_.rule.limit.scope)) {
      const double amount = metric.node(*node).value_or(0);
      total += amount;
      if (amount <= 0) continue;
      j_.causes.push_back({node_label(in_.report, *node),
                           node->op_type,
                           block_prefix(node->block, 0),
                           {},
                           amount,
                           blame_unit(metric),
                           std::nullopt,
                           false});
    }
    keep_largest(total);
  }

  void keep_largest(double total) {
    std::stable_sort(j_.causes.begin(), j_.causes.end(), [](const Cause& a, const Cause& b) {
      return std::abs(a.amount) > std::abs(b.amount);
    });
    if (j_.causes.size() > kCauses) j_.causes.resize(kCauses);
    constexpr double kWorthNaming = 0.01;  // of the largest
    while (j_.causes.size() > 1 &&
           std::abs(j_.causes.back().amount) < kWorthNaming * std::abs(j_.causes.front().amount)) {
      j_.causes.pop_back();
    }
    for (Cause& cause : j_.causes) {
      if (total != 0 && cause.amount / total > 0) cause.share = cause.amount / total;
    }
  }

  void apply_waiver() {
    if (!j_.rule.waiver) return;
    j_.waiver = j_.rule.waiver->expires < in_.today ? WaiverState::kExpired : WaiverState::kActive;
  }

  const CaseInput& in_;
  Judgement j_;
  std::optional<Diff> diff_;
};

}  // namespace

std::optional<Date> parse_date(std::string_view text) {
  constexpr std::size_t kLength = 10;  // YYYY-MM-DD
  if (text.size() != kLength || text[4] != '-' || text[7] != '-') return std::nullopt;
  const auto number = [&](std::size_t at, std::size_t length) {
    int n = -1;
    const char* end = text.data() + at + length;
    const auto [stop, error] = std::from_chars(text.data() + at, end, n);
    return error == std::errc() && stop == end ? n : -1;
  };
  const Date date = {number(0, 4), number(5, 2), number(8, 2)};
  if (date.year < 0 || date.month < 0 || date.day < 0) return std::nullopt;
  const std::chrono::year_month_day day(std::chrono::year(date.year),
                                        std::chrono::month(static_cast<unsigned>(date.month)),
                                        std::chrono::day(static_cast<unsigned>(date.day)));
  return day.ok() ? std::optional(date) : std::nullopt;
}

std::string format_date(const Date& date) {
  return fmt::format("{:04}-{:02}-{:02}", date.year, date.month, date.day);
}

CheckCase judge(const CaseInput& input) {
  CheckCase c;
  c.model = input.report.model.file;
  if (input.base != nullptr) c.base = input.base->model.file;
  c.hardware = machine_name(input.report);
  c.runtime = input.report.runtime;
  c.dims = input.report.model.dims;
  c.nodes = input.report.coverage.nodes;
  c.gaps = input.report.coverage.gaps;
  Judge judge(input);
  for (const Rule& rule : input.rules) c.judgements.push_back(judge.run(rule));
  return c;
}

Tally tally(const Check& check) {
  Tally t;
  for (const CheckCase& c : check.cases) {
    for (const Judgement& j : c.judgements) {
      if (j.outcome == Outcome::kHeld) {
        ++t.held;
      } else if (j.waiver == WaiverState::kActive) {
        ++t.waived;
      } else {
        ++(j.fails() ? t.broken : t.undecided);
      }
    }
  }
  return t;
}

ExitCode exit_code(const Check& check) {
  const Tally t = tally(check);
  if (t.broken > 0) return ExitCode::kLimitBroken;
  return t.undecided > 0 ? ExitCode::kUndecided : ExitCode::kDone;
}

}  // namespace aiprof::gate
