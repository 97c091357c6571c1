#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "aiprof/base/error.h"
#include "aiprof/base/text.h"
#include "aiprof/hardware/math_type.h"
#include "hardware/document.h"

namespace aiprof::hw {
namespace {

constexpr double kMostInteger = 1e9;  // far beyond any tile, array or year

std::string quoted_list(std::span<const std::string_view> words) {
  std::vector<std::string> quoted;
  for (const std::string_view w : words) quoted.push_back(fmt::format("\"{}\"", w));
  return join(quoted, ", ");
}

// Where a value stands: built on the way down, written out only for a message.
struct Path {
  const Path* parent = nullptr;
  std::string_view key;
  std::size_t index = 0;  // where key is empty

  [[nodiscard]] std::string text() const {
    if (parent == nullptr) return "/";
    const std::string before = parent->parent == nullptr ? "" : parent->text();
    return before + '/' + (key.empty() ? std::to_string(index) : printable(key));
  }
};

class Checker {
 public:
  Checker(const Json& document, std::string_view file) : document_(document), file_(file) {}

  void run() const {
    if (!document_.is_object()) {
      fail({}, fmt::format("found {}; expected an object", describe(document_)));
    }
    check_object(document_, description_spec(), {});
    check_main_memory();
  }

 private:
  [[noreturn]] void fail(const Path& path, const std::string& problem) const {
    throw input_error(fmt::format("{}: {}: {}", file_, path.text(), problem));
  }
  [[noreturn]] void fail_type(const Path& path, const Json& found, std::string_view wanted) const {
    fail(path, fmt::format("found {}; expected {}", describe(found), wanted));
  }

  void check_object(const Json& object, const ObjectSpec& spec, const Path& path) const {
    for (const auto& [key, value] : object.items()) {
      const Path at{&path, key};
      const FieldSpec* field = spec.find(key);
      if (field == nullptr) fail_unknown(at, key, spec.keys());
      check_field(value, *field, at);
    }
    for (const FieldSpec& field : spec.fields) {
      if (field.need == Need::kRequired && !object.contains(field.key)) {
        fail(path, fmt::format("the key '{}' is missing: {}", field.key, field.meaning));
      }
    }
  }

  [[noreturn]] void fail_unknown(const Path& at, std::string_view key,
                                 const std::vector<std::string>& known) const {
    fail_unknown_name(at, "unknown key", did_you_mean(key, known), known);
  }

  [[noreturn]] void fail_unknown_name(const Path& at, std::string_view problem,
                                      const std::string& hint,
                                      const std::vector<std::string>& known) const {
    fail(at, fmt::format("{}{} Expected one of: {}", problem, hint.empty() ? "." : hint,
                         list_names(known)));
  }

  void check_field(const Json& value, const FieldSpec& field, const Path& at) const {
    switch (field.kind) {
      case FieldKind::kText:
        return check_text(value, field, at);
      case FieldKind::kWord:
        return check_word(value, field.words, at);
      case FieldKind::kInteger:
        return check_integer(value, at);
      case FieldKind::kQuantity:
        return check_quantity(value, field.range, at, {});
      case FieldKind::kObject:
        if (!value.is_object()) fail_type(at, value, "an object");
        return check_object(value, *field.object, at);
      case FieldKind::kTextList:
      case FieldKind::kObjectList:
        return check_list(value, field, at);
      case FieldKind::kQuantityMap:
      case FieldKind::kWordMap:
      case FieldKind::kObjectMap:
        return check_map(value, field, at);
    }
  }

  void check_text(const Json& value, const FieldSpec& field, const Path& at) const {
    if (!value.is_string()) fail_type(at, value, "a text");
    if (value.get_ref<const std::string&>().empty()) {
      fail(at, "found an empty text; leave the key out instead");
    }
    if (field.key == "source") check_source(value.get_ref<const std::string&>(), at);
  }

  void check_source(const std::string& key, const Path& at) const {
    const auto table = document_.find("sources");
    const bool given = table != document_.end() && table->is_object();
    if (given && table->contains(key)) return;
    std::vector<std::string> known;
    if (given) {
      for (const auto& [name, unused] : table->items()) known.push_back(name);
    }
    fail(at, fmt::format("no entry '{}' in the table /sources{}", printable(key),
                         did_you_mean(key, known)));
  }

  void check_word(const Json& value, std::span<const std::string_view> words,
                  const Path& at) const {
    const auto* text = value.get_ptr<const std::string*>();
    if (text != nullptr && std::ranges::find(words, *text) != words.end()) return;
    const std::vector<std::string> known(words.begin(), words.end());
    fail(at, fmt::format("found {}; expected {}{}{}", describe(value),
                         words.size() == 1 ? "" : "one of ", quoted_list(words),
                         text == nullptr || known.size() == 1 ? "" : did_you_mean(*text, known)));
  }

  void check_integer(const Json& value, const Path& at) const {
    const bool fits = value.is_number() && value.get<double>() >= 1 &&
                      value.get<double>() <= kMostInteger &&
                      std::floor(value.get<double>()) == value.get<double>();
    if (!fits) fail_type(at, value, "a whole number, 1 or more");
  }

  void check_number(const Json& value, Range range, const Path& at, std::string_view name) const {
    if (within(value.get<double>(), range, name)) return;
    const bool absent = value.get<double>() == 0 && range == Range::kPositive;
    fail_type(at, value,
              expected(range, name) +
                  (absent ? " (leave the key out if the device does not have it)" : ""));
  }

  void check_quantity(const Json& value, Range range, const Path& at, std::string_view name) const {
    if (value.is_number()) return check_number(value, range, at, name);
    if (!value.is_object()) {
      fail_type(at, value, expected(range, name) + ", or an object with value, status and source");
    }
    for (const auto& [key, item] : value.items()) {
      const Path inner{&at, key};
      const FieldSpec* field = quantity_spec().find(key);
      if (field == nullptr) fail_unknown(inner, key, quantity_spec().keys());
      if (key != "value") {
        check_field(item, *field, inner);
      } else if (item.is_number()) {
        check_number(item, range, inner, name);
      } else {
        fail_type(inner, item, expected(range, name));
      }
    }
    for (const std::string_view key : {"value", "status"}) {
      if (!value.contains(key)) fail(at, fmt::format("the key '{}' is missing", key));
    }
  }

  void check_list(const Json& value, const FieldSpec& field, const Path& at) const {
    if (!value.is_array()) fail_type(at, value, "a list");
    if (field.need == Need::kRequired && value.empty()) {
      fail(at, fmt::format("found an empty list; expected at least one: {}", field.meaning));
    }
    for (std::size_t i = 0; i < value.size(); ++i) {
      const Path inner{&at, {}, i};
      if (field.kind == FieldKind::kTextList) {
        if (!value[i].is_string()) fail_type(inner, value[i], "a text");
      } else {
        if (!value[i].is_object()) fail_type(inner, value[i], "an object");
        check_object(value[i], *field.object, inner);
      }
    }
  }

  void check_map(const Json& value, const FieldSpec& field, const Path& at) const {
    if (!value.is_object()) fail_type(at, value, "an object");
    if (field.need == Need::kRequired && value.empty()) {
      fail(at, fmt::format("found no entry; expected at least one: {}", field.meaning));
    }
    for (const auto& [key, item] : value.items()) {
      const Path inner{&at, key};
      if (!is_map_key(field.keys, key)) fail_map_key(inner, key, field.keys);
      if (field.kind == FieldKind::kQuantityMap) {
        check_quantity(item, field.range, inner, key);
      } else if (field.kind == FieldKind::kObjectMap) {
        if (!item.is_object()) fail_type(inner, item, "an object");
        check_object(item, *field.object, inner);
      } else {
        const auto* text = item.get_ptr<const std::string*>();
        if (text != nullptr && is_map_key(field.keys, *text)) continue;
        fail_type(inner, item, "one of " + list_names(map_keys(field.keys)));
      }
    }
  }

  [[noreturn]] void fail_map_key(const Path& at, std::string_view key, Keys keys) const {
    const std::vector<std::string> known = map_keys(keys);
    std::string hint = did_you_mean(key, known);
    if (keys == Keys::kMathTypes) {
      if (const auto type = parse_math_type(key)) {
        hint = fmt::format("; did you mean '{}'?", name(*type));
      }
      fail_unknown_name(at, "unknown operand type", hint, known);
    }
    fail_unknown_name(at, "unknown constant", hint, known);
  }

  // Main memory is what every estimate divides by.
  void check_main_memory() const {
    bool found = false;
    const Path root;
    const Path list{&root, "memory"};
    const Json& levels = document_.at("memory");
    for (std::size_t i = 0; i < levels.size(); ++i) {
      const auto& level = levels[i].at("level").get_ref<const std::string&>();
      if (level != "dram" && level != "sram") continue;
      found = true;
      for (const std::string_view key : {"capacity_bytes", "bandwidth_bytes_per_second"}) {
        if (levels[i].contains(key)) continue;
        fail({&list, {}, i},
             fmt::format("the key '{}' is missing; main memory ('dram' or 'sram') needs it", key));
      }
    }
    if (!found) fail(list, "no level is 'dram' or 'sram'; expected the main memory");
  }

  const Json& document_;
  std::string_view file_;
};

}  // namespace

void check_document(const Json& document, std::string_view file) { Checker(document, file).run(); }

}  // namespace aiprof::hw
