// One set of constants for several machines.
#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <memory>

#include "aiprof/base/error.h"
#include "aiprof/calibration/fit.h"
#include "calibration/fixed.h"
#include "calibration/model.h"
#include "calibration/statistics.h"

namespace aiprof {
namespace {

using calibration::SampleGroup;
using calibration::SampleSet;
using calibration::wanted;

// Groups of all machines, joined by class and regime.
class Joint {
 public:
  Joint(std::span<const DeviceRows> devices, const FitOptions& options) {
    for (std::size_t d = 0; d < devices.size(); ++d) {
      sets_.push_back(std::make_unique<SampleSet>(devices[d].hardware, devices[d].files, d));
      for (const SampleGroup& group : sets_.back()->groups()) add(group, options);
    }
  }

  [[nodiscard]] const std::vector<SampleGroup>& groups() const { return groups_; }

  [[nodiscard]] std::vector<std::string> fitted(const FitOptions& options) const {
    std::vector<std::string> out;
    for (const SampleGroup& group : groups_) {
      if (wanted(group, options)) out.emplace_back(roofline::name(group.time_class));
    }
    return out;
  }

 private:
  // At most as many rows of each machine, so that none outweighs the others.
  void add(const SampleGroup& group, const FitOptions& options) {
    const auto it = std::ranges::find_if(groups_, [&](const SampleGroup& g) {
      return g.time_class == group.time_class && g.regime == group.regime;
    });
    SampleGroup& joint =
        it != groups_.end()
            ? *it
            : groups_.emplace_back(SampleGroup{
                  .time_class = group.time_class, .regime = group.regime, .samples = {}});
    const auto order = calibration::shuffled(group.samples.size(), options.seed);
    for (std::size_t i = 0; i < std::min(order.size(), options.most_rows); ++i) {
      joint.samples.push_back(group.samples[order[i]]);
    }
  }

  std::vector<std::unique_ptr<SampleSet>> sets_;  // own what the samples point to
  std::vector<SampleGroup> groups_;
};

bool one_form(std::span<const DeviceRows> devices) {
  return std::ranges::all_of(devices, [&](const DeviceRows& d) {
    return roofline::form_of(d.hardware) == roofline::form_of(devices.front().hardware);
  });
}

void fit_group(const SampleGroup& group, std::span<const Hardware> hardware,
               const FitOptions& options, FitResult& result) {
  const calibration::ClassModel model(hardware, group, calibration::ClassModel::Free::kConstants,
                                      options.fixed);
  const std::vector<double> values = model.fit(calibration::shuffled(group.samples.size(), 0));
  for (std::size_t p = 0; p < values.size(); ++p) {
    if (!model.is_constant(p)) continue;
    result.constants.push_back({.name = model.parameters()[p].name,
                                .value = values[p],
                                .initial = model.parameters()[p].initial,
                                .at_bound = false});
  }
  std::ranges::copy(
      calibration::fixed_of(options.fixed, std::string(roofline::name(group.time_class)),
                            hardware.front()),
      std::back_inserter(result.constants));
}

}  // namespace

FitResult fit_family(std::span<const DeviceRows> devices, const FitOptions& options) {
  if (devices.empty()) throw usage_error("a family needs at least one machine with measurements");
  calibration::check_fixed(options.fixed);
  if (!one_form(devices)) {
    throw usage_error(
        "the machines are not of one family: their files describe different kinds of "
        "machine, whose constants mean different things");
  }
  FitResult result;
  result.state = CalibrationState::kFamily;
  std::vector<Hardware> hardware;
  std::vector<std::string> names;
  for (const DeviceRows& d : devices) {
    hardware.push_back(d.hardware);
    names.push_back(d.hardware.name);
    for (const MeasurementFile& f : d.files) result.date = std::max(result.date, f.date);
  }
  if (!options.date.empty()) result.date = options.date;
  const Joint joint(devices, options);
  calibration::check_fixed_classes(options.fixed, joint.fitted(options));
  for (const SampleGroup& group : joint.groups()) {
    if (!wanted(group, options)) continue;
    fit_group(group, hardware, options, result);
    result.fitted_on.push_back(fmt::format("{}: {} rows ({}) of {}",
                                           roofline::name(group.time_class), group.samples.size(),
                                           name(group.regime), fmt::join(names, ", ")));
  }
  return result;
}

}  // namespace aiprof
