// The one interface of all engine models: a job and a machine in, seconds by cause out.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "aiprof/roofline/estimate.h"
#include "roofline/job.h"
#include "roofline/launch.h"
#include "roofline/machine.h"

namespace aiprof::roofline {

// Collects the derivation. Models get a null pointer while only times are asked for.
class Trace {
 public:
  explicit Trace(std::vector<Term>& terms) : terms_(&terms) {}
  void given(std::string_view name, double value, std::string_view unit, std::string_view source);
  void given(std::string_view name, double value, std::string_view unit, const Machine& machine,
             const Quantity* quantity, std::string_view otherwise);
  void step(std::string_view name, double value, std::string_view unit, std::string_view formula);
  // A constant of the class, with where it comes from.
  void constant(const Machine& machine, TimeClass c, std::string_view field, double value);

 private:
  std::vector<Term>* terms_;
};

// What a model needs to know beside the kernel.
struct Context {
  double model_weight_bytes = 0;  // all weights that one inference reads
  double streamed_share = 0;      // of the weights, which do not fit and come over the host link
  Regime regime = Regime::kGraph;
  LaunchMode mode = LaunchMode::kGraph;
  // An operator timed again and again: every core finds its part of the operands in its own cache.
  bool repeated = false;
  // From one use of the weights to the next. Read where a cache keeps data for so long only.
  double reuse_seconds = 0;
};

// Of one launch.
struct KernelTime {
  TimeClass time_class = TimeClass::kElementwise;
  double compute = 0;  // seconds of arithmetic
  double cache = 0;    // seconds of the shared cache or scratchpad
  double memory = 0;   // seconds of main memory
  double link = 0;     // seconds of the link to the host
  double body = 0;     // all of them, overlapped
  double ramp = 0;     // start-up and drain inside the kernel; free of it only in the ideal
  double fixed = 0;    // start-up beside the kernel, hidden where the host queues ahead
  double cache_bytes = 0, memory_bytes = 0, link_bytes = 0;
  const UnitRate* rate = nullptr;  // of the engine that does the bulk of the arithmetic
  bool runnable = true;            // false: the machine has no rate for it
};

[[nodiscard]] KernelTime time_kernel(const Job& job, const Machine& machine, const Context& context,
                                     Trace* trace);

// The models behind time_kernel(), by form.
[[nodiscard]] KernelTime many_core_time(const Job& job, const Machine& machine,
                                        const Context& context, Trace* trace);
[[nodiscard]] KernelTime systolic_time(const Job& job, const Machine& machine,
                                       const Context& context, Trace* trace);
[[nodiscard]] KernelTime processor_time(const Job& job, const Machine& machine,
                                        const Context& context, Trace* trace);
[[nodiscard]] KernelTime in_memory_time(const Job& job, const Machine& machine,
                                        const Context& context, Trace* trace);
[[nodiscard]] KernelTime plain_time(const Job& job, const Machine& machine, const Context& context,
                                    Trace* trace);

// What holds for all kernels of one inference. `weight_bytes` are those of the whole model.
[[nodiscard]] Context make_context(const Machine& machine, const RuntimeProfile& profile,
                                   Count weight_bytes);

// Peak over data-sheet bandwidth of every rate that the file gives.
[[nodiscard]] std::vector<Ridge> ridges_of(const Hardware& hardware);

// The class whose constants and residuals a job takes.
[[nodiscard]] TimeClass classify(const Job& job, const Machine& machine);

// Seconds of everything outside contractions on the vector unit, at its full rate: FLOPs, integer
// operations and transcendentals one after another; `special_cost` times the latter.
[[nodiscard]] double vector_seconds(const Job& job, const Machine& machine,
                                    double special_cost = 1);

// The engine that the kernel's utilisation is measured against.
[[nodiscard]] const UnitRate& main_rate(const Job& job, const Machine& machine);

}  // namespace aiprof::roofline
