// com.microsoft: attention operators that project their input themselves.
#include "ops/attention.h"
#include "ops/contrib.h"
#include "ops/families.h"
#include "ops/matmul.h"
#include "ops/rules.h"

namespace aiprof::ops {
namespace {

constexpr std::size_t kNone = SIZE_MAX;

// Where the operands of one operator stand.
struct Operands {
  std::size_t weight = 1;
  std::size_t bias = 2;
  std::size_t mask = 3;
  std::size_t past = 4;
  std::size_t attention_bias = 5;
  std::size_t past_length = 6;
  bool three_weights = false;  // Q, K and V weights from `weight` on
};

Operands operands_of(const OpView& v) {
  if (v.type() == "QAttention") {
    return {.mask = 5, .past = 8, .attention_bias = kNone, .past_length = kNone};
  }
  if (v.type() == "QOrderedAttention") {
    return {.weight = 5,
            .bias = 11,
            .mask = 17,
            .past = 18,
            .attention_bias = 19,
            .past_length = kNone,
            .three_weights = true};
  }
  return {};
}

// Projected widths of query, key and value.
struct Widths {
  Dim q, k, v;
};

Widths widths_of(const OpView& v, const Operands& at) {
  if (at.three_weights) {
    return {v.in_dim(at.weight, 1), v.in_dim(at.weight + 1, 1), v.in_dim(at.weight + 2, 1)};
  }
  const auto sizes = v.attr_ints("qkv_hidden_sizes");
  if (sizes.size() == 3) return {Dim(sizes[0]), Dim(sizes[1]), Dim(sizes[2])};
  const Dim third = v.in_dim(at.weight, 1) / Dim(3);
  return {third, third, third};
}

bool shares_buffer(const OpView& v) { return v.attr_int("past_present_share_buffer", 0) != 0; }

// Tokens already in the cache. In a shared buffer the tensor's own extent is the capacity, and only
// past_sequence_length tells; without it the buffer is taken to be filled by this call.
Count past_length(const OpView& v, const Operands& at, Count steps) {
  if (!v.has_in(at.past)) return 0U;
  const Count extent = v.in_dim(at.past, 3).count();
  if (!shares_buffer(v)) return extent;
  if (const auto length = v.int_scalar(at.past_length)) return Count(*length);
  return extent - steps;
}

AttentionExtents extents_of(const OpView& v, const Operands& at) {
  const Count heads(v.attr_int("num_heads", 0));
  const Widths w = widths_of(v, at);
  AttentionExtents e;
  e.batch = v.in_dim(0, 0).count();
  e.q_heads = heads;
  e.kv_heads = heads;
  e.q_len = v.in_dim(0, 1).count();
  e.total = past_length(v, at, e.q_len) + e.q_len;
  e.head_size = w.q.count() / heads;
  e.value_size = w.v.count() / heads;
  return e;
}

// [2, batch, heads, tokens, head size]
void set_present(const InferView& v, const Operands& at, DType dtype) {
  const AttentionExtents e = extents_of(v, at);
  if (shares_buffer(v) && v.has_in(at.past)) {
    copy_type(v, at.past, 1);
    if (!v.int_scalar(at.past_length)) {
      v.assume(0,
               "past_sequence_length is not known: the shared cache is taken to be full after "
               "this call (--value gives it)");
    }
    return;
  }
  v.set(1, dtype,
        {2, Dim::from(e.batch), Dim::from(e.q_heads), Dim::from(e.total), Dim::from(e.head_size)});
}

void attention_shape(const InferView& v) {
  const Operands at = operands_of(v);
  const DType dtype = v.type() == "QAttention" ? v.in(at.bias).dtype : v.in(0).dtype;
  set_with_last(v, 0, dtype, 0, widths_of(v, at).v);
  if (v.has_out(1)) set_present(v, at, dtype);
}

// X by the merged weight, and the bias.
Work projection(const OpView& v, const Operands& at) {
  const Widths width = widths_of(v, at);
  const Count columns = (width.q + width.k + width.v).count();
  const Count tokens = leading(v, 0);
  Work w = gemm_work({.m = tokens, .n = columns, .k = v.in_dim(0, -1).count()});
  w.math = v.in(0).dtype;
  if (v.has_in(at.bias)) add_ops(w, DType::kFloat32, tokens * columns);
  if (v.attr_int("do_rotary", 0) != 0) {
    w.flops += rotary_flops(tokens * (width.q + width.k).count());
  }
  return w;
}

// Work of the core; a causal mask makes part of it useless.
Work core(const OpView& v, const Operands& at, const Work& projected) {
  const AttentionExtents e = extents_of(v, at);
  AttentionOptions options;
  options.bias = v.has_in(at.attention_bias);
  options.dtype = is_float(v.in(0).dtype) ? v.in(0).dtype : DType::kFloat32;
  Work w = attention_core(e, options);
  if (v.has_in(at.mask)) w.flops += e.scores();
  AttentionBand band;
  band.causal = v.attr_int("unidirectional", 0) != 0;
  if (band.bounded() && e.total.known() && e.q_len.known()) {
    const auto offset = static_cast<std::int64_t>((e.total - e.q_len).value());
    w.useful_macs =
        projected.macs + useful_macs(e, e.batch * visible_pairs(e.q_len, e.total, offset, band));
  }
  return w;
}

Work attention_work(const OpView& v) {
  const Operands at = operands_of(v);
  const Work projected = projection(v, at);
  const Work attended = core(v, at, projected);
  const Count useful = attended.useful_macs;
  Work w = joined(projected, attended);
  w.useful_macs = useful;
  return w;
}

// Requantisation of the three projections, the scores and the output.
Work qordered_attention_work(const OpView& v) {
  Work w = attention_work(v);
  const Operands at = operands_of(v);
  const AttentionExtents e = extents_of(v, at);
  const Widths width = widths_of(v, at);
  const Count projected = leading(v, 0) * (width.q + width.k + width.v).count();
  add_work(w, quantize_work(projected + e.scores() * 2U + v.out(0).elements()));
  return w;
}

Work qattention_work(const OpView& v) {
  Work w = attention_work(v);
  // Zero points of both operands, and the rescaling of the projection's sums.
  const Widths width = widths_of(v, operands_of(v));
  if (v.has_in(6)) w.integer_ops += v.in(0).elements();
  if (v.has_in(7)) w.integer_ops += v.in(1).elements();
  w.flops += leading(v, 0) * (width.q + width.k + width.v).count();
  return w;
}

// Past tokens are read, and the present written: the new tokens alone in a shared buffer.
void attention_traffic(const OpView& v, Traffic& t) {
  const Operands at = operands_of(v);
  const AttentionExtents e = extents_of(v, at);
  const Count per_token = e.batch * e.kv_heads * e.head_size * 2U;
  for (std::size_t i = 0; i < v.num_inputs(); ++i) {
    if (i == at.past) {
      t.read_state(i, per_token * (e.total - e.q_len));
    } else {
      t.read(i);
    }
  }
  t.write(0);
  t.write_state(1,
                shares_buffer(v) && v.has_in(at.past) ? per_token * e.q_len : v.out(1).elements());
}

// --- DecoderAttention
// -----------------------------------------------------------------------------

// Inputs: query [S, B, D], key [L, B, D]; flags say whose keys are attended.
struct DecoderCase {
  bool static_kv = false;
  bool use_past = false;
};

DecoderCase decoder_case(const OpView& v) {
  const auto static_kv = v.int_scalar(8);
  const auto use_past = v.int_scalar(9);
  if (!static_kv || !use_past) {
    v.fail("static_kv and use_past decide what DecoderAttention computes and are not known");
  }
  return {.static_kv = *static_kv != 0, .use_past = *use_past != 0};
}

// Tokens whose keys and values are projected in this call.
Count decoder_projected(const OpView& v, DecoderCase c) {
  if (c.static_kv) return c.use_past ? Count(0U) : v.in_dim(1, 0).count();
  return v.in_dim(0, 0).count();
}

AttentionExtents decoder_extents(const OpView& v) {
  const DecoderCase c = decoder_case(v);
  const Count heads(v.attr_int("num_heads", 0));
  AttentionExtents e;
  e.batch = v.in_dim(0, 1).count();
  e.q_heads = heads;
  e.kv_heads = heads;
  e.q_len = v.in_dim(0, 0).count();
  e.total = decoder_projected(v, c) + (c.use_past ? v.in_dim(6, 2).count() : Count(0U));
  e.head_size = v.in_dim(0, 2).count() / heads;
  e.value_size = e.head_size;
  return e;
}

void decoder_attention_shape(const InferView& v) {
  copy_type(v, 0, 0);
  if (!v.has_out(1) && !v.has_out(2)) return;
  const AttentionExtents e = decoder_extents(v);
  for (const std::size_t o : {1U, 2U}) {
    v.set(o, v.in(0).dtype,
          {Dim::from(e.batch), Dim::from(e.q_heads), Dim::from(e.total), Dim::from(e.head_size)});
  }
}

Work decoder_attention_work(const OpView& v) {
  const AttentionExtents e = decoder_extents(v);
  const Count hidden = v.in_dim(0, 2).count();
  const Count tokens = e.batch * e.q_len;
  const Count kv_tokens = e.batch * decoder_projected(v, decoder_case(v));
  Work q = gemm_work({.m = tokens, .n = hidden, .k = hidden});
  const Work kv = gemm_work({.m = kv_tokens, .n = hidden * 2U, .k = hidden});
  add_work(q, kv);
  q.flops += (tokens + kv_tokens * 2U) * hidden;  // biases
  Work w = joined(q, attention_core(e));
  if (v.has_in(5)) w.flops += e.scores();
  return w;
}

void decoder_attention_traffic(const OpView& v, Traffic& t) {
  const DecoderCase c = decoder_case(v);
  for (std::size_t i = 0; i < v.num_inputs(); ++i) {
    const bool idle_key = i == 1 && !c.static_kv;
    const bool idle_kv = (i == 1 || i == 3) && c.static_kv && c.use_past;
    if (idle_key || idle_kv) continue;
    if (i == 6 || i == 7) {
      if (c.use_past) t.read_state(i, v.in(i).elements());
    } else {
      t.read(i);
    }
  }
  t.write(0);
  t.write_state(1, v.out(1).elements());
  t.write_state(2, v.out(2).elements());
}

// --- Longformer
// -----------------------------------------------------------------------------------

struct LongformerOperands {
  std::size_t weight, global_weight, global;
};

LongformerOperands longformer_operands(const OpView& v) {
  return v.type() == "LongformerAttention" ? LongformerOperands{1, 4, 6}
                                           : LongformerOperands{2, 8, 12};
}

// Tokens with global attention in all sequences, if the flags are known.
std::optional<std::uint64_t> global_tokens(const OpView& v) {
  const auto flags = v.ints(longformer_operands(v).global);
  if (!flags) return std::nullopt;
  std::uint64_t n = 0;
  for (const std::int64_t f : *flags) n += f != 0 ? 1U : 0U;
  return n;
}

void longformer_shape(const InferView& v) {
  copy_type(v, 0, 0);
  if (!global_tokens(v)) {
    v.assume(0, "the flags of global attention are not known: none is taken to be set");
  }
}

Work longformer_work(const OpView& v) {
  const Count heads(v.attr_int("num_heads", 0));
  const Count batch = v.in_dim(0, 0).count();
  const Count length = v.in_dim(0, 1).count();
  const Count hidden = v.in_dim(0, 2).count();
  const Count global(global_tokens(v).value_or(0));
  const Count tokens = batch * length;
  Work w = gemm_work({.m = tokens, .n = hidden * 3U, .k = hidden});
  w.flops = tokens * hidden * 3U;
  if (global.value() > 0) {  // global queries; global keys and values of every token
    w.macs += (global + tokens * 2U) * hidden * hidden;
    w.flops += (global + tokens * 2U) * hidden;
  }
  // Every token attends 2 x window neighbours and the global tokens; those attend all.
  const Count window(v.attr_int("window", 0));
  AttentionExtents e;
  e.batch = batch;
  e.q_heads = heads;
  e.kv_heads = heads;
  e.q_len = length;
  e.total = window * 2U + ceil_div(global, batch);
  e.head_size = hidden / heads;
  e.value_size = e.head_size;
  Work local = attention_core(e, {.bias = true});
  local.macs += global * length * hidden * 2U;
  return joined(w, local);
}

constexpr std::string_view kAttention =
    "projection B x S x Din x (Dq + Dk + Dv) MACs + bias; B x N x S x T x (H + Hv) MACs; per "
    "score: "
    "scale, mask, bias and softmax; geometry and dtype are those of the larger part";

constexpr OpSpec kOps[] = {
    {kMicrosoft, "Attention", 1, OpClass::kAttention, attention_shape, attention_work,
     attention_traffic, kAttention},
    {kMicrosoft, "DecoderMaskedSelfAttention", 1, OpClass::kAttention, attention_shape,
     attention_work, attention_traffic, kAttention},
    {kMicrosoft, "QAttention", 1, OpClass::kAttention, attention_shape, qattention_work,
     attention_traffic, kAttention},
    {kMicrosoft, "QOrderedAttention", 1, OpClass::kAttention, attention_shape,
     qordered_attention_work, attention_traffic, kAttention},
    {kMicrosoft, "DecoderAttention", 1, OpClass::kAttention, decoder_attention_shape,
     decoder_attention_work, decoder_attention_traffic,
     "projections of the query and of the keys and values that are not cached + attention core"},
    {kMicrosoft, "LongformerAttention", 1, OpClass::kAttention, longformer_shape, longformer_work,
     each_once,
     "projections B x S x D x 3D MACs (global: + (g + 2 B S) D x D) + B x N x S x (2 window + g) x "
     "2H MACs + softmax"},
    {kMicrosoft, "QOrderedLongformerAttention", 1, OpClass::kAttention, longformer_shape,
     longformer_work, each_once, "as LongformerAttention, with int8 projections"},
};

}  // namespace

std::span<const OpSpec> ms_attention_ops() { return kOps; }

}  // namespace aiprof::ops
