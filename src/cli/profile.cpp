// The main job: aiprof MODEL [--hw NAME|FILE]...
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>

#include "aiprof/base/error.h"
#include "aiprof/base/text.h"
#include "aiprof/report/report.h"
#include "cli/machines.h"
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
  std::string measured;
  bool no_notes = false;
  bool strict = false;
  std::string max_unmodelled;
};

std::vector<std::string> format_names() {
  std::vector<std::string> names;
  for (const ReportFormat& f : report_formats()) names.emplace_back(f.name);
  return names;
}

void add_output_options(CLI::App& app, ProfileOptions& o) {
  constexpr const char* kOutput = "Output";
  app.add_option("--format", o.format, join(format_names(), ", ") + " (default: table)")
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
  app.add_option("--measured-latency", o.measured,
                 "measured time of one inference, such as 5.1ms: gives measured MFU and MBU")
      ->type_name("TIME")
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

const ReportFormat& find_format(const std::string& name) {
  for (const ReportFormat& f : report_formats()) {
    if (f.name == name) return f;
  }
  throw_unknown("--format", "format", name, format_names());
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

ReportOptions report_options(const ProfileOptions& o, std::size_t machines) {
  ReportOptions r;
  if (o.measured.empty()) return r;
  r.measured_latency_seconds = parse_seconds(o.measured, "--measured-latency");
  if (machines != 1) {
    throw usage_error(fmt::format(
        "--measured-latency was measured on one machine: it needs exactly one --hw, not {}",
        machines));
  }
  return r;
}

std::vector<Report> build_reports(const LoadedModel& model, const std::vector<Machine>& machines,
                                  const ReportOptions& options) {
  std::vector<Report> reports;
  for (const Machine& machine : machines) {
    const MachineRun run = run_machine(model.graph, model.analysis, machine);
    const MachineEstimate estimated{machine.profile, machine.hardware, run.lowered, run.estimated};
    reports.push_back(build_report(model.graph, model.analysis, &estimated, options));
  }
  if (machines.empty()) {
    reports.push_back(build_report(model.graph, model.analysis, nullptr, options));
  }
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
  add_gate_options(app, o);
  app.set_version_flag("-v,--version", "aiprof");
  app.footer(footer());
  if (!parse(app, arguments, streams)) return static_cast<int>(ExitCode::kDone);

  const ReportFormat& format = find_format(o.format);
  const WriteOptions written = write_options(o, streams);
  constexpr double kEverything = 100;
  double allowed =
      o.max_unmodelled.empty() ? kEverything : parse_percent(o.max_unmodelled, "--max-unmodelled");
  if (o.strict) allowed = 0;
  const std::vector<Machine> machines = load_machines(o.machines);
  const ReportOptions options = report_options(o, machines.size());
  const LoadedModel model = load_model(o.model);
  const std::vector<Report> reports = build_reports(model, machines, options);
  emit(format.write(reports, written), o.output, streams);
  return judge(reports.front(), allowed, streams);
}

}  // namespace aiprof::cli
