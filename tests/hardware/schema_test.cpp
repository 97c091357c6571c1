// The schema file for editors, the reader and the documentation say the same.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>

#include "hardware/samples.h"

namespace aiprof::testing {
namespace {

const std::string kSchemaFile = AIPROF_SOURCE_DIR "/docs/schema/hardware.schema.json";
const std::string kDocument = AIPROF_SOURCE_DIR "/docs/hardware-schema.md";

std::string read(const std::string& path) {
  std::ifstream in(path);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

TEST(HardwareSchema, TheFileIsTheReadersOwn) {
  if (std::getenv("AIPROF_UPDATE_GOLDEN") != nullptr) {
    std::ofstream(kSchemaFile) << hardware_json_schema();
  }
  EXPECT_EQ(read(kSchemaFile), hardware_json_schema())
      << "run hardware_test with AIPROF_UPDATE_GOLDEN=1";
}

// Walks the schema and writes a description that has every key it allows.
class Everything {
 public:
  explicit Everything(const Json& schema) : schema_(schema) {}
  Json make() { return value(schema_, ""); }
  // Every key that was written.
  [[nodiscard]] const std::set<std::string>& keys() const { return keys_; }
  [[nodiscard]] int numbers() const { return numbers_; }

 private:
  Json object(const Json& schema) {
    Json result = Json::object();
    if (!schema.contains("properties")) {
      result["entry"] = value(schema.at("additionalProperties"), "entry");
      return result;
    }
    for (const auto& [key, item] : schema.at("properties").items()) {
      keys_.insert(key);
      result[key] = value(item, key);
    }
    return result;
  }

  Json number(const Json& schema) {
    ++numbers_;
    const double low = schema.value("minimum", schema.value("exclusiveMinimum", 0.0));
    return std::min(low + 1, schema.value("maximum", low + 1));
  }

  Json value(const Json& schema, const std::string& key) {
    if (schema.contains("$ref")) {
      const auto ref = schema.at("$ref").get<std::string>();
      return value(schema_.at(Json::json_pointer(ref.substr(1))), key);
    }
    if (schema.contains("anyOf")) return number(schema.at("anyOf").at(0));
    // A main memory among the levels, whatever the first word is.
    if (key == "level") return "dram";
    if (schema.contains("enum")) return schema.at("enum").at(0);
    const auto type = schema.at("type").get<std::string>();
    if (type == "object") return object(schema);
    if (type == "array") return Json::array({value(schema.at("items"), key)});
    if (type == "string") return key == "source" ? "entry" : "text";
    return 1;  // an integer: tiles, arrays, the year
  }

  const Json& schema_;
  std::set<std::string> keys_;
  int numbers_ = 0;
};

TEST(HardwareSchema, EveryKeyOfTheSchemaIsReadIntoTheDescription) {
  const Json schema = Json::parse(hardware_json_schema());
  Everything everything(schema);
  const Hardware h = parse(everything.make());
  // Each number of the file is a Quantity of the structs: none is accepted and then dropped.
  EXPECT_EQ(static_cast<int>(quantities(h).size()), everything.numbers());
  std::set<std::string> paths;
  for (const Quantity* q : quantities(h)) EXPECT_TRUE(paths.insert(q->path).second) << q->path;
  EXPECT_EQ(h.engines.at(0).tile->k, 1U);
  EXPECT_EQ(h.engines.at(0).array->cols, 1U);
  EXPECT_EQ(h.engines.at(0).sparsity->pattern, "text");
  EXPECT_EQ(h.engines.at(0).accumulate[MathType::kInt4], MathType::kFloat64);
  EXPECT_EQ(h.sources.at(0).date, "text");
  EXPECT_EQ(h.unsupported.op_classes, std::vector<std::string>{"text"});
  EXPECT_EQ(h.unsupported.operators, std::vector<std::string>{"text"});
  EXPECT_EQ(h.unsupported.dtypes, std::vector<std::string>{"text"});
  EXPECT_EQ(h.notes, std::vector<std::string>{"text"});
  EXPECT_EQ(h.year, 1);
  EXPECT_EQ(h.calibration.notes, "text");
}

TEST(HardwareSchema, EveryPathCanBeSet) {
  const Json schema = Json::parse(hardware_json_schema());
  const Json json = Everything(schema).make();
  const Hardware hardware = parse(json);
  for (const Quantity* q : quantities(hardware)) {
    EXPECT_NO_THROW((void)apply_set(json.dump(), "chip.json", q->path + "=1x")) << q->path;
  }
}

TEST(HardwareSchema, EveryKeyIsDocumented) {
  const Json schema = Json::parse(hardware_json_schema());
  Everything everything(schema);
  (void)everything.make();
  const std::string document = read(kDocument);
  for (const std::string& key : everything.keys()) {
    // Constants of the time model are documented with the model.
    if (schema.at("$defs")
            .at("calibration")
            .at("properties")
            .at("constants")
            .at("properties")
            .contains(key)) {
      continue;
    }
    EXPECT_NE(document.find('`' + key + '`'), std::string::npos) << key;
  }
}

}  // namespace
}  // namespace aiprof::testing
