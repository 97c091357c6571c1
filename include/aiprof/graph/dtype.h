// Element types of ONNX tensors.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "aiprof/base/count.h"

namespace aiprof {

// Values are those of onnx.TensorProto.DataType.
enum class DType : std::uint8_t {
  kUndefined = 0,
  kFloat32 = 1,
  kUint8 = 2,
  kInt8 = 3,
  kUint16 = 4,
  kInt16 = 5,
  kInt32 = 6,
  kInt64 = 7,
  kString = 8,
  kBool = 9,
  kFloat16 = 10,
  kFloat64 = 11,
  kUint32 = 12,
  kUint64 = 13,
  kComplex64 = 14,
  kComplex128 = 15,
  kBfloat16 = 16,
  kFloat8E4M3FN = 17,
  kFloat8E4M3FNUZ = 18,
  kFloat8E5M2 = 19,
  kFloat8E5M2FNUZ = 20,
  kUint4 = 21,
  kInt4 = 22,
  kFloat4E2M1 = 23,
  kFloat8E8M0 = 24,
  kUint2 = 25,
  kInt2 = 26,
};
inline constexpr int kNumDTypes = 27;

// "float32", "int4", ...; "undefined" when unknown.
[[nodiscard]] std::string_view name(DType type);
// The inverse of name(); also accepts ONNX's own spellings ("float", "double").
[[nodiscard]] std::optional<DType> parse_dtype(std::string_view text);
// The DType of an onnx data_type number, or kUndefined.
[[nodiscard]] DType dtype_from_onnx(std::int64_t number);

// Stored bits of one element. Strings have no fixed width: they count as 64 bits, the size of a
// reference, and bytes of string tensors are assumed.
[[nodiscard]] unsigned bits(DType type);
[[nodiscard]] bool is_float(DType type);    // float16 ... float64, bfloat16, float8, float4
[[nodiscard]] bool is_integer(DType type);  // signed and unsigned, 2 to 64 bits; not bool
[[nodiscard]] bool is_signed(DType type);   // of integers
[[nodiscard]] bool is_complex(DType type);

// Bytes of `elements` packed elements: ceil(elements * bits / 8), as ONNX stores them.
[[nodiscard]] Count packed_bytes(DType type, Count elements);

}  // namespace aiprof
