// What libraries for processors do beside the arithmetic, and what a shared cache forgets.
#include <gtest/gtest.h>

#include "roofline/engine.h"
#include "roofline/helpers.h"
#include "roofline/smooth.h"

namespace aiprof {
namespace {

using roofline::Context;
using roofline::Job;
using roofline::KernelTime;
using test::load_workload;
using test::run_on;

class Processor : public ::testing::Test {
 protected:
  [[nodiscard]] KernelTime time(const Job& job, const Context& context = {}) const {
    return roofline::time_kernel(job, machine_, context, nullptr);
  }

  Hardware hardware_ = load_hardware("xeon-8480p");
  roofline::Machine machine_{hardware_, Float32Math::kFloat32};
};

// 3x3 windows of 8 channels in each of 26 groups, 8 channels out: no vector is filled.
// Large enough for all cores to take part.
Job grouped() {
  Job job;
  job.op_class = OpClass::kConvolution;
  job.math = DType::kFloat32;
  job.shape = Geometry::Kind::kConvolution;
  job.batch = 26;
  job.images = 64;
  job.m = 64.0 * 112 * 112;
  job.n = 8;
  job.k = 8 * 3 * 3;
  job.kernel_points = 3 * 3;
  job.macs = job.batch * job.m * job.n * job.k;
  job.first_bits = 32;
  return job;
}

TEST_F(Processor, StridedWindowsOfGroupsCostMoreToWriteOut) {
  Job job = grouped();
  const double unit = time(job).compute;
  job.unit_stride = false;
  const double elements = 26 * (64.0 * 112 * 112) * (8 * 3 * 3);
  EXPECT_NEAR(time(job).compute - unit,
              elements * (2.2 - 1.2) / (machine_.units() * machine_.clock()), unit * 1e-9);
}

TEST_F(Processor, GroupsThatFillVectorsAreComputedInPlace) {
  Job job = grouped();
  job.n = machine_.lanes();
  const double unit = time(job).compute;
  job.unit_stride = false;
  EXPECT_EQ(time(job).compute, unit);
}

// Over one dim, libraries have no kernel that walks the windows in place.
TEST_F(Processor, DepthwiseConvolutionsOverOneDimWriteWindowsOut) {
  Job job = grouped();
  job.n = 1;
  job.k = job.kernel_points = 9;
  const double over_images = time(job).compute;
  job.image = false;
  EXPECT_NEAR(time(job).compute - over_images,
              26 * (64.0 * 112 * 112) * 9 * 0.6 / (machine_.units() * machine_.clock()),
              over_images * 1e-9);
}

TEST_F(Processor, TransposedConvolutionsScatterOnOneCore) {
  Job job = grouped();
  job.batch = 1;
  job.kernel_points = 4 * 4;
  job.n = 64 * 4 * 4;
  const double plain = time(job).compute;
  job.transposed = true;
  EXPECT_NEAR(time(job).compute - plain, (64.0 * 112 * 112) * (64 * 4 * 4) * 2 / machine_.clock(),
              plain * 1e-9);
}

TEST_F(Processor, StepsReadTheWeightsOfTheStateAgain) {
  const double private_caches = hardware_.level(MemoryKind::kL2)->total_capacity_bytes();
  Job job;
  job.op_class = OpClass::kRnn;
  job.math = DType::kFloat32;
  job.shape = Geometry::Kind::kRnn;
  job.m = 512;
  job.n = 4 * 8192;
  job.k = 8192 + 8192;
  job.weight_bytes = job.read_bytes = 4 * job.n * job.k;
  job.macs = job.m * job.n * job.k;
  const double once = time(job).cache_bytes;
  job.steps = 50;
  const double state = job.weight_bytes / 2;
  EXPECT_NEAR(time(job).cache_bytes - once, 49 * state * roofline::miss(state, private_caches),
              state * 1e-4);
}

TEST_F(Processor, ASharedCacheForgetsWeightsWithTime) {
  Job job;
  job.op_class = OpClass::kGemm;
  job.math = DType::kFloat32;
  job.shape = Geometry::Kind::kGemm;
  job.m = 128;
  job.n = job.k = 1024;
  job.weight_bytes = 4.0 * 1024 * 1024;
  job.read_bytes = job.weight_bytes + 4.0 * 128 * 1024;
  job.written_bytes = 4.0 * 128 * 1024;
  job.macs = job.m * job.n * job.k;
  const Context later = {.model_weight_bytes = 4.0 * 1024 * 1024, .reuse_seconds = 1};
  const double kept = time(job, later).memory_bytes;
  EXPECT_LT(kept, 0.01 * job.weight_bytes);

  const Hardware guest =
      load_hardware("xeon-8480p", std::vector<std::string>{"memory.llc.residency_seconds=0.01"});
  const roofline::Machine shared(guest, Float32Math::kFloat32);
  Context context = later;
  const auto bytes = [&] {
    return roofline::time_kernel(job, shared, context, nullptr).memory_bytes;
  };
  EXPECT_NEAR(bytes(), job.weight_bytes, 0.01 * job.weight_bytes);
  context.reuse_seconds = 0.01;
  EXPECT_NEAR(bytes(), job.weight_bytes / 2, 0.01 * job.weight_bytes);
  context.reuse_seconds = 1e-3;
  EXPECT_NEAR(bytes(), kept, 0.01 * job.weight_bytes);
}

TEST(Residency, IsMeasuredAgainstTheTimeOfAnInference) {
  const auto w = load_workload("resnet50");
  const auto own = run_on(w, "xeon-8480p", "onnxruntime").estimate;
  EXPECT_EQ(own.reuse_seconds, 0);
  const auto guest =
      run_on(w, "xeon-8480p", "onnxruntime", {"memory.llc.residency_seconds=1e-4"}).estimate;
  EXPECT_EQ(guest.reuse_seconds, own.totals.latency_seconds);
  EXPECT_GT(guest.totals.latency_seconds, own.totals.latency_seconds);
  const auto calm =
      run_on(w, "xeon-8480p", "onnxruntime", {"memory.llc.residency_seconds=100"}).estimate;
  EXPECT_EQ(calm.totals.latency_seconds, own.totals.latency_seconds);
}

}  // namespace
}  // namespace aiprof
