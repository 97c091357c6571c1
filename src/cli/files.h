// Reading files that people wrote.
#pragma once

#include <string>

namespace aiprof::cli {

// All of a file. Throws Error(kInput) naming it and why it cannot be read.
[[nodiscard]] std::string read_text(const std::string& file);

}  // namespace aiprof::cli
