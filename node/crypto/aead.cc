#include "node/crypto/aead.h"

#include <openssl/evp.h>

#include <cstdlib>
#include <memory>

#include "node/base/error_reason.h"
#include "node/base/log.h"

namespace comity {
namespace {

constexpr size_t kKeySize = 32;
constexpr size_t kNonceSize = 12;
constexpr size_t kTagSize = 16;

struct ContextDeleter {
  void operator()(EVP_CIPHER_CTX* context) const {
    EVP_CIPHER_CTX_free(context);
  }
};
using Context = std::unique_ptr<EVP_CIPHER_CTX, ContextDeleter>;

const unsigned char* Data(absl::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}
unsigned char* Data(std::string& bytes) {
  return reinterpret_cast<unsigned char*>(bytes.data());
}

// AES-GCM cannot fail on valid arguments; a key of another size is a bug.
void Check(bool ok) {
  if (ok) return;
  Log(LogLevel::kError, "aead_failed");
  std::abort();
}

}  // namespace

std::string Seal(const SecretBytes& key, absl::string_view plaintext,
                 absl::string_view associated_data, RandomSource& random) {
  Check(key.size() == kKeySize);
  std::string out = random.Bytes(kNonceSize);
  out.resize(kNonceSize + plaintext.size() + kTagSize);
  const Context context(EVP_CIPHER_CTX_new());
  int size = 0;
  Check(EVP_EncryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr,
                           Data(key.Expose()), Data(out)) == 1);
  Check(EVP_EncryptUpdate(context.get(), nullptr, &size, Data(associated_data),
                          static_cast<int>(associated_data.size())) == 1);
  Check(EVP_EncryptUpdate(context.get(), Data(out) + kNonceSize, &size,
                          Data(plaintext),
                          static_cast<int>(plaintext.size())) == 1);
  Check(EVP_EncryptFinal_ex(context.get(), Data(out) + kNonceSize + size,
                            &size) == 1);
  Check(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, kTagSize,
                            Data(out) + kNonceSize + plaintext.size()) == 1);
  return out;
}

absl::StatusOr<std::string> Open(const SecretBytes& key,
                                 absl::string_view sealed,
                                 absl::string_view associated_data) {
  Check(key.size() == kKeySize);
  const absl::Status failed =
      ReasonError(ErrorReason::kIntegrityFailure,
                  "sealed data does not open: it was changed, or the key is "
                  "not the one that sealed it");
  if (sealed.size() < kNonceSize + kTagSize) return failed;
  const absl::string_view nonce = sealed.substr(0, kNonceSize);
  std::string tag(sealed.substr(sealed.size() - kTagSize));
  sealed = sealed.substr(kNonceSize, sealed.size() - kNonceSize - kTagSize);
  std::string out(sealed.size(), '\0');
  const Context context(EVP_CIPHER_CTX_new());
  int size = 0;
  const bool ok =
      EVP_DecryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr,
                         Data(key.Expose()), Data(nonce)) == 1 &&
      EVP_DecryptUpdate(context.get(), nullptr, &size, Data(associated_data),
                        static_cast<int>(associated_data.size())) == 1 &&
      EVP_DecryptUpdate(context.get(), Data(out), &size, Data(sealed),
                        static_cast<int>(sealed.size())) == 1 &&
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, kTagSize,
                          Data(tag)) == 1 &&
      EVP_DecryptFinal_ex(context.get(), Data(out) + size, &size) == 1;
  if (!ok) return failed;
  return out;
}

}  // namespace comity
