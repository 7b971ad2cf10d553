#include "node/crypto/random.h"

#include <openssl/rand.h>

#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "node/base/log.h"
#include "node/crypto/hash.h"
#include "node/crypto/openssl_handle.h"

namespace comity {

std::string SystemRandom::Bytes(size_t count) {
  std::string bytes(count, '\0');
  if (RAND_priv_bytes(Octets(bytes), static_cast<int>(count)) != 1) {
    Log(LogLevel::kError, "randomness_failed");
    std::abort();
  }
  return bytes;
}

std::string SeededRandomForTest::Bytes(size_t count) {
  absl::MutexLock lock(&mutex_);
  std::string bytes;
  while (bytes.size() < count) {
    bytes += Sha256(absl::StrCat("seed/", seed_, "/", block_++));
  }
  bytes.resize(count);
  return bytes;
}

Uuid NewUuid(RandomSource& random) {
  std::string bytes = random.Bytes(16);
  bytes[6] = static_cast<char>((bytes[6] & 0x0f) | 0x40);
  bytes[8] = static_cast<char>((bytes[8] & 0x3f) | 0x80);
  return *Uuid::FromBytes(bytes);
}

}  // namespace comity
