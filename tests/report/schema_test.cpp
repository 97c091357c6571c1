// Every report that aiprof writes is one that docs/schema/report.schema.json allows.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

#include "aiprof/frontend/onnx.h"
#include "aiprof/report/write.h"
#include "report/json.h"
#include "report/sample.h"
#include "support/files.h"

namespace aiprof {
namespace {

using Json = nlohmann::json;
using Adapter = valijson::adapters::NlohmannJsonAdapter;

// The complaints of the validator, one a line; empty if there are none.
std::string complaints(const Json& document) {
  static const Json kSchemaJson =
      Json::parse(test::file_bytes(AIPROF_SOURCE_DIR "/docs/schema/report.schema.json"));
  static const auto kSchema = [] {
    auto schema = std::make_unique<valijson::Schema>();
    valijson::SchemaParser parser(valijson::SchemaParser::kDraft7);
    parser.populateSchema(Adapter(kSchemaJson), *schema);
    return schema;
  }();
  valijson::Validator validator;
  valijson::ValidationResults results;
  validator.validate(*kSchema, Adapter(document), &results);
  std::string text;
  valijson::ValidationResults::Error error;
  for (int shown = 0; shown < 20 && results.popError(error); ++shown) {
    for (const std::string& part : error.context) text += part;
    text += ": " + error.description + "\n";
  }
  return text;
}

Json json(const std::vector<Report>& reports, const WriteOptions& options = {}) {
  return Json::parse(write_json(reports, options));
}

TEST(ReportSchema, HoldsForEveryShippedModel) {
  for (const std::string& file : test::shipped_models()) {
    const Graph graph = load_onnx(file);
    EXPECT_EQ(complaints(json({test::report_of(graph)})), "") << file;
    EXPECT_EQ(complaints(json({build_report(graph, analyze(graph), nullptr)})), "") << file;
  }
}

TEST(ReportSchema, HoldsForGapsGroupsMeasurementsAndSeveralMachines) {
  const Report gap = test::report_of(test::kNet);
  EXPECT_EQ(complaints(json({gap})), "");
  EXPECT_EQ(complaints(json({gap}, {.group_by = GroupBy::kBlock})), "");
  EXPECT_EQ(complaints(json({test::report_of(test::kNet, {}, {.measured_latency_seconds = 1.0})})),
            "");
  EXPECT_EQ(complaints(json({gap, test::report_of(test::kNet, {}, {}, "ideal")})), "");
}

// The schema says no where a report would be wrong.
TEST(ReportSchema, IsExact) {
  const Json good = json({test::report_of(test::kNet)});
  const auto refuses = [&](const std::string& path, const Json& value) {
    Json bad = good;
    bad[Json::json_pointer(path)] = value;
    return !complaints(bad).empty();
  };
  EXPECT_TRUE(refuses("/surprise", 1));
  EXPECT_TRUE(refuses("/nodes/0/surprise", 1));
  EXPECT_TRUE(refuses("/nodes/0/flops", nullptr));
  EXPECT_TRUE(refuses("/nodes/0/flops", 1.5));
  EXPECT_TRUE(refuses("/nodes/0/status", "fine"));
  EXPECT_TRUE(refuses("/nodes/0/bound", "launch"));
  EXPECT_TRUE(refuses("/nodes/5/flops", 0));  // a gap has no counts
  EXPECT_TRUE(refuses("/totals/latency_seconds", -1));
  EXPECT_TRUE(refuses("/model/inputs/0/shape/0", 1.5));
  EXPECT_TRUE(refuses("/schema_version", "2"));
  for (const char* key : {"model", "nodes", "totals", "coverage", "notes"}) {
    Json bad = good;
    bad.erase(key);
    EXPECT_NE(complaints(bad), "") << key;
  }
}

}  // namespace
}  // namespace aiprof
