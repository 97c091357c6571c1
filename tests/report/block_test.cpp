// Which module a node belongs to, from each way that exporters say it.
#include "report/block.h"

#include <gtest/gtest.h>

#include "aiprof/report/report.h"

namespace aiprof {
namespace {

std::string path_of(std::string_view name, std::string_view scope = {},
                    std::string_view path = {}) {
  Node node;
  node.name = name;
  node.scope = scope;
  node.path = path;
  return block_path(node);
}

TEST(BlockPath, IsTheNameWithoutItsLastPart) {
  EXPECT_EQ(path_of("/model/layers.3/self_attn/q_proj/MatMul"), "model/layers.3/self_attn/q_proj");
  EXPECT_EQ(path_of("encoder.layer.0.dense"), "encoder/layer/0");
  EXPECT_EQ(path_of("/Concat_3"), "");
  EXPECT_EQ(path_of("conv1"), "");
  EXPECT_EQ(path_of(""), "");
}

TEST(BlockPath, PrefersTheScopeOfTheExporter) {
  EXPECT_EQ(path_of("node_linear_14",
                    ": net.Swin/features: torch.nn.Sequential/features.1: torch.nn.Block/"
                    "linear: aten.linear.default"),
            "features/features.1");
  EXPECT_EQ(path_of("node_linear_14", "['', 'features', 'features.1', 'linear']"),
            "features/features.1");
}

TEST(BlockPath, BeginsWithFunctionsAndSubgraphs) {
  EXPECT_EQ(path_of("conv/Conv", {}, "call/body"), "call/body/conv");
}

TEST(BlockPrefix, KeepsTheFirstPartsAsPeopleWriteThem) {
  constexpr std::string_view kPath = "layer1/layer1.0/conv1";
  EXPECT_EQ(block_prefix(kPath, 1), "layer1");
  EXPECT_EQ(block_prefix(kPath, 2), "layer1.0");
  EXPECT_EQ(block_prefix(kPath, 3), "layer1.0/conv1");
  EXPECT_EQ(block_prefix(kPath, 0), "layer1.0/conv1");
  EXPECT_EQ(block_prefix("model/layers.1/layers.10", 0), "model/layers.1/layers.10");
  EXPECT_EQ(block_prefix("", 2), "");
}

}  // namespace
}  // namespace aiprof
