#include "node/delivery/dossier_export.h"

#include <set>
#include <string>

#include "node/audit/log_appender.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/wire/event_wire.h"

namespace comity {
namespace {

// Proofs of both sides' messages between `self` and `other`.
struct Prover {
  const Store& store;
  std::string own_log;

  absl::StatusOr<std::string> Prove(bool own, uint64_t index,
                                    const std::string& kept) const {
    if (own) return ProveEntry(store, own_log, index);
    if (!kept.empty()) return kept;
    return ReasonError(ErrorReason::kEvidenceMissing,
                       "an event of this referral came before this node kept "
                       "its partners' proofs; ask the partner for an export");
  }
};

absl::StatusOr<DossierEntry> EntryOf(const EventRow& row, bool own,
                                     const Prover& prover) {
  DossierEntry entry{{row.leaf, row.type, row.payload, row.salt, "", {}}, {}};
  ASSIGN_OR_RETURN(entry.event.proof,
                   prover.Prove(own, row.leaf_index, row.proof));
  if (row.receipt_leaf.empty()) return entry;
  entry.receipt = Message{row.receipt_leaf, kReceiptType, row.receipt_payload,
                          row.receipt_salt, "",           {}};
  ASSIGN_OR_RETURN(
      entry.receipt->proof,
      prover.Prove(!own, row.receipt_leaf_index, row.receipt_proof));
  return entry;
}

}  // namespace

absl::StatusOr<DossierFile> ExportDossier(const Store& store,
                                          const ParticipantCode& self,
                                          const Dossier& dossier) {
  DossierFile file{dossier.row.referral_id, dossier.row.parties, {}};
  const Prover prover{store, PartnerLogOrigin(self, dossier.OtherThan(self))};
  std::set<Uuid> effective;
  for (const ReferralEvent& each : dossier.ordered) {
    effective.insert(each.event_id);
  }
  for (const EventRow& row : dossier.rows) {
    if (row.receipt_leaf.empty() && !effective.contains(row.event.event_id)) {
      continue;
    }
    ASSIGN_OR_RETURN(DossierEntry entry,
                     EntryOf(row, row.event.author == self, prover));
    file.entries.push_back(std::move(entry));
  }
  return file;
}

}  // namespace comity
