// The keys of a hardware description, once: the reader checks files against these tables, --set
// resolves paths in them and the JSON Schema is written from them.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace aiprof::hw {

inline constexpr std::string_view kSchemaVersion = "1";

// The words of enumerations, in the order of the enumerators in hardware.h.
inline constexpr std::string_view kStatusWords[] = {"absent", "verified", "derived", "recalled",
                                                    "user"};
inline constexpr std::string_view kUnitWords[] = {"matrix", "vector", "scalar", "in_memory"};
inline constexpr std::string_view kDataflowWords[] = {"weight_stationary", "output_stationary"};
inline constexpr std::string_view kLevelWords[] = {
    "register", "scratchpad", "l1", "l2", "llc", "sram", "dram", "host", "storage"};
inline constexpr std::string_view kScopeWords[] = {"shared", "per_unit"};
inline constexpr std::string_view kLinkWords[] = {"peer", "host", "network"};
inline constexpr std::string_view kStateWords[] = {"datasheet", "family", "fitted"};

enum class FieldKind : std::uint8_t {
  kText,
  kTextList,
  kWord,         // one of `words`
  kInteger,      // a whole number, at least 1
  kQuantity,     // a number, or an object {value, status, source, note}
  kQuantityMap,  // names to quantities
  kWordMap,      // names to words
  kObject,
  kObjectList,
  kObjectMap,  // names to objects
};

// What a quantity may be.
enum class Range : std::uint8_t { kPositive, kNonNegative, kFraction, kAtLeastOne, kByConstant };

// Which names a map takes.
enum class Keys : std::uint8_t { kAny, kMathTypes, kConstants };

enum class Need : std::uint8_t { kOptional, kRequired };

struct ObjectSpec;

struct FieldSpec {
  std::string_view key;
  FieldKind kind = FieldKind::kText;
  std::string_view meaning;
  Range range = Range::kPositive;
  Need need = Need::kOptional;
  Keys keys = Keys::kAny;
  std::span<const std::string_view> words = {};
  const ObjectSpec* object = nullptr;
};

struct ObjectSpec {
  std::string_view name;
  std::string_view meaning;
  std::span<const FieldSpec> fields;

  // The field of that key, or null.
  [[nodiscard]] const FieldSpec* find(std::string_view key) const;
  [[nodiscard]] std::vector<std::string> keys() const;
};

// A whole description.
[[nodiscard]] const ObjectSpec& description_spec();
// The long form of a quantity.
[[nodiscard]] const ObjectSpec& quantity_spec();
// The words that a status may be in a file: all but "absent".
[[nodiscard]] std::span<const std::string_view> status_words();

struct Bounds {
  double low;
  double high;
  bool low_excluded;
};
// The values of a range. For Range::kByConstant, those of the constant `name`.
[[nodiscard]] Bounds bounds(Range range, std::string_view name = {});
// "a number greater than 0", ...
[[nodiscard]] std::string expected(Range range, std::string_view name = {});
[[nodiscard]] bool within(double value, Range range, std::string_view name = {});

// The names that the maps of that sort take; empty for Keys::kAny.
[[nodiscard]] std::vector<std::string> map_keys(Keys keys);
[[nodiscard]] bool is_map_key(Keys keys, std::string_view key);

// "a, b, c" for messages; of a long list only how many there are.
[[nodiscard]] std::string list_names(std::span<const std::string> names);

}  // namespace aiprof::hw
