#include "ops/matmul.h"

#include <algorithm>
#include <string>
#include <utility>

#include "ops/convolution.h"
#include "ops/families.h"
#include "ops/rules.h"

namespace aiprof::ops {
namespace {

// A matmul operand seen as a stack of matrices: 1-D operands get the axis they lack.
struct Stack {
  std::span<const Dim> lead;
  Dim rows;
  Dim cols;
};

Stack left(std::span<const Dim> a) {
  if (a.size() == 1) return {.lead = {}, .rows = 1, .cols = a[0]};
  return {.lead = a.first(a.size() - 2), .rows = a[a.size() - 2], .cols = a.back()};
}

Stack right(std::span<const Dim> b) {
  if (b.size() == 1) return {.lead = {}, .rows = b[0], .cols = 1};
  return {.lead = b.first(b.size() - 2), .rows = b[b.size() - 2], .cols = b.back()};
}

void check_inner(const OpView& v, Dim a, Dim b) {
  if (a.known() && b.known() && a != b) {
    v.fail("inner dimensions differ: " + std::to_string(a.value()) + " against " +
           std::to_string(b.value()));
  }
}

void check_ranks(const OpView& v, std::span<const Dim> a, std::span<const Dim> b) {
  if (a.empty() || b.empty()) v.fail("a matrix product of a scalar");
}

}  // namespace

Shape matmul_shape(const OpView& v, std::span<const Dim> a, std::span<const Dim> b) {
  check_ranks(v, a, b);
  const Stack x = left(a);
  const Stack y = right(b);
  check_inner(v, x.cols, y.rows);
  Shape out = broadcast(v, x.lead, y.lead);
  if (a.size() > 1) out.push_back(x.rows);
  if (b.size() > 1) out.push_back(y.cols);
  return out;
}

GemmExtents matmul_extents(const OpView& v, std::span<const Dim> a, std::span<const Dim> b) {
  check_ranks(v, a, b);
  const Stack x = left(a);
  const Stack y = right(b);
  check_inner(v, x.cols, y.rows);
  const Dim inner = x.cols.known() ? x.cols : y.rows;
  GemmExtents e{.batch = 1U, .m = x.rows.count(), .n = y.cols.count(), .k = inner.count()};
  const Shape lead = broadcast(v, x.lead, y.lead);
  const std::size_t shift = lead.size() - y.lead.size();
  for (std::size_t i = 0; i < lead.size(); ++i) {
    const bool shared = i < shift || y.lead[i - shift].is(1);
    (shared ? e.m : e.batch) *= lead[i].count();
  }
  return e;
}

Work gemm_work(const GemmExtents& e) {
  Work w;
  w.geometry.kind = Geometry::Kind::kGemm;
  w.geometry.batch = e.batch;
  w.geometry.m = e.m;
  w.geometry.n = e.n;
  w.geometry.k = e.k;
  w.macs = e.batch * e.m * e.n * e.k;
  return w;
}

Work matmul_work(const OpView& v, std::size_t a, std::size_t b) {
  if (!v.in(a).has_shape || !v.in(b).has_shape) return gemm_work({});
  return gemm_work(matmul_extents(v, v.in(a).shape, v.in(b).shape));
}

void add_ops(Work& w, DType dtype, Count elements, unsigned per_element) {
  (is_float(dtype) || is_complex(dtype) ? w.flops : w.integer_ops) += elements * per_element;
}

namespace {

void set_product(const InferView& v, std::size_t a, std::size_t b, DType dtype) {
  if (v.in(a).has_shape && v.in(b).has_shape) {
    v.set(0, dtype, matmul_shape(v, v.in(a).shape, v.in(b).shape));
  } else {
    v.set_unknown_rank(0, dtype);
  }
}

void matmul(const InferView& v) { set_product(v, 0, 1, v.in(0).dtype); }
Work matmul_cost(const OpView& v) { return matmul_work(v, 0, 1); }

// --- MatMulInteger, QLinearMatMul ---------------------------------------------------------------

void matmul_integer(const InferView& v) { set_product(v, 0, 1, DType::kInt32); }

Work matmul_integer_cost(const OpView& v) {
  Work w = matmul_work(v, 0, 1);
  w.math = DType::kInt8;
  add_zero_point(v, 0, 2, w);
  add_zero_point(v, 1, 3, w);
  return w;
}

// a, a_scale, a_zero_point, b, b_scale, b_zero_point, y_scale, y_zero_point
void qlinear_matmul(const InferView& v) { set_product(v, 0, 3, v.in(7).dtype); }

// Sums are rescaled (1 multiplication by the joined scales), shifted (1 addition) and clamped (2
// comparisons); rounding is not counted, as in Cast. Zero points of float8 operands are zero.
Work qlinear_matmul_cost(const OpView& v) {
  Work w = matmul_work(v, 0, 3);
  if (is_integer(v.in(0).dtype)) {
    w.math = DType::kInt8;
    add_zero_point(v, 0, 2, w);
    add_zero_point(v, 3, 5, w);
  }
  w.flops += v.out(0).elements() * 4U;
  return w;
}

// --- Gemm ---------------------------------------------------------------------------------------

struct GemmDims {
  Dim m;
  Dim n;
  Dim k;
};

GemmDims gemm_dims(const OpView& v) {
  for (const std::size_t i : {0U, 1U}) {
    if (v.in(i).has_shape && v.in(i).rank() != 2) {
      v.fail("input " + std::to_string(i) + " has rank " + std::to_string(v.in(i).rank()) +
             ", not 2");
    }
  }
  const bool turn_a = v.attr_int("transA", 0) != 0;
  const bool turn_b = v.attr_int("transB", 0) != 0;
  const Dim ka = v.in_dim(0, turn_a ? 0 : 1);
  const Dim kb = v.in_dim(1, turn_b ? 1 : 0);
  check_inner(v, ka, kb);
  return {.m = v.in_dim(0, turn_a ? 1 : 0),
          .n = v.in_dim(1, turn_b ? 0 : 1),
          .k = ka.known() ? ka : kb};
}

void gemm(const InferView& v) {
  const GemmDims d = gemm_dims(v);
  Shape out{d.m, d.n};
  const TensorFact& c = v.in(2);
  // C broadcasts to the output and never widens it. Before version 7 an attribute `broadcast` says
  // how it lines up, which the output's shape does not depend on.
  if (c.has_shape && v.opset() >= 7) {
    const Shape joined = broadcast(v, out, c.shape);
    if (joined.size() > 2) v.fail("C has rank " + std::to_string(c.rank()) + ", more than 2");
    out = joined;
  }
  v.set(0, v.in(0).dtype, std::move(out));
}

Work gemm_cost(const OpView& v) {
  const GemmDims d = gemm_dims(v);
  const DType dtype = v.in(0).dtype;
  const Count outputs = v.out(0).elements();
  Work w = gemm_work({.m = d.m.count(), .n = d.n.count(), .k = d.k.count()});
  if (v.attr_float("alpha", 1.0) != 1.0) add_ops(w, dtype, outputs);
  const double beta = v.attr_float("beta", 1.0);
  // beta = 0 drops C, as BLAS defines it.
  if (v.has_in(2) && beta != 0.0) {
    add_ops(w, dtype, outputs);
    if (beta != 1.0) add_ops(w, dtype, v.in(2).elements());
  }
  return w;
}

// --- Det ----------------------------------------------------------------------------------------

void det(const InferView& v) {
  const TensorFact& x = v.in(0);
  if (!x.has_shape) return v.set_unknown_rank(0, x.dtype);
  if (x.rank() < 2) v.fail("the input has rank " + std::to_string(x.rank()) + ", fewer than 2");
  check_inner(v, x.shape[x.rank() - 2], x.shape.back());
  v.set(0, x.dtype, Shape(std::span<const Dim>(x.shape).first(x.rank() - 2)));
}

// Gaussian elimination: column j has n - j divisions and (n - j)^2 products that are subtracted;
// then the product of the diagonal. The search for pivots is not counted.
Work det_cost(const OpView& v) {
  const Count matrices = v.out(0).elements();
  const Count n = v.in_dim(0, -1).count();
  const Count below = max(n, 1U) - 1U;
  Work w;
  w.flops = matrices * (below * n * (n + below) / 6U * 2U + below);
  w.transcendentals = matrices * (below * n / 2U);
  w.geometry.kind = Geometry::Kind::kRows;
  w.geometry.rows = matrices;
  w.geometry.cols = n * n;
  return w;
}

constexpr OpSpec kMatmul[] = {
    {"", "MatMul", 1, OpClass::kGemm, matmul, matmul_cost, each_once,
     "MACs: output elements x inner extent"},
    {"", "MatMulInteger", 10, OpClass::kGemm, matmul_integer, matmul_integer_cost, each_once,
     "int8 MACs as MatMul; 1 integer op per element of each operand that has a zero point"},
    {"", "QLinearMatMul", 10, OpClass::kGemm, qlinear_matmul, qlinear_matmul_cost, each_once,
     "int8 (or float8) MACs as MatMul; zero points 1 integer op per operand element; rescaling 4 "
     "FLOPs per output element"},
    {"", "Gemm", 1, OpClass::kGemm, gemm, gemm_cost, each_once,
     "MACs: M x N x K; 1 FLOP per output element for alpha other than 1 and for adding C, 1 per "
     "element of C for beta other than 1"},
    {"", "Det", 11, OpClass::kReduction, det, det_cost, each_once,
     "per n x n matrix: n (n - 1) (2n - 1) / 3 + n - 1 FLOPs and n (n - 1) / 2 divisions "
     "(elimination)"},
};

}  // namespace

std::span<const OpSpec> matmul_ops() { return kMatmul; }

}  // namespace aiprof::ops
