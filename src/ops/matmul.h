// Extents and cost of matrix products, for MatMul and its many relatives.
#pragma once

#include <optional>
#include <span>

#include "aiprof/ops/op_spec.h"

namespace aiprof::ops {

// Shape of a (numpy) matmul of two shapes: 1-D operands are a row on the left and a column on the
// right and lose that axis; leading axes broadcast. Throws RuleError when extents conflict.
[[nodiscard]] Shape matmul_shape(const OpView& v, std::span<const Dim> a, std::span<const Dim> b);

// `batch` independent products of [m, k] by [k, n].
struct GemmExtents {
  Count batch = 1U;
  Count m = Count::unknown();
  Count n = Count::unknown();
  Count k = Count::unknown();
};

// Extents of a matmul of two shapes. Where b is one matrix for all of a's leading axes, they fold
// into m: [B, S, K] by [K, N] is one product with m = B x S.
[[nodiscard]] GemmExtents matmul_extents(const OpView& v, std::span<const Dim> a,
                                         std::span<const Dim> b);

// macs and geometry of given extents: batch x m x n x k MACs.
[[nodiscard]] Work gemm_work(const GemmExtents& e);

// matmul_extents and gemm_work for inputs `a` and `b`; unknown if a rank is.
[[nodiscard]] Work matmul_work(const OpView& v, std::size_t a, std::size_t b);

// Adds one operation per element: a FLOP if `dtype` is floating or complex, else an integer
// operation. For biases, scalings and the like beside a contraction.
void add_ops(Work& w, DType dtype, Count elements, unsigned per_element = 1);

}  // namespace aiprof::ops
