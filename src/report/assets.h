// The page, style and scripts of HTML reports, put into the program by cmake/EmbedAssets.cmake.
#pragma once

#include <string_view>

namespace aiprof::html {

// The content of src/report/html/NAME, or of "d3.min.js"; empty for any other name.
[[nodiscard]] std::string_view asset(std::string_view name);

}  // namespace aiprof::html
