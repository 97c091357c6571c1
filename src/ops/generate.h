// Costs of generated tensors that other operators' definitions contain.
#pragma once

#include "aiprof/ops/op_spec.h"

namespace aiprof::ops {

// Work of Range for `n` elements of type `dtype`, as its ONNX function body does it: the length is
// max(ceil((limit - start) / delta), 0), divided, rounded and clipped in floating point; then every
// element is the one before plus delta.
[[nodiscard]] Work range_work(DType dtype, Count n);

}  // namespace aiprof::ops
