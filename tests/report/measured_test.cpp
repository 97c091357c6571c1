// A profile in the rows of a report: shares, sums, columns.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "aiprof/report/write.h"
#include "report/html.h"
#include "report/html_data.h"
#include "report/json.h"
#include "report/sample.h"
#include "report/svg.h"

namespace aiprof {
namespace {

using Json = nlohmann::json;

// Conv and Relu are one kernel; Flatten is a view, for which the runtime needs time all the same.
constexpr const char* kProfile =
    "name,seconds\n"
    "r,0.004\n"
    "p,0.002\n"
    "f,0.0005\n"
    "logits,0.001\n"
    "void sgemm_128x64_nn,0.0025\n";

Report measured_report(const std::string& profile = kProfile,
                       std::optional<double> latency = std::nullopt) {
  Graph graph = test::parse_model(test::kKnownNet);
  graph.file = "net.onnx";
  const Analysis analysis = analyze(graph);
  const Hardware hardware = parse_hardware(test::kToyMachine, "toy.json");
  const RuntimeProfile runtime = load_runtime("compiled");
  const Lowered lowered = lower_graph(graph, analysis, runtime);
  const Estimate estimated = estimate(graph, analysis, lowered, runtime, hardware);
  const MeasuredProfile events = parse_profile(profile, "net.csv");
  const JoinedProfile joined = join_profile(events, {graph, analysis, lowered, estimated});
  const MeasuredRun run{events, joined};
  const MachineEstimate machine{runtime, hardware, lowered, estimated};
  return build_report(graph, analysis, &machine,
                      {.measured_latency_seconds = latency, .measured = &run});
}

std::string written(std::string_view format, const Report& r, const WriteOptions& options = {}) {
  for (const ReportFormat& f : report_formats()) {
    if (f.name == format) return f.write(std::span(&r, 1), options);
  }
  return {};
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

TEST(MeasuredReport, NodesShareTheirKernelsTime) {
  const Report r = measured_report();
  const KernelRow& kernel = r.kernels[*r.nodes[0].kernel];
  ASSERT_EQ(r.nodes[1].kernel, r.nodes[0].kernel);  // Conv takes its Relu in
  EXPECT_DOUBLE_EQ(kernel.measured->seconds, 0.004);
  EXPECT_EQ(r.nodes[0].measured->seconds + r.nodes[1].measured->seconds, 0.004);
  EXPECT_NEAR(r.nodes[0].measured->seconds / 0.004,
              r.nodes[0].seconds->latency / kernel.seconds.latency, 1e-9)
      << "as the predicted time is split";
  EXPECT_DOUBLE_EQ(*kernel.measured->ratio(), kernel.seconds.latency / 0.004);
  EXPECT_DOUBLE_EQ(*kernel.measured_flops_per_second,
                   (2.0 * 16 * 32 * 32 * 27 + 16 * 32 * 32 + 16 * 32 * 32) / 0.004);
}

TEST(MeasuredReport, AViewHasItsTimeAndNoRatio) {
  const Report r = measured_report();
  const NodeRow& view = r.nodes[3];
  ASSERT_EQ(view.op_type, "Flatten");
  EXPECT_FALSE(view.kernel);
  EXPECT_DOUBLE_EQ(view.measured->seconds, 0.0005);
  EXPECT_FALSE(view.measured->ratio());
  EXPECT_DOUBLE_EQ(r.measured->free_seconds, 0.0005);
}

TEST(MeasuredReport, SumsAreOfEveryEventAndOfEveryNode) {
  const Report r = measured_report();
  const double matched = 0.004 + 0.002 + 0.0005 + 0.001;
  EXPECT_DOUBLE_EQ(r.measured->nodes.seconds, matched);
  EXPECT_DOUBLE_EQ(r.measured->matched_seconds, matched);
  EXPECT_DOUBLE_EQ(r.measured->seconds, matched + 0.0025);
  EXPECT_DOUBLE_EQ(*r.totals.measured_latency_seconds, matched + 0.0025);
  EXPECT_DOUBLE_EQ(*r.totals.measured_mfu,
                   *r.totals.mfu * r.totals.seconds->latency / (matched + 0.0025));
  EXPECT_EQ(r.measured->kernels, r.kernels.size());
  double groups = 0;
  for (const GroupRow& g : group_rows(r, GroupBy::kOpType)) groups += g.measured->seconds;
  EXPECT_DOUBLE_EQ(groups, matched);
}

TEST(MeasuredReport, AMeasuredLatencyWinsOverTheSumOfEvents) {
  const Report r = measured_report(kProfile, 0.5);
  EXPECT_DOUBLE_EQ(*r.totals.measured_latency_seconds, 0.5);
  EXPECT_DOUBLE_EQ(r.measured->seconds, 0.01);
}

TEST(MeasuredReport, WhatHasNoTimeHasNone) {
  const Report r = measured_report("name,seconds\np,0.002\n");
  EXPECT_FALSE(r.nodes[0].measured);
  EXPECT_FALSE(r.kernels[*r.nodes[0].kernel].measured);
  EXPECT_EQ(r.measured->kernels, 1U);
  const Json j = Json::parse(written("json", r));
  EXPECT_FALSE(j["nodes"][0].contains("measured_seconds"));
  EXPECT_FALSE(j["nodes"][0].contains("ratio"));
}

TEST(MeasuredReport, ColumnsAreThereWithAProfileAndOnlyThen) {
  const Report without = test::report_of(test::kKnownNet);
  const Report with = measured_report();
  for (const std::string_view format : {"table", "markdown", "csv", "json", "html"}) {
    const std::string key =
        format == "table" || format == "markdown" ? "measured" : "measured_seconds";
    EXPECT_TRUE(has(written(format, with), key)) << format;
    if (format == "html") continue;  // its script knows the key
    EXPECT_FALSE(has(written(format, without), key)) << format;
  }
  EXPECT_TRUE(has(written("csv", with), ",bound,measured_seconds,ratio\n"));
  EXPECT_TRUE(has(written("csv", with, {.group_by = GroupBy::kOpType}),
                  ",bound,measured_seconds,ratio\nMaxPool,"));
  EXPECT_TRUE(has(written("svg", with), "measured 2.00 ms"));
}

TEST(MeasuredReport, TheTableComparesAndListsWhatWasNotJoined) {
  const std::string table = written("table", measured_report());
  EXPECT_TRUE(has(table, "measured   10.0 ms, ")) << table;
  EXPECT_TRUE(has(table, "profile    75.0 % of 10.0 ms in 5 events joined to 3 of 3 kernels"))
      << table;
  EXPECT_TRUE(
      has(table, "Measured, but not joined to any operator\n- void sgemm_128x64_nn: 2.50 ms"))
      << table;
}

TEST(MeasuredReport, ListsAreCutForPeopleAndWholeInJson) {
  std::string profile = kProfile;
  for (int i = 0; i < 30; ++i) profile += "void kernel_" + std::to_string(i) + "(),0.0001\n";
  const Report r = measured_report(profile);
  EXPECT_TRUE(has(written("table", r), "- 21 more; --top 0 shows all")) << written("table", r);
  EXPECT_TRUE(has(written("markdown", r), "- 21 more; --top 0 shows all"));
  EXPECT_FALSE(has(written("table", r, {.top = 0}), "more; --top 0"));
  EXPECT_EQ(Json::parse(written("json", r))["measured"]["unmatched"].size(), 31U);
}

TEST(MeasuredReport, NamesOfEventsStayText) {
  const Report r = measured_report("name,seconds\nr,0.004\n\"<script>|`x`\",0.1\n");
  EXPECT_FALSE(has(written("html", r), "<script>|"));
  EXPECT_TRUE(has(written("markdown", r), "\\<script\\>\\|\\`x\\`"));
}

}  // namespace
}  // namespace aiprof
