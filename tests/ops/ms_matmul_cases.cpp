// com.microsoft: matrix products with what surrounds them, and weights of a few bits.
#include "ops/op_case.h"

namespace aiprof::test {
namespace {

// clang-format off
constexpr OpCase kCases[] = {
    {.op = "com.microsoft.FusedMatMul 1", .inputs = "float[7,5] a, float[3,7] b",
     .nodes = "y = com.microsoft.FusedMatMul <transA = 1, transB = 1, alpha = 0.5> (a, b)",
     .outputs = "float[5,3] y", .macs = 5 * 7 * 3, .flops = 2 * 5 * 7 * 3 + 5 * 3,
     .read = 4 * (5 * 7 + 7 * 3), .written = 4 * 5 * 3},
    // transBatchA moves the first axis behind the batch axes: [5,2,7] is 2 matrices of [5,7].
    {.op = "com.microsoft.FusedMatMul 1", .inputs = "float[5,2,7] a, float[2,7,3] b",
     .nodes = "y = com.microsoft.FusedMatMul <transBatchA = 1> (a, b)",
     .outputs = "float[2,5,3] y", .macs = 2 * 5 * 7 * 3, .flops = 2 * 2 * 5 * 7 * 3,
     .read = 4 * 2 * (5 * 7 + 7 * 3), .written = 4 * 2 * 5 * 3},
    {.op = "com.microsoft.TransposeMatMul 1", .inputs = "float[5,7] a, float[3,7] b",
     .nodes = "y = com.microsoft.TransposeMatMul <transB = 1> (a, b)", .outputs = "float[5,3] y",
     .macs = 5 * 7 * 3, .flops = 2 * 5 * 7 * 3, .read = 4 * (5 * 7 + 7 * 3),
     .written = 4 * 5 * 3},
    {.op = "com.microsoft.FusedMatMulActivation 1", .inputs = "float[5,7] a, float[7,3] b",
     .nodes = "y = com.microsoft.FusedMatMulActivation <activation = \"Sigmoid\"> (a, b)",
     .outputs = "float[5,3] y", .macs = 5 * 7 * 3, .flops = 2 * 5 * 7 * 3 + 2 * 15,
     .transcendentals = 2 * 15, .read = 4 * (5 * 7 + 7 * 3), .written = 4 * 15},
    {.op = "com.microsoft.FusedGemm 1", .inputs = "float[5,7] a, float[7,3] b, float[3] c",
     .nodes = "y = com.microsoft.FusedGemm <activation = \"LeakyRelu\"> (a, b, c)",
     .outputs = "float[5,3] y", .macs = 5 * 7 * 3, .flops = 2 * 5 * 7 * 3 + 15 * (1 + 2),
     .read = 4 * (5 * 7 + 7 * 3 + 3), .written = 4 * 15},
    // a * x * (1 + tanh(x * (b + c * x * x))): 7 FLOPs and a tanh.
    {.op = "com.microsoft.GemmFastGelu 1", .inputs = "float[5,7] a, float[7,3] b, float[3] c",
     .nodes = "y = com.microsoft.GemmFastGelu(a, b, c)", .outputs = "float[5,3] y",
     .macs = 5 * 7 * 3, .flops = 2 * 5 * 7 * 3 + 15 * (1 + 7), .transcendentals = 15,
     .read = 4 * (5 * 7 + 7 * 3 + 3), .written = 4 * 15},
    // The operands' scales make one factor.
    {.op = "com.microsoft.GemmFloat8 1",
     .inputs = "float8e4m3fn[5,7] a, float8e4m3fn[3,7] b, float sa, float sb",
     .nodes = "y = com.microsoft.GemmFloat8 <transB = 1, dtype = 10> (a, b, _, sa, sb)",
     .outputs = "float16[5,3] y", .macs = 5 * 7 * 3, .flops = 2 * 5 * 7 * 3 + 15,
     .read = 5 * 7 + 7 * 3 + 4 + 4, .written = 2 * 15},
    // Of a stored matrix with 6 elements other than zero, each meets 3 columns.
    {.op = "com.microsoft.SparseToDenseMatMul 1", .inputs = "float[5,7] a, float[7,3] b",
     .nodes = "y = com.microsoft.SparseToDenseMatMul <alpha = 0.5> (a, b)",
     .outputs = "float[5,3] y", .macs = 6 * 3, .flops = 2 * 6 * 3 + 15, .read = 4 * (6 + 21),
     .written = 4 * 15, .nonzeros = 6},
    // How much of a sparse matrix is stored, only the matrix says.
    {.op = "com.microsoft.SparseToDenseMatMul 1", .inputs = "float[5,7] a, float[7,3] b",
     .nodes = "y = com.microsoft.SparseToDenseMatMul(a, b)", .outputs = "float[5,3] y",
     .status = Status::kGap, .reason = "contents"},

    // 96 x 64 weights of 4 bits in blocks of 32: 3 scales and 2 bytes of zero points a row.
    // Widening a weight takes 2 integer operations, apart from the FLOPs.
    {.op = "com.microsoft.MatMulNBits 1",
     .inputs = "float16[2,5,96] a, uint8[64,3,16] b, float16[64,3] s, uint8[64,2] z, "
               "float16[64] c",
     .nodes = "y = com.microsoft.MatMulNBits <K = 96, N = 64, bits = 4, block_size = 32> "
              "(a, b, s, z, _, c)",
     .outputs = "float16[2,5,64] y", .macs = 10 * 96 * 64, .flops = 2 * 10 * 96 * 64 + 10 * 64,
     .integer_ops = 2 * 96 * 64,
     .read = 2 * 10 * 96 + 64 * 96 / 2 + 2 * 64 * 3 + 64 * 2 + 2 * 64, .written = 2 * 10 * 64},
    // Gate and up projections; RMS norm of the sum with the skip: squares, mean, + epsilon, root,
    // divide, scale; SiLU (3 FLOPs, 2 transcendentals) and the product.
    {.op = "com.microsoft.MatMulNBitsMlp 1",
     .inputs = "float16[5,96] a, float16[5,96] skip, float16[96] norm, uint8[64,3,16] g, "
               "float16[64,3] gs, uint8[64,3,16] u, float16[64,3] us",
     .nodes = "y, sum = com.microsoft.MatMulNBitsMlp <K = 96, N = 64, bits = 4, block_size = 32, "
              "activation = \"silu\"> (a, skip, norm, g, gs, _, u, us)",
     .outputs = "float16[5,64] y; float16[5,96] sum", .macs = 2 * 5 * 96 * 64,
     .flops = 2 * 2 * 5 * 96 * 64 + 5 * 96 + 5 * (96 + 95 + 1 + 96) + 5 * 64 * (3 + 1),
     .transcendentals = 5 * (1 + 1 + 96) + 5 * 64 * 2, .integer_ops = 2 * 2 * 96 * 64,
     .read = 2 * (2 * 5 * 96 + 96) + 2 * (64 * 96 / 2 + 2 * 64 * 3),
     .written = 2 * (5 * 64 + 5 * 96)},
    {.op = "com.microsoft.MatMulNBitsQkv 1",
     .inputs = "float16[5,96] a, float16[96] norm, uint8[64,3,16] q, float16[64,3] qs, "
               "uint8[32,3,16] k, float16[32,3] ks, uint8[32,3,16] v, float16[32,3] vs",
     .nodes = "q_out, k_out, v_out = com.microsoft.MatMulNBitsQkv <K = 96, Nq = 64, Nkv = 32, "
              "bits = 4, block_size = 32> (a, _, norm, q, qs, _, k, ks, _, v, vs)",
     .outputs = "float16[5,64] q_out; float16[5,32] k_out; float16[5,32] v_out",
     .macs = 5 * 96 * (64 + 2 * 32),
     .flops = 2 * 5 * 96 * (64 + 2 * 32) + 5 * (96 + 95 + 1 + 96),
     .transcendentals = 5 * (1 + 1 + 96), .integer_ops = 2 * 96 * (64 + 2 * 32),
     .read = 2 * (5 * 96 + 96) + 128 * 96 / 2 + 2 * 128 * 3, .written = 2 * 5 * 128},
    {.op = "com.microsoft.MatMulBnb4 1",
     .inputs = "float16[5,96] a, uint8[3072] b, float16[96] absmax",
     .nodes = "y = com.microsoft.MatMulBnb4 <K = 96, N = 64, block_size = 64, quant_type = 1> "
              "(a, b, absmax)",
     .outputs = "float16[5,64] y", .macs = 5 * 96 * 64, .flops = 2 * 5 * 96 * 64,
     .integer_ops = 2 * 96 * 64, .read = 2 * 5 * 96 + 96 * 64 / 2 + 2 * 96, .written = 2 * 5 * 64},
    {.op = "com.microsoft.MatMulFpQ4 1",
     .inputs = "float[5,96] a, uint8[3840] b, int64[2] shape = {96, 64}",
     .nodes = "y = com.microsoft.MatMulFpQ4(a, b, shape)", .outputs = "float[5,64] y",
     .macs = 5 * 96 * 64, .flops = 2 * 5 * 96 * 64, .integer_ops = 2 * 96 * 64,
     .read = 4 * 5 * 96 + 3840 + 16, .written = 4 * 5 * 64},
    // Two weights to a byte, a scale for each 16.
    {.op = "com.microsoft.MatMulBlockQuantizedFp4Weight 1",
     .inputs = "float16[5,96] a, uint8[64,48] b, uint8[64,6] s, float s2",
     .nodes = "y = com.microsoft.MatMulBlockQuantizedFp4Weight <block_size = 16> (a, b, s, s2)",
     .outputs = "float16[5,64] y", .macs = 5 * 96 * 64, .flops = 2 * 5 * 96 * 64,
     .integer_ops = 2 * 96 * 64, .read = 2 * 5 * 96 + 64 * 48 + 64 * 6 + 4,
     .written = 2 * 5 * 64},
    // With a scale, activations are rounded to float8 (3 FLOPs, a division) and widened again.
    {.op = "com.microsoft.MatMulBlockQuantizedFp8Weight 1",
     .inputs = "float16[5,96] a, float8e4m3fn[64,96] b, float[64,1] s, float sa",
     .nodes = "y = com.microsoft.MatMulBlockQuantizedFp8Weight <block_size = 128> (a, b, s, sa)",
     .outputs = "float16[5,64] y", .macs = 5 * 96 * 64, .flops = 2 * 5 * 96 * 64 + 3 * 5 * 96,
     .transcendentals = 5 * 96, .integer_ops = 2 * 96 * 64 + 2 * 5 * 96,
     .read = 2 * 5 * 96 + 64 * 96 + 4 * 64 + 4, .written = 2 * 5 * 64},

    {.op = "com.microsoft.MatMulInteger16 1", .inputs = "int16[5,7] a, int16[7,3] b",
     .nodes = "y = com.microsoft.MatMulInteger16(a, b)", .outputs = "int32[5,3] y",
     .macs = 5 * 7 * 3, .flops = 2 * 5 * 7 * 3, .read = 2 * (5 * 7 + 7 * 3), .written = 4 * 15},
    {.op = "com.microsoft.MatMulIntegerToFloat 1",
     .inputs = "uint8[5,7] a, uint8[7,3] b, float sa, float[3] sb, uint8 za, uint8[3] zb, "
               "float[3] c",
     .nodes = "y = com.microsoft.MatMulIntegerToFloat(a, b, sa, sb, za, zb, c)",
     .outputs = "float[5,3] y", .macs = 5 * 7 * 3, .flops = 2 * 5 * 7 * 3 + 15 * (1 + 1),
     .integer_ops = 5 * 7 + 7 * 3, .read = 5 * 7 + 7 * 3 + 4 + 12 + 1 + 3 + 12,
     .written = 4 * 15},
    // The range of A (34 compares twice), its quantisation (3 FLOPs and a division), both zero
    // points; scale and bias.
    {.op = "com.microsoft.DynamicQuantizeMatMul 1",
     .inputs = "float[5,7] a, int8[7,3] b, float sb, int8 zb, float[3] c",
     .nodes = "y = com.microsoft.DynamicQuantizeMatMul(a, b, sb, zb, c)",
     .outputs = "float[5,3] y", .macs = 5 * 7 * 3,
     .flops = 2 * 5 * 7 * 3 + 2 * 34 + 3 * 35 + 15 * (1 + 1), .transcendentals = 35,
     .integer_ops = 35 + 21, .read = 4 * 35 + 21 + 4 + 1 + 12, .written = 4 * 15},
    // Zero points, the addend; rescale, shift and clamp (2).
    {.op = "com.microsoft.QGemm 1",
     .inputs = "uint8[5,7] a, float sa, uint8 za, int8[3,7] b, float sb, int8 zb, int32[3] c, "
               "float sy, uint8 zy",
     .nodes = "y = com.microsoft.QGemm <transB = 1> (a, sa, za, b, sb, zb, c, sy, zy)",
     .outputs = "uint8[5,3] y", .macs = 5 * 7 * 3, .flops = 2 * 5 * 7 * 3 + 15 * (1 + 3),
     .integer_ops = 35 + 21 + 15, .read = 35 + 21 + 3 * 4 + 3 * 1 + 12, .written = 15},
    {.op = "com.microsoft.QOrderedMatMul 1",
     .inputs = "int8[1,5,7] a, float sa, int8[7,3] b, float sb, float sy, float[3] c",
     .nodes = "y = com.microsoft.QOrderedMatMul <order_A = 1, order_B = 0, order_Y = 1> "
              "(a, sa, b, sb, sy, c)",
     .outputs = "int8[1,5,3] y", .macs = 5 * 7 * 3, .flops = 2 * 5 * 7 * 3 + 15 * (1 + 1 + 2),
     .read = 35 + 21 + 3 * 4 + 12, .written = 15},
    // Of a table of 1000 rows of 64 weights of 4 bits, 6 rows with their 2 scales.
    {.op = "com.microsoft.GatherBlockQuantized 1",
     .inputs = "uint8[1000,32] t, int64[6] i, float16[1000,2] s",
     .nodes = "y = com.microsoft.GatherBlockQuantized <bits = 4, block_size = 32> (t, i, s)",
     .outputs = "float16[6,64] y", .integer_ops = 2 * 6 * 64,
     .read = 6 * 32 + 8 * 6 + 2 * 6 * 2, .written = 2 * 6 * 64},

    // 10 tokens, 2 of 8 experts each: softmax of the router (7 compares, 8, 7; 8 exp, 8 divisions),
    // ReLU, and the weighted sum of 2 results. All 8 experts are met: 8 * (1 - (3 / 4)^10) = 7.5.
    {.op = "com.microsoft.MoE 1",
     .inputs = "float16[10,16] x, float16[10,8] router, float16[8,24,16] w1, float16[8,24] b1, "
               "float16[8,16,24] w2",
     .nodes = "y = com.microsoft.MoE <k = 2, activation_type = \"relu\"> (x, router, w1, b1, w2)",
     .outputs = "float16[10,16] y", .macs = 20 * 16 * (24 + 24),
     .flops = 2 * 20 * 16 * (24 + 24) + 10 * (7 + 8 + 7) + 20 * 24 + 20 * 24 + 20 * 16 +
              (20 - 10) * 16,
     .transcendentals = 10 * (8 + 8),
     .read = 2 * (160 + 80 + 8 * (24 * 16 + 24 + 16 * 24)), .written = 2 * 160},
    // One token meets k of them: 2. 4-bit weights, gate and up in one (SwiGLU: 4 FLOPs for the
    // gate, + beta and the product; 2 transcendentals).
    {.op = "com.microsoft.QMoE 1",
     .inputs = "float16[1,16] x, float16[1,8] router, uint8[8,48,8] w1, float16[8,48] s1, "
               "uint8[8,16,12] w2, float16[8,16] s2",
     .nodes = "y = com.microsoft.QMoE <k = 2, activation_type = \"swiglu\", swiglu_fusion = 1> "
              "(x, router, w1, s1, _, w2, s2)",
     .outputs = "float16[1,16] y", .macs = 2 * 16 * (48 + 24),
     .flops = 2 * 2 * 16 * (48 + 24) + (7 + 8 + 7) + 2 * 24 * (4 + 2) + 2 * 16 + 16,
     .transcendentals = 8 + 8 + 2 * 24 * 2, .integer_ops = 2 * 2 * 16 * (48 + 24),
     .read = 2 * (16 + 8) + 2 * (48 * 8 + 2 * 48 + 16 * 12 + 2 * 16), .written = 2 * 16},
    // This device holds 4 of the 8 experts: half of the tokens' choices fall on it.
    {.op = "com.microsoft.ShardedMoE 1",
     .inputs = "float16[10,16] x, float16[10,8] router, float16[4,24,16] w1, float16[4,24] b1, "
               "float16[4,16,24] w2",
     .nodes = "y = com.microsoft.ShardedMoE <k = 2, activation_type = \"relu\"> "
              "(x, router, w1, b1, w2)",
     .outputs = "float16[10,16] y", .macs = 10 * 16 * (24 + 24),
     .flops = 2 * 10 * 16 * (24 + 24) + 10 * (7 + 8 + 7) + 10 * 24 + 10 * 24 + 10 * 16,
     .transcendentals = 10 * (8 + 8),
     .read = 2 * (160 + 80 + 4 * (24 * 16 + 24 + 16 * 24)), .written = 2 * 160},
};
// clang-format on

}  // namespace

std::span<const OpCase> ms_matmul_cases() { return kCases; }

}  // namespace aiprof::test
