// Many independent pieces of work on all cores.
#pragma once

#include <cstddef>
#include <functional>

#include "cli/run.h"

namespace aiprof::cli {

// Calls work(0) ... work(n - 1), in any order and several at a time; returns when all are done.
// Throws what the piece with the lowest number threw, so that the same input always fails alike.
// With streams.progress it shows on streams.err how many are done.
void for_each_index(std::size_t n, const std::function<void(std::size_t)>& work,
                    const Streams& streams);

}  // namespace aiprof::cli
