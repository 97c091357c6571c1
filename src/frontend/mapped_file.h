// A file mapped read-only.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>

namespace aiprof {

struct MappedFile {
  std::span<const std::byte> bytes;
  std::shared_ptr<void> owner;  // unmaps when the last copy goes
};

// Throws Error(kInput) when the file cannot be opened, is not a regular file, or is empty.
[[nodiscard]] MappedFile map_file(const std::string& path);

}  // namespace aiprof
