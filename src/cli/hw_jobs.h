// Jobs of `aiprof hw` that measure and fit.
#pragma once

#include <string>
#include <vector>

#include "cli/run.h"

namespace aiprof::cli {

[[nodiscard]] int run_hw_detect(const std::vector<std::string>& arguments, const Streams& streams);
[[nodiscard]] int run_hw_bench(const std::vector<std::string>& arguments, const Streams& streams);
[[nodiscard]] int run_hw_fit(const std::vector<std::string>& arguments, const Streams& streams);
[[nodiscard]] int run_hw_family(const std::vector<std::string>& arguments, const Streams& streams);
[[nodiscard]] int run_hw_eval(const std::vector<std::string>& arguments, const Streams& streams);

}  // namespace aiprof::cli
