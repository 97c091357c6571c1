// How gtest shows the project's own values in failures.
#pragma once

#include <ostream>

#include "aiprof/base/count.h"

namespace aiprof {

inline void PrintTo(const Count& c, std::ostream* out) {  // NOLINT(readability-identifier-naming)
  if (c.known()) {
    *out << c.value();
  } else {
    *out << (c.state() == Count::State::kOverflow ? "overflow" : "unknown");
  }
}

}  // namespace aiprof
