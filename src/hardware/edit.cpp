// --set FIELD=VALUE.
#include "hardware/edit.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

#include "aiprof/base/error.h"
#include "aiprof/base/text.h"
#include "aiprof/hardware/catalogue.h"
#include "hardware/document.h"
#include "hardware/read.h"

namespace aiprof {
namespace {

using hw::FieldKind;
using hw::FieldSpec;
using hw::Json;
using hw::ObjectSpec;
using Pointer = Json::json_pointer;

// A number of the document that an edit names.
struct Target {
  Pointer pointer;
  std::string path;  // dotted
  const FieldSpec* field = nullptr;
  std::string key;  // the last step of the path
};

// Letter case and separators do not count in paths.
std::string squash(std::string_view text) {
  std::string result = hw::slug(text);
  std::erase(result, '-');
  return result;
}

// The key without its unit.
std::string_view short_form(std::string_view key) {
  for (const std::string_view unit : {"_bytes_per_second", "_bytes", "_seconds", "_hz", "_watts"}) {
    if (key.ends_with(unit)) return key.substr(0, key.size() - unit.size());
  }
  return key;
}

bool same_key(std::string_view key, std::string_view typed) {
  return squash(key) == squash(typed) || squash(short_form(key)) == squash(typed);
}

// What people type, for "did you mean".
std::vector<std::string> short_forms(const std::vector<std::string>& keys) {
  std::vector<std::string> result(keys.size());
  std::ranges::transform(keys, result.begin(),
                         [](const std::string& key) { return std::string(short_form(key)); });
  return result;
}

// Finds what a path names. The document has been checked.
class Resolver {
 public:
  Resolver(const Json& document, std::vector<std::string> steps)
      : document_(document), steps_(std::move(steps)) {}

  std::vector<Target> run() {
    in_object(hw::description_spec(), Pointer(), "", 0);
    return std::move(found_);
  }

 private:
  static std::string joined(const std::string& path, std::string_view key) {
    return path.empty() ? std::string(key) : path + '.' + std::string(key);
  }

  [[noreturn]] static void fail(std::string_view where, const std::string& step,
                                const std::vector<std::string>& known) {
    const std::string place =
        where.empty() ? "in a hardware description" : fmt::format("in '{}'", where);
    const std::string hint = did_you_mean(step, short_forms(known));
    throw usage_error(fmt::format(
        "no '{}' {}{} {}", printable(step), place, hint.empty() ? "." : hint,
        known.empty() ? "There is nothing in it." : "There are: " + hw::list_names(known)));
  }

  [[noreturn]] static void fail_short(const std::string& path,
                                      const std::vector<std::string>& known) {
    throw usage_error(fmt::format("'{}' is not a single value; go on with one of: {}", path,
                                  hw::list_names(known)));
  }

  void in_object(const ObjectSpec& spec, const Pointer& at, const std::string& path,
                 std::size_t depth) {
    if (depth == steps_.size()) fail_short(path, spec.keys());
    const FieldSpec* field = nullptr;
    for (const FieldSpec& candidate : spec.fields) {
      if (field == nullptr && same_key(candidate.key, steps_[depth])) field = &candidate;
    }
    if (field == nullptr) fail(path, steps_[depth], spec.keys());
    in_field(*field, at / std::string(field->key), joined(path, field->key), depth + 1);
  }

  void in_field(const FieldSpec& field, const Pointer& at, const std::string& path,
                std::size_t depth) {
    switch (field.kind) {
      case FieldKind::kObject:
        return in_object(*field.object, at, path, depth);
      case FieldKind::kObjectList:
        return in_list(field, at, path, depth);
      case FieldKind::kQuantityMap:
      case FieldKind::kWordMap:
      case FieldKind::kObjectMap:
        return in_map(field, at, path, depth);
      case FieldKind::kText:
      case FieldKind::kTextList:
        throw usage_error(fmt::format("'{}' is text; only numbers and choices can be set", path));
      case FieldKind::kWord:
      case FieldKind::kInteger:
      case FieldKind::kQuantity:
        break;
    }
    if (depth != steps_.size()) {
      throw usage_error(fmt::format("'{}' is a single value; nothing can follow it", path));
    }
    found_.push_back({at, path, &field, std::string(field.key)});
  }

  void in_list(const FieldSpec& field, const Pointer& at, const std::string& path,
               std::size_t depth) {
    const Json list = document_.contains(at) ? document_.at(at) : Json::array();
    const std::vector<std::string> names = hw::selectors(list);
    if (depth == steps_.size()) fail_short(path, names);
    bool any = false;
    for (std::size_t i = 0; i < list.size(); ++i) {
      const std::string typed = squash(steps_[depth]);
      const bool chosen = typed == squash(hw::element_word(list[i])) ||
                          typed == squash(list[i].value("name", "")) ||
                          steps_[depth] == std::to_string(i);
      if (!chosen) continue;
      any = true;
      in_object(*field.object, at / i, joined(path, names[i]), depth + 1);
    }
    if (!any) fail(path, steps_[depth], names);
  }

  void in_map(const FieldSpec& field, const Pointer& at, const std::string& path,
              std::size_t depth) {
    std::vector<std::string> known = hw::map_keys(field.keys);
    if (field.keys == hw::Keys::kAny && document_.contains(at)) {
      for (const auto& [key, unused] : document_.at(at).items()) known.push_back(key);
    }
    if (depth == steps_.size()) fail_short(path, known);
    std::string key = steps_[depth];
    if (field.keys == hw::Keys::kMathTypes) {
      if (const auto type = parse_math_type(key)) key = std::string(name(*type));
    }
    if (std::ranges::find(known, key) == known.end()) fail(path, steps_[depth], known);
    if (field.kind == FieldKind::kObjectMap) {
      return in_object(*field.object, at / key, joined(path, key), depth + 1);
    }
    if (depth + 1 != steps_.size()) {
      throw usage_error(
          fmt::format("'{}' is a single value; nothing can follow it", joined(path, key)));
    }
    found_.push_back({at / key, joined(path, key), &field, key});
  }

  const Json& document_;
  std::vector<std::string> steps_;
  std::vector<Target> found_;
};

// "2x" or "4e12".
struct Amount {
  double number = 0;
  bool factor = false;
};

std::optional<Amount> parse_amount(std::string_view text) {
  Amount amount;
  if (text.ends_with('x')) {
    amount.factor = true;
    text.remove_suffix(1);
  }
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), amount.number);
  const bool whole = error == std::errc() && end == text.data() + text.size() && !text.empty();
  return whole && std::isfinite(amount.number) ? std::optional(amount) : std::nullopt;
}

// The number that stands at a place, in its short or its long form.
std::optional<double> number_at(const Json& document, const Pointer& at) {
  if (!document.contains(at)) return std::nullopt;
  const Json& value = document.at(at);
  if (value.is_number()) return value.get<double>();
  if (value.is_object() && value.contains("value")) return value.at("value").get<double>();
  return std::nullopt;
}

class Editor {
 public:
  Editor(Json& document, std::string value) : document_(document), value_(std::move(value)) {}

  void set(const Target& target) {
    if (target.field->kind == FieldKind::kWord || target.field->kind == FieldKind::kWordMap) {
      return set_word(target);
    }
    const std::optional<Amount> amount = parse_amount(value_);
    if (!amount) {
      throw usage_error(
          fmt::format("'{}' is not a value for '{}'; expected a number in base units "
                      "such as 4e12, or a factor such as 2x",
                      printable(value_), target.path));
    }
    const std::optional<double> old = number_at(document_, target.pointer);
    if (amount->factor && !old) {
      throw usage_error(
          fmt::format("'{}' has no value that a factor could change; give a number", target.path));
    }
    const double updated = amount->factor ? *old * amount->number : amount->number;
    check_range(target, updated);
    write(target.pointer, target.path, updated);
    if (old) {
      scale_dependents(target, updated / *old);
    } else if (target.key == "achievable_fraction" && target.path.starts_with("memory.")) {
      replace_measured(target, updated);
    }
  }

  [[nodiscard]] std::vector<std::string> changes() && { return std::move(changes_); }

 private:
  void set_word(const Target& target) {
    std::vector<std::string> known = hw::map_keys(target.field->keys);
    known.insert(known.end(), target.field->words.begin(), target.field->words.end());
    if (std::ranges::find(known, value_) == known.end()) {
      throw usage_error(fmt::format("'{}' is not a value for '{}'{}; expected one of {}",
                                    printable(value_), target.path, did_you_mean(value_, known),
                                    hw::list_names(known)));
    }
    const std::string old = document_.contains(target.pointer)
                                ? document_.at(target.pointer).get<std::string>()
                                : "absent";
    document_[target.pointer] = value_;
    changes_.push_back(fmt::format("{}: {} -> {}", target.path, old, value_));
  }

  static void check_range(const Target& target, double value) {
    const bool integer = target.field->kind == FieldKind::kInteger;
    const hw::Range range = integer ? hw::Range::kAtLeastOne : target.field->range;
    if (hw::within(value, range, target.key) && (!integer || std::floor(value) == value)) return;
    throw usage_error(
        fmt::format("{} is out of range for '{}'; expected {}", value, target.path,
                    integer ? "a whole number, 1 or more" : hw::expected(range, target.key)));
  }

  void write(const Pointer& at, const std::string& path, double value) {
    const std::optional<double> old = number_at(document_, at);
    changes_.push_back(old ? fmt::format("{}: {:g} -> {:g}", path, *old, value)
                           : fmt::format("{}: absent -> {:g}", path, value));
    if (old && document_.at(at).is_object()) {
      document_[at] = Json{{"value", value}, {"status", "user"}};
    } else {
      document_[at] = value;
    }
  }

  void scale(const Pointer& at, const std::string& path, double factor) {
    if (const auto old = number_at(document_, at)) write(at, path, *old * factor);
  }
  void scale_all(const Pointer& at, const std::string& path, double factor) {
    if (!document_.contains(at)) return;
    std::vector<std::string> keys;
    for (const auto& [key, unused] : document_.at(at).items()) keys.push_back(key);
    for (const std::string& key : keys) scale(at / key, fmt::format("{}.{}", path, key), factor);
  }

  // What follows from the edited number by definition follows it, so that no two numbers of the
  // description contradict each other: peak = count x clock x ops_per_clock, and so on.
  void scale_dependents(const Target& target, double factor) {
    const Pointer parent = target.pointer.parent_pointer();
    const std::string path = target.path.substr(0, target.path.rfind('.'));
    if (target.path.starts_with("engines.")) return scale_engine(target, parent, path, factor);
    if (!target.path.starts_with("memory.")) return;
    if (target.key == "bandwidth_bytes_per_second" || target.key == "achievable_fraction") {
      scale(parent / "measured_bandwidth_bytes_per_second",
            path + ".measured_bandwidth_bytes_per_second", factor);
    }
  }

  // A fraction given where there was only a measured bandwidth has to count.
  void replace_measured(const Target& target, double fraction) {
    const Pointer level = target.pointer.parent_pointer();
    const Pointer measured = level / "measured_bandwidth_bytes_per_second";
    if (!document_.contains(measured)) return;
    const auto peak = number_at(document_, level / "bandwidth_bytes_per_second");
    write(measured,
          target.path.substr(0, target.path.rfind('.')) + ".measured_bandwidth_bytes_per_second",
          peak.value_or(number_at(document_, measured).value_or(0)) * fraction);
  }

  void scale_engine(const Target& target, const Pointer& parent, const std::string& path,
                    double factor) {
    const bool inside = target.key == "rows" || target.key == "cols" ||
                        target.field->kind == FieldKind::kQuantityMap;
    const Pointer engine = inside ? parent.parent_pointer() : parent;
    const std::string name = inside ? path.substr(0, path.rfind('.')) : path;
    if (target.key == "count" || target.key == "clock_hz") {
      scale_all(engine / "peaks", name + ".peaks", factor);
      scale(engine / "special_function_rate", name + ".special_function_rate", factor);
    } else if (target.key == "rows" || target.key == "cols" || target.key == "simd_lanes") {
      scale_all(engine / "ops_per_clock", name + ".ops_per_clock", factor);
      scale_all(engine / "peaks", name + ".peaks", factor);
    } else if (target.field->key == "peaks") {
      scale(engine / "ops_per_clock" / target.key, name + ".ops_per_clock." + target.key, factor);
    } else if (target.field->key == "ops_per_clock") {
      scale(engine / "peaks" / target.key, name + ".peaks." + target.key, factor);
    }
  }

  Json& document_;
  std::string value_;
  std::vector<std::string> changes_;
};

// Of several elements that a selector fits, those that have the number; if none has, the first.
std::vector<Target> choose(std::vector<Target> found, const Json& document) {
  const auto absent = [&](const Target& t) { return !document.contains(t.pointer); };
  if (std::ranges::all_of(found, absent)) {
    found.resize(std::min<std::size_t>(found.size(), 1));
  } else {
    std::erase_if(found, absent);
  }
  return found;
}

// Levels of cache often have a measured bandwidth and none of a data sheet: "bandwidth" means it.
void prefer_measured(std::vector<Target>& targets, const Json& document) {
  for (Target& target : targets) {
    if (target.key != "bandwidth_bytes_per_second" || document.contains(target.pointer)) continue;
    const Pointer measured = target.pointer.parent_pointer() / ("measured_" + target.key);
    if (!document.contains(measured)) continue;
    const auto dot = target.path.rfind('.');
    target.path.insert(dot + 1, "measured_");
    target.key.insert(0, "measured_");
    target.pointer = measured;
  }
}

}  // namespace

namespace hw {

std::vector<std::string> edit_document(Json& document, std::string_view file,
                                       std::string_view edit) {
  try {
    const auto equals = edit.find('=');
    if (equals == std::string_view::npos || equals == 0 || equals + 1 == edit.size()) {
      throw usage_error("expected FIELD=VALUE, such as memory.dram.bandwidth=2x");
    }
    Resolver resolver(document, split(edit.substr(0, equals), '.'));
    std::vector<Target> targets = resolver.run();
    prefer_measured(targets, document);
    Editor editor(document, std::string(edit.substr(equals + 1)));
    for (const Target& target : choose(std::move(targets), document)) editor.set(target);
    check_document(document, file);
    return std::move(editor).changes();
  } catch (const Error& error) {
    throw usage_error(fmt::format("--set {}: {}", printable(edit), error.what()));
  }
}

}  // namespace hw

Edited apply_set(std::string_view text, std::string_view file, std::string_view edit) {
  Json document = hw::parse_document(text, file);
  hw::check_document(document, file);
  std::vector<std::string> changes = hw::edit_document(document, file, edit);
  return {document.dump(2) + '\n', std::move(changes)};
}

}  // namespace aiprof
