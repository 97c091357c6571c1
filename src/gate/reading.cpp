// What a report says of the metric of a limit, and how sure that is.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "aiprof/base/error.h"
#include "aiprof/base/text.h"
#include "aiprof/gate/limit.h"

namespace aiprof::gate {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

using Nodes = std::vector<const NodeRow*>;

std::string full_name(const NodeRow& node) {
  return node.path.empty() ? node.name : node.path + "/" + node.name;
}

// A module is selected by what any depth of --group-by block calls it.
bool in_block(const NodeRow& node, std::string_view block) {
  const std::size_t parts =
      1 + static_cast<std::size_t>(std::count(node.block.begin(), node.block.end(), '/'));
  for (std::size_t depth = 1; depth <= parts; ++depth) {
    if (matches(block, block_prefix(node.block, depth))) return true;
  }
  return false;
}

bool selected(const Report& report, const NodeRow& node, const Scope& scope) {
  switch (scope.kind) {
    case Scope::Kind::kWhole:
      return true;
    case Scope::Kind::kBlock:
      return in_block(node, scope.pattern);
    case Scope::Kind::kNodes:
    case Scope::Kind::kEach:
      return matches(scope.pattern, node.name) || matches(scope.pattern, full_name(node)) ||
             (node.name.empty() && matches(scope.pattern, node_label(report, node)));
    case Scope::Kind::kOpType:
      return scope.pattern == node.op_type ||
             (!node.domain.empty() && scope.pattern == node.domain + "." + node.op_type);
  }
  return false;
}

std::size_t gaps_of(const Nodes& nodes) {
  return static_cast<std::size_t>(std::count_if(
      nodes.begin(), nodes.end(), [](const NodeRow* n) { return n->status == NodeStatus::kGap; }));
}

Reading single(double value) {
  Reading r;
  r.low = r.high = r.value = value;
  r.has_value = true;
  return r;
}

Reading unknown(std::string reason) {
  Reading r;
  r.low = -kInfinity;
  r.reason = std::move(reason);
  return r;
}

// The sum of a metric over operators; those without counts are left to apply_gaps.
std::optional<double> sum(const Metric& metric, const Nodes& nodes) {
  double total = 0;
  for (const NodeRow* node : nodes) {
    const std::optional<double> part = metric.node(*node);
    if (part) {
      total += *part;
    } else if (node->status != NodeStatus::kGap) {
      return std::nullopt;
    }
  }
  return total;
}

std::optional<double> ratio(const Report& report, const Metric& metric, const Nodes& nodes) {
  if (metric.name == "latency_share") {
    const std::optional<double> part = sum(metric, nodes);
    const double whole = report.totals.seconds ? report.totals.seconds->latency : 0;
    return part && whole > 0 ? std::optional(*part / whole) : std::nullopt;
  }
  const std::optional<double> flops = sum(require_metric("flops"), nodes);
  const std::optional<double> bytes = sum(require_metric("bytes"), nodes);
  return flops && bytes && *bytes > 0 ? std::optional(*flops / *bytes) : std::nullopt;
}

std::optional<double> value_of(const Report& report, const Limit& limit, const Nodes& nodes) {
  const Metric& metric = *limit.metric;
  if (limit.scope.kind == Scope::Kind::kWhole) return metric.whole(report);
  return metric.grouping == Grouping::kSum ? sum(metric, nodes) : ratio(report, metric, nodes);
}

// Latency of some operators with every kernel at the end of its interval: errors of one model of
// time go the same way.
double end_of_interval(const Report& report, const Nodes& nodes, double KernelRow::*end) {
  double total = 0;
  for (const NodeRow* node : nodes) {
    if (!node->seconds) continue;
    const KernelRow& kernel = report.kernels[*node->kernel];
    const double whole = kernel.seconds.latency;
    total += whole > 0 ? node->seconds->latency * (kernel.*end / whole) : 0;
  }
  return total;
}

struct Interval {
  double low, high;
};

Interval latency_interval(const Report& report, const Limit& limit, const Nodes& nodes) {
  const ReportTotals& t = report.totals;
  if (limit.scope.kind == Scope::Kind::kWhole && t.latency_low_seconds && t.latency_high_seconds) {
    return {*t.latency_low_seconds, *t.latency_high_seconds};
  }
  return {end_of_interval(report, nodes, &KernelRow::latency_low_seconds),
          end_of_interval(report, nodes, &KernelRow::latency_high_seconds)};
}

// Widens a reading by the error interval of the time it rests on.
void apply_interval(const Report& report, const Limit& limit, const Nodes& nodes, Reading& r) {
  const std::string_view name = limit.metric->name;
  const Interval i = latency_interval(report, limit, nodes);
  if (name == "latency") {
    r.low = std::min(r.value, i.low);
    r.high = std::max(r.value, i.high);
  } else if (name == "throughput" || name == "tokens" || name == "mfu" || name == "mbu") {
    const double latency = report.totals.seconds ? report.totals.seconds->latency : 0;
    if (latency <= 0 || i.low <= 0 || i.high <= 0) return;
    r.low = std::min(r.value, r.value * latency / i.high);
    r.high = std::max(r.value, r.value * latency / i.low);
  } else {
    return;
  }
  if (r.low < r.high) {
    r.reason = fmt::format("the error interval reaches from {} to {}",
                           format_value(limit.metric->unit, r.low),
                           format_value(limit.metric->unit, r.high));
  }
}

void apply_gaps(const Metric& metric, std::size_t gaps, std::size_t nodes, Reading& r) {
  if (gaps == 0 || metric.gaps == GapEffect::kNone) return;
  std::string_view effect = "it may be anything";
  if (metric.gaps == GapEffect::kHigher) {
    r.high = kInfinity;
    effect = "it is at least this";
  } else if (metric.gaps == GapEffect::kLower) {
    r.low = 0;
    effect = "it is at most this";
  } else {
    r.low = 0;
    r.high = kInfinity;
  }
  r.reason = fmt::format("{} of {} operators are not modelled, so that {}", gaps, nodes, effect);
}

Reading read_nodes(const Report& report, const Limit& limit, const Nodes& nodes,
                   Certainty certainty) {
  const Metric& metric = *limit.metric;
  if (metric.needs_machine && !report.hardware) return unknown("it needs hardware (--hw)");
  const std::size_t gaps = gaps_of(nodes);
  const std::optional<double> value = value_of(report, limit, nodes);
  if (!value || !std::isfinite(*value)) {
    return unknown(gaps > 0 ? fmt::format("{} of {} operators are not modelled", gaps, nodes.size())
                            : std::string("the model does not say enough to count it"));
  }
  Reading r = single(*value);
  if (certainty == Certainty::kInterval) apply_interval(report, limit, nodes, r);
  apply_gaps(metric, gaps, nodes.size(), r);
  return r;
}

// How much an operator matters where each has to keep the limit: broken before undecided before
// held, then the one farthest towards the bound.
std::pair<int, double> weight(const Reading& r, const Limit& limit) {
  const bool upper = limit.relation == Relation::kAtMost || limit.relation == Relation::kBelow;
  const Outcome outcome = decide(r, limit.relation, limit.bound);
  const int rank = outcome == Outcome::kBroken ? 2 : outcome == Outcome::kUndecided ? 1 : 0;
  return {rank, upper ? r.value : -r.value};
}

Reading read_each(const Report& report, const Limit& limit, const Nodes& nodes,
                  Certainty certainty) {
  Reading worst = unknown("no operator matches");
  bool first = true;
  for (const NodeRow* node : nodes) {
    Reading r = read_nodes(report, limit, {node}, certainty);
    if (!first && weight(r, limit) <= weight(worst, limit)) continue;
    r.subject = node_label(report, *node);
    worst = std::move(r);
    first = false;
  }
  return worst;
}

[[noreturn]] void throw_no_match(const Report& report, const Scope& scope, std::string_view limit) {
  std::vector<std::string> names;
  for (const NodeRow& node : report.nodes) {
    switch (scope.kind) {
      case Scope::Kind::kBlock:
        names.push_back(block_prefix(node.block, 0));
        break;
      case Scope::Kind::kOpType:
        names.push_back(node.op_type);
        break;
      default:
        names.push_back(full_name(node));
        break;
    }
  }
  throw usage_error(fmt::format("{}: no operator of {} matches '{}'{}", printable(limit),
                                printable(report.model.file), printable(scope.pattern),
                                printable(did_you_mean(scope.pattern, names))));
}

}  // namespace

bool matches(std::string_view pattern, std::string_view text) {
  std::size_t p = 0;
  std::size_t t = 0;
  std::size_t star = std::string_view::npos;
  std::size_t resume = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = t;
    } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t])) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

std::vector<const NodeRow*> select(const Report& report, const Scope& scope) {
  Nodes nodes;
  for (const NodeRow& node : report.nodes) {
    if (selected(report, node, scope)) nodes.push_back(&node);
  }
  return nodes;
}

void require_match(const Report& report, const Scope& scope, std::string_view limit) {
  if (scope.kind == Scope::Kind::kWhole || !select(report, scope).empty()) return;
  throw_no_match(report, scope, limit);
}

Reading read(const Report& report, const Limit& limit, Certainty certainty) {
  const Nodes nodes = select(report, limit.scope);
  if (limit.scope.kind == Scope::Kind::kEach) return read_each(report, limit, nodes, certainty);
  return read_nodes(report, limit, nodes, certainty);
}

}  // namespace aiprof::gate
