// Runtime profiles: models/runtime/*.json and files of one's own.
#include <gtest/gtest.h>

#include "aiprof/base/error.h"
#include "aiprof/lowering/lowering.h"

namespace aiprof {
namespace {

std::string error_of(const std::string& text) {
  try {
    (void)parse_runtime(text, "mine.json");
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), ExitCode::kInput);
    return e.what();
  }
  return "no error";
}

TEST(RuntimeProfile, BuiltInOnesLoadAndAreNamedAsTheirFiles) {
  const std::vector<std::string> expected = {"compiled", "eager", "ideal", "onnxruntime"};
  EXPECT_EQ(runtime_names(), expected);
  for (const std::string& name : expected) EXPECT_EQ(load_runtime(name).name, name);
}

TEST(RuntimeProfile, UnknownNamesAreUsageErrors) {
  try {
    (void)load_runtime("eagre");
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), ExitCode::kUsage);
    EXPECT_STREQ(e.what(),
                 "--runtime eagre: neither a file nor a built-in profile; did you mean 'eager'? "
                 "(built in: compiled, eager, ideal, onnxruntime)");
  }
}

TEST(RuntimeProfile, ErrorsNameFileAndKey) {
  EXPECT_EQ(error_of(R"({"name": "a", "launch": "graf", "float32_math": "tf32", "fusions": []})"),
            "mine.json: /launch: is \"graf\"; expected one of none, graph, stream, eager; did you "
            "mean 'graph'?");
  EXPECT_EQ(error_of(R"({"name": "a", "launch": "graph", "float32_math": "tf32"})"),
            "mine.json: the key 'fusions' is missing");
  EXPECT_EQ(error_of(R"({"name": "a", "lunch": "graph", "float32_math": "tf32", "fusions": []})"),
            "mine.json: /lunch: unknown key; did you mean 'launch'? (known: name, description, "
            "launch, float32_math, steps_through_views, fusions)");
  EXPECT_EQ(error_of(R"({"name": "a", "launch": "graph", "float32_math": "tf32",
                         "fusions": [{"name": "f", "kind": "epilogue", "head": ["Conv"]}]})"),
            "mine.json: /fusions/0: the key 'members' is missing");
  EXPECT_EQ(error_of(R"({"name": "a", "launch": "graph", "float32_math": "tf32",
                         "fusions": [{"name": "f", "kind": "epilogue", "head": ["Conv"],
                                      "inputs": ["Mul"], "members": []}]})"),
            "mine.json: /fusions/0/inputs: only rules of the kind \"sequence\" have it");
  EXPECT_NE(error_of("{\"name\": 1,}").find("mine.json: not valid JSON"), std::string::npos);
}

}  // namespace
}  // namespace aiprof
