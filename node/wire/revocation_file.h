#pragma once

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "node/crypto/signature.h"
#include "node/domain/participant.h"
#include "node/identity/revoked_certificates.h"

namespace comity {

// The list of certificates that a participant revoked, as text, signed by its
// issuing CA over all lines before the signature:
//
//   comity revoked certificates v1
//   participant: NG
//   sequence: 3
//   3f9a02c1...(64 digits) 2026-11-30T08:00:00Z 2027-02-28T08:00:00Z
//   signature: base64
//
// Each entry says since when, and until when at least its certificate would
// have lasted.

// So many entries: what is told to partners fits into one request.
inline constexpr size_t kMostRevoked = 64;

std::string FormatRevocations(const ParticipantCode& participant,
                              const RevokedCertificates& list,
                              const SigningKey& issuing_key);

// FIELD_INVALID unless `text` is exactly one such list of `participant`, with
// at most kMostRevoked entries; whose signature it bears is not looked at.
absl::StatusOr<RevokedCertificates> ReadRevocations(
    absl::string_view text, const ParticipantCode& participant);

// The same, and EVIDENCE_INVALID unless `issuing_key` signed it.
absl::StatusOr<RevokedCertificates> ParseRevocations(
    absl::string_view text, const ParticipantCode& participant,
    const VerifyKey& issuing_key);

}  // namespace comity
