#include <algorithm>
#include <array>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/service/oversight_steps.h"
#include "node/wire/proto_time.h"

namespace comity {
namespace {

namespace pb = operators::v1;

constexpr uint32_t kMostHours = 72;
constexpr int kMostListed = 100;
// A declaration that nobody confirmed by then lapses.
constexpr absl::Duration kConfirmWithin = absl::Hours(24);
constexpr std::array kReasons = {"DANGER_TO_LIFE", "MASS_DISPLACEMENT",
                                 "MISSING_CHILD", "EPIDEMIC"};
constexpr absl::string_view kToErase = "PARTNER_TO_ERASE";
constexpr std::array<absl::string_view, 3> kFindings = {
    "JUSTIFIED", "NOT_JUSTIFIED", kToErase};

// The closed lists keep names out of the log.
template <typename Codes>
absl::Status CheckCode(const Codes& codes, const std::string& code) {
  if (std::find(codes.begin(), codes.end(), code) != codes.end()) {
    return absl::OkStatus();
  }
  return ReasonError(
      ErrorReason::kFieldInvalid,
      absl::StrCat("the code is one of ", absl::StrJoin(codes, ", ")));
}

const char* StateOf(const Emergency& emergency, absl::Time now) {
  if (!emergency.ended_by.empty()) return "ENDED";
  if (emergency.confirmed_by.empty()) {
    return now < emergency.declared_at + kConfirmWithin ? "DECLARED" : "LAPSED";
  }
  return now < emergency.ends_at ? "IN_FORCE" : "LAPSED";
}

pb::Emergency ViewOf(const Emergency& emergency, absl::Time now) {
  pb::Emergency view;
  view.set_emergency_id(emergency.id.ToString());
  view.set_partner(emergency.partner.text());
  view.set_agreement_id(emergency.agreement_id);
  view.set_reason(emergency.reason);
  view.set_state(StateOf(emergency, now));
  view.set_declared_by(emergency.declared_by);
  *view.mutable_declared_at() = ToProtoTime(emergency.declared_at);
  view.set_confirmed_by(emergency.confirmed_by);
  if (!emergency.confirmed_by.empty()) {
    *view.mutable_ends_at() = ToProtoTime(emergency.ends_at);
  }
  view.set_ended_by(emergency.ended_by);
  return view;
}

// The emergency agreement of that id in force here between the two.
absl::StatusOr<const Agreement*> FindEmergencyAgreement(
    const OperatorCall& call, const std::string& id,
    const ParticipantCode& partner) {
  for (const Agreement& agreement : call.engine().set().agreements) {
    const auto& party = agreement.party;
    if (agreement.id == id && agreement.emergency &&
        call.now() >= agreement.valid_from &&
        call.now() < agreement.valid_until &&
        std::find(party.begin(), party.end(), partner.text()) != party.end()) {
      return &agreement;
    }
  }
  return ReasonError(ErrorReason::kAgreementNotInForce,
                     absl::StrCat("no emergency agreement \"", id, "\" with ",
                                  partner.text(), " is in force here"));
}

void Describe(OperatorCall& call, const char* what,
              const Emergency& emergency) {
  call.SetPeer(emergency.partner);
  call.SetDetail(absl::StrCat(what, " ", emergency.reason, " ",
                              emergency.agreement_id, " ",
                              emergency.id.ToString()));
}

// Reads the emergency, lets `change` change it, writes it back, and shows it.
absl::Status Change(
    OperatorCall& call, const std::string& emergency_id, const char* what,
    pb::Emergency& view,
    const std::function<absl::Status(Emergency&, absl::Time)>& change) {
  ASSIGN_OR_RETURN(const Uuid id, Uuid::Parse(emergency_id));
  return call
      .Commit([&](CommitScope& scope) -> absl::Status {
        ASSIGN_OR_RETURN(Emergency changed, scope.store().ReadEmergency(id));
        Describe(call, what, changed);
        RETURN_IF_ERROR(change(changed, scope.now()));
        view = ViewOf(changed, scope.now());
        return scope.store().PutEmergency(changed);
      })
      .status();
}

absl::Status NotNow(absl::string_view what) {
  return ReasonError(ErrorReason::kReferralStateConflict, what);
}

}  // namespace

absl::Status HandleDeclareEmergency(OperatorCall& call,
                                    const pb::DeclareEmergencyRequest& request,
                                    pb::DeclareEmergencyResponse& response) {
  ASSIGN_OR_RETURN(const Uuid id, Uuid::Parse(request.request_id()));
  ASSIGN_OR_RETURN(const ParticipantCode partner,
                   ParticipantCode::Create(request.partner()));
  RETURN_IF_ERROR(CheckCode(kReasons, request.reason()));
  if (request.hours() > kMostHours) {
    return ReasonError(ErrorReason::kFieldInvalid,
                       "an emergency lasts 1 to 72 hours");
  }
  RETURN_IF_ERROR(
      FindEmergencyAgreement(call, request.agreement_id(), partner).status());
  const Emergency declared{id,
                           partner,
                           request.agreement_id(),
                           request.reason(),
                           request.hours(),
                           call.caller().OperatorName(),
                           call.now()};
  Describe(call, "DECLARE", declared);
  *response.mutable_emergency() = ViewOf(declared, call.now());
  return call
      .Commit([&](CommitScope& scope) -> absl::Status {
        if (scope.store().ReadEmergency(id).ok()) {
          return NotNow("this emergency is declared already");
        }
        return scope.store().PutEmergency(declared);
      })
      .status();
}

absl::Status HandleConfirmEmergency(OperatorCall& call,
                                    const pb::ConfirmEmergencyRequest& request,
                                    pb::ConfirmEmergencyResponse& response) {
  const std::string person = call.caller().OperatorName();
  return Change(
      call, request.emergency_id(), "CONFIRM", *response.mutable_emergency(),
      [&](Emergency& emergency, absl::Time now) -> absl::Status {
        if (emergency.declared_by == person) {
          return ReasonError(ErrorReason::kLocalAccessDenied,
                             "another person must confirm it");
        }
        if (StateOf(emergency, now) != std::string("DECLARED")) {
          return NotNow("this emergency no longer waits to be confirmed");
        }
        ASSIGN_OR_RETURN(const Agreement* agreement,
                         FindEmergencyAgreement(call, emergency.agreement_id,
                                                emergency.partner));
        emergency.confirmed_by = person;
        emergency.ends_at = std::min(now + absl::Hours(emergency.hours),
                                     agreement->valid_until);
        return absl::OkStatus();
      });
}

absl::Status HandleEndEmergency(OperatorCall& call,
                                const pb::EndEmergencyRequest& request,
                                pb::EndEmergencyResponse& response) {
  return Change(call, request.emergency_id(), "END",
                *response.mutable_emergency(),
                [&](Emergency& emergency, absl::Time now) -> absl::Status {
                  const std::string state = StateOf(emergency, now);
                  if (state != "DECLARED" && state != "IN_FORCE") {
                    return NotNow("this emergency is over already");
                  }
                  emergency.ended_by = call.caller().OperatorName();
                  emergency.ends_at = now;
                  return absl::OkStatus();
                });
}

absl::StatusOr<std::vector<pb::Emergency>> ReadEmergencies(
    const OperatorCall& call) {
  ASSIGN_OR_RETURN(const std::vector<Emergency> emergencies,
                   call.node().store.ListEmergencies(kMostListed));
  std::vector<pb::Emergency> views;
  views.reserve(emergencies.size());
  for (const Emergency& emergency : emergencies) {
    views.push_back(ViewOf(emergency, call.now()));
  }
  return views;
}

absl::Status HandleReviewEmergency(OperatorCall& call,
                                   const pb::ReviewEmergencyRequest& request,
                                   pb::ReviewEmergencyResponse&) {
  ASSIGN_OR_RETURN(const Uuid id, Uuid::Parse(request.review_id()));
  RETURN_IF_ERROR(CheckCode(kFindings, request.finding()));
  return call
      .Commit([&](CommitScope& scope) -> absl::Status {
        ASSIGN_OR_RETURN(EmergencyReview review, scope.store().ReadReview(id));
        if (!review.reviewed_by.empty()) {
          return NotNow("this release is reviewed already");
        }
        if (request.finding() == kToErase && !review.as_holder) {
          return ReasonError(ErrorReason::kFieldInvalid,
                             "only the side that told it can find that the "
                             "partner is to erase it");
        }
        review.reviewed_by = call.caller().OperatorName();
        review.finding = request.finding();
        call.SetPeer(review.partner);
        call.SetDetail(
            absl::StrCat("REVIEW ", request.finding(), " ", review.entry_id));
        return scope.store().PutReview(review);
      })
      .status();
}

}  // namespace comity
