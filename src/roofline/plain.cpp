// The plain roofline with sustained fractions: for machines of which only rates and bandwidths are
// known.
#include <algorithm>
#include <cmath>

#include "roofline/engine.h"
#include "roofline/smooth.h"

namespace aiprof::roofline {

KernelTime plain_time(const Job& job, const Machine& machine, const Context& context,
                      Trace* trace) {
  KernelTime t;
  t.time_class = classify(job, machine);
  const ClassConstants& c = machine.constants(t.time_class);
  t.rate = &main_rate(job, machine);
  const UnitRate& vector = machine.vector(job.math);
  t.runnable = t.rate->engine != nullptr;
  const double products =
      is_contraction(job) && t.runnable ? 2 * job.macs / (t.rate->rate() * c.sustained) : 0;
  const double others = vector_seconds(job, machine);
  // Units of different kinds work side by side; the same unit does one after the other.
  t.compute = vector.engine == t.rate->engine ? products + others : std::max(products, others);
  t.memory_bytes = job.bytes() - job.weight_bytes * context.streamed_share;
  t.memory = t.memory_bytes / (machine.main().bandwidth * c.memory_fraction);
  t.link_bytes = job.weight_bytes * context.streamed_share;
  if (t.link_bytes > 0) t.link = t.link_bytes / machine.host().sustained;
  if (machine.hardware().on_chip_only()) {
    // Operands and results cross the mesh of cores, one hop in a clock: twice along an edge.
    t.ramp = 2 * std::sqrt(machine.units()) / machine.clock();
  }
  t.body = smooth_max(c.overlap, {t.compute, t.memory, t.link});
  if (trace != nullptr) {
    trace->step("contraction time", products, "s", "2 x MACs / (peak x power factor x sustained)");
    trace->step("vector time", others, "s", "FLOPs / vector rate + transcendentals / their rate");
    trace->step("memory time", t.memory, "s", "bytes / (bandwidth x memory fraction)");
    if (t.ramp > 0) trace->step("crossing the mesh", t.ramp, "s", "2 x sqrt(cores) / clock");
    trace->step("run time", t.body, "s", "smooth maximum of the terms, exponent overlap");
  }
  return t;
}

}  // namespace aiprof::roofline
