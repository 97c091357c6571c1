// The figures of a report that are of the whole model.
#pragma once

#include "aiprof/report/report.h"

namespace aiprof {

// Fills totals, batch and tokens of a report whose rows are complete.
void set_totals(Report& report, const Graph& graph, const Analysis& analysis,
                const MachineEstimate* machine, const ReportOptions& options);

}  // namespace aiprof
