#pragma once

#include <cstdint>
#include <initializer_list>
#include <vector>

namespace comity {

// A set of values of a small closed enum (numbers below 32), one bit each.
// Immutable value.
template <typename Enum>
class EnumSet {
 public:
  constexpr EnumSet() = default;
  constexpr EnumSet(std::initializer_list<Enum> values) {
    for (const Enum value : values) bits_ |= Bit(value);
  }
  static constexpr EnumSet FromBits(uint32_t bits) {
    EnumSet set;
    set.bits_ = bits;
    return set;
  }

  constexpr bool Contains(Enum value) const {
    return (bits_ & Bit(value)) != 0;
  }
  constexpr bool empty() const { return bits_ == 0; }
  constexpr uint32_t bits() const { return bits_; }
  constexpr EnumSet With(Enum value) const {
    return FromBits(bits_ | Bit(value));
  }
  constexpr EnumSet Union(EnumSet other) const {
    return FromBits(bits_ | other.bits_);
  }
  constexpr EnumSet Intersect(EnumSet other) const {
    return FromBits(bits_ & other.bits_);
  }
  constexpr EnumSet Minus(EnumSet other) const {
    return FromBits(bits_ & ~other.bits_);
  }
  constexpr bool IsSubsetOf(EnumSet other) const {
    return Minus(other).empty();
  }

  // The values in ascending order.
  std::vector<Enum> Values() const {
    std::vector<Enum> values;
    for (uint32_t i = 0; i < 32; ++i) {
      if ((bits_ >> i & 1) != 0) values.push_back(static_cast<Enum>(i));
    }
    return values;
  }

  friend constexpr bool operator==(EnumSet, EnumSet) = default;

 private:
  static constexpr uint32_t Bit(Enum value) {
    return uint32_t{1} << static_cast<uint32_t>(value);
  }
  uint32_t bits_ = 0;
};

}  // namespace comity
