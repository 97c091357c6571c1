// Reports that were written with --format json, read back.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "aiprof/report/report.h"

namespace aiprof::gate {

// Whether a file holds JSON rather than a model: its first character other than space is "{".
[[nodiscard]] bool looks_like_report(std::string_view first_bytes);

// One report for each machine. What JSON does not hold (assumptions apart from notes, hardware
// files) is left empty. Throws Error(kInput) naming file and place.
[[nodiscard]] std::vector<Report> parse_reports(std::string_view text, const std::string& file);

}  // namespace aiprof::gate
