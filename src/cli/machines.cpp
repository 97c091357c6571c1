#include "cli/machines.h"

#include <CLI/CLI.hpp>
#include <filesystem>

#include "aiprof/base/error.h"
#include "aiprof/base/text.h"
#include "aiprof/hardware/catalogue.h"

namespace aiprof::cli {
namespace {

constexpr const char* kGroup = "Hardware";

// "a,b" is two names, unless a file is called that.
std::vector<std::string> names_of(const std::vector<std::string>& given) {
  std::vector<std::string> names;
  for (const std::string& text : given) {
    std::error_code ignored;
    if (std::filesystem::exists(text, ignored)) {
      names.push_back(text);
      continue;
    }
    for (const std::string& part : split(text, ',')) {
      if (part.empty()) throw usage_error("--hw '" + printable(text) + "': a name is empty");
      names.push_back(part);
    }
  }
  return names;
}

Machine load_machine(const std::string& name, const std::string& runtime,
                     const std::vector<std::string>& edits) {
  Machine machine;
  machine.hardware = load_hardware(name, edits);
  machine.profile = load_runtime(runtime.empty() ? default_runtime(machine.hardware) : runtime);
  return machine;
}

// The machine with the edits of --set and then these; "runtime=PROFILE" is one, too.
Machine load_what_if(const std::string& name, const std::string& what_if,
                     const MachineOptions& options) {
  constexpr std::string_view kRuntime = "runtime=";
  std::string runtime = options.runtime;
  std::vector<std::string> edits = options.edits;
  for (const std::string& edit : split(what_if, ',')) {
    if (edit.empty()) throw usage_error("--what-if '" + printable(what_if) + "': an edit is empty");
    if (edit.starts_with(kRuntime)) {
      runtime = edit.substr(kRuntime.size());
    } else {
      edits.push_back(edit);
    }
  }
  return load_machine(name, runtime, edits);
}

}  // namespace

void add_machine_options(CLI::App& app, MachineOptions& options) {
  add_repeated(app, "--hw", options.hardware,
               "hardware to estimate on: a built-in name (aiprof hw list), a file, or a,b; without "
               "it the model is only counted",
               "NAME|FILE")
      ->group(kGroup);
  app.add_option("--runtime", options.runtime,
                 "how kernels are fused and launched: " + join(runtime_names(), ", ") +
                     ", or a file; default: what suits the hardware")
      ->type_name("PROFILE")
      ->group(kGroup);
  add_repeated(app, "--set", options.edits,
               "edit the hardware, such as memory.dram.bandwidth=2x or power.tdp_watts=300",
               "FIELD=VALUE")
      ->group(kGroup);
  add_repeated(app, "--what-if", options.what_ifs,
               "every machine once more, with these edits (or runtime=PROFILE), side by side",
               "FIELD=VALUE,...")
      ->group(kGroup);
}

std::vector<Machine> load_machines(const MachineOptions& options) {
  if (options.hardware.empty()) {
    if (!options.edits.empty()) throw usage_error("--set edits the hardware: it needs --hw");
    if (!options.what_ifs.empty()) throw usage_error("--what-if edits the hardware: it needs --hw");
    if (!options.runtime.empty()) throw usage_error("--runtime needs --hw");
  }
  std::vector<Machine> machines;
  for (const std::string& name : names_of(options.hardware)) {
    machines.push_back(load_machine(name, options.runtime, options.edits));
    for (const std::string& what_if : options.what_ifs) {
      machines.push_back(load_what_if(name, what_if, options));
    }
  }
  return machines;
}

MachineRun run_machine(const Graph& graph, const Analysis& analysis, const Machine& machine) {
  MachineRun run;
  run.lowered = lower_graph(graph, analysis, machine.profile);
  run.estimated = estimate(graph, analysis, run.lowered, machine.profile, machine.hardware);
  return run;
}

}  // namespace aiprof::cli
