#include "node/crypto/signature.h"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>

#include <array>
#include <cstdlib>

#include "node/base/error_reason.h"
#include "node/base/log.h"
#include "node/crypto/openssl_handle.h"

namespace comity {
namespace {

using Bio = OpenSslHandle<BIO, BIO_free_all>;
using Context = OpenSslHandle<EVP_MD_CTX, EVP_MD_CTX_free>;

// Failures of OpenSSL on valid arguments are bugs or lost memory.
void Check(bool ok) {
  if (ok) return;
  Log(LogLevel::kError, "signature_failed");
  std::abort();
}

std::shared_ptr<EVP_PKEY> Own(EVP_PKEY* key) { return {key, EVP_PKEY_free}; }

std::string Contents(BIO* bio) {
  char* data = nullptr;
  const auto size = BIO_get_mem_data(bio, &data);
  return {data, static_cast<size_t>(size)};
}

bool Supported(const EVP_PKEY* key) {
  if (EVP_PKEY_get_id(key) == EVP_PKEY_ED25519) return true;
  std::array<char, 32> group = {};
  size_t size = 0;
  return EVP_PKEY_get_id(key) == EVP_PKEY_EC &&
         EVP_PKEY_get_group_name(key, group.data(), group.size(), &size) == 1 &&
         absl::string_view(group.data()) == "prime256v1";
}

const EVP_MD* DigestOf(const EVP_PKEY* key) {
  return EVP_PKEY_get_id(key) == EVP_PKEY_ED25519 ? nullptr : EVP_sha256();
}

absl::Status BadKey(absl::string_view what) {
  return ReasonError(ErrorReason::kFieldInvalid, what);
}

int GivePassphrase(char* buffer, int size, int, void* user) {
  const absl::string_view passphrase =
      static_cast<const SecretBytes*>(user)->Expose();
  if (passphrase.empty() || passphrase.size() > static_cast<size_t>(size)) {
    return -1;
  }
  passphrase.copy(buffer, passphrase.size());
  return static_cast<int>(passphrase.size());
}

}  // namespace

absl::StatusOr<VerifyKey> VerifyKey::FromPem(absl::string_view pem) {
  const Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  auto key =
      Own(PEM_read_bio_PUBKEY(bio.get(), nullptr, NoPassphrase, nullptr));
  if (key == nullptr || !Supported(key.get())) {
    return BadKey("the file holds no Ed25519 or P-256 public key");
  }
  return VerifyKey(std::move(key));
}

absl::StatusOr<VerifyKey> VerifyKey::FromEd25519(absl::string_view raw) {
  auto key = Own(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr,
                                             Octets(raw), raw.size()));
  if (key == nullptr) return BadKey("an Ed25519 public key is 32 bytes");
  return VerifyKey(std::move(key));
}

absl::Status VerifyKey::Verify(absl::string_view message,
                               absl::string_view signature) const {
  const Context context(EVP_MD_CTX_new());
  const bool ok =
      EVP_DigestVerifyInit(context.get(), nullptr, DigestOf(key_.get()),
                           nullptr, key_.get()) == 1 &&
      EVP_DigestVerify(context.get(), Octets(signature), signature.size(),
                       Octets(message), message.size()) == 1;
  if (!ok) {
    return ReasonError(ErrorReason::kEvidenceInvalid,
                       "the signature is not that key's over this text");
  }
  return absl::OkStatus();
}

KeyAlgorithm VerifyKey::algorithm() const {
  return EVP_PKEY_get_id(key_.get()) == EVP_PKEY_ED25519
             ? KeyAlgorithm::kEd25519
             : KeyAlgorithm::kP256;
}

std::string VerifyKey::ToPem() const {
  const Bio bio(BIO_new(BIO_s_mem()));
  Check(PEM_write_bio_PUBKEY(bio.get(), key_.get()) == 1);
  return Contents(bio.get());
}

std::string VerifyKey::ToDer() const {
  const Bio bio(BIO_new(BIO_s_mem()));
  Check(i2d_PUBKEY_bio(bio.get(), key_.get()) == 1);
  return Contents(bio.get());
}

std::string VerifyKey::Ed25519Bytes() const {
  if (algorithm() != KeyAlgorithm::kEd25519) return "";
  std::string raw(32, '\0');
  size_t size = raw.size();
  Check(EVP_PKEY_get_raw_public_key(key_.get(), Octets(raw), &size) == 1);
  return raw;
}

bool operator==(const VerifyKey& one, const VerifyKey& other) {
  return EVP_PKEY_eq(one.key_.get(), other.key_.get()) == 1;
}

SigningKey SigningKey::Generate(KeyAlgorithm algorithm) {
  EVP_PKEY* key = algorithm == KeyAlgorithm::kEd25519
                      ? EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")
                      : EVP_EC_gen("P-256");
  Check(key != nullptr);
  return SigningKey(Own(key));
}

SigningKey SigningKey::InPlace(const VerifyKey& public_key,
                               std::shared_ptr<const KeyInPlace> place) {
  SigningKey key(public_key.key_);
  key.place_ = std::move(place);
  return key;
}

absl::StatusOr<SigningKey> SigningKey::FromPem(absl::string_view pem,
                                               const SecretBytes& passphrase) {
  const Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  auto key =
      Own(PEM_read_bio_PrivateKey(bio.get(), nullptr, GivePassphrase,
                                  const_cast<SecretBytes*>(&passphrase)));
  if (key == nullptr || !Supported(key.get())) {
    return BadKey(
        "the key file does not open: wrong passphrase, or no Ed25519 or P-256 "
        "private key in it");
  }
  return SigningKey(std::move(key));
}

SecretBytes SigningKey::ToPem(const SecretBytes& passphrase) const {
  Check(place_ == nullptr);
  const Bio bio(BIO_new(BIO_s_secmem()));
  if (passphrase.empty()) {
    Check(PEM_write_bio_PKCS8PrivateKey(bio.get(), key_.get(), nullptr, nullptr,
                                        0, nullptr, nullptr) == 1);
    return SecretBytes(Contents(bio.get()));
  }
  // N = 2^14, r = 8, p = 1: the interactive setting of RFC 7914.
  std::unique_ptr<PKCS8_PRIV_KEY_INFO, decltype(&PKCS8_PRIV_KEY_INFO_free)>
      info(EVP_PKEY2PKCS8(key_.get()), PKCS8_PRIV_KEY_INFO_free);
  X509_ALGOR* scrypt = PKCS5_pbe2_set_scrypt(EVP_aes_256_cbc(), nullptr, 0,
                                             nullptr, 16384, 8, 1);
  const absl::string_view pass = passphrase.Expose();
  std::unique_ptr<X509_SIG, decltype(&X509_SIG_free)> sealed(
      PKCS8_set0_pbe(pass.data(), static_cast<int>(pass.size()), info.get(),
                     scrypt),
      X509_SIG_free);
  Check(sealed != nullptr && PEM_write_bio_PKCS8(bio.get(), sealed.get()) == 1);
  return SecretBytes(Contents(bio.get()));
}

std::string SigningKey::Sign(absl::string_view message) const {
  if (place_ != nullptr) return place_->Sign(message);
  const Context context(EVP_MD_CTX_new());
  size_t size = 0;
  Check(EVP_DigestSignInit(context.get(), nullptr, DigestOf(key_.get()),
                           nullptr, key_.get()) == 1);
  Check(EVP_DigestSign(context.get(), nullptr, &size, Octets(message),
                       message.size()) == 1);
  std::string signature(size, '\0');
  Check(EVP_DigestSign(context.get(), Octets(signature), &size, Octets(message),
                       message.size()) == 1);
  signature.resize(size);
  return signature;
}

}  // namespace comity
