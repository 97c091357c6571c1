// The time model of one class as a function of its constants.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "aiprof/calibration/fit.h"
#include "calibration/sample.h"
#include "calibration/solver.h"

namespace aiprof::calibration {

// The name of the parameter that stands for the bandwidth of main memory, where that is assumed.
inline constexpr const char* kBandwidthParameter = "main_bandwidth";
// And for the capacity of the last cache, and how long it keeps data.
inline constexpr const char* kCapacityParameter = "cache_capacity";
inline constexpr const char* kResidencyParameter = "cache_residency";
inline constexpr double kResidencyHigh = 10;  // seconds; as good as for ever

// Whether the options ask for the class of the group.
[[nodiscard]] bool wanted(const SampleGroup& group, const FitOptions& options);

// One class in one regime, over one or several machines.
class ClassModel {
 public:
  // What the fit may move. Constants of the class that no row depends on are left out.
  enum class Free : std::uint8_t {
    kConstants,
    kConstantsAndBandwidth,  // with the bandwidth of main memory in place of its sustained share
    kConstantsAndCache,      // with capacity and residency of the last cache, not its usable share
    kHostOnly,               // the constants stay as the hardware has them
  };
  // Devices are indices into `hardware`. Of isolated rows the launch of the host is always free.
  // Fixed constants have that value in place of the hardware's, and the fit does not move them.
  ClassModel(std::span<const Hardware> hardware, const SampleGroup& group,
             Free what = Free::kConstants, FixedConstants fixed = {});

  [[nodiscard]] const std::vector<Parameter>& parameters() const { return parameters_; }
  // Where the fit of a parameter starts; false if no row depends on it.
  bool start(std::string_view parameter, double value);
  // Values of all parameters: what the fit starts from.
  [[nodiscard]] std::vector<double> initial() const;
  // Minimises over the rows at those positions of the group.
  [[nodiscard]] std::vector<double> fit(std::span<const std::size_t> rows) const;
  // Predicted seconds of those rows.
  [[nodiscard]] std::vector<double> predict(std::span<const std::size_t> rows,
                                            const std::vector<double>& values) const;
  // Launch of the host among the values; 0 unless the regime is isolated.
  [[nodiscard]] HostLaunch host(const std::vector<double>& values, std::size_t device) const;
  [[nodiscard]] bool is_constant(std::size_t parameter) const { return parameter < constants_; }

 private:
  void add_constants(Free what);
  void add_host_launches();
  void drop_idle_constants();
  [[nodiscard]] Hardware with(std::size_t device, const std::vector<double>& values) const;

  std::span<const Hardware> hardware_;
  const SampleGroup& group_;
  FixedConstants fixed_;
  std::vector<Parameter> parameters_;
  std::size_t constants_ = 0;  // parameters before those of the host
  bool fit_overlap_ = false;
};

// The cache in front of main memory; null if the machine has none.
[[nodiscard]] MemoryLevel* last_cache_of(Hardware& hardware);

// The class that a constant belongs to: "gemm_float8" of "gemm_float8_overlap"; empty if none.
[[nodiscard]] std::string class_of_constant(std::string_view constant);

// The main memory of a description, to be changed.
[[nodiscard]] MemoryLevel& main_memory_of(Hardware& hardware);

}  // namespace aiprof::calibration
