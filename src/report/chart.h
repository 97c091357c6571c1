// What a roofline chart shows, whoever draws it: the marks of the kernels, the roofs above them,
// and the look of each kind of work. The HTML and SVG writers share it.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "aiprof/report/report.h"

namespace aiprof {

struct Point {
  double x = 0, y = 0;
};

// Operator classes that share a colour and a shape: more could not be told apart. Colours are from
// the palette of Okabe and Ito, which colour-blind readers distinguish, lightened or darkened until
// they stand out from a white or a dark page.
struct Family {
  std::string_view name;
  std::string_view light, dark;    // on a light and on a dark page
  std::span<const Point> outline;  // corners in a unit circle, y down; empty: the circle itself
};
[[nodiscard]] std::span<const Family> families();
// Index in families() of an operator class.
[[nodiscard]] std::size_t family_of(std::string_view op_class);

// The peak of engines, for all types that share it: "matrix float16, bfloat16".
struct Ceiling {
  std::string name;
  double flops_per_second = 0;
  bool used = false;  // some kernel runs under it
};
// Highest first.
[[nodiscard]] std::vector<Ceiling> ceilings(const Report& report);

// The bandwidth of a memory level, or of all levels that share it: "L1, shared memory".
struct Slope {
  std::string name;
  double bytes_per_second = 0;
  bool main = false;
};
// Fastest first. Levels without a known bandwidth are left out.
[[nodiscard]] std::vector<Slope> slopes(const Report& report);

// The name of a kernel for people: that of its main node.
[[nodiscard]] std::string kernel_label(const Report& report, const KernelRow& kernel);

// Whether a kernel has a place in a roofline: it computes, moves bytes and takes time.
[[nodiscard]] bool has_mark(const KernelRow& kernel);

// The corners of the chart, in FLOP/byte and FLOP/s: every mark, every used ceiling and the ridge
// of main memory are inside. Whole powers of ten where `reports` have nothing to show.
struct Extent {
  double x_low = 0.1, x_high = 1000;
  double y_low = 1e9, y_high = 1e15;
};
[[nodiscard]] Extent roofline_extent(std::span<const Report> reports);

}  // namespace aiprof
