// The streams of this process, and what is known of the terminal behind them.
#pragma once

#include "cli/run.h"

namespace aiprof::cli {

// std::cout and std::cerr; width and colour as the terminal and NO_COLOR say.
[[nodiscard]] Streams process_streams();

}  // namespace aiprof::cli
