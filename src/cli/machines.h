// The options that choose hardware and runtime, and what they resolve to.
#pragma once

#include <string>
#include <vector>

#include "aiprof/report/report.h"
#include "cli/arguments.h"

namespace aiprof::cli {

struct MachineOptions {
  std::vector<std::string> hardware;  // NAME, FILE or A,B
  std::string runtime;                // empty: what suits the hardware
  std::vector<std::string> edits;     // FIELD=VALUE
  std::vector<std::string> what_ifs;  // FIELD=VALUE,...: each machine once more, edited so
};

// Adds the group "Hardware".
void add_machine_options(CLI::App& app, MachineOptions& options);

struct Machine {
  Hardware hardware;
  RuntimeProfile profile;
};

// In the order given. Throws Error(kUsage) for unknown names, and for a runtime or edits without
// hardware.
[[nodiscard]] std::vector<Machine> load_machines(const MachineOptions& options);

// Lowers and estimates one model on one machine.
struct MachineRun {
  Lowered lowered;
  Estimate estimated;
};
[[nodiscard]] MachineRun run_machine(const Graph& graph, const Analysis& analysis,
                                     const Machine& machine);

}  // namespace aiprof::cli
