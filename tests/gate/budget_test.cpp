// Budget files: what they may hold, and what is said of those that are wrong.
#include "aiprof/gate/budget.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "gate/sample.h"
#include "support/files.h"

namespace aiprof::gate {
namespace {

using test::message_of;

constexpr const char* kWhole = R"({
  "schema_version": "1",
  "budgets": [
    {
      "models": ["a.onnx", "/models/b.onnx"],
      "base": "old/a.onnx",
      "hardware": ["a100", "t4"],
      "runtime": "compiled",
      "set": ["power.tdp_watts=300"],
      "dims": {"batch": 8},
      "shapes": {"x": "8x3x224x224"},
      "values": {"n": "1,2", "m": "@v.pb"},
      "trips": {"loop": 3},
      "op_rules": ["mine.json"],
      "owner": "vision",
      "certain": true,
      "limits": [
        "latency<=5ms",
        {"limit": "block:layer3 flops<=2G", "owner": "ann",
         "waiver": {"owner": "bob", "reason": "until v2", "expires": "2027-01-31"}}
      ],
      "max_increase": ["latency=2%"],
      "max_decrease": ["throughput=2%"]
    }
  ]
})";

TEST(Budget, Everything) {
  const Budget b = parse_budget(kWhole, "ci/budget.json");
  ASSERT_EQ(b.entries.size(), 1U);
  const BudgetEntry& e = b.entries[0];
  EXPECT_EQ(e.models, (std::vector<std::string>{"ci/a.onnx", "/models/b.onnx"}));
  EXPECT_EQ(e.base, "ci/old/a.onnx");
  EXPECT_EQ(e.hardware, (std::vector<std::string>{"a100", "t4"}));
  EXPECT_EQ(e.runtime, "compiled");
  EXPECT_EQ(e.dims.at("batch"), 8);
  EXPECT_EQ(e.trips.at("loop"), 3);
  EXPECT_EQ(e.values.at("m"), "@ci/v.pb");
  EXPECT_EQ(e.op_rules, std::vector<std::string>{"ci/mine.json"});
  EXPECT_EQ(e.certainty, Certainty::kInterval);
  ASSERT_EQ(e.rules.size(), 4U);
  EXPECT_EQ(e.rules[0].owner, "vision");
  EXPECT_EQ(e.rules[1].owner, "ann");
  EXPECT_EQ(e.rules[1].waiver->owner, "bob");
  EXPECT_EQ(format_date(e.rules[1].waiver->expires), "2027-01-31");
  EXPECT_TRUE(e.rules[2].limit.change);
  EXPECT_EQ(e.rules[3].limit.relation, Relation::kAtLeast);
}

TEST(Budget, OneTextInPlaceOfAList) {
  const Budget b = parse_budget(
      R"({"schema_version": "1", "budgets": [
          {"model": "a.onnx", "hardware": "a100", "limits": ["latency<=5ms"]}]})",
      "budget.json");
  EXPECT_EQ(b.entries[0].models, std::vector<std::string>{"a.onnx"});
  EXPECT_EQ(b.entries[0].hardware, std::vector<std::string>{"a100"});
}

std::string message(const std::string& entry) {
  const std::string text = R"({"schema_version": "1", "budgets": [)" + entry + "]}";
  try {
    (void)parse_budget(text, "b.json");
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), ExitCode::kInput) << e.what();
    return e.what();
  }
  return {};
}

TEST(Budget, MistakesAreNamedWithTheirPlace) {
  EXPECT_EQ(message(R"({"model": "a", "limit": ["flops<=1"]})").substr(0, 67),
            "b.json: /budgets/0: unknown key 'limit'; did you mean 'limits'? (on");
  EXPECT_EQ(message(R"({"limits": ["flops<=1"]})"),
            "b.json: /budgets/0: expected either \"model\" or \"models\"");
  EXPECT_EQ(message(R"({"model": "a"})"),
            "b.json: /budgets/0: has no limits, so that nothing could break");
  EXPECT_EQ(message(R"({"model": "a", "limits": []})"),
            "b.json: /budgets/0: has no limits, so that nothing could break");
  EXPECT_TRUE(message(R"({"model": "a", "limits": ["flps<=1"]})")
                  .starts_with("b.json: /budgets/0/limits/0 'flps<=1': unknown metric 'flps'; did "
                               "you mean 'flops'?"));
  EXPECT_EQ(message(R"({"model": "a", "limits": ["latency<=1ms"]})"),
            "b.json: /budgets/0: 'latency<=1ms' is of a machine, and there is no \"hardware\"");
  EXPECT_EQ(message(R"({"model": "a", "max_increase": ["flops=1%"]})"),
            "b.json: /budgets/0: 'flops=1%' is against a base, and there is no \"base\"");
  EXPECT_EQ(message(R"({"model": "a", "dims": {"n": -1}, "limits": ["flops<=1"]})"),
            "b.json: /budgets/0/dims/n: is -1; expected a whole number of at least 0");
  EXPECT_EQ(message(R"({"model": "a", "dims": {"n": 1.5}, "limits": ["flops<=1"]})"),
            "b.json: /budgets/0/dims/n: is 1.5; expected a whole number of at least 0");
  EXPECT_EQ(message(R"({"model": 3, "limits": ["flops<=1"]})"),
            "b.json: /budgets/0/model: is of type number; expected a list");
  EXPECT_EQ(message(R"({"model": "a", "limits": "flops<=1"})"),
            "b.json: /budgets/0/limits: is of type string; expected a list");
}

std::string waiver_message(const std::string& waiver) {
  return message(R"({"model": "a", "limits": [{"limit": "flops<=1", "waiver": )" + waiver + "}]}");
}

TEST(Budget, AWaiverNeedsOwnerReasonAndDay) {
  constexpr const char* kPlace = "b.json: /budgets/0/limits/0/waiver";
  EXPECT_EQ(waiver_message(R"({"owner": "a", "reason": "r"})"),
            std::string(kPlace) + ": has no \"expires\"");
  EXPECT_EQ(waiver_message(R"({"owner": "a", "expires": "2027-01-01"})"),
            std::string(kPlace) + ": has no \"reason\"");
  EXPECT_EQ(
      waiver_message(R"({"owner": "a", "reason": "r", "expires": "soon"})"),
      std::string(kPlace) + "/expires: 'soon' is no date; expected YYYY-MM-DD, such as 2027-01-31");
  EXPECT_EQ(waiver_message(R"({"owner": "", "reason": "r", "expires": "2027-01-01"})"),
            std::string(kPlace) + "/owner: is empty");
}

TEST(Budget, BrokenFiles) {
  const auto broken = [](const std::string& text) {
    return message_of([&] { (void)parse_budget(text, "b.json"); });
  };
  EXPECT_TRUE(broken("").starts_with("b.json: is not JSON: "));
  EXPECT_TRUE(broken("{\"budgets\": [}").starts_with("b.json: is not JSON: "));
  EXPECT_EQ(broken("[]"), "b.json: /: is of type array; expected an object");
  EXPECT_EQ(broken("{}"), "b.json: /: has no \"schema_version\"");
  EXPECT_EQ(broken(R"({"schema_version": "2", "budgets": []})"),
            "b.json: /schema_version: expected \"1\", the version that this aiprof reads");
  EXPECT_EQ(broken(R"({"schema_version": "1", "budgets": []})"),
            "b.json: /budgets: is empty, so that nothing could break");
  EXPECT_EQ(broken(R"({"schema_version": "1", "budgets": [], "budgets": []})"),
            "b.json: an object has the key 'budgets' twice");
  EXPECT_NE(broken(std::string(100'000, '[')), "");
}

// The schema takes the keys that the parser takes.
TEST(Budget, SchemaAndParserAgree) {
  const auto schema =
      nlohmann::json::parse(test::file_bytes(AIPROF_SOURCE_DIR "/docs/schema/budget.schema.json"));
  const auto keys = [](const nlohmann::json& object) {
    EXPECT_EQ(object["additionalProperties"], false);
    std::set<std::string> names;
    for (const auto& [key, value] : object["properties"].items()) names.insert(key);
    return names;
  };
  const auto expected = [](BudgetObject object) {
    const auto list = budget_keys(object);
    return std::set<std::string>(list.begin(), list.end());
  };
  EXPECT_EQ(keys(schema), expected(BudgetObject::kFile));
  EXPECT_EQ(keys(schema["$defs"]["entry"]), expected(BudgetObject::kEntry));
  EXPECT_EQ(keys(schema["$defs"]["rule"]["oneOf"][1]), expected(BudgetObject::kLimit));
  EXPECT_EQ(keys(schema["$defs"]["waiver"]), expected(BudgetObject::kWaiver));
}

}  // namespace
}  // namespace aiprof::gate
