// Models that mean harm: they are analysed, or end in a gap or an error that names the limit, in
// bounded time and memory.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "aiprof/base/error.h"
#include "analysis/text_model.h"
#include "support/wire.h"

namespace aiprof::test {
namespace {

constexpr int kFloat = 1, kInt64 = 7, kBool = 9;

// --- loops --------------------------------------------------------------------------------------

std::string loop_of(const std::string& trips) {
  return "g (float[8] x, int64 n = {" + trips +
         "}, bool t = {1}) => (float[] y) { y = Loop <body = b (int64 i, bool c, float[] u) => "
         "(bool d, float[] v) { d = Identity(c) v = Neg(u) }> (n, t, x) }";
}

TEST(Hostile, ALoopOf2To60TripsOverflowsIntoAGap) {
  const Analysed a =
      analysed(loop_of("1152921504606846976"));  // 2^60 trips of 8 FLOPs and 64 bytes
  EXPECT_EQ(a.node("v").status, NodeStatus::kGap);
  EXPECT_EQ(a.node("v").gap, GapKind::kOverflow);
  EXPECT_EQ(a.node("v").reason, "its counts do not fit in 64 bits");
  EXPECT_EQ(a.shape("y"), "8");
}

TEST(Hostile, ALoopOf2To50TripsIsCountedExactly) {
  const Analysed a = analysed(loop_of("1125899906842624"));
  EXPECT_EQ(a.node("v").cost.flops, Count(8 * (std::uint64_t{1} << 50)));
  EXPECT_EQ(a.node("v").status, NodeStatus::kExact);
}

TEST(Hostile, ALoopThatDoublesWhatItCarriesOverflows) {
  const Analysed a = analysed(
      "g (float[2] x, int64 n = {200}, bool t = {1}) => (float[] y) { y = Loop <body = b (int64 i, "
      "bool c, float[] u) => (bool d, float[] v) { d = Identity(c) v = Concat <axis = 0> (u, u) }> "
      "(n, t, x) }");
  EXPECT_EQ(a.node("v").status, NodeStatus::kGap);
  EXPECT_EQ(a.shape("y"), "?");
}

// --- nesting ------------------------------------------------------------------------------------

Message subgraph(std::string_view name, const Message& graph) {
  return Message().text(1, name).message(6, graph).number(20, 5);
}

// A Loop in a Loop in a Loop ..., each of two trips: 2^depth runs of the innermost body.
Message nested_loops(int depth) {
  Message graph =
      Message().message(1, node("Neg", {"x"}, {"v0"})).message(12, value_info("v0", {}));
  for (int i = 1; i <= depth; ++i) {
    const std::string inner = "v" + std::to_string(i - 1);
    const std::string body = "w" + std::to_string(i);
    Message b = Message()
                    .message(11, value_info("i", tensor_type(kInt64, {})))
                    .message(11, value_info("c", tensor_type(kBool, {})))
                    .message(11, value_info("u", tensor_type(kFloat, {8})));
    // The body so far computes `inner` from what is outside.
    b.raw(graph.bytes().substr(
        0, graph.bytes().size() - Message().message(12, value_info(inner, {})).bytes().size()));
    b.message(1, node("Identity", {inner}, {body}))
        .message(12, value_info("c", {}))
        .message(12, value_info(body, {}));
    const std::string out = "v" + std::to_string(i);
    graph = Message()
                .message(1, node("Loop", {"n", "t", "x"}, {out}).message(5, subgraph("body", b)))
                .message(12, value_info(out, {}));
  }
  graph.message(11, value_info("x", tensor_type(kFloat, {8})))
      .message(5, tensor("n", kInt64, {}).packed(7, {2}))
      .message(5, tensor("t", kBool, {}).packed(5, {1}));
  return graph;
}

TEST(Hostile, LoopsNestedTwentyDeepAreCountedInFull) {
  const Analysed a = analysed(read_model(model(nested_loops(20)).bytes()));
  EXPECT_EQ(a.node("v0").trips, Count(std::uint64_t{1} << 20));
  EXPECT_EQ(a.flops(), Count(8 * (std::uint64_t{1} << 20)));
}

// 2^200 trips do not fit; getting there takes as many passes as there are levels, not trips.
TEST(Hostile, LoopsNested200DeepOverflow) {
  const Analysed a = analysed(read_model(model(nested_loops(200)).bytes()));
  EXPECT_EQ(a.node("v0").status, NodeStatus::kGap);
  EXPECT_EQ(a.node("v0").gap, GapKind::kOverflow);
  EXPECT_EQ(a.shape("v200"), "8");
}

TEST(Hostile, BranchesNested200DeepAreAnalysed) {
  Message graph =
      Message().message(1, node("Neg", {"x"}, {"v0"})).message(12, value_info("v0", {}));
  const Message other =
      Message().message(1, node("Abs", {"z"}, {"e"})).message(12, value_info("e", {}));
  for (int i = 1; i <= 200; ++i) {
    const std::string out = "v" + std::to_string(i);
    graph = Message()
                .message(1, node("If", {"c"}, {out})
                                .message(5, subgraph("then_branch", graph))
                                .message(5, subgraph("else_branch", other)))
                .message(12, value_info(out, {}));
  }
  graph.message(11, value_info("x", tensor_type(kFloat, {8})))
      .message(11, value_info("z", tensor_type(kFloat, {2})))
      .message(11, value_info("c", tensor_type(kBool, {})));
  const Analysed a = analysed(read_model(model(graph).bytes()));
  EXPECT_EQ(a.shape("v200"), "8");
  EXPECT_EQ(a.flops(), Count(8));  // the larger branch, all the way down
}

TEST(Hostile, FunctionsThatDoubleEndWithTheLimit) {
  std::string text = "g (float[8] x) => (float[] y) { y = local.f40(x) }";
  for (int i = 1; i <= 40; ++i) {
    const std::string inner = "local.f" + std::to_string(i - 1);
    text += " <domain: \"local\", opset_import: [\"\": 17, \"local\": 1]> f" + std::to_string(i) +
            " (u) => (v) { t = " + inner + "(u) v = " + inner + "(t) }";
  }
  text += " <domain: \"local\", opset_import: [\"\": 17]> f0 (u) => (v) { v = Neg(u) }";
  try {
    (void)analysed(text);
    FAIL() << "was accepted";
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), ExitCode::kInput);
    EXPECT_NE(std::string(e.what()).find("nodes"), std::string::npos) << e.what();
  }
}

// --- extents ------------------------------------------------------------------------------------

TEST(Hostile, DimsWhoseProductOverflowsAreAGap) {
  const Analysed a = analysed(
      "g (float[1000000000] x, int64[3] s = {1000000000, 1000000000, 1}) => (float[] y, float[] z) "
      "{ y = Expand(x, s) z = Neg(y) }");
  EXPECT_EQ(a.shape("z"), "1000000000x1000000000x1000000000");
  EXPECT_EQ(a.node("y").gap, GapKind::kOverflow);
  EXPECT_EQ(a.node("z").gap, GapKind::kOverflow);
}

TEST(Hostile, AnInputWhoseSizeOverflowsIsRefused) {
  try {
    (void)analysed("g (float[9000000000000000000] x) => (float[] y) { y = Neg(x) }");
    FAIL() << "was accepted";
  } catch (const Error& e) {
    EXPECT_NE(std::string(e.what()).find("--dim"), std::string::npos) << e.what();
  }
}

// An operand of 10^12 elements that are a shape, axes, sizes ... would be as many extents.
struct Operand {
  const char* name;
  const char* model;
};
class EndlessOperand : public testing::TestWithParam<Operand> {};

TEST_P(EndlessOperand, IsAGap) {
  const Analysed a = analysed(GetParam().model, {}, 20);
  bool gap = false;
  for (const NodeResult& r : a.analysis.nodes) gap = gap || r.status == NodeStatus::kGap;
  EXPECT_TRUE(gap);
}

#define AIPROF_ENDLESS(call) \
  "g (float[8] x, int64[1000000000000] s) => (float[] y) { y = " call " }"

constexpr Operand kEndless[] = {
    {"Reshape", AIPROF_ENDLESS("Reshape(x, s) z = Neg(y)")},
    {"Expand", AIPROF_ENDLESS("Expand(x, s)")},
    {"Tile", AIPROF_ENDLESS("Tile(x, s)")},
    {"Pad", AIPROF_ENDLESS("Pad(x, s)")},
    {"Slice", AIPROF_ENDLESS("Slice(x, s, s)")},
    {"Resize", AIPROF_ENDLESS("Resize(x, _, _, s)")},
    {"ReduceSum", AIPROF_ENDLESS("ReduceSum(x, s)")},
    {"ConstantOfShape", AIPROF_ENDLESS("ConstantOfShape(s)")},
    {"CenterCropPad", AIPROF_ENDLESS("CenterCropPad(x, s)")},
    {"AffineGrid", AIPROF_ENDLESS("AffineGrid(x, s)")},
    {"GatherGrad", AIPROF_ENDLESS("com.microsoft.GatherGrad(s, s, x)")},
    {"DequantizeBFP", AIPROF_ENDLESS("com.microsoft.DequantizeBFP <bfp_type = 0> (x, s, s)")},
    {"SplitToSequence",
     "g (float[2000000000] x) => (float[] y) { s = SplitToSequence(x) "
     "y = ConcatFromSequence <axis = 0> (s) }"},
    {"PagedAttention",
     "g (float[4,32] q, float[4,16] k, float[8,4,2,8] c, int32[3] e, int32[2] p, "
     "int32[1000000000000,2] t) => (float[] y) { y = com.microsoft.PagedAttention <num_heads = 4, "
     "kv_num_heads = 2> (q, k, k, c, c, e, p, t) }"},
    {"GreedySearch",
     "g (int32[2,3] ids, int64 n = {9223372036854775807}) => (float[] y) { y = "
     "com.microsoft.GreedySearch <eos_token_id = 1, pad_token_id = 1, decoder = d "
     "(int32[batch_size,seq_len] i) => (float[] l) { l = Cast <to = 1> (i) }> (ids, n) }"},
};
#undef AIPROF_ENDLESS

INSTANTIATE_TEST_SUITE_P(Hostile, EndlessOperand, testing::ValuesIn(kEndless),
                         [](const auto& p) { return std::string(p.param.name); });

TEST(Hostile, SkipsWithoutEndAreCounted) {
  const Analysed a = analysed(
      "g (int64[1000000000] x) => (float[] y) { y = TfIdfVectorizer <mode = \"TF\", "
      "min_gram_length "
      "= 1, max_gram_length = 2, max_skip_count = 1000000000, ngram_counts = [0, 2], ngram_indexes "
      "= [0, 1], pool_int64s = [1, 2, 3, 4]> (x) }");
  constexpr std::uint64_t kTokens = 1000000000;
  // Single tokens, and pairs at every distance from 1 to tokens - 1.
  EXPECT_EQ(a.node("y").cost.integer_ops, Count(kTokens + kTokens * (kTokens - 1) / 2));
}

// --- size ---------------------------------------------------------------------------------------

TEST(Hostile, AMillionNodesInAChain) {
  constexpr int kNodes = 1'000'000;
  Message graph = Message().message(11, value_info("0", tensor_type(kFloat, {8})));
  for (int i = 0; i < kNodes; ++i) {
    graph.message(1, node("Neg", {std::to_string(i)}, {std::to_string(i + 1)}));
  }
  graph.message(12, value_info(std::to_string(kNodes), {}));
  const Analysed a = analysed(read_model(model(graph).bytes()));
  EXPECT_EQ(a.analysis.coverage.exact, static_cast<std::size_t>(kNodes));
  EXPECT_EQ(a.flops(), Count(8) * kNodes);
  // The caller's input and the first result; from then on each result overwrites the last.
  EXPECT_EQ(liveness(a.graph, a.analysis).peak_bytes, Count(2 * 4 * 8));
}

}  // namespace
}  // namespace aiprof::test
