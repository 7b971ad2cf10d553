#include "node/wire/event_text.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "node/domain/vocabulary.h"
#include "node/wire/enum_code.h"

namespace comity {
namespace {

namespace pb = federation::v1;
using Payload = pb::ReferralEventPayload;

template <typename Groups>
std::string GroupNames(const Groups& groups) {
  std::vector<std::string> names;
  names.reserve(static_cast<size_t>(groups.size()));
  for (const int group : groups) {
    names.emplace_back(Name(static_cast<FieldGroup>(group)));
  }
  return absl::StrJoin(names, " ");
}

// The parts that say something, with "; " between them.
std::string Joined(const std::vector<std::string>& parts) {
  std::string joined;
  for (const std::string& part : parts) {
    if (part.empty()) continue;
    absl::StrAppend(&joined, joined.empty() ? "" : "; ", part);
  }
  return joined;
}

std::string Told(const pb::InfoAnswer& answer) {
  std::vector<int> told;
  for (const auto& field : answer.fields()) told.push_back(field.group());
  return Joined({told.empty() ? "" : absl::StrCat("told ", GroupNames(told)),
                 answer.refused().empty()
                     ? ""
                     : absl::StrCat("refused ", GroupNames(answer.refused()))});
}

std::string Corrected(const pb::Correction& correction) {
  std::vector<int> told;
  for (const auto& field : correction.fields()) told.push_back(field.group());
  return GroupNames(told);
}

std::string Says(const pb::Feedback& feedback) {
  return absl::StrJoin(
      feedback.answers(), "; ",
      [](std::string* out, const pb::FeedbackAnswer& answer) {
        absl::StrAppend(
            out,
            EnumCode(*pb::FeedbackQuestion_descriptor(), answer.question()),
            " ", EnumCode(*pb::FeedbackReply_descriptor(), answer.reply()));
      });
}

std::string Accepted(const pb::Acceptance& acceptance) {
  return Joined(
      {absl::StrCat("case manager ", acceptance.case_manager()),
       absl::StrJoin(acceptance.services_offered(), " "),
       EnumCode(*pb::PlaceKind_descriptor(), acceptance.reception()),
       acceptance.has_capacity_from()
           ? absl::StrCat("from ", EventDay(acceptance.capacity_from()))
           : ""});
}

std::string Planned(const pb::Plan& plan) {
  std::vector<std::string> actions;
  for (const pb::PlanAction& action : plan.actions()) {
    actions.push_back(absl::StrCat(
        action.service(), " by ", action.owner(),
        action.has_due_at() ? absl::StrCat(" until ", EventDay(action.due_at()))
                            : ""));
  }
  return absl::StrCat("version ", plan.version(), ": ",
                      absl::StrJoin(actions, ", "));
}

std::string Answered(const pb::PlanAnswer& answer) {
  return absl::StrCat("version ", answer.version(), ": she ",
                      answer.agrees() ? "agrees" : "does not agree",
                      answer.follow_up() ? "; follow-up reports" : "");
}

std::string Scheduled(const pb::ReturnSchedule& schedule) {
  return Joined({absl::StrCat("departs ", EventMinute(schedule.departs_at())),
                 absl::StrCat("arrives ", EventMinute(schedule.arrives_at())),
                 EnumCode(*pb::TravelMode_descriptor(), schedule.mode()),
                 EnumCode(*pb::PlaceKind_descriptor(), schedule.arrival()),
                 schedule.escorted() ? "escorted" : ""});
}

std::string Arrived(const pb::Handover& handover) {
  return Joined({absl::StrCat("arrived ", EventMinute(handover.arrived_at())),
                 EnumCode(*pb::PlaceKind_descriptor(), handover.place()),
                 handover.concern() ? "her condition is of concern" : "",
                 handover.deviated() ? "not as scheduled" : ""});
}

std::string Erased(const pb::ErasureConfirmation& erasure) {
  std::vector<std::string> parts;
  for (const pb::ErasedCopies& each : erasure.copies()) {
    parts.push_back(absl::StrCat(
        EnumCode(*pb::CopyClass_descriptor(), each.copies()), " ",
        EnumCode(*pb::ErasureOutcome_descriptor(), each.outcome())));
  }
  return Joined(parts);
}

std::string RiskFound(const pb::RiskAnswer& answer) {
  return Joined(
      {absl::StrCat("threat ",
                    EnumCode(*pb::RiskLevel_descriptor(), answer.threat())),
       absl::StrCat("family contact ", EnumCode(*pb::FamilyContact_descriptor(),
                                                answer.family_contact())),
       absl::StrCat("until ", EventDay(answer.valid_until()))});
}

std::string Sent(const pb::ReferralPacket& packet) {
  return Joined(
      {absl::StrCat(packet.purpose(), " on ", packet.basis()), packet.reason(),
       packet.risk() == 0
           ? ""
           : absl::StrCat("risk ",
                          EnumCode(*pb::RiskLevel_descriptor(), packet.risk())),
       packet.child() ? "a child" : "",
       packet.vital_interest() ? "ahead of consent" : ""});
}

}  // namespace

std::string EventMinute(const google::protobuf::Timestamp& time) {
  return absl::FormatTime("%Y-%m-%d %H:%M UTC",
                          absl::FromUnixSeconds(time.seconds()),
                          absl::UTCTimeZone());
}

std::string EventDay(const google::protobuf::Timestamp& time) {
  return absl::FormatTime("%Y-%m-%d", absl::FromUnixSeconds(time.seconds()),
                          absl::UTCTimeZone());
}

std::string EventText(const Payload& payload) {
  switch (payload.content_case()) {
    case Payload::kPacket:
      return Sent(payload.packet());
    case Payload::kAcceptance:
      return Accepted(payload.acceptance());
    case Payload::kDecline:
      return EnumCode(*pb::DeclineReason_descriptor(),
                      payload.decline().reason());
    case Payload::kConsent:
      return GroupNames(payload.consent().groups());
    case Payload::kInfoRequest:
      return absl::StrCat("asks for ",
                          GroupNames(payload.info_request().groups()));
    case Payload::kInfoAnswer:
      return Told(payload.info_answer());
    case Payload::kPlan:
      return Planned(payload.plan());
    case Payload::kPlanAcceptance:
      return absl::StrCat("version ", payload.plan_acceptance().version());
    case Payload::kPlanAnswer:
      return Answered(payload.plan_answer());
    case Payload::kGuardianApproval:
      return absl::StrCat(
          payload.guardian_approval().for_return() ? "return under " : "",
          "version ", payload.guardian_approval().plan_version());
    case Payload::kReturnSchedule:
      return Scheduled(payload.return_schedule());
    case Payload::kHandover:
      return Arrived(payload.handover());
    case Payload::kFollowUp:
      return Joined({EnumCode(*pb::FollowUpStatus_descriptor(),
                              payload.follow_up().status()),
                     absl::StrJoin(payload.follow_up().needs(), " ")});
    case Payload::kClosure:
      return EnumCode(*pb::ClosureOutcome_descriptor(),
                      payload.closure().outcome());
    case Payload::kWithdrawal:
      return payload.withdrawal().whole()
                 ? "from the whole referral"
                 : GroupNames(payload.withdrawal().groups());
    case Payload::kErasure:
      return Erased(payload.erasure());
    case Payload::kCancellation:
      return EnumCode(*pb::CancelReason_descriptor(),
                      payload.cancellation().reason());
    case Payload::kCorrection:
      return Corrected(payload.correction());
    case Payload::kFeedback:
      return Says(payload.feedback());
    case Payload::kRiskQuestion:
      return payload.risk_question().place();
    case Payload::kRiskAnswer:
      return RiskFound(payload.risk_answer());
    case Payload::kAttachment:
    case Payload::CONTENT_NOT_SET:
      return "";
  }
  return "";
}

std::string OfferText(const pb::AttachmentOffer& offer) {
  return Joined({EnumCode(*pb::AttachmentKind_descriptor(), offer.kind()),
                 EnumCode(*pb::MediaType_descriptor(), offer.media_type()),
                 std::string(Name(static_cast<FieldGroup>(offer.group())))});
}

}  // namespace comity
