#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace comity {

// A 128-bit identifier (RFC 9562), such as a request id or a case id.
// crypto/random.h makes new ones. Immutable.
class Uuid {
 public:
  Uuid() = default;

  // FIELD_INVALID unless `text` is 8-4-4-4-12 hexadecimal digits.
  static absl::StatusOr<Uuid> Parse(absl::string_view text);
  // FIELD_INVALID unless `bytes` is 16 bytes long.
  static absl::StatusOr<Uuid> FromBytes(absl::string_view bytes);

  // Lower-case text form.
  std::string ToString() const;
  // The 16 bytes.
  std::string ToBytes() const { return {bytes_.begin(), bytes_.end()}; }
  bool IsNil() const { return *this == Uuid(); }

  friend bool operator==(const Uuid&, const Uuid&) = default;
  // NOLINTNEXTLINE(modernize-use-nullptr): clang-tidy 14 misreads <=>
  friend auto operator<=>(const Uuid&, const Uuid&) = default;
  template <typename H>
  friend H AbslHashValue(H h, const Uuid& id) {
    return H::combine(std::move(h), id.bytes_);
  }

 private:
  std::array<char, 16> bytes_{};
};

}  // namespace comity
