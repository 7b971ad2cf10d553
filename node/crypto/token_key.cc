#include "node/crypto/token_key.h"

#include <dlfcn.h>
#include <p11-kit-1/p11-kit/pkcs11.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/synchronization/mutex.h"
#include "node/base/error_reason.h"
#include "node/base/log.h"
#include "node/base/status_macros.h"
#include "node/crypto/openssl_handle.h"

namespace comity {
namespace {

constexpr size_t kSignatureSize = 64;
constexpr size_t kPublicSize = 32;
constexpr absl::string_view kProbe = "comity: does this token sign";
// id-Ed25519 of RFC 8410, in DER.
constexpr std::array<CK_BYTE, 5> kCurve = {0x06, 0x03, 0x2b, 0x65, 0x70};

absl::Status Failed(ErrorReason reason, const TokenKeyPlace& place,
                    absl::string_view what, CK_RV code) {
  return ReasonError(reason,
                     absl::StrCat("the token \"", place.token, "\" ", what,
                                  " (PKCS#11 says ", absl::Hex(code), ")"));
}

absl::Status Missing(absl::string_view what) {
  return ReasonError(ErrorReason::kNotFound, what);
}

CK_BYTE_PTR Bytes(absl::string_view text) {
  return const_cast<CK_BYTE_PTR>(Octets(text));
}

template <typename T>
CK_ATTRIBUTE Of(CK_ATTRIBUTE_TYPE type, T& value) {
  return {type, &value, sizeof(T)};
}

CK_ATTRIBUTE OfText(CK_ATTRIBUTE_TYPE type, absl::string_view text) {
  return {type, Bytes(text), text.size()};
}

// A module stays loaded, and is never told that it ends: other keys of this
// process may be in it.
absl::StatusOr<CK_FUNCTION_LIST_PTR> Load(const std::string& path) {
  void* library = absl::StartsWith(path, "/")
                      ? dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL)
                      : nullptr;
  void* found =
      library == nullptr ? nullptr : dlsym(library, "C_GetFunctionList");
  CK_FUNCTION_LIST_PTR functions = nullptr;
  if (found == nullptr ||
      reinterpret_cast<CK_C_GetFunctionList>(found)(&functions) != CKR_OK) {
    return Missing(absl::StrCat(path, " is no PKCS#11 module that loads"));
  }
  CK_C_INITIALIZE_ARGS threads{};
  threads.flags = CKF_OS_LOCKING_OK;
  const CK_RV code = functions->C_Initialize(&threads);
  if (code == CKR_OK || code == CKR_CRYPTOKI_ALREADY_INITIALIZED) {
    return functions;
  }
  return ReasonError(ErrorReason::kStoreUnavailable,
                     absl::StrCat(path, " does not begin (PKCS#11 says ",
                                  absl::Hex(code), ")"));
}

// What a token shows of a public key: 32 bytes, bare or as an OCTET STRING or
// BIT STRING in DER; modules differ.
absl::StatusOr<VerifyKey> PublicKeyIn(absl::string_view point) {
  if (point.size() == kPublicSize + 2) {
    absl::ConsumePrefix(&point, absl::string_view("\x04\x20", 2));
  } else if (point.size() == kPublicSize + 3) {
    absl::ConsumePrefix(&point, absl::string_view("\x03\x21\0", 3));
  }
  return VerifyKey::FromEd25519(point);
}

// A session with the token in which its user is logged in. Used by one thread
// at a time.
class TokenSession {
 public:
  static absl::StatusOr<std::unique_ptr<TokenSession>> Open(
      const TokenKeyPlace& place, const SecretBytes& pin, CK_FLAGS flags) {
    ASSIGN_OR_RETURN(CK_FUNCTION_LIST* const functions, Load(place.module));
    ASSIGN_OR_RETURN(const CK_SLOT_ID slot, FindSlot(functions, place));
    CK_SESSION_HANDLE handle = 0;
    CK_RV code = functions->C_OpenSession(slot, flags | CKF_SERIAL_SESSION,
                                          nullptr, nullptr, &handle);
    if (code != CKR_OK) {
      return Failed(ErrorReason::kStoreUnavailable, place, "opens no session",
                    code);
    }
    auto session = std::make_unique<TokenSession>(place, functions, handle);
    code =
        functions->C_Login(handle, CKU_USER, Bytes(pin.Expose()), pin.size());
    // Of another key's session.
    if (code == CKR_OK || code == CKR_USER_ALREADY_LOGGED_IN) return session;
    return Failed(ErrorReason::kFieldInvalid, place,
                  "does not take the PIN; after a few wrong ones it takes none",
                  code);
  }

  TokenSession(TokenKeyPlace place, CK_FUNCTION_LIST_PTR functions,
               CK_SESSION_HANDLE handle)
      : place_(std::move(place)), functions_(functions), handle_(handle) {}
  ~TokenSession() { functions_->C_CloseSession(handle_); }
  TokenSession(const TokenSession&) = delete;
  TokenSession& operator=(const TokenSession&) = delete;

  // CK_INVALID_HANDLE if there is none; INTEGRITY_FAILURE if there are two.
  absl::StatusOr<CK_OBJECT_HANDLE> Find(CK_OBJECT_CLASS kind) {
    CK_KEY_TYPE type = CKK_EC_EDWARDS;
    std::array<CK_ATTRIBUTE, 3> wanted = {Of(CKA_CLASS, kind),
                                          Of(CKA_KEY_TYPE, type),
                                          OfText(CKA_LABEL, place_.key)};
    std::array<CK_OBJECT_HANDLE, 2> found = {};
    CK_ULONG count = 0;
    CK_RV code =
        functions_->C_FindObjectsInit(handle_, wanted.data(), wanted.size());
    if (code == CKR_OK) {
      code = functions_->C_FindObjects(handle_, found.data(), found.size(),
                                       &count);
      functions_->C_FindObjectsFinal(handle_);
    }
    if (code != CKR_OK) {
      return Failed(ErrorReason::kStoreUnavailable, place_,
                    "does not say which keys it has", code);
    }
    if (count < 2) return count == 0 ? CK_OBJECT_HANDLE{0} : found[0];
    return ReasonError(ErrorReason::kIntegrityFailure,
                       absl::StrCat("the token \"", place_.token,
                                    "\" has two keys \"", place_.key, "\""));
  }

  absl::StatusOr<VerifyKey> ReadPublicKey() {
    ASSIGN_OR_RETURN(const CK_OBJECT_HANDLE key, Find(CKO_PUBLIC_KEY));
    if (key == 0) return NoKey();
    std::array<char, 64> point = {};
    CK_ATTRIBUTE wanted = {CKA_EC_POINT, point.data(), point.size()};
    const CK_RV code =
        functions_->C_GetAttributeValue(handle_, key, &wanted, 1);
    if (code != CKR_OK || wanted.ulValueLen > point.size()) {
      return Failed(ErrorReason::kStoreUnavailable, place_,
                    "does not show the public key", code);
    }
    return PublicKeyIn({point.data(), wanted.ulValueLen});
  }

  absl::StatusOr<std::string> Sign(absl::string_view message) {
    if (private_key_ == 0) {
      ASSIGN_OR_RETURN(private_key_, Find(CKO_PRIVATE_KEY));
      if (private_key_ == 0) return NoKey();
    }
    CK_MECHANISM mechanism = {CKM_EDDSA, nullptr, 0};
    std::string signature(kSignatureSize, '\0');
    CK_ULONG size = signature.size();
    CK_RV code = functions_->C_SignInit(handle_, &mechanism, private_key_);
    if (code == CKR_OK) {
      code = functions_->C_Sign(handle_, Bytes(message), message.size(),
                                Octets(signature), &size);
    }
    if (code == CKR_OK && size == kSignatureSize) return signature;
    return Failed(ErrorReason::kStoreUnavailable, place_,
                  "does not sign by Ed25519", code);
  }

  // Both halves; the private one stays in the token.
  absl::Status Generate() {
    CK_BBOOL yes = CK_TRUE;
    CK_BBOOL no = CK_FALSE;
    std::array<CK_BYTE, kCurve.size()> curve = kCurve;
    std::array<CK_ATTRIBUTE, 6> open = {Of(CKA_TOKEN, yes),
                                        Of(CKA_PRIVATE, no),
                                        Of(CKA_VERIFY, yes),
                                        Of(CKA_EC_PARAMS, curve),
                                        OfText(CKA_LABEL, place_.key),
                                        OfText(CKA_ID, place_.key)};
    std::array<CK_ATTRIBUTE, 7> secret = {
        Of(CKA_TOKEN, yes),        Of(CKA_PRIVATE, yes),
        Of(CKA_SENSITIVE, yes),    Of(CKA_EXTRACTABLE, no),
        Of(CKA_SIGN, yes),         OfText(CKA_LABEL, place_.key),
        OfText(CKA_ID, place_.key)};
    CK_MECHANISM mechanism = {CKM_EC_EDWARDS_KEY_PAIR_GEN, nullptr, 0};
    CK_OBJECT_HANDLE public_key = 0;
    CK_OBJECT_HANDLE private_key = 0;
    const CK_RV code = functions_->C_GenerateKeyPair(
        handle_, &mechanism, open.data(), open.size(), secret.data(),
        secret.size(), &public_key, &private_key);
    if (code == CKR_OK) return absl::OkStatus();
    return Failed(ErrorReason::kStoreUnavailable, place_,
                  "makes no Ed25519 key", code);
  }

 private:
  static absl::StatusOr<CK_SLOT_ID> FindSlot(CK_FUNCTION_LIST_PTR functions,
                                             const TokenKeyPlace& place) {
    CK_ULONG count = 0;
    functions->C_GetSlotList(CK_TRUE, nullptr, &count);
    std::vector<CK_SLOT_ID> slots(count);
    if (functions->C_GetSlotList(CK_TRUE, slots.data(), &count) != CKR_OK) {
      count = 0;
    }
    slots.resize(std::min<size_t>(count, slots.size()));
    for (const CK_SLOT_ID slot : slots) {
      CK_TOKEN_INFO info{};
      if (functions->C_GetTokenInfo(slot, &info) != CKR_OK) continue;
      // Filled up with spaces, without an end.
      std::string label(reinterpret_cast<const char*>(info.label),
                        sizeof(info.label));
      label.resize(label.find_last_not_of(' ') + 1);
      if (label == place.token) return slot;
    }
    return Missing(absl::StrCat("there is no token \"", place.token, "\" at ",
                                place.module));
  }

  absl::Status NoKey() const {
    return Missing(absl::StrCat("the token \"", place_.token,
                                "\" has no Ed25519 key \"", place_.key, "\""));
  }

  const TokenKeyPlace place_;
  CK_FUNCTION_LIST* const functions_;
  const CK_SESSION_HANDLE handle_;
  CK_OBJECT_HANDLE private_key_ = 0;
};

class TokenKey : public KeyInPlace {
 public:
  TokenKey(TokenKeyPlace place, const SecretBytes& pin,
           std::unique_ptr<TokenSession> session)
      : place_(std::move(place)),
        pin_(pin.Clone()),
        session_(std::move(session)) {}

  std::string Sign(absl::string_view message) const override {
    absl::MutexLock lock(&mutex_);
    auto signature = session_->Sign(message);
    if (signature.ok()) return *std::move(signature);
    Log(LogLevel::kWarning, "token_session_ended",
        {LogField::Public("why", signature.status().message())});
    // Once: a token that takes no PIN any more must not be asked on.
    signature = SignInNewSession(message);
    if (signature.ok()) return *std::move(signature);
    Log(LogLevel::kError, "token_does_not_sign",
        {LogField::Public("why", signature.status().message())});
    std::abort();
  }

 private:
  absl::StatusOr<std::string> SignInNewSession(absl::string_view message) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    ASSIGN_OR_RETURN(session_, TokenSession::Open(place_, pin_, 0));
    return session_->Sign(message);
  }

  const TokenKeyPlace place_;
  const SecretBytes pin_;
  mutable absl::Mutex mutex_;
  mutable std::unique_ptr<TokenSession> session_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace

absl::StatusOr<SigningKey> OpenTokenKey(const TokenKeyPlace& place,
                                        const SecretBytes& pin) {
  ASSIGN_OR_RETURN(auto session, TokenSession::Open(place, pin, 0));
  ASSIGN_OR_RETURN(const VerifyKey key, session->ReadPublicKey());
  ASSIGN_OR_RETURN(const std::string signature, session->Sign(kProbe));
  if (!key.Verify(kProbe, signature).ok()) {
    return ReasonError(ErrorReason::kIntegrityFailure,
                       absl::StrCat("the token \"", place.token,
                                    "\" signs with another key than the \"",
                                    place.key, "\" that it shows"));
  }
  return SigningKey::InPlace(
      key, std::make_shared<TokenKey>(place, pin, std::move(session)));
}

absl::StatusOr<SigningKey> MakeTokenKey(const TokenKeyPlace& place,
                                        const SecretBytes& pin) {
  {
    ASSIGN_OR_RETURN(const auto session,
                     TokenSession::Open(place, pin, CKF_RW_SESSION));
    ASSIGN_OR_RETURN(const CK_OBJECT_HANDLE there,
                     session->Find(CKO_PRIVATE_KEY));
    if (there != 0) {
      return ReasonError(
          ErrorReason::kAlreadyExists,
          absl::StrCat("the token \"", place.token, "\" has a key \"",
                       place.key, "\" already"));
    }
    RETURN_IF_ERROR(session->Generate());
  }
  return OpenTokenKey(place, pin);
}

}  // namespace comity
