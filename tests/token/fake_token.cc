// A PKCS#11 module with one token, "comity" of PIN "4321", that keeps Ed25519
// keys in this process: what the node asks of a token, and no more.
#include <openssl/evp.h>
#include <p11-kit-1/p11-kit/pkcs11.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace {

constexpr CK_SLOT_ID kSlot = 7;
constexpr const char* kPin = "4321";
constexpr const char* kLabel = "comity";

struct Key {
  std::string label;
  EVP_PKEY* pair;
};

// Object 2n + 1 is the public half of the nth key, 2n + 2 the private one.
std::mutex mutex;
// Never destroyed: the token is there for as long as the process.
std::vector<Key>& keys = *new std::vector<Key>;
std::map<CK_SESSION_HANDLE, std::vector<CK_OBJECT_HANDLE>> found;
std::map<CK_SESSION_HANDLE, CK_OBJECT_HANDLE> signing;
CK_SESSION_HANDLE sessions = 0;  // opened so far
CK_SESSION_HANDLE ended = 0;     // those up to here are gone
bool logged_in = false;
bool lies = false;

bool Ended(CK_SESSION_HANDLE session) { return session <= ended; }

std::string Text(const CK_ATTRIBUTE* attributes, CK_ULONG count,
                 CK_ATTRIBUTE_TYPE type) {
  for (CK_ULONG i = 0; i < count; ++i) {
    if (attributes[i].type != type) continue;
    return {static_cast<const char*>(attributes[i].pValue),
            attributes[i].ulValueLen};
  }
  return "";
}

CK_RV Initialize(void*) { return CKR_OK; }

CK_RV GetSlotList(CK_BBOOL, CK_SLOT_ID* slots, CK_ULONG* count) {
  if (slots != nullptr) slots[0] = kSlot;
  *count = 1;
  return CKR_OK;
}

CK_RV GetTokenInfo(CK_SLOT_ID, CK_TOKEN_INFO* info) {
  std::memset(info->label, ' ', sizeof(info->label));
  std::memcpy(info->label, kLabel, std::strlen(kLabel));
  return CKR_OK;
}

CK_RV OpenSession(CK_SLOT_ID slot, CK_FLAGS flags, void*, CK_NOTIFY,
                  CK_SESSION_HANDLE* session) {
  const std::lock_guard<std::mutex> lock(mutex);
  if (slot != kSlot || (flags & CKF_SERIAL_SESSION) == 0) {
    return CKR_ARGUMENTS_BAD;
  }
  *session = ++sessions;
  return CKR_OK;
}

CK_RV CloseSession(CK_SESSION_HANDLE) { return CKR_OK; }

CK_RV Login(CK_SESSION_HANDLE, CK_USER_TYPE, unsigned char* pin,
            CK_ULONG size) {
  const std::lock_guard<std::mutex> lock(mutex);
  if (logged_in) return CKR_USER_ALREADY_LOGGED_IN;
  if (std::string(reinterpret_cast<char*>(pin), size) != kPin) {
    return CKR_PIN_INCORRECT;
  }
  logged_in = true;
  return CKR_OK;
}

CK_RV FindObjectsInit(CK_SESSION_HANDLE session, CK_ATTRIBUTE* attributes,
                      CK_ULONG count) {
  const std::lock_guard<std::mutex> lock(mutex);
  if (Ended(session)) return CKR_SESSION_HANDLE_INVALID;
  CK_OBJECT_CLASS kind = 0;
  std::memcpy(&kind, Text(attributes, count, CKA_CLASS).data(), sizeof(kind));
  std::vector<CK_OBJECT_HANDLE>& matching = found[session];
  matching.clear();
  for (size_t i = 0; i < keys.size(); ++i) {
    if (keys[i].label != Text(attributes, count, CKA_LABEL)) continue;
    matching.push_back(2 * i + (kind == CKO_PUBLIC_KEY ? 1 : 2));
  }
  return CKR_OK;
}

CK_RV FindObjects(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE* objects,
                  CK_ULONG most, CK_ULONG* count) {
  const std::lock_guard<std::mutex> lock(mutex);
  const std::vector<CK_OBJECT_HANDLE>& matching = found[session];
  *count = std::min<CK_ULONG>(most, matching.size());
  std::copy_n(matching.begin(), *count, objects);
  return CKR_OK;
}

CK_RV FindObjectsFinal(CK_SESSION_HANDLE) { return CKR_OK; }

CK_RV GetAttributeValue(CK_SESSION_HANDLE, CK_OBJECT_HANDLE object,
                        CK_ATTRIBUTE* wanted, CK_ULONG) {
  const std::lock_guard<std::mutex> lock(mutex);
  auto* point = static_cast<unsigned char*>(wanted->pValue);
  size_t size = 32;
  point[0] = 0x04;
  point[1] = 0x20;
  EVP_PKEY_get_raw_public_key(keys.at((object - 1) / 2).pair, point + 2, &size);
  wanted->ulValueLen = 34;
  return wanted->type == CKA_EC_POINT ? CKR_OK : CKR_ATTRIBUTE_TYPE_INVALID;
}

CK_RV GenerateKeyPair(CK_SESSION_HANDLE, CK_MECHANISM* mechanism,
                      CK_ATTRIBUTE* open, CK_ULONG open_count,
                      CK_ATTRIBUTE* secret, CK_ULONG secret_count,
                      CK_OBJECT_HANDLE* public_key,
                      CK_OBJECT_HANDLE* private_key) {
  const std::lock_guard<std::mutex> lock(mutex);
  // It must stay in the token.
  const bool stays =
      Text(secret, secret_count, CKA_SENSITIVE) == std::string(1, CK_TRUE) &&
      Text(secret, secret_count, CKA_EXTRACTABLE) == std::string(1, CK_FALSE);
  if (mechanism->mechanism != CKM_EC_EDWARDS_KEY_PAIR_GEN || !stays ||
      Text(open, open_count, CKA_EC_PARAMS) != "\x06\x03\x2b\x65\x70") {
    return CKR_TEMPLATE_INCONSISTENT;
  }
  keys.push_back({Text(secret, secret_count, CKA_LABEL),
                  EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")});
  *public_key = 2 * keys.size() - 1;
  *private_key = 2 * keys.size();
  return CKR_OK;
}

CK_RV SignInit(CK_SESSION_HANDLE session, CK_MECHANISM* mechanism,
               CK_OBJECT_HANDLE key) {
  const std::lock_guard<std::mutex> lock(mutex);
  if (Ended(session)) return CKR_SESSION_HANDLE_INVALID;
  if (mechanism->mechanism != CKM_EDDSA) return CKR_MECHANISM_INVALID;
  if (!logged_in || key % 2 != 0) return CKR_KEY_HANDLE_INVALID;
  signing[session] = key;
  return CKR_OK;
}

CK_RV Sign(CK_SESSION_HANDLE session, unsigned char* data, CK_ULONG size,
           unsigned char* signature, CK_ULONG* signature_size) {
  const std::lock_guard<std::mutex> lock(mutex);
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  EVP_DigestSignInit(context, nullptr, nullptr, nullptr,
                     keys.at(signing[session] / 2 - 1).pair);
  size_t length = *signature_size;
  EVP_DigestSign(context, signature, &length, data, size);
  EVP_MD_CTX_free(context);
  if (lies) signature[0] ^= 1;
  *signature_size = length;
  return CKR_OK;
}

CK_FUNCTION_LIST MakeFunctions() {
  CK_FUNCTION_LIST list{};
  list.version = {2, 40};
  list.C_Initialize = Initialize;
  list.C_GetSlotList = GetSlotList;
  list.C_GetTokenInfo = GetTokenInfo;
  list.C_OpenSession = OpenSession;
  list.C_CloseSession = CloseSession;
  list.C_Login = Login;
  list.C_FindObjectsInit = FindObjectsInit;
  list.C_FindObjects = FindObjects;
  list.C_FindObjectsFinal = FindObjectsFinal;
  list.C_GetAttributeValue = GetAttributeValue;
  list.C_GenerateKeyPair = GenerateKeyPair;
  list.C_SignInit = SignInit;
  list.C_Sign = Sign;
  return list;
}

}  // namespace

// What a test does to the token.
extern "C" {

void FakeTokenForget() {
  const std::lock_guard<std::mutex> lock(mutex);
  for (const Key& key : keys) EVP_PKEY_free(key.pair);
  keys.clear();
  ended = sessions;
  logged_in = false;
  lies = false;
}

// As when it was pulled out and put in again.
void FakeTokenEndSessions() {
  const std::lock_guard<std::mutex> lock(mutex);
  ended = sessions;
  logged_in = false;
}

void FakeTokenLie() {
  const std::lock_guard<std::mutex> lock(mutex);
  lies = true;
}

CK_RV C_GetFunctionList(CK_FUNCTION_LIST** list) {
  static CK_FUNCTION_LIST functions = MakeFunctions();
  *list = &functions;
  return CKR_OK;
}

}  // extern "C"
