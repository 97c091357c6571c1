#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "aiprof/base/text.h"
#include "aiprof/report/describe.h"
#include "aiprof/report/format.h"
#include "aiprof/report/layout.h"

namespace aiprof {
namespace {

// What is known of all nodes of one operator type.
struct Inventory {
  std::size_t nodes = 0, gaps = 0, unsupported = 0;
  std::string op_class;
  WorkRow work;
  std::set<std::string> dtypes;   // of first inputs
  std::set<std::string> reasons;  // of gaps, and of what the machine lacks
};

std::map<std::string, Inventory> take_inventory(const Report& report) {
  std::map<std::string, Inventory> types;
  for (const NodeRow& row : report.nodes) {
    Inventory& i = types[row.domain.empty() ? row.op_type : row.domain + "." + row.op_type];
    ++i.nodes;
    i.op_class = row.op_class;
    if (row.work) i.work += *row.work;
    if (!row.inputs.empty()) i.dtypes.insert(report.tensors[row.inputs.front()].dtype);
    if (row.status == NodeStatus::kGap) {
      ++i.gaps;
      i.reasons.insert(row.reason);
    }
    const KernelRow* kernel = row.kernel ? &report.kernels[*row.kernel] : nullptr;
    if (kernel != nullptr && !kernel->unsupported.empty()) {
      ++i.unsupported;
      i.reasons.insert(kernel->unsupported);
    }
  }
  return types;
}

std::string share(Count part, Count whole) {
  if (!part.known() || !whole.known() || whole.value() == 0) return {};
  return format_percent(part.as_double() / whole.as_double());
}

std::string support(const Report& report, const Inventory& i) {
  if (i.gaps == i.nodes) return "unknown";
  if (!report.hardware) return "-";
  if (i.unsupported == 0) return "yes";
  return i.unsupported == i.nodes ? "no" : fmt::format("not {} of {}", i.unsupported, i.nodes);
}

Grid inventory_grid(const Report& report, const std::map<std::string, Inventory>& types) {
  std::vector<std::pair<std::string, const Inventory*>> sorted;
  for (const auto& [type, inventory] : types) sorted.emplace_back(type, &inventory);
  std::stable_sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) {
    return a.second->work.flops.value_or(UINT64_MAX) > b.second->work.flops.value_or(UINT64_MAX);
  });
  Grid grid;
  grid.headers = {"operator", "nodes", "% FLOPs", "% bytes", "modelled", "supported", "dtypes"};
  grid.styles = {Style::kText, Style::kCount, Style::kRatio, Style::kRatio,
                 Style::kText, Style::kText,  Style::kText};
  const WorkRow& all = report.totals.work;
  for (const auto& [type, i] : sorted) {
    const std::vector<std::string> dtypes(i->dtypes.begin(), i->dtypes.end());
    grid.rows.push_back(
        {printable(type), std::to_string(i->nodes), share(i->work.flops, all.flops),
         share(i->work.bytes_read + i->work.bytes_written, all.bytes_read + all.bytes_written),
         i->gaps == 0          ? "yes"
         : i->gaps == i->nodes ? "no"
                               : fmt::format("not {}", i->gaps),
         support(report, *i), join(dtypes, " ")});
  }
  return grid;
}

std::string list_reasons(const std::map<std::string, Inventory>& types, std::size_t width) {
  std::string out;
  for (const auto& [type, i] : types) {
    for (const std::string& reason : i.reasons) {
      out += wrap(fmt::format("- {} x{}: {}", printable(type), i.gaps + i.unsupported,
                              printable(reason)),
                  width, 2) +
             "\n";
    }
  }
  return out;
}

}  // namespace

std::string write_model_operators(const Report& report, const WriteOptions& options) {
  const Pen pen(options.colour);
  const std::map<std::string, Inventory> types = take_inventory(report);
  std::size_t unknown = 0;
  std::size_t unsupported = 0;
  for (const auto& [type, i] : types) {
    unknown += i.gaps > 0 ? 1 : 0;
    unsupported += i.unsupported > 0 ? 1 : 0;
  }
  const auto some = [](std::size_t n) {
    return n == 0 ? std::string("all") : fmt::format("{} not", n);
  };
  std::string title =
      fmt::format("{}: {} operator types in {} nodes; {} modelled", printable(report.model.file),
                  types.size(), report.nodes.size(), some(unknown));
  if (report.hardware) {
    title +=
        fmt::format(", {} supported by {}", some(unsupported), printable(report.hardware->name));
  }
  std::string out = pen(Ink::kBold, wrap(title, options.width, 2)) + "\n\n";
  out += lay_out(inventory_grid(report, types), options.width, 0, pen);
  const std::string why = list_reasons(types, options.width);
  return why.empty() ? out : out + "\n" + pen(Ink::kBold, "Why") + "\n" + why;
}

std::string write_known_operators(const WriteOptions& options) {
  const Pen pen(options.colour);
  Grid grid;
  grid.headers = {"operator", "since", "class", "counted"};
  grid.styles = {Style::kText, Style::kCount, Style::kText, Style::kText};
  std::set<std::string> types;
  for (const OpSpec& spec : all_ops()) {
    const std::string domain(spec.domain);
    const std::string type(spec.type);
    const std::string full = domain.empty() ? type : domain + "." + type;
    types.insert(full);
    grid.rows.push_back({full, std::to_string(spec.since), std::string(name(spec.op_class)),
                         std::string(spec.formula)});
  }
  return pen(Ink::kBold,
             fmt::format("{} operators in {} versions", types.size(), grid.rows.size())) +
         "\n\n" + lay_out(grid, SIZE_MAX, 0, pen);
}

}  // namespace aiprof
