// Operators on strings. Strings count as 64 bits each, the size of a reference.
#include <algorithm>
#include <string>

#include "ops/families.h"
#include "ops/operands.h"
#include "ops/select.h"

namespace aiprof::ops {
namespace {

// Contents of a string input, or null.
const Value* strings(const OpView& v, std::size_t i) {
  const Value* x = v.value(i);
  return x != nullptr && x->kind == Value::Kind::kString ? x : nullptr;
}

bool is_ascii(std::string_view s) {
  return std::all_of(s.begin(), s.end(), [](char c) { return static_cast<signed char>(c) >= 0; });
}

std::string lower(std::string_view s) {
  std::string out(s);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

std::string upper(std::string_view s) {
  std::string out(s);
  for (char& c : out) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return out;
}

// --- StringNormalizer ---------------------------------------------------------------------------

std::span<const std::string_view> stop_words(const OpView& v) {
  const Attribute* a = v.attr("stopwords");
  return a != nullptr ? a->strings : std::span<const std::string_view>();
}

// The strings that remain; nullopt where the contents are not known, or where a comparison without
// case would need more than ASCII.
std::optional<std::vector<std::string>> remaining(const OpView& v) {
  const Value* x = strings(v, 0);
  if (x == nullptr) return std::nullopt;
  const auto words = stop_words(v);
  const bool exact_case = v.attr_int("is_case_sensitive", 0) != 0;
  std::vector<std::string> out;
  for (const std::string& s : x->strings) {
    if (!exact_case && !words.empty() && !is_ascii(s)) return std::nullopt;
    const bool stop = std::any_of(words.begin(), words.end(), [&](std::string_view w) {
      return exact_case ? w == s : lower(w) == lower(s);
    });
    if (!stop) out.push_back(s);
  }
  if (out.empty()) out.emplace_back();  // by definition: one empty string
  return out;
}

// [C] or [1, C]; stop words are removed from C.
void string_normalizer_shape(const InferView& v) {
  const TensorFact& in = v.in(0);
  if (!in.has_shape) return v.set_unknown_rank(0, DType::kString);
  if (in.rank() != 1 && in.rank() != 2) v.fail("the input has rank " + std::to_string(in.rank()));
  Shape out = in.shape;
  const auto kept = remaining(v);
  if (kept) out[out.size() - 1] = static_cast<std::int64_t>(kept->size());
  v.set(0, DType::kString, out);
  if (!kept && !stop_words(v).empty()) {
    v.assume(0, "no string counts as a stop word" + settled_by(v, 0));
  }
}

void string_normalizer_value(const InferView& v) {
  const auto kept = remaining(v);
  if (!kept) return;
  const std::string_view action = v.attr_string("case_change_action", "NONE");
  auto value = std::make_shared<Value>();
  value->kind = Value::Kind::kString;
  for (const std::string& s : *kept) {
    if (action != "NONE" && !is_ascii(s)) return;
    value->strings.push_back(action == "LOWER" ? lower(s) : action == "UPPER" ? upper(s) : s);
  }
  v.set_value(0, std::move(value));
}

// --- StringConcat, RegexFullMatch ---------------------------------------------------------------

void string_concat_value(const InferView& v) {
  const Value* a = strings(v, 0);
  const Value* b = strings(v, 1);
  if (a == nullptr || b == nullptr || !evaluable(v)) return;
  const auto from_a = broadcast_index(v.out(0).shape, v.in(0).shape);
  const auto from_b = broadcast_index(v.out(0).shape, v.in(1).shape);
  auto value = std::make_shared<Value>();
  value->kind = Value::Kind::kString;
  for (std::size_t i = 0; i < from_a.size(); ++i) {
    value->strings.push_back(a->strings[from_a[i]] + b->strings[from_b[i]]);
  }
  v.set_value(0, std::move(value));
}

void bool_like_first(const InferView& v) { copy_type(v, 0, 0, DType::kBool); }

// --- StringSplit --------------------------------------------------------------------------------

constexpr std::string_view kSpaces = " \t\n\r\f\v";

// Parts of `s` between runs of white space, at most `limit` splits; the rest stays as it is.
std::vector<std::string> split_spaces(std::string_view s, std::size_t limit) {
  std::vector<std::string> out;
  for (;;) {
    const std::size_t begin = s.find_first_not_of(kSpaces);
    if (begin == std::string_view::npos) return out;
    s.remove_prefix(begin);
    const std::size_t end = s.find_first_of(kSpaces);
    if (out.size() == limit || end == std::string_view::npos) {
      out.emplace_back(out.size() == limit ? s : s.substr(0, end));
      return out;
    }
    out.emplace_back(s.substr(0, end));
    s.remove_prefix(end);
  }
}

std::vector<std::string> split_at(std::string_view s, std::string_view delimiter,
                                  std::size_t limit) {
  std::vector<std::string> out;
  for (;;) {
    const std::size_t end = out.size() == limit ? s.npos : s.find(delimiter);
    out.emplace_back(s.substr(0, end));
    if (end == std::string_view::npos) return out;
    s.remove_prefix(end + delimiter.size());
  }
}

// Parts of every string of the input, or nullopt if they are not known.
std::optional<std::vector<std::vector<std::string>>> split_strings(const OpView& v) {
  const Value* x = strings(v, 0);
  if (x == nullptr) return std::nullopt;
  const std::string_view delimiter = v.attr_string("delimiter");
  const std::int64_t limit = v.attr_int("maxsplit", INT64_MAX);
  const std::size_t most = limit < 0 ? SIZE_MAX : static_cast<std::size_t>(limit);
  std::vector<std::vector<std::string>> out;
  for (const std::string& s : x->strings) {
    out.push_back(delimiter.empty() ? split_spaces(s, most) : split_at(s, delimiter, most));
  }
  return out;
}

// The longest list of parts sets the new last axis; at most maxsplit + 1 where that is given.
void string_split_shape(const InferView& v) {
  const TensorFact& in = v.in(0);
  copy_type(v, 0, 1, DType::kInt64);
  if (!in.has_shape) return v.set_unknown_rank(0, DType::kString);
  Shape out = in.shape;
  if (in.elements() == Count(0U)) {
    out.push_back(0);
    return v.set(0, DType::kString, out);
  }
  if (const auto split = split_strings(v)) {
    std::size_t longest = 0;
    for (const auto& p : *split) longest = std::max(longest, p.size());
    out.push_back(static_cast<std::int64_t>(longest));
    return v.set(0, DType::kString, out);
  }
  const std::int64_t limit = v.attr_int("maxsplit", -1);
  const bool bounded = limit >= 0 && limit < INT32_MAX;
  out.push_back(bounded ? Dim(limit + 1) : Dim());
  v.set(0, DType::kString, out);
  if (bounded) v.assume(0, "every string counts as split maxsplit times" + settled_by(v, 0));
}

void string_split_value(const InferView& v) {
  const auto split = split_strings(v);
  if (!split || !evaluable(v)) return;
  auto value = std::make_shared<Value>();
  value->kind = Value::Kind::kString;
  const auto width = static_cast<std::size_t>(v.out(0).shape.back().value());
  std::vector<std::int64_t> lengths;
  for (auto parts : *split) {
    lengths.push_back(static_cast<std::int64_t>(parts.size()));
    parts.resize(width);
    value->strings.insert(value->strings.end(), parts.begin(), parts.end());
  }
  v.set_value(0, std::move(value));
  v.set_ints(1, lengths);
}

// --- TfIdfVectorizer ----------------------------------------------------------------------------

// [C] becomes [n], [N, C] becomes [N, n], n being the largest coordinate of an n-gram plus one.
void tf_idf_shape(const InferView& v) {
  const TensorFact& in = v.in(0);
  const auto indexes = v.attr_ints("ngram_indexes");
  if (indexes.empty()) v.fail("ngram_indexes is empty");
  const Dim n = *std::max_element(indexes.begin(), indexes.end()) + 1;
  if (!in.has_shape) return v.set_unknown_rank(0, DType::kFloat32);
  if (in.rank() > 2) v.fail("the input has rank " + std::to_string(in.rank()));
  v.set(0, DType::kFloat32, in.rank() == 2 ? Shape{in.shape[0], n} : Shape{n});
}

// Positions at which n-grams are looked up: of length n with s tokens skipped between neighbours,
// one at each place where (n - 1) * (s + 1) + 1 tokens fit. Single tokens have nothing to skip; the
// pool has n-grams of as many lengths as ngram_counts has entries.
Count tf_idf_lookups(const OpView& v) {
  const Count length = v.in_dim(0, -1).count();
  if (!length.known()) return length;
  const auto tokens = static_cast<std::int64_t>(length.value());
  const auto pooled = static_cast<std::int64_t>(v.attr_ints("ngram_counts").size());
  const std::int64_t longest = std::min({v.attr_int("max_gram_length", 1), tokens, pooled});
  const std::int64_t skips = std::max<std::int64_t>(v.attr_int("max_skip_count", 0), 0);
  Count sum = 0U;
  for (std::int64_t n = std::max<std::int64_t>(v.attr_int("min_gram_length", 1), 1); n <= longest;
       ++n) {
    // Gaps s = 0 ... m - 1 leave tokens - (n - 1) * (s + 1) places each.
    const Count gaps = n == 1 ? Count(1U) : min(Count(skips) + 1U, Count((tokens - 1) / (n - 1)));
    sum += gaps * length - Count(n - 1) * (gaps * (gaps + 1U) / 2U);
  }
  return sum * (v.in(0).rank() == 2 ? v.in_dim(0, 0).count() : Count(1U));
}

Work tf_idf_work(const OpView& v) {
  Work w;
  w.integer_ops = tf_idf_lookups(v);
  if (v.attr_string("mode") != "TF") w.flops = v.out(0).elements();
  return w;
}

constexpr OpSpec kText[] = {
    {"", "StringNormalizer", 10, OpClass::kText, string_normalizer_shape, no_work, each_once,
     "reads the input and writes the output (references)", string_normalizer_value},
    {"", "StringConcat", 20, OpClass::kText, broadcast_all, no_work, each_once,
     "reads both inputs and writes the output (references)", string_concat_value},
    {"", "StringSplit", 20, OpClass::kText, string_split_shape, no_work, each_once,
     "reads the input and writes both outputs (references)", string_split_value},
    {"", "RegexFullMatch", 20, OpClass::kText, bool_like_first, no_work, each_once,
     "reads the input (references) and writes the output"},
    {"", "TfIdfVectorizer", 9, OpClass::kText, tf_idf_shape, tf_idf_work, each_once,
     "1 integer operation per n-gram looked up; IDF and TFIDF 1 FLOP per output element; reads the "
     "input and writes the output"},
};

}  // namespace

std::span<const OpSpec> text_ops() { return kText; }

}  // namespace aiprof::ops
