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

// One operator of PyTorch: exporters write the bias apart.
TEST(Fusion, AnExportedLinearLayerIsOneKernelInEager) {
  const auto layer = [](const std::string& terms) {
    return kernels(lower("eager",
                         R"((float[1,2,3] x, float[3,2] w, float[1,2,2] other, float[2] row)
      => (float[1,2,2] y)
      <float[2] bias = {1, 2}, float[2,2] positions = {1, 2, 3, 4}> {
        m = MatMul(x, w)
        y = Add()" + terms + ")\n}"));
  };
  EXPECT_EQ(layer("bias, m"), "MatMul Add");
  EXPECT_EQ(layer("m, bias"), "MatMul Add");
  EXPECT_EQ(layer("m, positions"), "MatMul | Add") << "one vector for all rows is a bias";
  EXPECT_EQ(layer("m, other"), "MatMul | Add") << "a residual is not";
  EXPECT_EQ(layer("m, row"), "MatMul | Add") << "nor is what has to be computed";
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

// scaled_dot_product_attention as PyTorch exports it: queries and transposed keys are both scaled.
std::string exported_attention(const std::string& weights) {
  return R"((float[2,4,16,8] q, float[2,4,32,8] k, float[2,4,32,8] v, float[2,1,16,32] mask)
      => (float[2,4,16,8] y)
      <float root = {0.594604}, float zero = {0}> {
        kt = Transpose<perm = [0, 1, 3, 2]>(k)
        qs = Mul(q, root)
        ks = Mul(kt, root)
        s = MatMul(qs, ks)
        )" +
         weights +
         R"(
        y = MatMul(p, v)
      })";
}

TEST(Fusion, ExportedScaledDotProductAttentionIsOneKernelInEveryGpuProfile) {
  for (const char* profile : {"eager", "compiled", "ideal"}) {
    const Case c = lower(profile, exported_attention("p = Softmax(s)"));
    ASSERT_EQ(kernels(c), "Transpose Mul Mul MatMul Softmax MatMul") << profile;
    const Kernel& k = c.lowered.kernels[0];
    EXPECT_EQ(k.op_class, OpClass::kAttention);
    EXPECT_EQ(k.fusion, "attention");
    EXPECT_EQ(k.geometry.kind, Geometry::Kind::kAttention);
    EXPECT_EQ(k.geometry.batch, Count(2 * 4));
    EXPECT_EQ(k.geometry.m, Count(16));
    EXPECT_EQ(k.geometry.n, Count(32));
    EXPECT_EQ(k.geometry.k, Count(8));
    EXPECT_EQ(k.geometry.value_size, Count(8));
    EXPECT_EQ(k.macs, Count(2 * 4 * 16 * 8 * 32 + 2 * 4 * 16 * 32 * 8));
    // Queries, keys and values once, and the scale; neither scaled copies nor scores move.
    EXPECT_EQ(k.bytes_read(), Count((2 * 4 * 16 * 8 + 2 * (2 * 4 * 32 * 8) + 1) * 4));
    EXPECT_EQ(k.bytes_written(), Count(2 * 4 * 16 * 8 * 4));
  }
}

TEST(Fusion, ExportedAttentionTakesItsMaskAndTheGuardOfRowsThatAreAllMasked) {
  const Case c = lower("eager", exported_attention(R"(m = Add(s, mask)
        r = Softmax(m)
        bad = IsNaN(r)
        p = Where(bad, zero, r))"));
  ASSERT_EQ(kernels(c), "Transpose Mul Mul MatMul Add Softmax IsNaN Where MatMul");
  EXPECT_EQ(c.lowered.kernels[0].bytes_read(),
            Count((2 * 4 * 16 * 8 + 2 * (2 * 4 * 32 * 8) + 2 * 16 * 32 + 1 + 1) * 4));
}

TEST(Fusion, ABooleanMaskBecomesNumbersBeforeExportedAttention) {
  const Case c = lower("eager", R"((float[2,16,8] q, float[2,8,16] k, float[2,16,8] v,
                                    bool[2,16,16] keep) => (float[2,16,8] y)
      <float root = {0.594604}, float zero = {0}, float low = {-3.4e38}> {
        qs = Mul(q, root)
        ks = Mul(k, root)
        mask = Where(keep, zero, low)
        s = MatMul(qs, ks)
        m = Add(s, mask)
        p = Softmax(m)
        y = MatMul(p, v)
      })");
  EXPECT_EQ(kernels(c), "Where | Mul Mul MatMul Add Softmax MatMul");
}

// What is_causal becomes where the length is known at export: a stored mask.
TEST(Fusion, CausalExportedAttentionReadsItsMask) {
  const Case c = lower("eager", R"((float[4,2,8] x) => (float[4,2,8] y)
      <float[1] root = {0.594604}, float[2,2] mask = {0, -3.4e38, 0, 0},
       int64[3] flat = {4, 2, 8}, int64[3] back = {4, 8, 2}> {
        r = Reshape(x, flat)
        t = Transpose<perm = [0, 2, 1]>(r)
        kt = Reshape(t, back)
        qs = Mul(x, root)
        ks = Mul(kt, root)
        s = MatMul(qs, ks)
        m = Add(s, mask)
        p = Softmax(m)
        y = MatMul(p, x)
      })");
  ASSERT_EQ(kernels(c), "Transpose Mul Mul MatMul Add Softmax MatMul");
  EXPECT_EQ(c.lowered.kernels[0].bytes_read(), Count((4 * 2 * 8 + 2 * 2 + 1) * 4))
      << "x is queries, keys and values";
}

TEST(Fusion, ADecoderStepAttendsToItsCacheInOneKernel) {
  const Case c = lower("eager", R"((float[2,4,1,8] q, float[2,4,1,8] k, float[2,4,31,8] past,
                                    float[2,4,32,8] v)
      => (float[2,4,1,8] y, float[2,4,32,8] present)
      <float root = {0.594604}> {
        present = Concat<axis: int = 2>(past, k)
        kt = Transpose<perm = [0, 1, 3, 2]>(present)
        qs = Mul(q, root)
        ks = Mul(kt, root)
        s = MatMul(qs, ks)
        p = Softmax(s)
        y = MatMul(p, v)
      })");
  ASSERT_EQ(kernels(c), "Concat | Transpose Mul Mul MatMul Softmax MatMul");
  EXPECT_EQ(c.lowered.kernels[1].geometry.m, Count(1));
  EXPECT_EQ(c.lowered.kernels[1].geometry.n, Count(31 + 1));
}

// Hugging Face's BERT and GPT-2: the scores are scaled, once.
TEST(Fusion, AttentionThatAModelWritesOutStaysWrittenOutInEager) {
  const auto written_out = [](const std::string& q, const std::string& k, const std::string& s) {
    return lower("eager", R"((float[2,4,16,8] q, float[2,4,32,8] k, float[2,4,32,8] v)
      => (float[2,4,16,8] y)
      <float scale = {2.828427}, float[8] each = {1, 2, 3, 4, 5, 6, 7, 8}> {
        kt = Transpose<perm = [0, 1, 3, 2]>(k)
        )" + q + "\n" + k + "\n" +
                              R"(s = MatMul(qs, ks)
        )" + s + R"(
        p = Softmax(d)
        y = MatMul(p, v)
      })");
  };
  const std::string plain_q = "qs = Identity(q)";
  const std::string plain_k = "ks = Identity(kt)";
  EXPECT_EQ(kernels(written_out(plain_q, plain_k, "d = Div(s, scale)")),
            "Transpose MatMul | Div | Softmax | MatMul");
  EXPECT_EQ(kernels(written_out("qs = Mul(q, scale)", plain_k, "d = Identity(s)")),
            "Mul | Transpose MatMul | Softmax | MatMul")
      << "Swin scales its queries alone";
  EXPECT_EQ(kernels(written_out("qs = Mul(q, each)", "ks = Mul(kt, scale)", "d = Identity(s)")),
            "Transpose | Mul | Mul | MatMul | Softmax | MatMul")
      << "a weight for each channel is no scale";
}

// A compiler brings the scale of one side into the kernel as well.
TEST(Fusion, CompiledAttentionTakesInAScaleOfItsQueries) {
  const Case c = lower("compiled", R"((float[2,16,8] q, float[2,8,16] k, float[2,16,8] v)
      => (float[2,16,8] y, float[2,8,16] out)
      <float root = {0.594604}> {
        qs = Mul(q, root)
        out = Mul(k, root)
        s = MatMul(qs, out)
        p = Softmax(s)
        y = MatMul(p, v)
      })");
  EXPECT_EQ(kernels(c), "Mul | Mul MatMul Softmax MatMul") << "what others read is written";
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

TEST(Fusion, TransposesOfTransposesAreStridesToo) {
  EXPECT_EQ(kernels(lower("eager", R"((float[2,4,8] x, float[2,8,4] w) => (float[4,2,2] y)
      <int64[3] shape = {4, 2, 8}> {
        t = Transpose<perm = [1, 0, 2]>(x)
        r = Reshape(t, shape)
        u = Transpose<perm = [0, 2, 1]>(w)
        v = Transpose<perm = [1, 2, 0]>(u)
        y = MatMul(r, v)
      })")),
            "Transpose Transpose Transpose MatMul");
}

// Exports with dynamic dims ask for shapes everywhere.
TEST(Fusion, WhoAsksForAShapeReadsNothing) {
  const std::string body = R"((float[n,8] x, float[8,8] w) => (float[n,8] y, int64[2] s) {
        a = MatMul(x, w)
        s = Shape(a)
        y = Relu(a)
      })";
  EXPECT_EQ(kernels(lower("compiled", body)), "MatMul Relu");
  EXPECT_EQ(kernels(lower("onnxruntime", body)), "MatMul | Relu")
      << "there Shape is a step of its own, and its input is kept";
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
