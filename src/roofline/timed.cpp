#include "roofline/timed.h"

#include <algorithm>

namespace aiprof::roofline {
namespace {

Bound bound_of(const Timed& t, double host_seconds) {
  const double memory = memory_seconds(t.time);
  const bool host_paces = host_seconds > t.time.body + t.time.ramp;
  if (host_paces || t.overhead > std::max(t.time.compute, memory)) return Bound::kOverhead;
  return t.time.compute >= memory ? Bound::kCompute : Bound::kMemory;
}

}  // namespace

double launch_of(const Job& job, const Machine& machine, const Context& context) {
  // Beside a device that works on what was queued, the steps of its host are hidden.
  const double steps = machine.form() == Form::kProcessor ? 1 + job.host_nodes : 1;
  return machine.launch_seconds(context.mode) * steps;
}

double memory_seconds(const KernelTime& time) {
  return std::max({time.memory, time.cache, time.link});
}

Timed time_launch(const Job& job, const Machine& machine, const Context& context, Trace* trace) {
  Timed t;
  t.time = time_kernel(job, machine, context, trace);
  const double launch = launch_of(job, machine, context);
  const double ramp = context.regime == Regime::kFree ? 0 : t.time.ramp;
  t.latency =
      with_launch({.regime = context.regime, .seconds = launch}, t.time.body + ramp, t.time.fixed);
  t.overhead = t.latency - t.time.body;
  t.spread = spread_of(machine, job, t.time.time_class);
  t.energy = energy_of(job, machine, t.time, t.latency);
  t.bound = bound_of(t, context.regime == Regime::kQueue ? launch : 0);
  return t;
}

Context make_context(const Machine& machine, const RuntimeProfile& profile, Count weight_bytes) {
  Context c;
  c.mode = profile.launch;
  c.regime = regime_of(machine.form(), profile.launch);
  // Unknown: more than any cache holds.
  c.model_weight_bytes = weight_bytes.known() ? weight_bytes.as_double() : 1e15;
  const double capacity = machine.main().capacity;
  if (weight_bytes.known() && capacity > 0 && c.model_weight_bytes > capacity &&
      machine.host().exists()) {
    c.streamed_share = 1 - capacity / c.model_weight_bytes;
  }
  return c;
}

std::vector<Ridge> ridges_of(const Hardware& hardware) {
  std::vector<Ridge> out;
  const double bandwidth = hardware.main_memory().peak_bandwidth();
  for (const Engine& engine : hardware.engines) {
    for (const MathType type : all_math_types()) {
      if (!engine.peaks[type].known()) continue;
      out.push_back({.engine = std::string(name(engine.unit)) + ' ' + std::string(name(type)),
                     .flops_per_second = engine.peaks[type].value,
                     .flops_per_byte = engine.peaks[type].value / bandwidth});
    }
  }
  return out;
}

}  // namespace aiprof::roofline
