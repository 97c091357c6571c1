// JSON, CSV and Markdown: what other programs read.
#include <gtest/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>

#include "aiprof/base/text.h"
#include "aiprof/frontend/onnx.h"
#include "aiprof/report/escape.h"
#include "report/csv.h"
#include "report/json.h"
#include "report/markdown.h"
#include "report/sample.h"
#include "support/files.h"

namespace aiprof {
namespace {

using Json = nlohmann::json;

Json json(const Report& r, const WriteOptions& options = {}) {
  return Json::parse(write_json(std::span(&r, 1), options));
}

TEST(JsonReport, TotalsAreSumsOfNodes) {
  constexpr const char* kAdditive[] = {
      "flops",           "macs",           "transcendentals",   "integer_ops",
      "bytes_read",      "bytes_written",  "weight_bytes_read", "latency_seconds",
      "compute_seconds", "memory_seconds", "overhead_seconds",  "energy_joules"};
  for (const std::string name : {"resnet50", "gpt2", "yolo_s"}) {
    const Json r = json(test::report_of(load_onnx(test::shipped(name))));
    for (const char* key : kAdditive) {
      if (r["totals"][key].is_number_integer()) {
        std::uint64_t sum = 0;
        for (const Json& node : r["nodes"]) sum += node.value(key, std::uint64_t{0});
        EXPECT_EQ(sum, r["totals"][key].get<std::uint64_t>()) << key;
      } else {
        double sum = 0;
        for (const Json& node : r["nodes"]) sum += node.value(key, 0.0);
        EXPECT_EQ(sum, r["totals"][key].get<double>()) << key;
      }
    }
  }
}

TEST(JsonReport, UnknownIsAbsent) {
  const Json r = json(test::report_of(test::kNet));
  const Json& gap = r["nodes"][5];
  EXPECT_EQ(gap["status"], "gap");
  EXPECT_TRUE(gap.contains("reason"));
  for (const char* key : {"flops", "macs", "bytes_read", "kernel", "latency_seconds", "bound"}) {
    EXPECT_FALSE(gap.contains(key)) << key;
  }
  EXPECT_FALSE(gap["outputs"][0].contains("shape"));
  EXPECT_EQ(write_json(std::vector{test::report_of(test::kNet)}, {}).find("null"),
            std::string::npos);
}

TEST(JsonReport, NotFiniteIsAbsent) {
  Report r = test::report_of(test::kKnownNet);
  r.totals.mfu = std::numeric_limits<double>::quiet_NaN();
  r.totals.mbu = std::numeric_limits<double>::infinity();
  const Json totals = json(r)["totals"];
  EXPECT_FALSE(totals.contains("mfu"));
  EXPECT_FALSE(totals.contains("mbu"));
}

TEST(JsonReport, DimsAreNumbersOrNames) {
  Report r = test::report_of(test::kKnownNet);
  r.tensors[r.model.inputs[0]].shape = {DimText{std::int64_t{7}}, DimText{std::string("7")}};
  const Json shape = json(r)["model"]["inputs"][0]["shape"];
  EXPECT_EQ(shape, Json::parse(R"([7, "7"])"));
}

TEST(JsonReport, NamesThatAreNotUtf8AreReplaced) {
  Report r = test::report_of(test::kKnownNet);
  r.nodes[0].name = "a\xff\"\n";
  EXPECT_EQ(json(r)["nodes"][0]["name"], "a\xEF\xBF\xBD\"\n");
}

TEST(JsonReport, HasNoMachineWithoutHardware) {
  const Json r = json(test::count_of(test::kKnownNet));
  for (const char* key : {"hardware", "runtime", "kernels", "ridge_points"}) {
    EXPECT_FALSE(r.contains(key)) << key;
  }
}

TEST(JsonReport, SeveralMachines) {
  const std::vector<Report> reports = {test::report_of(test::kKnownNet),
                                       test::report_of(test::kKnownNet, {}, {}, "ideal")};
  const Json r = Json::parse(write_json(reports, {}));
  EXPECT_EQ(r["schema_version"], "1");
  ASSERT_EQ(r["reports"].size(), 2U);
  EXPECT_EQ(r["reports"][1]["runtime"], "ideal");
}

TEST(JsonReport, IsNeverCut) {
  const Json r = json(test::report_of(test::kNet), {.top = 1});
  EXPECT_EQ(r["nodes"].size(), 6U);
}

TEST(CsvText, CannotBecomeAFormula) {
  EXPECT_EQ(csv_text("=1+1"), "'=1+1");
  EXPECT_EQ(csv_text("+a"), "'+a");
  EXPECT_EQ(csv_text("-a"), "'-a");
  EXPECT_EQ(csv_text("@a"), "'@a");
  EXPECT_EQ(csv_text("/conv1/Conv"), "/conv1/Conv");
}

TEST(CsvText, IsQuotedWhereItMustBe) {
  EXPECT_EQ(csv_text("a,b"), "\"a,b\"");
  EXPECT_EQ(csv_text("a\"b"), "\"a\"\"b\"");
  EXPECT_EQ(csv_text("a\nb").find('\n'), std::string::npos);
}

TEST(CsvReport, HasARowForEachNodeAndTheSameCellsInEach) {
  const Report r = test::report_of(test::kKnownNet);
  const std::vector<std::string> lines = split(write_csv(std::span(&r, 1), {.top = 1}), '\n');
  ASSERT_EQ(lines.size(), 1U + r.nodes.size() + 1U);  // header, rows, the end of the last line
  for (std::size_t i = 0; i + 1 < lines.size(); ++i) {
    EXPECT_EQ(split(lines[i], ',').size(), split(lines[0], ',').size()) << lines[i];
  }
}

TEST(CsvReport, SumsToTheTotals) {
  const Report r = test::report_of(test::kKnownNet);
  const std::vector<std::string> lines = split(write_csv(std::span(&r, 1), {}), '\n');
  const std::vector<std::string> keys = split(lines[0], ',');
  const auto at = std::find(keys.begin(), keys.end(), "latency_seconds") - keys.begin();
  double sum = 0;
  for (std::size_t i = 1; i + 1 < lines.size(); ++i) {
    const std::string text = split(lines[i], ',')[static_cast<std::size_t>(at)];
    if (!text.empty()) sum += std::stod(text);
  }
  EXPECT_EQ(sum, r.totals.seconds->latency);
}

TEST(MarkdownText, StaysText) {
  EXPECT_EQ(markdown_text("a|b"), "a\\|b");
  EXPECT_EQ(markdown_text("<img src=x>"), "\\<img src=x\\>");
  EXPECT_EQ(markdown_text("_x_"), "\\_x\\_");
  EXPECT_EQ(markdown_text("a\nb").find('\n'), std::string::npos);
}

TEST(MarkdownReport, TablesHaveOneWidth) {
  Report r = test::report_of(test::kNet);
  r.nodes[0].name = "a|b\n|c";
  std::size_t bars = 0;
  for (const std::string& line : split(write_markdown(std::span(&r, 1), {}), '\n')) {
    if (!line.starts_with('|')) continue;
    std::size_t n = 0;
    for (std::size_t i = 0; i < line.size(); ++i)
      n += line[i] == '|' && (i == 0 || line[i - 1] != '\\') ? 1 : 0;
    if (bars == 0) bars = n;
    EXPECT_EQ(n, bars) << line;
  }
  EXPECT_GT(bars, 0U);
}

TEST(AllFormats, SameInputSameBytes) {
  for (const ReportFormat& format : report_formats()) {
    const Report a = test::report_of(load_onnx(test::shipped("bert_base")));
    const Report b = test::report_of(load_onnx(test::shipped("bert_base")));
    EXPECT_EQ(format.write(std::span(&a, 1), {}), format.write(std::span(&b, 1), {}))
        << format.name;
  }
}

}  // namespace
}  // namespace aiprof
