// A log-log plot as SVG text: scales, axes, roofs.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "report/chart.h"

namespace aiprof {

// In user units of the picture, y down.
struct Frame {
  double left = 0, top = 0, right = 0, bottom = 0;
};

// Lines belong below the marks, what they say above.
struct Roofs {
  std::string lines, labels;
};

class Plot {
 public:
  Plot(const Frame& frame, const Extent& extent);

  // Where a value above 0 stands.
  [[nodiscard]] double x(double value) const;
  [[nodiscard]] double y(double value) const;

  // Grid, ticks at powers of ten (or 1, 2, 5 where a decade is wide), titles.
  [[nodiscard]] std::string axes(std::string_view x_title, std::string_view y_title) const;
  // Ceilings inside the plot and the slopes up to the highest of them that is used; those that no
  // kernel runs under, and the other memory levels, dashed. Labels that would overlap are left out,
  // used ones first.
  [[nodiscard]] Roofs roofs(std::span<const Ceiling> ceilings, std::span<const Slope> slopes) const;

 private:
  [[nodiscard]] std::string ceiling_line(const Ceiling& c, double fastest) const;
  [[nodiscard]] std::string ceiling_label(const Ceiling& c, double fastest) const;
  [[nodiscard]] double ceiling_start(const Ceiling& c, double fastest) const;
  void add_slope(const Slope& s, double top, Roofs& roofs) const;

  Frame frame_;
  Extent extent_;
  double per_decade_x_, per_decade_y_;
};

}  // namespace aiprof
