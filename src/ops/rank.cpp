// Operators that order elements: TopK and NonMaxSuppression.
#include <algorithm>
#include <array>
#include <cmath>

#include "ops/families.h"
#include "ops/operands.h"
#include "ops/select.h"

namespace aiprof::ops {
namespace {

// --- TopK ---------------------------------------------------------------------------------------

// k is an attribute in opset 1 and input 1 since opset 10.
std::optional<std::int64_t> wanted(const OpView& v) {
  if (v.has_in(1)) return int_of(v, 1);
  const Attribute* k = v.attr("k");
  return k != nullptr ? std::optional(k->i) : std::nullopt;
}

void top_k_shape(const InferView& v) {
  const TensorFact& in = v.in(0);
  if (!in.has_shape) {
    v.set_unknown_rank(0, in.dtype);
    v.set_unknown_rank(1, DType::kInt64);
    return;
  }
  const std::size_t axis = v.normalize_axis(v.attr_int("axis", -1), in.rank());
  const auto k = wanted(v);
  const Dim extent = in.shape[axis];
  if (k && (*k < 0 || (extent.known() && *k > extent.value()))) {
    v.fail("k is " + std::to_string(*k) + " for an axis of " + to_text(std::array{extent}));
  }
  Shape out = in.shape;
  if (k) out[axis] = *k;
  v.set(0, in.dtype, out);
  v.set(1, DType::kInt64, out);
  if (k || !extent.known()) return;
  const std::string note = "k counts as the whole axis" + settled_by(v, 1);
  v.assume(0, note);
  v.assume(1, note);
}

// Indices of the first k of a row; among equals the lower index comes first.
std::vector<std::int64_t> ranked(const OpView& v, const Value& x, std::int64_t base,
                                 std::int64_t stride, Dim n) {
  const bool largest = v.attr_int("largest", 1) != 0;
  auto order = all_indices(n);
  std::stable_sort(order.begin(), order.end(), [&](std::int64_t a, std::int64_t b) {
    const Scalar& p = x.elements[static_cast<std::size_t>(base + a * stride)];
    const Scalar& q = x.elements[static_cast<std::size_t>(base + b * stride)];
    if (x.kind == Value::Kind::kFloat) return largest ? p.f > q.f : p.f < q.f;
    return largest ? p.i > q.i : p.i < q.i;
  });
  return order;
}

// With sorted = 0 the order of the k elements is left open: nothing to evaluate unless k is 1.
void top_k_value(const InferView& v) {
  const Value* x = v.value(0);
  if (x == nullptr || x->kind == Value::Kind::kString || !x->all_known() || !wanted(v)) return;
  if (v.attr_int("sorted", 1) == 0 && *wanted(v) > 1) return;
  const Shape& in = v.in(0).shape;
  const std::size_t axis = v.normalize_axis(v.attr_int("axis", -1), in.size());
  Shape out = in;
  out[axis] = *wanted(v);
  const std::int64_t stride = strides(in)[axis];
  const std::int64_t n = in[axis].value();
  const std::int64_t rows = n == 0 ? 0 : static_cast<std::int64_t>(x->elements.size()) / n;
  std::vector<std::int64_t> positions(num_elements(out).value());
  std::vector<std::int64_t> indices(positions.size());
  for (std::int64_t row = 0; row < rows; ++row) {
    const std::int64_t base = row / stride * stride * n + row % stride;
    const auto order = ranked(v, *x, base, stride, n);
    for (std::int64_t i = 0; i < *wanted(v); ++i) {
      const auto at =
          static_cast<std::size_t>(row / stride * stride * *wanted(v) + row % stride + i * stride);
      indices[at] = order[static_cast<std::size_t>(i)];
      positions[at] = base + indices[at] * stride;
    }
  }
  v.set_value(0, pick(*x, positions));
  v.set_ints(1, indices);
}

// A heap of the k best: every element is compared with its root and may sink through
// ceil(log2 k) levels; sorting the k at the end takes k * ceil(log2 k) more.
Work top_k_work(const OpView& v) {
  const TensorFact& in = v.in(0);
  const TensorFact& out = v.out(0);
  if (!in.has_shape || !out.has_shape) return arithmetic(in.dtype, Count::unknown(), 1);
  const std::size_t axis = v.normalize_axis(v.attr_int("axis", -1), in.rank());
  const Count levels = ceil_log2(out.shape[axis].count());
  Count compares = in.elements() * (levels + 1U);
  if (v.attr_int("sorted", 1) != 0) compares += out.elements() * levels;
  Work w = arithmetic(in.dtype, compares, 1);
  w.geometry.kind = Geometry::Kind::kRows;
  w.geometry.cols = in.shape[axis].count();
  w.geometry.rows = in.elements() / in.shape[axis].count();
  return w;
}

// --- NonMaxSuppression --------------------------------------------------------------------------

// Boxes that may be selected per image and class: max_output_boxes_per_class, 0 if it is left out,
// but never more than there are.
Dim selected(const OpView& v) {
  const Count boxes = v.in_dim(0, 1).count();
  if (!v.has_in(2)) return 0;
  const auto limit = int_of(v, 2);
  return Dim::from(limit ? min(boxes, Count(std::max<std::int64_t>(*limit, 0))) : boxes);
}

struct Box {
  double low[2];  // y, x
  double high[2];
  [[nodiscard]] double area() const { return (high[0] - low[0]) * (high[1] - low[1]); }
};

// Box formats: two opposite corners (y, x, y, x), or centre and extents (x, y, width, height).
Box box_at(const Value& boxes, std::size_t i, std::int64_t center_point) {
  const Scalar* b = &boxes.elements[4 * i];
  if (center_point != 0) {
    return {{b[1].f - b[3].f / 2, b[0].f - b[2].f / 2}, {b[1].f + b[3].f / 2, b[0].f + b[2].f / 2}};
  }
  return {{std::min(b[0].f, b[2].f), std::min(b[1].f, b[3].f)},
          {std::max(b[0].f, b[2].f), std::max(b[1].f, b[3].f)}};
}

double overlap(const Box& a, const Box& b) {
  double common = 1;
  for (const int axis : {0, 1}) {
    common *=
        std::max(0.0, std::min(a.high[axis], b.high[axis]) - std::max(a.low[axis], b.low[axis]));
  }
  const double all = a.area() + b.area() - common;
  return common > 0 && all > 0 ? common / all : 0;
}

const Value* known_floats(const OpView& v, std::size_t i) {
  const Value* x = v.value(i);
  return x != nullptr && x->kind == Value::Kind::kFloat && x->all_known() ? x : nullptr;
}

// An optional scalar that is left out, or known; nullopt if it is there and not known.
std::optional<double> threshold(const OpView& v, std::size_t i, double otherwise) {
  return v.has_in(i) ? v.float_scalar(i) : std::optional(otherwise);
}

// Boxes of one image and class: best scores first, without those that overlap a better one.
std::vector<std::int64_t> suppressed(const OpView& v, std::span<const Box> boxes,
                                     std::span<const Scalar> scores, std::int64_t limit) {
  const double iou = *threshold(v, 3, 0);
  const double least = *threshold(v, 4, -HUGE_VAL);
  auto order = all_indices(Dim(static_cast<std::int64_t>(boxes.size())));
  std::stable_sort(order.begin(), order.end(), [&](std::int64_t a, std::int64_t b) {
    return scores[static_cast<std::size_t>(a)].f > scores[static_cast<std::size_t>(b)].f;
  });
  std::vector<std::int64_t> kept;
  for (const std::int64_t i : order) {
    if (static_cast<std::int64_t>(kept.size()) >= limit) break;
    const auto at = static_cast<std::size_t>(i);
    if (scores[at].f < least) break;
    const bool covered = std::any_of(kept.begin(), kept.end(), [&](std::int64_t k) {
      return overlap(boxes[at], boxes[static_cast<std::size_t>(k)]) > iou;
    });
    if (!covered) kept.push_back(i);
  }
  return kept;
}

// (image, class, box) of everything selected; nullopt unless all operands are known.
std::optional<std::vector<std::int64_t>> selection(const OpView& v) {
  const Value* boxes = known_floats(v, 0);
  const Value* scores = known_floats(v, 1);
  const Dim limit = selected(v);
  const bool known = boxes != nullptr && scores != nullptr && limit.known() &&
                     (!v.has_in(2) || int_of(v, 2)) && threshold(v, 3, 0) && threshold(v, 4, 0);
  if (!known || v.in(0).rank() != 3 || v.in(1).rank() != 3 || !v.in_dim(0, 2).is(4)) return {};
  const auto n = static_cast<std::size_t>(v.in_dim(0, 1).value());
  const std::int64_t classes = v.in_dim(1, 1).value();
  if (!v.in_dim(1, 2).is(static_cast<std::int64_t>(n)) || v.in_dim(0, 0) != v.in_dim(1, 0)) {
    v.fail("boxes and scores differ in number");
  }
  std::vector<std::int64_t> out;
  for (std::int64_t image = 0; image < v.in_dim(0, 0).value(); ++image) {
    std::vector<Box> mine;
    for (std::size_t i = 0; i < n; ++i) {
      mine.push_back(box_at(*boxes, static_cast<std::size_t>(image) * n + i,
                            v.attr_int("center_point_box", 0)));
    }
    for (std::int64_t c = 0; c < classes; ++c) {
      const auto row = static_cast<std::size_t>(image * classes + c) * n;
      const auto of_class = std::span(scores->elements).subspan(row, n);
      for (const std::int64_t i : suppressed(v, mine, of_class, limit.value())) {
        out.insert(out.end(), {image, c, i});
      }
    }
  }
  return out;
}

void non_max_suppression(const InferView& v) {
  if (const auto exact = selection(v)) {
    return v.set(0, DType::kInt64, {static_cast<std::int64_t>(exact->size() / 3), 3});
  }
  const Dim n = v.in_dim(1, 0) * v.in_dim(1, 1) * selected(v);
  v.set(0, DType::kInt64, {n, 3});
  if (!n.known() || n.is(0)) return;
  v.assume(0,
           "as many boxes as max_output_boxes_per_class and the number of boxes allow count as "
           "selected; which are is known only when it runs");
}

void non_max_suppression_value(const InferView& v) {
  if (const auto exact = selection(v)) v.set_ints(0, *exact);
}

// Per image and class, for n boxes of which s are selected, an upper bound: n compares with the
// score threshold, n * ceil(log2 n) to sort the scores, and the overlap of every candidate with
// those selected before it (the i-th with min(i, s)). An overlap takes 4 max or min for the
// corners, 2 subtractions and 2 max for the extents, a multiply, an add and a subtract for the
// union, and a compare: 12 FLOPs and a division. Areas, 3 FLOPs a box, and corners from centres, 6
// a box, are found once per image.
Work non_max_suppression_work(const OpView& v) {
  const Count n = v.in_dim(0, 1).count();
  const Count s = selected(v).count();
  const Count classes = v.in_dim(1, 0).count() * v.in_dim(1, 1).count();
  const Count pairs = n * s - s * (s + 1U) / 2U;
  Work w;
  if (s == Count(0U)) return w;
  const unsigned per_box = v.attr_int("center_point_box", 0) != 0 ? 9 : 3;
  w.flops = classes * (n + n * ceil_log2(n) + pairs * 12U) + v.in_dim(0, 0).count() * n * per_box;
  w.transcendentals = classes * pairs;
  return w;
}

void non_max_suppression_traffic(const OpView& /*v*/, Traffic& t) {
  t.read(0);
  t.read(1);
  t.write(0);
}

constexpr std::string_view kTopK =
    "per row of n: n * (1 + ceil(log2 k)) compares, and k * ceil(log2 k) to sort the result; reads "
    "the input and writes both outputs";

constexpr OpSpec kRank[] = {
    {"", "TopK", 1, OpClass::kSort, top_k_shape, top_k_work, first_once, kTopK, top_k_value},
    {"", "TopK", 10, OpClass::kSort, top_k_shape, top_k_work, first_once, kTopK, top_k_value},
    // Adds largest and sorted.
    {"", "TopK", 11, OpClass::kSort, top_k_shape, top_k_work, first_once, kTopK, top_k_value},
    {"", "NonMaxSuppression", 10, OpClass::kSort, non_max_suppression, non_max_suppression_work,
     non_max_suppression_traffic,
     "upper bound per image and class: sort n scores, 12 FLOPs and 1 division for the overlap of "
     "each box with those selected before it; reads boxes and scores and writes the indices",
     non_max_suppression_value},
};

}  // namespace

std::span<const OpSpec> rank_ops() { return kRank; }

}  // namespace aiprof::ops
