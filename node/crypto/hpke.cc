#include "node/crypto/hpke.h"

#include <openssl/evp.h>

#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "node/base/error_reason.h"
#include "node/base/log.h"
#include "node/base/status_macros.h"
#include "node/crypto/hash.h"
#include "node/crypto/openssl_handle.h"

namespace comity {
namespace {

constexpr uint16_t kKem = 0x0020;  // DHKEM(X25519, HKDF-SHA256)
constexpr uint16_t kKdf = 0x0001;  // HKDF-SHA256
constexpr size_t kTagSize = 16;
constexpr size_t kNonceSize = 12;
constexpr size_t kSecretSize = 32;

using Key = OpenSslHandle<EVP_PKEY, EVP_PKEY_free>;
using KeyContext = OpenSslHandle<EVP_PKEY_CTX, EVP_PKEY_CTX_free>;
using CipherContext = OpenSslHandle<EVP_CIPHER_CTX, EVP_CIPHER_CTX_free>;

// Failures of OpenSSL on valid arguments are bugs or lost memory.
void Check(bool ok) {
  if (ok) return;
  Log(LogLevel::kError, "hpke_failed");
  std::abort();
}

std::string TwoBytes(size_t value) {
  return {static_cast<char>(value >> 8), static_cast<char>(value)};
}

std::string KemSuite() { return absl::StrCat("KEM", TwoBytes(kKem)); }
std::string HpkeSuite(HpkeAead aead) {
  return absl::StrCat("HPKE", TwoBytes(kKem), TwoBytes(kKdf),
                      TwoBytes(static_cast<size_t>(aead)));
}
size_t KeySizeInBytes(HpkeAead aead) {
  return aead == HpkeAead::kAes128Gcm ? 16 : 32;
}

// RFC 9180 section 4.
std::string LabeledExtract(absl::string_view suite, absl::string_view salt,
                           absl::string_view label, absl::string_view ikm) {
  const std::string no_salt(kSecretSize, '\0');
  return HmacSha256(salt.empty() ? no_salt : salt,
                    absl::StrCat("HPKE-v1", suite, label, ikm));
}

// Likewise; one block of HKDF suffices for every size that is asked for.
SecretBytes LabeledExpand(absl::string_view suite, absl::string_view key,
                          absl::string_view label, absl::string_view info,
                          size_t size) {
  std::string block = HmacSha256(
      key, absl::StrCat(TwoBytes(size), "HPKE-v1", suite, label, info, "\x01"));
  block.resize(size);
  return SecretBytes(std::move(block));
}

Key PrivateKey(absl::string_view raw) {
  Key key(EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, nullptr, Octets(raw),
                                       raw.size()));
  Check(key != nullptr);
  return key;
}

std::string PublicKeyOf(const Key& key) {
  std::string raw(kHpkeKeySize, '\0');
  size_t size = raw.size();
  Check(EVP_PKEY_get_raw_public_key(key.get(), Octets(raw), &size) == 1);
  return raw;
}

// The shared secret of section 4.1; FIELD_INVALID if `theirs` is no key, or one
// of the few that lead to zero whatever the other side's is.
absl::StatusOr<SecretBytes> SharedSecret(const Key& ours,
                                         absl::string_view theirs,
                                         absl::string_view kem_context) {
  const auto invalid = [] {
    return ReasonError(ErrorReason::kFieldInvalid,
                       "the public key is no X25519 key");
  };
  if (theirs.size() != kHpkeKeySize) return invalid();
  const Key peer(EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, nullptr,
                                             Octets(theirs), theirs.size()));
  Check(peer != nullptr);
  const KeyContext context(EVP_PKEY_CTX_new(ours.get(), nullptr));
  std::string dh(kHpkeKeySize, '\0');
  size_t size = dh.size();
  Check(EVP_PKEY_derive_init(context.get()) == 1);
  if (EVP_PKEY_derive_set_peer(context.get(), peer.get()) != 1 ||
      EVP_PKEY_derive(context.get(), Octets(dh), &size) != 1) {
    return invalid();
  }
  const SecretBytes secret(std::move(dh));
  const SecretBytes extracted(
      LabeledExtract(KemSuite(), "", "eae_prk", secret.Expose()));
  return LabeledExpand(KemSuite(), extracted.Expose(), "shared_secret",
                       kem_context, kSecretSize);
}

// What the first and only message of a context is sealed with.
struct Schedule {
  SecretBytes key;
  SecretBytes nonce;
};

// Section 5.1 in base mode.
Schedule KeySchedule(const SecretBytes& shared, absl::string_view info,
                     HpkeAead aead) {
  const std::string suite = HpkeSuite(aead);
  const std::string base(1, '\0');
  const std::string context =
      absl::StrCat(base, LabeledExtract(suite, "", "psk_id_hash", ""),
                   LabeledExtract(suite, "", "info_hash", info));
  const SecretBytes secret(
      LabeledExtract(suite, shared.Expose(), "secret", ""));
  return {
      LabeledExpand(suite, secret.Expose(), "key", context,
                    KeySizeInBytes(aead)),
      LabeledExpand(suite, secret.Expose(), "base_nonce", context, kNonceSize)};
}

const EVP_CIPHER* CipherOf(HpkeAead aead) {
  return aead == HpkeAead::kAes128Gcm ? EVP_aes_128_gcm() : EVP_aes_256_gcm();
}

std::string Encrypt(const Schedule& with, HpkeAead aead,
                    absl::string_view associated_data,
                    absl::string_view plaintext) {
  const CipherContext context(EVP_CIPHER_CTX_new());
  std::string out(plaintext.size() + kTagSize, '\0');
  int size = 0;
  Check(EVP_EncryptInit_ex(context.get(), CipherOf(aead), nullptr,
                           Octets(with.key.Expose()),
                           Octets(with.nonce.Expose())) == 1);
  Check(EVP_EncryptUpdate(context.get(), nullptr, &size,
                          Octets(associated_data),
                          static_cast<int>(associated_data.size())) == 1);
  Check(EVP_EncryptUpdate(context.get(), Octets(out), &size, Octets(plaintext),
                          static_cast<int>(plaintext.size())) == 1);
  Check(EVP_EncryptFinal_ex(context.get(), Octets(out) + size, &size) == 1);
  Check(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, kTagSize,
                            Octets(out) + plaintext.size()) == 1);
  return out;
}

absl::StatusOr<std::string> Decrypt(const Schedule& with, HpkeAead aead,
                                    absl::string_view associated_data,
                                    absl::string_view sealed) {
  const CipherContext context(EVP_CIPHER_CTX_new());
  const size_t length = sealed.size() - kTagSize;
  std::string tag(sealed.substr(length));
  std::string out(length, '\0');
  int size = 0;
  Check(EVP_DecryptInit_ex(context.get(), CipherOf(aead), nullptr,
                           Octets(with.key.Expose()),
                           Octets(with.nonce.Expose())) == 1);
  Check(EVP_DecryptUpdate(context.get(), nullptr, &size,
                          Octets(associated_data),
                          static_cast<int>(associated_data.size())) == 1);
  Check(EVP_DecryptUpdate(context.get(), Octets(out), &size, Octets(sealed),
                          static_cast<int>(length)) == 1);
  Check(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, kTagSize,
                            Octets(tag)) == 1);
  if (EVP_DecryptFinal_ex(context.get(), Octets(out) + size, &size) != 1) {
    return ReasonError(ErrorReason::kIntegrityFailure,
                       "the sealed message was changed, or sealed to another "
                       "key");
  }
  return out;
}

}  // namespace

SecretBytes NewHpkeKey(RandomSource& random) {
  return SecretBytes(random.Bytes(kHpkeKeySize));
}

std::string HpkePublicKey(const SecretBytes& key) {
  return PublicKeyOf(PrivateKey(key.Expose()));
}

absl::StatusOr<std::string> HpkeSeal(absl::string_view public_key,
                                     absl::string_view info,
                                     absl::string_view associated_data,
                                     absl::string_view plaintext,
                                     RandomSource& random, HpkeAead aead) {
  const SecretBytes ephemeral = NewHpkeKey(random);
  const Key key = PrivateKey(ephemeral.Expose());
  const std::string encapsulated = PublicKeyOf(key);
  ASSIGN_OR_RETURN(
      const SecretBytes shared,
      SharedSecret(key, public_key, absl::StrCat(encapsulated, public_key)));
  return absl::StrCat(encapsulated, Encrypt(KeySchedule(shared, info, aead),
                                            aead, associated_data, plaintext));
}

absl::StatusOr<std::string> HpkeOpen(const SecretBytes& key,
                                     absl::string_view info,
                                     absl::string_view associated_data,
                                     absl::string_view sealed, HpkeAead aead) {
  if (sealed.size() < kHpkeOverhead) {
    return ReasonError(ErrorReason::kIntegrityFailure,
                       "the sealed message is too short");
  }
  const absl::string_view encapsulated = sealed.substr(0, kHpkeKeySize);
  const Key own = PrivateKey(key.Expose());
  const auto shared = SharedSecret(
      own, encapsulated, absl::StrCat(encapsulated, PublicKeyOf(own)));
  if (!shared.ok()) {
    return ReasonError(ErrorReason::kIntegrityFailure,
                       "the sealed message names no key");
  }
  return Decrypt(KeySchedule(*shared, info, aead), aead, associated_data,
                 sealed.substr(kHpkeKeySize));
}

absl::StatusOr<SecretBytes> SharedKey(const SecretBytes& key,
                                      absl::string_view public_key) {
  return SharedSecret(PrivateKey(key.Expose()), public_key, "");
}

}  // namespace comity
