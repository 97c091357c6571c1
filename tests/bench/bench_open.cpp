// What opening a model costs: load, bind, count, lower, estimate. docs/performance.md says how to
// read it. `budget` is the share of 100 us + 2 us per node that was used.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <memory>
#include <string>

#include "aiprof/analysis/analysis.h"
#include "aiprof/frontend/onnx.h"
#include "aiprof/hardware/catalogue.h"
#include "aiprof/lowering/lowering.h"
#include "aiprof/roofline/estimate.h"
#include "support/files.h"
#include "support/wire.h"

namespace {

using namespace aiprof;  // NOLINT(google-build-using-namespace): a program of its own

// The machine and the profile are the same for every model, and read once.
struct Machine {
  Hardware hardware = load_hardware("a100");
  RuntimeProfile profile = load_runtime(default_runtime(hardware));
};

const Machine& machine() {
  static const Machine kMachine;
  return kMachine;
}

void report(benchmark::State& state, std::size_t nodes, const benchmark::IterationCount rounds) {
  const double budget = 100e-6 + 2e-6 * static_cast<double>(nodes);
  state.counters["nodes"] = static_cast<double>(nodes);
  // Seconds an iteration, over the budget: a rate inverted.
  state.counters["budget"] =
      benchmark::Counter(static_cast<double>(rounds) * budget,
                         benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

enum class Upto { kLoad, kCount, kLiveness, kEstimate };

std::size_t run(const Graph& graph, Upto stage) {
  if (stage == Upto::kLoad) return graph.nodes.size();
  const Analysis analysis = analyze(graph);
  if (stage == Upto::kCount) return graph.nodes.size();
  benchmark::DoNotOptimize(liveness(graph, analysis));
  if (stage == Upto::kLiveness) return graph.nodes.size();
  const Lowered lowered = lower_graph(graph, analysis, machine().profile);
  benchmark::DoNotOptimize(
      estimate(graph, analysis, lowered, machine().profile, machine().hardware));
  return graph.nodes.size();
}

void open_file(benchmark::State& state, const std::string& file, Upto stage) {
  std::size_t nodes = 0;
  for ([[maybe_unused]] auto _ : state) nodes = run(load_onnx(file), stage);
  report(state, nodes, state.iterations());
}

// A chain that repeats Conv, BatchNormalization, Relu, Add.
std::string chain(std::int64_t nodes) {
  using namespace test;  // NOLINT(google-build-using-namespace)
  Message g;
  const auto name = [](std::int64_t i) { return i == 0 ? "x" : "tensor_" + std::to_string(i); };
  for (std::int64_t i = 0; i < nodes; ++i) {
    const std::string in = name(i);
    const std::string out = name(i + 1);
    switch (i % 4) {
      case 0:
        g.message(1,
                  node("Conv", {in, "w", "b"}, {out})
                      .message(5, Message().text(1, "pads").packed(8, {1, 1, 1, 1}).number(20, 7)));
        break;
      case 1:
        g.message(1, node("BatchNormalization", {in, "b", "b", "b", "b"}, {out}));
        break;
      case 2:
        g.message(1, node("Relu", {in}, {out}));
        break;
      default:
        g.message(1, node("Add", {in, name(i - 1)}, {out}));
    }
  }
  g.message(5, tensor("w", 1, {64, 64, 3, 3})).message(5, tensor("b", 1, {64}));
  g.message(11, value_info("x", tensor_type(1, {-1, 64, 56, 56})));
  return model(g.message(12, Message().text(1, name(nodes)))).bytes();
}

void open_chain(benchmark::State& state, Upto stage) {
  const std::string bytes = chain(state.range(0));
  std::size_t nodes = 0;
  for ([[maybe_unused]] auto _ : state) {
    nodes = run(read_onnx(std::as_bytes(std::span(bytes)), "chain"), stage);
  }
  report(state, nodes, state.iterations());
}

void add_file(const std::string& file) {
  const std::string name = std::filesystem::path(file).stem().string();
  const auto add = [&](const char* what, Upto stage) {
    benchmark::RegisterBenchmark((std::string(what) + "/" + name).c_str(), open_file, file, stage)
        ->Unit(benchmark::kMicrosecond);
  };
  add("load", Upto::kLoad);
  add("count", Upto::kCount);
  add("liveness", Upto::kLiveness);
  add("estimate", Upto::kEstimate);
}

}  // namespace

// bench_open [MODEL.onnx ...] [--benchmark_...]: without files, the shipped models and chains.
int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (argc > 1) {
    for (int i = 1; i < argc; ++i) add_file(argv[i]);
  } else {
    for (const std::string& file : test::shipped_models()) add_file(file);
    benchmark::RegisterBenchmark("chain_count", open_chain, Upto::kCount)
        ->RangeMultiplier(10)
        ->Range(1000, 1000000)
        ->Unit(benchmark::kMicrosecond);
    benchmark::RegisterBenchmark("chain_estimate", open_chain, Upto::kEstimate)
        ->RangeMultiplier(10)
        ->Range(1000, 1000000)
        ->Unit(benchmark::kMicrosecond);
  }
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
