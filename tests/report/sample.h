// A small model and machine, and the report that the stages make of them.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "aiprof/hardware/catalogue.h"
#include "aiprof/report/report.h"
#include "support/onnx_text.h"

namespace aiprof::test {

// Numbers that are easy to divide by; 4 TFLOP/s over 100 GB/s: a ridge point of 40 FLOP/B.
inline constexpr const char* kToyMachine = R"({
  "schema_version": "1", "id": "toy", "name": "Toy Chip",
  "engines": [
    {"name": "matrix", "unit": "matrix", "peaks": {"float16": 8e12, "float32": 4e12}},
    {"name": "vector", "unit": "vector", "peaks": {"float32": 1e12, "float16": 1e12}}
  ],
  "memory": [
    {"name": "dram", "level": "dram", "capacity_bytes": 1073741824,
     "bandwidth_bytes_per_second": 1e11, "joules_per_byte": 1e-11}
  ],
  "launch": {"stream_seconds": 2e-6},
  "power": {"tdp_watts": 50, "idle_watts": 10}
})";

// "{0, 0, ...}": the elements of an initializer.
inline std::string zeros(std::size_t n) {
  std::string text = "{0";
  for (std::size_t i = 1; i < n; ++i) text += ",0";
  return text + "}";
}

// Conv, Relu, MaxPool, Flatten, Gemm; `more` operators may follow.
inline std::string net(const std::string& opsets, const std::string& outputs,
                       const std::string& more) {
  return "<ir_version: 8, opset_import: [" + opsets + "]>\n" +
         "net (float[batch,3,32,32] image) => (float[batch,10] logits" + outputs + ")\n" +
         "<float[16,3,3,3] w = " + zeros(16 * 3 * 3 * 3) + ", float[16] b = " + zeros(16) +
         ", float[256,10] fc = " + zeros(256 * 10) + ">\n" + R"({
    c = Conv <pads = [1,1,1,1]> (image, w, b)
    r = Relu(c)
    p = MaxPool <kernel_shape = [8,8], strides = [8,8]> (r)
    f = Flatten(p)
    logits = Gemm(f, fc)
  )" + more +
         "}";
}

inline const std::string kKnownNet = net(R"("": 17)", "", "");
// With an operator that nobody knows.
inline const std::string kNet =
    net(R"("": 17, "acme": 1)", ", float[] extra", "extra = acme.Mystery(r)\n");

inline BindOptions with_dims(std::map<std::string, std::int64_t> dims) {
  BindOptions bind;
  bind.dims = std::move(dims);
  return bind;
}

inline Report report_of(const Graph& graph, const BindOptions& bind = {},
                        const ReportOptions& options = {},
                        const std::string& runtime = "compiled") {
  const Analysis analysis = analyze(graph, bind);
  const Hardware hardware = parse_hardware(kToyMachine, "toy.json");
  const RuntimeProfile profile = load_runtime(runtime);
  const Lowered lowered = lower_graph(graph, analysis, profile);
  const Estimate estimated = estimate(graph, analysis, lowered, profile, hardware);
  const MachineEstimate machine{profile, hardware, lowered, estimated};
  return build_report(graph, analysis, &machine, options);
}

inline Report report_of(const std::string& model, const BindOptions& bind = {},
                        const ReportOptions& options = {},
                        const std::string& runtime = "compiled") {
  Graph graph = parse_model(model);
  graph.file = "net.onnx";
  return report_of(graph, bind, options, runtime);
}

// Counts only.
inline Report count_of(const std::string& model) {
  Graph graph = parse_model(model);
  graph.file = "net.onnx";
  return build_report(graph, analyze(graph), nullptr);
}

}  // namespace aiprof::test
