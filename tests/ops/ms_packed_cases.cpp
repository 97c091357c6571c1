// com.microsoft: packed tokens and weights, residual streams, n-gram memories, routers of experts.
#include "ops/op_case.h"

namespace aiprof::test {
namespace {

// RMS norm of a row of 8: squares, their sum, epsilon, scale; mean, root, division by it.
constexpr std::uint64_t kRmsNorm = 8 + 7 + 1 + 8;
constexpr std::uint64_t kRmsRoots = 1 + 1 + 8;

// clang-format off
constexpr OpCase kCases[] = {
    // A state [6,4] for each of 4 value heads; outer product, retrieval and read-out. L2 norm of 2
    // query and 2 key heads, softplus(decay + bias) scaled, sigmoid of beta.
    {.op = "com.microsoft.GatedDeltaNet 1",
     .inputs = "float[3,2,4] q, float[3,2,4] k, float[3,4,6] v, float[3,4] decay, float[3,4] beta, "
               "float[1,4,6,4] state, float[4] a, float[4] bias",
     .nodes = "y, next = com.microsoft.GatedDeltaNet <qk_l2_norm = 1, "
              "gate_activation = \"softplus\", beta_activation = \"sigmoid\"> "
              "(q, k, v, _, decay, beta, state, a, bias)",
     .outputs = "float[3,4,6] y; float[1,4,6,4] next", .macs = 3 * 3 * 4 * 4 * 6,
     .flops = 2 * 3 * 3 * 4 * 4 * 6 + 3 * (4 * 4 * 6 + 4 * 6) + 3 * 4 * 4 * 6 + 3 * 4 * 6 * 2 +
              3 * (2 + 2) * 4 * 3 + 3 * 4 * (1 + 2) + 3 * 4 * 2,
     .transcendentals = 3 * 4 + 3 * (2 + 2) + 3 * 4 * 2 + 4 + 3 * 4 * 2,
     .read = 4 * (24 + 24 + 72 + 12 + 12 + 96 + 4 + 4), .written = 4 * (72 + 96)},
    // Queries, keys and values in rows of 2 * 2 * 4 + 4 * 6; [batch, sequence] apart.
    {.op = "com.microsoft.GatedDeltaNet 1",
     .inputs = "float[1,3,40] qkv, float[1,4,6,4] state",
     .nodes = "y, next = com.microsoft.GatedDeltaNet <update_rule = \"linear\"> "
              "(qkv, _, _, _, _, _, state)",
     .outputs = "float[1,3,4,6] y; float[1,4,6,4] next", .macs = 3 * 2 * 4 * 4 * 6,
     .flops = 2 * 3 * 2 * 4 * 4 * 6 + 3 * (4 * 4 * 6 + 4 * 6), .read = 4 * (120 + 96),
     .written = 4 * (72 + 96)},
    {.op = "com.microsoft.VarlenCausalConvWithState 1",
     .inputs = "float[5,8] x, float[8,1,4] w, int32[3] starts, float[8] b, float[2,8,3] state",
     .nodes = "y, next = com.microsoft.VarlenCausalConvWithState <activation = \"silu\"> "
              "(x, w, starts, b, state)",
     .outputs = "float[5,8] y; float[2,8,3] next", .macs = 5 * 8 * 4,
     .flops = 2 * 5 * 8 * 4 + 40 + 40 * 3, .transcendentals = 40 * 2,
     .read = 4 * (40 + 32 + 3 + 8 + 48), .written = 4 * (40 + 48)},
    // 6 heads of 8, of which 4 elements are rotated; 3 rows of each cache.
    {.op = "com.microsoft.RMSNormRotary 1",
     .inputs = "bfloat16[1,3,2,8] x, float[8] s, int64[1,3] p, bfloat16[32,2] c, bfloat16[32,2] d",
     .nodes = "y = com.microsoft.RMSNormRotary <rotary_embedding_dim = 4> (x, s, p, c, d)",
     .outputs = "bfloat16[1,3,16] y", .flops = 6 * kRmsNorm + 3 * 6 * 4,
     .transcendentals = 6 * kRmsRoots, .read = 2 * 48 + 4 * 8 + 8 * 3 + 2 * 2 * 3 * 2,
     .written = 2 * 48},
    // Blobs move as they are stored; squared ReLU is 2 FLOPs.
    {.op = "com.microsoft.MatMulPacked 1", .inputs = "float16[2,5,96] a, uint8[64,48] b",
     .nodes = "y = com.microsoft.MatMulPacked "
              "<N = 64, K = 96, packed_type = 2, activation_type = \"relu2\"> (a, b)",
     .outputs = "float16[2,5,64] y", .macs = 10 * 96 * 64, .flops = 2 * 10 * 96 * 64 + 2 * 10 * 64,
     .integer_ops = 2 * 96 * 64, .read = 2 * 10 * 96 + 64 * 48, .written = 2 * 10 * 64},
    // An adapter of rank 8 beside the weight.
    {.op = "com.microsoft.MatMulNBitsQLoRA 1",
     .inputs = "float16[2,5,96] x, uint8[64,3,16] w, float16[64,3] s, uint8[8,3,16] a, "
               "float16[8,3] as, uint8[64,1,16] b, float16[64,1] bs",
     .nodes = "y = com.microsoft.MatMulNBitsQLoRA <N = 64, K = 96> (x, w, s, a, as, b, bs)",
     .outputs = "float16[2,5,64] y", .macs = 10 * (96 * 64 + 8 * (96 + 64)),
     .flops = 2 * 10 * (96 * 64 + 8 * (96 + 64)) + 10 * 64,
     .integer_ops = 2 * (96 * 64 + 8 * (96 + 64)),
     .read = 2 * 10 * 96 + 64 * 48 + 2 * 64 * 3 + 8 * 48 + 2 * 8 * 3 + 64 * 16 + 2 * 64,
     .written = 2 * 10 * 64},
    {.op = "com.microsoft.GatherPacked 1", .inputs = "uint8[1000,18] t, int64[2,3] i",
     .nodes = "y = com.microsoft.GatherPacked <K = 32, packed_type = 2> (t, i)",
     .outputs = "bfloat16[2,3,32] y", .integer_ops = 2 * 6 * 32, .read = 6 * 18 + 8 * 6,
     .written = 2 * 6 * 32},
    // 4 tokens of 2 experts each touch round(4 * (1 - (1 - 2/4)^4)) = 4 experts. Router softmax;
    // SiLU of the gate and the product; the experts' results weighted and summed.
    {.op = "com.microsoft.MoEPacked 1",
     .inputs = "float16[4,8] x, float16[4,4] r, uint8[4,16,6] g, uint8[4,16,6] u, uint8[4,8,9] d",
     .nodes = "y = com.microsoft.MoEPacked <k = 2, gate_type = 2, up_type = 2, down_type = 2> "
              "(x, r, g, u, d)",
     .outputs = "float16[4,8] y", .macs = 8 * 8 * 3 * 16,
     .flops = 2 * 8 * 8 * 3 * 16 + 8 * 16 * 4 + 16 + 2 * (16 - 4) + 8 * 8 + (8 - 4) * 8,
     .transcendentals = 8 * 16 * 2 + 2 * 16, .integer_ops = 2 * 4 * 8 * 3 * 16,
     .read = 2 * (32 + 16) + 4 * 16 * 6 * 2 + 4 * 8 * 9, .written = 2 * 32},

    {.op = "com.microsoft.HyperConnectionPreMix 1",
     .inputs = "float[2,3,4,8] x, float[2,3,4] g",
     .nodes = "y = com.microsoft.HyperConnectionPreMix <reduction_scale = 0.5> (x, g)",
     .outputs = "float[2,3,8] y", .flops = 192 + (192 - 48) + 48, .read = 4 * (192 + 24),
     .written = 4 * 48},
    {.op = "com.microsoft.HyperConnectionPostMix 1",
     .inputs = "float[2,3,32] x, float[2,3,8] o, float[2,3,4] g, float[2,3,4,4] m",
     .nodes = "y = com.microsoft.HyperConnectionPostMix <num_branches = 4> (x, o, g, m)",
     .outputs = "float[2,3,32] y", .macs = 6 * 4 * 4 * 8, .flops = 2 * 6 * 4 * 4 * 8 + 2 * 192,
     .read = 4 * (192 + 48 + 24 + 96), .written = 4 * 192},
    // RMS norm of 24 rows; scaled SiLU, gates, product and sum; division, sigmoid and product.
    {.op = "com.microsoft.HyperConnectionLowRankMix 1",
     .inputs = "float[2,3,32] x, float[32] s, float[32,5] d, float[5,32] u, float[32,4] i",
     .nodes = "y, g = com.microsoft.HyperConnectionLowRankMix <num_branches = 4> (x, s, d, u, i)",
     .outputs = "float[2,3,8] y; float[2,3,4] g", .macs = 6 * 32 * (5 + 5 + 4),
     .flops = 2 * 6 * 32 * (5 + 5 + 4) + 24 * kRmsNorm + 30 * 4 + 192 * 2 + 192 + (192 - 48) + 48 +
              24 * 3,
     .transcendentals = 24 * kRmsRoots + 30 * 2 + 192 * 2 + 24 * 3,
     .read = 4 * (192 + 32 + 160 + 160 + 128), .written = 4 * (48 + 24)},
    {.op = "com.microsoft.EngramGate 1",
     .inputs = "float[2,3,4,8] k, float[2,3,4,8] q, float[2,3,8] v, float[4,8] a, float[4,8] b, "
               "float[4,8] c",
     .nodes = "y, n = com.microsoft.EngramGate(k, q, v, a, b, c)",
     .outputs = "float[2,3,4,8] y; float[2,3,4,8] n",
     .flops = 3 * 24 * kRmsNorm + 192 + (192 - 24) + 24 * (4 + 2) + 192,
     .transcendentals = 3 * 24 * kRmsRoots + 24 * (2 + 2), .read = 4 * (2 * 192 + 48 + 3 * 32),
     .written = 4 * 2 * 192},
    // 2 orders of 2 hashes; a remainder and an offset for each.
    {.op = "com.microsoft.NGramHashMapping 1",
     .inputs = "int64[2,3] ids, int64[3] m, int64[4] n, int64[2,2] past, int64[4] o",
     .nodes = "h, next = com.microsoft.NGramHashMapping "
              "<max_ngram_size = 3, n_head_per_ngram = 2, pad_id = 0> (ids, m, n, past, o)",
     .outputs = "int64[2,3,4] h; int64[2,2] next", .integer_ops = 6 * (3 + 2) + 24 * 2,
     .read = 8 * (6 + 3 + 4 + 4 + 4), .written = 8 * (24 + 4)},
    {.op = "com.microsoft.VarlenNGramHashMapping 1",
     .inputs = "int64[5] ids, int64[3] m, int64[4] n, int32[3] starts",
     .nodes = "h, next = com.microsoft.VarlenNGramHashMapping "
              "<max_ngram_size = 3, n_head_per_ngram = 2, pad_id = 0> (ids, m, n, starts)",
     .outputs = "int64[5,4] h; int64[2,2] next", .integer_ops = 5 * (3 + 2) + 20,
     .read = 8 * (5 + 3 + 4) + 4 * 3, .written = 8 * (20 + 4)},
    // Of 8 experts: the 2 largest of every group summed, 2 of 4 groups, 2 experts.
    {.op = "com.microsoft.MoEGroupRouter 1", .inputs = "float16[6,8] x, float[8] b",
     .nodes = "y = com.microsoft.MoEGroupRouter <top_k = 2, n_group = 4, topk_group = 2> (x, b)",
     .outputs = "float16[6,8] y",
     .flops = 48 * (2 + 1) + 6 * ((8 * 2 + 2) + (8 * 2 + 2) + 4 * 2 + (4 * 2 + 2) + 2),
     .transcendentals = 48 * 2 + 6 * 2, .read = 2 * 48 + 4 * 8, .written = 2 * 48},
    {.op = "com.microsoft.MoEGroupRouter 1",
     .inputs = "float16[6,256] x, float[8] b, float16[8,256] w",
     .nodes = "_, s, g = com.microsoft.MoEGroupRouter <top_k = 2> (x, b, w)",
     .outputs = "float[6,8] s; float[6,8] g", .macs = 6 * 256 * 8,
     .flops = 2 * 6 * 256 * 8 + 48 * (2 + 1), .transcendentals = 48 * 2,
     .read = 2 * 6 * 256 + 4 * 8 + 2 * 8 * 256, .written = 4 * 2 * 48},
    {.op = "com.microsoft.RouterGateUpProj 1", .inputs = "float16[2,3,16] x, float16[16,20] w",
     .nodes = "r, y = com.microsoft.RouterGateUpProj <router_size = 4> (x, w)",
     .outputs = "float16[2,3,4] r; float16[2,3,8] y", .macs = 6 * 16 * 20,
     .flops = 2 * 6 * 16 * 20 + 6 * 8 * (4 + 2), .transcendentals = 6 * 8 * 2,
     .read = 2 * (96 + 320), .written = 2 * (24 + 48)},

    {.op = "com.ms.internal.nhwc.LpPool 1", .inputs = "float[1,4,4,2] x",
     .nodes = "y = com.ms.internal.nhwc.LpPool <kernel_shape = [2, 2], strides = [2, 2]> (x)",
     .outputs = "float[1,2,2,2] y", .flops = 8 * 3 + 8 * 4, .transcendentals = 8, .read = 4 * 32,
     .written = 4 * 8},
    {.op = "com.ms.internal.nhwc.GlobalLpPool 1", .inputs = "float[1,4,4,2] x",
     .nodes = "y = com.ms.internal.nhwc.GlobalLpPool <p = 1> (x)", .outputs = "float[1,1,1,2] y",
     .flops = 2 * 15 + 2 * 16, .read = 4 * 32, .written = 4 * 2},
    {.op = "MemcpyFromHost 1", .inputs = "float[2,3] x", .nodes = "y = MemcpyFromHost(x)",
     .outputs = "float[2,3] y", .read = 4 * 6, .written = 4 * 6},
    {.op = "MemcpyToHost 1", .inputs = "float[2,3] x", .nodes = "y = MemcpyToHost(x)",
     .outputs = "float[2,3] y", .read = 4 * 6, .written = 4 * 6},
    {.op = "DynamicSlice 1", .inputs = "float[4,6] x, int64[1] s = {1}, int64[1] e = {3}",
     .nodes = "y = DynamicSlice(x, s, e)", .outputs = "float[2,6] y", .read = 4 * 12,
     .written = 4 * 12},
};
// clang-format on

}  // namespace

std::span<const OpCase> ms_packed_cases() { return kCases; }

}  // namespace aiprof::test
