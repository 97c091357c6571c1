// Single-operator models that span the shapes of real networks, for timing on a device.
#pragma once

#include <string>
#include <vector>

#include "aiprof/calibration/measurement.h"

namespace aiprof {

struct BenchOptions {
  std::vector<DType> dtypes = {DType::kFloat32};  // float32, float16, bfloat16
  double largest_operations = 4e10;               // of one model; larger shapes are left out
  double largest_bytes = 512e6;                   // that one model moves
};

// The shapes: some hundreds of rows without seconds, the same for equal options.
[[nodiscard]] std::vector<Measurement> bench_shapes(const BenchOptions& options = {});

struct BenchFile {
  std::string name;
  std::string content;
};
// How often the model of a row has its operator, each time with other weights: as often as
// `weight_set` bytes of them take. 1 for all but square products by stored weights.
[[nodiscard]] std::int64_t bench_copies(const Measurement& row);
// What `hw bench` writes for one row: its model. The name stands in `label` of the row.
[[nodiscard]] BenchFile bench_model(const Measurement& row);

// Everything else that has to stand beside the models: manifest.csv (the rows, label = model file),
// overhead.onnx (a model that does nothing, whose time is subtracted), dispatch.onnx (small
// operators one after another, for the time from one to the next), time_models.py, and one file
// of weights for each element type. Weights are stored tensors, so that a runtime packs them as it
// would those of a network; their bytes are a fixed pattern, shared by all models.
[[nodiscard]] std::vector<BenchFile> bench_files(const std::vector<Measurement>& rows);

// Writes all of it into a directory, which is made if need be. Returns the number of models. Throws
// Error(kInput) naming the file that cannot be written.
std::size_t write_bench(const std::string& directory, const BenchOptions& options = {});

}  // namespace aiprof
