// The single-operator model that a measurement stands for. `hw bench` writes it, `hw fit` counts
// it: a row costs exactly what the operator would cost inside a network.
#pragma once

#include <string>

#include "aiprof/calibration/measurement.h"
#include "calibration/model_builder.h"

namespace aiprof::calibration {

struct OperatorModel {
  std::string bytes;                                    // of the .onnx file
  std::vector<std::pair<DType, std::int64_t>> weights;  // elements that weight_file(dtype) needs
};
// Throws Error(kInput) where the operator has no form in the type: integer Conv, for instance.
[[nodiscard]] OperatorModel operator_model(const Measurement& m);

}  // namespace aiprof::calibration
