#include "node/wire/utf8.h"

#include <cstdint>

namespace comity {
namespace {

// The bytes that a code point with this first byte has; 0: none starts so.
size_t LengthFrom(unsigned char first) {
  if (first < 0x80) return 1;
  if (first < 0xc2) return 0;
  if (first < 0xe0) return 2;
  if (first < 0xf0) return 3;
  return first < 0xf5 ? 4 : 0;
}

// Whether `point` may be spelled in `length` bytes.
bool IsSpelledIn(size_t length, uint32_t point) {
  const bool overlong =
      (length == 3 && point < 0x800) || (length == 4 && point < 0x10000);
  const bool surrogate = point >= 0xd800 && point <= 0xdfff;
  return !overlong && !surrogate && point <= 0x10ffff;
}

// Takes one code point; 0 for broken bytes (and for NUL, which is refused too).
uint32_t TakeCodePoint(absl::string_view text, size_t& at) {
  const auto first = static_cast<unsigned char>(text[at]);
  const size_t length = LengthFrom(first);
  if (length == 0 || at + length > text.size()) return 0;
  uint32_t point = length == 1 ? first : first & (0x7fU >> length);
  for (size_t i = 1; i < length; ++i) {
    const auto next = static_cast<unsigned char>(text[at + i]);
    if ((next & 0xc0) != 0x80) return 0;
    point = (point << 6) | (next & 0x3f);
  }
  at += length;
  return IsSpelledIn(length, point) ? point : 0;
}

bool IsPlain(uint32_t point) {
  if (point == '\t' || point == '\n' || point == '\r') return true;
  if (point < 0x20 || (point >= 0x7f && point < 0xa0)) return false;
  if (point == 0xfeff) return false;                     // byte order mark
  if (point >= 0x202a && point <= 0x202e) return false;  // bidi embedding
  return !(point >= 0x2066 && point <= 0x2069);          // bidi isolates
}

}  // namespace

TextPlace FindBadText(absl::string_view text) {
  TextPlace place{1, 1};
  size_t line_start = 0;
  for (size_t at = 0; at < text.size();) {
    place.column = static_cast<int>(at - line_start) + 1;
    const uint32_t point = TakeCodePoint(text, at);
    if (point == 0 || !IsPlain(point)) return place;
    if (point == '\n') {
      ++place.line;
      line_start = at;
    }
  }
  return {};
}

}  // namespace comity
