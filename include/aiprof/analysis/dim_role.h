// What the name of a dimension says about it.
#pragma once

#include <cstdint>
#include <string_view>

namespace aiprof {

// What a dimension's name says it counts.
enum class DimRole : std::uint8_t { kBatch, kSequence, kPast, kTotal, kImage, kSum, kOther };
[[nodiscard]] DimRole role_of(std::string_view name);

}  // namespace aiprof
