// Numbers of hardware files for people.
#pragma once

#include <string>
#include <string_view>

namespace aiprof {

// With the unit that the end of its path states: "2.04 TB/s", "80 GiB", "400 W".
[[nodiscard]] std::string format_quantity(std::string_view path, double value);

}  // namespace aiprof
