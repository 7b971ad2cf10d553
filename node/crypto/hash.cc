#include "node/crypto/hash.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

#include "node/crypto/openssl_handle.h"

namespace comity {

std::string Sha256(absl::string_view data) {
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  SHA256(Octets(data), data.size(), Octets(digest));
  return digest;
}

struct Sha256Stream::State {
  OpenSslHandle<EVP_MD_CTX, EVP_MD_CTX_free> context{EVP_MD_CTX_new()};
};

Sha256Stream::Sha256Stream() : state_(std::make_unique<State>()) {
  EVP_DigestInit_ex(state_->context.get(), EVP_sha256(), nullptr);
}

Sha256Stream::~Sha256Stream() = default;

void Sha256Stream::Add(absl::string_view data) {
  EVP_DigestUpdate(state_->context.get(), data.data(), data.size());
}

std::string Sha256Stream::Finish() {
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  EVP_DigestFinal_ex(state_->context.get(), Octets(digest), nullptr);
  return digest;
}

std::string HmacSha256(absl::string_view key, absl::string_view data) {
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  unsigned int size = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), Octets(data),
       data.size(), Octets(digest), &size);
  return digest;
}

SecretBytes HkdfSha256(const SecretBytes& secret, absl::string_view info,
                       size_t size) {
  const std::string zero_salt(SHA256_DIGEST_LENGTH, '\0');
  const SecretBytes key(HmacSha256(zero_salt, secret.Expose()));
  std::string out;
  std::string block;
  for (char counter = 1; out.size() < size; ++counter) {
    block.append(info.data(), info.size());
    block.push_back(counter);
    block = HmacSha256(key.Expose(), block);
    out += block;
  }
  out.resize(size);
  OPENSSL_cleanse(block.data(), block.size());
  return SecretBytes(std::move(out));
}

bool ConstantTimeEquals(absl::string_view a, absl::string_view b) {
  return a.size() == b.size() &&
         CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace comity
