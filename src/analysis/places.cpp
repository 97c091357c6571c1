#include "analysis/places.h"

#include <string>
#include <string_view>
#include <vector>

#include "analysis/words.h"

namespace aiprof {
namespace {

using Role = DimRole;

// Ids, masks and positions: [batch, length].
Role role_in_tokens(const std::vector<std::string>& w, std::size_t axis) {
  const bool mask = has_word(w, {"mask"});
  if (!mask && !has_word(w, {"ids", "tokens", "token", "position", "positions"})) {
    return Role::kOther;
  }
  if (axis == 0) return Role::kBatch;
  return mask && !has_word(w, {"encoder"}) ? Role::kTotal : Role::kSequence;
}

// Keys and values of attention: [batch, heads, length, size]; those of an encoder do not grow.
Role role_in_cache(const std::vector<std::string>& w, std::size_t axis) {
  if (axis == 0) return Role::kBatch;
  if (axis != 2) return Role::kOther;
  return has_word(w, {"encoder", "cross"}) ? Role::kSequence : Role::kPast;
}

Role role_in_picture(const Shape& shape, std::size_t axis) {
  constexpr std::int64_t kColours = 3;
  if (axis == 0) return Role::kBatch;
  return axis >= 2 && shape[1].known() && shape[1].value() == kColours ? Role::kImage
                                                                       : Role::kOther;
}

Role role_at(const std::vector<std::string>& w, const Type& type, std::size_t axis) {
  const Shape& shape = *type.shape;
  const bool number = is_integer(type.dtype) || type.dtype == DType::kBool;
  if (number) return shape.size() == 2 ? role_in_tokens(w, axis) : Role::kOther;
  if (shape.size() == 3 && has_word(w, {"states", "embeds", "embeddings"})) {
    return axis == 0 ? Role::kBatch : axis == 1 ? Role::kSequence : Role::kOther;
  }
  if (shape.size() != 4) return Role::kOther;
  const bool cache =
      has_word(w, {"past", "cache"}) && has_word(w, {"key", "keys", "value", "values"});
  if (cache) return role_in_cache(w, axis);
  return has_word(w, {"image", "images", "picture", "pixel", "pixels", "input", "x"})
             ? role_in_picture(shape, axis)
             : Role::kOther;
}

}  // namespace

std::map<SymbolId, Place> roles_by_place(const Graph& graph) {
  std::map<SymbolId, Place> places;
  for (const TensorId input : graph.main().inputs) {
    const Type* type = graph[input].declared;
    if (type == nullptr || type->kind != TypeKind::kTensor || !type->shape) continue;
    const auto w = words(graph[input].name);
    for (std::size_t axis = 0; axis < type->shape->size(); ++axis) {
      const Dim d = (*type->shape)[axis];
      if (d.known() || d.symbol() == 0) continue;
      if (role_of(graph.symbols[d.symbol()]) != Role::kOther) continue;
      const Role role = role_at(w, *type, axis);
      if (role != Role::kOther) places.try_emplace(d.symbol(), Place{role, input, axis});
    }
  }
  return places;
}

}  // namespace aiprof
