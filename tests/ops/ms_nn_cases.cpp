// com.microsoft: normalisations, activations and convolutions with what surrounds them.
#include "ops/op_case.h"

namespace aiprof::test {
namespace {

// Layer norm of a row of 8 without its bias: see LayerNormalization; and RMS norm.
constexpr std::uint64_t kLayerNorm = 7 + 8 + 7 + 2 + 1 + 8 + 8;
constexpr std::uint64_t kRmsNorm = 8 + 7 + 1 + 8;

// clang-format off
constexpr OpCase kCases[] = {
    // The sum with the skip (and a bias), which is an output too, then layer norm.
    {.op = "com.microsoft.SkipLayerNormalization 1",
     .inputs = "float[2,3,8] x, float[2,3,8] skip, float[8] g, float[8] b, float[8] bias",
     .nodes = "y, _, _, sum = com.microsoft.SkipLayerNormalization(x, skip, g, b, bias)",
     .outputs = "float[2,3,8] y; float[2,3,8] sum", .flops = 2 * 48 + 6 * (kLayerNorm + 8),
     .transcendentals = 6 * (2 + 1 + 8), .read = 4 * (2 * 48 + 3 * 8), .written = 4 * 2 * 48},
    {.op = "com.microsoft.SkipSimplifiedLayerNormalization 1",
     .inputs = "float16[2,3,8] x, float16[1,3,8] skip, float16[8] g",
     .nodes = "y = com.microsoft.SkipSimplifiedLayerNormalization(x, skip, g)",
     .outputs = "float16[2,3,8] y", .flops = 48 + 6 * kRmsNorm,
     .transcendentals = 6 * (1 + 1 + 8), .read = 2 * (48 + 24 + 8), .written = 2 * 48},
    // Three embeddings of 6 tokens are added; of the word table 6 rows are read, of positions those
    // of one sequence, of segments both.
    {.op = "com.microsoft.EmbedLayerNormalization 1",
     .inputs = "int32[2,3] ids, int32[2,3] seg, float[1000,8] word, float[64,8] pos, "
               "float[2,8] segment, float[8] g, float[8] b, int32[2,3] mask",
     .nodes = "y, index = com.microsoft.EmbedLayerNormalization "
              "(ids, seg, word, pos, segment, g, b, mask)",
     .outputs = "float[2,3,8] y; int32[2] index", .flops = 2 * 48 + 6 * (kLayerNorm + 8),
     .transcendentals = 6 * (2 + 1 + 8), .integer_ops = 6,
     .read = 4 * (6 + 6 + 6 * 8 + 3 * 8 + 2 * 8 + 8 + 8 + 6), .written = 4 * (48 + 2)},
    {.op = "com.microsoft.QEmbedLayerNormalization 1",
     .inputs = "int32[2,3] ids, int32[2,3] seg, uint8[1000,8] word, uint8[64,8] pos, "
               "uint8[2,8] segment, uint8[8] g, uint8[8] b, int32[2,3] mask, float s0, float s1",
     .nodes = "y, index = com.microsoft.QEmbedLayerNormalization "
              "(ids, seg, word, pos, segment, g, b, mask, s0, s1)",
     .outputs = "float[2,3,8] y; int32[2] index", .flops = 2 * 48 + 6 * (kLayerNorm + 8),
     .transcendentals = 6 * (2 + 1 + 8), .integer_ops = 6 + 2 * 3 * 48,
     .read = 4 * (6 + 6 + 6) + 6 * 8 + 3 * 8 + 2 * 8 + 8 + 8 + 8, .written = 4 * (48 + 2)},
    // 2 groups of each of 2 images: rows of 16; SiLU (3 FLOPs, 2 transcendentals).
    {.op = "com.microsoft.GroupNorm 1", .inputs = "float[2,2,2,8] x, float[8] g, float[8] b",
     .nodes = "y = com.microsoft.GroupNorm <groups = 2, activation = 1, channels_last = 1> "
              "(x, g, b)",
     .outputs = "float[2,2,2,8] y",
     .flops = 4 * (15 + 16 + 15 + 2 + 1 + 3 * 16) + 3 * 64,
     .transcendentals = 4 * (2 + 1 + 16) + 2 * 64, .read = 4 * (64 + 16), .written = 4 * 64},
    {.op = "com.microsoft.SkipGroupNorm 1",
     .inputs = "float[2,2,2,8] x, float[8] g, float[8] b, float[2,2,2,8] skip, float[8] bias",
     .nodes = "y, sum = com.microsoft.SkipGroupNorm <groups = 2, activation = 0> "
              "(x, g, b, skip, bias)",
     .outputs = "float[2,2,2,8] y; float[2,2,2,8] sum",
     .flops = 2 * 64 + 4 * (15 + 16 + 15 + 2 + 1 + 3 * 16), .transcendentals = 4 * (2 + 1 + 16),
     .read = 4 * (2 * 64 + 3 * 8), .written = 4 * 2 * 64},
    // Groups as wide as the scale: 12 rows of 4. SiLU of the gate, and the product.
    {.op = "com.microsoft.GatedRMSNorm 1",
     .inputs = "float[2,3,8] x, float[4] s, float[2,3,8] gate",
     .nodes = "y = com.microsoft.GatedRMSNorm(x, s, gate)", .outputs = "float[2,3,8] y",
     .flops = 12 * (4 + 3 + 1 + 4) + 48 * (3 + 1), .transcendentals = 12 * (1 + 1 + 4) + 48 * 2,
     .read = 4 * (48 + 4 + 48), .written = 4 * 48},
    {.op = "com.microsoft.BranchwiseRMSNorm 1", .inputs = "float[2,3,8] x, float[8] s",
     .nodes = "y = com.microsoft.BranchwiseRMSNorm <num_branches = 2> (x, s)",
     .outputs = "float[2,3,8] y", .flops = 12 * (4 + 3 + 1 + 4),
     .transcendentals = 12 * (1 + 1 + 4), .read = 4 * (48 + 8), .written = 4 * 48},
    {.op = "com.microsoft.GatedAdd 1", .inputs = "float[2,8] x, float[2,8] y, float[2,1] gate",
     .nodes = "z = com.microsoft.GatedAdd(x, y, gate)", .outputs = "float[2,8] z",
     .flops = 2 * 16, .read = 4 * (32 + 2), .written = 4 * 16},
    {.op = "com.microsoft.BiasAdd 1", .inputs = "float[2,3,8] x, float[8] b, float[2,3,8] skip",
     .nodes = "y = com.microsoft.BiasAdd(x, b, skip)", .outputs = "float[2,3,8] y",
     .flops = 2 * 48, .read = 4 * (96 + 8), .written = 4 * 48},
    {.op = "com.microsoft.BiasGelu 1", .inputs = "float[2,8] x, float[8] b",
     .nodes = "y = com.microsoft.BiasGelu(x, b)", .outputs = "float[2,8] y",
     .flops = 16 * (1 + 3), .transcendentals = 16 * 2, .read = 4 * 24, .written = 4 * 16},
    {.op = "com.microsoft.Gelu 1", .inputs = "float[2,8] x", .nodes = "y = com.microsoft.Gelu(x)",
     .outputs = "float[2,8] y", .flops = 16 * 3, .transcendentals = 16 * 2, .read = 4 * 16,
     .written = 4 * 16},
    {.op = "com.microsoft.FastGelu 1", .inputs = "float[2,8] x, float[8] b",
     .nodes = "y = com.microsoft.FastGelu(x, b)", .outputs = "float[2,8] y",
     .flops = 16 * (1 + 7), .transcendentals = 16, .read = 4 * 24, .written = 4 * 16},
    {.op = "com.microsoft.QuickGelu 1", .inputs = "float[2,8] x",
     .nodes = "y = com.microsoft.QuickGelu(x)", .outputs = "float[2,8] y", .flops = 16 * 4,
     .transcendentals = 16 * 2, .read = 4 * 16, .written = 4 * 16},
    // Both halves get their bias; the one times Gelu of the other.
    {.op = "com.microsoft.BiasSplitGelu 1", .inputs = "float[2,3,8] x, float[8] b",
     .nodes = "y = com.microsoft.BiasSplitGelu(x, b)", .outputs = "float[2,3,4] y",
     .flops = 48 + 24 * (3 + 1), .transcendentals = 24 * 2, .read = 4 * 56, .written = 4 * 24},
    {.op = "com.microsoft.BiasSoftmax 1", .inputs = "float[2,3,8] x, float[2,1,8] b",
     .nodes = "y = com.microsoft.BiasSoftmax <axis = 2, is_inner_broadcast = 0> (x, b)",
     .outputs = "float[2,3,8] y", .flops = 48 + 6 * (7 + 8 + 7), .transcendentals = 2 * 48,
     .read = 4 * (48 + 16), .written = 4 * 48},
    {.op = "com.microsoft.BiasDropout 1",
     .inputs = "float[2,8] x, float[8] b, float[2,8] r, float ratio, bool train = {1}",
     .nodes = "y, mask = com.microsoft.BiasDropout(x, b, r, ratio, train)",
     .outputs = "float[2,8] y; bool[2,8] mask", .flops = 16 * (2 + 5),
     .read = 4 * (32 + 8 + 1) + 1, .written = 4 * 16 + 16},
    // A mask of 16 bits is one word of 32.
    {.op = "com.microsoft.BitmaskBiasDropout 1", .inputs = "float[2,8] x, float[8] b",
     .nodes = "y, mask = com.microsoft.BitmaskBiasDropout(x, b)",
     .outputs = "float[2,8] y; uint32[1] mask", .flops = 16, .read = 4 * 24,
     .written = 4 * 16 + 4},
    {.op = "com.microsoft.BitmaskDropout 1", .inputs = "float[5,8] x",
     .nodes = "y, mask = com.microsoft.BitmaskDropout(x)",
     .outputs = "float[5,8] y; uint32[2] mask", .written = 4 * 2},
    {.op = "com.microsoft.ScaledSiLU 1", .inputs = "float[2,8] x",
     .nodes = "y = com.microsoft.ScaledSiLU(x)", .outputs = "float[2,8] y", .flops = 16 * 4,
     .transcendentals = 16 * 2, .read = 4 * 16, .written = 4 * 16},
    {.op = "com.microsoft.SwiGLU 1", .inputs = "float[2,8] x",
     .nodes = "y = com.microsoft.SwiGLU <activation_alpha = 1.702, activation_beta = 1.0, "
              "limit = 7.0> (x)",
     .outputs = "float[2,4] y", .flops = 8 * (4 + 1 + 1 + 3), .transcendentals = 8 * 2,
     .read = 4 * 16, .written = 4 * 8},

    // A bias, the residual and ReLU on every output element.
    {.op = "com.microsoft.FusedConv 1",
     .inputs = "float[1,3,8,8] x, float[4,3,3,3] w, float[4] b, float[1,4,6,6] z",
     .nodes = "y = com.microsoft.FusedConv <activation = \"Relu\"> (x, w, b, z)",
     .outputs = "float[1,4,6,6] y", .macs = 144 * 27, .flops = 2 * 144 * 27 + 144 * (1 + 1 + 1),
     .read = 4 * (192 + 108 + 4 + 144), .written = 4 * 144},
    {.op = "com.microsoft.NhwcConv 1", .inputs = "float[1,8,8,3] x, float[4,3,3,3] w, float[4] b",
     .nodes = "y = com.microsoft.NhwcConv(x, w, b)", .outputs = "float[1,6,6,4] y",
     .macs = 144 * 27, .flops = 2 * 144 * 27 + 144, .read = 4 * (192 + 108 + 4),
     .written = 4 * 144},
    {.op = "com.microsoft.NhwcFusedConv 1",
     .inputs = "float16[1,8,8,3] x, float16[4,3,3,3] w, float16[4] b",
     .nodes = "y = com.microsoft.NhwcFusedConv <activation = \"HardSigmoid\"> (x, w, b)",
     .outputs = "float16[1,6,6,4] y", .macs = 144 * 27, .flops = 2 * 144 * 27 + 144 * (1 + 4),
     .read = 2 * (192 + 108 + 4), .written = 2 * 144},
    {.op = "com.microsoft.ConvTransposeWithDynamicPads 1",
     .inputs = "float[1,4,5,5] x, float[4,3,2,2] w, int64[4] pads = {1, 1, 1, 1}, float[3] b",
     .nodes = "y = com.microsoft.ConvTransposeWithDynamicPads <strides = [2,2]> (x, w, pads, b)",
     .outputs = "float[1,3,8,8] y", .macs = 100 * 3 * 4, .flops = 2 * 100 * 3 * 4 + 192,
     .read = 4 * (100 + 48 + 3) + 8 * 4, .written = 4 * 192},
    // 3 words of 6 characters: 4 windows of 3 characters of 5 numbers, 8 filters; bias, tanh, and
    // the largest of the windows. Of 100 rows of the table 18 are read.
    {.op = "com.microsoft.WordConvEmbedding 1",
     .inputs = "int32[3,6] x, float[8,1,3,5] w, float[8] b, float[100,5] table",
     .nodes = "y = com.microsoft.WordConvEmbedding(x, w, b, table)", .outputs = "float[3,8] y",
     .macs = 3 * 4 * 8 * 3 * 5, .flops = 2 * 3 * 4 * 8 * 3 * 5 + 96 + 3 * 8 * (4 - 1),
     .transcendentals = 96, .read = 4 * (18 + 120 + 8 + 18 * 5), .written = 4 * 24},
};
// clang-format on

}  // namespace

std::span<const OpCase> ms_nn_cases() { return kCases; }

}  // namespace aiprof::test
