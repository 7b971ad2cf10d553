#include "node/crypto/passphrase_key.h"

#include <openssl/evp.h>

#include <cstdlib>
#include <string>

#include "node/base/log.h"
#include "node/crypto/openssl_handle.h"

namespace comity {
namespace {

constexpr size_t kKeySize = 32;
constexpr uint64_t kCost = uint64_t{1} << 17;
constexpr uint64_t kBlockSize = 8;
constexpr uint64_t kMaxMemory = uint64_t{192} << 20;

}  // namespace

SecretBytes PassphraseKey(const SecretBytes& passphrase,
                          absl::string_view salt) {
  std::string key(kKeySize, '\0');
  const absl::string_view secret = passphrase.Expose();
  const int made =
      EVP_PBE_scrypt(secret.data(), secret.size(), Octets(salt), salt.size(),
                     kCost, kBlockSize, 1, kMaxMemory, Octets(key), key.size());
  // It fails only without memory.
  if (made != 1) {
    Log(LogLevel::kError, "passphrase_key_failed");
    std::abort();
  }
  return SecretBytes(std::move(key));
}

}  // namespace comity
