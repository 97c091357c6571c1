// com.microsoft: positions (rotary embeddings, relative biases), padding, and recurrent attention.
#include <algorithm>
#include <utility>

#include "ops/attention.h"
#include "ops/contrib.h"
#include "ops/convolution.h"
#include "ops/families.h"
#include "ops/matmul.h"
#include "ops/rules.h"

namespace aiprof::ops {
namespace {

// --- rotary embeddings
// ----------------------------------------------------------------------------

// Heads of a 3-D input [B, S, N x H]: num_heads, or what makes a head as wide as the caches say.
Count rotary_heads(const OpView& v, Count rotated) {
  const std::int64_t heads = v.attr_int("num_heads", 0);
  return heads > 0 ? Count(heads) : v.in_dim(0, -1).count() / rotated;
}

// Elements of the input that are rotated: the first twice-the-cache's-extent of every head.
Count rotated_elements(const OpView& v) {
  const TensorFact& x = v.in(0);
  const Count rotated = v.in_dim(2, 1).count() * 2U;
  if (x.rank() == 4) return x.elements() / x.shape[3].count() * rotated;
  return leading(v, 0) * rotary_heads(v, rotated) * rotated;
}

Work rotary_work(const OpView& v) {
  Work w;
  w.flops = rotary_flops(rotated_elements(v));
  return w;
}

// Cosines and sines are gathered, one row per token; a single position stands for a sequence's
// first.
void rotary_traffic(const OpView& v, Traffic& t) {
  const TensorFact& x = v.in(0);
  const Count sequence = v.in_dim(0, x.rank() == 4 ? 2 : 1).count();
  const bool every_token = v.in(1).rank() >= 2;
  const Count rows = every_token ? v.in_dim(0, 0).count() * sequence : sequence;
  t.read(0);
  t.read(1);
  read_rows(v, t, 2, rows);
  read_rows(v, t, 3, rows);
  t.write(0);
}

void gemma_rotary_shape(const InferView& v) {
  copy_type(v, 1, 0);
  copy_type(v, 3, 1);
}

Work gemma_rotary_work(const OpView& v) {
  Work w;
  w.transcendentals = v.in(0).elements() * 2U;  // cos and sin of every angle
  w.flops = (v.in(1).elements() + v.in(3).elements()) * 3U;
  return w;
}

// --- biases by relative position
// ------------------------------------------------------------------

void relative_position_bias_shape(const InferView& v) {
  const auto extent = [&](std::size_t i) {
    const auto n = v.int_scalar(i);
    return n ? Dim(*n) : Dim();
  };
  v.set(0, v.in(0).dtype, {1, v.in_dim(0, 1), extent(1), extent(2)});
}

struct GatedBias {
  Count batch, heads, length, head_size, width;
};

GatedBias gated_bias(const OpView& v) {
  GatedBias g;
  g.heads = Count(v.attr_int("num_heads", 0));
  const bool packed = v.has_in(6);
  g.batch = packed ? v.in_dim(6, 0).count() : v.in_dim(0, 0).count();
  g.length = v.in_dim(2, 2).count();
  g.head_size = v.in_dim(3, 0).count();
  g.width = v.in_dim(3, 1).count();
  return g;
}

void gated_bias_shape(const InferView& v) {
  const GatedBias g = gated_bias(v);
  const Dim length = Dim::from(g.length);
  v.set(0, v.in(0).dtype, {Dim::from(g.batch), Dim::from(g.heads), length, length});
}

// Per token and head: (query + bias) by the gate's weight, two sums over half the width, two
// sigmoids, u * (r * a - 1) + 2; then one product per position of the bias.
Work gated_bias_work(const OpView& v) {
  const GatedBias g = gated_bias(v);
  const Count tokens = v.in(0).elements() / g.head_size;  // times heads
  Work w = gemm_work({.m = tokens, .n = g.width, .k = g.head_size});
  w.flops = v.in(0).elements() + tokens * g.width + tokens * (g.width - 2U);
  add_unary(w, v.in(0).dtype, tokens * 2U, kSigmoid);
  w.flops += tokens * 4U + v.out(0).elements();
  return w;
}

// --- padding
// --------------------------------------------------------------------------------------

void remove_padding_shape(const InferView& v) {
  const DType index = v.in(1).dtype;
  const Dim batch = v.in_dim(0, 0);
  const Dim length = v.in_dim(0, 1);
  Dim tokens = batch * length;
  std::int64_t sum = 0;
  if (const auto counts = v.ints(1)) {
    for (const std::int64_t n : *counts) sum += n;
    tokens = Dim(sum);
  } else {
    v.assume(0, "sequence_token_count is not known: no token is taken to be padding");
  }
  v.set(0, v.in(0).dtype, {tokens, v.in_dim(0, 2)});
  v.set(1, index, {batch, length});
  v.set(2, index, {batch + Dim(1)});
  v.set(3, index, {1});
}

void remove_padding_traffic(const OpView& v, Traffic& t) {
  t.read(0, v.out(0).elements());
  t.read(1);
  t.write_all();
}

void restore_padding_shape(const InferView& v) {
  v.set(0, v.in(0).dtype, {v.in_dim(1, 0), v.in_dim(1, 1), v.in_dim(0, 1)});
}

// --- linear attention and state-carrying convolution
// ----------------------------------------------

LinearAttentionExtents linear_extents(const OpView& v) {
  using Rule = LinearAttentionExtents::Rule;
  const auto name = v.attr_string("update_rule", "gated_delta");
  LinearAttentionExtents e;
  e.rule = name == "linear"  ? Rule::kLinear
           : name == "gated" ? Rule::kGated
           : name == "delta" ? Rule::kDelta
                             : Rule::kGatedDelta;
  e.batch = v.in_dim(0, 0).count();
  e.steps = v.in_dim(0, 1).count();
  e.q_heads = Count(v.attr_int("q_num_heads", 0));
  e.kv_heads = Count(v.attr_int("kv_num_heads", 0));
  e.key_size = v.in_dim(0, 2).count() / e.q_heads;
  e.value_size = v.in_dim(2, 2).count() / e.kv_heads;
  e.decay = v.has_in(4) ? v.in_dim(4, 2).count() : Count(0U);
  return e;
}

// State tensors keep `state_window` slots in front where the attribute is set.
Shape with_slots(const OpView& v, Shape state) {
  const std::int64_t slots = v.attr_int("state_window", 0);
  if (slots > 0) state.insert_at(0, slots);
  return state;
}

Count slots(const OpView& v) {
  return Count(std::max<std::int64_t>(1, v.attr_int("state_window", 0)));
}

DType state_dtype(const OpView& v, std::size_t past) {
  return v.has_in(past) ? v.in(past).dtype : v.in(0).dtype;
}

void linear_attention_shape(const InferView& v) {
  const LinearAttentionExtents e = linear_extents(v);
  set_with_last(v, 0, v.in(0).dtype, 0, Dim::from(max(e.q_heads, e.kv_heads) * e.value_size));
  v.set(1, state_dtype(v, 3),
        with_slots(v, {v.in_dim(0, 0), Dim::from(e.kv_heads), Dim::from(e.key_size),
                       Dim::from(e.value_size)}));
}

// With more key heads than query heads, every key head's state is read out.
Work linear_work(const OpView& v) {
  LinearAttentionExtents e = linear_extents(v);
  e.q_heads = max(e.q_heads, e.kv_heads);
  return linear_attention_work(e);
}

// Of the past only the last slot is read; every slot of the present is written.
void state_traffic(const OpView& v, Traffic& t) {
  for (std::size_t i = 0; i < v.num_inputs(); ++i) {
    if (i == 3) {
      t.read_state(i, v.in(i).elements() / slots(v));
    } else {
      t.read(i);
    }
  }
  t.write(0);
  t.write_state(1, v.out(1).elements());
}

void linear_gate_shape(const InferView& v) {
  copy_type(v, 0, 0);
  if (v.has_in(3)) copy_type(v, 3, 1);
}

Work linear_gate_work(const OpView& v) {
  const DType dtype = v.in(0).dtype;
  Work w = arithmetic(dtype, v.out(0).elements(), 2);  // + dt_bias, x decay_scale
  add_unary(w, dtype, v.out(0).elements(), kSoftplus);
  if (v.has_out(1)) add_unary(w, dtype, v.out(1).elements(), kSigmoid);
  return w;
}

// The causal axis is the first spatial one: the state keeps its last k - 1 positions.
void causal_conv_shape(const InferView& v) {
  copy_type(v, 0, 0);
  const TensorFact& x = v.in(0);
  if (!x.has_shape || x.rank() < 3) return v.set_unknown_rank(1, state_dtype(v, 3));
  Shape state = x.shape;
  state[2] = v.in_dim(1, 2) - Dim(1);
  v.set(1, state_dtype(v, 3), with_slots(v, std::move(state)));
}

Work causal_conv(const OpView& v) {
  const TensorFact& x = v.in(0);
  const TensorFact& weight = v.in(1);
  if (!x.has_shape || !weight.has_shape || x.rank() < 3 || weight.rank() < 3) {
    v.fail("input and weight need a batch, a channel and spatial axes");
  }
  const auto activation = v.attr_string("activation", "none");
  return causal_conv_work({.batch = x.shape[0].count(),
                           .channels = x.shape[1].count(),
                           .length = product(x.shape, 2, x.rank()),
                           .kernel = product(weight.shape, 2, weight.rank()),
                           .bias = v.has_in(2),
                           .silu = activation == "silu" || activation == "swish"});
}

constexpr OpSpec kOps[] = {
    {kMicrosoft, "RotaryEmbedding", 1, OpClass::kElementwise, same_as_first, rotary_work,
     rotary_traffic, "3 FLOPs per rotated element; cosines and sines: only the gathered rows move"},
    {kMicrosoft, "MRotaryEmbedding", 1, OpClass::kElementwise, same_as_first, rotary_work,
     rotary_traffic, "3 FLOPs per rotated element; cosines and sines: only the gathered rows move"},
    {kMicrosoft, "GemmaRotaryEmbedding", 1, OpClass::kElementwise, gemma_rotary_shape,
     gemma_rotary_work, each_once,
     "cos and sin of every angle; 3 FLOPs per element of both outputs"},
    {kMicrosoft, "RelativePositionBias", 1, OpClass::kGather, relative_position_bias_shape, no_work,
     each_once, "no arithmetic: a look-up per (query, key) pair and head"},
    {kMicrosoft, "GatedRelativePositionBias", 1, OpClass::kAttention, gated_bias_shape,
     gated_bias_work, each_once,
     "tokens x heads x head size x width MACs + bias, sums, sigmoids and gate; 1 FLOP per output "
     "element"},
    {kMicrosoft, "RemovePadding", 1, OpClass::kMovement, remove_padding_shape, no_work,
     remove_padding_traffic, "no arithmetic: copies the tokens that are not padding"},
    {kMicrosoft, "RestorePadding", 1, OpClass::kMovement, restore_padding_shape, no_work, each_once,
     "no arithmetic: copies tokens to their padded places"},
    {kMicrosoft, "LinearAttention", 1, OpClass::kAttention, linear_attention_shape, linear_work,
     state_traffic,
     "per token: B x dk x dv x (Hkv x (1 + 1 if delta) + Hq) MACs + decay and state updates, as "
     "the recurrence; the state is read and written once per call"},
    {kMicrosoft, "LinearAttentionGate", 1, OpClass::kElementwise, linear_gate_shape,
     linear_gate_work, each_once,
     "decay: add, softplus (1 FLOP, 2 transcendentals), multiply; beta: sigmoid (2 FLOPs, 2 "
     "transcendentals)"},
    {kMicrosoft, "CausalConvWithState", 1, OpClass::kConvolution, causal_conv_shape, causal_conv,
     state_traffic,
     "kernel points MACs per output element + bias and SiLU; state read and written"},
};

}  // namespace

std::span<const OpSpec> ms_position_ops() { return kOps; }

}  // namespace aiprof::ops
