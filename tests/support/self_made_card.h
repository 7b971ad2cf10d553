#pragma once

#include <string>

#include "node/crypto/random.h"
#include "node/crypto/x509.h"
#include "node/identity/participant_card.h"

namespace comity {

// A card that is valid enough to be looked up: a root of its own since `now`,
// one key for both logs, and an address that nobody calls.
inline ParticipantCard SelfMadeCard(const ParticipantCode& code,
                                    const VerifyKey& log_key, absl::Time now,
                                    RandomSource& random) {
  const SigningKey key = SigningKey::Generate(KeyAlgorithm::kP256);
  const CertificateRequest request{
      CertificateKind::kRoot, key.public_key(), "root", "", "", "", now,
      now + absl::Hours(24)};
  const Certificate root = *IssueCertificate(request, nullptr, key, random);
  return {code, code.text(), false,   1,      {"127.0.0.1:4711"},
          root, root,        log_key, log_key};
}

}  // namespace comity
