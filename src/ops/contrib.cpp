#include "ops/contrib.h"

#include <array>
#include <utility>

#include "aiprof/base/text.h"
#include "ops/evaluate.h"
#include "ops/rules.h"

namespace aiprof::ops {
namespace {

constexpr std::array<std::pair<std::string_view, UnaryCost>, 19> kCosts = {{
    {"", {}},
    {"none", {}},
    {"identity", {}},
    {"relu", kRelu},
    {"relu2", {2, 0}},
    {"leakyrelu", {2, 0}},  // compare, multiply
    {"thresholdedrelu", {1, 0}},
    {"clip", {2, 0}},
    {"tanh", kTanh},
    {"scaledtanh", {2, 1}},
    {"sigmoid", kSigmoid},
    {"hardsigmoid", {4, 0}},  // alpha * x + beta, min, max
    {"hardswish", {5, 0}},    // the same, times x
    {"silu", kSilu},
    {"gelu", kGelu},
    {"fastgelu", kFastGelu},
    {"quickgelu", kQuickGelu},
    {"elu", {3, 1}},  // compare, exp(x) - 1, times alpha
    {"softplus", kSoftplus},
}};

}  // namespace

void set_with_last(const InferView& v, std::size_t o, DType dtype, std::size_t i, Dim last) {
  const TensorFact& x = v.in(i);
  if (!x.has_shape || x.rank() == 0) return v.set_unknown_rank(o, dtype);
  Shape out = x.shape;
  out.back() = last;
  v.set(o, dtype, std::move(out));
}

Count leading(const OpView& v, std::size_t i) {
  const TensorFact& x = v.in(i);
  if (!x.has_shape || x.rank() == 0) return Count::unknown();
  return product(x.shape, 0, x.rank() - 1);
}

Dim attr_dim(const OpView& v, std::string_view name) {
  const std::int64_t value = v.attr_int(name, 0);
  return value > 0 ? Dim(value) : Dim();
}

Shape gather_shape(const Shape& data, std::size_t axis, const Shape& indices) {
  Shape out;
  for (std::size_t i = 0; i < axis; ++i) out.push_back(data[i]);
  for (const Dim d : indices) out.push_back(d);
  for (std::size_t i = axis + 1; i < data.size(); ++i) out.push_back(data[i]);
  return out;
}

void add_work(Work& into, const Work& part) {
  into.macs += part.macs;
  into.flops += part.flops;
  into.transcendentals += part.transcendentals;
  into.integer_ops += part.integer_ops;
}

Work joined(const Work& a, const Work& b) {
  const bool second = b.macs.value_or(0) > a.macs.value_or(0);
  Work sum = second ? b : a;
  add_work(sum, second ? a : b);
  return sum;
}

UnaryCost activation_cost(const OpView& v, std::string_view name) {
  const std::string wanted = lower(name);
  for (const auto& [known, cost] : kCosts) {
    if (known == wanted) return cost;
  }
  v.fail("the cost of activation '" + std::string(name) + "' is not known");
}

void add_unary(Work& w, DType dtype, Count elements, UnaryCost cost) {
  add_work(w, arithmetic(dtype, elements, cost.flops, cost.transcendentals));
}

// As in normalization.cpp: squares, their mean, + epsilon, root, division; centred rows also their
// mean, its square, the difference of the two, and the subtraction.
Work norm_work(Count rows, Count cols, const NormOptions& options) {
  const Count n = rows * cols;
  Work w;
  w.flops = n + combined(n, rows) + rows;
  w.transcendentals = rows + rows + n;
  if (options.centred) {
    w.flops += combined(n, rows) + rows * 2U + n;
    w.transcendentals += rows;
  }
  if (options.scale) w.flops += n;
  if (options.bias) w.flops += n;
  w.geometry = row_geometry(rows, cols);
  return w;
}

Work dequantize_work(Count elements) { return arithmetic(DType::kInt8, elements, 2); }

Work quantize_work(Count elements) { return arithmetic(DType::kFloat32, elements, 3, 1); }

void read_rows(const OpView& v, Traffic& t, std::size_t i, Count rows) {
  const TensorFact& table = v.in(i);
  if (!table.present()) return;
  if (!table.has_shape || table.rank() == 0) return t.read(i);
  t.read(i, min(rows, table.shape[0].count()) * product(table.shape, 1, table.rank()));
}

const OpSpec& standard_op(const OpView& v, const StandardOp& op) {
  const OpSpec* spec = find_op("", op.type, op.version);
  if (spec == nullptr) v.fail("no rule for the standard operator " + std::string(op.type));
  return *spec;
}

void copy_first_to(const InferView& v, std::size_t count) {
  for (std::size_t o = 0; o < count; ++o) copy_type(v, 0, o);
}

Work input_arithmetic(const OpView& v, UnaryCost cost) {
  return arithmetic(v.in(0).dtype, v.in(0).elements(), cost.flops, cost.transcendentals);
}

}  // namespace aiprof::ops
