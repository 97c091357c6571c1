// Kernel x hardware -> seconds by cause, bound, utilisation, energy, interval. Every intermediate
// is kept, so that a report can show the whole derivation.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "aiprof/hardware/hardware.h"
#include "aiprof/lowering/lowering.h"

namespace aiprof {

enum class Bound : std::uint8_t { kCompute, kMemory, kOverhead };
[[nodiscard]] std::string_view name(Bound b);

// One step of a derivation: "matrix peak = 3.12e14 FLOP/s (nvidia datasheet)".
struct Term {
  std::string name;
  double value = 0;
  std::string unit;     // "s", "FLOP/s", "byte", "" for a ratio
  std::string formula;  // how it follows from the terms before; empty for a given number
  std::string
      source;  // of a given number: hardware path and source, or where a constant was fitted
};

// Joules of one inference by cause.
struct EnergyParts {
  double arithmetic = 0;   // operations of all engines
  double cache = 0;        // bytes of the shared cache or scratchpad
  double main_memory = 0;  // bytes of main memory
  double link = 0;         // bytes that come over the host link
  double fixed = 0;        // idle power over the latency

  [[nodiscard]] double total() const { return arithmetic + cache + main_memory + link + fixed; }
};

// Times are of all launches of the kernel in one inference, in seconds.
struct KernelEstimate {
  double compute_seconds = 0;   // arithmetic at its attainable rate
  double memory_seconds = 0;    // the slowest memory level
  double overhead_seconds = 0;  // launches and start-up that nothing hides
  double latency_seconds = 0;   // with overlap; at least each of the three
  double latency_low_seconds = 0, latency_high_seconds = 0;  // 80 % interval
  double energy_joules = 0;
  EnergyParts energy;  // its parts; their sum is at most the power limit times the latency
  // Compute or memory, whichever takes longer; overhead where the launches do, or where the host
  // dispatches more slowly than the device runs.
  Bound bound = Bound::kMemory;
  std::optional<double> arithmetic_intensity;  // FLOP/byte; absent when nothing moves
  std::optional<double> mfu;  // FLOPs / latency / peak of the engine used; absent without FLOPs
  // Operand bytes / latency / data-sheet bandwidth of main memory; above 1 where a cache serves
  // them. Absent where nothing moves.
  std::optional<double> mbu;
  std::string engine;       // "matrix float16"
  bool supported = true;    // false: the machine lists the operator or dtype as unsupported
  std::string unsupported;  // why, when not supported
  std::string time_class;   // whose constants and residuals it took: "gemm", "softmax", ...
};

struct Totals {
  double latency_seconds = 0, compute_seconds = 0, memory_seconds = 0, overhead_seconds = 0;
  double latency_low_seconds = 0, latency_high_seconds = 0;
  double energy_joules = 0;
  EnergyParts energy;
  Count kernel_bytes_read = 0U, kernel_bytes_written = 0U;
  Bound bound = Bound::kMemory;  // the cause that most of the time goes to
  std::optional<double> arithmetic_intensity, mfu, mbu, average_watts;
};

struct Ridge {
  std::string engine;  // "matrix float16"
  double flops_per_second = 0;
  double flops_per_byte = 0;  // peak / data-sheet bandwidth of main memory
};

struct Estimate {
  std::vector<KernelEstimate> kernels;  // by index in Lowered::kernels
  Totals totals;
  // From one inference to the next, for caches that keep data for a time only; 0 without such.
  double reuse_seconds = 0;
  std::vector<Ridge> ridges;
  std::vector<std::string> notes;  // substitutions, recalled numbers the result rests on
};

// Throws Error(kInput) when the hardware lacks what any estimate needs.
[[nodiscard]] Estimate estimate(const Graph& graph, const Analysis& analysis,
                                const Lowered& lowered, const RuntimeProfile& profile,
                                const Hardware& hardware);

// The derivation of one kernel, for `aiprof explain`. `weight_bytes` are those of the whole model
// (ModelSizes), `reuse_seconds` those of its estimate: they decide whether weights stay in a cache
// from one inference to the next; unknown bytes do not.
[[nodiscard]] std::vector<Term> derive(const Kernel& kernel, const RuntimeProfile& profile,
                                       const Hardware& hardware,
                                       Count weight_bytes = Count::unknown(),
                                       double reuse_seconds = 0);

// The runtime profile to use where none is given, by how the machine is built: "eager" for many
// cores behind a host (GPUs), "onnxruntime" for processors, "compiled" for the rest, whose
// programs are compiled ahead of time.
[[nodiscard]] std::string default_runtime(const Hardware& hardware);

// A constant of the time model as it holds for a machine.
struct ModelConstant {
  std::string_view name;  // as in calibration.constants
  double value = 0;
  bool from_file = false;  // false: the default of its class
};
// Every constant, in the order of constant_specs().
[[nodiscard]] std::vector<ModelConstant> model_constants(const Hardware& hardware);

}  // namespace aiprof
