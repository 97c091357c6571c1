// The options that say what is written where, and the writing.
#pragma once

#include <string>

#include "aiprof/report/write.h"
#include "cli/arguments.h"

namespace aiprof::cli {

// Writes a finished text to `file` (through a temporary file beside it, so that nobody ever sees
// half of it), or to streams.out where `file` is empty. Throws Error(kUsage) for a directory that
// does not exist, Error(kInput) for a write that fails.
void emit(const std::string& text, const std::string& file, const Streams& streams);

// Width and colour of the terminal, where there is one.
[[nodiscard]] WriteOptions terminal_options(const Streams& streams);

}  // namespace aiprof::cli
