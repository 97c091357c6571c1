#include "cli/measured.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <regex>

#include "aiprof/base/error.h"
#include "aiprof/base/text.h"
#include "aiprof/calibration/export.h"
#include "cli/output.h"

namespace aiprof::cli {
namespace {

// Seconds of each kernel that were measured for it alone: not of events that stand for several
// kernels, and without the copies that the runtime put before it.
std::vector<double> own_seconds(const MeasuredProfile& profile, const JoinedProfile& joined) {
  std::vector<double> seconds(joined.kernels.size(), 0);
  for (const JoinedEvent& e : joined.events) {
    if (!e.kernel || e.by == JoinBy::kReader || joined.kernels[*e.kernel].leader) continue;
    seconds[*e.kernel] += profile.events[e.event].seconds;
  }
  return seconds;
}

// The day of the measurement: the one in the name of the file, as ONNX Runtime writes it, else the
// day on which the file was last changed. Empty if neither is known.
std::string date_of(const std::string& file) {
  const std::string stem = std::filesystem::path(file).filename().string();
  std::smatch match;
  if (std::regex_search(stem, match, std::regex("20[0-9]{2}-[01][0-9]-[0-3][0-9]")))
    return match[0];
  std::error_code error;
  const auto changed = std::filesystem::last_write_time(file, error);
  if (error) return {};
  const auto time = std::chrono::file_clock::to_sys(changed);
  const std::chrono::year_month_day day(std::chrono::floor<std::chrono::days>(time));
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(day.year()),
                     static_cast<unsigned>(day.month()), static_cast<unsigned>(day.day()));
}

MeasurementFile measurement_file(const MeasuredProfile& profile, const Machine& machine,
                                 const std::string& model) {
  MeasurementFile file;
  file.device = machine.hardware.name.empty() ? machine.hardware.id : machine.hardware.name;
  file.date = date_of(profile.file);
  file.source = fmt::format("{} of {}", name(profile.format),
                            std::filesystem::path(model).filename().string());
  file.conditions = fmt::format("operators inside the model, {} run{}", profile.runs,
                                profile.runs == 1 ? "" : "s");
  return file;
}

}  // namespace

void add_measured_options(CLI::App& app, MeasuredOptions& options) {
  constexpr const char* kGroup = "Measured";
  app.add_option("--measured-latency", options.latency,
                 "measured time of one inference, such as 5.1ms: gives measured MFU and MBU")
      ->type_name("TIME")
      ->group(kGroup);
  app.add_option("--measured", options.profile,
                 "measured profile of the model: of ONNX Runtime or trtexec (JSON), or a table of "
                 "name and time (CSV); beside the prediction, operator by operator")
      ->type_name("FILE")
      ->group(kGroup);
  app.add_option("--export-measurements", options.export_file,
                 "write the measured operators as a file for aiprof hw fit; needs --measured")
      ->type_name("FILE")
      ->group(kGroup);
}

Measured load_measured(const MeasuredOptions& options, std::size_t machines) {
  const auto need_one_machine = [&](std::string_view flag) {
    if (machines == 1) return;
    throw usage_error(fmt::format(
        "{} was measured on one machine: it needs exactly one --hw, not {}", flag, machines));
  };
  Measured out;
  out.export_file = options.export_file;
  if (!options.latency.empty()) {
    out.latency_seconds = parse_seconds(options.latency, "--measured-latency");
    need_one_machine("--measured-latency");
  }
  if (!options.export_file.empty() && options.profile.empty()) {
    throw usage_error(
        "--export-measurements writes what was measured: it needs --measured FILE with a profile");
  }
  if (options.profile.empty()) return out;
  need_one_machine("--measured");
  out.profile = load_profile(options.profile);
  return out;
}

JoinedProfile join_measured(const MeasuredProfile& profile, const LoadedModel& model,
                            const MachineRun& run) {
  JoinedProfile joined =
      join_profile(profile, {model.graph, model.analysis, run.lowered, run.estimated});
  if (joined.events.empty()) {
    throw input_error(fmt::format(
        "{}: none of its {} events names an operator or a tensor of {} (the longest is '{}'): is "
        "it a profile of this model?",
        printable(profile.file), profile.events.size(), printable(model.graph.file),
        printable(profile.events[joined.unmatched.front().event].name)));
  }
  return joined;
}

void export_measurements(const Measured& measured, const JoinedProfile& joined,
                         const LoadedModel& model, const Machine& machine, const MachineRun& run,
                         const Streams& streams) {
  const std::vector<double> seconds = own_seconds(*measured.profile, joined);
  ExportedKernels exported = measurements_of({.graph = model.graph,
                                              .analysis = model.analysis,
                                              .lowered = run.lowered,
                                              .float32_math = machine.profile.float32_math,
                                              .seconds = seconds});
  const auto shared = static_cast<std::size_t>(std::ranges::count_if(
      joined.kernels, [](const JoinedKernel& k) { return k.leader.has_value(); }));
  if (shared > 0) exported.left_out["run together with others by the runtime"] = shared;
  MeasurementFile file = measurement_file(*measured.profile, machine, model.graph.file);
  file.rows = std::move(exported.rows);
  if (file.rows.empty()) {
    throw input_error(fmt::format(
        "--export-measurements: no kernel of {} was measured by itself and can be written as a row",
        printable(measured.profile->file)));
  }
  emit(write_measurements(file), measured.export_file, streams);
  std::string text = fmt::format("{}: {} rows", printable(measured.export_file), file.rows.size());
  for (const auto& [reason, n] : exported.left_out) {
    text += fmt::format("; left out {} kernel{}: {}", n, n == 1 ? "" : "s", reason);
  }
  streams.err << text << '\n';
}

}  // namespace aiprof::cli
