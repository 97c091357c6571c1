// com.microsoft: grouped-query, sparse and paged attention over key/value caches.
#include <algorithm>
#include <string>
#include <vector>

#include "ops/attention.h"
#include "ops/contrib.h"
#include "ops/families.h"
#include "ops/rules.h"

namespace aiprof::ops {
namespace {

// --- what the three have in common
// ----------------------------------------------------------------

// Heads and head sizes. Without a key input the query holds all three, N + 2 Nk heads wide.
AttentionExtents heads_of(const OpView& v, Count hidden) {
  AttentionExtents e;
  e.q_heads = Count(v.attr_int("num_heads", 0));
  e.kv_heads = Count(v.attr_int("kv_num_heads", 0));
  const Count in_query = v.has_in(1) ? e.q_heads : e.q_heads + e.kv_heads * 2U;
  e.head_size = hidden / in_query;
  e.value_size = e.head_size;
  return e;
}

// local_window_size counts the query's own position; -1 means no window.
AttentionBand band_of(const OpView& v) {
  AttentionBand band;
  band.causal = v.attr_int("causal", 1) != 0;
  const std::int64_t window = v.attr_int("local_window_size", -1);
  if (window > 0) band.left = window - 1;
  return band;
}

// Keys of one sequence that at least one of its `q_len` queries sees.
Count keys_read(const OpView& v, Count q_len, Count total) {
  const std::int64_t window = v.attr_int("local_window_size", -1);
  return window > 0 ? min(total, q_len - 1U + Count(window)) : total;
}

struct Extras {
  std::size_t cos, q_norm, k_norm, sink;
};

// Rotation, per-head norms and sinks of `tokens` new tokens; `rows` score rows in all.
void add_extras(const OpView& v, const AttentionExtents& e, Count tokens, const Extras& at,
                Work& w) {
  const Count heads = e.q_heads + e.kv_heads;
  if (v.attr_int("do_rotary", 0) != 0) {
    // The caches hold half the rotated extent.
    const Dim half = v.in_dim(at.cos, 1);
    const Count rotated = half.known() ? half.count() * 2U : e.head_size;
    w.flops += rotary_flops(tokens * heads * rotated);
  }
  if (v.has_in(at.q_norm)) {
    add_work(w, norm_work(tokens * e.q_heads, e.head_size, {.centred = false}));
  }
  if (v.has_in(at.k_norm)) {
    add_work(w, norm_work(tokens * e.kv_heads, e.head_size, {.centred = false}));
  }
  if (v.has_in(at.sink) || v.attr_int("smooth_softmax", 0) != 0) {
    // One more term in every denominator: its exponential, a maximum and an addition.
    w.flops += e.rows() * 2U;
    w.transcendentals += e.rows();
  }
}

AttentionOptions options_of(const OpView& v, std::size_t bias) {
  AttentionOptions options;
  options.bias = v.has_in(bias);
  options.softcap = v.attr_float("softcap", 0.0) > 0.0;
  return options;
}

// --- GroupQueryAttention and SparseAttention
// --------------------------------------------------------

struct CacheOperands {
  std::size_t past = 3;
  std::size_t total = 6;
  std::size_t bias = 10;
  Extras extras{.cos = 7, .q_norm = 14, .k_norm = 15, .sink = 11};
};

CacheOperands operands_of(const OpView& v) {
  if (v.type() == "GroupQueryAttention") return {};
  return {.total = 7,
          .bias = SIZE_MAX,
          .extras = {.cos = 9, .q_norm = SIZE_MAX, .k_norm = SIZE_MAX, .sink = SIZE_MAX}};
}

struct CachedAttention {
  AttentionExtents e;
  Count capacity;  // tokens that past has room for
  Count present;   // tokens that present has room for
  bool total_known = false;
  [[nodiscard]] bool shared() const { return capacity == present; }
};

CachedAttention read_cached(const OpView& v) {
  const CacheOperands at = operands_of(v);
  CachedAttention c;
  c.e = heads_of(v, v.in_dim(0, 2).count());
  c.e.batch = v.in_dim(0, 0).count();
  c.e.q_len = v.in_dim(0, 1).count();
  c.capacity = v.has_in(at.past) ? v.in_dim(at.past, 2).count() : Count(0U);
  const auto total = v.int_scalar(at.total);
  c.total_known = total.has_value();
  // Without the value, past is taken to hold as many tokens as its extent says.
  c.e.total = total ? Count(*total) : c.capacity + c.e.q_len;
  c.present = v.type() == "SparseAttention" ? c.capacity : max(c.capacity, c.e.total);
  if (v.attr_int("sliding_window_cache", 0) != 0) c.present = c.capacity;
  return c;
}

void set_cache(const InferView& v, std::size_t o, std::size_t past, const CachedAttention& c) {
  const TensorFact& cache = v.in(past);
  const DType dtype = cache.present() ? cache.dtype : v.in(0).dtype;
  const Dim size = cache.has_shape ? v.in_dim(past, 3) : Dim::from(c.e.head_size);
  v.set(o, dtype, {Dim::from(c.e.batch), Dim::from(c.e.kv_heads), Dim::from(c.present), size});
}

void cached_shape(const InferView& v) {
  const DType dtype = v.in(0).dtype;
  const CacheOperands at = operands_of(v);
  const CachedAttention c = read_cached(v);
  set_with_last(v, 0, dtype, 0, Dim::from(c.e.q_heads * c.e.head_size));
  set_cache(v, 1, at.past, c);
  set_cache(v, 2, at.past + 1, c);
  v.set(3, dtype,
        {Dim::from(c.e.batch), Dim::from(c.e.q_heads), Dim::from(c.e.q_len), Dim::from(c.e.total)});
  if (!c.total_known) {
    v.assume(0,
             "total_sequence_length is not known: the past is taken to be full, total = past "
             "extent + new tokens (--value gives it)");
  }
}

std::int64_t past_of(const AttentionExtents& e) {
  return static_cast<std::int64_t>(e.total.value()) - static_cast<std::int64_t>(e.q_len.value());
}

Work gqa_work(const OpView& v) {
  const CacheOperands at = operands_of(v);
  const CachedAttention c = read_cached(v);
  Work w = attention_core(c.e, options_of(v, at.bias));
  const AttentionBand band = band_of(v);
  if (band.bounded() && c.e.total.known() && c.e.q_len.known()) {
    w.useful_macs =
        useful_macs(c.e, c.e.batch * visible_pairs(c.e.q_len, c.e.total, past_of(c.e), band));
  }
  add_extras(v, c.e, c.e.batch * c.e.q_len, at.extras, w);
  return w;
}

// Elements that the cache keeps of one token of every sequence.
Count cache_row(const OpView& v, std::size_t past, const CachedAttention& c) {
  const Dim size = v.in_dim(past, 3);
  return c.e.batch * c.e.kv_heads * (size.known() ? size.count() : c.e.head_size);
}

// Reads the keys and values that are attended and lie in the cache; writes the new tokens alone if
// present shares past's buffer (their capacities agree), else all of present.
void cached_traffic(const OpView& v, Traffic& t) {
  const CacheOperands at = operands_of(v);
  const CachedAttention c = read_cached(v);
  const Count read = min(c.capacity, keys_read(v, c.e.q_len, c.e.total));
  const Count written = c.shared() ? min(c.e.q_len, c.present) : c.present;
  const Count tokens = c.e.batch * c.e.q_len;
  for (std::size_t i = 0; i < v.num_inputs(); ++i) {
    if (i == at.past || i == at.past + 1) {
      t.read_state(i, cache_row(v, i, c) * read);
    } else if (i == at.extras.cos || i == at.extras.cos + 1) {
      read_rows(v, t, i, tokens);
    } else {
      t.read(i);
    }
  }
  t.write(0);
  t.write_state(1, cache_row(v, at.past, c) * written);
  t.write_state(2, cache_row(v, at.past + 1, c) * written);
  t.write(3);
}

// Score positions that the block mask keeps, for one head of each layout summed over the layouts;
// unknown unless block_row_indices is. Rows of the mask are query blocks by absolute position; the
// last block of a row is the one on the diagonal.
Count block_pairs(const OpView& v, const AttentionExtents& e) {
  const auto rows = v.ints(5);
  const Count per_layout = v.in_dim(5, 1).count();
  const std::int64_t block = v.attr_int("sparse_block_size", 0);
  if (!rows || !per_layout.known() || per_layout.value() == 0 || block <= 0 || !e.total.known()) {
    return Count::unknown();
  }
  const auto stride = static_cast<std::size_t>(per_layout.value());
  const auto total = static_cast<std::int64_t>(e.total.value());
  Count pairs = 0U;
  for (std::size_t start = 0; start + stride <= rows->size(); start += stride) {
    for (std::int64_t q = past_of(e); q < total;) {
      const auto row = start + static_cast<std::size_t>(q / block);
      if (row + 1 >= start + stride) v.fail("the block mask has fewer rows than the sequence");
      const std::int64_t end = std::min(total, block > total ? total : (q / block + 1) * block);
      const std::int64_t blocks = (*rows)[row + 1] - (*rows)[row];
      pairs += Count(end - q) * min(Count(blocks) * Count(block), Count(total));
      q = end;
    }
  }
  return pairs;
}

void sparse_shape(const InferView& v) {
  cached_shape(v);
  if (!v.ints(5)) {
    v.assume(0,
             "the block mask (block_row_indices) is not known: every causal block is taken to "
             "be kept");
  }
}

Work sparse_work(const OpView& v) {
  const CacheOperands at = operands_of(v);
  const CachedAttention c = read_cached(v);
  const AttentionExtents& e = c.e;
  const bool masked = v.ints(5).has_value();
  const Count layouts = v.in_dim(5, 0).count();
  Count pairs;  // of one sequence, all query heads
  if (masked) {
    pairs = block_pairs(v, e) * (e.q_heads / layouts);
  } else if (e.total.known() && e.q_len.known()) {
    pairs = visible_pairs(e.q_len, e.total, past_of(e), {.causal = true}) * e.q_heads;
  } else {
    pairs = Count::unknown();
  }
  Work w = attention_core(e);
  const Count scores = e.batch * pairs;
  w.macs = scores * (e.head_size + e.value_size);
  const Work softmax = softmax_work(scores, e.rows());
  w.flops = scores + softmax.flops;
  w.transcendentals = softmax.transcendentals;
  add_extras(v, e, e.batch * e.q_len, at.extras, w);
  return w;
}

// --- PagedAttention
// -------------------------------------------------------------------------------

struct PagedSequence {
  Count q_len, total;
};

constexpr std::size_t kCumulative = 5;
constexpr std::size_t kPastLengths = 6;
constexpr std::size_t kBlockTable = 7;

AttentionExtents paged_heads(const OpView& v) {
  AttentionExtents e = heads_of(v, v.in_dim(0, 1).count());
  if (v.attr_string("kv_cache_layout", "SEPARATE") == "LATENT") {
    // One cache holds key and value: the query alone is `num_heads` wide.
    e.head_size = v.in_dim(0, 1).count() / e.q_heads;
    const std::int64_t value = v.attr_int("v_head_size", 0);
    e.value_size = value > 0 ? Count(value) : e.head_size;
  }
  return e;
}

// Lengths of all sequences where both length inputs are known; else, as an upper bound, equal
// shares of the tokens over full block tables.
std::vector<PagedSequence> paged_sequences(const OpView& v) {
  std::vector<PagedSequence> out;
  const auto ends = v.ints(kCumulative);
  const auto past = v.ints(kPastLengths);
  if (ends && past && ends->size() == past->size() + 1) {
    for (std::size_t i = 0; i < past->size(); ++i) {
      const Count q_len((*ends)[i + 1] - (*ends)[i]);
      out.push_back({q_len, q_len + Count((*past)[i])});
    }
    return out;
  }
  const Count batch = v.in_dim(kBlockTable, 0).count();
  if (!batch.known()) v.fail("the number of sequences is not known");
  if (batch.value() > kMaxValueElements) {
    v.fail("block_table is for " + std::to_string(batch.value()) + " sequences; at most " +
           std::to_string(kMaxValueElements) + " are followed");
  }
  const Count q_len = ceil_div(v.in_dim(0, 0).count(), batch);
  const Count total = v.in_dim(kBlockTable, 1).count() * v.in_dim(3, 1).count();
  out.assign(batch.value(), {q_len, total});
  return out;
}

void paged_shape(const InferView& v) {
  const AttentionExtents e = paged_heads(v);
  set_with_last(v, 0, v.in(0).dtype, 0, Dim::from(e.q_heads * e.value_size));
  copy_type(v, 3, 1);
  if (v.has_in(4)) copy_type(v, 4, 2);
  if (!v.ints(kCumulative) || !v.ints(kPastLengths)) {
    v.assume(0,
             "the lengths of the sequences are not known: block tables are taken to be full and "
             "the tokens equally shared (--value gives them)");
  }
}

Work paged_work(const OpView& v) {
  AttentionExtents e = paged_heads(v);
  const AttentionOptions options = options_of(v, SIZE_MAX);
  const AttentionBand band = band_of(v);
  const Extras at{.cos = 8, .q_norm = 12, .k_norm = 13, .sink = 11};
  Work w;
  Count useful = 0U;
  for (const PagedSequence& s : paged_sequences(v)) {
    e.q_len = s.q_len;
    e.total = s.total;
    const Work part = attention_core(e, options);
    if (part.macs.value_or(0) >= w.macs.value_or(0)) w.geometry = part.geometry;
    add_work(w, part);
    if (e.total.known() && e.q_len.known()) {
      useful += useful_macs(e, visible_pairs(s.q_len, s.total, past_of(e), band));
    } else {
      useful = Count::unknown();
    }
    add_extras(v, e, s.q_len, at, w);
  }
  w.useful_macs = useful;
  w.math = v.in(0).dtype;
  return w;
}

// The caches are far larger than what one step reads of them: the tokens of its sequences.
void paged_traffic(const OpView& v, Traffic& t) {
  const Count tokens = v.in_dim(0, 0).count();
  Count read = 0U;
  for (const PagedSequence& s : paged_sequences(v)) read += keys_read(v, s.q_len, s.total);
  for (std::size_t i = 0; i < v.num_inputs(); ++i) {
    if (i == 3 || i == 4) {
      t.read_state(i, read * v.in_dim(i, 2).count() * v.in_dim(i, 3).count());
    } else if (i == 8 || i == 9) {
      read_rows(v, t, i, tokens);
    } else {
      t.read(i);
    }
  }
  t.write(0);
  for (const std::size_t o : {1U, 2U}) {
    t.write_state(o, tokens * v.in_dim(o + 2, 2).count() * v.in_dim(o + 2, 3).count());
  }
}

constexpr OpSpec kOps[] = {
    {kMicrosoft, "GroupQueryAttention", 1, OpClass::kAttention, cached_shape, gqa_work,
     cached_traffic,
     "B x N x S x T x 2H MACs; per score: scale, bias, softcap and softmax; + rotation 3 x B x S x "
     "(N + Nk) x R, per-head RMS norms; reads the attended cache, writes new tokens (all of "
     "present "
     "if the buffer grows)"},
    {kMicrosoft, "SparseAttention", 1, OpClass::kAttention, sparse_shape, sparse_work,
     cached_traffic,
     "scores in kept blocks x 2H MACs (all causal blocks where the mask is unknown) + softmax + "
     "rotation; every cached token is read"},
    {kMicrosoft, "PagedAttention", 1, OpClass::kAttention, paged_shape, paged_work, paged_traffic,
     "sum over sequences of N x S x T x (H + Hv) MACs + softmax + rotation and norms; reads the T "
     "cached tokens of each sequence, writes the new ones"},
};

}  // namespace

std::span<const OpSpec> ms_gqa_ops() { return kOps; }

}  // namespace aiprof::ops
