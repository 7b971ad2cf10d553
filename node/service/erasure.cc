#include "node/service/erasure.h"

#include "absl/strings/str_cat.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/service/case_change.h"
#include "node/service/closed_revisions.h"
#include "node/service/consent_view.h"
#include "node/service/federation_gate.h"
#include "node/service/held_back.h"
#include "node/service/node_act.h"
#include "node/service/taken_in.h"
#include "node/service/withdrawal.h"
#include "node/wire/case_record.h"
#include "node/wire/event_wire.h"
#include "node/wire/offer_opening.h"
#include "node/wire/proto_time.h"

namespace comity {
namespace {

namespace fed = federation::v1;
using Payload = fed::ReferralEventPayload;

// Long enough for the review of her plan that is due by then (domain.md 1.1).
constexpr absl::Duration kAssistanceKept = absl::Hours(24 * 90);

fed::ErasedCopies Copies(fed::CopyClass copies, fed::ErasureOutcome outcome) {
  fed::ErasedCopies view;
  view.set_copies(copies);
  view.set_outcome(outcome);
  return view;
}

// The record without the groups that were taken back, and what follows from it.
absl::StatusOr<NewCase> Without(FieldGroups groups, const StoredCase& stored) {
  ASSIGN_OR_RETURN(record::v1::CaseRecord record, ParseRecord(stored.body));
  const FieldGroups all = kShareableGroups.With(FieldGroup::kNational);
  RedactRecord(all.Minus(groups), Redactions(), record);
  return WithRecord(stored.facts, record);
}

absl::StatusOr<std::string> OpeningsWithout(FieldGroups groups,
                                            absl::string_view openings,
                                            bool& found) {
  ASSIGN_OR_RETURN(std::vector<FieldOpening> all, ParseOpenings(openings));
  const size_t before = all.size();
  std::erase_if(all, [&](const FieldOpening& each) {
    return !GroupsOf(each).Intersect(groups).empty();
  });
  found = found || all.size() < before;
  return all.empty() ? std::string() : SerializeOpenings(all);
}

// Documents that were fetched in a dossier, or that people attached to a case,
// and that tell one of the groups; returns how many there were.
absl::StatusOr<int> EraseDocuments(const Uuid& owner, FieldGroups groups,
                                   StoreTransaction& store) {
  ASSIGN_OR_RETURN(const std::vector<AttachmentRow> rows,
                   store.ListAttachments(owner));
  int erased = 0;
  for (const AttachmentRow& row : rows) {
    if (row.facts.Groups().Intersect(groups).empty()) continue;
    RETURN_IF_ERROR(store.DeleteAttachment(row.id));
    ++erased;
  }
  return erased;
}

absl::StatusOr<fed::ErasureOutcome> EraseFromDossier(NodeContext& node,
                                                     const ReferralRow& row,
                                                     bool whole,
                                                     FieldGroups groups,
                                                     CommitScope& scope) {
  if (row.erased) return fed::ERASURE_OUTCOME_NONE_HELD;
  if (whole) {
    RETURN_IF_ERROR(
        EraseReceivedDossier(node, row.referral_id, "WITHDRAWAL", scope));
    return fed::ERASURE_OUTCOME_ERASED;
  }
  bool found = false;
  RETURN_IF_ERROR(scope.store().RewriteOpenings(
      row.referral_id, [&](absl::string_view openings) {
        return OpeningsWithout(groups, openings, found);
      }));
  if (!found) return fed::ERASURE_OUTCOME_NONE_HELD;
  RETURN_IF_ERROR(LogErasure(node, row.parties.holder.text(), row.referral_id,
                             Uuid(), "WITHDRAWAL ERASED groups of the packet",
                             scope));
  return fed::ERASURE_OUTCOME_ERASED;
}

absl::StatusOr<fed::ErasedCopies> EraseGroupsOfCase(NodeContext& node,
                                                    const Uuid& case_id,
                                                    FieldGroups groups,
                                                    CommitScope& scope) {
  ASSIGN_OR_RETURN(const CaseFacts facts, scope.store().ReadFacts(case_id));
  if (facts.HeldAt(scope.now())) {
    return KeptCopies(fed::COPY_CLASS_CASE, *facts.hold);
  }
  RETURN_IF_ERROR(EraseDocuments(case_id, groups, scope.store()).status());
  // Her row was coded from what she takes back.
  RETURN_IF_ERROR(CloseRevisionsWith(node, facts, scope));
  RETURN_IF_ERROR(scope.store().RewriteCase(
      case_id,
      [&](const StoredCase& stored) { return Without(groups, stored); }));
  RETURN_IF_ERROR(LogErasure(node, facts.provenance->from.text(),
                             facts.provenance->referral_id, case_id,
                             "WITHDRAWAL ERASED groups of the case", scope));
  return Copies(fed::COPY_CLASS_CASE, fed::ERASURE_OUTCOME_ERASED);
}

// She is here: she is not left without help because her packet goes.
absl::Status KeepForAssistance(NodeContext& node, const Uuid& case_id,
                               CommitScope& scope) {
  ASSIGN_OR_RETURN(const CaseFacts facts, scope.store().ReadFacts(case_id));
  if (facts.HeldAt(scope.now())) return absl::OkStatus();
  return scope.store().PutHold(
      case_id, LegalHold{HoldGround::kAssistance, scope.now() + kAssistanceKept,
                         scope.now(), node.self.text()});
}

bool IsHere(ReferralState state) {
  return state == ReferralState::kHandedOver ||
         state == ReferralState::kInAssistance;
}

}  // namespace

absl::Status LogErasure(NodeContext& node, absl::string_view peer,
                        const Uuid& request_id, const Uuid& subject,
                        const std::string& detail, CommitScope& scope) {
  return LogNodeAct(
             node,
             {request_id, std::string(peer), subject, detail, {request_id}},
             scope)
      .status();
}

fed::ErasedCopies KeptCopies(fed::CopyClass copies, const LegalHold& hold) {
  fed::ErasedCopies kept = Copies(copies, fed::ERASURE_OUTCOME_KEPT);
  kept.set_ground(std::string(Name(hold.ground)));
  *kept.mutable_kept_until() = ToProtoTime(hold.until);
  return kept;
}

absl::Status EraseReceivedDossier(NodeContext& node, const Uuid& referral_id,
                                  absl::string_view why, CommitScope& scope) {
  ASSIGN_OR_RETURN(const ReferralRow row,
                   scope.store().ReadReferral(referral_id));
  RETURN_IF_ERROR(scope.store().EraseDossier(referral_id));
  return LogErasure(node, row.parties.holder.text(), referral_id, Uuid(),
                    absl::StrCat(why, " ERASED packet"), scope);
}

absl::StatusOr<CaseFate> EraseReceivedCase(NodeContext& node,
                                           const Uuid& case_id,
                                           absl::string_view why,
                                           CommitScope& scope) {
  StoreTransaction& store = scope.store();
  ASSIGN_OR_RETURN(const CaseFacts facts, store.ReadFacts(case_id));
  if (!facts.provenance.has_value()) {
    return ReasonError(ErrorReason::kInternal,
                       "a case of this state's own is not erased like that");
  }
  const bool withdrawn =
      why == "WITHDRAWAL" || facts.provenance->withdrawn_at.has_value();
  if (withdrawn) {
    ASSIGN_OR_RETURN(const std::vector<ReferralRow> onward,
                     store.ListReferralsOf(case_id));
    for (const ReferralRow& each : onward) {
      RETURN_IF_ERROR(WithdrawFromDossier(node, each.referral_id,
                                          NewUuid(node.random), {true, {}},
                                          Role::kUnset, scope)
                          .status());
    }
  }
  if (facts.HeldAt(scope.now())) {
    if (!facts.provenance->withdrawn_at.has_value() && withdrawn) {
      RETURN_IF_ERROR(store.PutWithdrawn(case_id, scope.now()));
      RETURN_IF_ERROR(CloseIfOutOfCounts(node, case_id, scope));
    }
    return CaseFate{false, *facts.hold};
  }
  RETURN_IF_ERROR(CloseRevisionsWith(node, facts, scope));
  RETURN_IF_ERROR(ForgetConflicts(case_id, store));
  RETURN_IF_ERROR(store.EraseCase(case_id));
  RETURN_IF_ERROR(LogErasure(node, facts.provenance->from.text(),
                             facts.provenance->referral_id, case_id,
                             absl::StrCat(why, " ERASED case"), scope));
  return CaseFate{true, {}};
}

absl::Status ObeyWithdrawal(NodeContext& node, const Uuid& referral_id,
                            const fed::ConsentWithdrawal& withdrawal,
                            ReferralState before, CommitScope& scope) {
  StoreTransaction& store = scope.store();
  const FieldGroups groups = GroupsOf(withdrawal);
  ASSIGN_OR_RETURN(const ReferralRow row, store.ReadReferral(referral_id));
  if (withdrawal.whole()) {
    RETURN_IF_ERROR(CloseRevisionsOfReceived(node, row.pseudonym, scope));
  }
  ASSIGN_OR_RETURN(
      const int documents,
      EraseDocuments(referral_id,
                     withdrawal.whole() ? kShareableGroups : groups, store));
  ASSIGN_OR_RETURN(
      const fed::ErasureOutcome packet,
      EraseFromDossier(node, row, withdrawal.whole(), groups, scope));
  std::vector<fed::ErasedCopies> copies = {
      Copies(fed::COPY_CLASS_DOSSIER, packet)};
  if (documents > 0) {
    copies.push_back(
        Copies(fed::COPY_CLASS_ATTACHMENT, fed::ERASURE_OUTCOME_ERASED));
    RETURN_IF_ERROR(LogErasure(node, row.parties.holder.text(), referral_id,
                               Uuid(), "WITHDRAWAL ERASED documents", scope));
  }
  ASSIGN_OR_RETURN(const std::vector<Uuid> cases,
                   store.ListCasesFrom(referral_id));
  for (const Uuid& case_id : cases) {
    if (!withdrawal.whole()) {
      ASSIGN_OR_RETURN(const fed::ErasedCopies fate,
                       EraseGroupsOfCase(node, case_id, groups, scope));
      copies.push_back(fate);
      continue;
    }
    if (IsHere(before)) {
      RETURN_IF_ERROR(KeepForAssistance(node, case_id, scope));
    }
    ASSIGN_OR_RETURN(const CaseFate fate,
                     EraseReceivedCase(node, case_id, "WITHDRAWAL", scope));
    copies.push_back(
        fate.erased ? Copies(fed::COPY_CLASS_CASE, fed::ERASURE_OUTCOME_ERASED)
                    : KeptCopies(fed::COPY_CLASS_CASE, fate.hold));
  }
  if (cases.empty()) {
    copies.push_back(
        Copies(fed::COPY_CLASS_CASE, fed::ERASURE_OUTCOME_NONE_HELD));
  }
  return AnswerWithdrawal(node, referral_id, copies, NewUuid(node.random),
                          Role::kUnset, scope);
}

absl::Status TakeBackAtHolder(NodeContext& node, const ReferralRow& referral,
                              const fed::ConsentWithdrawal& what,
                              const Uuid& event_id, CommitScope& scope) {
  const ParticipantCode& partner = referral.parties.receiver;
  GroupsWithdrawn withdrawn{event_id, scope.now()};
  if (!what.whole()) withdrawn.groups = GroupsOf(what);
  withdrawn.recorded_by = partner.text();
  // The record may be erased by now.
  if (!scope.store().ReadFacts(referral.case_id).ok()) return absl::OkStatus();
  ASSIGN_OR_RETURN(
      const std::vector<Consent> acts,
      WithdrawActs(referral.case_id, {std::nullopt, partner, referral.purpose},
                   withdrawn, scope.store()));
  // Other dossiers of hers with the same receiver rested on the same acts.
  return WithdrawFromDossiers(node, acts, Role::kUnset, scope).status();
}

absl::Status AnswerWithdrawal(NodeContext& node, const Uuid& referral_id,
                              const std::vector<fed::ErasedCopies>& copies,
                              const Uuid& event_id, Role role,
                              CommitScope& scope) {
  ASSIGN_OR_RETURN(Dossier dossier, ReadDossier(scope.store(), referral_id));
  std::vector<Uuid> recalled;
  ASSIGN_OR_RETURN(const bool excluded,
                   IsExcluded(node, dossier, scope.store()));
  if (dossier.status.withdrawn || excluded) {
    // Nothing else about her leaves any more; an answer that waits does.
    ASSIGN_OR_RETURN(
        recalled,
        TakeBackWaiting(
            node, dossier,
            [](const EventRow& row) {
              return row.event.kind != ReferralEventKind::kErasureConfirmed &&
                     row.event.kind != ReferralEventKind::kConsentWithdrawn;
            },
            scope));
  }
  Payload payload;
  payload.set_kind(fed::REFERRAL_EVENT_KIND_ERASURE_CONFIRMED);
  for (const fed::ErasedCopies& each : copies) {
    *payload.mutable_erasure()->add_copies() = each;
  }
  for (const Uuid& id : recalled) payload.add_recalled(id.ToString());
  ASSIGN_OR_RETURN(const NewEvent event,
                   BeginEvent(node, dossier, event_id, std::move(payload), role,
                              scope.now()));
  RETURN_IF_ERROR(WriteEvent(node, dossier, event, scope));
  return scope.store().HurryOutbox(referral_id);
}

absl::Status EraseDueCase(NodeContext& node, const Uuid& case_id,
                          CommitScope& scope) {
  ASSIGN_OR_RETURN(const CaseFacts facts, scope.store().ReadFacts(case_id));
  ASSIGN_OR_RETURN(const CaseFate fate,
                   EraseReceivedCase(node, case_id, "RETENTION", scope));
  if (!fate.erased || !facts.provenance->withdrawn_at.has_value()) {
    return absl::OkStatus();
  }
  return AnswerWithdrawal(
      node, facts.provenance->referral_id,
      {Copies(fed::COPY_CLASS_CASE, fed::ERASURE_OUTCOME_ERASED)},
      NewUuid(node.random), Role::kUnset, scope);
}

}  // namespace comity
