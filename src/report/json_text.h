// JSON written straight into a text. A tree of nlohmann::json for every row would take most of the
// time of a report; what a text may hold, and how a number looks, is still nlohmann::json's to say.
#pragma once

#include <array>
#include <charconv>
#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace aiprof::json_text {

// Appends a value. Bytes that are not UTF-8 are replaced: names come from models. Numbers are
// finite.
void append(std::string& out, std::string_view text);
inline void append(std::string& out, const std::string& text) {
  append(out, std::string_view(text));
}
inline void append(std::string& out, std::same_as<bool> auto value) {
  out += value ? "true" : "false";
}
void append(std::string& out, double number);
template <std::integral T>
requires(!std::same_as<T, bool>) void append(std::string& out, T number) {
  std::array<char, 24> digits = {};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(digits.data(), end);
}

// An array; `write(out, item)` appends each item.
template <typename Items, typename Write>
void append_list(std::string& out, const Items& items, const Write& write) {
  out += '[';
  bool first = true;
  for (const auto& item : items) {
    if (!first) out += ',';
    first = false;
    write(out, item);
  }
  out += ']';
}
template <typename T>
void append(std::string& out, const std::vector<T>& items) {
  append_list(out, items, [](std::string& to, const T& item) { append(to, item); });
}

// An object on one line. Keys are plain ASCII, or else given to add_named().
class Object {
 public:
  explicit Object(std::string& out) : out_(out) { out_ += '{'; }
  Object(const Object&) = delete;
  Object& operator=(const Object&) = delete;
  ~Object() { out_ += '}'; }

  template <typename T>
  void add(std::string_view key, const T& value) {
    append(begin(key), value);
  }
  // A name out of a model as the key.
  template <typename T>
  void add_named(std::string_view name, const T& value) {
    comma();
    append(out_, name);
    out_ += ':';
    append(out_, value);
  }
  // Where the value of `key` is to be appended.
  std::string& begin(std::string_view key) {
    comma();
    out_ += '"';
    out_ += key;
    out_ += "\":";
    return out_;
  }

 private:
  void comma() {
    if (!first_) out_ += ',';
    first_ = false;
  }

  std::string& out_;
  bool first_ = true;
};

}  // namespace aiprof::json_text
