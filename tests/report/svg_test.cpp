// The roofline as a picture: what it shows, where, and that names cannot break it.
#include "report/svg.h"

#include <gtest/gtest.h>

#include <cmath>

#include "aiprof/base/error.h"
#include "aiprof/frontend/onnx.h"
#include "aiprof/report/escape.h"
#include "report/chart.h"
#include "report/markup.h"
#include "report/sample.h"
#include "report/svg_plot.h"
#include "support/files.h"

namespace aiprof {
namespace {

std::string svg(const Report& r) { return write_svg(std::span(&r, 1), {}); }

TEST(Svg, IsWellFormedAndNeedsNothingElse) {
  const std::string text = svg(test::report_of(test::kNet));
  EXPECT_EQ(test::markup_error(text), "");
  EXPECT_EQ(text.find("<svg xmlns=\"http://www.w3.org/2000/svg\""), 0U);
  EXPECT_EQ(text.find("href"), std::string::npos);
  EXPECT_EQ(text.find("<script"), std::string::npos);
  EXPECT_EQ(text.find("http", 60), std::string::npos) << "an address other than the name space";
}

TEST(Svg, NamesKernelsRoofsAndKindsOfWork) {
  const std::string text = svg(test::report_of(test::kNet));
  for (const char* part : {"Toy Chip", "matrix float32 4.00 TFLOP/s", "dram 100 GB/s",
                           "matrix products", "convolutions", "FLOP/B"}) {
    EXPECT_NE(text.find(part), std::string::npos) << part;
  }
}

TEST(Svg, SameInputSameBytes) {
  EXPECT_EQ(svg(test::report_of(test::kNet)), svg(test::report_of(test::kNet)));
}

TEST(Svg, HostileNamesStayText) {
  const std::string evil = "</title><script>alert(1)</script>\"'&\n\xFF]]>";
  Report r = test::report_of(test::kNet);
  r.model.file = r.hardware->name = evil;
  for (NodeRow& n : r.nodes) n.name = evil;
  for (KernelRow& k : r.kernels) k.name = evil;
  for (MemoryRow& m : r.appendix.machine->memory) m.name = evil;
  const std::string text = svg(r);
  EXPECT_EQ(text.find("<script"), std::string::npos);
  EXPECT_EQ(test::markup_error(text), "");
}

TEST(Svg, TextHoldsNoCharacterThatXmlForbids) {
  EXPECT_EQ(markup_text("a\x01<b>"), "a &lt;b&gt;");
  EXPECT_EQ(markup_text("\xEF\xBF\xBE\xEF\xBF\xBF"), "\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(markup_text("\xEF\xBF\xBC"), "\xEF\xBF\xBC");
}

TEST(Svg, EachMachineHasItsPanel) {
  const std::vector<Report> two(2, test::report_of(test::kNet));
  const std::string text = write_svg(two, {});
  EXPECT_EQ(test::markup_error(text), "");
  EXPECT_NE(text.find("translate(0,600)"), std::string::npos);
}

TEST(Svg, RefusesToDrawWithoutMachine) {
  const Report r = test::count_of(test::kNet);
  try {
    (void)svg(r);
    FAIL() << "a roofline without a roof";
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), ExitCode::kUsage);
    EXPECT_NE(std::string(e.what()).find("--hw"), std::string::npos);
  }
}

TEST(Chart, PlotsPowersOfTenAtEqualDistances) {
  const Plot plot({.left = 0, .top = 0, .right = 400, .bottom = 300},
                  {.x_low = 0.1, .x_high = 1000, .y_low = 1e9, .y_high = 1e12});
  EXPECT_NEAR(plot.x(0.1), 0, 1e-9);
  EXPECT_NEAR(plot.x(10), 200, 1e-9);
  EXPECT_NEAR(plot.x(1000), 400, 1e-9);
  EXPECT_NEAR(plot.y(1e9), 300, 1e-9);
  EXPECT_NEAR(plot.y(1e12), 0, 1e-9);
}

TEST(Chart, CeilingsOfOneRateAreOneLine) {
  const std::vector<Ceiling> lines = ceilings(test::report_of(test::kKnownNet));
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_EQ(lines[0].name, "matrix float16");
  EXPECT_FALSE(lines[0].used);
  EXPECT_EQ(lines[1].name, "matrix float32");
  EXPECT_TRUE(lines[1].used);
  EXPECT_EQ(lines[2].flops_per_second, 1e12);
  EXPECT_EQ(lines[2].name, "vector float32, float16");
}

TEST(Chart, EverythingDrawnIsInsideTheExtent) {
  const Report r = test::report_of(load_onnx(test::shipped("resnet50")));
  const Extent e = roofline_extent(std::span(&r, 1));
  for (const KernelRow& k : r.kernels) {
    if (!has_mark(k)) continue;
    EXPECT_GT(*k.arithmetic_intensity, e.x_low);
    EXPECT_LT(*k.arithmetic_intensity, e.x_high);
    EXPECT_GT(static_cast<double>(*k.flops) / k.seconds.latency, e.y_low);
    EXPECT_LT(static_cast<double>(*k.flops) / k.seconds.latency, e.y_high);
  }
}

TEST(Chart, EveryClassHasAFamily) {
  for (int c = 0; c <= static_cast<int>(OpClass::kCustom); ++c) {
    EXPECT_LT(family_of(name(static_cast<OpClass>(c))), families().size());
  }
  EXPECT_EQ(family_of("what nobody knows"), families().size() - 1);
}

}  // namespace
}  // namespace aiprof
