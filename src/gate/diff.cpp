#include "aiprof/gate/diff.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "aiprof/base/text.h"
#include "aiprof/report/format.h"
#include "gate/align.h"

namespace aiprof::gate {
namespace {

using Value = std::optional<double>;

struct CostField {
  Pair Costs::*pair;
  std::string_view metric;
};
constexpr CostField kFields[] = {{&Costs::latency, "latency"},
                                 {&Costs::energy, "energy"},
                                 {&Costs::flops, "flops"},
                                 {&Costs::macs, "macs"},
                                 {&Costs::bytes_read, "bytes_read"},
                                 {&Costs::bytes_written, "bytes_written"},
                                 {&Costs::weight_bytes_read, "weight_bytes_read"}};

// Gaps cost nothing that is known: they add nothing to totals either.
Value cost_of(const Report& report, const NodeRow* node, const Metric& metric) {
  if (metric.needs_machine && !report.hardware) return std::nullopt;
  if (node == nullptr || node->status == NodeStatus::kGap) return 0.0;
  return metric.node(*node);
}

Value added(Value a, Value b) { return a && b ? Value(*a + *b) : std::nullopt; }

void add(Costs& to, const Costs& from) {
  for (const CostField& f : kFields) {
    (to.*f.pair).before = added((to.*f.pair).before, (from.*f.pair).before);
    (to.*f.pair).after = added((to.*f.pair).after, (from.*f.pair).after);
  }
}

std::string shape_text(const TensorRow& tensor) {
  if (!tensor.shape) return "unknown shape";
  if (tensor.shape->empty()) return "scalar";
  std::string text;
  for (const DimText& d : *tensor.shape) {
    if (!text.empty()) text += 'x';
    text += std::visit([](const auto& dim) { return fmt::format("{}", dim); }, d);
  }
  return text;
}

bool moved(const Costs& costs) {
  return std::any_of(std::begin(kFields), std::end(kFields), [&](const CostField& f) {
    const Pair& p = costs.*f.pair;
    return p.before != p.after;
  });
}

class Differ {
 public:
  Differ(const Report& before, const Report& after, std::size_t depth)
      : a_(before), b_(after), depth_(depth) {}

  Diff run() {
    d_.timed = a_.hardware && b_.hardware;
    d_.before = side(a_);
    d_.after = side(b_);
    for (const Metric& m : metrics()) add_total(m);
    const Alignment pairs = align(a_, b_);
    for (std::size_t n = 0; n < b_.nodes.size(); ++n) {
      const std::size_t old_node = pairs.to_old[n];
      add_operator(old_node == kNoMatch ? nullptr : &a_.nodes[old_node], &b_.nodes[n]);
    }
    for (std::size_t n = 0; n < a_.nodes.size(); ++n) {
      if (pairs.to_new[n] == kNoMatch) add_operator(&a_.nodes[n], nullptr);
    }
    add_blocks();
    sort(d_.operators);
    sort(d_.blocks);
    return std::move(d_);
  }

 private:
  static DiffSide side(const Report& r) {
    DiffSide s;
    s.file = r.model.file;
    if (r.hardware) s.hardware = r.hardware->id.empty() ? r.hardware->name : r.hardware->id;
    s.runtime = r.runtime;
    s.nodes = r.coverage.nodes;
    s.gaps = r.coverage.gaps;
    return s;
  }

  void add_total(const Metric& metric) {
    if (metric.name == "latency_share") return;  // always all of it
    const Pair values = {metric.whole(a_), metric.whole(b_)};
    if (values.before || values.after) d_.totals.push_back({&metric, values});
  }

  void add_operator(const NodeRow* before, const NodeRow* after) {
    OperatorChange change;
    const Report& report = after == nullptr ? a_ : b_;
    const NodeRow& shown = after == nullptr ? *before : *after;
    if (before != nullptr) change.old_node = before->index;
    if (after != nullptr) change.new_node = after->index;
    change.label = node_label(report, shown);
    change.op_type = shown.op_type;
    change.block = block_prefix(shown.block, 0);
    for (const CostField& f : kFields) {
      const Metric& metric = *find_metric(f.metric);
      change.costs.*f.pair = {cost_of(a_, before, metric), cost_of(b_, after, metric)};
    }
    change.kind = kind_of(before, after, change.costs);
    if (change.kind == ChangeKind::kChanged) change.what = describe(*before, *after);
    const bool gap = shown.status == NodeStatus::kGap;
    if (gap && change.what.empty() && change.kind != ChangeKind::kUnchanged) {
      change.what = "not modelled";
    }
    count(d_, change.kind);
    d_.operators.push_back(std::move(change));
  }

  template <typename Counts>
  static void count(Counts& counts, ChangeKind kind) {
    switch (kind) {
      case ChangeKind::kAdded:
        ++counts.added;
        break;
      case ChangeKind::kRemoved:
        ++counts.removed;
        break;
      case ChangeKind::kChanged:
        ++counts.changed;
        break;
      case ChangeKind::kAffected:
        ++counts.affected;
        break;
      case ChangeKind::kUnchanged:
        ++counts.unchanged;
        break;
    }
  }

  ChangeKind kind_of(const NodeRow* before, const NodeRow* after, const Costs& costs) const {
    if (before == nullptr) return ChangeKind::kAdded;
    if (after == nullptr) return ChangeKind::kRemoved;
    const bool same = same_signature(a_, *before, b_, *after) && before->status == after->status &&
                      before->trips == after->trips && same_work(costs);
    if (!same) return ChangeKind::kChanged;
    return moved(costs) ? ChangeKind::kAffected : ChangeKind::kUnchanged;
  }

  static bool same_work(const Costs& c) {
    return c.flops.before == c.flops.after && c.macs.before == c.macs.after &&
           c.bytes_read.before == c.bytes_read.after &&
           c.bytes_written.before == c.bytes_written.after;
  }

  // What is different about an operator: its type, else the first operands, outputs first.
  [[nodiscard]] std::string describe(const NodeRow& before, const NodeRow& after) const {
    if (before.op_type != after.op_type || before.domain != after.domain) {
      return fmt::format("{} -> {}", before.op_type, after.op_type);
    }
    std::vector<std::string> parts;
    compare_operands(before.outputs, after.outputs, "output", parts);
    compare_operands(before.inputs, after.inputs, "input", parts);
    if (before.trips != after.trips) parts.emplace_back("other trip count");
    if (before.status != after.status) {
      parts.push_back(
          fmt::format("{} -> {}", aiprof::name(before.status), aiprof::name(after.status)));
    }
    if (parts.empty()) return "same shapes, other work";
    constexpr std::size_t kShown = 2;
    std::string text = parts[0];
    for (std::size_t i = 1; i < std::min(parts.size(), kShown); ++i) text += "; " + parts[i];
    if (parts.size() > kShown) text += fmt::format("; {} more", parts.size() - kShown);
    return text;
  }

  void compare_operands(const std::vector<std::size_t>& x, const std::vector<std::size_t>& y,
                        std::string_view what, std::vector<std::string>& parts) const {
    if (x.size() != y.size()) {
      parts.push_back(fmt::format("{} {}s -> {}", x.size(), what, y.size()));
      return;
    }
    for (std::size_t i = 0; i < x.size(); ++i) {
      const TensorRow& s = a_.tensors[x[i]];
      const TensorRow& t = b_.tensors[y[i]];
      const std::string old_shape = shape_text(s);
      const std::string new_shape = shape_text(t);
      if (old_shape != new_shape) {
        parts.push_back(fmt::format("{} {}: {} -> {}", what, i, old_shape, new_shape));
      } else if (s.dtype != t.dtype) {
        parts.push_back(fmt::format("{} {}: {} -> {}", what, i, s.dtype, t.dtype));
      }
    }
  }

  void add_blocks() {
    std::map<std::string, BlockChange> blocks;
    for (const OperatorChange& change : d_.operators) {
      const NodeRow& node =
          change.new_node ? b_.nodes[*change.new_node] : a_.nodes[*change.old_node];
      std::string key = block_prefix(node.block, depth_);
      if (key.empty()) key = "(top level)";
      const auto [it, fresh] = blocks.try_emplace(key);
      count(it->second, change.kind);
      if (fresh) {
        it->second.costs = change.costs;
      } else {
        add(it->second.costs, change.costs);
      }
    }
    for (auto& [key, block] : blocks) {
      block.block = key;
      d_.blocks.push_back(std::move(block));
    }
  }

  static double size_of(const Pair& p) { return std::abs(p.delta().value_or(0)); }

  template <typename Row>
  void sort(std::vector<Row>& rows) const {
    std::stable_sort(rows.begin(), rows.end(), [&](const Row& x, const Row& y) {
      const double s = d_.timed ? size_of(x.costs.latency) : size_of(x.costs.flops);
      const double t = d_.timed ? size_of(y.costs.latency) : size_of(y.costs.flops);
      if (s != t) return s > t;
      return size_of(x.costs.bytes_read) + size_of(x.costs.bytes_written) >
             size_of(y.costs.bytes_read) + size_of(y.costs.bytes_written);
    });
  }

  const Report& a_;
  const Report& b_;
  std::size_t depth_;
  Diff d_;
};

const TotalChange* find_total(const Diff& diff, std::string_view metric) {
  for (const TotalChange& t : diff.totals) {
    if (t.metric->name == metric) return &t;
  }
  return nullptr;
}

std::string relative(const Pair& p) {
  const std::optional<double> delta = p.delta();
  if (!delta || !p.before || *p.before == 0) return {};
  return fmt::format(" ({}{} %)", *delta < 0 ? "-" : "+",
                     format_percent(std::abs(*delta / *p.before)));
}

}  // namespace

std::string_view name(ChangeKind kind) {
  switch (kind) {
    case ChangeKind::kAdded:
      return "added";
    case ChangeKind::kRemoved:
      return "removed";
    case ChangeKind::kChanged:
      return "changed";
    case ChangeKind::kAffected:
      return "affected";
    case ChangeKind::kUnchanged:
      return "unchanged";
  }
  return "";
}

std::optional<double> Pair::delta() const {
  return before && after ? Value(*after - *before) : std::nullopt;
}

Diff diff(const Report& before, const Report& after, std::size_t block_depth) {
  return Differ(before, after, block_depth).run();
}

std::string headline(const Diff& d) {
  const TotalChange* total = find_total(d, d.timed ? "latency" : "flops");
  if (total == nullptr || !total->values.delta()) return "The totals cannot be compared.";
  const double delta = *total->values.delta();
  if (d.added + d.removed + d.changed + d.affected == 0) return "No operator changed.";
  const Unit unit = total->metric->unit;
  const std::string what = d.timed ? "Latency" : "FLOPs";
  if (delta == 0) return what + " unchanged.";
  std::string text =
      fmt::format("{} {} to {}: {}{}", what, format_value(unit, *total->values.before),
                  format_value(unit, *total->values.after), format_difference(unit, delta),
                  relative(total->values));
  const OperatorChange& first = d.operators.front();
  const Pair& cost = d.timed ? first.costs.latency : first.costs.flops;
  const double part = cost.delta().value_or(0) / delta;
  if (part > 0) {
    text += fmt::format(", {} % of it from {} ({}, {})", format_percent(part), first.label,
                        printable(first.op_type), name(first.kind));
  }
  return text + ".";
}

}  // namespace aiprof::gate
