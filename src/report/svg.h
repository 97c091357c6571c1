// The roofline as a picture for documents: one file, no scripts, light and dark.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "aiprof/report/write.h"

namespace aiprof {

// One panel for each report, below each other, with the same axes. Kernels that fall on one another
// are one mark that says how many they are. Throws Error(kUsage) where no report has hardware:
// there is no roof without a machine.
[[nodiscard]] std::string write_svg(std::span<const Report> reports, const WriteOptions& options);

// Text for XML and HTML content and quoted attributes: one line, valid UTF-8, marks escaped.
[[nodiscard]] std::string markup_text(std::string_view raw);

}  // namespace aiprof
