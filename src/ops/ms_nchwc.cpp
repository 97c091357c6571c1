// Layouts that onnxruntime's optimiser writes into graphs: channels in blocks (com.microsoft.nchwc)
// and channels last (com.ms.internal.nhwc).
#include <algorithm>
#include <cmath>
#include <utility>

#include "ops/contrib.h"
#include "ops/convolution.h"
#include "ops/evaluate.h"
#include "ops/families.h"
#include "ops/matmul.h"
#include "ops/rules.h"
#include "ops/sample.h"

namespace aiprof::ops {
namespace {

constexpr std::string_view kNchwc = "com.microsoft.nchwc";
constexpr std::string_view kNhwc = "com.ms.internal.nhwc";

constexpr StandardOp kMaxPool{"MaxPool", 12};
constexpr StandardOp kAveragePool{"AveragePool", 11};
constexpr StandardOp kGlobalMaxPool{"GlobalMaxPool", 1};
constexpr StandardOp kGlobalAveragePool{"GlobalAveragePool", 1};
constexpr StandardOp kBatchNorm{"BatchNormalization", 15};
constexpr StandardOp kResize{"Resize", 13};

// --- blocked channels
// -----------------------------------------------------------------------------

// Channels are padded to whole blocks of 8 (AVX2) or 16 (AVX-512), which the file does not say.
constexpr std::int64_t kSmallBlock = 8;
constexpr std::int64_t kLargeBlock = 16;

std::int64_t rounded_up(std::int64_t n, std::int64_t block) {
  return (n + block - 1) / block * block;
}

bool channels_last(const OpView& v) { return v.attr_int("channels_last", 0) != 0; }

void reorder_input_shape(const InferView& v) {
  const TensorFact& x = v.in(0);
  if (!x.has_shape || x.rank() < 3) return v.set_unknown_rank(0, x.dtype);
  Shape out = x.shape;
  if (channels_last(v)) {
    const Dim channels = out.back();
    out.pop_back();
    out.insert_at(1, channels);
  }
  if (out[1].known()) {
    const std::int64_t channels = out[1].value();
    out[1] = rounded_up(channels, kSmallBlock);
    if (rounded_up(channels, kLargeBlock) != out[1].value()) {
      v.assume(0, "channels are taken to be padded to blocks of 8");
    }
  }
  v.set(0, x.dtype, std::move(out));
}

void reorder_output_shape(const InferView& v) {
  const TensorFact& x = v.in(0);
  if (!x.has_shape || x.rank() < 3) return v.set_unknown_rank(0, x.dtype);
  Shape out = x.shape;
  out[1] = attr_dim(v, "channels");
  if (channels_last(v)) {
    const Dim channels = out[1];
    out.erase_at(1);
    out.push_back(channels);
  }
  v.set(0, x.dtype, std::move(out));
}

constexpr ConvOperands kConvOperands{.x = 0, .w = 1, .bias = 2};

void set_conv_shape(const InferView& v, const ConvOperands& operands, DType dtype) {
  if (auto shape = conv_shape(v, operands)) {
    v.set(0, dtype, std::move(*shape));
  } else {
    v.set_unknown_rank(0, dtype);
  }
}

void nchwc_conv_shape(const InferView& v) { set_conv_shape(v, kConvOperands, v.in(0).dtype); }

Work nchwc_conv_work(const OpView& v) {
  const DType dtype = v.in(0).dtype;
  Work w = conv_work(v, kConvOperands);
  if (v.has_in(3)) add_ops(w, dtype, v.out(0).elements());  // the sum it adds to
  add_unary(w, dtype, v.out(0).elements(), activation_cost(v, v.attr_string("activation")));
  return w;
}

// `scales` holds whole numbers, one for every axis or for the spatial ones.
void upsample_shape(const InferView& v) {
  const TensorFact& x = v.in(0);
  const auto scales = v.attr_ints("scales");
  if (!x.has_shape) return v.set_unknown_rank(0, x.dtype);
  if (scales.size() > x.rank()) v.fail("more scales than axes");
  Shape out = x.shape;
  const std::size_t first = x.rank() - scales.size();
  for (std::size_t i = 0; i < scales.size(); ++i) out[first + i] = out[first + i] * Dim(scales[i]);
  v.set(0, x.dtype, std::move(out));
}

// Linear: one pass per spatial axis, 3 FLOPs per point; the first pass makes the points of one
// axis.
Work upsample_work(const OpView& v) {
  if (v.attr_string("mode", "nearest") == "nearest") return {};
  const Count out = v.out(0).elements();
  const Count width = v.out(0).has_shape ? v.out(0).shape.back().count() : Count::unknown();
  Work w;
  w.flops = (out + out / width * v.in_dim(0, -1).count()) * 3U;
  return w;
}

// --- channels last
// --------------------------------------------------------------------------------

constexpr ConvOperands kNhwcOperands{
    .x = 0, .w = 1, .bias = 2, .layout = ConvOperands::Layout::kChannelsLast};
constexpr ConvOperands kNhwcQuantOperands{
    .x = 0, .w = 3, .bias = 8, .layout = ConvOperands::Layout::kChannelsLast};

void nhwc_conv_shape(const InferView& v) { set_conv_shape(v, kNhwcOperands, v.in(0).dtype); }
Work nhwc_conv_work(const OpView& v) { return conv_work(v, kNhwcOperands); }
void nhwc_qconv_shape(const InferView& v) { set_conv_shape(v, kNhwcQuantOperands, v.in(7).dtype); }

Work nhwc_qconv_work(const OpView& v) {
  Work w = conv_work(v, kNhwcQuantOperands);
  w.math = DType::kInt8;
  add_zero_point(v, 0, 2, w);
  add_zero_point(v, 3, 5, w);
  w.flops += v.out(0).elements() * 4U;
  return w;
}

std::span<const Dim> kernel_of(const OpView& v) {
  const Shape& w = v.in(1).shape;
  return w.size() > 2 ? std::span<const Dim>(w).subspan(2) : std::span<const Dim>();
}

void nhwc_conv_transpose_shape(const InferView& v) {
  const TensorFact& x = v.in(0);
  if (!x.has_shape || x.rank() < 3) return v.set_unknown_rank(0, x.dtype);
  const std::size_t rank = x.rank() - 2;
  const Window window = read_window(v, rank, kernel_of(v));
  const auto wanted = v.attr_ints("output_shape");
  Shape out{x.shape[0]};
  for (std::size_t i = 0; i < rank; ++i) {
    out.push_back(wanted.size() == rank ? Dim(wanted[i])
                                        : transposed_extent(v, window, i, x.shape[1 + i]));
  }
  out.push_back(v.in_dim(1, 1) * Dim(v.attr_int("group", 1)));
  v.set(0, x.dtype, std::move(out));
}

Work nhwc_conv_transpose_work(const OpView& v) {
  const TensorFact& x = v.in(0);
  if (!x.has_shape || x.rank() < 3) return conv_transpose_work({});
  const Window window = read_window(v, x.rank() - 2, kernel_of(v));
  Work w = conv_transpose_work({.images = x.shape[0].count(),
                                .in_channels = x.shape.back().count(),
                                .out_channels = v.in_dim(1, 1).count() * v.attr_int("group", 1),
                                .groups = v.attr_int("group", 1),
                                .kernel_points = window.kernel_points(),
                                .points = product(x.shape, 1, x.rank() - 1)});
  describe_window(window, w.geometry);
  if (v.has_in(2)) add_ops(w, x.dtype, v.out(0).elements());
  return w;
}

enum class Reduce : std::uint8_t { kMax, kAverage, kLp };

void nhwc_pool_shape(const InferView& v) {
  const TensorFact& x = v.in(0);
  if (!x.has_shape || x.rank() < 3) return v.set_unknown_rank(0, x.dtype);
  const std::size_t rank = x.rank() - 2;
  const Window window = read_window(v, rank);
  const auto rounding =
      v.attr_int("ceil_mode", 0) != 0 ? WindowRounding::kCeil : WindowRounding::kFloor;
  Shape out = x.shape;
  for (std::size_t i = 0; i < rank; ++i) {
    out[1 + i] = window_extent(v, window, i, x.shape[1 + i], rounding);
  }
  v.set(1, DType::kInt64, out);  // MaxPool's Indices
  v.set(0, x.dtype, std::move(out));
}

void nhwc_global_shape(const InferView& v) {
  const TensorFact& x = v.in(0);
  if (!x.has_shape || x.rank() < 3) return v.set_unknown_rank(0, x.dtype);
  Shape out = x.shape;
  for (std::size_t i = 1; i + 1 < out.size(); ++i) out[i] = 1;
  v.set(0, x.dtype, std::move(out));
}

Work reduced(const OpView& v, Reduce what, Count outputs, Count points) {
  Work w = arithmetic(v.in(0).dtype, outputs * (points - 1U), 1);
  if (what == Reduce::kAverage) w.transcendentals = outputs;
  if (what == Reduce::kLp) {
    const double p = v.attr_float("p", static_cast<double>(v.attr_int("p", 2)));
    w.flops += outputs * points;  // absolute value, or square
    if (p != 1.0) w.transcendentals += outputs;
    if (p != 1.0 && p != 2.0) w.transcendentals += outputs * points;
  }
  w.geometry = row_geometry(outputs, points);
  return w;
}

template <Reduce kWhat>
Work nhwc_pool_work(const OpView& v) {
  const TensorFact& x = v.in(0);
  if (!x.has_shape || x.rank() < 3) v.fail("pooling needs a batch, a channel and spatial axes");
  return reduced(v, kWhat, v.out(0).elements(), read_window(v, x.rank() - 2).kernel_points());
}

template <Reduce kWhat>
Work nhwc_global_work(const OpView& v) {
  const Count outputs = v.out(0).elements();
  return reduced(v, kWhat, outputs, v.in(0).elements() / outputs);
}

Work nhwc_instance_norm_work(const OpView& v) {
  const Count rows = v.in_dim(0, 0).count() * v.in_dim(0, -1).count();
  return norm_work(rows, v.in(0).elements() / rows, {.bias = true});
}

void depth_to_space_shape(const InferView& v) {
  const TensorFact& x = v.in(0);
  const Dim block = attr_dim(v, "blocksize");
  if (!x.has_shape || x.rank() != 4) return v.set_unknown_rank(0, x.dtype);
  v.set(0, x.dtype,
        {x.shape[0], x.shape[1] * block, x.shape[2] * block, x.shape[3] / (block * block)});
}

void space_to_depth_shape(const InferView& v) {
  const TensorFact& x = v.in(0);
  const Dim block = attr_dim(v, "blocksize");
  if (!x.has_shape || x.rank() != 4) return v.set_unknown_rank(0, x.dtype);
  v.set(0, x.dtype,
        {x.shape[0], x.shape[1] / block, x.shape[2] / block, x.shape[3] * block * block});
}

void grid_sample_shape(const InferView& v) {
  v.set(0, v.in(0).dtype, {v.in_dim(0, 0), v.in_dim(1, 1), v.in_dim(1, 2), v.in_dim(0, -1)});
}

Work grid_sample_work(const OpView& v) {
  return sampling_work(v, v.in_dim(1, 0).count() * v.in_dim(1, 1).count() * v.in_dim(1, 2).count(),
                       2);
}

constexpr OpClass kPool = OpClass::kPooling;
constexpr OpClass kConv = OpClass::kConvolution;
constexpr std::string_view kMaxFormula = "kernel points - 1 FLOPs (max) per output element";
constexpr std::string_view kAverageFormula =
    "kernel points - 1 FLOPs (add) and 1 division per output element";
constexpr std::string_view kLpFormula =
    "2 x points - 1 FLOPs (abs or square, add) and 1 transcendental (root, unless p = 1) per "
    "output "
    "element; other p than 1 and 2: 1 more transcendental per point";
constexpr std::string_view kGlobalFormula =
    "spatial points - 1 FLOPs per channel; average: 1 division";
constexpr std::string_view kConvFormula =
    "MACs: output elements x channels / group x kernel points; per output element: bias, sum and "
    "activation";

constexpr OpSpec kOps[] = {
    {kNchwc, "ReorderInput", 1, OpClass::kMovement, reorder_input_shape, no_work, each_once,
     "no arithmetic: a copy into blocks of channels"},
    {kNchwc, "ReorderOutput", 1, OpClass::kMovement, reorder_output_shape, no_work, each_once,
     "no arithmetic: a copy out of blocks of channels"},
    {kNchwc, "Conv", 1, kConv, nchwc_conv_shape, nchwc_conv_work, each_once, kConvFormula},
    {kNchwc, "MaxPool", 1, kPool, twin_shape<kMaxPool>, twin_work<kMaxPool>, each_once,
     kMaxFormula},
    {kNchwc, "AveragePool", 1, kPool, twin_shape<kAveragePool>, twin_work<kAveragePool>, each_once,
     kAverageFormula},
    {kNchwc, "GlobalMaxPool", 1, kPool, twin_shape<kGlobalMaxPool>, twin_work<kGlobalMaxPool>,
     each_once, kGlobalFormula},
    {kNchwc, "GlobalAveragePool", 1, kPool, twin_shape<kGlobalAveragePool>,
     twin_work<kGlobalAveragePool>, each_once, kGlobalFormula},
    {kNchwc, "Upsample", 1, OpClass::kResize, upsample_shape, upsample_work, each_once,
     "nearest 0; linear 3 FLOPs per point of each of two passes"},

    {kNhwc, "Conv", 1, kConv, nhwc_conv_shape, nhwc_conv_work, each_once, kConvFormula},
    {kNhwc, "ConvTranspose", 1, kConv, nhwc_conv_transpose_shape, nhwc_conv_transpose_work,
     each_once, "MACs: input elements x filters / group x kernel points; bias 1 FLOP per output"},
    {kNhwc, "QLinearConv", 1, kConv, nhwc_qconv_shape, nhwc_qconv_work, each_once,
     "int8 MACs as Conv; zero points, bias; rescaling 4 FLOPs per output element"},
    {kNhwc, "MaxPool", 1, kPool, nhwc_pool_shape, nhwc_pool_work<Reduce::kMax>, each_once,
     kMaxFormula},
    {kNhwc, "AveragePool", 1, kPool, nhwc_pool_shape, nhwc_pool_work<Reduce::kAverage>, each_once,
     kAverageFormula},
    {kNhwc, "QLinearAveragePool", 1, kPool, nhwc_pool_shape, nhwc_pool_work<Reduce::kAverage>,
     each_once, "kernel points - 1 integer operations and 1 division per output element"},
    {kNhwc, "GlobalMaxPool", 1, kPool, nhwc_global_shape, nhwc_global_work<Reduce::kMax>, each_once,
     kGlobalFormula},
    {kNhwc, "GlobalAveragePool", 1, kPool, nhwc_global_shape, nhwc_global_work<Reduce::kAverage>,
     each_once, kGlobalFormula},
    {kNhwc, "LpPool", 1, kPool, nhwc_pool_shape, nhwc_pool_work<Reduce::kLp>, each_once,
     kLpFormula},
    {kNhwc, "GlobalLpPool", 1, kPool, nhwc_global_shape, nhwc_global_work<Reduce::kLp>, each_once,
     kLpFormula},
    {kNhwc, "BatchNormalization", 1, OpClass::kNormalization, twin_shape<kBatchNorm>,
     twin_work<kBatchNorm>, each_once, "as the standard BatchNormalization"},
    {kNhwc, "InstanceNormalization", 1, OpClass::kNormalization, same_as_first,
     nhwc_instance_norm_work, each_once, "as the standard InstanceNormalization"},
    {kNhwc, "Resize", 1, OpClass::kResize, twin_shape<kResize>, twin_work<kResize>,
     twin_traffic<kResize>, "as the standard Resize"},
    {kNhwc, "DepthToSpace", 1, OpClass::kMovement, depth_to_space_shape, no_work, each_once,
     "no arithmetic: a copy"},
    {kNhwc, "SpaceToDepth", 1, OpClass::kMovement, space_to_depth_shape, no_work, each_once,
     "no arithmetic: a copy"},
    {kNhwc, "GridSample", 1, OpClass::kResize, grid_sample_shape, grid_sample_work, each_once,
     "as the standard GridSample"},
};

}  // namespace

std::span<const OpSpec> ms_nchwc_ops() { return kOps; }

}  // namespace aiprof::ops
