// com.microsoft: mixtures of experts.
#include <algorithm>
#include <cmath>

#include "ops/attention.h"
#include "ops/contrib.h"
#include "ops/evaluate.h"
#include "ops/families.h"
#include "ops/matmul.h"
#include "ops/rules.h"

namespace aiprof::ops {
namespace {

// Where the operands of one of the two operators stand, and how many weights share a stored
// element.
struct MoeOperands {
  std::size_t fc1, fc2, fc3;
  std::int64_t pack = 1;
};

MoeOperands operands_of(const OpView& v) {
  if (v.type() != "QMoE") return {.fc1 = 2, .fc2 = 4, .fc3 = 6};
  const bool bytes = v.in(2).dtype == DType::kUint8;
  // Formats of 8 bits ("fp8") store one weight per element whatever expert_weight_bits says.
  const auto type = v.attr_string("quant_type", "int");
  const std::int64_t bits = type == "int"   ? v.attr_int("expert_weight_bits", 4)
                            : type == "fp8" ? 8
                                            : 4;
  return {.fc1 = 2, .fc2 = 5, .fc3 = 8, .pack = bytes && bits > 0 && bits < 8 ? 8 / bits : 1};
}

struct MoeExtents {
  Count tokens, experts;
  Count all;     // experts on all devices; more than `experts` in ShardedMoE
  Count chosen;  // experts per token
  Count hidden;  // H
  Count fc1;     // width of the first projection: 2 x inter where gate and up fuse
  Count inter;
  bool has_fc3 = false;
};

// One of the two extents of a stored [experts, out, in / pack] weight is `hidden`; the other is
// returned in weights. Both orders of the axes are met.
Count other_extent(const OpView& v, std::size_t weight, Count hidden, std::int64_t pack) {
  const Count rows = v.in_dim(weight, 1).count();
  const Count cols = v.in_dim(weight, 2).count() * Count(pack);
  return cols == hidden ? rows : rows == hidden ? cols : rows;
}

MoeExtents extents_of(const OpView& v) {
  const MoeOperands at = operands_of(v);
  MoeExtents e;
  e.tokens = leading(v, 0);
  e.hidden = v.in_dim(0, -1).count();
  e.experts = v.in_dim(at.fc1, 0).count();
  e.all = max(v.in_dim(1, -1).count(), e.experts);
  e.chosen = min(Count(v.attr_int("k", 1)), e.all);
  e.fc1 = other_extent(v, at.fc1, e.hidden, at.pack);
  const bool fused = v.attr_int("swiglu_fusion", 0) != 0;
  e.inter = fused ? e.fc1 / 2U : e.fc1;
  e.has_fc3 = v.has_in(at.fc3);
  return e;
}

// Experts that at least one token goes to. Assumption: every token picks its experts uniformly and
// independently, so E * (1 - (1 - k / E)^tokens) are expected; rounded to whole experts.
Count experts_touched(const MoeExtents& e) {
  if (!e.experts.known() || !e.tokens.known() || !e.chosen.known() || !e.all.known() ||
      e.experts.value() == 0) {
    return e.experts * e.tokens * e.chosen * e.all;
  }
  const double share = e.chosen.as_double() / e.all.as_double();
  const double idle = std::pow(1.0 - share, e.tokens.as_double());
  const auto touched =
      static_cast<std::uint64_t>(std::llround(e.experts.as_double() * (1.0 - idle)));
  return std::min(touched, e.experts.value());
}

UnaryCost gate_cost(const OpView& v) {
  const auto type = v.attr_string("activation_type", "relu");
  if (type != "swiglu") return activation_cost(v, type);
  // gate * sigmoid(alpha * gate) * (up + beta), both halves clamped where there is a limit.
  UnaryCost cost{kQuickGelu.flops + 2, kQuickGelu.transcendentals};
  if (v.attr("swiglu_limit") != nullptr) cost.flops += 3;
  return cost;
}

Work moe_work(const OpView& v) {
  const MoeExtents e = extents_of(v);
  const DType dtype = v.in(0).dtype;
  const Count rows = e.tokens * e.chosen * e.experts / e.all;
  const Count up = e.has_fc3 ? e.inter : Count(0U);
  Work w;
  w.macs = rows * e.hidden * (e.fc1 + e.inter + up);
  w.math = dtype;
  const Count touched = experts_touched(e);
  w.geometry.kind = Geometry::Kind::kGemm;
  w.geometry.batch = touched;
  w.geometry.m = ceil_div(rows, touched);
  w.geometry.n = e.fc1 + e.inter + up;
  w.geometry.k = e.hidden;
  add_work(w, softmax_work(e.tokens * e.all, e.tokens));
  add_unary(w, dtype, rows * e.inter, gate_cost(v));
  if (e.has_fc3) add_ops(w, dtype, rows * e.inter);  // gate x up
  // Experts' results, weighted and summed.
  add_ops(w, dtype, rows * e.hidden + combined(rows, e.tokens) * e.hidden);
  const MoeOperands at = operands_of(v);
  for (const std::size_t fc : {at.fc1, at.fc2, at.fc3}) {
    const std::size_t bias = fc + (v.type() == "QMoE" ? 2U : 1U);
    if (v.has_in(bias)) add_ops(w, dtype, rows * v.in_dim(bias, -1).count());
  }
  if (v.type() == "QMoE") {
    add_work(w, dequantize_work(touched * e.hidden * (e.fc1 + e.inter + up)));
  }
  return w;
}

// Activations and router move whole; of every expert's tensors only the touched experts' share.
void moe_traffic(const OpView& v, Traffic& t) {
  const MoeExtents e = extents_of(v);
  const Count touched = experts_touched(e);
  t.read(0);
  t.read(1);
  for (std::size_t i = 2; i < v.num_inputs(); ++i) {
    if (!v.has_in(i)) continue;
    const bool per_expert = v.in(i).has_shape && v.in(i).rank() > 0 &&
                            v.in(i).shape[0].count() == e.experts && i != 14;  // router_weights
    t.read(i, per_expert ? v.in(i).elements() / e.experts * touched : v.in(i).elements());
  }
  t.write(0);
}

// Inputs input, router_probs, gate [E, inter, bytes], up, down [E, hidden, bytes], router_weights;
// rows of weights are packed blobs whose format a number names.
MoeExtents packed_extents(const OpView& v) {
  MoeExtents e;
  e.tokens = leading(v, 0);
  e.hidden = v.in_dim(0, -1).count();
  e.experts = v.in_dim(2, 0).count();
  e.all = e.experts;
  e.chosen = min(Count(v.attr_int("k", 1)), e.all);
  e.inter = v.in_dim(2, 1).count();
  e.fc1 = e.inter;
  e.has_fc3 = v.has_in(3);
  return e;
}

Work packed_moe_work(const OpView& v) {
  const MoeExtents e = packed_extents(v);
  const DType dtype = v.in(0).dtype;
  const Count rows = e.tokens * e.chosen;
  const Count touched = experts_touched(e);
  const Count columns = e.inter * (e.has_fc3 ? 3U : 2U);
  Work w = gemm_work({.batch = touched, .m = ceil_div(rows, touched), .n = columns, .k = e.hidden});
  w.macs = rows * e.hidden * columns;
  // SiLU of the gate times the other half, or a squared ReLU.
  add_unary(w, dtype, rows * e.inter,
            e.has_fc3 ? UnaryCost{kSilu.flops + 1, kSilu.transcendentals}
                      : UnaryCost{kRelu.flops + 1, 0});
  if (!v.has_in(5)) add_work(w, softmax_work(e.tokens * e.all, e.tokens));
  add_ops(w, dtype, rows * e.hidden + combined(rows, e.tokens) * e.hidden);
  add_work(w, dequantize_work(touched * e.hidden * columns));
  return w;
}

void packed_moe_traffic(const OpView& v, Traffic& t) {
  const MoeExtents e = packed_extents(v);
  const Count touched = experts_touched(e);
  t.read(0);
  t.read(1);
  for (const std::size_t i : {2U, 3U, 4U}) {
    if (v.has_in(i)) t.read(i, v.in(i).elements() / e.experts * touched);
  }
  if (v.has_in(5)) t.read(5);
  t.write(0);
}

constexpr std::string_view kMoe =
    "tokens x k x hidden x (fc1 width + inter [+ inter for fc3]) MACs + router softmax, biases, "
    "activation and weighted sum; weights move for round(E (1 - (1 - k/E)^tokens)) experts, "
    "assuming uniform routing";

constexpr OpSpec kMoeOps[] = {
    {kMicrosoft, "MoE", 1, OpClass::kGemm, same_as_first, moe_work, moe_traffic, kMoe},
    {kMicrosoft, "QMoE", 1, OpClass::kGemm, same_as_first, moe_work, moe_traffic, kMoe},
    {kMicrosoft, "MoEPacked", 1, OpClass::kGemm, same_as_first, packed_moe_work, packed_moe_traffic,
     kMoe},
    {kMicrosoft, "ShardedMoE", 1, OpClass::kGemm, same_as_first, moe_work, moe_traffic, kMoe},
};

}  // namespace

std::span<const OpSpec> ms_moe_ops() { return kMoeOps; }

}  // namespace aiprof::ops
