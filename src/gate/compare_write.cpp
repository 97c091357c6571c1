// A portfolio as a table, as JSON, as CSV and as Markdown.
#include <fmt/format.h>

#include <algorithm>

#include "aiprof/base/text.h"
#include "aiprof/gate/compare.h"
#include "gate/json_text.h"
#include "gate/markdown_table.h"
#include "report/csv.h"
#include "report/format.h"
#include "report/layout.h"

namespace aiprof::gate {
namespace {

struct PairColumn {
  std::string_view key;     // in JSON and CSV
  std::string_view header;  // in tables
  Style style;
  Cell (*get)(const PairRow& row);
};

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

Grid stress_grid(const Portfolio& p) {
  Grid grid;
  grid.headers = {"model", "where its time goes"};
  grid.styles = {Style::kText, Style::kText};
  for (std::size_t i = 0; i < p.models.size(); ++i) {
    grid.rows.push_back({printable(p.models[i]), stress_text(p, i)});
  }
  return grid;
}

std::string names(const std::vector<std::string>& all, const std::vector<std::size_t>& ids) {
  std::string text;
  for (const std::size_t i : ids) text += (text.empty() ? "" : ", ") + printable(all[i]);
  return text;
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

std::string alike_title(const Portfolio& p) {
  return fmt::format("{} of {} models can stand for all (similarity from {})", p.clusters.size(),
                     p.models.size(), format_ratio(p.threshold));
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

std::string write_table(const Portfolio& p, const WriteOptions& options) {
  const Pen pen(options.colour);
  std::string out =
      pen(Ink::kBold, fmt::format("{} models on {} machines", p.models.size(), p.machines.size())) +
      "\n\n" + lay_out(pair_grid(p), options.width, 0, pen);
  out += "\n" + pen(Ink::kBold, "Where the time goes, over all machines") + "\n" +
         lay_out(stress_grid(p), options.width, 0, pen);
  const auto list = [&](const std::string& title, const std::vector<std::string>& lines) {
    out += "\n" + pen(Ink::kBold, title) + "\n";
    for (const std::string& line : lines) out += wrap("- " + line, options.width, 2) + "\n";
  };
  if (p.models.size() > 1) list(alike_title(p), cluster_lines(p));
  if (p.machines.size() > 1) list("What each machine is best at", strength_lines(p));
  return out;
}

std::string write_markdown(const Portfolio& p, const WriteOptions&) {
  std::string out = fmt::format("## {} models on {} machines\n\n{}", p.models.size(),
                                p.machines.size(), markdown_table(pair_grid(p)));
  out += "\n### Where the time goes, over all machines\n\n" + markdown_table(stress_grid(p));
  const auto list = [&](const std::string& title, const std::vector<std::string>& lines) {
    out += "\n### " + title + "\n\n";
    for (const std::string& line : lines) out += "- " + markdown_text(line) + "\n";
  };
  if (p.models.size() > 1) list(alike_title(p), cluster_lines(p));
  if (p.machines.size() > 1) list("What each machine is best at", strength_lines(p));
  return out;
}

std::string write_csv(const Portfolio& p, const WriteOptions&) {
  std::string out = "model,hardware";
  for (const PairColumn& c : kColumns) out += "," + std::string(c.key);
  out += "\n";
  for (const PairRow& row : p.rows) {
    out += csv_text(p.models[row.model]) + "," + csv_text(p.machines[row.machine]);
    for (const PairColumn& c : kColumns) out += "," + raw_cell(c.get(row));
    out += "\n";
  }
  return out;
}

Json row_json(const Portfolio& p, const PairRow& row) {
  Json o = Json::object();
  o["model"] = p.models[row.model];
  o["hardware"] = p.machines[row.machine];
  put_number(o, "latency_seconds", row.latency_seconds);
  put_number(o, "latency_low_seconds", row.latency_low_seconds);
  put_number(o, "latency_high_seconds", row.latency_high_seconds);
  put_number(o, "throughput_per_second", row.throughput_per_second);
  put_number(o, "tokens_per_second", row.tokens_per_second);
  if (row.bound) o["bound"] = std::string(name(*row.bound));
  put_number(o, "mbu", row.mbu);
  put_number(o, "mfu", row.mfu);
  put_number(o, "arithmetic_intensity", row.arithmetic_intensity);
  put_number(o, "energy_joules", row.energy_joules);
  if (row.memory_bytes) o["memory_bytes"] = *row.memory_bytes;
  if (row.fits) o["fits"] = *row.fits;
  o["unsupported_kernels"] = row.unsupported;
  o["nodes"] = row.nodes;
  o["gaps"] = row.gaps;
  o["stress_seconds"] = Json::object();
  for (const auto& [kind, seconds] : row.stress)
    put_number(o["stress_seconds"], kind.c_str(), seconds);
  return o;
}

Json names_json(const std::vector<std::string>& all, const std::vector<std::size_t>& ids) {
  Json list = Json::array();
  for (const std::size_t i : ids) list.push_back(all[i]);
  return list;
}

std::string write_json(const Portfolio& p, const WriteOptions&) {
  Json o = Json::object();
  o["schema_version"] = "1";
  o["aiprof_version"] = std::string(program_version());
  o["models"] = p.models;
  o["hardware"] = p.machines;
  o["rows"] = Json::array();
  for (const PairRow& row : p.rows) o["rows"].push_back(row_json(p, row));
  o["similarity"] = p.similarity;
  o["threshold"] = p.threshold;
  o["clusters"] = Json::array();
  for (const Cluster& c : p.clusters) {
    o["clusters"].push_back({{"proxy", p.models[c.proxy]},
                             {"models", names_json(p.models, c.models)},
                             {"weakest_similarity", c.weakest}});
  }
  o["strengths"] = Json::array();
  for (const Strength& s : p.strengths) {
    Json item = {{"hardware", p.machines[s.machine]},
                 {"fastest_on", names_json(p.models, s.fastest)},
                 {"least_energy_on", names_json(p.models, s.most_efficient)}};
    if (s.best_at) {
      item["suits_best"] = p.models[*s.best_at];
      item["advantage"] = s.advantage;
    }
    o["strengths"].push_back(std::move(item));
  }
  return dump(o);
}

constexpr PortfolioFormat kFormats[] = {
    {"table", write_table}, {"json", write_json}, {"csv", write_csv}, {"markdown", write_markdown}};

}  // namespace

std::span<const PortfolioFormat> portfolio_formats() { return kFormats; }

}  // namespace aiprof::gate
