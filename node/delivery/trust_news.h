#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "node/audit/commit_writer.h"
#include "node/domain/participant.h"
#include "node/identity/partner_table.h"
#include "node/store/store.h"
#include "node/wire/federation_wire.h"

namespace comity {

// What a node tells its partners of its own certificates, with
// ExchangeCheckpoints: its newest card, and the list of what it revoked. Both
// are in the store from the moment they are in force, so that whoever exchanges
// has them; who holds which of them already is known from what it told last.

// The own card and list, as texts; serial 0: none were put there yet.
struct OwnTrust {
  std::string card;
  uint32_t serial = 0;
  std::string revocations;
  uint64_t sequence = 0;
};
absl::StatusOr<OwnTrust> ReadOwnTrust(const StateReader& store);
absl::Status PutOwnTrust(StateWriter& store, const OwnTrust& own);

// Whether `partner` told that it holds less than that, or never told and there
// is more than a first card.
absl::StatusOr<bool> IsNewsDue(const StateReader& store,
                               const ParticipantCode& partner);

// Serial of the own card that `partner` told last that it holds.
absl::StatusOr<uint32_t> CardHeldBy(const StateReader& store,
                                    const ParticipantCode& partner);

// What this node holds of the partner's, without news.
TrustNews HeldOf(const PartnerTable& table, const ParticipantCode& partner);

// The same with what the partner, who told what it holds, is to take; nothing
// of that if it told nothing.
absl::StatusOr<TrustNews> NewsFor(const StateReader& store,
                                  const PartnerTable& table,
                                  const ParticipantCode& partner,
                                  const TrustNews& told);
// As if it had told the same as last time.
absl::StatusOr<TrustNews> NewsAgain(const StateReader& store,
                                    const PartnerTable& table,
                                    const ParticipantCode& partner);

// Notes what the partner tells that it holds, if that is another than before.
// Does not wait.
void NoteHeldBy(const StateReader& store, CommitWriter& writer,
                const ParticipantCode& partner, const TrustNews& told);

// Takes what a partner tells of its certificates. Does not wait.
using TrustIntake =
    std::function<void(const ParticipantCode& partner, const TrustNews& news)>;

}  // namespace comity
