#include "aiprof/base/count.h"

#include <gtest/gtest.h>

namespace aiprof {
namespace {

constexpr std::uint64_t kMost = UINT64_MAX;

TEST(Count, IsAnExactIntegerUpToSixtyFourBits) {
  EXPECT_EQ(Count(kMost - 1) + 1U, Count(kMost));
  EXPECT_EQ(Count(3U) * 5U, Count(15U));
  EXPECT_EQ(Count(7U) - 7U, Count(0U));
  EXPECT_EQ(Count(7U) / 2U, Count(3U));
}

TEST(Count, OverflowIsRememberedAndWinsOverUnknown) {
  const Count too_big = Count(kMost) + 1U;
  EXPECT_EQ(too_big.state(), Count::State::kOverflow);
  EXPECT_EQ((Count(1ULL << 32) * (1ULL << 32)).state(), Count::State::kOverflow);
  EXPECT_EQ((too_big + Count::unknown()).state(), Count::State::kOverflow);
  EXPECT_EQ((Count::unknown() * too_big).state(), Count::State::kOverflow);
  EXPECT_EQ((too_big * 0U).state(), Count::State::kOverflow);
}

TEST(Count, UnknownIsNeverANumber) {
  EXPECT_EQ((Count::unknown() * 0U).state(), Count::State::kUnknown);
  EXPECT_FALSE(Count(-1).known());
  EXPECT_FALSE((Count(2U) - 3U).known());
  EXPECT_FALSE((Count(2U) / 0U).known());
  EXPECT_EQ(Count::unknown().value(), 0U);
  EXPECT_EQ(Count::unknown().value_or(9), 9U);
  EXPECT_NE(Count::unknown(), Count(0U));
}

TEST(Count, CeilDivRoundsUp) {
  EXPECT_EQ(ceil_div(9U, 4U), Count(3U));
  EXPECT_EQ(ceil_div(8U, 4U), Count(2U));
  EXPECT_EQ(ceil_div(0U, 4U), Count(0U));
  EXPECT_EQ(ceil_div(kMost, 1U), Count(kMost));
  EXPECT_FALSE(ceil_div(8U, 0U).known());
  EXPECT_FALSE(ceil_div(0U, 0U).known());
}

TEST(Count, MinAndMaxOfUnknownAreUnknown) {
  EXPECT_EQ(min(3U, 5U), Count(3U));
  EXPECT_EQ(max(3U, 5U), Count(5U));
  EXPECT_FALSE(min(3U, Count::unknown()).known());
  EXPECT_EQ(max(Count::overflow(), 1U).state(), Count::State::kOverflow);
}

}  // namespace
}  // namespace aiprof
