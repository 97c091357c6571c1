// Whole reports, as a reviewer would read them. AIPROF_UPDATE_GOLDEN=1 rewrites the files of
// tests/golden; the change of every number in them is then reviewed as a diff.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "aiprof/report/write.h"
#include "report/sample.h"
#include "support/files.h"

namespace aiprof {
namespace {

void expect_golden(const std::string& name, const std::string& text) {
  const std::string file = AIPROF_SOURCE_DIR "/tests/golden/" + name;
  if (std::getenv("AIPROF_UPDATE_GOLDEN") != nullptr) {
    std::ofstream(file, std::ios::binary) << text;
  }
  EXPECT_EQ(test::file_bytes(file), text)
      << name << " differs; AIPROF_UPDATE_GOLDEN=1 accepts the new text";
}

std::string written(std::string_view format, const Report& r, const WriteOptions& options = {}) {
  for (const ReportFormat& f : report_formats()) {
    if (f.name == format) return f.write(std::span(&r, 1), options);
  }
  return {};
}

TEST(Golden, Table) { expect_golden("net.txt", written("table", test::report_of(test::kNet))); }

TEST(Golden, TableWithoutHardware) {
  expect_golden("net_counts.txt", written("table", test::count_of(test::kNet)));
}

TEST(Golden, TableOfTypes) {
  expect_golden("net_types.txt", written("table", test::report_of(test::kNet),
                                         {.top = 2, .group_by = GroupBy::kOpType}));
}

TEST(Golden, Json) { expect_golden("net.json", written("json", test::report_of(test::kNet))); }

TEST(Golden, Csv) { expect_golden("net.csv", written("csv", test::report_of(test::kNet))); }

TEST(Golden, Markdown) {
  expect_golden("net.md", written("markdown", test::report_of(test::kNet)));
}

}  // namespace
}  // namespace aiprof
