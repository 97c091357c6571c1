#include "aiprof/hardware/math_type.h"

#include <string>

#include "aiprof/base/text.h"

namespace aiprof {
namespace {

using enum MathType;

struct TypeRow {
  std::string_view name;
  unsigned bits;
};
constexpr std::array<TypeRow, kNumMathTypes> kTypes = {{
    {"float64", 64},
    {"float32", 32},
    {"tf32", 32},
    {"bfloat16", 16},
    {"float16", 16},
    {"float16_accumulate_float16", 16},
    {"float8", 8},
    {"float8_accumulate_float16", 8},
    {"float4", 4},
    {"int32", 32},
    {"int16", 16},
    {"int8", 8},
    {"int4", 4},
}};

struct Alias {
  std::string_view text;
  MathType type;
};
constexpr Alias kAliases[] = {
    {"double", kFloat64},      {"fp64", kFloat64},
    {"float", kFloat32},       {"fp32", kFloat32},
    {"bf16", kBfloat16},       {"half", kFloat16},
    {"fp16", kFloat16},        {"fp8", kFloat8},
    {"float8e4m3fn", kFloat8}, {"float8e4m3fnuz", kFloat8},
    {"float8e5m2", kFloat8},   {"float8e5m2fnuz", kFloat8},
    {"float8e8m0", kFloat8},   {"fp4", kFloat4},
    {"float4e2m1", kFloat4},   {"int64", kInt32},
    {"uint64", kInt32},        {"uint32", kInt32},
    {"uint16", kInt16},        {"uint8", kInt8},
    {"uint4", kInt4},          {"int2", kInt4},
    {"uint2", kInt4},
};

constexpr MathType kForTf32[] = {kFloat32};
constexpr MathType kForBfloat16[] = {kTf32, kFloat32};
constexpr MathType kForFloat16[] = {kFloat32, kBfloat16};
constexpr MathType kForFloat16Acc16[] = {kFloat16, kFloat32, kBfloat16};
constexpr MathType kForFloat8[] = {kFloat16, kBfloat16, kTf32, kFloat32};
constexpr MathType kForFloat8Acc16[] = {kFloat8,   kFloat16Acc16, kFloat16,
                                        kBfloat16, kTf32,         kFloat32};
constexpr MathType kForFloat4[] = {kFloat8, kFloat16, kBfloat16, kTf32, kFloat32};
constexpr MathType kForInt32[] = {kFloat32};
constexpr MathType kForInt16[] = {kInt32, kFloat32};
constexpr MathType kForInt8[] = {kInt16, kInt32, kFloat16, kBfloat16, kFloat32};
constexpr MathType kForInt4[] = {kInt8, kInt16, kInt32, kFloat16, kBfloat16, kFloat32};

}  // namespace

std::string_view name(MathType type) { return kTypes[static_cast<std::size_t>(type)].name; }

std::optional<MathType> parse_math_type(std::string_view text) {
  const std::string key = lower(text);
  for (const MathType type : all_math_types()) {
    if (name(type) == key) return type;
  }
  for (const Alias& alias : kAliases) {
    if (alias.text == key) return alias.type;
  }
  return std::nullopt;
}

unsigned bits(MathType type) { return kTypes[static_cast<std::size_t>(type)].bits; }

std::span<const MathType> fallbacks(MathType type) {
  switch (type) {
    case kFloat64:
    case kFloat32:
      return {};
    case kTf32:
      return kForTf32;
    case kBfloat16:
      return kForBfloat16;
    case kFloat16:
      return kForFloat16;
    case kFloat16Acc16:
      return kForFloat16Acc16;
    case kFloat8:
      return kForFloat8;
    case kFloat8Acc16:
      return kForFloat8Acc16;
    case kFloat4:
      return kForFloat4;
    case kInt32:
      return kForInt32;
    case kInt16:
      return kForInt16;
    case kInt8:
      return kForInt8;
    case kInt4:
      return kForInt4;
  }
  return {};
}

}  // namespace aiprof
