#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "node/identity/participant_card.h"

namespace comity {

// Participant cards as text (certs/README.md): a first line, one "key: value"
// line each in fixed order, and the root's signature over all lines before it.

std::string FormatCard(const ParticipantCard& card, const SigningKey& root_key);

// FIELD_INVALID unless `text` is exactly one card, at most 64 KiB, signed by
// the root that it names.
absl::StatusOr<ParticipantCard> ParseCard(absl::string_view text);

// SHA-256 of the whole text, as eight groups of eight digits, for comparing
// over another channel.
std::string CardFingerprint(absl::string_view text);

// Whether `next` may replace `pinned` without a new comparison: the same
// participant and root, and a higher serial. FIELD_INVALID says what differs.
absl::Status CheckSuccessor(const ParticipantCard& pinned,
                            const ParticipantCard& next);

}  // namespace comity
