// Contents of inputs that nobody gave, by what their names say.
#include <fmt/format.h>

#include "aiprof/base/text.h"
#include "analysis/defaults.h"
#include "analysis/words.h"

namespace aiprof {
namespace {

using Role = DimRole;

std::int64_t dim_of_role(const BoundInputs& inputs, Role role, std::int64_t otherwise) {
  for (const auto& [name, n] : inputs.dims) {
    if (inputs.roles.at(name) == role) return n;
  }
  return otherwise;
}

ValueRef filled(const Shape& shape, std::int64_t start, std::int64_t step) {
  auto v = std::make_shared<Value>();
  const std::size_t n = num_elements(shape).value();
  const std::size_t row = shape.empty() ? 1 : static_cast<std::size_t>(shape.back().value());
  for (std::size_t i = 0; i < n; ++i) {
    v->elements.push_back(
        Scalar::of(saturating_add(start, step * static_cast<std::int64_t>(i % row))));
  }
  return v;
}

}  // namespace

ValueRef default_value(const Graph& graph, std::size_t position, const BoundInputs& inputs,
                       std::string& note) {
  const Tensor& tensor = graph[graph.main().inputs[position]];
  const bool number = tensor.declared != nullptr && (is_integer(tensor.declared->dtype) ||
                                                     tensor.declared->dtype == DType::kBool);
  if (!number || !inputs.has_shape[position]) return nullptr;
  const Shape& shape = inputs.shapes[position];
  if (num_elements(shape).value_or(UINT64_MAX) > kMaxValueElements) return nullptr;
  const auto w = words(tensor.name);
  const std::int64_t past = dim_of_role(inputs, Role::kPast, 0);
  const std::int64_t total = dim_of_role(
      inputs, Role::kTotal, saturating_add(past, dim_of_role(inputs, Role::kSequence, 1)));
  const auto say = [&](std::string_view what) {
    note = fmt::format("input {}: {} assumed (--value {}=... changes it)", printable(tensor.name),
                       what, printable(tensor.name));
  };
  if (has_word(w, {"mask"})) return say("all ones"), filled(shape, 1, 0);
  if (has_word(w, {"position", "positions"})) {
    return say(fmt::format("positions from {}", past)), filled(shape, past, 1);
  }
  if (has_word(w, {"total"})) return say(std::to_string(total)), filled(shape, total, 0);
  if (has_word(w, {"seqlens", "seqlen"})) {
    return say(std::to_string(total - 1)), filled(shape, total - 1, 0);
  }
  if (has_word(w, {"past"}) && has_word(w, {"length", "len"})) {
    return say(std::to_string(past)), filled(shape, past, 0);
  }
  if (has_word(w, {"ids", "tokens", "input"})) return say("all zeros"), filled(shape, 0, 0);
  return nullptr;
}

}  // namespace aiprof
