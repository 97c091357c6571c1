// Measured profiles beside predictions.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "aiprof/hardware/catalogue.h"
#include "aiprof/trace/trace.h"
#include "support/files.h"
#include "support/onnx_text.h"

namespace aiprof {
namespace {

// The network whose profile is data/onnxruntime_small.json: ONNX Runtime 1.32, CPU, four runs of
// the session with one thread. It fuses the convolutions with what follows, names them after
// tensors, adds ReorderOutput, and turns bias and GELU into nodes with names of its own.
constexpr const char* kNet = R"(
<ir_version: 8, opset_import: ["" : 17]>
small (float[1,3,32,32] image, float[16,3,3,3] w1, float[16] b1, float[16,16,3,3] w2,
       float[16] b2, float[256,64] w3, float[64] b3, float[64,10] w4) => (float[1,16,10] logits)
<float half = {0.5}, float one = {1.0}, float root2 = {1.4142135}>
{
  c1 = Conv<kernel_shape=[3,3], pads=[1,1,1,1]>(image, w1, b1)
  r1 = Relu(c1)
  c2 = Conv<kernel_shape=[3,3], pads=[1,1,1,1]>(r1, w2, b2)
  s = Add(c2, r1)
  r2 = Relu(s)
  p = MaxPool<kernel_shape=[2,2], strides=[2,2]>(r2)
  shape = Constant<value_ints=[1,16,256]>()
  f = Reshape(p, shape)
  h = MatMul(f, w3)
  hb = Add(h, b3)
  d = Div(hb, root2)
  e = Erf(d)
  e1 = Add(e, one)
  m = Mul(hb, e1)
  g = Mul(m, half)
  l = MatMul(g, w4)
  logits = Softmax(l)
})";

struct Predicted {
  Graph graph;
  Analysis analysis;
  Lowered lowered;
  Estimate estimated;

  [[nodiscard]] TraceSubject subject() const { return {graph, analysis, lowered, estimated}; }
  // The kernel that writes a tensor.
  [[nodiscard]] std::size_t writer(std::string_view tensor) const {
    for (const Tensor& t : graph.tensors) {
      if (t.name == tensor) return lowered.kernel_of[index(t.producer)];
    }
    return SIZE_MAX;
  }
};

Predicted predict(const std::string& text, const std::string& runtime) {
  Predicted p{.graph = test::parse_model(text), .analysis = {}, .lowered = {}, .estimated = {}};
  p.analysis = analyze(p.graph);
  const RuntimeProfile profile = load_runtime(runtime);
  p.lowered = lower_graph(p.graph, p.analysis, profile);
  p.estimated = estimate(p.graph, p.analysis, p.lowered, profile, load_hardware("epyc-9654"));
  return p;
}

MeasuredProfile table(const std::string& rows) {
  return parse_profile("name,seconds\n" + rows, "t");
}

TEST(JoinProfile, FindsTheNodesOfAFusedOnnxRuntimeProfile) {
  const Predicted p = predict(kNet, "onnxruntime");
  const MeasuredProfile measured =
      load_profile(AIPROF_SOURCE_DIR "/tests/trace/data/onnxruntime_small.json");
  const JoinedProfile joined = join_profile(measured, p.subject());
  EXPECT_TRUE(joined.unmatched.empty());
  EXPECT_DOUBLE_EQ(joined.totals.matched_seconds, joined.totals.measured_seconds);
  // The kernel of each convolution holds what ONNX Runtime fused into it.
  for (const char* tensor : {"r1", "c2", "p", "h", "g", "l", "logits"}) {
    EXPECT_GT(joined.kernels[p.writer(tensor)].measured_seconds, 0) << tensor;
  }
  double split = 0;
  for (const JoinedKernel& k : joined.kernels) split += k.measured_seconds;
  EXPECT_NEAR(split + joined.totals.free_seconds, joined.totals.measured_seconds, 1e-12)
      << "every measured second is in one kernel";
}

TEST(JoinProfile, ChargesCopiesToTheirReader) {
  const Predicted p = predict(kNet, "onnxruntime");
  const MeasuredProfile measured =
      load_profile(AIPROF_SOURCE_DIR "/tests/trace/data/onnxruntime_small.json");
  const JoinedProfile joined = join_profile(measured, p.subject());
  const auto reorder = std::ranges::find_if(joined.events, [&](const JoinedEvent& e) {
    return measured.events[e.event].name == "ReorderOutput";
  });
  ASSERT_NE(reorder, joined.events.end());
  EXPECT_EQ(reorder->by, JoinBy::kReader);
}

TEST(JoinProfile, GivesMeasuredUtilisation) {
  const Predicted p = predict(kNet, "onnxruntime");
  const std::size_t k = p.writer("l");
  const JoinedProfile joined = join_profile(table("l,0.002\n"), p.subject());
  const JoinedKernel& row = joined.kernels[k];
  EXPECT_DOUBLE_EQ(row.measured_seconds, 0.002);
  EXPECT_DOUBLE_EQ(*row.ratio, row.predicted_seconds / 0.002);
  EXPECT_DOUBLE_EQ(*row.flops_per_second, 2.0 * 16 * 64 * 10 / 0.002);
  EXPECT_DOUBLE_EQ(*row.mfu, *p.estimated.kernels[k].mfu * row.predicted_seconds / 0.002);
  EXPECT_DOUBLE_EQ(*joined.totals.mape, std::abs(row.predicted_seconds / 0.002 - 1));
}

TEST(JoinProfile, SplitsWhatTheRuntimeFusedFurther) {
  const Predicted p = predict(kNet, "eager");
  const JoinedProfile joined = join_profile(table("c2 + s + r2,0.003\n"), p.subject());
  const std::size_t c2 = p.writer("c2");
  const std::size_t r2 = p.writer("r2");
  ASSERT_NE(c2, r2);
  ASSERT_TRUE(joined.kernels[c2].leader);
  EXPECT_EQ(joined.kernels[c2].leader, joined.kernels[r2].leader);
  EXPECT_NEAR(joined.kernels[c2].measured_seconds + joined.kernels[p.writer("s")].measured_seconds +
                  joined.kernels[r2].measured_seconds,
              0.003, 1e-12);
  EXPECT_DOUBLE_EQ(*joined.kernels[c2].ratio, *joined.kernels[r2].ratio);
}

TEST(JoinProfile, FollowsTheNamesOfTensorRt) {
  const Predicted p = predict(kNet, "eager");
  const MeasuredProfile measured = parse_profile(
      R"json([{"count": 1}, {"name": "PWN(d, e)", "averageMs": 1},
          {"name": "Reformatting CopyNode for Input Tensor 0 to c1", "averageMs": 2},
          {"name": "{ForeignNode[h...hb]}", "averageMs": 3}])json",
      "trt.json");
  const JoinedProfile joined = join_profile(measured, p.subject());
  EXPECT_TRUE(joined.unmatched.empty());
  EXPECT_NEAR(joined.kernels[p.writer("c1")].measured_seconds, 2e-3, 1e-12);
  EXPECT_GT(joined.kernels[p.writer("e")].measured_seconds, 0);
  EXPECT_NEAR(joined.kernels[p.writer("h")].measured_seconds +
                  joined.kernels[p.writer("hb")].measured_seconds,
              3e-3, 1e-12);
}

// Events of ONNX Runtime: name, operator, microseconds, what is written.
struct Ran {
  std::string name, op_type;
  int us;
  std::string shape;
};

MeasuredProfile ran(const std::vector<Ran>& events) {
  std::string text = "[";
  int at = 0;
  for (const Ran& e : events) {
    text += (at == 0 ? "" : ",") + std::string(R"({"cat": "Node", "ph": "X", "ts": )") +
            std::to_string(at) + R"(, "dur": )" + std::to_string(e.us) + R"(, "name": ")" + e.name +
            R"(_kernel_time", "args": {"op_name": ")" + e.op_type +
            R"(", "output_type_shape": [{"float": )" + e.shape + "}]}}";
    at += e.us;
  }
  return parse_profile(text + "]", "ort.json");
}

constexpr const char* kTransposed = R"(
<ir_version: 8, opset_import: ["" : 17]>
net (float[2,8,16] x) => (float[2,16,8] y)
{
  a = Relu(x)
  t = Transpose<perm=[0,2,1]>(a)
  b = Sigmoid(t)
  y = Exp(b)
})";

TEST(JoinProfile, AnOperatorThatTheRuntimeMovedIsTheNearestOfItsType) {
  const Predicted p = predict(kTransposed, "eager");
  const JoinedProfile joined =
      join_profile(ran({{"a", "Relu", 10, "[2,8,16]"},
                        {"b", "Sigmoid", 10, "[2,8,16]"},
                        {"y", "Exp", 10, "[2,8,16]"},
                        {"Transpose_token_3", "Transpose", 40, "[2,16,8]"}}),
                   p.subject());
  EXPECT_TRUE(joined.unmatched.empty());
  EXPECT_NEAR(joined.kernels[p.writer("t")].measured_seconds, 40e-6, 1e-12);
}

TEST(JoinProfile, AnOperatorThatTheRuntimePutInIsOfTheNodeThatRunsNext) {
  const Predicted p = predict(kTransposed, "eager");
  const JoinedProfile joined = join_profile(ran({{"a", "Relu", 10, "[2,8,16]"},
                                                 {"t", "Transpose", 10, "[2,16,8]"},
                                                 {"Mul_181", "Mul", 5, "[2,16,8]"},
                                                 {"b", "Sigmoid", 10, "[2,16,8]"},
                                                 {"y", "Exp", 10, "[2,16,8]"}}),
                                            p.subject());
  EXPECT_TRUE(joined.unmatched.empty());
  EXPECT_NEAR(joined.kernels[p.writer("b")].measured_seconds, 15e-6, 1e-12);
}

TEST(JoinProfile, SaysThatTheProfileIsOfOtherDims) {
  const Predicted p = predict(kTransposed, "eager");
  const auto of_batch = [&](const std::string& n) {
    return join_profile(ran({{"a", "Relu", 10, "[" + n + ",8,16]"},
                             {"t", "Transpose", 40, "[" + n + ",16,8]"},
                             // Blocked: the channels are rounded up.
                             {"b_nchwc", "Sigmoid", 20, "[" + n + ",32,8]"},
                             {"y", "Exp", 10, "[" + n + ",8,16]"}}),
                        p.subject());
  };
  EXPECT_FALSE(of_batch("2").other_shape);
  const JoinedProfile four = of_batch("4");
  ASSERT_TRUE(four.other_shape);
  EXPECT_EQ(four.other_shape->event, 1U);
  EXPECT_EQ(p.graph[four.other_shape->tensor].name, "t");
}

TEST(JoinProfile, ListsWhatItCannotPlace) {
  const Predicted p = predict(kNet, "eager");
  const JoinedProfile joined =
      join_profile(table("void sgemm_128x64_nn,0.5\nc1,0.25\n"), p.subject());
  ASSERT_EQ(joined.unmatched.size(), 1U);
  EXPECT_EQ(joined.unmatched[0].event, 0U);
  EXPECT_DOUBLE_EQ(joined.totals.measured_seconds, 0.75);
  EXPECT_DOUBLE_EQ(joined.totals.matched_seconds, 0.25);
}

}  // namespace
}  // namespace aiprof
