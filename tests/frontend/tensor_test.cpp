// Stored tensors: every encoding, dtypes newer than the proto classes, absent elements.
#include <gtest/gtest.h>

#include "aiprof/base/error.h"
#include "aiprof/frontend/onnx.h"
#include "support/onnx_text.h"
#include "support/wire.h"

namespace aiprof::test {
namespace {

constexpr int kFloat = 1, kInt64 = 7, kString = 8, kFloat16 = 10, kDouble = 11, kUint64 = 13;

// A model whose only initializer is `t`.
Graph with_tensor(const Message& t) {
  Message g;
  g.message(1, node("Identity", {"w"}, {"y"})).text(2, "g").message(5, t);
  g.message(12, Message().text(1, "y"));
  return read_model(model(g).bytes());
}

const StoredTensor& stored(const Graph& g) { return g.stored.front(); }

std::vector<std::int64_t> ints(const Graph& g) {
  std::vector<std::int64_t> out;
  if (const ValueRef v = decode(stored(g))) {
    for (const Scalar& s : v->elements) out.push_back(s.i);
  }
  return out;
}

TEST(StoredTensor, PackedAndUnpackedIntegersAreTheSame) {
  const std::vector<std::int64_t> expected = {3, -1, 300};
  EXPECT_EQ(ints(with_tensor(tensor("w", kInt64, {3}).packed(7, {3, -1, 300}))), expected);
  EXPECT_EQ(ints(with_tensor(tensor("w", kInt64, {3}).number(7, 3).number(7, -1).number(7, 300))),
            expected);
}

TEST(StoredTensor, DimsMayBePackedToo) {
  const Graph g = with_tensor(
      Message().packed(1, {2, 3}).number(2, kFloat).text(8, "w").text(9, std::string(24, '\0')));
  EXPECT_EQ(stored(g).shape, (Shape{Dim(2), Dim(3)}));
}

TEST(StoredTensor, UnpackedRealsOfBothWidths) {
  const Graph single = with_tensor(tensor("w", kFloat, {2}).real(4, 0.5F).real(4, -2.0F));
  ASSERT_NE(decode(stored(single)), nullptr);
  EXPECT_EQ(decode(stored(single))->elements[1].f, -2.0);
  const std::string one_and_a_half("\x51\x00\x00\x00\x00\x00\x00\xF8\x3F", 9);  // field 10, fixed64
  const Graph twice = with_tensor(tensor("w", kDouble, {1}).raw(one_and_a_half));
  ASSERT_NE(decode(stored(twice)), nullptr);
  EXPECT_EQ(decode(stored(twice))->elements[0].f, 1.5);
}

TEST(StoredTensor, UnpackedElementsThatDoNotFitTheDimsAreNoValue) {
  EXPECT_EQ(decode(stored(with_tensor(tensor("w", kInt64, {3}).number(7, 3)))), nullptr);
  // Half floats are written as bit patterns, which are not their values.
  EXPECT_EQ(decode(stored(with_tensor(tensor("w", kFloat16, {1}).number(5, 0x3C00)))), nullptr);
}

TEST(StoredTensor, ManyUnpackedElementsAreReadInLinearTime) {
  Message t = tensor("w", kUint64, {60000});
  for (int i = 0; i < 60000; ++i) t.number(11, i);
  EXPECT_EQ(ints(with_tensor(t)).back(), 59999);
}

TEST(StoredTensor, Strings) {
  const Graph g = with_tensor(tensor("w", kString, {2}).text(6, "a").text(6, ""));
  ASSERT_NE(decode(stored(g)), nullptr);
  EXPECT_EQ(decode(stored(g))->strings, (std::vector<std::string>{"a", ""}));
}

TEST(StoredTensor, DtypesNewerThanTheProtoClasses) {
  struct Row {
    int data_type;
    DType dtype;
    std::size_t bytes;  // of 5 elements
  };
  for (const Row& row :
       {Row{17, DType::kFloat8E4M3FN, 5}, Row{20, DType::kFloat8E5M2FNUZ, 5},
        Row{21, DType::kUint4, 3}, Row{22, DType::kInt4, 3}, Row{23, DType::kFloat4E2M1, 3},
        Row{24, DType::kFloat8E8M0, 5}, Row{25, DType::kUint2, 2}, Row{26, DType::kInt2, 2}}) {
    const Graph g =
        with_tensor(tensor("w", row.data_type, {5}).text(9, std::string(row.bytes, 'x')));
    EXPECT_EQ(stored(g).dtype, row.dtype);
    EXPECT_THROW(
        (void)with_tensor(tensor("w", row.data_type, {5}).text(9, std::string(row.bytes - 1, 'x'))),
        Error);
  }
}

Message external(std::string_view location, std::string_view offset) {
  Message t = tensor("w", kFloat, {1000, 1000});
  t.message(13, Message().text(1, "location").text(2, location));
  if (!offset.empty()) t.message(13, Message().text(1, "offset").text(2, offset));
  return t.message(13, Message().text(1, "length").text(2, "4000000")).number(14, 1);
}

TEST(StoredTensor, ExternalFileNeedNotExist) {
  const Graph g = with_tensor(external("nowhere.bin", "0"));
  EXPECT_TRUE(stored(g).external);
  EXPECT_TRUE(stored(g).raw.empty());
  EXPECT_EQ(decode(stored(g)), nullptr);
}

TEST(StoredTensor, TheSameExternalRangeIsTheSameStorage) {
  const auto storage = [](const Message& t) { return stored(with_tensor(t)).storage; };
  const auto base = storage(external("f.bin", "0"));
  EXPECT_NE(base, 0U);
  EXPECT_EQ(storage(external("f.bin", "0")), base);
  EXPECT_EQ(storage(external("f.bin", "")), base);  // no offset is offset 0
  EXPECT_NE(storage(external("f.bin", "4096")), base);
  EXPECT_NE(storage(external("g.bin", "0")), base);
  Message other_order = tensor("w", kFloat, {1000, 1000});
  other_order.message(13, Message().text(1, "length").text(2, "4000000"));
  other_order.message(13, Message().text(1, "checksum").text(2, "whatever"));
  other_order.message(13, Message().text(1, "location").text(2, "f.bin")).number(14, 1);
  EXPECT_EQ(storage(other_order), base);
}

TEST(StoredTensor, ElementsMayBeAbsentAltogether) {
  const Graph g = with_tensor(tensor("w", kFloat, {64, 3, 7, 7}));
  EXPECT_FALSE(stored(g).external);
  EXPECT_EQ(decode(stored(g)), nullptr);
}

TEST(StoredTensor, SparseInitializer) {
  const Message values = tensor("w", kFloat, {2}).text(9, std::string(8, '\0'));
  const Message indices = tensor("", kInt64, {2}).packed(7, {3, 99});
  Message g;
  g.message(1, node("Identity", {"w"}, {"y"})).text(2, "g");
  g.message(15, Message().message(1, values).message(2, indices).number(3, 10).number(3, 10));
  g.message(12, Message().text(1, "y"));
  const Graph graph = read_model(model(g).bytes());
  EXPECT_EQ(stored(graph).shape, (Shape{Dim(10), Dim(10)}));
  EXPECT_EQ(stored(graph).nonzeros, 2U);
  EXPECT_EQ(decode(stored(graph)), nullptr);
}

TEST(StoredTensor, UnknownFieldsAreSkipped) {
  const Graph g = with_tensor(tensor("w", kFloat, {1})
                                  .text(9, std::string(4, '\0'))
                                  .number(500, 7)
                                  .text(501, "later")
                                  .real(502, 1.0F));
  EXPECT_EQ(stored(g).raw.size(), 4U);
}

}  // namespace
}  // namespace aiprof::test
