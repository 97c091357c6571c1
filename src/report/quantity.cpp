#include "report/quantity.h"

#include <cmath>
#include <cstdint>

#include "aiprof/report/format.h"

namespace aiprof {

std::string format_quantity(std::string_view path, double value) {
  constexpr double kExactBelow = 18446744073709549568.0;  // the largest double below 2^64
  const auto ends = [&](std::string_view tail) { return path.ends_with(tail); };
  const auto has = [&](std::string_view part) { return path.find(part) != std::string_view::npos; };
  if (ends("bandwidth_bytes_per_second")) return format_si(value, "B/s");
  if (ends("_bytes") && value >= 0 && value <= kExactBelow) {
    return format_capacity(static_cast<std::uint64_t>(value));
  }
  if (ends("_hz")) return format_si(value, "Hz");
  if (ends("_seconds")) return format_seconds(value);
  if (ends("_watts")) return format_si(value, "W");
  if (has("joules_per"))
    return value < 1e-9 ? format_si(value * 1e12, "") + " pJ" : format_joules(value);
  if (has("peaks") || ends("special_function_rate")) return format_si(value, "op/s");
  return format_plain(value);
}

}  // namespace aiprof
