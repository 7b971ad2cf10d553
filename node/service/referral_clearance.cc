#include "absl/strings/str_cat.h"
#include "comity/federation/v1/referral.pb.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/service/referral_step_handlers.h"
#include "node/service/referral_steps.h"
#include "node/service/referral_view.h"
#include "node/wire/enum_code.h"
#include "node/wire/proto_time.h"

// How a second person clears the risk of a draft.
namespace comity {
namespace {

namespace pb = operators::v1;

absl::StatusOr<RiskClearance> ClearanceOf(
    const OperatorCall& call, const pb::ClearReferralRequest& request,
    absl::Time now) {
  RiskClearance clearance;
  ASSIGN_OR_RETURN(
      const int risk,
      ParseEnumCode(*federation::v1::RiskLevel_descriptor(), request.risk()));
  clearance.risk = static_cast<RiskLevel>(risk);
  clearance.assessed_at = clearance.cleared_at = now;
  if (request.has_assessed_at()) {
    ASSIGN_OR_RETURN(clearance.assessed_at,
                     FromProtoTime(request.assessed_at()));
  }
  clearance.cleared_by = call.caller().OperatorName();
  if (request.has_reflection_ends_at() == request.reflection_waived()) {
    return ReasonError(ErrorReason::kFieldInvalid,
                       "say either when her time to recover and reflect ends "
                       "(reflection_ends_at), or that she waived it "
                       "(reflection_waived)");
  }
  if (request.has_reflection_ends_at()) {
    ASSIGN_OR_RETURN(clearance.reflection_ends_at,
                     FromProtoTime(request.reflection_ends_at()));
  }
  return clearance;
}

// What must be there before a risk can be judged.
absl::Status CheckReady(const ReferralRow& row, const CaseFacts& facts,
                        absl::Time now) {
  if (!facts.screening.has_value()) {
    return ReasonError(ErrorReason::kScreeningMissing,
                       "the case has no danger screening; record one with "
                       "comity case screen");
  }
  const DraftFacts draft = DraftFactsOf(row, facts, now);
  if (!draft.screened) {
    return ReasonError(
        ErrorReason::kReferralStateConflict,
        absl::StrCat("a danger flag of the case stands against ",
                     row.parties.receiver.text(), "; it cannot be cleared"));
  }
  if (!draft.consented) {
    return ReasonError(ErrorReason::kConsentMissing,
                       "no live consent covers what the packet tells; record "
                       "it with comity consent record");
  }
  return absl::OkStatus();
}

absl::Status CheckDraft(const NodeContext& node, const Dossier& dossier) {
  const bool draft =
      dossier.row.parties.holder == node.self && dossier.ordered.empty();
  return draft ? absl::OkStatus()
               : ReasonError(ErrorReason::kReferralStateConflict,
                             absl::StrCat("the referral is ",
                                          Name(dossier.status.state),
                                          ": the risk of a draft is cleared, "
                                          "by its holder's people"));
}

}  // namespace

absl::Status HandleClearReferral(OperatorCall& call,
                                 const pb::ClearReferralRequest& request,
                                 pb::ClearReferralResponse& response) {
  NodeContext& node = call.node();
  ASSIGN_OR_RETURN(const ReferralRow referral,
                   FindReferral(call, request.referral_id()));
  call.SetPeer(referral.parties.receiver);
  return call
      .Commit([&](CommitScope& scope) -> absl::Status {
        StoreTransaction& store = scope.store();
        ASSIGN_OR_RETURN(const Dossier dossier,
                         ReadDossier(store, referral.referral_id));
        RETURN_IF_ERROR(CheckDraft(node, dossier));
        ASSIGN_OR_RETURN(const CaseFacts facts,
                         store.ReadFacts(referral.case_id));
        RETURN_IF_ERROR(CheckReady(referral, facts, scope.now()));
        ASSIGN_OR_RETURN(const RiskClearance clearance,
                         ClearanceOf(call, request, scope.now()));
        RETURN_IF_ERROR(
            CheckClearance(clearance, referral.drafted_by, scope.now()));
        call.SetDetail(Name(clearance.risk));
        RETURN_IF_ERROR(store.PutClearance(referral.referral_id, clearance));
        return ShowReferral(call, scope, referral.referral_id,
                            *response.mutable_referral());
      })
      .status();
}

}  // namespace comity
