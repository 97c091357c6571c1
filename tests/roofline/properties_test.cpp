// What must hold for every model on every machine.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "roofline/helpers.h"

namespace aiprof {
namespace {

using test::load_workload;
using test::Prediction;
using test::run_on;
using test::Workload;

const std::vector<std::string> kModels = {"resnet50", "efficientnet_b0", "gpt2", "swin_t"};
const std::vector<std::string> kMachines = {
    "a100",   "h100-sxm",   "t4",        "mi210",          "mi300x", "l40s",
    "m1-max", "xeon-8480p", "epyc-9654", "tpu-v4",         "gaudi3", "groq-lpu1",
    "wse3",   "hbm-pim",    "gddr6-aim", "hexagon-x-elite"};
const std::vector<std::string> kRuntimes = {"ideal", "compiled", "onnxruntime", "eager"};

// Sums of many doubles in another order.
constexpr double kRounding = 1e-9;

void expect_at_most(double a, double b) { EXPECT_LE(a, b * (1 + kRounding)); }

template <typename Check>
void for_all(const Check& check) {
  for (const std::string& model : kModels) {
    const Workload w = load_workload(model);
    for (const std::string& machine : kMachines) {
      for (const std::string& runtime : kRuntimes) {
        SCOPED_TRACE(model + " on " + machine + " with " + runtime);
        check(w, machine, runtime);
      }
    }
  }
}

TEST(Properties, EveryKernelTakesAtLeastEachOfItsParts) {
  for_all([](const Workload& w, const std::string& machine, const std::string& runtime) {
    const Prediction r = run_on(w, machine, runtime);
    for (const KernelEstimate& k : r.estimate.kernels) {
      expect_at_most(k.compute_seconds, k.latency_seconds);
      expect_at_most(k.memory_seconds, k.latency_seconds);
      expect_at_most(k.overhead_seconds, k.latency_seconds);
      EXPECT_GE(k.overhead_seconds, 0);
      EXPECT_LE(k.latency_low_seconds, k.latency_seconds);
      EXPECT_GE(k.latency_high_seconds, k.latency_seconds);
      EXPECT_NEAR(k.energy.total(), k.energy_joules, kRounding * k.energy_joules);
    }
  });
}

TEST(Properties, TotalsAreTheSumsOfKernels) {
  for_all([](const Workload& w, const std::string& machine, const std::string& runtime) {
    const Prediction r = run_on(w, machine, runtime);
    Totals sum;
    for (std::size_t i = 0; i < r.estimate.kernels.size(); ++i) {
      const KernelEstimate& k = r.estimate.kernels[i];
      sum.latency_seconds += k.latency_seconds;
      sum.compute_seconds += k.compute_seconds;
      sum.memory_seconds += k.memory_seconds;
      sum.overhead_seconds += k.overhead_seconds;
      sum.energy_joules += k.energy_joules;
      sum.kernel_bytes_read += r.lowered.kernels[i].bytes_read();
      sum.kernel_bytes_written += r.lowered.kernels[i].bytes_written();
    }
    const Totals& t = r.estimate.totals;
    EXPECT_EQ(t.latency_seconds, sum.latency_seconds);
    EXPECT_EQ(t.compute_seconds, sum.compute_seconds);
    EXPECT_EQ(t.memory_seconds, sum.memory_seconds);
    EXPECT_EQ(t.overhead_seconds, sum.overhead_seconds);
    EXPECT_EQ(t.energy_joules, sum.energy_joules);
    EXPECT_EQ(t.kernel_bytes_read, sum.kernel_bytes_read);
    EXPECT_EQ(t.kernel_bytes_written, sum.kernel_bytes_written);
    EXPECT_LE(t.latency_low_seconds, t.latency_seconds);
    EXPECT_GE(t.latency_high_seconds, t.latency_seconds);
  });
}

TEST(Properties, PowerStaysUnderTheLimit) {
  for_all([](const Workload& w, const std::string& machine, const std::string& runtime) {
    const Hardware h = load_hardware(machine);
    const Prediction r = run_on(w, h, load_runtime(runtime));
    if (!h.power.tdp_watts.known()) return;
    expect_at_most(*r.estimate.totals.average_watts, h.power.tdp_watts.value);
  });
}

TEST(Properties, MoreBandwidthIsNeverSlower) {
  for_all([](const Workload& w, const std::string& machine, const std::string& runtime) {
    const Prediction before = run_on(w, machine, runtime);
    const bool sram = load_hardware(machine).on_chip_only();
    const Prediction after = run_on(
        w, machine, runtime, {std::string("memory.") + (sram ? "sram" : "dram") + ".bandwidth=2x"});
    for (std::size_t i = 0; i < before.estimate.kernels.size(); ++i) {
      expect_at_most(after.estimate.kernels[i].latency_seconds,
                     before.estimate.kernels[i].latency_seconds);
    }
  });
}

TEST(Properties, MoreArithmeticIsNeverSlower) {
  for_all([](const Workload& w, const std::string& machine, const std::string& runtime) {
    const Hardware h = load_hardware(machine);
    std::vector<std::string> edits;
    for (std::size_t e = 0; e < h.engines.size(); ++e) {
      for (const MathType type : all_math_types()) {
        if (!h.engines[e].peaks[type].known()) continue;
        edits.push_back("engines." + std::to_string(e) + ".peaks." + std::string(name(type)) +
                        "=2x");
      }
    }
    const Prediction before = run_on(w, h, load_runtime(runtime));
    const Prediction after = run_on(w, machine, runtime, edits);
    for (std::size_t i = 0; i < before.estimate.kernels.size(); ++i) {
      expect_at_most(after.estimate.kernels[i].latency_seconds,
                     before.estimate.kernels[i].latency_seconds);
    }
  });
}

TEST(Properties, MoreCacheIsNeverSlower) {
  for_all([](const Workload& w, const std::string& machine, const std::string& runtime) {
    const Hardware h = load_hardware(machine);
    const Prediction before = run_on(w, h, load_runtime(runtime));
    for (const char* level : {"l2", "llc", "scratchpad"}) {
      bool present = false;
      for (const MemoryLevel& m : h.memory) present = present || name(m.kind) == level;
      if (!present) continue;
      const Prediction after =
          run_on(w, machine, runtime, {"memory." + std::string(level) + ".capacity_bytes=2x"});
      for (std::size_t i = 0; i < before.estimate.kernels.size(); ++i) {
        expect_at_most(after.estimate.kernels[i].latency_seconds,
                       before.estimate.kernels[i].latency_seconds);
      }
    }
  });
}

TEST(Properties, TwiceTheBatchIsNeverFasterNorCheaper) {
  for (const std::string& model : kModels) {
    for (const std::int64_t batch : {1, 2, 8}) {
      const Workload one = load_workload(model, {{"batch", batch}});
      const Workload two = load_workload(model, {{"batch", 2 * batch}});
      for (const std::string& machine : kMachines) {
        for (const std::string& runtime : kRuntimes) {
          SCOPED_TRACE(model + " on " + machine + " with " + runtime + " at batch " +
                       std::to_string(batch));
          const Prediction a = run_on(one, machine, runtime);
          const Prediction b = run_on(two, machine, runtime);
          ASSERT_EQ(a.estimate.kernels.size(), b.estimate.kernels.size());
          for (std::size_t i = 0; i < a.estimate.kernels.size(); ++i) {
            expect_at_most(a.estimate.kernels[i].latency_seconds,
                           b.estimate.kernels[i].latency_seconds);
          }
          expect_at_most(a.estimate.totals.energy_joules, b.estimate.totals.energy_joules);
        }
      }
    }
  }
}

}  // namespace
}  // namespace aiprof
