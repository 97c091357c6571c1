// Parameters, buffers and stored bytes of models.
#include <gtest/gtest.h>

#include "aiprof/analysis/analysis.h"
#include "aiprof/frontend/onnx.h"
#include "support/files.h"
#include "support/onnx_text.h"
#include "support/print.h"
#include "support/wire.h"

namespace aiprof::test {
namespace {

constexpr int kFloat = 1, kUint8 = 2, kInt8 = 3, kInt32 = 6, kInt64 = 7, kBool = 9, kFloat16 = 10,
              kInt4 = 22;

struct Expected {
  std::uint64_t parameters, buffers, weight_bytes;
};

void expect_sizes(const Graph& g, const Expected& expected) {
  const ModelSizes s = analyze(g).sizes;
  EXPECT_EQ(s.parameters, Count(expected.parameters));
  EXPECT_EQ(s.buffers, Count(expected.buffers));
  EXPECT_EQ(s.weight_bytes, Count(expected.weight_bytes));
}

// A graph of these nodes over x: float[1, 64] and weights without elements.
Graph with(const std::vector<Message>& nodes, const std::vector<Message>& weights) {
  Message g;
  for (const Message& n : nodes) g.message(1, n);
  for (const Message& w : weights) g.message(5, w);
  g.message(11, value_info("x", tensor_type(kFloat, {1, 64})));
  g.message(12, Message().text(1, "y"));
  return read_model(model(g).message(8, opset("com.microsoft", 1)).bytes());
}

Message attribute(std::string_view name, std::int64_t i) {
  return Message().text(1, name).number(3, i).number(20, 2);
}

TEST(Sizes, ResNet50) {
  const Analysis a = analyze(load_onnx(shipped("resnet50")));
  EXPECT_EQ(a.sizes.parameters, Count(25557032U));
  EXPECT_EQ(a.sizes.buffers, Count(53120U));  // 26,560 channels: a mean and a variance each
}

TEST(Sizes, RunningStatisticsAreBuffers) {
  Message g;
  g.message(1, node("BatchNormalization", {"x", "scale", "bias", "mean", "var"}, {"y"}));
  for (const char* name : {"scale", "bias", "mean", "var"}) g.message(5, tensor(name, kFloat, {8}));
  g.message(11, value_info("x", tensor_type(kFloat, {1, 8, 4, 4})))
      .message(12, Message().text(1, "y"));
  expect_sizes(read_model(model(g).bytes()), {2 * 8, 2 * 8, 4 * 8 * 4});
}

TEST(Sizes, IntegersThatOnlyShapesOrIndicesUseAreNoParameters) {
  expect_sizes(with({node("Reshape", {"x", "shape"}, {"r"}), node("Gather", {"r", "rows"}, {"g"}),
                     node("Where", {"mask", "g", "g"}, {"y"})},
                    {tensor("shape", kInt64, {2}).packed(7, {64, 1}),
                     tensor("rows", kInt64, {1, 3}), tensor("mask", kBool, {1, 3, 1})}),
               {0, 0, 0});
}

TEST(Sizes, ATableOfEmbeddingsIsAParameter) {
  Message g;
  g.message(1, node("Gather", {"table", "ids"}, {"y"}))
      .message(5, tensor("table", kFloat16, {1000, 16}));
  g.message(11, value_info("ids", tensor_type(kInt64, {1, 4}))).message(12, Message().text(1, "y"));
  expect_sizes(read_model(model(g).bytes()), {1000 * 16, 0, 1000 * 16 * 2});
}

TEST(Sizes, ConstantNodesAndSubgraphsCountToo) {
  const Message constant =
      node("Constant", {}, {"k"})
          .message(5,
                   Message().text(1, "value").message(5, tensor("", kFloat, {64})).number(20, 4));
  Message branch;
  branch.message(5, tensor("inner", kFloat, {64})).message(1, node("Mul", {"x", "inner"}, {"r"}));
  branch.message(12, Message().text(1, "r"));
  const Message conditional =
      node("If", {"c"}, {"z"})
          .message(5, Message().text(1, "then_branch").message(6, branch).number(20, 5))
          .message(5, Message().text(1, "else_branch").message(6, branch).number(20, 5));
  Message g;
  g.message(1, constant).message(1, conditional).message(1, node("Add", {"z", "k"}, {"y"}));
  g.message(11, value_info("x", tensor_type(kFloat, {1, 64})))
      .message(11, value_info("c", tensor_type(kBool, {})));
  g.message(12, Message().text(1, "y"));
  expect_sizes(read_model(model(g).bytes()), {3 * 64, 0, 3 * 64 * 4});
}

TEST(Sizes, StoredFloatsThatNothingReadsAreStored) {
  expect_sizes(with({node("Relu", {"x"}, {"y"})}, {tensor("spare", kFloat, {100})}),
               {100, 0, 100 * 4});
}

TEST(Sizes, OneTensorReadTwiceIsOneWeight) {
  expect_sizes(with({node("MatMul", {"x", "w"}, {"a"}), node("MatMul", {"a", "w"}, {"y"})},
                    {tensor("w", kFloat, {64, 64})}),
               {64 * 64, 0, 64 * 64 * 4});
}

TEST(Sizes, TensorsTiedByTheirExternalRangeAreOneWeight) {
  const auto external = [](std::string_view name, std::string_view offset) {
    return tensor(name, kFloat, {64, 64})
        .message(13, Message().text(1, "location").text(2, "f.bin"))
        .message(13, Message().text(1, "offset").text(2, offset))
        .number(14, 1);
  };
  const std::vector<Message> nodes = {node("MatMul", {"x", "w"}, {"a"}),
                                      node("MatMul", {"a", "v"}, {"y"})};
  expect_sizes(with(nodes, {external("w", "0"), external("v", "0")}), {64 * 64, 0, 64 * 64 * 4});
  expect_sizes(with(nodes, {external("w", "0"), external("v", "16384")}),
               {2 * 64 * 64, 0, 2 * 64 * 64 * 4});
}

TEST(Sizes, SparseWeightsStoreTheirNonzerosAndWhereTheyAre) {
  Message g;
  const Message values = tensor("w", kFloat, {5}).text(9, std::string(20, '\0'));
  g.message(
      15,
      Message().message(1, values).message(2, tensor("", kInt64, {5})).number(3, 64).number(3, 64));
  g.message(1, node("MatMul", {"x", "w"}, {"y"})).message(12, Message().text(1, "y"));
  g.message(11, value_info("x", tensor_type(kFloat, {1, 64})));
  expect_sizes(read_model(model(g).bytes()), {5, 0, 5 * 4 + 5 * 8});
}

// --- quantised weights: the weights are parameters, scales and zero points are bytes only --------

TEST(Sizes, QuantizeAndDequantize) {
  expect_sizes(
      with({node("QuantizeLinear", {"x", "sx", "zx"}, {"q"}),
            node("DequantizeLinear", {"q", "sx", "zx"}, {"d"}),
            node("DequantizeLinear", {"w", "sw", "zw"}, {"dw"}).message(5, attribute("axis", 1)),
            node("DequantizeLinear", {"b", "sb"}, {"db"}), node("Gemm", {"d", "dw", "db"}, {"y"})},
           {tensor("sx", kFloat, {}), tensor("zx", kUint8, {}), tensor("w", kInt8, {64, 32}),
            tensor("sw", kFloat, {32}), tensor("zw", kInt8, {32}), tensor("b", kInt32, {32}),
            tensor("sb", kFloat, {})}),
      {64 * 32 + 32, 0, (4 + 1) + 64 * 32 + 32 * (4 + 1) + 32 * 4 + 4});
}

TEST(Sizes, QuantisedOperators) {
  expect_sizes(
      with({node("QuantizeLinear", {"x", "sx", "zx"}, {"q"}),
            node("QLinearMatMul", {"q", "sx", "zx", "w", "sw", "zw", "sy", "zy"}, {"y"})},
           {tensor("sx", kFloat, {}), tensor("zx", kUint8, {}), tensor("w", kInt8, {64, 32}),
            tensor("sw", kFloat, {32}), tensor("zw", kInt8, {32}), tensor("sy", kFloat, {}),
            tensor("zy", kUint8, {})}),
      {64 * 32, 0, (4 + 1) + 64 * 32 + 32 * (4 + 1) + (4 + 1)});
}

TEST(Sizes, FourBitWeightsInBytes) {
  constexpr std::uint64_t kN = 32, kK = 64, kBlock = 16;
  const Message n = node("MatMulNBits", {"x", "w", "s", "z"}, {"y"})
                        .text(7, "com.microsoft")
                        .message(5, attribute("N", kN))
                        .message(5, attribute("K", kK))
                        .message(5, attribute("bits", 4))
                        .message(5, attribute("block_size", kBlock));
  constexpr std::uint64_t kBlocks = kK / kBlock;
  expect_sizes(
      with({n}, {tensor("w", kUint8, {kN, kBlocks, kBlock / 2}),
                 tensor("s", kFloat, {kN * kBlocks}), tensor("z", kUint8, {kN * kBlocks / 2})}),
      {kN * kK, 0, kN * kK / 2 + kN * kBlocks * 4 + kN * kBlocks / 2});
}

TEST(Sizes, FourBitWeightsOfTheStandard) {
  expect_sizes(with({node("DequantizeLinear", {"w", "s"}, {"d"})
                         .message(5, attribute("axis", 0))
                         .message(5, attribute("block_size", 16)),
                     node("MatMul", {"x", "d"}, {"y"})},
                    {tensor("w", kInt4, {64, 32}), tensor("s", kFloat16, {4, 32})}),
               {64 * 32, 0, 64 * 32 / 2 + 4 * 32 * 2});
}

TEST(Sizes, DynamicQuantisation) {
  expect_sizes(with({node("DynamicQuantizeLinear", {"x"}, {"q", "s", "z"}),
                     node("MatMulInteger", {"q", "w", "z", "zw"}, {"y"})},
                    {tensor("w", kInt8, {64, 32}), tensor("zw", kInt8, {})}),
               {64 * 32, 0, 64 * 32 + 1});
}

}  // namespace
}  // namespace aiprof::test
