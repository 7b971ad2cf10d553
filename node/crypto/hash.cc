#include "node/crypto/hash.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/sha.h>

#include <array>
#include <cstdlib>

#include "node/base/log.h"
#include "node/crypto/openssl_handle.h"

namespace comity {

namespace {

constexpr absl::string_view kNoKey("\0", 1);  // hashes as none (RFC 2104)

// Hashing cannot fail but for want of memory.
void Check(bool ok) {
  if (ok) return;
  Log(LogLevel::kError, "hash_failed");
  std::abort();
}

using DigestContext = OpenSslHandle<EVP_MD_CTX, EVP_MD_CTX_free>;
using MacContext = OpenSslHandle<EVP_MAC_CTX, EVP_MAC_CTX_free>;

// Found once: OpenSSL 3 looks an algorithm up by its name in each call that
// does not bring it along, which takes longer than hashing a leaf. Never freed.
const EVP_MD* FetchedSha256() {
  static const EVP_MD* const digest = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  return digest;
}

// Of this thread: keyed anew by each use.
EVP_MAC_CTX* HmacContext() {
  static EVP_MAC* const hmac = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  thread_local const MacContext context = [] {
    MacContext made(EVP_MAC_CTX_new(hmac));
    std::string name = "SHA256";
    const std::array<OSSL_PARAM, 2> digest = {
        OSSL_PARAM_construct_utf8_string("digest", name.data(), 0),
        OSSL_PARAM_construct_end()};
    EVP_MAC_CTX_set_params(made.get(), digest.data());
    return made;
  }();
  return context.get();
}

}  // namespace

std::string Sha256(absl::string_view data) { return Sha256Joined({data}); }

std::string Sha256Joined(Pieces pieces) {
  thread_local const DigestContext context(EVP_MD_CTX_new());
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  Check(EVP_DigestInit_ex2(context.get(), FetchedSha256(), nullptr) == 1);
  for (const absl::string_view piece : pieces) {
    Check(EVP_DigestUpdate(context.get(), piece.data(), piece.size()) == 1);
  }
  Check(EVP_DigestFinal_ex(context.get(), Octets(digest), nullptr) == 1);
  return digest;
}

struct Sha256Stream::State {
  DigestContext context{EVP_MD_CTX_new()};
};

Sha256Stream::Sha256Stream() : state_(std::make_unique<State>()) {
  EVP_DigestInit_ex2(state_->context.get(), FetchedSha256(), nullptr);
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
  return HmacSha256Joined(key, {data});
}

std::string HmacSha256Joined(absl::string_view key, Pieces pieces) {
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  EVP_MAC_CTX* const context = HmacContext();
  // Without a key it would go on with the one before.
  const absl::string_view given = key.empty() ? kNoKey : key;
  Check(EVP_MAC_init(context, Octets(given), given.size(), nullptr) == 1);
  for (const absl::string_view piece : pieces) {
    Check(EVP_MAC_update(context, Octets(piece), piece.size()) == 1);
  }
  size_t size = 0;
  Check(EVP_MAC_final(context, Octets(digest), &size, digest.size()) == 1);
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
