#include "calibration/sample.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <utility>

#include "aiprof/base/error.h"
#include "aiprof/base/text.h"
#include "aiprof/frontend/onnx.h"
#include "calibration/operator_model.h"
#include "calibration/statistics.h"
#include "roofline/smooth.h"

namespace aiprof::calibration {
namespace {

// A row takes part in the floor if it is below this many times the shortest hundredth.
constexpr double kFloorFactor = 1.5;
constexpr double kFloorQuantile = 0.01;

struct RegimeRow {
  roofline::Regime regime;
  LaunchMode mode;
};

RegimeRow regime_row(TimingRegime regime) {
  switch (regime) {
    case TimingRegime::kGraph:
      return {roofline::Regime::kGraph, LaunchMode::kGraph};
    case TimingRegime::kStream:
      return {roofline::Regime::kGraph, LaunchMode::kStream};
    case TimingRegime::kQueue:
      return {roofline::Regime::kQueue, LaunchMode::kEager};
    case TimingRegime::kIsolated:
      return {roofline::Regime::kIsolated, LaunchMode::kEager};
  }
  return {roofline::Regime::kGraph, LaunchMode::kGraph};
}

// The kernels of the model that a row stands for, the one with most work first.
std::vector<Kernel> kernels_of(const Measurement& row, const RuntimeProfile& profile) {
  const OperatorModel model = operator_model(row);
  const Graph graph = read_onnx(std::as_bytes(std::span(model.bytes)), row.op);
  const Analysis analysis = analyze(graph);
  for (const NodeResult& node : analysis.nodes) {
    if (node.status == NodeStatus::kGap) throw input_error(row.op + ": " + node.reason);
  }
  Lowered lowered = lower_graph(graph, analysis, profile);
  if (lowered.kernels.empty()) throw input_error(row.op + ": nothing is left to run");
  std::ranges::stable_sort(lowered.kernels, std::greater<>(), [](const Kernel& k) {
    return std::pair(k.macs.as_double(), k.bytes_read().as_double());
  });
  return std::move(lowered.kernels);
}

double plain_roofline(const roofline::Job& job, const roofline::Machine& machine) {
  const roofline::UnitRate& rate = roofline::main_rate(job, machine);
  const double operations = rate.peak > 0 ? job.flops / rate.peak : 0;
  return std::max(operations, job.bytes() / machine.main().bandwidth);
}

void mark_floor(SampleGroup& group) {
  std::vector<double> seconds;
  for (const Sample& s : group.samples) seconds.push_back(s.seconds);
  const double floor = kFloorFactor * quantile(seconds, kFloorQuantile);
  for (Sample& s : group.samples) s.at_floor = s.seconds < floor;
}

}  // namespace

Machines::Machines(Hardware hardware)
    : hardware_(std::move(hardware)),
      plain_(hardware_, Float32Math::kFloat32),
      tf32_(hardware_, Float32Math::kTf32) {}

SampleSet::SampleSet(const Hardware& hardware, std::span<const MeasurementFile> files,
                     std::size_t device) {
  const Machines machines(hardware);
  const RuntimeProfile profile = load_runtime("compiled");
  for (std::size_t f = 0; f < files.size(); ++f) {
    for (const Measurement& row : files[f].rows) {
      try {
        Sample s;
        s.row = &row;
        s.file = f;
        s.device = device;
        for (Kernel& kernel : kernels_of(row, profile)) {
          kernels_.push_back(std::move(kernel));
          s.others.push_back(roofline::make_job(kernels_.back()));
        }
        s.job = s.others.front();
        s.others.erase(s.others.begin());
        s.weight_set = row.weight_set.value_or(0);
        s.seconds = row.seconds;
        add(machines.of(row), s);
      } catch (const Error& e) {
        throw e.in(fmt::format("{}:{}", printable(files[f].file), row.line));
      }
    }
  }
  for (SampleGroup& group : groups_) mark_floor(group);
  std::ranges::sort(groups_, {},
                    [](const SampleGroup& g) { return std::pair(g.time_class, g.regime); });
  if (not_runnable_ > 0) {
    notes_.push_back(
        fmt::format("{} rows are left out: the machine has no rate for their type", not_runnable_));
  }
}

void SampleSet::add(const roofline::Machine& machine, Sample s) {
  const TimingRegime regime = s.row->regime;
  roofline::Context context{.model_weight_bytes = s.weight_set};
  const roofline::KernelTime time = roofline::time_kernel(s.job, machine, context, nullptr);
  if (!time.runnable) {
    ++not_runnable_;
    return;
  }
  s.time_class = time.time_class;
  s.roofline = plain_roofline(s.job, machine);
  const auto it = std::ranges::find_if(groups_, [&](const SampleGroup& g) {
    return g.time_class == s.time_class && g.regime == regime;
  });
  SampleGroup& group = it != groups_.end()
                           ? *it
                           : groups_.emplace_back(SampleGroup{
                                 .time_class = s.time_class, .regime = regime, .samples = {}});
  group.samples.push_back(std::move(s));
}

// All weights of the set pass, as fast as these, until these come back.
double reuse_seconds(const Sample& s) {
  const double weights = s.job.weight_bytes;
  return weights > 0 && s.weight_set > weights ? s.seconds * s.weight_set / weights : 0;
}

double predict(const Sample& s, const roofline::Machine& machine, const HostLaunch& host) {
  const RegimeRow row = regime_row(s.row->regime);
  const roofline::Context context{.model_weight_bytes = s.weight_set,
                                  .streamed_share = 0,
                                  .regime = row.regime,
                                  .mode = row.mode,
                                  .repeated = true,
                                  .reuse_seconds = reuse_seconds(s)};
  const bool isolated = row.regime == roofline::Regime::kIsolated;
  const roofline::LaunchCost launch = {
      .regime = row.regime,
      .seconds = isolated ? host.seconds : machine.launch_seconds(row.mode),
      .isolated_overlap = host.overlap};
  const auto seconds = [&](const roofline::Job& job) {
    const roofline::KernelTime t = roofline::time_kernel(job, machine, context, nullptr);
    return roofline::with_launch(launch, t.body + t.ramp, t.fixed);
  };
  double sum = seconds(s.job);
  for (const roofline::Job& job : s.others) sum += seconds(job);
  return sum;
}

}  // namespace aiprof::calibration
