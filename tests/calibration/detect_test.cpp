// Descriptions of hosts, from what their systems say.
#include "aiprof/calibration/detect.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "aiprof/base/error.h"
#include "aiprof/hardware/catalogue.h"
#include "calibration/host.h"

namespace aiprof {
namespace {

// A directory that stands for the root of a system.
class FakeRoot {
 public:
  FakeRoot() : root_(std::filesystem::path(testing::TempDir()) / "aiprof_root") {
    std::filesystem::remove_all(root_);
  }
  ~FakeRoot() { std::filesystem::remove_all(root_); }
  FakeRoot(const FakeRoot&) = delete;
  FakeRoot& operator=(const FakeRoot&) = delete;

  void file(const std::string& path, const std::string& text) const {
    const std::filesystem::path full = root_ / path;
    std::filesystem::create_directories(full.parent_path());
    std::ofstream(full, std::ios::binary) << text;
  }
  void cache(int index, const std::string& level, const std::string& size,
             const std::string& shared) const {
    const std::string base = "sys/devices/system/cpu/cpu0/cache/index" + std::to_string(index);
    file(base + "/type", "Unified\n");
    file(base + "/level", level + "\n");
    file(base + "/size", size + "\n");
    file(base + "/shared_cpu_list", shared + "\n");
  }
  void processors(int n, const std::string& rest) const {
    std::string text;
    for (int i = 0; i < n; ++i) {
      text += "processor\t: " + std::to_string(i) + "\n" + rest +
              "physical id\t: 0\ncore id\t\t: " + std::to_string(i) + "\n\n";
    }
    file("proc/cpuinfo", text);
    file("proc/meminfo", "MemTotal:       16777216 kB\n");
  }
  [[nodiscard]] std::string path() const { return root_.string(); }

 private:
  std::filesystem::path root_;
};

Hardware detected(const FakeRoot& root) {
  return parse_hardware(detect_host(root.path()), "host.json");
}

double rate(const Hardware& h, EngineUnit unit, MathType type) {
  const auto found = find_rate(h, unit, type);
  return found ? found->peak->value : 0;
}

TEST(DetectHost, CountsLanesPipesAndCores) {
  const FakeRoot root;
  root.processors(4,
                  "vendor_id\t: GenuineIntel\ncpu family\t: 6\nmodel name\t: Some Xeon\n"
                  "cpu MHz\t\t: 2000.000\nflags\t\t: fpu sse2 avx avx2 fma avx512f avx512_vnni\n");
  root.cache(0, "1", "48K", "0");
  root.cache(1, "2", "2048K", "0");
  root.cache(2, "3", "32M", "0-3");
  const Hardware h = detected(root);
  EXPECT_EQ(h.name, "Some Xeon");
  EXPECT_DOUBLE_EQ(rate(h, EngineUnit::kVector, MathType::kFloat32), 4 * 2e9 * (2 * 16 * 2));
  EXPECT_DOUBLE_EQ(rate(h, EngineUnit::kVector, MathType::kInt8), 4 * 2e9 * 4 * (2 * 16 * 2));
  ASSERT_NE(h.level(MemoryKind::kLlc), nullptr);
  EXPECT_EQ(h.level(MemoryKind::kLlc)->scope, Scope::kShared);
  EXPECT_EQ(h.level(MemoryKind::kLlc)->capacity_bytes.value, 32.0 * 1024 * 1024);
  EXPECT_EQ(h.level(MemoryKind::kL2)->scope, Scope::kPerUnit);
  EXPECT_EQ(h.level(MemoryKind::kL2)->units.value, 4);
  EXPECT_EQ(h.main_memory().capacity_bytes.value, 16777216.0 * 1024);
  EXPECT_EQ(h.calibration.state, CalibrationState::kDatasheet);
}

TEST(DetectHost, SplitsWideVectorsOnZen4) {
  const FakeRoot root;
  root.processors(2,
                  "vendor_id\t: AuthenticAMD\ncpu family\t: 25\nmodel name\t: Some EPYC\n"
                  "cpu MHz\t\t: 3000.000\nflags\t\t: sse2 avx avx2 fma avx512f avx512_bf16\n");
  EXPECT_DOUBLE_EQ(rate(detected(root), EngineUnit::kVector, MathType::kFloat32), 2 * 3e9 * 32);
}

TEST(DetectHost, TakesTheStatedMaximumOfTheClock) {
  const FakeRoot root;
  root.processors(1, "cpu MHz\t\t: 1200.000\nflags\t\t: sse2 avx avx2 fma\n");
  root.file("sys/devices/system/cpu/cpu0/cpufreq/cpuinfo_max_freq", "4000000\n");
  EXPECT_DOUBLE_EQ(rate(detected(root), EngineUnit::kVector, MathType::kFloat32), 4e9 * 32);
}

TEST(DetectHost, AddsTilesOfMatrices) {
  const FakeRoot root;
  root.processors(2,
                  "cpu MHz\t\t: 2000.000\n"
                  "flags\t\t: sse2 avx avx2 fma avx512f amx_tile amx_bf16 amx_int8\n");
  const Hardware h = detected(root);
  EXPECT_DOUBLE_EQ(rate(h, EngineUnit::kMatrix, MathType::kBfloat16),
                   2 * 2e9 * (2 * 16 * 16 * 32 / 16));
  EXPECT_DOUBLE_EQ(rate(h, EngineUnit::kMatrix, MathType::kInt8),
                   2 * 2e9 * (2 * 16 * 16 * 64 / 16));
}

TEST(DetectHost, MarksWhatItAssumes) {
  const FakeRoot root;
  root.processors(2, "cpu MHz\t\t: 2000.000\nflags\t\t: sse2 avx avx2 fma\n");
  const Hardware h = detected(root);
  const Quantity& bandwidth = h.main_memory().bandwidth_bytes_per_second;
  EXPECT_EQ(bandwidth.source, kAssumedSource);
  EXPECT_EQ(bandwidth.status, Status::kRecalled);
}

// A guest sees the whole last cache of the processor, and has a share of it.
TEST(DetectHost, AssumesTheLastCacheOfAVirtualMachine) {
  for (const bool guest : {false, true}) {
    const FakeRoot root;
    root.processors(2, std::string("cpu MHz\t\t: 2000.000\nflags\t\t: sse2 avx avx2 fma") +
                           (guest ? " hypervisor\n" : "\n"));
    root.cache(0, "2", "2048K", "0");
    root.cache(1, "3", "491520K", "0-1");
    const Hardware h = detected(root);
    ASSERT_NE(h.level(MemoryKind::kLlc), nullptr);
    EXPECT_EQ(h.level(MemoryKind::kLlc)->capacity_bytes.source == kAssumedSource, guest);
    EXPECT_NE(h.level(MemoryKind::kL2)->capacity_bytes.source, kAssumedSource);
  }
}

// The clock of a copy of another machine's files is not that of this one.
TEST(DetectHost, TimesTheClockOfThisMachineAlone) {
  const FakeRoot root;
  root.processors(1, "cpu MHz\t\t: 7.000\nflags\t\t: sse2 avx avx2 fma\n");
  EXPECT_DOUBLE_EQ(rate(detected(root), EngineUnit::kVector, MathType::kFloat32), 7e6 * 32);
  if (const auto clock = calibration::measured_clock()) {
    EXPECT_GT(*clock, 3e8);
    EXPECT_LT(*clock, 1.2e10);
  }
}

// Two modules of 64 bits at 3200 million transfers, and an empty slot.
TEST(ModuleBandwidth, AddsTheInstalledModules) {
  const auto device = [](unsigned size, unsigned speed) {
    std::string s(0x22, '\0');
    s[0] = 17;
    s[1] = 0x22;
    s[0x0A] = 64;
    s[0x0C] = static_cast<char>(size & 0xFF);
    s[0x0D] = static_cast<char>(size >> 8);
    s[0x20] = static_cast<char>(speed & 0xFF);
    s[0x21] = static_cast<char>(speed >> 8);
    return s + std::string("DIMM\0\0", 6);
  };
  const auto sum =
      calibration::module_bandwidth(device(16384, 3200) + device(16384, 3200) + device(0, 0));
  ASSERT_TRUE(sum);
  EXPECT_DOUBLE_EQ(*sum, 2 * 3200e6 * 64 / 8);
  EXPECT_FALSE(calibration::module_bandwidth(device(0, 0)));
  EXPECT_FALSE(calibration::module_bandwidth("\x11"));
}

TEST(DetectHost, NeedsASystemThatSaysSomething) {
  const FakeRoot root;
  EXPECT_THROW((void)detect_host(root.path()), Error);
  root.processors(1, "cpu MHz\t\t: 1000.000\nflags\t\t: fpu\n");
  EXPECT_THROW((void)detect_host(root.path()), Error);
}

}  // namespace
}  // namespace aiprof
