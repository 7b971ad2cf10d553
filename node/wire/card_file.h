#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "node/identity/participant_card.h"

namespace comity {

// Participant cards as text (certs/README.md): a first line, one "key: value"
// line each in fixed order, and the root's signature over all lines before it.

std::string FormatCard(const ParticipantCard& card, const SigningKey& root_key);

// The key of `past` signs that `next` follows it as the participant's root.
// Every card with `next` may say so, signed by the key of `next` alone.
PastRoot SignSuccession(const ParticipantCode& code, const Certificate& next,
                        const Certificate& past, const SigningKey& past_key);

// FIELD_INVALID unless `text` is exactly one card, at most 64 KiB, signed by
// the root that it names; and, where it names a root before, that one signed
// who follows it.
absl::StatusOr<ParticipantCard> ParseCard(absl::string_view text);

// SHA-256 of the whole text, as eight groups of eight digits, for comparing
// over another channel.
std::string CardFingerprint(absl::string_view text);

// Whether `next` may replace `pinned` without a new comparison: the same
// participant, a higher serial, and the same root or one that the pinned root
// signed as its follower. FIELD_INVALID says what differs.
absl::Status CheckSuccessor(const ParticipantCard& pinned,
                            const ParticipantCard& next);

}  // namespace comity
