// One kernel as plain numbers: what the engine models read.
#pragma once

#include "aiprof/lowering/lowering.h"

namespace aiprof::roofline {

// All numbers are of one launch. Unknown counts are 0, and `complete` is false.
struct Job {
  const Kernel* kernel = nullptr;
  OpClass op_class = OpClass::kElementwise;
  DType math = DType::kUndefined;
  double launches = 1;
  double host_nodes = 0;  // that the executor steps through before each launch
  double macs = 0;
  double flops = 0;         // 2 x macs + vector_flops
  double vector_flops = 0;  // outside contractions
  double transcendentals = 0;
  double integer_ops = 0;
  double useful = 1;        // share of the macs that masks leave; 1 where unknown
  double read_bytes = 0;    // all reads
  double weight_bytes = 0;  // of them, stored weights
  double written_bytes = 0;
  double elements = 0;     // of the largest operand
  double first_bits = 0;   // width of an element of the first operand that is read; 0: none
  double weight_bits = 0;  // of the largest weight operand; 0: none
  double result_bits = 0;  // of the first operand that is written
  bool complete = true;
  bool general_power = false;  // a power whose exponent is not a constant

  // Geometry, with 1 for what is unknown.
  Geometry::Kind shape = Geometry::Kind::kNone;
  double batch = 1, m = 1, n = 1, k = 1, steps = 1;
  double kv_heads = 1, value_size = 1, kernel_points = 1, images = 1, rows = 1, cols = 1;
  bool winograd = false;    // a 3x3 convolution with unit stride and dilation
  bool unit_stride = true;  // of a convolution
  bool transposed = false;
  bool image = true;  // a convolution over two dims

  [[nodiscard]] double bytes() const { return read_bytes + written_bytes; }
};

[[nodiscard]] Job make_job(const Kernel& kernel);

// Work on matrices and vectors: what decides the engine.
[[nodiscard]] bool is_contraction(const Job& job);

}  // namespace aiprof::roofline
