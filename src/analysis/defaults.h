// What is assumed for dims and input values that nobody gave (blueprint of the conventions:
// docs/cost-model.md, "Defaults").
#pragma once

#include <cstdint>
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
  std::map<std::string, DimRole> roles;  // of the dims, by name or place
  std::vector<std::string> notes;
};

// Throws Error(kUsage) for a --dim or --shape that the model does not have or that contradicts
// another, Error(kInput) for an input whose size does not fit in 64 bits.
[[nodiscard]] BoundInputs bind_inputs(const Graph& graph, const BindOptions& options);

// Contents to assume for an integer input that shapes turned out to depend on, by its name, or
// null. `inputs` gives the bound dims.
[[nodiscard]] ValueRef default_value(const Graph& graph, std::size_t position,
                                     const BoundInputs& inputs, std::string& note);

// Sizes far beyond any tensor stay as large as they can be written; what uses them says so.
[[nodiscard]] inline std::int64_t saturating_add(std::int64_t a, std::int64_t b) {
  std::int64_t sum = 0;
  if (!__builtin_add_overflow(a, b, &sum)) return sum;
  return a < 0 ? INT64_MIN : INT64_MAX;
}

}  // namespace aiprof
