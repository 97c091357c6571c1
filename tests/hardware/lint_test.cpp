// Contradictions that no single number shows.
#include <gtest/gtest.h>

#include "hardware/samples.h"

namespace aiprof::testing {
namespace {

// "severity path: text" of each finding.
std::vector<std::string> findings(const Json& json) {
  std::vector<std::string> result;
  for (const Finding& f : lint(parse(json))) {
    const char* severity = f.severity == Finding::Severity::kError     ? "error "
                           : f.severity == Finding::Severity::kWarning ? "warning "
                                                                       : "note ";
    result.push_back(severity + f.path + ": " + f.text);
  }
  return result;
}

// Of the consistent description with one number changed.
std::vector<std::string> findings(const char* pointer, const Json& value) {
  Json json = consistent();
  json[Json::json_pointer(pointer)] = value;
  return findings(json);
}

using Texts = std::vector<std::string>;

TEST(Lint, TheConsistentDescriptionIsClean) { EXPECT_EQ(findings(consistent()), Texts{}); }

TEST(Lint, SparsePeakInADenseField) {
  Json json = consistent();
  json["engines"][0]["sparsity"] = {{"pattern", "2:4"}, {"factor", 2}};
  json["engines"][0]["peaks"]["int8"] = 2 * 4.096e12;
  EXPECT_EQ(findings(json),
            Texts{"error engines.matrix.peaks.int8: is 8.192e+12, 2 times count x clock_hz x "
                  "ops_per_clock = 4.096e+12: this looks like a rate with sparsity; give the dense "
                  "rate, and the factor under sparsity"});
}

TEST(Lint, PeakAboveClockTimesUnitsTimesWidth) {
  EXPECT_EQ(findings("/engines/0/peaks/float16", 2.5e12),
            Texts{"error engines.matrix.peaks.float16: is 2.5e+12, above count x clock_hz x "
                  "ops_per_clock = 2.048e+12"});
}

TEST(Lint, LanesStandInForTheWidthOfVectorUnits) {
  EXPECT_EQ(findings("/engines/1/simd_lanes", 8).size(), 1U);
}

TEST(Lint, MultiplyAccumulatesCountedOnce) {
  EXPECT_EQ(findings("/engines/0/peaks/int8", 2.048e12),
            Texts{"warning engines.matrix.peaks.int8: is 2.048e+12, 0.5 of count x clock_hz x "
                  "ops_per_clock = 4.096e+12; a multiply-accumulate is two operations"});
}

TEST(Lint, RoundedDataSheetsPass) { EXPECT_EQ(findings("/engines/0/peaks/int8", 4.2e12), Texts{}); }

TEST(Lint, PeaksThatCannotBeChecked) {
  Json json = consistent();
  json["engines"][0].erase("count");
  EXPECT_EQ(findings(json), Texts{"note engines.0: the peaks of 'mma' cannot be checked: give "
                                  "count, clock_hz and ops_per_clock"});
}

TEST(Lint, ArrayThatDoesNotFitItsRate) {
  EXPECT_EQ(
      findings("/engines/0/array", {{"rows", 32}, {"cols", 32}, {"dataflow", "weight_stationary"}}),
      Texts{"error engines.0.array: is 32 x 32, but no type has 2048 ops_per_clock (two per "
            "cell)"});
}

TEST(Lint, BinaryBandwidth) {
  EXPECT_EQ(findings("/memory/2/bandwidth_bytes_per_second", 51.2 * 1024 * 1024 * 1024),
            Texts{"error memory.dram.bandwidth_bytes_per_second: is 51.2 x 2^30; bandwidths are "
                  "decimal: 51.2 GB/s is 5.12e+10"});
}

TEST(Lint, ValuesWithAPrefixLeftIn) {
  const Texts found = findings("/memory/2/bandwidth_bytes_per_second", 51.2);
  ASSERT_FALSE(found.empty());
  EXPECT_EQ(found[0],
            "error memory.dram.bandwidth_bytes_per_second: is 51.2 bytes per second; values are in "
            "base units, without prefixes (1 GB/s is 1e9)");
}

TEST(Lint, MeasuredAboveTheDataSheet) {
  EXPECT_EQ(findings("/memory/1/measured_bandwidth_bytes_per_second", 2.7e11),
            Texts{"error memory.l2.measured_bandwidth_bytes_per_second: is 2.7e+11, above the data "
                  "sheet's 2.5e+11"});
}

TEST(Lint, FractionThatIsNotMeasuredOverDataSheet) {
  EXPECT_EQ(findings("/memory/1/achievable_fraction", 0.9),
            Texts{"error memory.l2.achievable_fraction: is 0.9, but measured over data-sheet "
                  "bandwidth is 0.8"});
}

TEST(Lint, CapacityInversion) {
  EXPECT_EQ(findings("/memory/0/capacity_bytes", 4194304),
            Texts{"error memory.l1.capacity_bytes: is 4.1943e+06, more than the 2.09715e+06 of "
                  "'L2' behind it"});
}

TEST(Lint, BandwidthInversion) {
  EXPECT_EQ(findings("/memory/0/bandwidth_bytes_per_second", 1e11),
            Texts{"error memory.l1.bandwidth_bytes_per_second: is 1e+11, less than the 2e+11 of "
                  "'L2' behind it"});
}

TEST(Lint, OrderOfLevels) {
  Json json = consistent();
  std::swap(json["memory"][0], json["memory"][1]);
  EXPECT_EQ(findings(json), Texts{"error memory.l1.capacity_bytes: 'L1' (l1) stands after 'L2' "
                                  "(l2); levels go from nearest to farthest"});
}

TEST(Lint, PerUnitNeedsUnits) {
  Json json = consistent();
  json["memory"][0].erase("units");
  EXPECT_EQ(findings(json),
            Texts{"error memory.l1.capacity_bytes: 'L1' is per unit, but 'units' is missing"});
}

TEST(Lint, RidgePointOutOfRange) {
  Json json = consistent();
  json["engines"][0]["count"] = 4000;
  json["engines"][0]["peaks"] = {{"float16", 2.048e15}, {"int8", 4.096e15}};
  json["engines"][0].erase("joules_per_operation");
  EXPECT_EQ(findings(json),
            Texts{"error engines.matrix.peaks.int8: 4.096e+15 operations per second over 5.12e+10 "
                  "bytes per second is a ridge point of 8e+04 operations per byte; expected 0.05 "
                  "to 5000"});
}

TEST(Lint, IdleAboveTheTdp) {
  EXPECT_EQ(findings("/power/idle_watts", 12),
            Texts{"error power.idle_watts: is 12, not below the TDP of 10"});
}

TEST(Lint, EnergyFarAboveTheTdp) {
  EXPECT_EQ(findings("/engines/0/joules_per_operation/float16", 1e-10),
            Texts{"warning engines.matrix.joules_per_operation.float16: at the peak rate this "
                  "draws 205 W; the TDP is 10 W"});
}

TEST(Lint, LaunchInMicroseconds) {
  EXPECT_EQ(findings("/launch/stream_seconds", 3),
            Texts{"error launch.stream_seconds: is 3 seconds; values are in base units (2 us is "
                  "2e-6)"});
}

TEST(Lint, VerifiedWithoutSource) {
  EXPECT_EQ(findings("/power/tdp_watts", {{"value", 10}, {"status", "verified"}}),
            Texts{"warning power.tdp_watts: is 'verified' but names no source"});
}

TEST(Lint, NumbersThatNothingUses) {
  EXPECT_EQ(findings("/engines/0/achievable_fraction", {{"float8", 0.8}}),
            Texts{"warning engines.matrix.achievable_fraction.float8: has no peak of this type "
                  "beside it, and is never used"});
}

TEST(Lint, NamesForTheCommandLine) {
  EXPECT_EQ(findings("/id", "My Chip"),
            Texts{"error id: 'My Chip' is not a name for --hw; expected lower-case letters, "
                  "digits, '-', '.' and '+'"});
}

}  // namespace
}  // namespace aiprof::testing
