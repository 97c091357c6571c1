// Arithmetic inside the memory: every bank has a small unit that reads its own rows at the full
// internal bandwidth. It multiplies a matrix with one vector at a time and adds or multiplies
// vectors; all else leaves the memory over its pins.
#include <algorithm>

#include "roofline/engine.h"
#include "roofline/smooth.h"

namespace aiprof::roofline {
namespace {

bool inside(const Job& job) {
  switch (job.op_class) {
    case OpClass::kGemm:
      return job.shape == Geometry::Kind::kGemm;
    case OpClass::kElementwise:
      return job.transcendentals <= 0;
    default:
      return false;
  }
}

}  // namespace

KernelTime in_memory_time(const Job& job, const Machine& machine, const Context& context,
                          Trace* trace) {
  KernelTime t;
  t.time_class = classify(job, machine);
  const ClassConstants& c = machine.constants(t.time_class);
  t.rate = &main_rate(job, machine);
  const double at_the_host = machine.host().exists() ? job.bytes() / machine.host().sustained : 0;
  double within = -1;
  if (t.rate->engine != nullptr && inside(job)) {
    // No reuse: each row of activations goes over the whole matrix again.
    const double passes = is_contraction(job) ? job.m : 1;
    const double stationary =
        is_contraction(job) ? std::max(job.weight_bytes, job.read_bytes / 2) : job.read_bytes;
    t.memory_bytes = passes * stationary + (job.bytes() - stationary);
    t.memory = t.memory_bytes / (machine.main().bandwidth * c.memory_fraction);
    t.compute = (job.flops + job.integer_ops) / (t.rate->rate() * c.sustained);
    within = smooth_max(c.overlap, {t.compute, t.memory});
    // Vectors go in and results come out over the pins.
    if (is_contraction(job) && machine.host().exists()) {
      t.link_bytes = job.bytes() - stationary;
      t.link = t.link_bytes / machine.host().sustained;
      within = smooth_max(c.overlap, {within, t.link});
    }
  }
  t.body = within;
  if (within < 0 || (at_the_host > 0 && at_the_host < within)) {
    // The processor behind the pins does it; what it moves bounds it.
    t.compute = t.memory = t.memory_bytes = 0;
    t.link_bytes = job.bytes();
    t.link = t.body = at_the_host;
    t.runnable = at_the_host > 0 || job.bytes() <= 0;
  }
  (void)context;
  if (trace != nullptr) {
    if (within >= 0) trace->step("inside the memory", within, "s", "rows x matrix / bandwidth");
    trace->step("over the pins", at_the_host, "s", "operand bytes / link bandwidth");
    trace->step("run time", t.body, "s", "the shorter");
  }
  return t;
}

}  // namespace aiprof::roofline
