#include "report/html_sections.h"

#include <fmt/format.h>

#include <algorithm>

#include "aiprof/base/text.h"
#include "aiprof/report/escape.h"
#include "aiprof/report/format.h"
#include "aiprof/report/page.h"
#include "report/grid.h"
#include "report/quantity.h"
#include "report/rows.h"
#include "report/verdict.h"

namespace aiprof {
namespace {

std::string_view tone_class(Tone tone) {
  switch (tone) {
    case Tone::kGood:
      return "class=\"good\"";
    case Tone::kWarning:
      return "class=\"warning\"";
    case Tone::kBad:
      return "class=\"bad\"";
    case Tone::kPlain:
      break;
  }
  return "";
}

std::string list(const std::vector<std::string>& items, std::string_view title) {
  if (items.empty()) return {};
  std::string out = html_element("h3", "", title) + "<ul>";
  for (const std::string& item : items) out += html_element("li", "", item) + "\n";
  return out + "</ul>\n";
}

// One number to look at, with what stands behind it.
std::string tile(std::string_view label, std::string_view value, std::string_view detail) {
  return fmt::format("<div class=\"tile\"><dt>{}</dt><dd><b>{}</b><span>{}</span></dd></div>\n",
                     markup_text(label), markup_text(value), markup_text(detail));
}

std::string time_tiles(const Report& r) {
  const ReportTotals& t = r.totals;
  if (!t.seconds) return {};
  std::string interval;
  if (t.latency_low_seconds && t.latency_high_seconds) {
    interval = fmt::format("80 % interval {} to {}", format_seconds(*t.latency_low_seconds),
                           format_seconds(*t.latency_high_seconds));
  }
  std::string out = tile("Latency", format_seconds(t.seconds->latency), interval);
  if (t.measured_latency_seconds) {
    out += tile(
        "Measured", format_seconds(*t.measured_latency_seconds),
        t.seconds->latency > 0
            ? format_ratio(*t.measured_latency_seconds / t.seconds->latency) + " x the estimate"
            : "");
  }
  if (t.throughput_per_second) {
    const bool tokens = t.tokens_per_second && r.tokens && *r.tokens != r.batch;
    out += tile("Throughput", format_rate(*t.throughput_per_second) + "/s",
                tokens ? fmt::format("{} tokens/s", format_rate(*t.tokens_per_second))
                       : fmt::format("batch {}", r.batch));
  }
  if (t.mfu || t.mbu) {
    out += tile("Utilisation", t.mfu ? "MFU " + format_percent(*t.mfu) + " %" : "no FLOPs",
                t.mbu ? "MBU " + format_percent(*t.mbu) + " %" : "");
  }
  if (t.seconds->joules > 0) {
    out += tile("Energy", format_joules(t.seconds->joules),
                t.average_watts ? format_si(*t.average_watts, "W") + " on average" : "");
  }
  return out;
}

std::string memory_tile(const Report& r) {
  const ReportTotals& t = r.totals;
  if (!t.memory_bytes) return tile("Memory", "unknown", "some tensor's size is unknown");
  std::string detail = "weights and activations at the peak";
  if (t.fits && r.hardware) {
    detail = fmt::format("{} in {}", *t.fits ? "fits" : "does not fit",
                         format_capacity(r.hardware->memory_bytes));
  }
  return tile("Memory", format_bytes(*t.memory_bytes), detail);
}

std::string work_tile(const Report& r) {
  const WorkRow& w = r.totals.work;
  if (!w.flops.known()) return tile("Work", "unknown", "more than 64 bits can count");
  std::string detail;
  if (w.macs.known()) detail = format_si(w.macs.as_double(), "MAC");
  if (r.totals.parameters) {
    detail += fmt::format("{}{} parameters", detail.empty() ? "" : ", ",
                          format_si(static_cast<double>(*r.totals.parameters), ""));
  }
  return tile("Work", format_si(w.flops.as_double(), "FLOP"), detail);
}

std::string coverage_tile(const Coverage& c) {
  const std::size_t costed = c.nodes - c.gaps;
  const double share =
      static_cast<double>(costed) / static_cast<double>(std::max<std::size_t>(c.nodes, 1));
  return tile("Modelled", c.gaps == 0 ? "all" : format_percent(share) + " %",
              fmt::format("{} of {} operators: {} exact, {} assumed, {} folded", costed, c.nodes,
                          c.exact, c.assumed, c.folded));
}

Grid reasons_grid(const Report& report, NodeStatus status) {
  Grid grid;
  grid.headers = {"type", "operators", "reason", "first"};
  grid.styles = {Style::kText, Style::kCount, Style::kText, Style::kText};
  for (const Reason& r : reasons(report, status)) {
    grid.rows.push_back({r.op_types, std::to_string(r.nodes), r.reason, r.example});
  }
  return grid;
}

Grid formulas_grid(const Report& report) {
  Grid grid;
  grid.headers = {"type", "since opset", "class", "operators", "what is counted"};
  grid.styles = {Style::kText, Style::kCount, Style::kText, Style::kCount, Style::kText};
  for (const FormulaRow& f : report.appendix.formulas) {
    grid.rows.push_back({f.domain.empty() ? f.op_type : f.domain + "." + f.op_type,
                         std::to_string(f.since), f.op_class, std::to_string(f.nodes), f.formula});
  }
  return grid;
}

Grid tensors_grid(const Report& report) {
  Grid grid;
  grid.headers = {"name", "", "dtype", "shape"};
  grid.styles = {Style::kText, Style::kText, Style::kText, Style::kText};
  const auto add = [&](const std::vector<std::size_t>& tensors, std::string_view what) {
    for (const std::size_t t : tensors) {
      const TensorRow& row = report.tensors[t];
      grid.rows.push_back(
          {row.name, std::string(what), row.dtype.empty() ? "?" : row.dtype, shape_text(row)});
    }
  };
  add(report.model.inputs, "input");
  add(report.model.outputs, "output");
  return grid;
}

// Folded away where there is much of it.
std::string details(std::string_view summary, const std::string& body) {
  return fmt::format("<details><summary>{}</summary>\n{}</details>\n", markup_text(summary), body);
}

std::string model_facts(const Report& r) {
  std::vector<std::string> facts;
  facts.push_back(fmt::format("ONNX IR version {}", r.model.ir_version));
  for (const OpsetImport& o : r.model.opsets) {
    facts.push_back(fmt::format("opset {}{}{}", o.domain, o.domain.empty() ? "" : " ", o.version));
  }
  for (const auto& [dim, n] : r.model.dims) facts.push_back(fmt::format("{} = {}", dim, n));
  return html_element("p", "", join(facts, ", "));
}

Grid quantities_grid(const MachineAppendix& a) {
  Grid grid;
  grid.headers = {"field", "value", "status", "source"};
  grid.styles = {Style::kText, Style::kRatio, Style::kText, Style::kText};
  for (const QuantityRow& q : a.quantities) {
    grid.rows.push_back({q.path, format_quantity(q.path, q.value), q.status, q.source});
  }
  return grid;
}

// Addresses are text to copy, not links: the report stays as it is without a network.
Grid sources_grid(const MachineAppendix& a) {
  Grid grid;
  grid.headers = {"source", "title", "date", "address"};
  grid.styles = {Style::kText, Style::kText, Style::kText, Style::kText};
  for (const Source& s : a.sources) grid.rows.push_back({s.key, s.title, s.date, s.url});
  return grid;
}

Grid unmatched_grid(const std::vector<UnmatchedRow>& events) {
  Grid grid;
  grid.headers = {"event", "type", "time", "reason"};
  grid.styles = {Style::kText, Style::kText, Style::kSeconds, Style::kText};
  for (const UnmatchedRow& u : events) {
    grid.rows.push_back({u.name, u.op_type, format_seconds(u.seconds), u.reason});
  }
  return grid;
}

std::string runtime_text(const RuntimeRow& runtime) {
  std::string out = html_element("h3", "", "Runtime profile " + runtime.name) +
                    html_element("p", "", runtime.description);
  out += html_element(
      "p", "",
      fmt::format("Launch mode {}; float32 products are computed in {}; {}.", runtime.launch,
                  runtime.float32_math,
                  runtime.fusions.empty() ? std::string("nothing is fused")
                                          : "fused by the rules " + join(runtime.fusions, ", ")));
  return out;
}

}  // namespace

std::string html_element(std::string_view tag, std::string_view attributes, std::string_view text) {
  return fmt::format("<{}{}{}>{}</{}>", tag, attributes.empty() ? "" : " ", attributes,
                     markup_text(text), tag);
}

std::string html_bar(std::string_view label, const std::vector<BarPart>& parts,
                     std::string_view value) {
  std::string out = html_element("span", "", label) + "<span class=\"track\" aria-hidden=\"true\">";
  for (const BarPart& part : parts) {
    if (!(part.share > 0)) continue;
    out += fmt::format("<i style=\"width:{:.2f}%;background:var(--{})\"></i>", 100 * part.share,
                       part.colour);
  }
  return out + "</span>" + html_element("span", "", value) + "\n";
}

std::string html_table(const Grid& grid, std::string_view caption) {
  const auto side = [&](std::size_t i) { return is_left(grid.styles[i]) ? "" : "class=\"n\""; };
  std::string out = "<div class=\"scroll\" tabindex=\"0\"><table>" +
                    html_element("caption", "", caption) + "<thead><tr>";
  for (std::size_t i = 0; i < grid.headers.size(); ++i) {
    out += html_element("th", fmt::format("scope=\"col\" {}", side(i)), grid.headers[i]);
  }
  out += "</tr></thead><tbody>\n";
  for (const auto& row : grid.rows) {
    out += "<tr>" + html_element("th", "scope=\"row\"", row[0]);
    for (std::size_t i = 1; i < row.size(); ++i) out += html_element("td", side(i), row[i]);
    out += "</tr>\n";
  }
  return out + "</tbody></table></div>\n";
}

std::string html_verdict(const Report& report) {
  const Verdict v = verdict(report);
  std::string out = html_element("p", "class=\"headline\"", v.headline);
  out += "<dl class=\"tiles\">\n" + time_tiles(report) + work_tile(report) + memory_tile(report) +
         coverage_tile(report.coverage) + "</dl>\n<dl class=\"lines\">\n";
  std::string_view previous;
  for (const VerdictLine& line : v.lines) {
    if (line.label != previous) out += html_element("dt", "", line.label);
    out += html_element("dd", tone_class(line.tone), line.text) + "\n";
    previous = line.label;
  }
  return out + "</dl>\n";
}

std::string html_comparison(std::span<const Report> reports) {
  const bool models = std::any_of(reports.begin(), reports.end(), [&](const Report& r) {
    return r.model.file != reports.front().model.file;
  });
  Grid grid = machine_grid(reports);
  if (models) {
    grid.headers.insert(grid.headers.begin(), "model");
    grid.styles.insert(grid.styles.begin(), Style::kText);
    for (std::size_t i = 0; i < reports.size(); ++i) {
      grid.rows[i].insert(grid.rows[i].begin(), reports[i].model.file);
    }
  }
  return html_table(grid, "Totals of one inference");
}

std::string html_model(const Report& report) {
  std::string out = model_facts(report);
  out += list(report.assumptions, "Assumptions");
  const Grid gaps = reasons_grid(report, NodeStatus::kGap);
  if (!gaps.rows.empty()) {
    out += html_element("h3", "", "Not modelled") +
           html_table(gaps, "Operators without counts: totals are lower bounds without them");
  }
  const Grid assumed = reasons_grid(report, NodeStatus::kAssumed);
  if (!assumed.rows.empty()) {
    out +=
        html_element("h3", "", "Modelled on an assumption") +
        html_table(assumed, "Operators whose counts rest on a default, a bound or a declaration");
  }
  out += details("Formulas: how each operator type of this model is counted",
                 html_table(formulas_grid(report), "Counting rules"));
  return out +
         details("Inputs and outputs", html_table(tensors_grid(report), "Graph inputs, outputs"));
}

std::string html_machine(const Report& report) {
  if (!report.hardware) return list(report.notes, "Notes");
  const HardwareRow& h = *report.hardware;
  std::string out = html_element("h3", "", "Hardware " + (h.name.empty() ? h.id : h.name));
  out += html_element(
      "p", "",
      fmt::format("File {}, content hash {}, calibration {}.", h.file, h.hash, h.calibration));
  out += list(h.edits, "Edited on the command line");
  if (const auto& a = report.appendix.machine) {
    out += details(fmt::format("All {} numbers of the hardware file, with status and source",
                               a->quantities.size()),
                   html_table(quantities_grid(*a), "Numbers of the hardware file") +
                       (a->sources.empty() ? "" : html_table(sources_grid(*a), "Sources")) +
                       list(a->notes, "Notes of the hardware file") +
                       list(a->fitted_on, "Calibrated on"));
    out += runtime_text(a->runtime);
  }
  if (report.measured && !report.measured->unmatched.empty()) {
    const auto& unmatched = report.measured->unmatched;
    out += details(
        fmt::format("{} measured events that were not joined to any operator", unmatched.size()),
        html_table(unmatched_grid(unmatched), "Events of the profile, longest first"));
  }
  return out + list(report.notes, "Notes on this estimate");
}

}  // namespace aiprof
