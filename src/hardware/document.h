// JSON text to a checked document tree, and back.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "hardware/spec.h"

namespace aiprof::hw {

using Json = nlohmann::ordered_json;

// Parses. Throws Error kInput with file, line and column for text that is not JSON, and for a key
// that stands twice in one object (JSON leaves open which one would count).
[[nodiscard]] Json parse_document(std::string_view text, std::string_view file);

// Checks keys, types and ranges against the tables of spec.h, and that sources exist. Throws Error
// kInput naming file and key.
void check_document(const Json& document, std::string_view file);

// 64-bit FNV-1a, in 16 hex digits, of the document written without spaces: layout does not count.
[[nodiscard]] std::string content_hash(const Json& document);

// What stands at `value`, for messages: "the text \"fast\"", "a list", "0".
[[nodiscard]] std::string describe(const Json& value);

}  // namespace aiprof::hw
