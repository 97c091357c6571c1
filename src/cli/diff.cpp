// aiprof diff OLD NEW [--hw NAME|FILE]
#include "aiprof/gate/diff.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <fstream>

#include "aiprof/base/error.h"
#include "aiprof/base/text.h"
#include "aiprof/gate/saved_report.h"
#include "cli/arguments.h"
#include "cli/files.h"
#include "cli/output.h"
#include "cli/reports.h"

namespace aiprof::cli {
namespace {

struct DiffOptions {
  std::string old_file, new_file;
  ModelOptions inputs;
  MachineOptions machines;
  std::string format = "table";
  std::string output;
  std::string top = "15";
  std::string depth = "2";
  bool no_notes = false;
};

void add_options(CLI::App& app, DiffOptions& o) {
  app.add_option("OLD", o.old_file, "an ONNX file, or a report saved with --format json")
      ->required()
      ->type_name("");
  app.add_option("NEW", o.new_file, "the same after the change")->required()->type_name("");
  add_input_options(app, o.inputs);
  add_machine_options(app, o.machines);
  constexpr const char* kOutput = "Output";
  app.add_option("--format", o.format,
                 join(format_names(gate::diff_formats()), ", ") + " (default: table)")
      ->type_name("FORMAT")
      ->group(kOutput);
  app.add_option("-o,--output", o.output, "write to a file instead of standard output")
      ->type_name("FILE")
      ->group(kOutput);
  app.add_option("--top", o.top, "rows of tables, 0 for all (default: 15); never cuts JSON")
      ->type_name("N")
      ->group(kOutput);
  app.add_option("--depth", o.depth, "parts of a block's path, 0 for all (default: 2)")
      ->type_name("N")
      ->group(kOutput);
  app.add_flag("--no-notes", o.no_notes, "leave the notes out of tables")->group(kOutput);
  app.footer(
      "Operators are matched by structure and shape, then by name: renaming or reordering nodes\n"
      "changes nothing.\n\n"
      "Examples:\n"
      "  aiprof diff old.onnx new.onnx --hw a100\n"
      "  aiprof diff before.json after.json --format markdown -o comment.md");
}

bool is_report(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  std::string start(64, '\0');
  in.read(start.data(), static_cast<std::streamsize>(start.size()));
  start.resize(static_cast<std::size_t>(in.gcount()));
  return gate::looks_like_report(start);
}

// The report of one machine out of a saved file; --hw chooses where there are several.
Report pick_saved(const std::string& file, const std::vector<std::string>& wanted) {
  std::vector<Report> reports = gate::parse_reports(read_text(file), file);
  std::vector<std::string> ids;
  ids.reserve(reports.size());
  for (const Report& r : reports) ids.push_back(r.hardware ? r.hardware->id : std::string("none"));
  if (wanted.empty() && reports.size() == 1) return std::move(reports.front());
  for (std::size_t i = 0; i < reports.size(); ++i) {
    if (!wanted.empty() && reports[i].hardware && ids[i] == wanted.front()) {
      return std::move(reports[i]);
    }
  }
  if (wanted.empty()) {
    throw usage_error(
        fmt::format("{} holds reports of {} machines; choose one with --hw (one of: {})",
                    printable(file), ids.size(), printable(join(ids, ", "))));
  }
  throw usage_error(fmt::format("--hw {}: {} was saved for {}; a saved report keeps its machine",
                                printable(wanted.front()), printable(file),
                                printable(join(ids, ", "))));
}

Report side(const std::string& file, bool saved, const DiffOptions& o, const Machine* machine) {
  if (saved) return pick_saved(file, o.machines.hardware);
  ModelOptions options = o.inputs;
  options.file = file;
  return make_report(load_model(options), machine);
}

}  // namespace

int run_diff(const std::vector<std::string>& arguments, const Streams& streams) {
  DiffOptions o;
  CLI::App app("What changed between two models or two saved reports, operator by operator.",
               "aiprof diff");
  add_options(app, o);
  if (!parse(app, arguments, streams)) return static_cast<int>(ExitCode::kDone);

  const gate::DiffFormat& format = find_format(gate::diff_formats(), o.format);
  WriteOptions written = o.output.empty() ? terminal_options(streams) : WriteOptions();
  written.top = static_cast<std::size_t>(parse_whole(o.top, "--top", 0));
  written.depth = static_cast<std::size_t>(parse_whole(o.depth, "--depth", 0));
  written.notes = o.no_notes ? NotesMode::kHide : NotesMode::kShow;
  const bool old_saved = is_report(o.old_file);
  const bool new_saved = is_report(o.new_file);
  std::vector<Machine> machines;
  if (!old_saved || !new_saved) machines = load_machines(o.machines);
  if (machines.size() > 1) {
    throw usage_error(fmt::format("aiprof diff is on one machine; --hw names {}", machines.size()));
  }
  const Machine* machine = machines.empty() ? nullptr : machines.data();
  const Report before = side(o.old_file, old_saved, o, machine);
  const Report after = side(o.new_file, new_saved, o, machine);
  emit(format.write(gate::diff(before, after, written.depth), written), o.output, streams);
  return static_cast<int>(ExitCode::kDone);
}

}  // namespace aiprof::cli
