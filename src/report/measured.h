// A measured profile in the rows of a report.
#pragma once

#include <span>

#include "aiprof/report/report.h"

namespace aiprof {

// Gives kernels their measured times. Nodes get their shares with those of the predicted times.
void set_measured_kernels(Report& report, const MeasuredRun& run);

// What of a profile is of no kernel, and of the whole. Needs the shares of the nodes.
void set_measured_rest(Report& report, const MeasuredRun& run);

// True if any of the reports has a profile: its columns are shown then, and only then.
[[nodiscard]] bool any_measured(std::span<const Report> reports);

}  // namespace aiprof
