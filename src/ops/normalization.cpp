// Normalisations: statistics over some axes, then scaling.
//
// Where ONNX defines the operator by a function body, the counts are those of the body: a mean is
// its additions and one division, a square is a multiplication (in MeanVarianceNormalization a
// power, as its body writes it), and normalising divides every element by its row's deviation.
// A row is taken to stay on chip between the passes, so that the input is read once.
#include <algorithm>

#include "ops/evaluate.h"
#include "ops/families.h"

namespace aiprof::ops {
namespace {

// --- rows ---------------------------------------------------------------------------------------

// Axes from `axis` on form a row.
Geometry rows_from_axis(const OpView& v) {
  const TensorFact& x = v.in(0);
  if (!x.has_shape) return row_geometry(Count::unknown(), Count::unknown());
  const std::size_t axis = v.normalize_axis(v.attr_int("axis", -1), x.rank());
  return row_geometry(product(x.shape, 0, axis), product(x.shape, axis, x.rank()));
}

// Each image has `groups` rows of equal length.
Geometry rows_of_groups(const OpView& v, Count groups) {
  const Count rows = v.in_dim(0, 0).count() * groups;
  return row_geometry(rows, v.in(0).elements() / rows);
}

// --- shapes -------------------------------------------------------------------------------------

// Statistics have the input's shape with 1 from `axis` on, in the type of `stash_type`.
void set_statistics(const InferView& v, std::size_t first, std::size_t last) {
  const DType type = attr_dtype(v, "stash_type", DType::kFloat32);
  for (std::size_t o = first; o <= last; ++o) {
    if (!v.in(0).has_shape) {
      v.set_unknown_rank(o, type);
      continue;
    }
    Shape shape = v.in(0).shape;
    const std::size_t axis = v.normalize_axis(v.attr_int("axis", -1), shape.size());
    for (std::size_t i = axis; i < shape.size(); ++i) shape[i] = 1;
    v.set(o, type, std::move(shape));
  }
}

void layer_norm_shape(const InferView& v) {
  same_as_first(v);
  set_statistics(v, 1, 2);
}

// Y has the type of the scale.
void rms_norm_shape(const InferView& v) {
  copy_type(v, 0, 0, v.in(1).dtype);
  set_statistics(v, 1, 1);
}

// Further outputs are per-channel statistics like the ones that come in.
void batch_norm_shape(const InferView& v) {
  same_as_first(v);
  for (std::size_t o = 1; o < v.num_outputs(); ++o) copy_type(v, 3, o);
}

// --- layer, group, instance, RMS ----------------------------------------------------------------

// Mean, square, mean of squares, its difference from the squared mean, + epsilon, sqrt; then
// subtract, divide, scale and, with a bias, add.
Work centred(const OpView& v, Geometry rows, bool bias) {
  const Count n = v.in(0).elements();
  const Count r = rows.rows;
  Work w;
  w.flops = combined(n, r) * 2U + n + r * 3U + n * (bias ? 3U : 2U);
  w.transcendentals = r * 3U + n;
  w.geometry = rows;
  return w;
}

Work layer_norm_work(const OpView& v) {
  Work w = centred(v, rows_from_axis(v), v.has_in(2));
  if (v.has_out(2)) w.transcendentals += w.geometry.rows;  // 1 / deviation
  return w;
}

Work instance_norm_work(const OpView& v) {
  return centred(v, rows_of_groups(v, v.in_dim(0, 1).count()), true);
}

Work group_norm_work(const OpView& v) {
  return centred(v, rows_of_groups(v, v.attr_int("num_groups", -1)), true);
}

// Square, mean, + epsilon, sqrt; then divide and scale.
Work rms_norm_work(const OpView& v) {
  const Count n = v.in(0).elements();
  Work w;
  w.geometry = rows_from_axis(v);
  const Count r = w.geometry.rows;
  w.flops = n + combined(n, r) + r + n;
  w.transcendentals = r * 2U + n;
  if (v.has_out(1)) w.transcendentals += r;  // 1 / deviation
  return w;
}

// --- batch --------------------------------------------------------------------------------------

// Inference: a = scale / sqrt(var + epsilon) and b = bias - mean * a are formed once per channel
// (4 FLOPs and a reciprocal root), so that an element takes a multiplication and an addition.
Work affine_per_channel(const OpView& v) {
  const Count n = v.in(0).elements();
  const Count channels = v.in(1).elements();
  Work w;
  w.flops = n * 2U + channels * 4U;
  w.transcendentals = channels;
  return w;
}

// Training adds the statistics of the batch (mean; then subtract, square and mean) and the update
// of the running ones (3 FLOPs each, per channel).
Work batch_norm_training(const OpView& v) {
  const Count n = v.in(0).elements();
  const Count channels = v.in(1).elements();
  Work w = affine_per_channel(v);
  w.flops += combined(n, channels) * 2U + n * 2U + channels * 6U;
  w.transcendentals += channels * 2U;
  w.geometry = row_geometry(channels, n / channels);
  return w;
}

// Before opset 14 a batch normalisation trains if it gives statistics; `is_test` (before opset 7)
// overrules.
Work batch_norm_by_outputs(const OpView& v) {
  bool statistics = false;
  for (std::size_t o = 1; o < v.num_outputs(); ++o) statistics = statistics || v.has_out(o);
  const bool trains = statistics && v.attr_int("is_test", 0) == 0;
  return trains ? batch_norm_training(v) : affine_per_channel(v);
}

Work batch_norm_work(const OpView& v) {
  return v.attr_int("training_mode", 0) != 0 ? batch_norm_training(v) : affine_per_channel(v);
}

// --- others -------------------------------------------------------------------------------------

// Absolute values or squares, their sum, for p = 2 a root, and a division.
Work lp_norm_work(const OpView& v) {
  const TensorFact& x = v.in(0);
  Work w;
  if (!x.has_shape) {
    w.flops = w.transcendentals = Count::unknown();
    return w;
  }
  const Count n = x.elements();
  const std::size_t axis = v.normalize_axis(v.attr_int("axis", -1), x.rank());
  const Count rows = product(x.shape, 0, axis) * product(x.shape, axis + 1, x.rank());
  w.flops = n + combined(n, rows);
  w.transcendentals = n + (v.attr_int("p", 2) == 2 ? rows : Count(0U));
  w.geometry = row_geometry(rows, x.shape[axis].count());
  return w;
}

// Means of x and x^2 over `axes`, variance, deviation; then subtract and divide.
Work mean_variance_work(const OpView& v, std::span<const std::int64_t> axes) {
  const TensorFact& x = v.in(0);
  if (!x.has_shape) {
    Work w;
    w.flops = w.transcendentals = Count::unknown();
    return w;
  }
  Shape kept = x.shape;
  Count cols = 1U;
  for (const std::int64_t a : axes) {
    const std::size_t i = v.normalize_axis(a, x.rank());
    cols *= x.shape[i].count();
    kept[i] = 1;
  }
  const Count n = x.elements();
  const Count r = num_elements(kept);
  Work w;
  w.flops = combined(n, r) * 2U + n + r * 2U;
  w.transcendentals = r * 4U + n * 2U;
  w.geometry = row_geometry(r, cols);
  return w;
}

constexpr std::int64_t kBatchAndSpace[] = {0, 2, 3};
constexpr std::int64_t kSpace[] = {2, 3};
constexpr std::int64_t kImage[] = {1, 2, 3};

Work mean_variance_norm_work(const OpView& v) {
  const auto axes = v.attr_ints("axes");
  return mean_variance_work(v, axes.empty() ? std::span<const std::int64_t>(kBatchAndSpace) : axes);
}

// The experimental form of opset 1: one image at a time, over its channels too if asked; the
// variance may be left as it is.
Work mean_variance_norm_1_work(const OpView& v) {
  const bool across = v.attr_int("across_channels", 0) != 0;
  Work w = mean_variance_work(v, across ? std::span<const std::int64_t>(kImage) : kSpace);
  if (v.attr_int("normalize_variance", 1) == 0) {
    const Count n = v.in(0).elements();
    w.flops = combined(n, w.geometry.rows) + n;
    w.transcendentals = w.geometry.rows;
  }
  return w;
}

// n + (n - 1) + ... over the `missing` window positions that the `channels` at one border lack.
Count cut_off(Count missing, Count channels) {
  const Count m = min(missing, channels);
  if (m.known() && m.value() == 0) return 0U;
  return m * missing - m * (m - 1U) / 2U;
}

// Squares; the sum over a window of `size` channels, shorter at the borders; * alpha / size,
// + bias, power, division.
Work lrn_work(const OpView& v) {
  const Count size = v.attr_int("size", -1);
  const Count channels = v.in_dim(0, 1).count();
  const Count n = v.in(0).elements();
  const Count before = (size - 1U) / 2U;
  const Count summed =
      channels * size - cut_off(before, channels) - cut_off(size - 1U - before, channels);
  const Count columns = channels.known() && channels.value() == 0 ? Count(0U) : n / channels;
  Work w;
  w.flops = n + columns * combined(summed, channels) + n * 2U;
  w.transcendentals = n * 2U;
  return w;
}

// --- rows ---------------------------------------------------------------------------------------

constexpr OpClass kClass = OpClass::kNormalization;
constexpr std::string_view kCentred =
    "6n + 1 FLOPs, n + 1 divisions and roots and 2 means' divisions per row of n";

constexpr OpSpec kRows[] = {
    {"", "BatchNormalization", 1, kClass, batch_norm_shape, batch_norm_by_outputs, each_once,
     "2 FLOPs (mul, add) per element; 4 FLOPs and 1 rsqrt per channel; with batch statistics 4n "
     "more FLOPs",
     nullptr, kInPlace},
    {"", "BatchNormalization", 14, kClass, batch_norm_shape, batch_norm_work, each_once,
     "2 FLOPs (mul, add) per element; 4 FLOPs and 1 rsqrt per channel; training_mode: 4n more "
     "FLOPs",
     nullptr, kInPlace},
    {"", "InstanceNormalization", 1, kClass, same_as_first, instance_norm_work, each_once,
     kCentred},
    {"", "GroupNormalization", 18, kClass, same_as_first, group_norm_work, each_once, kCentred},
    // Version 1 is what onnxruntime registered in the default domain before opset 17 had it.
    {"", "LayerNormalization", 1, kClass, layer_norm_shape, layer_norm_work, each_once,
     "6n + 1 FLOPs (5n + 1 without bias), n + 1 divisions and roots and 2 means' divisions per row "
     "of n; 1 reciprocal per row if InvStdDev is asked for"},
    {"", "LayerNormalization", 17, kClass, layer_norm_shape, layer_norm_work, each_once,
     "6n + 1 FLOPs (5n + 1 without bias), n + 1 divisions and roots and 2 means' divisions per row "
     "of n; 1 reciprocal per row if InvStdDev is asked for"},
    // onnxruntime's name for RMS normalisation, in the default domain.
    {"", "SimplifiedLayerNormalization", 1, kClass, rms_norm_shape, rms_norm_work, each_once,
     "3n FLOPs, n divisions, 1 root and 1 mean's division per row of n; 1 reciprocal per row if "
     "the inverse deviation is asked for"},
    {"", "RMSNormalization", 23, kClass, rms_norm_shape, rms_norm_work, each_once,
     "3n FLOPs, n divisions, 1 root and 1 mean's division per row of n"},
    {"", "LpNormalization", 1, kClass, same_as_first, lp_norm_work, each_once,
     "2n - 1 FLOPs and n divisions per row of n; p = 2: 1 sqrt per row"},
    {"", "MeanVarianceNormalization", 1, kClass, same_as_first, mean_variance_norm_1_work,
     each_once, "3n FLOPs, 2n + 4 transcendentals per row of n; means only: 2n - 1 and 1"},
    {"", "MeanVarianceNormalization", 9, kClass, same_as_first, mean_variance_norm_work, each_once,
     "3n FLOPs; n powers, n divisions, 1 power, 1 root and 2 means' divisions per row of n"},
    {"", "LRN", 1, kClass, same_as_first, lrn_work, each_once,
     "3 FLOPs (square, mul, add), 1 pow and 1 division per element; window extent - 1 adds"},
};

}  // namespace

std::span<const OpSpec> normalization_ops() { return kRows; }

}  // namespace aiprof::ops
