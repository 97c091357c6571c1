#include "lowering/matcher.h"

#include <algorithm>

namespace aiprof {
namespace {

bool take_prefix(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

// What a word asks of a node beside its type.
enum class Operands : std::uint8_t { kAny, kScalars, kBiases };

Operands take_operands(std::string_view& matcher) {
  (void)take_prefix(matcher, "?");
  if (take_prefix(matcher, "scalar:")) return Operands::kScalars;
  return take_prefix(matcher, "bias:") ? Operands::kBiases : Operands::kAny;
}

bool fits(const TensorFact& fact, Operands operands) {
  if (operands == Operands::kScalars) return fact.elements() == Count(1U);
  return fact.constant && fact.has_shape && fact.rank() == 1;
}

}  // namespace

bool matches_type(std::string_view matcher, const OpType& op) {
  (void)take_operands(matcher);
  if (!take_prefix(matcher, "class:")) return op.type == matcher;
  const OpSpec* spec = find_op(op.domain, op.type, op.version);
  return spec != nullptr && name(spec->op_class) == matcher;
}

bool matches_node(std::string_view matcher, const Graph& graph, const Analysis& analysis,
                  NodeId id) {
  if (!matches_type(matcher, graph.op_type(graph[id]))) return false;
  const Operands operands = take_operands(matcher);
  if (operands == Operands::kAny) return true;
  const auto& inputs = graph[id].inputs;
  const auto fitting = std::count_if(inputs.begin(), inputs.end(), [&](TensorId t) {
    return t != kNoTensor && fits(analysis[t], operands);
  });
  return inputs.size() > 1 && static_cast<std::size_t>(fitting) + 1 == inputs.size();
}

}  // namespace aiprof
