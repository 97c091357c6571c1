// Operators that keep a part of a tensor or put a margin around it: Slice, Pad, CenterCropPad.
#include <algorithm>

#include "ops/families.h"
#include "ops/operands.h"

namespace aiprof::ops {
namespace {

// --- Slice --------------------------------------------------------------------------------------

// What a slice keeps of one axis: `length` elements from `start` on.
struct Kept {
  Dim length;  // unknown where an operand or the extent decides it and is not known
  std::int64_t start = 0;
  std::int64_t step = 1;
};

// Python's rules: negative positions count from the end, then both are clamped to the axis. INT_MAX
// and INT_MIN stand for "to the end" and "to the beginning".
Kept keep(std::int64_t start, std::int64_t end, std::int64_t step, std::int64_t extent) {
  const std::int64_t low = step > 0 ? 0 : -1;
  const std::int64_t high = step > 0 ? extent : extent - 1;
  start = std::clamp(start < 0 ? start + extent : start, low, high);
  end = std::clamp(end < 0 ? end + extent : end, low, high);
  const std::int64_t span = step > 0 ? end - start : start - end;
  // Positions are within the axis, so a step beyond it is as good as one of its extent.
  const std::int64_t stride = std::min(step > 0 ? step : -std::max(step, -INT64_MAX), extent + 1);
  return {span <= 0 ? 0 : (span + stride - 1) / stride, start, step > 0 ? stride : -stride};
}

Kept keep(const OpView& v, Scalar start, Scalar end, Scalar step, Dim extent) {
  if (step.known && step.i == 0) v.fail("a step of 0");
  const bool known = start.known && end.known && step.known;
  if (known && extent.known()) return keep(start.i, end.i, step.i, extent.value());
  // The whole of an axis that nobody gave keeps its name.
  const bool all = known && start.i == 0 && step.i == 1 && end.i >= INT32_MAX;
  return {all ? extent : Dim(), 0, 1};
}

// starts, ends, axes, steps: inputs 1 to 4 since opset 10, attributes (without steps) before.
struct SliceOperands {
  std::optional<Ints> starts, ends, axes, steps;
  std::optional<std::size_t> count;  // of sliced axes
};

// Axes and steps that the node does not have get their defaults: 0, 1, ... and 1.
SliceOperands slice_operands(const OpView& v) {
  SliceOperands s;
  s.starts = int_operand(v, 1, "starts");
  s.ends = int_operand(v, 2, "ends");
  s.axes = int_operand(v, 3, "axes");
  s.steps = int_operand(v, 4, "steps");
  for (const auto* list : {&s.starts, &s.ends, &s.axes, &s.steps}) {
    if (!*list) continue;
    if (s.count && *s.count != (*list)->size())
      v.fail("starts, ends, axes, steps differ in length");
    s.count = (*list)->size();
  }
  if (!s.count) return s;
  if (!s.starts) s.starts = Ints(*s.count);
  if (!s.ends) s.ends = Ints(*s.count);
  if (!s.steps) s.steps = v.has_in(4) ? Ints(*s.count) : Ints(*s.count, Scalar::of(1));
  if (!s.axes) {
    s.axes = Ints(*s.count);
    for (std::size_t i = 0; i < *s.count && !v.has_in(3); ++i) {
      (*s.axes)[i] = Scalar::of(static_cast<std::int64_t>(i));
    }
  }
  return s;
}

// What is kept of every axis of the input.
std::vector<Kept> kept_axes(const OpView& v) {
  const Shape& in = v.in(0).shape;
  std::vector<Kept> kept;
  for (const Dim d : in) kept.push_back({d, 0, 1});
  const SliceOperands s = slice_operands(v);
  const auto axes = s.count ? axes_of(v, *s.axes, in.size()) : std::nullopt;
  if (!axes) {
    for (Kept& k : kept) k.length = Dim();
    return kept;
  }
  for (std::size_t i = 0; i < axes->size(); ++i) {
    const std::size_t axis = (*axes)[i];
    kept[axis] = keep(v, (*s.starts)[i], (*s.ends)[i], (*s.steps)[i], in[axis]);
  }
  return kept;
}

void slice_shape(const InferView& v) {
  if (!v.in(0).has_shape) return v.set_unknown_rank(0, v.in(0).dtype);
  Shape out;
  for (const Kept& k : kept_axes(v)) out.push_back(k.length);
  v.set(0, v.in(0).dtype, out);
}

void slice_value(const InferView& v) {
  const Value* x = v.value(0);
  if (x == nullptr || !evaluable(v)) return;
  AxisSources sources;
  for (const Kept& k : kept_axes(v)) {
    sources.push_back(all_indices(k.length));
    for (std::int64_t& i : sources.back()) i = k.start + i * k.step;
  }
  v.set_value(0, pick(*x, v.in(0).shape, sources));
}

// --- Pad ----------------------------------------------------------------------------------------

struct Margin {
  Scalar before = Scalar::of(0);
  Scalar after = Scalar::of(0);
};

// `pads`: before every axis, then after every axis, of all axes or of those that `axes` names.
// nullopt if not even the padded axes are known.
std::optional<std::vector<Margin>> margins(const OpView& v, std::string_view attr) {
  const std::size_t rank = v.in(0).rank();
  const auto pads = int_operand(v, 1, attr);
  if (!pads) return std::nullopt;
  std::vector<Margin> out(rank);
  InlineVector<std::size_t, 8> axes;
  if (v.has_in(3)) {
    const auto given = int_operand(v, 3);
    const auto named = given ? axes_of(v, *given, rank) : std::nullopt;
    if (!named) return std::nullopt;
    axes = *named;
  } else {
    for (std::size_t i = 0; i < rank; ++i) axes.push_back(i);
  }
  if (pads->size() != 2 * axes.size()) {
    v.fail(std::to_string(pads->size()) + " pads for " + std::to_string(axes.size()) + " axes");
  }
  for (std::size_t i = 0; i < axes.size(); ++i) {
    out[axes[i]] = {(*pads)[i], (*pads)[i + axes.size()]};
  }
  return out;
}

Dim padded_extent(const InferView& v, Dim extent, const Margin& margin) {
  const auto [before, after] = margin;
  if (before.known && after.known && before.i == 0 && after.i == 0) return extent;
  if (!extent.known() || !before.known || !after.known) return {};
  const std::int64_t padded = extent.value() + before.i + after.i;
  if (padded < 0) v.fail("pads leave an extent of " + std::to_string(padded));
  return padded;
}

void pad_with(const InferView& v, std::string_view attr) {
  const TensorFact& in = v.in(0);
  if (!in.has_shape) return v.set_unknown_rank(0, in.dtype);
  const auto margin = margins(v, attr);
  if (!margin) return v.set(0, in.dtype, unknown_shape(in.rank()));
  Shape out;
  for (std::size_t i = 0; i < margin->size(); ++i) {
    out.push_back(padded_extent(v, in.shape[i], (*margin)[i]));
  }
  v.set(0, in.dtype, out);
}

void pad_shape(const InferView& v) { pad_with(v, "pads"); }
void pad_shape_1(const InferView& v) { pad_with(v, "paddings"); }

// The index that position i of a padded axis shows; modes as in numpy.pad.
std::int64_t padded_source(std::string_view mode, std::int64_t i, std::int64_t extent) {
  if (i >= 0 && i < extent) return i;
  if (mode == "constant" || extent == 0) return kFill;
  if (mode == "edge") return std::clamp<std::int64_t>(i, 0, extent - 1);
  if (mode == "wrap") return ((i % extent) + extent) % extent;
  if (extent == 1) return 0;
  const std::int64_t period = 2 * (extent - 1);  // reflect
  const std::int64_t phase = ((i % period) + period) % period;
  return phase < extent ? phase : period - phase;
}

// What a constant margin holds.
Scalar pad_fill(const OpView& v, Value::Kind kind) {
  if (v.has_in(2)) {
    const Value* given = v.value(2);
    return given != nullptr && given->kind == kind && given->size() == 1 &&
                   kind != Value::Kind::kString
               ? given->elements[0]
               : Scalar();
  }
  const double fill = v.attr_float("value", 0);
  return kind == Value::Kind::kFloat ? Scalar::of_float(fill)
                                     : Scalar::of(static_cast<std::int64_t>(fill));
}

void pad_value_with(const InferView& v, std::string_view attr) {
  const Value* x = v.value(0);
  if (x == nullptr || !evaluable(v)) return;
  const auto margin = margins(v, attr);
  const std::string_view mode = v.attr_string("mode", "constant");
  AxisSources sources;
  for (std::size_t i = 0; i < v.out(0).rank(); ++i) {
    const std::int64_t before = (*margin)[i].before.i;
    // Runtimes differ in whether a negative pad crops before or after the others mirror.
    if (mode != "constant" && (before < 0 || (*margin)[i].after.i < 0)) return;
    sources.push_back(all_indices(v.out(0).shape[i]));
    for (std::int64_t& s : sources.back()) {
      s = padded_source(mode, s - before, v.in(0).shape[i].value());
    }
  }
  v.set_value(0, pick(*x, v.in(0).shape, sources, pad_fill(v, x->kind)));
}

void pad_value(const InferView& v) { pad_value_with(v, "pads"); }
void pad_value_1(const InferView& v) { pad_value_with(v, "paddings"); }

// Of the input what negative pads leave.
void pad_traffic(const OpView& v, Traffic& t) {
  const auto margin = v.in(0).has_shape
                          ? margins(v, v.attr("paddings") != nullptr ? "paddings" : "pads")
                          : std::nullopt;
  Count read = margin ? Count(1U) : Count::unknown();
  for (std::size_t i = 0; margin && i < margin->size(); ++i) {
    const auto [before, after] = (*margin)[i];
    if (!before.known || !after.known) {
      read = Count::unknown();
      break;
    }
    // before and after are negative where they crop; out() has checked that something is left.
    const Count cropped =
        Count(-std::min<std::int64_t>(before.i, 0)) + Count(-std::min<std::int64_t>(after.i, 0));
    const Count extent = v.in(0).shape[i].count();
    read *= extent.known() && cropped.value() > extent.value() ? Count(0U) : extent - cropped;
  }
  t.read(0, read);
  t.write(0);
}

// --- CenterCropPad ------------------------------------------------------------------------------

void center_crop_pad(const InferView& v) {
  const TensorFact& in = v.in(0);
  if (!in.has_shape) return v.set_unknown_rank(0, in.dtype);
  const auto target = int_operand(v, 1);
  InlineVector<std::size_t, 8> axes;
  if (v.attr("axes") != nullptr) {
    axes = *axes_of(v, to_ints(v.attr_ints("axes")), in.rank());
  } else {
    for (std::size_t i = 0; i < in.rank(); ++i) axes.push_back(i);
  }
  if (target && target->size() != axes.size()) {
    v.fail(std::to_string(target->size()) + " extents for " + std::to_string(axes.size()) +
           " axes");
  }
  Shape out = in.shape;
  for (std::size_t i = 0; i < axes.size(); ++i) {
    const Scalar s = target ? (*target)[i] : Scalar();
    if (s.known && s.i < 0) v.fail("extent " + std::to_string(s.i) + " in the shape");
    out[axes[i]] = s.known ? Dim(s.i) : Dim();
  }
  v.set(0, in.dtype, out);
}

void center_crop_pad_traffic(const OpView& v, Traffic& t) {
  Count read = v.in(0).has_shape ? Count(1U) : Count::unknown();
  for (std::size_t i = 0; i < std::min(v.in(0).rank(), v.out(0).rank()); ++i) {
    read *= min(v.in(0).shape[i].count(), v.out(0).shape[i].count());
  }
  t.read(0, read);
  t.write(0);
}

constexpr std::string_view kSliced = "reads what is kept and writes the output";
constexpr std::string_view kPadded =
    "reads the input less what negative pads crop, writes the output";

constexpr OpSpec kCrop[] = {
    {"", "Slice", 1, OpClass::kMovement, slice_shape, no_work, read_kept, kSliced, slice_value},
    {"", "Slice", 10, OpClass::kMovement, slice_shape, no_work, read_kept, kSliced, slice_value},
    {"", "DynamicSlice", 1, OpClass::kMovement, slice_shape, no_work, read_kept, kSliced,
     slice_value},
    {"", "Pad", 1, OpClass::kMovement, pad_shape_1, no_work, pad_traffic, kPadded, pad_value_1},
    {"", "Pad", 2, OpClass::kMovement, pad_shape, no_work, pad_traffic, kPadded, pad_value},
    {"", "Pad", 11, OpClass::kMovement, pad_shape, no_work, pad_traffic, kPadded, pad_value},
    {"", "Pad", 18, OpClass::kMovement, pad_shape, no_work, pad_traffic, kPadded, pad_value},
    {"", "CenterCropPad", 18, OpClass::kMovement, center_crop_pad, no_work, center_crop_pad_traffic,
     "reads what is kept and writes the output"},
};

}  // namespace

std::span<const OpSpec> crop_ops() { return kCrop; }

}  // namespace aiprof::ops
