// Nodes in an executable order, bodies after their owner.
#include <gtest/gtest.h>

#include "aiprof/frontend/onnx.h"
#include "support/onnx_text.h"
#include "support/wire.h"

namespace aiprof::test {
namespace {

std::vector<std::string> types(const Graph& g, const std::vector<NodeId>& ids) {
  std::vector<std::string> out;
  for (const NodeId id : ids) out.emplace_back(g.op_type(g[id]).type);
  return out;
}

std::vector<std::string> numbered(const Graph& g) {
  std::vector<std::string> out;
  for (const Node& n : g.nodes) out.emplace_back(g.op_type(n).type);
  return out;
}

TEST(Order, FileOrderIsKeptWhereItRuns) {
  const Graph g = parse_model(R"(<ir_version: 8, opset_import: ["": 17]>
    g (float[N] x) => (float[N] y) { a = Exp (x)  b = Relu (x)  y = Add (b, a) })");
  EXPECT_EQ(types(g, g.main().nodes), (std::vector<std::string>{"Exp", "Relu", "Add"}));
}

TEST(Order, OutOfOrderGraphsAreSortedStably) {
  const Graph g = parse_model(R"(<ir_version: 8, opset_import: ["": 17]>
    g (float[N] x) => (float[N] y) { y = Add (b, a)  b = Neg (x)  a = Relu (b)  c = Exp (x) })");
  EXPECT_EQ(numbered(g), (std::vector<std::string>{"Neg", "Relu", "Add", "Exp"}));
  for (std::size_t i = 0; i < g.nodes.size(); ++i) {
    for (const TensorId t : g.nodes[i].outputs) EXPECT_EQ(index(g[t].producer), i);
  }
}

TEST(Order, BodiesFollowTheirOwnerAndWaitForWhatTheyCapture) {
  const Graph g = parse_model(R"(<ir_version: 8, opset_import: ["": 17]>
    g (float[N] x, bool c) => (float[N] z) {
      y = If (c) <then_branch = t () => (float[N] r) { r = Neg (late) },
                  else_branch = e () => (float[N] r) { r = Exp (x) }>
      late = Relu (x)
      z = Abs (y)
    })");
  EXPECT_EQ(numbered(g), (std::vector<std::string>{"Relu", "If", "Neg", "Exp", "Abs"}));
  EXPECT_EQ(g[g[RegionId{1}].owner].op, g.nodes[1].op);
}

TEST(Order, ALongChainWrittenBackwards) {
  constexpr int kNodes = 20000;
  Message g;
  for (int i = kNodes; i-- > 0;) {
    const std::string in = i == 0 ? "x" : "t" + std::to_string(i - 1);
    const std::string out = "t" + std::to_string(i);
    g.message(1, node("Relu", {in}, {out}));
  }
  g.message(11, value_info("x", tensor_type(1, {2})));
  g.message(12, Message().text(1, "t" + std::to_string(kNodes - 1)));
  const Graph graph = read_model(model(g).bytes());
  EXPECT_EQ(graph.nodes.front().name, "t0");
  EXPECT_EQ(graph.nodes.back().name, "t" + std::to_string(kNodes - 1));
}

}  // namespace
}  // namespace aiprof::test
