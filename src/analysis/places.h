// What the place of a dim says of it where its name says nothing: exporters call dims s77 or
// dynamic_axes_1.
#pragma once

#include <cstddef>
#include <map>

#include "aiprof/analysis/dim_role.h"
#include "aiprof/graph/graph.h"

namespace aiprof {

struct Place {
  DimRole role = DimRole::kOther;
  TensorId input = kNoTensor;  // the graph input that says so
  std::size_t axis = 0;
};

// Of every dim of the graph inputs whose name has no role and whose place has one: the first such
// place. Token ids are [batch, sequence], attention masks [batch, past + sequence], caches of
// attention [batch, heads, past, size], pictures [batch, channels, height, width].
[[nodiscard]] std::map<SymbolId, Place> roles_by_place(const Graph& graph);

}  // namespace aiprof
