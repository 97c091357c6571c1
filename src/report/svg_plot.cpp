#include "report/svg_plot.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "aiprof/report/escape.h"
#include "aiprof/report/format.h"

namespace aiprof {
namespace {

// Values for ticks: powers of ten, and 2 and 5 times them if a decade is at least this wide.
std::vector<double> ticks(double low, double high, double per_decade) {
  constexpr double kWide = 150;
  std::vector<double> out;
  const int first = static_cast<int>(std::floor(std::log10(low)));
  const int last = static_cast<int>(std::ceil(std::log10(high)));
  for (int e = first; e <= last; ++e) {
    for (const double step : {1.0, 2.0, 5.0}) {
      if (step != 1.0 && per_decade < kWide) continue;
      const double value = step * std::pow(10.0, e);
      if (value >= low && value <= high) out.push_back(value);
    }
  }
  return out;
}

// "100", "0.01", "10 G": a tick has few digits.
std::string tick_label(double value) {
  if (value < 1e4) return fmt::format("{:g}", value);
  std::string text = format_si(value, "");
  for (const std::string_view zeros : {".00 ", ".0 "}) {
    if (const auto at = text.find(zeros); at != std::string::npos) {
      return text.erase(at, zeros.size() - 1);
    }
  }
  return text;
}

}  // namespace

Plot::Plot(const Frame& frame, const Extent& extent)
    : frame_(frame),
      extent_(extent),
      per_decade_x_((frame.right - frame.left) / std::log10(extent.x_high / extent.x_low)),
      per_decade_y_((frame.bottom - frame.top) / std::log10(extent.y_high / extent.y_low)) {}

double Plot::x(double value) const {
  return frame_.left + per_decade_x_ * std::log10(value / extent_.x_low);
}

double Plot::y(double value) const {
  return frame_.bottom - per_decade_y_ * std::log10(value / extent_.y_low);
}

std::string Plot::axes(std::string_view x_title, std::string_view y_title) const {
  std::string out;
  for (const double v : ticks(extent_.x_low, extent_.x_high, per_decade_x_)) {
    out += fmt::format(
        "<path class=\"grid\" d=\"M{0:.1f},{1}V{2}\"/>"
        "<text class=\"dim\" x=\"{0:.1f}\" y=\"{3}\" text-anchor=\"middle\">{4}</text>\n",
        x(v), frame_.top, frame_.bottom, frame_.bottom + 18, tick_label(v));
  }
  for (const double v : ticks(extent_.y_low, extent_.y_high, per_decade_y_)) {
    out += fmt::format(
        "<path class=\"grid\" d=\"M{0},{1:.1f}H{2}\"/>"
        "<text class=\"dim\" x=\"{3}\" y=\"{4:.1f}\" text-anchor=\"end\">{5}</text>\n",
        frame_.left, y(v), frame_.right, frame_.left - 8, y(v) + 4, tick_label(v));
  }
  const double middle = (frame_.left + frame_.right) / 2;
  return out + fmt::format(
                   "<rect class=\"frame\" x=\"{0}\" y=\"{1}\" width=\"{2}\" height=\"{3}\"/>"
                   "<text x=\"{4}\" y=\"{5}\" text-anchor=\"middle\">{6}</text>"
                   "<text transform=\"translate(20,{7}) rotate(-90)\" text-anchor=\"middle\">{8}"
                   "</text>\n",
                   frame_.left, frame_.top, frame_.right - frame_.left, frame_.bottom - frame_.top,
                   middle, frame_.bottom + 40, markup_text(x_title),
                   (frame_.top + frame_.bottom) / 2, markup_text(y_title));
}

Roofs Plot::roofs(std::span<const Ceiling> ceilings, std::span<const Slope> slopes) const {
  constexpr double kLine = 15;  // height of a label
  const double fastest = slopes.empty() ? 0 : slopes.front().bytes_per_second;
  double top = 0;
  std::vector<double> taken;
  for (const Ceiling& c : ceilings) {
    if (!c.used) continue;
    top = std::max(top, c.flops_per_second);
    taken.push_back(y(c.flops_per_second));
  }
  if (top == 0 && !ceilings.empty()) top = ceilings.front().flops_per_second;
  Roofs roofs;
  for (const Ceiling& c : ceilings) {
    const double at = y(c.flops_per_second);
    if (at < frame_.top || at > frame_.bottom) continue;
    roofs.lines += ceiling_line(c, fastest);
    const bool crowded =
        std::any_of(taken.begin(), taken.end(), [&](double t) { return std::abs(t - at) < kLine; });
    if (!c.used && crowded) continue;
    if (!c.used) taken.push_back(at);
    roofs.labels += ceiling_label(c, fastest);
  }
  for (const Slope& s : slopes) add_slope(s, top, roofs);
  return roofs;
}

double Plot::ceiling_start(const Ceiling& c, double fastest) const {
  const double ridge = fastest > 0 ? c.flops_per_second / fastest : extent_.x_low;
  return std::max(frame_.left, x(std::max(ridge, extent_.x_low)));
}

std::string Plot::ceiling_line(const Ceiling& c, double fastest) const {
  return fmt::format("<path class=\"{}\" d=\"M{:.1f},{:.1f}H{}\"/>\n", c.used ? "roof" : "spare",
                     ceiling_start(c, fastest), y(c.flops_per_second), frame_.right);
}

// Where the line begins, beside the slopes: no kernel can be there.
std::string Plot::ceiling_label(const Ceiling& c, double fastest) const {
  constexpr double kLetter = 6.4;
  constexpr double kPastSlope = 24;
  const std::string text = c.name + " " + format_si(c.flops_per_second, "FLOP/s");
  const double from = ceiling_start(c, fastest) + kPastSlope;
  const bool fits = from + kLetter * static_cast<double>(text.size()) < frame_.right;
  return fmt::format("<text class=\"halo{}\" x=\"{:.1f}\" y=\"{:.1f}\"{}>{}</text>\n",
                     c.used ? "" : " dim", fits ? from : frame_.right - 6,
                     y(c.flops_per_second) - 4, fits ? "" : " text-anchor=\"end\"",
                     markup_text(text));
}

void Plot::add_slope(const Slope& s, double top, Roofs& roofs) const {
  const double from = std::max(extent_.x_low, extent_.y_low / s.bytes_per_second);
  const double to = top / s.bytes_per_second;
  if (to <= from) return;
  const double x0 = x(from), y0 = y(from * s.bytes_per_second);
  const double x1 = x(to), y1 = y(top);
  const double angle = std::atan2(y1 - y0, x1 - x0) * 180 / std::numbers::pi;
  constexpr double kAlong = 0.06;  // the label stands away from the crowded ridge
  roofs.lines += fmt::format("<path class=\"{}\" d=\"M{:.1f},{:.1f}L{:.1f},{:.1f}\"/>\n",
                             s.main ? "roof" : "spare", x0, y0, x1, y1);
  roofs.labels += fmt::format(
      "<text class=\"halo{}\" transform=\"translate({:.1f},{:.1f}) rotate({:.1f})\" dy=\"-5\">{} {}"
      "</text>\n",
      s.main ? "" : " dim", x0 + kAlong * (x1 - x0), y0 + kAlong * (y1 - y0), angle,
      markup_text(s.name), format_si(s.bytes_per_second, "B/s"));
}

}  // namespace aiprof
