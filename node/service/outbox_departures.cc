#include "node/service/outbox_departures.h"

#include <algorithm>

#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/policy/judge.h"
#include "node/service/consent_view.h"
#include "node/service/correction_intake.h"
#include "node/service/decision_state.h"
#include "node/service/dossier_event.h"
#include "node/service/federation_gate.h"
#include "node/service/info_exchange.h"
#include "node/service/node_act.h"
#include "node/service/packet_revision.h"
#include "node/service/release_notes.h"
#include "node/service/withdrawal.h"
#include "node/service/withheld.h"
#include "node/wire/event_wire.h"
#include "node/wire/offer_opening.h"

namespace comity {
namespace {

using Kind = ReferralEventKind;
using Payload = federation::v1::ReferralEventPayload;

// Who had to approve did when it was written, and an approval is used once.
constexpr uint32_t kEverybody = UINT32_MAX;

// An event on its way out that tells of a record, or of a document about her.
struct Leaving {
  EventRow row;
  Payload payload;
  Dossier dossier;
  CaseFacts facts;
  FieldGroups told;  // that it would open

  bool IsOffer() const { return payload.has_attachment(); }
};

// What was decided about it.
struct Review {
  Departure departure = Departure::kWhole;
  FieldGroups tellable;  // of kTooMuch
  WithheldReason reason = WithheldReason::kUnset;
};

// What was withdrawn after the event was written, whatever it rests on. What
// was withdrawn at home has taken the event back.
FieldGroups WithdrawnSince(const Dossier& dossier, const Uuid& event_id) {
  FieldGroups groups;
  bool later = false;
  for (const EventRow& row : dossier.rows) {
    if (later) groups = groups.Union(GroupsOf(StoredPayload(row).withdrawal()));
    later |= row.event.event_id == event_id;
  }
  return groups;
}

// A packet under the revision of its agreement that is in force.
RequestFacts UnderRevision(const StoreReader& store, const PolicyEngine& engine,
                           RequestFacts packet) {
  std::string revision = RevisionInForce(store, engine, packet);
  if (!revision.empty()) packet.agreement_digest = std::move(revision);
  return packet;
}

// What the event was decided as when it was written: a packet as a push, all
// else as an answer to a question of the receiver's coordinator.
std::vector<RequestFacts> RequestsFor(
    const NodeContext& node, const PolicyEngine& engine, const Leaving& leaving,
    FieldGroups groups, const StoreReader& store, absl::Time now) {
  const ReferralRow& referral = leaving.dossier.row;
  RequestFacts request =
      AnswerFacts(node, engine, referral, Role::kCoordinator, groups, now);
  if (leaving.row.event.kind == Kind::kSent) {
    request.role = leaving.row.event.role;
    request.operation = Operation::kReferralDeliver;
    request.agreement_digest = referral.agreement_digest;
    return {UnderRevision(store, engine, std::move(request))};
  }
  if (leaving.IsOffer() && leaving.told.Contains(FieldGroup::kIdentity)) {
    request.operation = Operation::kIdentityRelease;
  }
  if (leaving.IsOffer() || leaving.row.event.kind == Kind::kInfoAnswered) {
    return {request};
  }
  std::vector<RequestFacts> requests;
  for (const Operation operation : kCorrectingOperations) {
    const bool identity = operation == Operation::kIdentityRelease;
    // Nothing else says who she is, so that nothing else was told as that.
    if (identity && CarriedGroups(leaving.payload).IsSubsetOf(kAnswerGroups)) {
      continue;
    }
    request.operation = operation;
    request.wanted = identity ? groups : groups.Minus({FieldGroup::kIdentity});
    if (!request.wanted.empty()) requests.push_back(request);
  }
  return requests;
}

absl::StatusOr<FieldGroups> Released(const PolicyEngine& engine,
                                     const Leaving& leaving,
                                     const RequestFacts& request,
                                     const StoreReader& store) {
  ASSIGN_OR_RETURN(StateFacts state,
                   ReadState(engine.policy(), request, "", store));
  // It was charged when it was written.
  state.used.clear();
  state.approvals = state.approvals_at_home = kEverybody;
  const DossierStage stage = leaving.row.event.kind == Kind::kSent
                                 ? DossierStage::kDrafted
                                 : StageOf(leaving.dossier.status.state);
  const Decision decision =
      Judge(engine.policy(), request,
            ProjectFacts(leaving.facts, stage, request), state);
  return decision.outcome == Outcome::kPermit
             ? decision.released.Intersect(request.wanted)
             : FieldGroups();
}

// The groups of `told` that need no consent, or for which it is live.
FieldGroups Consented(const Leaving& leaving, absl::Time now) {
  const ReferralRow& referral = leaving.dossier.row;
  if (!RestsOnConsent(referral)) return leaving.told;
  FieldGroups live;
  for (const FieldGroup group : leaving.told.Values()) {
    const ConsentState state =
        ConsentFor(leaving.facts, group, referral.purpose,
                   referral.parties.receiver, "", now);
    if (state == ConsentState::kGiven ||
        state == ConsentState::kGivenByGuardian) {
      live = live.With(group);
    }
  }
  return live;
}

bool AgreementStands(const PolicyEngine& engine, const RequestFacts& request) {
  const Agreement* agreement =
      engine.set().Find(request.agreement_id, request.agreement_digest);
  return agreement != nullptr && IsInForce(*agreement, request);
}

// For the own people.
WithheldReason ReasonFor(const PolicyEngine& engine, const Leaving& leaving,
                         FieldGroups withheld, const RequestFacts& request) {
  const Dossier& dossier = leaving.dossier;
  const ReferralRow& referral = dossier.row;
  const FieldGroups withdrawn =
      WithdrawnSince(dossier, leaving.row.event.event_id);
  bool taken_back =
      dossier.status.withdrawn || !withdrawn.Intersect(withheld).empty();
  for (const FieldGroup group : withheld.Values()) {
    taken_back |= ConsentFor(leaving.facts, group, referral.purpose,
                             referral.parties.receiver, "",
                             request.now) == ConsentState::kWithdrawn;
  }
  if (taken_back) return WithheldReason::kWithdrawal;
  if (!withheld.IsSubsetOf(Consented(leaving, request.now))) {
    return WithheldReason::kConsent;
  }
  return AgreementStands(engine, request) ? WithheldReason::kRules
                                          : WithheldReason::kAgreement;
}

absl::StatusOr<Review> ReviewOf(const NodeContext& node, const Leaving& leaving,
                                const StoreReader& store, absl::Time now) {
  const auto engine = node.policy.Get(now);
  Review review{Departure::kTooMuch};
  const FieldGroups wanted = leaving.told.Minus(
      WithdrawnSince(leaving.dossier, leaving.row.event.event_id));
  std::vector<RequestFacts> requests;
  if (!leaving.dossier.status.withdrawn && !wanted.empty()) {
    requests = RequestsFor(node, *engine, leaving, wanted, store, now);
  }
  for (const RequestFacts& request : requests) {
    ASSIGN_OR_RETURN(const FieldGroups released,
                     Released(*engine, leaving, request, store));
    review.tellable = review.tellable.Union(released);
  }
  // While its agreement is not in force a packet waits, and what consent does
  // not cover any more is taken out of it all the same.
  if (leaving.row.event.kind == Kind::kSent && !requests.empty() &&
      IsLapsed(store, *engine, leaving.dossier.row, now)) {
    review.tellable = wanted.Intersect(Consented(leaving, now));
    if (leaving.told.IsSubsetOf(review.tellable)) {
      return Review{Departure::kStays};
    }
  }
  if (leaving.told.IsSubsetOf(review.tellable)) return Review();
  review.reason = ReasonFor(
      *engine, leaving, leaving.told.Minus(review.tellable),
      RequestsFor(node, *engine, leaving, leaving.told, store, now).front());
  // Of a document all is told or nothing.
  if (leaving.IsOffer()) review.tellable = {};
  return review;
}

// What waits and tells of her at this instant; nullopt if it tells nothing.
absl::StatusOr<std::optional<Leaving>> Read(const NodeContext& node,
                                            const StoreReader& store,
                                            const OutboxRow& waiting) {
  ASSIGN_OR_RETURN(EventRow row, store.ReadForDelivery(waiting));
  Payload payload = StoredPayload(row);
  if (CarriedGroups(payload).empty() && !payload.has_attachment()) {
    return std::nullopt;
  }
  ASSIGN_OR_RETURN(Dossier dossier, ReadDossier(store, waiting.referral_id));
  // Only the holder tells of the record.
  if (dossier.row.parties.holder != node.self) return std::nullopt;
  ASSIGN_OR_RETURN(CaseFacts facts, store.ReadFacts(dossier.row.case_id));
  ASSIGN_OR_RETURN(const std::vector<FieldOpening> openings,
                   ParseOpenings(row.openings));
  Leaving leaving{std::move(row), std::move(payload), std::move(dossier),
                  std::move(facts)};
  for (const FieldOpening& each : openings) {
    leaving.told = leaving.told.Union(GroupsOf(each));
  }
  return leaving;
}

absl::StatusOr<Review> ReviewNow(const NodeContext& node,
                                 const StoreReader& store,
                                 const Leaving& leaving, absl::Time now) {
  // The flags hold back, and nothing else tells of them.
  if (DangerOf(leaving.facts, leaving.dossier.row.parties.receiver) !=
      BuiltInDanger::kNone) {
    return Review{Departure::kStays};
  }
  if (SeenByOther(node, leaving.dossier).contains(leaving.row.event.event_id)) {
    return Review{Departure::kBare};
  }
  if (leaving.told.empty()) return Review();
  return ReviewOf(node, leaving, store, now);
}

// The entry and the notice that say what was withheld.
absl::Status Note(NodeContext& node, const Leaving& leaving,
                  const Review& review, CommitScope& scope) {
  const ReferralRow& referral = leaving.dossier.row;
  const Uuid& event_id = leaving.row.event.event_id;
  const FieldGroups withheld = leaving.told.Minus(review.tellable);
  ASSIGN_OR_RETURN(
      const uint64_t index,
      LogNodeAct(node,
                 {NewUuid(node.random),
                  referral.parties.receiver.text(),
                  referral.case_id,
                  DescribeWithheld(event_id, review.reason, withheld),
                  {referral.referral_id, referral.case_id}},
                 scope));
  RETURN_IF_ERROR(NoteWithheld(referral.referral_id, event_id, review.reason,
                               withheld, scope));
  return NoteRelease(
      node,
      {referral.parties.receiver,
       true,
       "WITHHELD",
       {NoticeTarget::kCaseOwner, NoticeTarget::kCoordinatorAtHolder},
       leaving.facts.owner,
       false,
       referral.agreement_id,
       referral.case_id},
      index, scope);
}

// Destroys the openings of `groups` of the event, and no other.
absl::Status CloseGroups(const Leaving& leaving, FieldGroups groups,
                         StoreTransaction& store) {
  return store.RewriteOpenings(
      leaving.dossier.row.referral_id,
      [&](absl::string_view openings) -> absl::StatusOr<std::string> {
        ASSIGN_OR_RETURN(std::vector<FieldOpening> all,
                         ParseOpenings(openings));
        const std::vector<FieldOpening> left =
            WithoutGroups(leaving.payload, groups, std::move(all));
        return left.empty() ? std::string() : SerializeOpenings(left);
      });
}

// A packet of which nothing is left does not leave, and its referral ends.
absl::Status TakePacketBack(NodeContext& node, const Leaving& leaving,
                            CommitScope& scope) {
  RETURN_IF_ERROR(WithdrawFromDossier(node, leaving.dossier.row.referral_id,
                                      NewUuid(node.random), {true, {}},
                                      Role::kUnset, scope)
                      .status());
  return scope.store().RemoveOutbox(leaving.row.event.event_id);
}

}  // namespace

absl::StatusOr<Departure> OutboxDepartures::Decide(
    const StoreReader& store, const OutboxRow& waiting) const {
  ASSIGN_OR_RETURN(const std::optional<Leaving> leaving,
                   Read(node_, store, waiting));
  if (!leaving.has_value()) return Departure::kWhole;
  ASSIGN_OR_RETURN(const Review review,
                   ReviewNow(node_, store, *leaving, node_.clock.Now()));
  return review.departure;
}

absl::Status OutboxDepartures::Withhold(const OutboxRow& waiting,
                                        CommitScope& scope) const {
  const absl::StatusOr<std::optional<Leaving>> leaving =
      Read(node_, scope.store(), waiting);
  // It waits no longer, or the case is gone.
  if (ReasonOf(leaving.status()) == ErrorReason::kNotFound) {
    return absl::OkStatus();
  }
  RETURN_IF_ERROR(leaving.status());
  if (!leaving->has_value()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const Review review,
                   ReviewNow(node_, scope.store(), **leaving, scope.now()));
  if (review.departure != Departure::kTooMuch) return absl::OkStatus();
  RETURN_IF_ERROR(Note(node_, **leaving, review, scope));
  if ((*leaving)->row.event.kind == Kind::kSent && review.tellable.empty()) {
    return TakePacketBack(node_, **leaving, scope);
  }
  return CloseGroups(**leaving, (*leaving)->told.Minus(review.tellable),
                     scope.store());
}

CourierParts PartsForReceipts(NodeContext& node, const Departures& departures) {
  return {node.self,        node.store,
          node.writer,      node.partners,
          node.peers,       node.checkpoints,
          node.clock,       node.random,
          departures,       /*outbound_only=*/false,
          /*take_news=*/{}, TellingMissedWithdrawals(node)};
}

AfterReceipt TellingMissedWithdrawals(NodeContext& node) {
  return
      [&node](const ReferralEvent& event, CommitScope& scope) -> absl::Status {
        // A withdrawal that is refused is not written again by its own receipt.
        if (event.kind != Kind::kSent) return absl::OkStatus();
        ASSIGN_OR_RETURN(const ReferralRow referral,
                         scope.store().ReadReferral(event.referral_id));
        return TellMissedWithdrawal(node, referral, scope);
      };
}

}  // namespace comity
