// The models that `hw bench` writes: every one is a valid model of one operator that aiprof counts.
#include "aiprof/calibration/bench.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "aiprof/analysis/analysis.h"
#include "aiprof/frontend/onnx.h"
#include "aiprof/lowering/lowering.h"
#include "support/files.h"

namespace aiprof {
namespace {

struct Counted {
  Graph graph;
  Analysis analysis;
};

Counted count(const Measurement& row, std::string& bytes) {
  bytes = bench_model(row).content;
  Graph graph = read_onnx(std::as_bytes(std::span(bytes)), row.label);
  Analysis analysis = analyze(graph);
  return {std::move(graph), std::move(analysis)};
}

TEST(BenchModels, HaveNoGaps) {
  const std::vector<DType> types = {DType::kFloat32, DType::kFloat16, DType::kBfloat16};
  for (const Measurement& row : bench_shapes({.dtypes = types})) {
    std::string bytes;
    const Counted c = count(row, bytes);
    EXPECT_EQ(c.analysis.coverage.gaps, 0U) << row.label;
    EXPECT_EQ(c.analysis.coverage.assumed, 0U) << row.label;
    const Lowered lowered = lower_graph(c.graph, c.analysis, load_runtime("compiled"));
    EXPECT_EQ(lowered.kernels.size(), static_cast<std::size_t>(bench_copies(row))) << row.label;
  }
}

TEST(BenchModels, HaveTheShapesOfTheirRows) {
  std::string bytes;
  const Measurement product = {
      .op_class = "gemm", .op = "MatMul", .extents = {.m = 128, .n = 3072, .k = 768}};
  EXPECT_EQ(count(product, bytes).analysis.nodes[0].cost.macs, Count(128U * 3072 * 768));
  const Measurement conv = {.op_class = "convolution",
                            .op = "Conv",
                            .extents = {.n = 8,
                                        .k = 64,
                                        .c = 32,
                                        .h = 56,
                                        .w = 56,
                                        .groups = 2,
                                        .kernel_h = 3,
                                        .kernel_w = 3,
                                        .stride_h = 2,
                                        .stride_w = 2,
                                        .pad_h = 1,
                                        .pad_w = 1}};
  EXPECT_EQ(count(conv, bytes).analysis.nodes[0].cost.macs,
            Count(8U * 64 * 28 * 28 * (32 / 2) * 3 * 3));
  const Measurement decode = {
      .op_class = "attention",
      .op = "Attention",
      .extents = {.b = 4, .s = 1, .l = 512, .heads = 32, .kv = 8, .d = 128}};
  const Counted attention = count(decode, bytes);
  EXPECT_EQ(attention.analysis.nodes[0].cost.macs, Count(2U * 4 * 32 * 512 * 128));
  EXPECT_EQ(attention.analysis.nodes[0].cost.geometry.kv_heads, Count(4U * 8));
}

TEST(BenchModels, SpanTheClassesAndSizes) {
  const std::vector<Measurement> rows = bench_shapes();
  EXPECT_GT(rows.size(), 300U);
  std::set<std::string> classes;
  std::set<std::string> names;
  for (const Measurement& row : rows) {
    classes.insert(row.op_class);
    EXPECT_TRUE(names.insert(row.label).second) << row.label;
  }
  for (const char* c : {"gemm", "convolution", "attention", "softmax", "normalization",
                        "elementwise", "reduction", "pooling", "movement", "gather", "rnn"}) {
    EXPECT_TRUE(classes.contains(c)) << c;
  }
}

// As many products as their weights take to fill the set, each with weights of its own.
TEST(BenchModels, PassAllWeightsOfTheSet) {
  const Measurement cold = {.op_class = "gemm",
                            .op = "MatMul",
                            .extents = {.m = 16, .n = 1024, .k = 1024},
                            .weight_set = 64.0 * 1024 * 1024,
                            .label = "cold.onnx"};
  EXPECT_EQ(bench_copies(cold), 64 * 1024 * 1024 / (1024 * 1024 * 4));
  std::string bytes;
  const Counted c = count(cold, bytes);
  EXPECT_EQ(c.graph.nodes.size(), 16U);
  EXPECT_EQ(c.analysis.sizes.weight_bytes, Count(64U * 1024 * 1024));
  EXPECT_EQ(bench_copies({.op_class = "gemm", .op = "MatMul", .extents = {.m = 1, .n = 8, .k = 8}}),
            1);
}

TEST(BenchModels, StayBelowTheLimits) {
  const auto largest = [](const std::vector<Measurement>& rows) {
    std::int64_t most = 0;
    for (const Measurement& r : rows) {
      if (r.op == "MatMul") most = std::max(most, r.extents.m * r.extents.n * r.extents.k);
    }
    return most;
  };
  EXPECT_LE(2 * largest(bench_shapes({.largest_operations = 1e8})), 100'000'000);
  EXPECT_GT(2 * largest(bench_shapes()), 1'000'000'000);
}

TEST(BenchModels, AreWrittenWithManifestScriptAndWeights) {
  const auto directory = std::filesystem::path(testing::TempDir()) / "aiprof_bench";
  const std::size_t n =
      write_bench(directory.string(), {.largest_operations = 1e7, .largest_bytes = 1e5});
  const MeasurementFile manifest =
      parse_measurements(test::file_bytes((directory / "manifest.csv").string()), "manifest.csv",
                         SecondsColumn::kOptional);
  EXPECT_EQ(manifest.rows.size(), n);
  for (const Measurement& row : manifest.rows) {
    EXPECT_TRUE(std::filesystem::exists(directory / row.label)) << row.label;
  }
  EXPECT_NE(test::file_bytes((directory / "time_models.py").string()).find("onnxruntime"),
            std::string::npos);
  EXPECT_TRUE(std::filesystem::exists(directory / "overhead.onnx"));
  EXPECT_GT(std::filesystem::file_size(directory / "weights_float32.bin"), 1000U);
  std::filesystem::remove_all(directory);
}

TEST(OperatorForms, AllHaveAModel) {
  for (const OperatorForm& form : operator_forms()) {
    Measurement row = {.op_class = std::string(form.op_class), .op = std::string(form.op)};
    row.extents = {.b = 2,
                   .m = 8,
                   .n = 16,
                   .k = 32,
                   .c = 32,
                   .h = 16,
                   .w = 16,
                   .kernel_h = 3,
                   .kernel_w = 3,
                   .s = 4,
                   .heads = 4,
                   .d = 8,
                   .rows = 4,
                   .cols = 64};
    std::string bytes;
    EXPECT_EQ(count(row, bytes).analysis.coverage.gaps, 0U) << form.op;
  }
}

}  // namespace
}  // namespace aiprof
