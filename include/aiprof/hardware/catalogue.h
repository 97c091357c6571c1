// Finding, reading, editing and checking hardware descriptions.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "aiprof/hardware/hardware.h"

namespace aiprof {

// Reads a description. `file` is for messages. Throws Error kInput naming file and key: "a.json:
// /memory/0/bandwidth_bytes_per_second: is 0; expected a number greater than 0 ...".
[[nodiscard]] Hardware parse_hardware(std::string_view text, std::string_view file);

// Resolves what --hw takes and reads it: an existing file, else the id or an alias of a built-in
// description, letter case, '_' for '-' and a ".json" at the end ignored. `edits` are --set
// FIELD=VALUE, applied in order. Throws Error kUsage for an unknown name, kInput for a bad file.
[[nodiscard]] Hardware load_hardware(std::string_view name_or_file,
                                     std::span<const std::string> edits = {});

// The text that load_hardware would parse, unedited: for commands that print or rewrite a file.
struct HardwareText {
  std::string file;  // the path, or "ID (built in)"
  std::string text;
};
[[nodiscard]] HardwareText hardware_text(std::string_view name_or_file);

// The text with one edit FIELD=VALUE applied. FIELD is a dotted path: keys, with elements of
// engines, memory and links selected by name, by unit, level or end, or by position
// ("memory.dram.bandwidth", "engines.matrix.peaks.fp16", "memory.2.latency"). The unit at the end
// of a key may be left out. VALUE is a number in base units, a factor ("2x", "0.5x"), or a word
// where the field takes one. A selector that fits several elements edits each that has the field.
// Throws Error kUsage for an unknown path ("did you mean"), a bad value, or a factor on an absent
// number.
struct Edited {
  std::string text;
  std::vector<std::string> changes;  // "path: old -> new"
};
[[nodiscard]] Edited apply_set(std::string_view text, std::string_view file, std::string_view edit);

struct CatalogueEntry {
  std::string id;
  std::string name;
  std::string vendor;
  std::vector<std::string> aliases;
};
// The built-in descriptions, by id.
[[nodiscard]] std::vector<CatalogueEntry> catalogue();

struct Finding {
  enum class Severity : std::uint8_t {
    kError,    // the numbers contradict each other or physics
    kWarning,  // suspicious
    kNote,     // could not be checked
  };
  Severity severity = Severity::kError;
  std::string path;  // dotted
  std::string text;
};
// Checks that need more than one number: docs/hardware-schema.md lists them.
[[nodiscard]] std::vector<Finding> lint(const Hardware& hardware);

// The JSON Schema (2020-12) of description files, made from the tables that the reader uses.
[[nodiscard]] std::string hardware_json_schema();

}  // namespace aiprof
