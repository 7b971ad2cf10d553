#include "node/service/withdrawal.h"

#include <algorithm>
#include <map>
#include <set>

#include "node/base/status_macros.h"
#include "node/policy/facts.h"
#include "node/service/attachment_view.h"
#include "node/service/closed_revisions.h"
#include "node/service/consent_view.h"
#include "node/service/dossier_event.h"
#include "node/service/follow_up_stop.h"
#include "node/service/held_back.h"
#include "node/service/own_erasure.h"
#include "node/wire/event_wire.h"

namespace comity {
namespace {

using Kind = ReferralEventKind;
using Payload = federation::v1::ReferralEventPayload;

// Own events with effect that have no receipt, oldest first.
std::vector<const EventRow*> WithoutReceipt(const NodeContext& node,
                                            const Dossier& dossier) {
  std::vector<const EventRow*> found;
  for (const ReferralEvent& event : dossier.ordered) {
    if (event.author != node.self || event.receipt != ReceiptOutcome::kNone) {
      continue;
    }
    for (const EventRow& row : dossier.rows) {
      if (row.event.event_id == event.event_id) found.push_back(&row);
    }
  }
  return found;
}

// Those of them that the other side may not have.
std::vector<const EventRow*> WaitingIn(const NodeContext& node,
                                       const Dossier& dossier) {
  const std::set<Uuid> seen = SeenByOther(node, dossier);
  std::vector<const EventRow*> waiting = WithoutReceipt(node, dossier);
  std::erase_if(waiting, [&](const EventRow* row) {
    return seen.contains(row->event.event_id);
  });
  return waiting;
}

void RemoveFrom(Dossier& dossier, const std::vector<Uuid>& ids) {
  const auto gone = [&](const Uuid& id) {
    return std::find(ids.begin(), ids.end(), id) != ids.end();
  };
  std::erase_if(dossier.events, [&](const ReferralEvent& event) {
    return gone(event.event_id);
  });
  std::erase_if(dossier.rows,
                [&](const EventRow& row) { return gone(row.event.event_id); });
  dossier.ordered = OrderEvents(dossier.events);
  dossier.status = StatusOf(dossier.row.parties, dossier.ordered);
}

// Whether a live act still allows something to be told to the pair.
bool AnythingLive(const CaseFacts& facts, const ReferralRow& referral,
                  absl::Time now) {
  for (const Consent& act : facts.consents) {
    if (act.recipient != referral.parties.receiver ||
        act.purpose != referral.purpose) {
      continue;
    }
    for (const FieldGroup group : act.LiveGroups(now).Values()) {
      const ConsentState state =
          ConsentFor(facts, group, act.purpose, act.recipient,
                     act.recipient_organisation, now);
      if (state == ConsentState::kGiven ||
          state == ConsentState::kGivenByGuardian) {
        return true;
      }
    }
  }
  return false;
}

// Whether consent still covers all that a packet was to tell.
bool CoversPacket(const CaseFacts& facts, const ReferralRow& referral,
                  const EventRow& packet, absl::Time now) {
  const std::vector<FieldGroup> told =
      CarriedGroups(StoredPayload(packet)).Values();
  return std::all_of(told.begin(), told.end(), [&](FieldGroup group) {
    const ConsentState state = ConsentFor(facts, group, referral.purpose,
                                          referral.parties.receiver, "", now);
    return state == ConsentState::kGiven ||
           state == ConsentState::kGivenByGuardian;
  });
}

// Withdrawals that are themselves taken back, for they had not arrived, go on
// in the one that takes them back.
void TakeOver(const Dossier& dossier, const std::vector<Uuid>& recalled,
              WithdrawnScope& what) {
  for (const EventRow& row : dossier.rows) {
    if (row.event.kind != Kind::kConsentWithdrawn ||
        std::find(recalled.begin(), recalled.end(), row.event.event_id) ==
            recalled.end()) {
      continue;
    }
    const Payload payload = StoredPayload(row);
    what.whole |= payload.withdrawal().whole();
    what.groups = what.groups.Union(GroupsOf(payload.withdrawal()));
  }
}

// What the other side has seen, and gave no receipt for yet, is not sent again.
absl::Status StopTelling(const NodeContext& node, const Dossier& dossier,
                         const WithdrawnScope& what, StoreTransaction& store) {
  const std::set<Uuid> seen = SeenByOther(node, dossier);
  for (const EventRow& row : dossier.rows) {
    ASSIGN_OR_RETURN(const FieldGroups told, ConcernedGroups(store, row));
    const bool taken_back =
        what.whole ? !told.empty() : !told.Intersect(what.groups).empty();
    if (row.event.author != node.self || !taken_back ||
        !seen.contains(row.event.event_id)) {
      continue;
    }
    RETURN_IF_ERROR(store.RemoveOutbox(row.event.event_id));
  }
  return absl::OkStatus();
}

// Groups of a packet that the other side is known to hold, consent to which was
// withdrawn, and no withdrawal in the dossier says so.
FieldGroups WithdrawnButHeld(const NodeContext& node, const CaseFacts& facts,
                             const Dossier& dossier, absl::Time now) {
  FieldGroups withdrawn;
  FieldGroups told;
  const std::set<Uuid> seen = SeenByOther(node, dossier);
  for (size_t i = 0; i < dossier.rows.size(); ++i) {
    const ReferralEvent& event = dossier.events[i];  // the row's has no receipt
    const Payload payload = StoredPayload(dossier.rows[i]);
    told = told.Union(GroupsOf(payload.withdrawal()));
    if (event.kind != Kind::kSent ||
        (event.receipt != ReceiptOutcome::kStored &&
         !seen.contains(event.event_id))) {
      continue;
    }
    for (const FieldGroup group : CarriedGroups(payload).Values()) {
      const ConsentState state =
          ConsentFor(facts, group, dossier.row.purpose,
                     dossier.row.parties.receiver, "", now);
      if (state == ConsentState::kWithdrawn) withdrawn = withdrawn.With(group);
    }
  }
  return withdrawn.Minus(told);
}

// Puts into the outbox what has no receipt in one dossier and may go. Of what
// the other side holds only the receipt is asked for; a packet that it may not
// hold is not sent any more once all of it was withdrawn.
absl::Status QueueAgain(NodeContext& node, const CaseFacts& facts,
                        const ReferralRow& referral, CommitScope& scope) {
  StoreTransaction& store = scope.store();
  ASSIGN_OR_RETURN(const Dossier dossier,
                   ReadDossier(store, referral.referral_id));
  const ParticipantCode& partner = referral.parties.receiver;
  const bool excluded = DangerOf(facts, partner) != BuiltInDanger::kNone;
  const std::vector<const EventRow*> all = WithoutReceipt(node, dossier);
  for (const EventRow* row : all) {
    RETURN_IF_ERROR(store.RemoveOutbox(row->event.event_id));
  }
  // Consent may have gone while the packet was held back, in part or whole:
  // with what it was to tell, all of it is taken back.
  const std::vector<const EventRow*> unseen = WaitingIn(node, dossier);
  const bool packet_waits =
      !unseen.empty() && unseen.front()->event.kind == Kind::kSent;
  if (packet_waits && !excluded && !dossier.status.withdrawn &&
      RestsOnConsent(referral) &&
      !CoversPacket(facts, referral, *unseen.front(), scope.now())) {
    return WithdrawFromDossier(node, referral.referral_id, NewUuid(node.random),
                               {true, {}}, Role::kUnset, scope)
        .status();
  }
  bool withdraws = false;
  for (const EventRow* row : all) {
    const bool withdrawal = row->event.kind == Kind::kConsentWithdrawn ||
                            row->event.kind == Kind::kFollowUpStopped;
    withdraws |= withdrawal;
    if (excluded && !withdrawal) continue;
    if (packet_waits && dossier.status.withdrawn &&
        row->event.kind == Kind::kSent) {
      continue;
    }
    RETURN_IF_ERROR(
        store.InsertOutbox({partner, referral.referral_id, row->event.event_id,
                            scope.now(), withdrawal}));
  }
  // What a withdrawal builds on goes ahead with it.
  return withdraws ? store.HurryOutbox(referral.referral_id) : absl::OkStatus();
}

}  // namespace

std::set<Uuid> SeenByOther(const NodeContext& node, const Dossier& dossier) {
  std::map<Uuid, const ReferralEvent*> by_id;
  std::vector<Uuid> waiting;
  for (const ReferralEvent& event : dossier.events) {
    by_id[event.event_id] = &event;
    if (event.author != node.self) waiting.push_back(event.event_id);
  }
  std::set<Uuid> seen;
  while (!waiting.empty()) {
    const Uuid id = waiting.back();
    waiting.pop_back();
    const auto found = by_id.find(id);
    if (found == by_id.end() || !seen.insert(id).second) continue;
    const std::vector<Uuid>& parents = found->second->parents;
    waiting.insert(waiting.end(), parents.begin(), parents.end());
  }
  return seen;
}

bool RestsOnConsent(const ReferralRow& referral) {
  return referral.basis == LegalBasis::kConsent ||
         referral.basis == LegalBasis::kGuardianConsent;
}

absl::StatusOr<std::vector<Consent>> WithdrawActs(const Uuid& case_id,
                                                  const ActSelection& which,
                                                  const GroupsWithdrawn& how,
                                                  StoreTransaction& store) {
  ASSIGN_OR_RETURN(const CaseFacts facts, store.ReadFacts(case_id));
  std::vector<Consent> changed;
  for (Consent act : facts.consents) {
    if (!which.Covers(act) || act.state == ConsentState::kRefused) continue;
    GroupsWithdrawn withdrawn = how;
    const FieldGroups meant = how.groups.empty() ? act.groups : how.groups;
    withdrawn.groups = meant.Intersect(act.groups).Minus(act.Withdrawn());
    if (withdrawn.groups.empty()) continue;
    act.withdrawals.push_back(std::move(withdrawn));
    RETURN_IF_ERROR(store.PutConsent(act));
    changed.push_back(std::move(act));
  }
  return changed;
}

absl::StatusOr<std::vector<Uuid>> WithdrawFromDossiers(
    NodeContext& node, const std::vector<Consent>& acts, Role role,
    CommitScope& scope) {
  std::vector<Uuid> told;
  if (acts.empty()) return told;
  ASSIGN_OR_RETURN(const CaseFacts facts,
                   scope.store().ReadFacts(acts[0].case_id));
  RETURN_IF_ERROR(CloseIfOutOfCounts(node, acts[0].case_id, scope));
  ASSIGN_OR_RETURN(const std::vector<ReferralRow> referrals,
                   scope.store().ListReferralsOf(acts[0].case_id));
  for (const ReferralRow& referral : referrals) {
    WithdrawnScope what;
    for (const Consent& act : acts) {
      if (act.recipient != referral.parties.receiver ||
          act.purpose != referral.purpose) {
        continue;
      }
      what.groups = what.groups.Union(act.withdrawals.back().groups);
    }
    if (what.groups.empty()) continue;
    what.whole =
        RestsOnConsent(referral) && !AnythingLive(facts, referral, scope.now());
    ASSIGN_OR_RETURN(
        const bool written,
        WithdrawFromDossier(node, referral.referral_id, NewUuid(node.random),
                            what, role, scope));
    if (written) told.push_back(referral.referral_id);
  }
  return told;
}

absl::StatusOr<bool> WithdrawFromDossier(NodeContext& node,
                                         const Uuid& referral_id,
                                         const Uuid& event_id,
                                         WithdrawnScope what, Role role,
                                         CommitScope& scope) {
  ASSIGN_OR_RETURN(Dossier dossier, ReadDossier(scope.store(), referral_id));
  if (StageOf(dossier.status.state) == DossierStage::kDrafted ||
      dossier.status.withdrawn) {
    return false;
  }
  ASSIGN_OR_RETURN(const bool excluded,
                   IsExcluded(node, dossier, scope.store()));
  for (const EventRow* row : WaitingIn(node, dossier)) {
    if (row->event.kind != Kind::kSent) continue;
    // The packet is on its way at most: with what it was to tell, all of it is
    // taken back. A side that is excluded holds nothing, and is told nothing.
    RETURN_IF_ERROR(scope.store().RemoveOutbox(row->event.event_id));
    if (excluded) return false;
    what.whole = true;
  }
  RETURN_IF_ERROR(StopTelling(node, dossier, what, scope.store()));
  const Dossier before = dossier;
  std::set<Uuid> affected;
  for (const EventRow& row : dossier.rows) {
    ASSIGN_OR_RETURN(const FieldGroups told,
                     ConcernedGroups(scope.store(), row));
    // What is held back would hold up what builds on it.
    if (what.whole || excluded || !told.Intersect(what.groups).empty()) {
      affected.insert(row.event.event_id);
    }
  }
  ASSIGN_OR_RETURN(const std::vector<Uuid> recalled,
                   TakeBackWaiting(
                       node, dossier,
                       [&](const EventRow& row) {
                         return affected.contains(row.event.event_id);
                       },
                       scope));
  TakeOver(before, recalled, what);
  Payload payload;
  payload.set_kind(federation::v1::REFERRAL_EVENT_KIND_CONSENT_WITHDRAWN);
  *payload.mutable_withdrawal() = FormatWithdrawal(what.whole, what.groups);
  for (const Uuid& id : recalled) payload.add_recalled(id.ToString());
  ASSIGN_OR_RETURN(const NewEvent event,
                   BeginEvent(node, dossier, event_id, std::move(payload), role,
                              scope.now()));
  RETURN_IF_ERROR(WriteEvent(node, dossier, event, scope));
  // What it builds on goes ahead with it.
  RETURN_IF_ERROR(scope.store().HurryOutbox(referral_id));
  if (!what.whole) {
    RETURN_IF_ERROR(StopFollowUpsAgain(node, before, recalled, scope));
  }
  return true;
}

absl::StatusOr<std::vector<Uuid>> TakeBackWaiting(
    const NodeContext& node, Dossier& dossier,
    const std::function<bool(const EventRow&)>& affected, CommitScope& scope) {
  std::vector<Uuid> recalled;
  bool found = false;
  for (const EventRow* row : WaitingIn(node, dossier)) {
    if (row->event.kind == Kind::kSent) continue;
    found = found || affected(*row);
    if (!found) continue;
    recalled.push_back(row->event.event_id);
    // What that one took back stays taken back.
    const Payload payload = StoredPayload(*row);
    for (const std::string& id : payload.recalled()) {
      ASSIGN_OR_RETURN(const Uuid earlier, Uuid::Parse(id));
      recalled.push_back(earlier);
    }
    RETURN_IF_ERROR(scope.store().RemoveOutbox(row->event.event_id));
  }
  RemoveFrom(dossier, recalled);
  return recalled;
}

absl::Status HoldBackOutbox(NodeContext& node, const Uuid& case_id,
                            CommitScope& scope) {
  ASSIGN_OR_RETURN(const CaseFacts facts, scope.store().ReadFacts(case_id));
  ASSIGN_OR_RETURN(const std::vector<ReferralRow> referrals,
                   scope.store().ListReferralsOf(case_id));
  for (const ReferralRow& referral : referrals) {
    RETURN_IF_ERROR(FreeFromHeldBack(node, referral.referral_id, scope));
    RETURN_IF_ERROR(QueueAgain(node, facts, referral, scope));
    RETURN_IF_ERROR(TellMissedWithdrawal(node, referral, scope));
  }
  if (!facts.provenance.has_value()) return absl::OkStatus();
  const Uuid& from = facts.provenance->referral_id;
  RETURN_IF_ERROR(FreeFromHeldBack(node, from, scope));
  return HoldBackReceived(node, from, scope);
}

absl::Status TellMissedWithdrawal(NodeContext& node,
                                  const ReferralRow& referral,
                                  CommitScope& scope) {
  if (referral.parties.holder != node.self) return absl::OkStatus();
  const auto facts = scope.store().ReadFacts(referral.case_id);
  if (!facts.ok()) return AskWhoHoldsHerStill(node, referral, scope);
  if (!RestsOnConsent(referral)) return absl::OkStatus();
  ASSIGN_OR_RETURN(const Dossier dossier,
                   ReadDossier(scope.store(), referral.referral_id));
  const FieldGroups missed =
      WithdrawnButHeld(node, *facts, dossier, scope.now());
  if (missed.empty()) return absl::OkStatus();
  const bool whole = !AnythingLive(*facts, referral, scope.now());
  return WithdrawFromDossier(node, referral.referral_id, NewUuid(node.random),
                             {whole, missed}, Role::kUnset, scope)
      .status();
}

}  // namespace comity
