// Kernels of models as measurements of single operators.
#include "aiprof/calibration/export.h"

#include <gtest/gtest.h>

#include <set>

#include "aiprof/calibration/bench.h"
#include "aiprof/frontend/onnx.h"
#include "calibration/operator_model.h"
#include "support/onnx_text.h"

namespace aiprof {
namespace {

ExportedKernels exported(const Graph& graph, const std::string& runtime, double seconds) {
  const Analysis analysis = analyze(graph);
  const RuntimeProfile profile = load_runtime(runtime);
  const Lowered lowered = lower_graph(graph, analysis, profile);
  const std::vector<double> times(lowered.kernels.size(), seconds);
  return measurements_of({.graph = graph,
                          .analysis = analysis,
                          .lowered = lowered,
                          .float32_math = profile.float32_math,
                          .seconds = times});
}

// "float[2,3] w = {0,...}": a stored tensor.
std::string stored(const std::string& name, const std::vector<int>& dims) {
  std::string shape, zeros = "0";
  int n = 1;
  for (const int d : dims) {
    shape += (shape.empty() ? "" : ",") + std::to_string(d);
    n *= d;
  }
  for (int i = 1; i < n; ++i) zeros += ",0";
  return "float[" + shape + "] " + name + " = {" + zeros + "}";
}

std::size_t left_out(const ExportedKernels& e) {
  std::size_t n = 0;
  for (const auto& [reason, kernels] : e.left_out) n += kernels;
  return n;
}

// The model of a row, measured, gives a row that stands for the same model.
TEST(Export, GivesBackTheRowsOfTheBench) {
  std::set<std::string> operators;
  for (const Measurement& row : bench_shapes()) {
    const calibration::OperatorModel model = calibration::operator_model(row);
    const Graph graph = read_onnx(std::as_bytes(std::span(model.bytes)), row.op);
    const ExportedKernels out = exported(graph, "compiled", 0.25);
    ASSERT_EQ(out.rows.size(), 1U)
        << row.op << " " << row.label
        << (out.left_out.empty() ? ": nothing measured" : ": " + out.left_out.begin()->first);
    EXPECT_EQ(out.rows[0].op, row.op);
    EXPECT_EQ(out.rows[0].dtype, row.dtype) << row.op;
    EXPECT_EQ(out.rows[0].seconds, 0.25);
    EXPECT_EQ(out.rows[0].regime, TimingRegime::kStream);
    EXPECT_EQ(calibration::operator_model(out.rows[0]).bytes, model.bytes)
        << row.op << " " << row.label;
    operators.insert(row.op);
  }
  EXPECT_GT(operators.size(), 20U);
}

// One kernel of each kind that no row stands for.
TEST(Export, LeavesOutWhatARowCannotExpress) {
  const Graph graph = test::parse_model(R"(
    <ir_version: 8, opset_import: ["" : 17]>
    net (float[1,8,16,16] x, float[1,8,1,1] scale) => (float[1,8,16,16] y)
    <)" + stored("w", {8, 8, 3, 3}) + ", " +
                                        stored("v", {8, 8, 3, 3}) + R"(>
    {
      a = Conv<pads=[1,1,1,1]>(x, w)
      r = Sigmoid(a)
      d = Conv<pads=[2,2,2,2], dilations=[2,2]>(r, v)
      s = Mul(d, scale)
      y = Softmax<axis=1>(s)
    })");
  const ExportedKernels fused = exported(graph, "compiled", 1e-3);
  EXPECT_EQ(fused.left_out.at("fused of several operators"), 2U)
      << "Conv and Sigmoid, Conv and a Mul that reads a scale";
  const ExportedKernels single = exported(graph, "eager", 1e-3);
  EXPECT_EQ(single.rows.size(), 2U) << "Conv, Sigmoid";
  EXPECT_EQ(left_out(single), 3U)
      << "dilated Conv, Mul by a broadcast scale, Softmax over channels";
}

TEST(Export, AnActivationBehindAProductIsFreeAndAResidualIsNot) {
  const Graph graph = test::parse_model(R"(
    <ir_version: 8, opset_import: ["" : 17]>
    net (float[1,8,16,16] x) => (float[1,8,16,16] y)
    <)" + stored("w", {8, 8, 3, 3}) + ", " +
                                        stored("v", {8, 8, 3, 3}) + R"(>
    {
      a = Conv<pads=[1,1,1,1]>(x, w)
      r = Relu(a)
      c = Conv<pads=[1,1,1,1]>(r, v)
      s = Add(c, r)
      y = Relu(s)
    })");
  const ExportedKernels out = exported(graph, "compiled", 1e-3);
  ASSERT_EQ(out.rows.size(), 1U);
  EXPECT_EQ(out.rows[0].op, "Conv");
  EXPECT_EQ(left_out(out), 1U);
}

TEST(Export, ABiasDoesNotMatterAndWeightsSayHowManyPass) {
  const Graph graph = test::parse_model(R"(
    <ir_version: 8, opset_import: ["" : 17]>
    net (float[1,8,16,16] x) => (float[1,8,16,16] y)
    <)" + stored("w", {8, 8, 3, 3}) + ", " +
                                        stored("b", {8}) + ", " + stored("v", {8, 8, 3, 3}) + R"(>
    {
      a = Conv<pads=[1,1,1,1]>(x, w, b)
      y = Conv<pads=[1,1,1,1]>(a, v)
    })");
  const ExportedKernels out = exported(graph, "eager", 1e-3);
  ASSERT_EQ(out.rows.size(), 2U);
  EXPECT_EQ(out.rows[0].op, "Conv");
  EXPECT_EQ(out.rows[0].extents.pad_h, 1);
  EXPECT_EQ(*out.rows[0].weight_set, 4 * (8 * 8 * 3 * 3 + 8 + 8 * 8 * 3 * 3));
}

TEST(Export, ProductsOfActivationsAreBatchesAndThoseByWeightsAreNot) {
  const Graph graph = test::parse_model(R"(
    <ir_version: 8, opset_import: ["" : 17]>
    net (float[2,4,16,64] q, float[2,4,64,16] k, float[1,16,64] x) => (float[2,4,16,16] a, float[1,16,32] y)
    <)" + stored("w", {64, 32}) + R"(>
    {
      a = MatMul(q, k)
      y = MatMul(x, w)
    })");
  const ExportedKernels out = exported(graph, "eager", 1e-3);
  ASSERT_EQ(out.rows.size(), 2U);
  EXPECT_EQ(out.rows[0].extents, (Extents{.b = 2 * 4, .m = 16, .n = 16, .k = 64}));
  EXPECT_EQ(out.rows[1].extents, (Extents{.m = 16, .n = 32, .k = 64}));
}

TEST(Export, TensorFloatIsSaidOfProductsAlone) {
  const Graph graph = test::parse_model(R"(
    <ir_version: 8, opset_import: ["" : 17]>
    net (float[16,64] x) => (float[16,32] y)
    <)" + stored("w", {64, 32}) + R"(>
    {
      m = MatMul(x, w)
      y = Softmax(m)
    })");
  const Analysis analysis = analyze(graph);
  const Lowered lowered = lower_graph(graph, analysis, load_runtime("eager"));
  const std::vector<double> times(lowered.kernels.size(), 1e-3);
  const ExportedKernels out = measurements_of({.graph = graph,
                                               .analysis = analysis,
                                               .lowered = lowered,
                                               .float32_math = Float32Math::kTf32,
                                               .seconds = times});
  ASSERT_EQ(out.rows.size(), 2U);
  EXPECT_TRUE(out.rows[0].tf32);
  EXPECT_FALSE(out.rows[1].tf32);
}

}  // namespace
}  // namespace aiprof
