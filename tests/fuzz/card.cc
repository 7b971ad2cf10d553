#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "node/crypto/random.h"
#include "node/wire/card_file.h"

namespace {

constexpr absl::string_view kRoot = "\nroot: ";
constexpr const char* kSignature = "signature: ";

// Somebody who signs whatever card is written.
struct Root {
  comity::SystemRandom random;
  comity::SigningKey key =
      comity::SigningKey::Generate(comity::KeyAlgorithm::kP256);
  comity::Certificate certificate = *comity::IssueCertificate(
      {comity::CertificateKind::kRoot, key.public_key(), "root", "", "", "",
       absl::FromUnixSeconds(1790000000), absl::FromUnixSeconds(1890000000)},
      nullptr, key, random);
};

// The body with this root in place of its own.
std::string WithRoot(absl::string_view body, const Root& root) {
  const size_t at = body.find(kRoot);
  if (at == absl::string_view::npos) return std::string(body);
  const absl::string_view behind = body.substr(at + kRoot.size());
  const size_t end = std::min(behind.find('\n'), behind.size());
  return absl::StrCat(body.substr(0, at), kRoot,
                      absl::Base64Escape(root.certificate.ToPem()),
                      behind.substr(end));
}

std::string BodyOf(const std::string& card) {
  return card.substr(0, card.rfind(kSignature));
}

// Of a card that was read: it replaces no other, and no byte of it changes.
void ExpectFirm(const comity::ParticipantCard& card, std::string text) {
  if (comity::CheckSuccessor(card, card).ok()) __builtin_trap();
  text[text.size() / 2] = static_cast<char>(text[text.size() / 2] ^ 1);
  if (comity::ParseCard(text).ok()) __builtin_trap();
}

// Every card may name the root that its own followed, and by no other key's
// word.
void ExpectFollowed(comity::ParticipantCard card, const Root& root,
                    const Root& past) {
  card.past_root =
      comity::SignSuccession(card.code, card.root, past.certificate, past.key);
  const std::string text = comity::FormatCard(card, root.key);
  if (text.size() > size_t{64} * 1024) return;
  const auto read = comity::ParseCard(text);
  if (!read.ok() || read->Anchors().size() != 3) __builtin_trap();
  ExpectFirm(*read, text);
  card.past_root =
      comity::SignSuccession(card.code, card.root, past.certificate, root.key);
  if (comity::ParseCard(comity::FormatCard(card, root.key)).ok()) {
    __builtin_trap();
  }
}

}  // namespace

// A card that came by mail, signed by whom it names or not.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view bytes(reinterpret_cast<const char*>(data), size);
  static const auto* root = new Root();
  static const auto* past = new Root();
  const auto as_it_came = comity::ParseCard(bytes);
  if (as_it_came.ok()) ExpectFirm(*as_it_came, std::string(bytes));
  const std::string body =
      WithRoot(bytes.substr(0, bytes.rfind(kSignature)), *root);
  const std::string text = absl::StrCat(
      body, kSignature, absl::Base64Escape(root->key.Sign(body)), "\n");
  const auto card = comity::ParseCard(text);
  if (!card.ok()) return 0;
  // One spelling for each card.
  if (BodyOf(comity::FormatCard(*card, root->key)) != body) __builtin_trap();
  ExpectFirm(*card, text);
  ExpectFollowed(*card, *root, *past);
  return 0;
}
