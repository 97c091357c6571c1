// Splitting what a kernel costs: nothing is lost, nothing is negative, to the last bit.
#include "report/attribute.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <random>

namespace aiprof {
namespace {

using Weights = std::vector<double>;

double sum(const std::vector<double>& parts) {
  return std::accumulate(parts.begin(), parts.end(), 0.0);
}

TEST(SplitExactly, FollowsTheWeights) {
  const std::vector<double> parts = split_exactly(8.0, Weights{1, 2, 1});
  EXPECT_EQ(parts, (std::vector<double>{2, 4, 2}));
}

TEST(SplitExactly, IsEvenWhereNothingWeighs) {
  EXPECT_EQ(split_exactly(6.0, Weights{0, 0, 0}), (std::vector<double>{2, 2, 2}));
}

TEST(SplitExactly, GivesAWeightlessNodeNothing) {
  const std::vector<double> parts = split_exactly(0.3, Weights{0.7, 0});
  EXPECT_EQ(parts[0], 0.3);
  EXPECT_EQ(parts[1], 0.0);
}

TEST(SplitExactly, SplitsNothingIntoNothing) {
  EXPECT_EQ(split_exactly(0.0, Weights{1, 2}), (std::vector<double>{0, 0}));
  EXPECT_TRUE(split_exactly(1.0, Weights{}).empty());
}

TEST(SplitExactly, SumsToTheWholeForAnyWeights) {
  std::mt19937_64 random(7);
  std::uniform_real_distribution<double> exponent(-30, 3);
  std::uniform_int_distribution<std::size_t> count(1, 40);
  for (int i = 0; i < 2000; ++i) {
    const double whole = std::pow(10.0, exponent(random));
    Weights weights(count(random));
    for (double& w : weights) w = std::pow(10.0, exponent(random));
    const std::vector<double> parts = split_exactly(whole, weights);
    EXPECT_EQ(sum(parts), whole);
    for (const double part : parts) EXPECT_GE(part, 0);
  }
}

}  // namespace
}  // namespace aiprof
