// Operators that choose elements by their contents: NonZero, Compress, Unique. Where the contents
// are not known, extents are upper bounds and marked assumed.
#include "ops/select.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>

#include "ops/families.h"
#include "ops/operands.h"

namespace aiprof::ops {
namespace {

bool is_zero(const Value& x, std::size_t i) {
  const Scalar s = x.elements[i];
  return s.known && (x.kind == Value::Kind::kFloat ? s.f == 0 : s.i == 0);
}

// Input i if it holds numbers, or null.
const Value* numbers(const OpView& v, std::size_t i) {
  const Value* x = v.value(i);
  return x != nullptr && x->kind != Value::Kind::kString ? x : nullptr;
}

// --- NonZero ------------------------------------------------------------------------------------

// [rank, elements that are not zero].
void non_zero_shape(const InferView& v) {
  const TensorFact& in = v.in(0);
  const Dim rank = in.has_shape ? Dim(static_cast<std::int64_t>(in.rank())) : Dim();
  Dim found = Dim::from(in.elements());
  const Value* x = numbers(v, 0);
  if (x != nullptr) {
    std::int64_t n = 0;
    for (std::size_t i = 0; i < x->elements.size(); ++i) n += is_zero(*x, i) ? 0 : 1;
    found = n;
  }
  v.set(0, DType::kInt64, {rank, found});
  if (found.known() && (x == nullptr || !x->all_known())) {
    v.assume(0, "every element counts as non-zero" + settled_by(v, 0));
  }
}

void non_zero_value(const InferView& v) {
  const Value* x = numbers(v, 0);
  if (x == nullptr || !x->all_known() || !evaluable(v)) return;
  const Shape& in = v.in(0).shape;
  const auto step = strides(in);
  std::vector<std::int64_t> found;
  for (std::size_t axis = 0; axis < in.size(); ++axis) {
    for (std::size_t i = 0; i < x->elements.size(); ++i) {
      if (is_zero(*x, i)) continue;
      found.push_back(static_cast<std::int64_t>(i) / step[axis] % in[axis].value());
    }
  }
  v.set_ints(0, found);
}

Work per_input_element(const OpView& v) { return arithmetic(v.in(0).dtype, v.in(0).elements(), 1); }

// --- Compress -----------------------------------------------------------------------------------

// Slices on one axis, or elements where there is no axis.
struct Choice {
  Dim extent;  // of what is chosen from
  std::size_t axis = 0;
  bool flat = true;
};

Choice choice(const OpView& v) {
  if (v.attr("axis") == nullptr) return {Dim::from(v.in(0).elements()), 0, true};
  const std::size_t axis = v.normalize_axis(v.attr_int("axis", 0), v.in(0).rank());
  return {v.in(0).shape[axis], axis, false};
}

// How many are chosen: those whose condition is not known to be false. The condition may be shorter
// than the axis; what it does not cover is dropped.
Dim chosen(const OpView& v, Dim extent) {
  const Value* condition = numbers(v, 1);
  if (condition == nullptr) return Dim::from(min(extent.count(), v.in(1).elements()));
  std::int64_t n = 0;
  for (std::size_t i = 0; i < condition->elements.size(); ++i) {
    if (extent.known() && static_cast<std::int64_t>(i) >= extent.value()) break;
    n += is_zero(*condition, i) ? 0 : 1;
  }
  return n;
}

void compress_shape(const InferView& v) {
  const TensorFact& in = v.in(0);
  const bool flat = v.attr("axis") == nullptr;
  if (!in.has_shape && !flat) return v.set_unknown_rank(0, in.dtype);
  const Choice c = choice(v);
  const Dim n = chosen(v, c.extent);
  Shape out = flat ? Shape{n} : in.shape;
  if (!flat) out[c.axis] = n;
  v.set(0, in.dtype, out);
  const Value* condition = numbers(v, 1);
  if (n.known() && (condition == nullptr || !condition->all_known())) {
    v.assume(0, "everything that may be chosen counts as chosen" + settled_by(v, 1));
  }
}

void compress_value(const InferView& v) {
  const Value* x = v.value(0);
  const Value* condition = numbers(v, 1);
  if (x == nullptr || condition == nullptr || !condition->all_known() || !evaluable(v)) return;
  const Choice c = choice(v);
  std::vector<std::int64_t> kept;
  for (std::size_t i = 0; i < condition->elements.size(); ++i) {
    const auto at = static_cast<std::int64_t>(i);
    if (at < c.extent.value() && !is_zero(*condition, i)) kept.push_back(at);
  }
  if (c.flat) return v.set_value(0, pick(*x, kept));
  AxisSources sources;
  for (const Dim d : v.in(0).shape) sources.push_back(all_indices(d));
  sources[c.axis] = kept;
  v.set_value(0, pick(*x, v.in(0).shape, sources));
}

void compress_traffic(const OpView& v, Traffic& t) {
  t.read(0, min(v.out(0).elements(), v.in(0).elements()));
  t.read(1);
  t.write(0);
}

// --- Unique -------------------------------------------------------------------------------------

// Slices that differ, in output order.
struct Distinct {
  std::vector<std::int64_t> first;    // where each occurs first
  std::vector<std::int64_t> inverse;  // of every slice of the input
  std::vector<std::int64_t> counts;
};

// -1, 0 or 1 for slices a and b of the chosen axis, compared element by element.
class SliceOrder {
 public:
  SliceOrder(const Value& x, const Choice& c, std::span<const Dim> shape)
      : x_(&x), extent_(c.extent.value()) {
    if (c.flat) return;
    inner_ = static_cast<std::int64_t>(product(shape, c.axis + 1, shape.size()).value());
    outer_ = static_cast<std::int64_t>(product(shape, 0, c.axis).value());
  }
  [[nodiscard]] int compare(std::int64_t a, std::int64_t b) const {
    for (std::int64_t o = 0; o < outer_; ++o) {
      for (std::int64_t i = 0; i < inner_; ++i) {
        const std::int64_t base = o * extent_ * inner_ + i;
        const Scalar& p = x_->elements[static_cast<std::size_t>(base + a * inner_)];
        const Scalar& q = x_->elements[static_cast<std::size_t>(base + b * inner_)];
        const bool floating = x_->kind == Value::Kind::kFloat;
        if (floating ? p.f < q.f : p.i < q.i) return -1;
        if (floating ? q.f < p.f : q.i < p.i) return 1;
      }
    }
    return 0;
  }

 private:
  const Value* x_;
  std::int64_t extent_;
  std::int64_t inner_ = 1;
  std::int64_t outer_ = 1;
};

// nullopt where the contents are not known, or are NaNs, which differ from themselves.
std::optional<Distinct> distinct(const OpView& v) {
  const Value* x = numbers(v, 0);
  if (x == nullptr || !x->all_known() || !v.in(0).shape_known()) return std::nullopt;
  for (const Scalar& s : x->elements) {
    if (x->kind == Value::Kind::kFloat && std::isnan(s.f)) return std::nullopt;
  }
  const Choice c = choice(v);
  const SliceOrder order(*x, c, v.in(0).shape);
  auto sorted = all_indices(c.extent);
  std::stable_sort(sorted.begin(), sorted.end(),
                   [&](std::int64_t a, std::int64_t b) { return order.compare(a, b) < 0; });
  Distinct d;
  d.inverse.resize(sorted.size());
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    if (i == 0 || order.compare(sorted[i - 1], sorted[i]) != 0) {
      d.first.push_back(sorted[i]);
      d.counts.push_back(0);
    }
    ++d.counts.back();
    d.inverse[static_cast<std::size_t>(sorted[i])] = static_cast<std::int64_t>(d.first.size()) - 1;
  }
  if (v.attr_int("sorted", 1) != 0) return d;
  // In the order of first occurrence instead.
  auto by_first = all_indices(Dim(static_cast<std::int64_t>(d.first.size())));
  std::sort(by_first.begin(), by_first.end(), [&](std::int64_t a, std::int64_t b) {
    return d.first[static_cast<std::size_t>(a)] < d.first[static_cast<std::size_t>(b)];
  });
  Distinct out;
  std::vector<std::int64_t> rank(by_first.size());
  for (std::size_t i = 0; i < by_first.size(); ++i) {
    const auto from = static_cast<std::size_t>(by_first[i]);
    rank[from] = static_cast<std::int64_t>(i);
    out.first.push_back(d.first[from]);
    out.counts.push_back(d.counts[from]);
  }
  for (const std::int64_t i : d.inverse) out.inverse.push_back(rank[static_cast<std::size_t>(i)]);
  return out;
}

void unique_shape(const InferView& v) {
  const TensorFact& in = v.in(0);
  const bool flat = v.attr("axis") == nullptr;
  const auto exact = distinct(v);
  const Dim all = in.has_shape ? choice(v).extent : Dim();
  const Dim n = exact ? Dim(static_cast<std::int64_t>(exact->first.size())) : all;
  if (flat) {
    v.set(0, in.dtype, {n});
  } else if (in.has_shape) {
    Shape out = in.shape;
    out[choice(v).axis] = n;
    v.set(0, in.dtype, out);
  } else {
    v.set_unknown_rank(0, in.dtype);
  }
  v.set(1, DType::kInt64, {n});
  v.set(2, DType::kInt64, {all});
  v.set(3, DType::kInt64, {n});
  if (exact || !n.known()) return;
  const std::string note = "all elements count as different" + settled_by(v, 0);
  for (const std::size_t o : {0U, 1U, 3U}) v.assume(o, note);
}

void unique_value(const InferView& v) {
  const auto d = distinct(v);
  const Value* x = v.value(0);
  if (!d || x == nullptr) return;
  const Choice c = choice(v);
  if (c.flat) {
    v.set_value(0, pick(*x, d->first));
  } else {
    AxisSources sources;
    for (const Dim extent : v.in(0).shape) sources.push_back(all_indices(extent));
    sources[c.axis] = d->first;
    v.set_value(0, pick(*x, v.in(0).shape, sources));
  }
  v.set_ints(1, d->first);
  v.set_ints(2, d->inverse);
  v.set_ints(3, d->counts);
}

// Found by sorting: n * ceil(log2 n) comparisons of slices, each of which may look at the whole.
Work unique_work(const OpView& v) {
  const TensorFact& in = v.in(0);
  const Count n = in.has_shape ? choice(v).extent.count() : Count::unknown();
  return arithmetic(in.dtype, in.elements() * ceil_log2(n), 1);
}

constexpr OpSpec kSelect[] = {
    {"", "NonZero", 9, OpClass::kGather, non_zero_shape, per_input_element, each_once,
     "1 compare per element; reads the input and writes the positions (at most all)",
     non_zero_value},
    {"", "Compress", 9, OpClass::kGather, compress_shape, no_work, compress_traffic,
     "reads the condition and what is chosen (at most all) and writes the output", compress_value},
    {"", "Unique", 11, OpClass::kSort, unique_shape, unique_work, each_once,
     "ceil(log2 n) compares per element to sort n elements or slices; reads the input and writes "
     "the outputs (at most all)",
     unique_value},
};

}  // namespace

std::string settled_by(const OpView& v, std::size_t i) {
  std::string name(v.has_in(i) ? v.graph()[v.node().inputs[i]].name : std::string_view());
  return "; the contents of '" + name + "' settle it (--value)";
}

Count ceil_log2(Count n) {
  if (!n.known()) return n;
  return n.value() < 2 ? Count(0U) : Count(static_cast<unsigned>(std::bit_width(n.value() - 1)));
}

std::span<const OpSpec> select_ops() { return kSelect; }

}  // namespace aiprof::ops
