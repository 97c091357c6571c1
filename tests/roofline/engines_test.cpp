// The models of other machines than GPUs, against published formulas and figures.
#include <gtest/gtest.h>

#include <cmath>

#include "roofline/engine.h"
#include "roofline/helpers.h"
#include "roofline/power.h"
#include "roofline/systolic.h"

namespace aiprof {
namespace {

using roofline::array_time;
using roofline::ArrayTime;
using roofline::Form;
using roofline::form_of;
using test::bare_profile;
using test::load_workload;
using test::Prediction;
using test::run_on;

// --- systolic arrays ----------------------------------------------------------------------------

// Samajdar et al., ISPASS 2020, equation 4: (2 Sr + Sc + T - 2) x ceil(rows / Sr) x ceil(cols / Sc)
// cycles; with outputs stationary the folds tile [m, n] and T = k.
TEST(SystolicArray, OutputStationaryAsPublished) {
  const ArrayTime t =
      array_time({.m = 100, .n = 70, .k = 50}, {.rows = 32,
                                                .cols = 32,
                                                .arrays = 1,
                                                .dataflow = Dataflow::kOutputStationary,
                                                .step_seconds = 1,
                                                .fill_hidden = 0});
  EXPECT_EQ(t.folds, 4 * 3);  // ceil(100 / 32) x ceil(70 / 32)
  EXPECT_EQ(t.seconds, (2 * 32 + 32 + 50 - 2) * 4 * 3);
  EXPECT_DOUBLE_EQ(t.utilisation, 100.0 * 70 * 50 / (32 * 32 * t.steps));
}

// Weights stationary: the folds tile [k, n] and T = m.
TEST(SystolicArray, WeightStationaryAsPublished) {
  const ArrayTime t =
      array_time({.m = 100, .n = 70, .k = 50, .batch = 3}, {.rows = 32,
                                                            .cols = 32,
                                                            .arrays = 1,
                                                            .dataflow = Dataflow::kWeightStationary,
                                                            .step_seconds = 1,
                                                            .fill_hidden = 0});
  EXPECT_EQ(t.folds, 3 * 2 * 3);  // batch x ceil(50 / 32) x ceil(70 / 32)
  EXPECT_EQ(t.seconds, (2 * 32 + 32 + 100 - 2) * 3 * 2 * 3);
}

// With double-buffered weights only the first fold pays for filling, and a fold lasts at least as
// long as loading the next one's weights.
TEST(SystolicArray, DoubleBufferingHidesFilling) {
  const roofline::ArrayShape array = {.rows = 128,
                                      .cols = 128,
                                      .arrays = 1,
                                      .dataflow = Dataflow::kWeightStationary,
                                      .step_seconds = 1,
                                      .fill_hidden = 1};
  EXPECT_EQ(array_time({.m = 1000, .n = 128 * 5, .k = 128 * 2}, array).steps,
            1000 * 5 * 2 + (2 * 128 + 128 - 2));
  EXPECT_EQ(array_time({.m = 1, .n = 128 * 5, .k = 128 * 2}, array).steps,
            128 * 5 * 2 + (2 * 128 + 128 - 2));
}

// A bfloat16 product of 8192^3 on a TPU v4: 2 x 8192^3 / 275e12 s if all cells worked always; the
// edges and the fill cost a few percent.
TEST(SystolicMachine, LargeProductsFillTheArrays) {
  const double ideal = 2.0 * 8192 * 8192 * 8192 / 275e12;
  const ArrayTime t =
      array_time({.m = 8192, .n = 8192, .k = 8192}, {.rows = 128,
                                                     .cols = 128,
                                                     .arrays = 8,
                                                     .dataflow = Dataflow::kWeightStationary,
                                                     .step_seconds = 2.0 * 128 * 128 * 8 / 275e12,
                                                     .fill_hidden = 1});
  EXPECT_GE(t.seconds, ideal);
  EXPECT_LE(t.seconds, 1.02 * ideal);
}

// --- on-chip memory -----------------------------------------------------------------------------

// Llama-2-7B in float16 holds 2 x 6.738e9 bytes; a chip with 220 MiB of SRAM keeps 1.7 % of them
// and takes the rest over PCIe 4.0 x16 (31.5e9 bytes/s) for every token.
TEST(OnChipMachine, StreamsWeightsThatDoNotFit) {
  const auto w = load_workload("llama2_7b", {{"batch", 1}, {"sequence", 1}, {"past", 128}});
  const Prediction r = run_on(w, "groq-lpu1", "compiled");
  const double weights = w.analysis.sizes.weight_bytes.as_double();
  const double read = [&] {
    double sum = 0;
    for (const Kernel& k : r.lowered.kernels) sum += k.weight_bytes_read().as_double();
    return sum;
  }();
  const double streamed = read * (1 - 230686720.0 / weights);
  EXPECT_GE(r.estimate.totals.latency_seconds, streamed / 31.5e9);
  bool noted = false;
  for (const std::string& note : r.estimate.notes) {
    noted = noted || note.find("exceed the 230686720 bytes") != std::string::npos;
  }
  EXPECT_TRUE(noted);
}

// On a wafer that holds all weights a decode step reads them from SRAM: 2 x 6.738e9 bytes at
// 0.9 x 21e15 bytes/s is 0.7 us, three thousand times less than an H100's HBM needs.
TEST(OnChipMachine, ReadsWeightsThatFitFromSram) {
  const auto w = load_workload("llama2_7b", {{"batch", 1}, {"sequence", 1}, {"past", 128}});
  const Prediction wafer = run_on(w, "wse3", "ideal");
  const Prediction gpu = run_on(w, "h100-sxm", "ideal");
  double weights = 0;
  for (const Kernel& k : wafer.lowered.kernels) weights += k.weight_bytes_read().as_double();
  EXPECT_GE(wafer.estimate.totals.memory_seconds, weights / (0.9 * 21e15));
  EXPECT_GE(gpu.estimate.totals.memory_seconds, weights / 3.35e12);
  EXPECT_LT(wafer.estimate.totals.memory_seconds, gpu.estimate.totals.memory_seconds / 1000);
}

// --- processing in memory -----------------------------------------------------------------------

// A matrix of 4096 x 4096 float16 weights times one vector, on HBM-PIM: 2 x 4096^2 bytes at
// 0.8 x 1.229e12 bytes/s inside, against 307e9 bytes/s over the pins.
TEST(InMemoryMachine, MultipliesAVectorInside) {
  const Hardware h = load_hardware("hbm-pim");
  const roofline::Machine machine(h, Float32Math::kFloat32);
  roofline::Job job;
  job.op_class = OpClass::kGemm;
  job.shape = Geometry::Kind::kGemm;
  job.math = DType::kFloat16;
  job.m = 1;
  job.n = job.k = 4096;
  job.macs = job.m * job.n * job.k;
  job.flops = 2 * job.macs;
  job.weight_bytes = 2 * job.n * job.k;
  job.read_bytes = job.weight_bytes + 2 * job.m * job.k;
  job.written_bytes = 2 * job.m * job.n;
  const roofline::KernelTime one = time_kernel(job, machine, {}, nullptr);
  EXPECT_NEAR(one.memory, 2.0 * 4096 * 4096 / (0.8 * 1.229e12), 1e-2 * one.memory);
  EXPECT_LT(one.body, job.bytes() / 307e9 / 2);
  // With 64 vectors there is no reuse inside: the processor at the pins reads the matrix once.
  job.m = 64;
  job.macs = job.m * job.n * job.k;
  job.flops = 2 * job.macs;
  job.read_bytes = job.weight_bytes + 2 * job.m * job.k;
  job.written_bytes = 2 * job.m * job.n;
  const roofline::KernelTime many = time_kernel(job, machine, {}, nullptr);
  EXPECT_DOUBLE_EQ(many.body, job.bytes() / machine.host().sustained);
  EXPECT_EQ(many.memory, 0);
}

// --- which model fits, by the entries of the file ------------------------------------------------

TEST(Form, FollowsFromTheDescription) {
  for (const char* id : {"a100", "t4", "mi300x", "m1-max", "orin-agx-64", "b200"}) {
    EXPECT_EQ(form_of(load_hardware(id)), Form::kManyCore) << id;
    EXPECT_EQ(default_runtime(load_hardware(id)), "eager") << id;
  }
  for (const char* id : {"tpu-v4", "gaudi2", "groq-lpu1"}) {
    EXPECT_EQ(form_of(load_hardware(id)), Form::kSystolic) << id;
    EXPECT_EQ(default_runtime(load_hardware(id)), "compiled") << id;
  }
  for (const char* id : {"xeon-8480p", "epyc-9654"}) {
    EXPECT_EQ(form_of(load_hardware(id)), Form::kProcessor) << id;
    EXPECT_EQ(default_runtime(load_hardware(id)), "onnxruntime") << id;
  }
  for (const char* id : {"hbm-pim", "gddr6-aim"}) {
    EXPECT_EQ(form_of(load_hardware(id)), Form::kInMemory) << id;
  }
  for (const char* id : {"wse3", "hexagon-x-elite"}) {
    EXPECT_EQ(form_of(load_hardware(id)), Form::kPlain) << id;
  }
}

// Every machine of the catalogue times a network without a gap in its numbers.
TEST(Catalogue, EveryMachineGivesFiniteTimes) {
  const auto w = load_workload("resnet50");
  for (const CatalogueEntry& entry : catalogue()) {
    const Hardware h = load_hardware(entry.id);
    const Prediction r = run_on(w, h, load_runtime(default_runtime(h)));
    EXPECT_TRUE(std::isfinite(r.estimate.totals.latency_seconds)) << entry.id;
    EXPECT_GT(r.estimate.totals.latency_seconds, 0) << entry.id;
    EXPECT_TRUE(std::isfinite(r.estimate.totals.energy_joules)) << entry.id;
  }
}

// --- power --------------------------------------------------------------------------------------

// T4: 10.7 pJ x 1.364 (12 nm) x 1590 / 1455 MHz = 15.95 pJ; (70 - 10) W / (15.95 pJ x 8.1e12)
// to the power of 1 / 1.25 is 0.541: it sustains half of its float32 peak, as measured.
TEST(PowerLimit, HoldsPartsBelowTheirPeak) {
  const auto factor = [](const char* id, DType type) {
    const Hardware h = load_hardware(id);
    return roofline::Machine(h, Float32Math::kFloat32).contraction(type).power_factor;
  };
  EXPECT_NEAR(factor("t4", DType::kFloat32), 0.5413, 1e-3);
  EXPECT_NEAR(factor("t4", DType::kFloat16), 0.64, 5e-3);
  EXPECT_NEAR(factor("l40s", DType::kBfloat16), 0.7807, 1e-3);
  EXPECT_NEAR(factor("a100-pcie-40", DType::kFloat32), 0.97, 5e-3);
  EXPECT_EQ(factor("a100-sxm-80", DType::kFloat16), 1);
  EXPECT_EQ(factor("h100-sxm", DType::kBfloat16), 1);
  EXPECT_EQ(factor("v100-pcie", DType::kFloat32), 1);
}

TEST(PowerLimit, ReadsTheProcessFromItsName) {
  const auto ratio = [](const char* text) {
    Hardware h;
    h.process = text;
    const auto p = roofline::process_of(h);
    return p ? p->energy_ratio : 0;
  };
  EXPECT_EQ(ratio("TSMC N7"), 1);
  EXPECT_EQ(ratio("TSMC 12FFN"), 1.364);
  EXPECT_EQ(ratio("TSMC 4NP"), 0.822);
  EXPECT_EQ(ratio("Samsung 8N"), 1.093);
  EXPECT_EQ(ratio("TSMC N5 XCD + N6 IOD"), 0.869);
  EXPECT_DOUBLE_EQ(ratio("GF 14nm"), (1.364 + 1.85) / 2);
  EXPECT_EQ(ratio("20nm DRAM"), 0);
  EXPECT_EQ(ratio(""), 0);
}

}  // namespace
}  // namespace aiprof
