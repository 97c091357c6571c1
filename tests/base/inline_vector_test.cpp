#include "aiprof/base/inline_vector.h"

#include <gtest/gtest.h>

#include <vector>

namespace aiprof {
namespace {

using Small = InlineVector<int, 3>;

std::vector<int> as_vector(const Small& v) { return {v.begin(), v.end()}; }

TEST(InlineVector, GrowsPastItsOwnSpace) {
  Small v;
  for (int i = 0; i < 10; ++i) v.push_back(i);
  EXPECT_EQ(as_vector(v), (std::vector<int>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}));
}

TEST(InlineVector, CopiesAreIndependent) {
  for (const std::size_t n : {2U, 8U}) {
    Small a(n, 7);
    Small b = a;
    b[0] = 1;
    EXPECT_EQ(a[0], 7);
    a = b;
    EXPECT_EQ(a, b);
  }
}

TEST(InlineVector, AMovedFromVectorIsEmptyAndUsable) {
  for (const std::size_t n : {2U, 8U}) {
    Small a(n, 7);
    const Small b = std::move(a);
    EXPECT_EQ(b.size(), n);
    EXPECT_TRUE(a.empty());  // NOLINT(bugprone-use-after-move): what the test is about
    a.push_back(3);
    EXPECT_EQ(as_vector(a), std::vector<int>{3});
  }
}

TEST(InlineVector, InsertsAndErasesInTheMiddle) {
  Small v = {1, 2, 4, 5};
  v.insert_at(2, 3);
  EXPECT_EQ(as_vector(v), (std::vector<int>{1, 2, 3, 4, 5}));
  v.erase_at(0);
  EXPECT_EQ(as_vector(v), (std::vector<int>{2, 3, 4, 5}));
  v.pop_back();
  v.resize(5, 9);
  EXPECT_EQ(as_vector(v), (std::vector<int>{2, 3, 4, 9, 9}));
}

}  // namespace
}  // namespace aiprof
