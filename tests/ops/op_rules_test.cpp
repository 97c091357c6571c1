// Operators of one's own: --op-rules.
#include "aiprof/ops/op_rules.h"

#include <gtest/gtest.h>

#include "aiprof/analysis/analysis.h"
#include "aiprof/base/error.h"
#include "support/onnx_text.h"

namespace aiprof {
namespace {

constexpr const char* kModel = R"(<ir_version: 8, opset_import: ["": 17, "my": 1]>
  g (float[2,8,64] x, float16[64,32] w) => (float[] z) {
    y = my.Mix <hidden: int = 32> (x, w)
    z = Relu(y)
  })";

OpRules rules(const std::string& body) {
  OpRules r;
  r.add(R"({"operators": [{"domain": "my", "type": "Mix", )" + body + "}]}", "rules.json");
  return r;
}

Analysis analysed(const Graph& graph, const OpRules& r) {
  BindOptions options;
  options.rules = &r;
  return analyze(graph, options);
}

std::string error_of(const std::string& text) {
  try {
    OpRules().add(text, "rules.json");
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), ExitCode::kInput);
    return e.what();
  }
  return "no error";
}

TEST(OpRules, WithoutARuleTheOperatorIsAGap) {
  const Graph graph = test::parse_model(kModel);
  EXPECT_EQ(analyze(graph).nodes[0].gap, GapKind::kUnknownOp);
}

TEST(OpRules, ARuleGivesShapesAndCounts) {
  const Graph graph = test::parse_model(kModel);
  const OpRules r = rules(R"json("op_class": "gemm",
      "outputs": [{"shape": ["in0.dim[0]", "in0.dim[1]", "attr.hidden"]}],
      "macs": "in0.elements * attr.hidden", "flops": "out0.elements", "transcendentals": 7,
      "reads": ["in0.elements", "ceil_div(in1.elements, 3)"])json");
  const Analysis a = analysed(graph, r);
  const NodeResult& mix = a.nodes[0];
  ASSERT_EQ(mix.status, NodeStatus::kExact) << mix.reason;
  EXPECT_EQ(mix.cost.macs, Count(2 * 8 * 64 * 32));
  EXPECT_EQ(mix.cost.flops, Count(2 * (2 * 8 * 64 * 32) + 2 * 8 * 32));
  EXPECT_EQ(mix.cost.transcendentals, Count(7));
  EXPECT_EQ(mix.cost.bytes_read(), Count(2 * 8 * 64 * 4 + (64 * 32 + 2) / 3 * 2));
  EXPECT_EQ(mix.cost.bytes_written(), Count(2 * 8 * 32 * 4));
  EXPECT_EQ(mix.spec->op_class, OpClass::kGemm);
  EXPECT_EQ(a.nodes[1].cost.flops, Count(2 * 8 * 32)) << "what follows has shapes again";
}

TEST(OpRules, OverrideTheRegistry) {
  const Graph graph = test::parse_model(
      R"(<ir_version: 8, opset_import: ["": 17]> g (float[4] x) => (float[4] y) { y = Relu(x) })");
  OpRules r;
  r.add(
      R"({"operators": [{"type": "Relu", "outputs": [{"like": "in0"}], "flops": "5 * in0.elements"}]})",
      "rules.json");
  EXPECT_EQ(analysed(graph, r).nodes[0].cost.flops, Count(5 * 4));
}

TEST(OpRules, UnknownAndOverflowingResultsAreGaps) {
  const Graph graph = test::parse_model(kModel);
  const OpRules unknown = rules(R"("outputs": [{"like": "in0"}], "flops": "in5.elements")");
  EXPECT_EQ(analysed(graph, unknown).nodes[0].gap, GapKind::kUnknownShape);
  const OpRules huge = rules(
      R"("outputs": [{"like": "in0"}], "flops": "9000000000000000000 * 9000000000000000000")");
  EXPECT_EQ(analysed(graph, huge).nodes[0].gap, GapKind::kOverflow);
  const OpRules lacking = rules(R"("outputs": [{"like": "in0"}], "flops": "attr.depth")");
  EXPECT_EQ(analysed(graph, lacking).nodes[0].reason,
            "its rule needs the integer attribute 'depth', which the node lacks");
}

TEST(Expression, FollowsArithmeticPrecedence) {
  const Graph graph = test::parse_model(kModel);
  std::vector<TensorFact> facts(graph.tensors.size());
  const OpView v(graph, NodeId{0}, facts);
  const auto value = [&](const char* text) { return Expression::parse(text).evaluate(v); };
  EXPECT_EQ(value("1 + 2 * 3"), Count(7));
  EXPECT_EQ(value("(1 + 2) * 3"), Count(9));
  EXPECT_EQ(value("20 - 4 - 3"), Count(13));
  EXPECT_EQ(value("7 / 2 * 2"), Count(6));
  EXPECT_EQ(value("max(2, min(9, 5)) + ceil_div(7, 2)"), Count(9));
  EXPECT_EQ(value("attr.hidden"), Count(32));
  EXPECT_FALSE(value("3 - 4").known()) << "no negative counts";
}

TEST(OpRules, ErrorsNameFileAndKey) {
  EXPECT_EQ(
      error_of(R"({"operators": [{"type": "A", "outputs": [], "flop": 1}]})"),
      "rules.json: /operators/0/flop: unknown key; did you mean 'flops'? (known: domain, type, "
      "op_class, formula, outputs, macs, flops, transcendentals, integer_ops, reads, writes)");
  EXPECT_EQ(error_of(R"({"operators": [{"type": "A", "outputs": [], "flops": "1 +"}]})"),
            "rules.json: /operators/0/flops: the expression '1 +' ends where a number or name is "
            "expected (at character 4)");
  EXPECT_EQ(
      error_of(R"({"operators": [{"type": "A", "outputs": [{"dtype": "float7", "shape": []}]}]})"),
      "rules.json: /operators/0/outputs/0/dtype: 'float7' is neither a dtype nor an input");
  EXPECT_EQ(error_of(R"({"operators": [{"type": "A", "op_class": "gem", "outputs": []}]})"),
            "rules.json: /operators/0/op_class: unknown class 'gem'; did you mean 'gemm'?");
  EXPECT_NE(error_of("{,}").find("rules.json: not valid JSON"), std::string::npos);
  for (const char* bad : {"(1", "1)", "min(1)", "min(1, 2, 3)", "1 2", "in0.size", "in.elements",
                          "x", "in0.dim[", "in0.dim[1", "99999999999999999999", "1 $ 2", ","}) {
    EXPECT_NE(error_of(R"({"operators": [{"type": "A", "outputs": [], "flops": ")" +
                       std::string(bad) + "\"}]}"),
              "no error")
        << bad;
  }
}

}  // namespace
}  // namespace aiprof
