// Operands that shapes depend on (axes, sizes, pads ...), read element by element, and contents of
// small tensors moved from input to output. Shared by the families that move data.
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "ops/rules.h"

namespace aiprof::ops {

// Integers that are known or unknown one by one.
using Ints = InlineVector<Scalar, 8>;

[[nodiscard]] Ints to_ints(std::span<const std::int64_t> values);
// Elements of input i (floating-point ones truncated); nullopt when not even their number is known.
[[nodiscard]] std::optional<Ints> int_operand(const OpView& v, std::size_t i);
// The same from input i where the node has it, else from attribute `attr`; nullopt if it has
// neither, or if the input's length is unknown (ask v.has_in() which).
[[nodiscard]] std::optional<Ints> int_operand(const OpView& v, std::size_t i,
                                              std::string_view attr);
[[nodiscard]] bool all_known(const Ints& values);
// The one element of input i when it is an integer, or a floating-point number without fraction.
[[nodiscard]] std::optional<std::int64_t> int_of(const OpView& v, std::size_t i);

// `values` as axes of a tensor of rank `rank`, in the order given; nullopt if one is unknown. An
// axis outside the tensor, or named twice, throws RuleError.
[[nodiscard]] std::optional<InlineVector<std::size_t, 8>> axes_of(const OpView& v,
                                                                  const Ints& values,
                                                                  std::size_t rank);

// A shape of `rank` anonymous unknown dims.
[[nodiscard]] Shape unknown_shape(std::size_t rank);
// a and b name the same extent, that of `axis`: the known one of the two. Throws RuleError if they
// contradict.
[[nodiscard]] Dim same_extent(const OpView& v, Dim a, Dim b, std::size_t axis);
// "2x?x3", for messages.
[[nodiscard]] std::string to_text(std::span<const Dim> shape);

// True if output o has a known shape of at most kMaxValueElements elements.
[[nodiscard]] bool evaluable(const OpView& v, std::size_t o = 0);

// In lists of source positions: nothing is read, the element is `fill`.
inline constexpr std::int64_t kFill = -1;
// Indices on each axis of `in` that the indices on that axis of the output read, or kFill.
using AxisSources = std::vector<std::vector<std::int64_t>>;
// Row-major elements of the output that `sources` describes. Null if `x` holds strings and one of
// them would be filled.
[[nodiscard]] ValueRef pick(const Value& x, std::span<const Dim> in, const AxisSources& sources,
                            Scalar fill = {});
// The same with row-major positions in `x`.
[[nodiscard]] ValueRef pick(const Value& x, std::span<const std::int64_t> positions,
                            Scalar fill = {});
// 0, 1, ..., n - 1.
[[nodiscard]] std::vector<std::int64_t> all_indices(Dim n);

// Input 0 is read and outputs are written; the other inputs are a few integers for the host.
void first_once(const OpView& v, Traffic& t);
// Outputs are written; of the inputs only shapes or single numbers matter.
void write_only(const OpView& v, Traffic& t);
// Of input 0 as many elements move as output 0 has, but never more than it holds.
void read_kept(const OpView& v, Traffic& t);

}  // namespace aiprof::ops
