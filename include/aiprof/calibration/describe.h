// Kernels of a network as rows of a measurement file.
#pragma once

#include <optional>

#include "aiprof/calibration/measurement.h"
#include "aiprof/lowering/lowering.h"

namespace aiprof {

// The row that a kernel stands for, of one launch and without regime and seconds. A contraction
// with an epilogue is the contraction alone, which its label says. No value for kernels that no
// row can express: several operators of equal weight, dilated or unevenly padded windows, types
// without a form.
[[nodiscard]] std::optional<Measurement> describe_kernel(const Graph& graph,
                                                         const Analysis& analysis,
                                                         const Kernel& kernel);

}  // namespace aiprof
