#include "gate/compare_page.h"

#include <fmt/format.h>

#include <array>

#include "aiprof/base/text.h"
#include "aiprof/report/escape.h"
#include "aiprof/report/format.h"
#include "aiprof/report/page.h"
#include "gate/compare_grid.h"

namespace aiprof::gate {
namespace {

// What limits kernels, in the order of the bars, and its fill in pictures.
struct Limiter {
  std::string_view key;
  std::string_view label;
  std::string_view fill;
};
constexpr std::array<Limiter, 3> kLimiters = {{{"memory", "memory-bound", "f0"},
                                               {"compute", "compute-bound", "f1"},
                                               {"overhead", "overhead-bound", "f5"}}};

// The parts of a pair's time, 0 to 1, by limiter.
std::array<double, kLimiters.size()> shares(const PairRow& row) {
  std::array<double, kLimiters.size()> out = {};
  double all = 0;
  for (const auto& [kind, seconds] : row.stress) {
    for (std::size_t i = 0; i < kLimiters.size(); ++i) {
      if (kind.ends_with(kLimiters[i].key)) out[i] += seconds;
    }
    all += seconds;
  }
  for (double& part : out) part = all > 0 ? part / all : 0;
  return out;
}

// "1.79 ms, 49.2 % compute-bound, 50.8 % overhead-bound"
std::string said(const PairRow& row) {
  std::string text = format_seconds(row.latency_seconds);
  const auto parts = shares(row);
  for (std::size_t i = 0; i < kLimiters.size(); ++i) {
    if (parts[i] > 0)
      text += fmt::format(", {} % {}", format_percent(parts[i]), kLimiters[i].label);
  }
  return text;
}

std::string section(std::string_view heading, const std::string& body) {
  return "<section>\n" + html_element("h2", "", heading) + "\n" + body + "</section>\n";
}

std::string list(const std::vector<std::string>& lines) {
  std::string out = "<ul>\n";
  for (const std::string& line : lines) out += html_element("li", "", line) + "\n";
  return out + "</ul>\n";
}

std::string bars(const Portfolio& p) {
  std::string out = "<div class=\"race\">\n";
  for (const PairRow& row : p.rows) {
    const auto share = shares(row);
    std::vector<BarPart> parts;
    for (std::size_t i = 0; i < kLimiters.size(); ++i) {
      parts.push_back({kLimiters[i].key, share[i]});
    }
    out += html_bar(p.models[row.model] + " on " + p.machines[row.machine], parts,
                    format_seconds(row.latency_seconds));
  }
  out += "<p class=\"keys bar\">";
  for (const Limiter& l : kLimiters) {
    out += fmt::format("<span><i class=\"key\" style=\"background:var(--{})\"></i>{}</span>", l.key,
                       l.label);
  }
  return out + "</p></div>\n";
}

Grid similarity_grid(const Portfolio& p) {
  Grid grid;
  grid.headers = {"model"};
  grid.styles = {Style::kText};
  for (const std::string& model : p.models) {
    grid.headers.push_back(model);
    grid.styles.push_back(Style::kRatio);
  }
  for (std::size_t i = 0; i < p.models.size(); ++i) {
    std::vector<std::string>& cells = grid.rows.emplace_back();
    cells.push_back(p.models[i]);
    for (const double x : p.similarity[i]) cells.push_back(fmt::format("{:.2f}", x));
  }
  return grid;
}

// The measures of the picture, in its user units.
constexpr double kWidth = 960;
constexpr double kTop = 74;
constexpr double kRow = 26;
constexpr double kBarLeft = 372;
constexpr double kBarRight = 850;

std::string svg_legend() {
  std::string out;
  double x = 24;
  for (const Limiter& l : kLimiters) {
    out += fmt::format(
        "<rect class=\"{}\" x=\"{}\" y=\"44\" width=\"12\" height=\"12\"/>"
        "<text x=\"{}\" y=\"54\">{}</text>\n",
        l.fill, x, x + 18, l.label);
    x += 140;
  }
  return out;
}

std::string svg_row(const Portfolio& p, const PairRow& row, double y) {
  constexpr std::size_t kLetters = 50;
  const std::string label = printable(p.models[row.model] + " on " + p.machines[row.machine]);
  std::string out =
      fmt::format("<g><title>{}</title><text x=\"{}\" y=\"{:.0f}\" text-anchor=\"end\">{}</text>",
                  markup_text(label + ": " + said(row)), kBarLeft - 12, y + 13,
                  markup_text(shorten(label, kLetters)));
  double from = kBarLeft;
  const auto share = shares(row);
  for (std::size_t i = 0; i < kLimiters.size(); ++i) {
    if (!(share[i] > 0)) continue;
    const double width = (kBarRight - kBarLeft) * share[i];
    out +=
        fmt::format("<rect class=\"{}\" x=\"{:.1f}\" y=\"{:.0f}\" width=\"{:.1f}\" height=\"18\"/>",
                    kLimiters[i].fill, from, y, width);
    from += width;
  }
  return out + fmt::format("<text x=\"{}\" y=\"{:.0f}\">{}</text></g>\n", kBarRight + 10, y + 13,
                           format_seconds(row.latency_seconds));
}

}  // namespace

std::string write_portfolio_html(const Portfolio& p, const WriteOptions&) {
  std::string body = section("Side by side", bars(p) + html_table(pair_grid(p), "Every pair"));
  body += section("Where the time goes, over all machines",
                  html_table(stress_grid(p), "Kinds of work that take the most time"));
  if (p.models.size() > 1) {
    body += section("Which models are alike",
                    html_element("p", "class=\"lead\"", alike_title(p)) + list(cluster_lines(p)) +
                        html_table(similarity_grid(p),
                                   "Cosine of how the time of two models is spent: 1 is alike"));
  }
  if (p.machines.size() > 1) {
    body += section("What each machine is best at", list(strength_lines(p)));
  }
  return html_page(portfolio_title(p), body);
}

std::string write_portfolio_svg(const Portfolio& p, const WriteOptions&) {
  const double height = kTop + kRow * static_cast<double>(p.rows.size()) + 24;
  std::string out = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0:.0f} {1:.0f}\" width=\"{0:.0f}\" "
      "height=\"{1:.0f}\" role=\"img\">\n<title>{2}</title>\n{3}"
      "<rect class=\"page\" width=\"100%\" height=\"100%\"/>\n"
      "<text class=\"title\" x=\"24\" y=\"30\">{2}: what their time is limited by</text>\n",
      kWidth, height, portfolio_title(p), svg_style());
  out += svg_legend();
  for (std::size_t i = 0; i < p.rows.size(); ++i) {
    out += svg_row(p, p.rows[i], kTop + kRow * static_cast<double>(i));
  }
  return out + "</svg>\n";
}

}  // namespace aiprof::gate
