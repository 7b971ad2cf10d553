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

void Sha256Stream::Free::operator()(evp_md_ctx_st* context) const {
  EVP_MD_CTX_free(context);
}

Sha256Stream::Sha256Stream() : context_(EVP_MD_CTX_new()) {
  EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr);
}

void Sha256Stream::Add(absl::string_view piece) {
  EVP_DigestUpdate(context_.get(), piece.data(), piece.size());
}

std::string Sha256Stream::Finish() {
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  EVP_DigestFinal_ex(context_.get(), Octets(digest), nullptr);
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
