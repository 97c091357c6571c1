// What CI systems read is valid by the schemas that they publish: SARIF 2.1.0 of OASIS, and the
// JUnit schema of Jenkins' xunit plugin.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

#include "gate/check_write.h"
#include "gate/hostile.h"
#include "support/files.h"

namespace aiprof::gate {
namespace {

using Json = nlohmann::json;
using Adapter = valijson::adapters::NlohmannJsonAdapter;

constexpr const char* kSarifSchema = AIPROF_SOURCE_DIR "/tests/gate/data/sarif-schema-2.1.0.json";
constexpr const char* kJunitSchema = AIPROF_SOURCE_DIR "/tests/gate/data/junit-10.xsd";

std::vector<std::string> names() {
  std::vector<std::string> all = {"m.onnx", test::hostile_name()};
  for (const std::string_view part : test::kHostile) all.emplace_back(part);
  return all;
}

// The complaints of the validator, one a line; empty if there are none.
std::string complaints(const Json& document) {
  static const Json kSchemaJson = Json::parse(test::file_bytes(kSarifSchema));
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
