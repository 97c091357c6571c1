#include "calibration/model.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <numeric>
#include <utility>

#include "aiprof/hardware/constants.h"

namespace aiprof::calibration {
namespace {

constexpr double kPriorWeight = 0.012;  // for each e-fold, times the root of the rows
constexpr double kPriorRows = 200;      // and of as many more, which hold few rows back
// Parameters are fitted on a log scale; where a range begins at 0, it begins here instead, as a
// share of its end.
constexpr double kLeastShare = 1e-3;
// A host dispatches in microseconds; above are readings of a sleeping one.
constexpr double kHostLow = 1e-6;
constexpr double kHostHigh = 3e-4;
constexpr double kOverlapLow = 1;
constexpr double kOverlapHigh = 12;
constexpr double kOverlapInitial = 1.5;
constexpr double kBandwidthSpan = 20;  // around what was assumed
constexpr double kCapacitySpan = 100;  // below it
// Neighbours of a guest displace what it leaves in a shared cache within milliseconds; where there
// are none, nothing is lost in seconds.
constexpr double kResidencyLow = 1e-4;
constexpr double kResidencyInitial = 1e-2;  // where rows of milliseconds feel it
// A constant is idle if doubling or halving it moves no row by this much.
constexpr double kIdle = 1e-7;

std::string host_name(std::string_view what, std::size_t device) {
  return std::string(what) + "@" + std::to_string(device);
}

std::vector<std::size_t> all_rows(std::size_t n) {
  std::vector<std::size_t> rows(n);
  std::iota(rows.begin(), rows.end(), std::size_t{0});
  return rows;
}

}  // namespace

std::string class_of_constant(std::string_view constant) {
  std::string_view best;
  for (std::size_t i = 0; i < roofline::kNumTimeClasses; ++i) {
    const std::string_view c = roofline::name(static_cast<roofline::TimeClass>(i));
    const bool begins =
        constant.starts_with(c) && constant.size() > c.size() && constant[c.size()] == '_';
    if (begins && c.size() > best.size()) best = c;
  }
  return std::string(best);
}

bool wanted(const SampleGroup& group, const FitOptions& options) {
  const std::string own(roofline::name(group.time_class));
  return options.only.empty() || std::ranges::find(options.only, own) != options.only.end();
}

MemoryLevel& main_memory_of(Hardware& hardware) {
  const MemoryLevel* main = &hardware.main_memory();
  return hardware.memory[static_cast<std::size_t>(main - hardware.memory.data())];
}

MemoryLevel* last_cache_of(Hardware& hardware) {
  const MemoryLevel* level = hardware.last_cache();
  if (level == nullptr) return nullptr;
  return &hardware.memory[static_cast<std::size_t>(level - hardware.memory.data())];
}

ClassModel::ClassModel(std::span<const Hardware> hardware, const SampleGroup& group, Free what,
                       FixedConstants fixed)
    : hardware_(hardware), group_(group), fixed_(std::move(fixed)) {
  if (what != Free::kHostOnly) add_constants(what);
  constants_ = parameters_.size();
  if (group.regime == TimingRegime::kIsolated) add_host_launches();
  drop_idle_constants();
}

void ClassModel::add_constants(Free what) {
  const bool bandwidth = what == Free::kConstantsAndBandwidth;
  const bool cache = what == Free::kConstantsAndCache;
  const std::string own(roofline::name(group_.time_class));
  // The form of the first machine: a family is of one form.
  const roofline::Form form = roofline::form_of(hardware_.front());
  roofline::ModelConstants defaults = roofline::default_constants(form);
  for (const ConstantSpec& spec : constant_specs()) {
    if (class_of_constant(spec.name) != own || fixed_.contains(spec.name)) continue;
    if (bandwidth && spec.name == own + "_memory_fraction") continue;
    if (cache && spec.name == own + "_cache_capacity") continue;
    const double* value = roofline::find_constant(defaults, spec.name);
    if (value == nullptr) continue;
    const double low = std::max(spec.low, spec.high * kLeastShare);
    parameters_.push_back({.name = std::string(spec.name),
                           .initial = std::clamp(*value, low, spec.high),
                           .low = low,
                           .high = spec.high});
  }
  if (bandwidth) {
    const double assumed = hardware_.front().main_memory().bandwidth_bytes_per_second.value;
    parameters_.push_back({.name = kBandwidthParameter,
                           .initial = assumed,
                           .low = assumed / kBandwidthSpan,
                           .high = assumed * kBandwidthSpan});
  }
  if (cache) {
    Hardware copy = hardware_.front();
    const double assumed = last_cache_of(copy)->capacity_bytes.value;
    parameters_.push_back({.name = kCapacityParameter,
                           .initial = assumed,
                           .low = assumed / kCapacitySpan,
                           .high = assumed});
    parameters_.push_back({.name = kResidencyParameter,
                           .initial = kResidencyInitial,
                           .low = kResidencyLow,
                           .high = kResidencyHigh,
                           .has_prior = false});
  }
}

void ClassModel::add_host_launches() {
  // A product is launched, then runs; short elementwise kernels hide behind the launch.
  fit_overlap_ = std::ranges::none_of(group_.samples, [](const Sample& s) {
    return roofline::is_contraction(s.job) && s.job.shape != Geometry::Kind::kAttention;
  });
  for (std::size_t d = 0; d < hardware_.size(); ++d) {
    std::vector<double> seconds;
    for (const Sample& s : group_.samples) {
      if (s.device == d) seconds.push_back(s.seconds);
    }
    if (seconds.empty()) continue;
    const double least = *std::ranges::min_element(seconds);
    parameters_.push_back({.name = host_name("launch", d),
                           .initial = std::clamp(least, kHostLow, kHostHigh),
                           .low = kHostLow,
                           .high = kHostHigh});
    if (!fit_overlap_) continue;
    parameters_.push_back({.name = host_name("overlap", d),
                           .initial = kOverlapInitial,
                           .low = kOverlapLow,
                           .high = kOverlapHigh});
  }
}

void ClassModel::drop_idle_constants() {
  const std::vector<std::size_t> rows = all_rows(group_.samples.size());
  const std::vector<double> at = predict(rows, initial());
  for (std::size_t p = constants_; p-- > 0;) {
    bool idle = true;
    for (const double factor : {0.5, 2.0}) {
      std::vector<double> values = initial();
      values[p] = std::clamp(values[p] * factor, parameters_[p].low, parameters_[p].high);
      const std::vector<double> moved = predict(rows, values);
      for (std::size_t i = 0; idle && i < at.size(); ++i) {
        idle = std::abs(moved[i] / at[i] - 1) < kIdle;
      }
    }
    if (!idle) continue;
    parameters_.erase(parameters_.begin() + static_cast<std::ptrdiff_t>(p));
    --constants_;
  }
}

bool ClassModel::start(std::string_view parameter, double value) {
  const auto it = std::ranges::find(parameters_, parameter, &Parameter::name);
  if (it == parameters_.end()) return false;
  it->initial = std::clamp(value, it->low, it->high);
  return true;
}

std::vector<double> ClassModel::initial() const {
  std::vector<double> values;
  for (const Parameter& p : parameters_) values.push_back(p.initial);
  return values;
}

Hardware ClassModel::with(std::size_t device, const std::vector<double>& values) const {
  Hardware h = hardware_[device];
  const auto set = [](Quantity& q, double value) {
    q.value = value;
    q.status = Status::kDerived;
  };
  for (const auto& [name, value] : fixed_) set(h.calibration.constants[name], value);
  for (std::size_t p = 0; p < constants_; ++p) {
    if (parameters_[p].name == kBandwidthParameter) {
      main_memory_of(h).bandwidth_bytes_per_second.value = values[p];
      continue;
    }
    if (parameters_[p].name == kCapacityParameter) {
      last_cache_of(h)->capacity_bytes.value = values[p];
      continue;
    }
    if (parameters_[p].name == kResidencyParameter) {
      set(last_cache_of(h)->residency_seconds, values[p]);
      continue;
    }
    set(h.calibration.constants[parameters_[p].name], values[p]);
  }
  return h;
}

HostLaunch ClassModel::host(const std::vector<double>& values, std::size_t device) const {
  HostLaunch h;
  for (std::size_t p = constants_; p < parameters_.size(); ++p) {
    if (parameters_[p].name == host_name("launch", device)) h.seconds = values[p];
    if (parameters_[p].name == host_name("overlap", device)) h.overlap = values[p];
  }
  return h;
}

std::vector<double> ClassModel::predict(std::span<const std::size_t> rows,
                                        const std::vector<double>& values) const {
  std::vector<std::unique_ptr<Machines>> machines(hardware_.size());
  std::vector<HostLaunch> hosts(hardware_.size());
  std::vector<double> out;
  out.reserve(rows.size());
  for (const std::size_t row : rows) {
    const Sample& s = group_.samples[row];
    auto& machine = machines[s.device];
    if (machine == nullptr) {
      machine = std::make_unique<Machines>(with(s.device, values));
      hosts[s.device] = host(values, s.device);
    }
    out.push_back(calibration::predict(s, machine->of(*s.row), hosts[s.device]));
  }
  return out;
}

std::vector<double> ClassModel::fit(std::span<const std::size_t> rows) const {
  LeastSquares problem;
  problem.parameters = parameters_;
  problem.rows = rows.size();
  problem.prior_weight = kPriorWeight * std::sqrt(static_cast<double>(rows.size()) + kPriorRows);
  problem.residuals = [&](const std::vector<double>& values, std::vector<double>& out) {
    const std::vector<double> seconds = predict(rows, values);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      out[i] = std::log(seconds[i] / group_.samples[rows[i]].seconds);
    }
  };
  return solve(problem);
}

}  // namespace aiprof::calibration
