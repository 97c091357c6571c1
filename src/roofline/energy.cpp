#include "roofline/energy.h"

namespace aiprof::roofline {
namespace {

// Vector operations that one exp, rsqrt or division costs in energy: the special function unit
// interpolates with a table and a few multiply-adds.
constexpr double kSpecialOperations = 4;
// Idle share of the power limit where no idle power is stated, by kind of machine: measured 8 to
// 15 % on GPUs, 47 % on a TPU v4.
constexpr double kIdleShare = 0.15;
constexpr double kIdleShareSystolic = 0.45;
constexpr double kIdleShareProcessor = 0.3;

double idle_watts(const Machine& machine) {
  const Power& power = machine.hardware().power;
  if (power.idle_watts.known()) return power.idle_watts.value;
  switch (machine.form()) {
    case Form::kSystolic:
      return kIdleShareSystolic * power.tdp_watts.value;
    case Form::kProcessor:
      return kIdleShareProcessor * power.tdp_watts.value;
    default:
      return kIdleShare * power.tdp_watts.value;
  }
}

double arithmetic_joules(const Job& job, const Machine& machine) {
  const UnitRate& vector = machine.vector(job.math);
  double joules = (job.vector_flops + kSpecialOperations * job.transcendentals) * vector.joules;
  if (job.macs > 0) joules += 2 * job.macs * machine.contraction(job.math).joules;
  if (job.integer_ops > 0) joules += job.integer_ops * machine.vector(DType::kInt32).joules;
  return joules;
}

}  // namespace

EnergyParts energy_of(const Job& job, const Machine& machine, const KernelTime& time,
                      double latency) {
  EnergyParts e;
  e.arithmetic = arithmetic_joules(job, machine);
  e.cache = time.cache_bytes * machine.cache().joules;
  e.main_memory = time.memory_bytes * machine.main().joules;
  e.link = time.link_bytes * machine.host().joules;
  e.fixed = idle_watts(machine) * latency;
  const Quantity& limit = machine.hardware().power.tdp_watts;
  if (!limit.known()) return e;
  const double moving = e.total() - e.fixed;
  const double budget = limit.value * latency - e.fixed;
  if (moving > budget && moving > 0 && budget >= 0) {
    const double share = budget / moving;
    e.arithmetic *= share;
    e.cache *= share;
    e.main_memory *= share;
    e.link *= share;
  }
  return e;
}

}  // namespace aiprof::roofline
