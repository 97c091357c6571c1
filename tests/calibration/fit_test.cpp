// Fitting: constants that made measurements are found again, and what is written can be read.
#include "aiprof/calibration/fit.h"

#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "aiprof/base/error.h"
#include "aiprof/calibration/bench.h"
#include "aiprof/calibration/detect.h"
#include "aiprof/hardware/catalogue.h"
#include "calibration/model.h"
#include "calibration/sample.h"
#include "calibration/solver.h"
#include "calibration/statistics.h"

namespace aiprof {
namespace {

using calibration::SampleGroup;
using calibration::SampleSet;

Hardware machine(const std::vector<std::pair<std::string, double>>& constants = {}) {
  Hardware h = load_hardware("a100-sxm-80");
  h.calibration = {};
  for (const auto& [name, value] : constants) {
    h.calibration.constants[name] = {.value = value, .status = Status::kDerived};
  }
  return h;
}

// Rows of one class whose times are those that the model gives with the constants of `truth`, off
// by up to `noise`.
MeasurementFile rows_of(const Hardware& truth, const std::string& op_class, double noise,
                        DType dtype = DType::kFloat16) {
  MeasurementFile file;
  file.file = "made.csv";
  file.device = "made";
  file.date = "2026-01-31";
  for (Measurement m : bench_shapes({.dtypes = {dtype}})) {
    if (m.op_class != op_class) continue;
    m.regime = TimingRegime::kGraph;
    m.seconds = 1;
    file.rows.push_back(m);
  }
  SampleSet set(truth, std::span(&file, 1));
  const calibration::Machines machines(truth);
  double wave = 0;
  for (const SampleGroup& group : set.groups()) {
    for (const calibration::Sample& s : group.samples) {
      const auto i = static_cast<std::size_t>(s.row - file.rows.data());
      file.rows[i].seconds = calibration::predict(s, machines.of(*s.row), {}) *
                             std::exp(noise * std::sin(wave += 1.7));
    }
  }
  return file;
}

const FittedConstant* find(const FitResult& r, const std::string& name) {
  for (const FittedConstant& c : r.constants) {
    if (c.name == name) return &c;
  }
  return nullptr;
}

TEST(Solver, FindsTheMinimumWithinTheRange) {
  // Residuals of y = a x with a = 3, of which one row in ten is off by a factor of five.
  calibration::LeastSquares problem;
  problem.parameters = {{.name = "a", .initial = 1, .low = 0.1, .high = 10}};
  problem.rows = 50;
  problem.residuals = [](const std::vector<double>& v, std::vector<double>& out) {
    for (std::size_t i = 0; i < out.size(); ++i) {
      out[i] = std::log(v[0] / (i % 10 == 0 ? 15.0 : 3.0));
    }
  };
  EXPECT_NEAR(calibration::solve(problem)[0], 3, 0.1);
  problem.parameters[0].high = 2;
  EXPECT_NEAR(calibration::solve(problem)[0], 2, 0.01) << "no constant leaves its range";
}

TEST(Statistics, AreThoseOfTheirDefinition) {
  EXPECT_DOUBLE_EQ(calibration::quantile({4, 1, 3, 2}, 0.5), 2.5);
  const std::vector<double> ratios = {0.8, 1.1, 1.3};
  const ErrorStats s = calibration::error_stats(ratios);
  EXPECT_NEAR(s.mape, (0.2 + 0.1 + 0.3) / 3, 1e-12);
  EXPECT_NEAR(s.median, 0.2, 1e-12);
  EXPECT_NEAR(s.bias, (-0.2 + 0.1 + 0.3) / 3, 1e-12);
  EXPECT_NEAR(calibration::ratio_quantiles(ratios).p50, 1 / 1.1, 1e-12);
  EXPECT_EQ(calibration::shuffled(100, 7), calibration::shuffled(100, 7));
  EXPECT_NE(calibration::shuffled(100, 7), calibration::shuffled(100, 8));
}

TEST(Fit, FindsTheConstantsThatMadeTheRows) {
  const Hardware truth = machine(
      {{"gemm_sustained", 0.6}, {"gemm_fixed_cycles", 8000}, {"gemm_memory_fraction", 0.5}});
  const MeasurementFile file = rows_of(truth, "gemm", 0.02);
  const FitResult r = fit_constants(machine(), std::span(&file, 1));
  ASSERT_EQ(r.classes.size(), 1U);
  EXPECT_EQ(r.classes[0].time_class, "gemm");
  EXPECT_GT(r.classes[0].before.mape, 0.2);
  EXPECT_LT(r.classes[0].after.mape, 0.08) << "rows that no fold has seen";
  ASSERT_NE(find(r, "gemm_sustained"), nullptr);
  EXPECT_NEAR(find(r, "gemm_sustained")->value, 0.6, 0.1);
  EXPECT_NEAR(find(r, "gemm_fixed_cycles")->value, 8000, 1500);
  EXPECT_EQ(r.date, "2026-01-31");
}

TEST(Fit, IsTheSameEveryTime) {
  const MeasurementFile file = rows_of(machine({{"softmax_memory_fraction", 0.5}}), "softmax", 0.1);
  const FitResult a = fit_constants(machine(), std::span(&file, 1));
  const FitResult b = fit_constants(machine(), std::span(&file, 1));
  ASSERT_EQ(a.constants.size(), b.constants.size());
  for (std::size_t i = 0; i < a.constants.size(); ++i) {
    EXPECT_EQ(a.constants[i].value, b.constants[i].value) << a.constants[i].name;
  }
}

// Few rows move the constants less than many rows of the same kind.
TEST(Fit, ShrinksToTheDefaultsOnFewRows) {
  MeasurementFile many = rows_of(machine({{"gemm_sustained", 0.4}}), "gemm", 0);
  MeasurementFile few = many;
  few.rows.resize(5);
  const FitResult a = fit_constants(machine(), std::span(&many, 1));
  const FitResult b = fit_constants(machine(), std::span(&few, 1), {.folds = 2});
  const double by_many = std::abs(std::log(find(a, "gemm_sustained")->value / 0.4));
  const FittedConstant* by_few = find(b, "gemm_sustained");
  EXPECT_LT(by_many, 0.15);
  if (by_few != nullptr) {
    EXPECT_GT(std::abs(std::log(by_few->value / 0.4)), by_many);
  }
}

// One row says how fast, not why: half of its error goes to the sustained share.
TEST(Fit, MovesTheSustainedShareByFewRows) {
  const Hardware h = machine();
  MeasurementFile one = rows_of(h, "gemm", 0);
  std::erase_if(one.rows, [](const Measurement& m) {
    return m.extents.m != 2048 || m.extents.n != 2048 || m.extents.k != 2048;
  });
  ASSERT_EQ(one.rows.size(), 1U);
  one.rows[0].seconds *= 1.21;
  const FitResult r = fit_constants(h, std::span(&one, 1));
  ASSERT_EQ(r.constants.size(), 1U);
  EXPECT_EQ(r.constants[0].name, "gemm_sustained");
  EXPECT_NEAR(r.constants[0].value, r.constants[0].initial / std::sqrt(1.21), 1e-9);
  EXPECT_EQ(r.scaled, std::vector<std::string>{"gemm"});
  EXPECT_TRUE(r.classes.empty());
  EXPECT_EQ(r.state, CalibrationState::kFamily);
}

TEST(Fit, NeverMixesRegimes) {
  MeasurementFile file = rows_of(machine(), "softmax", 0.05);
  MeasurementFile isolated = file;
  for (Measurement& m : isolated.rows) {
    m.regime = TimingRegime::kIsolated;
    m.seconds += 1e-4;
  }
  const std::vector<MeasurementFile> both = {file, isolated};
  const FitResult r = fit_constants(machine(), both);
  ASSERT_EQ(r.classes.size(), 1U);
  EXPECT_EQ(r.classes[0].regime, TimingRegime::kGraph);
  ASSERT_EQ(r.notes.size(), 1U);
  EXPECT_NE(r.notes[0].find("softmax (isolated)"), std::string::npos);
}

TEST(Fit, TakesTheLaunchOfTheHostOutOfIsolatedTimes) {
  MeasurementFile file = rows_of(machine(), "gemm", 0);
  for (Measurement& m : file.rows) {
    m.regime = TimingRegime::kIsolated;
    m.seconds += 2e-5;
  }
  const FitResult r = fit_constants(machine(), std::span(&file, 1));
  ASSERT_TRUE(r.classes[0].host_launch_seconds);
  EXPECT_NEAR(*r.classes[0].host_launch_seconds, 2e-5, 5e-6);
  for (const FittedConstant& c : r.constants) EXPECT_EQ(c.name.find("launch"), std::string::npos);
}

// The rows were made with a sustained share of 0.6. Whoever says 0.8 gets 0.8, and what else there
// is bends to it.
TEST(Fit, LeavesFixedConstantsWhereTheyAre) {
  const Hardware truth = machine({{"gemm_sustained", 0.6}, {"gemm_fixed_cycles", 8000}});
  const MeasurementFile file = rows_of(truth, "gemm", 0.02);
  const FitOptions options = {.fixed = {{"gemm_sustained", 0.8}, {"gemm_fixed_cycles", 0}}};
  const FitResult free = fit_constants(machine(), std::span(&file, 1));
  const FitResult r = fit_constants(machine(), std::span(&file, 1), options);
  ASSERT_EQ(r.constants.size(), free.constants.size()) << "one value for each constant";
  ASSERT_NE(find(r, "gemm_sustained"), nullptr);
  EXPECT_EQ(find(r, "gemm_sustained")->value, 0.8);
  EXPECT_TRUE(find(r, "gemm_sustained")->fixed);
  EXPECT_EQ(find(r, "gemm_fixed_cycles")->value, 0) << "an end that no fit reaches";
  EXPECT_FALSE(find(r, "gemm_memory_fraction")->fixed);
  EXPECT_NE(find(r, "gemm_tile_halo")->value, find(free, "gemm_tile_halo")->value);
  // Judged on rows that no fold has seen, with the constants where they were put.
  EXPECT_GT(r.classes[0].after.mape, 2 * free.classes[0].after.mape);
  EXPECT_EQ(r.classes[0].before.mape, free.classes[0].before.mape);
}

TEST(Fit, WithEveryConstantFixedIsThePredictionOfTheFile) {
  const Hardware truth = machine({{"power_memory_fraction", 0.5}});
  const MeasurementFile file = rows_of(truth, "elementwise", 0.02);
  const FitResult free = fit_constants(machine(), std::span(&file, 1), {.only = {"elementwise"}});
  FitOptions options = {.only = {"elementwise"}};
  Hardware same = machine();
  for (const FittedConstant& c : free.constants) {
    options.fixed[c.name] = c.value;
    same.calibration.constants[c.name] = {.value = c.value, .status = Status::kDerived};
  }
  const FitResult r = fit_constants(machine(), std::span(&file, 1), options);
  EXPECT_DOUBLE_EQ(r.classes[0].after.mape,
                   evaluate_constants(same, std::span(&file, 1))[0].before.mape);
}

TEST(Fit, RefusesWhatCannotBeFixed) {
  const MeasurementFile file = rows_of(machine(), "softmax", 0.05);
  const auto message = [&](const FixedConstants& fixed) {
    try {
      (void)fit_constants(machine(), std::span(&file, 1), {.fixed = fixed});
    } catch (const Error& e) {
      return std::string(e.what());
    }
    return std::string();
  };
  EXPECT_EQ(message({{"softmax_reread", 0.5}}), "");
  EXPECT_EQ(message({{"softmax_reed", 0.5}})
                .find("unknown constant 'softmax_reed'; did you mean "
                      "'softmax_reread'? (one of: softmax_sustained"),
            0U);
  EXPECT_EQ(
      message({{"overlap", 1}}).find("unknown constant 'overlap' (CLASS_FIELD with CLASS one"), 0U);
  EXPECT_EQ(message({{"softmax_reread", 3.5}})
                .find("softmax_reread cannot be fixed at 3.5: physics allows 0.01 to 3 ("),
            0U);
  EXPECT_EQ(message({{"softmax_overlap", std::nan("")}}).find("softmax_overlap cannot be fixed"),
            0U);
  EXPECT_EQ(message({{"gemm_overlap", 2}}),
            "gemm_overlap cannot be fixed: class gemm is not fitted here (fitted: softmax)");
}

// A processor whose file only assumes what `truth` knows.
TEST(Fit, ReplacesWhatTheFileAssumes) {
  Hardware truth = load_hardware("epyc-9654");
  truth.calibration = {};
  const auto level = [](Hardware& h) -> MemoryLevel& { return *calibration::last_cache_of(h); };
  level(truth).capacity_bytes.value = 1.5e8;
  level(truth).scope = Scope::kShared;
  Hardware assumed = truth;
  level(assumed).capacity_bytes = {
      .value = 4e8, .status = Status::kRecalled, .source = kAssumedSource};
  assumed.launch.stream_seconds = {
      .value = 1e-6, .status = Status::kRecalled, .source = kAssumedSource};
  MeasurementFile file = rows_of(truth, "gemm", 0.01, DType::kFloat32);
  file.dispatch_seconds = 3e-7;
  const FitResult r = fit_constants(assumed, std::span(&file, 1));
  ASSERT_TRUE(r.cache_capacity);
  EXPECT_NEAR(std::log(*r.cache_capacity / 1.5e8), 0, 0.7);
  EXPECT_EQ(r.stream_seconds, 3e-7);
  // What a document states stays.
  const FitResult stated = fit_constants(truth, std::span(&file, 1));
  EXPECT_FALSE(stated.cache_capacity);
  EXPECT_FALSE(stated.stream_seconds);
}

// Times of products whose weights come back after some time, on a guest of a shared processor. The
// time until they come back is that of the rows themselves, so that it is worked out in turns.
TEST(Fit, FindsHowLongASharedCacheKeepsWeights) {
  Hardware truth = load_hardware("epyc-9654");
  truth.calibration = {};
  MemoryLevel& last = *calibration::last_cache_of(truth);
  last.scope = Scope::kShared;
  last.capacity_bytes.value = 4e8;
  Hardware assumed = truth;
  calibration::last_cache_of(assumed)->capacity_bytes = {
      .value = 5e8, .status = Status::kRecalled, .source = kAssumedSource};
  MeasurementFile file = rows_of(truth, "gemm", 0.01, DType::kFloat32);
  last.residency_seconds = {.value = 3e-4, .status = Status::kDerived};
  for (int turn = 0; turn < 5; ++turn) {
    SampleSet set(truth, std::span(&file, 1));
    const calibration::Machines machines(truth);
    for (const SampleGroup& g : set.groups()) {
      for (const calibration::Sample& s : g.samples) {
        file.rows[static_cast<std::size_t>(s.row - file.rows.data())].seconds =
            calibration::predict(s, machines.of(*s.row), {});
      }
    }
  }
  const FitResult r = fit_constants(assumed, std::span(&file, 1));
  ASSERT_TRUE(r.cache_residency);
  EXPECT_NEAR(std::log(*r.cache_residency / 3e-4), 0, 0.5);
  EXPECT_FALSE(fit_constants(truth, std::span(&file, 1)).cache_residency);
}

TEST(WriteFit, KeepsEveryByteOutsideTheCalibration) {
  const HardwareText base = hardware_text("t4");
  const MeasurementFile file = rows_of(machine({{"softmax_memory_fraction", 0.5}}), "softmax", 0.1);
  const FitResult r = fit_constants(machine(), std::span(&file, 1));
  const std::string text = write_fit(base.text, base.file, r);
  // The same document but for the calibration and the source that it names ...
  auto old_file = nlohmann::ordered_json::parse(base.text);
  auto new_file = nlohmann::ordered_json::parse(text);
  EXPECT_TRUE(new_file["sources"].contains("calibration"));
  new_file["sources"].erase("calibration");
  for (auto* file_part : {&old_file, &new_file}) {
    (*file_part)["sources"].erase("calibration");
    file_part->erase("calibration");
  }
  EXPECT_EQ(new_file.dump(), old_file.dump());
  // ... and in the same bytes: spaces and line ends are the author's.
  const std::size_t at = base.text.find("\"engines\"");
  const std::string engines = base.text.substr(at, base.text.find("\"memory\"") - at);
  EXPECT_NE(text.find(engines), std::string::npos);
  const Hardware h = parse_hardware(text, "t4.json");
  EXPECT_EQ(h.calibration.state, CalibrationState::kFitted);
  EXPECT_EQ(h.calibration.date, "2026-01-31");
  const FittedConstant* share = find(r, "softmax_memory_fraction");
  ASSERT_NE(share, nullptr);
  EXPECT_NEAR(h.calibration.constants.at("softmax_memory_fraction").value, share->value,
              1e-4 * share->value);
  EXPECT_EQ(h.calibration.residuals.at("softmax").n.value,
            static_cast<double>(r.classes[0].residual.n));
  // Again, on what was written: nothing is doubled.
  EXPECT_EQ(write_fit(text, "t4.json", r), text);
}

TEST(WriteFit, SaysWhichConstantsWereGiven) {
  const MeasurementFile file = rows_of(machine(), "softmax", 0.1);
  const FitResult r = fit_constants(machine(), std::span(&file, 1),
                                    {.fixed = {{"softmax_memory_fraction", 0.8125625}}});
  const HardwareText base = hardware_text("t4");
  const Hardware h = parse_hardware(write_fit(base.text, base.file, r), "t4.json");
  EXPECT_EQ(h.calibration.constants.at("softmax_memory_fraction").value, 0.8125625);
  EXPECT_EQ(h.calibration.constants.at("softmax_memory_fraction").status, Status::kUser);
  EXPECT_EQ(h.calibration.constants.at("softmax_fixed_cycles").status, Status::kDerived);
  EXPECT_NE(format_fit(r).find("0.81256"), std::string::npos);
  EXPECT_NE(format_fit(r).find("  fixed\n"), std::string::npos);
}

TEST(WriteFit, KeepsClassesThatWereNotFitted) {
  const MeasurementFile a = rows_of(machine(), "softmax", 0.1);
  const MeasurementFile b = rows_of(machine(), "gemm", 0.1);
  const HardwareText base = hardware_text("t4");
  const std::string first =
      write_fit(base.text, base.file, fit_constants(machine(), std::span(&a, 1)));
  const std::string second =
      write_fit(first, "t4.json", fit_constants(machine(), std::span(&b, 1)));
  const Hardware h = parse_hardware(second, "t4.json");
  EXPECT_TRUE(h.calibration.residuals.contains("softmax"));
  EXPECT_TRUE(h.calibration.residuals.contains("gemm"));
}

TEST(Evaluate, ComparesTheFileAndThePlainRoofline) {
  const Hardware truth = machine({{"gemm_sustained", 0.6}});
  const MeasurementFile file = rows_of(truth, "gemm", 0);
  const std::vector<ClassReport> r = evaluate_constants(truth, std::span(&file, 1));
  ASSERT_EQ(r.size(), 1U);
  EXPECT_LT(r[0].before.mape, 1e-9);
  EXPECT_LT(r[0].roofline.bias, -0.2) << "a plain roofline is too fast";
}

TEST(Family, ServesAllOfItsMachines) {
  std::vector<DeviceRows> devices;
  for (const double sustained : {0.5, 0.6}) {
    const Hardware truth = machine({{"gemm_sustained", sustained}});
    devices.push_back({.hardware = machine(), .files = {rows_of(truth, "gemm", 0)}});
  }
  const FitResult r = fit_family(devices);
  EXPECT_EQ(r.state, CalibrationState::kFamily);
  ASSERT_NE(find(r, "gemm_sustained"), nullptr);
  EXPECT_NEAR(find(r, "gemm_sustained")->value, 0.55, 0.08);
  const FitResult fixed = fit_family(devices, {.fixed = {{"gemm_sustained", 0.7}}});
  ASSERT_NE(find(fixed, "gemm_sustained"), nullptr);
  EXPECT_EQ(find(fixed, "gemm_sustained")->value, 0.7);
  EXPECT_THROW((void)fit_family(devices, {.fixed = {{"gemm_sustained", 1.1}}}), Error);
  EXPECT_THROW((void)fit_family(devices, {.fixed = {{"power_sustained", 0.7}}}), Error);
  devices.push_back({.hardware = load_hardware("epyc-9654"), .files = {}});
  EXPECT_THROW((void)fit_family(devices), Error) << "another kind of machine";
}

}  // namespace
}  // namespace aiprof
