#include "fuzz/fuzz_model.h"

#include <string>

#include "aiprof/analysis/analysis.h"
#include "aiprof/base/error.h"
#include "aiprof/frontend/onnx.h"

namespace aiprof::test {

void try_model(std::span<const std::byte> bytes) {
  try {
    (void)strip_onnx(bytes, "<fuzz>");
  } catch (const Error&) {
  }
  try {
    const Graph graph = read_onnx(bytes, "<fuzz>");
    const Analysis analysis = analyze(graph);
    (void)liveness(graph, analysis);
  } catch (const Error&) {
  }
}

}  // namespace aiprof::test
