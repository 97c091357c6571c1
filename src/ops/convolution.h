// Geometry of sliding windows, and the cost of convolutions: for Conv and its many relatives, and
// for pooling.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "aiprof/ops/op_spec.h"

namespace aiprof::ops {

// How a window slides over the spatial axes; every list has one entry for each of them.
struct Window {
  enum class AutoPad : std::uint8_t { kExplicit, kValid, kSame };
  AutoPad auto_pad = AutoPad::kExplicit;
  InlineVector<Dim, 4> kernel;
  InlineVector<std::int64_t, 4> strides;
  InlineVector<std::int64_t, 4> dilations;
  InlineVector<std::int64_t, 4> pad_begin;  // zeros unless kExplicit
  InlineVector<std::int64_t, 4> pad_end;

  [[nodiscard]] std::size_t rank() const { return kernel.size(); }
  // Product of the kernel extents; unknown if one is.
  [[nodiscard]] Count kernel_points() const { return num_elements(kernel); }
  // Every stride and dilation is 1.
  [[nodiscard]] bool unit() const;
};

// What happens to a last window that only partly covers the input.
enum class WindowRounding : std::uint8_t {
  kFloor,       // it is dropped
  kCeil,        // it counts
  kCeilInside,  // it counts unless it would start in the padding at the end
};

// The window that attributes kernel_shape, strides, dilations, pads and auto_pad describe for
// `rank` spatial axes. `weight_kernel` holds the spatial extents of a weight tensor, used where
// kernel_shape is absent; empty if the operator has no weights. Throws RuleError when a list has
// the wrong length, or an entry is out of range. Kernel extents that nothing names stay unknown.
[[nodiscard]] Window read_window(const OpView& v, std::size_t rank,
                                 std::span<const Dim> weight_kernel = {});

// Extent that `in` shrinks to on spatial axis `axis`; unknown if it depends on an unknown extent.
// Throws RuleError when the padded input is smaller than the window.
[[nodiscard]] Dim window_extent(const OpView& v, const Window& w, std::size_t axis, Dim in,
                                WindowRounding rounding = WindowRounding::kFloor);

// Extent that `in` grows to in a transposed convolution, from strides, pads and output_padding.
[[nodiscard]] Dim transposed_extent(const OpView& v, const Window& w, std::size_t axis, Dim in);

// Where the operands of a convolution stand.
struct ConvOperands {
  enum class Layout : std::uint8_t { kChannelsFirst, kChannelsLast };
  static constexpr std::size_t kNone = SIZE_MAX;
  std::size_t x = 0;
  std::size_t w = 1;         // [filters, channels / group, kernel...], also for channels-last x
  std::size_t bias = kNone;  // [filters]
  Layout layout = Layout::kChannelsFirst;  // of x and y
};

// Shape of Y for a (forward) convolution; nullopt if the rank of x or w is unknown. Throws
// RuleError when channels, groups and weights contradict each other.
[[nodiscard]] std::optional<Shape> conv_shape(const OpView& v, const ConvOperands& operands);

// MACs, bias additions and geometry of a (forward) convolution whose result is output 0. Every
// output point counts a full kernel, also where it reaches into padding, as papers and torchvision
// do. The bias counts 1 FLOP per output element (an integer operation if x is an integer).
[[nodiscard]] Work conv_work(const OpView& v, const ConvOperands& operands);

// Extents of a convolution, for operators that derive them in their own way.
struct ConvExtents {
  Count images = Count::unknown();        // batch
  Count in_channels = Count::unknown();   // of all groups
  Count out_channels = Count::unknown();  // of all groups
  Count groups = 1U;
  Count kernel_points = Count::unknown();  // product of the kernel extents
  Count points = Count::unknown();         // output points of one image; input points if transposed
};

// macs and geometry for given extents. A transposed convolution is the product
// [images x input points, channels / group] by [channels / group, filters / group x kernel points].
[[nodiscard]] Work conv_work(const ConvExtents& e);
[[nodiscard]] Work conv_transpose_work(const ConvExtents& e);

// Sets the flags of `geometry` that depend on the window (unit_stride, image, square3x3).
void describe_window(const Window& w, Geometry& geometry);

// A depthwise causal convolution over [batch, channels, length]: `kernel` MACs per output element,
// 1 FLOP for a bias, 3 FLOPs and 2 transcendentals for SiLU.
struct CausalConvExtents {
  Count batch = Count::unknown();
  Count channels = Count::unknown();
  Count length = Count::unknown();
  Count kernel = Count::unknown();
  bool bias = false;
  bool silu = false;
};
[[nodiscard]] Work causal_conv_work(const CausalConvExtents& e);

// A zero point costs 1 integer subtraction per element of the operand it belongs to, if present.
void add_zero_point(const OpView& v, std::size_t operand, std::size_t zero_point, Work& w);

}  // namespace aiprof::ops
