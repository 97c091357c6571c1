// What a parsed description answers.
#include <gtest/gtest.h>

#include <algorithm>

#include "aiprof/hardware/constants.h"
#include "hardware/samples.h"

namespace aiprof::testing {
namespace {

// A matrix engine and a vector engine with rates for these types.
Hardware machine(const std::vector<const char*>& matrix, const std::vector<const char*>& vector) {
  Json json = minimal();
  json["engines"] = Json::array();
  const auto add = [&](const char* unit, const std::vector<const char*>& types) {
    if (types.empty()) return;
    Json peaks;
    for (const char* type : types) peaks[type] = 1e12;
    json["engines"].push_back({{"name", unit}, {"unit", unit}, {"peaks", peaks}});
  };
  add("matrix", matrix);
  add("vector", vector);
  return parse(json);
}

// "unit type", with " *" if it is not what was asked for; "none".
std::string resolved(const Hardware& hardware, EngineUnit unit, MathType type) {
  const auto rate = find_rate(hardware, unit, type);
  if (!rate) return "none";
  return std::string(name(rate->engine->unit)) + ' ' + std::string(name(rate->type)) +
         (rate->substituted ? " *" : "");
}

TEST(FindRate, TheTypeOnItsUnit) {
  const Hardware h = machine({"float16"}, {"float16", "float32"});
  EXPECT_EQ(resolved(h, EngineUnit::kMatrix, MathType::kFloat16), "matrix float16");
  EXPECT_EQ(resolved(h, EngineUnit::kVector, MathType::kFloat16), "vector float16");
}

TEST(FindRate, Float8RunsAsFloat16WhereThereIsNone) {
  const Hardware a100 = load_hardware("a100");
  EXPECT_EQ(resolved(a100, EngineUnit::kMatrix, MathType::kFloat8), "matrix float16 *");
  const Hardware tpu = load_hardware("tpu-v4");
  EXPECT_EQ(resolved(tpu, EngineUnit::kMatrix, MathType::kFloat8), "matrix bfloat16 *");
  const Hardware h100 = load_hardware("h100");
  EXPECT_EQ(resolved(h100, EngineUnit::kMatrix, MathType::kFloat8), "matrix float8");
}

TEST(FindRate, Bfloat16RunsAsFloat32OnVectorUnitsOfVoltaAndTuring) {
  for (const char* id : {"v100", "t4"}) {
    EXPECT_EQ(resolved(load_hardware(id), EngineUnit::kMatrix, MathType::kBfloat16),
              "vector float32 *")
        << id;
  }
}

TEST(FindRate, Int4RunsAsInt8WherePartsHaveNoInt4) {
  EXPECT_EQ(resolved(load_hardware("h100"), EngineUnit::kMatrix, MathType::kInt4), "matrix int8 *");
  EXPECT_EQ(resolved(load_hardware("a100"), EngineUnit::kMatrix, MathType::kInt4), "matrix int4");
}

TEST(FindRate, Float32IsNeverRoundedOnItsOwnAccount) {
  // TF32 is a mode that a runtime chooses, not a fallback.
  EXPECT_EQ(resolved(load_hardware("a100"), EngineUnit::kMatrix, MathType::kFloat32),
            "vector float32 *");
  EXPECT_EQ(resolved(load_hardware("mi300x"), EngineUnit::kMatrix, MathType::kFloat32),
            "matrix float32");
}

TEST(FindRate, SixteenBitAccumulationIsAModeOfSomePartsOnly) {
  EXPECT_EQ(resolved(load_hardware("rtx4090"), EngineUnit::kMatrix, MathType::kFloat16Acc16),
            "matrix float16_accumulate_float16");
  EXPECT_EQ(resolved(load_hardware("a100"), EngineUnit::kMatrix, MathType::kFloat16Acc16),
            "matrix float16 *");
}

TEST(FindRate, TheTypeOnTheVectorUnitBeatsAWiderTypeOnTheMatrixUnit) {
  EXPECT_EQ(
      resolved(machine({"float16"}, {"int8", "float32"}), EngineUnit::kMatrix, MathType::kInt8),
      "vector int8 *");
}

TEST(FindRate, NothingWhereTheMachineCannot) {
  EXPECT_EQ(resolved(load_hardware("tpu-v4"), EngineUnit::kMatrix, MathType::kFloat64), "none");
  EXPECT_EQ(resolved(load_hardware("hbm-pim"), EngineUnit::kVector, MathType::kFloat32), "none");
}

TEST(FindRate, OfSeveralEnginesTheFastest) {
  Json json = minimal();
  json["engines"].push_back({{"name", "big"}, {"unit", "matrix"}, {"peaks", {{"int8", 9e12}}}});
  const Hardware h = parse(json);
  EXPECT_EQ(find_rate(h, EngineUnit::kMatrix, MathType::kInt8)->engine->name, "big");
}

TEST(MathTypes, NamesOfTensorsAndShortForms) {
  EXPECT_EQ(parse_math_type("uint8"), MathType::kInt8);
  EXPECT_EQ(parse_math_type("float8e5m2"), MathType::kFloat8);
  EXPECT_EQ(parse_math_type("float4e2m1"), MathType::kFloat4);
  EXPECT_EQ(parse_math_type("BF16"), MathType::kBfloat16);
  EXPECT_EQ(parse_math_type("int64"), MathType::kInt32);
  EXPECT_EQ(parse_math_type("string"), std::nullopt);
  EXPECT_EQ(parse_math_type("complex64"), std::nullopt);
  for (const MathType type : all_math_types()) EXPECT_EQ(parse_math_type(name(type)), type);
}

TEST(Hardware, QuantitiesKnowWhereTheyStandAndComeFrom) {
  const Hardware h = parse(consistent());
  const Quantity& peak = h.engines[1].peaks[MathType::kFloat32];
  EXPECT_EQ(peak.path, "engines.vector.peaks.float32");
  EXPECT_EQ(peak.status, Status::kVerified);
  EXPECT_EQ(h.source(peak.source)->title, "data sheet");
  EXPECT_EQ(h.power.tdp_watts.status, Status::kUser);
  EXPECT_FALSE(h.launch.dispatch_seconds.known());
  EXPECT_EQ(h.links[0].bandwidth_bytes_per_second.path, "links.host.bandwidth_bytes_per_second");
}

TEST(Hardware, PathsTellElementsOfOneKindApartByName) {
  const Hardware h100 = load_hardware("h100");
  EXPECT_EQ(h100.engines[0].clock_hz.path, "engines.tensor-cores.clock_hz");
  EXPECT_EQ(h100.engines[1].clock_hz.path, "engines.float64-tensor-cores.clock_hz");
  EXPECT_EQ(h100.engines[2].clock_hz.path, "engines.vector.clock_hz");
}

TEST(Hardware, BandwidthOfALevel) {
  const Hardware h = parse(consistent());
  EXPECT_DOUBLE_EQ(h.level(MemoryKind::kL2)->sustained_bandwidth(), 2e11);  // measured
  EXPECT_DOUBLE_EQ(h.main_memory().sustained_bandwidth(), 5.12e10 * 0.8);
  EXPECT_DOUBLE_EQ(h.level(MemoryKind::kL1)->sustained_bandwidth(), 5.12e11);
  EXPECT_DOUBLE_EQ(h.level(MemoryKind::kL1)->total_capacity_bytes(), 4 * 64 * 1024);
  EXPECT_EQ(h.level(MemoryKind::kLlc), nullptr);
}

TEST(Hardware, KindFollowsFromTheEntries) {
  EXPECT_TRUE(load_hardware("tpu-v4").has_systolic());
  EXPECT_FALSE(load_hardware("a100").has_systolic());
  EXPECT_TRUE(load_hardware("hbm-pim").has(EngineUnit::kInMemory));
  EXPECT_TRUE(load_hardware("xeon").has(EngineUnit::kScalar));
  EXPECT_FALSE(load_hardware("a100").has(EngineUnit::kScalar));
  EXPECT_TRUE(load_hardware("groq").on_chip_only());
  EXPECT_EQ(load_hardware("groq").main_memory().kind, MemoryKind::kSram);
  EXPECT_FALSE(load_hardware("h100").on_chip_only());
}

TEST(Hardware, TheHashIsOfTheContent) {
  const Json json = consistent();
  Json other = json;
  other["power"]["tdp_watts"] = 11;
  EXPECT_EQ(parse_hardware(json.dump(), "a").hash, parse_hardware(json.dump(4), "b").hash);
  EXPECT_NE(parse(json).hash, parse(other).hash);
  EXPECT_EQ(parse(json).hash.size(), 16U);
}

TEST(Hardware, CalibrationIsRead) {
  const ConstantSpec& constant = constant_specs().front();
  const std::string key(constant.name);
  Json json = minimal();
  json["calibration"] = {
      {"state", "fitted"},
      {"constants", {{key, constant.high}}},
      {"residuals", {{"gemm", {{"n", 120}, {"p10", 0.9}, {"p50", 1.01}, {"p90", 1.2}}}}},
      {"fitted_on", {"gemm.csv"}},
      {"date", "2026-01-01"}};
  const Calibration c = parse(json).calibration;
  EXPECT_EQ(c.state, CalibrationState::kFitted);
  EXPECT_EQ(c.constants.at(key).value, constant.high);
  EXPECT_EQ(c.constants.at(key).path, "calibration.constants." + key);
  EXPECT_EQ(c.residuals.at("gemm").p90.value, 1.2);
  EXPECT_EQ(c.fitted_on, std::vector<std::string>{"gemm.csv"});
  EXPECT_EQ(parse(minimal()).calibration.state, CalibrationState::kDatasheet);
}

}  // namespace
}  // namespace aiprof::testing
