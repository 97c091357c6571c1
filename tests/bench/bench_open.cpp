// What opening a model costs: load, bind, count, lower, estimate. docs/performance.md says how to
// read it. `budget` is the share of 100 us + 2 us per node that was used.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <exception>
#include <iostream>
#include <memory>
#include <span>
#include <string>

#include "aiprof/analysis/analysis.h"
#include "aiprof/frontend/onnx.h"
#include "aiprof/hardware/catalogue.h"
#include "aiprof/lowering/lowering.h"
#include "aiprof/roofline/estimate.h"
#include "bench/models.h"
#include "support/files.h"

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

void report(benchmark::State& state, std::size_t nodes) {
  const double budget = 100e-6 + 2e-6 * static_cast<double>(nodes);
  state.counters["nodes"] = static_cast<double>(nodes);
  // Seconds an iteration, over the budget: a rate inverted.
  state.counters["budget"] =
      benchmark::Counter(static_cast<double>(state.iterations()) * budget,
                         benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
  state.SetComplexityN(static_cast<std::int64_t>(nodes));
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
  report(state, nodes);
}

void open_vgg(benchmark::State& state, bench::Weights weights) {
  const bench::VggFile file(weights);
  open_file(state, file.path(), Upto::kEstimate);
}

void open_chain(benchmark::State& state, Upto stage) {
  const std::string bytes = bench::chain(state.range(0));
  std::size_t nodes = 0;
  for ([[maybe_unused]] auto _ : state) {
    nodes = run(read_onnx(std::as_bytes(std::span(bytes)), "chain"), stage);
  }
  report(state, nodes);
}

// estimate() alone, on what is loaded, counted and lowered already; `kernel` is the time for one.
void estimate_alone(benchmark::State& state, const Graph& graph) {
  const Analysis analysis = analyze(graph);
  const Lowered lowered = lower_graph(graph, analysis, machine().profile);
  for ([[maybe_unused]] auto _ : state) {
    benchmark::DoNotOptimize(
        estimate(graph, analysis, lowered, machine().profile, machine().hardware));
  }
  const auto kernels = static_cast<double>(lowered.kernels.size());
  state.counters["kernels"] = kernels;
  state.counters["kernel"] =
      benchmark::Counter(kernels * static_cast<double>(state.iterations()),
                         benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
  state.SetComplexityN(static_cast<std::int64_t>(lowered.kernels.size()));
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
  add("open", Upto::kEstimate);
  const auto alone = [file](benchmark::State& state) { estimate_alone(state, load_onnx(file)); };
  benchmark::RegisterBenchmark(("estimate_alone/" + name).c_str(), alone)
      ->Unit(benchmark::kMicrosecond);
}

void add_made_models() {
  benchmark::RegisterBenchmark("open/vgg16_553MB", open_vgg, bench::Weights::kInside)
      ->Unit(benchmark::kMicrosecond);
  benchmark::RegisterBenchmark("open/vgg16_stripped", open_vgg, bench::Weights::kLeftOut)
      ->Unit(benchmark::kMicrosecond);
  const auto sizes = [](benchmark::internal::Benchmark* b) {
    b->RangeMultiplier(10)->Range(1000, 1000000)->Unit(benchmark::kMicrosecond);
    b->Complexity(benchmark::oN);
  };
  sizes(benchmark::RegisterBenchmark("chain_load", open_chain, Upto::kLoad));
  sizes(benchmark::RegisterBenchmark("chain_count", open_chain, Upto::kCount));
  sizes(benchmark::RegisterBenchmark("chain_open", open_chain, Upto::kEstimate));
  sizes(benchmark::RegisterBenchmark("chain_estimate_alone", [](benchmark::State& state) {
    const std::string bytes = bench::chain(state.range(0));
    estimate_alone(state, read_onnx(std::as_bytes(std::span(bytes)), "chain"));
  }));
}

}  // namespace

// bench_open [MODEL.onnx ...] [--benchmark_...]: without files, the shipped models, a VGG-16 with
// its weights, and chains of up to a million nodes.
int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  try {
    if (argc > 1) {
      for (int i = 1; i < argc; ++i) add_file(argv[i]);
    } else {
      for (const std::string& file : test::shipped_models()) add_file(file);
      add_made_models();
    }
    benchmark::RunSpecifiedBenchmarks();
  } catch (const std::exception& e) {
    std::cerr << "bench_open: " << e.what() << "\n";
    return EXIT_FAILURE;
  }
  return EXIT_SUCCESS;
}
