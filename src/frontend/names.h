// Tensor names of one scope: a flat hash map, because every node looks up all its operands.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "aiprof/graph/graph.h"

namespace aiprof {

class Names {
 public:
  explicit Names(std::size_t expected = 8) { rehash(expected * 2); }

  // The entry for `name`, or null.
  [[nodiscard]] const TensorId* find(std::string_view name) const {
    const std::size_t hash = std::hash<std::string_view>{}(name);
    for (std::size_t i = hash & mask_;; i = (i + 1) & mask_) {
      if (!slots_[i].used) return nullptr;
      if (slots_[i].hash == hash && slots_[i].name == name) return &slots_[i].id;
    }
  }

  // Adds or replaces. `name` must outlive the map.
  void set(std::string_view name, TensorId id) {
    if ((size_ + 1) * 2 > slots_.size()) rehash(slots_.size() * 2);
    insert({name, std::hash<std::string_view>{}(name), id, true});
  }

 private:
  struct Slot {
    std::string_view name;
    std::size_t hash = 0;
    TensorId id{};
    bool used = false;
  };

  void insert(const Slot& slot) {
    std::size_t i = slot.hash & mask_;
    while (slots_[i].used && (slots_[i].hash != slot.hash || slots_[i].name != slot.name)) {
      i = (i + 1) & mask_;
    }
    if (!slots_[i].used) ++size_;
    slots_[i] = slot;
  }

  void rehash(std::size_t at_least) {
    std::size_t capacity = 16;
    while (capacity < at_least) capacity *= 2;
    std::vector<Slot> old(capacity);
    old.swap(slots_);
    mask_ = capacity - 1;
    size_ = 0;
    for (const Slot& s : old) {
      if (s.used) insert(s);
    }
  }

  std::vector<Slot> slots_;
  std::size_t mask_ = 0;
  std::size_t size_ = 0;
};

}  // namespace aiprof
