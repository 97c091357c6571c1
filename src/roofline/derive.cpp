#include <algorithm>
#include <cmath>

#include "aiprof/hardware/constants.h"
#include "aiprof/roofline/estimate.h"
#include "roofline/power.h"
#include "roofline/timed.h"

namespace aiprof {
namespace roofline {
namespace {

void work_terms(const Job& job, Trace& trace) {
  trace.given("launches", job.launches, "", "trips of the kernel's loops");
  const auto unless_zero = [&](std::string_view name, double value, std::string_view unit) {
    if (value > 0) trace.given(name, value, unit, "counted, of one launch");
  };
  unless_zero("MACs", job.macs, "");
  unless_zero("vector FLOPs", job.vector_flops, "FLOP");
  unless_zero("transcendentals", job.transcendentals, "");
  unless_zero("integer operations", job.integer_ops, "");
  unless_zero("bytes read", job.read_bytes, "byte");
  unless_zero("weight bytes", job.weight_bytes, "byte");
  unless_zero("bytes written", job.written_bytes, "byte");
}

void rate_terms(const Machine& machine, const UnitRate& rate, Trace& trace) {
  if (rate.engine == nullptr) return;
  const std::string engine = label(rate);
  trace.given(engine + " peak", rate.peak, "FLOP/s", machine, rate.quantity, "");
  if (rate.power_factor < 1) {
    const double joules = energy_under_load(machine.hardware(), *rate.engine, rate.type);
    trace.given(engine + " energy", joules, "J/FLOP",
                "of the process and the width of the units (docs/time-model.md)");
    const Power& power = machine.hardware().power;
    trace.given("power limit", power.tdp_watts.value, "W", machine, &power.tdp_watts, "");
    trace.step("power factor", rate.power_factor, "",
               "((limit - idle) / (energy x peak))^(1 / 1.25)");
  }
  if (rate.achievable < 1) {
    trace.given("achievable fraction", rate.achievable, "", machine,
                &rate.engine->achievable_fraction[rate.type], "");
  }
}

void machine_terms(const Job& job, const Machine& machine, const Timed& t, Trace& trace) {
  if (job.macs > 0) rate_terms(machine, machine.contraction(job.math), trace);
  if (job.vector_flops > 0 || job.macs <= 0) rate_terms(machine, machine.vector(job.math), trace);
  const Store& main = machine.main();
  trace.given(main.name + " bandwidth", main.bandwidth, "byte/s", machine, main.quantity, "");
  const Store& cache = machine.cache();
  if (cache.exists()) {
    trace.given(cache.name + " bandwidth", cache.bandwidth, "byte/s", machine, cache.quantity,
                "64 bytes per core and clock");
    trace.given(cache.name + " usable", machine.usable_cache(), "byte",
                "capacity x effective fraction");
  }
  ModelConstants all = constants_of(machine.hardware(), machine.form());
  const std::string_view of = name(t.time.time_class);
  for (const ConstantSpec& spec : constant_specs()) {
    if (class_of_constant(spec.name) != t.time.time_class) continue;
    trace.constant(machine, t.time.time_class, spec.name.substr(of.size() + 1),
                   *find_constant(all, spec.name));
  }
}

void launch_terms(const Job& job, const Machine& machine, const Context& context, const Timed& t,
                  Trace& trace) {
  const std::string mode(aiprof::name(context.mode));
  if (context.regime != Regime::kFree) {
    trace.given("launch (" + mode + ")", machine.launch_seconds(context.mode), "s", machine,
                machine.launch_quantity(context.mode),
                "default for " + std::string(name(machine.form())) + " machines");
  }
  if (launch_of(job, machine, context) > machine.launch_seconds(context.mode)) {
    trace.given("views and shape arithmetic before it", job.host_nodes, "",
                "steps of the executor that launch nothing");
    trace.step("launch", launch_of(job, machine, context), "s", "launch x (1 + views before it)");
  }
  trace.step("latency of one launch", t.latency, "s",
             context.regime == Regime::kFree    ? "run time"
             : context.regime == Regime::kQueue ? "max(launch, run time)"
                                                : "launch + start-up + run time");
}

void result_terms(const Job& job, const Timed& t, Trace& trace) {
  trace.step("latency", job.launches * t.latency, "s", "launches x latency of one launch");
  const Interval interval = interval_of(job.launches * t.latency, t.spread);
  trace.given("log residual, 10 %", t.spread.q10, "",
              "measured over predicted, " + std::string(name(t.spread.state)));
  trace.given("log residual, 90 %", t.spread.q90, "",
              "measured over predicted, " + std::string(name(t.spread.state)));
  trace.step("latency, low", interval.low, "s", "latency x exp(residual at 10 %)");
  trace.step("latency, high", interval.high, "s", "latency x exp(residual at 90 %)");
  const EnergyParts& e = t.energy;
  trace.step("arithmetic energy", job.launches * e.arithmetic, "J", "operations x J/operation");
  trace.step("cache energy", job.launches * e.cache, "J", "cache bytes x J/byte");
  trace.step("main memory energy", job.launches * e.main_memory, "J", "bytes x J/byte");
  if (e.link > 0) trace.step("link energy", job.launches * e.link, "J", "bytes x J/byte");
  trace.step("static energy", job.launches * e.fixed, "J", "idle power x latency");
}

}  // namespace
}  // namespace roofline

std::string_view name(Bound b) {
  switch (b) {
    case Bound::kCompute:
      return "compute";
    case Bound::kMemory:
      return "memory";
    case Bound::kOverhead:
      return "overhead";
  }
  return "memory";
}

std::vector<Term> derive(const Kernel& kernel, const RuntimeProfile& profile,
                         const Hardware& hardware, Count weight_bytes, double reuse_seconds) {
  std::vector<Term> terms;
  std::vector<Term> steps;
  roofline::Trace trace(terms);
  roofline::Trace model(steps);
  const roofline::Machine machine(hardware, profile.float32_math);
  roofline::Context context = roofline::make_context(machine, profile, weight_bytes);
  context.reuse_seconds = reuse_seconds;
  const roofline::Job job = roofline::make_job(kernel);
  const roofline::Timed timed = roofline::time_launch(job, machine, context, &model);
  roofline::work_terms(job, trace);
  roofline::machine_terms(job, machine, timed, trace);
  terms.insert(terms.end(), std::make_move_iterator(steps.begin()),
               std::make_move_iterator(steps.end()));
  roofline::launch_terms(job, machine, context, timed, trace);
  roofline::result_terms(job, timed, trace);
  return terms;
}

std::string default_runtime(const Hardware& hardware) {
  switch (roofline::form_of(hardware)) {
    case roofline::Form::kManyCore:
      return "eager";
    case roofline::Form::kProcessor:
      return "onnxruntime";
    default:
      return "compiled";
  }
}

std::vector<ModelConstant> model_constants(const Hardware& hardware) {
  roofline::ModelConstants all = roofline::constants_of(hardware, roofline::form_of(hardware));
  std::vector<ModelConstant> out;
  for (const ConstantSpec& spec : constant_specs()) {
    const double* value = roofline::find_constant(all, spec.name);
    if (value == nullptr) continue;
    const auto& stated = hardware.calibration.constants;
    out.push_back({spec.name, *value, stated.find(spec.name) != stated.end()});
  }
  return out;
}

}  // namespace aiprof
