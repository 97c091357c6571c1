// Held, broken, cannot be decided.
#include <gtest/gtest.h>

#include "gate/sample.h"

namespace aiprof::gate {
namespace {

using test::hand_report;
using test::HandNode;
using test::judge_change;
using test::judge_one;
using test::message_of;
using test::with_gap;

// 1 ms + 3 ms + 1 ms; the error interval reaches from 4 ms to 6.5 ms.
Report three() {
  return hand_report(
      {{"a/conv", "Conv", 1e-3, 100}, {"b/conv", "Conv", 3e-3, 300}, {"b/relu", "Relu", 1e-3, 10}});
}

TEST(Judge, HeldAndBroken) {
  EXPECT_EQ(judge_one(three(), "latency<=5.1ms").outcome, Outcome::kHeld);
  const Judgement j = judge_one(three(), "latency<=4ms");
  EXPECT_EQ(j.outcome, Outcome::kBroken);
  EXPECT_NEAR(*j.excess, 1e-3, 1e-12);
  EXPECT_EQ(judgement_text(j),
            "latency: expected at most 4.00 ms, got 5.00 ms, 1.00 ms too much (25.0 %)");
  ASSERT_EQ(j.causes.size(), 3U);
  EXPECT_EQ(cause_text(j.causes[0]), "b/conv (Conv) 3.00 ms, 60.0 %");
}

TEST(Judge, TheBoundItselfIsKeptByAtMostAndNotByBelow) {
  EXPECT_EQ(judge_one(three(), "parameters<=100").outcome, Outcome::kHeld);
  EXPECT_EQ(judge_one(three(), "parameters<100").outcome, Outcome::kBroken);
  EXPECT_EQ(judge_one(three(), "parameters==100").outcome, Outcome::kHeld);
  EXPECT_EQ(judge_one(three(), "parameters>100").outcome, Outcome::kBroken);
}

TEST(Judge, NumbersThatRoundAlikeAreToldApart) {
  const Judgement j = judge_one(hand_report({{"a", "Conv", 1e-3, 8'200'001}}), "flops<=8.2M");
  EXPECT_EQ(judgement_text(j), "flops: expected at most 8200000, got 8200001, 1 too much (0.00 %)");
}

TEST(Judge, Groups) {
  EXPECT_EQ(judge_one(three(), "op:Conv latency<=4.1ms").outcome, Outcome::kHeld);
  EXPECT_EQ(judge_one(three(), "op:Conv latency<=3.9ms").outcome, Outcome::kBroken);
  EXPECT_EQ(judge_one(three(), "node:b/* latency<=3.9ms").outcome, Outcome::kBroken);
  EXPECT_EQ(judge_one(three(), "op:Relu latency_share<=20.1%").outcome, Outcome::kHeld);
  EXPECT_EQ(judge_one(three(), "op:Relu latency_share<=19%").outcome, Outcome::kBroken);
}

TEST(Judge, EachNamesTheWorst) {
  EXPECT_EQ(judge_one(three(), "each:* latency<=3.1ms").outcome, Outcome::kHeld);
  const Judgement j = judge_one(three(), "each:* latency<=2ms");
  EXPECT_EQ(j.outcome, Outcome::kBroken);
  EXPECT_EQ(j.got.subject, "b/conv");
}

TEST(Judge, ALowerBoundBreaksButDoesNotHold) {
  const Report r = with_gap(three());  // at least 4 ms
  EXPECT_EQ(judge_one(r, "latency<=3ms").outcome, Outcome::kBroken);
  const Judgement j = judge_one(r, "latency<=5ms");
  EXPECT_EQ(j.outcome, Outcome::kUndecided);
  EXPECT_EQ(judgement_text(j),
            "latency: expected at most 5.00 ms, got at least 4.00 ms: 1 of 3 operators are not "
            "modelled, so that it is at least this");
  EXPECT_EQ(judge_one(r, "flops>=400").outcome, Outcome::kHeld);
  EXPECT_EQ(judge_one(r, "flops>=401").outcome, Outcome::kUndecided);
}

TEST(Judge, ThroughputIsAtMostWhatIsModelled) {
  const Report r = with_gap(three());  // at most 250 a second
  EXPECT_EQ(judge_one(r, "throughput>=300").outcome, Outcome::kBroken);
  EXPECT_EQ(judge_one(r, "throughput>=200").outcome, Outcome::kUndecided);
}

TEST(Judge, GapsElsewhereDoNotTouchAGroup) {
  EXPECT_EQ(judge_one(with_gap(three()), "op:Conv latency<=4.1ms").outcome, Outcome::kHeld);
}

TEST(Judge, GapsCanBeLimitedThemselves) {
  EXPECT_EQ(judge_one(with_gap(three()), "gaps<=0").outcome, Outcome::kBroken);
  EXPECT_EQ(judge_one(with_gap(three()), "modelled>=99%").outcome, Outcome::kBroken);
  EXPECT_EQ(judge_one(three(), "modelled>=100%").outcome, Outcome::kHeld);
}

TEST(Judge, CertainMeansTheWholeInterval) {
  EXPECT_EQ(judge_one(three(), "latency<=6.6ms", Certainty::kInterval).outcome, Outcome::kHeld);
  EXPECT_EQ(judge_one(three(), "latency<=3.9ms", Certainty::kInterval).outcome, Outcome::kBroken);
  const Judgement j = judge_one(three(), "latency<=6ms", Certainty::kInterval);
  EXPECT_EQ(j.outcome, Outcome::kUndecided);
  EXPECT_EQ(j.reason, "the error interval reaches from 4.00 ms to 6.50 ms");
  EXPECT_EQ(judge_one(three(), "op:Conv latency<=5ms", Certainty::kInterval).outcome,
            Outcome::kUndecided);  // 3.2 ms to 5.2 ms
  EXPECT_EQ(judge_one(three(), "throughput>=160", Certainty::kInterval).outcome,
            Outcome::kUndecided);  // 154 to 250
}

TEST(Judge, UnknownIsNeverHeld) {
  Report r = three();
  r.totals.parameters.reset();
  const Judgement j = judge_one(r, "parameters<=1G");
  EXPECT_EQ(j.outcome, Outcome::kUndecided);
  EXPECT_NE(j.reason, "");
  r.nodes[0].work->flops = Count::overflow();
  EXPECT_EQ(judge_one(r, "op:Conv flops<=1G").outcome, Outcome::kUndecided);
}

TEST(Judge, AMachineMetricWithoutAMachineIsAMistake) {
  Report r = three();
  r.hardware.reset();
  EXPECT_EQ(message_of([&] { (void)judge_one(r, "latency<=5ms"); }),
            "'latency<=5ms': latency is of a machine: give --hw NAME (aiprof hw list)");
}

TEST(Judge, APatternThatMatchesNothingIsAMistake) {
  EXPECT_EQ(message_of([] { (void)judge_one(three(), "op:Conf latency<=5ms"); }),
            "'op:Conf latency<=5ms': no operator of m.onnx matches 'Conf'; did you mean 'Conv'?");
}

TEST(JudgeChange, AgainstTheBase) {
  const Report base = three();
  const Report slow = hand_report({{"a/conv", "Conv", 1e-3, 100},
                                   {"b/conv", "Conv", 3.2e-3, 330},
                                   {"b/relu", "Relu", 1e-3, 10}});
  EXPECT_EQ(judge_change(slow, base, "latency=5%").outcome, Outcome::kHeld);
  const Judgement j = judge_change(slow, base, "latency=2%");
  EXPECT_EQ(j.outcome, Outcome::kBroken);
  EXPECT_EQ(judgement_text(j),
            "latency: expected at most 5.10 ms (base 5.00 ms + 2.0 %), got 5.20 ms, +200 us from "
            "the base (+4.0 %), 100 us too much (2.0 %)");
  ASSERT_EQ(j.causes.size(), 1U);
  EXPECT_EQ(cause_text(j.causes[0]), "b/conv (Conv) +200 us, 100 %: same shapes, other work");
}

TEST(JudgeChange, FromNothingEverythingIsTooMuch) {
  const Report none = hand_report({{"a", "Relu", 1e-3, 0}});
  const Report some = hand_report({{"a", "Relu", 1e-3, 1}});
  EXPECT_EQ(judge_change(some, none, "flops=10%").outcome, Outcome::kBroken);
  EXPECT_EQ(judge_change(none, none, "flops=0%").outcome, Outcome::kHeld);
}

// What is unknown on both sides alike cancels in a difference, and dilutes a ratio.
TEST(JudgeChange, TheSameGapOnBothSides) {
  const Report base = with_gap(three());
  const Report slow = with_gap(hand_report({{"a/conv", "Conv", 1e-3, 100},
                                            {"b/conv", "Conv", 3.2e-3, 300},
                                            {"b/relu", "Relu", 1e-3, 10}}));
  EXPECT_EQ(judge_change(slow, base, "latency=10%").outcome, Outcome::kHeld);
  EXPECT_EQ(judge_change(slow, base, "latency=1%").outcome, Outcome::kUndecided);
  EXPECT_EQ(judge_change(slow, base, "latency=0.1ms").outcome, Outcome::kBroken);
  EXPECT_EQ(judge_change(slow, three(), "latency=10%").outcome, Outcome::kUndecided);
}

Judgement with_waiver(const std::string& limit, const Date& expires) {
  std::vector<Rule> rules = {{parse_limit(limit, "x"), "vision", Waiver{"ann", "known", expires}}};
  return judge({three(), nullptr, rules, Certainty::kEstimate, {2026, 6, 15}}).judgements.front();
}

TEST(Waivers, CountUpToAndIncludingTheirLastDay) {
  EXPECT_FALSE(with_waiver("latency<=4ms", {2026, 6, 15}).fails());
  const Judgement j = with_waiver("latency<=4ms", {2026, 6, 14});
  EXPECT_TRUE(j.fails());
  EXPECT_EQ(judgement_text(j),
            "latency: expected at most 4.00 ms, got 5.00 ms, 1.00 ms too much (25.0 %); the waiver "
            "of ann expired on 2026-06-14: known; owner vision");
}

TEST(Waivers, OfALimitThatHoldsAreSaidToBeNeedless) {
  const Judgement j = with_waiver("latency<=6ms", {2027, 1, 1});
  EXPECT_EQ(j.outcome, Outcome::kHeld);
  EXPECT_NE(judgement_text(j).find("is not needed"), std::string::npos);
}

TEST(Dates, OnlyDaysThatExist) {
  EXPECT_EQ(format_date(*parse_date("2028-02-29")), "2028-02-29");
  for (const char* text : {"2027-02-29", "2027-13-01", "2027-1-1", "27-01-01", "2027/01/01", "",
                           "2027-01-+1", "tomorrow"}) {
    EXPECT_FALSE(parse_date(text)) << text;
  }
}

TEST(Exit, BrokenBeforeUndecided) {
  Check check;
  check.cases.emplace_back();
  auto& list = check.cases[0].judgements;
  EXPECT_EQ(exit_code(check), ExitCode::kDone);
  list.push_back(judge_one(with_gap(three()), "latency<=5ms"));
  EXPECT_EQ(exit_code(check), ExitCode::kUndecided);
  EXPECT_EQ(verdict_text(check), "CANNOT BE DECIDED: 1 of 1 limit");
  list.push_back(judge_one(three(), "latency<=4ms"));
  list.push_back(judge_one(three(), "latency<=6ms"));
  EXPECT_EQ(exit_code(check), ExitCode::kLimitBroken);
  EXPECT_EQ(verdict_text(check), "BROKEN: 1 of 3 limits (1 held, 1 cannot be decided)");
}

}  // namespace
}  // namespace aiprof::gate
