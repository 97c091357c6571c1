#include "ops/convolution.h"

#include <algorithm>
#include <string>
#include <utility>

#include "ops/families.h"
#include "ops/matmul.h"
#include "ops/rules.h"

namespace aiprof::ops {
namespace {

std::int64_t groups_of(const OpView& v) {
  const std::int64_t groups = v.attr_int("group", 1);
  if (groups < 1) v.fail("group is " + std::to_string(groups));
  return groups;
}

// The spatial axes of a tensor whose channels stand first (from axis 2) or last (from axis 1).
std::span<const Dim> spatial(const Shape& shape, ConvOperands::Layout layout) {
  const std::span<const Dim> dims = shape;
  return dims.subspan(layout == ConvOperands::Layout::kChannelsFirst ? 2 : 1, dims.size() - 2);
}

Dim channels(const Shape& shape, ConvOperands::Layout layout) {
  return layout == ConvOperands::Layout::kChannelsFirst ? shape[1] : shape.back();
}

std::span<const Dim> weight_kernel(const OpView& v, std::size_t w) {
  const Shape& shape = v.in(w).shape;
  return shape.size() > 2 ? std::span<const Dim>(shape).subspan(2) : std::span<const Dim>();
}

void check_rank(const OpView& v, const ConvOperands& o) {
  const TensorFact& x = v.in(o.x);
  const TensorFact& w = v.in(o.w);
  if (x.has_shape && x.rank() < 3) {
    v.fail("the input has rank " + std::to_string(x.rank()) + ", fewer than 3");
  }
  if (x.has_shape && w.has_shape && x.rank() != w.rank()) {
    v.fail("the weights have rank " + std::to_string(w.rank()) + ", the input " +
           std::to_string(x.rank()));
  }
}

void check_channels(const OpView& v, Dim in_channels, Dim weight_channels, Dim filters) {
  const std::int64_t groups = groups_of(v);
  if (in_channels.known() && weight_channels.known() &&
      in_channels.value() != weight_channels.value() * groups) {
    v.fail("the input has " + std::to_string(in_channels.value()) + " channels, the weights " +
           std::to_string(groups) + " x " + std::to_string(weight_channels.value()));
  }
  if (filters.known() && filters.value() % groups != 0) {
    v.fail(std::to_string(filters.value()) + " filters do not divide into " +
           std::to_string(groups) + " groups");
  }
}

}  // namespace

std::optional<Shape> conv_shape(const OpView& v, const ConvOperands& o) {
  check_rank(v, o);
  const TensorFact& x = v.in(o.x);
  if (!x.has_shape) return std::nullopt;
  const Dim filters = v.in_dim(o.w, 0);
  check_channels(v, channels(x.shape, o.layout), v.in_dim(o.w, 1), filters);
  const auto points = spatial(x.shape, o.layout);
  const Window w = read_window(v, points.size(), weight_kernel(v, o.w));
  Shape out{x.shape[0]};
  if (o.layout == ConvOperands::Layout::kChannelsFirst) out.push_back(filters);
  for (std::size_t i = 0; i < points.size(); ++i) {
    out.push_back(window_extent(v, w, i, points[i]));
  }
  if (o.layout == ConvOperands::Layout::kChannelsLast) out.push_back(filters);
  return out;
}

Work conv_work(const ConvExtents& e) {
  Work w;
  Geometry& g = w.geometry;
  g.kind = Geometry::Kind::kConvolution;
  g.batch = e.groups;
  g.m = e.images * e.points;
  g.images = e.images;
  g.n = e.out_channels / e.groups;
  g.k = e.in_channels / e.groups * e.kernel_points;
  g.kernel_points = e.kernel_points;
  w.macs = g.batch * g.m * g.n * g.k;
  return w;
}

Work conv_transpose_work(const ConvExtents& e) {
  Work w;
  Geometry& g = w.geometry;
  g.kind = Geometry::Kind::kConvolution;
  g.transposed = true;
  g.batch = e.groups;
  g.m = e.images * e.points;
  g.images = e.images;
  g.n = e.out_channels / e.groups * e.kernel_points;
  g.k = e.in_channels / e.groups;
  g.kernel_points = e.kernel_points;
  w.macs = g.batch * g.m * g.n * g.k;
  return w;
}

void add_zero_point(const OpView& v, std::size_t operand, std::size_t zero_point, Work& w) {
  if (v.has_in(zero_point)) w.integer_ops += v.in(operand).elements();
}

Work causal_conv_work(const CausalConvExtents& e) {
  Work w = conv_work({.images = e.batch,
                      .in_channels = e.channels,
                      .out_channels = e.channels,
                      .groups = e.channels,
                      .kernel_points = e.kernel,
                      .points = e.length});
  const Count elements = e.batch * e.channels * e.length;
  if (e.bias) w.flops += elements;
  if (e.silu) {
    // x * sigmoid(x): negation, addition and product; exponential and reciprocal.
    w.flops += elements * 3U;
    w.transcendentals += elements * 2U;
  }
  return w;
}

Work conv_work(const OpView& v, const ConvOperands& o) {
  check_rank(v, o);
  const TensorFact& x = v.in(o.x);
  const TensorFact& y = v.out(0);
  if (!x.has_shape || y.rank() != x.rank()) return conv_work(ConvExtents{});
  const Window window = read_window(v, x.rank() - 2, weight_kernel(v, o.w));
  Work w = conv_work({.images = x.shape[0].count(),
                      .in_channels = channels(x.shape, o.layout).count(),
                      .out_channels = channels(y.shape, o.layout).count(),
                      .groups = groups_of(v),
                      .kernel_points = window.kernel_points(),
                      .points = num_elements(spatial(y.shape, o.layout))});
  describe_window(window, w.geometry);
  if (o.bias != ConvOperands::kNone && v.has_in(o.bias)) add_ops(w, x.dtype, y.elements());
  return w;
}

namespace {

void set_or_unknown(const InferView& v, DType dtype, std::optional<Shape> shape) {
  if (shape) {
    v.set(0, dtype, std::move(*shape));
  } else {
    v.set_unknown_rank(0, dtype);
  }
}

// --- Conv ---------------------------------------------------------------------------------------

constexpr ConvOperands kConv{.x = 0, .w = 1, .bias = 2};

void conv(const InferView& v) { set_or_unknown(v, v.in(0).dtype, conv_shape(v, kConv)); }
Work conv_cost(const OpView& v) { return conv_work(v, kConv); }

// --- ConvTranspose ------------------------------------------------------------------------------

// output_shape names the spatial extents; some old exporters wrote batch and channels before them.
std::span<const std::int64_t> wanted_extents(const OpView& v, std::size_t rank) {
  const auto wanted = v.attr_ints("output_shape");
  if (wanted.empty() || wanted.size() == rank) return wanted;
  if (wanted.size() == rank + 2) return wanted.subspan(2);
  v.fail("output_shape has " + std::to_string(wanted.size()) + " entries for " +
         std::to_string(rank) + " spatial dimensions");
}

void conv_transpose(const InferView& v) {
  check_rank(v, kConv);
  const TensorFact& x = v.in(0);
  if (!x.has_shape) return v.set_unknown_rank(0, x.dtype);
  // Weights are [channels, filters / group, kernel...].
  const Dim in = v.in_dim(1, 0);
  if (in.known() && x.shape[1].known() && in != x.shape[1]) {
    v.fail("the input has " + std::to_string(x.shape[1].value()) + " channels, the weights " +
           std::to_string(in.value()));
  }
  const std::size_t rank = x.rank() - 2;
  const Window w = read_window(v, rank, weight_kernel(v, 1));
  const auto wanted = wanted_extents(v, rank);
  Shape out{x.shape[0], v.in_dim(1, 1) * Dim(groups_of(v))};
  for (std::size_t i = 0; i < rank; ++i) {
    out.push_back(wanted.empty() ? transposed_extent(v, w, i, x.shape[2 + i]) : Dim(wanted[i]));
  }
  v.set(0, x.dtype, std::move(out));
}

// Every input element meets every weight of its group once: a scatter, so MACs follow from the
// input's points. Sums of overlapping windows are the accumulation of those MACs.
Work conv_transpose_cost(const OpView& v) {
  check_rank(v, kConv);
  const TensorFact& x = v.in(0);
  if (!x.has_shape) return conv_transpose_work({});
  const Window window = read_window(v, x.rank() - 2, weight_kernel(v, 1));
  Work w = conv_transpose_work({.images = x.shape[0].count(),
                                .in_channels = x.shape[1].count(),
                                .out_channels = v.in_dim(1, 1).count() * groups_of(v),
                                .groups = groups_of(v),
                                .kernel_points = window.kernel_points(),
                                .points = product(x.shape, 2, x.rank())});
  describe_window(window, w.geometry);
  if (v.has_in(2)) add_ops(w, x.dtype, v.out(0).elements());
  return w;
}

// --- DeformConv ---------------------------------------------------------------------------------

constexpr ConvOperands kDeformConv{.x = 0, .w = 1, .bias = 3};  // 2: offset, 4: mask

void deform_conv(const InferView& v) {
  set_or_unknown(v, v.in(0).dtype, conv_shape(v, kDeformConv));
}

// A convolution over values sampled between points. In n dimensions a sample mixes 2^n corners:
// 2^n multiplications and 2^n - 1 additions for each channel, and 1 more multiplication with a
// mask. A sampling place costs once per offset group: n additions (offset), 2n subtractions
// (distance to both neighbours), and 2^n x (n - 1) multiplications for the corner weights.
Work deform_conv_cost(const OpView& v) {
  Work w = conv_work(v, kDeformConv);
  const TensorFact& x = v.in(0);
  const TensorFact& y = v.out(0);
  if (!x.has_shape || y.rank() != x.rank()) return w;
  const std::uint64_t n = x.rank() - 2;
  const std::uint64_t corners = std::uint64_t{1} << std::min<std::uint64_t>(n, 32);
  const Count places = w.geometry.m * w.geometry.kernel_points;
  const Count samples = places * x.shape[1].count();
  const Count groups = v.attr_int("offset_group", 1);
  w.flops += samples * (2 * corners - 1 + (v.has_in(4) ? 1U : 0U));
  w.flops += places * groups * (3 * n + corners * (n - 1));
  return w;
}

// --- ConvInteger, QLinearConv -------------------------------------------------------------------

void conv_integer(const InferView& v) {
  set_or_unknown(v, DType::kInt32, conv_shape(v, {.x = 0, .w = 1}));
}

Work conv_integer_cost(const OpView& v) {
  Work w = conv_work(v, {.x = 0, .w = 1});
  w.math = DType::kInt8;
  add_zero_point(v, 0, 2, w);
  add_zero_point(v, 1, 3, w);
  return w;
}

constexpr ConvOperands kQLinearConv{.x = 0, .w = 3, .bias = 8};

void qlinear_conv(const InferView& v) {
  set_or_unknown(v, v.in(7).dtype, conv_shape(v, kQLinearConv));
}

// The 32-bit sums are rescaled (1 multiplication by the joined scales), shifted (1 addition) and
// clamped (2 comparisons); rounding is not counted, as in Cast.
Work qlinear_conv_cost(const OpView& v) {
  Work w = conv_work(v, kQLinearConv);
  w.math = DType::kInt8;
  add_zero_point(v, 0, 2, w);
  add_zero_point(v, 3, 5, w);
  w.flops += v.out(0).elements() * 4U;
  return w;
}

// --- CausalConvWithState ------------------------------------------------------------------------

// Depthwise over [batch, channels, length]; the state holds the k - 1 columns before the input.
void causal_conv(const InferView& v) {
  copy_type(v, 0, 0);
  const Dim k = v.in_dim(1, 2);
  const TensorFact& past = v.in(3);
  const Dim kept = k.known() ? Dim(k.value() - 1) : v.in_dim(3, 2);
  if (k.known() && past.has_shape && past.rank() == 3 && past.shape[2].known() &&
      past.shape[2] != kept) {
    v.fail("past_state holds " + std::to_string(past.shape[2].value()) +
           " columns for a kernel of " + std::to_string(k.value()));
  }
  v.set(1, v.in(0).dtype, {v.in_dim(0, 0), v.in_dim(0, 1), kept});
}

Work causal_conv_cost(const OpView& v) {
  const std::string_view activation = v.attr_string("activation", "none");
  if (activation != "none" && activation != "silu" && activation != "swish") {
    v.fail("activation is '" + std::string(activation) + "'");
  }
  return causal_conv_work({.batch = v.in_dim(0, 0).count(),
                           .channels = v.in_dim(0, 1).count(),
                           .length = v.in_dim(0, 2).count(),
                           .kernel = v.in_dim(1, 2).count(),
                           .bias = v.has_in(2),
                           .silu = activation != "none"});
}

// The state is read and written whole: present_state is a tensor of its own.
void causal_conv_traffic(const OpView& v, Traffic& t) {
  t.read(0);
  t.read(1);
  t.read(2);
  t.read_state(3, v.in(3).elements());
  t.write(0);
  t.write_state(1, v.out(1).elements());
}

constexpr std::string_view kConvFormula =
    "MACs: output elements x channels / group x kernel points; bias 1 FLOP per output element";
constexpr std::string_view kTransposeFormula =
    "MACs: input elements x filters / group x kernel points; bias 1 FLOP per output element";
constexpr std::string_view kDeformFormula =
    "MACs as Conv; per sampled value 2 x 2^n - 1 FLOPs (mask 1 more), per sampling place 3n + "
    "2^n x (n - 1), in n dimensions";

constexpr OpSpec kConvolution[] = {
    {"", "Conv", 1, OpClass::kConvolution, conv, conv_cost, each_once, kConvFormula},
    {"", "ConvTranspose", 1, OpClass::kConvolution, conv_transpose, conv_transpose_cost, each_once,
     kTransposeFormula},
    {"", "DeformConv", 19, OpClass::kConvolution, deform_conv, deform_conv_cost, each_once,
     kDeformFormula},
    {"", "ConvInteger", 10, OpClass::kConvolution, conv_integer, conv_integer_cost, each_once,
     "int8 MACs as Conv; 1 integer op per element of each operand that has a zero point"},
    {"", "QLinearConv", 10, OpClass::kConvolution, qlinear_conv, qlinear_conv_cost, each_once,
     "int8 MACs as Conv; integer ops: zero points 1 per operand element, bias 1 per output "
     "element; "
     "rescaling 4 FLOPs per output element"},
    {"", "CausalConvWithState", 27, OpClass::kConvolution, causal_conv, causal_conv_cost,
     causal_conv_traffic,
     "MACs: output elements x kernel; bias 1 FLOP, SiLU 3 FLOPs and 2 transcendentals per output "
     "element; the state is read and written whole"},
};

}  // namespace

std::span<const OpSpec> convolution_ops() { return kConvolution; }

}  // namespace aiprof::ops
