// Every report that aiprof writes is one that docs/schema/report.schema.json allows.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "aiprof/frontend/onnx.h"
#include "aiprof/report/write.h"
#include "report/json.h"
#include "report/sample.h"
#include "support/files.h"
#include "support/json_schema.h"

namespace aiprof {
namespace {

using Json = nlohmann::json;

std::string complaints(const Json& document) {
  static const test::JsonSchema kSchema(AIPROF_SOURCE_DIR "/docs/schema/report.schema.json");
  return kSchema.complaints(document);
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
