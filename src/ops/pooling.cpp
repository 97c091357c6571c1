// Pooling: reductions over windows, or over all spatial points.
#include <string>
#include <utility>

#include "ops/convolution.h"
#include "ops/families.h"
#include "ops/rules.h"

namespace aiprof::ops {
namespace {

void check_rank(const OpView& v) {
  const TensorFact& x = v.in(0);
  if (x.has_shape && x.rank() < 3) {
    v.fail("the input has rank " + std::to_string(x.rank()) + ", fewer than 3");
  }
}

Window pool_window(const OpView& v) {
  check_rank(v);
  if (v.attr_ints("kernel_shape").empty()) v.fail("kernel_shape is missing");
  return read_window(v, v.in(0).rank() - 2);
}

// `kCeilMode` is what ceil_mode=1 means in an operator version; before version 10 (LpPool: 18) the
// attribute does not exist. It counts with auto_pad VALID too: ONNX Runtime and onnx's inference
// agree on that where the operator's text has no formula for it.
template <WindowRounding kCeilMode>
void pool(const InferView& v) {
  const TensorFact& x = v.in(0);
  if (!x.has_shape) {
    v.set_unknown_rank(0, x.dtype);
    return v.set_unknown_rank(1, DType::kInt64);
  }
  const Window w = pool_window(v);
  const bool ceil = v.attr_int("ceil_mode", 0) != 0;
  Shape out{x.shape[0], x.shape[1]};
  for (std::size_t i = 0; i < w.rank(); ++i) {
    out.push_back(
        window_extent(v, w, i, x.shape[2 + i], ceil ? kCeilMode : WindowRounding::kFloor));
  }
  v.set(1, DType::kInt64, out);  // MaxPool's Indices
  v.set(0, x.dtype, std::move(out));
}

void global_pool(const InferView& v) {
  check_rank(v);
  const TensorFact& x = v.in(0);
  if (!x.has_shape) return v.set_unknown_rank(0, x.dtype);
  Shape out{x.shape[0], x.shape[1]};
  out.resize(x.rank(), Dim(1));
  v.set(0, x.dtype, std::move(out));
}

enum class Pooling { kMax, kAverage, kLp };

// Cost of reducing `outputs` windows of `points` elements each. Points in padding count like
// others, which matters at borders only.
Work reduce(const OpView& v, Pooling what, Count outputs, Count points) {
  const DType dtype = v.in(0).dtype;
  Work w = arithmetic(dtype, outputs * (points - 1U), 1);  // max or sum
  if (what == Pooling::kAverage) w.transcendentals += outputs;
  if (what == Pooling::kLp) {
    // |x|^p before the sum and its p-th root after it: the norms 1 and 2 are cheaper.
    const double p = v.attr_float("p", static_cast<double>(v.attr_int("p", 2)));
    w.flops += outputs * points;  // absolute value, or square
    if (p != 1.0) w.transcendentals += outputs;
    if (p != 1.0 && p != 2.0) w.transcendentals += outputs * points;
  }
  w.geometry.kind = Geometry::Kind::kRows;
  w.geometry.rows = outputs;
  w.geometry.cols = points;
  return w;
}

template <Pooling kWhat>
Work pool_cost(const OpView& v) {
  if (!v.in(0).has_shape) return reduce(v, kWhat, Count::unknown(), Count::unknown());
  return reduce(v, kWhat, v.out(0).elements(), pool_window(v).kernel_points());
}

template <Pooling kWhat>
Work global_pool_cost(const OpView& v) {
  check_rank(v);
  const TensorFact& x = v.in(0);
  if (!x.has_shape) return reduce(v, kWhat, Count::unknown(), Count::unknown());
  return reduce(v, kWhat, product(x.shape, 0, 2), product(x.shape, 2, x.rank()));
}

constexpr auto kCeil = WindowRounding::kCeil;
constexpr auto kCeilInside = WindowRounding::kCeilInside;

constexpr std::string_view kMaxFormula = "kernel points - 1 FLOPs (max) per output element";
constexpr std::string_view kAverageFormula =
    "kernel points - 1 FLOPs (add) and 1 transcendental (division) per output element";
constexpr std::string_view kLpFormula =
    "2 x kernel points - 1 FLOPs (abs or square, add) and 1 transcendental (root, unless p = 1) "
    "per "
    "output element; other p than 1 and 2: 1 more transcendental per kernel point";
constexpr std::string_view kGlobalMaxFormula = "spatial points - 1 FLOPs (max) per channel";
constexpr std::string_view kGlobalAverageFormula =
    "spatial points - 1 FLOPs (add) and 1 transcendental (division) per channel";
constexpr std::string_view kGlobalLpFormula =
    "2 x spatial points - 1 FLOPs (abs or square, add) and 1 transcendental (root, unless p = 1) "
    "per channel; other p than 1 and 2: 1 more transcendental per point";

// From version 22 on, a last window may not start in the padding at the end.
constexpr OpSpec kPooling[] = {
    {"", "MaxPool", 1, OpClass::kPooling, pool<kCeil>, pool_cost<Pooling::kMax>, each_once,
     kMaxFormula},
    {"", "MaxPool", 22, OpClass::kPooling, pool<kCeilInside>, pool_cost<Pooling::kMax>, each_once,
     kMaxFormula},
    {"", "AveragePool", 1, OpClass::kPooling, pool<kCeil>, pool_cost<Pooling::kAverage>, each_once,
     kAverageFormula},
    {"", "AveragePool", 22, OpClass::kPooling, pool<kCeilInside>, pool_cost<Pooling::kAverage>,
     each_once, kAverageFormula},
    {"", "LpPool", 1, OpClass::kPooling, pool<kCeil>, pool_cost<Pooling::kLp>, each_once,
     kLpFormula},
    {"", "LpPool", 22, OpClass::kPooling, pool<kCeilInside>, pool_cost<Pooling::kLp>, each_once,
     kLpFormula},
    {"", "GlobalMaxPool", 1, OpClass::kPooling, global_pool, global_pool_cost<Pooling::kMax>,
     each_once, kGlobalMaxFormula},
    {"", "GlobalAveragePool", 1, OpClass::kPooling, global_pool,
     global_pool_cost<Pooling::kAverage>, each_once, kGlobalAverageFormula},
    {"", "GlobalLpPool", 1, OpClass::kPooling, global_pool, global_pool_cost<Pooling::kLp>,
     each_once, kGlobalLpFormula},
};

}  // namespace

std::span<const OpSpec> pooling_ops() { return kPooling; }

}  // namespace aiprof::ops
