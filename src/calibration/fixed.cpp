#include "calibration/fixed.h"

#include <fmt/format.h>

#include <algorithm>

#include "aiprof/base/error.h"
#include "aiprof/base/text.h"
#include "aiprof/hardware/constants.h"
#include "calibration/model.h"

namespace aiprof::calibration {
namespace {

[[noreturn]] void throw_unknown_constant(const std::string& name) {
  const std::string own = class_of_constant(name);
  std::vector<std::string> all;
  std::vector<std::string> of_class;
  for (const ConstantSpec& spec : constant_specs()) {
    all.emplace_back(spec.name);
    if (class_of_constant(spec.name) == own) of_class.emplace_back(spec.name);
  }
  std::vector<std::string> classes;
  for (std::size_t i = 0; i < roofline::kNumTimeClasses; ++i) {
    classes.emplace_back(roofline::name(static_cast<roofline::TimeClass>(i)));
  }
  const std::string known = own.empty() ? "CLASS_FIELD with CLASS one of: " + join(classes, ", ")
                                        : "one of: " + join(of_class, ", ");
  throw usage_error(
      fmt::format("unknown constant '{}'{} ({})", printable(name), did_you_mean(name, all), known));
}

}  // namespace

void check_fixed(const FixedConstants& fixed) {
  for (const auto& [name, value] : fixed) {
    const ConstantSpec* spec = find_constant_spec(name);
    if (spec == nullptr) throw_unknown_constant(name);
    if (value >= spec->low && value <= spec->high) continue;
    throw usage_error(fmt::format("{} cannot be fixed at {}: physics allows {} to {} ({})", name,
                                  value, spec->low, spec->high, spec->meaning));
  }
}

void check_fixed_classes(const FixedConstants& fixed, std::span<const std::string> fitted) {
  for (const auto& [name, unused] : fixed) {
    const std::string own = class_of_constant(name);
    if (std::ranges::find(fitted, own) != fitted.end()) continue;
    throw usage_error(fmt::format("{} cannot be fixed: class {} is not fitted here (fitted: {})",
                                  name, own,
                                  fitted.empty() ? std::string("none") : join(fitted, ", ")));
  }
}

std::vector<FittedConstant> fixed_of(const FixedConstants& fixed, const std::string& time_class,
                                     const Hardware& hardware) {
  roofline::ModelConstants defaults = roofline::default_constants(roofline::form_of(hardware));
  std::vector<FittedConstant> out;
  for (const auto& [name, value] : fixed) {
    if (class_of_constant(name) != time_class) continue;
    const double* initial = roofline::find_constant(defaults, name);
    out.push_back({.name = name,
                   .value = value,
                   .initial = initial == nullptr ? value : *initial,
                   .at_bound = false,
                   .fixed = true});
  }
  return out;
}

}  // namespace aiprof::calibration
