#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace comity {

// Room for `more` values that come one by one: a sixteenth at a time, where a
// vector by itself takes as much again as it has.
template <typename Value>
void MakeRoom(size_t more, std::vector<Value>& values) {
  constexpr size_t kLeast = 64;
  if (values.size() + more <= values.capacity()) return;
  values.reserve(values.capacity() + values.capacity() / 16 + kLeast);
}

// Numbers in one, two or four bytes each, as the largest needs. Not
// thread-safe.
class PackedNumbers {
 public:
  size_t width() const { return width_; }
  size_t bytes() const { return bytes_.capacity(); }

  uint32_t operator[](size_t at) const {
    uint32_t value = 0;
    for (size_t i = 0; i < width_; ++i) {
      value |= uint32_t{bytes_[at * width_ + i]} << (8 * i);
    }
    return value;
  }

  void Add(uint32_t value) {
    Widen(value);
    MakeRoom(width_, bytes_);
    bytes_.resize(bytes_.size() + width_);
    Write(bytes_.size() / width_ - 1, value);
  }
  void Set(size_t at, uint32_t value) {
    Widen(value);
    Write(at, value);
  }

 private:
  void Widen(uint32_t value) {
    const size_t needed = value > 0xffff ? 4 : value > 0xff ? 2 : 1;
    if (needed <= width_) return;
    PackedNumbers wider;
    wider.width_ = needed;
    const size_t count = bytes_.size() / width_;
    wider.bytes_.resize(count * needed);
    for (size_t at = 0; at < count; ++at) wider.Write(at, (*this)[at]);
    *this = std::move(wider);
  }
  void Write(size_t at, uint32_t value) {
    for (size_t i = 0; i < width_; ++i) {
      bytes_[at * width_ + i] = static_cast<uint8_t>(value >> (8 * i));
    }
  }

  size_t width_ = 1;
  std::vector<uint8_t> bytes_;
};

}  // namespace comity
