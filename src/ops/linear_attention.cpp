// LinearAttention: a recurrence over a matrix-valued state.
#include <string>
#include <utility>

#include "ops/attention.h"
#include "ops/families.h"
#include "ops/matmul.h"

namespace aiprof::ops {

// The function body of LinearAttention, for one token: exp of the decay and the decayed state
// (gated); the retrieval, its difference to v and the update rate (delta); the outer product with k
// and its addition; the read-out and its scale. The geometry is that of the read-out over all
// tokens, [T, dk] by [dk, dv] per head, which is how chunked kernels form it.
Work linear_attention_work(const LinearAttentionExtents& e) {
  const Count tokens = e.batch * e.steps;
  const Count state = e.kv_heads * e.key_size * e.value_size;
  const Count read_out = e.q_heads * e.key_size * e.value_size;
  Work w =
      gemm_work({.batch = e.batch * e.q_heads, .m = e.steps, .n = e.value_size, .k = e.key_size});
  w.macs = tokens * (state + read_out);
  w.flops = tokens * (state + e.q_heads * e.value_size);
  if (e.gated()) {
    w.transcendentals = tokens * e.decay;
    w.flops += tokens * state;
  }
  if (e.delta()) {
    w.macs += tokens * state;
    w.flops += tokens * e.kv_heads * e.value_size * 2U;
  }
  return w;
}

namespace {

// Inputs query, key, value, past_state, decay, beta.
constexpr std::size_t kPastState = 3;
constexpr std::size_t kDecay = 4;

LinearAttentionExtents::Rule update_rule(const OpView& v) {
  using Rule = LinearAttentionExtents::Rule;
  const std::string_view rule = v.attr_string("update_rule", "gated_delta");
  if (rule == "linear") return Rule::kLinear;
  if (rule == "gated") return Rule::kGated;
  if (rule == "delta") return Rule::kDelta;
  if (rule == "gated_delta") return Rule::kGatedDelta;
  v.fail("update_rule is '" + std::string(rule) + "'");
}

LinearAttentionExtents linear_extents(const OpView& v) {
  const std::int64_t q_heads = v.attr_int("q_num_heads", 0);
  const std::int64_t kv_heads = v.attr_int("kv_num_heads", 0);
  if (q_heads < 1 || kv_heads < 1) v.fail("q_num_heads or kv_num_heads is missing");
  LinearAttentionExtents e;
  e.rule = update_rule(v);
  e.batch = v.in_dim(0, 0).count();
  e.steps = v.in_dim(0, 1).count();
  e.q_heads = q_heads;
  e.kv_heads = kv_heads;
  e.key_size = v.in_dim(0, 2).count() / e.q_heads;
  e.value_size = v.in_dim(2, 2).count() / e.kv_heads;
  e.decay = v.in_dim(kDecay, 2).count();
  return e;
}

void linear_attention(const InferView& v) {
  const LinearAttentionExtents e = linear_extents(v);
  const DType dtype = v.in(0).dtype;
  const DType state = v.has_in(kPastState) ? v.in(kPastState).dtype : dtype;
  v.set(0, dtype, {v.in_dim(0, 0), v.in_dim(0, 1), Dim::from(e.q_heads * e.value_size)});
  v.set(1, state,
        {v.in_dim(0, 0), Dim::from(e.kv_heads), Dim::from(e.key_size), Dim::from(e.value_size)});
}

Work linear_attention_cost(const OpView& v) { return linear_attention_work(linear_extents(v)); }

// The state stays on chip between tokens: it is read once and written once.
void linear_attention_traffic(const OpView& v, Traffic& t) {
  for (std::size_t i = 0; i < v.num_inputs(); ++i) {
    if (i != kPastState) t.read(i);
  }
  t.read_state(kPastState, v.in(kPastState).elements());
  t.write(0);
  t.write_state(1, v.out(1).elements());
}

constexpr OpSpec kLinearAttention[] = {
    {"", "LinearAttention", 27, OpClass::kAttention, linear_attention, linear_attention_cost,
     linear_attention_traffic,
     "token by token: MACs of the outer product, the read-out and (delta) the retrieval; FLOPs of "
     "the state's addition and (gated) decay, scale and (delta) update; 1 transcendental per "
     "decay"},
};

}  // namespace

std::span<const OpSpec> linear_attention_ops() { return kLinearAttention; }

}  // namespace aiprof::ops
