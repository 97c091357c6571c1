// Sliding windows: what their attributes say, and the extents they leave.
#include <algorithm>
#include <string>

#include "ops/convolution.h"

namespace aiprof::ops {
namespace {

using Ints = InlineVector<std::int64_t, 4>;

// Extents, strides and pads up to here multiply without overflow; real ones are far smaller.
constexpr std::int64_t kLargest = std::int64_t{1} << 31;

// An attribute of `count` entries, each at least `least`; that, or 0, for each where it is absent.
Ints list(const OpView& v, std::string_view name, std::size_t count, std::int64_t least) {
  const auto given = v.attr_ints(name);
  if (given.empty()) return Ints(count, std::max<std::int64_t>(least, 0));
  if (given.size() != count) {
    v.fail(std::string(name) + " has " + std::to_string(given.size()) + " entries, not " +
           std::to_string(count));
  }
  for (const std::int64_t x : given) {
    if (x < least || x > kLargest) v.fail(std::string(name) + " holds " + std::to_string(x));
  }
  return Ints(given);
}

Window::AutoPad read_auto_pad(const OpView& v) {
  const std::string_view text = v.attr_string("auto_pad", "NOTSET");
  if (text == "NOTSET" || text.empty()) return Window::AutoPad::kExplicit;
  if (text == "VALID") return Window::AutoPad::kValid;
  if (text == "SAME_UPPER" || text == "SAME_LOWER") return Window::AutoPad::kSame;
  v.fail("auto_pad is '" + std::string(text) + "'");
}

InlineVector<Dim, 4> read_kernel(const OpView& v, std::size_t rank,
                                 std::span<const Dim> weight_kernel) {
  const auto given = v.attr_ints("kernel_shape");
  if (given.empty()) {
    return weight_kernel.empty() ? InlineVector<Dim, 4>(rank) : InlineVector<Dim, 4>(weight_kernel);
  }
  InlineVector<Dim, 4> kernel;
  for (const std::int64_t k : given) {
    if (k < 1 || k > kLargest) v.fail("kernel_shape holds " + std::to_string(k));
    kernel.push_back(k);
  }
  for (std::size_t i = 0; i < std::min(kernel.size(), weight_kernel.size()); ++i) {
    if (weight_kernel[i].known() && weight_kernel[i] != kernel[i]) {
      v.fail("kernel_shape is " + std::to_string(kernel[i].value()) + " where the weights have " +
             std::to_string(weight_kernel[i].value()));
    }
  }
  return kernel;
}

// Points that the window spans on one axis, holes of dilation included.
std::int64_t span_of(const Window& w, std::size_t axis) {
  return w.dilations[axis] * (w.kernel[axis].value() - 1) + 1;
}

}  // namespace

bool Window::unit() const {
  const auto one = [](std::int64_t x) { return x == 1; };
  return std::all_of(strides.begin(), strides.end(), one) &&
         std::all_of(dilations.begin(), dilations.end(), one);
}

Window read_window(const OpView& v, std::size_t rank, std::span<const Dim> weight_kernel) {
  Window w;
  w.auto_pad = read_auto_pad(v);
  w.kernel = read_kernel(v, rank, weight_kernel);
  if (w.kernel.size() != rank) {
    v.fail("kernel_shape has " + std::to_string(w.kernel.size()) + " entries for " +
           std::to_string(rank) + " spatial dimensions");
  }
  w.strides = list(v, "strides", rank, 1);
  w.dilations = list(v, "dilations", rank, 1);
  // Negative pads (crops) are met in files and well-defined.
  const Ints pads = list(v, "pads", 2 * rank, -kLargest);
  for (std::size_t i = 0; i < rank; ++i) {
    const bool given = w.auto_pad == Window::AutoPad::kExplicit;
    w.pad_begin.push_back(given ? pads[i] : 0);
    w.pad_end.push_back(given ? pads[rank + i] : 0);
  }
  return w;
}

Dim window_extent(const OpView& v, const Window& w, std::size_t axis, Dim in,
                  WindowRounding rounding) {
  const std::int64_t stride = w.strides[axis];
  if (!in.known() || in.value() > kLargest) return {};
  if (in.is(0)) return 0;
  if (w.auto_pad == Window::AutoPad::kSame) return (in.value() + stride - 1) / stride;
  if (!w.kernel[axis].known() || w.kernel[axis].value() > kLargest) return {};
  const std::int64_t padded = in.value() + w.pad_begin[axis] + w.pad_end[axis];
  const std::int64_t slack = padded - span_of(w, axis);
  if (slack < 0) {
    v.fail("a window of " + std::to_string(span_of(w, axis)) + " points does not fit into " +
           std::to_string(padded) + " padded points on spatial dimension " + std::to_string(axis));
  }
  if (rounding == WindowRounding::kFloor) return slack / stride + 1;
  const std::int64_t out = (slack + stride - 1) / stride + 1;
  const bool starts_in_padding = (out - 1) * stride >= in.value() + w.pad_begin[axis];
  return rounding == WindowRounding::kCeilInside && starts_in_padding ? out - 1 : out;
}

Dim transposed_extent(const OpView& v, const Window& w, std::size_t axis, Dim in) {
  const Dim kernel = w.kernel[axis];
  if (!in.known() || in.value() > kLargest) return {};
  if (!kernel.known() || kernel.value() > kLargest) return {};
  const std::int64_t extra = list(v, "output_padding", w.rank(), 0)[axis];
  const std::int64_t whole = (in.value() - 1) * w.strides[axis] + extra + span_of(w, axis);
  // The same extent as a strided convolution would have shrunk, cut out of what there is.
  if (w.auto_pad == Window::AutoPad::kSame) return std::min(in.value() * w.strides[axis], whole);
  const std::int64_t out = whole - w.pad_begin[axis] - w.pad_end[axis];
  if (out < 0) v.fail("pads leave no output on spatial dimension " + std::to_string(axis));
  return out;
}

void describe_window(const Window& w, Geometry& geometry) {
  geometry.unit_stride = w.unit();
  geometry.image = w.rank() == 2;
  geometry.square3x3 = w.rank() == 2 && w.kernel[0].is(3) && w.kernel[1].is(3);
}

}  // namespace aiprof::ops
