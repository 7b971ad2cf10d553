#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace comity {

// Finds rows by key: places in a vector of keys that the caller keeps and hands
// to every call. Five to seven bytes a row, where a hash map of keys would take
// twenty to forty. Not thread-safe.
class PlaceIndex {
 public:
  using Keys = std::vector<uint64_t>;
  static constexpr uint32_t kNone = UINT32_MAX;

  size_t size() const { return size_; }
  size_t bytes() const { return slots_.capacity() * sizeof(uint32_t); }

  // kNone if there is no such key.
  uint32_t Find(uint64_t key, const Keys& keys) const {
    return slots_.empty() ? kNone : slots_[SlotOf(key, keys)];
  }

  // REQUIRES: keys[place] is not here yet.
  void Insert(uint32_t place, const Keys& keys) {
    // At most four of five slots are taken.
    if ((size_ + 1) * 5 > slots_.size() * 4) Grow(keys);
    slots_[SlotOf(keys[place], keys)] = place;
    ++size_;
  }

  // REQUIRES: the key is here.
  void Erase(uint64_t key, const Keys& keys) {
    size_t hole = SlotOf(key, keys);
    slots_[hole] = kNone;
    --size_;
    // What was put behind it may have wanted its slot.
    for (size_t at = Next(hole); slots_[at] != kNone; at = Next(at)) {
      const size_t home = Home(keys[slots_[at]]);
      const bool stays =
          hole < at ? hole < home && home <= at : hole < home || home <= at;
      if (stays) continue;
      slots_[hole] = slots_[at];
      slots_[at] = kNone;
      hole = at;
    }
  }

 private:
  static constexpr size_t kFewestSlots = 16;

  size_t Home(uint64_t key) const {
    const uint64_t spread = (key * 0x9e3779b97f4a7c15U) >> 32;
    return static_cast<size_t>((spread * slots_.size()) >> 32);
  }
  size_t Next(size_t slot) const {
    return slot + 1 == slots_.size() ? 0 : slot + 1;
  }
  // Where the key is, or the empty slot where it would be.
  size_t SlotOf(uint64_t key, const Keys& keys) const {
    size_t slot = Home(key);
    while (slots_[slot] != kNone && keys[slots_[slot]] != key) {
      slot = Next(slot);
    }
    return slot;
  }
  void Grow(const Keys& keys) {
    std::vector<uint32_t> before(
        std::max(kFewestSlots, (size_ + 1) * 8 / 5 + 1), kNone);
    before.swap(slots_);
    for (const uint32_t place : before) {
      if (place != kNone) slots_[SlotOf(keys[place], keys)] = place;
    }
  }

  std::vector<uint32_t> slots_;  // a place, or kNone
  size_t size_ = 0;
};

}  // namespace comity
