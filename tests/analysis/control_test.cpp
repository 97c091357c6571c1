// If, Loop, Scan and SequenceMap: how often their bodies run, and what comes out of them.
#include <gtest/gtest.h>

#include "analysis/text_model.h"

namespace aiprof::test {
namespace {

// --- If -----------------------------------------------------------------------------------------

// 100 FLOPs in one branch, 10 in the other; `c` decides.
std::string two_branches(const std::string& condition) {
  return "g (float[100] x, float[10] z, " + condition +
         ") => (float[] y) { y = If <then_branch = a () => (float[] p) { p = Neg(x) }, "
         "else_branch = b () => (float[] q) { q = Abs(z) }> (c) }";
}

TEST(If, AKnownConditionTakesItsBranch) {
  const Analysed a = analysed(two_branches("bool c = {0}"));
  EXPECT_EQ(a.shape("y"), "10");
  EXPECT_EQ(a.flops(), Count(10));
  EXPECT_EQ(a.node("q").trips, Count(1));
  EXPECT_EQ(a.node("p").trips, Count(0));  // in the report, but never run
  EXPECT_EQ(a.node("q").status, NodeStatus::kExact);
}

TEST(If, AConditionThatFollowsFromShapesIsKnown) {
  const Analysed a = analysed(
      "g (float[2,7] x) => (float[] y) { s = Shape <start = 1> (x) "
      "seven = Constant <value_ints = [7]> () c = Equal(s, seven) "
      "y = If <then_branch = a () => (float[] p) { p = Neg(x) }, "
      "else_branch = b () => (float[] q) { q = Exp(x) }> (c) }");
  EXPECT_EQ(a.flops(), Count(2 * 7));
  EXPECT_EQ(a.node("p").status, NodeStatus::kExact);
}

TEST(If, AnUnknownConditionCountsTheLargerBranchAndNamesBoth) {
  const Analysed a = analysed(two_branches("bool c"));
  EXPECT_EQ(a.flops(), Count(100));
  EXPECT_EQ(a.node("p").status, NodeStatus::kAssumed);
  EXPECT_EQ(a.node("q").trips, Count(0));
  EXPECT_EQ(a.fact("y").basis, Basis::kAssumed);
  EXPECT_TRUE(a.noted("(100 FLOPs against 10)"));
}

TEST(If, AValueForTheInputDecides) {
  const std::byte no{0};
  BindOptions options;
  options.values["c"].dtype = DType::kBool;
  options.values["c"].raw = std::span(&no, 1);
  EXPECT_EQ(analysed(two_branches("bool c"), options).flops(), Count(10));
}

// --- Loop ---------------------------------------------------------------------------------------

TEST(Loop, AKnownTripCountMultipliesTheBody) {
  const Analysed a = analysed(
      "g (float[8,8] x, float[8,8] w, int64 n = {1000}, bool t = {1}) => (float[] y, float[] all) "
      "{ y, all = Loop <body = b (int64 i, bool c, float[] u) => (bool d, float[] v, float[] s) "
      "{ d = Identity(c) v = MatMul(u, w) s = ReduceSum <keepdims = 0> (v) }> (n, t, x) }");
  EXPECT_EQ(a.shape("y"), "8x8");
  EXPECT_EQ(a.shape("all"), "1000");  // a scan output: one sum for every trip
  EXPECT_EQ(a.node("v").trips, Count(1000));
  EXPECT_EQ(a.node("v").cost.macs, Count(1000 * 8 * 8 * 8));
  EXPECT_EQ(a.node("s").cost.flops, Count(1000 * (64 - 1)));
  EXPECT_EQ(a.node("v").status, NodeStatus::kExact);
  // A body reads what it needs in every trip.
  EXPECT_EQ(a.node("v").cost.bytes_read(), Count(1000 * 4 * (64 + 64)));
}

// The body's own condition, or a trip count that is data.
std::string open_loop(const std::string& inputs, const std::string& m) {
  return "g (float[8] x, " + inputs +
         ") => (float[] y) { y = Loop <body = b (int64 i, bool c, float[] u) => "
         "(bool d, float[] v) { v = Neg(u) k = ReduceMax <keepdims = 0> (v) z = Constant <value = "
         "float {0.0}> () d = Greater(k, z) }> (" +
         m + ", t, x) }";
}

TEST(Loop, WithoutAKnownCountOneTripIsAssumedAndSaid) {
  const Analysed a = analysed(open_loop("int64 n, bool t = {1}", "n"));
  EXPECT_EQ(a.node("v").trips, Count(1));
  EXPECT_EQ(a.node("v").status, NodeStatus::kAssumed);
  EXPECT_TRUE(a.noted("--trip"));
}

TEST(Loop, TripOptionGivesTheCount) {
  BindOptions options;
  options.trips["node 0"] = 25;
  const Analysed a = analysed(open_loop("int64 n, bool t = {1}", "n"), options);
  EXPECT_EQ(a.node("v").cost.flops, Count(25 * 8));
  EXPECT_EQ(a.node("v").status, NodeStatus::kExact);
}

TEST(Loop, ABoundThatDataMayUndercutIsTakenAndSaid) {
  const Analysed a = analysed(open_loop("int64 n = {25}, bool t = {1}", "n"));
  EXPECT_EQ(a.node("v").cost.flops, Count(25 * 8));
  EXPECT_EQ(a.node("v").status, NodeStatus::kAssumed);
  EXPECT_TRUE(a.noted("may stop before its 25 trips"));
}

TEST(Loop, AConditionOnTheCounterEndsIt) {
  const Analysed a = analysed(
      "g (float[8] x, int64 n = {100}, bool t = {1}) => (float[] y) { y = Loop <body = b (int64 i, "
      "bool c, float[] u) => (bool d, float[] v) { three = Constant <value_int = 3> () "
      "d = Less(i, three) v = Neg(u) }> (n, t, x) }");
  EXPECT_EQ(a.node("v").cost.flops, Count((3 + 1) * 8));  // i = 0, 1, 2 go on; i = 3 is the last
}

TEST(Loop, NoTripsHandTheCarriedValuesThrough) {
  const Analysed a = analysed(
      "g (float[8] x, int64 n = {0}, bool t = {1}) => (float[] y) { y = Loop <body = b (int64 i, "
      "bool c, float[] u) => (bool d, float[] v) { d = Identity(c) v = Neg(u) }> (n, t, x) }");
  EXPECT_EQ(a.shape("y"), "8");
  EXPECT_EQ(a.flops(), Count(0));
}

// A cache that grows by one row a trip: 1 + 2 + ... rows are read again.
TEST(Loop, CarriedShapesGrowFromTripToTrip) {
  const Analysed a = analysed(
      "g (float[1,4] x, float[1,4] r, int64 n = {10}, bool t = {1}) => (float[] y) { y = Loop "
      "<body "
      "= b (int64 i, bool c, float[] u) => (bool d, float[] v) { d = Identity(c) "
      "w = Neg(u) v = Concat <axis = 0> (w, r) }> (n, t, x) }");
  EXPECT_EQ(a.shape("y"), "11x4");
  EXPECT_EQ(a.node("w").cost.flops, Count(4 * (10 * 11 / 2)));
}

// More trips than are followed one by one: the rest grows as the last trip did, and counts as many
// times as its middle.
TEST(Loop, GrowthIsCarriedOnWhereTripsAreManyMore) {
  const Analysed a = analysed(
      "g (float[1,4] x, float[1,4] r, int64 n = {9999}, bool t = {1}) => (float[] y) { y = Loop "
      "<body = b (int64 i, bool c, float[] u) => (bool d, float[] v) { d = Identity(c) "
      "w = Neg(u) v = Concat <axis = 0> (w, r) }> (n, t, x) }");
  EXPECT_EQ(a.shape("y"), "10000x4");
  EXPECT_EQ(a.fact("y").basis, Basis::kAssumed);
  EXPECT_EQ(a.node("w").cost.flops, Count(4 * (9999 * 10000 / 2)));
  EXPECT_EQ(a.node("w").status, NodeStatus::kAssumed);
}

std::string gathered_in_a_sequence(int trips) {
  return "g (float[2] x, int64 n = {" + std::to_string(trips) +
         "}, bool t = {1}) => (float[] y) { e = SequenceEmpty() "
         "s = Loop <body = b (int64 i, bool c, float[] u) => (bool d, float[] v) "
         "{ d = Identity(c) v = SequenceInsert(u, x) }> (n, t, e) "
         "y = ConcatFromSequence <axis = 0> (s) }";
}

TEST(Loop, CarriedSequencesGrowFromTripToTrip) {
  EXPECT_EQ(analysed(gathered_in_a_sequence(50)).shape("y"), "100");
  // Too many to follow one by one: not known, rather than wrong.
  EXPECT_EQ(analysed(gathered_in_a_sequence(5000)).shape("y"), "?");
}

TEST(Loop, NestedLoopsMultiply) {
  const Analysed a = analysed(
      "g (float[8] x, int64 n = {30}, int64 m = {20}, bool t = {1}) => (float[] y) { y = Loop "
      "<body "
      "= b (int64 i, bool c, float[] u) => (bool d, float[] v) { d = Identity(c) v = Loop <body = "
      "b2 (int64 j, bool c2, float[] u2) => (bool d2, float[] v2) { d2 = Identity(c2) v2 = Neg(u2) "
      "}> (m, t, u) }> (n, t, x) }");
  EXPECT_EQ(a.node("v2").trips, Count(30 * 20));
  EXPECT_EQ(a.node("v2").cost.flops, Count(30 * 20 * 8));
}

// --- Scan ---------------------------------------------------------------------------------------

TEST(Scan, RunsOnceForEachElementOfTheScannedAxis) {
  const Analysed a = analysed(
      "g (float[4] h, float[3,50,4] x) => (float[] last, float[] all) { last, all = Scan "
      "<num_scan_inputs = 1, scan_input_axes = [1], scan_output_axes = [-1], body = b (float[4] u, "
      "float[3,4] v) => (float[] w, float[] z) { r = ReduceSum <keepdims = 0> (v) w = Add(u, r) "
      "z = Identity(v) }> (h, x) }");
  EXPECT_EQ(a.shape("last"), "4");
  EXPECT_EQ(a.shape("all"), "3x4x50");
  EXPECT_EQ(a.node("r").cost.flops, Count(50 * (12 - 1)));
  EXPECT_EQ(a.node("w").cost.flops, Count(50 * 4));
}

// Opset 8 has a batch axis in front, and sequence lengths.
TEST(Scan, Version8RunsForEveryElementOfTheBatch) {
  const Analysed a = analysed(
      "g (float[2,4] h, float[2,50,4] x) => (float[] last, float[] all) { last, all = Scan "
      "<num_scan_inputs = 1, body = b (float[4] u, float[4] v) => (float[] w, float[] z) "
      "{ w = Add(u, v) z = Identity(w) }> (_, h, x) }",
      {}, 8);
  EXPECT_EQ(a.shape("last"), "2x4");
  EXPECT_EQ(a.shape("all"), "2x50x4");
  EXPECT_EQ(a.node("w").cost.flops, Count(2 * 50 * 4));
}

// --- SequenceMap --------------------------------------------------------------------------------

TEST(SequenceMap, RunsOnEveryElementWithItsOwnShape) {
  const Analysed a = analysed(
      "g (float[9,4] x, int64 n = {4}, float[4] k) => (float[] y) { s = SplitToSequence(x, n) "
      "t = SequenceMap <body = m (float[] u, float[] w) => (float[] v) { v = Add(u, w) }> (s, k) "
      "y = ConcatFromSequence <axis = 0> (t) }");
  EXPECT_EQ(a.shape("y"), "9x4");
  EXPECT_EQ(a.node("v").trips, Count(3));  // 4, 4 and 1 rows
  EXPECT_EQ(a.node("v").cost.flops, Count(9 * 4));
}

}  // namespace
}  // namespace aiprof::test
