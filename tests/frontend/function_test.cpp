// Local functions: inlined with their call path.
#include <gtest/gtest.h>

#include "aiprof/base/error.h"
#include "aiprof/frontend/onnx.h"
#include "support/onnx_text.h"
#include "support/wire.h"

namespace aiprof::test {
namespace {

struct Function {
  Message message;
  Function(std::string_view name, std::initializer_list<std::string_view> inputs,
           std::initializer_list<std::string_view> outputs) {
    message.text(1, name).text(10, "local");
    for (const auto i : inputs) message.text(4, i);
    for (const auto o : outputs) message.text(5, o);
    message.message(9, opset("", 13));
  }
};

Message call(std::string_view name, std::initializer_list<std::string_view> in,
             std::initializer_list<std::string_view> out) {
  return node(name, in, out).text(7, "local");
}

std::string with_functions(const Message& g, std::initializer_list<Message> functions) {
  Message m = model(g);
  m.message(8, opset("local", 1));
  for (const Message& f : functions) m.message(25, f);
  return m.bytes();
}

Message call_graph(const Message& n) {
  Message g;
  g.message(1, n)
      .message(11, value_info("x", tensor_type(1, {2})))
      .message(12, Message().text(1, "y"));
  return g;
}

std::string complaint(const std::string& bytes) {
  try {
    (void)read_model(bytes);
  } catch (const Error& e) {
    return e.what();
  }
  return {};
}

Message leaky(std::string_view alpha_reference) {
  Message n = node("LeakyRelu", {"a"}, {"b"});
  return n.message(5, Message().text(1, "alpha").text(21, alpha_reference).number(20, 1));
}

TEST(Functions, AreInlinedUnderTheirCall) {
  Function f("Twice", {"a"}, {"c"});
  f.message.message(7, node("Relu", {"a"}, {"b"})).message(7, node("Neg", {"b"}, {"c"}));
  const Graph g = read_model(with_functions(call_graph(call("Twice", {"x"}, {"y"})), {f.message}));
  ASSERT_EQ(g.nodes.size(), 3U);
  const Node& caller = g.nodes[0];
  ASSERT_NE(caller.body, kNoRegion);
  const Region& body = g[caller.body];
  EXPECT_EQ(body.name, "Twice");
  EXPECT_EQ(body.owner, NodeId{0});
  EXPECT_EQ(g.nodes[1].path, "y");  // the call's name
  EXPECT_EQ(g.nodes[1].inputs[0], g.main().inputs[0]);
  EXPECT_EQ(g.nodes[2].outputs[0], g.main().outputs[0]);
  EXPECT_EQ(g[g.main().outputs[0]].producer, NodeId{2});
  EXPECT_EQ(g.op_type(g.nodes[1]).version, 13);  // the function's own opset
}

TEST(Functions, AttributesComeFromTheCallOrTheDefault) {
  Function f("Act", {"a"}, {"b"});
  f.message.message(7, leaky("slope"))
      .message(11, Message().text(1, "slope").real(2, 0.25F).number(20, 1));
  Message given = call("Act", {"x"}, {"y"});
  given.message(5, Message().text(1, "slope").real(2, 0.5F).number(20, 1));
  const Graph by_call = read_model(with_functions(call_graph(given), {f.message}));
  ASSERT_EQ(by_call.nodes[1].attributes.size(), 1U);
  EXPECT_EQ(by_call.nodes[1].attributes[0].name, "alpha");
  EXPECT_EQ(by_call.nodes[1].attributes[0].f, 0.5F);
  const Graph by_default =
      read_model(with_functions(call_graph(call("Act", {"x"}, {"y"})), {f.message}));
  EXPECT_EQ(by_default.nodes[1].attributes[0].f, 0.25F);
}

TEST(Functions, AnAttributeNobodyGivesIsAbsent) {
  Function f("Act", {"a"}, {"b"});
  f.message.text(6, "slope").message(7, leaky("slope"));
  const Graph g = read_model(with_functions(call_graph(call("Act", {"x"}, {"y"})), {f.message}));
  EXPECT_TRUE(g.nodes[1].attributes.empty());
}

TEST(Functions, ADefaultThatRefersToAnAttributeIsAbsent) {
  Function f("Act", {"a"}, {"b"});
  f.message.message(7, leaky("slope"))
      .message(11, Message().text(1, "slope").text(21, "slope").number(20, 1));
  const Graph g = read_model(with_functions(call_graph(call("Act", {"x"}, {"y"})), {f.message}));
  EXPECT_TRUE(g.nodes[1].attributes.empty());
}

TEST(Functions, AGraphMayBeAnAttribute) {
  Message branch;
  branch.message(1, node("Neg", {"x"}, {"r"})).message(12, Message().text(1, "r"));
  Message conditional = node("If", {"c"}, {"b"});
  conditional.message(5, Message().text(1, "then_branch").text(21, "body").number(20, 5));
  conditional.message(5, Message().text(1, "else_branch").text(21, "body").number(20, 5));
  Function f("Maybe", {"c"}, {"b"});
  f.message.message(7, conditional);
  Message n = call("Maybe", {"c"}, {"y"});
  n.message(5, Message().text(1, "body").message(6, branch).number(20, 5));
  Message g = call_graph(n);
  g.message(11, value_info("c", tensor_type(9, {})));
  const Graph graph = read_model(with_functions(g, {f.message}));
  EXPECT_EQ(graph.nodes.size(), 3U);
}

TEST(Functions, OverloadsAreToldApart) {
  Function one("F", {"a"}, {"b"});
  one.message.message(7, node("Relu", {"a"}, {"b"})).text(13, "one");
  Function two("F", {"a"}, {"b"});
  two.message.message(7, node("Exp", {"a"}, {"b"})).text(13, "two");
  const Message n = call("F", {"x"}, {"y"}).text(8, "two");
  const Graph g = read_model(with_functions(call_graph(n), {one.message, two.message}));
  ASSERT_EQ(g.nodes.size(), 2U);
  EXPECT_EQ(g.op_type(g.nodes[1]).type, "Exp");
}

TEST(Functions, OmittedInputsAndOutputs) {
  Function f("F", {"a", "maybe"}, {"b", "extra"});
  f.message.message(7, node("Clip", {"a", "maybe"}, {"b"}))
      .message(7, node("Exp", {"a"}, {"extra"}));
  const Graph g = read_model(with_functions(call_graph(call("F", {"x"}, {"y"})), {f.message}));
  ASSERT_EQ(g.nodes.size(), 3U);
  EXPECT_EQ(g.nodes[1].inputs[1], kNoTensor);
}

TEST(Functions, AnInputPassedThroughIsAnOutput) {
  Function f("F", {"a"}, {"a"});
  const Graph g = read_model(with_functions(call_graph(call("F", {"x"}, {"y"})), {f.message}));
  EXPECT_EQ(g[g.nodes[0].body].outputs[0], g.main().inputs[0]);
}

TEST(Functions, MayNotRecurse) {
  Function f("F", {"a"}, {"b"});
  f.message.message(7, call("F", {"a"}, {"b"}));
  EXPECT_EQ(complaint(with_functions(call_graph(call("F", {"x"}, {"y"})), {f.message})),
            "<test>: the local function 'F' calls itself (at 'y/b'); ONNX functions must not "
            "recurse");
}

TEST(Functions, MustProduceTheirOutputs) {
  Function f("F", {"a"}, {"b"});
  f.message.message(7, node("Relu", {"a"}, {"c"}));
  EXPECT_EQ(complaint(with_functions(call_graph(call("F", {"x"}, {"y"})), {f.message})),
            "<test>: the local function 'F' never produces its output 'b'");
}

TEST(Functions, ThatDoubleEndlesslyAreRefused) {
  std::vector<Message> functions;
  Message m = model(call_graph(call("f0", {"x"}, {"y"})));
  for (int i = 0; i < 64; ++i) {
    const std::string next = "f" + std::to_string(i + 1);
    Function f("f" + std::to_string(i), {"a"}, {"c"});
    if (i == 63) {
      f.message.message(7, node("Relu", {"a"}, {"c"}));
    } else {
      f.message.message(7, call(next, {"a"}, {"b"})).message(7, call(next, {"b"}, {"c"}));
    }
    m.message(25, f.message);
  }
  const std::string message = complaint(m.bytes());
  EXPECT_EQ(message, "<test>: the model's local functions expand to more than 1000000 nodes");
}

}  // namespace
}  // namespace aiprof::test
