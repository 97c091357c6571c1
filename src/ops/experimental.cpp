// Operators that were experimental in ONNX 1.0 to 1.4 and then removed; files converted from Core
// ML, WinML and Caffe2 still have them. Definitions: Operators.md of those releases.
#include "ops/evaluate.h"
#include "ops/families.h"

namespace aiprof::ops {
namespace {

// --- shapes -------------------------------------------------------------------------------------

// Extents of attribute `shape`, or of input 0 (its values with input_as_shape), then those of
// `extra_shape`.
void filled_shape(const InferView& v) {
  const DType type = attr_dtype(v, "dtype", DType::kFloat32);
  Shape shape;
  if (v.has_in(0) && v.attr_int("input_as_shape", 0) != 0) {
    const auto extents = v.ints(0);
    if (!extents) return v.set_unknown_rank(0, type);
    for (const std::int64_t e : *extents) shape.push_back(e);
  } else if (v.has_in(0)) {
    if (!v.in(0).has_shape) return v.set_unknown_rank(0, type);
    shape = v.in(0).shape;
  } else {
    for (const std::int64_t e : v.attr_ints("shape")) shape.push_back(e);
  }
  for (const std::int64_t e : v.attr_ints("extra_shape")) shape.push_back(e);
  v.set(0, type, std::move(shape));
}

Dim cropped(const OpView& v, Dim extent, std::int64_t before, std::int64_t after) {
  const Dim left = extent - Dim(before) - Dim(after);
  if (extent.known() && !left.known()) {
    v.fail("borders " + std::to_string(before) + " and " + std::to_string(after) +
           " do not fit an extent of " + std::to_string(extent.value()));
  }
  return left;
}

// Image [N, C, H, W] less `border` = (left, top, right, bottom), or of extents `scale` = (height,
// width) from (left, top) on.
void crop_shape(const InferView& v) {
  const auto border = v.attr_ints("border");
  const auto scale = v.attr_ints("scale");
  const TensorFact& x = v.in(0);
  if (!x.has_shape) return v.set_unknown_rank(0, x.dtype);
  if (x.rank() != 4 || border.size() != 4) {
    v.fail("Crop needs an input of rank 4 and four borders, found rank " +
           std::to_string(x.rank()) + " and " + std::to_string(border.size()) + " borders");
  }
  Shape shape = x.shape;
  if (scale.size() == 2) {
    shape[2] = scale[0];
    shape[3] = scale[1];
  } else {
    shape[2] = cropped(v, shape[2], border[1], border[3]);
    shape[3] = cropped(v, shape[3], border[0], border[2]);
  }
  v.set(0, x.dtype, std::move(shape));
}

// --- traffic ------------------------------------------------------------------------------------

void write_only(const OpView& /*v*/, Traffic& t) { t.write(0); }

// Only what is kept is read.
void crop_traffic(const OpView& v, Traffic& t) {
  t.read(0, v.out(0).elements());
  t.write(0);
}

// --- values -------------------------------------------------------------------------------------

void filled_value(const InferView& v) {
  const auto values = v.attr_floats("values");
  if (values.size() > OpView::kMaxStoredFloats) return;
  std::vector<Scalar> elements;
  elements.reserve(values.size());
  for (const float f : values) {
    elements.push_back(
        convert(Scalar::of_float(static_cast<double>(f)), DType::kFloat64, v.out(0).dtype));
  }
  set_elements(v, std::move(elements));
}

// --- rows ---------------------------------------------------------------------------------------

constexpr OpClass kClass = OpClass::kElementwise;

constexpr OpSpec kRows[] = {
    {"", "Affine", 1, kClass, same_as_first, each<2>, each_once, "2 FLOPs (mul, add) per element",
     nullptr, kInPlace},
    {"", "ImageScaler", 1, kClass, same_as_first, each<2>, each_once,
     "2 FLOPs (mul, add) per element", nullptr, kInPlace},
    {"", "Scale", 1, kClass, same_as_first, each<1>, each_once, "1 FLOP (mul) per element", nullptr,
     kInPlace},
    {"", "ScaledTanh", 1, kClass, same_as_first, each<2, 1>, each_once,
     "2 FLOPs (2 mul) and 1 tanh per element", nullptr, kInPlace},
    {"", "ParametricSoftplus", 1, kClass, same_as_first, each<3, 2>, each_once,
     "3 FLOPs (2 mul, add), 1 exp and 1 log per element", nullptr, kInPlace},
    {"", "GivenTensorFill", 1, OpClass::kConstant, filled_shape, no_work, write_only,
     "no arithmetic: output written", filled_value},
    {"", "Crop", 1, OpClass::kMovement, crop_shape, no_work, crop_traffic,
     "no arithmetic: what is kept is read and written"},
};

}  // namespace

std::span<const OpSpec> experimental_ops() { return kRows; }

}  // namespace aiprof::ops
