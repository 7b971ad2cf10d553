#include "tests/proof/disclosure_watch.h"

#include <algorithm>

#include "comity/federation/v1/case_query.pb.h"
#include "comity/federation/v1/federation_service.pb.h"
#include "node/service/case_view.h"
#include "node/wire/case_record.h"
#include "node/wire/event_wire.h"
#include "tests/support/status_matchers.h"

namespace comity {
namespace {

namespace fed = federation::v1;
using Group = FieldGroup;

// As the ready bilateral agreement grants them.
constexpr FieldGroups kAtAnyTime = {Group::kCaseRef, Group::kStatus,
                                    Group::kDemographic, Group::kNeeds};
constexpr FieldGroups kOnceAccepted = {Group::kIdentity, Group::kContactPoint};
constexpr FieldGroups kBeforeArrival = {Group::kLocation, Group::kMedical,
                                        Group::kFamilyLinks};

std::string NamesOf(FieldGroups groups) {
  std::string names;
  for (const Group group : groups.Values()) {
    absl::StrAppend(&names, Name(group), " ");
  }
  return names;
}

}  // namespace

DisclosureWatch::DisclosureWatch(PairOfNodes& nodes) : nodes_(nodes) {
  nodes.to_ng->AddTap([this](LinkCall call, const std::string& request,
                             const std::string* answer) {
    if (call != LinkCall::kDeliver || answer != nullptr) return;
    fed::DeliverEventsRequest delivery;
    ASSERT_TRUE(delivery.ParseFromString(request));
    CheckDelivery(delivery.events());
  });
  nodes.to_ne->AddTap([this](LinkCall call, const std::string& request,
                             const std::string* answer) {
    if (call == LinkCall::kAskCase && answer != nullptr) {
      CheckAnswer(request, *answer);
    }
    if (call == LinkCall::kCollect && answer != nullptr) {
      fed::CollectEventsResponse mail;
      ASSERT_TRUE(mail.ParseFromString(*answer));
      CheckDelivery(mail.events());
    }
  });
}

CaseFacts DisclosureWatch::FactsOf(const WalkedReferral& referral) const {
  const auto found = nodes_.ne.store().FindCases(
      {IndexKind::kLocalReference, referral.case_name});
  return *nodes_.ne.store().ReadFacts(found->at(0));
}

DisclosureWatch::Consented DisclosureWatch::ConsentedTo(
    const WalkedReferral& referral) const {
  Consented consented;
  FieldGroups given;
  FieldGroups stands;
  for (const Consent& act : FactsOf(referral).consents) {
    FieldGroups left = act.groups;
    for (const GroupsWithdrawn& each : act.withdrawals) {
      left = left.Minus(each.groups);
    }
    given = given.Union(act.groups);
    stands = stands.Union(left);
    if (nodes_.clock.Now() < act.expires_at) {
      consented.live = consented.live.Union(left);
    }
  }
  consented.withdrawn = given.Minus(stands);
  return consented;
}

bool DisclosureWatch::IsExcluded(const WalkedReferral& referral) const {
  const CaseFacts facts = FactsOf(referral);
  const auto& excluded = facts.screening->never_share_with;
  return std::find(excluded.begin(), excluded.end(), nodes_.ng.code()) !=
         excluded.end();
}

FieldGroups DisclosureWatch::Tellable(const WalkedReferral& referral) const {
  if (!in_force_ || IsExcluded(referral)) return {};
  FieldGroups granted = kAtAnyTime;
  switch (StageOf(nodes_.walk.StateAt(nodes_.ne, referral))) {
    case DossierStage::kAccepted:
    case DossierStage::kPlanned:
    case DossierStage::kReturning:
      granted = granted.Union(kBeforeArrival).Union(kOnceAccepted);
      break;
    case DossierStage::kHandedOver:
      granted = granted.Union(kOnceAccepted);
      break;
    default:
      break;
  }
  return granted.Minus(withheld_).Intersect(ConsentedTo(referral).live);
}

void DisclosureWatch::CheckWritten(const WalkedReferral& referral) {
  const auto rows = nodes_.ne.store().ReadEvents(referral.id);
  ASSERT_OK(rows);
  size_t& checked = checked_[referral.id];
  for (; checked < rows->size(); ++checked) {
    const EventRow& row = rows->at(checked);
    if (row.event.author != nodes_.ne.code()) continue;
    fed::ReferralEventPayload payload;
    ASSERT_TRUE(payload.ParseFromString(row.payload));
    const FieldGroups told = CarriedGroups(payload);
    const FieldGroups excess = told.Minus(Tellable(referral));
    EXPECT_TRUE(excess.empty())
        << referral.case_name << " was written of: " << NamesOf(excess);
    if (!told.empty()) ++disclosures_;
  }
}

FieldGroups DisclosureWatch::GroupsOfOpenings(
    const std::vector<FieldOpening>& told) {
  FieldGroups groups;
  for (const FieldOpening& each : told) groups = groups.With(each.group);
  return groups;
}

// Decided when it was written, and once more at the moment it leaves.
void DisclosureWatch::CheckDelivery(
    const google::protobuf::RepeatedPtrField<fed::Envelope>& events) {
  for (const fed::Envelope& envelope : events) {
    const auto message = ParseEnvelope(envelope);
    ASSERT_OK(message);
    const FieldGroups told = GroupsOfOpenings(message->openings);
    if (told.empty()) continue;
    const auto leaf = ParseMessageLeaf(message->leaf);
    ASSERT_OK(leaf);
    const auto event = ParseEvent(*leaf, message->payload);
    ASSERT_OK(event);
    const WalkedReferral& referral = referrals_.at(event->event.referral_id);
    const FieldGroups excess = told.Minus(Tellable(referral));
    EXPECT_TRUE(excess.empty())
        << referral.case_name
        << " leaves with what may not be told now: " << NamesOf(excess)
        << "with " << Name(event->event.kind) << ", which the receiver "
        << (nodes_.ng.store().ReadEvent(leaf->request_id).ok() ? "holds"
                                                               : "lacks");
  }
}

void DisclosureWatch::CheckAnswer(const std::string& request,
                                  const std::string& answer) {
  fed::AnswerCaseQueryRequest asked;
  fed::AnswerCaseQueryResponse answered;
  fed::CaseQuestion question;
  fed::CaseAnswer told;
  ASSERT_TRUE(asked.ParseFromString(request));
  ASSERT_TRUE(answered.ParseFromString(answer));
  ASSERT_TRUE(question.ParseFromString(asked.question().payload()));
  ASSERT_TRUE(told.ParseFromString(answered.answer().payload()));
  if (!told.has_released()) return;
  ++disclosures_;
  const WalkedReferral& referral =
      referrals_.at(*Uuid::Parse(question.referral_id()));
  const FieldGroups groups =
      ParseGroups(told.released().released())
          .Union(GroupsPresent(told.released().record()));
  const FieldGroups excess = groups.Minus(Tellable(referral));
  EXPECT_TRUE(excess.empty())
      << referral.case_name << " was answered with: " << NamesOf(excess);
}

FieldGroups DisclosureWatch::KeptAfterWithdrawal(
    const WalkedReferral& referral) const {
  NodeContext& node = nodes_.ng.context();
  const auto permit = node.policy.Get(node.clock.Now())
                          ->DecideLocal(nodes_.ng.Coordinator("coord"),
                                        LocalOperation::kReferralRead, nullptr,
                                        node.clock.Now());
  EXPECT_OK(permit);
  FieldGroups kept;
  const auto rows = node.store.ReadEvents(referral.id);
  EXPECT_OK(rows);
  for (const EventRow& row : *rows) {
    const auto opened =
        node.store.ReadEventOpenings(*permit, row.event.event_id);
    if (!opened.ok()) continue;
    kept = kept.Union(GroupsOfOpenings(*ParseOpenings(opened->openings)));
  }
  return kept.Intersect(ConsentedTo(referral).withdrawn);
}

}  // namespace comity
