// The core of scaled dot-product attention, for the standard operators and their relatives.
#pragma once

#include <cstdint>

#include "aiprof/ops/op_spec.h"

namespace aiprof::ops {

// Extents of an attention: every query head attends `total` keys; key and value heads are shared
// by q_heads / kv_heads query heads.
struct AttentionExtents {
  Count batch = 1U;
  Count q_heads = Count::unknown();
  Count kv_heads = Count::unknown();
  Count q_len = Count::unknown();       // S
  Count total = Count::unknown();       // T: past keys and new keys
  Count head_size = Count::unknown();   // H, of queries and keys
  Count value_size = Count::unknown();  // Hv

  // Elements of the score matrices of all heads: batch x q_heads x S x T.
  [[nodiscard]] Count scores() const { return batch * q_heads * q_len * total; }
  // Rows of the score matrices of all heads.
  [[nodiscard]] Count rows() const { return batch * q_heads * q_len; }
};

// Which keys a query may see. Query i stands at position offset + i among the keys.
struct AttentionBand {
  static constexpr std::int64_t kUnbounded = -1;
  bool causal = false;              // no key after the query's position
  std::int64_t left = kUnbounded;   // most keys before the query's position
  std::int64_t right = kUnbounded;  // most keys after it

  [[nodiscard]] bool bounded() const { return causal || left >= 0 || right >= 0; }
};

// Sum over `q_len` queries of the keys, out of `total`, that each may see. `offset` is the position
// of query 0 (keys before it: the past length) and may be negative. Causal and unwindowed with
// total = offset + q_len: S * P + S * (S + 1) / 2. Windowed by left = w - 1: sum of min(w, pos +
// 1). Unknown if q_len or total is.
[[nodiscard]] Count visible_pairs(Count q_len, Count total, std::int64_t offset,
                                  const AttentionBand& band);

// What happens to scores beside the two products and the softmax.
struct AttentionOptions {
  enum class Scale : std::uint8_t {
    kNone,         // folded into other constants
    kScores,       // 1 FLOP per score
    kQueryAndKey,  // both operands are scaled by its root, keys after sharing: (S + T) x H per head
  };
  Scale scale = Scale::kScores;
  bool bias = false;                // a mask or bias is added: 1 FLOP per score
  bool softcap = false;             // c * tanh(s / c): 1 FLOP and 2 transcendentals per score
  DType dtype = DType::kUndefined;  // of the contraction, where it is not input 0's
};

// Softmax over rows: per score 1 subtraction, 1 exp and 1 division, and max and sum (in - out
// each).
[[nodiscard]] Work softmax_work(Count elements, Count rows);

// Dense work: batch x q_heads x S x T x (H + Hv) MACs; scaling, bias, softcap and softmax apart.
// useful_macs stays unknown (all); for masks set it with useful_macs(). Fills the geometry.
[[nodiscard]] Work attention_core(const AttentionExtents& e, const AttentionOptions& options = {});

// MACs of the pairs of `pairs` (summed over the batch) for every query head.
[[nodiscard]] inline Count useful_macs(const AttentionExtents& e, Count pairs) {
  return pairs * e.q_heads * (e.head_size + e.value_size);
}

// Rotation of `elements` elements: per pair 4 multiplications, 1 addition, 1 subtraction, hence 3
// FLOPs per rotated element.
[[nodiscard]] inline Count rotary_flops(Count elements) { return elements * 3U; }

// Extents of a linear (recurrent) attention.
struct LinearAttentionExtents {
  enum class Rule : std::uint8_t { kLinear, kGated, kDelta, kGatedDelta };
  Rule rule = Rule::kGatedDelta;
  Count batch = 1U;
  Count steps = Count::unknown();  // tokens
  Count q_heads = Count::unknown();
  Count kv_heads = Count::unknown();  // each with a state [key_size, value_size]
  Count key_size = Count::unknown();
  Count value_size = Count::unknown();
  Count decay =
      Count::unknown();  // elements of the decay input for one token of one sequence; kGated*

  [[nodiscard]] bool gated() const { return rule == Rule::kGated || rule == Rule::kGatedDelta; }
  [[nodiscard]] bool delta() const { return rule == Rule::kDelta || rule == Rule::kGatedDelta; }
};

// Work of the token by token recurrence: outer product, retrieval (delta) and read-out are MACs,
// the decay and the state's addition FLOPs. Chunked prefill kernels do more arithmetic.
[[nodiscard]] Work linear_attention_work(const LinearAttentionExtents& e);

}  // namespace aiprof::ops
