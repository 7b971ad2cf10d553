#include "node/service/recall.h"

#include <set>

#include "node/base/status_macros.h"
#include "node/service/consent_view.h"
#include "node/service/erasure.h"
#include "node/service/withdrawal.h"
#include "node/wire/event_wire.h"

namespace comity {
namespace {

// What withdrawals of this node took back that the partner will never see.
WithdrawnScope VoidedBy(const NodeContext& node, const Dossier& dossier) {
  // What stands, and what goes on in a withdrawal that stands.
  std::set<Uuid> settled;
  for (const ReferralEvent& event : dossier.ordered) {
    settled.insert(event.event_id);
    settled.insert(event.recalled.begin(), event.recalled.end());
  }
  WithdrawnScope voided;
  for (size_t i = 0; i < dossier.events.size(); ++i) {
    const ReferralEvent& event = dossier.events[i];
    if (event.author != node.self ||
        event.kind != ReferralEventKind::kConsentWithdrawn ||
        event.receipt != ReceiptOutcome::kNone ||
        settled.contains(event.event_id)) {
      continue;
    }
    const auto payload = StoredPayload(dossier.rows[i]);
    voided.whole |= payload.withdrawal().whole();
    voided.groups = voided.groups.Union(GroupsOf(payload.withdrawal()));
  }
  return voided;
}

}  // namespace

absl::Status FollowRecall(NodeContext& node, const Uuid& referral_id,
                          CommitScope& scope) {
  RETURN_IF_ERROR(RefreshState(node.self, scope.store(), referral_id));
  ASSIGN_OR_RETURN(const Dossier dossier,
                   ReadDossier(scope.store(), referral_id));
  const WithdrawnScope voided = VoidedBy(node, dossier);
  if (dossier.status.withdrawn || (!voided.whole && voided.groups.empty())) {
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(const bool written,
                   WithdrawFromDossier(node, referral_id, NewUuid(node.random),
                                       voided, Role::kUnset, scope));
  if (!written || dossier.row.parties.receiver != node.self) {
    return absl::OkStatus();
  }
  // The answer to it was voided with it.
  return ObeyWithdrawal(node, referral_id,
                        FormatWithdrawal(voided.whole, voided.groups),
                        dossier.row.state, scope);
}

}  // namespace comity
