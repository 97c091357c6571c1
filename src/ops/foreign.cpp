// Operators of other projects: TensorRT's plugins that onnxruntime registers in the default domain,
// quantisation-aware training (Brevitas, QONNX), and PyTorch's ATen fallback.
#include <utility>

#include "ops/contrib.h"
#include "ops/families.h"
#include "ops/rules.h"

namespace aiprof::ops {
namespace {

constexpr std::string_view kBrevitas = "onnx.brevitas";
constexpr std::string_view kQonnx = "qonnx.custom_op.general";
constexpr std::string_view kAten = "org.pytorch.aten";

// --- TensorRT
// -------------------------------------------------------------------------------------

void efficient_nms_shape(const InferView& v) {
  const Dim batch = v.in_dim(0, 0);
  const Dim kept = attr_dim(v, "max_output_boxes");
  v.set(0, DType::kInt32, {batch, 1});
  v.set(1, v.in(0).dtype, {batch, kept, 4});
  v.set(2, v.in(1).dtype, {batch, kept});
  v.set(3, DType::kInt32, {batch, kept});
}

// Every score against the threshold; every pair of kept boxes once: corners of the intersection
// (4), its sides (4) and area (1), areas of both (6) and of the union (2), threshold (1) = 18 and a
// division. An upper bound, as the plugin may keep fewer.
Work efficient_nms_work(const OpView& v) {
  const Count kept = attr_dim(v, "max_output_boxes").count();
  const Count pairs = v.in_dim(0, 0).count() * kept * max(kept, 1U) / 2U;
  Work w;
  w.flops = v.in(1).elements() + pairs * 18U;
  w.transcendentals = pairs;
  return w;
}

// Boxes [B, R, 4] over feature maps [B, C, h, w] -> [B, R, C, size, size].
void multilevel_crop_shape(const InferView& v) {
  const Dim size = attr_dim(v, "pooled_size");
  v.set(0, v.in(0).dtype, {v.in_dim(0, 0), v.in_dim(0, 1), v.in_dim(1, 1), size, size});
}

Work multilevel_crop_work(const OpView& v) {
  return arithmetic(v.in(0).dtype, v.out(0).elements(), 7);
}

// A bin averages sampling_ratio^2 bilinear samples.
Work pyramid_align_work(const OpView& v) {
  const std::int64_t ratio = v.attr_int("sampling_ratio", 0);
  const Count samples = ratio > 0 ? Count(ratio * ratio) : Count(1U);
  const Count n = v.out(0).elements();
  Work w;
  w.flops = n * (samples * 8U - 1U);
  if (samples.value() > 1) w.transcendentals = n;
  return w;
}

// The sampled points are at most all points of the maps.
void crop_traffic(const OpView& v, Traffic& t) {
  t.read(0);
  for (std::size_t i = 1; i < v.num_inputs(); ++i) {
    t.read(i, min(v.in(i).elements(), v.out(0).elements() * 4U));
  }
  t.write(0);
}

// --- ATen
// -----------------------------------------------------------------------------------------

std::string_view aten_operator(const OpView& v) {
  const auto name = v.attr_string("operator");
  const bool qualified = name.starts_with("aten::");
  return qualified ? name.substr(6) : name;
}

[[noreturn]] void unknown_aten(const OpView& v) {
  v.fail("ATen operator '" + std::string(aten_operator(v)) + "' has no rule");
}

// embedding(weight, indices, ...), embedding_backward(grad, indices, num_weights, ...).
void aten_shape(const InferView& v) {
  const DType dtype = v.in(0).dtype;
  const auto name = aten_operator(v);
  if (name == "embedding") {
    if (!v.in(0).has_shape || !v.in(1).has_shape) return v.set_unknown_rank(0, dtype);
    return v.set(0, dtype, gather_shape(v.in(0).shape, 0, v.in(1).shape));
  }
  if (name == "embedding_backward") {
    const auto rows = v.int_scalar(2);
    return v.set(0, dtype, {rows ? Dim(*rows) : Dim(), v.in_dim(0, -1)});
  }
  unknown_aten(v);
}

Work aten_work(const OpView& v) {
  const auto name = aten_operator(v);
  if (name == "embedding") return {};
  if (name == "embedding_backward") return per_input_element<1>(v);
  unknown_aten(v);
}

void aten_traffic(const OpView& v, Traffic& t) {
  if (aten_operator(v) != "embedding") return each_once(v, t);
  read_rows(v, t, 0, v.in(1).elements());
  t.read(1);
  t.write(0);
}

constexpr OpClass kQuantize = OpClass::kQuantize;
constexpr std::string_view kQuantFormula =
    "5 FLOPs (zero point, clamp 2, zero point, scale) and 1 division per element; rounding is not "
    "counted";

constexpr OpSpec kOps[] = {
    {"", "EfficientNMS_TRT", 1, OpClass::kSort, efficient_nms_shape, efficient_nms_work, each_once,
     "1 compare per score; 18 FLOPs and 1 division per pair of kept boxes, an upper bound"},
    {"", "MultilevelCropAndResize_TRT", 1, OpClass::kResize, multilevel_crop_shape,
     multilevel_crop_work, crop_traffic, "7 FLOPs (bilinear) per output element"},
    {"", "PyramidROIAlign_TRT", 1, OpClass::kResize, multilevel_crop_shape, pyramid_align_work,
     crop_traffic, "7 FLOPs per bilinear sample and their mean, sampling_ratio^2 samples per bin"},
    {"", "DisentangledAttention_TRT", 1, OpClass::kElementwise, same_as_first, per_input_element<3>,
     each_once, "3 FLOPs (two gathered sums, scale) per element"},

    // Quantised weights stay as they are: the graph states how, a runtime how it stores them.
    {kBrevitas, "Quant", 1, kQuantize, same_as_first, per_input_element<5, 1>, each_once,
     kQuantFormula, nullptr, kNeverFolded},
    {kBrevitas, "BipolarQuant", 1, kQuantize, same_as_first, per_input_element<2>, each_once,
     "2 FLOPs (compare, scale) per element", nullptr, kNeverFolded},
    {kBrevitas, "Trunc", 1, kQuantize, same_as_first, per_input_element<3, 2>, each_once,
     "3 FLOPs (zero points, scale) and 2 divisions per element", nullptr, kNeverFolded},
    {kQonnx, "Quant", 1, kQuantize, same_as_first, per_input_element<5, 1>, each_once,
     kQuantFormula, nullptr, kNeverFolded},
    {kQonnx, "BipolarQuant", 1, kQuantize, same_as_first, per_input_element<2>, each_once,
     "2 FLOPs (compare, scale) per element", nullptr, kNeverFolded},
    {kQonnx, "Trunc", 1, kQuantize, same_as_first, per_input_element<3, 2>, each_once,
     "3 FLOPs (zero points, scale) and 2 divisions per element", nullptr, kNeverFolded},

    {kAten, "ATen", 1, OpClass::kGather, aten_shape, aten_work, aten_traffic,
     "embedding: no arithmetic, the looked-up rows are read; embedding_backward: 1 FLOP per "
     "element; other operators are gaps"},
};

}  // namespace

std::span<const OpSpec> foreign_ops() { return kOps; }

}  // namespace aiprof::ops
