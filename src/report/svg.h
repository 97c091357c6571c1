// The roofline as a picture for documents: one file, no scripts, light and dark.
#pragma once

#include <span>
#include <string>

#include "aiprof/report/write.h"

namespace aiprof {

// One panel for each report, below each other, with the same axes. Kernels that fall on one another
// are one mark that says how many they are. Throws Error(kUsage) where no report has hardware:
// there is no roof without a machine.
[[nodiscard]] std::string write_svg(std::span<const Report> reports, const WriteOptions& options);

}  // namespace aiprof
