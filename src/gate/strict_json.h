// Reading JSON that people wrote: every mistake is an Error(kInput) that says where it is.
#pragma once

#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace aiprof::gate {

using InputJson = nlohmann::json;

// Refuses what is not JSON, and keys that an object has twice: the first would go without a word.
[[nodiscard]] InputJson parse_json(std::string_view text, const std::string& file);

// A place in a file: "budget.json: /budgets/0/limits/2".
class Place {
 public:
  explicit Place(std::string file) : file_(std::move(file)) {}
  [[nodiscard]] Place at(std::string_view key) const;
  [[nodiscard]] Place at(std::size_t index) const;
  [[nodiscard]] std::string text() const;
  // Throws Error(kInput) with the place before the message.
  [[noreturn]] void fail(const std::string& message) const;

 private:
  std::string file_;
  std::string pointer_;
};

// The readers of one value; each throws for another type.
[[nodiscard]] const InputJson& object_at(const InputJson& value, const Place& place);
[[nodiscard]] const InputJson& array_at(const InputJson& value, const Place& place);
[[nodiscard]] std::string string_at(const InputJson& value, const Place& place);  // not empty
[[nodiscard]] std::int64_t whole_at(const InputJson& value, const Place& place);  // at least 0
// A list of texts, or one text in place of a list of one.
[[nodiscard]] std::vector<std::string> strings_at(const InputJson& value, const Place& place);
// Throws for a key that is not known, with what was probably meant.
void check_keys(const InputJson& object, std::span<const std::string_view> known,
                const Place& place);

}  // namespace aiprof::gate
