// Replacing one value of JSON text, and nothing else.
#include "calibration/json_text.h"

#include <gtest/gtest.h>

namespace aiprof::calibration {
namespace {

TEST(JsonText, FindsValuesByPath) {
  const std::string text = R"({"a": [1, {"b \" }": {"c": [2, 3]}}], "d": "x"})";
  const auto at = [&](const std::vector<JsonStep>& path) {
    const auto span = find_value(text, path);
    return span ? text.substr(span->begin, span->end - span->begin) : std::string("none");
  };
  EXPECT_EQ(at({std::string("d")}), "\"x\"");
  EXPECT_EQ(at({std::string("a"), std::size_t{0}}), "1");
  EXPECT_EQ(at({std::string("a"), std::size_t{1}, std::string("b \\\" }"), std::string("c"),
                std::size_t{1}}),
            "3");
  EXPECT_EQ(at({std::string("a"), std::size_t{2}}), "none");
  EXPECT_EQ(at({std::string("e")}), "none");
  EXPECT_EQ(at({std::string("d"), std::string("x")}), "none");
}

TEST(JsonText, ReplacesAMember) {
  EXPECT_EQ(set_member("{\n  \"a\" : 1,\n  \"b\": 2\n}\n", {}, "a", "[7]", 2),
            "{\n  \"a\" : [7],\n  \"b\": 2\n}\n");
}

TEST(JsonText, AddsAMemberBehindTheLast) {
  EXPECT_EQ(set_member("{\n  \"a\": 1\n}\n", {}, "b", "2", 2), "{\n  \"a\": 1,\n  \"b\": 2\n}\n");
  EXPECT_EQ(set_member("{\n  \"a\": {}\n}\n", {std::string("a")}, "b", "2", 4),
            "{\n  \"a\": {\n    \"b\": 2\n  }\n}\n");
}

}  // namespace
}  // namespace aiprof::calibration
