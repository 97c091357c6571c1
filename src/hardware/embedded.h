// The description files of models/hardware/, put into the program by cmake/Embed.cmake.
#pragma once

#include <span>
#include <string_view>

namespace aiprof::hw {

struct EmbeddedFile {
  std::string_view name;          // without ".json"
  std::string_view aliases = {};  // a space before and after each
  std::string_view text;
};
// By name.
[[nodiscard]] std::span<const EmbeddedFile> embedded_files();

}  // namespace aiprof::hw
