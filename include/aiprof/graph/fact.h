// What is known of a tensor once dims and values are bound.
#pragma once

#include <memory>
#include <vector>

#include "aiprof/graph/graph.h"

namespace aiprof {

// Where a shape or value came from: followed from the model and what the user gave, or rests on a
// default, an upper bound or a declaration that could not be checked.
enum class Basis : std::uint8_t { kExact, kAssumed };

struct SequenceFact;

struct TensorFact {
  TypeKind kind = TypeKind::kUnknown;
  DType dtype = DType::kUndefined;  // of the tensor, or of the elements of a sequence / optional
  bool has_shape = false;           // false: not even the rank is known
  bool constant = false;            // depends on stored tensors and shapes alone
  bool weight = false;              // a constant that a runtime keeps as weights (see analysis)
  Basis basis = Basis::kExact;
  Shape shape;
  ValueRef value;                                // null: contents unknown
  std::shared_ptr<const SequenceFact> sequence;  // kSequence: its elements, when known

  [[nodiscard]] bool present() const { return kind != TypeKind::kUnknown; }
  [[nodiscard]] bool shape_known() const { return has_shape && all_known(shape); }
  [[nodiscard]] std::size_t rank() const { return shape.size(); }
  [[nodiscard]] Count elements() const {
    return has_shape ? num_elements(shape) : Count::unknown();
  }
  [[nodiscard]] Count bytes() const { return packed_bytes(dtype, elements()); }
};

// Elements of a sequence of known length.
struct SequenceFact {
  std::vector<TensorFact> elements;
};

}  // namespace aiprof
