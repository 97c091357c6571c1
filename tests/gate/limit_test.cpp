// The grammar of limits, and the units of quantities.
#include "aiprof/gate/limit.h"

#include <gtest/gtest.h>

#include "aiprof/base/error.h"
#include "gate/sample.h"

namespace aiprof::gate {
namespace {

using test::message_of;

TEST(Quantity, UnitsAreThoseThatPeopleWrite) {
  EXPECT_DOUBLE_EQ(parse_value(Unit::kSeconds, "5ms", ""), 5e-3);
  EXPECT_DOUBLE_EQ(parse_value(Unit::kSeconds, " 921 us ", ""), 921e-6);
  EXPECT_DOUBLE_EQ(parse_value(Unit::kBytes, "2GiB", ""), 2.0 * 1024 * 1024 * 1024);
  EXPECT_DOUBLE_EQ(parse_value(Unit::kBytes, "2GB", ""), 2e9);
  EXPECT_DOUBLE_EQ(parse_value(Unit::kCount, "8.2 GFLOP", ""), 8.2e9);
  EXPECT_DOUBLE_EQ(parse_value(Unit::kCount, "25557032", ""), 25557032);
  EXPECT_DOUBLE_EQ(parse_value(Unit::kFraction, "40%", ""), 0.4);
  EXPECT_DOUBLE_EQ(parse_value(Unit::kFraction, "0.4", ""), 0.4);
  EXPECT_DOUBLE_EQ(parse_value(Unit::kRate, "1.5k/s", ""), 1500);
  EXPECT_DOUBLE_EQ(parse_value(Unit::kJoules, "120mJ", ""), 0.12);
}

TEST(Quantity, ATimeWithoutItsUnitIsRefused) {
  EXPECT_EQ(message_of([] { (void)parse_value(Unit::kSeconds, "5", "--limit 'latency<=5'"); }),
            "--limit 'latency<=5': '5' is not a time with its unit, such as 5ms (s, ms, us, ns)");
  for (const char* text : {"", "ms", "-5ms", "5 parsecs", "nan", "inf", "5ms!"}) {
    EXPECT_NE(message_of([&] { (void)parse_value(Unit::kSeconds, text, "x"); }), "") << text;
  }
}

TEST(Quantity, FortyWithoutPercentIsASlip) {
  EXPECT_NE(message_of([] { (void)parse_value(Unit::kFraction, "40", "x"); }), "");
}

TEST(Limit, OfTheWhole) {
  const Limit l = parse_limit(" latency <= 5 ms ", "--limit");
  EXPECT_EQ(l.metric->name, "latency");
  EXPECT_EQ(l.relation, Relation::kAtMost);
  EXPECT_DOUBLE_EQ(l.bound, 5e-3);
  EXPECT_EQ(l.scope.kind, Scope::Kind::kWhole);
  EXPECT_EQ(l.text, "latency <= 5 ms");
}

TEST(Limit, EveryMetricHasALimit) {
  for (const Metric& m : metrics()) {
    const std::string unit = m.unit == Unit::kSeconds  ? "1ms"
                             : m.unit == Unit::kBytes  ? "1MB"
                             : m.unit == Unit::kJoules ? "1J"
                             : m.unit == Unit::kWatts  ? "1W"
                                                       : "1";
    EXPECT_EQ(parse_limit(std::string(m.name) + "<=" + unit, "x").metric, &m);
    EXPECT_EQ(find_metric(m.name), &m);
    if (!m.alias.empty()) {
      EXPECT_EQ(find_metric(m.alias), &m);
    }
  }
}

TEST(Limit, NamesOfOperatorsMayHoldAnything) {
  const Limit l = parse_limit("node:a <= b/x=>1 latency<=5ms", "x");
  EXPECT_EQ(l.scope.kind, Scope::Kind::kNodes);
  EXPECT_EQ(l.scope.pattern, "a <= b/x=>1");
  EXPECT_EQ(l.metric->name, "latency");
}

TEST(Limit, Scopes) {
  EXPECT_EQ(parse_limit("block:layer3 flops<=2G", "x").scope.kind, Scope::Kind::kBlock);
  EXPECT_EQ(parse_limit("op:Conv flops<=2G", "x").scope.kind, Scope::Kind::kOpType);
  EXPECT_EQ(parse_limit("each:*/attn/* flops<=2G", "x").scope.kind, Scope::Kind::kEach);
}

TEST(Limit, MistakesAreNamed) {
  EXPECT_EQ(message_of([] { (void)parse_limit("latancy<=5ms", "--limit"); }).substr(0, 75),
            "--limit 'latancy<=5ms': unknown metric 'latancy'; did you mean 'latency'? (");
  EXPECT_TRUE(message_of([] {
                (void)parse_limit("latency", "--limit");
              }).starts_with("--limit 'latency': expected METRIC<=VALUE"));
  EXPECT_TRUE(message_of([] { (void)parse_limit("layer:x latency<=5ms", "--limit"); })
                  .ends_with("'layer:x' is no scope (expected block:PATH, node:PATTERN, "
                             "each:PATTERN or op:TYPE)"));
  EXPECT_TRUE(message_of([] {
                (void)parse_limit("op:Conv parameters<=5M", "--limit");
              }).starts_with("--limit 'op:Conv parameters<=5M': parameters is of the whole"));
}

TEST(Change, PercentOrAmount) {
  const Limit percent = parse_change("latency=2%", Direction::kIncrease, "x");
  EXPECT_EQ(percent.change->kind, Change::Kind::kFraction);
  EXPECT_DOUBLE_EQ(percent.change->value, 0.02);
  const Limit amount = parse_change("weight_bytes=1MB", Direction::kIncrease, "x");
  EXPECT_EQ(amount.change->kind, Change::Kind::kAmount);
  EXPECT_DOUBLE_EQ(amount.change->value, 1e6);
}

TEST(Change, WhatShouldBeLargeIsLimitedDownwards) {
  EXPECT_EQ(parse_change("throughput=2%", Direction::kDecrease, "x").relation, Relation::kAtLeast);
  EXPECT_EQ(
      message_of([] { (void)parse_change("mbu=2%", Direction::kIncrease, "--max-increase"); }),
      "--max-increase 'mbu=2%': more mbu is better; limit it with --max-decrease");
}

TEST(Matches, StarsAndQuestionMarks) {
  EXPECT_TRUE(matches("*", ""));
  EXPECT_TRUE(matches("*/attn/*", "/layer.3/attn/MatMul"));
  EXPECT_TRUE(matches("a?c*", "abcdef"));
  EXPECT_TRUE(matches("a*b*c", "a--b--b--c"));
  EXPECT_FALSE(matches("a*b", "a--c"));
  EXPECT_FALSE(matches("abc", "abcd"));
  EXPECT_TRUE(matches("**", "x"));
}

TEST(Matches, ManyStarsTakeNoTime) {
  const std::string text(10'000, 'a');
  EXPECT_FALSE(matches("*a*a*a*a*a*a*a*b", text));
}

}  // namespace
}  // namespace aiprof::gate
