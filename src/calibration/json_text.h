// Places in JSON text, so that a value can be replaced and every other byte kept.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace aiprof::calibration {

struct TextSpan {
  std::size_t begin = 0, end = 0;
};

// A key of an object, or a position in a list.
using JsonStep = std::variant<std::string, std::size_t>;

// The value at a path; none if there is no such value. `text` is valid JSON.
[[nodiscard]] std::optional<TextSpan> find_value(std::string_view text,
                                                 const std::vector<JsonStep>& path);

// The text with the member `key` of the object at `path` set to `value` (JSON text): replaced, or
// added behind the last member on a line of its own, indented by `indent`.
[[nodiscard]] std::string set_member(std::string_view text, const std::vector<JsonStep>& path,
                                     const std::string& key, std::string_view value,
                                     std::size_t indent);

}  // namespace aiprof::calibration
