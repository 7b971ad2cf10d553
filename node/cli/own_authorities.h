#pragma once

#include "absl/time/time.h"
#include "node/crypto/x509.h"
#include "node/domain/participant.h"

namespace comity {

// What is asked for when a participant's own authorities are issued: by a new
// node, by a renewal, or in place of a root.

// A root, for ten years. All roots of a participant have one name.
CertificateRequest RootRequest(const ParticipantCode& code,
                               const VerifyKey& key, absl::Time now);

// An issuing CA under `root`, for a year or until the root ends.
CertificateRequest IssuingRequest(const ParticipantCode& code,
                                  const VerifyKey& key, const Certificate& root,
                                  absl::Time now);

}  // namespace comity
