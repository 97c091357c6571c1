// The report as one file for a browser: nothing is fetched, everything is in it.
#pragma once

#include <span>
#include <string>

#include "aiprof/report/write.h"

namespace aiprof {

// Verdict, method and comparison are plain HTML that needs no script; charts and the table of
// operators are drawn by the page's script from html_data(). Nothing is cut: `options.top` and
// `options.group_by` do not matter here, where the reader sorts, filters and groups.
[[nodiscard]] std::string write_html(std::span<const Report> reports, const WriteOptions& options);

}  // namespace aiprof
