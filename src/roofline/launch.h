// What starting a kernel costs, and how that joins its run time.
#pragma once

#include "aiprof/lowering/lowering.h"
#include "roofline/constants.h"

namespace aiprof::roofline {

// Seconds where a hardware file does not say.
[[nodiscard]] double default_launch(Form form, LaunchMode mode);

// How a measurement or a runtime starts kernels, for one kernel.
enum class Regime : std::uint8_t {
  kFree,      // nothing: the ideal
  kGraph,     // a device-side launch and the kernel's own start-up
  kQueue,     // the host dispatches while the device works: the longer of both
  kIsolated,  // one operator timed alone from the host
};
[[nodiscard]] Regime regime_of(Form form, LaunchMode mode);

struct LaunchCost {
  Regime regime = Regime::kGraph;
  double seconds = 0;           // of one launch, on the device or on the host
  double isolated_overlap = 1;  // kIsolated: exponent that joins launch and run time
};

// Seconds of one launch of a kernel whose run takes `body`, with `fixed` start-up beside it.
[[nodiscard]] double with_launch(const LaunchCost& launch, double body, double fixed);

}  // namespace aiprof::roofline
