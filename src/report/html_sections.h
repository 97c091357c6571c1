// The parts of the HTML report that are written once and need no script.
#pragma once

#include <span>
#include <string>

#include "aiprof/report/report.h"

namespace aiprof {

// What a reader quotes: headline, tiles of the main numbers, the lines of the verdict.
[[nodiscard]] std::string html_verdict(const Report& report);

// One row for each machine or model, with a bar for the time and its interval.
[[nodiscard]] std::string html_comparison(std::span<const Report> reports);

// What follows from the model alone: inputs, dims, assumptions, gaps, formulas.
[[nodiscard]] std::string html_model(const Report& report);

// The machine as its file describes it, with sources, and the runtime profile. Empty without one.
[[nodiscard]] std::string html_machine(const Report& report);

}  // namespace aiprof
