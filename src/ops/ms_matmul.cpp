// com.microsoft: matrix products with transposes, epilogues, and quantised operands.
#include <utility>

#include "ops/contrib.h"
#include "ops/convolution.h"
#include "ops/families.h"
#include "ops/matmul.h"
#include "ops/rules.h"

namespace aiprof::ops {
namespace {

// --- MatMul and Gemm with an epilogue
// -------------------------------------------------------------

// The shape that operand `i` multiplies with: transBatchX moves the first axis behind the batch
// axes, transX swaps the last two.
Shape as_operand(const OpView& v, std::size_t i, std::string_view trans,
                 std::string_view trans_batch) {
  Shape s = v.in(i).shape;
  if (s.size() > 2 && v.attr_int(trans_batch, 0) != 0) {
    const Dim first = s[0];
    s.erase_at(0);
    s.insert_at(s.size() - 1, first);
  }
  if (s.size() > 1 && v.attr_int(trans, 0) != 0) std::swap(s[s.size() - 1], s[s.size() - 2]);
  return s;
}

Shape left(const OpView& v, std::size_t i = 0) { return as_operand(v, i, "transA", "transBatchA"); }
Shape right(const OpView& v, std::size_t i = 1) {
  return as_operand(v, i, "transB", "transBatchB");
}

void product_shape(const InferView& v, DType dtype, std::size_t a, std::size_t b) {
  if (!v.in(a).has_shape || !v.in(b).has_shape) return v.set_unknown_rank(0, dtype);
  v.set(0, dtype, matmul_shape(v, left(v, a), right(v, b)));
}

void fused_matmul_shape(const InferView& v) { product_shape(v, v.in(0).dtype, 0, 1); }

Work product_work(const OpView& v, std::size_t a, std::size_t b) {
  if (!v.in(a).has_shape || !v.in(b).has_shape) return gemm_work({});
  return gemm_work(matmul_extents(v, left(v, a), right(v, b)));
}

// alpha and beta cost a multiplication per output element where they are not 1.
void add_scaling(const OpView& v, Work& w, std::string_view attr) {
  if (v.attr_float(attr, 1.0) != 1.0) add_ops(w, v.out(0).dtype, v.out(0).elements());
}

Work fused_matmul_work(const OpView& v) {
  Work w = product_work(v, 0, 1);
  add_scaling(v, w, "alpha");
  return w;
}

Work matmul_activation_work(const OpView& v) {
  Work w = fused_matmul_work(v);
  const auto name = v.attr_string("activation");
  if (name == "Softmax") {
    const Count n = v.out(0).elements();
    const Count rows = leading(v, 0);
    w.flops += n * 3U - rows * 2U;
    w.transcendentals += n * 2U;
  } else {
    add_unary(w, v.out(0).dtype, v.out(0).elements(), activation_cost(v, name));
  }
  return w;
}

Work fused_gemm_work(const OpView& v) {
  Work w = fused_matmul_work(v);
  if (v.has_in(2)) {
    add_ops(w, v.out(0).dtype, v.out(0).elements());
    if (v.attr_float("beta", 1.0) != 1.0) add_ops(w, v.in(2).dtype, v.in(2).elements());
  }
  add_unary(w, v.out(0).dtype, v.out(0).elements(),
            activation_cost(v, v.attr_string("activation")));
  return w;
}

Work gemm_fast_gelu_work(const OpView& v) {
  Work w = product_work(v, 0, 1);
  if (v.has_in(2)) add_ops(w, v.out(0).dtype, v.out(0).elements());
  add_unary(w, v.out(0).dtype, v.out(0).elements(), kFastGelu);
  return w;
}

void gemm_float8_shape(const InferView& v) {
  product_shape(v, attr_dtype(v, "dtype", DType::kFloat32), 0, 1);
}

Work gemm_float8_work(const OpView& v) {
  Work w = fused_gemm_work(v);
  // Scales of the operands combine into one factor; the output's is another.
  if (v.has_in(3) || v.has_in(4)) add_ops(w, DType::kFloat32, v.out(0).elements());
  if (v.has_in(5)) add_ops(w, DType::kFloat32, v.out(0).elements());
  return w;
}

Count nonzeros(const OpView& v, std::size_t i) {
  if (!v.has_in(i)) return Count::unknown();
  const StoredTensor* stored = v.graph()[v.node().inputs[i]].stored;
  return stored != nullptr && stored->nonzeros > 0 ? Count(stored->nonzeros) : Count::unknown();
}

void sparse_matmul_shape(const InferView& v) { product_shape(v, v.in(1).dtype, 0, 1); }

Work sparse_matmul_work(const OpView& v) {
  Work w;
  const Shape b = right(v);
  w.macs = nonzeros(v, 0) * (b.empty() ? Count::unknown() : b.back().count());
  w.math = v.in(1).dtype;
  add_scaling(v, w, "alpha");
  return w;
}

void sparse_matmul_traffic(const OpView& v, Traffic& t) {
  t.read(0, nonzeros(v, 0));
  t.read(1);
  t.write(0);
}

// --- weights of a few bits
// ------------------------------------------------------------------------

void columns_from_attr(const InferView& v) {
  set_with_last(v, 0, v.in(0).dtype, 0, attr_dim(v, "N"));
}
void columns_from_weight(const InferView& v) {
  set_with_last(v, 0, v.in(0).dtype, 0, v.in_dim(1, 0));
}

Dim fpq4_columns(const OpView& v) {
  const auto shape = v.ints(2);
  return shape && shape->size() == 2 ? Dim((*shape)[1]) : Dim();
}

void fpq4_shape(const InferView& v) { set_with_last(v, 0, v.in(0).dtype, 0, fpq4_columns(v)); }

// rows of A by a weight of `columns` x K that is widened once, K being A's last extent.
Work weight_only_work(const OpView& v, Count columns) {
  const Dim last = v.in_dim(0, -1);
  const Count k = last.known() ? last.count() : attr_dim(v, "K").count();
  Work w = gemm_work({.m = leading(v, 0), .n = columns, .k = k});
  add_work(w, dequantize_work(columns * k));
  w.math = v.in(0).dtype;
  return w;
}

// accuracy_level names the type that the kernel may multiply in; 0 leaves it to the runtime, which
// is taken to use the activations' own.
DType math_of(const OpView& v) {
  switch (v.attr_int("accuracy_level", 0)) {
    case 1:
      return DType::kFloat32;
    case 2:
      return DType::kFloat16;
    case 3:
      return DType::kBfloat16;
    case 4:
      return DType::kInt8;
    default:
      return v.in(0).dtype;
  }
}

Work matmul_nbits_work(const OpView& v) {
  Work w = weight_only_work(v, attr_dim(v, "N").count());
  w.math = math_of(v);
  if (v.has_in(5)) add_ops(w, v.in(0).dtype, v.out(0).elements());
  return w;
}

Work bnb4_work(const OpView& v) { return weight_only_work(v, attr_dim(v, "N").count()); }
Work fpq4_work(const OpView& v) { return weight_only_work(v, fpq4_columns(v).count()); }

Work fp4_weight_work(const OpView& v) {
  Work w = weight_only_work(v, v.in_dim(1, 0).count());
  if (v.has_in(5)) add_ops(w, v.in(0).dtype, v.out(0).elements());
  return w;
}

Work fp8_weight_work(const OpView& v) {
  Work w = weight_only_work(v, v.in_dim(1, 0).count());
  if (v.has_in(3)) {  // A is rounded to float8 and back
    add_work(w, quantize_work(v.in(0).elements()));
    add_work(w, dequantize_work(v.in(0).elements()));
  }
  if (v.has_in(4)) add_ops(w, v.in(0).dtype, v.out(0).elements());
  return w;
}

// RMS norm of A (+ skip) that precedes the fused projections.
void add_pre_norm(const OpView& v, Work& w) {
  const DType dtype = v.in(0).dtype;
  if (v.has_in(1)) add_ops(w, dtype, v.in(0).elements());
  if (v.has_in(2)) {
    add_work(w, norm_work(leading(v, 0), v.in_dim(0, -1).count(), {.centred = false}));
  }
}

void add_biases(const OpView& v, Work& w, std::initializer_list<std::size_t> biases) {
  for (const std::size_t i : biases) {
    if (v.has_in(i)) add_ops(w, v.in(0).dtype, leading(v, 0) * v.in(i).elements());
  }
}

void nbits_mlp_shape(const InferView& v) {
  columns_from_attr(v);
  copy_type(v, 0, 1);
}

Work nbits_mlp_work(const OpView& v) {
  const Count n = attr_dim(v, "N").count();
  Work w = weight_only_work(v, n * 2U);
  w.math = math_of(v);
  add_pre_norm(v, w);
  add_biases(v, w, {5, 8});
  const Count hidden = leading(v, 0) * n;
  add_unary(w, v.in(0).dtype, hidden, activation_cost(v, v.attr_string("activation", "silu")));
  add_ops(w, v.in(0).dtype, hidden);  // gate x up
  return w;
}

void nbits_qkv_shape(const InferView& v) {
  set_with_last(v, 0, v.in(0).dtype, 0, attr_dim(v, "Nq"));
  set_with_last(v, 1, v.in(0).dtype, 0, attr_dim(v, "Nkv"));
  set_with_last(v, 2, v.in(0).dtype, 0, attr_dim(v, "Nkv"));
  copy_type(v, 0, 3);
}

Work nbits_qkv_work(const OpView& v) {
  Work w = weight_only_work(v, attr_dim(v, "Nq").count() + attr_dim(v, "Nkv").count() * 2U);
  w.math = math_of(v);
  add_pre_norm(v, w);
  add_biases(v, w, {5, 8, 11});
  return w;
}

// --- integer products
// -------------------------------------------------------------------------------

void integer16_shape(const InferView& v) {
  const bool is_unsigned = !is_signed(v.in(0).dtype) && !is_signed(v.in(1).dtype);
  product_shape(v, is_unsigned ? DType::kUint32 : DType::kInt32, 0, 1);
}

Work plain_product_work(const OpView& v) { return product_work(v, 0, 1); }

void integer_to_float_shape(const InferView& v) { product_shape(v, v.in(2).dtype, 0, 1); }

Work integer_to_float_work(const OpView& v) {
  Work w = product_work(v, 0, 1);
  add_zero_point(v, 0, 4, w);
  add_zero_point(v, 1, 5, w);
  add_ops(w, DType::kFloat32, v.out(0).elements());  // x (a_scale * b_scale)
  if (v.has_in(6)) add_ops(w, DType::kFloat32, v.out(0).elements());
  return w;
}

Work dynamic_quantize_matmul_work(const OpView& v) {
  const Count n = v.in(0).elements();
  Work w = product_work(v, 0, 1);
  w.math = v.in(1).dtype;
  w.flops += (n - 1U) * 2U;  // smallest and largest element of A
  add_work(w, quantize_work(n));
  w.integer_ops += n;  // A's zero point
  add_zero_point(v, 1, 3, w);
  add_ops(w, DType::kFloat32, v.out(0).elements());
  if (v.has_in(4)) add_ops(w, DType::kFloat32, v.out(0).elements());
  return w;
}

void qgemm_shape(const InferView& v) {
  const DType dtype = !v.has_in(7) ? DType::kFloat32 : v.has_in(8) ? v.in(8).dtype : v.in(0).dtype;
  product_shape(v, dtype, 0, 3);
}

Work qgemm_work(const OpView& v) {
  const Count n = v.out(0).elements();
  Work w = product_work(v, 0, 3);
  add_zero_point(v, 0, 2, w);
  add_zero_point(v, 3, 5, w);
  if (v.has_in(6)) w.integer_ops += n;
  add_ops(w, DType::kFloat32, n);      // x (alpha * a_scale * b_scale / y_scale)
  if (v.has_in(7)) w.flops += n * 3U;  // + y_zero_point, into range
  return w;
}

void qordered_matmul_shape(const InferView& v) { product_shape(v, v.in(0).dtype, 0, 2); }

Work qordered_matmul_work(const OpView& v) {
  const Count n = v.out(0).elements();
  Work w = product_work(v, 0, 2);
  w.flops += n;  // x (scale_A * scale_B / scale_Y)
  if (v.has_in(5)) w.flops += n;
  if (v.has_in(6)) w.flops += n * 2U;  // scaled residual
  w.flops += n * 2U;                   // into range
  return w;
}

// --- embedding tables in blocks -----------------------------------------------------------------

std::size_t pack_of(const OpView& v) {
  return v.in(0).dtype == DType::kUint8 ? static_cast<std::size_t>(8 / v.attr_int("bits", 4)) : 1;
}

void gather_block_quantized_shape(const InferView& v) {
  const DType dtype = v.in(2).dtype;
  const TensorFact& data = v.in(0);
  if (!data.has_shape || !v.in(1).has_shape) return v.set_unknown_rank(0, dtype);
  const std::size_t rank = data.rank();
  const std::size_t packed = v.normalize_axis(v.attr_int("quantize_axis", 1), rank);
  Shape logical = data.shape;
  logical[packed] = logical[packed] * Dim(static_cast<std::int64_t>(pack_of(v)));
  v.set(0, dtype,
        gather_shape(logical, v.normalize_axis(v.attr_int("gather_axis", 0), rank), v.in(1).shape));
}

Work gather_block_quantized_work(const OpView& v) { return dequantize_work(v.out(0).elements()); }

// The picked rows of data, scales and zero points move, not the tables.
void gather_block_quantized_traffic(const OpView& v, Traffic& t) {
  const Count table = v.in_dim(0, v.attr_int("gather_axis", 0)).count();
  const Count picks = v.in(1).elements();
  for (const std::size_t i : {0U, 2U, 3U}) {
    if (v.has_in(i)) t.read(i, v.in(i).elements() / table * picks);
  }
  t.read(1);
  t.write(0);
}

constexpr std::string_view kNBits =
    "M x N x K MACs + dequantisation (2 integer operations per weight, counted apart from FLOPs) + "
    "bias; packed weights, scales and zero points are read once as stored";

constexpr OpSpec kMatmul[] = {
    {kMicrosoft, "FusedMatMul", 1, OpClass::kGemm, fused_matmul_shape, fused_matmul_work, each_once,
     "batch x M x N x K MACs + 1 per output element where alpha is not 1"},
    {kMicrosoft, "TransposeMatMul", 1, OpClass::kGemm, fused_matmul_shape, fused_matmul_work,
     each_once, "batch x M x N x K MACs + 1 per output element where alpha is not 1"},
    {kMicrosoft, "FusedMatMulActivation", 1, OpClass::kGemm, fused_matmul_shape,
     matmul_activation_work, each_once, "as FusedMatMul + the activation of every output element"},
    {kMicrosoft, "FusedGemm", 1, OpClass::kGemm, fused_matmul_shape, fused_gemm_work, each_once,
     "M x N x K MACs + scaling, C and the activation of every output element"},
    {kMicrosoft, "GemmFastGelu", 1, OpClass::kGemm, fused_matmul_shape, gemm_fast_gelu_work,
     each_once, "M x N x K MACs + bias + FastGelu of every output element"},
    {kMicrosoft, "GemmFloat8", 1, OpClass::kGemm, gemm_float8_shape, gemm_float8_work, each_once,
     "M x N x K MACs + scales, C and the activation of every output element"},
    {kMicrosoft, "SparseToDenseMatMul", 1, OpClass::kGemm, sparse_matmul_shape, sparse_matmul_work,
     sparse_matmul_traffic, "stored nonzeros of A x N MACs + 1 per output element for alpha"},
    {kMicrosoft, "MatMulNBits", 1, OpClass::kGemm, columns_from_attr, matmul_nbits_work, each_once,
     kNBits},
    {kMicrosoft, "MatMulNBitsMlp", 1, OpClass::kGemm, nbits_mlp_shape, nbits_mlp_work, each_once,
     "2 x M x N x K MACs + dequantisation + skip, RMS norm, biases, activation and gate product"},
    {kMicrosoft, "MatMulNBitsQkv", 1, OpClass::kGemm, nbits_qkv_shape, nbits_qkv_work, each_once,
     "M x K x (Nq + 2 Nkv) MACs + dequantisation + skip, RMS norm and biases"},
    {kMicrosoft, "MatMulBnb4", 1, OpClass::kGemm, columns_from_attr, bnb4_work, each_once, kNBits},
    {kMicrosoft, "MatMulFpQ4", 1, OpClass::kGemm, fpq4_shape, fpq4_work, each_once, kNBits},
    {kMicrosoft, "MatMulBlockQuantizedFp4Weight", 1, OpClass::kGemm, columns_from_weight,
     fp4_weight_work, each_once, kNBits},
    {kMicrosoft, "MatMulBlockQuantizedFp8Weight", 1, OpClass::kGemm, columns_from_weight,
     fp8_weight_work, each_once, kNBits},
    {kMicrosoft, "MatMulInteger16", 1, OpClass::kGemm, integer16_shape, plain_product_work,
     each_once, "batch x M x N x K MACs"},
    {kMicrosoft, "MatMulIntegerToFloat", 1, OpClass::kGemm, integer_to_float_shape,
     integer_to_float_work, each_once,
     "batch x M x N x K MACs + zero points (1 per operand element) + scale and bias per output"},
    {kMicrosoft, "DynamicQuantizeMatMul", 1, OpClass::kGemm, fused_matmul_shape,
     dynamic_quantize_matmul_work, each_once,
     "batch x M x N x K MACs + range and quantisation of A + zero points + scale and bias per "
     "output"},
    {kMicrosoft, "QGemm", 1, OpClass::kGemm, qgemm_shape, qgemm_work, each_once,
     "M x N x K MACs + zero points (1 per operand element) + C and requantisation per output"},
    {kMicrosoft, "QOrderedMatMul", 1, OpClass::kGemm, qordered_matmul_shape, qordered_matmul_work,
     each_once, "batch x M x N x K MACs + bias, residual and requantisation per output"},
    {kMicrosoft, "GatherBlockQuantized", 1, OpClass::kGather, gather_block_quantized_shape,
     gather_block_quantized_work, gather_block_quantized_traffic,
     "2 integer operations per output element (dequantisation); reads the picked rows"},
};

}  // namespace

std::span<const OpSpec> ms_matmul_ops() { return kMatmul; }

}  // namespace aiprof::ops
