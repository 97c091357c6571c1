// Peak activation memory: cases by hand, and random graphs against a count that asks, at every node
// and for every tensor, whether anybody still needs it.
#include <gtest/gtest.h>

#include <random>
#include <set>

#include "aiprof/analysis/analysis.h"
#include "aiprof/frontend/onnx.h"
#include "support/files.h"
#include "support/onnx_text.h"
#include "support/print.h"
#include "support/wire.h"

namespace aiprof::test {
namespace {

constexpr std::uint64_t kFloat = 4;  // bytes of a float32

Liveness live(const std::string& text) {
  const Graph g = parse_model(text);
  return liveness(g, analyze(g));
}

std::vector<std::uint64_t> steps(const Liveness& l) {
  std::vector<std::uint64_t> out;
  for (const LivenessStep& s : l.steps) out.push_back(s.live_bytes.value_or(UINT64_MAX));
  return out;
}

using Bytes = std::vector<std::uint64_t>;

TEST(Liveness, InputsAndOutputsAreLiveThroughout) {
  const Liveness l = live(R"(<ir_version: 8, opset_import: ["": 17]>
    g (float[10] x) => (float[20] y) { y = Concat <axis = 0> (x, x) })");
  EXPECT_EQ(l.peak_bytes, Count((10 + 20) * kFloat));
  EXPECT_EQ(l.peak_node, NodeId{0});
}

TEST(Liveness, ATensorIsFreedAfterItsLastUse) {
  const Liveness l = live(R"(<ir_version: 8, opset_import: ["": 17]>
    g (float[10] x) => (float[10] y) {
      a = Concat <axis = 0> (x, x)
      b = Concat <axis = 0> (a, a)
      y = ReduceSum <keepdims = 0> (b)
      z = Concat <axis = 0> (x, x)
    })");
  EXPECT_EQ(steps(l), (Bytes{(10 + 20) * kFloat, (10 + 20 + 40) * kFloat, (10 + 40 + 1) * kFloat,
                             (10 + 1 + 20) * kFloat}));
}

TEST(Liveness, ElementwiseOverwritesWhatDies) {
  const Liveness l = live(R"(<ir_version: 8, opset_import: ["": 17]>
    g (float[10] x) => (float[10] y) { a = Relu (x)  b = Exp (a)  y = Neg (b) })");
  // The input is the caller's, so Relu needs memory of its own; Exp and Neg do not.
  EXPECT_EQ(steps(l), (Bytes(3, (10 + 10) * kFloat)));
}

TEST(Liveness, WhatIsStillNeededIsNotOverwritten) {
  const Liveness l = live(R"(<ir_version: 8, opset_import: ["": 17]>
    g (float[10] x) => (float[10] y) { a = Relu (x)  b = Exp (a)  y = Add (a, b) })");
  EXPECT_EQ(steps(l), (Bytes{20 * kFloat, 30 * kFloat, 30 * kFloat}));
}

TEST(Liveness, OfAnotherSizeIsNotOverwritten) {
  const Liveness l = live(R"(<ir_version: 8, opset_import: ["": 17]>
    g (float[10,1] x, float[1,10] z) => (float[10,10] y) { a = Relu (x)  y = Add (a, z) })");
  EXPECT_EQ(steps(l), (Bytes{(10 + 10 + 10) * kFloat, (10 + 10 + 10 + 100) * kFloat}));
}

TEST(Liveness, ViewsShareMemoryAndKeepItAlive) {
  const Liveness l = live(R"(<ir_version: 8, opset_import: ["": 17]>
    g (float[10] x) => (float[5,2] y)
      <int64[2] s = {5, 2}> {
      a = Concat <axis = 0> (x, x)
      v = Reshape (a, t)
      t = Constant <value = int64[2] {10, 2}> ()
      b = Exp (x)
      c = Relu (v)
      y = Reshape (b, s)
    })");
  // Sorted, Constant is node 1. `a` lives on in its view `v`, which Relu overwrites.
  const std::uint64_t with_a = (10 + 20) * kFloat;
  EXPECT_EQ(steps(l), (Bytes{with_a, with_a, with_a, with_a + 10 * kFloat, with_a + 10 * kFloat,
                             (10 + 10) * kFloat}));
}

TEST(Liveness, WeightsAreNoActivations) {
  const Liveness l = live(R"(<ir_version: 8, opset_import: ["": 17]>
    g (float[1,2] x) => (float[1,3] y)
      <float[2,3] w = {1, 2, 3, 4, 5, 6}> { n = Neg (w)  y = MatMul (x, n) })");
  EXPECT_EQ(l.peak_bytes, Count((2 + 3) * kFloat));
}

TEST(Liveness, OnlyTheBranchThatRunsCounts) {
  const Liveness l = live(R"(<ir_version: 8, opset_import: ["": 17]>
    g (float[10] x) => (float[10] y)
      <bool c = {1}> {
      y = If (c) <then_branch = t () => (float[10] r) { r = Relu (x) },
                  else_branch = e () => (float[10] r) { a = Concat <axis = 0> (x, x)  h = Exp (a)
                                                        r = Slice (h, z, n)  z = Constant <value = int64[1] {0}> ()
                                                        n = Constant <value = int64[1] {10}> () }>
    })");
  // The result of the branch is the result of the If: one piece of memory.
  EXPECT_EQ(l.peak_bytes, Count((10 + 10) * kFloat));
}

TEST(Liveness, ALoopKeepsItsStateItsCopyAndWhatItGathers) {
  const Liveness l = live(R"(<ir_version: 8, opset_import: ["": 17]>
    g (float[10] x) => (float[10] y, float[3,10] all)
      <int64 n = {3}, bool go = {1}> {
      h = Neg (x)
      y, all = Loop (n, go, h) <body = b (int64 i, bool c, float[10] s) => (bool d, float[10] t, float[10] o) {
        d = Identity (c)
        e = Exp (s)
        t = Add (e, x)
        o = Relu (t)
      }>
    })");
  ASSERT_EQ(l.steps.size(), 6U);
  // x; h until the loop ends; all. The condition is a constant, the counter i is never read.
  const std::uint64_t outside = (10 + 10 + 30) * kFloat;
  // In Exp the carried state dies and is overwritten, and Add overwrites e in turn.
  EXPECT_EQ(l.steps[3].live_bytes, Count(outside + 10 * kFloat));
  EXPECT_EQ(l.steps[5].live_bytes, Count(outside + (10 + 10) * kFloat));
}

TEST(Liveness, WhatALoopTakesFromOutsideOutlastsEveryRun) {
  const Liveness l = live(R"(<ir_version: 8, opset_import: ["": 17]>
    g (float[10] x) => (float[10] y)
      <int64 n = {3}, bool go = {1}> {
      k = Neg (x)
      y = Loop (n, go, x) <body = b (int64 i, bool c, float[10] s) => (bool c2, float[10] t) {
        c2 = Identity (c)
        a = Exp (k)
        t = Add (s, a)
      }>
    })");
  // k may not be overwritten by Exp: the next run reads it again. Live in Exp: x, k, s, a.
  EXPECT_EQ(l.steps[3].live_bytes, Count(4 * 10 * kFloat));
}

TEST(Liveness, FunctionsAreAsTheirWrittenOutBodies) {
  const auto peak = [](const std::string& bytes) {
    const Graph g = read_model(bytes);
    return liveness(g, analyze(g)).peak_bytes;
  };
  const Message body_a = node("Concat", {"x", "x"}, {"a"})
                             .message(5, Message().text(1, "axis").number(3, 0).number(20, 2));
  const Message body_b = node("Exp", {"a"}, {"b"});
  const Message body_c = node("Neg", {"b"}, {"y"});
  const auto graph = [](std::initializer_list<Message> nodes) {
    Message g;
    for (const Message& n : nodes) g.message(1, n);
    g.message(11, value_info("x", tensor_type(1, {10})));
    return g.message(12, value_info("y", tensor_type(1, {20})));
  };
  Message f;
  f.text(1, "f").text(10, "local").text(4, "x").text(5, "y").message(9, opset("", 17));
  f.message(7, body_a).message(7, body_b).message(7, body_c);
  const std::string called = model(graph({node("f", {"x"}, {"y"}).text(7, "local")}))
                                 .message(8, opset("local", 1))
                                 .message(25, f)
                                 .bytes();
  EXPECT_EQ(peak(called), peak(model(graph({body_a, body_b, body_c})).bytes()));
  EXPECT_EQ(peak(called), Count((10 + 20) * kFloat));
}

TEST(Liveness, AnUnknownSizeMakesThePeakUnknown) {
  const Liveness l = live(R"(<ir_version: 8, opset_import: ["": 17, "x": 1]>
    g (float[10] x) => (float[10] y) { a = x.Mystery (x)  b = ReduceSum <keepdims = 0> (a)  y = Relu (x) })");
  EXPECT_FALSE(l.peak_bytes.known());
  EXPECT_EQ(l.peak_node, NodeId{0});
  EXPECT_TRUE(l.steps[2].live_bytes.known());
}

TEST(Liveness, AGraphWithoutNodesHoldsItsInputs) {
  Message g;
  g.message(11, value_info("x", tensor_type(1, {10})))
      .message(12, value_info("x", tensor_type(1, {10})));
  const Graph graph = read_model(model(g).bytes());
  EXPECT_EQ(liveness(graph, analyze(graph)).peak_bytes, Count(10 * kFloat));
}

// --- brute force --------------------------------------------------------------------------------

// Random flat graphs of elementwise operators, views and copies on float vectors.
std::string random_graph(std::uint32_t seed) {
  std::mt19937 random(seed);
  const auto below = [&](std::size_t n) { return static_cast<std::size_t>(random() % n); };
  struct Known {
    std::string name;
    std::int64_t length;
  };
  std::vector<Known> known;
  Message g;
  for (std::size_t i = 0; i < 1 + below(3); ++i) {
    const auto length = static_cast<std::int64_t>(4 * (1 + below(3)));
    known.push_back({"x" + std::to_string(i), length});
    g.message(11, value_info(known.back().name, tensor_type(1, {length})));
  }
  std::vector<std::string> outputs;
  for (std::size_t i = 0; i < 2 + below(30); ++i) {
    const Known a = known[below(known.size())];
    const Known b = known[below(known.size())];
    const std::string out = "t" + std::to_string(i);
    std::int64_t length = a.length;
    switch (below(5)) {
      case 0:
        g.message(1, node("Relu", {a.name}, {out}));
        break;
      case 1:
        g.message(1, node("Identity", {a.name}, {out}));
        break;
      case 2:
        g.message(1, node("Concat", {a.name, b.name}, {out})
                         .message(5, Message().text(1, "axis").number(3, 0).number(20, 2)));
        length = a.length + b.length;
        break;
      case 3:
        if (a.length != b.length) {
          g.message(1, node("Softmax", {a.name}, {out}));
        } else {
          g.message(1, node("Add", {a.name, b.name}, {out}));
        }
        break;
      default:
        g.message(1, node("Flatten", {a.name}, {out + "f"}));
        g.message(1, node("Neg", {a.name}, {out}));
    }
    known.push_back({out, length});
    if (below(5) == 0) outputs.push_back(out);
  }
  if (outputs.empty()) outputs.push_back(known.back().name);
  for (const std::string& o : outputs) g.message(12, Message().text(1, o));
  return model(g).bytes();
}

// Live bytes at every node, asked of every tensor anew; nothing is remembered between nodes.
class BruteForce {
 public:
  BruteForce(const Graph& g, const Analysis& a) : g_(g), a_(a) {}

  [[nodiscard]] std::uint64_t at(std::size_t now) const {
    std::set<std::size_t> counted;
    std::uint64_t sum = 0;
    for (std::size_t t = 0; t < g_.tensors.size(); ++t) {
      const std::size_t memory = root(t);
      if (counted.count(memory) != 0 || born(memory) > now || needed_until(memory) < now) continue;
      counted.insert(memory);
      sum += bytes(memory);
    }
    const std::string_view type = g_.op_type(g_.nodes[now]).type;
    if (type != "Relu" && type != "Add" && type != "Neg") return sum;
    const auto out = index(g_.nodes[now].outputs[0]);
    for (const TensorId in : g_.nodes[now].inputs) {
      const std::size_t memory = root(index(in));
      const bool own = g_.tensors[memory].producer != kNoNode;
      if (own && needed_until(memory) == now && bytes(memory) == bytes(out))
        return sum - bytes(out);
    }
    return sum;
  }

 private:
  [[nodiscard]] std::size_t root(std::size_t t) const {
    for (;;) {
      const NodeId p = g_.tensors[t].producer;
      if (p == kNoNode) return t;
      const std::string_view type = g_.op_type(g_[p]).type;
      if (type != "Identity" && type != "Flatten") return t;
      t = index(g_[p].inputs[0]);
    }
  }
  [[nodiscard]] std::size_t born(std::size_t memory) const {
    const NodeId p = g_.tensors[memory].producer;
    return p == kNoNode ? 0 : index(p);
  }
  [[nodiscard]] std::size_t needed_until(std::size_t memory) const {
    if (g_.tensors[memory].producer == kNoNode) return SIZE_MAX;
    std::size_t last = born(memory);
    for (std::size_t t = 0; t < g_.tensors.size(); ++t) {
      if (root(t) != memory) continue;
      last = std::max(last, born(t));
      for (const TensorId o : g_.main().outputs) {
        if (index(o) == t) return SIZE_MAX;
      }
      for (std::size_t n = 0; n < g_.nodes.size(); ++n) {
        for (const TensorId in : g_.nodes[n].inputs) {
          if (index(in) == t) last = std::max(last, n);
        }
      }
    }
    return last;
  }
  [[nodiscard]] std::uint64_t bytes(std::size_t t) const { return a_.facts[t].bytes().value(); }

  const Graph& g_;
  const Analysis& a_;
};

TEST(Liveness, AgreesWithBruteForceOnRandomGraphs) {
  for (std::uint32_t seed = 0; seed < 400; ++seed) {
    const Graph g = read_model(random_graph(seed));
    const Analysis a = analyze(g);
    const Liveness l = liveness(g, a);
    const BruteForce naive(g, a);
    std::uint64_t peak = 0;
    for (std::size_t i = 0; i < g.nodes.size(); ++i) {
      EXPECT_EQ(l.steps[i].live_bytes, Count(naive.at(i))) << "seed " << seed << ", node " << i;
      peak = std::max(peak, naive.at(i));
    }
    EXPECT_EQ(l.peak_bytes, Count(peak)) << "seed " << seed;
    if (HasFailure()) return;
  }
}

// --- properties of the shipped models -----------------------------------------------------------

TEST(Liveness, OfShippedModelsIsBetweenTheLargestNodeAndTheSumOfAll) {
  for (const std::string& file : shipped_models()) {
    const Graph g = load_onnx(file);
    const Analysis a = analyze(g);
    const Liveness l = liveness(g, a);
    ASSERT_TRUE(l.peak_bytes.known()) << file;
    Count all = 0U;
    std::uint64_t ends = 0;
    for (std::size_t t = 0; t < g.tensors.size(); ++t) {
      if (g.tensors[t].stored == nullptr && a.facts[t].bytes().known()) all += a.facts[t].bytes();
    }
    for (const auto* list : {&g.main().inputs, &g.main().outputs}) {
      for (const TensorId t : *list) ends += g[t].stored == nullptr ? a[t].bytes().value() : 0;
    }
    EXPECT_LE(l.peak_bytes.value(), all.value()) << file;
    EXPECT_GE(l.peak_bytes.value(), ends) << file;
    EXPECT_EQ(l.steps.size(), g.nodes.size()) << file;
  }
}

TEST(Liveness, OfResNet50IsItsFirstBottleneckWithProjection) {
  const Graph g = load_onnx(shipped("resnet50"));
  const Liveness l = liveness(g, analyze(g));
  const std::uint64_t image = 3ULL * 224 * 224;
  const std::uint64_t entering = 64ULL * 56 * 56;   // the block's input, which the projection reads
  const std::uint64_t expanded = 256ULL * 56 * 56;  // of the main path, and of the projection
  EXPECT_EQ(l.peak_bytes, Count((image + entering + 2 * expanded) * kFloat));
  EXPECT_EQ(g[l.peak_node].name, "/layer1/layer1.0/downsample/downsample.0/Conv");
}

}  // namespace
}  // namespace aiprof::test
