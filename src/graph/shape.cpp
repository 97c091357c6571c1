#include "aiprof/graph/shape.h"

#include <algorithm>

namespace aiprof {

Count num_elements(std::span<const Dim> dims) {
  Count product = 1U;
  for (const Dim d : dims) {
    if (d.is(0)) return 0U;
    product *= d.count();
  }
  return product;
}

bool all_known(std::span<const Dim> dims) {
  return std::all_of(dims.begin(), dims.end(), [](Dim d) { return d.known(); });
}

}  // namespace aiprof
