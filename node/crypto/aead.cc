#include "node/crypto/aead.h"

#include <openssl/evp.h>

#include <cstdlib>

#include "node/base/error_reason.h"
#include "node/base/log.h"
#include "node/crypto/openssl_handle.h"

namespace comity {
namespace {

constexpr size_t kKeySize = 32;
constexpr size_t kNonceSize = 12;
constexpr size_t kTagSize = 16;

using Context = OpenSslHandle<EVP_CIPHER_CTX, EVP_CIPHER_CTX_free>;

// AES-GCM cannot fail on valid arguments; a key of another size is a bug.
void Check(bool ok) {
  if (ok) return;
  Log(LogLevel::kError, "aead_failed");
  std::abort();
}

// Found once, as the digest in hash.cc is.
const EVP_CIPHER* FetchedAes256Gcm() {
  static const EVP_CIPHER* const cipher =
      EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
  return cipher;
}

absl::Status DoesNotOpen() {
  return ReasonError(ErrorReason::kIntegrityFailure,
                     "sealed data does not open: it was changed, or the key is "
                     "not the one that sealed it");
}

}  // namespace

std::string Seal(const SecretBytes& key, absl::string_view plaintext,
                 absl::string_view associated_data, RandomSource& random) {
  Check(key.size() == kKeySize);
  std::string out = random.Bytes(kNonceSize);
  out.resize(kNonceSize + plaintext.size() + kTagSize);
  const Context context(EVP_CIPHER_CTX_new());
  int size = 0;
  Check(EVP_EncryptInit_ex2(context.get(), FetchedAes256Gcm(),
                            Octets(key.Expose()), Octets(out), nullptr) == 1);
  Check(EVP_EncryptUpdate(context.get(), nullptr, &size,
                          Octets(associated_data),
                          static_cast<int>(associated_data.size())) == 1);
  Check(EVP_EncryptUpdate(context.get(), Octets(out) + kNonceSize, &size,
                          Octets(plaintext),
                          static_cast<int>(plaintext.size())) == 1);
  Check(EVP_EncryptFinal_ex(context.get(), Octets(out) + kNonceSize + size,
                            &size) == 1);
  Check(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, kTagSize,
                            Octets(out) + kNonceSize + plaintext.size()) == 1);
  return out;
}

absl::StatusOr<std::string> Open(const SecretBytes& key,
                                 absl::string_view sealed,
                                 absl::string_view associated_data) {
  Check(key.size() == kKeySize);
  if (sealed.size() < kNonceSize + kTagSize) return DoesNotOpen();
  const absl::string_view nonce = sealed.substr(0, kNonceSize);
  std::string tag(sealed.substr(sealed.size() - kTagSize));
  sealed = sealed.substr(kNonceSize, sealed.size() - kNonceSize - kTagSize);
  std::string out(sealed.size(), '\0');
  const Context context(EVP_CIPHER_CTX_new());
  int size = 0;
  const bool ok =
      EVP_DecryptInit_ex2(context.get(), FetchedAes256Gcm(),
                          Octets(key.Expose()), Octets(nonce), nullptr) == 1 &&
      EVP_DecryptUpdate(context.get(), nullptr, &size, Octets(associated_data),
                        static_cast<int>(associated_data.size())) == 1 &&
      EVP_DecryptUpdate(context.get(), Octets(out), &size, Octets(sealed),
                        static_cast<int>(sealed.size())) == 1 &&
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, kTagSize,
                          Octets(tag)) == 1 &&
      EVP_DecryptFinal_ex(context.get(), Octets(out) + size, &size) == 1;
  if (!ok) return DoesNotOpen();
  return out;
}

}  // namespace comity
