// Indexed reads: Gather, GatherElements, GatherND, OneHot.
#include <algorithm>

#include "ops/families.h"
#include "ops/operands.h"

namespace aiprof::ops {
namespace {

// What is gathered is read, but no more than the table holds; indices are read whole.
void gather_traffic(const OpView& v, Traffic& t) {
  t.read(0, min(v.out(0).elements(), v.in(0).elements()));
  t.read(1);
  t.write(0);
}

// An index into an axis of `extent` points, negative ones from the end; kFill when it is not known.
std::int64_t position(const OpView& v, const Scalar& index, std::int64_t extent) {
  if (!index.known) return kFill;
  if (index.i < -extent || index.i >= extent) {
    v.fail("index " + std::to_string(index.i) + " is outside an axis of " + std::to_string(extent));
  }
  return index.i < 0 ? index.i + extent : index.i;
}

// Contents of an operand of indices, or null.
const Value* indices_of(const OpView& v, std::size_t i) {
  const Value* x = v.value(i);
  return x != nullptr && x->kind == Value::Kind::kInt ? x : nullptr;
}

// --- Gather -------------------------------------------------------------------------------------

void gather_shape(const InferView& v) {
  const TensorFact& data = v.in(0);
  const TensorFact& indices = v.in(1);
  if (!data.has_shape || !indices.has_shape) return v.set_unknown_rank(0, data.dtype);
  const std::size_t axis = v.normalize_axis(v.attr_int("axis", 0), data.rank());
  Shape out;
  for (std::size_t i = 0; i < axis; ++i) out.push_back(data.shape[i]);
  for (const Dim d : indices.shape) out.push_back(d);
  for (std::size_t i = axis + 1; i < data.rank(); ++i) out.push_back(data.shape[i]);
  v.set(0, data.dtype, out);
}

void gather_value(const InferView& v) {
  const Value* x = v.value(0);
  const Value* indices = indices_of(v, 1);
  if (x == nullptr || indices == nullptr || !evaluable(v)) return;
  const Shape& data = v.in(0).shape;
  const std::size_t axis = v.normalize_axis(v.attr_int("axis", 0), data.size());
  AxisSources sources;
  for (const Dim d : data) sources.push_back(all_indices(d));
  sources[axis].clear();
  for (const Scalar& s : indices->elements) {
    sources[axis].push_back(position(v, s, data[axis].value()));
  }
  v.set_value(0, pick(*x, data, sources));
}

// --- GatherElements -----------------------------------------------------------------------------

void gather_elements_shape(const InferView& v) { copy_type(v, 1, 0, v.in(0).dtype); }

void gather_elements_value(const InferView& v) {
  const Value* x = v.value(0);
  const Value* indices = indices_of(v, 1);
  if (x == nullptr || indices == nullptr || !evaluable(v)) return;
  const Shape& data = v.in(0).shape;
  const Shape& out = v.out(0).shape;
  if (data.size() != out.size()) v.fail("data and indices differ in rank");
  const std::size_t axis = v.normalize_axis(v.attr_int("axis", 0), data.size());
  const auto step = strides(data);
  const auto out_step = strides(out);
  std::vector<std::int64_t> positions;
  for (std::size_t i = 0; i < indices->elements.size(); ++i) {
    std::int64_t p = position(v, indices->elements[i], data[axis].value());
    if (p != kFill) {
      p *= step[axis];
      for (std::size_t d = 0; d < data.size(); ++d) {
        const std::int64_t at = static_cast<std::int64_t>(i) / out_step[d] % out[d].value();
        if (at >= data[d].value() && d != axis) v.fail("indices are larger than the data");
        if (d != axis) p += at * step[d];
      }
    }
    positions.push_back(p);
  }
  v.set_value(0, pick(*x, positions));
}

// --- GatherND -----------------------------------------------------------------------------------

struct GatherNd {
  std::size_t batch = 0;  // leading axes that data and indices share
  std::size_t depth = 0;  // axes that one index tuple addresses
};

GatherNd gather_nd(const OpView& v) {
  const Shape& data = v.in(0).shape;
  const Shape& indices = v.in(1).shape;
  const std::int64_t batch = v.attr_int("batch_dims", 0);
  const Dim depth = indices.empty() ? Dim() : indices[indices.size() - 1];
  if (batch < 0 || indices.empty() || batch >= static_cast<std::int64_t>(indices.size()) ||
      batch + depth.value() > static_cast<std::int64_t>(data.size())) {
    v.fail("data of " + to_text(data) + ", indices of " + to_text(indices) + " and batch_dims " +
           std::to_string(batch) + " do not fit");
  }
  return {static_cast<std::size_t>(batch), static_cast<std::size_t>(depth.value())};
}

void gather_nd_shape(const InferView& v) {
  const TensorFact& data = v.in(0);
  const TensorFact& indices = v.in(1);
  if (!data.has_shape || !indices.has_shape || !v.in_dim(1, -1).known()) {
    return v.set_unknown_rank(0, data.dtype);
  }
  const GatherNd g = gather_nd(v);
  Shape out;
  for (std::size_t i = 0; i + 1 < indices.rank(); ++i) {
    out.push_back(i < g.batch ? same_extent(v, indices.shape[i], data.shape[i], i)
                              : indices.shape[i]);
  }
  for (std::size_t i = g.batch + g.depth; i < data.rank(); ++i) out.push_back(data.shape[i]);
  v.set(0, data.dtype, out);
}

void gather_nd_value(const InferView& v) {
  const Value* x = v.value(0);
  const Value* indices = indices_of(v, 1);
  if (x == nullptr || indices == nullptr || !evaluable(v)) return;
  const GatherNd g = gather_nd(v);
  const Shape& data = v.in(0).shape;
  const Shape& rows = v.in(1).shape;
  const auto step = strides(data);
  const std::uint64_t tuples = product(rows, 0, rows.size() - 1).value();
  const std::uint64_t batches = product(rows, 0, g.batch).value();
  const std::uint64_t slice = product(data, g.batch + g.depth, data.size()).value();
  const std::uint64_t stride = product(data, g.batch, data.size()).value();
  std::vector<std::int64_t> positions;
  for (std::uint64_t i = 0; i < tuples; ++i) {
    auto p = static_cast<std::int64_t>(i / (tuples / batches) * stride);
    for (std::size_t d = 0; d < g.depth && p != kFill; ++d) {
      const std::size_t axis = g.batch + d;
      const std::int64_t at = position(v, indices->elements[i * g.depth + d], data[axis].value());
      p = at == kFill ? kFill : p + at * step[axis];
    }
    for (std::uint64_t e = 0; e < slice; ++e) {
      positions.push_back(p == kFill ? kFill : p + static_cast<std::int64_t>(e));
    }
  }
  v.set_value(0, pick(*x, positions));
}

// --- OneHot -------------------------------------------------------------------------------------

std::size_t one_hot_axis(const OpView& v) {
  return v.normalize_axis(v.attr_int("axis", -1), v.in(0).rank() + 1);
}

void one_hot_shape(const InferView& v) {
  const DType dtype = v.in(2).dtype;
  if (!v.in(0).has_shape) return v.set_unknown_rank(0, dtype);
  const auto depth = int_of(v, 1);
  if (depth && *depth < 0) v.fail("depth " + std::to_string(*depth));
  Shape out = v.in(0).shape;
  out.insert_at(one_hot_axis(v), depth ? Dim(*depth) : Dim());
  v.set(0, dtype, out);
}

// Indices outside [-depth, depth) select nothing.
void one_hot_value(const InferView& v) {
  const auto indices = int_operand(v, 0);
  const Value* values = v.value(2);
  if (!indices || values == nullptr || values->size() != 2 || !evaluable(v)) return;
  if (values->kind == Value::Kind::kString) return;
  const Shape& out = v.out(0).shape;
  const std::size_t axis = one_hot_axis(v);
  const std::int64_t depth = out[axis].value();
  const auto inner = static_cast<std::int64_t>(product(out, axis + 1, out.size()).value());
  auto value = unknown_value(values->kind, v.out(0).elements().value());
  for (std::size_t i = 0; i < value->elements.size(); ++i) {
    const auto p = static_cast<std::int64_t>(i);
    const std::int64_t outer = p / inner / depth;
    const Scalar index = (*indices)[static_cast<std::size_t>(outer * inner + p % inner)];
    if (!index.known) continue;
    const std::int64_t hot = index.i < 0 ? index.i + depth : index.i;
    value->elements[i] = values->elements[hot == p / inner % depth ? 1 : 0];
  }
  v.set_value(0, std::move(value));
}

void one_hot_traffic(const OpView& /*v*/, Traffic& t) {
  t.read(0);
  t.read(2);
  t.write(0);
}

constexpr std::string_view kGathered =
    "reads the indices and as many elements as are gathered, at most all; writes the output";

constexpr OpSpec kGather[] = {
    {"", "Gather", 1, OpClass::kGather, gather_shape, no_work, gather_traffic, kGathered,
     gather_value},
    {"", "GatherElements", 11, OpClass::kGather, gather_elements_shape, no_work, gather_traffic,
     kGathered, gather_elements_value},
    {"", "GatherND", 11, OpClass::kGather, gather_nd_shape, no_work, gather_traffic, kGathered,
     gather_nd_value},
    // Adds batch_dims.
    {"", "GatherND", 12, OpClass::kGather, gather_nd_shape, no_work, gather_traffic, kGathered,
     gather_nd_value},
    {"", "OneHot", 9, OpClass::kGather, one_hot_shape, no_work, one_hot_traffic,
     "reads the indices and the two values and writes the output", one_hot_value},
};

}  // namespace

std::span<const OpSpec> gather_ops() { return kGather; }

}  // namespace aiprof::ops
