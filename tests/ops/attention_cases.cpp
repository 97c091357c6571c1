// Fused attention. B sequences, N query heads, S queries, T keys (past and new), heads of H and Hv:
// B x N x S x T x (H + Hv) MACs; per score a scale, a bias and softmax.
#include "ops/op_case.h"

namespace aiprof::test {
namespace {

// Softmax over a row of T: max T - 1, subtract T, sum T - 1; T exp and T divisions.
constexpr std::uint64_t softmax(std::uint64_t t) { return (t - 1) + t + (t - 1); }

// clang-format off
constexpr OpCase kCases[] = {
    // 2 sequences, 3 heads of 8, 4 queries, 6 keys. Q and K are both scaled; zeros are added where
    // nothing masks.
    {.op = "Attention 23",
     .inputs = "float[2,3,4,8] q, float[2,3,6,8] k, float[2,3,6,10] v",
     .nodes = "y = Attention(q, k, v)", .outputs = "float[2,3,4,10] y",
     .macs = 2 * 3 * 4 * 6 * (8 + 10),
     .flops = 2 * 2 * 3 * 4 * 6 * (8 + 10) + 2 * 3 * (4 + 6) * 8 + 2 * 3 * 4 * 6 +
              2 * 3 * 4 * softmax(6),
     .transcendentals = 2 * 2 * 3 * 4 * 6, .read = 4 * 2 * 3 * (4 * 8 + 6 * 8 + 6 * 10),
     .written = 4 * 2 * 3 * 4 * 10},
    // Packed heads, 4 of queries share 2 of keys; a causal mask follows from shapes alone. past and
    // present are tensors of their own.
    {.op = "Attention 23",
     .inputs = "float[1,2,32] q, float[1,2,16] k, float[1,2,16] v, float[1,2,5,8] pk, "
               "float[1,2,5,8] pv",
     .nodes = "y, nk, nv = Attention <q_num_heads = 4, kv_num_heads = 2, is_causal = 1> "
              "(q, k, v, _, pk, pv)",
     .outputs = "float[1,2,32] y; float[1,2,7,8] nk; float[1,2,7,8] nv",
     .macs = 4 * 2 * 7 * (8 + 8),
     .flops = 2 * 4 * 2 * 7 * (8 + 8) + 4 * (2 + 7) * 8 + 4 * 2 * 7 + 4 * 2 * softmax(7),
     .transcendentals = 2 * 4 * 2 * 7,
     .read = 4 * (2 * 32 + 2 * 2 * 16 + 2 * 2 * 5 * 8), .written = 4 * (2 * 32 + 2 * 2 * 7 * 8),
     .useful = 4 * (6 + 7) * (8 + 8)},
    // An additive mask is one more operand, searched once for rows that are masked as a whole.
    {.op = "Attention 23",
     .inputs = "float[2,3,4,8] q, float[2,3,6,8] k, float[2,3,6,8] v, float[4,6] mask",
     .nodes = "y = Attention <softcap = 30.0> (q, k, v, mask)", .outputs = "float[2,3,4,8] y",
     .macs = 2 * 3 * 4 * 6 * (8 + 8),
     .flops = 2 * 2 * 3 * 4 * 6 * (8 + 8) + 2 * 3 * (4 + 6) * 8 + 4 * 6 + 2 * 3 * 4 * 6 * (1 + 1) +
              2 * 3 * 4 * softmax(6),
     .transcendentals = 2 * 3 * 4 * 6 * (2 + 2),
     .read = 4 * (2 * 3 * (4 * 8 + 6 * 8 + 6 * 8) + 4 * 6), .written = 4 * 2 * 3 * 4 * 8},
    // The modifications of scores are graphs of their own, with nodes of their own.
    {.op = "ai.onnx.preview.FlexAttention 1",
     .inputs = "float[2,3,4,8] q, float[2,3,6,8] k, float[2,3,6,8] v",
     .nodes = "y = ai.onnx.preview.FlexAttention(q, k, v)", .outputs = "float[2,3,4,8] y",
     .macs = 2 * 3 * 4 * 6 * (8 + 8),
     .flops = 2 * 2 * 3 * 4 * 6 * (8 + 8) + 2 * 3 * (4 + 6) * 8 + 2 * 3 * 4 * softmax(6),
     .transcendentals = 2 * 2 * 3 * 4 * 6, .read = 4 * 2 * 3 * (4 * 8 + 6 * 8 + 6 * 8),
     .written = 4 * 2 * 3 * 4 * 8},
    // 3 FLOPs for every rotated element; of the caches only the rows of 5 positions are read.
    {.op = "RotaryEmbedding 23",
     .inputs = "float[1,2,5,8] x, float[64,4] c, float[64,4] s, int64[1,5] p",
     .nodes = "y = RotaryEmbedding(x, c, s, p)", .outputs = "float[1,2,5,8] y",
     .flops = 3 * 2 * 5 * 8, .read = 4 * (2 * 5 * 8 + 2 * 5 * 4) + 8 * 5,
     .written = 4 * 2 * 5 * 8},
    {.op = "RotaryEmbedding 23",
     .inputs = "float[1,2,5,8] x, float[1,5,2] c, float[1,5,2] s",
     .nodes = "y = RotaryEmbedding <rotary_embedding_dim = 4> (x, c, s)",
     .outputs = "float[1,2,5,8] y", .flops = 3 * 2 * 5 * 4,
     .read = 4 * (2 * 5 * 8 + 2 * 5 * 2), .written = 4 * 2 * 5 * 8},
    // Per token and key head: a state of 4 x 6 decays, is asked with k, corrected by the outer
    // product of k and the difference (2 FLOPs a value), then read by q and scaled.
    {.op = "LinearAttention 27",
     .inputs = "float[1,3,8] q, float[1,3,8] k, float[1,3,12] v, float[1,2,4,6] state, "
               "float[1,3,2] decay, float[1,3,2] beta",
     .nodes = "y, next = LinearAttention <q_num_heads = 2, kv_num_heads = 2> "
              "(q, k, v, state, decay, beta)",
     .outputs = "float[1,3,12] y; float[1,2,4,6] next", .macs = 3 * 2 * 3 * 4 * 6,
     .flops = 2 * 3 * 2 * 3 * 4 * 6 + 3 * 2 * (2 * 4 * 6 + 2 * 6 + 6), .transcendentals = 3 * 2,
     .read = 4 * (3 * 8 + 3 * 8 + 3 * 12 + 2 * 4 * 6 + 3 * 2 + 3 * 2),
     .written = 4 * (3 * 12 + 2 * 4 * 6)},
};
// clang-format on

}  // namespace

std::span<const OpCase> attention_cases() { return kCases; }

}  // namespace aiprof::test
