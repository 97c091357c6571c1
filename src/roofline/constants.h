// The constants of the time model, by class of operators.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "aiprof/hardware/hardware.h"

namespace aiprof::roofline {

// Classes of operators that have constants and residuals of their own.
enum class TimeClass : std::uint8_t {
  kGemm,             // 16-bit and tf32 products on matrix units
  kGemmFloat8,       // float8 operands
  kGemmInt8,         // int8 operands
  kGemmInt8Weights,  // 8-bit weights, decoded for 16-bit products
  kGemmInt4Weights,  // 4-bit weights, decoded for 16-bit products
  kGemmFloat32,      // float32 and float64 products
  kAttentionPrefill,
  kAttentionDecode,
  kElementwise,
  kMovement,   // copies, transposes, gathers; constants of elementwise operators where it has none
  kReduction,  // and pooling; likewise
  kPower,      // powers with a variable exponent
  kSoftmax,
  kNormalization,
  kConvolution,  // on vector units; on matrix units the constants are those of kGemm
  kDepthwise,
};
inline constexpr std::size_t kNumTimeClasses = 16;
// As in names of constants and of residuals: "gemm", "attention_decode", ...
[[nodiscard]] std::string_view name(TimeClass c);
// The class whose constants and residuals stand in where a file gives none for this one: itself, or
// that of elementwise operators.
[[nodiscard]] TimeClass stand_in(TimeClass c);

// Names, ranges and meanings: aiprof/hardware/constants.h. A class has the fields that stand there
// under its name; the others are not read.
struct ClassConstants {
  double sustained = 1;
  double memory_fraction = 1;
  double cache_fraction = 1;
  double cache_capacity = 1;
  double overlap = 4;
  double fixed_cycles = 0;
  double tile_halo = 0.3;
  double step_cycles = 0;
  double split_cycles = 0;
  double block_cycles = 0;
  double exp_cost = 1;
  double row_cycles = 0;
  double element_cycles = 0;
  double reread = 0;
  double winograd_fused = 1;
  double winograd_gemm = 1;
  double winograd_weight = 1;
  double transform_fraction = 1;
  double winograd_fused_seconds = 0;
  double winograd_seconds = 0;
  double fill_hidden = 1;
  double special_cost = 1;
};

using ModelConstants = std::array<ClassConstants, kNumTimeClasses>;

// A constant by its name in files; null if there is none of that name.
[[nodiscard]] double* find_constant(ModelConstants& constants, std::string_view name);
[[nodiscard]] std::optional<TimeClass> class_of_constant(std::string_view name);

// What the defaults depend on: how a machine is built.
enum class Form : std::uint8_t {
  kManyCore,   // many cores with their own scratchpad behind a shared cache: GPUs
  kSystolic,   // matrix products in systolic arrays
  kProcessor,  // few cores with caches of their own: CPUs
  kInMemory,   // arithmetic inside the memory
  kPlain,      // nothing is known but rates and bandwidths
};
[[nodiscard]] std::string_view name(Form form);

[[nodiscard]] ModelConstants default_constants(Form form);

// The defaults, with what the file gives put over them.
[[nodiscard]] ModelConstants constants_of(const Hardware& hardware, Form form);

}  // namespace aiprof::roofline
