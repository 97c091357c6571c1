#include "aiprof/graph/dtype.h"

#include <gtest/gtest.h>

namespace aiprof {
namespace {

TEST(DType, EveryNameReadsBack) {
  for (int i = 1; i < kNumDTypes; ++i) {
    const auto type = static_cast<DType>(i);
    EXPECT_EQ(parse_dtype(name(type)), type) << name(type);
    EXPECT_EQ(dtype_from_onnx(i), type);
    EXPECT_GT(bits(type), 0U);
  }
  EXPECT_EQ(parse_dtype("float"), DType::kFloat32);
  EXPECT_EQ(parse_dtype("double"), DType::kFloat64);
  EXPECT_EQ(parse_dtype("undefined"), std::nullopt);
}

TEST(DType, NumbersThatOnnxDoesNotDefineAreUndefined) {
  for (const std::int64_t n : {std::int64_t{0}, std::int64_t{-1}, std::int64_t{27}, INT64_MAX}) {
    EXPECT_EQ(dtype_from_onnx(n), DType::kUndefined) << n;
  }
}

TEST(DType, BytesAreOfPackedElementsRoundedUp) {
  EXPECT_EQ(packed_bytes(DType::kFloat32, 3U), Count(3U * 4));
  EXPECT_EQ(packed_bytes(DType::kInt4, 7U), Count(4U));
  EXPECT_EQ(packed_bytes(DType::kInt2, 9U), Count(3U));
  EXPECT_EQ(packed_bytes(DType::kFloat8E5M2, 9U), Count(9U));
  EXPECT_EQ(packed_bytes(DType::kInt4, 0U), Count(0U));
  EXPECT_FALSE(packed_bytes(DType::kUndefined, 1U).known());
  EXPECT_EQ(packed_bytes(DType::kFloat64, Count(1ULL << 61)).state(), Count::State::kOverflow);
}

TEST(DType, FamiliesDoNotOverlap) {
  for (int i = 1; i < kNumDTypes; ++i) {
    const auto type = static_cast<DType>(i);
    EXPECT_LE(is_float(type) + is_integer(type) + is_complex(type), 1) << name(type);
    EXPECT_TRUE(!is_signed(type) || is_integer(type)) << name(type);
  }
  EXPECT_FALSE(is_integer(DType::kBool));
  EXPECT_TRUE(is_float(DType::kFloat4E2M1));
}

}  // namespace
}  // namespace aiprof
