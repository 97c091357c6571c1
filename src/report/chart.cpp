#include "report/chart.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "aiprof/base/text.h"
#include "report/rows.h"

namespace aiprof {
namespace {

constexpr Point kSquare[] = {{-0.8, -0.8}, {0.8, -0.8}, {0.8, 0.8}, {-0.8, 0.8}};
constexpr Point kUp[] = {{0, -1.1}, {1, 0.75}, {-1, 0.75}};
constexpr Point kDown[] = {{0, 1.1}, {1, -0.75}, {-1, -0.75}};
constexpr Point kDiamond[] = {{0, -1.15}, {1, 0}, {0, 1.15}, {-1, 0}};
constexpr Point kCross[] = {{-0.35, -1},   {0.35, -1},   {0.35, -0.35}, {1, -0.35},
                            {1, 0.35},     {0.35, 0.35}, {0.35, 1},     {-0.35, 1},
                            {-0.35, 0.35}, {-1, 0.35},   {-1, -0.35},   {-0.35, -0.35}};
constexpr Point kHexagon[] = {{1, 0},  {0.5, 0.87},   {-0.5, 0.87},
                              {-1, 0}, {-0.5, -0.87}, {0.5, -0.87}};

constexpr Family kFamilies[] = {
    {"matrix products", "#0072b2", "#56b4e9", {}},
    {"convolutions", "#c44e00", "#ff8a4c", kSquare},
    {"attention", "#b0508c", "#e29ac6", kUp},
    {"normalisation, softmax, reductions", "#007a59", "#2fc79a", kDiamond},
    {"elementwise", "#a87400", "#f0b93a", kDown},
    {"data movement", "#59636e", "#9da7b3", kCross},
    {"other", "#6a4fb3", "#b19cf2", kHexagon},
};
constexpr std::size_t kOther = std::size(kFamilies) - 1;

struct Member {
  std::string_view op_class;
  std::size_t family;
};
constexpr Member kMembers[] = {
    {"gemm", 0},     {"rnn", 0},         {"convolution", 1},   {"attention", 2},
    {"softmax", 3},  {"reduction", 3},   {"normalization", 3}, {"pooling", 3},
    {"loss", 3},     {"elementwise", 4}, {"quantize", 4},      {"random", 4},
    {"movement", 5}, {"gather", 5},      {"resize", 5},        {"view", 5},
    {"sequence", 5}, {"constant", 5},
};

void cover(double value, double& low, double& high) {
  if (!(value > 0) || !std::isfinite(value)) return;
  low = std::min(low, value);
  high = std::max(high, value);
}

// Where the highest ceiling in use meets main memory: the corner that readers look for.
void cover_roofs(const Report& report, Extent& e) {
  for (const Ceiling& c : ceilings(report)) {
    if (!c.used) continue;
    cover(c.flops_per_second, e.y_low, e.y_high);
    for (const Slope& s : slopes(report)) {
      if (s.main) cover(c.flops_per_second / s.bytes_per_second, e.x_low, e.x_high);
    }
  }
}

}  // namespace

std::span<const Family> families() { return kFamilies; }

std::size_t family_of(std::string_view op_class) {
  for (const Member& m : kMembers) {
    if (m.op_class == op_class) return m.family;
  }
  return kOther;
}

std::vector<Ceiling> ceilings(const Report& report) {
  std::vector<Ceiling> out;
  for (const Ridge& ridge : report.ridges) {
    if (!(ridge.flops_per_second > 0)) continue;
    const bool used = std::any_of(report.kernels.begin(), report.kernels.end(),
                                  [&](const KernelRow& k) { return k.engine == ridge.engine; });
    const std::string unit = ridge.engine.substr(0, ridge.engine.find(' ') + 1);
    const auto same = std::find_if(out.begin(), out.end(), [&](const Ceiling& c) {
      return c.flops_per_second == ridge.flops_per_second && c.name.starts_with(unit);
    });
    if (same == out.end()) {
      out.push_back({ridge.engine, ridge.flops_per_second, used});
    } else {
      same->name += ", " + ridge.engine.substr(unit.size());
      same->used = same->used || used;
    }
  }
  std::stable_sort(out.begin(), out.end(), [](const Ceiling& a, const Ceiling& b) {
    return a.flops_per_second > b.flops_per_second;
  });
  return out;
}

std::vector<Slope> slopes(const Report& report) {
  std::vector<Slope> out;
  if (!report.appendix.machine) return out;
  for (const MemoryRow& row : report.appendix.machine->memory) {
    if (!row.bytes_per_second) continue;
    const auto same = std::find_if(out.begin(), out.end(), [&](const Slope& s) {
      return s.bytes_per_second == *row.bytes_per_second;
    });
    if (same == out.end()) {
      out.push_back({row.name, *row.bytes_per_second, row.main});
    } else {
      same->name += ", " + row.name;
      same->main = same->main || row.main;
    }
  }
  std::stable_sort(out.begin(), out.end(), [](const Slope& a, const Slope& b) {
    return a.bytes_per_second > b.bytes_per_second;
  });
  return out;
}

std::string kernel_label(const Report& report, const KernelRow& kernel) {
  for (const std::size_t n : kernel.nodes) {
    const NodeRow& row = report.nodes[n];
    if (!kernel.name.empty() && row.name == kernel.name) return node_label(report, row);
  }
  if (!kernel.name.empty() || kernel.nodes.empty()) return printable(kernel.name);
  return node_label(report, report.nodes[kernel.nodes.front()]);
}

bool has_mark(const KernelRow& kernel) {
  return kernel.flops && *kernel.flops > 0 && kernel.arithmetic_intensity &&
         *kernel.arithmetic_intensity > 0 && kernel.seconds.latency > 0;
}

Extent roofline_extent(std::span<const Report> reports) {
  constexpr double kMargin = 2;  // so that marks do not touch the frame
  constexpr double kAbove = 4;   // and so that a mode at twice the rate, often there, is seen
  const double none = std::numeric_limits<double>::infinity();
  Extent e{.x_low = none, .x_high = 0, .y_low = none, .y_high = 0};
  for (const Report& report : reports) {
    for (const KernelRow& k : report.kernels) {
      if (!has_mark(k)) continue;
      cover(*k.arithmetic_intensity, e.x_low, e.x_high);
      cover(static_cast<double>(*k.flops) / k.seconds.latency, e.y_low, e.y_high);
      if (k.measured_flops_per_second) cover(*k.measured_flops_per_second, e.y_low, e.y_high);
    }
    cover_roofs(report, e);
  }
  if (e.x_high == 0 || e.y_high == 0) return {};
  e.x_low /= kMargin;
  e.x_high *= kMargin;
  e.y_low /= kMargin;
  e.y_high *= kAbove;
  // Space to the right of the ridge, or the roof would not be seen to be flat.
  e.x_high = std::max(e.x_high, e.x_low * 1e3);
  e.y_low = std::min(e.y_low, e.y_high / 1e3);
  return e;
}

}  // namespace aiprof
