// Reductions over axes, scans along an axis, and ArgMax.
#include <cmath>

#include "ops/evaluate.h"
#include "ops/families.h"

namespace aiprof::ops {
namespace {

// --- axes ---------------------------------------------------------------------------------------

// Which axes of input 0 are reduced.
struct ReducedAxes {
  bool none = false;                   // noop_with_empty_axes: the input passes
  InlineVector<std::uint8_t, 8> mask;  // one entry per axis, 1 if reduced
};

// The axes as stated: input 1 (from opset 18, ReduceSum 13) or attribute `axes`; nullopt if an
// input of unknown content states them. Empty: not stated.
std::optional<InlineVector<std::int64_t, 8>> stated_axes(const OpView& v) {
  if (!v.has_in(1)) return InlineVector<std::int64_t, 8>(v.attr_ints("axes"));
  const Count n = v.in(1).elements();
  if (n.known() && n.value() == 0) return InlineVector<std::int64_t, 8>();
  return v.ints(1);
}

// Nullopt if the axes or the rank of input 0 are unknown.
std::optional<ReducedAxes> reduced_axes(const OpView& v) {
  const auto axes = stated_axes(v);
  if (!axes || !v.in(0).has_shape) return std::nullopt;
  const std::size_t rank = v.in(0).rank();
  ReducedAxes r;
  if (axes->empty()) {
    r.none = v.attr_int("noop_with_empty_axes", 0) != 0;
    r.mask.resize(rank, r.none ? 0 : 1);
    return r;
  }
  r.mask.resize(rank, 0);
  for (const std::int64_t axis : *axes) r.mask[v.normalize_axis(axis, rank)] = 1;
  return r;
}

// Input 0's shape with every reduced axis at 1.
Shape kept_shape(const OpView& v, const ReducedAxes& r) {
  Shape shape = v.in(0).shape;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (r.mask[i] != 0) shape[i] = 1;
  }
  return shape;
}

// --- shapes -------------------------------------------------------------------------------------

void set_reduced(const InferView& v, const ReducedAxes& r, DType type) {
  Shape shape;
  const bool keep = v.attr_int("keepdims", 1) != 0;
  for (std::size_t i = 0; i < r.mask.size(); ++i) {
    if (r.mask[i] == 0) {
      shape.push_back(v.in(0).shape[i]);
    } else if (keep) {
      shape.push_back(1);
    }
  }
  v.set(0, type, std::move(shape));
}

// Unknown axes: the rank may still follow from their number.
void set_partly_reduced(const InferView& v) {
  const TensorFact& in = v.in(0);
  const bool keep = v.attr_int("keepdims", 1) != 0;
  const Count axes = v.in(1).elements();
  if (!in.has_shape || (!keep && (!axes.known() || axes.value() > in.rank()))) {
    return v.set_unknown_rank(0, in.dtype);
  }
  Shape shape(in.rank() - (keep ? 0 : axes.value()));
  for (std::size_t i = 0; keep && i < shape.size(); ++i) {
    if (in.shape[i].is(1)) shape[i] = 1;
  }
  v.set(0, in.dtype, std::move(shape));
}

void reduce_shape(const InferView& v) {
  if (const auto r = reduced_axes(v)) return set_reduced(v, *r, v.in(0).dtype);
  const auto axes = stated_axes(v);
  const bool all = axes && axes->empty() && v.attr_int("noop_with_empty_axes", 0) == 0;
  if (all && v.attr_int("keepdims", 1) == 0) return v.set(0, v.in(0).dtype, {});
  if (axes) return v.set_unknown_rank(0, v.in(0).dtype);
  set_partly_reduced(v);
}

ReducedAxes one_axis(const OpView& v) {
  ReducedAxes r;
  r.mask.resize(v.in(0).rank(), 0);
  r.mask[v.normalize_axis(v.attr_int("axis", 0), r.mask.size())] = 1;
  return r;
}

void arg_shape(const InferView& v) {
  if (!v.in(0).has_shape) return v.set_unknown_rank(0, DType::kInt64);
  set_reduced(v, one_axis(v), DType::kInt64);
}

// --- work ---------------------------------------------------------------------------------------

// Rows of a reduction whose reduced axes are the last ones (extents of 1 aside).
Geometry trailing_geometry(const OpView& v, const ReducedAxes& r) {
  Count cols = 1U;
  bool kept = false;
  for (std::size_t i = r.mask.size(); i-- > 0;) {
    const Dim d = v.in(0).shape[i];
    if (d.is(1)) continue;
    if (r.mask[i] == 0) {
      kept = true;
    } else if (kept) {
      return {};
    } else {
      cols *= d.count();
    }
  }
  return row_geometry(v.out(0).elements(), cols);
}

Work with_geometry(const OpView& v, Work w) {
  if (const auto r = reduced_axes(v); r && !r->none) w.geometry = trailing_geometry(v, *r);
  return w;
}

// kBefore operations on every input element, then in - out to combine them.
template <unsigned kBefore = 0>
Work reduce_work(const OpView& v) {
  const Count in = v.in(0).elements();
  return with_geometry(
      v, operations(v.in(0).dtype, in * kBefore + combined(in, v.out(0).elements()), 1));
}

Work mean_work(const OpView& v) {
  Work w = reduce_work(v);
  const auto r = reduced_axes(v);
  const Count divisions = r && r->none ? Count(0U) : v.out(0).elements();
  (is_integer(v.in(0).dtype) ? w.integer_ops : w.transcendentals) += divisions;
  return w;
}

// A root or logarithm of every sum, in floating point also where the input is of integers.
template <unsigned kBefore>
Work reduce_then_function_work(const OpView& v) {
  Work w = reduce_work<kBefore>(v);
  w.transcendentals = v.out(0).elements();
  return w;
}

// exp of every element, a sum, a logarithm; the ONNX body computes in floating point throughout.
Work log_sum_exp_work(const OpView& v) {
  const Count in = v.in(0).elements();
  Work w;
  w.flops = combined(in, v.out(0).elements());
  w.transcendentals = in + v.out(0).elements();
  return with_geometry(v, w);
}

Work arg_work(const OpView& v) {
  const Count in = v.in(0).elements();
  Work w = operations(v.in(0).dtype, combined(in, v.out(0).elements()), 1);
  if (v.in(0).has_shape) w.geometry = trailing_geometry(v, one_axis(v));
  return w;
}

// --- values -------------------------------------------------------------------------------------

using Finish = Scalar (*)(Scalar sum, std::size_t count, DType type);

Scalar keep(Scalar x, std::size_t /*count*/, DType /*type*/) { return x; }
Scalar itself(Scalar x, DType /*type*/) { return x; }
Scalar square(Scalar x, DType type) { return multiply(x, x, type); }

Scalar divide_by_count(Scalar sum, std::size_t count, DType type) {
  const auto n = static_cast<std::int64_t>(count);
  return divide(sum, is_float(type) ? Scalar::of_float(static_cast<double>(n)) : Scalar::of(n),
                type);
}

Scalar root(Scalar sum, std::size_t /*count*/, DType type) {
  return convert(real(DType::kFloat64, std::sqrt(convert(sum, type, DType::kFloat64).f)),
                 DType::kFloat64, type);
}

// What combining no elements gives: Shape of a scalar has a product of 1.
Scalar neutral(Binary fold, DType type) {
  if (fold != add && fold != multiply) return {};
  const int n = fold == add ? 0 : 1;
  return is_float(type) ? Scalar::of_float(n) : Scalar::of(n);
}

// Every output element is `finish` of its inputs, each put through `before`, combined by `fold`.
void evaluate_reduction(const InferView& v, Unary before, Binary fold, Finish finish) {
  if (!evaluable(v)) return;
  const auto r = reduced_axes(v);
  const ValueRef x = v.value_ref(0);
  if (!r || !x || (x->kind == Value::Kind::kFloat) != is_float(v.in(0).dtype)) return;
  const DType type = v.in(0).dtype;
  const auto target = broadcast_index(v.in(0).shape, kept_shape(v, *r));
  std::vector<Scalar> sums(v.out(0).elements().value(), neutral(fold, type));
  std::vector<std::size_t> counts(sums.size(), 0);
  for (std::size_t i = 0; i < target.size(); ++i) {
    Scalar s = x->elements[i];
    if (s.known) s = before(s, type);
    Scalar& sum = sums[target[i]];
    if (counts[target[i]]++ == 0) {
      sum = s;
    } else {
      sum = sum.known && s.known ? fold(sum, s, type) : Scalar();
    }
  }
  for (std::size_t o = 0; o < sums.size(); ++o) {
    if (sums[o].known) sums[o] = finish(sums[o], counts[o], type);
  }
  set_elements(v, std::move(sums));
}

template <Binary kFold, Unary kBefore = itself, Finish kFinish = keep>
void reduce_value(const InferView& v) {
  evaluate_reduction(v, kBefore, kFold, kFinish);
}

template <bool kMax>
void arg_value(const InferView& v) {
  const ValueRef x = v.value_ref(0);
  const DType type = v.in(0).dtype;
  if (!evaluable(v) || !x || (x->kind == Value::Kind::kFloat) != is_float(type)) return;
  const ReducedAxes r = one_axis(v);
  const auto target = broadcast_index(v.in(0).shape, kept_shape(v, r));
  const bool last = v.attr_int("select_last_index", 0) != 0;
  std::vector<Scalar> best(v.out(0).elements().value());
  std::vector<Scalar> where(best.size());
  std::vector<std::int64_t> seen(best.size(), 0);
  for (std::size_t i = 0; i < target.size(); ++i) {
    const Scalar s = x->elements[i];
    const std::size_t o = target[i];
    const std::int64_t position = seen[o]++;
    if (!s.known || (position > 0 && !best[o].known)) {
      best[o] = where[o] = Scalar();
      continue;
    }
    const bool beats = position > 0 && (kMax ? less(best[o], s, type) : less(s, best[o], type));
    const bool loses = position > 0 && (kMax ? less(s, best[o], type) : less(best[o], s, type));
    if (position == 0 || beats || (last && !loses)) {
      best[o] = s;
      where[o] = Scalar::of(position);
    }
  }
  set_elements(v, std::move(where));
}

// --- scans --------------------------------------------------------------------------------------

// Extent of the axis that input 1 names; unknown if it is not known.
Dim scan_extent(const OpView& v) {
  const auto axis = v.int_scalar(1);
  return axis ? v.in_dim(0, *axis) : Dim();
}

// A row of n running results takes n - 1 operations; an exclusive one starts with the neutral
// element and its first operand, and takes n - 2.
Work scan_work(const OpView& v) {
  const Count extent = scan_extent(v).count();
  const Count rows =
      extent.known() && extent.value() == 0 ? Count(0U) : v.in(0).elements() / extent;
  const Count free = v.attr_int("exclusive", 0) != 0 ? 2U : 1U;
  Work w = operations(v.in(0).dtype, rows * combined(extent, free), 1);
  w.geometry = row_geometry(rows, extent);
  return w;
}

template <Binary kFold, int kNeutral>
void scan_value(const InferView& v) {
  const ValueRef x = v.value_ref(0);
  const auto axis = v.int_scalar(1);
  const DType type = v.in(0).dtype;
  if (!evaluable(v) || !x || !axis || (x->kind == Value::Kind::kFloat) != is_float(type)) return;
  const std::size_t along = v.normalize_axis(*axis, v.in(0).rank());
  const auto step = static_cast<std::size_t>(strides(v.in(0).shape)[along]);
  const auto extent = static_cast<std::size_t>(v.in(0).shape[along].value());
  const bool reverse = v.attr_int("reverse", 0) != 0;
  const bool exclusive = v.attr_int("exclusive", 0) != 0;
  std::vector<Scalar> out(x->elements.size());
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (i / step % extent != 0) continue;  // i starts a row
    Scalar sum = is_float(type) ? Scalar::of_float(kNeutral) : Scalar::of(kNeutral);
    for (std::size_t k = 0; k < extent; ++k) {
      const std::size_t at = i + step * (reverse ? extent - 1 - k : k);
      const Scalar s = x->elements[at];
      const Scalar next = sum.known && s.known ? kFold(sum, s, type) : Scalar();
      out[at] = exclusive ? sum : next;
      sum = next;
    }
  }
  set_elements(v, std::move(out));
}

// --- rows ---------------------------------------------------------------------------------------

constexpr OpClass kClass = OpClass::kReduction;
constexpr std::string_view kSum = "in - out FLOPs";
constexpr std::string_view kMean = "in - out FLOPs and 1 division per output";
constexpr std::string_view kSecond = "2 in - out FLOPs";
constexpr std::string_view kRoot = "2 in - out FLOPs and 1 sqrt per output";
constexpr std::string_view kLog = "in - out FLOPs and 1 log per output";
constexpr std::string_view kLogExp = "in - out FLOPs, 1 exp per input and 1 log per output";

// Axes are an attribute up to opset 17 (ReduceSum: 12) and then an input.
constexpr OpSpec kRows[] = {
    {"", "ReduceSum", 1, kClass, reduce_shape, reduce_work<>, first_to_all, kSum,
     reduce_value<add>},
    {"", "ReduceSum", 13, kClass, reduce_shape, reduce_work<>, first_to_all, kSum,
     reduce_value<add>},
    {"", "ReduceMean", 1, kClass, reduce_shape, mean_work, first_to_all, kMean,
     reduce_value<add, itself, divide_by_count>},
    {"", "ReduceMean", 18, kClass, reduce_shape, mean_work, first_to_all, kMean,
     reduce_value<add, itself, divide_by_count>},
    {"", "ReduceMax", 1, kClass, reduce_shape, reduce_work<>, first_to_all, kSum,
     reduce_value<maximum>},
    {"", "ReduceMax", 18, kClass, reduce_shape, reduce_work<>, first_to_all, kSum,
     reduce_value<maximum>},
    {"", "ReduceMin", 1, kClass, reduce_shape, reduce_work<>, first_to_all, kSum,
     reduce_value<minimum>},
    {"", "ReduceMin", 18, kClass, reduce_shape, reduce_work<>, first_to_all, kSum,
     reduce_value<minimum>},
    {"", "ReduceProd", 1, kClass, reduce_shape, reduce_work<>, first_to_all, kSum,
     reduce_value<multiply>},
    {"", "ReduceProd", 18, kClass, reduce_shape, reduce_work<>, first_to_all, kSum,
     reduce_value<multiply>},
    {"", "ReduceL1", 1, kClass, reduce_shape, reduce_work<1>, first_to_all, kSecond,
     reduce_value<add, absolute>},
    {"", "ReduceL1", 18, kClass, reduce_shape, reduce_work<1>, first_to_all, kSecond,
     reduce_value<add, absolute>},
    {"", "ReduceSumSquare", 1, kClass, reduce_shape, reduce_work<1>, first_to_all, kSecond,
     reduce_value<add, square>},
    {"", "ReduceSumSquare", 18, kClass, reduce_shape, reduce_work<1>, first_to_all, kSecond,
     reduce_value<add, square>},
    {"", "ReduceL2", 1, kClass, reduce_shape, reduce_then_function_work<1>, first_to_all, kRoot,
     reduce_value<add, square, root>},
    {"", "ReduceL2", 18, kClass, reduce_shape, reduce_then_function_work<1>, first_to_all, kRoot,
     reduce_value<add, square, root>},
    {"", "ReduceLogSum", 1, kClass, reduce_shape, reduce_then_function_work<0>, first_to_all, kLog},
    {"", "ReduceLogSum", 18, kClass, reduce_shape, reduce_then_function_work<0>, first_to_all,
     kLog},
    {"", "ReduceLogSumExp", 1, kClass, reduce_shape, log_sum_exp_work, first_to_all, kLogExp},
    {"", "ReduceLogSumExp", 18, kClass, reduce_shape, log_sum_exp_work, first_to_all, kLogExp},

    {"", "ArgMax", 1, kClass, arg_shape, arg_work, each_once, "in - out FLOPs (compares)",
     arg_value<true>},
    {"", "ArgMin", 1, kClass, arg_shape, arg_work, each_once, "in - out FLOPs (compares)",
     arg_value<false>},

    {"", "CumSum", 11, kClass, same_as_first, scan_work, first_to_all,
     "n - 1 FLOPs (exclusive: n - 2) per row of n along the axis", scan_value<add, 0>, kInPlace},
    {"", "CumProd", 26, kClass, same_as_first, scan_work, first_to_all,
     "n - 1 FLOPs (exclusive: n - 2) per row of n along the axis", scan_value<multiply, 1>,
     kInPlace},
};

}  // namespace

std::span<const OpSpec> reduction_ops() { return kRows; }

}  // namespace aiprof::ops
