// aiprof hw list | show NAME | lint FILE
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <array>

#include "aiprof/base/error.h"
#include "aiprof/base/text.h"
#include "aiprof/hardware/catalogue.h"
#include "aiprof/report/describe.h"
#include "cli/arguments.h"
#include "cli/hw_jobs.h"
#include "cli/output.h"

namespace aiprof::cli {
namespace {

using Arguments = std::vector<std::string>;

int run_list(const Arguments& arguments, const Streams& streams) {
  CLI::App app("The built-in hardware descriptions.", "aiprof hw list");
  if (!parse(app, arguments, streams)) return static_cast<int>(ExitCode::kDone);
  const std::vector<CatalogueEntry> all = catalogue();
  std::size_t id = 2;
  std::size_t name = 4;
  for (const CatalogueEntry& e : all) {
    id = std::max(id, e.id.size());
    name = std::max(name, e.name.size());
  }
  std::string out = fmt::format("{:{}}  {:{}}  also\n", "id", id, "name", name);
  for (const CatalogueEntry& e : all) {
    std::string line =
        fmt::format("{:{}}  {:{}}  {}", e.id, id, e.name, name, join(e.aliases, ", "));
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + "\n";
  }
  emit(out, "", streams);
  return static_cast<int>(ExitCode::kDone);
}

int run_show(const Arguments& arguments, const Streams& streams) {
  std::string name;
  std::string format = "table";
  std::vector<std::string> edits;
  CLI::App app("A hardware description: every number with its status and source.",
               "aiprof hw show");
  app.add_option("NAME", name, "a built-in name or a file")->required()->type_name("");
  add_repeated(app, "--set", edits, "edit a field first", "FIELD=VALUE");
  app.add_option("--format", format, "table, or json: the description file")->type_name("FORMAT");
  if (!parse(app, arguments, streams)) return static_cast<int>(ExitCode::kDone);
  if (format == "table") {
    emit(write_hardware(load_hardware(name, edits), terminal_options(streams)), "", streams);
    return static_cast<int>(ExitCode::kDone);
  }
  if (format != "json") {
    throw_unknown("--format", "format", format, std::array<std::string, 2>{"table", "json"});
  }
  HardwareText text = hardware_text(name);
  for (const std::string& edit : edits) text.text = apply_set(text.text, text.file, edit).text;
  (void)parse_hardware(text.text, text.file);  // what is not a description is not shown as one
  if (!text.text.ends_with('\n')) text.text += '\n';
  emit(text.text, "", streams);
  return static_cast<int>(ExitCode::kDone);
}

std::string_view label(Finding::Severity severity) {
  switch (severity) {
    case Finding::Severity::kError:
      return "error";
    case Finding::Severity::kWarning:
      return "warning";
    case Finding::Severity::kNote:
      return "note";
  }
  return "note";
}

int run_lint(const Arguments& arguments, const Streams& streams) {
  std::string name;
  CLI::App app(
      "Checks a description: its form, and its numbers against each other and physics.\n"
      "Exit code 3 if anything is wrong; warnings and notes are not.",
      "aiprof hw lint");
  app.add_option("FILE", name, "a file or a built-in name")->required()->type_name("");
  if (!parse(app, arguments, streams)) return static_cast<int>(ExitCode::kDone);
  const Hardware hardware = load_hardware(name);
  std::string out;
  std::size_t errors = 0;
  for (const Finding& finding : lint(hardware)) {
    errors += finding.severity == Finding::Severity::kError ? 1 : 0;
    out += fmt::format("{}: {}: {}: {}\n", printable(name), label(finding.severity),
                       printable(finding.path), printable(finding.text));
  }
  if (out.empty()) out = fmt::format("{}: nothing to object to\n", printable(name));
  emit(out, "", streams);
  return static_cast<int>(errors == 0 ? ExitCode::kDone : ExitCode::kInput);
}

constexpr Command kJobs[] = {
    {"list", "aiprof hw list", "the built-in descriptions", run_list},
    {"show", "aiprof hw show NAME|FILE", "every number of one, with status and source", run_show},
    {"lint", "aiprof hw lint NAME|FILE", "is it well-formed and plausible?", run_lint},
    {"detect", "aiprof hw detect -o FILE", "a starting file for this machine", run_hw_detect},
    {"bench", "aiprof hw bench MODELDIR", "models to time on a device", run_hw_bench},
    {"fit", "aiprof hw fit BASE CSV... -o FILE", "fit the constants to measured times", run_hw_fit},
    {"family", "aiprof hw family BASE HW=CSV... -o FILE", "one fit for several machines",
     run_hw_family},
    {"eval", "aiprof hw eval HW CSV...", "errors against measured times", run_hw_eval},
};

}  // namespace

int run_hw(const Arguments& arguments, const Streams& streams) {
  for (const Command& job : kJobs) {
    if (!arguments.empty() && arguments.front() == job.name) {
      return job.run({arguments.begin() + 1, arguments.end()}, streams);
    }
  }
  std::string usage = "Usage:\n";
  std::vector<std::string> names;
  for (const Command& job : kJobs) {
    usage += fmt::format("  {:44}{}\n", job.usage, job.what);
    names.emplace_back(job.name);
  }
  if (!arguments.empty() && (arguments.front() == "--help" || arguments.front() == "-h")) {
    emit(usage, "", streams);
    return static_cast<int>(ExitCode::kDone);
  }
  if (arguments.empty()) throw usage_error("aiprof hw: which job? " + join(names, ", "));
  throw_unknown("aiprof hw", "job", arguments.front(), names);
}

}  // namespace aiprof::cli
