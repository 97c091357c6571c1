#include <algorithm>
#include <array>
#include <string>
#include <unordered_map>

#include "aiprof/base/text.h"
#include "analysis/sizes.h"
#include "analysis/words.h"

namespace aiprof {
namespace {

// Operators through which a cache passes to its updated form, and the input that carries it.
// -1: any input (Concat).
struct Carrier {
  std::string_view type;
  int past_slot;
  int present_slot;
};
constexpr std::array<Carrier, 28> kCarriers = {{
    {"Concat", -1, 0},
    {"ScatterND", 0, 0},
    {"ScatterElements", 0, 0},
    {"TensorScatter", 0, 0},
    {"Identity", 0, 0},
    {"Cast", 0, 0},
    {"Slice", 0, 0},
    {"Split", 0, -1},
    {"Gather", 0, 0},
    {"Squeeze", 0, 0},
    {"Unsqueeze", 0, 0},
    {"Transpose", 0, 0},
    {"Reshape", 0, 0},
    {"Attention", 4, 1},
    {"GroupQueryAttention", 3, 1},
    {"GroupQueryAttention", 4, 2},
    {"SparseAttention", 3, 1},
    {"SparseAttention", 4, 2},
    {"MultiHeadAttention", 6, 1},
    {"MultiHeadAttention", 7, 2},
    {"DecoderMaskedMultiHeadAttention", 5, 1},
    {"DecoderMaskedMultiHeadAttention", 6, 2},
    {"QAttention", 8, 1},
    {"DecoderMaskedSelfAttention", 4, 1},
    {"RNN", 5, 1},
    {"GRU", 5, 1},
    {"LSTM", 5, 1},
    {"LSTM", 6, 2},
}};

// The standard Attention carries keys in 4 -> 1 and values in 5 -> 2; the com.microsoft one carries
// both in 4 -> 1.
constexpr Carrier kAttentionValue = {"Attention", 5, 2};

bool carries(std::string_view type, std::size_t slot, std::size_t output) {
  const auto fits = [&](const Carrier& c) {
    return c.type == type && (c.past_slot < 0 || c.past_slot == static_cast<int>(slot)) &&
           (c.present_slot < 0 || c.present_slot == static_cast<int>(output));
  };
  return fits(kAttentionValue) || std::any_of(kCarriers.begin(), kCarriers.end(), fits);
}

// Carriers that only move what they carry; the others add to it or replace some of it.
bool is_mover(std::string_view type) {
  constexpr std::array<std::string_view, 9> kMovers = {"Identity",  "Cast",      "Slice",
                                                       "Split",     "Gather",    "Squeeze",
                                                       "Unsqueeze", "Transpose", "Reshape"};
  return std::find(kMovers.begin(), kMovers.end(), type) != kMovers.end();
}

// Words that tell the two ends of a pair apart, or say that it is one.
constexpr std::array<std::string_view, 20> kMarkers = {
    "past", "present", "cache",  "caches",  "state",  "states",   "in",
    "out",  "input",   "output", "new",     "next",   "previous", "prev",
    "old",  "n",       "update", "updated", "values", "cur"};

// What is left of "past_key_values.3.key" and of "present.3.key" is "3 key": the first key goes
// with the values.
std::string without_markers(std::string_view name) {
  std::string rest;
  const std::vector<std::string> list = words(name);
  for (std::size_t i = 0; i < list.size(); ++i) {
    const bool of_values = list[i] == "key" && i + 1 < list.size() && list[i + 1] == "values";
    if (of_values || std::find(kMarkers.begin(), kMarkers.end(), list[i]) != kMarkers.end())
      continue;
    rest += list[i];
    rest += ' ';
  }
  return rest;
}

bool is_marked(std::string_view name, std::string_view word) {
  return lower(name).find(word) != std::string::npos;
}

class StateFinder {
 public:
  StateFinder(const Graph& graph, const Analysis& a) : graph_(graph), a_(a) {
    for (std::size_t i = 0; i < graph.main().inputs.size(); ++i) {
      const TensorId id = graph.main().inputs[i];
      if (graph[id].stored == nullptr && a[id].kind == TypeKind::kTensor && a[id].rank() >= 2) {
        inputs_.push_back(id);
      }
    }
  }

  std::vector<StatePair> run() {
    for (const TensorId out : graph_.main().outputs) {
      if (out == kNoTensor) continue;
      TensorId past = by_structure(out);
      if (past == kNoTensor) past = by_name(out);
      if (past != kNoTensor) add(past, out);
    }
    return std::move(pairs_);
  }

 private:
  // Walks back from an output along carriers only, to a graph input of the same rank and dtype. An
  // input that is merely moved is state only if the names say so.
  TensorId by_structure(TensorId out) {
    constexpr int kMaxSteps = 64;
    struct Step {
      TensorId tensor;
      bool updated;
    };
    std::vector<Step> open = {{out, false}};
    for (int step = 0; step < kMaxSteps && !open.empty(); ++step) {
      const Step s = open.back();
      open.pop_back();
      const bool told = s.updated || (is_state_name(s.tensor) && is_state_name(out));
      if (s.tensor != out && told && is_candidate(s.tensor, out)) return s.tensor;
      const NodeId p = graph_[s.tensor].producer;
      if (p == kNoNode) continue;
      const Node& node = graph_[p];
      if (node.body != kNoRegion) continue;
      const std::string_view type = graph_.op_type(node).type;
      const auto at = std::find(node.outputs.begin(), node.outputs.end(), s.tensor);
      const auto output = static_cast<std::size_t>(at - node.outputs.begin());
      for (std::size_t slot = node.inputs.size(); slot-- > 0;) {
        if (node.inputs[slot] == kNoTensor || !carries(type, slot, output)) continue;
        open.push_back({node.inputs[slot], s.updated || !is_mover(type)});
      }
    }
    return kNoTensor;
  }

  [[nodiscard]] bool is_candidate(TensorId t, TensorId out) const {
    if (std::find(inputs_.begin(), inputs_.end(), t) == inputs_.end() || is_used(t)) return false;
    return a_[t].dtype == a_[out].dtype && a_[t].rank() == a_[out].rank();
  }

  [[nodiscard]] bool is_state_name(TensorId t) const {
    const std::string name = lower(graph_[t].name);
    constexpr std::array<std::string_view, 4> kWords = {"past", "present", "cache", "state"};
    return std::any_of(kWords.begin(), kWords.end(),
                       [&](auto word) { return name.find(word) != std::string::npos; });
  }

  // Known names: past -> present, and equal names once "past", "present" and the like are gone.
  [[nodiscard]] TensorId by_name(TensorId out) const {
    if (!is_state_name(out)) return kNoTensor;
    const std::string wanted = without_markers(graph_[out].name);
    for (const TensorId in : inputs_) {
      if (is_state_name(in) && is_candidate(in, out) &&
          without_markers(graph_[in].name) == wanted) {
        return in;
      }
    }
    return kNoTensor;
  }

  [[nodiscard]] bool is_used(TensorId t) const {
    return std::any_of(pairs_.begin(), pairs_.end(),
                       [&](const StatePair& p) { return p.past == t; });
  }

  void add(TensorId past, TensorId present) {
    StatePair pair;
    pair.past = past;
    pair.present = present;
    pair.bytes = a_[present].bytes();
    const Shape& before = a_[past].shape;
    const Shape& after = a_[present].shape;
    std::size_t axis = before.size();
    for (std::size_t i = 0; i < before.size() && i < after.size(); ++i) {
      if (!(before[i] == after[i])) axis = i;
    }
    const bool grows = axis < after.size();
    // A cache of fixed capacity is told from recurrent state by the symbol or name of its axis.
    const bool fixed_cache = !grows && after.size() >= 4 && is_attention_cache(present);
    pair.kind = grows || fixed_cache ? StatePair::Kind::kKvCache : StatePair::Kind::kRecurrent;
    pair.in_place = !grows;
    if (fixed_cache) axis = after.size() - 2;
    if (pair.kind == StatePair::Kind::kKvCache && axis < after.size() && after[axis].known()) {
      const Count length = after[axis].count();
      pair.bytes_per_token = length == Count(0U) ? Count::unknown() : pair.bytes / length;
    } else {
      pair.bytes_per_token = 0U;
    }
    pairs_.push_back(pair);
  }

  [[nodiscard]] bool is_attention_cache(TensorId present) const {
    const NodeId p = graph_[present].producer;
    const OpSpec* spec = p == kNoNode ? nullptr : a_[p].spec;
    const bool attention = spec != nullptr && spec->op_class == OpClass::kAttention;
    const bool scatter =
        spec != nullptr && (spec->type == "TensorScatter" || spec->type == "ScatterND");
    return attention || scatter || is_marked(graph_[present].name, "key") ||
           is_marked(graph_[present].name, "value");
  }

  const Graph& graph_;
  const Analysis& a_;
  std::vector<TensorId> inputs_;
  std::vector<StatePair> pairs_;
};

}  // namespace

std::vector<StatePair> find_states(const Graph& graph, const Analysis& analysis) {
  return StateFinder(graph, analysis).run();
}

}  // namespace aiprof
