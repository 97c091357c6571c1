// Operators of real models on a machine of round numbers, recomputed by hand: every factor of
// bytes, arithmetic and time is written out.
#include <gtest/gtest.h>

#include <algorithm>

#include "roofline/helpers.h"

namespace aiprof {
namespace {

using test::bare_profile;
using test::load_workload;
using test::Prediction;
using test::run_on;
using test::Workload;

// 10 TFLOP/s, 2.5e12 transcendentals a second (a quarter), 500 GB/s: the ridge is at 20 FLOP/byte.
constexpr double kPeak = 1e13;
constexpr double kSpecial = kPeak / 4;
constexpr double kBandwidth = 5e11;

Hardware round_machine() {
  return parse_hardware(R"({
    "schema_version": "1", "name": "round numbers",
    "engines": [{"name": "v", "unit": "vector", "peaks": {"float32": 1e13, "int32": 1e13}}],
    "memory": [{"name": "m", "level": "dram", "capacity_bytes": 1e12,
                "bandwidth_bytes_per_second": 5e11}]})",
                        "round.json");
}

struct Row {
  const Kernel& kernel;
  const KernelEstimate& estimate;
};

// The kernel of the node of that name.
Row row(const Workload& w, const Prediction& r, std::string_view node) {
  for (std::size_t i = 0; i < r.lowered.kernels.size(); ++i) {
    if (w.graph[r.lowered.kernels[i].main].name == node) {
      return {r.lowered.kernels[i], r.estimate.kernels[i]};
    }
  }
  ADD_FAILURE() << "no kernel " << node;
  return {r.lowered.kernels[0], r.estimate.kernels[0]};
}

struct Expected {
  double flops, transcendentals, read, written;
  Bound bound;
};

void expect(const Row& r, const Expected& e) {
  EXPECT_EQ(r.kernel.bytes_read().as_double(), e.read);
  EXPECT_EQ(r.kernel.bytes_written().as_double(), e.written);
  EXPECT_EQ(r.kernel.flops.as_double(), e.flops);
  EXPECT_EQ(r.kernel.transcendentals.as_double(), e.transcendentals);
  const double compute = e.flops / kPeak + e.transcendentals / kSpecial;
  const double memory = (e.read + e.written) / kBandwidth;
  EXPECT_DOUBLE_EQ(r.estimate.compute_seconds, compute);
  EXPECT_DOUBLE_EQ(r.estimate.memory_seconds, memory);
  EXPECT_EQ(r.estimate.overhead_seconds, 0);
  EXPECT_DOUBLE_EQ(r.estimate.latency_seconds, std::max(compute, memory));
  EXPECT_EQ(r.estimate.bound, e.bound);
  EXPECT_DOUBLE_EQ(*r.estimate.arithmetic_intensity, e.flops / (e.read + e.written));
  EXPECT_DOUBLE_EQ(*r.estimate.mfu, e.flops / (std::max(compute, memory) * kPeak));
  EXPECT_DOUBLE_EQ(*r.estimate.mbu,
                   (e.read + e.written) / (std::max(compute, memory) * kBandwidth));
}

class ResNet50ByHand : public testing::Test {
 protected:
  const Workload w_ = load_workload("resnet50");
  const Prediction run_ = run_on(w_, round_machine(), bare_profile());
};

// 64 filters of 3 x 7 x 7 over one 224 x 224 image, stride 2.
TEST_F(ResNet50ByHand, FirstConvolution) {
  expect(row(w_, run_, "/conv1/Conv"), {.flops = 2.0 * 64 * 112 * 112 * 3 * 7 * 7,
                                        .transcendentals = 0,
                                        .read = 4.0 * (3 * 224 * 224 + 64 * 3 * 7 * 7),
                                        .written = 4.0 * 64 * 112 * 112,
                                        .bound = Bound::kCompute});
}

// 3 x 3 windows, stride 2: eight comparisons for each result.
TEST_F(ResNet50ByHand, MaxPool) {
  expect(row(w_, run_, "/maxpool/MaxPool"), {.flops = 8.0 * 64 * 56 * 56,
                                             .transcendentals = 0,
                                             .read = 4.0 * 64 * 112 * 112,
                                             .written = 4.0 * 64 * 56 * 56,
                                             .bound = Bound::kMemory});
}

// 2048 features to 1000 classes, with bias.
TEST_F(ResNet50ByHand, Classifier) {
  expect(row(w_, run_, "/fc/Gemm"), {.flops = 2.0 * 2048 * 1000 + 1000,
                                     .transcendentals = 0,
                                     .read = 4.0 * (2048 + 2048 * 1000 + 1000),
                                     .written = 4.0 * 1000,
                                     .bound = Bound::kMemory});
}

class Gpt2ByHand : public testing::Test {
 protected:
  const Workload w_ = load_workload("gpt2");  // one sequence of 128 tokens
  const Prediction run_ = run_on(w_, round_machine(), bare_profile());
};

// Queries, keys and values of 768 each for 128 tokens, with bias.
TEST_F(Gpt2ByHand, QueriesKeysAndValues) {
  expect(row(w_, run_, "/transformer/h.0/attn/c_attn/Gemm"),
         {.flops = 2.0 * 128 * 768 * 2304 + 128 * 2304,
          .transcendentals = 0,
          .read = 4.0 * (128 * 768 + 768 * 2304 + 2304),
          .written = 4.0 * 128 * 2304,
          .bound = Bound::kCompute});
}

// 12 heads x 128 rows of 128 scores: maximum and sum take 127 steps each and the difference 128;
// 128 exponentials and 128 divisions.
TEST_F(Gpt2ByHand, Softmax) {
  expect(row(w_, run_, "/transformer/h.0/attn/Softmax"),
         {.flops = 12.0 * 128 * (127 + 127 + 128),
          .transcendentals = 12.0 * 128 * (128 + 128),
          .read = 4.0 * 12 * 128 * 128,
          .written = 4.0 * 12 * 128 * 128,
          .bound = Bound::kMemory});
}

// Every token against all 50257 words.
TEST_F(Gpt2ByHand, LanguageModelHead) {
  expect(row(w_, run_, "/lm_head/MatMul"), {.flops = 2.0 * 128 * 768 * 50257,
                                            .transcendentals = 0,
                                            .read = 4.0 * (128 * 768 + 768 * 50257),
                                            .written = 4.0 * 128 * 50257,
                                            .bound = Bound::kCompute});
}

// At the ridge point both terms take the same time.
TEST(RidgePoint, ComputeEqualsMemory) {
  const Hardware h = round_machine();
  const Workload w = load_workload("resnet50");
  const Prediction r = run_on(w, h, bare_profile());
  ASSERT_FALSE(r.estimate.ridges.empty());
  EXPECT_DOUBLE_EQ(r.estimate.ridges[0].flops_per_byte, kPeak / kBandwidth);
  for (std::size_t i = 0; i < r.lowered.kernels.size(); ++i) {
    const Kernel& k = r.lowered.kernels[i];
    const KernelEstimate& e = r.estimate.kernels[i];
    if (k.transcendentals.value() > 0 || !e.arithmetic_intensity) continue;
    const bool above = *e.arithmetic_intensity >= r.estimate.ridges[0].flops_per_byte;
    EXPECT_EQ(above, e.compute_seconds >= e.memory_seconds);
    EXPECT_NEAR(e.compute_seconds / e.memory_seconds,
                *e.arithmetic_intensity / r.estimate.ridges[0].flops_per_byte, 1e-12 * 1e3);
  }
}

}  // namespace
}  // namespace aiprof
