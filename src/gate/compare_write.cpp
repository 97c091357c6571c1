// A portfolio as a table, as JSON, as CSV and as Markdown.
#include <fmt/format.h>

#include "aiprof/report/escape.h"
#include "aiprof/report/format.h"
#include "aiprof/report/layout.h"
#include "gate/compare_grid.h"
#include "gate/compare_page.h"
#include "gate/json_text.h"

namespace aiprof::gate {
namespace {

std::string write_table(const Portfolio& p, const WriteOptions& options) {
  constexpr std::string_view kLeastWanted[] = {"MFU %", "memory", "per s", "energy"};
  const Pen pen(options.colour);
  Grid pairs = pair_grid(p);
  (void)drop_columns(pairs, kLeastWanted, options.width);
  std::string out =
      pen(Ink::kBold, portfolio_title(p)) + "\n\n" + lay_out(pairs, options.width, 0, pen);
  const auto list = [&](const std::string& title, const std::vector<std::string>& lines) {
    out += "\n" + pen(Ink::kBold, title) + "\n";
    for (const std::string& line : lines) out += wrap("- " + line, options.width, 2) + "\n";
  };
  std::vector<std::string> stress;
  for (const auto& row : stress_grid(p).rows) stress.push_back(row[0] + ": " + row[1]);
  list("Where the time goes, over all machines", stress);
  if (p.models.size() > 1) list(alike_title(p), cluster_lines(p));
  if (p.machines.size() > 1) list("What each machine is best at", strength_lines(p));
  return out;
}

std::string write_markdown(const Portfolio& p, const WriteOptions&) {
  std::string out = "## " + portfolio_title(p) + "\n\n" + markdown_table(pair_grid(p));
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
  for (const PairColumn& c : pair_columns()) out += "," + std::string(c.key);
  out += "\n";
  for (const PairRow& row : p.rows) {
    out += csv_text(p.models[row.model]) + "," + csv_text(p.machines[row.machine]);
    for (const PairColumn& c : pair_columns()) out += "," + raw_cell(c.get(row));
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
    {"table", write_table},       {"json", write_json},           {"csv", write_csv},
    {"markdown", write_markdown}, {"html", write_portfolio_html}, {"svg", write_portfolio_svg}};

}  // namespace

std::span<const PortfolioFormat> portfolio_formats() { return kFormats; }

}  // namespace aiprof::gate
