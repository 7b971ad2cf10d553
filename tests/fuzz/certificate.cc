#include "node/identity/partner_table.h"
#include "tests/support/self_made_card.h"

namespace {

const absl::Time kNow = absl::FromUnixSeconds(1790000000);

// Who is known here: a partner and the own country, each with an anchor that
// signed nothing.
struct Known {
  comity::SystemRandom random;
  comity::ParticipantCard card = comity::SelfMadeCard(
      *comity::ParticipantCode::Create("NG"),
      comity::SigningKey::Generate(comity::KeyAlgorithm::kEd25519).public_key(),
      kNow - absl::Hours(1), random);
  comity::PartnerTable partners{std::vector<comity::ParticipantCard>{card}};
  comity::NationalTrust national{card.code, card.Anchors()};
};

void ExpectAlike(const comity::Certificate& read,
                 const comity::Certificate& again) {
  if (read.Fingerprint() != again.Fingerprint() ||
      read.not_before() != again.not_before() ||
      read.not_after() != again.not_after()) {
    __builtin_trap();
  }
  const auto uris = read.UriNames();
  const auto uris_again = again.UriNames();
  if (uris.ok() != uris_again.ok()) __builtin_trap();
  if (uris.ok() && *uris != *uris_again) __builtin_trap();
}

}  // namespace

// What somebody presents in a handshake, or has written into a card.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view text(reinterpret_cast<const char*>(data), size);
  static const auto* known = new Known();
  const auto chain = comity::Certificate::ListFromPem(text);
  if (!chain.ok()) return 0;
  for (const comity::Certificate& certificate : *chain) {
    // One that was read is written and read alike.
    const auto again = comity::Certificate::FromPem(certificate.ToPem());
    if (!again.ok()) __builtin_trap();
    ExpectAlike(certificate, *again);
    // Its key can be asked, and signed nothing.
    if (certificate.public_key().Verify("text", "signature").ok()) {
      __builtin_trap();
    }
    // It may name anybody; nobody here vouches for it.
    if (known->partners
            .IdentifyNode(certificate, *chain, comity::ChainPurpose::kClient,
                          kNow)
            .ok() ||
        known->national.IdentifyOperator(certificate, *chain, kNow).ok()) {
      __builtin_trap();
    }
  }
  return 0;
}
