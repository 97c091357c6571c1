// The numbers of HTML reports as one compact JSON text, for the script of the page.
#pragma once

#include <span>
#include <string>

#include "aiprof/report/report.h"

namespace aiprof {

// Values stand once in "values" (0 is null) and tables are columns of indices into it; a column is
// a list, {"all": index} or {"from": first index} of ascending ones. Equal columns, as those of one
// model on several machines, stand once in "columns". In "values", [n, "text"] is the first n
// characters of the text before it and then "text".
//
// Fit for a <script> element: '<', '>', '&' and the line separators of JavaScript are escaped.
[[nodiscard]] std::string html_data(std::span<const Report> reports);

}  // namespace aiprof
