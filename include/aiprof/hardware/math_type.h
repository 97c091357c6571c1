// Operand types that an engine has rates for.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace aiprof {

// The two ..Acc16 types are the same operands with a 16-bit accumulator, where that is a faster
// mode of its own (GeForce parts); everywhere else they fall back to the plain type.
enum class MathType : std::uint8_t {
  kFloat64,
  kFloat32,
  kTf32,  // float32 operands, multiplied with 10 bits of mantissa
  kBfloat16,
  kFloat16,
  kFloat16Acc16,
  kFloat8,  // every 8-bit float
  kFloat8Acc16,
  kFloat4,
  kInt32,  // 32- and 64-bit integers
  kInt16,
  kInt8,
  kInt4,
};
inline constexpr std::size_t kNumMathTypes = 13;

// The name in hardware files: "float16", "tf32", "float16_accumulate_float16", ...
[[nodiscard]] std::string_view name(MathType type);

// The inverse of name(). Also takes the names of ONNX element types (uint8 is int8, float8e4m3fn is
// float8, int64 is int32, int2 is int4) and the usual short forms (fp16, half, bf16, fp8). No value
// for types that have no arithmetic (string, bool) or none here (complex).
[[nodiscard]] std::optional<MathType> parse_math_type(std::string_view text);

// Bits of one operand. tf32 is stored as 32.
[[nodiscard]] unsigned bits(MathType type);

// What work in `type` runs as where an engine has no rate for it, best first; `type` itself is not
// listed. Only types that hold every value, or that runtimes use in its place:
//   float4 -> float8 -> float16 -> bfloat16 -> tf32 -> float32   (decoded on the way in)
//   float16 -> float32 -> bfloat16, bfloat16 -> tf32 -> float32, tf32 -> float32
//   int4 -> int8 -> int16 -> int32 -> float16 -> bfloat16 -> float32, int32 -> float32
// float64 and float32 have none: a narrower type is a choice of the runtime, never a fallback.
[[nodiscard]] std::span<const MathType> fallbacks(MathType type);

// One T per type.
template <typename T>
class PerMathType {
 public:
  [[nodiscard]] T& operator[](MathType type) { return items_[static_cast<std::size_t>(type)]; }
  [[nodiscard]] const T& operator[](MathType type) const {
    return items_[static_cast<std::size_t>(type)];
  }

 private:
  std::array<T, kNumMathTypes> items_ = {};
};

// All types, in the order of the enumeration.
[[nodiscard]] constexpr std::array<MathType, kNumMathTypes> all_math_types() {
  std::array<MathType, kNumMathTypes> all = {};
  for (std::size_t i = 0; i < kNumMathTypes; ++i) all[i] = static_cast<MathType>(i);
  return all;
}

}  // namespace aiprof
