// com.microsoft: multi-head attention over projected queries, keys and values.
#include "ops/attention.h"
#include "ops/contrib.h"
#include "ops/families.h"
#include "ops/matmul.h"
#include "ops/rules.h"

namespace aiprof::ops {
namespace {

// Where the operands of one operator stand.
struct Operands {
  std::size_t bias, mask, attention_bias, past_key, past_length;
  [[nodiscard]] std::size_t past_value() const { return past_key + 1; }
};

Operands operands_of(const OpView& v) {
  if (v.type() == "DecoderMaskedMultiHeadAttention") {
    return {.bias = 10, .mask = 3, .attention_bias = 4, .past_key = 5, .past_length = 7};
  }
  return {.bias = 3, .mask = 4, .attention_bias = 5, .past_key = 6, .past_length = 8};
}

struct Mha {
  AttentionExtents e;
  Count new_tokens;        // keys and values that this call brings along
  Count past;              // tokens in past_key
  bool cached_kv = false;  // key and value are [B, N, L, H]: an encoder's, computed once
  bool shared = false;     // present has past's buffer
};

// Packed forms: query [B, S, N, 3, H]; key [B, L, N, 2, H]; and, of the decoder's operator, query
// [B, S, 2 D + Dv] alone.
void read_query_and_keys(const OpView& v, Count heads, Mha& m) {
  const std::size_t q_rank = v.in(0).rank();
  AttentionExtents& e = m.e;
  e.head_size = q_rank == 5 ? v.in_dim(0, 4).count() : v.in_dim(0, 2).count() / heads;
  if (q_rank == 3 && !v.has_in(1)) e.head_size = e.head_size / 3U;
  e.value_size = e.head_size;
  m.new_tokens = e.q_len;
  if (!v.has_in(1)) return;
  const std::size_t k_rank = v.in(1).rank();
  m.cached_kv = k_rank == 4;
  m.new_tokens = v.in_dim(1, m.cached_kv ? 2 : 1).count();
  if (v.has_in(2)) {
    e.value_size = v.in(2).rank() == 4 ? v.in_dim(2, 3).count() : v.in_dim(2, 2).count() / heads;
  }
}

Mha read_mha(const OpView& v) {
  const Operands at = operands_of(v);
  const Count heads(v.attr_int("num_heads", 0));
  if (v.has_in(1) && !v.in(1).has_shape) v.fail("the rank of the key is not known");
  Mha m;
  m.e.batch = v.in_dim(0, 0).count();
  m.e.q_heads = heads;
  m.e.kv_heads = heads;
  m.e.q_len = v.in_dim(0, 1).count();
  read_query_and_keys(v, heads, m);
  m.past = 0U;
  m.shared = v.has_in(at.past_length) || v.attr_int("past_present_share_buffer", 0) != 0;
  if (v.has_in(at.past_key)) {
    const Count extent = v.in_dim(at.past_key, 2).count();
    const auto length = v.int_scalar(at.past_length);
    m.past = !m.shared ? extent : length ? Count(*length) : extent - m.new_tokens;
  }
  m.e.total = m.past + m.new_tokens;
  return m;
}

void mha_shape(const InferView& v) {
  const DType dtype = v.in(0).dtype;
  if (!v.in(0).has_shape) return v.set_unknown_rank(0, dtype);
  const Operands at = operands_of(v);
  const Mha m = read_mha(v);
  const Dim batch = v.in_dim(0, 0);
  v.set(0, dtype, {batch, v.in_dim(0, 1), Dim::from(m.e.q_heads * m.e.value_size)});
  if (m.shared && v.has_in(at.past_key)) {
    copy_type(v, at.past_key, 1);
    copy_type(v, at.past_value(), 2);
    if (!v.int_scalar(at.past_length)) {
      v.assume(0,
               "past_sequence_length is not known: the shared cache is taken to be full after "
               "this call (--value gives it)");
    }
  } else {
    const Dim heads = Dim::from(m.e.kv_heads);
    v.set(1, dtype, {batch, heads, Dim::from(m.e.total), Dim::from(m.e.head_size)});
    v.set(2, dtype, {batch, heads, Dim::from(m.e.total), Dim::from(m.e.value_size)});
  }
  const DType qk = v.attr_int("output_qk", 0) != 0 ? DType::kFloat32 : dtype;
  v.set(3, qk, {batch, Dim::from(m.e.q_heads), v.in_dim(0, 1), Dim::from(m.e.total)});
}

Work mha_work(const OpView& v) {
  const Operands at = operands_of(v);
  const Mha m = read_mha(v);
  AttentionOptions options;
  options.bias = v.has_in(at.attention_bias);
  Work w = attention_core(m.e, options);
  if (v.has_in(at.mask)) w.flops += m.e.scores();
  if (v.has_in(at.bias)) {
    const Count keys = m.cached_kv ? Count(0U) : m.new_tokens;
    w.flops += m.e.batch * m.e.q_heads *
               (m.e.q_len * m.e.head_size + keys * (m.e.head_size + m.e.value_size));
  }
  AttentionBand band;
  band.causal = v.attr_int("unidirectional", 0) != 0;
  if (band.bounded() && m.past.known()) {
    w.useful_macs = useful_macs(
        m.e, m.e.batch * visible_pairs(m.e.q_len, m.e.total,
                                       static_cast<std::int64_t>(m.past.value()), band));
  }
  return w;
}

void mha_traffic(const OpView& v, Traffic& t) {
  const Operands at = operands_of(v);
  const Mha m = read_mha(v);
  const Count heads = m.e.batch * m.e.kv_heads;
  for (std::size_t i = 0; i < v.num_inputs(); ++i) {
    if (i == at.past_key) {
      t.read_state(i, heads * m.past * m.e.head_size);
    } else if (i == at.past_value()) {
      t.read_state(i, heads * m.past * m.e.value_size);
    } else if (m.cached_kv && (i == 1 || i == 2)) {
      t.read_state(i, v.in(i).elements());
    } else {
      t.read(i);
    }
  }
  t.write(0);
  const Count tokens = m.shared && v.has_in(at.past_key) ? m.new_tokens : m.e.total;
  t.write_state(1, heads * tokens * m.e.head_size);
  t.write_state(2, heads * tokens * m.e.value_size);
  t.write(3);
}

// --- packed: sequences of different length without padding between them
// ---------------------------

// Lengths of the packed sequences, where cumulative_sequence_length is known.
std::optional<InlineVector<std::int64_t, 8>> lengths(const OpView& v, std::size_t cumulative) {
  auto ends = v.ints(cumulative);
  if (!ends || ends->empty()) return std::nullopt;
  InlineVector<std::int64_t, 8> out;
  for (std::size_t i = 1; i < ends->size(); ++i) out.push_back((*ends)[i] - (*ends)[i - 1]);
  return out;
}

// token_offset stands at `offset`, cumulative_sequence_length behind it.
void note_packed(const InferView& v, std::size_t offset) {
  if (!lengths(v, offset + 1)) {
    v.assume(0,
             "cumulative_sequence_length is not known: every sequence is taken to be as long as "
             "the padded one (--value gives it)");
  }
}

// One core for each sequence; geometry of the longest possible.
Work packed_core(const OpView& v, AttentionExtents e, std::size_t offset, bool bias) {
  AttentionOptions options;
  options.bias = bias;
  e.batch = v.in_dim(offset, 0).count();
  e.q_len = v.in_dim(offset, 1).count();
  e.total = e.q_len;
  const Work padded = attention_core(e, options);
  const auto known = lengths(v, offset + 1);
  if (!known) return padded;
  Work w;
  e.batch = 1U;
  for (const std::int64_t n : *known) {
    e.q_len = Count(n);
    e.total = Count(n);
    add_work(w, attention_core(e, options));
  }
  w.math = padded.math;
  w.geometry = padded.geometry;
  return w;
}

constexpr std::size_t kPackedAttentionOffset = 3;

Dim packed_value_width(const OpView& v) {
  const auto sizes = v.attr_ints("qkv_hidden_sizes");
  return sizes.size() == 3 ? Dim(sizes[2]) : v.in_dim(1, 1) / Dim(3);
}

void packed_attention_shape(const InferView& v) {
  set_with_last(v, 0, v.in(0).dtype, 0, packed_value_width(v));
  note_packed(v, kPackedAttentionOffset);
}

Work packed_attention_work(const OpView& v) {
  const Count heads(v.attr_int("num_heads", 0));
  const auto sizes = v.attr_ints("qkv_hidden_sizes");
  const Count columns = v.in_dim(1, 1).count();
  const Count q = sizes.size() == 3 ? Count(sizes[0]) : columns / 3U;
  AttentionExtents e;
  e.q_heads = heads;
  e.kv_heads = heads;
  e.head_size = q / heads;
  e.value_size = packed_value_width(v).count() / heads;
  Work projected =
      gemm_work({.m = v.in_dim(0, 0).count(), .n = columns, .k = v.in_dim(0, 1).count()});
  projected.flops = v.in_dim(0, 0).count() * columns;  // bias
  return joined(projected, packed_core(v, e, kPackedAttentionOffset, v.has_in(5)));
}

constexpr std::size_t kPackedMhaOffset = 4;

// query [tokens, D], or [tokens, N, 3, H] with keys and values in it.
AttentionExtents packed_mha_extents(const OpView& v) {
  const Count heads(v.attr_int("num_heads", 0));
  AttentionExtents e;
  e.q_heads = heads;
  e.kv_heads = heads;
  const bool packed = v.in(0).rank() == 4;
  e.head_size = packed ? v.in_dim(0, 3).count() : v.in_dim(0, 1).count() / heads;
  e.value_size = v.has_in(2) ? v.in_dim(2, 1).count() / heads : e.head_size;
  return e;
}

void packed_mha_shape(const InferView& v) {
  if (!v.in(0).has_shape) return v.set_unknown_rank(0, v.in(0).dtype);
  const AttentionExtents e = packed_mha_extents(v);
  v.set(0, v.in(0).dtype, {v.in_dim(0, 0), Dim::from(e.q_heads * e.value_size)});
  note_packed(v, kPackedMhaOffset);
}

Work packed_mha_work(const OpView& v) {
  Work w = packed_core(v, packed_mha_extents(v), kPackedMhaOffset, v.has_in(6));
  if (v.has_in(3)) w.flops += v.in_dim(0, 0).count() * v.in(3).elements();
  return w;
}

constexpr std::string_view kMha =
    "B x N x S x T x (H + Hv) MACs; per score: scale, mask, bias and softmax; + input bias";

constexpr OpSpec kOps[] = {
    {kMicrosoft, "MultiHeadAttention", 1, OpClass::kAttention, mha_shape, mha_work, mha_traffic,
     kMha},
    {kMicrosoft, "DecoderMaskedMultiHeadAttention", 1, OpClass::kAttention, mha_shape, mha_work,
     mha_traffic, kMha},
    {kMicrosoft, "PackedAttention", 1, OpClass::kAttention, packed_attention_shape,
     packed_attention_work, each_once,
     "projection tokens x Din x (Dq + Dk + Dv) MACs + bias; sum over sequences of N x s x s x "
     "(H + Hv) MACs + softmax"},
    {kMicrosoft, "PackedMultiHeadAttention", 1, OpClass::kAttention, packed_mha_shape,
     packed_mha_work, each_once,
     "sum over sequences of N x s x s x (H + Hv) MACs + softmax + input bias"},
};

}  // namespace

std::span<const OpSpec> ms_mha_ops() { return kOps; }

}  // namespace aiprof::ops
