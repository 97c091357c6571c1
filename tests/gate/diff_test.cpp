// Operators of two models are paired by what they are, and differences add up.
#include "aiprof/gate/diff.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "aiprof/frontend/onnx.h"
#include "aiprof/gate/saved_report.h"
#include "gate/sample.h"
#include "support/files.h"
#include "support/model_edit.h"

namespace aiprof::gate {
namespace {

using test::file_bytes;
using test::read_model;
using test::report_of;
using test::shipped;

Report report_of_bytes(const std::string& bytes) { return report_of(read_model(bytes)); }

const OperatorChange* find(const Diff& d, const std::string& label) {
  for (const OperatorChange& c : d.operators) {
    if (c.label == label) return &c;
  }
  return nullptr;
}

std::size_t differences(const Diff& d) { return d.added + d.removed + d.changed + d.affected; }

// Sums of operators and of blocks are the differences of the totals.
void expect_sums(const Diff& d, const Report& before, const Report& after) {
  double latency = 0;
  double flops = 0;
  double blocks = 0;
  for (const OperatorChange& c : d.operators) {
    latency += c.costs.latency.delta().value_or(0);
    flops += c.costs.flops.delta().value_or(0);
  }
  for (const BlockChange& b : d.blocks) blocks += b.costs.latency.delta().value_or(0);
  const double total = after.totals.seconds->latency - before.totals.seconds->latency;
  EXPECT_NEAR(latency, total, 1e-9 * after.totals.seconds->latency);
  EXPECT_NEAR(blocks, total, 1e-9 * after.totals.seconds->latency);
  EXPECT_EQ(flops, after.totals.work.flops.as_double() - before.totals.work.flops.as_double());
}

class DiffOfModels : public testing::TestWithParam<const char*> {};

TEST_P(DiffOfModels, NothingChangedIsNothing) {
  const Report r = report_of_bytes(file_bytes(shipped(GetParam())));
  const Diff d = diff(r, r);
  EXPECT_EQ(differences(d), 0U);
  EXPECT_EQ(d.unchanged, r.nodes.size());
  EXPECT_EQ(headline(d), "No operator changed.");
}

TEST_P(DiffOfModels, NamesDoNotMatter) {
  const std::string bytes = file_bytes(shipped(GetParam()));
  const Diff d = diff(report_of_bytes(bytes), report_of_bytes(test::rename_all(bytes)));
  EXPECT_EQ(d.added + d.removed + d.changed, 0U);
  EXPECT_EQ(d.affected, 0U);
}

TEST_P(DiffOfModels, OrderDoesNotMatter) {
  const std::string bytes = file_bytes(shipped(GetParam()));
  const Report before = report_of_bytes(bytes);
  const Report after = report_of_bytes(test::reorder_nodes(bytes));
  const Diff d = diff(before, after);
  EXPECT_EQ(d.added + d.removed + d.changed, 0U);
  expect_sums(d, before, after);
}

TEST_P(DiffOfModels, NeitherNamesNorOrderMatterTogether) {
  const std::string bytes = file_bytes(shipped(GetParam()));
  const Diff d =
      diff(report_of_bytes(bytes), report_of_bytes(test::rename_all(test::reorder_nodes(bytes))));
  EXPECT_EQ(d.added + d.removed + d.changed, 0U);
}

INSTANTIATE_TEST_SUITE_P(Shipped, DiffOfModels,
                         testing::Values("resnet50", "bert_base", "gpt2", "swin_t"));

// The bottleneck of layer3.2 from 256 to 320 channels: three convolutions, two batch norms and two
// activations change; nothing else does.
void expect_widened(const Report& before, const Report& after) {
  const Diff d = diff(before, after);
  EXPECT_EQ(d.added, 0U);
  EXPECT_EQ(d.removed, 0U);
  EXPECT_EQ(d.changed, 3U + 2U + 2U);
  const OperatorChange& first = d.operators.front();
  EXPECT_EQ(first.kind, ChangeKind::kChanged);
  EXPECT_EQ(first.op_type, "Conv");
  EXPECT_NE(first.what.find("256x14x14 -> 1x320x14x14"), std::string::npos) << first.what;
  EXPECT_EQ(*first.costs.macs.after, 14.0 * 14 * 320 * 320 * 3 * 3);
  expect_sums(d, before, after);
}

TEST(Diff, WidenedLayerIsFound) {
  const std::string bytes = file_bytes(shipped("resnet50"));
  const std::string wide = test::resize_weights(bytes, "layer3.2.", 256, 320);
  const Report before = report_of_bytes(bytes);
  const Report after = report_of_bytes(wide);
  expect_widened(before, after);
  EXPECT_EQ(diff(before, after).operators.front().label, "/layer3/layer3.2/conv2/Conv");
  EXPECT_EQ(diff(before, after).blocks.front().block, "layer3.2");
}

TEST(Diff, WidenedLayerIsFoundWithoutNames) {
  const std::string bytes = file_bytes(shipped("resnet50"));
  const std::string wide = test::resize_weights(bytes, "layer3.2.", 256, 320);
  expect_widened(report_of_bytes(bytes), report_of_bytes(test::rename_all(wide)));
}

TEST(Diff, InsertedAndRemovedOperators) {
  constexpr const char* kBefore = R"(
    <ir_version: 8, opset_import: ["": 17]>
    g (float[8,8] x) => (float[8,8] y) { a = Relu(x) b = Exp(a) y = Neg(b) })";
  constexpr const char* kAfter = R"(
    <ir_version: 8, opset_import: ["": 17]>
    g (float[8,8] x) => (float[8,8] y) { a = Relu(x) q = Tanh(a) b = Exp(q) y = Neg(b) })";
  const Diff added = diff(report_of(kBefore), report_of(kAfter));
  EXPECT_EQ(added.added, 1U);
  EXPECT_EQ(added.removed + added.changed, 0U);
  ASSERT_NE(find(added, "q"), nullptr);
  EXPECT_EQ(find(added, "q")->kind, ChangeKind::kAdded);
  const Diff removed = diff(report_of(kAfter), report_of(kBefore));
  EXPECT_EQ(removed.removed, 1U);
  EXPECT_EQ(removed.added + removed.changed, 0U);
}

// Names that a counter gives shift behind an insertion: structure has to win.
TEST(Diff, ShiftedNumbersAreNotChanges) {
  const auto chain = [](bool extra) {
    std::vector<test::HandNode> nodes;
    const char* types[] = {"Conv", "Relu", "Add", "MatMul"};
    for (int i = 0; i < 40; ++i) {
      if (extra && i == 7) nodes.push_back({"op_" + std::to_string(nodes.size()), "Softmax"});
      nodes.push_back({"op_" + std::to_string(nodes.size()), types[i % 4]});
    }
    return test::hand_report(nodes);
  };
  const Diff d = diff(chain(false), chain(true));
  EXPECT_EQ(d.added, 1U);
  EXPECT_EQ(d.removed + d.changed + d.affected, 0U);
}

TEST(Diff, SwappedOperatorTypeUnderTheSameNameIsAChange) {
  const Diff d = diff(test::hand_report({{"a", "Conv"}, {"act", "Relu"}, {"c", "Conv"}}),
                      test::hand_report({{"a", "Conv"}, {"act", "Gelu"}, {"c", "Conv"}}));
  EXPECT_EQ(d.changed, 1U);
  EXPECT_EQ(find(d, "act")->what, "Relu -> Gelu");
}

TEST(Diff, TheSameOperatorAtAnotherCostIsAffected) {
  const Diff d = diff(test::hand_report({{"a", "Conv", 1e-3, 10}}),
                      test::hand_report({{"a", "Conv", 2e-3, 10}}));
  EXPECT_EQ(d.affected, 1U);
  EXPECT_EQ(headline(d),
            "Latency 1.00 ms to 2.00 ms: +1.00 ms (+100 %), 100 % of it from a (Conv, affected).");
}

TEST(Diff, ManyIdenticalOperatorsTakeLittleTime) {
  const std::vector<test::HandNode> nodes(20'000, {"", "Conv"});
  std::vector<test::HandNode> more = nodes;
  more.insert(more.begin() + 5000, 3, {"", "Conv"});
  const Diff d = diff(test::hand_report(nodes), test::hand_report(more));
  EXPECT_EQ(d.added, 3U);
  EXPECT_EQ(d.removed + d.changed, 0U);
}

TEST(SavedReport, IsTheReportThatWasSaved) {
  for (const char* model : {"resnet50", "gpt2"}) {
    const Report r = report_of_bytes(file_bytes(shipped(model)));
    const auto formats = report_formats();
    const auto json = std::find_if(formats.begin(), formats.end(),
                                   [](const ReportFormat& f) { return f.name == "json"; });
    const std::string text = json->write(std::vector<Report>{r}, {});
    ASSERT_TRUE(looks_like_report(text));
    const std::vector<Report> read = parse_reports(text, "r.json");
    ASSERT_EQ(read.size(), 1U);
    EXPECT_EQ(differences(diff(r, read[0])), 0U);
    for (const TotalChange& t : diff(r, read[0]).totals) {
      EXPECT_EQ(t.values.before, t.values.after) << t.metric->name;
    }
  }
}

TEST(SavedReport, MistakesAreNamed) {
  const auto message = [](const std::string& text) {
    return test::message_of([&] { (void)parse_reports(text, "r.json"); });
  };
  EXPECT_TRUE(message("{").starts_with("r.json: is not JSON: "));
  EXPECT_EQ(message("{}"), "r.json: /: is no report of aiprof: \"schema_version\" is not \"1\"");
  EXPECT_EQ(message(R"({"schema_version": "1"})"), "r.json: /: has no \"model\"");
  EXPECT_EQ(message(R"({"reports": []})"), "r.json: /: holds no report");
  constexpr const char* kBase =
      R"({"schema_version": "1", "model": {}, "coverage": {}, "totals": {}, "nodes": [)";
  EXPECT_EQ(message(std::string(kBase) + R"({"status": "fine"}]})"),
            "r.json: /nodes/0/status: 'fine' is not known");
  EXPECT_EQ(message(std::string(kBase) + R"({"status": "exact", "flops": -1}]})"),
            "r.json: /nodes/0/flops: expected a whole number of at least 0");
  EXPECT_EQ(message(std::string(kBase) + R"({"status": "exact", "kernel": 3}]})"),
            "r.json: /nodes/0: there is no kernel 3");
}

TEST(DiffFormats, JsonAddsUp) {
  const Report before = report_of(test::kKnownNet);
  const Report after =
      report_of_bytes(test::resize_weights(test::model_bytes(test::kKnownNet), "w", 16, 16));
  const auto write = [&](std::string_view name) {
    for (const DiffFormat& f : diff_formats()) {
      if (f.name == name) return f.write(diff(before, after), {});
    }
    return std::string();
  };
  const auto o = nlohmann::json::parse(write("json"));
  EXPECT_EQ(o["schema_version"], "1");
  EXPECT_EQ(o["counts"]["unchanged"], before.nodes.size());
  EXPECT_EQ(o["totals"]["flops"]["delta"], 0);
  EXPECT_NE(write("table").find("No operator changed."), std::string::npos);
  EXPECT_NE(write("markdown").find("## "), std::string::npos);
}

}  // namespace
}  // namespace aiprof::gate
