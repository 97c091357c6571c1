// com.microsoft: operators of serving runtimes that take the tokens of several requests packed into
// one axis, and weights packed into blocks.
// Reference: the operator schemas of onnxruntime (com.microsoft).
#include <utility>

#include "ops/attention.h"
#include "ops/contrib.h"
#include "ops/convolution.h"
#include "ops/families.h"
#include "ops/matmul.h"
#include "ops/rules.h"

namespace aiprof::ops {
namespace {

// --- GatedDeltaNet ------------------------------------------------------------------------------

// Inputs query, key, value, cu_seqlens, decay, beta, initial_state, a_log, dt_bias, capture_count,
// state_update_active (a flag for the host).
constexpr std::size_t kDecay = 4;
constexpr std::size_t kBeta = 5;
constexpr std::size_t kState = 6;
constexpr std::size_t kCapture = 9;

// Tokens stand on one axis, or on two (batch, sequence); heads and sizes follow.
struct DeltaNet {
  Dim q_heads, v_heads, key_size, value_size;
  std::size_t token_axes = 1;
};

DeltaNet delta_net(const OpView& v) {
  DeltaNet d;
  const std::size_t rank = v.in(0).rank();
  if (v.has_in(1)) {
    d.token_axes = rank == 4 ? 2 : 1;
    d.q_heads = v.in_dim(0, -2);
    d.key_size = v.in_dim(0, -1);
    d.v_heads = v.in_dim(2, -2);
    d.value_size = v.in_dim(2, -1);
    return d;
  }
  // Queries, keys and values in one row; the state [batch, heads, value, key] tells their sizes.
  if (!v.has_in(kState)) v.fail("packed queries, keys and values need initial_state");
  d.token_axes = rank == 3 ? 2 : 1;
  d.v_heads = v.in_dim(kState, 1);
  d.value_size = v.in_dim(kState, 2);
  d.key_size = v.in_dim(kState, 3);
  d.q_heads = (v.in_dim(0, -1) - d.v_heads * d.value_size) / (d.key_size * Dim(2));
  return d;
}

Dim delta_net_batch(const OpView& v, const DeltaNet& d) {
  if (v.has_in(kState)) return v.in_dim(kState, 0);
  if (v.has_in(3)) return v.in_dim(3, 0) - Dim(1);
  return d.token_axes == 2 ? v.in_dim(0, 0) : Dim();
}

// Decays of one token: one for each head, or one for each of its keys.
Dim decay_width(const OpView& v, const DeltaNet& d) {
  const TensorFact& decay = v.in(kDecay);
  if (!decay.has_shape) return d.v_heads;
  return decay.rank() > d.token_axes + 1 ? d.v_heads * d.key_size : d.v_heads;
}

void gated_delta_net_shape(const InferView& v) {
  const TensorFact& q = v.in(0);
  if (!q.has_shape) return v.set_unknown_rank(0, q.dtype);
  const DeltaNet d = delta_net(v);
  Shape out;
  for (std::size_t i = 0; i < d.token_axes; ++i)
    out.push_back(v.in_dim(0, static_cast<std::int64_t>(i)));
  out.push_back(d.v_heads);
  out.push_back(d.value_size);
  v.set(0, q.dtype, std::move(out));
  const DType state = v.has_in(kState) ? v.in(kState).dtype : DType::kFloat32;
  const Dim batch = delta_net_batch(v, d);
  v.set(1, state, {batch, d.v_heads, d.value_size, d.key_size});
  const Dim factors = decay_width(v, d) + d.q_heads * d.key_size + d.v_heads * d.value_size;
  v.set(2, state, {batch, attr_dim(v, "state_update_capacity") * factors});
}

Work gated_delta_net_work(const OpView& v) {
  using Rule = LinearAttentionExtents::Rule;
  const DeltaNet d = delta_net(v);
  const std::string_view rule = v.attr_string("update_rule", "gated_delta");
  const Count tokens = product(v.in(0).shape, 0, d.token_axes);
  const Count decay = decay_width(v, d).count();
  // Every value head has a state of its own and reads it once for each token.
  const LinearAttentionExtents e{.rule = rule == "linear"  ? Rule::kLinear
                                         : rule == "gated" ? Rule::kGated
                                         : rule == "delta" ? Rule::kDelta
                                                           : Rule::kGatedDelta,
                                 .steps = tokens,
                                 .q_heads = d.v_heads.count(),
                                 .kv_heads = d.v_heads.count(),
                                 .key_size = d.key_size.count(),
                                 .value_size = d.value_size.count(),
                                 .decay = decay};
  Work w = linear_attention_work(e);
  if (v.attr_int("qk_l2_norm", 0) != 0) {
    // Squares, their sum, epsilon and scaling of every query and key head; a reciprocal root.
    const Count heads = tokens * d.q_heads.count() * 2U;
    w.flops += heads * d.key_size.count() * 3U;
    w.transcendentals += heads;
  }
  if (e.gated() && v.attr_string("gate_activation", "none") != "none") {
    // -exp(a_log) * softplus(decay + dt_bias), or a sigmoid in place of softplus.
    add_unary(w, DType::kFloat32, tokens * decay, kSoftplus);
    add_ops(w, DType::kFloat32, tokens * decay, 2);
    w.transcendentals += v.in(7).elements();
  }
  if (e.delta() && v.attr_string("beta_activation", "none") == "sigmoid") {
    add_unary(w, DType::kFloat32, v.in(kBeta).elements(), kSigmoid);
  }
  return w;
}

void gated_delta_net_traffic(const OpView& v, Traffic& t) {
  for (std::size_t i = 0; i <= kCapture; ++i) {
    if (i != kState && v.has_in(i)) t.read(i);
  }
  if (v.has_in(kState)) t.read_state(kState, v.in(kState).elements());
  t.write(0);
  if (v.has_out(1)) t.write_state(1, v.out(1).elements());
  t.write(2);
}

// --- VarlenCausalConvWithState ------------------------------------------------------------------

constexpr std::size_t kConvState = 4;

void varlen_conv_shape(const InferView& v) {
  copy_type(v, 0, 0);
  copy_type(v, kConvState, 1);
  v.set(2, v.in(0).dtype,
        {v.in_dim(kConvState, 0), attr_dim(v, "state_update_capacity"), v.in_dim(0, 1)});
}

Work varlen_conv_work(const OpView& v) {
  if (v.has_in(6)) v.fail("taps that change from token to token (kernel_delta) have no formula");
  const auto activation = v.attr_string("activation", "none");
  return causal_conv_work({.batch = 1U,
                           .channels = v.in_dim(0, 1).count(),
                           .length = v.in_dim(0, 0).count(),
                           .kernel = v.in_dim(1, 2).count(),
                           .bias = v.has_in(3),
                           .silu = activation == "silu" || activation == "swish"});
}

void varlen_conv_traffic(const OpView& v, Traffic& t) {
  for (const std::size_t i : {0U, 1U, 2U, 3U, 5U}) {
    if (v.has_in(i)) t.read(i);
  }
  t.read_state(kConvState, v.in(kConvState).elements());
  t.write(0);
  t.write_state(1, v.out(1).elements());
  t.write(2);
}

// --- RMSNormRotary ------------------------------------------------------------------------------

// Of every head, `width` elements are normalised, and the first `rotary_embedding_dim` of them
// rotated.
Dim norm_width(const OpView& v) {
  return v.attr_int("input_width", 0) > 0 ? attr_dim(v, "input_width") : v.in_dim(0, 3);
}

void rms_norm_rotary_shape(const InferView& v) {
  const DType dtype = v.attr_int("output_fp16", 0) != 0 ? DType::kFloat16 : DType::kBfloat16;
  const Dim batch = v.in_dim(0, 0);
  const Dim steps = v.in_dim(0, 1);
  const Dim heads = v.in_dim(0, 2);
  const bool flat = v.attr_int("flatten_batch", 0) != 0;
  v.set(0, dtype, {flat ? Dim(1) : batch, flat ? batch * steps : steps, heads * norm_width(v)});
  v.set(1, DType::kFloat32, {batch, steps, heads, norm_width(v)});
}

Work rms_norm_rotary_work(const OpView& v) {
  const Count rows = product(v.in(0).shape, 0, 3);
  Work w = norm_work(rows, norm_width(v).count(), {.centred = false});
  w.flops += rotary_flops(rows * attr_dim(v, "rotary_embedding_dim").count());
  return w;
}

void rms_norm_rotary_traffic(const OpView& v, Traffic& t) {
  const Count tokens = product(v.in(0).shape, 0, 2);
  t.read(0, product(v.in(0).shape, 0, 3) * norm_width(v).count());
  t.read(1);
  t.read(2);
  read_rows(v, t, 3, tokens);
  read_rows(v, t, 4, tokens);
  t.write_all();
}

// --- weights in blocks --------------------------------------------------------------------------

void packed_columns(const InferView& v) { set_with_last(v, 0, v.in(0).dtype, 0, attr_dim(v, "N")); }

// A product with [k, n] weights that are dequantised first.
Work packed_product(Count rows, Count k, Count n) {
  Work w = gemm_work({.m = rows, .n = n, .k = k});
  add_work(w, dequantize_work(k * n));
  return w;
}

Work matmul_packed_work(const OpView& v) {
  Work w = packed_product(leading(v, 0), attr_dim(v, "K").count(), attr_dim(v, "N").count());
  const auto activation = v.attr_string("activation_type", "none");
  const bool squared = activation == "relu2" || activation == "relu_squared";
  add_unary(w, v.in(0).dtype, v.out(0).elements(),
            squared ? UnaryCost{kRelu.flops + 1, 0} : activation_cost(v, activation));
  if (v.has_in(2)) add_ops(w, DType::kFloat32, v.out(0).elements());
  return w;
}

// The base product, and X A B of an adapter of rank R whose scales give R.
Work qlora_work(const OpView& v) {
  const Count rows = leading(v, 0);
  const Count k = attr_dim(v, "K").count();
  const Count n = attr_dim(v, "N").count();
  const Count rank = v.in_dim(4, 0).count();
  Work w = packed_product(rows, k, n);
  const Work down = packed_product(rows, k, rank);
  const Work up = packed_product(rows, rank, n);
  w.macs += down.macs + up.macs;
  w.flops += down.flops + up.flops;
  w.integer_ops += down.integer_ops + up.integer_ops;
  add_ops(w, v.in(0).dtype, v.out(0).elements());
  return w;
}

void gather_packed_shape(const InferView& v) {
  const DType dtype = attr_dtype(v, "output_dtype", DType::kBfloat16);
  const TensorFact& indices = v.in(1);
  if (!indices.has_shape) return v.set_unknown_rank(0, dtype);
  Shape out = indices.shape;
  out.push_back(attr_dim(v, "K"));
  v.set(0, dtype, std::move(out));
}

Work gather_packed_work(const OpView& v) { return dequantize_work(v.out(0).elements()); }

void gather_packed_traffic(const OpView& v, Traffic& t) {
  read_rows(v, t, 0, v.in(1).elements());
  t.read(1);
  t.write(0);
}

constexpr OpSpec kOps[] = {
    {kMicrosoft, "GatedDeltaNet", 1, OpClass::kAttention, gated_delta_net_shape,
     gated_delta_net_work, gated_delta_net_traffic,
     "as LinearAttention, with a state per value head; L2 norm of queries and keys 3 FLOPs per "
     "element; softplus of the gate and sigmoid of beta where asked for; the state is read and "
     "written once per call"},
    {kMicrosoft, "VarlenCausalConvWithState", 1, OpClass::kConvolution, varlen_conv_shape,
     varlen_conv_work, varlen_conv_traffic,
     "kernel points MACs per output element + bias and SiLU; state read and written"},
    {kMicrosoft, "RMSNormRotary", 1, OpClass::kNormalization, rms_norm_rotary_shape,
     rms_norm_rotary_work, rms_norm_rotary_traffic,
     "RMS norm of every head; 3 FLOPs per rotated element; cosines and sines: only the gathered "
     "rows move"},
    {kMicrosoft, "MatMulPacked", 1, OpClass::kGemm, packed_columns, matmul_packed_work, each_once,
     "M x N x K MACs + dequantisation of the weights and the activation; weights move packed"},
    {kMicrosoft, "MatMulNBitsQLoRA", 1, OpClass::kGemm, packed_columns, qlora_work, each_once,
     "M x (N x K + R x (K + N)) MACs + dequantisation + 1 FLOP per output element"},
    {kMicrosoft, "GatherPacked", 1, OpClass::kGather, gather_packed_shape, gather_packed_work,
     gather_packed_traffic, "dequantisation of the gathered elements; only gathered rows move"},
};

}  // namespace

std::span<const OpSpec> ms_packed_ops() { return kOps; }

}  // namespace aiprof::ops
