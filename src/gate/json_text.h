// JSON output as the reports have it: absent instead of null, invalid UTF-8 replaced.
#pragma once

#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

namespace aiprof::gate {

using Json = nlohmann::ordered_json;

// A whole number is written as one; what is unknown or not finite leaves no key.
inline void put_number(Json& o, const char* key, std::optional<double> value) {
  constexpr double kExact = 9007199254740992.0;  // 2^53
  if (!value || !std::isfinite(*value)) return;
  if (*value == std::floor(*value) && std::abs(*value) < kExact) {
    o[key] = static_cast<std::int64_t>(*value);
  } else {
    o[key] = *value;
  }
}

inline void put_text(Json& o, const char* key, const std::string& value) {
  if (!value.empty()) o[key] = value;
}

[[nodiscard]] inline std::string dump(const Json& value, int indent = 2) {
  return value.dump(indent, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace aiprof::gate
