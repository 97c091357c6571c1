#include "cli/reports.h"

namespace aiprof::cli {

Report make_report(const LoadedModel& model, const Machine* machine) {
  if (machine == nullptr) return build_report(model.graph, model.analysis, nullptr);
  const MachineRun run = run_machine(model.graph, model.analysis, *machine);
  const MachineEstimate estimated{machine->profile, machine->hardware, run.lowered, run.estimated};
  return build_report(model.graph, model.analysis, &estimated);
}

const LoadedModel& SharedModel::get() {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (!model_) model_ = load_model(options_);
  return *model_;
}

}  // namespace aiprof::cli
