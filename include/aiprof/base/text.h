// Small text helpers for messages.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace aiprof {

// The candidate nearest to `name` by edit distance (letter case ignored), if it is near enough to
// be a slip of the fingers.
[[nodiscard]] std::optional<std::string> nearest(std::string_view name,
                                                 std::span<const std::string> candidates);

// "; did you mean 'x'?" or nothing.
[[nodiscard]] std::string did_you_mean(std::string_view name,
                                       std::span<const std::string> candidates);

// ASCII lower case.
[[nodiscard]] std::string lower(std::string_view text);

// The parts of `text` between separators; "a,,b" has three.
[[nodiscard]] std::vector<std::string> split(std::string_view text, char separator);

// The parts joined, with `separator` between them.
[[nodiscard]] std::string join(std::span<const std::string> parts, std::string_view separator);

// `text` with control characters and invalid UTF-8 replaced, fit for a one-line message.
[[nodiscard]] std::string printable(std::string_view text);

}  // namespace aiprof
