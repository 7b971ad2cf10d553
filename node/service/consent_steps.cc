#include "node/service/consent_steps.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/policy/facts.h"
#include "node/service/case_view.h"
#include "node/service/closed_revisions.h"
#include "node/service/consent_view.h"
#include "node/service/dossier_event.h"
#include "node/service/erasure.h"
#include "node/service/referral_steps.h"
#include "node/service/withdrawal.h"
#include "node/wire/proto_time.h"

namespace comity {
namespace {

namespace pb = operators::v1;
using Payload = federation::v1::ReferralEventPayload;
using Standings = google::protobuf::RepeatedPtrField<pb::WithdrawalStanding>;

Payload NoticeOf(const Consent& consent) {
  Payload payload;
  payload.set_kind(federation::v1::REFERRAL_EVENT_KIND_CONSENT_RECORDED);
  auto* notice = payload.mutable_consent();
  notice->set_purpose(std::string(Name(consent.purpose)));
  AddGroups(consent.groups, notice->mutable_groups());
  *notice->mutable_expires_at() = ToProtoTime(consent.expires_at);
  return payload;
}

// Tells the recipient of open dossiers of this case what consent now covers,
// unless a danger flag keeps everything from it.
absl::Status NotifyDossiers(OperatorCall& call, const Consent& consent,
                            CommitScope& scope,
                            pb::RecordConsentResponse& response) {
  NodeContext& node = call.node();
  if (consent.state == ConsentState::kRefused) return absl::OkStatus();
  ASSIGN_OR_RETURN(const CaseFacts facts,
                   scope.store().ReadFacts(consent.case_id));
  if (DangerOf(facts, consent.recipient) != BuiltInDanger::kNone) {
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(const std::vector<ReferralRow> referrals,
                   scope.store().ListReferralsOf(consent.case_id));
  for (const ReferralRow& referral : referrals) {
    const bool open = StageOf(referral.state) != DossierStage::kDrafted &&
                      !IsTerminal(referral.state);
    if (!open || referral.parties.receiver != consent.recipient) continue;
    ASSIGN_OR_RETURN(const Dossier dossier,
                     ReadDossier(scope.store(), referral.referral_id));
    ASSIGN_OR_RETURN(
        const NewEvent event,
        BeginEvent(node, dossier, NewUuid(node.random), NoticeOf(consent),
                   call.caller().role, scope.now()));
    RETURN_IF_ERROR(WriteEvent(node, dossier, event, scope));
    response.add_notified_referral_ids(referral.referral_id.ToString());
  }
  return absl::OkStatus();
}

// Who refuses what she consented to takes it back. A refusal that names one
// organisation leaves what the whole state may know.
absl::Status WithdrawRefused(OperatorCall& call, const Consent& refusal,
                             CommitScope& scope,
                             pb::RecordConsentResponse& response) {
  if (refusal.state != ConsentState::kRefused ||
      !refusal.recipient_organisation.empty()) {
    return absl::OkStatus();
  }
  GroupsWithdrawn how{refusal.id, scope.now(), refusal.groups};
  how.channel = refusal.channel;
  how.recorded_by = refusal.recorded_by;
  ASSIGN_OR_RETURN(
      const std::vector<Consent> acts,
      WithdrawActs(refusal.case_id,
                   {std::nullopt, refusal.recipient, refusal.purpose}, how,
                   scope.store()));
  ASSIGN_OR_RETURN(
      const std::vector<Uuid> told,
      WithdrawFromDossiers(call.node(), acts, call.caller().role, scope));
  for (const Uuid& id : told) {
    response.add_notified_referral_ids(id.ToString());
  }
  return absl::OkStatus();
}

// In a child's name her guardian consents.
absl::Status CheckGuardian(const Consent& consent, const StoreReader& store) {
  if (consent.state != ConsentState::kGiven) return absl::OkStatus();
  ASSIGN_OR_RETURN(const CaseFacts facts, store.ReadFacts(consent.case_id));
  if (!NeedsGuardian(facts)) return absl::OkStatus();
  return ReasonError(ErrorReason::kFieldInvalid,
                     "she is a child, or may be one: her guardian consents, "
                     "and is named (--guardian)");
}

absl::Status AddStandings(const ReferralReader& store,
                          const std::vector<Uuid>& referrals, absl::Time now,
                          Standings& out) {
  for (const Uuid& id : referrals) {
    ASSIGN_OR_RETURN(const Dossier dossier, ReadDossier(store, id));
    const auto standing = WithdrawalStandingOf(dossier, now);
    if (standing.has_value()) *out.Add() = *standing;
  }
  return absl::OkStatus();
}

// What a call withdraws, its acts apart.
absl::StatusOr<GroupsWithdrawn> WithdrawnBy(const OperatorCall& call,
                                            const std::string& request_id,
                                            const std::string& channel) {
  GroupsWithdrawn withdrawn;
  ASSIGN_OR_RETURN(withdrawn.id, Uuid::Parse(request_id));
  ASSIGN_OR_RETURN(withdrawn.channel, ParseChannel(channel));
  withdrawn.recorded_by = call.caller().OperatorName();
  return withdrawn;
}

// At the holder: consent for this receiver and purpose goes, and with it every
// dossier that rests on it; this one in any case.
absl::StatusOr<std::vector<Uuid>> WithdrawAtHolder(OperatorCall& call,
                                                   const ReferralRow& referral,
                                                   GroupsWithdrawn how,
                                                   CommitScope& scope) {
  NodeContext& node = call.node();
  how.at = scope.now();
  ASSIGN_OR_RETURN(const bool written,
                   WithdrawFromDossier(node, referral.referral_id, how.id,
                                       {true, {}}, call.caller().role, scope));
  std::vector<Consent> acts;
  if (scope.store().ReadFacts(referral.case_id).ok()) {
    ASSIGN_OR_RETURN(
        acts, WithdrawActs(
                  referral.case_id,
                  {std::nullopt, referral.parties.receiver, referral.purpose},
                  how, scope.store()));
  }
  ASSIGN_OR_RETURN(std::vector<Uuid> told,
                   WithdrawFromDossiers(node, acts, call.caller().role, scope));
  if (written) told.insert(told.begin(), referral.referral_id);
  if (told.empty() && acts.empty()) {
    return ReasonError(ErrorReason::kReferralStateConflict,
                       "there is nothing to withdraw: the referral was never "
                       "sent, or consent to it is withdrawn already");
  }
  return told;
}

// At the receiver: the holder is told, and what was received goes at once.
absl::StatusOr<std::vector<Uuid>> WithdrawAtReceiver(
    OperatorCall& call, const ReferralRow& referral, const Uuid& event_id,
    CommitScope& scope) {
  NodeContext& node = call.node();
  ASSIGN_OR_RETURN(const bool written,
                   WithdrawFromDossier(node, referral.referral_id, event_id,
                                       {true, {}}, call.caller().role, scope));
  if (!written) {
    return ReasonError(ErrorReason::kReferralStateConflict,
                       "consent to the referral is withdrawn already");
  }
  RETURN_IF_ERROR(ObeyWithdrawal(node, referral.referral_id,
                                 FormatWithdrawal(true, {}), referral.state,
                                 scope));
  return std::vector<Uuid>{referral.referral_id};
}

}  // namespace

absl::Status HandleRecordConsent(OperatorCall& call,
                                 const pb::RecordConsentRequest& request,
                                 pb::RecordConsentResponse& response) {
  ASSIGN_OR_RETURN(const Permit permit, call.PermitCase(request.case_id()));
  ASSIGN_OR_RETURN(const Uuid id, Uuid::Parse(request.request_id()));
  ASSIGN_OR_RETURN(const Consent consent,
                   ParseConsent(request.consent(), id, *permit.case_id(),
                                call.caller().OperatorName(), call.now(),
                                call.node().random));
  response.set_consent_id(id.ToString());
  call.SetDetail(
      absl::StrCat("act ", absl::BytesToHexString(DigestOf(consent))));
  return call
      .Commit([&](CommitScope& scope) -> absl::Status {
        RETURN_IF_ERROR(CheckGuardian(consent, scope.store()));
        RETURN_IF_ERROR(scope.store().PutConsent(consent));
        RETURN_IF_ERROR(WithdrawRefused(call, consent, scope, response));
        RETURN_IF_ERROR(
            CloseIfOutOfCounts(call.node(), consent.case_id, scope));
        return NotifyDossiers(call, consent, scope, response);
      })
      .status();
}

absl::Status HandleGetConsents(OperatorCall& call,
                               const pb::GetConsentsRequest& request,
                               pb::GetConsentsResponse& response) {
  const NodeContext& node = call.node();
  ASSIGN_OR_RETURN(const Permit permit, call.PermitCase(request.case_id()));
  const Uuid& case_id = *permit.case_id();
  ASSIGN_OR_RETURN(const CaseFacts facts, node.store.ReadFacts(case_id));
  for (const Consent& act : facts.consents) {
    auto* standing = response.add_consents();
    *standing->mutable_act() = ConsentViewOf(act);
    AddGroups(act.LiveGroups(call.now()), standing->mutable_live_groups());
  }
  ASSIGN_OR_RETURN(const std::vector<ReferralRow> referrals,
                   node.store.ListReferralsOf(case_id));
  std::vector<Uuid> ids;
  ids.reserve(referrals.size());
  for (const ReferralRow& row : referrals) ids.push_back(row.referral_id);
  return AddStandings(node.store, ids, call.now(),
                      *response.mutable_withdrawals());
}

absl::Status HandleWithdrawConsent(OperatorCall& call,
                                   const pb::WithdrawConsentRequest& request,
                                   pb::WithdrawConsentResponse& response) {
  NodeContext& node = call.node();
  ASSIGN_OR_RETURN(const Permit permit, call.PermitCase(request.case_id()));
  ASSIGN_OR_RETURN(GroupsWithdrawn how,
                   WithdrawnBy(call, request.request_id(), request.channel()));
  how.groups = ParseGroups(request.groups()).Intersect(kShareableGroups);
  ActSelection which;
  if (!request.consent_id().empty()) {
    ASSIGN_OR_RETURN(which.consent, Uuid::Parse(request.consent_id()));
  }
  return call
      .Commit([&](CommitScope& scope) -> absl::Status {
        how.at = scope.now();
        ASSIGN_OR_RETURN(
            const std::vector<Consent> acts,
            WithdrawActs(*permit.case_id(), which, how, scope.store()));
        if (acts.empty()) {
          return ReasonError(ErrorReason::kNotFound,
                             "no act of this case has such groups that are not "
                             "withdrawn; look at comity consent show");
        }
        for (const Consent& act : acts) {
          response.add_consent_ids(act.id.ToString());
        }
        ASSIGN_OR_RETURN(
            const std::vector<Uuid> told,
            WithdrawFromDossiers(node, acts, call.caller().role, scope));
        return AddStandings(scope.store(), told, scope.now(),
                            *response.mutable_withdrawals());
      })
      .status();
}

absl::Status HandleWithdrawReferral(OperatorCall& call,
                                    const pb::WithdrawReferralRequest& request,
                                    pb::WithdrawReferralResponse& response) {
  ASSIGN_OR_RETURN(const GroupsWithdrawn how,
                   WithdrawnBy(call, request.request_id(), request.channel()));
  ASSIGN_OR_RETURN(const ReferralRow referral,
                   FindReferral(call, request.referral_id()));
  const bool holder = referral.parties.holder == call.node().self;
  call.SetRequestId(how.id);
  call.SetPeer(holder ? referral.parties.receiver : referral.parties.holder);
  return call
      .Commit([&](CommitScope& scope) -> absl::Status {
        // As it is now: it may have moved since.
        ASSIGN_OR_RETURN(const ReferralRow row,
                         scope.store().ReadReferral(referral.referral_id));
        ASSIGN_OR_RETURN(const std::vector<Uuid> told,
                         holder ? WithdrawAtHolder(call, row, how, scope)
                                : WithdrawAtReceiver(call, row, how.id, scope));
        return AddStandings(scope.store(), told, scope.now(),
                            *response.mutable_withdrawals());
      })
      .status();
}

}  // namespace comity
