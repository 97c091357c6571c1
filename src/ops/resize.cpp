// Upsample and Resize.
#include <algorithm>
#include <cmath>

#include "ops/families.h"
#include "ops/operands.h"

namespace aiprof::ops {
namespace {

using Axes = InlineVector<std::size_t, 8>;

// floor(extent * scale) in single precision: what ONNX's shape inference and ONNX Runtime compute,
// so that 10 * 0.7 is 7.
Dim scaled(Dim extent, std::optional<double> scale) {
  if (scale && *scale == 1) return extent;
  if (!extent.known() || !scale || !(*scale > 0)) return {};
  const float out = std::floor(static_cast<float>(extent.value()) * static_cast<float>(*scale));
  return out < 0x1p62F ? Dim(static_cast<std::int64_t>(out)) : Dim();
}

// Element `i` of a floating-point input.
std::optional<double> float_at(const OpView& v, std::size_t input, std::size_t i) {
  const Value* x = v.value(input);
  if (x == nullptr || x->kind != Value::Kind::kFloat || i >= x->elements.size()) return {};
  return x->elements[i].known ? std::optional(x->elements[i].f) : std::nullopt;
}

void set_scaled(const InferView& v, std::span<const std::optional<double>> scales) {
  const TensorFact& in = v.in(0);
  if (in.has_shape && in.rank() != scales.size()) {
    v.fail(std::to_string(scales.size()) + " scales for a tensor of rank " +
           std::to_string(in.rank()));
  }
  Shape out = in.has_shape ? in.shape : unknown_shape(scales.size());
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (scales[i] && !(*scales[i] > 0)) v.fail("a scale that is not positive");
    out[i] = scaled(out[i], scales[i]);
  }
  v.set(0, in.dtype, out);
}

// --- Upsample, and Resize of opset 10 -----------------------------------------------------------

void upsample_7(const InferView& v) {
  std::vector<std::optional<double>> scales;
  for (const float s : v.attr_floats("scales")) scales.emplace_back(s);
  set_scaled(v, scales);
}

// Early exporters already wrote `scales`.
void upsample_1(const InferView& v) {
  if (v.attr("scales") != nullptr) return upsample_7(v);
  const std::optional<double> scales[] = {1.0, 1.0, v.attr_float("height_scale", 1),
                                          v.attr_float("width_scale", 1)};
  set_scaled(v, scales);
}

// Input 1 holds a scale for every axis.
void scales_input(const InferView& v) {
  const TensorFact& in = v.in(0);
  const Dim n = in.has_shape ? Dim(static_cast<std::int64_t>(in.rank())) : v.in_dim(1, 0);
  if (!n.known()) return v.set_unknown_rank(0, in.dtype);
  const Value* given = v.value(1);
  if (given != nullptr && given->size() != static_cast<std::size_t>(n.value())) {
    v.fail(std::to_string(given->size()) + " scales for a tensor of rank " +
           std::to_string(n.value()));
  }
  std::vector<std::optional<double>> scales(static_cast<std::size_t>(n.value()));
  for (std::size_t i = 0; i < scales.size(); ++i) scales[i] = float_at(v, 1, i);
  set_scaled(v, scales);
}

// --- Resize since opset 11: X, roi, scales, sizes -----------------------------------------------

// An input that is there and not empty; opset 11 uses empty tensors for operands left out.
bool given(const OpView& v, std::size_t i) {
  return v.has_in(i) && !(v.in(i).has_shape && v.in(i).elements() == Count(0U));
}

// Axes that roi, scales and sizes are about (attribute since opset 18), else all.
Axes resized_axes(const OpView& v) {
  const std::size_t rank = v.in(0).rank();
  if (v.attr("axes") != nullptr) return *axes_of(v, to_ints(v.attr_ints("axes")), rank);
  Axes all;
  for (std::size_t i = 0; i < rank; ++i) all.push_back(i);
  return all;
}

bool crops(const OpView& v) {
  return v.attr_string("coordinate_transformation_mode") == "tf_crop_and_resize";
}

// roi_end - roi_start of the axis at position i of `axes`, where the region matters; 1 elsewhere.
std::optional<double> region(const OpView& v, std::size_t i, std::size_t axes) {
  if (!crops(v) || !given(v, 1)) return 1.0;
  const auto begin = float_at(v, 1, i);
  const auto end = float_at(v, 1, i + axes);
  return begin && end ? std::optional(*end - *begin) : std::nullopt;
}

void check_length(const OpView& v, std::size_t input, std::size_t axes) {
  const Count n = v.in(input).elements();
  if (n.known() && n.value() != axes) {
    v.fail("input " + std::to_string(input) + " has " + std::to_string(n.value()) +
           " elements for " + std::to_string(axes) + " axes");
  }
}

Shape resized_by_scales(const OpView& v, const Axes& axes) {
  Shape out = v.in(0).shape;
  check_length(v, 2, axes.size());
  for (std::size_t i = 0; i < axes.size(); ++i) {
    const auto scale = float_at(v, 2, i);
    const auto part = region(v, i, axes.size());
    if (scale && !(*scale > 0)) v.fail("a scale that is not positive");
    out[axes[i]] =
        scaled(out[axes[i]], scale && part ? std::optional(*scale * *part) : std::nullopt);
  }
  return out;
}

// The axis whose sizes[i] / extent is smallest (not_larger) or largest (not_smaller) sets one ratio
// for all; extents are rounded, halves up. Exact: no floating point is involved.
Shape resized_in_proportion(const OpView& v, const Axes& axes, const Ints& sizes, bool smallest) {
  Shape out = v.in(0).shape;
  std::int64_t size = 0;
  std::int64_t extent = 0;
  bool known = all_known(sizes);
  for (std::size_t i = 0; i < axes.size() && known; ++i) {
    const Dim d = out[axes[i]];
    known = d.known() && d.value() > 0 && d.value() < INT32_MAX && sizes[i].i < INT32_MAX;
    if (!known) break;
    const std::int64_t mine = sizes[i].i * extent;
    const std::int64_t best = size * d.value();
    if (extent == 0 || (smallest ? mine < best : mine > best)) {
      size = sizes[i].i;
      extent = d.value();
    }
  }
  for (const std::size_t axis : axes) {
    out[axis] = known ? Dim((2 * size * out[axis].value() + extent) / (2 * extent)) : Dim();
  }
  return out;
}

Shape resized_by_sizes(const OpView& v, const Axes& axes) {
  check_length(v, 3, axes.size());
  const auto operand = int_operand(v, 3);
  const Ints sizes = operand ? *operand : Ints(axes.size());
  const std::string_view policy = v.attr_string("keep_aspect_ratio_policy", "stretch");
  for (const Scalar& s : sizes) {
    if (s.known && s.i < 0) v.fail("a size of " + std::to_string(s.i));
  }
  if (policy != "stretch") {
    return resized_in_proportion(v, axes, sizes, policy == "not_larger");
  }
  Shape out = v.in(0).shape;
  for (std::size_t i = 0; i < axes.size(); ++i) {
    out[axes[i]] = sizes[i].known ? Dim(sizes[i].i) : Dim();
  }
  return out;
}

void resize_shape(const InferView& v) {
  const TensorFact& in = v.in(0);
  if (!in.has_shape) return v.set_unknown_rank(0, in.dtype);
  const Axes axes = resized_axes(v);
  if (given(v, 3)) return v.set(0, in.dtype, resized_by_sizes(v, axes));
  if (given(v, 2)) return v.set(0, in.dtype, resized_by_scales(v, axes));
  v.fail("neither scales nor sizes are given");
}

// --- work ---------------------------------------------------------------------------------------

// Points of the input that one output point mixes on an axis that goes from `in` to `out` points.
std::uint64_t taps(const OpView& v, std::int64_t in, std::int64_t out) {
  const std::string_view mode = v.attr_string("mode", "nearest");
  if (mode == "nearest") return 1;
  const std::uint64_t support = mode == "cubic" ? 2 : 1;
  if (v.attr_int("antialias", 0) == 0 || out >= in || out <= 0) return 2 * support;
  // Antialiasing widens the filter by in / out: the footprint in ONNX's reference is
  // 2 * ceil(support * in / out).
  const auto i = static_cast<std::uint64_t>(in);
  const auto o = static_cast<std::uint64_t>(out);
  return 2 * ((support * i + o - 1) / o);
}

// Separable interpolation, one axis after the other, axes that shrink most first: the cheapest
// order. A pass spends `taps` multiplies and taps - 1 adds on every point that it makes. The
// weights depend on one coordinate only and are tables of negligible size; they are not counted.
Work resize_work(const OpView& v) {
  const TensorFact& in = v.in(0);
  const TensorFact& out = v.out(0);
  Work none;
  none.flops = v.attr_string("mode", "nearest") == "nearest" ? Count(0U) : Count::unknown();
  if (none.flops.known() || !in.shape_known() || !out.shape_known()) return none;
  struct Pass {
    std::size_t axis;
    double ratio;
  };
  std::vector<Pass> passes;
  const Axes axes = resized_axes(v);
  for (std::size_t i = 0; i < axes.size(); ++i) {
    const Dim from = in.shape[axes[i]];
    const Dim to = out.shape[axes[i]];
    // An axis that keeps its extent keeps its points, unless a region of it is cropped.
    if (from == to && region(v, i, axes.size()) == 1.0) continue;
    passes.push_back(
        {axes[i], static_cast<double>(to.value()) / static_cast<double>(from.value())});
  }
  std::stable_sort(passes.begin(), passes.end(),
                   [](const Pass& a, const Pass& b) { return a.ratio < b.ratio; });
  Shape shape = in.shape;
  Work w;
  Count operations = 0U;
  for (const Pass& p : passes) {
    const std::uint64_t n = taps(v, in.shape[p.axis].value(), out.shape[p.axis].value());
    shape[p.axis] = out.shape[p.axis];
    operations += num_elements(shape) * (2 * n - 1);
  }
  (is_float(in.dtype) ? w.flops : w.integer_ops) = operations;
  return w;
}

// Of each axis no more points are read than the output mixes.
void resize_traffic(const OpView& v, Traffic& t) {
  const Shape& in = v.in(0).shape;
  const Shape& out = v.out(0).shape;
  Count read = v.in(0).has_shape && v.out(0).has_shape ? Count(1U) : Count::unknown();
  for (std::size_t i = 0; i < std::min(in.size(), out.size()); ++i) {
    const Count touched = out[i].count() * Count(taps(v, in[i].value(), out[i].value()));
    read *= min(in[i].count(), in[i] == out[i] ? in[i].count() : touched);
  }
  t.read(0, read);
  t.write(0);
}

constexpr std::string_view kResized =
    "nearest 0; linear 3, cubic 7 FLOPs per point and pass, one pass per resized axis (2 * taps - "
    "1 "
    "with antialiasing); reads the points that it mixes and writes the output";

constexpr OpSpec kResize[] = {
    {"", "Upsample", 1, OpClass::kResize, upsample_1, resize_work, resize_traffic, kResized},
    {"", "Upsample", 7, OpClass::kResize, upsample_7, resize_work, resize_traffic, kResized},
    {"", "Upsample", 9, OpClass::kResize, scales_input, resize_work, resize_traffic, kResized},
    {"", "Resize", 10, OpClass::kResize, scales_input, resize_work, resize_traffic, kResized},
    {"", "Resize", 11, OpClass::kResize, resize_shape, resize_work, resize_traffic, kResized},
    {"", "Resize", 13, OpClass::kResize, resize_shape, resize_work, resize_traffic, kResized},
    {"", "Resize", 18, OpClass::kResize, resize_shape, resize_work, resize_traffic, kResized},
    {"", "Resize", 19, OpClass::kResize, resize_shape, resize_work, resize_traffic, kResized},
};

}  // namespace

std::span<const OpSpec> resize_ops() { return kResize; }

}  // namespace aiprof::ops
