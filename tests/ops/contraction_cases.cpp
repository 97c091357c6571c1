// Contractions: matrix products, convolutions, recurrent layers, and quantisation around them.
// 1 MAC is 2 FLOPs; a bias adds 1 FLOP to every output element.
#include "ops/op_case.h"

namespace aiprof::test {
namespace {

// clang-format off
constexpr OpCase kCases[] = {
    {.op = "MatMul 1", .inputs = "float[5,7] a, float[7,3] b", .nodes = "y = MatMul(a, b)",
     .outputs = "float[5,3] y", .macs = 5 * 7 * 3, .flops = 2 * 5 * 7 * 3,
     .read = 4 * (5 * 7 + 7 * 3), .written = 4 * 5 * 3},
    {.op = "MatMul 1", .inputs = "float16[2,1,5,7] a, float16[4,7,3] b",
     .nodes = "y = MatMul(a, b)", .outputs = "float16[2,4,5,3] y", .macs = 2 * 4 * 5 * 7 * 3,
     .flops = 2 * 2 * 4 * 5 * 7 * 3, .read = 2 * (2 * 5 * 7 + 4 * 7 * 3),
     .written = 2 * 2 * 4 * 5 * 3},
    // A vector is a row on the left, a column on the right, and loses that axis.
    {.op = "MatMul 1", .inputs = "float[7] a, float[2,7,3] b", .nodes = "y = MatMul(a, b)",
     .outputs = "float[2,3] y", .macs = 2 * 7 * 3, .flops = 2 * 2 * 7 * 3,
     .read = 4 * (7 + 2 * 7 * 3), .written = 4 * 2 * 3},
    {.op = "MatMul 1", .inputs = "float[5,7] a, float[6,3] b", .nodes = "y = MatMul(a, b)",
     .outputs = "undefined[...] y", .status = Status::kGap, .reason = "7"},
    // Integer products are MACs with their dtype; a zero point is subtracted from its operand.
    {.op = "MatMulInteger 10", .inputs = "uint8[5,7] a, int8[7,3] b, uint8 za",
     .nodes = "y = MatMulInteger(a, b, za)", .outputs = "int32[5,3] y", .macs = 5 * 7 * 3,
     .flops = 2 * 5 * 7 * 3, .integer_ops = 5 * 7, .read = 5 * 7 + 7 * 3 + 1,
     .written = 4 * 5 * 3},
    // Zero points of both operands; rescale, shift and clamp (2) every result.
    {.op = "QLinearMatMul 10",
     .inputs = "uint8[5,7] a, float sa, uint8 za, uint8[7,3] b, float sb, uint8 zb, float sy, "
               "uint8 zy",
     .nodes = "y = QLinearMatMul(a, sa, za, b, sb, zb, sy, zy)", .outputs = "uint8[5,3] y",
     .macs = 5 * 7 * 3, .flops = 2 * 5 * 7 * 3 + 4 * 5 * 3, .integer_ops = 5 * 7 + 7 * 3,
     .read = 5 * 7 + 7 * 3 + 3 * (4 + 1), .written = 5 * 3},
    {.op = "Gemm 1", .inputs = "float[5,7] a, float[3,7] b, float[3] c",
     .nodes = "y = Gemm <transB = 1> (a, b, c)", .outputs = "float[5,3] y", .macs = 5 * 7 * 3,
     .flops = 2 * 5 * 7 * 3 + 5 * 3, .read = 4 * (5 * 7 + 7 * 3 + 3), .written = 4 * 5 * 3},
    // alpha scales the product, beta the addend.
    {.op = "Gemm 1", .inputs = "float[7,5] a, float[7,3] b, float[5,3] c",
     .nodes = "y = Gemm <transA = 1, alpha = 0.5, beta = 2.0> (a, b, c)",
     .outputs = "float[5,3] y", .macs = 5 * 7 * 3, .flops = 2 * 5 * 7 * 3 + 3 * 5 * 3,
     .read = 4 * (5 * 7 + 7 * 3 + 5 * 3), .written = 4 * 5 * 3},
    {.op = "Einsum 12", .inputs = "float[2,5,7] a, float[2,7,3] b",
     .nodes = "y = Einsum <equation = \"bij,bjk->bik\"> (a, b)", .outputs = "float[2,5,3] y",
     .macs = 2 * 5 * 7 * 3, .flops = 2 * 2 * 5 * 7 * 3, .read = 4 * 2 * (5 * 7 + 7 * 3),
     .written = 4 * 2 * 5 * 3},
    // Three matrices: [2,50] by [50,3] first, then by [3,40], is the cheapest order.
    {.op = "Einsum 12", .inputs = "float[2,50] a, float[50,3] b, float[3,40] c",
     .nodes = "y = Einsum <equation = \"ij,jk,kl->il\"> (a, b, c)", .outputs = "float[2,40] y",
     .macs = 2 * 50 * 3 + 2 * 3 * 40, .flops = 2 * (2 * 50 * 3 + 2 * 3 * 40),
     .read = 4 * (2 * 50 + 50 * 3 + 3 * 40), .written = 4 * 2 * 40},
    // Nothing is contracted: an outer product, and a diagonal.
    {.op = "Einsum 12", .inputs = "float[5] a, float[3] b",
     .nodes = "y = Einsum <equation = \"i,j->ij\"> (a, b)", .outputs = "float[5,3] y",
     .flops = 5 * 3, .read = 4 * (5 + 3), .written = 4 * 5 * 3},
    // Elimination of two 4 x 4 matrices: 3 + 2 + 1 divisions, 9 + 4 + 1 multiply-subtracts
    // each, and
    // the product of the diagonal.
    {.op = "Det 11", .inputs = "float[2,4,4] x", .nodes = "y = Det(x)", .outputs = "float[2] y",
     .flops = 2 * (2 * (9 + 4 + 1) + 3), .transcendentals = 2 * (3 + 2 + 1), .read = 4 * 2 * 16,
     .written = 4 * 2},

    // The stem of ResNet-50, and a depthwise layer.
    {.op = "Conv 1", .inputs = "float[1,3,224,224] x, float[64,3,7,7] w, float[64] b",
     .nodes = "y = Conv <strides = [2,2], pads = [3,3,3,3]> (x, w, b)",
     .outputs = "float[1,64,112,112] y", .macs = 64 * 112 * 112 * 3 * 7 * 7,
     .flops = 2 * 64 * 112 * 112 * 3 * 7 * 7 + 64 * 112 * 112,
     .read = 4 * (3 * 224 * 224 + 64 * 3 * 7 * 7 + 64), .written = 4 * 64 * 112 * 112},
    {.op = "Conv 1", .inputs = "float[2,8,10,10] x, float[8,1,3,3] w",
     .nodes = "y = Conv <group = 8, auto_pad = \"SAME_UPPER\", strides = [2,2]> (x, w)",
     .outputs = "float[2,8,5,5] y", .macs = 2 * 8 * 5 * 5 * 3 * 3,
     .flops = 2 * 2 * 8 * 5 * 5 * 3 * 3, .read = 4 * (2 * 8 * 100 + 8 * 9),
     .written = 4 * 2 * 8 * 25},
    {.op = "Conv 1", .inputs = "float[1,4,20] x, float[6,4,3] w",
     .nodes = "y = Conv <dilations = [4]> (x, w)", .outputs = "float[1,6,12] y",
     .macs = 6 * 12 * 4 * 3, .flops = 2 * 6 * 12 * 4 * 3, .read = 4 * (4 * 20 + 6 * 4 * 3),
     .written = 4 * 6 * 12},
    // Every input element meets every weight of its group.
    {.op = "ConvTranspose 1", .inputs = "float[1,4,5,5] x, float[4,3,2,2] w, float[6] b",
     .nodes = "y = ConvTranspose <group = 2, strides = [2,2]> (x, w, b)",
     .outputs = "float[1,6,10,10] y", .macs = 4 * 5 * 5 * 3 * 2 * 2,
     .flops = 2 * 4 * 5 * 5 * 3 * 2 * 2 + 6 * 10 * 10,
     .read = 4 * (4 * 25 + 4 * 3 * 4 + 6), .written = 4 * 6 * 100},
    {.op = "ConvTranspose 1", .inputs = "float[1,1,3,3] x, float[1,2,3,3] w",
     .nodes = "y = ConvTranspose <strides = [3,2], output_shape = [10,8]> (x, w)",
     .outputs = "float[1,2,10,8] y", .macs = 9 * 2 * 9, .flops = 2 * 9 * 2 * 9,
     .read = 4 * (9 + 2 * 9), .written = 4 * 2 * 80},
    // 4 x 4 outputs of 3 x 3 places: a place adds its offsets 2, takes 4 distances and 4 corner
    // weights; each of 2 channels mixes 4 corners (4 multiplies, 3 adds) and applies the mask.
    {.op = "DeformConv 19",
     .inputs = "float[1,2,6,6] x, float[5,2,3,3] w, float[1,18,4,4] offset, float[5] b, "
               "float[1,9,4,4] mask",
     .nodes = "y = DeformConv(x, w, offset, b, mask)", .outputs = "float[1,5,4,4] y",
     .macs = 5 * 16 * 2 * 9,
     .flops = 2 * 5 * 16 * 2 * 9 + 5 * 16 + 16 * 9 * (2 + 4 + 4) + 16 * 9 * 2 * (7 + 1),
     .read = 4 * (2 * 36 + 5 * 2 * 9 + 18 * 16 + 5 + 9 * 16), .written = 4 * 5 * 16},
    {.op = "ConvInteger 10", .inputs = "uint8[1,3,8,8] x, uint8[4,3,3,3] w, uint8 zx, uint8 zw",
     .nodes = "y = ConvInteger(x, w, zx, zw)", .outputs = "int32[1,4,6,6] y",
     .macs = 4 * 36 * 3 * 9, .flops = 2 * 4 * 36 * 3 * 9, .integer_ops = 3 * 64 + 4 * 3 * 9,
     .read = 3 * 64 + 4 * 3 * 9 + 2, .written = 4 * 4 * 36},
    {.op = "QLinearConv 10",
     .inputs = "uint8[1,3,8,8] x, float sx, uint8 zx, int8[4,3,3,3] w, float[4] sw, int8[4] zw, "
               "float sy, uint8 zy, int32[4] b",
     .nodes = "y = QLinearConv(x, sx, zx, w, sw, zw, sy, zy, b)", .outputs = "uint8[1,4,6,6] y",
     .macs = 4 * 36 * 3 * 9, .flops = 2 * 4 * 36 * 3 * 9 + 4 * 4 * 36,
     .integer_ops = 3 * 64 + 4 * 3 * 9 + 4 * 36,
     .read = 3 * 64 + 4 + 1 + 4 * 3 * 9 + 4 * 4 + 4 + 4 + 1 + 4 * 4, .written = 4 * 36},
    // Depthwise over time with 3 columns of state; SiLU: negate, add, multiply; exp, reciprocal.
    {.op = "CausalConvWithState 27",
     .inputs = "float[2,6,10] x, float[6,1,4] w, float[6] b, float[2,6,3] past",
     .nodes = "y, present = CausalConvWithState <activation = \"silu\"> (x, w, b, past)",
     .outputs = "float[2,6,10] y; float[2,6,3] present", .macs = 2 * 6 * 10 * 4,
     .flops = 2 * 2 * 6 * 10 * 4 + 2 * 6 * 10 * (1 + 3), .transcendentals = 2 * 2 * 6 * 10,
     .read = 4 * (2 * 6 * 10 + 6 * 4 + 6 + 2 * 6 * 3), .written = 4 * (2 * 6 * 10 + 2 * 6 * 3)},

    // 3 steps of 2 sequences, 4 inputs, 5 hidden units. A gate adds its two products and two
    // biases; tanh.
    {.op = "RNN 1", .inputs = "float[3,2,4] x, float[1,5,4] w, float[1,5,5] r, float[1,10] b",
     .nodes = "y, h = RNN <hidden_size = 5> (x, w, r, b)",
     .outputs = "float[3,1,2,5] y; float[1,2,5] h", .macs = 3 * 2 * 5 * (4 + 5),
     .flops = 2 * 3 * 2 * 5 * (4 + 5) + 3 * 2 * 5 * (1 + 2), .transcendentals = 3 * 2 * 5,
     .read = 4 * (3 * 2 * 4 + 5 * 4 + 5 * 5 + 10), .written = 4 * (3 * 2 * 5 + 2 * 5)},
    // 3 gates add their products; 2 sigmoids (2 FLOPs, 2 transcendentals) and a tanh; the reset
    // gate's product and (1 - z) * n + z * h: 1 + 4.
    {.op = "GRU 1", .inputs = "float[3,2,4] x, float[2,15,4] w, float[2,15,5] r",
     .nodes = "y = GRU <hidden_size = 5, direction = \"bidirectional\"> (x, w, r)",
     .outputs = "float[3,2,2,5] y", .macs = 2 * 3 * 2 * 3 * 5 * (4 + 5),
     .flops = 2 * 2 * 3 * 2 * 3 * 5 * (4 + 5) + 2 * 3 * 2 * 5 * (3 + 2 * 2 + 1 + 4),
     .transcendentals = 2 * 3 * 2 * 5 * (2 * 2 + 1),
     .read = 4 * (3 * 2 * 4 + 2 * 15 * 4 + 2 * 15 * 5), .written = 4 * 3 * 2 * 2 * 5},
    // 4 gates add products and biases; 3 sigmoids, 2 tanh; f * c + i * g, and o * tanh(c).
    {.op = "LSTM 1",
     .inputs = "float[3,2,4] x, float[1,20,4] w, float[1,20,5] r, float[1,40] b",
     .nodes = "y, h, c = LSTM <hidden_size = 5> (x, w, r, b)",
     .outputs = "float[3,1,2,5] y; float[1,2,5] h; float[1,2,5] c",
     .macs = 3 * 2 * 4 * 5 * (4 + 5),
     .flops = 2 * 3 * 2 * 4 * 5 * (4 + 5) + 3 * 2 * 5 * (4 * 3 + 3 * 2 + 3 + 1),
     .transcendentals = 3 * 2 * 5 * (3 * 2 + 2), .read = 4 * (24 + 80 + 100 + 40),
     .written = 4 * (30 + 10 + 10)},
    // Batch first, an initial state, and peepholes (3 products that are added).
    {.op = "LSTM 1",
     .inputs = "float[2,3,4] x, float[1,20,4] w, float[1,20,5] r, float[2,1,5] h0, "
               "float[2,1,5] c0, float[1,15] p",
     .nodes = "y, h, c = LSTM <hidden_size = 5, layout = 1> (x, w, r, _, _, h0, c0, p)",
     .outputs = "float[2,3,1,5] y; float[2,1,5] h; float[2,1,5] c",
     .macs = 3 * 2 * 4 * 5 * (4 + 5),
     .flops = 2 * 3 * 2 * 4 * 5 * (4 + 5) + 3 * 2 * 5 * (4 + 3 * 2 + 3 + 1 + 3 * 2),
     .transcendentals = 3 * 2 * 5 * (3 * 2 + 2), .read = 4 * (24 + 80 + 100 + 10 + 10 + 15),
     .written = 4 * (30 + 10 + 10)},

    // x / scale, shifted by a zero point where there is one, clamped on both sides.
    {.op = "QuantizeLinear 10", .inputs = "float[2,8] x, float s, int8 z",
     .nodes = "y = QuantizeLinear(x, s, z)", .outputs = "int8[2,8] y", .flops = 3 * 16,
     .transcendentals = 16, .read = 4 * 16 + 4 + 1, .written = 16},
    {.op = "QuantizeLinear 10", .inputs = "float[2,8] x, float[2,2] s",
     .nodes = "y = QuantizeLinear <axis = 1, block_size = 4, output_dtype = 22> (x, s)",
     .outputs = "int4[2,8] y", .flops = 2 * 16, .transcendentals = 16, .read = 4 * 16 + 4 * 4,
     .written = 16 / 2},
    // (x - zero point) * scale; 4-bit weights are read at their width.
    {.op = "DequantizeLinear 10", .inputs = "uint4[2,8] x, float16[2,2] s, uint4[2,2] z",
     .nodes = "y = DequantizeLinear <axis = 1, block_size = 4> (x, s, z)",
     .outputs = "float16[2,8] y", .flops = 16, .integer_ops = 16,
     .read = 16 / 2 + 2 * 4 + 4 / 2, .written = 2 * 16},
    // Min and max (15 compares each) and of both with 0, their range; the scale, the zero point
    // (subtract, clip 2, round) by 2 divisions; then quantise.
    {.op = "DynamicQuantizeLinear 11", .inputs = "float[2,8] x",
     .nodes = "y, s, z = DynamicQuantizeLinear(x)", .outputs = "uint8[2,8] y; float s; uint8 z",
     .flops = 15 + 15 + 2 + 1 + 4 + 3 * 16, .transcendentals = 2 + 16, .read = 4 * 16,
     .written = 16 + 4 + 1},
};
// clang-format on

}  // namespace

std::span<const OpCase> contraction_cases() { return kCases; }

}  // namespace aiprof::test
