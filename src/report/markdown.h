// The report for pull requests and documents.
#pragma once

#include <span>
#include <string>

#include "aiprof/report/write.h"

namespace aiprof {

[[nodiscard]] std::string write_markdown(std::span<const Report> reports,
                                         const WriteOptions& options);

}  // namespace aiprof
