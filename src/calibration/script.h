// The script that times models, as text: time_models.py of this folder.
#pragma once

#include <string_view>

namespace aiprof::calibration {

[[nodiscard]] std::string_view timing_script();

}  // namespace aiprof::calibration
