// The HTML report: one file, the same numbers as the JSON report, and nothing that a model says can
// become markup or script.
#include "report/html.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "aiprof/frontend/onnx.h"
#include "aiprof/report/escape.h"
#include "report/assets.h"
#include "report/html_data.h"
#include "report/json.h"
#include "report/markup.h"
#include "report/sample.h"
#include "report/value_pool.h"
#include "support/files.h"

namespace aiprof {
namespace {

using Json = nlohmann::json;

std::string html(const Report& r) { return write_html(std::span(&r, 1), {}); }
Json page_data(std::span<const Report> reports) { return Json::parse(html_data(reports)); }

// The page without the parts that others wrote or that are data.
std::string own_parts(std::string page) {
  for (const std::string_view part : {html::asset("d3.min.js"), html::asset("d3.license.txt")}) {
    const auto at = page.find(part);
    EXPECT_NE(at, std::string::npos);
    if (at != std::string::npos) page.erase(at, part.size());
  }
  const auto begin = page.find('>', page.find("id=\"data\"")) + 1;
  const auto end = page.find("</script>", begin);
  page.erase(begin, end - begin);
  return page;
}

// Unpacks the table `rows` of the page's data as its script does.
class Unpacked {
 public:
  Unpacked(const Json& all, const Json& table) : rows_(table["rows"]) {
    for (const Json& value : all["values"]) {
      Json v = value;
      // ASCII here, so that characters are bytes.
      if (v.is_array()) v = previous_.substr(0, v[0]) + v[1].get<std::string>();
      if (v.is_string()) previous_ = v;
      values_.push_back(std::move(v));
    }
    for (const auto& [key, id] : table["columns"].items())
      columns_[key] = all["columns"][id.get<std::size_t>()];
  }
  [[nodiscard]] std::size_t rows() const { return rows_; }
  [[nodiscard]] const Json& at(const std::string& key, std::size_t row) const {
    const Json& c = columns_.at(key);
    if (c.is_array()) return values_.at(c.at(row));
    if (c.contains("all")) return values_.at(c["all"]);
    return values_.at(c["from"].get<std::size_t>() + row);
  }

 private:
  std::size_t rows_;
  std::string previous_;
  std::vector<Json> values_;
  std::map<std::string, Json> columns_;
};

void expect_same_rows(const Json& rows, const Unpacked& table,
                      std::initializer_list<const char*> keys) {
  ASSERT_EQ(rows.size(), table.rows());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    for (const char* key : keys) {
      const Json expected = rows[i].contains(key) ? rows[i][key] : Json();
      ASSERT_EQ(table.at(key, i), expected) << key << " of row " << i;
    }
  }
}

TEST(HtmlReport, EveryNumberIsThatOfTheJsonReport) {
  for (const std::string name : {"resnet50", "gpt2", "yolo_s"}) {
    const Report r = test::report_of(load_onnx(test::shipped(name)));
    const Json json = Json::parse(write_json(std::span(&r, 1), {}));
    const Json page = page_data(std::span(&r, 1));
    const Json& report = page["reports"][0];
    expect_same_rows(json["nodes"], Unpacked(page, report["nodes"]),
                     {"op_type", "op_class", "status", "trips", "flops", "macs", "transcendentals",
                      "integer_ops", "bytes_read", "bytes_written", "weight_bytes_read",
                      "arithmetic_intensity", "kernel", "latency_seconds", "compute_seconds",
                      "memory_seconds", "overhead_seconds", "energy_joules", "bound"});
    expect_same_rows(json["kernels"], Unpacked(page, report["kernels"]),
                     {"op_class", "engine", "launches", "flops", "bytes_read", "bytes_written",
                      "arithmetic_intensity", "latency_seconds", "latency_low_seconds",
                      "latency_high_seconds", "compute_seconds", "memory_seconds",
                      "overhead_seconds", "energy_joules", "bound", "mfu", "mbu"});
    for (const auto& [key, value] : report["totals"].items()) {
      EXPECT_EQ(value, json["totals"][key]) << key;
    }
  }
}

TEST(HtmlReport, NeedsNothingButItself) {
  const std::string page = own_parts(html(test::report_of(test::kNet)));
  EXPECT_NE(page.find("default-src 'none'"), std::string::npos);
  for (const char* outside :
       {"http://", "https://", " src=", "@import", "fetch(", "XMLHttpRequest", "innerHTML",
        "outerHTML", "document.write", "insertAdjacentHTML", "eval("}) {
    EXPECT_EQ(page.find(outside), std::string::npos) << outside;
  }
  for (auto at = page.find("url("); at != std::string::npos; at = page.find("url(", at + 1)) {
    EXPECT_EQ(page[at + 4], '#') << "a reference out of the page";
  }
  EXPECT_EQ(page.find("{{"), std::string::npos) << "a part of the page was not filled in";
}

TEST(HtmlReport, IsWellFormed) {
  EXPECT_EQ(test::markup_error(own_parts(html(test::report_of(test::kNet)))), "");
  EXPECT_EQ(test::markup_error(own_parts(html(test::count_of(test::kNet)))), "");
  const std::vector<Report> two(2, test::report_of(test::kNet));
  EXPECT_EQ(test::markup_error(own_parts(write_html(two, {}))), "");
}

TEST(HtmlReport, SameInputSameBytes) {
  EXPECT_EQ(html(test::report_of(test::kNet)), html(test::report_of(test::kNet)));
}

TEST(HtmlReport, HostileNamesStayText) {
  const std::string evil =
      "</script><img src=x onerror=alert(1)>\"'`&{{data}}\n=cmd()|\xE2\x80\xA8\xFF\xC0\x01<!--";
  const Report clean = test::report_of(test::kNet);
  Report r = clean;
  r.model.file = evil;
  r.model.dims[evil] = 7;
  r.hardware->name = r.hardware->id = r.hardware->file = evil;
  r.hardware->edits = r.assumptions = r.notes = {evil};
  for (NodeRow& n : r.nodes) {
    n.name = n.path = n.op_type = n.domain = n.block = n.reason = n.op_class = evil;
  }
  for (TensorRow& t : r.tensors) {
    t.name = t.dtype = evil;
    t.shape = std::vector<DimText>{evil};
  }
  for (KernelRow& k : r.kernels) k.name = k.engine = k.fusion = k.op_class = k.unsupported = evil;
  for (Ridge& ridge : r.ridges) ridge.engine = evil;
  for (MemoryRow& m : r.appendix.machine->memory) m.name = evil;
  r.appendix.machine->runtime.description = evil;
  const std::string page = html(r);
  EXPECT_EQ(page.find("<img"), std::string::npos);
  EXPECT_EQ(page.find("\xE2\x80\xA8", page.find("id=\"data\">")), std::string::npos);
  const auto count = [](const std::string& text, std::string_view part) {
    std::size_t n = 0;
    for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++n;
    return n;
  };
  EXPECT_EQ(count(page, "</script"), count(html(clean), "</script"));
  EXPECT_EQ(count(page, "<!--"), count(html(clean), "<!--"));
  EXPECT_EQ(test::markup_error(own_parts(page)), "");
  EXPECT_EQ(page_data(std::span(&r, 1))["reports"][0]["model"].get<std::string>().substr(0, 9),
            "</script>");
}

TEST(HtmlReport, MachinesOfOneModelShareItsColumns) {
  const Report one = test::report_of(load_onnx(test::shipped("resnet50")));
  const std::vector<Report> three(3, one);
  EXPECT_LT(html_data(three).size(), html_data(std::span(&one, 1)).size() + 10'000);
}

// 10,000 operators, no two of which have the same counts, times or names.
TEST(HtmlReport, TenThousandDifferentOperatorsStayBelowThreeMegabytes) {
  constexpr std::size_t kNodes = 10'000;
  Report r = test::report_of(test::kKnownNet);
  const NodeRow node = r.nodes[0];
  const KernelRow kernel = r.kernels[0];
  r.nodes.assign(kNodes, node);
  r.kernels.assign(kNodes, kernel);
  r.appendix.memory_steps.clear();
  for (std::size_t i = 0; i < kNodes; ++i) {
    const double x = 1.0 + static_cast<double>(i) / 3;
    NodeRow& n = r.nodes[i];
    n.index = i;
    n.kernel = i;
    n.block = "model/layers." + std::to_string(i / 100) + "/mlp";
    n.name = n.block + "/node_" + std::to_string(i) + "/MatMul";
    n.work->flops = n.work->macs = Count(1'000'003 * (i + 1));
    n.work->bytes_read = Count(10'007 * (i + 1));
    n.seconds = Seconds{.latency = 1e-6 * x,
                        .compute = 7e-7 * x,
                        .memory = 3e-7 * x,
                        .overhead = 2e-6,
                        .joules = 1e-4 * x};
    KernelRow& k = r.kernels[i];
    k.index = i;
    k.nodes = {i};
    k.name = n.name;
    k.flops = n.work->flops.value();
    k.seconds = *n.seconds;
    k.latency_low_seconds = 0.8e-6 * x;
    k.latency_high_seconds = 1.3e-6 * x;
    k.mfu = 1 / x;
    r.appendix.memory_steps.push_back({i, 5003 * (i + 1)});
  }
  EXPECT_LT(html(r).size(), 3'000'000U);
}

TEST(ValuePool, TextsContinueTheTextBefore) {
  ValuePool pool;
  EXPECT_EQ(pool.add(std::string("model/layers.0/q_proj")), 1U);
  EXPECT_EQ(pool.add(std::string("model/layers.0/k_proj")), 2U);
  EXPECT_EQ(pool.add(std::string("model/layers.0/q_proj")), 1U);
  EXPECT_EQ(pool.add(std::uint64_t{18446744073709551615U}), 3U);
  EXPECT_EQ(pool.add(1.5e-6), 4U);
  EXPECT_EQ(pool.add(Cell()), 0U);
  EXPECT_EQ(pool.values(),
            R"([null,"model/layers.0/q_proj",[15,"k_proj"],18446744073709551615,1.5e-06])");
}

TEST(ValuePool, SharedStartsAreWholeCharacters) {
  ValuePool pool;
  (void)pool.add(std::string("0123456789\xC3\xA4"));  // a umlaut
  (void)pool.add(std::string("0123456789\xC3\xB6"));  // o umlaut: the same first byte
  EXPECT_EQ(pool.values(), "[null,\"0123456789\xC3\xA4\",[10,\"\xC3\xB6\"]]");
}

TEST(ValuePool, ColumnsOfOneValueAndOfNewValuesAreShort) {
  ValuePool pool;
  const Cell one = std::uint64_t{1};
  EXPECT_EQ(pool.add_column({one, one, one}), 0U);
  EXPECT_EQ(pool.add_column({2.5, 3.5, 4.5}), 1U);
  EXPECT_EQ(pool.add_column({one, 3.5, Cell()}), 2U);
  EXPECT_EQ(pool.add_column({one, one, one}), 0U);
  EXPECT_EQ(pool.columns(), "[\n{\"all\":1},\n{\"from\":2},\n[1,3,0]\n]");
}

TEST(ScriptString, EndsNoScriptAndNoLine) {
  EXPECT_EQ(script_string("a</script>&\"\\"), R"("a\u003c/script\u003e\u0026\"\\")");
  EXPECT_EQ(script_string("x\xE2\x80\xA8y\xE2\x80\xA9"), R"("x\u2028y\u2029")");
}

}  // namespace
}  // namespace aiprof
