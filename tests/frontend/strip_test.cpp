// Models without their weights: everything that an analysis needs stays.
#include <gtest/gtest.h>

#include <algorithm>

#include "aiprof/analysis/analysis.h"
#include "aiprof/base/error.h"
#include "aiprof/frontend/onnx.h"
#include "support/files.h"
#include "support/onnx_text.h"
#include "support/wire.h"

namespace aiprof::test {
namespace {

constexpr int kFloat = 1, kInt64 = 7, kString = 8, kInt4 = 22;

std::string strip(const std::string& bytes, std::uint64_t keep = 1024) {
  return strip_onnx(std::as_bytes(std::span(bytes)), "<test>", keep);
}

std::string zeros(std::size_t n) { return std::string(n, '\0'); }

// A model with the given initializers, all read by one node.
std::string with_tensors(std::initializer_list<Message> tensors) {
  Message g;
  g.message(1, node("Foo", {"a"}, {"y"})).text(2, "g");
  for (const Message& t : tensors) g.message(5, t);
  return model(g.message(12, Message().text(1, "y"))).bytes();
}

Message entry(std::string_view key, std::string_view value) {
  return Message().text(1, key).text(2, value);
}

// The fields that stand for elements of a stripped tensor.
Message reference(std::string_view offset, std::string_view length) {
  return Message()
      .message(13, entry("location", "weights.bin"))
      .message(13, entry("offset", offset))
      .message(13, entry("length", length))
      .number(14, 1);
}

TEST(Strip, ElementsBecomeExternalReferencesInOrder) {
  const std::string before = with_tensors({tensor("a", kFloat, {64, 3}).text(9, zeros(64 * 3 * 4)),
                                           tensor("b", kInt4, {5000}).text(9, zeros(2500)),
                                           tensor("c", kFloat, {9}).text(4, zeros(36))});
  const std::string after =
      with_tensors({tensor("a", kFloat, {64, 3}).raw(reference("0", "768").bytes()),
                    tensor("b", kInt4, {5000}).raw(reference("768", "2500").bytes()),
                    tensor("c", kFloat, {9}).raw(reference("3268", "36").bytes())});
  EXPECT_EQ(strip(before), after);
}

TEST(Strip, SmallTensorsThatShapesMayDependOnStay) {
  for (const Message& kept :
       {tensor("a", kInt64, {4}).packed(7, {1, 2, 3, 4}), tensor("a", kFloat, {}).text(9, zeros(4)),
        tensor("a", kFloat, {4}).text(9, zeros(16)), tensor("a", 9, {1024}).text(9, zeros(1024)),
        tensor("a", kString, {2}).text(6, "x").text(6, "y"), tensor("a", kFloat, {0, 7})}) {
    EXPECT_EQ(strip(with_tensors({kept})), with_tensors({kept}));
  }
}

TEST(Strip, TheLimitIsTheCallers) {
  const std::string bytes = with_tensors({tensor("a", kInt64, {4}).packed(7, {1, 2, 3, 4})});
  EXPECT_EQ(strip(bytes, 4), bytes);
  EXPECT_EQ(strip(bytes, 3),
            with_tensors({tensor("a", kInt64, {4}).raw(reference("0", "32").bytes())}));
}

TEST(Strip, ExternalTensorsKeepTheirPlace) {
  const Message tied = Message()
                           .message(13, entry("location", "model.onnx_data"))
                           .message(13, entry("offset", "4096"))
                           .message(13, entry("length", "4000"))
                           .number(14, 1);
  const std::string bytes = with_tensors({tensor("a", kFloat, {1000}).raw(tied.bytes()),
                                          tensor("b", kFloat, {1000}).raw(tied.bytes())});
  EXPECT_EQ(strip(bytes), bytes);
}

TEST(Strip, ReachesEveryPlaceThatStoresTensors) {
  const Message weight = tensor("secret", kFloat, {9}).text(9, "SECRET" + zeros(30));
  const auto attribute = [](std::string_view name, std::uint32_t field, const Message& m,
                            int type) {
    return Message().text(1, name).message(field, m).number(20, type);
  };
  Message inner;
  inner.message(5, weight).message(
      1, node("Constant", {}, {"k"}).message(5, attribute("value", 5, weight, 4)));
  Message n = node("Foo", {}, {"y"});
  n.message(5, attribute("t", 5, weight, 4)).message(5, attribute("ts", 10, weight, 9));
  n.message(5, attribute("g", 6, inner, 5)).message(5, attribute("gs", 11, inner, 10));
  n.message(5, attribute("s", 22, Message().message(1, weight).number(3, 9), 11));
  n.message(5, attribute("ss", 23, Message().message(1, weight).number(3, 9), 12));
  Message g;
  g.message(1, n).message(5, weight).message(15, Message().message(1, weight).number(3, 9));
  g.message(12, Message().text(1, "y"));
  const Message function =
      Message().text(1, "f").message(7, n).message(11, attribute("d", 5, weight, 4));
  const std::string bytes = model(g)
                                .message(25, function)
                                .message(20, Message().message(1, inner).message(2, inner))
                                .bytes();
  ASSERT_NE(bytes.find("SECRET"), std::string::npos);
  EXPECT_EQ(strip(bytes).find("SECRET"), std::string::npos);
}

TEST(Strip, EverythingElseIsCopiedByteByByte) {
  const Message later = Message().number(900, 1).text(901, "later").real(902, 2.0F);
  Message n = node("Foo", {"a"}, {"y"}).raw(later.bytes());
  n.message(5, Message().text(1, "floats").raw(later.bytes()).real(7, 0.5F));
  Message g;
  g.message(1, n).raw(later.bytes()).message(12, Message().text(1, "y"));
  const auto whole = [&](const Message& elements) {
    Message graph = g;
    Message t = tensor("a", kFloat, {16}).text(12, "doc").raw(elements.bytes());
    graph.message(5, t).text(10, "after");
    return model(graph).raw(later.bytes()).bytes();
  };
  EXPECT_EQ(strip(whole(Message().text(9, zeros(64)))), whole(reference("0", "64")));
}

TEST(Strip, IsIdempotentAndDeterministic) {
  for (const std::string& file : shipped_models()) {
    const std::string once = strip(file_bytes(file));
    EXPECT_EQ(strip(once), once) << file;
  }
}

TEST(Strip, DepthOfNestingCostsNothing) {
  Message g;
  g.message(5, tensor("w", kFloat, {4}).text(9, zeros(16)));
  std::string body = g.bytes();
  for (int i = 0; i < 2000; ++i) {
    body = Message().message(1, Message().message(5, Message().text(6, body))).bytes();
  }
  EXPECT_NO_THROW((void)strip(Message().text(7, body).bytes()));
}

TEST(Strip, RefusesWhatIsNoModel) {
  const auto complaint = [](const std::string& bytes) {
    try {
      (void)strip(bytes);
    } catch (const Error& e) {
      EXPECT_EQ(e.code(), ExitCode::kInput);
      return std::string(e.what());
    }
    return std::string();
  };
  EXPECT_EQ(complaint(""), "<test>: the file is empty; expected an ONNX model");
  EXPECT_EQ(complaint("hello, this is text"),
            "<test>: this is a text file; expected a binary ONNX model (a Git LFS pointer or a "
            "download that failed?)");
  EXPECT_EQ(complaint(Message().number(1, 8).bytes()),
            "<test>: not an ONNX model: it holds no graph");
  EXPECT_EQ(complaint(with_tensors({tensor("a", kFloat, {2, -1}).text(9, zeros(8))})),
            "<test>: tensor 'a': has the negative dimension -1");
}

// --- a stripped model is analysed as the whole one ----------------------------------------------

void expect_same_analysis(const std::string& bytes) {
  const Graph whole = read_model(bytes);
  const Graph bare = read_model(strip(bytes));
  const Analysis a = analyze(whole);
  const Analysis b = analyze(bare);
  EXPECT_EQ(a.sizes.parameters, b.sizes.parameters);
  EXPECT_EQ(a.sizes.buffers, b.sizes.buffers);
  EXPECT_EQ(a.sizes.weight_bytes, b.sizes.weight_bytes);
  EXPECT_EQ(a.notes, b.notes);
  EXPECT_EQ(liveness(whole, a).peak_bytes, liveness(bare, b).peak_bytes);
  ASSERT_EQ(a.nodes.size(), b.nodes.size());
  for (std::size_t i = 0; i < a.nodes.size(); ++i) {
    SCOPED_TRACE(whole.nodes[i].name);
    EXPECT_EQ(a.nodes[i].status, b.nodes[i].status) << b.nodes[i].reason;
    EXPECT_EQ(a.nodes[i].cost.macs, b.nodes[i].cost.macs);
    EXPECT_EQ(a.nodes[i].cost.flops, b.nodes[i].cost.flops);
    EXPECT_EQ(a.nodes[i].cost.bytes_read(), b.nodes[i].cost.bytes_read());
    EXPECT_EQ(a.nodes[i].cost.bytes_written(), b.nodes[i].cost.bytes_written());
  }
}

TEST(Strip, ShippedModelsKeepTheirAnalysis) {
  for (const std::string& file : shipped_models()) {
    SCOPED_TRACE(file);
    expect_same_analysis(file_bytes(file));
  }
}

TEST(Strip, ShapesThatFollowFromStoredTensorsKeepFollowing) {
  const std::string bytes = model_bytes(R"(<ir_version: 8, opset_import: ["": 17]>
    g (float[N,4,6] x, bool c) => (float[N,24] y)
      <int64[2] target = {0, 24}, float[12] half = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}> {
      bias = Concat <axis = 0> (half, half)
      r = Reshape (x, target)
      b = Add (r, bias)
      k = Constant <value = int64[2] {1, 1}> ()
      t = Tile (b, k)
      y = If (c) <then_branch = th () => (float[N,24] o) { o = Mul (t, bias) },
                  else_branch = el () => (float[N,24] o) { o = Neg (t) }>
    })");
  ASSERT_NE(strip(bytes), bytes);
  expect_same_analysis(bytes);
}

}  // namespace
}  // namespace aiprof::test
