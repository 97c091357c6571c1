#include "report/svg.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>

#include "aiprof/base/error.h"
#include "aiprof/base/text.h"
#include "aiprof/report/escape.h"
#include "aiprof/report/format.h"
#include "aiprof/report/page.h"
#include "report/chart.h"
#include "report/svg_plot.h"
#include "report/verdict.h"

namespace aiprof {
namespace {

constexpr double kWidth = 960;
constexpr double kPanelHeight = 600;
constexpr Frame kFrame = {.left = 84, .top = 74, .right = 936, .bottom = 500};

// Kernels that are drawn as one.
struct Mark {
  std::size_t kernels = 0;
  double x = 0, y = 0;  // FLOP/byte, FLOP/s
  double seconds = 0;
  double measured_flops = 0, measured_seconds = 0;  // of those of them that were measured
  std::size_t family = 0;
  std::string label;  // of the first
  Bound bound = Bound::kMemory;
};

std::vector<Mark> marks_of(const Report& report, const Plot& plot) {
  // To half a pixel: what is nearer cannot be told apart.
  std::map<std::tuple<long, long, std::size_t>, Mark> merged;
  for (const KernelRow& k : report.kernels) {
    if (!has_mark(k)) continue;
    const double x = *k.arithmetic_intensity;
    const double y = static_cast<double>(*k.flops) / k.seconds.latency;
    const std::size_t family = family_of(k.op_class);
    Mark& mark = merged[{std::lround(2 * plot.x(x)), std::lround(2 * plot.y(y)), family}];
    if (mark.kernels++ == 0) {
      mark.x = x;
      mark.y = y;
      mark.family = family;
      mark.label = kernel_label(report, k);
      mark.bound = k.bound;
    }
    mark.seconds += k.seconds.latency;
    if (k.measured) {
      mark.measured_flops += static_cast<double>(*k.flops);
      mark.measured_seconds += k.measured->seconds;
    }
  }
  std::vector<Mark> marks;
  for (auto& [key, mark] : merged) marks.push_back(std::move(mark));
  // Small ones last, on top of the large ones.
  std::stable_sort(marks.begin(), marks.end(),
                   [](const Mark& a, const Mark& b) { return a.seconds > b.seconds; });
  return marks;
}

std::string outline(const Family& family, Point centre, double radius) {
  if (family.outline.empty()) {
    return fmt::format("<circle class=\"mark\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"{:.1f}\"/>",
                       centre.x, centre.y, radius);
  }
  std::string points;
  for (const Point& p : family.outline) {
    points += fmt::format("{}{:.1f},{:.1f}", points.empty() ? "" : " ", centre.x + radius * p.x,
                          centre.y + radius * p.y);
  }
  return fmt::format("<polygon class=\"mark\" points=\"{}\"/>", points);
}

double total_seconds(const Report& report) {
  return report.totals.seconds ? report.totals.seconds->latency : 0;
}

std::string mark_title(const Mark& mark, double total) {
  std::string text = mark.label;
  if (mark.kernels > 1) text += fmt::format(" and {} more", mark.kernels - 1);
  text += fmt::format(": {}", format_seconds(mark.seconds));
  if (total > 0) text += fmt::format(" ({} %)", format_percent(mark.seconds / total));
  if (mark.measured_seconds > 0) {
    text += fmt::format(", measured {}", format_seconds(mark.measured_seconds));
  }
  return text + fmt::format(", {} at {} FLOP/B, {}-bound", format_si(mark.y, "FLOP/s"),
                            format_ratio(mark.x), name(mark.bound));
}

// From each mark to where it was measured.
std::string measured_lines(const std::vector<Mark>& marks, const Plot& plot) {
  std::string path;
  for (const Mark& mark : marks) {
    if (!(mark.measured_seconds > 0)) continue;
    path += fmt::format("M{:.1f},{:.1f}V{:.1f}m-3,0h6", plot.x(mark.x), plot.y(mark.y),
                        plot.y(mark.measured_flops / mark.measured_seconds));
  }
  return path.empty() ? path : fmt::format("<path class=\"frame\" d=\"{}\"/>\n", path);
}

std::string draw_marks(const Report& report, const Plot& plot) {
  constexpr double kSmallest = 3.5;
  constexpr double kGrowth = 11;  // radius of the longest, on top of the smallest
  const double total = total_seconds(report);
  const std::vector<Mark> marks = marks_of(report, plot);
  const double longest = marks.empty() ? 1 : marks.front().seconds;
  std::string out = measured_lines(marks, plot);
  for (const Mark& mark : marks) {
    const double radius = kSmallest + kGrowth * std::sqrt(mark.seconds / longest);
    out += fmt::format("<g class=\"f{}\"><title>{}</title>{}</g>\n", mark.family,
                       markup_text(mark_title(mark, total)),
                       outline(families()[mark.family], {plot.x(mark.x), plot.y(mark.y)}, radius));
  }
  return out;
}

// What has no place in the chart must not go unsaid.
std::string unplaced(const Report& report) {
  std::size_t kernels = 0;
  double seconds = 0;
  for (const KernelRow& k : report.kernels) {
    if (has_mark(k)) continue;
    ++kernels;
    seconds += k.seconds.latency;
  }
  const double total = total_seconds(report);
  std::string text = "The area of a mark grows with its time. ";
  if (report.measured) text += "A line leads to where it was measured. ";
  if (kernels > 0 && total > 0) {
    text +=
        fmt::format("{} of {} kernels have no FLOPs and so no mark; they take {} % of the time.",
                    kernels, report.kernels.size(), format_percent(seconds / total));
  }
  return text;
}

std::string legend(std::span<const Report> reports, double y) {
  std::vector<bool> used(families().size(), false);
  for (const Report& report : reports) {
    for (const KernelRow& k : report.kernels) {
      if (has_mark(k)) used[family_of(k.op_class)] = true;
    }
  }
  std::string out;
  double x = kFrame.left + 6;
  for (std::size_t f = 0; f < families().size(); ++f) {
    if (!used[f]) continue;
    const Family& family = families()[f];
    out += fmt::format("<g class=\"f{}\">{}</g><text x=\"{:.1f}\" y=\"{:.1f}\">{}</text>\n", f,
                       outline(family, {x, y - 4}, 6), x + 12, y, markup_text(family.name));
    constexpr double kLetter = 6.6;
    x += 40 + kLetter * static_cast<double>(family.name.size());
  }
  return out;
}

std::string panel(const Report& report, const Plot& plot, std::string_view clip) {
  const Verdict v = verdict(report);
  std::string out = fmt::format(
      "<text class=\"title\" x=\"{}\" y=\"28\">{}</text>\n"
      "<text class=\"dim\" x=\"{}\" y=\"50\">{}</text>\n",
      kFrame.left, markup_text(shorten(v.title, 96)), kFrame.left, markup_text(v.headline));
  out += plot.axes("arithmetic intensity (FLOP per byte of main memory)", "FLOP/s");
  const Roofs roofs = plot.roofs(ceilings(report), slopes(report));
  out += fmt::format("<g clip-path=\"url(#{})\">\n{}</g>\n", clip,
                     roofs.lines + draw_marks(report, plot) + roofs.labels);
  return out + fmt::format("<text class=\"dim\" x=\"{}\" y=\"{}\">{}</text>\n", kFrame.left,
                           kPanelHeight - 38, markup_text(unplaced(report)));
}

}  // namespace

std::string svg_style() {
  std::string light, dark;
  for (std::size_t f = 0; f < families().size(); ++f) {
    light += fmt::format(".f{}{{fill:{}}}", f, families()[f].light);
    dark += fmt::format(".f{}{{fill:{}}}", f, families()[f].dark);
  }
  // With a page of its own: what stands behind the picture may have the other scheme.
  return "<style>.page{fill:#fff}text{font:12px "
         "system-ui,sans-serif;fill:#1f2328}.title{font-size:15px;"
         "font-weight:600}.dim{fill:#59636e}.grid{stroke:#d1d9e0;stroke-width:1}"
         ".frame{fill:none;stroke:#818b98}.roof{fill:none;stroke:#1f2328;stroke-width:2}"
         ".spare{fill:none;stroke:#818b98;stroke-width:1;stroke-dasharray:5 4}"
         ".mark{fill-opacity:.78;stroke:#fff;stroke-width:1}"
         ".halo{paint-order:stroke;stroke:#fff;stroke-width:3px;stroke-linejoin:round}" +
         light +
         "@media "
         "(prefers-color-scheme:dark){.page{fill:#0d1117}text{fill:#e6edf3}.dim{fill:#9198a1}"
         ".grid{stroke:#30363d}.frame,.spare{stroke:#6e7681}.roof{stroke:#e6edf3}"
         ".mark,.halo{stroke:#0d1117}" +
         dark + "}</style>\n";
}

std::string markup_text(std::string_view raw) {
  const std::string text = printable(raw);
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    // U+FFFE and U+FFFF are characters of UTF-8 and of no XML document.
    if (text.compare(i, 2, "\xEF\xBF") == 0 && static_cast<unsigned char>(text[i + 2]) >= 0xBE) {
      out += "\xEF\xBF\xBD";
      i += 2;
      continue;
    }
    switch (text[i]) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += text[i];
    }
  }
  return out;
}

std::string write_svg(std::span<const Report> reports, const WriteOptions& /*options*/) {
  std::vector<const Report*> timed;
  for (const Report& report : reports) {
    if (report.hardware) timed.push_back(&report);
  }
  if (timed.empty()) {
    throw usage_error("--format svg draws a roofline, which needs a machine: give --hw NAME");
  }
  const Plot plot(kFrame, roofline_extent(reports));
  constexpr double kLegendHeight = 34;
  const double height = kPanelHeight * static_cast<double>(timed.size()) + kLegendHeight - 20;
  std::string out = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {:.0f} {:.0f}\" width=\"{:.0f}\" "
      "height=\"{:.0f}\" role=\"img\">\n<title>{}</title>\n",
      kWidth, height, kWidth, height, markup_text("Roofline of " + verdict(*timed.front()).title));
  out += svg_style() + "<rect class=\"page\" width=\"100%\" height=\"100%\"/>\n";
  out += fmt::format(
      "<clipPath id=\"plot\"><rect x=\"{0}\" y=\"{1}\" width=\"{2}\" height=\"{3}\"/></clipPath>\n",
      kFrame.left, kFrame.top, kFrame.right - kFrame.left, kFrame.bottom - kFrame.top);
  for (std::size_t i = 0; i < timed.size(); ++i) {
    out += fmt::format("<g transform=\"translate(0,{:.0f})\">\n{}</g>\n",
                       kPanelHeight * static_cast<double>(i), panel(*timed[i], plot, "plot"));
  }
  return out + legend(reports, height - 18) + "</svg>\n";
}

}  // namespace aiprof
