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
  explicit Names(std::size_t expected = 8) {
    rehash(expected * 2);
    entries_.reserve(expected);
  }

  // The entry for `name`, or null.
  [[nodiscard]] const TensorId* find(std::string_view name) const {
    const Slot& slot = slots_[slot_of(name, hash_of(name))];
    return slot.entry == kFree ? nullptr : &entries_[slot.entry].id;
  }

  // Adds or replaces. `name` must outlive the map.
  void set(std::string_view name, TensorId id) {
    if ((entries_.size() + 1) * 2 > slots_.size()) rehash(slots_.size() * 2);
    const std::uint32_t hash = hash_of(name);
    Slot& slot = slots_[slot_of(name, hash)];
    if (slot.entry != kFree) {
      entries_[slot.entry].id = id;
      return;
    }
    slot = {hash, static_cast<std::uint32_t>(entries_.size())};
    entries_.push_back({name, id});
  }

 private:
  static constexpr std::uint32_t kFree = UINT32_MAX;

  // Small, since a look-up falls anywhere among them; entries lie in the order they came.
  struct Slot {
    std::uint32_t hash = 0;
    std::uint32_t entry = kFree;
  };
  struct Entry {
    std::string_view name;
    TensorId id;
  };

  static std::uint32_t hash_of(std::string_view name) {
    return static_cast<std::uint32_t>(std::hash<std::string_view>{}(name));
  }

  // Where `name` is, or would be put.
  [[nodiscard]] std::size_t slot_of(std::string_view name, std::uint32_t hash) const {
    std::size_t i = hash & mask_;
    while (slots_[i].entry != kFree &&
           (slots_[i].hash != hash || entries_[slots_[i].entry].name != name)) {
      i = (i + 1) & mask_;
    }
    return i;
  }

  void rehash(std::size_t at_least) {
    std::size_t capacity = 16;
    while (capacity < at_least) capacity *= 2;
    std::vector<Slot> old(capacity);
    old.swap(slots_);
    mask_ = capacity - 1;
    for (const Slot& s : old) {
      if (s.entry == kFree) continue;
      std::size_t i = s.hash & mask_;
      while (slots_[i].entry != kFree) i = (i + 1) & mask_;
      slots_[i] = s;
    }
  }

  std::vector<Slot> slots_;
  std::vector<Entry> entries_;
  std::size_t mask_ = 0;
};

}  // namespace aiprof
