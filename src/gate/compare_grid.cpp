#include "gate/compare_grid.h"

#include <fmt/format.h>

#include <algorithm>

#include "aiprof/base/text.h"
#include "aiprof/report/format.h"

namespace aiprof::gate {
namespace {

Cell cell(std::optional<double> x) { return x ? Cell(*x) : Cell(); }

constexpr PairColumn kColumns[] = {
    {"latency_seconds", "latency", Style::kSeconds,
     [](const PairRow& r) { return Cell(r.latency_seconds); }},
    {"throughput_per_second", "per s", Style::kRate,
     [](const PairRow& r) { return cell(r.throughput_per_second); }},
    {"tokens_per_second", "tokens/s", Style::kRate,
     [](const PairRow& r) { return cell(r.tokens_per_second); }},
    {"bound", "bound", Style::kText,
     [](const PairRow& r) { return r.bound ? Cell(std::string(name(*r.bound))) : Cell(); }},
    {"mbu", "MBU %", Style::kPercent, [](const PairRow& r) { return cell(r.mbu); }},
    {"mfu", "MFU %", Style::kPercent, [](const PairRow& r) { return cell(r.mfu); }},
    {"energy_joules", "energy", Style::kJoules,
     [](const PairRow& r) { return cell(r.energy_joules); }},
    {"memory_bytes", "memory", Style::kBytes,
     [](const PairRow& r) { return r.memory_bytes ? Cell(*r.memory_bytes) : Cell(); }},
    {"fits", "fits", Style::kText,
     [](const PairRow& r) { return r.fits ? Cell(std::string(*r.fits ? "yes" : "no")) : Cell(); }},
    {"unsupported_kernels", "unsupported", Style::kCount,
     [](const PairRow& r) {
       return r.unsupported > 0 ? Cell(std::uint64_t{r.unsupported}) : Cell();
     }},
    {"gaps", "gaps", Style::kCount,
     [](const PairRow& r) { return r.gaps > 0 ? Cell(std::uint64_t{r.gaps}) : Cell(); }},
};

// Columns that some pair has something in.
std::vector<PairColumn> used_columns(const Portfolio& p) {
  std::vector<PairColumn> columns;
  for (const PairColumn& c : kColumns) {
    const bool used = std::any_of(p.rows.begin(), p.rows.end(), [&](const PairRow& row) {
      return !std::holds_alternative<std::monostate>(c.get(row));
    });
    if (used) columns.push_back(c);
  }
  return columns;
}

std::string stress_text(const Portfolio& p, std::size_t model) {
  constexpr std::size_t kShown = 3;
  std::string text;
  const auto list = stress_of(p, model);
  for (std::size_t i = 0; i < std::min(kShown, list.size()); ++i) {
    text += fmt::format("{}{} % {}", i > 0 ? ", " : "", format_percent(list[i].second),
                        printable(list[i].first));
  }
  return text;
}

std::string names(const std::vector<std::string>& all, const std::vector<std::size_t>& ids) {
  std::string text;
  for (const std::size_t i : ids) text += (text.empty() ? "" : ", ") + printable(all[i]);
  return text;
}

}  // namespace

std::span<const PairColumn> pair_columns() { return kColumns; }

std::string portfolio_title(const Portfolio& p) {
  return fmt::format("{} model{} on {} machine{}", p.models.size(), p.models.size() == 1 ? "" : "s",
                     p.machines.size(), p.machines.size() == 1 ? "" : "s");
}

Grid pair_grid(const Portfolio& p) {
  const std::vector<PairColumn> columns = used_columns(p);
  Grid grid;
  grid.headers = {"model", "hardware"};
  grid.styles = {Style::kText, Style::kText};
  for (const PairColumn& c : columns) {
    grid.headers.emplace_back(c.header);
    grid.styles.push_back(c.style);
  }
  for (const PairRow& row : p.rows) {
    std::vector<std::string>& cells = grid.rows.emplace_back();
    cells = {printable(p.models[row.model]), printable(p.machines[row.machine])};
    for (const PairColumn& c : columns) cells.push_back(format_cell(c.get(row), c.style));
  }
  return grid;
}

Grid stress_grid(const Portfolio& p) {
  Grid grid;
  grid.headers = {"model", "where its time goes"};
  grid.styles = {Style::kText, Style::kText};
  for (std::size_t i = 0; i < p.models.size(); ++i) {
    grid.rows.push_back({printable(p.models[i]), stress_text(p, i)});
  }
  return grid;
}

std::string alike_title(const Portfolio& p) {
  return fmt::format("{} of {} models can stand for all (similarity from {})", p.clusters.size(),
                     p.models.size(), format_ratio(p.threshold));
}

std::vector<std::string> cluster_lines(const Portfolio& p) {
  std::vector<std::string> lines;
  for (const Cluster& c : p.clusters) {
    if (c.models.size() == 1) {
      lines.push_back(fmt::format("{} stands alone", printable(p.models[c.proxy])));
      continue;
    }
    std::vector<std::size_t> others;
    for (const std::size_t i : c.models) {
      if (i != c.proxy) others.push_back(i);
    }
    lines.push_back(fmt::format("{} can stand for {} (similarity at least {:.2f})",
                                printable(p.models[c.proxy]), names(p.models, others), c.weakest));
  }
  return lines;
}

std::vector<std::string> strength_lines(const Portfolio& p) {
  std::vector<std::string> lines;
  for (const Strength& s : p.strengths) {
    std::string text;
    const auto add = [&](std::string_view what, const std::string& which) {
      if (!which.empty()) text += fmt::format("{}{} {}", text.empty() ? "" : "; ", what, which);
    };
    add("fastest on", names(p.models, s.fastest));
    add("least energy on", names(p.models, s.most_efficient));
    if (s.best_at) {
      add("suits best", fmt::format("{} ({} x its usual standing)", printable(p.models[*s.best_at]),
                                    format_ratio(s.advantage)));
    }
    if (text.empty()) text = "leads on none";
    lines.push_back(fmt::format("{}: {}", printable(p.machines[s.machine]), text));
  }
  return lines;
}

}  // namespace aiprof::gate
