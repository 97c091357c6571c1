// Building blocks shared by the operator families.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "aiprof/ops/op_spec.h"

namespace aiprof::ops {

// --- shapes -------------------------------------------------------------------------------------

// Output 0 has the dtype and shape of input 0.
void same_as_first(const InferView& v);

// Copies dtype and shape of an input (known or not) to an output, with another dtype if given.
void copy_type(const InferView& v, std::size_t from, std::size_t to,
               DType dtype = DType::kUndefined);

// NumPy broadcasting of two shapes; throws RuleError when known extents conflict. An unknown extent
// against a known one other than 1 takes the known one.
[[nodiscard]] Shape broadcast(const OpView& v, std::span<const Dim> a, std::span<const Dim> b);

// NumPy broadcasting of all present inputs from `first` on; nullopt if one has unknown rank.
[[nodiscard]] std::optional<Shape> broadcast_inputs(const OpView& v, std::size_t first = 0,
                                                    std::size_t last = SIZE_MAX);

// Output 0: inputs broadcast together, dtype of input 0 (broadcast_to_bool: dtype bool).
void broadcast_all(const InferView& v);
void broadcast_to_bool(const InferView& v);

// The dtype named by an integer attribute that holds an onnx data_type, or `otherwise`.
[[nodiscard]] DType attr_dtype(const OpView& v, std::string_view attr, DType otherwise);

// Dims [from, to) multiplied; unknown if one is.
[[nodiscard]] Count product(std::span<const Dim> dims, std::size_t from, std::size_t to);

// --- work ---------------------------------------------------------------------------------------

// Work of `per_element` operations on each of `elements`: FLOPs if `dtype` is floating or complex,
// integer operations otherwise (bool included).
[[nodiscard]] Work arithmetic(DType dtype, Count elements, unsigned per_element,
                              unsigned transcendentals_per_element = 0);

// `kFlops` FLOPs and `kTrans` transcendentals for each element of output 0.
template <unsigned kFlops, unsigned kTrans = 0>
Work per_element(const OpView& v) {
  return arithmetic(v.in(0).dtype, v.out(0).elements(), kFlops, kTrans);
}

// --- values -------------------------------------------------------------------------------------

// Output 0 has the contents of input 0 in the same order (Reshape, Squeeze, Identity ...).
void value_of_first(const InferView& v);

// A value of `n` unknown elements.
[[nodiscard]] std::shared_ptr<Value> unknown_value(Value::Kind kind, std::size_t n);

// Contents of input i; where nothing is known of a small (at most kSmallValue elements) tensor of
// known shape, a value of unknown elements, so that one unknown does not hide its neighbours.
inline constexpr std::uint64_t kSmallValue = 64;
[[nodiscard]] ValueRef value_or_unknowns(const OpView& v, std::size_t i);

// Row-major strides of a shape whose dims are all known.
[[nodiscard]] InlineVector<std::int64_t, 8> strides(std::span<const Dim> dims);

// For every element of `out` (row-major), the row-major index in `in` after broadcasting.
[[nodiscard]] std::vector<std::size_t> broadcast_index(std::span<const Dim> out,
                                                       std::span<const Dim> in);

}  // namespace aiprof::ops
