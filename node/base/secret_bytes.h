#pragma once

#include <string>
#include <utility>

#include "absl/strings/string_view.h"

namespace comity {

// Key material in memory: wiped on destruction, never printable, compared in
// constant time. Move-only, so that each copy is a visible decision.
class SecretBytes {
 public:
  SecretBytes() = default;
  explicit SecretBytes(std::string bytes) : bytes_(std::move(bytes)) {}
  SecretBytes(SecretBytes&& other) noexcept { *this = std::move(other); }
  SecretBytes& operator=(SecretBytes&& other) noexcept {
    if (this != &other) {
      Wipe();
      bytes_.swap(other.bytes_);
    }
    return *this;
  }
  SecretBytes(const SecretBytes&) = delete;
  SecretBytes& operator=(const SecretBytes&) = delete;
  ~SecretBytes() { Wipe(); }

  // Danger: the caller must not copy, log or store what it sees.
  absl::string_view Expose() const { return bytes_; }
  size_t size() const { return bytes_.size(); }
  bool empty() const { return bytes_.empty(); }
  SecretBytes Clone() const { return SecretBytes(bytes_); }

  friend bool operator==(const SecretBytes& a, const SecretBytes& b) {
    if (a.size() != b.size()) return false;
    unsigned char difference = 0;
    for (size_t i = 0; i < a.size(); ++i) {
      difference =
          static_cast<unsigned char>(difference | (a.bytes_[i] ^ b.bytes_[i]));
    }
    return difference == 0;
  }

 private:
  void Wipe() {
    volatile char* bytes = bytes_.data();
    for (size_t i = 0; i < bytes_.size(); ++i) bytes[i] = 0;
    bytes_.clear();
  }

  std::string bytes_;
};

}  // namespace comity
