// Joules of a kernel by cause.
#pragma once

#include "roofline/engine.h"

namespace aiprof::roofline {

// Of one launch that takes `latency` seconds. The sum stays under the power limit: what a part
// would draw beyond it, it does not draw, because it runs slower (which the power factor and the
// measured rates already say).
[[nodiscard]] EnergyParts energy_of(const Job& job, const Machine& machine, const KernelTime& time,
                                    double latency);

}  // namespace aiprof::roofline
