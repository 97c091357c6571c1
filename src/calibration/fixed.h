// Constants that keep a value while the others are fitted.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "aiprof/calibration/fit.h"

namespace aiprof::calibration {

// Throws Error(kUsage) for a name that no constant has, and for a value outside the physical range.
void check_fixed(const FixedConstants& fixed);

// Throws Error(kUsage) for a constant of a class that is not among `fitted`: it would change
// nothing.
void check_fixed_classes(const FixedConstants& fixed, std::span<const std::string> fitted);

// Those of one class as the result of a fit; `hardware` is any machine of the form that is fitted.
[[nodiscard]] std::vector<FittedConstant> fixed_of(const FixedConstants& fixed,
                                                   const std::string& time_class,
                                                   const Hardware& hardware);

}  // namespace aiprof::calibration
