#pragma once

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace comity {

// Appends big-endian numbers and fixed-width text to a leaf.
inline void AppendBigEndian(std::string& out, uint64_t value, int bytes) {
  for (int shift = (bytes - 1) * 8; shift >= 0; shift -= 8) {
    out.push_back(static_cast<char>((value >> shift) & 0xff));
  }
}

// Zero-padded on the right to `width`.
inline void AppendPadded(std::string& out, absl::string_view text,
                         size_t width) {
  out.append(text.data(), text.size());
  out.append(width - text.size(), '\0');
}

inline uint64_t TakeBigEndian(absl::string_view& bytes, size_t count) {
  uint64_t value = 0;
  for (size_t i = 0; i < count; ++i) {
    value = (value << 8) | static_cast<unsigned char>(bytes[i]);
  }
  bytes.remove_prefix(count);
  return value;
}

inline std::string TakeBytes(absl::string_view& bytes, size_t count) {
  std::string taken(bytes.substr(0, count));
  bytes.remove_prefix(count);
  return taken;
}

// Takes `width` bytes and drops the zero padding; a zero before the padding
// stays, so that only one spelling of each text is accepted.
inline std::string TakePadded(absl::string_view& bytes, size_t width) {
  std::string text = TakeBytes(bytes, width);
  while (!text.empty() && text.back() == '\0') text.pop_back();
  return text;
}

}  // namespace comity
