// Measured kernels of a whole model as measurements of single operators.
#pragma once

#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "aiprof/calibration/measurement.h"
#include "aiprof/lowering/lowering.h"

namespace aiprof {

// A model as a runtime runs it, and what was measured of its kernels.
struct MeasuredKernels {
  const Graph& graph;
  const Analysis& analysis;
  const Lowered& lowered;
  Float32Math float32_math = Float32Math::kFloat32;
  // By kernel, of all its launches in one inference; 0: nothing was measured for it alone.
  std::span<const double> seconds;
};

struct ExportedKernels {
  std::vector<Measurement> rows;                // in the order of the kernels
  std::map<std::string, std::size_t> left_out;  // measured kernels without a row, by reason
};

// One row, of regime `stream`, for each measured kernel that a row can express: of a single
// operator, or of a product with a bias, a batch normalisation and an activation such as ReLU
// behind it. The single-operator model of the row has the same MACs and, but for these, the same
// bytes. The label of a row is the name of its node.
[[nodiscard]] ExportedKernels measurements_of(const MeasuredKernels& measured);

}  // namespace aiprof
