#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "node/domain/referral.h"
#include "node/wire/envelope.h"

namespace comity {

// A dossier as a text file that anybody can verify who has both parties' cards
// (node/audit/FORMAT.md section 7). It holds no person data unless openings are
// put in.

// One event with the receipt that it got, if any.
struct DossierEntry {
  Message event;
  std::optional<Message> receipt;
};

struct DossierFile {
  Uuid referral_id;
  ReferralParties parties;
  std::vector<DossierEntry> entries;
};

// More than any referral has.
inline constexpr size_t kMaxDossierEvents = 256;

std::string FormatDossierFile(const DossierFile& file);

// EVIDENCE_INVALID, with the line, unless `text` is exactly what
// FormatDossierFile makes of some dossier of at most kMaxDossierEvents.
absl::StatusOr<DossierFile> ParseDossierFile(absl::string_view text);

}  // namespace comity
