#include "ops/attention.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <string>
#include <utility>

#include "ops/contrib.h"
#include "ops/families.h"
#include "ops/rules.h"

namespace aiprof::ops {
namespace {

using Wide = __int128;

// Real extents are far below this, and sums of so many stay within 128 bits.
constexpr std::uint64_t kLargest = std::uint64_t{1} << 40;

// Sum of clamp(k, 0, limit) over all k from minus infinity to `last`.
Wide ramp(Wide last, Wide limit) {
  if (last <= 0) return 0;
  const Wide rising = std::min(last, limit);
  return rising * (rising + 1) / 2 + (last - rising) * limit;
}

// Sum over queries i of clamp(i + shift, 0, limit).
Wide clamped_sum(Wide queries, Wide shift, Wide limit) {
  return ramp(queries - 1 + shift, limit) - ramp(shift - 1, limit);
}

Count to_count(Wide value) {
  if (value < 0) return 0U;
  if (value > Wide{std::numeric_limits<std::uint64_t>::max()}) return Count::overflow();
  return static_cast<std::uint64_t>(value);
}

}  // namespace

Count visible_pairs(Count q_len, Count total, std::int64_t offset, const AttentionBand& band) {
  if (!q_len.known() || !total.known()) return q_len * total;
  if (q_len.value() > kLargest || total.value() > kLargest) return Count::overflow();
  const auto queries = static_cast<Wide>(q_len.value());
  const auto keys = static_cast<Wide>(total.value());
  // Query i sees keys from max(0, position - left) to min(keys - 1, position + right).
  const bool ahead = !band.causal && band.right < 0;
  const Wide right = band.causal ? 0 : band.right;
  const Wide end = ahead ? queries * keys : clamped_sum(queries, Wide{offset} + right + 1, keys);
  const Wide begin = band.left < 0 ? 0 : clamped_sum(queries, Wide{offset} - band.left, keys);
  return to_count(end - begin);
}

Work softmax_work(Count elements, Count rows) {
  Work w;
  w.flops = (elements - rows) + elements + (elements - rows);
  w.transcendentals = elements * 2U;
  w.geometry.kind = Geometry::Kind::kRows;
  w.geometry.rows = rows;
  w.geometry.cols = elements / rows;
  return w;
}

Work attention_core(const AttentionExtents& e, const AttentionOptions& options) {
  const Count scores = e.scores();
  Work w = softmax_work(scores, e.rows());
  w.macs = scores * (e.head_size + e.value_size);
  w.math = options.dtype;
  switch (options.scale) {
    case AttentionOptions::Scale::kNone:
      break;
    case AttentionOptions::Scale::kScores:
      w.flops += scores;
      break;
    case AttentionOptions::Scale::kQueryAndKey:
      w.flops += e.batch * e.q_heads * (e.q_len + e.total) * e.head_size;
      break;
  }
  if (options.bias) w.flops += scores;
  if (options.softcap) {
    w.flops += scores;
    w.transcendentals += scores * 2U;
  }
  w.geometry = {};
  w.geometry.kind = Geometry::Kind::kAttention;
  w.geometry.batch = e.batch * e.q_heads;
  w.geometry.m = e.q_len;
  w.geometry.n = e.total;
  w.geometry.k = e.head_size;
  w.geometry.kv_heads = e.batch * e.kv_heads;
  w.geometry.value_size = e.value_size;
  return w;
}

namespace {

// --- Attention ----------------------------------------------------------------------------------

// Inputs Q, K, V, attn_mask, past_key, past_value, nonpad_kv_seqlen (version 24); outputs Y,
// present_key, present_value, qk_matmul_output.
constexpr std::size_t kMask = 3;
constexpr std::size_t kPastKey = 4;
constexpr std::size_t kPastValue = 5;
constexpr std::size_t kNonpad = 6;

// How heads are told apart in Q, K and V: an axis of their own, or packed into the last one.
struct Heads {
  Dim count;
  Dim length;
  Dim size;
};

Heads heads_of(const OpView& v, std::size_t input, std::string_view attribute) {
  const TensorFact& x = v.in(input);
  if (!x.has_shape) return {};
  if (x.rank() == 4) return {.count = x.shape[1], .length = x.shape[2], .size = x.shape[3]};
  if (x.rank() != 3) {
    v.fail("input " + std::to_string(input) + " has rank " + std::to_string(x.rank()) +
           ", neither 3 nor 4");
  }
  const std::int64_t heads = v.attr_int(attribute, 0);
  if (heads < 1) v.fail(std::string(attribute) + " is missing, which inputs of rank 3 need");
  const Dim width = x.shape[2];
  if (width.value() % heads != 0) {
    v.fail(std::to_string(width.value()) + " channels do not divide into " + std::to_string(heads) +
           " heads");
  }
  return {.count = heads, .length = x.shape[1], .size = width / Dim(heads)};
}

struct AttentionDims {
  Dim batch;
  Heads q;
  Heads k;
  Heads v;
  Dim past;   // 0 without past keys
  Dim total;  // past and new keys
};

AttentionDims attention_dims(const OpView& v) {
  AttentionDims d;
  d.batch = v.in_dim(0, 0);
  d.q = heads_of(v, 0, "q_num_heads");
  d.k = heads_of(v, 1, "kv_num_heads");
  d.v = heads_of(v, 2, "kv_num_heads");
  if (d.q.size.known() && d.k.size.known() && d.q.size != d.k.size) {
    v.fail("queries have a head size of " + std::to_string(d.q.size.value()) + ", keys of " +
           std::to_string(d.k.size.value()));
  }
  if (d.k.count.is(0) || (d.k.count.known() && d.q.count.value() % d.k.count.value() != 0)) {
    v.fail(std::to_string(d.q.count.value()) + " query heads do not share " +
           std::to_string(d.k.count.value()) + " key heads evenly");
  }
  d.past = v.has_in(kPastKey) ? v.in_dim(kPastKey, 2) : Dim(0);
  d.total = d.past + d.k.length;
  return d;
}

void attention(const InferView& v) {
  const TensorFact& q = v.in(0);
  const AttentionDims d = attention_dims(v);
  v.set(1, v.in(1).dtype, {d.batch, d.k.count, d.total, d.k.size});
  v.set(2, v.in(2).dtype, {d.batch, d.v.count, d.total, d.v.size});
  v.set(3, q.dtype, {d.batch, d.q.count, d.q.length, d.total});
  if (!q.has_shape) {
    v.set_unknown_rank(0, q.dtype);
  } else if (q.rank() == 3) {
    v.set(0, q.dtype, {d.batch, d.q.length, d.q.count * d.v.size});
  } else {
    v.set(0, q.dtype, {d.batch, d.q.count, d.q.length, d.v.size});
  }
}

AttentionExtents extents(const AttentionDims& d) {
  return {.batch = d.batch.count(),
          .q_heads = d.q.count.count(),
          .kv_heads = d.k.count.count(),
          .q_len = d.q.length.count(),
          .total = d.total.count(),
          .head_size = d.q.size.count(),
          .value_size = d.v.size.count()};
}

AttentionBand band_of(const OpView& v) {
  return {.causal = v.attr_int("is_causal", 0) != 0,
          .left = v.attr_int("left_window_size", AttentionBand::kUnbounded),
          .right = v.attr_int("right_window_size", AttentionBand::kUnbounded)};
}

// Masks joined one after the other as the function body does: `shape` is that of their sum so far,
// `fixed` says that it follows from shapes and constants alone and is not computed at run time.
class BiasSum {
 public:
  BiasSum(const OpView& v, Shape first, bool fixed)
      : view_(&v), shape_(std::move(first)), fixed_(fixed) {}

  void add(const Shape& other, bool fixed) {
    shape_ = broadcast(*view_, shape_, other);
    fixed_ = fixed_ && fixed;
    if (!fixed_) flops_ += num_elements(shape_);
  }
  // With the search for rows that are masked as a whole: 1 comparison per element.
  [[nodiscard]] Count flops() const { return fixed_ ? flops_ : flops_ + num_elements(shape_); }

 private:
  const OpView* view_;
  Shape shape_;
  bool fixed_;
  Count flops_ = 0U;
};

// FLOPs of forming the bias before it meets the scores. Comparing positions is integer arithmetic
// on indices and not counted.
Count bias_flops(const OpView& v, const AttentionDims& d) {
  const bool masked = v.has_in(kMask);
  Shape first{d.q.length, d.total};
  if (masked && v.in(kMask).has_shape && v.in(kMask).rank() > 0) {
    first = v.in(kMask).shape;  // a short last axis is padded
    if (!first.back().is(1) || v.opset() >= 24) first.back() = d.total;
  }
  BiasSum sum(v, std::move(first), !masked || v.in(kMask).constant);
  const AttentionBand band = band_of(v);
  const bool per_sequence = v.has_in(kNonpad);
  const bool fixed = !per_sequence || v.in(kNonpad).constant;
  const Shape square{d.q.length, d.total};
  const Shape squares{d.batch, 1, d.q.length, d.total};
  if (band.causal) sum.add(per_sequence ? squares : square, fixed);
  if (band.left >= 0 || band.right >= 0) sum.add(per_sequence ? squares : square, fixed);
  if (per_sequence) sum.add({d.batch, 1, 1, d.total}, fixed);
  return sum.flops();
}

// Valid keys of each sequence; nullopt if nothing says, or it is not known.
std::optional<InlineVector<std::int64_t, 8>> valid_keys(const OpView& v) {
  if (!v.has_in(kNonpad)) return std::nullopt;
  auto lengths = v.ints(kNonpad);
  if (!lengths) return std::nullopt;
  for (const std::int64_t n : *lengths) {
    if (n < 0) v.fail("nonpad_kv_seqlen holds " + std::to_string(n));
  }
  return lengths;
}

// MACs that masks leave: unknown if there are none that the graph itself shows (the contents of
// attn_mask do not count).
Count unmasked_macs(const OpView& v, const AttentionDims& d, const AttentionExtents& e) {
  const AttentionBand band = band_of(v);
  if (!e.q_len.known() || !e.total.known()) return Count::unknown();
  if (const auto valid = valid_keys(v)) {
    // The last query stands at the last valid key.
    Count pairs = 0U;
    for (const std::int64_t n : *valid) {
      pairs += visible_pairs(e.q_len, min(Count(n), e.total), n - d.q.length.value(), band);
    }
    return useful_macs(e, pairs);
  }
  if (!band.bounded()) return Count::unknown();
  // Without their lengths, all keys of an external cache are taken to be valid.
  const std::int64_t offset =
      v.has_in(kNonpad) ? d.total.value() - d.q.length.value() : d.past.value();
  return useful_macs(e, e.batch * visible_pairs(e.q_len, e.total, offset, band));
}

// As the function body: Q and K are both scaled, keys after they are shared by query heads, and a
// bias is always added to the scores (of zeros where nothing masks).
Work attention_cost(const OpView& v) {
  const AttentionDims d = attention_dims(v);
  const AttentionExtents e = extents(d);
  Work w = attention_core(e, {.scale = AttentionOptions::Scale::kQueryAndKey,
                              .bias = true,
                              .softcap = v.attr_float("softcap", 0.0) != 0.0});
  w.flops += bias_flops(v, d);
  w.useful_macs = unmasked_macs(v, d, e);
  return w;
}

// Scores stay on chip unless they are an output. past and present are tensors of their own: both
// move in full. With nonpad_kv_seqlen K and V are a cache, of which the valid part is read.
void attention_traffic(const OpView& v, Traffic& t) {
  t.read(0);
  const AttentionDims d = attention_dims(v);
  if (v.has_in(kNonpad)) {
    Count tokens = d.batch.count() * d.total.count();
    if (const auto valid = valid_keys(v)) {
      tokens = 0U;
      for (const std::int64_t n : *valid) tokens += min(Count(n), d.total.count());
    }
    t.read_state(1, tokens * d.k.count.count() * d.k.size.count());
    t.read_state(2, tokens * d.v.count.count() * d.v.size.count());
  } else {
    t.read(1);
    t.read(2);
  }
  t.read(kMask);
  t.read_state(kPastKey, v.in(kPastKey).elements());
  t.read_state(kPastValue, v.in(kPastValue).elements());
  t.read(kNonpad);
  t.write(0);
  t.write_state(1, v.out(1).elements());
  t.write_state(2, v.out(2).elements());
  t.write(3);
}

// --- FlexAttention ------------------------------------------------------------------------------

// score_mod and prob_mod are graphs of their own: their nodes are counted as such.
Work flex_attention_cost(const OpView& v) {
  return attention_core(extents(attention_dims(v)),
                        {.scale = AttentionOptions::Scale::kQueryAndKey});
}

// --- RotaryEmbedding ----------------------------------------------------------------------------

Work rotary_cost(const OpView& v) {
  const TensorFact& x = v.in(0);
  const Count elements = x.elements();
  const std::int64_t rotated = v.attr_int("rotary_embedding_dim", 0);
  Work w;
  w.flops = rotary_flops(elements);
  if (rotated > 0 && x.has_shape) {
    const Count head = heads_of(v, 0, "num_heads").size.count();
    w.flops = rotary_flops(elements / head * Count(rotated));
  }
  return w;
}

// With position_ids only the rows they name are read from the caches.
void rotary_traffic(const OpView& v, Traffic& t) {
  t.read(0);
  for (const std::size_t cache : {1U, 2U}) {
    if (v.has_in(3)) {
      read_rows(v, t, cache, v.in(3).elements());
    } else {
      t.read(cache);
    }
  }
  t.read(3);
  t.write(0);
}

constexpr std::string_view kAttentionFormula =
    "MACs: sequences x query heads x S x T x (H + Hv); FLOPs: (S + T) x H per query head for "
    "scaling Q and K, per score 1 for the bias and 3 (less 2 per row) for softmax, joining masks; "
    "2 transcendentals per score; softcap 1 FLOP and 2 transcendentals per score";

constexpr OpSpec kAttention[] = {
    {"", "Attention", 23, OpClass::kAttention, attention, attention_cost, attention_traffic,
     kAttentionFormula},
    {"ai.onnx.preview", "FlexAttention", 1, OpClass::kAttention, attention, flex_attention_cost,
     each_once, "as Attention without a bias; score_mod and prob_mod are counted node by node"},
    {"", "RotaryEmbedding", 23, OpClass::kElementwise, same_as_first, rotary_cost, rotary_traffic,
     "3 FLOPs per rotated element; only the rows that position_ids name are read from the caches",
     nullptr, kInPlace},
};

}  // namespace

std::span<const OpSpec> attention_ops() { return kAttention; }

}  // namespace aiprof::ops
