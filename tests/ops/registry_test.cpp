// The registry against ONNX's own history of operators, and against the cases.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "aiprof/ops/op_spec.h"
#include "ops/op_case.h"

namespace aiprof::test {
namespace {

std::vector<std::string> lines_of(const std::string& file) {
  std::ifstream in(std::string(AIPROF_SOURCE_DIR) + "/tests/ops/" + file);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) {
    if (!line.empty() && line.front() != '#') lines.push_back(line);
  }
  return lines;
}

// "Abs 1 6 13": versions by "domain.name", ai.onnx being no domain.
std::map<std::string, std::vector<int>> onnx_history() {
  std::map<std::string, std::vector<int>> history;
  for (const std::string& line : lines_of("onnx_history.txt")) {
    std::istringstream words(line);
    std::string name;
    words >> name;
    for (int v = 0; words >> v;) history[name].push_back(v);
  }
  return history;
}

std::string full_name(const OpSpec& s) {
  return (s.domain.empty() ? "" : std::string(s.domain) + ".") + std::string(s.type);
}

// Operators of the default domain that are not, or not as such, in ONNX's history.
struct Foreign {
  std::string_view name;
  std::string_view origin;
};
constexpr std::array kForeign = {
    Foreign{"Affine", "experimental until opset 6"},
    Foreign{"Crop", "experimental until opset 6"},
    Foreign{"GivenTensorFill", "experimental until opset 6"},
    Foreign{"ImageScaler", "experimental until opset 6"},
    Foreign{"LayerNormalization", "ONNX Runtime had version 1 before opset 17"},
    Foreign{"MeanVarianceNormalization", "experimental until opset 8, standard since 9"},
    Foreign{"ParametricSoftplus", "experimental until opset 6"},
    Foreign{"Scale", "experimental until opset 6"},
    Foreign{"ScaledTanh", "experimental until opset 6"},
    Foreign{"SimplifiedLayerNormalization", "ONNX Runtime"},
    Foreign{"ThresholdedRelu", "experimental until opset 6, standard since 10"},
    Foreign{"DisentangledAttention_TRT", "ONNX Runtime for TensorRT"},
    Foreign{"EfficientNMS_TRT", "ONNX Runtime for TensorRT"},
    Foreign{"MultilevelCropAndResize_TRT", "ONNX Runtime for TensorRT"},
    Foreign{"PyramidROIAlign_TRT", "ONNX Runtime for TensorRT"},
    Foreign{"DynamicSlice", "ONNX Runtime: Slice before opset 10"},
    Foreign{"MemcpyFromHost", "ONNX Runtime: graphs split between a device and its host"},
    Foreign{"MemcpyToHost", "ONNX Runtime: graphs split between a device and its host"},
};

bool is_foreign(std::string_view name) {
  return std::any_of(kForeign.begin(), kForeign.end(),
                     [&](const Foreign& f) { return f.name == name; });
}

TEST(Registry, RowsAreUniqueAndSayWhatIsCounted) {
  std::set<std::pair<std::string, int>> seen;
  for (const OpSpec& s : all_ops()) {
    EXPECT_TRUE(seen.insert({full_name(s), s.since}).second) << full_name(s) << " " << s.since;
    EXPECT_FALSE(s.formula.empty()) << full_name(s);
    EXPECT_NE(s.shape, nullptr) << full_name(s);
    EXPECT_NE(s.work, nullptr) << full_name(s);
    EXPECT_NE(s.traffic, nullptr) << full_name(s);
  }
}

TEST(Registry, NamesAndVersionsAreOnnxOwn) {
  const auto history = onnx_history();
  ASSERT_FALSE(history.empty());
  for (const OpSpec& s : all_ops()) {
    const bool standard = s.domain.empty() || s.domain.substr(0, 7) == "ai.onnx";
    if (!standard || is_foreign(s.type)) continue;
    const auto op = history.find(full_name(s));
    ASSERT_NE(op, history.end()) << full_name(s) << " is not an ONNX operator";
    EXPECT_NE(std::find(op->second.begin(), op->second.end(), s.since), op->second.end())
        << full_name(s) << " has no version " << s.since;
  }
}

// Rows hold from their version on, so the first must not be later than ONNX's first.
TEST(Registry, EveryOnnxOperatorHasARowForEveryVersion) {
  std::size_t ai_onnx = 0;
  for (const auto& [name, versions] : onnx_history()) {
    const std::size_t dot = name.rfind('.');
    const std::string domain = dot == std::string::npos ? "" : name.substr(0, dot);
    const std::string type = name.substr(dot == std::string::npos ? 0 : dot + 1);
    if (domain.empty()) ++ai_onnx;
    for (const int version : versions) {
      const OpSpec* s = find_op(domain, type, version);
      ASSERT_NE(s, nullptr) << name;
      EXPECT_LE(s->since, version) << name;
    }
  }
  EXPECT_EQ(ai_onnx, 203U);
}

TEST(Registry, OperatorsOfMicrosoftHaveRows) {
  std::size_t known = 0;
  for (const std::string& name : lines_of("contrib_names.txt")) {
    if (find_op("com.microsoft", name, 1) != nullptr) ++known;
  }
  EXPECT_GE(known, 70U);
}

TEST(Registry, VersionsPickTheNewestRowThatIsNotTooNew) {
  EXPECT_EQ(find_op("", "ReduceMean", 17)->since, 1);
  EXPECT_EQ(find_op("", "ReduceMean", 18)->since, 18);
  EXPECT_EQ(find_op("ai.onnx", "ReduceMean", 99)->since, 18);
  // Models from before opsets were numbered.
  EXPECT_EQ(find_op("", "Gelu", 1)->since, 20);
  EXPECT_EQ(find_op("", "NoSuchOperator", 17), nullptr);
  EXPECT_EQ(find_op("no.such.domain", "Relu", 17), nullptr);
}

// --- cases --------------------------------------------------------------------------------------

TEST(Registry, EveryRowHasACase) {
  std::set<RowName> covered;
  for (const OpCase& c : all_cases()) covered.insert(row_name(c.op));
  for (const OpSpec& s : all_ops()) {
    const RowName row{std::string(s.domain), std::string(s.type), s.since};
    EXPECT_TRUE(covered.count(row) != 0) << full_name(s) << " " << s.since << " has no case";
  }
}

// What cannot be costed from the graph alone, whatever the shapes.
constexpr std::array kUncostable = {
    Foreign{"ai.onnx.preview.training.Gradient", "what is differentiated is not written out"},
    Foreign{"com.microsoft.EPContext", "a compiled graph that only its runtime can read"},
    Foreign{"com.microsoft.Snpe", "a compiled graph that only its runtime can read"},
};

// Costed or declared free: at least one case that is not a gap.
TEST(Registry, NoOperatorIsAGapInEveryCase) {
  std::map<std::string, bool> costed;
  for (const OpCase& c : all_cases()) {
    const std::string name(c.op.substr(0, c.op.rfind(' ')));
    costed[name] = costed[name] || c.status != Status::kGap;
  }
  std::size_t ai_onnx = 0;
  std::size_t microsoft = 0;
  for (const auto& [name, is_costed] : costed) {
    const bool excused = std::any_of(kUncostable.begin(), kUncostable.end(),
                                     [&](const Foreign& f) { return f.name == name; });
    EXPECT_NE(is_costed, excused) << name;
    if (!is_costed) continue;
    if (onnx_history().count(name) != 0 && name.find('.') == std::string::npos) ++ai_onnx;
    if (name.substr(0, 14) == "com.microsoft.") ++microsoft;
  }
  EXPECT_EQ(ai_onnx, 203U);
  EXPECT_GE(microsoft, 70U);
}

}  // namespace
}  // namespace aiprof::test
