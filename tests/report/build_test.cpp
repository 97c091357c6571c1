// The plain data of reports: sums, shares, gaps, sizes.
#include <gtest/gtest.h>

#include "aiprof/frontend/onnx.h"
#include "report/sample.h"
#include "support/files.h"

namespace aiprof {
namespace {

using test::kKnownNet;
using test::kNet;

// Added as a reader would: row after row.
void expect_totals_are_sums(const Report& r) {
  WorkRow work;
  Seconds seconds;
  for (const NodeRow& row : r.nodes) {
    if (row.work) work += *row.work;
    if (row.seconds) seconds += *row.seconds;
  }
  EXPECT_EQ(work.flops, r.totals.work.flops);
  EXPECT_EQ(work.macs, r.totals.work.macs);
  EXPECT_EQ(work.transcendentals, r.totals.work.transcendentals);
  EXPECT_EQ(work.integer_ops, r.totals.work.integer_ops);
  EXPECT_EQ(work.bytes_read, r.totals.work.bytes_read);
  EXPECT_EQ(work.bytes_written, r.totals.work.bytes_written);
  EXPECT_EQ(work.weight_bytes_read, r.totals.work.weight_bytes_read);
  ASSERT_TRUE(r.totals.seconds);
  EXPECT_EQ(seconds.latency, r.totals.seconds->latency);
  EXPECT_EQ(seconds.compute, r.totals.seconds->compute);
  EXPECT_EQ(seconds.memory, r.totals.seconds->memory);
  EXPECT_EQ(seconds.overhead, r.totals.seconds->overhead);
  EXPECT_EQ(seconds.joules, r.totals.seconds->joules);
}

void expect_kernels_are_split(const Report& r) {
  for (const KernelRow& kernel : r.kernels) {
    Seconds sum;
    for (const std::size_t n : kernel.nodes) {
      ASSERT_EQ(r.nodes[n].kernel, kernel.index);
      ASSERT_TRUE(r.nodes[n].seconds);
      EXPECT_GE(r.nodes[n].seconds->latency, 0);
      sum += *r.nodes[n].seconds;
    }
    EXPECT_EQ(sum.latency, kernel.seconds.latency) << kernel.index;
    EXPECT_EQ(sum.compute, kernel.seconds.compute) << kernel.index;
    EXPECT_EQ(sum.memory, kernel.seconds.memory) << kernel.index;
    EXPECT_EQ(sum.overhead, kernel.seconds.overhead) << kernel.index;
    EXPECT_EQ(sum.joules, kernel.seconds.joules) << kernel.index;
  }
}

TEST(BuildReport, TotalsAreSumsOfRowsForEveryShippedModel) {
  for (const std::string& file : test::shipped_models()) {
    SCOPED_TRACE(file);
    const Report r = test::report_of(load_onnx(file));
    expect_totals_are_sums(r);
    expect_kernels_are_split(r);
    EXPECT_EQ(r.coverage.nodes, r.nodes.size());
    EXPECT_EQ(r.coverage.exact + r.coverage.assumed + r.coverage.folded + r.coverage.gaps,
              r.nodes.size());
  }
}

TEST(BuildReport, CountsOfASmallNet) {
  const Report r = test::report_of(kKnownNet, test::with_dims({{"batch", 4}}));
  // Convolution (output elements x taps) and Gemm.
  EXPECT_EQ(r.totals.work.macs, Count(4U * 16U * 32U * 32U * 3U * 3U * 3U + 4U * 256U * 10U));
  EXPECT_EQ(r.totals.parameters, 16U * 3U * 3U * 3U + 16U + 256U * 10U);
  EXPECT_EQ(r.totals.weight_bytes, 4U * (16U * 3U * 3U * 3U + 16U + 256U * 10U));
  EXPECT_EQ(r.totals.kv_cache_bytes, 0U);
  EXPECT_EQ(r.batch, 4U);
  EXPECT_FALSE(r.tokens);
  EXPECT_TRUE(r.totals.fits.value_or(false));
  EXPECT_DOUBLE_EQ(*r.totals.throughput_per_second, 4 / r.totals.seconds->latency);
}

TEST(BuildReport, ViewsHaveNoKernelAndNoTime) {
  const Report r = test::report_of(kKnownNet);
  const NodeRow& flatten = r.nodes[3];
  ASSERT_EQ(flatten.op_type, "Flatten");
  EXPECT_FALSE(flatten.kernel);
  EXPECT_FALSE(flatten.seconds);
  EXPECT_FALSE(flatten.bound);
  EXPECT_EQ(flatten.work->flops, Count(0U));
}

TEST(BuildReport, AGapHasAReasonAndNothingElse) {
  const Report r = test::report_of(kNet);
  const NodeRow& gap = r.nodes[5];
  ASSERT_EQ(gap.op_type, "Mystery");
  EXPECT_EQ(gap.status, NodeStatus::kGap);
  EXPECT_FALSE(gap.reason.empty());
  EXPECT_EQ(gap.op_class, "unknown");
  EXPECT_FALSE(gap.work);
  EXPECT_FALSE(gap.seconds);
  EXPECT_FALSE(gap.kernel);
  EXPECT_EQ(r.coverage.gaps, 1U);
  // The unknown shape of its output is not 0 and not a made-up rank.
  EXPECT_FALSE(r.tensors[gap.outputs[0]].shape);
}

TEST(BuildReport, WithoutHardwareThereAreCountsAndNoTimes) {
  const Report r = test::count_of(kKnownNet);
  EXPECT_FALSE(r.hardware);
  EXPECT_TRUE(r.kernels.empty());
  EXPECT_FALSE(r.totals.seconds);
  EXPECT_FALSE(r.totals.mfu);
  EXPECT_FALSE(r.totals.fits);
  EXPECT_TRUE(r.totals.arithmetic_intensity);
  for (const NodeRow& row : r.nodes) EXPECT_FALSE(row.seconds);
}

TEST(BuildReport, AFusedKernelIsSplitByUnfusedTime) {
  const Report r = test::report_of(kKnownNet);
  ASSERT_EQ(r.nodes[0].kernel, r.nodes[1].kernel);  // Conv takes its Relu in
  // Conv alone: 2 x 16 x 32 x 32 x 27 + 16 x 32 x 32 FLOPs in 4e12 and 1e12 a second, 79 kB in
  // 1e11 a second. Relu alone: 2 x 65,536 bytes.
  const double products = 2.0 * 16 * 32 * 32 * 27 / 4e12 + 1.0 * 16 * 32 * 32 / 1e12;
  const double traffic = 4.0 * (3 * 32 * 32 + 16 * 27 + 16 + 16 * 32 * 32) / 1e11;
  const double conv = std::max(products, traffic);
  const double relu = 4.0 * 2 * 16 * 32 * 32 / 1e11;
  const Seconds& whole = r.kernels[*r.nodes[0].kernel].seconds;
  EXPECT_NEAR(r.nodes[0].seconds->latency, whole.latency * conv / (conv + relu), 1e-18);
}

TEST(BuildReport, MeasuredTimeScalesTheUtilisation) {
  const Report predicted = test::report_of(kKnownNet);
  const double twice = 2 * predicted.totals.seconds->latency;
  const Report r = test::report_of(kKnownNet, {}, {.measured_latency_seconds = twice});
  ASSERT_TRUE(r.totals.measured_mfu && r.totals.measured_mbu);
  EXPECT_DOUBLE_EQ(*r.totals.measured_mfu, *r.totals.mfu / 2);
  EXPECT_DOUBLE_EQ(*r.totals.measured_mbu, *r.totals.mbu / 2);
  EXPECT_DOUBLE_EQ(*r.totals.measured_throughput_per_second, 1 / twice);
  // The prediction itself stays.
  EXPECT_EQ(r.totals.seconds->latency, predicted.totals.seconds->latency);
}

TEST(BuildReport, LanguageModelsHaveTokensAndACache) {
  const Graph graph = load_onnx(test::shipped("gpt2"));
  const Report r =
      test::report_of(graph, test::with_dims({{"batch", 2}, {"sequence", 1}, {"past", 1023}}));
  EXPECT_EQ(r.batch, 2U);
  EXPECT_EQ(r.tokens, 2U * 1U);
  // 12 layers x keys and values x 12 heads x 64, float32, 1024 tokens, batch 2.
  EXPECT_EQ(r.totals.kv_cache_bytes, 12U * 2U * 12U * 64U * 4U * 1024U * 2U);
  EXPECT_EQ(r.totals.kv_cache_bytes_per_token, 12U * 2U * 12U * 64U * 4U * 2U);
  EXPECT_EQ(r.states.size(), 12U * 2U);
  EXPECT_DOUBLE_EQ(*r.totals.tokens_per_second, *r.totals.throughput_per_second);
}

TEST(GroupRows, AreSumsOfTheirNodesInEveryGrouping) {
  const Report r = test::report_of(load_onnx(test::shipped("resnet50")));
  for (const auto& [by, depth] : {std::pair{GroupBy::kOpType, 0U}, std::pair{GroupBy::kBlock, 1U},
                                  std::pair{GroupBy::kBlock, 2U}, std::pair{GroupBy::kBlock, 0U}}) {
    WorkRow work;
    double latency = 0;
    std::size_t nodes = 0;
    for (const GroupRow& row : group_rows(r, by, depth)) {
      work += row.work;
      latency += row.seconds->latency;
      nodes += row.nodes;
    }
    EXPECT_EQ(work.flops, r.totals.work.flops);
    EXPECT_EQ(work.bytes_read, r.totals.work.bytes_read);
    EXPECT_NEAR(latency, r.totals.seconds->latency, 1e-12);
    EXPECT_EQ(nodes, r.nodes.size());
  }
}

TEST(GroupRows, BlocksAreModules) {
  const Report r = test::report_of(load_onnx(test::shipped("resnet50")));
  std::vector<std::string> keys;
  for (const GroupRow& row : group_rows(r, GroupBy::kBlock, 1)) keys.push_back(row.key);
  std::sort(keys.begin(), keys.end());
  EXPECT_EQ(keys,
            (std::vector<std::string>{"(top level)", "avgpool", "bn1", "conv1", "fc", "layer1",
                                      "layer2", "layer3", "layer4", "maxpool", "relu"}));
}

}  // namespace
}  // namespace aiprof
