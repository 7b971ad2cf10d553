#include "node/disclosure/discrete_laplace.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "node/crypto/hash.h"

namespace comity {
namespace {

constexpr size_t kBitsOfByte = 8;

std::string BigEndian(uint64_t value) {
  std::string bytes(sizeof value, '\0');
  for (size_t i = bytes.size(); i-- > 0; value >>= kBitsOfByte) {
    bytes[i] = static_cast<char>(value & 0xff);
  }
  return bytes;
}

// For a numerator of at most the denominator: the number of successes in a row
// of ever rarer draws is even with this probability.
bool DrawExpOfFraction(SeededBits& bits, uint64_t numerator,
                       uint64_t denominator) {
  uint64_t j = 1;
  while (bits.Below(denominator * j) < numerator) ++j;
  return j % 2 == 1;
}

// exp(-1 / scale), the ratio of neighbouring probabilities.
double RatioOf(const LaplaceScale& scale) {
  return std::exp(-static_cast<double>(scale.u) / static_cast<double>(scale.t));
}

}  // namespace

bool SeededBits::Next() {
  if (used_ == block_.size() * kBitsOfByte) {
    block_ = HmacSha256(seed_.Expose(), BigEndian(counter_++));
    used_ = 0;
  }
  const auto byte = static_cast<unsigned char>(block_[used_ / kBitsOfByte]);
  const size_t shift = kBitsOfByte - 1 - used_ % kBitsOfByte;
  ++used_;
  return (byte >> shift & 1) != 0;
}

uint64_t SeededBits::Below(uint64_t bound) {
  const auto width = static_cast<int>(std::bit_width(bound - 1));
  for (;;) {
    uint64_t value = 0;
    for (int i = 0; i < width; ++i) value = value << 1 | (Next() ? 1 : 0);
    if (value < bound) return value;
  }
}

bool DrawExp(SeededBits& bits, absl::uint128 numerator, uint64_t denominator) {
  for (; numerator > denominator; numerator -= denominator) {
    if (!DrawExpOfFraction(bits, 1, 1)) return false;
  }
  return DrawExpOfFraction(bits, absl::Uint128Low64(numerator), denominator);
}

double LaplaceScale::Variance() const {
  const double q = RatioOf(*this);
  return 2 * q / ((1 - q) * (1 - q));
}

uint32_t LaplaceScale::Within95() const {
  constexpr double kOutside = 0.05;
  // |x| > m has probability 2 q^(m+1) / (1 + q).
  const double q = RatioOf(*this);
  const double least = std::log(kOutside * (1 + q) / 2) / std::log(q);
  return static_cast<uint32_t>(std::max(0.0, std::ceil(least) - 1));
}

int64_t DrawLaplace(SeededBits& bits, LaplaceScale scale) {
  for (;;) {
    const uint64_t low = bits.Below(scale.t);
    if (!DrawExp(bits, low, scale.t)) continue;
    uint64_t high = 0;
    while (DrawExp(bits, 1, 1)) ++high;
    const auto size = static_cast<int64_t>((low + scale.t * high) / scale.u);
    const bool negative = bits.Next();
    if (negative && size == 0) continue;  // zero has one sign
    return negative ? -size : size;
  }
}

}  // namespace comity
