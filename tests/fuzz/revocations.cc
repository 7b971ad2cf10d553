#include <cstddef>
#include <cstdint>

#include "absl/strings/str_cat.h"
#include "node/base/base64.h"
#include "node/wire/revocation_file.h"

namespace {

constexpr const char* kSignature = "signature: ";

struct Issuer {
  comity::ParticipantCode participant = *comity::ParticipantCode::Create("NG");
  comity::SigningKey key =
      comity::SigningKey::Generate(comity::KeyAlgorithm::kP256);
};

}  // namespace

// A list of revoked certificates that a partner told of, signed or not.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view bytes(reinterpret_cast<const char*>(data), size);
  static const auto* issuer = new Issuer();
  const comity::VerifyKey key = issuer->key.public_key();
  // Nobody signed it as it came.
  if (comity::ParseRevocations(bytes, issuer->participant, key).ok()) {
    __builtin_trap();
  }
  const std::string body(bytes.substr(0, bytes.rfind(kSignature)));
  const std::string text = absl::StrCat(
      body, kSignature, absl::Base64Escape(issuer->key.Sign(body)), "\n");
  const auto list = comity::ParseRevocations(text, issuer->participant, key);
  if (!list.ok()) return 0;
  if (list->entries.size() > comity::kMostRevoked) __builtin_trap();
  // One spelling for each list.
  const std::string again =
      comity::FormatRevocations(issuer->participant, *list, issuer->key);
  if (again.substr(0, again.rfind(kSignature)) != body) __builtin_trap();
  return 0;
}
