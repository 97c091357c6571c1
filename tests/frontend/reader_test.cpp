// Models as exporters of all ages write them.
#include <gtest/gtest.h>

#include "aiprof/base/error.h"
#include "aiprof/frontend/onnx.h"
#include "support/onnx_text.h"
#include "support/wire.h"

namespace aiprof::test {
namespace {

TensorId find(const Graph& g, std::string_view name, std::size_t nth = 0) {
  for (std::size_t i = 0; i < g.tensors.size(); ++i) {
    if (g.tensors[i].name == name && nth-- == 0) return static_cast<TensorId>(i);
  }
  return kNoTensor;
}

// y = Add(x, w), with whatever else `more` puts into the graph.
Message add_graph(const Message& more = {}) {
  Message g;
  g.message(1, node("Add", {"x", "w"}, {"y"})).text(2, "g");
  g.message(5, tensor("w", 1, {4}).text(9, std::string(16, '\0')));
  g.message(11, value_info("x", tensor_type(1, {-1, 4})));
  g.message(12, value_info("y", tensor_type(1, {-1, 4})));
  return g.raw(more.bytes());
}

TEST(Reader, OldModelsListInitializersAsInputs) {
  const Message also_input = Message().message(11, value_info("w", tensor_type(1, {4})));
  const Graph g = read_model(model(add_graph(also_input), 3, 7).bytes());
  EXPECT_EQ(g.ir_version, 3);
  ASSERT_EQ(g.main().inputs.size(), 2U);
  const TensorId w = find(g, "w");
  EXPECT_EQ(g.main().inputs[1], w);
  EXPECT_TRUE(g[w].graph_input);
  EXPECT_NE(g[w].stored, nullptr);
  EXPECT_EQ(find(g, "w", 1), kNoTensor);
}

TEST(Reader, WithoutAnOpsetImportTheIrVersionTells) {
  struct Row {
    std::int64_t ir;
    int opset;
  };
  for (const Row row : {Row{3, 7}, Row{4, 9}, Row{5, 10}, Row{8, 18}, Row{99, 28}}) {
    const Graph g = read_model(Message().number(1, row.ir).message(7, add_graph()).bytes());
    EXPECT_EQ(g.op_types[0].version, row.opset) << row.ir;
    EXPECT_EQ(g.notes, std::vector<std::string>{
                           "the model imports no ai.onnx opset: " + std::to_string(row.opset) +
                           " assumed from its IR version " + std::to_string(row.ir)});
  }
  // Before IR 3 there were no imports to give.
  EXPECT_TRUE(read_model(Message().number(1, 1).message(7, add_graph()).bytes()).notes.empty());
}

TEST(Reader, DefaultDomainHasTwoSpellings) {
  Message g;
  g.message(1, node("Relu", {"x"}, {"y"}).text(7, "ai.onnx")).message(12, Message().text(1, "y"));
  g.message(11, value_info("x", tensor_type(1, {2})));
  const Graph graph =
      read_model(Message().number(1, 8).message(7, g).message(8, opset("ai.onnx", 16)).bytes());
  EXPECT_EQ(graph.op_types[0].domain, "");
  EXPECT_EQ(graph.op_types[0].version, 16);
}

TEST(Reader, UnknownFieldsOfEveryMessageAreSkipped) {
  const Message later = Message().number(900, 1).text(901, "later").real(902, 2.0F);
  Message n = node("Relu", {"x"}, {"y"});
  n.raw(later.bytes()).message(5, Message().text(1, "a").number(3, 1).raw(later.bytes()));
  Message g;
  g.message(1, n).raw(later.bytes());
  g.message(11, value_info("x", tensor_type(1, {2}).raw(later.bytes())).raw(later.bytes()));
  g.message(12, Message().text(1, "y"));
  const Graph graph = read_model(model(g).raw(later.bytes()).bytes());
  EXPECT_EQ(graph.nodes.size(), 1U);
}

TEST(Reader, AFieldOfTheWrongWireTypeReadsAsNothing) {
  Message n;
  n.text(1, "x").number(2, 5).text(2, "y").number(3, 9).text(4, "Relu");
  n.message(5, Message().text(1, "axis").number(5, 77).text(3, "seven").text(2, "x"));
  Message g;
  g.message(1, n).number(5, 3).number(1, 4).message(12, Message().text(1, "y"));
  g.message(11, value_info("x", tensor_type(1, {2})));
  EXPECT_NO_THROW({
    try {
      (void)read_model(model(g).bytes());
    } catch (const Error&) {
    }
  });
}

TEST(Reader, AnonymousAndNamedDims) {
  const Graph g = parse_model(R"(<ir_version: 8, opset_import: ["": 17]>
    g (float[N, ?, 3, M, N] x, float[] r) => (float[N] y) { y = Foo (x, r) })");
  const Type& type = *g[g.main().inputs[0]].declared;
  ASSERT_EQ(type.shape->size(), 5U);
  EXPECT_EQ(g.symbols[(*type.shape)[0].symbol()], "N");
  EXPECT_EQ((*type.shape)[1], Dim());
  EXPECT_EQ((*type.shape)[2], Dim(3));
  EXPECT_EQ((*type.shape)[4], (*type.shape)[0]);
}

TEST(Reader, ContainerTypes) {
  const Message elem = Message().message(1, tensor_type(1, {2, 3}));
  Message g;
  g.message(1, node("Foo", {"s"}, {"y"})).message(12, Message().text(1, "y"));
  g.message(11, value_info("s", Message().message(4, elem)));
  g.message(
      11, value_info("o", Message().message(9, Message().message(1, Message().message(4, elem)))));
  g.message(11, value_info("m", Message().message(
                                    5, Message().number(1, 7).message(2, tensor_type(1, {5})))));
  const Graph graph = read_model(model(g).bytes());
  const auto type = [&](std::size_t i) { return *graph[graph.main().inputs[i]].declared; };
  EXPECT_EQ(type(0).kind, TypeKind::kSequence);
  EXPECT_EQ(type(0).shape, (Shape{Dim(2), Dim(3)}));
  EXPECT_EQ(type(1).kind, TypeKind::kOptional);
  EXPECT_EQ(type(1).dtype, DType::kFloat32);
  EXPECT_EQ(type(2).kind, TypeKind::kMap);
  EXPECT_EQ(type(2).shape, Shape{Dim(5)});
}

TEST(Reader, SubgraphsSeeOuterNamesAndMayHideThem) {
  const Graph g = parse_model(R"(<ir_version: 8, opset_import: ["": 17]>
    g (float[N] x, bool c) => (float[N] y) {
      a = Relu (x)
      y = If (c) <then_branch = t () => (float[N] r) { r = Neg (a) },
                  else_branch = e () => (float[N] a) { a = Exp (x) }>
    })");
  ASSERT_EQ(g.regions.size(), 3U);
  const TensorId outer = find(g, "a", 0);
  const TensorId inner = find(g, "a", 1);
  ASSERT_NE(inner, kNoTensor);
  const RegionId then_branch = g.nodes[1].attributes[0].regions[0];
  const RegionId else_branch = g.nodes[1].attributes[1].regions[0];
  EXPECT_EQ(g[g[then_branch].nodes[0]].inputs[0], outer);
  EXPECT_EQ(g[else_branch].outputs[0], inner);
  EXPECT_EQ(g[inner].region, else_branch);
  EXPECT_EQ(g[g[then_branch].nodes[0]].path, "If/then_branch");
}

TEST(Reader, ModuleScopesOfExporters) {
  Message n = node("Relu", {"x"}, {"y"});
  n.message(9, Message().text(1, "namespace").text(2, "net/block1"));
  Message g;
  g.message(1, n)
      .message(11, value_info("x", tensor_type(1, {2})))
      .message(12, Message().text(1, "y"));
  EXPECT_EQ(read_model(model(g).bytes()).nodes[0].scope, "net/block1");
}

TEST(Reader, TrainingInformationIsNoted) {
  const Graph g = read_model(model(add_graph()).message(20, Message()).bytes());
  EXPECT_EQ(g.notes, std::vector<std::string>{"training_info is present and not analysed"});
}

TEST(Reader, NamesOutliveTheBytesGivenToIt) {
  Graph g;
  {
    const std::string bytes = model(add_graph()).bytes();
    g = read_model(bytes);
  }
  EXPECT_EQ(g.nodes[0].name, "y");
}

}  // namespace
}  // namespace aiprof::test
