// Which nodes one launch takes in, and what then still moves.
#include <gtest/gtest.h>

#include "aiprof/lowering/lowering.h"
#include "support/onnx_text.h"

namespace aiprof {
namespace {

struct Case {
  Graph graph;
  Analysis analysis;
  Lowered lowered;
};

Case lower(const std::string& profile, const std::string& body) {
  Case c{test::parse_model("<ir_version: 8, opset_import: [\"\": 17]> g " + body), {}, {}};
  c.analysis = analyze(c.graph);
  c.lowered = lower_graph(c.graph, c.analysis, load_runtime(profile));
  return c;
}

// Operator types by kernel: "Conv Relu | MaxPool".
std::string kernels(const Case& c) {
  std::string out;
  for (const Kernel& k : c.lowered.kernels) {
    if (!out.empty()) out += " | ";
    for (std::size_t i = 0; i < k.nodes.size(); ++i) {
      out += (i > 0 ? " " : "") + std::string(c.graph.op_type(c.graph[k.nodes[i]]).type);
    }
  }
  return out;
}

constexpr const char* kResidual = R"((float[1,8,16,16] x, float[8,8,1,1] w, float[8,8,1,1] v)
    => (float[1,8,16,16] y) {
      a = Conv(x, w)
      b = Conv(x, v)
      s = Add(a, b)
      y = Relu(s)
    })";

TEST(Fusion, EagerLaunchesEveryOperator) {
  EXPECT_EQ(kernels(lower("eager", kResidual)), "Conv | Conv | Add | Relu");
}

TEST(Fusion, AResidualAddJoinsOneOfItsConvolutions) {
  const Case c = lower("compiled", kResidual);
  ASSERT_EQ(kernels(c), "Conv | Conv Add Relu") << "the group runs where all its inputs exist";
  const Kernel& fused = c.lowered.kernels[1];
  EXPECT_EQ(fused.op_class, OpClass::kConvolution);
  // Input, weights, and the other branch; the result once.
  EXPECT_EQ(fused.bytes_read(), Count(8 * 16 * 16 * 4 + 8 * 8 * 4 + 8 * 16 * 16 * 4));
  EXPECT_EQ(fused.bytes_written(), Count(8 * 16 * 16 * 4));
  // The sum and its input, written and read again, are saved: a, s twice each.
  EXPECT_EQ(fused.saved_bytes, Count(4 * (8 * 16 * 16 * 4)));
}

// An executor steps through what depends on a dynamic dim; what it can fold it folds before.
TEST(HostNodes, AreTheViewsAndShapesThatASessionRuns) {
  const auto steps = [](const std::string& batch, const std::string& profile) {
    const Case c = lower(profile, "(float[" + batch + R"(,4,6] x) => (float[n,24] y)
      <int64[1] minus = {-1}> {
        a = Relu(x)
        s = Shape <start: int = 0, end: int = 1> (a)
        d = Concat <axis: int = 0> (s, minus)
        r = Reshape(a, d)
        y = Tanh(r)
      })");
    Count sum = 0U;
    for (const Kernel& k : c.lowered.kernels) sum += k.host_nodes;
    return sum;
  };
  EXPECT_EQ(steps("n", "onnxruntime"), Count(3U)) << "Shape, Concat, Reshape";
  EXPECT_EQ(steps("2", "onnxruntime"), Count(1U)) << "Reshape: shapes are known before";
  EXPECT_EQ(steps("n", "compiled"), Count(0U));
}

TEST(Fusion, AResultThatSomeoneElseReadsEndsAnEpilogue) {
  EXPECT_EQ(
      kernels(lower("compiled", R"((float[4,8] x, float[8,8] w) => (float[4,8] a, float[4,8] y) {
        a = MatMul(x, w)
        y = Relu(a)
      })")),
      "MatMul | Relu")
      << "a is an output of the model";
}

TEST(Fusion, WrittenOutGeluIsOneKernel) {
  const std::string gelu = R"((float[4,8] x) => (float[4,8] y)
      <float root = {1.4142135}, float one = {1.0}, float half = {0.5}> {
        d = Div(x, root)
        e = Erf(d)
        p = Add(e, one)
        m = Mul(x, p)
        y = Mul(m, half)
      })";
  for (const char* profile : {"eager", "onnxruntime", "compiled", "ideal"}) {
    const Case c = lower(profile, gelu);
    ASSERT_EQ(kernels(c), "Div Erf Add Mul Mul") << profile;
    EXPECT_EQ(c.lowered.kernels[0].bytes_read(), Count(4 * 8 * 4 + 4 + 4 + 4));
    EXPECT_EQ(c.lowered.kernels[0].bytes_written(), Count(4 * 8 * 4));
  }
}

TEST(Fusion, AttentionIsSeenAroundASoftmax) {
  const Case c = lower("compiled", R"((float[2,4,16,8] q, float[2,4,8,32] k, float[2,4,32,8] v,
                                       float[2,1,16,32] mask) => (float[2,4,16,8] y)
      <float scale = {2.8284}> {
        s = MatMul(q, k)
        d = Div(s, scale)
        m = Add(d, mask)
        p = Softmax(m)
        y = MatMul(p, v)
      })");
  ASSERT_EQ(kernels(c), "MatMul Div Add Softmax MatMul");
  const Kernel& k = c.lowered.kernels[0];
  EXPECT_EQ(k.op_class, OpClass::kAttention);
  EXPECT_EQ(k.geometry.kind, Geometry::Kind::kAttention);
  EXPECT_EQ(k.geometry.batch, Count(2 * 4));
  EXPECT_EQ(k.geometry.m, Count(16));
  EXPECT_EQ(k.geometry.n, Count(32));
  EXPECT_EQ(k.macs, Count(2 * 4 * 16 * 8 * 32 + 2 * 4 * 16 * 32 * 8));
  EXPECT_EQ(k.bytes_written(), Count(2 * 4 * 16 * 8 * 4)) << "scores never leave the kernel";
}

TEST(Fusion, AClusterNeverWaitsForItself) {
  // b needs c, which needs a: a and b cannot be one launch without c.
  const Case c = lower("compiled", R"((float[4,8] x, float[8,8] w) => (float[4,8] y) {
        a = Relu(x)
        c = MatMul(a, w)
        b = Add(a, c)
        y = Neg(b)
      })");
  EXPECT_EQ(kernels(c), "Relu | MatMul Add Neg");
}

TEST(Fusion, QuantisedOperatorsStandBetweenDequantiseAndQuantise) {
  const Case c = lower("onnxruntime", R"((int8[1,2,4,4] x) => (int8[1,2,4,4] y)
      <int8[2,2,1,1] w = {1, 2, 3, 4}, float s = {0.5}, int8 z = {0}> {
        xf = DequantizeLinear(x, s, z)
        wf = DequantizeLinear(w, s, z)
        c = Conv(xf, wf)
        y = QuantizeLinear(c, s, z)
      })");
  ASSERT_EQ(kernels(c), "DequantizeLinear DequantizeLinear Conv QuantizeLinear");
  const Kernel& k = c.lowered.kernels[0];
  EXPECT_EQ(k.math, DType::kInt8);
  EXPECT_EQ(k.bytes_written(), Count(2 * 4 * 4)) << "one byte an element";
  // Data, weights, scale and zero point, all at their stored width.
  EXPECT_EQ(k.bytes_read(), Count(2 * 4 * 4 + 2 * 2 + 4 + 1));
}

TEST(Fusion, WeightOnlyQuantisationUnpacksInTheProduct) {
  const Case c = lower("compiled", R"((float[4,2] x) => (float[4,3] y)
      <int8[2,3] w = {1, 2, 3, 4, 5, 6}, float s = {0.5}, int8 z = {0}> {
        wf = DequantizeLinear(w, s, z)
        y = MatMul(x, wf)
      })");
  ASSERT_EQ(kernels(c), "DequantizeLinear MatMul");
  EXPECT_EQ(c.lowered.kernels[0].math, DType::kFloat32);
  EXPECT_EQ(c.lowered.kernels[0].weight_bytes_read(), Count(2 * 3 + 4 + 1));
}

TEST(Fusion, TransposesOfOperandsAreStridesToAProduct) {
  const std::string body = R"((float[4,8] x, float[4,8] w) => (float[4,4] y) {
        t = Transpose<perm = [1, 0]>(w)
        y = MatMul(x, t)
      })";
  EXPECT_EQ(kernels(lower("eager", body)), "Transpose MatMul");
  EXPECT_EQ(kernels(lower("onnxruntime", body)), "Transpose | MatMul");
}

TEST(Fusion, ViewsFoldedNodesAndGapsLaunchNothing) {
  const Case c = lower("eager", R"((float[4,8] x) => (float[32] y, float[2] z)
      <int64[1] shape = {32}, float[2] c = {1.0, 2.0}> {
        r = Relu(x)
        y = Reshape(r, shape)
        z = Neg(c)
      })");
  EXPECT_EQ(kernels(c), "Relu");
  EXPECT_EQ(c.lowered.kernel_of[1], Lowered::kNoKernel);
  EXPECT_EQ(c.lowered.kernel_of[2], Lowered::kNoKernel);
}

}  // namespace
}  // namespace aiprof
