// Pairs of graph inputs and outputs that carry state from call to call: by structure, then by name.
#include <gtest/gtest.h>

#include "aiprof/analysis/analysis.h"
#include "aiprof/frontend/onnx.h"
#include "support/files.h"
#include "support/onnx_text.h"
#include "support/print.h"
#include "support/wire.h"

namespace aiprof::test {
namespace {

BindOptions with_dims(const std::map<std::string, std::int64_t>& dims) {
  BindOptions o;
  o.dims = dims;
  return o;
}

struct Pair {
  std::string past, present;
  StatePair::Kind kind;
  std::uint64_t bytes, bytes_per_token;
  bool in_place;
  friend bool operator==(const Pair&, const Pair&) = default;
};

void PrintTo(const Pair& p, std::ostream* out) {  // NOLINT(readability-identifier-naming): gtest's
  *out << p.past << " -> " << p.present
       << (p.kind == StatePair::Kind::kKvCache ? " kv " : " state ") << p.bytes << " bytes, "
       << p.bytes_per_token << " a token" << (p.in_place ? ", in place" : "");
}

constexpr auto kKv = StatePair::Kind::kKvCache;
constexpr auto kState = StatePair::Kind::kRecurrent;

std::vector<Pair> pairs(const Graph& g, const BindOptions& options = {}) {
  std::vector<Pair> out;
  for (const StatePair& s : analyze(g, options).states) {
    out.push_back({std::string(g[s.past].name), std::string(g[s.present].name), s.kind,
                   s.bytes.value(), s.bytes_per_token.value(), s.in_place});
  }
  return out;
}

TEST(State, AConcatenatedCache) {
  const Graph g = parse_model(R"(<ir_version: 8, opset_import: ["": 17]>
    g (float[batch,2,seq,4] k, float[batch,2,past,4] a) => (float[batch,2,total,4] b) {
      b = Concat <axis = 2> (a, k)
    })");
  EXPECT_EQ(pairs(g, with_dims({{"seq", 1}, {"past", 15}, {"batch", 3}})),
            (std::vector<Pair>{{"a", "b", kKv, 3 * 2 * 16 * 4 * 4, 3 * 2 * 4 * 4, false}}));
}

TEST(State, StructureGoesBeforeNames) {
  // Keys and values are crossed in the names, not in what is computed.
  const Graph g = parse_model(R"(<ir_version: 8, opset_import: ["": 17]>
    g (float[1,2,1,4] x, float[1,2,past,4] past_key, float[1,2,past,4] past_value)
      => (float[1,2,t,4] present_value, float[1,2,t,4] present_key) {
      present_value = Concat <axis = 2> (past_key, x)
      present_key = Concat <axis = 2> (past_value, x)
    })");
  const auto found = pairs(g, with_dims({{"past", 7}}));
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].past, "past_key");
  EXPECT_EQ(found[1].past, "past_value");
}

// A model of one unknown operator with these inputs and outputs, all float[1, 2, 16, 4].
Graph unknown_operator(std::initializer_list<std::string_view> inputs,
                       std::initializer_list<std::string_view> outputs) {
  Message g;
  g.message(1, node("Fused", inputs, outputs).text(7, "x"));
  for (const auto i : inputs) g.message(11, value_info(i, tensor_type(1, {1, 2, 16, 4})));
  for (const auto o : outputs) g.message(12, value_info(o, tensor_type(1, {1, 2, 16, 4})));
  return read_model(model(g).bytes());
}

TEST(State, NamesServeWhereTheOperatorIsUnknown) {
  const Graph g = unknown_operator({"x", "past_key_values.3.key", "past_key_values.3.value"},
                                   {"present.3.key", "present.3.value"});
  const std::uint64_t bytes = 2 * 16 * 4 * 4;
  EXPECT_EQ(pairs(g),
            (std::vector<Pair>{
                {"past_key_values.3.key", "present.3.key", kKv, bytes, bytes / 16, true},
                {"past_key_values.3.value", "present.3.value", kKv, bytes, bytes / 16, true}}));
}

TEST(State, NamesOfManyExporters) {
  const auto paired = [](std::string_view past, std::string_view present) {
    return pairs(unknown_operator({"x", past}, {present})).size() == 1;
  };
  EXPECT_TRUE(paired("past_key_values.0.key", "present_key_values.0.key"));
  EXPECT_TRUE(paired("past_0", "present_0"));
  EXPECT_TRUE(paired("past_key_self_0", "present_key_self_0"));
  EXPECT_TRUE(paired("cache_k_0_in", "cache_k_0_out"));
  EXPECT_TRUE(paired("conv_cache", "conv_cache_out"));
  EXPECT_TRUE(paired("state", "stateN"));
  EXPECT_TRUE(paired("state", "new_state"));
  EXPECT_FALSE(paired("past_0", "present_1"));
  EXPECT_FALSE(paired("past_key_values.0.key", "present.0.value"));
  EXPECT_FALSE(paired("a", "b"));
}

TEST(State, BothHalvesInOneTensor) {
  // GPT-2 of early exporters: [2, batch, heads, past, size].
  const Graph g = parse_model(R"(<ir_version: 8, opset_import: ["": 17]>
    g (float[1,3,seq,8] k, float[1,3,seq,8] v, float[2,1,3,past,8] past_0) => (float[2,1,3,t,8] present_0)
      <int64 zero = {0}, int64 one = {1}, int64[1] ax = {0}> {
      pk = Gather <axis = 0> (past_0, zero)
      pv = Gather <axis = 0> (past_0, one)
      nk = Concat <axis = -2> (pk, k)
      nv = Concat <axis = -2> (pv, v)
      uk = Unsqueeze (nk, ax)
      uv = Unsqueeze (nv, ax)
      present_0 = Concat <axis = 0> (uk, uv)
    })");
  EXPECT_EQ(
      pairs(g, with_dims({{"seq", 1}, {"past", 9}})),
      (std::vector<Pair>{{"past_0", "present_0", kKv, 2 * 3 * 10 * 8 * 4, 2 * 3 * 8 * 4, false}}));
}

TEST(State, GroupQueryAttentionWritesInPlace) {
  const Graph g = parse_model(R"(<ir_version: 8, opset_import: ["": 17, "com.microsoft": 1]>
    g (float16[1,1,64] q, float16[1,1,32] k, float16[1,1,32] v, float16[1,4,128,8] past_key,
       float16[1,4,128,8] past_value, int32[1] seqlens_k, int32 total)
      => (float16[1,1,64] y, float16[1,4,128,8] present_key, float16[1,4,128,8] present_value) {
      y, present_key, present_value = com.microsoft.GroupQueryAttention <num_heads = 8, kv_num_heads = 4>
        (q, k, v, past_key, past_value, seqlens_k, total)
    })");
  const std::uint64_t bytes = 4 * 128 * 8 * 2;
  EXPECT_EQ(pairs(g),
            (std::vector<Pair>{{"past_key", "present_key", kKv, bytes, bytes / 128, true},
                               {"past_value", "present_value", kKv, bytes, bytes / 128, true}}));
}

TEST(State, AScatteredCacheOfFixedCapacity) {
  const Graph g = parse_model(R"(<ir_version: 10, opset_import: ["": 24]>
    g (float[1,2,1,4] k, float[1,2,64,4] a, int64[1] at) => (float[1,2,64,4] b) {
      b = TensorScatter (a, k, at)
    })");
  const std::uint64_t bytes = 2 * 64 * 4 * 4;
  EXPECT_EQ(pairs(g), (std::vector<Pair>{{"a", "b", kKv, bytes, bytes / 64, true}}));
}

TEST(State, RecurrentStateDoesNotGrow) {
  Message g;
  g.message(1, node("LSTM", {"x", "w", "r", "", "", "h0", "c0"}, {"", "hn", "cn"})
                   .message(5, Message().text(1, "hidden_size").number(3, 32).number(20, 2)));
  g.message(5, tensor("w", 1, {1, 4 * 32, 16})).message(5, tensor("r", 1, {1, 4 * 32, 32}));
  g.message(11, value_info("x", tensor_type(1, {1, 1, 16})));
  for (const char* in : {"c0", "h0"}) g.message(11, value_info(in, tensor_type(1, {1, 1, 32})));
  for (const char* out : {"hn", "cn"}) g.message(12, value_info(out, tensor_type(1, {1, 1, 32})));
  EXPECT_EQ(pairs(read_model(model(g).bytes())),
            (std::vector<Pair>{{"h0", "hn", kState, 32 * 4, 0, true},
                               {"c0", "cn", kState, 32 * 4, 0, true}}));
}

TEST(State, EncoderDecoderCachesOfBothKinds) {
  Message g;
  g.message(1, node("Concat", {"past.0.decoder.key", "k"}, {"present.0.decoder.key"})
                   .message(5, Message().text(1, "axis").number(3, 2).number(20, 2)));
  g.message(1, node("Identity", {"past.0.encoder.key"}, {"present.0.encoder.key"}));
  g.message(11, value_info("k", tensor_type(1, {1, 2, 1, 4})));
  g.message(11, value_info("past.0.decoder.key", tensor_type(1, {1, 2, 3, 4})));
  g.message(11, value_info("past.0.encoder.key", tensor_type(1, {1, 2, 20, 4})));
  g.message(12, Message().text(1, "present.0.decoder.key"));
  g.message(12, Message().text(1, "present.0.encoder.key"));
  const std::uint64_t encoder = 2 * 20 * 4 * 4;
  EXPECT_EQ(
      pairs(read_model(model(g).bytes())),
      (std::vector<Pair>{
          {"past.0.decoder.key", "present.0.decoder.key", kKv, 2 * 4 * 4 * 4, 2 * 4 * 4, false},
          {"past.0.encoder.key", "present.0.encoder.key", kKv, encoder, encoder / 20, true}}));
}

TEST(State, WhatOnlyEntersAComputationIsNoState) {
  const Graph g = parse_model(R"(<ir_version: 8, opset_import: ["": 17]>
    g (float[1,4] x, float[1,4] z) => (float[1,4] y) { y = Add (x, z) })");
  EXPECT_TRUE(pairs(g).empty());
  const Graph moved = parse_model(R"(<ir_version: 8, opset_import: ["": 17]>
    g (float[4,4] x) => (float[4,4] y) { y = Transpose (x) })");
  EXPECT_TRUE(pairs(moved).empty());
}

TEST(State, Gpt2HasAKeyAndAValueForEachLayer) {
  const Graph g = load_onnx(shipped("gpt2"));
  const Analysis a = analyze(g);
  ASSERT_EQ(a.states.size(), 12U * 2U);
  for (const StatePair& s : a.states) {
    EXPECT_EQ(s.kind, kKv);
    EXPECT_FALSE(s.in_place);
    EXPECT_EQ(s.bytes_per_token, Count(12U * 64 * 4));
  }
}

TEST(State, Llama2HasAKeyAndAValueForEachLayer) {
  const Graph g = load_onnx(shipped("llama2_7b"));
  const Analysis a = analyze(g);
  ASSERT_EQ(a.states.size(), 32U * 2U);
  for (const StatePair& s : a.states) EXPECT_EQ(s.bytes_per_token, Count(32U * 128 * 2));
}

TEST(State, ImageModelsHaveNone) {
  EXPECT_TRUE(pairs(load_onnx(shipped("resnet50"))).empty());
  EXPECT_TRUE(pairs(load_onnx(shipped("swin_t"))).empty());
}

}  // namespace
}  // namespace aiprof::test
