// Intervals, constants, notes, launches, derivations.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "aiprof/base/error.h"
#include "aiprof/hardware/constants.h"
#include "roofline/helpers.h"
#include "roofline/interval.h"
#include "roofline/launch.h"

namespace aiprof {
namespace {

using roofline::Spread;
using test::bare_profile;
using test::load_workload;
using test::Prediction;
using test::run_on;

// --- constants ----------------------------------------------------------------------------------

TEST(Constants, EveryNameOfTheFileFormatIsAConstantOfTheModel) {
  roofline::ModelConstants all = roofline::default_constants(roofline::Form::kManyCore);
  for (const ConstantSpec& spec : constant_specs()) {
    const double* value = roofline::find_constant(all, spec.name);
    ASSERT_NE(value, nullptr) << spec.name;
    EXPECT_GE(*value, spec.low) << spec.name;
    EXPECT_LE(*value, spec.high) << spec.name;
  }
  EXPECT_EQ(roofline::find_constant(all, "gemm_nonsense"), nullptr);
}

TEST(Constants, DefaultsStandWhereTheFileSaysNothing) {
  for (const ModelConstant& c : model_constants(load_hardware("b200"))) EXPECT_FALSE(c.from_file);
  const Hardware a100 = load_hardware("a100-sxm-80");
  for (const ModelConstant& c : model_constants(a100)) {
    const auto it = a100.calibration.constants.find(c.name);
    EXPECT_EQ(c.from_file, it != a100.calibration.constants.end());
    if (c.from_file) {
      EXPECT_EQ(c.value, it->second.value);
    }
  }
}

// --- intervals ----------------------------------------------------------------------------------

TEST(Interval, OfAKernelIsThatOfItsClass) {
  const Spread s = {.q10 = -0.2, .q50 = 0.01, .q90 = 0.3};
  const roofline::Interval i = roofline::interval_of(2.0, s);
  EXPECT_DOUBLE_EQ(i.low, 2.0 * std::exp(-0.2));
  EXPECT_DOUBLE_EQ(i.high, 2.0 * std::exp(0.3));
}

// Ten groups of equal time with the same spread: independent errors would average out by sqrt(10),
// shared ones not at all; rho says how much is shared.
TEST(Interval, OfASumKeepsWhatADeviceShares) {
  const double sigma = 0.2;
  Spread s = {.q10 = -1.2815515655446004 * sigma, .q50 = 0, .q90 = 1.2815515655446004 * sigma};
  EXPECT_DOUBLE_EQ(s.sigma(), sigma);
  for (const auto& [state, rho] :
       {std::pair(CalibrationState::kDatasheet, 0.5), std::pair(CalibrationState::kFitted, 0.15)}) {
    s.state = state;
    roofline::SumOfIntervals sum;
    for (int i = 0; i < 10; ++i) sum.add(1.0, s);
    const double expected = sigma * std::sqrt(rho + (1 - rho) / 10);
    const auto form = roofline::Form::kManyCore;
    EXPECT_NEAR(sum.interval(10, form).high, 10 * std::exp(1.2815515655446004 * expected), 1e-12);
    EXPECT_NEAR(sum.interval(10, form).low, 10 * std::exp(-1.2815515655446004 * expected), 1e-12);
  }
}

// A calibrated part has narrower bars than its sister that was never measured.
TEST(Interval, NarrowsWithCalibration) {
  const auto w = load_workload("gpt2");
  const auto width = [&](const char* id) {
    const Totals t = run_on(w, id, "eager").estimate.totals;
    return std::log(t.latency_high_seconds / t.latency_low_seconds);
  };
  EXPECT_LT(width("a100-pcie-40"), width("a100-pcie-80"));
  EXPECT_LT(width("a100-pcie-80"), width("tpu-v4"));
}

// --- launches -----------------------------------------------------------------------------------

TEST(Launch, JoinsRunTimeByRegime) {
  using roofline::Regime;
  using roofline::with_launch;
  EXPECT_EQ(with_launch({.regime = Regime::kFree, .seconds = 5}, 3, 1), 3);
  EXPECT_EQ(with_launch({.regime = Regime::kGraph, .seconds = 5}, 3, 1), 5 + 3 + 1);
  EXPECT_EQ(with_launch({.regime = Regime::kQueue, .seconds = 5}, 3, 1), 5);
  EXPECT_EQ(with_launch({.regime = Regime::kQueue, .seconds = 5}, 7, 1), 7);
  EXPECT_DOUBLE_EQ(
      with_launch({.regime = Regime::kIsolated, .seconds = 3, .isolated_overlap = 2}, 4, 0), 5);
}

TEST(Launch, EagerKernelsTakeAtLeastTheDispatchOfTheHost) {
  const auto w = load_workload("gpt2");
  const Hardware h = load_hardware("a100");
  const Prediction r = run_on(w, h, load_runtime("eager"));
  double device = 0;
  for (const KernelEstimate& k : r.estimate.kernels) {
    EXPECT_GE(k.latency_seconds, h.launch.dispatch_seconds.value);
    if (k.latency_seconds == h.launch.dispatch_seconds.value) {
      EXPECT_EQ(k.bound, Bound::kOverhead);
    }
    device += k.latency_seconds - k.overhead_seconds;
  }
  EXPECT_GT(device, 0);
  EXPECT_LT(device, r.estimate.totals.latency_seconds);
}

TEST(Launch, IdealHasNone) {
  const Prediction r = run_on(load_workload("resnet50"), "a100", "ideal");
  EXPECT_EQ(r.estimate.totals.overhead_seconds, 0);
}

TEST(Launch, LoopsMultiplyTheirKernels) {
  const auto w = load_workload("resnet50");
  const Hardware h = load_hardware("a100");
  const RuntimeProfile p = load_runtime("compiled");
  Lowered lowered = lower_graph(w.graph, w.analysis, p);
  const Estimate once = estimate(w.graph, w.analysis, lowered, p, h);
  Kernel& k = lowered.kernels[0];
  k.launches = 3U;
  for (Count* c : {&k.macs, &k.useful_macs, &k.flops, &k.transcendentals, &k.integer_ops}) {
    *c *= 3U;
  }
  for (Operand& o : k.operands) o.elements *= 3U;
  const Estimate thrice = estimate(w.graph, w.analysis, lowered, p, h);
  EXPECT_NEAR(thrice.kernels[0].latency_seconds, 3 * once.kernels[0].latency_seconds, 1e-15);
  EXPECT_NEAR(thrice.kernels[0].energy_joules, 3 * once.kernels[0].energy_joules, 1e-12);
}

// --- notes and support --------------------------------------------------------------------------

bool noted(const Estimate& e, std::string_view text) {
  return std::ranges::any_of(
      e.notes, [&](const std::string& n) { return n.find(text) != std::string::npos; });
}

TEST(Notes, NameRecalledNumbersAndSubstitutions) {
  const Prediction t4 = run_on(load_workload("resnet50"), "t4", "eager");
  EXPECT_TRUE(noted(t4.estimate, "rests on recalled numbers of the hardware file: "));
  EXPECT_TRUE(noted(t4.estimate, "power.tdp_watts"));
  EXPECT_TRUE(noted(t4.estimate, "the power limit sustains 54 % of the vector float32 peak"));
  const Prediction tpu = run_on(load_workload("llama2_7b"), "tpu-v4", "compiled");
  EXPECT_TRUE(noted(tpu.estimate, "float16 work runs as matrix bfloat16"));
}

TEST(Support, KernelsWithoutARateAreMarkedAndNoted) {
  const Prediction r = run_on(load_workload("resnet50"), "hexagon-x-elite", "compiled");
  for (const KernelEstimate& k : r.estimate.kernels) {
    EXPECT_FALSE(k.supported);
    EXPECT_EQ(k.unsupported, "no engine has a rate for float32");
    EXPECT_EQ(k.compute_seconds, 0);
  }
  EXPECT_TRUE(noted(r.estimate, "times are lower bounds"));
}

TEST(Support, ListedClassesAreNotSupported) {
  const Prediction r = run_on(load_workload("resnet50"), "hbm-pim", "eager");
  for (std::size_t i = 0; i < r.lowered.kernels.size(); ++i) {
    if (r.lowered.kernels[i].op_class != OpClass::kConvolution) continue;
    EXPECT_EQ(r.estimate.kernels[i].unsupported, "class convolution is not supported");
  }
}

TEST(Float32, Tf32OnlyWhereTheProfileSaysSoAndTheMachineHasIt) {
  const auto w = load_workload("gpt2");
  const auto engines = [&](const char* hw, const char* runtime) {
    std::vector<std::string> names;
    const Prediction r = run_on(w, hw, runtime);
    for (std::size_t i = 0; i < r.lowered.kernels.size(); ++i) {
      if (r.lowered.kernels[i].op_class != OpClass::kGemm) continue;
      const std::string& e = r.estimate.kernels[i].engine;
      if (std::ranges::find(names, e) == names.end()) names.push_back(e);
    }
    return names;
  };
  using Names = std::vector<std::string>;
  EXPECT_EQ(engines("a100", "eager"), Names{"vector float32"});
  EXPECT_EQ(engines("a100", "compiled"), Names{"matrix tf32"});
  EXPECT_EQ(engines("t4", "compiled"), Names{"vector float32"});
  EXPECT_EQ(engines("mi210", "eager"), Names{"matrix float32"});
}

// --- derivations --------------------------------------------------------------------------------

double term(const std::vector<Term>& terms, std::string_view name) {
  const auto it = std::ranges::find(terms, name, &Term::name);
  EXPECT_NE(it, terms.end()) << name;
  return it == terms.end() ? 0 : it->value;
}

TEST(Derivation, EndsInTheNumbersOfTheEstimate) {
  const auto w = load_workload("gpt2");
  const Count weights = w.analysis.sizes.weight_bytes;
  for (const char* machine : {"a100", "t4", "xeon-8480p", "tpu-v4", "wse3", "hbm-pim"}) {
    const Hardware h = load_hardware(machine);
    for (const char* runtime : {"ideal", "compiled", "eager"}) {
      const RuntimeProfile p = load_runtime(runtime);
      const Prediction r = run_on(w, h, p);
      for (std::size_t i = 0; i < r.lowered.kernels.size(); i += 7) {
        const KernelEstimate& e = r.estimate.kernels[i];
        const std::vector<Term> terms = derive(r.lowered.kernels[i], p, h, weights);
        EXPECT_DOUBLE_EQ(term(terms, "latency"), e.latency_seconds);
        EXPECT_DOUBLE_EQ(term(terms, "latency, low"), e.latency_low_seconds);
        EXPECT_DOUBLE_EQ(term(terms, "latency, high"), e.latency_high_seconds);
        EXPECT_DOUBLE_EQ(term(terms, "arithmetic energy"), e.energy.arithmetic);
        for (const Term& t : terms) {
          EXPECT_NE(t.formula.empty(), t.source.empty()) << t.name;
        }
      }
    }
  }
}

TEST(Estimate, RefusesAMachineWithoutMemory) {
  Hardware h = load_hardware("a100");
  h.memory.clear();
  const auto w = load_workload("resnet50");
  EXPECT_THROW((void)run_on(w, h, bare_profile()), Error);
}

}  // namespace
}  // namespace aiprof
