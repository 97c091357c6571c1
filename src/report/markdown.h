// The report for pull requests and documents.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "aiprof/report/write.h"

namespace aiprof {

[[nodiscard]] std::string write_markdown(std::span<const Report> reports,
                                         const WriteOptions& options);

// Text that stays text inside a table cell: marks of Markdown and HTML are escaped.
[[nodiscard]] std::string markdown_text(std::string_view text);

}  // namespace aiprof
