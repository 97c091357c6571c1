// com.microsoft: residual streams (hyper-connections), n-gram memories, and routers of experts.
// Reference: the operator schemas of onnxruntime (com.microsoft).
#include <algorithm>
#include <cmath>
#include <utility>

#include "ops/contrib.h"
#include "ops/families.h"
#include "ops/matmul.h"
#include "ops/rules.h"

namespace aiprof::ops {
namespace {

// --- hyper-connections --------------------------------------------------------------------------

// Streams are [..., C, H], or [..., C x H] where num_branches gives C.
bool flat(const OpView& v) { return v.attr_int("num_branches", 0) > 0; }
Dim branches(const OpView& v) { return flat(v) ? attr_dim(v, "num_branches") : v.in_dim(0, -2); }
Dim features(const OpView& v) {
  return flat(v) ? v.in_dim(0, -1) / attr_dim(v, "num_branches") : v.in_dim(0, -1);
}

void pre_mix_shape(const InferView& v) {
  const TensorFact& x = v.in(0);
  if (!x.has_shape || x.rank() < 2) return v.set_unknown_rank(0, x.dtype);
  Shape out = x.shape;
  if (!flat(v)) out.pop_back();
  out[out.size() - 1] = features(v);
  v.set(0, x.dtype, std::move(out));
}

// Products with the gates, their sum over the branches, and its scale.
Work pre_mix_work(const OpView& v) {
  Work w = arithmetic(v.in(0).dtype, v.in(0).elements(), 1);
  add_ops(w, v.in(0).dtype, v.in(0).elements() - v.out(0).elements());
  if (v.attr_float("reduction_scale", 1.0) != 1.0) add_ops(w, v.in(0).dtype, v.out(0).elements());
  return w;
}

// The gated output of the block is added to every stream; a matrix [C, C] may mix the streams.
Work post_mix_work(const OpView& v) {
  Work w;
  const Count elements = v.in(0).elements();
  if (v.has_in(3)) {
    const Count c = branches(v).count();
    const Count h = features(v).count();
    w = gemm_work({.batch = elements / (c * h), .m = c, .n = h, .k = c});
  }
  add_ops(w, v.in(0).dtype, elements, 2);
  return w;
}

// Inputs streams, norm_scale, down_weight [C H, R], up_weight [R, C H], inject_weight [C H, C],
// prev_block_output, prev_post_gate.
void low_rank_shape(const InferView& v) {
  const DType dtype = v.in(0).dtype;
  set_with_last(v, 0, dtype, 0, features(v));
  set_with_last(v, 1, dtype, 0, branches(v));
  copy_type(v, 0, 2);
}

Work low_rank_work(const OpView& v) {
  const DType dtype = v.in(0).dtype;
  const Count tokens = leading(v, 0);
  const Count width = v.in_dim(0, -1).count();
  const Count c = branches(v).count();
  const Count h = features(v).count();
  const Count rank = v.in_dim(2, 1).count();
  Work w = gemm_work({.m = tokens, .n = rank, .k = width});
  w.macs += tokens * width * rank + tokens * width * c;
  add_work(w, norm_work(tokens * c, h, {.centred = false}));
  add_unary(w, dtype, tokens * rank, kQuickGelu);                         // scaled SiLU
  add_unary(w, dtype, tokens * width, kSigmoid);                          // gates
  add_ops(w, dtype, tokens * width + tokens * (width - h) + tokens * h);  // product, sum, scale
  add_unary(w, dtype, tokens * c, {kSigmoid.flops + 1, kSigmoid.transcendentals + 1});
  if (v.has_in(5)) add_ops(w, dtype, tokens * width, 2);
  return w;
}

// --- n-gram memories ----------------------------------------------------------------------------

// Inputs key, query [..., C, H], value, and three scales of RMS norms.
void engram_shape(const InferView& v) {
  copy_type(v, 0, 0);
  copy_type(v, 0, 1);
}

// Two RMS norms, their dot product over H, 5 FLOPs and a root and a division on it, its sigmoid,
// and the product with the value; a third norm for the second output.
Work engram_work(const OpView& v) {
  const DType dtype = v.in(0).dtype;
  const Count n = v.in(0).elements();
  const Count rows = leading(v, 0);
  const Count cols = v.in_dim(0, -1).count();
  Work w = norm_work(rows, cols, {.centred = false});
  add_work(w, norm_work(rows, cols, {.centred = false}));
  add_ops(w, dtype, n + (n - rows) + n);
  add_unary(w, dtype, rows, {4 + kSigmoid.flops, 2 + kSigmoid.transcendentals});
  if (v.has_out(1)) add_work(w, norm_work(rows, cols, {.centred = false}));
  return w;
}

// Hashes of every n-gram of 2 to max_ngram_size tokens, n_head_per_ngram of each.
Dim history(const OpView& v) { return attr_dim(v, "max_ngram_size") - Dim(1); }
Dim hashes(const OpView& v) { return history(v) * attr_dim(v, "n_head_per_ngram"); }

void ngram_shape(const InferView& v) {
  const DType ids = v.in(0).dtype;
  const TensorFact& x = v.in(0);
  if (!x.has_shape) return v.set_unknown_rank(0, ids);
  Shape out = x.shape;
  out.push_back(hashes(v));
  v.set(0, ids, std::move(out));
  v.set(1, ids, {v.in_dim(0, 0), history(v)});
}

// Tokens of several requests stand on one axis; input 3 tells where each begins.
void varlen_ngram_shape(const InferView& v) {
  const DType ids = v.in(0).dtype;
  const Dim batch = v.in_dim(3, 0) - Dim(1);
  v.set(0, ids, {v.in_dim(0, 0), hashes(v)});
  v.set(1, ids, {batch, history(v)});
  v.set(2, DType::kInt32, {batch, history(v)});
  v.set(3, ids, {batch, attr_dim(v, "state_update_capacity"), history(v)});
}

// Per token a multiplication for every order and an exclusive or between them; per hash a remainder
// and, where there are head_offsets, an addition.
template <std::size_t kOffsets>
Work ngram_work(const OpView& v) {
  const Count tokens = v.in(0).elements();
  const Count order = attr_dim(v, "max_ngram_size").count();
  Work w;
  w.integer_ops = tokens * (order * 2U - 1U) + v.out(0).elements() * (v.has_in(kOffsets) ? 2U : 1U);
  return w;
}

// --- routers ------------------------------------------------------------------------------------

// Inputs logits [..., E] (or activations), expert_bias, projection_weight [E, width]. Outputs the
// log-scores of the chosen experts, or all scores and weights.
Count routed(const OpView& v) {
  return v.has_in(2) ? v.in_dim(2, 0).count() : v.in_dim(0, -1).count();
}

void group_router_shape(const InferView& v) {
  const Dim tokens = Dim::from(leading(v, 0));
  const Dim experts = v.has_in(2) ? v.in_dim(2, 0) : v.in_dim(0, -1);
  v.set(0, v.in(0).dtype, {tokens, experts});
  v.set(1, DType::kFloat32, {tokens, experts});
  v.set(2, DType::kFloat32, {tokens, experts});
}

// Compares of a choice of the `chosen` largest of n, as TopK counts them.
Count choice(Count n, std::int64_t chosen) {
  const auto depth = static_cast<unsigned>(
      std::ceil(std::log2(static_cast<double>(std::max<std::int64_t>(chosen, 1)))));
  return n * (1U + depth) + Count(std::max<std::int64_t>(chosen, 0)) * depth;
}

Work group_router_work(const OpView& v) {
  const Count tokens = leading(v, 0);
  const Count experts = routed(v);
  Work w;
  if (v.has_in(2)) {
    w = gemm_work({.m = tokens, .n = experts, .k = v.in_dim(0, -1).count()});
  }
  add_unary(w, DType::kFloat32, tokens * experts, {kSigmoid.flops + 1, kSigmoid.transcendentals});
  if (!v.has_out(0)) return w;
  const std::int64_t groups = std::max<std::int64_t>(v.attr_int("n_group", 1), 1);
  const std::int64_t top = v.attr_int("top_k", 1);
  Count compares = choice(experts, top);
  if (groups > 1) {
    const std::int64_t summed = v.attr_int("group_topk", 2);
    compares += choice(experts, summed) + Count(groups) * Count(std::max<std::int64_t>(summed, 1));
    compares += choice(groups, v.attr_int("topk_group", 1));
  }
  w.flops += tokens * (compares + Count(top));
  w.transcendentals += tokens * Count(top);
  return w;
}

// One product whose columns are the router's, then the gate's and the other half's of a shared
// expert: [..., K] by [K, router_size + 2 inter].
Dim shared_inter(const OpView& v) { return (v.in_dim(1, 1) - attr_dim(v, "router_size")) / Dim(2); }

void router_gate_up_shape(const InferView& v) {
  set_with_last(v, 0, v.in(0).dtype, 0, attr_dim(v, "router_size"));
  set_with_last(v, 1, v.in(0).dtype, 0, shared_inter(v));
}

Work router_gate_up_work(const OpView& v) {
  Work w = matmul_work(v, 0, 1);
  // gate * sigmoid(alpha * gate) * (up + beta), both halves clamped where there is a limit.
  const unsigned clamps = v.attr_float("limit", 0.0) > 0.0 ? 3 : 0;
  add_unary(w, v.in(0).dtype, leading(v, 0) * shared_inter(v).count(),
            {kQuickGelu.flops + 2 + clamps, kQuickGelu.transcendentals});
  return w;
}

constexpr std::string_view kNgram =
    "integers: 2 x max_ngram_size - 1 per token, 1 remainder (and addition) per hash";

constexpr OpSpec kOps[] = {
    {kMicrosoft, "HyperConnectionPreMix", 1, OpClass::kElementwise, pre_mix_shape, pre_mix_work,
     each_once, "1 FLOP per stream element, in - out FLOPs for the sum, 1 per output to scale"},
    {kMicrosoft, "HyperConnectionPostMix", 1, OpClass::kElementwise, same_as_first, post_mix_work,
     each_once, "2 FLOPs per stream element; a stream matrix: branches MACs per stream element"},
    {kMicrosoft, "HyperConnectionLowRankMix", 1, OpClass::kGemm, low_rank_shape, low_rank_work,
     each_once,
     "tokens x width x (2 R + branches) MACs + RMS norm, SiLU, gates, sum and post gates"},
    {kMicrosoft, "EngramGate", 1, OpClass::kNormalization, engram_shape, engram_work, each_once,
     "RMS norms of key and query (and output), 2 FLOPs per element for their dot product, a root, "
     "a division and a sigmoid per row, 1 FLOP per element to gate"},
    {kMicrosoft, "NGramHashMapping", 1, OpClass::kElementwise, ngram_shape, ngram_work<4>,
     each_once, kNgram},
    {kMicrosoft, "VarlenNGramHashMapping", 1, OpClass::kElementwise, varlen_ngram_shape,
     ngram_work<5>, each_once, kNgram},
    {kMicrosoft, "MoEGroupRouter", 1, OpClass::kSort, group_router_shape, group_router_work,
     each_once,
     "projection MACs; sigmoid and bias per score; compares of the choices as TopK; 1 FLOP and 1 "
     "log per chosen expert"},
    {kMicrosoft, "RouterGateUpProj", 1, OpClass::kGemm, router_gate_up_shape, router_gate_up_work,
     each_once, "M x N x K MACs + gated activation of the shared expert"},
};

}  // namespace

std::span<const OpSpec> ms_stream_ops() { return kOps; }

}  // namespace aiprof::ops
