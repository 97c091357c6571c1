#include <gtest/gtest.h>

#include <cmath>
#include <span>
#include <string>
#include <vector>

#include "aiprof/graph/graph.h"

namespace aiprof {
namespace {

StoredTensor stored(DType dtype, std::int64_t n, const std::string& raw) {
  StoredTensor t;
  t.dtype = dtype;
  t.shape = Shape{Dim(n)};
  t.raw = std::as_bytes(std::span<const char>(raw));
  return t;
}

std::vector<std::int64_t> ints(const StoredTensor& t) {
  std::vector<std::int64_t> out;
  const ValueRef v = decode(t);
  if (v == nullptr || v->kind != Value::Kind::kInt) return {-999};
  for (const Scalar& s : v->elements) out.push_back(s.i);
  return out;
}

TEST(Decode, IntegersOfEveryWidth) {
  const std::string bytes("\x01\x80\xFF\x7F", 4);
  EXPECT_EQ(ints(stored(DType::kInt8, 4, bytes)), (std::vector<std::int64_t>{1, -128, -1, 127}));
  EXPECT_EQ(ints(stored(DType::kUint8, 4, bytes)), (std::vector<std::int64_t>{1, 128, 255, 127}));
  EXPECT_EQ(ints(stored(DType::kInt16, 2, bytes)), (std::vector<std::int64_t>{-32767, 32767}));
  EXPECT_EQ(ints(stored(DType::kUint16, 2, bytes)), (std::vector<std::int64_t>{0x8001, 0x7FFF}));
  EXPECT_EQ(ints(stored(DType::kInt32, 1, bytes)), (std::vector<std::int64_t>{0x7FFF8001}));
  // Two 4-bit elements a byte, the first in the low half.
  EXPECT_EQ(ints(stored(DType::kInt4, 3, bytes)), (std::vector<std::int64_t>{1, 0, 0}));
  EXPECT_EQ(ints(stored(DType::kInt4, 7, bytes)),
            (std::vector<std::int64_t>{1, 0, 0, -8, -1, -1, -1}));
}

TEST(Decode, HalfPrecision) {
  // 1.0, -2.0, smallest subnormal, infinity.
  const std::string bytes("\x00\x3C\x00\xC0\x01\x00\x00\x7C", 8);
  const ValueRef v = decode(stored(DType::kFloat16, 4, bytes));
  ASSERT_NE(v, nullptr);
  EXPECT_EQ(v->elements[0].f, 1.0);
  EXPECT_EQ(v->elements[1].f, -2.0);
  EXPECT_EQ(v->elements[2].f, std::ldexp(1.0, -24));
  EXPECT_TRUE(std::isinf(v->elements[3].f));
  const std::string brain("\x80\x3F", 2);
  EXPECT_EQ(decode(stored(DType::kBfloat16, 1, brain))->elements[0].f, 1.0);
}

TEST(Decode, VarintsMustBeExactlyAsManyAsTheDimsSay) {
  const std::string bytes("\x05\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01", 11);
  StoredTensor t = stored(DType::kInt64, 2, bytes);
  t.encoding = StoredTensor::Encoding::kVarints;
  EXPECT_EQ(ints(t), (std::vector<std::int64_t>{5, -1}));
  for (const std::int64_t n : {1, 3}) {
    t.shape = Shape{Dim(n)};
    EXPECT_EQ(decode(t), nullptr) << n;
  }
}

TEST(Decode, NothingWithoutElements) {
  EXPECT_EQ(decode(stored(DType::kInt64, 2, "")), nullptr);
  EXPECT_EQ(decode(stored(DType::kInt64, 2, "too short")), nullptr);
  EXPECT_EQ(decode(stored(DType::kComplex64, 1, "12345678")), nullptr);
  EXPECT_EQ(decode(stored(DType::kInt8, std::int64_t{kMaxValueElements} + 1,
                          std::string(kMaxValueElements + 1, 'x'))),
            nullptr);
}

TEST(Decode, AnEmptyTensorHasNoElements) {
  const ValueRef v = decode(stored(DType::kInt8, 0, ""));
  ASSERT_NE(v, nullptr);
  EXPECT_EQ(v->size(), 0U);
}

}  // namespace
}  // namespace aiprof
