// What must hold for every profile on every shipped model.
#include <gtest/gtest.h>

#include <filesystem>
#include <set>

#include "aiprof/frontend/onnx.h"
#include "aiprof/lowering/lowering.h"

namespace aiprof {
namespace {

std::vector<std::string> shipped_models() {
  std::set<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(AIPROF_SOURCE_DIR "/models/onnx")) {
    if (entry.path().extension() == ".onnx") files.insert(entry.path().string());
  }
  return {files.begin(), files.end()};
}

class EveryModel : public testing::TestWithParam<std::string> {};

TEST_P(EveryModel, KernelsHoldAllWorkOnceAndInAnExecutableOrder) {
  const Graph graph = load_onnx(GetParam());
  const Analysis analysis = analyze(graph);
  Count node_flops = 0U;
  for (const NodeResult& r : analysis.nodes) {
    if (r.status != NodeStatus::kGap) node_flops += r.cost.flops;
  }
  for (const std::string& name : runtime_names()) {
    const Lowered lowered = lower_graph(graph, analysis, load_runtime(name));
    Count flops = 0U;
    std::vector<int> seen(graph.nodes.size(), 0);
    std::set<TensorId> written;
    std::set<TensorId> all_written;
    for (const Kernel& k : lowered.kernels) {
      for (const Operand& o : k.operands) {
        if (o.write) all_written.insert(o.tensor);
      }
    }
    for (std::size_t i = 0; i < lowered.kernels.size(); ++i) {
      const Kernel& k = lowered.kernels[i];
      flops += k.flops;
      for (const NodeId id : k.nodes) {
        ++seen[index(id)];
        EXPECT_EQ(lowered.kernel_of[index(id)], i);
      }
      for (const Operand& o : k.operands) {
        if (!o.write && all_written.count(o.tensor) != 0) {
          EXPECT_TRUE(written.count(o.tensor))
              << graph[o.tensor].name << " is read before it is written";
        }
      }
      for (const Operand& o : k.operands) {
        if (o.write) written.insert(o.tensor);
      }
    }
    EXPECT_EQ(flops, node_flops) << name;
    for (const int times : seen) EXPECT_LE(times, 1);
  }
}

TEST_P(EveryModel, FusingMovesNoMoreBytes) {
  const Graph graph = load_onnx(GetParam());
  const Analysis analysis = analyze(graph);
  const auto moved = [&](const char* profile) {
    Count sum = 0U;
    for (const Kernel& k : lower_graph(graph, analysis, load_runtime(profile)).kernels) {
      sum += k.bytes_read() + k.bytes_written();
    }
    return sum.value();
  };
  EXPECT_LE(moved("compiled"), moved("eager"));
  EXPECT_LE(moved("ideal"), moved("compiled"));
}

INSTANTIATE_TEST_SUITE_P(Shipped, EveryModel, testing::ValuesIn(shipped_models()),
                         [](const auto& p) {
                           return std::filesystem::path(p.param).stem().string();
                         });

}  // namespace
}  // namespace aiprof
