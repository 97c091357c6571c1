// One run, many formats: the numbers are the same in all of them, and totals are the sums of rows.
#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>

#include "aiprof/base/text.h"
#include "aiprof/report/format.h"
#include "cli/run_cli.h"

namespace aiprof {
namespace {

using Json = nlohmann::json;
using test::run_cli;
using test::shipped;

class Agreement : public testing::TestWithParam<const char*> {
 protected:
  // Wide enough that no name is cut.
  [[nodiscard]] std::string report(const std::string& format) const {
    std::ostringstream out;
    std::ostringstream err;
    EXPECT_EQ(cli::run({shipped(GetParam()), "--hw", "a100", "--top", "0", "--format", format},
                       {out, err, false, 400}),
              0)
        << err.str();
    return out.str();
  }
};

// Fields of one line of CSV, without their quotes.
std::vector<std::string> csv_fields(const std::string& line) {
  std::vector<std::string> fields(1);
  bool quoted = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '"' && quoted && i + 1 < line.size() && line[i + 1] == '"') {
      fields.back() += line[++i];
    } else if (line[i] == '"') {
      quoted = !quoted;
    } else if (line[i] == ',' && !quoted) {
      fields.emplace_back();
    } else {
      fields.back() += line[i];
    }
  }
  return fields;
}

constexpr const char* kCounts[] = {"flops",      "macs",          "transcendentals",  "integer_ops",
                                   "bytes_read", "bytes_written", "weight_bytes_read"};
constexpr const char* kSeconds[] = {"latency_seconds", "compute_seconds", "memory_seconds",
                                    "overhead_seconds", "energy_joules"};

TEST_P(Agreement, TotalsAreTheSumsOfTheNodes) {
  const Json json = Json::parse(report("json"));
  for (const char* key : kCounts) {
    std::uint64_t sum = 0;
    for (const Json& node : json["nodes"]) sum += node.value(key, std::uint64_t{0});
    EXPECT_EQ(json["totals"][key].get<std::uint64_t>(), sum) << key;
  }
  for (const char* key : kSeconds) {
    double sum = 0;
    for (const Json& node : json["nodes"]) sum += node.value(key, 0.0);
    EXPECT_EQ(json["totals"][key].get<double>(), sum) << key;
  }
  double kernels = 0;
  for (const Json& kernel : json["kernels"]) kernels += kernel["latency_seconds"].get<double>();
  EXPECT_NEAR(kernels, json["totals"]["latency_seconds"].get<double>(), 1e-12 * kernels);
}

TEST_P(Agreement, CsvHasTheNumbersOfJson) {
  const Json json = Json::parse(report("json"));
  std::vector<std::string> lines = split(report("csv"), '\n');
  ASSERT_EQ(lines.size(), json["nodes"].size() + 2);  // a header, and nothing behind the last end
  const std::vector<std::string> keys = csv_fields(lines[0]);
  for (std::size_t i = 0; i < json["nodes"].size(); ++i) {
    const std::vector<std::string> fields = csv_fields(lines[i + 1]);
    ASSERT_EQ(fields.size(), keys.size()) << lines[i + 1];
    for (std::size_t k = 0; k < keys.size(); ++k) {
      const Json& node = json["nodes"][i];
      if (!node.contains(keys[k]) || node[keys[k]].is_string()) continue;
      EXPECT_EQ(std::stod(fields[k]), node[keys[k]].get<double>()) << keys[k] << " of " << i;
    }
  }
}

// What people read of one operator, from the numbers of JSON.
std::vector<std::string> shown(const Json& node) {
  const auto bytes =
      node["bytes_read"].get<std::uint64_t>() + node["bytes_written"].get<std::uint64_t>();
  return {format_seconds(node["latency_seconds"]), format_si(node["flops"], ""),
          format_bytes(bytes)};
}

// The cells of Markdown, and the words of the table, that are those numbers, in any order of rows.
TEST_P(Agreement, MarkdownAndTableShowTheNumbersOfJson) {
  const Json json = Json::parse(report("json"));
  std::map<std::vector<std::string>, int> wanted;
  for (const Json& node : json["nodes"]) {
    if (node.contains("latency_seconds")) ++wanted[shown(node)];
  }
  std::map<std::vector<std::string>, int> markdown = wanted;
  for (const std::string& line : split(report("markdown"), '\n')) {
    std::vector<std::string> cells;
    for (const std::string& cell : split(line, '|')) {
      cells.push_back(cell.size() < 2 ? cell : cell.substr(1, cell.size() - 2));
    }
    if (cells.size() < 7) continue;
    const auto it = markdown.find({cells[2], cells[4], cells[5]});
    if (it != markdown.end()) --it->second;
  }
  const std::string table = report("table");
  for (const auto& [cells, n] : wanted) {
    EXPECT_LE(markdown[cells], 0) << cells[0] << " " << cells[1] << " " << cells[2];
    for (const std::string& cell : cells) EXPECT_TRUE(test::has(table, cell)) << cell;
  }
  const Json& t = json["totals"];
  for (const std::string& text : {report("markdown"), table}) {
    EXPECT_TRUE(test::has(text, format_seconds(t["latency_seconds"])));
    EXPECT_TRUE(test::has(text, format_si(t["flops"], "FLOP")));
    EXPECT_TRUE(test::has(text, format_joules(t["energy_joules"])));
  }
}

// The verdict of the page; its rows are compared in tests/report and tests/browser.
TEST_P(Agreement, HtmlAndSvgOpenWithTheNumbersOfJson) {
  const Json totals = Json::parse(report("json"))["totals"];
  const std::string html = report("html");
  EXPECT_TRUE(test::has(html, format_seconds(totals["latency_seconds"])));
  EXPECT_TRUE(test::has(html, format_si(totals["flops"], "FLOP")));
  EXPECT_TRUE(test::has(html, format_joules(totals["energy_joules"])));
  EXPECT_TRUE(test::has(report("svg"), format_seconds(totals["latency_seconds"])));
}

INSTANTIATE_TEST_SUITE_P(RealModels, Agreement, testing::Values("resnet50", "gpt2", "yolo_s"));

}  // namespace
}  // namespace aiprof
