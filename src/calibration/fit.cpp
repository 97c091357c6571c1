#include "aiprof/calibration/fit.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "aiprof/base/error.h"
#include "aiprof/calibration/detect.h"
#include "aiprof/hardware/constants.h"
#include "calibration/fixed.h"
#include "calibration/model.h"
#include "calibration/statistics.h"

namespace aiprof {
namespace calibration {
namespace {

// Classes with fewer rows cannot be judged by folds.
constexpr std::size_t kLeastRows = 4;
constexpr std::size_t kLeastRowsOfQuantiles = 10;

using Rows = std::vector<std::size_t>;

// Predicted / measured of every row of a group, by a fit that did not see it.
struct CrossValidated {
  std::vector<double> ratios;
  std::vector<std::size_t> fold;
};

// At most `most` of the rows that `take` accepts, in the order given.
template <typename Take>
Rows pick(const Rows& order, std::size_t most, Take&& take) {
  Rows rows;
  for (std::size_t i = 0; i < order.size() && rows.size() < most; ++i) {
    if (take(i)) rows.push_back(order[i]);
  }
  return rows;
}

std::vector<double> ratios_of(const SampleGroup& group, const Rows& rows,
                              const std::vector<double>& seconds) {
  std::vector<double> ratios;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    ratios.push_back(seconds[i] / group.samples[rows[i]].seconds);
  }
  return ratios;
}

CrossValidated cross_validate(const ClassModel& model, const SampleGroup& group,
                              const FitOptions& options) {
  const Rows order = shuffled(group.samples.size(), options.seed);
  const std::size_t folds = std::min(options.folds, order.size());
  CrossValidated out;
  out.ratios.assign(order.size(), 1);
  out.fold.assign(order.size(), 0);
  for (std::size_t f = 0; f < folds; ++f) {
    const Rows train =
        pick(order, options.most_rows, [&](std::size_t i) { return i % folds != f; });
    const Rows test = pick(order, order.size(), [&](std::size_t i) { return i % folds == f; });
    const std::vector<double> values = model.fit(train);
    const std::vector<double> ratios = ratios_of(group, test, model.predict(test, values));
    for (std::size_t i = 0; i < test.size(); ++i) {
      out.ratios[test[i]] = ratios[i];
      out.fold[test[i]] = f;
    }
  }
  return out;
}

std::vector<double> select(const SampleGroup& group, const std::vector<double>& ratios,
                           bool at_floor) {
  std::vector<double> out;
  for (std::size_t i = 0; i < ratios.size(); ++i) {
    if (group.samples[i].at_floor == at_floor) out.push_back(ratios[i]);
  }
  return out;
}

// Share of the rows above the floor that lie between the quantiles of the other folds.
double coverage(const SampleGroup& group, const CrossValidated& cv, std::size_t folds) {
  std::size_t inside = 0;
  std::size_t all = 0;
  for (std::size_t f = 0; f < folds; ++f) {
    std::vector<double> others;
    for (std::size_t i = 0; i < cv.ratios.size(); ++i) {
      if (cv.fold[i] != f && !group.samples[i].at_floor) others.push_back(cv.ratios[i]);
    }
    const RatioQuantiles q = ratio_quantiles(others);
    for (std::size_t i = 0; i < cv.ratios.size(); ++i) {
      if (cv.fold[i] != f || group.samples[i].at_floor) continue;
      const double measured = 1 / cv.ratios[i];
      inside += measured >= q.p10 && measured <= q.p90 ? 1 : 0;
      ++all;
    }
  }
  return all == 0 ? 0 : static_cast<double>(inside) / static_cast<double>(all);
}

std::vector<double> roofline_ratios(const SampleGroup& group) {
  std::vector<double> ratios;
  for (const Sample& s : group.samples) ratios.push_back(s.roofline / s.seconds);
  return ratios;
}

// As the constants of the file stand. What a host takes to launch is no constant of the machine: it
// is taken from the rows.
std::vector<double> present_ratios(const Hardware& hardware, const SampleGroup& group,
                                   std::size_t most_rows) {
  const ClassModel model(std::span(&hardware, 1), group, ClassModel::Free::kHostOnly);
  const Rows order = shuffled(group.samples.size(), 0);
  const std::vector<double> values =
      model.fit(pick(order, most_rows, [](std::size_t) { return true; }));
  Rows all(order);
  std::ranges::sort(all);
  return ratios_of(group, all, model.predict(all, values));
}

ClassReport report_base(const SampleGroup& group) {
  ClassReport r;
  r.time_class = roofline::name(group.time_class);
  r.regime = group.regime;
  r.n = group.samples.size();
  r.at_floor = static_cast<std::size_t>(std::ranges::count(group.samples, true, &Sample::at_floor));
  r.roofline = error_stats(select(group, roofline_ratios(group), false));
  return r;
}

class Fitter {
 public:
  Fitter(Hardware hardware, std::span<const MeasurementFile> files, const FitOptions& options)
      : hardware_(std::move(hardware)), files_(files), options_(options) {}

  FitResult run() {
    check_fixed(options_.fixed);
    SampleSet set(hardware_, files_);
    check_fixed_classes(options_.fixed, fitted_classes(set));
    result_.notes = set.notes();
    result_.date = date();
    result_.stream_seconds = dispatch();
    // In this order: what the capacity explains is judged with the bandwidth known.
    for (const auto c : {roofline::TimeClass::kElementwise, roofline::TimeClass::kGemmFloat32}) {
      for (const SampleGroup& group : set.groups()) {
        if (group.time_class == c && wanted(group, options_) && best_regime(set, group))
          fit_assumed(group);
      }
    }
    for (const SampleGroup& group : set.groups()) {
      if (!wanted(group, options_)) continue;
      if (!best_regime(set, group)) {
        note(group, "another regime of this class has device times, and the two never mix");
      } else if (group.samples.size() < kLeastRows) {
        scale_class(group);
      } else {
        fit_class(group);
      }
    }
    if (result_.classes.empty() && hardware_.calibration.state != CalibrationState::kFitted) {
      result_.state = CalibrationState::kFamily;
    }
    return std::move(result_);
  }

 private:
  [[nodiscard]] std::vector<std::string> fitted_classes(SampleSet& set) const {
    std::vector<std::string> out;
    for (const SampleGroup& group : set.groups()) {
      if (wanted(group, options_) && best_regime(set, group) &&
          group.samples.size() >= kLeastRows) {
        out.emplace_back(roofline::name(group.time_class));
      }
    }
    return out;
  }

  // Device times before times that hold the host's launch; then the more rows.
  static bool best_regime(SampleSet& set, const SampleGroup& group) {
    const auto rank = [](const SampleGroup& g) {
      return std::pair(g.regime < TimingRegime::kQueue && g.samples.size() >= kLeastRowsOfQuantiles,
                       g.samples.size());
    };
    return std::ranges::none_of(set.groups(), [&](const SampleGroup& other) {
      return other.time_class == group.time_class && rank(other) > rank(group);
    });
  }

  void note(const SampleGroup& group, const std::string& why) {
    result_.notes.push_back(fmt::format("{} ({}): {} rows are left out: {}",
                                        roofline::name(group.time_class), name(group.regime),
                                        group.samples.size(), why));
  }

  // What the file only assumes of the machine and the rows of a class show: the bandwidth of main
  // memory elementwise ones, capacity and residency of the last cache products whose weights were
  // used some megabytes and milliseconds ago.
  void fit_assumed(const SampleGroup& group) {
    if (group.samples.size() < kLeastRowsOfQuantiles) return;
    Quantity& bandwidth = main_memory_of(hardware_).bandwidth_bytes_per_second;
    if (group.time_class == roofline::TimeClass::kElementwise &&
        bandwidth.source == kAssumedSource) {
      const Fitted all = fit_all(group, ClassModel::Free::kConstantsAndBandwidth);
      result_.main_bandwidth = take_fact(all, kBandwidthParameter, bandwidth);
    }
    MemoryLevel* cache = last_cache_of(hardware_);
    const bool cold = std::ranges::any_of(group.samples, [&](const Sample& s) {
      return cache != nullptr && s.weight_set > s.job.weight_bytes;
    });
    if (cold && group.time_class == roofline::TimeClass::kGemmFloat32 &&
        cache->capacity_bytes.source == kAssumedSource) {
      const Fitted all = fit_all(group, ClassModel::Free::kConstantsAndCache);
      result_.cache_capacity = take_fact(all, kCapacityParameter, cache->capacity_bytes);
      const auto kept = all.find(kResidencyParameter);
      // Longer than any row waits: the cache is not shared, or nothing shows that it is.
      if (kept != all.end() && kept->second < kResidencyHigh / 10) {
        result_.cache_residency = take_fact(all, kResidencyParameter, cache->residency_seconds);
      }
    }
  }

  using Fitted = std::map<std::string, double, std::less<>>;  // by parameter

  // A cache that forgets sooner or later than every row waits leaves no slope to follow: the best
  // of several starts.
  [[nodiscard]] Fitted fit_all(const SampleGroup& group, ClassModel::Free what) const {
    constexpr double kStarts[] = {kResidencyHigh, 1e-1, 1e-2, 3e-3, 1e-3, 3e-4};
    ClassModel model(std::span(&hardware_, 1), group, what, options_.fixed);
    const Rows order = shuffled(group.samples.size(), options_.seed);
    const Rows rows = pick(order, options_.most_rows, [](std::size_t) { return true; });
    Fitted best;
    double least = INFINITY;
    for (const double start : kStarts) {
      const bool moves = model.start(kResidencyParameter, start);
      const std::vector<double> values = model.fit(rows);
      double loss = 0;
      for (const double ratio : ratios_of(group, rows, model.predict(rows, values))) {
        loss += soft_loss(std::log(ratio));
      }
      if (loss < least) {
        least = loss;
        for (std::size_t p = 0; p < values.size(); ++p) {
          best[model.parameters()[p].name] = values[p];
        }
      }
      if (!moves) break;
    }
    return best;
  }

  // Nothing where no row depends on the fact.
  static std::optional<double> take_fact(const Fitted& all, std::string_view parameter,
                                         Quantity& fact) {
    const auto it = all.find(parameter);
    if (it == all.end()) return std::nullopt;
    fact.value = it->second;
    if (!fact.known()) fact.status = Status::kDerived;
    return it->second;
  }

  // Few rows, see fit.h.
  void scale_class(const SampleGroup& group) {
    const std::string own(roofline::name(group.time_class));
    const std::string constant = own + "_sustained";
    const roofline::Form form = roofline::form_of(hardware_);
    roofline::ModelConstants all = roofline::constants_of(hardware_, form);
    roofline::ModelConstants defaults = roofline::default_constants(form);
    const double* present = roofline::find_constant(all, constant);
    const ConstantSpec* spec = find_constant_spec(constant);
    const bool products = roofline::is_contraction(group.samples.front().job);
    if (!products || present == nullptr || spec == nullptr || options_.fixed.contains(constant)) {
      return note(group, fmt::format("fewer than {} rows", kLeastRows));
    }
    const Machines machines(hardware_);
    const auto n = static_cast<double>(group.samples.size());
    double error = 0;
    for (const Sample& s : group.samples) {
      error += std::log(predict(s, machines.of(*s.row), {}) / s.seconds) / n;
    }
    const double moved = *present * std::exp(error * n / (n + 1));
    const double value = std::clamp(moved, spec->low, spec->high);
    result_.constants.push_back({.name = constant,
                                 .value = value,
                                 .initial = *roofline::find_constant(defaults, constant),
                                 .at_bound = value != moved});
    result_.scaled.push_back(own);
    ClassReport r = report_base(group);
    result_.fitted_on.push_back(origin(group, r) + "; sustained alone");
    result_.notes.push_back(fmt::format(
        "{} ({}): {} of the {} rows that a fit needs: {} alone moves, by {:.0f} % of their error",
        own, name(group.regime), group.samples.size(), kLeastRows, constant, 100 * n / (n + 1)));
  }

  void fit_class(const SampleGroup& group) {
    ClassReport r = report_base(group);
    r.before =
        error_stats(select(group, present_ratios(hardware_, group, options_.most_rows), false));
    const ClassModel model(std::span(&hardware_, 1), group, ClassModel::Free::kConstants,
                           options_.fixed);
    const CrossValidated cv = cross_validate(model, group, options_);
    const std::vector<double> above = select(group, cv.ratios, false);
    r.after = error_stats(above);
    r.after_floor = error_stats(select(group, cv.ratios, true));
    r.residual = ratio_quantiles(above.size() >= kLeastRowsOfQuantiles ? above : cv.ratios);
    r.covered = coverage(group, cv, std::min(options_.folds, group.samples.size()));
    const Rows order = shuffled(group.samples.size(), options_.seed);
    const std::vector<double> values =
        model.fit(pick(order, options_.most_rows, [](std::size_t) { return true; }));
    take_constants(model, values);
    std::ranges::copy(fixed_of(options_.fixed, r.time_class, hardware_),
                      std::back_inserter(result_.constants));
    Rows all(order);
    std::ranges::sort(all);
    r.in_sample =
        error_stats(select(group, ratios_of(group, all, model.predict(all, values)), false));
    if (group.regime == TimingRegime::kIsolated) {
      r.host_launch_seconds = model.host(values, 0).seconds;
      r.host_overlap = model.host(values, 0).overlap;
    }
    result_.fitted_on.push_back(origin(group, r));
    result_.classes.push_back(std::move(r));
  }

  void take_constants(const ClassModel& model, const std::vector<double>& values) {
    constexpr double kNear = 0.01;  // of the value
    for (std::size_t p = 0; p < values.size(); ++p) {
      if (!model.is_constant(p)) continue;
      const Parameter& parameter = model.parameters()[p];
      result_.constants.push_back({.name = parameter.name,
                                   .value = std::clamp(values[p], parameter.low, parameter.high),
                                   .initial = parameter.initial,
                                   .at_bound = values[p] >= parameter.high * (1 - kNear) ||
                                               values[p] <= parameter.low * (1 + kNear)});
    }
  }

  [[nodiscard]] std::string origin(const SampleGroup& group, const ClassReport& r) const {
    std::vector<std::string> sources;
    for (const Sample& s : group.samples) {
      const MeasurementFile& file = files_[s.file];
      std::string source = file.source.empty() ? "source not stated" : file.source;
      if (!file.device.empty()) source = file.device + ", " + source;
      if (std::ranges::find(sources, source) == sources.end()) sources.push_back(source);
    }
    return fmt::format("{}: {} rows ({}); {}", r.time_class, r.n, name(r.regime),
                       fmt::join(sources, "; "));
  }

  // Where the file only assumes it: the least of those that the measurements state.
  [[nodiscard]] std::optional<double> dispatch() const {
    std::optional<double> least;
    if (hardware_.launch.stream_seconds.source != kAssumedSource) return least;
    for (const MeasurementFile& file : files_) {
      if (file.dispatch_seconds) {
        least = std::min(least.value_or(*file.dispatch_seconds), *file.dispatch_seconds);
      }
    }
    return least;
  }

  [[nodiscard]] std::string date() const {
    if (!options_.date.empty()) return options_.date;
    std::string latest;
    for (const MeasurementFile& file : files_) latest = std::max(latest, file.date);
    return latest;
  }

  Hardware hardware_;
  std::span<const MeasurementFile> files_;
  const FitOptions& options_;
  FitResult result_;
};

}  // namespace
}  // namespace calibration

FitResult fit_constants(const Hardware& hardware, std::span<const MeasurementFile> files,
                        const FitOptions& options) {
  if (options.folds < 2) throw usage_error("cross-validation needs at least 2 folds");
  FitResult result = calibration::Fitter(hardware, files, options).run();
  if (result.constants.empty()) {
    throw input_error(
        "nothing to fit: no class has enough rows (see the format in "
        "docs/calibration.md)");
  }
  return result;
}

std::vector<ClassReport> evaluate_constants(const Hardware& hardware,
                                            std::span<const MeasurementFile> files) {
  calibration::SampleSet set(hardware, files);
  std::vector<ClassReport> out;
  for (const calibration::SampleGroup& group : set.groups()) {
    ClassReport r = calibration::report_base(group);
    const std::vector<double> ratios =
        calibration::present_ratios(hardware, group, FitOptions().most_rows);
    const std::vector<double> above = calibration::select(group, ratios, false);
    r.before = r.in_sample = calibration::error_stats(above);
    r.after_floor = calibration::error_stats(calibration::select(group, ratios, true));
    r.residual = calibration::ratio_quantiles(above);
    for (std::size_t i = 0; i < ratios.size(); ++i) {
      const calibration::Sample& s = group.samples[i];
      r.rows.push_back({.row = *s.row, .predicted = ratios[i] * s.seconds, .at_floor = s.at_floor});
    }
    out.push_back(std::move(r));
  }
  return out;
}

}  // namespace aiprof
