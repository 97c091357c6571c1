// What the power limit leaves of the peak, and what an operation costs in joules.
#pragma once

#include <optional>

#include "aiprof/hardware/hardware.h"

namespace aiprof::roofline {

struct Process {
  double energy_ratio;      // energy of an operation over that at 7 nm
  double nominal_clock_hz;  // at which that energy holds
};
// By the nanometres in a description of the process ("TSMC 12FFN", "Samsung 8N"), between the rows
// of the table linearly. No value if there is no such number or it is outside 3 to 16.
[[nodiscard]] std::optional<Process> process_of(const Hardware& hardware);

// J per float32 operation of vector pipes, and per 16-bit operation of matrix units of which each
// does `fma_per_clock` multiply-adds per clock.
[[nodiscard]] double vector_energy(const Process& process, double clock_hz);
[[nodiscard]] double matrix_energy(const Process& process, double clock_hz, double fma_per_clock);

// Share of the peak that fits under the limit; 1 where the limit does not bind.
[[nodiscard]] double power_factor(double peak, double joules_per_operation, double tdp_watts,
                                  double idle_watts);

// J per operation of `type` on `engine`: as the file states it, else by the rules above; 0 if
// neither says anything.
[[nodiscard]] double operation_energy(const Hardware& hardware, const Engine& engine,
                                      MathType type);
// The energy that the power factor uses: one that was measured on the part, else the rules. What
// was derived from the power limit would make the limit explain itself.
[[nodiscard]] double energy_under_load(const Hardware& hardware, const Engine& engine,
                                       MathType type);

}  // namespace aiprof::roofline
