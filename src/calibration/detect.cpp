#include "aiprof/calibration/detect.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>

#include "aiprof/base/error.h"
#include "aiprof/base/text.h"
#include "calibration/host.h"

namespace aiprof {
namespace {

using Json = nlohmann::ordered_json;
using calibration::CacheFact;
using calibration::HostFacts;

constexpr const char* kSystem = "linux";
constexpr const char* kInstructions = "instruction-sets";

Json derived(double value, std::string_view source, std::string_view note = {}) {
  Json q = {{"value", value}, {"source", source}, {"status", "derived"}};
  if (!note.empty()) q["note"] = note;
  return q;
}
Json assumed(double value, std::string_view note) {
  return {{"value", value}, {"source", kAssumedSource}, {"status", "recalled"}, {"note", note}};
}

// Rates of the vector units of one core, in operations per clock.
struct VectorUnit {
  std::string name;
  double lanes = 0;    // of 32 bits
  double float32 = 0;  // a multiply-add being two
  double float64 = 0;
  double float16 = 0;  // 0: none
  double bfloat16 = 0;
  double int8 = 0;
  std::string note;
};

// Two pipes that multiply and add full vectors in every clock are what server cores have; parts
// with one, and those that split 512 bits in two, are named.
VectorUnit x86_unit(const HostFacts& host) {
  VectorUnit v;
  const bool amd = host.vendor == "AuthenticAMD" || host.vendor == "HygonGenuine";
  constexpr int kZen5 = 26;
  if (host.has("avx512f")) {
    v.name = "AVX-512";
    v.lanes = 16;
    const bool halves = amd && host.family < kZen5;
    v.float32 = halves ? 32 : 64;
    v.note = halves ? "512 bits in two passes" : "two 512-bit multiply-add pipes, assumed";
  } else if (host.has("fma") && host.has("avx2")) {
    v.name = "AVX2";
    v.lanes = 8;
    v.float32 = 32;
    v.note = "two 256-bit multiply-add pipes, assumed";
  } else if (host.has("avx")) {
    v.name = "AVX";
    v.lanes = 8;
    v.float32 = 16;
    v.note = "a multiply and an add of 256 bits in each clock";
  } else if (host.has("sse2")) {
    v.name = "SSE";
    v.lanes = 4;
    v.float32 = 8;
    v.note = "a multiply and an add of 128 bits in each clock";
  }
  v.float64 = v.float32 / 2;
  if (host.has("avx512_fp16")) v.float16 = 2 * v.float32;
  if (host.has("avx512_bf16")) v.bfloat16 = 2 * v.float32;
  if (host.has("avx512_vnni") || host.has("avx_vnni")) v.int8 = 4 * v.float32;
  return v;
}

VectorUnit arm_unit(const HostFacts& host) {
  VectorUnit v;
  if (!host.has("asimd")) return v;
  v.name = host.has("sve") ? "SVE" : "NEON";
  v.lanes = 4;
  v.float32 = 16;
  v.note = "two 128-bit multiply-add pipes, assumed";
  v.float64 = v.float32 / 2;
  if (host.has("asimdhp")) v.float16 = 2 * v.float32;
  if (host.has("bf16")) v.bfloat16 = 2 * v.float32;
  if (host.has("asimddp")) v.int8 = 4 * v.float32;
  return v;
}

std::string clock_note(const HostFacts& host) {
  if (host.clock_is_maximum) return "the highest that cpufreq states";
  if (host.clock_is_measured) return "measured by dependent additions; no maximum is stated";
  return "as /proc/cpuinfo shows it; no maximum is stated";
}

Json engine(const HostFacts& host, std::string_view name, std::string_view unit) {
  return {{"name", name},
          {"unit", unit},
          {"unit_name", "core"},
          {"count", derived(static_cast<double>(host.cores), kSystem, "online physical cores")},
          {"clock_hz", derived(host.clock_hz, kSystem, clock_note(host))}};
}

void add_rate(Json& e, const HostFacts& host, std::string_view type, double per_clock,
              std::string_view note) {
  if (!(per_clock > 0)) return;
  const std::string key(type);
  e["peaks"][key] = derived(per_clock * host.clock_hz * static_cast<double>(host.cores),
                            kInstructions, "cores x clock x operations per clock");
  e["ops_per_clock"][key] = derived(per_clock, kInstructions, note);
}

Json vector_engine(const HostFacts& host, const VectorUnit& v) {
  Json e = engine(host, v.name, "vector");
  add_rate(e, host, "float64", v.float64, v.note);
  add_rate(e, host, "float32", v.float32, v.note);
  add_rate(e, host, "bfloat16", v.bfloat16, "dot products of pairs");
  add_rate(e, host, "float16", v.float16, "twice the lanes of float32");
  add_rate(e, host, "int8", v.int8, "dot products of four");
  e["simd_lanes"] = derived(v.lanes, kInstructions);
  return e;
}

// Tiles of 16 rows of 64 bytes: a product of two takes 16 clocks.
Json tile_engine(const HostFacts& host) {
  Json e = engine(host, "AMX", "matrix");
  if (host.has("amx_bf16")) add_rate(e, host, "bfloat16", 1024, "16 x 16 x 32 in 16 clocks");
  if (host.has("amx_fp16")) add_rate(e, host, "float16", 1024, "16 x 16 x 32 in 16 clocks");
  if (host.has("amx_int8")) add_rate(e, host, "int8", 2048, "16 x 16 x 64 in 16 clocks");
  return e;
}

Json scalar_engine(const HostFacts& host) {
  Json e = engine(host, "cores", "scalar");
  add_rate(e, host, "float32", 4, "two scalar multiply-adds a clock, assumed");
  add_rate(e, host, "int32", 4, "four integer operations a clock, assumed");
  return e;
}

// Bytes that a core moves from each level in a clock; measured parts of the last years lie around.
double bytes_per_clock(int level) { return level == 1 ? 64 : level == 2 ? 32 : 10; }

Json cache_level(const HostFacts& host, const CacheFact& cache, bool last) {
  const bool shared = cache.shared >= host.cores && host.cores > 1;
  const double instances =
      std::max(1.0, static_cast<double>(host.cores) / static_cast<double>(cache.shared));
  const double bandwidth =
      static_cast<double>(host.cores) * bytes_per_clock(cache.level) * host.clock_hz;
  Json level = {{"name", fmt::format("L{}", cache.level)},
                {"level", cache.level == 1            ? "l1"
                          : cache.level == 2 && !last ? "l2"
                                                      : "llc"}};
  if (cache.level == 2 && last) level["level"] = "l2";
  if (!shared) {
    level["scope"] = "per_unit";
    level["units"] = derived(instances, kSystem);
  }
  // The hypervisor names the whole cache of the processor, of which its guests share what they use.
  level["capacity_bytes"] =
      last && host.has("hypervisor")
          ? assumed(static_cast<double>(cache.bytes),
                    "of the whole processor: a virtual machine has a share that nobody states; hw "
                    "fit replaces this by what measurements show")
          : derived(static_cast<double>(cache.bytes), kSystem);
  level["bandwidth_bytes_per_second"] =
      assumed(bandwidth, fmt::format("cores x {} bytes x clock", bytes_per_clock(cache.level)));
  return level;
}

// Without a statement of the modules: what one core of a server can draw, up to eight channels.
constexpr double kBytesPerCore = 15e9;
constexpr double kMostChannels = 8 * 38.4e9;

Json main_memory(const HostFacts& host) {
  Json level = {{"name", "memory"},
                {"level", "dram"},
                {"capacity_bytes", derived(static_cast<double>(host.memory_bytes), kSystem)}};
  level["bandwidth_bytes_per_second"] =
      host.memory_bandwidth
          ? derived(*host.memory_bandwidth, "smbios", "all installed modules")
          : assumed(std::min(kBytesPerCore * static_cast<double>(host.cores), kMostChannels),
                    "15e9 bytes/s for each core, at most eight channels of DDR5-4800: the modules "
                    "cannot be read; hw fit replaces this by what measurements show");
  return level;
}

Json sources(const HostFacts& host) {
  Json s;
  s[kSystem] = {{"title", "/proc/cpuinfo, /proc/meminfo and /sys/devices/system/cpu of the host"}};
  s[kInstructions] = {{"title",
                       "Instruction sets in the flags of /proc/cpuinfo, with the usual "
                       "number of pipes"}};
  s[kAssumedSource] = {{"title", "Assumed; hw fit may replace it"}};
  if (host.memory_bandwidth) {
    s["smbios"] = {{"title", "SMBIOS table of memory devices of the host"}};
  }
  return s;
}

// The clock of a virtual machine is often stated nowhere but as the nominal one, far below what the
// cores run at. It is timed for the machine that this runs on alone, not for a copy of its files.
HostFacts facts_of(const std::string& root) {
  HostFacts host = calibration::read_host(root);
  if (host.clock_is_maximum || !root.empty()) return host;
  const std::optional<double> clock = calibration::measured_clock();
  if (clock && *clock > host.clock_hz) {
    host.clock_hz = *clock;
    host.clock_is_measured = true;
  }
  return host;
}

}  // namespace

std::string detect_host(const std::string& root) {
  const HostFacts host = facts_of(root);
  const VectorUnit v = host.vendor == "ARM" ? arm_unit(host) : x86_unit(host);
  if (!(v.float32 > 0)) {
    throw input_error(
        "the processor has no instruction set that aiprof knows (SSE2, AVX, AVX2, "
        "AVX-512, NEON, SVE)");
  }
  if (!(host.clock_hz > 0) || host.memory_bytes == 0) {
    throw input_error(
        "the system states neither clock nor memory: start from a file of aiprof hw "
        "show instead");
  }
  Json file;
  file["schema_version"] = "1";
  file["id"] = "host";
  file["name"] = host.model.empty() ? std::string("Host processor") : printable(host.model);
  file["vendor"] = host.vendor.empty() ? "unknown" : host.vendor;
  file["description"] = fmt::format("Host processor: {} cores with {}.", host.cores, v.name);
  file["sources"] = sources(host);
  file["engines"] = Json::array();
  if (host.has("amx_tile")) file["engines"].push_back(tile_engine(host));
  file["engines"].push_back(vector_engine(host, v));
  file["engines"].push_back(scalar_engine(host));
  file["memory"] = Json::array();
  for (const CacheFact& cache : host.caches) {
    file["memory"].push_back(cache_level(host, cache, &cache == &host.caches.back()));
  }
  file["memory"].push_back(main_memory(host));
  file["launch"] = {{"stream_seconds", assumed(1e-6, "from one operator to the next")}};
  file["calibration"] = {{"state", "datasheet"}};
  return file.dump(2) + "\n";
}

}  // namespace aiprof
