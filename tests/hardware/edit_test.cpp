// --set FIELD=VALUE.
#include <gtest/gtest.h>

#include "hardware/samples.h"

namespace aiprof::testing {
namespace {

struct Result {
  Hardware hardware;
  std::vector<std::string> changes;
};

Result set(const Json& json, const std::string& edit) {
  const Edited edited = apply_set(json.dump(), "chip.json", edit);
  return {parse_hardware(edited.text, "chip.json"), edited.changes};
}

std::string usage_error_of(const std::string& edit) {
  return error_of(ExitCode::kUsage, [&] { (void)set(consistent(), edit); });
}

using Changes = std::vector<std::string>;

TEST(Set, AFactor) {
  const Result r = set(consistent(), "memory.dram.bandwidth_bytes_per_second=2x");
  EXPECT_DOUBLE_EQ(r.hardware.main_memory().bandwidth_bytes_per_second.value, 2 * 5.12e10);
  EXPECT_EQ(r.changes, Changes{"memory.dram.bandwidth_bytes_per_second: 5.12e+10 -> 1.024e+11"});
}

TEST(Set, AValueWithTheUnitOfTheKeyLeftOut) {
  const Result r = set(consistent(), "memory.dram.capacity=4e9");
  EXPECT_EQ(r.hardware.main_memory().capacity_bytes.value, 4e9);
}

TEST(Set, ANumberThatWasAbsent) {
  const Result r = set(consistent(), "launch.dispatch=5e-6");
  EXPECT_EQ(r.hardware.launch.dispatch_seconds.value, 5e-6);
  EXPECT_EQ(r.changes, Changes{"launch.dispatch_seconds: absent -> 5e-06"});
}

TEST(Set, ElementsByNameByKindAndByPosition) {
  for (const char* path : {"memory.LPDDR5.latency", "memory.dram.latency", "memory.2.latency"}) {
    const Result r = set(consistent(), std::string(path) + "=1e-7");
    EXPECT_EQ(r.hardware.main_memory().latency_seconds.value, 1e-7) << path;
  }
}

TEST(Set, OperandTypesInShortForm) {
  const Result r = set(consistent(), "engines.matrix.joules_per_operation.fp16=2e-12");
  EXPECT_EQ(r.hardware.engines[0].joules_per_operation[MathType::kFloat16].value, 2e-12);
}

TEST(Set, ASelectorThatFitsSeveralEditsThoseThatHaveTheField) {
  const Hardware base = load_hardware("h100");
  const std::vector<std::string> edits = {"engines.matrix.peaks.float64=2x"};
  const Hardware edited = load_hardware("h100", edits);
  EXPECT_DOUBLE_EQ(edited.engines[1].peaks[MathType::kFloat64].value,
                   2 * base.engines[1].peaks[MathType::kFloat64].value);
  EXPECT_FALSE(edited.engines[0].peaks[MathType::kFloat64].known());
}

TEST(Set, AnEditedNumberIsTheUsers) {
  const Result r = set(consistent(), "engines.vector.peaks.float32=1e11");
  const Quantity& q = r.hardware.engines[1].peaks[MathType::kFloat32];
  EXPECT_EQ(q.status, Status::kUser);
  EXPECT_EQ(q.source, "");
}

TEST(Set, MoreUnitsComputeMore) {
  const Result r = set(consistent(), "engines.matrix.count=8");
  EXPECT_DOUBLE_EQ(r.hardware.engines[0].peaks[MathType::kFloat16].value, 2 * 2.048e12);
  EXPECT_DOUBLE_EQ(r.hardware.engines[0].peaks[MathType::kInt8].value, 2 * 4.096e12);
  EXPECT_EQ(r.changes, (Changes{"engines.matrix.count: 4 -> 8",
                                "engines.matrix.peaks.float16: 2.048e+12 -> 4.096e+12",
                                "engines.matrix.peaks.int8: 4.096e+12 -> 8.192e+12"}));
}

TEST(Set, AFasterClockSpeedsUpSpecialFunctionsToo) {
  const Result r = set(consistent(), "engines.vector.clock=1.5x");
  EXPECT_DOUBLE_EQ(r.hardware.engines[1].peaks[MathType::kFloat32].value, 1.5 * 1.28e11);
  EXPECT_DOUBLE_EQ(r.hardware.engines[1].special_function_rate.value, 1.5 * 1.6e10);
}

TEST(Set, APeakAndItsWidthAgree) {
  const Result peak = set(consistent(), "engines.matrix.peaks.int8=0.5x");
  EXPECT_DOUBLE_EQ(peak.hardware.engines[0].ops_per_clock[MathType::kInt8].value, 512);
  const Result width = set(consistent(), "engines.matrix.ops_per_clock.int8=2048");
  EXPECT_DOUBLE_EQ(width.hardware.engines[0].peaks[MathType::kInt8].value, 2 * 4.096e12);
}

TEST(Set, ALargerArrayComputesMore) {
  const std::vector<std::string> edits = {"engines.mxu.array.rows=256",
                                          "engines.mxu.array.dataflow=output_stationary"};
  const Hardware h = load_hardware("tpu-v4", edits);
  EXPECT_DOUBLE_EQ(h.engines[0].peaks[MathType::kBfloat16].value, 2 * 275e12);
  EXPECT_EQ(h.engines[0].array->dataflow, Dataflow::kOutputStationary);
  EXPECT_EQ(h.edits.size(), 6U);
}

TEST(Set, BandwidthMovesTheMeasuredOneWithIt) {
  const Result r = set(consistent(), "memory.l2.bandwidth=2x");
  EXPECT_DOUBLE_EQ(r.hardware.level(MemoryKind::kL2)->sustained_bandwidth(), 2 * 2e11);
}

TEST(Set, BandwidthIsTheMeasuredOneWhereThatIsAllThereIs) {
  const double before = load_hardware("h100").level(MemoryKind::kL2)->sustained_bandwidth();
  const std::vector<std::string> edits = {"memory.l2.bandwidth=2x"};
  const Hardware h = load_hardware("h100", edits);
  EXPECT_DOUBLE_EQ(h.level(MemoryKind::kL2)->sustained_bandwidth(), 2 * before);
}

TEST(Set, AnAchievableFractionCountsEvenWhereThereWasAMeasurement) {
  const Result r = set(consistent(), "memory.l2.achievable_fraction=0.5");
  EXPECT_DOUBLE_EQ(r.hardware.level(MemoryKind::kL2)->sustained_bandwidth(), 2.5e11 * 0.5);
}

TEST(Set, ChangesTheHash) {
  EXPECT_NE(set(consistent(), "power.tdp=20").hardware.hash, parse(consistent()).hash);
}

TEST(SetErrors, NotAnEdit) {
  EXPECT_EQ(usage_error_of("memory.dram.bandwidth"),
            "--set memory.dram.bandwidth: expected FIELD=VALUE, such as "
            "memory.dram.bandwidth=2x");
}

TEST(SetErrors, UnknownElement) {
  EXPECT_EQ(usage_error_of("memory.drm.bandwidth=2x"),
            "--set memory.drm.bandwidth=2x: no 'drm' in 'memory'; did you mean 'dram'? There are: "
            "l1, l2, dram");
}

TEST(SetErrors, UnknownKey) {
  EXPECT_EQ(usage_error_of("power.tpd=2x"),
            "--set power.tpd=2x: no 'tpd' in 'power'; did you mean 'tdp'? There are: tdp_watts, "
            "idle_watts");
}

TEST(SetErrors, UnknownSection) {
  const std::string message = usage_error_of("memry.dram.bandwidth=2x");
  EXPECT_EQ(message.substr(0, message.find(" There")),
            "--set memry.dram.bandwidth=2x: no 'memry' in a hardware description; did you mean "
            "'memory'?");
}

TEST(SetErrors, ASectionIsNotAValue) {
  EXPECT_EQ(usage_error_of("power=2x"),
            "--set power=2x: 'power' is not a single value; go on with one of: tdp_watts, "
            "idle_watts");
}

TEST(SetErrors, NotANumber) {
  EXPECT_EQ(usage_error_of("power.tdp=12W"),
            "--set power.tdp=12W: '12W' is not a value for 'power.tdp_watts'; expected a number in "
            "base units such as 4e12, or a factor such as 2x");
}

TEST(SetErrors, OutOfRange) {
  EXPECT_EQ(usage_error_of("memory.dram.achievable_fraction=2x"),
            "--set memory.dram.achievable_fraction=2x: 1.6 is out of range for "
            "'memory.dram.achievable_fraction'; expected a fraction, greater than 0 and at most 1");
}

TEST(SetErrors, AFactorOfNothing) {
  EXPECT_EQ(usage_error_of("engines.matrix.peaks.float4=2x"),
            "--set engines.matrix.peaks.float4=2x: 'engines.matrix.peaks.float4' has no value that "
            "a factor could change; give a number");
}

TEST(SetErrors, UnknownWord) {
  EXPECT_EQ(usage_error_of("engines.matrix.unit=tensor"),
            "--set engines.matrix.unit=tensor: 'tensor' is not a value for 'engines.matrix.unit'; "
            "expected one of matrix, vector, scalar, in_memory");
}

TEST(SetErrors, Text) {
  EXPECT_EQ(usage_error_of("name=chip"),
            "--set name=chip: 'name' is text; only numbers and choices can be set");
}

TEST(SetErrors, AnEditThatLeavesTheDescriptionIncomplete) {
  EXPECT_EQ(usage_error_of("engines.matrix.array.rows=8"),
            "--set engines.matrix.array.rows=8: chip.json: /engines/0/array: the key 'cols' is "
            "missing: Multiply-accumulators across.");
}

TEST(SetErrors, ABadFileIsNotTheFaultOfTheEdit) {
  EXPECT_EQ(error_of(ExitCode::kInput, [] { (void)apply_set("{}", "chip.json", "power.tdp=1"); }),
            "chip.json: /: the key 'schema_version' is missing: The version of this format.");
}

}  // namespace
}  // namespace aiprof::testing
