#include "node/crypto/random.h"

#include <openssl/rand.h>

#include <cstdlib>
#include <utility>

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

namespace {

Uuid OfVersion(int version, std::string bytes) {
  bytes[6] = static_cast<char>((bytes[6] & 0x0f) | (version << 4));
  bytes[8] = static_cast<char>((bytes[8] & 0x3f) | 0x80);
  return *Uuid::FromBytes(bytes);
}

}  // namespace

Uuid NewUuid(RandomSource& random) { return OfVersion(4, random.Bytes(16)); }

Uuid NewTimedUuid(absl::Time now, RandomSource& random) {
  std::string bytes = random.Bytes(16);
  const int64_t millis = absl::ToUnixMillis(now);
  for (int i = 0; i < 6; ++i) {
    bytes[static_cast<size_t>(i)] = static_cast<char>(millis >> (40 - 8 * i));
  }
  return OfVersion(7, std::move(bytes));
}

}  // namespace comity
