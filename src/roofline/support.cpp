#include "roofline/support.h"

#include <fmt/format.h>

#include <algorithm>

#include "aiprof/base/text.h"

namespace aiprof::roofline {
namespace {

bool listed(const std::vector<std::string>& list, std::string_view word) {
  return std::ranges::find(list, word) != list.end();
}

std::string listed_reason(const Graph& graph, const Kernel& kernel, const Unsupported& lists) {
  for (const NodeId id : kernel.nodes) {
    const std::string_view type = graph.op_type(graph[id]).type;
    if (listed(lists.operators, type)) return fmt::format("operator {} is not supported", type);
  }
  if (listed(lists.op_classes, name(kernel.op_class))) {
    return fmt::format("class {} is not supported", name(kernel.op_class));
  }
  for (const Operand& o : kernel.operands) {
    if (listed(lists.dtypes, name(o.dtype))) {
      return fmt::format("dtype {} is not supported", name(o.dtype));
    }
  }
  return {};
}

// Numbers of the file that every estimate on the machine rests on.
std::vector<const Quantity*> used(const Machine& machine, const std::vector<const UnitRate*>& rates,
                                  LaunchMode mode) {
  std::vector<const Quantity*> all = {machine.main().quantity};
  if (machine.cache().exists()) all.push_back(machine.cache().quantity);
  for (const UnitRate* r : rates) {
    all.push_back(r->quantity);
    all.push_back(&r->engine->joules_per_operation[r->type]);
  }
  all.push_back(machine.launch_quantity(mode));
  const Power& power = machine.hardware().power;
  all.insert(all.end(), {&power.tdp_watts, &power.idle_watts});
  std::erase_if(all,
                [](const Quantity* q) { return q == nullptr || q->status != Status::kRecalled; });
  return all;
}

std::string count_of(std::size_t n, std::string_view what) {
  return fmt::format("{} {}{}", n, what, n == 1 ? "" : "s");
}

}  // namespace

std::string unsupported_reason(const Graph& graph, const Kernel& kernel, const Job& job,
                               const Machine& machine, const KernelTime& time) {
  const Unsupported& lists = machine.hardware().unsupported;
  if (!lists.operators.empty() || !lists.op_classes.empty() || !lists.dtypes.empty()) {
    if (std::string reason = listed_reason(graph, kernel, lists); !reason.empty()) return reason;
  }
  if (time.runnable) return {};
  return fmt::format("no engine has a rate for {}", name(job.math));
}

void Remarks::rate(const UnitRate& rate) {
  if (rate.engine != nullptr && std::ranges::find(rates_, &rate) == rates_.end()) {
    rates_.push_back(&rate);
  }
}

void Remarks::kernel(const Job& job, const Machine& machine, const KernelTime& time,
                     bool supported) {
  if (job.macs > 0) rate(machine.contraction(job.math));
  if (job.vector_flops > 0 || job.transcendentals > 0) rate(machine.vector(job.math));
  incomplete_ += job.complete ? 0 : 1;
  not_runnable_ += time.runnable ? 0 : 1;
  unsupported_ += supported ? 0 : 1;
}

std::vector<std::string> Remarks::take(const Machine& machine, LaunchMode mode) {
  std::vector<std::string> out = std::move(notes_);
  const auto once = [&out](std::string note) {
    if (!listed(out, note)) out.push_back(std::move(note));
  };
  for (const UnitRate* r : rates_) {
    if (r->substituted) {
      once(fmt::format("{} work runs as {}: the machine has no rate of its own for it",
                       name(r->asked), label(*r)));
    }
    if (r->power_factor < 0.995) {
      once(fmt::format("the power limit sustains {:.0f} % of the {} peak", 100 * r->power_factor,
                       label(*r)));
    }
  }
  if (machine.hardware().calibration.state == CalibrationState::kDatasheet) {
    out.push_back(
        fmt::format("no measurement of this machine: time model with the defaults of {} machines",
                    name(machine.form())));
  }
  std::vector<std::string> paths;
  for (const Quantity* q : used(machine, rates_, mode)) {
    if (!listed(paths, q->path)) paths.push_back(q->path);
  }
  if (!paths.empty()) {
    out.push_back("rests on recalled numbers of the hardware file: " + join(paths, ", "));
  }
  if (mode != LaunchMode::kNone && machine.launch_quantity(mode) == nullptr) {
    out.push_back(fmt::format("launch cost: default for {} machines, {:g} s per kernel",
                              name(machine.form()), machine.launch_seconds(mode)));
  }
  if (unsupported_ > 0) {
    out.push_back(
        fmt::format("{} cannot run on this machine as they are", count_of(unsupported_, "kernel")));
  }
  if (not_runnable_ > 0) {
    out.push_back(fmt::format("{}: no engine has a rate for the arithmetic, times are lower bounds",
                              count_of(not_runnable_, "kernel")));
  }
  if (incomplete_ > 0) {
    out.push_back(fmt::format("{}: some counts are unknown, times are lower bounds",
                              count_of(incomplete_, "kernel")));
  }
  return out;
}

}  // namespace aiprof::roofline
