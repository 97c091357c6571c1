// aiprof ops [MODEL [--hw NAME|FILE]]
#include <CLI/CLI.hpp>

#include "aiprof/base/error.h"
#include "aiprof/report/describe.h"
#include "cli/machines.h"
#include "cli/model.h"
#include "cli/output.h"

namespace aiprof::cli {

int run_ops(const std::vector<std::string>& arguments, const Streams& streams) {
  ModelOptions model_options;
  MachineOptions machine_options;
  CLI::App app(
      "Without MODEL: every operator that aiprof has a rule for, and what the rule counts.\n"
      "With MODEL: its operators, which are new to aiprof, which the hardware cannot run.",
      "aiprof ops");
  add_model_options(app, model_options);
  app.get_option("MODEL")->required(false);
  add_machine_options(app, machine_options);
  if (!parse(app, arguments, streams)) return static_cast<int>(ExitCode::kDone);

  const WriteOptions written = terminal_options(streams);
  if (model_options.file.empty()) {
    if (!machine_options.hardware.empty()) {
      throw usage_error("aiprof ops --hw needs a MODEL whose operators it should support");
    }
    emit(write_known_operators(written), "", streams);
    return static_cast<int>(ExitCode::kDone);
  }
  const std::vector<Machine> machines = load_machines(machine_options);
  const LoadedModel model = load_model(model_options);
  std::string out;
  if (machines.empty()) {
    out = write_model_operators(build_report(model.graph, model.analysis, nullptr), written);
  }
  for (const Machine& machine : machines) {
    const MachineRun run = run_machine(model.graph, model.analysis, machine);
    const MachineEstimate estimated{machine.profile, machine.hardware, run.lowered, run.estimated};
    if (!out.empty()) out += "\n";
    out += write_model_operators(build_report(model.graph, model.analysis, &estimated), written);
  }
  emit(out, "", streams);
  return static_cast<int>(ExitCode::kDone);
}

}  // namespace aiprof::cli
