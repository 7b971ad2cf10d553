#include "node/crypto/x509.h"

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include "absl/strings/str_cat.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/crypto/hash.h"
#include "node/crypto/openssl_handle.h"

namespace comity {

// The one door from our values to OpenSSL's.
struct X509Access {
  static Certificate Wrap(X509* certificate) {
    return Certificate(std::shared_ptr<X509>(certificate, X509_free));
  }
  static X509* Get(const Certificate& certificate) {
    return certificate.certificate_.get();
  }
  static EVP_PKEY* Get(const VerifyKey& key) { return key.key_.get(); }
  static EVP_PKEY* Get(const SigningKey& key) { return key.key_.get(); }
  static VerifyKey WrapKey(EVP_PKEY* key) {
    return VerifyKey(std::shared_ptr<EVP_PKEY>(key, EVP_PKEY_free));
  }
};

namespace {

using Bio = OpenSslHandle<BIO, BIO_free_all>;
using Store = OpenSslHandle<X509_STORE, X509_STORE_free>;
using StoreContext = OpenSslHandle<X509_STORE_CTX, X509_STORE_CTX_free>;

absl::Status Invalid(absl::string_view what) {
  return ReasonError(ErrorReason::kFieldInvalid, what);
}

absl::Time TimeOf(const ASN1_TIME* time) {
  tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return absl::InfinitePast();
  return absl::FromTM(parts, absl::UTCTimeZone());
}

bool AddExtension(X509* certificate, X509* issuer, int nid,
                  const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  OpenSslHandle<X509_EXTENSION, X509_EXTENSION_free> extension(
      X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()));
  return extension != nullptr &&
         X509_add_ext(certificate, extension.get(), -1) == 1;
}

std::string AlternativeNames(const CertificateRequest& request) {
  std::string names = absl::StrCat("URI:", request.uri);
  if (!request.dns_name.empty()) {
    absl::StrAppend(&names, ",DNS:", request.dns_name);
  }
  return names;
}

bool AddAuthorityExtensions(X509* certificate, X509* issuer,
                            const CertificateRequest& request) {
  const bool root = request.kind == CertificateKind::kRoot;
  bool ok = AddExtension(certificate, issuer, NID_basic_constraints,
                         root ? "critical,CA:TRUE,pathlen:1"
                              : "critical,CA:TRUE,pathlen:0") &&
            AddExtension(certificate, issuer, NID_key_usage,
                         "critical,keyCertSign,cRLSign");
  if (!request.permitted_domain.empty()) {
    const std::string& domain = request.permitted_domain;
    ok = ok && AddExtension(certificate, issuer, NID_name_constraints,
                            absl::StrCat("critical,permitted;URI:", domain,
                                         ",permitted;DNS:", domain));
  }
  return ok;
}

bool AddLeafExtensions(X509* certificate, X509* issuer,
                       const CertificateRequest& request) {
  const bool node = request.kind == CertificateKind::kNode;
  return AddExtension(certificate, issuer, NID_basic_constraints,
                      "critical,CA:FALSE") &&
         AddExtension(certificate, issuer, NID_key_usage,
                      "critical,digitalSignature") &&
         AddExtension(certificate, issuer, NID_ext_key_usage,
                      node ? "clientAuth,serverAuth" : "clientAuth") &&
         AddExtension(certificate, issuer, NID_subject_alt_name,
                      AlternativeNames(request));
}

bool SetFields(X509* certificate, const CertificateRequest& request,
               X509* issuer, RandomSource& random) {
  std::string serial = random.Bytes(16);
  serial[0] = static_cast<char>(serial[0] & 0x7f);
  OpenSslHandle<BIGNUM, BN_free> number(
      BN_bin2bn(Octets(serial), static_cast<int>(serial.size()), nullptr));
  OpenSslHandle<X509_NAME, X509_NAME_free> name(X509_NAME_new());
  X509_NAME_add_entry_by_txt(
      name.get(), "CN", MBSTRING_UTF8, Octets(request.common_name),
      static_cast<int>(request.common_name.size()), -1, 0);
  return X509_set_version(certificate, X509_VERSION_3) == 1 &&
         BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) !=
             nullptr &&
         X509_set_subject_name(certificate, name.get()) == 1 &&
         X509_set_issuer_name(certificate,
                              issuer == certificate
                                  ? name.get()
                                  : X509_get_subject_name(issuer)) == 1 &&
         X509_set_pubkey(certificate, X509Access::Get(request.public_key)) ==
             1 &&
         ASN1_TIME_set(X509_getm_notBefore(certificate),
                       absl::ToTimeT(request.not_before)) != nullptr &&
         ASN1_TIME_set(X509_getm_notAfter(certificate),
                       absl::ToTimeT(request.not_after)) != nullptr;
}

}  // namespace

absl::StatusOr<std::vector<Certificate>> Certificate::ListFromPem(
    absl::string_view pem) {
  const Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  std::vector<Certificate> certificates;
  while (X509* next =
             PEM_read_bio_X509(bio.get(), nullptr, NoPassphrase, nullptr)) {
    certificates.push_back(X509Access::Wrap(next));
    if (X509_get0_pubkey(next) == nullptr) {
      return Invalid("the certificate has a public key that cannot be read");
    }
  }
  return certificates;
}

absl::StatusOr<Certificate> Certificate::FromPem(absl::string_view pem) {
  ASSIGN_OR_RETURN(std::vector<Certificate> certificates, ListFromPem(pem));
  if (certificates.size() != 1) {
    return Invalid("the text must hold exactly one PEM certificate");
  }
  return certificates[0];
}

std::string Certificate::ToPem() const {
  const Bio bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509(bio.get(), certificate_.get());
  char* data = nullptr;
  const auto size = BIO_get_mem_data(bio.get(), &data);
  return {data, static_cast<size_t>(size)};
}

std::string Certificate::Fingerprint() const {
  unsigned char* der = nullptr;
  const int size = i2d_X509(certificate_.get(), &der);
  std::string digest = Sha256(absl::string_view(reinterpret_cast<char*>(der),
                                                static_cast<size_t>(size)));
  OPENSSL_free(der);
  return digest;
}

std::string Certificate::SerialNumber() const {
  const OpenSslHandle<BIGNUM, BN_free> number(
      ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate_.get()), nullptr));
  if (number == nullptr) return "";
  std::string bytes(static_cast<size_t>(BN_num_bytes(number.get())), '\0');
  BN_bn2bin(number.get(), Octets(bytes));
  return bytes;
}

VerifyKey Certificate::public_key() const {
  return X509Access::WrapKey(X509_get_pubkey(certificate_.get()));
}

absl::Time Certificate::not_before() const {
  return TimeOf(X509_get0_notBefore(certificate_.get()));
}

absl::Time Certificate::not_after() const {
  return TimeOf(X509_get0_notAfter(certificate_.get()));
}

absl::StatusOr<std::vector<std::string>> Certificate::UriNames() const {
  std::vector<std::string> uris;
  OpenSslHandle<GENERAL_NAMES, GENERAL_NAMES_free> names(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(
          certificate_.get(), NID_subject_alt_name, nullptr, nullptr)));
  if (names == nullptr) return uris;
  for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type != GEN_URI) continue;
    const ASN1_IA5STRING* text = name->d.uniformResourceIdentifier;
    std::string uri(reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
                    static_cast<size_t>(ASN1_STRING_length(text)));
    for (const char c : uri) {
      if (c <= 0x20 || c >= 0x7f) {
        return Invalid("a URI name of the certificate holds odd characters");
      }
    }
    uris.push_back(std::move(uri));
  }
  return uris;
}

absl::StatusOr<Certificate> IssueCertificate(const CertificateRequest& request,
                                             const Certificate* issuer,
                                             const SigningKey& key,
                                             RandomSource& random) {
  X509* raw = X509_new();
  Certificate certificate = X509Access::Wrap(raw);
  X509* issuer_raw = issuer == nullptr ? raw : X509Access::Get(*issuer);
  const bool authority = request.kind == CertificateKind::kRoot ||
                         request.kind == CertificateKind::kIssuing;
  const bool ok =
      SetFields(raw, request, issuer_raw, random) &&
      AddExtension(raw, issuer_raw, NID_subject_key_identifier, "hash") &&
      (authority ? AddAuthorityExtensions(raw, issuer_raw, request)
                 : AddLeafExtensions(raw, issuer_raw, request)) &&
      (issuer == nullptr ||
       AddExtension(raw, issuer_raw, NID_authority_key_identifier,
                    "keyid:always")) &&
      X509_sign(raw, X509Access::Get(key), EVP_sha256()) > 0;
  if (!ok) return Invalid("the certificate cannot be issued with these names");
  return certificate;
}

absl::Status VerifyChain(const Certificate& leaf,
                         const std::vector<Certificate>& presented,
                         const std::vector<Certificate>& anchors,
                         ChainPurpose purpose, absl::Time now) {
  const Store store(X509_STORE_new());
  for (const Certificate& anchor : anchors) {
    X509_STORE_add_cert(store.get(), X509Access::Get(anchor));
  }
  OpenSslHandle<STACK_OF(X509),
                [](STACK_OF(X509) * stack) { sk_X509_free(stack); }>
      untrusted(sk_X509_new_null());
  for (const Certificate& certificate : presented) {
    sk_X509_push(untrusted.get(), X509Access::Get(certificate));
  }
  const StoreContext context(X509_STORE_CTX_new());
  if (X509_STORE_CTX_init(context.get(), store.get(), X509Access::Get(leaf),
                          untrusted.get()) != 1) {
    return ReasonError(ErrorReason::kInternal, "no memory for a verification");
  }
  X509_VERIFY_PARAM* param = X509_STORE_CTX_get0_param(context.get());
  X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_X509_STRICT);
  X509_VERIFY_PARAM_set_time(param, absl::ToTimeT(now));
  X509_VERIFY_PARAM_set_purpose(param, purpose == ChainPurpose::kClient
                                           ? X509_PURPOSE_SSL_CLIENT
                                           : X509_PURPOSE_SSL_SERVER);
  if (X509_verify_cert(context.get()) == 1) return absl::OkStatus();
  const int error = X509_STORE_CTX_get_error(context.get());
  const bool time = error == X509_V_ERR_CERT_HAS_EXPIRED ||
                    error == X509_V_ERR_CERT_NOT_YET_VALID;
  return ReasonError(time ? ErrorReason::kCertificateExpired
                          : ErrorReason::kCertificateUnknown,
                     absl::StrCat("the certificate does not verify: ",
                                  X509_verify_cert_error_string(error)));
}

}  // namespace comity
