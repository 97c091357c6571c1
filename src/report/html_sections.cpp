#include "report/html_sections.h"

#include <fmt/format.h>

#include <algorithm>

#include "aiprof/base/text.h"
#include "report/format.h"
#include "report/grid.h"
#include "report/quantity.h"
#include "report/svg.h"
#include "report/verdict.h"

namespace aiprof {
namespace {

std::string element(std::string_view tag, std::string_view attributes, std::string_view text) {
  return fmt::format("<{}{}{}>{}</{}>", tag, attributes.empty() ? "" : " ", attributes,
                     markup_text(text), tag);
}

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

// A table with a caption; columns whose style is text stand left, the first names its row.
std::string table(const Grid& grid, std::string_view caption) {
  const auto side = [&](std::size_t i) { return is_left(grid.styles[i]) ? "" : "class=\"n\""; };
  std::string out = "<div class=\"scroll\" tabindex=\"0\"><table>" +
                    element("caption", "", caption) + "<thead><tr>";
  for (std::size_t i = 0; i < grid.headers.size(); ++i) {
    out += element("th", fmt::format("scope=\"col\" {}", side(i)), grid.headers[i]);
  }
  out += "</tr></thead><tbody>\n";
  for (const auto& row : grid.rows) {
    out += "<tr>" + element("th", "scope=\"row\"", row[0]);
    for (std::size_t i = 1; i < row.size(); ++i) out += element("td", side(i), row[i]);
    out += "</tr>\n";
  }
  return out + "</tbody></table></div>\n";
}

std::string list(const std::vector<std::string>& items, std::string_view title) {
  if (items.empty()) return {};
  std::string out = element("h3", "", title) + "<ul>";
  for (const std::string& item : items) out += element("li", "", item) + "\n";
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
  return tile("Modelled", fmt::format("{} of {}", c.nodes - c.gaps, c.nodes),
              fmt::format("{} exact, {} assumed, {} folded", c.exact, c.assumed, c.folded));
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

std::string shape_text(const TensorRow& t) {
  if (!t.shape) return "?";
  if (t.shape->empty()) return "scalar";
  std::string out;
  for (const DimText& d : *t.shape) {
    const auto* n = std::get_if<std::int64_t>(&d);
    out += fmt::format("{}{}", out.empty() ? "" : "x",
                       n != nullptr ? std::to_string(*n) : std::get<std::string>(d));
  }
  return out;
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
  return element("p", "", join(facts, ", "));
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

std::string runtime_text(const RuntimeRow& runtime) {
  std::string out =
      element("h3", "", "Runtime profile " + runtime.name) + element("p", "", runtime.description);
  out += element(
      "p", "",
      fmt::format("Kernels start by {}; float32 products are computed in {}; {}.", runtime.launch,
                  runtime.float32_math,
                  runtime.fusions.empty() ? std::string("nothing is fused")
                                          : "fused by the rules " + join(runtime.fusions, ", ")));
  return out;
}

}  // namespace

std::string html_verdict(const Report& report) {
  const Verdict v = verdict(report);
  std::string out = element("p", "class=\"headline\"", v.headline);
  out += "<dl class=\"tiles\">\n" + time_tiles(report) + work_tile(report) + memory_tile(report) +
         coverage_tile(report.coverage) + "</dl>\n<dl class=\"lines\">\n";
  std::string_view previous;
  for (const VerdictLine& line : v.lines) {
    if (line.label != previous) out += element("dt", "", line.label);
    out += element("dd", tone_class(line.tone), line.text) + "\n";
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
  return table(grid, "Totals of one inference");
}

std::string html_model(const Report& report) {
  std::string out = model_facts(report);
  out += list(report.assumptions, "Assumptions");
  const Grid gaps = reasons_grid(report, NodeStatus::kGap);
  if (!gaps.rows.empty()) {
    out += element("h3", "", "Not modelled") +
           table(gaps, "Operators without counts: totals are lower bounds without them");
  }
  const Grid assumed = reasons_grid(report, NodeStatus::kAssumed);
  if (!assumed.rows.empty()) {
    out += element("h3", "", "Modelled on an assumption") +
           table(assumed, "Operators whose counts rest on a default, a bound or a declaration");
  }
  out += details("Formulas: how each operator type of this model is counted",
                 table(formulas_grid(report), "Counting rules"));
  return out + details("Inputs and outputs", table(tensors_grid(report), "Graph inputs, outputs"));
}

std::string html_machine(const Report& report) {
  if (!report.hardware) return list(report.notes, "Notes");
  const HardwareRow& h = *report.hardware;
  std::string out = element("h3", "", "Hardware " + (h.name.empty() ? h.id : h.name));
  out += element(
      "p", "",
      fmt::format("File {}, content hash {}, calibration {}.", h.file, h.hash, h.calibration));
  out += list(h.edits, "Edited on the command line");
  if (const auto& a = report.appendix.machine) {
    out += details(fmt::format("All {} numbers of the hardware file, with status and source",
                               a->quantities.size()),
                   table(quantities_grid(*a), "Numbers of the hardware file") +
                       (a->sources.empty() ? "" : table(sources_grid(*a), "Sources")) +
                       list(a->notes, "Notes of the hardware file") +
                       list(a->fitted_on, "Calibrated on"));
    out += runtime_text(a->runtime);
  }
  return out + list(report.notes, "Notes on this estimate");
}

}  // namespace aiprof
