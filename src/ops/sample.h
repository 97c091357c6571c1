// Cost of sampling images at computed places, whatever the layout.
#pragma once

#include <cstddef>

#include "aiprof/ops/op_spec.h"

namespace aiprof::ops {

// Work of a GridSample that makes output 0 out of `points` places with `axes` coordinates each.
// Places and weights are found once per point for all channels. Linear: the products of the axes'
// weights (4 + 8 + ... up to 2^axes), then per channel 2^axes multiplies and one add less. Cubic:
// per channel one axis after the other, 7 FLOPs for each of (4^axes - 1) / 3 sums of 4.
[[nodiscard]] Work sampling_work(const OpView& v, Count points, std::size_t axes);

}  // namespace aiprof::ops
