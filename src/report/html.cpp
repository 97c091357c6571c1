#include "report/html.h"

#include <fmt/format.h>

#include <map>

#include "aiprof/base/text.h"
#include "aiprof/report/escape.h"
#include "aiprof/report/page.h"
#include "report/assets.h"
#include "report/chart.h"
#include "report/html_data.h"
#include "report/html_sections.h"
#include "report/verdict.h"

namespace aiprof {
namespace {

using Parts = std::map<std::string_view, std::string>;

// Replaces every "{{name}}" of the page. What is put in is not looked at again.
std::string fill(std::string_view page, const Parts& parts) {
  std::string out;
  while (true) {
    const std::size_t begin = page.find("{{");
    const std::size_t end = page.find("}}", begin);
    if (begin == std::string_view::npos || end == std::string_view::npos) break;
    out += page.substr(0, begin);
    const auto part = parts.find(page.substr(begin + 2, end - begin - 2));
    if (part != parts.end()) out += part->second;
    page.remove_prefix(end + 2);
  }
  return out += page;
}

std::string colours() {
  std::string light, dark;
  for (std::size_t f = 0; f < families().size(); ++f) {
    light += fmt::format("--f{}:{};", f, families()[f].light);
    dark += fmt::format("--f{}:{};", f, families()[f].dark);
  }
  return fmt::format(":root{{{}}}\n@media screen and (prefers-color-scheme:dark){{:root{{{}}}}}\n",
                     light, dark);
}

// One block for each report, of which the script shows the chosen one.
template <typename Make>
std::string for_each(std::span<const Report> reports, const Make& make) {
  std::string out;
  for (std::size_t i = 0; i < reports.size(); ++i) {
    out += fmt::format("<div data-report=\"{}\"{}>\n{}</div>\n", i, i == 0 ? "" : " hidden",
                       make(reports[i]));
  }
  return out;
}

// The method of a model stands once for all machines that it runs on.
std::string model_sections(std::span<const Report> reports) {
  std::map<std::string, std::vector<std::size_t>> users;
  std::vector<std::size_t> firsts;
  for (std::size_t i = 0; i < reports.size(); ++i) {
    std::vector<std::size_t>& of_model = users[reports[i].model.file];
    if (of_model.empty()) firsts.push_back(i);
    of_model.push_back(i);
  }
  std::string out;
  for (const std::size_t i : firsts) {
    std::string ids;
    for (const std::size_t user : users[reports[i].model.file]) ids += fmt::format(" {}", user);
    out += fmt::format("<div data-reports=\"{} \"{}>\n{}</div>\n", ids, i == 0 ? "" : " hidden",
                       html_model(reports[i]));
  }
  return out;
}

std::string chooser(std::span<const Report> reports) {
  if (reports.size() < 2) return {};
  std::string out = "<label class=\"chooser\">Show <select id=\"report\">";
  for (std::size_t i = 0; i < reports.size(); ++i) {
    out +=
        fmt::format("<option value=\"{}\">{}</option>", i, markup_text(verdict(reports[i]).title));
  }
  return out + "</select></label>\n";
}

std::string comparison(std::span<const Report> reports) {
  if (reports.size() < 2) return {};
  return "<section id=\"compare\" aria-labelledby=\"compare-title\">\n"
         "<h2 id=\"compare-title\">Side by side</h2>\n"
         "<div id=\"compare-chart\" class=\"chart\"></div>\n" +
         html_comparison(reports) + "</section>\n";
}

// What every page has. `scripts` is the part of its security policy that lets scripts run.
Parts common_parts(std::string_view title, std::string_view scripts) {
  Parts parts;
  parts["title"] = markup_text(title);
  parts["version"] = markup_text(program_version());
  Parts head = parts;
  head["scripts"] = scripts;
  head["colours"] = colours();
  head["css"] = html::asset("report.css");
  parts["head"] = fill(html::asset("head.html"), head);
  return parts;
}

}  // namespace

std::string html_page(std::string_view title, const std::string& body) {
  Parts parts = common_parts(title, "");
  parts["body"] = body;
  return fill(html::asset("page.html"), parts);
}

std::string write_html(std::span<const Report> reports, const WriteOptions& /*options*/) {
  const Verdict first = verdict(reports.front());
  const bool several = reports.size() > 1;
  Parts parts = common_parts(
      several ? printable(reports.front().model.file) + fmt::format(": {} reports", reports.size())
              : first.title,
      "script-src 'unsafe-inline'; ");
  parts["d3_license"] = html::asset("d3.license.txt");
  parts["d3"] = html::asset("d3.min.js");
  parts["format_js"] = html::asset("format.js");
  parts["charts_js"] = html::asset("charts.js");
  parts["table_js"] = html::asset("table.js");
  parts["report_js"] = html::asset("report.js");
  parts["data"] = html_data(reports);
  parts["chooser"] = chooser(reports);
  parts["compare"] = comparison(reports);
  parts["compare_link"] = several ? "<a href=\"#compare\">Side by side</a>" : "";
  parts["verdicts"] = for_each(reports, html_verdict);
  parts["model"] = model_sections(reports);
  parts["machines"] = for_each(reports, html_machine);
  return fill(html::asset("report.html"), parts);
}

}  // namespace aiprof
