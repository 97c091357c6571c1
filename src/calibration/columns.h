// The columns of measurement files that hold extents.
#pragma once

#include <span>
#include <string_view>

#include "aiprof/calibration/measurement.h"

namespace aiprof::calibration {

struct ExtentColumn {
  std::string_view name;
  std::int64_t Extents::*first;
  std::int64_t Extents::*second;  // of pairs such as "3x5"; null for single numbers
  std::int64_t low;               // least value
};
[[nodiscard]] std::span<const ExtentColumn> extent_columns();

}  // namespace aiprof::calibration
