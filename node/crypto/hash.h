#pragma once

#include <initializer_list>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "node/base/secret_bytes.h"

namespace comity {

// What is hashed as if it were one text.
using Pieces = std::initializer_list<absl::string_view>;

// SHA-256 (FIPS 180-4), 32 bytes.
std::string Sha256(absl::string_view data);
std::string Sha256Joined(Pieces pieces);

// SHA-256 of what comes piece by piece. Used by one thread.
class Sha256Stream {
 public:
  Sha256Stream();
  ~Sha256Stream();
  Sha256Stream(const Sha256Stream&) = delete;
  Sha256Stream& operator=(const Sha256Stream&) = delete;

  void Add(absl::string_view data);
  // 32 bytes; nothing can be added any more.
  std::string Finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// HMAC-SHA-256 (RFC 2104), 32 bytes.
std::string HmacSha256(absl::string_view key, absl::string_view data);
std::string HmacSha256Joined(absl::string_view key, Pieces pieces);

// HKDF-SHA-256 (RFC 5869) without salt: a key of `size` bytes (at most 255 *
// 32) for the purpose that `info` names.
SecretBytes HkdfSha256(const SecretBytes& secret, absl::string_view info,
                       size_t size);

// Compares without telling by time where two strings differ.
bool ConstantTimeEquals(absl::string_view a, absl::string_view b);

}  // namespace comity
