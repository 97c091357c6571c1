#include "aiprof/graph/shape.h"

#include <gtest/gtest.h>

namespace aiprof {
namespace {

TEST(Dim, UnknownKeepsItsNameAndIsNoNumber) {
  EXPECT_FALSE(Dim().known());
  EXPECT_EQ(Dim::unknown(7).symbol(), 7U);
  EXPECT_FALSE(Dim(-3).known());
  EXPECT_EQ(Dim::unknown(7), Dim::unknown(7));
  EXPECT_FALSE(Dim::unknown(7) == Dim::unknown(8));
  EXPECT_FALSE(Dim().is(0));
}

TEST(Dim, ArithmeticIsUnknownWhereItCannotBeExact) {
  EXPECT_EQ(Dim(3) * Dim(4), Dim(12));
  EXPECT_EQ(Dim(9) / Dim(4), Dim(2));
  EXPECT_FALSE((Dim(3) + Dim::unknown(1)).known());
  EXPECT_FALSE((Dim(INT64_MAX) + Dim(1)).known());
  EXPECT_FALSE((Dim(INT64_MAX) * Dim(3)).known());
  EXPECT_FALSE((Dim(2) - Dim(3)).known());
  EXPECT_FALSE((Dim(2) / Dim(0)).known());
}

TEST(Shape, ProductOfExtents) {
  EXPECT_EQ(num_elements(Shape{}), Count(1U));
  EXPECT_EQ(num_elements(Shape{Dim(2), Dim(3), Dim(4)}), Count(2U * 3 * 4));
  EXPECT_EQ(num_elements(Shape{Dim(), Dim(0)}), Count(0U));
  EXPECT_EQ(num_elements(Shape{Dim(INT64_MAX), Dim(4), Dim(0)}), Count(0U));
  EXPECT_FALSE(num_elements(Shape{Dim(2), Dim()}).known());
  EXPECT_EQ(num_elements(Shape{Dim(INT64_MAX), Dim(4)}).state(), Count::State::kOverflow);
}

}  // namespace
}  // namespace aiprof
