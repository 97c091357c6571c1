// What Linux says about the processor.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace aiprof::calibration {

struct CacheFact {
  int level = 0;
  std::uint64_t bytes = 0;   // of one instance
  std::uint64_t shared = 1;  // cores that share one instance
};

struct HostFacts {
  std::string vendor;  // "GenuineIntel", "AuthenticAMD", "ARM", ...; empty if not said
  int family = 0;
  std::string model;  // as the system names it
  std::vector<std::string> flags;
  std::uint64_t cores = 0;        // physical, online
  double clock_hz = 0;            // the highest it states, else measured, else the present one
  bool clock_is_maximum = false;  // from cpufreq
  bool clock_is_measured = false;
  std::vector<CacheFact> caches;  // data and unified, by level
  std::uint64_t memory_bytes = 0;
  std::optional<double> memory_bandwidth;  // of the modules installed, from DMI

  [[nodiscard]] bool has(std::string_view flag) const;
};

// Throws Error(kInput) if /proc/cpuinfo cannot be read or names no processor.
[[nodiscard]] HostFacts read_host(const std::string& root);

// Hertz of the core that this runs on, by timing dependent additions, one a clock on every core of
// the last decades. Takes some ten milliseconds; no value on other architectures than x86-64 and
// AArch64.
[[nodiscard]] std::optional<double> measured_clock();

// Sum over the memory modules of an SMBIOS table: transfers per second x width. No value without
// modules that state both.
[[nodiscard]] std::optional<double> module_bandwidth(std::string_view smbios);

}  // namespace aiprof::calibration
