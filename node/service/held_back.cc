#include "node/service/held_back.h"

#include <set>
#include <vector>

#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/service/erasure.h"
#include "node/service/withdrawal.h"

namespace comity {
namespace {

using Kind = ReferralEventKind;

// What waits in a dossier and ends disclosure, behind something that does not.
struct Behind {
  bool withdrawal = false;
  std::vector<federation::v1::ErasedCopies> answered;
};

Behind BehindHeldBack(const NodeContext& node, const Dossier& dossier) {
  const std::set<Uuid> seen = SeenByOther(node, dossier);
  Behind behind;
  bool held_back = false;
  for (const ReferralEvent& event : dossier.ordered) {
    if (event.author != node.self || event.receipt != ReceiptOutcome::kNone ||
        seen.contains(event.event_id)) {
      continue;
    }
    // The other side has nothing of it.
    if (event.kind == Kind::kSent) return {};
    if (!EndsDisclosure(event.kind)) {
      held_back = true;
    } else if (held_back) {
      behind.withdrawal |= event.kind == Kind::kConsentWithdrawn;
      const auto payload = StoredPayload(dossier, event.event_id);
      behind.answered.insert(behind.answered.end(),
                             payload.erasure().copies().begin(),
                             payload.erasure().copies().end());
    }
  }
  return behind;
}

}  // namespace

absl::StatusOr<bool> IsExcluded(const NodeContext& node, const Dossier& dossier,
                                const StoreReader& store) {
  const absl::Status danger = CheckDanger(node, dossier, store);
  if (danger.ok() || ReasonOf(danger) == ErrorReason::kNotFound) return false;
  if (ReasonOf(danger) == ErrorReason::kNotAvailable) return true;
  return danger;
}

absl::Status CheckMayAskAbout(const NodeContext& node,
                              const std::string& referral_id,
                              const StoreReader& store) {
  const absl::StatusOr<Uuid> id = Uuid::Parse(referral_id);
  if (!id.ok()) return absl::OkStatus();
  const absl::StatusOr<Dossier> dossier = ReadDossier(store, *id);
  if (ReasonOf(dossier.status()) == ErrorReason::kNotFound) {
    return absl::OkStatus();
  }
  RETURN_IF_ERROR(dossier.status());
  return CheckMayAskUnder(node, dossier->OtherThan(node.self),
                          dossier->row.pseudonym, store);
}

absl::Status CheckMayAskUnder(const NodeContext& node,
                              const ParticipantCode& asked,
                              const Uuid& pseudonym, const StoreReader& store) {
  ASSIGN_OR_RETURN(const std::vector<ReferralRow> rows,
                   ReferralsWith(node, asked, pseudonym, store));
  for (const ReferralRow& row : rows) {
    ASSIGN_OR_RETURN(const Dossier dossier,
                     ReadDossier(store, row.referral_id));
    ASSIGN_OR_RETURN(const bool excluded, IsExcluded(node, dossier, store));
    if (excluded) return CheckDanger(node, dossier, store);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<ReferralRow>> ReferralsWith(
    const NodeContext& node, const ParticipantCode& asked,
    const Uuid& pseudonym, const StoreReader& store) {
  ASSIGN_OR_RETURN(std::vector<ReferralRow> rows,
                   store.ListReferralsUnder(pseudonym));
  // Another partner may call another person so.
  std::erase_if(rows, [&](const ReferralRow& row) {
    return asked != (row.parties.holder == node.self ? row.parties.receiver
                                                     : row.parties.holder);
  });
  return rows;
}

absl::Status HoldBackReceived(NodeContext& node, const Uuid& referral_id,
                              CommitScope& scope) {
  StoreTransaction& store = scope.store();
  const absl::StatusOr<Dossier> dossier = ReadDossier(store, referral_id);
  if (ReasonOf(dossier.status()) == ErrorReason::kNotFound) {
    return absl::OkStatus();
  }
  RETURN_IF_ERROR(dossier.status());
  ASSIGN_OR_RETURN(const bool excluded, IsExcluded(node, *dossier, store));
  bool ends = false;
  for (const ReferralEvent& event : dossier->ordered) {
    if (event.author != node.self || event.receipt != ReceiptOutcome::kNone) {
      continue;
    }
    RETURN_IF_ERROR(store.RemoveOutbox(event.event_id));
    const bool urgent = EndsDisclosure(event.kind);
    if (excluded && !urgent) continue;
    ends |= urgent;
    RETURN_IF_ERROR(
        store.InsertOutbox({dossier->OtherThan(node.self), referral_id,
                            event.event_id, scope.now(), urgent}));
  }
  // What an answer builds on goes ahead with it.
  return ends ? store.HurryOutbox(referral_id) : absl::OkStatus();
}

absl::Status FreeFromHeldBack(NodeContext& node, const Uuid& referral_id,
                              CommitScope& scope) {
  const absl::StatusOr<Dossier> dossier =
      ReadDossier(scope.store(), referral_id);
  if (ReasonOf(dossier.status()) == ErrorReason::kNotFound) {
    return absl::OkStatus();
  }
  RETURN_IF_ERROR(dossier.status());
  ASSIGN_OR_RETURN(const bool excluded,
                   IsExcluded(node, *dossier, scope.store()));
  if (!excluded) return absl::OkStatus();
  const Behind behind = BehindHeldBack(node, *dossier);
  if (behind.withdrawal) {
    RETURN_IF_ERROR(WithdrawFromDossier(node, referral_id, NewUuid(node.random),
                                        {}, Role::kUnset, scope)
                        .status());
  }
  if (behind.answered.empty()) return absl::OkStatus();
  return AnswerWithdrawal(node, referral_id, behind.answered,
                          NewUuid(node.random), Role::kUnset, scope);
}

}  // namespace comity
