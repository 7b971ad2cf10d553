#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "node/domain/referral.h"
#include "node/wire/dossier_file.h"

namespace comity {

// How two sides' files of one referral differ in one event.
enum class DossierGap : uint8_t {
  kOnlyFirst,         // the second has no such event
  kOnlySecond,        // nor the first
  kOtherEvent,        // both have one of this id, and it is not the same
  kReceiptOnlyFirst,  // both have the event, one of them a receipt for it
  kReceiptOnlySecond,
  kOtherReceipt,
};

struct DossierDifference {
  Uuid event_id;
  ParticipantCode author;
  ReferralEventKind kind = ReferralEventKind::kUnset;
  DossierGap gap = DossierGap::kOnlyFirst;

  friend bool operator==(const DossierDifference&,
                         const DossierDifference&) = default;
};

// What the ledgers of both sides of one referral differ in, in the order of the
// first file, and then what the second alone has; empty: they are the same. An
// event and its receipt are the same if their log entries are: what the entries
// commit to is for VerifyDossier, which must hold for both files. Openings do
// not count: they are erased on each side for itself. FIELD_INVALID if the
// files are of two referrals; EVIDENCE_INVALID if an event does not parse.
absl::StatusOr<std::vector<DossierDifference>> CompareDossiers(
    const DossierFile& first, const DossierFile& second);

}  // namespace comity
