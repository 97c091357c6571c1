// One launch of a kernel with everything that follows from its time.
#pragma once

#include "roofline/energy.h"
#include "roofline/engine.h"
#include "roofline/interval.h"

namespace aiprof::roofline {

struct Timed {
  KernelTime time;
  Spread spread;
  double latency = 0;
  double overhead = 0;  // of the latency, what is neither arithmetic nor memory
  EnergyParts energy;
  Bound bound = Bound::kMemory;
};

[[nodiscard]] Timed time_launch(const Job& job, const Machine& machine, const Context& context,
                                Trace* trace = nullptr);

// Seconds to get to a launch: its own dispatch, and on processors that of every view before it.
[[nodiscard]] double launch_of(const Job& job, const Machine& machine, const Context& context);

// The slowest memory level of a launch.
[[nodiscard]] double memory_seconds(const KernelTime& time);

}  // namespace aiprof::roofline
