// Einsum: the equation, its output shape, and the cost of its best pairwise order.
#include <array>
#include <bit>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ops/families.h"
#include "ops/matmul.h"
#include "ops/rules.h"

namespace aiprof::ops {
namespace {

// Labels are bits of a set: 0-25 for A-Z, 26-51 for a-z, and the rest for the axes of an ellipsis,
// the last axis first.
using Labels = std::uint64_t;
constexpr unsigned kLetters = 52;
constexpr unsigned kMaxLabels = 64;
constexpr Labels bit(unsigned label) { return Labels{1} << label; }

struct Equation {
  std::array<Dim, kMaxLabels> extent;
  Labels known_labels = 0;
  std::vector<Labels> operands;           // labels of each input
  InlineVector<std::uint8_t, 16> output;  // labels in order
  Labels output_set = 0;
};

constexpr std::string_view kEllipsis = "...";

std::optional<unsigned> letter(char c) {
  if (c >= 'A' && c <= 'Z') return static_cast<unsigned>(c - 'A');
  if (c >= 'a' && c <= 'z') return static_cast<unsigned>(c - 'a') + 26U;
  return std::nullopt;
}

// The labels of one term in order; an ellipsis stands for `ellipsis_rank` axes.
InlineVector<std::uint8_t, 16> labels_of(const OpView& v, std::string_view term,
                                         std::size_t ellipsis_rank) {
  InlineVector<std::uint8_t, 16> labels;
  if (ellipsis_rank > kMaxLabels - kLetters) v.fail("an ellipsis over more than 12 dimensions");
  for (std::size_t i = 0; i < term.size(); ++i) {
    if (term.substr(i).starts_with(kEllipsis)) {
      for (std::size_t k = ellipsis_rank; k-- > 0;) {
        labels.push_back(static_cast<std::uint8_t>(kLetters + k));
      }
      i += kEllipsis.size() - 1;
    } else if (const auto l = letter(term[i])) {
      labels.push_back(static_cast<std::uint8_t>(*l));
    } else {
      v.fail("equation holds '" + std::string(1, term[i]) + "'");
    }
  }
  return labels;
}

std::string without_spaces(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c != ' ') out += c;
  }
  return out;
}

void bind(const OpView& v, Equation& e, unsigned label, Dim extent) {
  Dim& known = e.extent[label];
  const bool first = (e.known_labels & bit(label)) == 0;
  e.known_labels |= bit(label);
  if (first || known.is(1) || (!known.known() && extent.known() && !extent.is(1))) {
    known = extent;
  } else if (known.known() && extent.known() && known != extent && !extent.is(1)) {
    v.fail("one label stands for " + std::to_string(known.value()) + " and for " +
           std::to_string(extent.value()));
  }
}

// Reads one term of the left side against its input; returns the rank of its ellipsis.
std::size_t read_operand(const OpView& v, Equation& e, std::string_view term, std::size_t input) {
  const TensorFact& x = v.in(input);
  const std::size_t dots = term.find(kEllipsis);
  const std::size_t named = dots == std::string_view::npos ? term.size() : term.size() - 3;
  const std::size_t rest =
      dots == std::string_view::npos || x.rank() < named ? 0 : x.rank() - named;
  const auto labels = labels_of(v, term, rest);
  if (labels.size() != x.rank()) {
    v.fail("'" + std::string(term) + "' names " + std::to_string(named) + " dimensions of input " +
           std::to_string(input) + ", which has rank " + std::to_string(x.rank()));
  }
  Labels set = 0;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    bind(v, e, labels[i], x.shape[i]);
    set |= bit(labels[i]);
  }
  e.operands.push_back(set);
  return rest;
}

// Without "->": the ellipsis, then every letter that occurs once, in ASCII order.
void implicit_output(std::string_view left, std::size_t ellipsis_rank, Equation& e) {
  for (std::size_t k = ellipsis_rank; k-- > 0;) {
    e.output.push_back(static_cast<std::uint8_t>(kLetters + k));
  }
  std::array<unsigned, kLetters> seen{};
  for (const char c : left) {
    if (const auto l = letter(c)) ++seen[*l];
  }
  for (unsigned l = 0; l < kLetters; ++l) {
    if (seen[l] == 1) e.output.push_back(static_cast<std::uint8_t>(l));
  }
}

// nullopt if an input's rank is unknown.
std::optional<Equation> parse(const OpView& v) {
  for (std::size_t i = 0; i < v.num_inputs(); ++i) {
    if (!v.in(i).has_shape) return std::nullopt;
  }
  const std::string text = without_spaces(v.attr_string("equation"));
  const std::size_t arrow = text.find("->");
  const std::string_view left = std::string_view(text).substr(0, arrow);
  Equation e;
  std::size_t ellipsis_rank = 0;
  std::size_t begin = 0;
  for (std::size_t i = 0; i < v.num_inputs(); ++i) {
    if (begin > left.size()) v.fail("equation has fewer terms than inputs");
    const std::size_t end = std::min(left.find(',', begin), left.size());
    const std::size_t rank = read_operand(v, e, left.substr(begin, end - begin), i);
    ellipsis_rank = std::max(ellipsis_rank, rank);
    begin = end + 1;
  }
  if (begin <= left.size()) v.fail("equation has more terms than inputs");
  if (arrow == std::string::npos) {
    implicit_output(left, ellipsis_rank, e);
  } else {
    e.output = labels_of(v, std::string_view(text).substr(arrow + 2), ellipsis_rank);
  }
  for (const std::uint8_t l : e.output) {
    if ((e.known_labels & bit(l)) == 0) v.fail("the output names a label that no input has");
    if ((e.output_set & bit(l)) != 0) v.fail("the output names a label twice");
    e.output_set |= bit(l);
  }
  return e;
}

void einsum(const InferView& v) {
  const auto e = parse(v);
  if (!e) return v.set_unknown_rank(0, v.in(0).dtype);
  Shape out;
  for (const std::uint8_t l : e->output) out.push_back(e->extent[l]);
  v.set(0, v.in(0).dtype, std::move(out));
}

Count points(const Equation& e, Labels labels) {
  Count n = 1U;
  for (; labels != 0; labels &= labels - 1) {
    n *= e.extent[static_cast<unsigned>(std::countr_zero(labels))].count();
  }
  return n;
}

// Sum over labels that `keep` lacks: in - out additions.
Count reduction(const Equation& e, Labels labels, Labels keep) {
  if ((labels & ~keep) == 0) return 0U;
  return points(e, labels) - points(e, labels & keep);
}

// One product of two operands whose own sums are done. Labels of both that `keep` lacks are
// contracted.
struct Step {
  Labels a = 0;
  Labels b = 0;
  Labels keep = 0;

  [[nodiscard]] bool contracts() const { return (a & b & ~keep) != 0; }
  [[nodiscard]] Labels result() const { return (a | b) & keep; }
};

GemmExtents extents(const Equation& e, const Step& s) {
  return {.batch = points(e, s.a & s.b & s.keep),
          .m = points(e, s.a & ~s.b),
          .n = points(e, s.b & ~s.a),
          .k = points(e, s.a & s.b & ~s.keep)};
}

// Labels that something outside `group` (a set of operands) still needs.
Labels needed_outside(const Equation& e, std::uint32_t group) {
  Labels keep = e.output_set;
  for (std::size_t i = 0; i < e.operands.size(); ++i) {
    if ((group >> i & 1U) == 0) keep |= e.operands[i];
  }
  return keep;
}

// What a group of operands becomes once it is multiplied together: its labels still needed.
Labels labels_after(const Equation& e, std::uint32_t group) {
  Labels all = 0;
  for (std::size_t i = 0; i < e.operands.size(); ++i) {
    if ((group >> i & 1U) != 0) all |= e.operands[i];
  }
  return all & needed_outside(e, group);
}

// The best tree of pairwise products over all operands, by products formed: for every group of
// operands the best split in two. 3^n steps, hence the limit.
constexpr std::size_t kMaxSearched = 8;

std::vector<Step> best_order(const Equation& e) {
  const auto n = static_cast<std::uint32_t>(e.operands.size());
  const std::uint32_t all = (1U << n) - 1;
  std::vector<Count> cost(all + 1, Count(0U));
  std::vector<std::uint32_t> split(all + 1, 0);
  for (std::uint32_t group = 1; group <= all; ++group) {
    if (std::has_single_bit(group)) continue;
    for (std::uint32_t part = (group - 1) & group; part != 0; part = (part - 1) & group) {
      const std::uint32_t other = group & ~part;
      if (part < other) continue;
      const Labels joined = labels_after(e, part) | labels_after(e, other);
      const Count c = cost[part] + cost[other] + points(e, joined);
      if (split[group] == 0 ||
          (c.known() && (!cost[group].known() || c.value() < cost[group].value()))) {
        cost[group] = c;
        split[group] = part;
      }
    }
  }
  std::vector<Step> steps;
  std::vector<std::uint32_t> pending{all};
  while (!pending.empty()) {
    const std::uint32_t group = pending.back();
    pending.pop_back();
    if (std::has_single_bit(group)) continue;
    const std::uint32_t part = split[group];
    steps.push_back({.a = labels_after(e, group & ~part),
                     .b = labels_after(e, part),
                     .keep = needed_outside(e, group)});
    pending.push_back(part);
    pending.push_back(group & ~part);
  }
  return steps;
}

// Left to right, for equations with more operands than are searched.
std::vector<Step> given_order(const Equation& e) {
  std::vector<Labels> later(e.operands.size(), e.output_set);
  for (std::size_t i = e.operands.size() - 1; i-- > 0;) later[i] = later[i + 1] | e.operands[i + 1];
  std::vector<Step> steps;
  Labels done = e.operands[0] & later[0];
  for (std::size_t i = 1; i < e.operands.size(); ++i) {
    const Labels own = e.operands[i] & (later[i] | done);
    steps.push_back({.a = done, .b = own, .keep = later[i]});
    done = steps.back().result();
  }
  return steps;
}

// Labels that stand in one operand alone are summed first (additions). A product that contracts a
// label is MACs; one that does not (outer, elementwise) is 1 FLOP per result. The geometry is that
// of the largest contraction.
Work einsum_cost(const OpView& v) {
  Work w;
  const auto e = parse(v);
  if (!e) {
    w.macs = Count::unknown();
    return w;
  }
  const DType dtype = v.in(0).dtype;
  const std::size_t n = e->operands.size();
  Labels seen = 0;
  Labels needed = e->output_set;
  for (const Labels operand : e->operands) {
    needed |= seen & operand;
    seen |= operand;
  }
  for (const Labels operand : e->operands) add_ops(w, dtype, reduction(*e, operand, needed));
  if (n < 2) return w;
  const std::vector<Step> steps = n <= kMaxSearched ? best_order(*e) : given_order(*e);
  Count largest = 0U;
  for (const Step& s : steps) {
    const Work product = gemm_work(extents(*e, s));
    if (!s.contracts()) {
      add_ops(w, dtype, points(*e, s.result()));
      continue;
    }
    w.macs += product.macs;
    if (!product.macs.known() || product.macs.value() >= largest.value()) {
      largest = product.macs;
      w.geometry = product.geometry;
    }
  }
  return w;
}

constexpr OpSpec kEinsum[] = {
    {"", "Einsum", 12, OpClass::kGemm, einsum, einsum_cost, each_once,
     "MACs of the cheapest order of pairwise products (left to right beyond 8 operands); products "
     "without a contracted label and sums within one operand: FLOPs"},
};

}  // namespace

std::span<const OpSpec> einsum_ops() { return kEinsum; }

}  // namespace aiprof::ops
