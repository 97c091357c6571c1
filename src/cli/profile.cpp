// The main job: aiprof MODEL [--hw NAME|FILE]...
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>

#include "aiprof/base/error.h"
#include "aiprof/base/text.h"
#include "aiprof/report/report.h"
#include "cli/arguments.h"
#include "cli/machines.h"
#include "cli/measured.h"
#include "cli/model.h"
#include "cli/output.h"

namespace aiprof::cli {
namespace {

struct ProfileOptions {
  ModelOptions model;
  MachineOptions machines;
  std::string format = "table";
  std::string output;
  std::string top = "15";
  std::string group_by;
  std::string depth = "2";
  MeasuredOptions measured;
  bool no_notes = false;
  bool strict = false;
  std::string max_unmodelled;
};

void add_output_options(CLI::App& app, ProfileOptions& o) {
  constexpr const char* kOutput = "Output";
  app.add_option("--format", o.format,
                 join(format_names(report_formats()), ", ") + " (default: table)")
      ->type_name("FORMAT")
      ->group(kOutput);
  app.add_option("-o,--output", o.output, "write the report to a file instead of standard output")
      ->type_name("FILE")
      ->group(kOutput);
  app.add_option("--top", o.top, "rows of tables, 0 for all (default: 15); never cuts JSON or CSV")
      ->type_name("N")
      ->group(kOutput);
  app.add_option("--group-by", o.group_by,
                 "rows are op_type or block (modules) instead of operators")
      ->type_name("KEY")
      ->group(kOutput);
  app.add_option("--depth", o.depth, "parts of a block's path, 0 for all (default: 2)")
      ->type_name("N")
      ->group(kOutput);
  app.add_flag("--no-notes", o.no_notes, "leave the notes out of tables")->group(kOutput);
}

void add_gate_options(CLI::App& app, ProfileOptions& o) {
  constexpr const char* kGates = "Gates";
  app.add_flag("--strict", o.strict, "exit with 4 if any operator is not modelled")->group(kGates);
  app.add_option("--max-unmodelled", o.max_unmodelled,
                 "exit with 4 if more of the operators than this are not modelled")
      ->type_name("PERCENT")
      ->group(kGates);
}

std::string footer() {
  std::string text = "Other jobs (aiprof JOB --help says more):\n";
  for (const Command& c : commands()) {
    text += fmt::format("  {}\n      {}\n", c.usage, c.what);
  }
  return text +
         "\nExit codes: 0 done, 1 a limit was broken, 2 what was typed is wrong, 3 what a file\n"
         "contains is wrong or it cannot be read, 4 cannot decide, 70 a bug in aiprof.\n"
         "A model file that is called like a job is given as ./NAME.";
}

std::optional<GroupBy> parse_group_by(const std::string& text) {
  const std::map<std::string, GroupBy> keys = {{"op_type", GroupBy::kOpType},
                                               {"block", GroupBy::kBlock}};
  if (text.empty()) return std::nullopt;
  if (const auto it = keys.find(text); it != keys.end()) return it->second;
  std::vector<std::string> names;
  for (const auto& [name, key] : keys) names.push_back(name);
  throw_unknown("--group-by", "key", text, names);
}

WriteOptions write_options(const ProfileOptions& o, const Streams& streams) {
  WriteOptions w = o.output.empty() ? terminal_options(streams) : WriteOptions();
  w.top = static_cast<std::size_t>(parse_whole(o.top, "--top", 0));
  w.depth = static_cast<std::size_t>(parse_whole(o.depth, "--depth", 0));
  w.group_by = parse_group_by(o.group_by);
  w.notes = o.no_notes ? NotesMode::kHide : NotesMode::kShow;
  return w;
}

// One machine; with a profile, measured beside predicted.
Report machine_report(const LoadedModel& model, const Machine& machine, const Measured& measured,
                      const Streams& streams) {
  const MachineRun run = run_machine(model.graph, model.analysis, machine);
  const MachineEstimate estimated{machine.profile, machine.hardware, run.lowered, run.estimated};
  ReportOptions options{.measured_latency_seconds = measured.latency_seconds};
  if (!measured.profile) return build_report(model.graph, model.analysis, &estimated, options);
  const JoinedProfile joined = join_measured(*measured.profile, model, run);
  const MeasuredRun beside{*measured.profile, joined};
  options.measured = &beside;
  if (!measured.export_file.empty()) {
    export_measurements(measured, joined, model, machine, run, streams);
  }
  return build_report(model.graph, model.analysis, &estimated, options);
}

std::vector<Report> build_reports(const LoadedModel& model, const std::vector<Machine>& machines,
                                  const Measured& measured, const Streams& streams) {
  std::vector<Report> reports;
  for (const Machine& machine : machines) {
    reports.push_back(machine_report(model, machine, measured, streams));
  }
  if (machines.empty()) reports.push_back(build_report(model.graph, model.analysis, nullptr));
  return reports;
}

// The gates on what is not known. Exit code 4 says that the numbers are lower bounds.
int judge(const Report& report, double allowed_percent, const Streams& streams) {
  const Coverage& c = report.coverage;
  if (c.gaps == 0) return static_cast<int>(ExitCode::kDone);
  const double percent = 100.0 * static_cast<double>(c.gaps) / static_cast<double>(c.nodes);
  if (percent <= allowed_percent) return static_cast<int>(ExitCode::kDone);
  constexpr std::size_t kNamed = 10;
  streams.err << fmt::format(
      "aiprof: cannot decide: {} of {} operators ({:.2g} %) are not modelled, {} % are allowed: "
      "{}; "
      "the report names the reasons\n",
      c.gaps, c.nodes, percent, allowed_percent, gap_types(report, kNamed));
  return static_cast<int>(ExitCode::kUndecided);
}

}  // namespace

int run_profile(const std::vector<std::string>& arguments, const Streams& streams) {
  ProfileOptions o;
  CLI::App app("What every operator of an ONNX model costs, which roof it hits, how long it takes.",
               "aiprof");
  add_model_options(app, o.model);
  add_machine_options(app, o.machines);
  add_output_options(app, o);
  add_measured_options(app, o.measured);
  add_gate_options(app, o);
  app.set_version_flag("-v,--version", "aiprof");
  app.footer(footer());
  if (!parse(app, arguments, streams)) return static_cast<int>(ExitCode::kDone);

  const ReportFormat& format = find_format(report_formats(), o.format);
  const WriteOptions written = write_options(o, streams);
  constexpr double kEverything = 100;
  double allowed =
      o.max_unmodelled.empty() ? kEverything : parse_percent(o.max_unmodelled, "--max-unmodelled");
  if (o.strict) allowed = 0;
  const std::vector<Machine> machines = load_machines(o.machines);
  const Measured measured = load_measured(o.measured, machines.size());
  const LoadedModel model = load_model(o.model);
  const std::vector<Report> reports = build_reports(model, machines, measured, streams);
  emit(format.write(reports, written), o.output, streams);
  return judge(reports.front(), allowed, streams);
}

}  // namespace aiprof::cli
