// The report for a terminal.
#pragma once

#include <span>
#include <string>

#include "aiprof/report/write.h"

namespace aiprof {

[[nodiscard]] std::string write_table(std::span<const Report> reports, const WriteOptions& options);

}  // namespace aiprof
