#include <fmt/format.h>

#include "aiprof/base/text.h"
#include "aiprof/report/describe.h"
#include "aiprof/report/format.h"
#include "aiprof/report/layout.h"
#include "report/quantity.h"

namespace aiprof {
namespace {

Grid quantities_grid(const Hardware& hardware) {
  Grid grid;
  grid.headers = {"field", "value", "status", "source"};
  grid.styles = {Style::kText, Style::kRatio, Style::kText, Style::kText};
  for (const Quantity* q : quantities(hardware)) {
    if (!q->known()) continue;
    grid.rows.push_back({printable(q->path), format_quantity(q->path, q->value),
                         std::string(name(q->status)), printable(q->source)});
  }
  return grid;
}

std::string sources(const Hardware& hardware, std::size_t width) {
  std::string out;
  for (const Source& s : hardware.sources) {
    std::string line = fmt::format("- {}: {}", s.key, s.title);
    if (!s.date.empty()) line += ", " + s.date;
    if (!s.url.empty()) line += ", " + s.url;
    out += wrap(printable(line), width, 2) + "\n";
  }
  return out;
}

}  // namespace

std::string write_hardware(const Hardware& hardware, const WriteOptions& options) {
  const Pen pen(options.colour);
  std::string title = hardware.name.empty() ? hardware.id : hardware.name;
  if (!hardware.id.empty()) title += " (" + hardware.id + ")";
  std::string out = pen(Ink::kBold, printable(title)) + "\n";
  const auto say = [&](std::string_view label, const std::string& text) {
    if (!text.empty())
      out += wrap(fmt::format("{}: {}", label, printable(text)), options.width, 2) + "\n";
  };
  say("vendor", hardware.vendor);
  say("process", hardware.process);
  say("also called", join(hardware.aliases, ", "));
  say("about", hardware.description);
  say("calibration", std::string(name(hardware.calibration.state)));
  say("file", hardware.file);
  for (const std::string& edit : hardware.edits) say("edited", edit);
  out += "\n" + lay_out(quantities_grid(hardware), options.width, 0, pen);
  if (!hardware.notes.empty()) out += "\n" + pen(Ink::kBold, "Notes") + "\n";
  for (const std::string& note : hardware.notes) {
    out += wrap("- " + printable(note), options.width, 2) + "\n";
  }
  if (!hardware.sources.empty()) out += "\n" + pen(Ink::kBold, "Sources") + "\n";
  return out + sources(hardware, options.width);
}

}  // namespace aiprof
