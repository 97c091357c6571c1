// The descriptions that are shipped.
#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>

#include "hardware/samples.h"

namespace aiprof::testing {
namespace {

TEST(Catalogue, HasTheseDevices) {
  const char* const ids[] = {"a10",
                             "a100-pcie-40",
                             "a100-pcie-80",
                             "a100-sxm-40",
                             "a100-sxm-80",
                             "a30",
                             "b200",
                             "epyc-9654",
                             "gaudi2",
                             "gaudi3",
                             "gb200",
                             "gddr6-aim",
                             "gh200-96",
                             "groq-lpu1",
                             "h100-pcie",
                             "h100-sxm",
                             "h200-sxm",
                             "hbm-pim",
                             "hexagon-x-elite",
                             "l4",
                             "l40s",
                             "m1-max",
                             "m1-ultra",
                             "m2-max",
                             "m2-ultra",
                             "m3-max",
                             "mi210",
                             "mi250x",
                             "mi300x",
                             "mi325x",
                             "orin-agx-64",
                             "orin-nano-8",
                             "rtx3090",
                             "rtx4090",
                             "t4",
                             "tpu-v3",
                             "tpu-v4",
                             "tpu-v5e",
                             "tpu-v5p",
                             "tpu-v6e",
                             "v100-pcie",
                             "v100-sxm2",
                             "wse2",
                             "wse3",
                             "xeon-8480p"};
  const std::vector<CatalogueEntry> entries = catalogue();
  ASSERT_EQ(entries.size(), std::size(ids));
  for (std::size_t i = 0; i < entries.size(); ++i) EXPECT_EQ(entries[i].id, ids[i]);
}

TEST(Catalogue, EveryFileLoadsAndLintsClean) {
  for (const CatalogueEntry& entry : catalogue()) {
    const Hardware h = load_hardware(entry.id);
    EXPECT_EQ(h.id, entry.id);
    EXPECT_EQ(h.file, entry.id + " (built in)");
    EXPECT_FALSE(h.name.empty());
    for (const Finding& f : lint(h)) {
      // One part publishes a single rate and nothing to check it with.
      EXPECT_EQ(f.severity, Finding::Severity::kNote) << entry.id << ' ' << f.path << ' ' << f.text;
      EXPECT_EQ(entry.id, "hexagon-x-elite") << f.text;
    }
  }
}

TEST(Catalogue, EveryNumberHasAStatusAndVerifiedOnesASource) {
  for (const CatalogueEntry& entry : catalogue()) {
    const Hardware h = load_hardware(entry.id);
    std::set<std::string> used;
    for (const Quantity* q : quantities(h)) {
      EXPECT_NE(q->status, Status::kUser) << entry.id << ' ' << q->path;
      if (q->status != Status::kRecalled) {
        EXPECT_NE(h.source(q->source), nullptr) << entry.id << ' ' << q->path;
      }
      used.insert(q->source);
    }
    for (const Engine& e : h.engines) {
      if (e.tile) used.insert(e.tile->source);
      if (e.array) used.insert(e.array->source);
    }
    for (const Source& source : h.sources) {
      EXPECT_TRUE(used.count(source.key) == 1) << entry.id << " never uses " << source.key;
    }
  }
}

TEST(Catalogue, TheEmbeddedTextIsTheFile) {
  for (const CatalogueEntry& entry : catalogue()) {
    std::ifstream in(AIPROF_SOURCE_DIR "/models/hardware/" + entry.id + ".json");
    std::ostringstream text;
    text << in.rdbuf();
    EXPECT_EQ(hardware_text(entry.id).text, text.str()) << entry.id;
  }
}

TEST(Catalogue, NamesAreUnique) {
  std::set<std::string> names;
  for (const CatalogueEntry& entry : catalogue()) {
    EXPECT_TRUE(names.insert(entry.id).second) << entry.id;
    for (const std::string& alias : entry.aliases) EXPECT_TRUE(names.insert(alias).second) << alias;
    EXPECT_EQ(load_hardware(entry.id).aliases, entry.aliases);
  }
}

TEST(Catalogue, FamilyNamesMeanTheMostCommonPart) {
  const std::pair<const char*, const char*> aliases[] = {
      {"a100", "a100-sxm-80"},      {"A100.json", "a100-sxm-80"},
      {"a100-40", "a100-sxm-40"},   {"h100", "h100-sxm"},
      {"h200", "h200-sxm"},         {"v100", "v100-sxm2"},
      {"rtx-4090", "rtx4090"},      {"RTX_3090", "rtx3090"},
      {"tpu_v4", "tpu-v4"},         {"xeon", "xeon-8480p"},
      {"xeon-8480+", "xeon-8480p"}, {"epyc", "epyc-9654"},
      {"groq", "groq-lpu1"},        {"wse", "wse3"},
      {"orin", "orin-agx-64"},      {"mi300", "mi300x"},
      {"trillium", "tpu-v6e"},      {"pim", "hbm-pim"}};
  for (const auto& [alias, id] : aliases) EXPECT_EQ(load_hardware(alias).id, id) << alias;
}

TEST(Catalogue, AnExistingFileComesFirst) {
  const std::string path = ::testing::TempDir() + "aiprof_chip.json";
  std::ofstream(path) << minimal().dump();
  const Hardware h = load_hardware(path);
  EXPECT_EQ(h.name, "my chip");
  EXPECT_EQ(h.file, path);
  std::remove(path.c_str());
}

double peak(const char* id, EngineUnit unit, MathType type) {
  return find_rate(load_hardware(id), unit, type)->peak->value;
}

// units x operations per clock and unit x clock; data sheets round.
constexpr double kRounding = 0.01;

struct PeakCase {
  const char* id;
  EngineUnit unit;
  MathType type;
  double product;
};

TEST(Catalogue, PeaksAreUnitsTimesWidthTimesClock) {
  using enum MathType;
  constexpr auto kM = EngineUnit::kMatrix;
  constexpr auto kV = EngineUnit::kVector;
  const PeakCase cases[] = {
      {"a100-sxm-80", kM, kFloat16, 108.0 * 4 * 256 * 2 * 1.41e9},
      {"a100-sxm-80", kM, kInt8, 108.0 * 4 * 512 * 2 * 1.41e9},
      {"a100-sxm-80", kM, kTf32, 108.0 * 4 * 128 * 2 * 1.41e9},
      {"a100-sxm-80", kV, kFloat32, 108.0 * 64 * 2 * 1.41e9},
      {"h100-sxm", kM, kBfloat16, 132.0 * 4 * 512 * 2 * 1.83e9},
      {"h100-sxm", kM, kFloat8, 132.0 * 4 * 1024 * 2 * 1.83e9},
      {"h100-sxm", kM, kFloat64, 132.0 * 4 * 32 * 2 * 1.98e9},
      {"h100-sxm", kV, kFloat32, 132.0 * 128 * 2 * 1.98e9},
      {"h100-pcie", kM, kBfloat16, 114.0 * 4 * 512 * 2 * 1.62e9},
      {"b200", kM, kBfloat16, 148.0 * 4 * 1024 * 2 * 1.856e9},
      {"rtx4090", kM, kFloat16, 128.0 * 4 * 64 * 2 * 2.52e9},
      {"rtx4090", kM, kFloat16Acc16, 128.0 * 4 * 128 * 2 * 2.52e9},
      {"l4", kM, kFloat16, 58.0 * 4 * 128 * 2 * 2.04e9},
      {"t4", kM, kInt8, 40.0 * 8 * 128 * 2 * 1.59e9},
      {"mi300x", kM, kFloat16, 304.0 * 2048 * 2.1e9},
      {"mi300x", kM, kFloat8, 304.0 * 4096 * 2.1e9},
      {"mi300x", kV, kFloat32, 304.0 * 256 * 2.1e9},
      {"mi250x", kM, kFloat16, 220.0 * 1024 * 1.7e9},
      {"tpu-v3", kM, kBfloat16, 2 * 2 * 128.0 * 128 * 2 * 0.94e9},
      {"tpu-v4", kM, kBfloat16, 2 * 4 * 128.0 * 128 * 2 * 1.05e9},
      {"tpu-v5e", kM, kBfloat16, 4 * 128.0 * 128 * 2 * 1.5e9},
      {"tpu-v5p", kM, kBfloat16, 2 * 4 * 128.0 * 128 * 2 * 1.75e9},
      {"gaudi2", kM, kBfloat16, 2 * 256.0 * 256 * 2 * 1.65e9},
      {"xeon-8480p", kM, kBfloat16, 56.0 * 1024 * 2.6e9},
      {"epyc-9654", kV, kFloat32, 96.0 * 32 * 2.4e9},
      {"m1-max", kV, kFloat32, 32.0 * 128 * 2 * 1.296e9},
  };
  for (const PeakCase& c : cases) {
    EXPECT_NEAR(peak(c.id, c.unit, c.type) / c.product, 1, kRounding)
        << c.id << ' ' << name(c.type);
  }
}

TEST(Catalogue, CapacitiesAreWhatDevicesReport) {
  const Hardware a100 = load_hardware("a100");
  EXPECT_EQ(a100.level(MemoryKind::kL2)->capacity_bytes.value, 40.0 * 1024 * 1024);
  EXPECT_EQ(a100.main_memory().capacity_bytes.value, 80.0 * 1024 * 1024 * 1024);
  EXPECT_EQ(a100.level(MemoryKind::kScratchpad)->total_capacity_bytes(), 108.0 * 164 * 1024);
  const Hardware mi300x = load_hardware("mi300x");
  EXPECT_EQ(mi300x.level(MemoryKind::kL2)->total_capacity_bytes(), 8.0 * 4 * 1024 * 1024);
}

TEST(Catalogue, BandwidthOfMemoriesFromTheirPins) {
  const std::pair<const char*, double> cases[] = {
      {"a100-pcie-40", 5120.0 / 8 * 2 * 1.215e9},  // HBM2, 5 stacks
      {"t4", 256.0 / 8 * 10e9},                    // GDDR6 at 10 Gbit/s a pin
      {"l4", 192.0 / 8 * 12.5e9},
      {"rtx3090", 384.0 / 8 * 19.5e9},
      {"rtx4090", 384.0 / 8 * 21e9},
      {"l40s", 384.0 / 8 * 18e9},
      {"xeon-8480p", 8 * 8 * 4.8e9},  // channels x bytes x transfers
      {"epyc-9654", 12 * 8 * 4.8e9},
      {"orin-agx-64", 256.0 / 8 * 6.4e9}};
  for (const auto& [id, bandwidth] : cases) {
    EXPECT_NEAR(load_hardware(id).main_memory().bandwidth_bytes_per_second.value / bandwidth, 1,
                kRounding)
        << id;
  }
}

}  // namespace
}  // namespace aiprof::testing
