// The machine-readable report (docs/report-schema.md, docs/schema/report.schema.json).
#pragma once

#include <span>
#include <string>

#include "aiprof/report/write.h"

namespace aiprof {

// One object, or with several reports {"schema_version", "reports": [...]}. Rows of nodes and
// kernels stand on one line each, so that a text diff of two reports can be read.
[[nodiscard]] std::string write_json(std::span<const Report> reports, const WriteOptions& options);

}  // namespace aiprof
