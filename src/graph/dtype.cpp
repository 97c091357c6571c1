#include "aiprof/graph/dtype.h"

#include <array>

namespace aiprof {
namespace {

enum class Family : std::uint8_t { kOther, kFloat, kSigned, kUnsigned, kComplex };

struct Row {
  std::string_view name;
  std::uint8_t bits;
  Family family;
};

// Widths: onnx.proto, TensorProto.DataType.
constexpr std::array<Row, kNumDTypes> kRows = {{
    {"undefined", 0, Family::kOther},      {"float32", 32, Family::kFloat},
    {"uint8", 8, Family::kUnsigned},       {"int8", 8, Family::kSigned},
    {"uint16", 16, Family::kUnsigned},     {"int16", 16, Family::kSigned},
    {"int32", 32, Family::kSigned},        {"int64", 64, Family::kSigned},
    {"string", 64, Family::kOther},        {"bool", 8, Family::kOther},
    {"float16", 16, Family::kFloat},       {"float64", 64, Family::kFloat},
    {"uint32", 32, Family::kUnsigned},     {"uint64", 64, Family::kUnsigned},
    {"complex64", 64, Family::kComplex},   {"complex128", 128, Family::kComplex},
    {"bfloat16", 16, Family::kFloat},      {"float8e4m3fn", 8, Family::kFloat},
    {"float8e4m3fnuz", 8, Family::kFloat}, {"float8e5m2", 8, Family::kFloat},
    {"float8e5m2fnuz", 8, Family::kFloat}, {"uint4", 4, Family::kUnsigned},
    {"int4", 4, Family::kSigned},          {"float4e2m1", 4, Family::kFloat},
    {"float8e8m0", 8, Family::kFloat},     {"uint2", 2, Family::kUnsigned},
    {"int2", 2, Family::kSigned},
}};

const Row& row(DType type) { return kRows[static_cast<std::size_t>(type)]; }

}  // namespace

std::string_view name(DType type) { return row(type).name; }

std::optional<DType> parse_dtype(std::string_view text) {
  if (text == "float") return DType::kFloat32;
  if (text == "double") return DType::kFloat64;
  for (std::size_t i = 1; i < kRows.size(); ++i) {
    if (kRows[i].name == text) return static_cast<DType>(i);
  }
  return std::nullopt;
}

DType dtype_from_onnx(std::int64_t number) {
  return number > 0 && number < kNumDTypes ? static_cast<DType>(number) : DType::kUndefined;
}

unsigned bits(DType type) { return row(type).bits; }
bool is_float(DType type) { return row(type).family == Family::kFloat; }
bool is_integer(DType type) {
  return row(type).family == Family::kSigned || row(type).family == Family::kUnsigned;
}
bool is_signed(DType type) { return row(type).family == Family::kSigned; }
bool is_complex(DType type) { return row(type).family == Family::kComplex; }

Count packed_bytes(DType type, Count elements) {
  if (type == DType::kUndefined) return Count::unknown();
  const unsigned width = bits(type);
  // Whole bytes first, so that sizes near 2^64 bits do not overflow.
  return width >= 8 ? elements * (width / 8) : ceil_div(elements * width, 8U);
}

}  // namespace aiprof
