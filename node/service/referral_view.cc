#include "node/service/referral_view.h"

#include <algorithm>

#include "node/base/status_macros.h"
#include "node/domain/next_steps.h"
#include "node/domain/referral_deadlines.h"
#include "node/policy/facts.h"
#include "node/service/display_names.h"
#include "node/service/dossier_clock.h"
#include "node/service/dossier_step.h"
#include "node/service/held_back.h"
#include "node/service/packet_revision.h"
#include "node/wire/proto_time.h"

namespace comity {
namespace {

namespace pb = operators::v1;

LocalOperation OperationOf(ReferralStep step) {
  switch (step) {
    case ReferralStep::kClear:
      return LocalOperation::kReferralClear;
    case ReferralStep::kSend:
      return LocalOperation::kReferralSend;
    case ReferralStep::kAccept:
    case ReferralStep::kDecline:
      return LocalOperation::kReferralDecide;
    default:
      return LocalOperation::kReferralStep;
  }
}

// One referral on its way into a view.
struct Sight {
  const OperatorCall& call;
  const Dossier& dossier;
  const CaseFacts* facts;  // null at the receiver
  bool excluded = false;   // own flags keep every step from the other side

  const ParticipantCode& self() const { return call.node().self; }
  bool Lets(LocalOperation operation) const {
    return call.engine()
        .DecideLocal(call.caller(), operation, facts, call.now())
        .ok();
  }
  Role role() const { return ActingRole(call, facts); }
  // Nothing of it left, or what left was refused.
  bool IsDraft() const { return facts != nullptr && dossier.ordered.empty(); }
};

void AddSteps(const Sight& sight, const std::vector<NextStep>& steps,
              pb::Referral& view) {
  for (const NextStep& each : steps) {
    if (!sight.Lets(OperationOf(each.step))) continue;
    view.add_next_steps(std::string(Name(each.step)));
    if (each.owed) view.add_owed_steps(std::string(Name(each.step)));
  }
}

void AddDraft(const Sight& sight, pb::Referral& view) {
  const ReferralRow& row = sight.dossier.row;
  if (sight.dossier.rows.empty()) {
    auto* clock = view.add_clocks();
    clock->set_kind(std::string(Name(DeadlineKind::kExpiry)));
    clock->add_owed_by(sight.self().text());
    *clock->mutable_due_at() = ToProtoTime(DraftEnds(sight.call.node(), row));
    clock->set_overdue(sight.call.now() > DraftEnds(sight.call.node(), row));
  }
  const DraftFacts facts = DraftFactsOf(row, *sight.facts, sight.call.now());
  view.set_state(std::string(Name(DraftStateOf(facts))));
  AddSteps(sight,
           NextDraftSteps(facts, sight.role(),
                          row.drafted_by == sight.call.caller().OperatorName()),
           view);
  view.set_waits_for(view.owed_steps().empty() ? "US" : "YOU");
}

void AddWaiting(const Sight& sight, pb::Referral& view) {
  const Dossier& dossier = sight.dossier;
  const ReferralParties& parties = dossier.row.parties;
  const absl::Time now = sight.call.now();
  if (!sight.excluded) {
    AddSteps(
        sight,
        NextSteps(parties, dossier.status, sight.self(), sight.role(), now),
        view);
  }
  if (!view.owed_steps().empty()) {
    view.set_waits_for("YOU");
  } else if (Owes(parties, dossier.status, sight.self(), now)) {
    view.set_waits_for("US");
  } else if (Owes(parties, dossier.status, dossier.OtherThan(sight.self()),
                  now)) {
    view.set_waits_for("PARTNER");
  }
}

void AddClocks(const Dossier& dossier, absl::Time now, pb::Referral& view) {
  for (const ReferralDeadline& each : DeadlinesOf(dossier.status)) {
    auto* clock = view.add_clocks();
    clock->set_kind(std::string(Name(each.kind)));
    if (each.owing != Owing::kReceiver) {
      clock->add_owed_by(dossier.row.parties.holder.text());
    }
    if (each.owing != Owing::kHolder) {
      clock->add_owed_by(dossier.row.parties.receiver.text());
    }
    *clock->mutable_due_at() = ToProtoTime(each.due);
    clock->set_overdue(each.Overdue(now));
  }
}

pb::Referral RowView(const ReferralRow& row) {
  pb::Referral view;
  view.set_referral_id(row.referral_id.ToString());
  view.set_holder(row.parties.holder.text());
  view.set_receiver(row.parties.receiver.text());
  view.set_purpose(std::string(Name(row.purpose)));
  view.set_agreement_id(row.agreement_id);
  view.set_pseudonym(row.pseudonym.ToString());
  if (!row.case_id.IsNil()) view.set_case_id(row.case_id.ToString());
  *view.mutable_created_at() = ToProtoTime(row.created_at);
  if (row.erase_at != absl::InfiniteFuture()) {
    *view.mutable_erase_at() = ToProtoTime(row.erase_at);
  }
  view.set_no_onward_transfer(row.no_onward_transfer);
  view.set_erased(row.erased);
  return view;
}

void AddNames(const PolicySet& set, const ReferralParties& parties,
              pb::Referral& view) {
  for (const ParticipantCode& side : {parties.holder, parties.receiver}) {
    auto name = DisplayNameOf(set, side);
    if (name.has_value()) *view.add_names() = *std::move(name);
  }
}

bool IsLive(const CaseFacts& facts, const ReferralRow& row, FieldGroup group,
            absl::Time now) {
  const ConsentState state =
      ConsentFor(facts, group, row.purpose, row.parties.receiver, "", now);
  return state == ConsentState::kGiven ||
         state == ConsentState::kGivenByGuardian;
}

// Own events that the partner gave no receipt for and will be told. What was
// taken back is not waited for; nor is, once all of her consent is withdrawn,
// what left the outbox for it.
absl::StatusOr<uint32_t> CountUndelivered(const Sight& sight,
                                          const StoreReader& store) {
  const Dossier& dossier = sight.dossier;
  if (dossier.status.withdrawn) {
    return store.CountOutbox(dossier.OtherThan(sight.self()),
                             dossier.row.referral_id);
  }
  return static_cast<uint32_t>(
      std::count_if(dossier.ordered.begin(), dossier.ordered.end(),
                    [&sight](const ReferralEvent& event) {
                      return event.author == sight.self() &&
                             event.receipt == ReceiptOutcome::kNone;
                    }));
}

}  // namespace

DraftFacts DraftFactsOf(const ReferralRow& row, const CaseFacts& facts,
                        absl::Time now) {
  DraftFacts draft;
  const bool needs_consent = row.basis == LegalBasis::kConsent ||
                             row.basis == LegalBasis::kGuardianConsent;
  const std::vector<FieldGroup> packet = kPacketGroups.Values();
  draft.consented =
      !needs_consent ||
      std::any_of(packet.begin(), packet.end(), [&](FieldGroup group) {
        return IsLive(facts, row, group, now);
      });
  RequestFacts push{now, row.parties.holder, row.parties.receiver,
                    row.parties.holder, row.parties.receiver};
  draft.screened = ProjectFacts(facts, DossierStage::kDrafted, push).danger ==
                   BuiltInDanger::kNone;
  draft.risk_cleared = row.clearance.has_value() && Stands(*row.clearance, now);
  return draft;
}

absl::StatusOr<pb::Referral> ReferralViewOf(const OperatorCall& call,
                                            const StoreReader& store,
                                            const Dossier& dossier) {
  ASSIGN_OR_RETURN(const std::optional<CaseFacts> facts,
                   FactsOf(dossier.row, store));
  ASSIGN_OR_RETURN(const bool excluded,
                   IsExcluded(call.node(), dossier, store));
  const Sight sight{call, dossier, facts.has_value() ? &*facts : nullptr,
                    excluded};
  pb::Referral view = RowView(dossier.row);
  AddNames(call.engine().set(), dossier.row.parties, view);
  if (sight.IsDraft()) {
    AddDraft(sight, view);
    return view;
  }
  view.set_state(std::string(Name(dossier.status.state)));
  view.set_alarm(dossier.status.alarm);
  ASSIGN_OR_RETURN(const uint32_t undelivered, CountUndelivered(sight, store));
  view.set_undelivered_events(undelivered);
  AddWaiting(sight, view);
  if (dossier.status.state == ReferralState::kSent && facts.has_value() &&
      IsLapsed(store, call.engine(), dossier.row, call.now())) {
    view.set_state(std::string(kLapsed));
    view.set_waits_for("US");
  }
  AddClocks(dossier, call.now(), view);
  return view;
}

absl::StatusOr<pb::Referral> ReferralViewOf(const OperatorCall& call,
                                            const StoreReader& store,
                                            const ReferralRow& row) {
  ASSIGN_OR_RETURN(const Dossier dossier, ReadDossier(store, row.referral_id));
  return ReferralViewOf(call, store, dossier);
}

absl::Status ShowReferral(const OperatorCall& call, CommitScope& scope,
                          const Uuid& id, pb::Referral& view) {
  ASSIGN_OR_RETURN(const Dossier dossier, ReadDossier(scope.store(), id));
  ASSIGN_OR_RETURN(view, ReferralViewOf(call, scope.store(), dossier));
  return absl::OkStatus();
}

bool IsUnderWay(const pb::Referral& view) {
  return !view.waits_for().empty() || view.clocks_size() > 0;
}

}  // namespace comity
