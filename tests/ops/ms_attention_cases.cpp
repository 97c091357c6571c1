// com.microsoft: attention in its forms, positions, padding and states.
#include "ops/op_case.h"

namespace aiprof::test {
namespace {

// One row of T scores: scaled (1 FLOP each), then max, subtract, sum; exp and division.
constexpr std::uint64_t row(std::uint64_t t) { return t + (t - 1) + t + (t - 1); }

// A decoder of one layer for generation: embeds ids, and grows a cache of [2,B,1,P,4] by one entry
// per token.
#define AIPROF_DECODER                                                                  \
  "decoder = d (int32[batch_size,seq_len] ids, int32[batch_size,seq_len] pos, "         \
  "int32[batch_size,total_len] mask, float[2,batch_size,1,past_len,4] past) => "        \
  "(float[] logits, float[] present) { t = Constant <value = float[1,4] {1,2,3,4}> () " \
  "zero = Constant <value_ints = [0]> () e = Gather(t, ids) logits = MatMul(e, w) "     \
  "k = Unsqueeze <axes = [0,2]> (e) kv = Concat <axis = 0> (k, k) "                     \
  "present = Concat <axis = 3> (past, kv) }"

// New and cached tokens of all runs of a decoder, and the runs.
struct Runs {
  std::uint64_t fresh, cached, runs;
};
constexpr Runs kRuns = {.fresh = 3 + 1 + 1, .cached = 0 + 3 + 4, .runs = 3};
constexpr Runs kAfterEncoder = {.fresh = 5, .cached = 1 + 2 + 3 + 4 + 5, .runs = 5};

// Ids, the only row of the table and the weights; embeddings for the product and for the cache; the
// cache that there is and what is added to it.
constexpr std::uint64_t decoder_read(std::uint64_t sequences, const Runs& r = kRuns) {
  return 4 * (sequences * r.fresh + r.runs * (4 + 16) + 2 * sequences * r.fresh * 4 +
              2 * sequences * (r.cached + r.fresh) * 4);
}
// Embeddings, logits, new keys and values, and the whole cache.
constexpr std::uint64_t decoder_written(std::uint64_t sequences, const Runs& r = kRuns) {
  return 4 * (2 * sequences * r.fresh * 4 + 2 * sequences * r.fresh * 4 +
              2 * sequences * (r.cached + r.fresh) * 4);
}

// clang-format off
constexpr OpCase kCases[] = {
    // 2 sequences of 4 tokens of 12 channels, 2 heads of 4: the projection to queries, keys and
    // values, then attention.
    {.op = "com.microsoft.Attention 1", .inputs = "float[2,4,12] x, float[12,24] w, float[24] b",
     .nodes = "y = com.microsoft.Attention <num_heads = 2> (x, w, b)", .outputs = "float[2,4,8] y",
     .macs = 2 * 4 * 12 * 24 + 2 * 2 * 4 * 4 * (4 + 4),
     .flops = 2 * (2 * 4 * 12 * 24 + 2 * 2 * 4 * 4 * (4 + 4)) + 2 * 4 * 24 + 2 * 2 * 4 * row(4),
     .transcendentals = 2 * 2 * 2 * 4 * 4, .read = 4 * (2 * 4 * 12 + 12 * 24 + 24),
     .written = 4 * 2 * 4 * 8},
    // A step of a causal decoder with 6 tokens in the past; past and present are two tensors.
    {.op = "com.microsoft.Attention 1",
     .inputs = "float[2,1,12] x, float[12,24] w, float[24] b, float[2,2,2,6,4] past",
     .nodes = "y, present = com.microsoft.Attention <num_heads = 2, unidirectional = 1> "
              "(x, w, b, _, past)",
     .outputs = "float[2,1,8] y; float[2,2,2,7,4] present",
     .macs = 2 * 12 * 24 + 2 * 2 * 7 * (4 + 4),
     .flops = 2 * (2 * 12 * 24 + 2 * 2 * 7 * (4 + 4)) + 2 * 24 + 2 * 2 * row(7),
     .transcendentals = 2 * 2 * 2 * 7, .read = 4 * (2 * 12 + 12 * 24 + 24 + 2 * 2 * 2 * 6 * 4),
     .written = 4 * (2 * 8 + 2 * 2 * 2 * 7 * 4)},
    // In a shared buffer of 16 with 6 tokens: those are read, and the new one is written.
    {.op = "com.microsoft.DecoderMaskedSelfAttention 1",
     .inputs = "float[2,1,12] x, float[12,24] w, float[24] b, float[2,2,2,16,4] past, "
               "int32[1] n = {6}",
     .nodes = "y, present = com.microsoft.DecoderMaskedSelfAttention <num_heads = 2, "
              "past_present_share_buffer = 1> (x, w, b, _, past, _, n)",
     .outputs = "float[2,1,8] y; float[2,2,2,16,4] present",
     .macs = 2 * 12 * 24 + 2 * 2 * 7 * (4 + 4),
     .flops = 2 * (2 * 12 * 24 + 2 * 2 * 7 * (4 + 4)) + 2 * 24 + 2 * 2 * row(7),
     .transcendentals = 2 * 2 * 2 * 7,
     .read = 4 * (2 * 12 + 12 * 24 + 24 + 2 * 2 * 2 * 6 * 4) + 4,
     .written = 4 * (2 * 8 + 2 * 2 * 2 * 4)},
    // int8 projection: zero points of both operands; its sums are rescaled and biased.
    {.op = "com.microsoft.QAttention 1",
     .inputs = "uint8[2,4,12] x, int8[12,24] w, float[24] b, float sx, float sw, int32[2] mask, "
               "uint8 zx, int8 zw",
     .nodes = "y = com.microsoft.QAttention <num_heads = 2> (x, w, b, sx, sw, mask, zx, zw)",
     .outputs = "float[2,4,8] y", .macs = 2 * 4 * 12 * 24 + 2 * 2 * 4 * 4 * (4 + 4),
     .flops = 2 * (2 * 4 * 12 * 24 + 2 * 2 * 4 * 4 * (4 + 4)) + 2 * 2 * 4 * 24 +
              2 * 2 * 4 * (row(4) + 4),
     .transcendentals = 2 * 2 * 2 * 4 * 4, .integer_ops = 2 * 4 * 12 + 12 * 24,
     .read = 2 * 4 * 12 + 12 * 24 + 4 * 24 + 4 + 4 + 8 + 1 + 1, .written = 4 * 2 * 4 * 8},
    // As above; the projections, the scores twice and the output are requantised: 3 FLOPs and a
    // division each.
    {.op = "com.microsoft.QOrderedAttention 1",
     .inputs = "int8[2,4,12] x, float sx, float sq, float sk, float sv, int8[12,8] wq, "
               "int8[12,8] wk, int8[12,8] wv, float[8] swq, float[8] swk, float[8] swv, "
               "float[8] bq, float[8] bk, float[8] bv, float a, float c, float g",
     .nodes = "y = com.microsoft.QOrderedAttention <num_heads = 2, order_input = 1, "
              "order_weight = 0, order_output = 1> (x, sx, sq, sk, sv, wq, wk, wv, swq, swk, swv, "
              "bq, bk, bv, a, c, g)",
     .outputs = "int8[2,4,8] y", .macs = 2 * 4 * 12 * 24 + 2 * 2 * 4 * 4 * (4 + 4),
     .flops = 2 * (2 * 4 * 12 * 24 + 2 * 2 * 4 * 4 * (4 + 4)) + 2 * 4 * 24 + 2 * 2 * 4 * row(4) +
              3 * (2 * 4 * 24 + 2 * 2 * 2 * 4 * 4 + 2 * 4 * 8),
     .transcendentals = 2 * 2 * 2 * 4 * 4 + 2 * 4 * 24 + 2 * 2 * 2 * 4 * 4 + 2 * 4 * 8,
     .read = 2 * 4 * 12 + 4 * 4 + 3 * 12 * 8 + 6 * 4 * 8 + 3 * 4, .written = 2 * 4 * 8},
    // Self-attention without a past: 3 queries of 2 sequences, hidden 8.
    {.op = "com.microsoft.DecoderAttention 1",
     .inputs = "float[3,2,8] q, float[3,2,8] k, float[8,8] wq, float[8,16] wkv, float[24] b, "
               "bool static_kv = {0}, bool use_past = {0}, bool state = {0}, bool padding = {0}",
     .nodes = "y, nk, nv = com.microsoft.DecoderAttention <num_heads = 2> (q, k, wq, wkv, b, _, _, "
              "_, static_kv, use_past, state, padding)",
     .outputs = "float[3,2,8] y; float[2,2,3,4] nk; float[2,2,3,4] nv",
     .macs = 6 * 8 * 8 + 6 * 8 * 16 + 2 * 2 * 3 * 3 * 8,
     .flops = 2 * (6 * 8 * 8 + 6 * 8 * 16 + 2 * 2 * 3 * 3 * 8) + 6 * 24 + 2 * 2 * 3 * row(3),
     .transcendentals = 2 * 2 * 2 * 3 * 3, .read = 4 * (48 + 64 + 128 + 24) + 4,
     .written = 4 * (48 + 48 + 48)},
    // Every token attends 2 x 2 neighbours, whose scores take a mask; no token is global.
    {.op = "com.microsoft.LongformerAttention 1",
     .inputs = "float[1,16,8] x, float[8,24] w, float[24] b, float[1,16] mask, float[8,24] gw, "
               "float[24] gb, int32[1,16] global = {0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0}",
     .nodes = "y = com.microsoft.LongformerAttention <num_heads = 2, window = 2> "
              "(x, w, b, mask, gw, gb, global)",
     .outputs = "float[1,16,8] y", .macs = 16 * 8 * 24 + 2 * 16 * 4 * (4 + 4),
     .flops = 2 * (16 * 8 * 24 + 2 * 16 * 4 * (4 + 4)) + 16 * 24 + 2 * 16 * (row(4) + 4),
     .transcendentals = 2 * 2 * 16 * 4,
     .read = 4 * (16 * 8 + 8 * 24 + 24 + 16 + 8 * 24 + 24 + 16), .written = 4 * 16 * 8},
    {.op = "com.microsoft.QOrderedLongformerAttention 1",
     .inputs = "int8[1,16,8] x, float sx, int8[8,24] w, float sw, float[24] b, float sb, "
               "float sq, float[1,16] mask, int8[8,24] gw, float sgw, float[24] gb, float sg, "
               "int32[1,16] global = {0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0}, float so",
     .nodes = "y = com.microsoft.QOrderedLongformerAttention <num_heads = 2, window = 2> "
              "(x, sx, w, sw, b, sb, sq, mask, gw, sgw, gb, sg, global, so)",
     .outputs = "int8[1,16,8] y", .macs = 16 * 8 * 24 + 2 * 16 * 4 * (4 + 4),
     .flops = 2 * (16 * 8 * 24 + 2 * 16 * 4 * (4 + 4)) + 16 * 24 + 2 * 16 * (row(4) + 4),
     .transcendentals = 2 * 2 * 16 * 4,
     .read = 16 * 8 + 8 * 24 + 8 * 24 + 4 * (24 + 16 + 24 + 16 + 7), .written = 16 * 8},

    // No projection: 4 queries, 6 keys, 2 heads of 4; the biases of what comes in, and a mask.
    {.op = "com.microsoft.MultiHeadAttention 1",
     .inputs = "float[2,4,8] q, float[2,6,8] k, float[2,6,8] v, float[24] b, int32[2,6] mask",
     .nodes = "y = com.microsoft.MultiHeadAttention <num_heads = 2> (q, k, v, b, mask)",
     .outputs = "float[2,4,8] y", .macs = 2 * 2 * 4 * 6 * (4 + 4),
     .flops = 2 * 2 * 2 * 4 * 6 * (4 + 4) + 2 * (4 + 6 + 6) * 8 + 2 * 2 * 4 * (row(6) + 6),
     .transcendentals = 2 * 2 * 2 * 4 * 6, .read = 4 * (2 * (4 + 6 + 6) * 8 + 24 + 12),
     .written = 4 * 2 * 4 * 8},
    // Cross attention: keys and values are the encoder's, [B,N,L,H], and do not grow.
    {.op = "com.microsoft.MultiHeadAttention 1",
     .inputs = "float[2,1,8] q, float[2,2,30,4] k, float[2,2,30,4] v",
     .nodes = "y = com.microsoft.MultiHeadAttention <num_heads = 2> (q, k, v)",
     .outputs = "float[2,1,8] y", .macs = 2 * 2 * 30 * (4 + 4),
     .flops = 2 * 2 * 2 * 30 * (4 + 4) + 2 * 2 * row(30), .transcendentals = 2 * 2 * 2 * 30,
     .read = 4 * (2 * 8 + 2 * 2 * 2 * 30 * 4), .written = 4 * 2 * 8},
    {.op = "com.microsoft.DecoderMaskedMultiHeadAttention 1",
     .inputs = "float[2,1,8] q, float[2,1,8] k, float[2,1,8] v, float[2,2,16,4] pk, "
               "float[2,2,16,4] pv, int32[1] n = {6}",
     .nodes = "y, nk, nv = com.microsoft.DecoderMaskedMultiHeadAttention <num_heads = 2, "
              "past_present_share_buffer = 1> (q, k, v, _, _, pk, pv, n)",
     .outputs = "float[2,1,8] y; float[2,2,16,4] nk; float[2,2,16,4] nv",
     .macs = 2 * 2 * 7 * (4 + 4), .flops = 2 * 2 * 2 * 7 * (4 + 4) + 2 * 2 * row(7),
     .transcendentals = 2 * 2 * 2 * 7, .read = 4 * (3 * 2 * 8 + 2 * 2 * 2 * 6 * 4 + 1),
     .written = 4 * (2 * 8 + 2 * 2 * 2 * 4)},
    // 7 tokens of sequences of 3 and 4, packed without padding.
    {.op = "com.microsoft.PackedAttention 1",
     .inputs = "float[7,12] x, float[12,24] w, float[24] b, int32[2,4] offset, "
               "int32[3] ends = {0, 3, 7}",
     .nodes = "y = com.microsoft.PackedAttention <num_heads = 2> (x, w, b, offset, ends)",
     .outputs = "float[7,8] y", .macs = 7 * 12 * 24 + 2 * (3 * 3 + 4 * 4) * (4 + 4),
     .flops = 2 * (7 * 12 * 24 + 2 * (3 * 3 + 4 * 4) * (4 + 4)) + 7 * 24 +
              2 * (3 * row(3) + 4 * row(4)),
     .transcendentals = 2 * 2 * (9 + 16), .read = 4 * (7 * 12 + 12 * 24 + 24 + 8 + 3),
     .written = 4 * 7 * 8},
    // Lengths that are not known are taken to be those of the padded sequences.
    {.op = "com.microsoft.PackedMultiHeadAttention 1",
     .inputs = "float[7,8] q, float[7,8] k, float[7,8] v, int32[2,4] offset, int32[3] ends",
     .nodes = "y = com.microsoft.PackedMultiHeadAttention <num_heads = 2> "
              "(q, k, v, _, offset, ends)",
     .outputs = "float[7,8] y", .macs = 2 * 2 * 4 * 4 * (4 + 4),
     .flops = 2 * 2 * 2 * 4 * 4 * (4 + 4) + 2 * 2 * 4 * row(4), .transcendentals = 2 * 2 * 2 * 16,
     .read = 4 * (3 * 56 + 8 + 3), .written = 4 * 56, .status = Status::kAssumed,
     .reason = "cumulative_sequence_length"},

    // A step with 4 query heads over 2 key heads of 8: capacity 16, 7 tokens in all. 6 of them lie
    // in the cache and are read with the 7th; the new token is written.
    {.op = "com.microsoft.GroupQueryAttention 1",
     .inputs = "float16[1,1,32] q, float16[1,1,16] k, float16[1,1,16] v, float16[1,2,16,8] pk, "
               "float16[1,2,16,8] pv, int32[1] last, int32 total = {7}, float16[64,4] c, "
               "float16[64,4] s",
     .nodes = "y, nk, nv = com.microsoft.GroupQueryAttention <num_heads = 4, kv_num_heads = 2, "
              "do_rotary = 1> (q, k, v, pk, pv, last, total, c, s)",
     .outputs = "float16[1,1,32] y; float16[1,2,16,8] nk; float16[1,2,16,8] nv",
     .macs = 4 * 7 * (8 + 8), .flops = 2 * 4 * 7 * (8 + 8) + 4 * row(7) + 3 * (4 + 2) * 8,
     .transcendentals = 2 * 4 * 7,
     .read = 2 * (32 + 16 + 16 + 2 * 2 * 7 * 8 + 4 + 4) + 4 + 4,
     .written = 2 * (32 + 2 * 2 * 8)},
    // Packed queries, keys and values of a prompt without a past, in a window of 3: of 5
    // queries the
    // first sees 1 key, the second 2, the others 3.
    {.op = "com.microsoft.GroupQueryAttention 1",
     .inputs = "float16[1,5,64] q, int32[1] last, int32 total = {5}",
     .nodes = "y, nk, nv = com.microsoft.GroupQueryAttention <num_heads = 4, kv_num_heads = 2, "
              "local_window_size = 3> (q, _, _, _, _, last, total)",
     .outputs = "float16[1,5,32] y; float16[1,2,5,8] nk; float16[1,2,5,8] nv",
     .macs = 4 * 5 * 5 * (8 + 8), .flops = 2 * 4 * 5 * 5 * (8 + 8) + 4 * 5 * row(5),
     .transcendentals = 2 * 4 * 5 * 5, .read = 2 * 5 * 64 + 4 + 4,
     .written = 2 * (5 * 32 + 2 * 2 * 5 * 8), .useful = 4 * (1 + 2 + 3 + 3 + 3) * (8 + 8)},
    // Blocks of 2: each of 2 block rows keeps 1 block, so each of 4 queries sees 2 keys.
    {.op = "com.microsoft.SparseAttention 1",
     .inputs = "float[1,4,32] q, float[1,4,16] k, float[1,4,16] v, float[1,2,8,8] pk, "
               "float[1,2,8,8] pv, int32[1,5] rows = {0, 1, 2, 3, 4}, int32[1,4] cols, "
               "int32 total = {4}, int32[1] lengths",
     .nodes = "y, nk, nv = com.microsoft.SparseAttention <num_heads = 4, kv_num_heads = 2, "
              "sparse_block_size = 2> (q, k, v, pk, pv, rows, cols, total, lengths)",
     .outputs = "float[1,4,32] y; float[1,2,8,8] nk; float[1,2,8,8] nv",
     .macs = 4 * 4 * 2 * (8 + 8), .flops = 2 * 4 * 4 * 2 * (8 + 8) + 4 * 4 * row(2),
     .transcendentals = 2 * 4 * 4 * 2,
     .read = 4 * (4 * 64 + 2 * 2 * 4 * 8 + 5 + 4 + 1 + 1), .written = 4 * (4 * 32 + 2 * 2 * 4 * 8)},
    // Two sequences: 3 new tokens after none, 1 after 6. Of caches of 8 blocks of 4, the tokens of
    // the sequences are read.
    {.op = "com.microsoft.PagedAttention 1",
     .inputs = "float[4,32] q, float[4,16] k, float[4,16] v, float[8,4,2,8] kc, float[8,4,2,8] vc, "
               "int32[3] ends = {0, 3, 4}, int32[2] past = {0, 6}, int32[2,2] table",
     .nodes = "y, ko, vo = com.microsoft.PagedAttention <num_heads = 4, kv_num_heads = 2> "
              "(q, k, v, kc, vc, ends, past, table)",
     .outputs = "float[4,32] y; float[8,4,2,8] ko; float[8,4,2,8] vo",
     .macs = 4 * (3 * 3 + 7) * (8 + 8),
     .flops = 2 * 4 * (3 * 3 + 7) * (8 + 8) + 4 * (3 * row(3) + row(7)),
     .transcendentals = 2 * 4 * (9 + 7), .read = 4 * (4 * 64 + 2 * (3 + 7) * 16 + 3 + 2 + 4),
     .written = 4 * (4 * 32 + 2 * 4 * 16), .useful = 4 * (1 + 2 + 3 + 7) * (8 + 8)},

    // 3 FLOPs for every rotated element; 10 tokens gather as many rows of the caches.
    {.op = "com.microsoft.RotaryEmbedding 1",
     .inputs = "float[2,5,16] x, int64[2,5] p, float[64,4] c, float[64,4] s",
     .nodes = "y = com.microsoft.RotaryEmbedding(x, p, c, s)", .outputs = "float[2,5,16] y",
     .flops = 3 * 2 * 5 * 16, .read = 4 * (160 + 2 * 10 * 4) + 8 * 10, .written = 4 * 160},
    {.op = "com.microsoft.MRotaryEmbedding 1",
     .inputs = "float[2,5,16] x, int64[3,2,5] p, float[64,4] c, float[64,4] s",
     .nodes = "y = com.microsoft.MRotaryEmbedding <mrope_section = [2,1,1]> (x, p, c, s)",
     .outputs = "float[2,5,16] y", .flops = 3 * 2 * 5 * 16,
     .read = 4 * (160 + 2 * 10 * 4) + 8 * 30, .written = 4 * 160},
    {.op = "com.microsoft.GemmaRotaryEmbedding 1",
     .inputs = "float[1,5,8] a, float16[1,2,5,8] q, float16[1,2,5,8] qr, float16[1,2,5,8] k, "
               "float16[1,2,5,8] kr",
     .nodes = "y, z = com.microsoft.GemmaRotaryEmbedding(a, q, qr, k, kr)",
     .outputs = "float16[1,2,5,8] y; float16[1,2,5,8] z", .flops = 3 * 2 * 80,
     .transcendentals = 2 * 40, .read = 4 * 40 + 2 * 4 * 80, .written = 2 * 2 * 80},
    {.op = "com.microsoft.RelativePositionBias 1",
     .inputs = "float[32,4] table, int64 q = {6}, int64 k = {9}",
     .nodes = "y = com.microsoft.RelativePositionBias <max_distance = 128> (table, q, k)",
     .outputs = "float[1,4,6,9] y", .read = 4 * 32 * 4 + 8 + 8, .written = 4 * 4 * 54},
    // 10 tokens of 2 heads of 4: query + bias, a product with [4,8] and its bias, two sums over
    // half of 8, two sigmoids, u * (r * a - 1) + 2; then a product for each of 2 x 2 x 5 x 5.
    {.op = "com.microsoft.GatedRelativePositionBias 1",
     .inputs = "float[2,5,8] q, float[8] qb, float[1,2,5,5] rel, float[4,8] w, float[8] b, "
               "float[1,2,1,1] a",
     .nodes = "y = com.microsoft.GatedRelativePositionBias <num_heads = 2> (q, qb, rel, w, b, a)",
     .outputs = "float[2,2,5,5] y", .macs = 20 * 4 * 8,
     .flops = 2 * 20 * 4 * 8 + 80 + 20 * 8 + 20 * (8 - 2) + 20 * 2 * 2 + 20 * 4 + 100,
     .transcendentals = 20 * 2 * 2, .read = 4 * (80 + 8 + 50 + 32 + 8 + 2), .written = 4 * 100},
    {.op = "com.microsoft.RemovePadding 1", .inputs = "float[2,5,8] x, int32[2] n = {3, 5}",
     .nodes = "y, offset, ends, longest = com.microsoft.RemovePadding(x, n)",
     .outputs = "float[8,8] y; int32[2,5] offset; int32[3] ends; int32[1] longest",
     .read = 4 * 64 + 4 * 2, .written = 4 * (64 + 10 + 3 + 1)},
    {.op = "com.microsoft.RestorePadding 1", .inputs = "float[8,8] x, int32[2,5] offset",
     .nodes = "y = com.microsoft.RestorePadding(x, offset)", .outputs = "float[2,5,8] y",
     .read = 4 * (64 + 10), .written = 4 * 80},
    // 4 key heads over 2 query heads: one output a key head.
    {.op = "com.microsoft.LinearAttention 1",
     .inputs = "float[1,3,8] q, float[1,3,16] k, float[1,3,24] v, float[1,4,4,6] state",
     .nodes = "y, next = com.microsoft.LinearAttention <q_num_heads = 2, kv_num_heads = 4, "
              "update_rule = \"linear\"> (q, k, v, state)",
     .outputs = "float[1,3,24] y; float[1,4,4,6] next", .macs = 3 * (4 + 4) * 4 * 6,
     .flops = 2 * 3 * (4 + 4) * 4 * 6 + 3 * (4 * 4 * 6 + 4 * 6),
     .read = 4 * (24 + 48 + 72 + 96), .written = 4 * (72 + 96)},
    // a + bias, softplus (add, exp, log), * scale; sigmoid.
    {.op = "com.microsoft.LinearAttentionGate 1",
     .inputs = "float[1,3,4] a, float[4] bias, float[4] scale, float[1,3,4] b",
     .nodes = "d, u = com.microsoft.LinearAttentionGate(a, bias, scale, b)",
     .outputs = "float[1,3,4] d; float[1,3,4] u", .flops = 12 * (2 + 1) + 12 * 2,
     .transcendentals = 12 * 2 + 12 * 2, .read = 4 * (12 + 4 + 4 + 12), .written = 4 * 24},
    // The state keeps 2 slots, of which the last is read.
    {.op = "com.microsoft.CausalConvWithState 1",
     .inputs = "float[2,6,10] x, float[6,1,4] w, float[6] b, float[2,2,6,3] past",
     .nodes = "y, present = com.microsoft.CausalConvWithState <activation = \"silu\", "
              "state_window = 2> (x, w, b, past)",
     .outputs = "float[2,6,10] y; float[2,2,6,3] present", .macs = 2 * 6 * 10 * 4,
     .flops = 2 * 2 * 6 * 10 * 4 + 120 * (1 + 3), .transcendentals = 2 * 120,
     .read = 4 * (120 + 24 + 6 + 36), .written = 4 * (120 + 2 * 36)},

    // Generation: a prompt of 3 tokens, then one token a step up to 6 in all. The decoder
    // runs for 3
    // tokens and twice for one, over 0, 3 and 4 cached ones: 5 new tokens and 7 old ones for each
    // sequence. A run multiplies by [4,4], and copies the cache with the new tokens.
    {.op = "com.microsoft.GreedySearch 1", .inputs = "int32[2,3] ids, int32 n = {6}, float[4,4] w",
     .nodes = "y = com.microsoft.GreedySearch <eos_token_id = 1, pad_token_id = 1, " AIPROF_DECODER
              "> (ids, n)",
     .outputs = "int32[2,6] y", .macs = 2 * kRuns.fresh * 4 * 4, .flops = 2 * 2 *
              kRuns.fresh * 4 * 4,
     .read = decoder_read(2), .written = decoder_written(2), .status = Status::kAssumed,
     .reason = "end-of-sequence"},
    {.op = "com.microsoft.Sampling 1", .inputs = "int32[2,3] ids, int32 n = {6}, float[4,4] w",
     .nodes = "y = com.microsoft.Sampling <eos_token_id = 1, pad_token_id = 1, " AIPROF_DECODER
              "> (ids, n)",
     .outputs = "int32[2,6] y", .macs = 2 * kRuns.fresh * 4 * 4, .flops = 2 * 2 *
              kRuns.fresh * 4 * 4,
     .read = decoder_read(2), .written = decoder_written(2), .status = Status::kAssumed,
     .reason = "end-of-sequence"},
    // Every beam is a sequence of its own: 2 x 3.
    {.op = "com.microsoft.BeamSearch 1",
     .inputs = "int32[2,3] ids, int32 n = {6}, int32 least = {0}, int32 beams = {3}, "
               "int32 returned = {2}, float[4,4] w",
     .nodes = "y = com.microsoft.BeamSearch <eos_token_id = 1, pad_token_id = 1, " AIPROF_DECODER
              "> (ids, n, least, beams, returned)",
     .outputs = "int32[2,2,6] y", .macs = 6 * kRuns.fresh * 4 * 4, .flops = 2 * 6 *
              kRuns.fresh * 4 * 4,
     .read = decoder_read(6), .written = decoder_written(6), .status = Status::kAssumed,
     .reason = "end-of-sequence"},
    // The encoder once, on 20 frames of 8 features; then from the start token to 6, over 1 to 5
    // cached tokens.
    {.op = "com.microsoft.WhisperBeamSearch 1",
     .inputs = "float[2,8,20] audio, int32 n = {6}, int32 least = {0}, int32 beams = {3}, "
               "int32 returned = {2}, float[4,4] w",
     .nodes = "y = com.microsoft.WhisperBeamSearch <eos_token_id = 1, pad_token_id = 1, encoder = "
              "e (float[batch_size,8,encode_length] f) => (float[] h) { h = Relu(f) }, "
              AIPROF_DECODER "> (audio, n, least, beams, returned)",
     .outputs = "int32[2,2,6] y", .macs = 6 * kAfterEncoder.fresh * 4 * 4,
     .flops = 2 * 8 * 20 + 2 * 6 * kAfterEncoder.fresh * 4 * 4,
     .read = 4 * 2 * 8 * 20 + decoder_read(6, kAfterEncoder),
     .written = 4 * 2 * 8 * 20 + decoder_written(6, kAfterEncoder), .status = Status::kAssumed,
     .reason = "end-of-sequence"},
    {.op = "com.microsoft.WhisperBeamSearch 1",
     .inputs = "float[2,8,20] audio, int32 n, int32 least = {0}, int32 beams = {3}, "
               "int32 returned = {2}, float[4,4] w",
     .nodes = "y = com.microsoft.WhisperBeamSearch <eos_token_id = 1, pad_token_id = 1, "
              AIPROF_DECODER "> (audio, n, least, beams, returned)",
     .outputs = "int32[2,2,?] y", .status = Status::kGap, .reason = "max_length"},
};
// clang-format on

#undef AIPROF_DECODER

}  // namespace

std::span<const OpCase> ms_attention_cases() { return kCases; }

}  // namespace aiprof::test
