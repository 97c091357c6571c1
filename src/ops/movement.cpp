// Operators that copy elements to other places: Transpose, Concat, Split, Expand, Tile and the
// like.
#include <algorithm>

#include "ops/families.h"
#include "ops/operands.h"

namespace aiprof::ops {
namespace {

// --- Transpose ----------------------------------------------------------------------------------

// Attribute `perm`, or the axes in reverse.
InlineVector<std::size_t, 8> permutation(const OpView& v, std::size_t rank) {
  const auto perm = v.attr_ints("perm");
  InlineVector<std::size_t, 8> out;
  if (v.attr("perm") == nullptr) {
    for (std::size_t i = rank; i-- > 0;) out.push_back(i);
    return out;
  }
  if (perm.size() != rank) {
    v.fail("perm names " + std::to_string(perm.size()) + " axes of " + std::to_string(rank));
  }
  return *axes_of(v, to_ints(perm), rank);
}

void transpose_shape(const InferView& v) {
  const TensorFact& in = v.in(0);
  if (!in.has_shape) {
    if (v.attr("perm") == nullptr) return v.set_unknown_rank(0, in.dtype);
    return v.set(0, in.dtype, unknown_shape(v.attr_ints("perm").size()));
  }
  Shape out;
  for (const std::size_t axis : permutation(v, in.rank())) out.push_back(in.shape[axis]);
  v.set(0, in.dtype, out);
}

void transpose_value(const InferView& v) {
  const Value* x = v.value(0);
  if (x == nullptr || !evaluable(v)) return;
  const auto in_step = strides(v.in(0).shape);
  const auto perm = permutation(v, v.in(0).rank());
  std::vector<std::int64_t> positions{0};
  for (const std::size_t axis : perm) {
    std::vector<std::int64_t> longer;
    for (const std::int64_t p : positions) {
      for (std::int64_t i = 0; i < v.in(0).shape[axis].value(); ++i) {
        longer.push_back(p + i * in_step[axis]);
      }
    }
    positions = std::move(longer);
  }
  v.set_value(0, pick(*x, positions));
}

// --- Concat -------------------------------------------------------------------------------------

// Any input of known rank, or null.
const TensorFact* ranked_input(const OpView& v) {
  for (std::size_t i = 0; i < v.num_inputs(); ++i) {
    if (v.in(i).has_shape) return &v.in(i);
  }
  return nullptr;
}

// `axis` may be left out only in opset 1, where it is 1.
void concat_shape(const InferView& v) {
  const TensorFact* first = ranked_input(v);
  if (first == nullptr) return v.set_unknown_rank(0, v.in(0).dtype);
  const std::size_t rank = first->rank();
  const std::size_t axis = v.normalize_axis(v.attr_int("axis", 1), rank);
  Shape out = unknown_shape(rank);
  out[axis] = 0;
  for (std::size_t i = 0; i < v.num_inputs(); ++i) {
    const TensorFact& in = v.in(i);
    if (in.has_shape && in.rank() != rank) {
      v.fail("inputs of rank " + std::to_string(rank) + " and " + std::to_string(in.rank()));
    }
    for (std::size_t d = 0; d < rank; ++d) {
      const Dim extent = in.has_shape ? in.shape[d] : Dim();
      out[d] = d == axis ? out[d] + extent : same_extent(v, out[d], extent, d);
    }
  }
  v.set(0, v.in(0).dtype, out);
}

void concat_value(const InferView& v) {
  if (!evaluable(v) || v.num_inputs() == 0) return;
  const std::size_t axis = v.normalize_axis(v.attr_int("axis", 1), v.out(0).rank());
  std::vector<ValueRef> parts;
  for (std::size_t i = 0; i < v.num_inputs(); ++i) {
    parts.push_back(value_or_unknowns(v, i));
    if (!parts.back() || parts.back()->kind != parts[0]->kind) return;
  }
  auto out = std::make_shared<Value>();
  out->kind = parts[0]->kind;
  const std::uint64_t rows = product(v.out(0).shape, 0, axis).value();
  for (std::uint64_t row = 0; row < rows; ++row) {
    for (std::size_t i = 0; i < parts.size(); ++i) {
      const std::size_t n = parts[i]->size() / rows;
      const auto from = static_cast<std::ptrdiff_t>(row * n);
      const auto to = static_cast<std::ptrdiff_t>((row + 1) * n);
      if (out->kind == Value::Kind::kString) {
        const auto& s = parts[i]->strings;
        out->strings.insert(out->strings.end(), s.begin() + from, s.begin() + to);
      } else {
        const auto& s = parts[i]->elements;
        out->elements.insert(out->elements.end(), s.begin() + from, s.begin() + to);
      }
    }
  }
  v.set_value(0, std::move(out));
}

// --- Split --------------------------------------------------------------------------------------

// Where the sizes are not given, the axis falls into equal parts. Since opset 18 the last part may
// be smaller; before, the extent has to be divisible.
Shape equal_parts(const OpView& v, Dim extent) {
  const auto n = static_cast<std::int64_t>(v.num_outputs());
  Shape parts = unknown_shape(v.num_outputs());
  if (!extent.known() || n == 0) return parts;
  const std::int64_t part = (extent.value() + n - 1) / n;
  const std::int64_t last = extent.value() - part * (n - 1);
  if (last < 0 || (last != part && v.opset() < 18)) {
    v.fail("an extent of " + std::to_string(extent.value()) + " does not split into " +
           std::to_string(n) + " parts");
  }
  for (Dim& p : parts) p = part;
  parts[parts.size() - 1] = last;
  return parts;
}

// One size that is not known is what the others leave.
Shape given_parts(const OpView& v, const Ints& sizes, Dim extent) {
  if (sizes.size() != v.num_outputs()) {
    v.fail(std::to_string(sizes.size()) + " sizes for " + std::to_string(v.num_outputs()) +
           " outputs");
  }
  Shape parts;
  Dim sum = 0;
  std::size_t open = 0;
  for (const Scalar& s : sizes) {
    if (s.known && s.i < 0) v.fail("a part of size " + std::to_string(s.i));
    parts.push_back(s.known ? Dim(s.i) : Dim());
    if (s.known) sum = sum + Dim(s.i);
    if (!s.known) ++open;
  }
  if (!extent.known() || !sum.known() || open > 1) return parts;
  const bool fits = open == 0 ? sum == extent : sum.value() <= extent.value();
  if (!fits) {
    v.fail("parts of " + std::to_string(sum.value()) + " for an extent of " +
           std::to_string(extent.value()));
  }
  for (Dim& p : parts) {
    if (!p.known()) p = extent - sum;
  }
  return parts;
}

// Extents of the outputs on the split axis.
Shape parts_of(const OpView& v, Dim extent) {
  const auto sizes = int_operand(v, 1, "split");
  if (sizes) return given_parts(v, *sizes, extent);
  return v.has_in(1) ? unknown_shape(v.num_outputs()) : equal_parts(v, extent);
}

void split_shape(const InferView& v) {
  const TensorFact& in = v.in(0);
  if (!in.has_shape) {
    for (std::size_t o = 0; o < v.num_outputs(); ++o) v.set_unknown_rank(o, in.dtype);
    return;
  }
  const std::size_t axis = v.normalize_axis(v.attr_int("axis", 0), in.rank());
  const Shape parts = parts_of(v, in.shape[axis]);
  Shape out = in.shape;
  for (std::size_t o = 0; o < v.num_outputs(); ++o) {
    out[axis] = parts[o];
    v.set(o, in.dtype, out);
  }
}

void split_value(const InferView& v) {
  const Value* x = v.value(0);
  const TensorFact& in = v.in(0);
  if (x == nullptr || !in.shape_known()) return;
  const std::size_t axis = v.normalize_axis(v.attr_int("axis", 0), in.rank());
  const Shape parts = parts_of(v, in.shape[axis]);
  if (!all_known(parts)) return;
  AxisSources sources;
  for (const Dim d : in.shape) sources.push_back(all_indices(d));
  std::int64_t begin = 0;
  for (std::size_t o = 0; o < parts.size(); ++o) {
    sources[axis] = all_indices(parts[o]);
    for (std::int64_t& i : sources[axis]) i += begin;
    begin += parts[o].value();
    v.set_value(o, pick(*x, in.shape, sources));
  }
}

// --- Expand, Tile -------------------------------------------------------------------------------

void expand_shape(const InferView& v) {
  const TensorFact& in = v.in(0);
  const auto target = int_operand(v, 1);
  if (!in.has_shape || !target) return v.set_unknown_rank(0, in.dtype);
  Shape wanted;
  for (const Scalar& s : *target) {
    if (s.known && s.i < 0) v.fail("extent " + std::to_string(s.i) + " in the shape");
    wanted.push_back(s.known ? Dim(s.i) : Dim());
  }
  v.set(0, in.dtype, broadcast(v, in.shape, wanted));
}

void expand_value(const InferView& v) {
  const Value* x = v.value(0);
  if (x == nullptr || !evaluable(v)) return;
  std::vector<std::int64_t> positions;
  for (const std::size_t p : broadcast_index(v.out(0).shape, v.in(0).shape)) {
    positions.push_back(static_cast<std::int64_t>(p));
  }
  v.set_value(0, pick(*x, positions));
}

void set_tiled(const InferView& v, const Ints& repeats) {
  const TensorFact& in = v.in(0);
  if (repeats.size() != in.rank()) {
    v.fail(std::to_string(repeats.size()) + " repeats for a tensor of rank " +
           std::to_string(in.rank()));
  }
  Shape out = in.shape;
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (repeats[i].known && repeats[i].i < 0) v.fail("a negative number of repeats");
    if (!repeats[i].known || repeats[i].i != 1) {
      out[i] = out[i] * (repeats[i].known ? Dim(repeats[i].i) : Dim());
    }
  }
  v.set(0, in.dtype, out);
}

void tile_shape(const InferView& v) {
  const TensorFact& in = v.in(0);
  if (!in.has_shape) {
    const Dim rank = v.in_dim(1, 0);
    if (!rank.known()) return v.set_unknown_rank(0, in.dtype);
    return v.set(0, in.dtype, unknown_shape(static_cast<std::size_t>(rank.value())));
  }
  const auto repeats = int_operand(v, 1);
  set_tiled(v, repeats ? *repeats : Ints(in.rank()));
}

// Opset 1 repeats along one axis: inputs `tiles` and `axis`.
void tile_axis_shape(const InferView& v) {
  const TensorFact& in = v.in(0);
  if (!in.has_shape) return v.set_unknown_rank(0, in.dtype);
  const auto axis = int_of(v, 2);
  if (!axis) return v.set(0, in.dtype, unknown_shape(in.rank()));
  const auto tiles = int_of(v, 1);
  Ints repeats(in.rank(), Scalar::of(1));
  repeats[v.normalize_axis(*axis, in.rank())] = tiles ? Scalar::of(*tiles) : Scalar();
  set_tiled(v, repeats);
}

void tile_value(const InferView& v) {
  const Value* x = v.value(0);
  if (x == nullptr || !evaluable(v)) return;
  AxisSources sources;
  for (std::size_t i = 0; i < v.in(0).rank(); ++i) {
    sources.push_back(all_indices(v.out(0).shape[i]));
    for (std::int64_t& s : sources.back()) s %= v.in(0).shape[i].value();
  }
  v.set_value(0, pick(*x, v.in(0).shape, sources));
}

// --- ReverseSequence, Trilu ---------------------------------------------------------------------

// Elements on or below diagonal k of a rows x cols matrix: row i keeps i + k + 1 of them, between 0
// and cols.
Count lower_triangle(std::int64_t rows, std::int64_t cols, std::int64_t k) {
  k = std::clamp(k, -rows, cols);
  const std::int64_t first = std::clamp<std::int64_t>(-k, 0, rows);  // rows before keep none
  const std::int64_t full = std::clamp(cols - k, first, rows);       // rows from here keep all
  const Count n = full - first;
  // Arithmetic series from first + k + 1 to full + k.
  return n * Count(first + k + 1 + full + k) / 2U + Count(rows - full) * Count(cols);
}

Count trilu_kept(const OpView& v) {
  const TensorFact& x = v.in(0);
  if (!x.shape_known() || x.rank() < 2) return x.elements();
  const std::int64_t rows = x.shape[x.rank() - 2].value();
  const std::int64_t cols = x.shape[x.rank() - 1].value();
  const auto given = v.has_in(1) ? int_of(v, 1) : std::optional<std::int64_t>(0);
  if (!given) return x.elements();
  const std::int64_t k = std::clamp(*given, -rows - 1, cols + 1);
  const Count lower = lower_triangle(rows, cols, v.attr_int("upper", 1) != 0 ? k - 1 : k);
  const Count matrix = Count(rows) * Count(cols);
  const Count kept = v.attr_int("upper", 1) != 0 ? matrix - lower : lower;
  return product(x.shape, 0, x.rank() - 2) * kept;
}

void trilu_traffic(const OpView& v, Traffic& t) {
  t.read(0, trilu_kept(v));
  t.write(0);
}

void trilu_value(const InferView& v) {
  const ValueRef x = v.value_ref(0);
  const auto k = v.has_in(1) ? int_of(v, 1) : std::optional<std::int64_t>(0);
  if (!x || !k || !evaluable(v) || x->kind == Value::Kind::kString || v.in(0).rank() < 2) return;
  auto out = std::make_shared<Value>(*x);
  const std::int64_t rows = v.in_dim(0, -2).value();
  const std::int64_t cols = v.in_dim(0, -1).value();
  const bool upper = v.attr_int("upper", 1) != 0;
  const Scalar zero = x->kind == Value::Kind::kFloat ? Scalar::of_float(0) : Scalar::of(0);
  for (std::size_t i = 0; i < out->elements.size(); ++i) {
    const auto p = static_cast<std::int64_t>(i);
    const std::int64_t diagonal = p % cols - p / cols % rows;
    if (upper ? diagonal < *k : diagonal > *k) out->elements[i] = zero;
  }
  v.set_value(0, std::move(out));
}

constexpr std::string_view kCopied = "reads the input and writes the output";

constexpr OpSpec kMovement[] = {
    {"", "Transpose", 1, OpClass::kMovement, transpose_shape, no_work, each_once, kCopied,
     transpose_value},
    {"", "Concat", 1, OpClass::kMovement, concat_shape, no_work, each_once,
     "reads all inputs and writes the output", concat_value},
    {"", "Concat", 4, OpClass::kMovement, concat_shape, no_work, each_once,
     "reads all inputs and writes the output", concat_value},
    {"", "Split", 1, OpClass::kMovement, split_shape, no_work, first_once,
     "reads the input and writes the outputs", split_value},
    {"", "Split", 2, OpClass::kMovement, split_shape, no_work, first_once,
     "reads the input and writes the outputs", split_value},
    {"", "Split", 13, OpClass::kMovement, split_shape, no_work, first_once,
     "reads the input and writes the outputs", split_value},
    {"", "Split", 18, OpClass::kMovement, split_shape, no_work, first_once,
     "reads the input and writes the outputs; the last part may be smaller", split_value},
    {"", "Expand", 8, OpClass::kMovement, expand_shape, no_work, read_kept,
     "reads the input once and writes the output", expand_value},
    {"", "Tile", 1, OpClass::kMovement, tile_axis_shape, no_work, read_kept,
     "reads the input once and writes the output", tile_value},
    {"", "Tile", 6, OpClass::kMovement, tile_shape, no_work, read_kept,
     "reads the input once and writes the output", tile_value},
    {"", "ReverseSequence", 10, OpClass::kMovement, same_as_first, no_work, each_once,
     "reads the input and the lengths and writes the output"},
    {"", "Trilu", 14, OpClass::kMovement, same_as_first, no_work, trilu_traffic,
     "reads the triangle that is kept and writes the output", trilu_value},
};

}  // namespace

std::span<const OpSpec> movement_ops() { return kMovement; }

}  // namespace aiprof::ops
