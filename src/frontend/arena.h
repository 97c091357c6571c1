// Memory that lives exactly as long as the Graph read from it.
#pragma once

#include <cstring>
#include <memory>
#include <memory_resource>
#include <span>
#include <string_view>
#include <type_traits>

#include "frontend/mapped_file.h"

namespace aiprof {

struct ModelStorage {
  std::shared_ptr<void> file;
  std::unique_ptr<FileWindow> window;  // while a file is read; null for other memory
  std::pmr::monotonic_buffer_resource memory{1U << 16};

  // A copy of `items` that lives in the arena.
  template <typename T>
  std::span<T> keep(std::span<const T> items) {
    static_assert(std::is_trivially_copyable_v<T>);
    if (items.empty()) return {};
    auto* to = static_cast<T*>(memory.allocate(items.size_bytes(), alignof(T)));
    std::memcpy(static_cast<void*>(to), items.data(), items.size_bytes());
    return {to, items.size()};
  }
  std::string_view keep(std::string_view s) {
    const auto copy = keep(std::span<const char>(s.data(), s.size()));
    return {copy.data(), copy.size()};
  }
};

}  // namespace aiprof
