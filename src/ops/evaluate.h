// Arithmetic on the elements of small tensors, exact to their dtype.
#pragma once

#include <cstdint>

#include "ops/rules.h"

namespace aiprof::ops {

// --- one element --------------------------------------------------------------------------------

// `x` stored in an integer type (wraps to its width, two's complement) or in bool (0 or 1).
[[nodiscard]] Scalar integer(DType type, std::int64_t x);

// `x` rounded to a floating-point type. Unknown for types below 16 bits: whether they saturate is
// an attribute of the operator, and no shape depends on them.
[[nodiscard]] Scalar real(DType type, double x);

[[nodiscard]] inline Scalar boolean(bool x) { return Scalar::of(x ? 1 : 0); }

// Cast of one element: numbers to integers truncate toward zero (unknown where the result does not
// fit: ONNX leaves it undefined), to bool compare with zero.
[[nodiscard]] Scalar convert(Scalar x, DType from, DType to);

// The order of two known elements of one type; unsigned 64-bit integers are bit patterns.
[[nodiscard]] bool less(Scalar a, Scalar b, DType type);

// Operands are known and of `type`; the result is of the operator's output type.
using Unary = Scalar (*)(Scalar x, DType type);
using Binary = Scalar (*)(Scalar a, Scalar b, DType type);

// Integers wrap; a product or power beyond 64 bits, and division by zero, are unknown.
[[nodiscard]] Scalar add(Scalar a, Scalar b, DType type);
[[nodiscard]] Scalar subtract(Scalar a, Scalar b, DType type);
[[nodiscard]] Scalar multiply(Scalar a, Scalar b, DType type);
[[nodiscard]] Scalar divide(Scalar a, Scalar b, DType type);  // integers truncate toward zero
[[nodiscard]] Scalar power(Scalar a, Scalar b, DType type);
[[nodiscard]] Scalar minimum(Scalar a, Scalar b, DType type);
[[nodiscard]] Scalar maximum(Scalar a, Scalar b, DType type);
[[nodiscard]] Scalar absolute(Scalar x, DType type);

// --- whole tensors ------------------------------------------------------------------------------

// Whether a value of output 0 can and should be made: shape known, small, not of strings, and
// something known of an input.
[[nodiscard]] bool evaluable(const OpView& v);

// Elements of input i spread over output 0 as broadcasting says, including the `axis` of binary
// operators before opset 7; nullopt where nothing is known of them.
[[nodiscard]] std::optional<std::vector<Scalar>> spread(const OpView& v, std::size_t i);

// Sets output 0 unless no element is known.
void set_elements(const InferView& v, std::vector<Scalar> elements);

// Output 0 = op(input 0), element by element.
void evaluate_unary(const InferView& v, Unary op);
// Output 0 = op(op(input 0, input 1), input 2) ..., broadcast together; elements of `type`.
void evaluate_variadic(const InferView& v, Binary op);

template <Unary kOp>
void unary_value(const InferView& v) {
  evaluate_unary(v, kOp);
}
template <Binary kOp>
void variadic_value(const InferView& v) {
  evaluate_variadic(v, kOp);
}

// --- work ---------------------------------------------------------------------------------------

// Work of `flops` simple and `transcendentals` costly operations on each element of a floating (or
// complex) type; on integers and bools all of them are integer operations.
[[nodiscard]] Work operations(DType type, Count elements, unsigned flops,
                              unsigned transcendentals = 0);

// The same for each element of output 0, by the type of input 0.
template <unsigned kFlops, unsigned kTranscendentals = 0>
Work each(const OpView& v) {
  return operations(v.in(0).dtype, v.out(0).elements(), kFlops, kTranscendentals);
}

// Operations that combine `from` elements into `to` (reductions): from - to, and none where there
// is nothing to combine.
[[nodiscard]] Count combined(Count from, Count to);

// Geometry of `rows` independent rows of `cols` elements.
[[nodiscard]] Geometry row_geometry(Count rows, Count cols);

// Input 0 is read and every output written; other inputs are dtypes, axes or shapes.
void first_to_all(const OpView& v, Traffic& t);

}  // namespace aiprof::ops
