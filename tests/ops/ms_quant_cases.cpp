// com.microsoft: quantised operators count as the float operator does, in integer operations.
// Scales are float scalars, zero points bytes: 5 bytes a pair.
#include "ops/op_case.h"

namespace aiprof::test {
namespace {

// A, scale and zero point, B, scale and zero point, scale and zero point of the result.
constexpr std::string_view kPair =
    "uint8[2,8] a, float sa, uint8 za, uint8[2,8] b, float sb, uint8 zb, float sc, uint8 zc";
constexpr std::string_view kOne = "uint8[2,8] x, float sx, uint8 zx, float sy, uint8 zy";
constexpr std::string_view kOut = "uint8[2,8] y";
constexpr std::uint64_t kScale = 4 + 1;

// clang-format off
constexpr OpCase kCases[] = {
    {.op = "com.microsoft.QLinearAdd 1", .inputs = kPair,
     .nodes = "y = com.microsoft.QLinearAdd(a, sa, za, b, sb, zb, sc, zc)", .outputs = kOut,
     .integer_ops = 16, .read = 2 * 16 + 3 * kScale, .written = 16},
    {.op = "com.microsoft.QLinearMul 1", .inputs = kPair,
     .nodes = "y = com.microsoft.QLinearMul(a, sa, za, b, sb, zb, sc, zc)", .outputs = kOut,
     .integer_ops = 16, .read = 2 * 16 + 3 * kScale, .written = 16},
    {.op = "com.microsoft.QLinearConcat 1",
     .inputs = "float sy, uint8 zy, uint8[2,3] a, float sa, uint8 za, uint8[2,5] b, float sb, "
               "uint8 zb",
     .nodes = "y = com.microsoft.QLinearConcat <axis = 1> (sy, zy, a, sa, za, b, sb, zb)",
     .outputs = kOut, .read = 16 + 3 * kScale, .written = 16},
    {.op = "com.microsoft.QLinearWhere 1",
     .inputs = "bool[2,8] c, uint8[2,8] a, float sa, uint8 za, uint8[2,8] b, float sb, uint8 zb, "
               "float sy, uint8 zy",
     .nodes = "y = com.microsoft.QLinearWhere(c, a, sa, za, b, sb, zb, sy, zy)", .outputs = kOut,
     .read = 3 * 16 + 3 * kScale, .written = 16},
    {.op = "com.microsoft.QLinearSigmoid 1", .inputs = kOne,
     .nodes = "y = com.microsoft.QLinearSigmoid(x, sx, zx, sy, zy)", .outputs = kOut,
     .transcendentals = 2 * 16, .integer_ops = 2 * 16, .read = 16 + 2 * kScale, .written = 16},
    {.op = "com.microsoft.QLinearLeakyRelu 1", .inputs = kOne,
     .nodes = "y = com.microsoft.QLinearLeakyRelu <alpha = 0.1> (x, sx, zx, sy, zy)",
     .outputs = kOut, .integer_ops = 2 * 16, .read = 16 + 2 * kScale, .written = 16},
    // Rows of 8: max, subtract and sum; exp and division.
    {.op = "com.microsoft.QLinearSoftmax 1", .inputs = kOne,
     .nodes = "y = com.microsoft.QLinearSoftmax <opset = 13> (x, sx, zx, sy, zy)",
     .outputs = kOut, .transcendentals = 2 * 16, .integer_ops = 2 * (7 + 8 + 7),
     .read = 16 + 2 * kScale, .written = 16},
    // Channels last: 2 x 2 windows of [6,6] with 3 channels.
    {.op = "com.microsoft.QLinearAveragePool 1",
     .inputs = "uint8[1,6,6,3] x, float sx, uint8 zx, float sy, uint8 zy",
     .nodes = "y = com.microsoft.QLinearAveragePool <kernel_shape = [2,2], strides = [2,2], "
              "channels_last = 1> (x, sx, zx, sy, zy)",
     .outputs = "uint8[1,3,3,3] y", .transcendentals = 27, .integer_ops = 27 * (4 - 1),
     .read = 108 + 2 * kScale, .written = 27},
    {.op = "com.microsoft.NhwcMaxPool 1", .inputs = "uint8[1,6,6,3] x",
     .nodes = "y = com.microsoft.NhwcMaxPool <kernel_shape = [2,2], strides = [2,2]> (x)",
     .outputs = "uint8[1,3,3,3] y", .integer_ops = 27 * (4 - 1), .read = 108, .written = 27},
    {.op = "com.microsoft.QLinearGlobalAveragePool 1",
     .inputs = "uint8[1,3,6,6] x, float sx, uint8 zx, float sy, uint8 zy",
     .nodes = "y = com.microsoft.QLinearGlobalAveragePool(x, sx, zx, sy, zy)",
     .outputs = "uint8[1,3,1,1] y", .transcendentals = 3, .integer_ops = 3 * (36 - 1),
     .read = 108 + 2 * kScale, .written = 3},
    {.op = "com.microsoft.QLinearReduceMean 1", .inputs = kOne,
     .nodes = "y = com.microsoft.QLinearReduceMean <axes = [1], keepdims = 0> (x, sx, zx, sy, zy)",
     .outputs = "uint8[2] y", .transcendentals = 2, .integer_ops = 2 * (8 - 1),
     .read = 16 + 2 * kScale, .written = 2},
    // As the standard QLinearConv, with channels last; weights stay [filters, channels, ...].
    {.op = "com.microsoft.QLinearConv 1",
     .inputs = "uint8[1,8,8,3] x, float sx, uint8 zx, int8[4,3,3,3] w, float sw, int8 zw, "
               "float sy, uint8 zy",
     .nodes = "y = com.microsoft.QLinearConv <channels_last = 1> (x, sx, zx, w, sw, zw, sy, zy)",
     .outputs = "uint8[1,6,6,4] y", .macs = 4 * 36 * 3 * 9,
     .flops = 2 * 4 * 36 * 3 * 9 + 4 * 4 * 36, .integer_ops = 3 * 64 + 4 * 3 * 9,
     .read = 192 + 108 + 3 * kScale, .written = 144},
    {.op = "com.microsoft.QuantizeLinear 1", .inputs = "float[2,8] x, float s, uint16 z",
     .nodes = "y = com.microsoft.QuantizeLinear(x, s, z)", .outputs = "uint16[2,8] y",
     .flops = 3 * 16, .transcendentals = 16, .read = 4 * 16 + 4 + 2, .written = 2 * 16},
    {.op = "com.microsoft.DequantizeLinear 1", .inputs = "uint16[2,8] x, float s, uint16 z",
     .nodes = "y = com.microsoft.DequantizeLinear(x, s, z)", .outputs = "float[2,8] y",
     .flops = 16, .integer_ops = 16, .read = 2 * 16 + 4 + 2, .written = 4 * 16},
    {.op = "com.microsoft.QuantizeWithOrder 1", .inputs = "float16[2,8] x, float s",
     .nodes = "y = com.microsoft.QuantizeWithOrder <order_input = 1, order_output = 1> (x, s)",
     .outputs = "int8[2,8] y", .flops = 2 * 16, .transcendentals = 16, .read = 2 * 16 + 4,
     .written = 16},
    {.op = "com.microsoft.DequantizeWithOrder 1", .inputs = "int8[2,8] x, float s",
     .nodes = "y = com.microsoft.DequantizeWithOrder <order_input = 1, order_output = 1, to = 10> "
              "(x, s)",
     .outputs = "float16[2,8] y", .flops = 16, .read = 16 + 4, .written = 2 * 16},
    // How many bytes a block takes depends on the format: the model declares it.
    {.op = "com.microsoft.QuantizeBFP 1", .inputs = "float[2,8] x",
     .nodes = "y, shape, strides = com.microsoft.QuantizeBFP <bfp_type = 0> (x)",
     .outputs = "uint8[?] y; int64[2] shape; int64[2] strides", .status = Status::kGap,
     .reason = "unknown"},
    {.op = "com.microsoft.QuantizeBFP 1", .inputs = "float[2,8] x",
     .nodes = "y, shape, strides = com.microsoft.QuantizeBFP <bfp_type = 0> (x)",
     .outputs = "uint8[18] y; int64[2] shape; int64[2] strides", .flops = 16,
     .transcendentals = 16, .read = 4 * 16, .written = 18 + 8 * 4, .status = Status::kAssumed,
     .declared = true},
    {.op = "com.microsoft.DequantizeBFP 1",
     .inputs = "uint8[18] x, int64[2] shape = {2, 8}, int64[2] strides",
     .nodes = "y = com.microsoft.DequantizeBFP <bfp_type = 0> (x, shape, strides)",
     .outputs = "float[2,8] y", .flops = 16, .read = 18 + 16 + 16, .written = 4 * 16},
    // Dequantise 1, Gelu (3 FLOPs; division, erf), then divide by the scale and clamp 2.
    {.op = "com.microsoft.QOrderedGelu 1", .inputs = "int8[2,8] x, float sx, float sy",
     .nodes = "y = com.microsoft.QOrderedGelu <order_X = 1, order_Y = 1> (x, sx, sy)",
     .outputs = "int8[2,8] y", .flops = 16 * (1 + 3 + 2), .transcendentals = 16 * (2 + 1),
     .read = 16 + 8, .written = 16},
    {.op = "com.microsoft.QOrderedLayerNormalization 1",
     .inputs = "int8[2,8] x, float sx, float[8] g, float[8] b, float sy",
     .nodes = "y = com.microsoft.QOrderedLayerNormalization <axis = -1, order_X = 1, order_Y = 1> "
              "(x, sx, g, b, sy)",
     .outputs = "int8[2,8] y", .flops = 2 * (7 + 8 + 7 + 2 + 1 + 3 * 8) + 16 * (1 + 2),
     .transcendentals = 2 * (2 + 1 + 8) + 16, .read = 16 + 4 + 64 + 4, .written = 16},

    // 3 steps of 2 sequences, 4 inputs, 5 hidden units. Inputs and states are quantised (range 2,
    // shift 1, clamp 2; a division), sums rescaled (2 for each gate); gates as LSTM.
    {.op = "com.microsoft.DynamicQuantizeLSTM 1",
     .inputs = "float[3,2,4] x, int8[1,4,20] w, int8[1,5,20] r, float[1,40] b, float[1] sw, "
               "int8[1] zw, float[1] sr, int8[1] zr",
     .nodes = "y, h, c = com.microsoft.DynamicQuantizeLSTM <hidden_size = 5> "
              "(x, w, r, b, _, _, _, _, sw, zw, sr, zr)",
     .outputs = "float[3,1,2,5] y; float[1,2,5] h; float[1,2,5] c", .macs = 3 * 2 * 20 * (4 + 5),
     .flops = 2 * 3 * 2 * 20 * (4 + 5) + 3 * 2 * (4 + 5) * 5 + 3 * 2 * 20 * 2 +
              3 * 2 * 5 * (4 * 3 + 3 * 2 + 3 + 1),
     .transcendentals = 3 * 2 * (4 + 5) + 3 * 2 * 5 * (3 * 2 + 2),
     .read = 4 * 24 + 80 + 100 + 4 * 40 + 4 + 1 + 4 + 1, .written = 4 * (30 + 10 + 10)},
    // Without a memory to attend: an LSTM.
    {.op = "com.microsoft.AttnLSTM 1",
     .inputs = "float[3,2,4] x, float[1,20,4] w, float[1,20,5] r",
     .nodes = "y = com.microsoft.AttnLSTM <hidden_size = 5> (x, w, r)",
     .outputs = "float[3,1,2,5] y", .macs = 3 * 2 * 20 * (4 + 5),
     .flops = 2 * 3 * 2 * 20 * (4 + 5) + 3 * 2 * 5 * (4 + 3 * 2 + 3 + 1),
     .transcendentals = 3 * 2 * 5 * (3 * 2 + 2), .read = 4 * (24 + 80 + 100), .written = 4 * 30},
};
// clang-format on

}  // namespace

std::span<const OpCase> ms_quant_cases() { return kCases; }

}  // namespace aiprof::test
