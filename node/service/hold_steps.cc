#include "absl/strings/str_cat.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/service/closed_revisions.h"
#include "node/service/consent_steps.h"
#include "node/service/consent_view.h"
#include "node/service/erasure.h"
#include "node/service/referral_steps.h"
#include "node/wire/proto_time.h"

// What people answer for as a receiver, and keep on a legal ground.
namespace comity {
namespace {

namespace pb = operators::v1;
namespace fed = federation::v1;

constexpr absl::Duration kLongestHold = absl::Hours(24 * 365);

absl::Status Invalid(absl::string_view what) {
  return ReasonError(ErrorReason::kFieldInvalid, what);
}

// People cannot say that the node assists her; it knows.
absl::StatusOr<LegalHold> ParseHold(const OperatorCall& call,
                                    const std::string& ground, bool has_until,
                                    const google::protobuf::Timestamp& until) {
  LegalHold hold;
  hold.ground = FromName<HoldGround>(ground);
  if (hold.ground == HoldGround::kUnset ||
      hold.ground == HoldGround::kAssistance) {
    return Invalid(
        "the ground is COURT_ORDER, CRIMINAL_PROCEEDINGS, LEGAL_CLAIM or "
        "VITAL_INTEREST");
  }
  if (!has_until) return Invalid("say until when it is kept");
  ASSIGN_OR_RETURN(hold.until, FromProtoTime(until));
  if (hold.until <= call.now() || hold.until > call.now() + kLongestHold) {
    return Invalid("what is kept is kept until a day within 365 days");
  }
  hold.placed_at = call.now();
  hold.placed_by = call.caller().OperatorName();
  return hold;
}

absl::StatusOr<fed::ErasedCopies> ParseCopies(
    const OperatorCall& call, const pb::ConfirmErasureRequest& request) {
  fed::CopyClass copies{};
  if (!fed::CopyClass_Parse(absl::StrCat("COPY_CLASS_", request.copies()),
                            &copies) ||
      (copies != fed::COPY_CLASS_PAPER && copies != fed::COPY_CLASS_BACKUP)) {
    return Invalid(
        "people answer for PAPER and BACKUP; for what it holds the node has "
        "answered");
  }
  fed::ErasureOutcome outcome{};
  if (!fed::ErasureOutcome_Parse(
          absl::StrCat("ERASURE_OUTCOME_", request.outcome()), &outcome) ||
      outcome == fed::ERASURE_OUTCOME_UNSPECIFIED) {
    return Invalid("the outcome is ERASED, BLOCKED, KEPT or NONE_HELD");
  }
  if (outcome == fed::ERASURE_OUTCOME_KEPT) {
    ASSIGN_OR_RETURN(const LegalHold hold,
                     ParseHold(call, request.ground(), request.has_kept_until(),
                               request.kept_until()));
    return KeptCopies(copies, hold);
  }
  fed::ErasedCopies told;
  told.set_copies(copies);
  told.set_outcome(outcome);
  return told;
}

// Tells the holder that a withdrawn case is kept longer, or is erased now.
absl::Status TellFate(OperatorCall& call, const CaseFacts& facts,
                      const fed::ErasedCopies& copies, CommitScope& scope) {
  NodeContext& node = call.node();
  return AnswerWithdrawal(node, facts.provenance->referral_id, {copies},
                          NewUuid(node.random), Role::kUnset, scope);
}

absl::Status LiftHold(OperatorCall& call, const Uuid& case_id,
                      CommitScope& scope) {
  NodeContext& node = call.node();
  ASSIGN_OR_RETURN(const CaseFacts facts, scope.store().ReadFacts(case_id));
  if (!facts.hold.has_value()) {
    return ReasonError(ErrorReason::kReferralStateConflict,
                       "no hold keeps this case");
  }
  RETURN_IF_ERROR(scope.store().PutHold(case_id, std::nullopt));
  ASSIGN_OR_RETURN(const CaseFacts now, scope.store().ReadFacts(case_id));
  if (ErasureDue(now) > scope.now()) return absl::OkStatus();
  const bool withdrawn = now.provenance->withdrawn_at.has_value();
  RETURN_IF_ERROR(EraseReceivedCase(node, case_id,
                                    withdrawn ? "WITHDRAWAL" : "RETENTION",
                                    scope)
                      .status());
  if (!withdrawn) return absl::OkStatus();
  fed::ErasedCopies erased;
  erased.set_copies(fed::COPY_CLASS_CASE);
  erased.set_outcome(fed::ERASURE_OUTCOME_ERASED);
  return TellFate(call, now, erased, scope);
}

absl::Status PlaceHold(OperatorCall& call, const Uuid& case_id,
                       const LegalHold& hold, CommitScope& scope,
                       pb::HoldCaseResponse& response) {
  RETURN_IF_ERROR(scope.store().PutHold(case_id, hold));
  ASSIGN_OR_RETURN(const CaseFacts now, scope.store().ReadFacts(case_id));
  if (ErasureDue(now) != absl::InfiniteFuture()) {
    *response.mutable_erase_at() = ToProtoTime(ErasureDue(now));
  }
  if (!now.provenance.has_value() ||
      !now.provenance->withdrawn_at.has_value()) {
    return absl::OkStatus();
  }
  RETURN_IF_ERROR(CloseIfOutOfCounts(call.node(), case_id, scope));
  return TellFate(call, now, KeptCopies(fed::COPY_CLASS_CASE, hold), scope);
}

}  // namespace

absl::Status HandleConfirmErasure(OperatorCall& call,
                                  const pb::ConfirmErasureRequest& request,
                                  pb::ConfirmErasureResponse& response) {
  NodeContext& node = call.node();
  ASSIGN_OR_RETURN(const Uuid event_id, Uuid::Parse(request.request_id()));
  ASSIGN_OR_RETURN(const fed::ErasedCopies copies, ParseCopies(call, request));
  ASSIGN_OR_RETURN(const ReferralRow referral,
                   FindReferral(call, request.referral_id()));
  if (referral.parties.receiver != node.self) {
    return ReasonError(ErrorReason::kReferralStateConflict,
                       "the receiver of a referral answers for copies");
  }
  call.SetRequestId(event_id);
  call.SetPeer(referral.parties.holder);
  return call
      .Commit([&](CommitScope& scope) -> absl::Status {
        RETURN_IF_ERROR(AnswerWithdrawal(node, referral.referral_id, {copies},
                                         event_id, call.caller().role, scope));
        ASSIGN_OR_RETURN(const Dossier dossier,
                         ReadDossier(scope.store(), referral.referral_id));
        *response.mutable_standing() =
            *WithdrawalStandingOf(dossier, scope.now());
        return absl::OkStatus();
      })
      .status();
}

absl::Status HandleHoldCase(OperatorCall& call,
                            const pb::HoldCaseRequest& request,
                            pb::HoldCaseResponse& response) {
  ASSIGN_OR_RETURN(const Permit permit, call.PermitCase(request.case_id()));
  const Uuid& case_id = *permit.case_id();
  if (request.lift()) {
    if (!request.ground().empty() || request.has_until()) {
      return Invalid("a hold that is lifted has no ground and no end");
    }
    return call
        .Commit(
            [&](CommitScope& scope) { return LiftHold(call, case_id, scope); })
        .status();
  }
  ASSIGN_OR_RETURN(
      const LegalHold hold,
      ParseHold(call, request.ground(), request.has_until(), request.until()));
  call.SetDetail(
      absl::StrCat(Name(hold.ground), " until ", absl::FormatTime(hold.until)));
  return call
      .Commit([&](CommitScope& scope) {
        return PlaceHold(call, case_id, hold, scope, response);
      })
      .status();
}

}  // namespace comity
