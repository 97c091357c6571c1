// Comma-separated rows of all operators (or groups), in base units, for spreadsheets and scripts.
#pragma once

#include <span>
#include <string>

#include "aiprof/report/write.h"

namespace aiprof {

// RFC 4180 with "\n" at line ends. With several reports the first column names the hardware.
[[nodiscard]] std::string write_csv(std::span<const Report> reports, const WriteOptions& options);

}  // namespace aiprof
