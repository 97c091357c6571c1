// Models of models/onnx on machines of the catalogue.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "aiprof/frontend/onnx.h"
#include "aiprof/hardware/catalogue.h"
#include "aiprof/roofline/estimate.h"

namespace aiprof::test {

// A model with its dims bound and counted; read once per name.
struct Workload {
  Graph graph;
  Analysis analysis;
};

inline Workload load_workload(std::string_view model,
                              const std::map<std::string, std::int64_t>& dims = {}) {
  Workload w;
  w.graph = load_onnx(AIPROF_SOURCE_DIR "/models/onnx/" + std::string(model) + ".onnx");
  BindOptions options;
  options.dims = dims;
  w.analysis = analyze(w.graph, options);
  return w;
}

struct Prediction {
  Lowered lowered;
  Estimate estimate;
};

inline Prediction run_on(const Workload& w, const Hardware& hardware,
                         const RuntimeProfile& profile) {
  Prediction r;
  r.lowered = lower_graph(w.graph, w.analysis, profile);
  r.estimate = estimate(w.graph, w.analysis, r.lowered, profile, hardware);
  return r;
}

inline Prediction run_on(const Workload& w, std::string_view hardware, std::string_view runtime,
                         const std::vector<std::string>& edits = {}) {
  return run_on(w, load_hardware(hardware, edits), load_runtime(runtime));
}

// One kernel per operator, launches free: what can be recomputed by hand.
inline RuntimeProfile bare_profile() {
  return parse_runtime(R"({"name": "bare", "description": "one kernel per operator, no launches",
                           "launch": "none", "float32_math": "float32", "fusions": []})",
                       "bare.json");
}

}  // namespace aiprof::test
