// Closed-form times of single kernels on many cores behind a shared cache: pure functions of
// shapes, rates and constants. Seconds, bytes, operations per second; no launch is in them.
#pragma once

#include "roofline/constants.h"

namespace aiprof::roofline {

struct GpuRates {
  double units = 1;            // cores
  double clock = 1e9;          // Hz
  double peak = 0;             // operations per second after the power factor
  double main_bandwidth = 0;   // data sheet, bytes per second
  double cache_bandwidth = 0;  // measured
  double usable_cache = 0;     // bytes
  double cluster = 1;          // units that share one load from the cache
};

struct GemmShape {
  double m = 1, n = 1, k = 1, batch = 1;
  double bytes_a = 2, bytes_w = 2;                 // of one element, as tiles are loaded
  double a_bytes = 0, w_bytes = 0, out_bytes = 0;  // of the whole operands, epilogue included
  // Bytes of weights that are read between two uses of this weight, itself included: what a cache
  // has to hold for it to be found there again.
  double weight_set = 0;
  double k_step = 32;  // the contraction is padded to a multiple of this
};

struct GemmTime {
  double body = 0, compute = 0, cache = 0, memory = 0;
  double cache_bytes = 0, memory_bytes = 0;
  double tile_m = 0, tile_n = 0, split = 1, blocks = 0, waves = 0, tile_efficiency = 1;
};

// The fastest of all tiles and splits of the contraction.
[[nodiscard]] GemmTime gemm_time(const GemmShape& shape, const GpuRates& gpu,
                                 const ClassConstants& c);

// What no tile and no split goes below; a small part of the cost of a search.
[[nodiscard]] double gemm_least(const GemmShape& shape, const GpuRates& gpu,
                                const ClassConstants& c);

struct AttentionShape {
  double heads = 1;     // sequences x query heads
  double kv_heads = 1;  // sequences x key/value heads
  double queries = 1, keys = 1;
  double size = 64, value_size = 64;  // of a head
  double element_bytes = 2;
  double bytes = 0;   // of all operands
  double useful = 1;  // share of the keys that a query sees on average: 0.5 if causal
};

struct AttentionTime {
  double body = 0, compute = 0, cache = 0, memory = 0;
  double cache_bytes = 0, memory_bytes = 0;
  double tile = 0;  // queries of a block (many queries), or parts of the keys (few)
  double blocks = 0, waves = 0;
};

// Many queries: blocks of queries walk along the keys.
[[nodiscard]] AttentionTime prefill_time(const AttentionShape& shape, const GpuRates& gpu,
                                         const ClassConstants& c);
// One query, or a few, of every sequence: the keys are split over blocks.
[[nodiscard]] AttentionTime decode_time(const AttentionShape& shape, const GpuRates& gpu,
                                        const ClassConstants& c);

enum class VectorKind : std::uint8_t { kElementwise, kPower, kRows };

struct VectorShape {
  VectorKind kind = VectorKind::kElementwise;
  double elements = 0, bytes = 0;
  double rows = 1, cols = 1;  // kRows
};

struct VectorTime {
  double body = 0;  // without the ramp
  double ramp = 0;  // start-up and drain
  double compute = 0, cache = 0, memory = 0;
  double miss_share = 0, reread_bytes = 0;
};

[[nodiscard]] VectorTime vector_time(const VectorShape& shape, const GpuRates& gpu,
                                     const ClassConstants& c);

struct ConvolutionShape {
  GemmShape product;  // as implicit matrix product, one group
  double in_channels = 1, out_channels = 1;
  double images = 1, side = 1;  // results are side x side
  double in_bytes = 0, out_bytes = 0, weight_bytes = 0;
  double element_bytes = 4;
  bool winograd = false;  // 3x3, stride and dilation 1, one group
};

enum class ConvolutionAlgorithm : std::uint8_t { kImplicit, kWinogradFused, kWinograd };
[[nodiscard]] std::string_view name(ConvolutionAlgorithm a);

struct ConvolutionTime {
  ConvolutionAlgorithm algorithm = ConvolutionAlgorithm::kImplicit;
  double body = 0, compute = 0, cache = 0, memory = 0;
  double cache_bytes = 0, memory_bytes = 0;
  double transform = 0;  // seconds of the memory time that transforms of their own take
  GemmTime product;      // implicit or between transforms; all zero where Winograd is fused
};

// One way to do it; those of Winograd only where the shape says so.
[[nodiscard]] ConvolutionTime convolution_time(const ConvolutionShape& shape, const GpuRates& gpu,
                                               const ClassConstants& c,
                                               ConvolutionAlgorithm algorithm);
// On vector units: the fastest of implicit product, fused Winograd F(2x2, 3x3) and Winograd
// F(4x4, 3x3) with transforms of its own.
[[nodiscard]] ConvolutionTime convolution_time(const ConvolutionShape& shape, const GpuRates& gpu,
                                               const ClassConstants& c);

struct DepthwiseTime {
  double body = 0, ramp = 0, compute = 0, memory = 0;
};
[[nodiscard]] DepthwiseTime depthwise_time(double operations, double bytes, const GpuRates& gpu,
                                           const ClassConstants& c);

}  // namespace aiprof::roofline
