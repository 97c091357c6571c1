// What CI systems read is valid by the schemas that they publish: SARIF 2.1.0 of OASIS, and the
// JUnit schema of Jenkins' xunit plugin.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "gate/check_write.h"
#include "gate/hostile.h"
#include "support/json_schema.h"

namespace aiprof::gate {
namespace {

using Json = nlohmann::json;

constexpr const char* kSarifSchema = AIPROF_SOURCE_DIR "/tests/gate/data/sarif-schema-2.1.0.json";
constexpr const char* kJunitSchema = AIPROF_SOURCE_DIR "/tests/gate/data/junit-10.xsd";

std::vector<std::string> names() {
  std::vector<std::string> all = {"m.onnx", test::hostile_name()};
  for (const std::string_view part : test::kHostile) all.emplace_back(part);
  return all;
}

std::string complaints(const Json& document) {
  static const test::JsonSchema kSchema(kSarifSchema);
  return kSchema.complaints(document);
}

TEST(SarifSchema, HoldsForEveryOutcomeAndName) {
  for (const std::string& name : names()) {
    EXPECT_EQ(complaints(Json::parse(write_sarif(test::sample(name), {}))), "") << name;
  }
  EXPECT_EQ(complaints(Json::parse(write_sarif({}, {}))), "");
}

TEST(SarifSchema, SaysNoToWhatIsWrong) {
  Json bad = Json::parse(write_sarif(test::sample("m.onnx"), {}));
  bad["runs"][0]["results"][0]["level"] = "fatal";
  EXPECT_NE(complaints(bad), "");
}

// The exit code of xmllint (libxml2-utils): 0 valid, 3 not, 127 there is none.
int xmllint(const std::string& document) {
  const std::filesystem::path file = std::filesystem::temp_directory_path() /
                                     ("aiprof_junit_" + std::to_string(getpid()) + ".xml");
  std::ofstream(file, std::ios::binary) << document;
  const std::string command = std::string("xmllint --nonet --noout --schema ") + kJunitSchema +
                              " " + file.string() + " 2>/dev/null";
  const int status = std::system(command.c_str());  // NOLINT(concurrency-mt-unsafe): one thread
  std::filesystem::remove(file);
  return WEXITSTATUS(status);
}

TEST(JunitSchema, HoldsForEveryOutcomeAndName) {
  if (xmllint("<testsuites/>") == 127) GTEST_SKIP() << "no xmllint (apt-get install libxml2-utils)";
  for (const std::string& name : names()) {
    EXPECT_EQ(xmllint(write_junit(test::sample(name), {})), 0) << name;
  }
  EXPECT_EQ(xmllint(write_junit({}, {})), 0);
  EXPECT_EQ(xmllint("<testsuites><testsuite/></testsuites>"), 3);
}

}  // namespace
}  // namespace aiprof::gate
