// Operators that sample images at computed places: RoiAlign, MaxRoiPool, GridSample, AffineGrid;
// and ImageDecoder.
#include <algorithm>
#include <cmath>

#include "ops/families.h"
#include "ops/generate.h"
#include "ops/operands.h"
#include "ops/sample.h"
#include "ops/select.h"

namespace aiprof::ops {
namespace {

// Contents of a small floating-point input that are all known, or null.
const Value* known_floats(const OpView& v, std::size_t i) {
  const Value* x = v.value(i);
  return x != nullptr && x->kind == Value::Kind::kFloat && x->all_known() ? x : nullptr;
}

// --- RoiAlign -----------------------------------------------------------------------------------

// Where sampling_ratio is 0, the grid in a bin follows the size of the region. Detectors assign
// regions to feature maps so that a bin spans one to two points; 2 x 2 is counted.
constexpr std::uint64_t kAdaptiveSamples = 4;

void roi_align_shape(const InferView& v) {
  if (v.in(0).has_shape && v.in(0).rank() != 4) v.fail("the input has not rank 4");
  const Dim height = v.attr_int("output_height", 1);
  const Dim width = v.attr_int("output_width", 1);
  v.set(0, v.in(0).dtype, {v.in_dim(1, 0), v.in_dim(0, 1), height, width});
  if (v.attr_int("sampling_ratio", 0) == 0 && known_floats(v, 1) == nullptr) {
    v.assume(0, "sampling_ratio 0 adapts to each region: 2 x 2 samples per bin are counted" +
                    settled_by(v, 1));
  }
}

// ceil(extent of the region / bins), as the operator is defined.
std::uint64_t adaptive_samples(const OpView& v, std::span<const Scalar> roi) {
  const double scale = v.attr_float("spatial_scale", 1);
  const bool half_pixel = v.opset() >= 16 && v.attr_string("coordinate_transformation_mode",
                                                           "half_pixel") == "half_pixel";
  std::uint64_t points = 1;
  for (const std::size_t axis : {0U, 1U}) {
    double extent = (roi[axis + 2].f - roi[axis].f) * scale;
    if (!half_pixel) extent = std::max(extent, 1.0);
    const auto bins =
        static_cast<double>(v.attr_int(axis == 0 ? "output_width" : "output_height", 1));
    const double samples = std::ceil(extent / bins);
    points *= samples > 0 && samples < 0x1p20 ? static_cast<std::uint64_t>(samples) : 0;
  }
  return points;
}

// Sample points per bin, summed over all regions.
Count samples_per_bin(const OpView& v) {
  const Count regions = v.in_dim(1, 0).count();
  const std::int64_t ratio = v.attr_int("sampling_ratio", 0);
  if (ratio > 0) return regions * Count(ratio) * Count(ratio);
  const Value* rois = known_floats(v, 1);
  if (rois == nullptr) return regions * kAdaptiveSamples;
  Count sum = 0U;
  for (std::size_t i = 0; i + 4 <= rois->elements.size(); i += 4) {
    sum += adaptive_samples(v, std::span(rois->elements).subspan(i, 4));
  }
  return sum;
}

// Places and weights are found once for all channels: per sample 2 multiplies and 2 adds for the
// place, 4 subtractions and 4 multiplies for the weights. Each channel then spends 4 multiplies and
// 4 adds (or max) per sample, the first of a bin one less, and one multiply per bin for the mean.
Work roi_align_work(const OpView& v) {
  const Count bins = Count(v.attr_int("output_height", 1)) * Count(v.attr_int("output_width", 1));
  const Count samples = samples_per_bin(v) * bins;
  const Count channels = v.in_dim(0, 1).count();
  Work w;
  w.flops = samples * 12U + samples * channels * 8U;
  if (v.attr_string("mode", "avg") == "max") w.flops = w.flops - v.out(0).elements();
  return w;
}

// Four points a sample, but no more than the map holds.
void roi_align_traffic(const OpView& v, Traffic& t) {
  const Count bins = Count(v.attr_int("output_height", 1)) * Count(v.attr_int("output_width", 1));
  t.read(0, min(v.in(0).elements(), samples_per_bin(v) * bins * v.in_dim(0, 1).count() * 4U));
  t.read(1);
  t.read(2);
  t.write(0);
}

// --- MaxRoiPool ---------------------------------------------------------------------------------

void max_roi_pool_shape(const InferView& v) {
  Shape out = {v.in_dim(1, 0), v.in_dim(0, 1)};
  for (const std::int64_t n : v.attr_ints("pooled_shape")) out.push_back(n);
  if (out.size() != 4) v.fail("pooled_shape has not two extents");
  v.set(0, v.in(0).dtype, out);
  v.assume(0, "every region counts as the whole map: how much is compared depends on the regions");
}

Work max_roi_pool_work(const OpView& v) {
  Work w;
  w.flops = v.in_dim(1, 0).count() * v.in_dim(0, 1).count() * v.in_dim(0, 2).count() *
            v.in_dim(0, 3).count();
  return w;
}

// --- GridSample ---------------------------------------------------------------------------------

enum class Sampling : std::uint8_t { kNearest, kLinear, kCubic };

// Opset 16 says bilinear and bicubic, opset 20 linear and cubic.
Sampling sampling(const OpView& v) {
  const std::string_view mode = v.attr_string("mode", "linear");
  if (mode == "nearest") return Sampling::kNearest;
  return mode == "cubic" || mode == "bicubic" ? Sampling::kCubic : Sampling::kLinear;
}

void grid_sample_shape(const InferView& v) {
  const TensorFact& grid = v.in(1);
  if (!v.in(0).has_shape && !grid.has_shape) return v.set_unknown_rank(0, v.in(0).dtype);
  const std::size_t rank = v.in(0).has_shape ? v.in(0).rank() : grid.rank();
  if (rank < 3 || (grid.has_shape && grid.rank() != rank)) {
    v.fail("an input of rank " + std::to_string(rank) + " and a grid of " + to_text(grid.shape));
  }
  Shape out = {same_extent(v, v.in_dim(0, 0), v.in_dim(1, 0), 0), v.in_dim(0, 1)};
  for (std::size_t i = 2; i < rank; ++i) {
    out.push_back(v.in_dim(1, static_cast<std::int64_t>(i) - 1));
  }
  v.set(0, v.in(0).dtype, out);
}

// taps^axes for linear (2) and cubic (4) interpolation, 1 for nearest.
Count tap_count(const OpView& v, std::size_t axes) {
  const Sampling mode = sampling(v);
  const unsigned per_axis = mode == Sampling::kNearest ? 1 : mode == Sampling::kLinear ? 2 : 4;
  Count taps = 1U;
  for (std::size_t i = 0; i < axes; ++i) taps *= per_axis;
  return taps;
}

// FLOPs per place and axis. From [-1, 1] to points: add and multiply, and a subtraction unless
// corners are aligned. padding_mode border: 2 to clip; reflection: 2 subtractions, an abs, a
// multiply and an add around one division, then 2 to clip. Weights: linear 2 (the fraction and its
// complement); cubic 26 (distances 4; two inner weights 5 each and two outer 6 each, Horner's
// form).
std::uint64_t place_flops(const OpView& v) {
  const std::string_view padding = v.attr_string("padding_mode", "zeros");
  const Sampling mode = sampling(v);
  std::uint64_t flops = v.attr_int("align_corners", 0) != 0 ? 2 : 3;
  if (padding == "border") flops += 2;
  if (padding == "reflection") flops += 7;
  if (mode == Sampling::kLinear) flops += 2;
  if (mode == Sampling::kCubic) flops += 26;
  return flops;
}

Work grid_sample_work(const OpView& v) {
  const TensorFact& out = v.out(0);
  if (!out.has_shape || out.rank() < 3) return arithmetic(DType::kFloat32, Count::unknown(), 1);
  return sampling_work(v, out.shape[0].count() * product(out.shape, 2, out.rank()), out.rank() - 2);
}

void grid_sample_traffic(const OpView& v, Traffic& t) {
  const std::size_t axes = v.out(0).rank() < 2 ? 0 : v.out(0).rank() - 2;
  t.read(0, min(v.in(0).elements(), v.out(0).elements() * tap_count(v, axes)));
  t.read(1);
  t.write(0);
}

// --- AffineGrid ---------------------------------------------------------------------------------

// size = (N, C, H, W) gives [N, H, W, 2]; (N, C, D, H, W) gives [N, D, H, W, 3].
void affine_grid_shape(const InferView& v) {
  const auto size = int_operand(v, 1);
  const DType dtype = v.in(0).dtype;
  if (!size) return v.set_unknown_rank(0, dtype);
  if (size->size() != 4 && size->size() != 5) v.fail("size has neither 4 nor 5 elements");
  Shape out;
  for (std::size_t i = 0; i < size->size(); ++i) {
    const Scalar s = (*size)[i];
    if (s.known && s.i < 0) v.fail("extent " + std::to_string(s.i) + " in size");
    if (i != 1) out.push_back(s.known ? Dim(s.i) : Dim());
  }
  out[0] = same_extent(v, out[0], v.in_dim(0, 0), 0);
  out.push_back(static_cast<std::int64_t>(size->size()) - 2);
  v.set(0, dtype, out);
}

// As in ONNX's function body, which treats an image as a volume of depth 1: steps and starts of the
// axes, ranges scaled and shifted, four full-size adds, then [N,3,4] x [4, points]. The depth of an
// image is a constant there, and what follows from it alone is folded.
Work affine_grid_work(const OpView& v) {
  const Shape& out = v.out(0).shape;
  if (out.size() < 4) return arithmetic(DType::kFloat32, Count::unknown(), 1);
  const Count batch = out[0].count();
  const std::span<const Dim> extents = std::span<const Dim>(out).subspan(1, out.size() - 2);
  const Count points = num_elements(extents);
  const bool aligned = v.attr_int("align_corners", 0) != 0;
  Work w;
  w.macs = batch * 3U * 4U * points;
  w.flops = points * 4U;
  for (const Dim extent : extents) {
    const Work range = range_work(DType::kInt64, extent.count());
    w.flops += range.flops + extent.count() * 2U + 1U;
    w.integer_ops += range.integer_ops;
    // The step is a division, and half of it one more where corners are not aligned; the body asks
    // only the depth whether it is 1 and then has no step.
    const bool flat = aligned && extents.size() == 3 && extent.is(1) && &extent == &extents[0];
    w.transcendentals += range.transcendentals + (aligned ? (flat ? 0U : 1U) : 2U);
  }
  w.geometry.kind = Geometry::Kind::kGemm;
  w.geometry.batch = batch;
  w.geometry.m = 3U;
  w.geometry.n = points;
  w.geometry.k = 4U;
  return w;
}

// --- ImageDecoder -------------------------------------------------------------------------------

// The picture's height and width are known only when it is read; a model may declare them.
void image_decoder_shape(const InferView& v) {
  const bool gray = v.attr_string("pixel_format", "RGB") == "Grayscale";
  v.set(0, DType::kUint8, {Dim(), Dim(), gray ? 1 : 3});
  v.assume(0, "the picture's format is known only when it is read: a JPEG is assumed");
}

// A JPEG's samples: 16 inverse cosine transforms of 8 points for 64 samples, each of 11
// multiplications and 29 additions (Loeffler, Ligtenberg and Moschytz, 1989), and 8 operations from
// luminance and chrominance to the 3 samples of a pixel. Entropy decoding follows the stream bit by
// bit and is not counted.
Work image_decoder_work(const OpView& v) {
  constexpr unsigned kTransform = 16 * (11 + 29) / 64;
  constexpr unsigned kColour = 3;
  return arithmetic(DType::kUint8, v.out(0).elements(), kTransform + kColour);
}

constexpr std::string_view kRoiAlign =
    "12 FLOPs per sample for place and weights, 8 per sample and channel; sampling_ratio 0 without "
    "known regions: 2 x 2 samples per bin; reads 4 points per sample, at most the map, regions and "
    "indices, and writes the output";
constexpr std::string_view kMaxRoiPool =
    "1 compare per point of the map, channel and region (at most); reads both inputs and writes "
    "the output";
constexpr std::string_view kGridSample =
    "per point and axis 3 FLOPs (2 with aligned corners) for the place, 2 (linear) or 26 (cubic) "
    "for weights, 2 (border) or 7 and a division (reflection) for padding; per element bilinear 7, "
    "trilinear 15, bicubic 35; reads the grid and the points mixed, at most the input";

constexpr OpSpec kVision[] = {
    {"", "RoiAlign", 10, OpClass::kResize, roi_align_shape, roi_align_work, roi_align_traffic,
     kRoiAlign},
    // Adds coordinate_transformation_mode.
    {"", "RoiAlign", 16, OpClass::kResize, roi_align_shape, roi_align_work, roi_align_traffic,
     kRoiAlign},
    {"", "MaxRoiPool", 1, OpClass::kPooling, max_roi_pool_shape, max_roi_pool_work, each_once,
     kMaxRoiPool},
    {"", "GridSample", 16, OpClass::kResize, grid_sample_shape, grid_sample_work,
     grid_sample_traffic, kGridSample},
    // Any number of axes; modes linear and cubic.
    {"", "GridSample", 20, OpClass::kResize, grid_sample_shape, grid_sample_work,
     grid_sample_traffic, kGridSample},
    {"", "AffineGrid", 20, OpClass::kTransform, affine_grid_shape, affine_grid_work, first_once,
     "12 MACs and 4 FLOPs per point, and those of a range per axis; reads theta and writes the "
     "grid"},
    {"", "ImageDecoder", 20, OpClass::kTransform, image_decoder_shape, image_decoder_work,
     each_once,
     "13 integer operations per sample, as of a JPEG: inverse transform 10, colour 3; the model "
     "has to "
     "declare the extents"},
};

}  // namespace

Work sampling_work(const OpView& v, Count points, std::size_t axes) {
  const Count elements = v.out(0).elements();
  const Count taps = tap_count(v, axes);
  Work w;
  w.flops = points * Count(place_flops(v) * axes);
  if (sampling(v) == Sampling::kLinear) {
    w.flops += points * (taps * 2U - 4U) + elements * (taps * 2U - 1U);
  } else if (sampling(v) == Sampling::kCubic) {
    w.flops += elements * ((taps - 1U) / 3U * 7U);
  }
  if (v.attr_string("padding_mode") == "reflection") w.transcendentals = points * Count(axes);
  return w;
}

std::span<const OpSpec> vision_ops() { return kVision; }

}  // namespace aiprof::ops
