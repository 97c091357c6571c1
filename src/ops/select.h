// Steps shared by operators whose output extents depend on data.
#pragma once

#include <string>

#include "aiprof/ops/op_view.h"

namespace aiprof::ops {

// "; the contents of 'x' settle it (--value)", x being input i.
[[nodiscard]] std::string settled_by(const OpView& v, std::size_t i);

// ceil(log2(n)); 0 for n below 2.
[[nodiscard]] Count ceil_log2(Count n);

}  // namespace aiprof::ops
