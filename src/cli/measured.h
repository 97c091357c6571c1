// Measured profiles beside predictions: --measured and --export-measurements.
#pragma once

#include <optional>
#include <string>

#include "aiprof/calibration/measurement.h"
#include "aiprof/trace/trace.h"
#include "cli/machines.h"
#include "cli/model.h"

namespace aiprof::cli {

struct MeasuredOptions {
  std::string latency;      // --measured-latency
  std::string profile;      // --measured
  std::string export_file;  // --export-measurements
};

// Adds the group "Measured".
void add_measured_options(CLI::App& app, MeasuredOptions& options);

// What was measured, before any model is read. Throws Error(kUsage) unless it is of exactly one
// machine, Error(kInput) for a file that is no profile.
struct Measured {
  std::optional<double> latency_seconds;
  std::optional<MeasuredProfile> profile;
  std::string export_file;
};
[[nodiscard]] Measured load_measured(const MeasuredOptions& options, std::size_t machines);

// Throws Error(kInput) if no event finds a node.
[[nodiscard]] JoinedProfile join_measured(const MeasuredProfile& profile, const LoadedModel& model,
                                          const MachineRun& run);

// Writes the kernels that were measured by themselves as a file for `hw fit`, and says on `err`
// how many that are and what was left out. `file` must not be empty.
void export_measurements(const Measured& measured, const JoinedProfile& joined,
                         const LoadedModel& model, const Machine& machine, const MachineRun& run,
                         const Streams& streams);

}  // namespace aiprof::cli
