#include "node/cli/event_words.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "node/cli/groups.h"
#include "node/domain/vocabulary.h"
#include "node/wire/enum_code.h"
#include "node/wire/event_text.h"

namespace comity {
namespace {

namespace fed = federation::v1;
using Payload = fed::ReferralEventPayload;

// The parts that say something, with "; " between them.
std::string Joined(const std::vector<std::string>& parts) {
  std::string joined;
  for (const std::string& part : parts) {
    if (part.empty()) continue;
    absl::StrAppend(&joined, joined.empty() ? "" : "; ", part);
  }
  return joined;
}

// One event on its way into words.
class EventLine {
 public:
  explicit EventLine(const Wording& words) : words_(words) {}

  std::string Of(const Payload& payload) const {
    switch (payload.content_case()) {
      case Payload::kPacket:
        return Sent(payload.packet());
      case Payload::kAcceptance:
        return Accepted(payload.acceptance());
      case Payload::kConsent:
        return GroupWords(payload.consent().groups(), words_);
      case Payload::kInfoRequest:
        return Groups("Told.ASKS", payload.info_request().groups());
      case Payload::kInfoAnswer:
        return Joined(
            {Groups("Told.TOLD", Told(payload.info_answer())),
             Groups("Told.REFUSED", payload.info_answer().refused())});
      case Payload::kCorrection:
        return GroupWords(Told(payload.correction()), words_);
      case Payload::kWithdrawal:
        return payload.withdrawal().whole()
                   ? Text("Told.WHOLE")
                   : GroupWords(payload.withdrawal().groups(), words_);
      case Payload::kErasure:
        return Erased(payload.erasure());
      case Payload::kFeedback:
        return Says(payload.feedback());
      default:
        return OfPlanAndJourney(payload);
    }
  }

  std::string Offered(const fed::AttachmentOffer& offer) const {
    return Joined(
        {Code(*fed::AttachmentKind_descriptor(), "Attachment", offer.kind()),
         EnumCode(*fed::MediaType_descriptor(), offer.media_type()),
         words_.Code("Field", Name(static_cast<FieldGroup>(offer.group())))});
  }

 private:
  using Filled = std::map<std::string, std::string>;

  std::string Text(absl::string_view key, const Filled& filled = {}) const {
    return words_.Text(key, filled);
  }
  std::string Code(const google::protobuf::EnumDescriptor& codes,
                   absl::string_view list, int value) const {
    return words_.Code(list, EnumCode(codes, value));
  }
  // Nothing where there is no group.
  std::string Groups(absl::string_view key,
                     const google::protobuf::RepeatedField<int>& groups) const {
    if (groups.empty()) return "";
    return Text(key, {{"groups", GroupWords(groups, words_)}});
  }
  template <typename Content>
  static google::protobuf::RepeatedField<int> Told(const Content& content) {
    google::protobuf::RepeatedField<int> groups;
    for (const auto& field : content.fields()) groups.Add(field.group());
    return groups;
  }

  std::string OfPlanAndJourney(const Payload& payload) const {
    switch (payload.content_case()) {
      case Payload::kPlan:
        return Planned(payload.plan());
      case Payload::kPlanAcceptance:
        return Version(payload.plan_acceptance().version());
      case Payload::kPlanAnswer:
        return Answered(payload.plan_answer());
      case Payload::kGuardianApproval:
        return Approved(payload.guardian_approval());
      case Payload::kReturnSchedule:
        return Scheduled(payload.return_schedule());
      case Payload::kHandover:
        return Arrived(payload.handover());
      case Payload::kFollowUp:
        return Joined({Code(*fed::FollowUpStatus_descriptor(), "FollowUp",
                            payload.follow_up().status()),
                       absl::StrJoin(payload.follow_up().needs(), ", ")});
      case Payload::kRiskQuestion:
        return payload.risk_question().place();
      case Payload::kRiskAnswer:
        return RiskFound(payload.risk_answer());
      default:
        return OfEnd(payload);
    }
  }

  std::string OfEnd(const Payload& payload) const {
    if (payload.has_decline()) {
      return Code(*fed::DeclineReason_descriptor(), "Declined",
                  payload.decline().reason());
    }
    if (payload.has_closure()) {
      return Code(*fed::ClosureOutcome_descriptor(), "Closure",
                  payload.closure().outcome());
    }
    return Code(*fed::CancelReason_descriptor(), "Cancelled",
                payload.cancellation().reason());
  }

  std::string Sent(const fed::ReferralPacket& packet) const {
    return Joined(
        {Text("Told.SENT",
              {{"purpose", words_.Code("Purpose", packet.purpose())},
               {"basis", words_.Code("Basis", packet.basis())}}),
         words_.Code("Reason", packet.reason()),
         packet.risk() == 0
             ? ""
             : Text("Told.RISK", {{"level", Code(*fed::RiskLevel_descriptor(),
                                                 "RiskLevel", packet.risk())}}),
         packet.child() ? Text("Told.CHILD") : "",
         packet.vital_interest() ? Text("Told.VITAL") : ""});
  }

  std::string Accepted(const fed::Acceptance& acceptance) const {
    return Joined(
        {Text("Told.MANAGER", {{"who", acceptance.case_manager()}}),
         absl::StrJoin(acceptance.services_offered(), ", "),
         Code(*fed::PlaceKind_descriptor(), "Place", acceptance.reception()),
         acceptance.has_capacity_from()
             ? Text("Told.FROM",
                    {{"when", EventDay(acceptance.capacity_from())}})
             : ""});
  }

  std::string Version(uint32_t version) const {
    return Text("Told.VERSION", {{"version", absl::StrCat(version)}});
  }

  std::string Planned(const fed::Plan& plan) const {
    std::vector<std::string> actions;
    for (const fed::PlanAction& action : plan.actions()) {
      const Filled filled = {{"what", action.service()},
                             {"who", action.owner()},
                             {"when", EventDay(action.due_at())}};
      actions.push_back(
          Text(action.has_due_at() ? "Told.BY_UNTIL" : "Told.BY", filled));
    }
    return absl::StrCat(Version(plan.version()), ": ",
                        absl::StrJoin(actions, ", "));
  }

  std::string Answered(const fed::PlanAnswer& answer) const {
    return absl::StrCat(
        Version(answer.version()), ": ",
        Joined({Text(answer.agrees() ? "Told.AGREES" : "Told.DISAGREES"),
                answer.follow_up() ? Text("Told.REPORTS") : ""}));
  }

  std::string Approved(const fed::GuardianApproval& approval) const {
    const std::string version = Version(approval.plan_version());
    return approval.for_return() ? Text("Told.RETURN", {{"version", version}})
                                 : version;
  }

  std::string Scheduled(const fed::ReturnSchedule& schedule) const {
    return Joined(
        {Text("Told.DEPARTS", {{"when", EventMinute(schedule.departs_at())}}),
         Text("Told.ARRIVES", {{"when", EventMinute(schedule.arrives_at())}}),
         Code(*fed::TravelMode_descriptor(), "Travel", schedule.mode()),
         Code(*fed::PlaceKind_descriptor(), "Place", schedule.arrival()),
         schedule.escorted() ? Text("Told.ESCORTED") : ""});
  }

  std::string Arrived(const fed::Handover& handover) const {
    return Joined(
        {Text("Told.ARRIVED", {{"when", EventMinute(handover.arrived_at())}}),
         Code(*fed::PlaceKind_descriptor(), "Place", handover.place()),
         handover.concern() ? Text("Told.CONCERN") : "",
         handover.deviated() ? Text("Told.DEVIATED") : ""});
  }

  std::string Erased(const fed::ErasureConfirmation& erasure) const {
    std::vector<std::string> parts;
    for (const fed::ErasedCopies& each : erasure.copies()) {
      parts.push_back(absl::StrCat(
          Code(*fed::CopyClass_descriptor(), "Copy", each.copies()), ": ",
          Code(*fed::ErasureOutcome_descriptor(), "Outcome", each.outcome())));
    }
    return Joined(parts);
  }

  std::string Says(const fed::Feedback& feedback) const {
    std::vector<std::string> parts;
    for (const fed::FeedbackAnswer& each : feedback.answers()) {
      parts.push_back(absl::StrCat(
          Code(*fed::FeedbackQuestion_descriptor(), "Asked", each.question()),
          ": ", Code(*fed::FeedbackReply_descriptor(), "Says", each.reply())));
    }
    return Joined(parts);
  }

  std::string RiskFound(const fed::RiskAnswer& answer) const {
    return Joined(
        {Text("Told.THREAT", {{"level", Code(*fed::RiskLevel_descriptor(),
                                             "Threat", answer.threat())}}),
         Text("Told.FAMILY",
              {{"contact", Code(*fed::FamilyContact_descriptor(), "Family",
                                answer.family_contact())}}),
         Text("Told.UNTIL", {{"when", EventDay(answer.valid_until())}})});
  }

  const Wording& words_;
};

}  // namespace

std::string EventWords(const Payload& payload, const Wording& words) {
  return words.codes() ? EventText(payload) : EventLine(words).Of(payload);
}

std::string SummaryWords(const operators::v1::ReferralHistoryEntry& entry,
                         const Wording& words) {
  // A node of before tells its own words alone.
  if (words.codes() || !entry.has_content()) return entry.summary();
  if (!entry.refusal().empty()) {
    return words.Text("Told.NOT_TAKEN", {{"why", entry.refusal()}});
  }
  return entry.has_offer() ? EventLine(words).Offered(entry.offer())
                           : EventLine(words).Of(entry.content());
}

std::string GroupWords(const google::protobuf::RepeatedField<int>& groups,
                       const Wording& words) {
  if (words.codes()) return GroupNames(groups);
  return absl::StrJoin(groups, ", ", [&](std::string* out, int group) {
    absl::StrAppend(out,
                    words.Code("Field", Name(static_cast<FieldGroup>(group))));
  });
}

}  // namespace comity
