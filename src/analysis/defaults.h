// What is assumed for dims and input values that nobody gave (blueprint of the conventions:
// docs/cost-model.md, "Defaults").
#pragma once

#include <map>
#include <string>
#include <vector>

#include "aiprof/analysis/analysis.h"
#include "aiprof/analysis/dim_role.h"

namespace aiprof {

// Dims of every graph input, all known. `assumed` says which inputs rest on a default that is a
// mere guess (a name aiprof knows nothing of, or no name).
struct BoundInputs {
  std::vector<Shape> shapes;  // by position in main().inputs; empty where the rank is unknown
  std::vector<bool> has_shape;
  std::vector<bool> assumed;
  std::map<std::string, std::int64_t> dims;
  std::vector<std::string> notes;
};

// Throws Error(kUsage) for a --dim or --shape that the model does not have or that contradicts
// another, Error(kInput) for an input whose size does not fit in 64 bits.
[[nodiscard]] BoundInputs bind_inputs(const Graph& graph, const BindOptions& options);

// Contents to assume for an integer input that shapes turned out to depend on, by its name, or
// null. `inputs` gives the bound dims.
[[nodiscard]] ValueRef default_value(const Graph& graph, std::size_t position,
                                     const BoundInputs& inputs, std::string& note);

}  // namespace aiprof
