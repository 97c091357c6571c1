#include "gate/strict_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "aiprof/base/error.h"
#include "aiprof/base/text.h"

namespace aiprof::gate {

InputJson parse_json(std::string_view text, const std::string& file) {
  std::vector<std::set<std::string>> open;  // keys of the objects around the parser's position
  std::string twice;
  const auto watch = [&](int, InputJson::parse_event_t event, InputJson& parsed) {
    if (event == InputJson::parse_event_t::object_start) open.emplace_back();
    if (event == InputJson::parse_event_t::object_end) open.pop_back();
    if (event == InputJson::parse_event_t::key) {
      auto key = parsed.get<std::string>();
      if (!open.back().insert(key).second && twice.empty()) twice = key;
    }
    return true;
  };
  try {
    InputJson value = InputJson::parse(text, watch);
    if (twice.empty()) return value;
  } catch (const InputJson::exception& e) {
    throw input_error(fmt::format("{}: is not JSON: {}", printable(file), printable(e.what())));
  }
  throw input_error(
      fmt::format("{}: an object has the key '{}' twice", printable(file), printable(twice)));
}

Place Place::at(std::string_view key) const {
  Place p = *this;
  p.pointer_ += "/" + std::string(key);
  return p;
}

Place Place::at(std::size_t index) const { return at(std::to_string(index)); }

std::string Place::text() const {
  return printable(file_) + ": " + (pointer_.empty() ? std::string("/") : printable(pointer_));
}

void Place::fail(const std::string& message) const { throw input_error(text() + ": " + message); }

const InputJson& object_at(const InputJson& value, const Place& place) {
  if (!value.is_object())
    place.fail(fmt::format("is of type {}; expected an object", value.type_name()));
  return value;
}

const InputJson& array_at(const InputJson& value, const Place& place) {
  if (!value.is_array())
    place.fail(fmt::format("is of type {}; expected a list", value.type_name()));
  return value;
}

std::string string_at(const InputJson& value, const Place& place) {
  if (!value.is_string())
    place.fail(fmt::format("is of type {}; expected a text", value.type_name()));
  auto text = value.get<std::string>();
  if (text.empty()) place.fail("is empty");
  return text;
}

std::int64_t whole_at(const InputJson& value, const Place& place) {
  const bool fits = value.is_number_integer() &&
                    !(value.is_number_unsigned() && value.get<std::uint64_t>() > INT64_MAX);
  if (!fits || value.get<std::int64_t>() < 0) {
    place.fail(
        fmt::format("is {}; expected a whole number of at least 0",
                    printable(value.dump(-1, ' ', false, InputJson::error_handler_t::replace))));
  }
  return value.get<std::int64_t>();
}

std::vector<std::string> strings_at(const InputJson& value, const Place& place) {
  if (value.is_string()) return {string_at(value, place)};
  std::vector<std::string> list;
  for (std::size_t i = 0; i < array_at(value, place).size(); ++i) {
    list.push_back(string_at(value[i], place.at(i)));
  }
  return list;
}

void check_keys(const InputJson& object, std::span<const std::string_view> known,
                const Place& place) {
  const std::vector<std::string> names(known.begin(), known.end());
  for (const auto& [key, value] : object.items()) {
    if (std::find(known.begin(), known.end(), key) != known.end()) continue;
    place.fail(fmt::format("unknown key '{}'{} (one of: {})", printable(key),
                           did_you_mean(key, names), join(names, ", ")));
  }
}

}  // namespace aiprof::gate
