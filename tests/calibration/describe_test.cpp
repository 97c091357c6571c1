// Kernels of networks as rows of measurement files.
#include "aiprof/calibration/describe.h"

#include <gtest/gtest.h>

#include "support/onnx_text.h"

namespace aiprof {
namespace {

std::vector<std::optional<Measurement>> described(const std::string& text) {
  const Graph graph = test::parse_model(text);
  const Analysis analysis = analyze(graph);
  const Lowered lowered = lower_graph(graph, analysis, load_runtime("onnxruntime"));
  std::vector<std::optional<Measurement>> out;
  for (const Kernel& k : lowered.kernels) out.push_back(describe_kernel(graph, analysis, k));
  return out;
}

TEST(DescribeKernel, GivesTheExtentsOfConvolutionsAndProducts) {
  const auto rows = described(R"(
    <ir_version: 8, opset_import: ["" : 17]>
    g (float[2,8,32,16] x, float[16,4,3,5] w, float[64,10] w2) => (float[2,16,4,10] y)
    {
      c = Conv<kernel_shape=[3,5], pads=[1,2,1,2], strides=[2,1], group=2>(x, w)
      r = Relu(c)
      s = Constant<value_ints=[2,16,4,64]>()
      t = Reshape(r, s)
      y = MatMul(t, w2)
    })");
  ASSERT_EQ(rows.size(), 2U);
  ASSERT_TRUE(rows[0]);
  const Extents expected = {.n = 2,
                            .k = 16,
                            .c = 8,
                            .h = 32,
                            .w = 16,
                            .groups = 2,
                            .kernel_h = 3,
                            .kernel_w = 5,
                            .stride_h = 2,
                            .stride_w = 1,
                            .pad_h = 1,
                            .pad_w = 2};
  EXPECT_EQ(rows[0]->op, "Conv");
  EXPECT_EQ(rows[0]->extents, expected);
  EXPECT_EQ(rows[0]->label, "with 1 more operators");
  ASSERT_TRUE(rows[1]);
  EXPECT_EQ(rows[1]->extents.m * std::max<std::int64_t>(1, rows[1]->extents.b), 2 * 16 * 4);
  EXPECT_EQ(rows[1]->extents.n, 10);
  EXPECT_EQ(rows[1]->extents.k, 64);
}

TEST(DescribeKernel, HasNoRowForWhatNoColumnCanSay) {
  const auto rows = described(R"(
    <ir_version: 8, opset_import: ["" : 17]>
    g (float[1,8,32,32] x, float[8,8,3,3] w) => (float[1,8,30,30] y)
    { y = Conv<kernel_shape=[3,3], pads=[0,0,2,2], dilations=[2,2]>(x, w) })");
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_FALSE(rows[0]);
}

TEST(DescribeKernel, GivesRowsAndColumnsOfSoftmax) {
  const auto rows = described(R"(
    <ir_version: 8, opset_import: ["" : 17]>
    g (float[4,12,128] x) => (float[4,12,128] y) { y = Softmax(x) })");
  ASSERT_TRUE(rows[0]);
  EXPECT_EQ(rows[0]->op_class, "softmax");
  EXPECT_EQ(rows[0]->extents.rows, 4 * 12);
  EXPECT_EQ(rows[0]->extents.cols, 128);
}

}  // namespace
}  // namespace aiprof
