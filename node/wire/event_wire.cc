#include "node/wire/event_wire.h"

#include <algorithm>
#include <set>

#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/wire/proto_time.h"
#include "node/wire/referral_reason.h"
#include "node/wire/required_fields.h"

namespace comity {
namespace {

namespace pb = federation::v1;
using Payload = pb::ReferralEventPayload;

absl::Status Invalid(absl::string_view what) {
  return ReasonError(ErrorReason::kFieldInvalid, what);
}

// Bounds every clock, so that no partner can make this node count for long.
constexpr uint32_t kLongest = 10000;
constexpr int kMostActions = 32;
constexpr int kMostRecalled = 256;
constexpr size_t kCommitmentSize = 32;

Payload::ContentCase ContentCaseOf(pb::ReferralEventKind kind) {
  switch (kind) {
    case pb::REFERRAL_EVENT_KIND_SENT:
      return Payload::kPacket;
    case pb::REFERRAL_EVENT_KIND_INFO_REQUESTED:
      return Payload::kInfoRequest;
    case pb::REFERRAL_EVENT_KIND_INFO_ANSWERED:
      return Payload::kInfoAnswer;
    case pb::REFERRAL_EVENT_KIND_ACCEPTED:
      return Payload::kAcceptance;
    case pb::REFERRAL_EVENT_KIND_DECLINED:
      return Payload::kDecline;
    case pb::REFERRAL_EVENT_KIND_PLAN_PROPOSED:
      return Payload::kPlan;
    case pb::REFERRAL_EVENT_KIND_PLAN_ACCEPTED:
      return Payload::kPlanAcceptance;
    case pb::REFERRAL_EVENT_KIND_PLAN_ANSWERED:
      return Payload::kPlanAnswer;
    case pb::REFERRAL_EVENT_KIND_GUARDIAN_APPROVED:
      return Payload::kGuardianApproval;
    case pb::REFERRAL_EVENT_KIND_RETURN_SCHEDULED:
      return Payload::kReturnSchedule;
    case pb::REFERRAL_EVENT_KIND_HANDED_OVER:
      return Payload::kHandover;
    case pb::REFERRAL_EVENT_KIND_FOLLOW_UP:
      return Payload::kFollowUp;
    case pb::REFERRAL_EVENT_KIND_CLOSED:
      return Payload::kClosure;
    case pb::REFERRAL_EVENT_KIND_CONSENT_RECORDED:
      return Payload::kConsent;
    case pb::REFERRAL_EVENT_KIND_CONSENT_WITHDRAWN:
      return Payload::kWithdrawal;
    case pb::REFERRAL_EVENT_KIND_ERASURE_CONFIRMED:
      return Payload::kErasure;
    case pb::REFERRAL_EVENT_KIND_CANCELLED:
      return Payload::kCancellation;
    case pb::REFERRAL_EVENT_KIND_CORRECTED:
      return Payload::kCorrection;
    case pb::REFERRAL_EVENT_KIND_FEEDBACK:
      return Payload::kFeedback;
    case pb::REFERRAL_EVENT_KIND_ATTACHMENT_OFFERED:
      return Payload::kAttachment;
    case pb::REFERRAL_EVENT_KIND_RISK_ASKED:
      return Payload::kRiskQuestion;
    case pb::REFERRAL_EVENT_KIND_RISK_ANSWERED:
      return Payload::kRiskAnswer;
    default:
      return Payload::CONTENT_NOT_SET;
  }
}

absl::StatusOr<ReferralTerms> TermsOf(const pb::ReferralPacket& packet) {
  ReferralTerms terms;
  terms.travels = packet.travels();
  terms.child = packet.child();
  terms.vital_interest = packet.vital_interest();
  const pb::ReferralDeadlines& from = packet.deadlines();
  ReferralDeadlines& to = terms.deadlines;
  to.acknowledge_hours = from.acknowledge_hours();
  to.triage_working_days = from.triage_working_days();
  to.decide_working_days = from.decide_working_days();
  to.answer_info_working_days = from.answer_info_working_days();
  to.plan_working_days = from.plan_working_days();
  to.travel_notice_hours = from.travel_notice_hours();
  to.handover_hours = from.handover_hours();
  to.erasure_hours = from.erasure_hours();
  to.expiry_days = from.expiry_days();
  if (from.follow_up_days_size() !=
      static_cast<int>(to.follow_up_days.size())) {
    return Invalid("the packet names four follow-up intervals");
  }
  std::copy(from.follow_up_days().begin(), from.follow_up_days().end(),
            to.follow_up_days.begin());
  const auto in_range = [](uint32_t value) {
    return value > 0 && value <= kLongest;
  };
  for (const uint32_t value :
       {to.acknowledge_hours, to.triage_working_days, to.decide_working_days,
        to.answer_info_working_days, to.plan_working_days,
        to.travel_notice_hours, to.handover_hours, to.erasure_hours,
        to.expiry_days}) {
    if (!in_range(value)) return Invalid("a deadline lies between 1 and 10000");
  }
  if (!std::all_of(to.follow_up_days.begin(), to.follow_up_days.end(),
                   in_range)) {
    return Invalid("a follow-up interval lies between 1 and 10000 days");
  }
  return terms;
}

absl::StatusOr<ReturnSchedule> ScheduleOf(const pb::ReturnSchedule& from) {
  ReturnSchedule schedule;
  ASSIGN_OR_RETURN(schedule.departs_at, FromProtoTime(from.departs_at()));
  ASSIGN_OR_RETURN(schedule.arrives_at, FromProtoTime(from.arrives_at()));
  ASSIGN_OR_RETURN(schedule.reconfirmed_at,
                   FromProtoTime(from.reconfirmed_at()));
  ASSIGN_OR_RETURN(schedule.risk_assessed_at,
                   FromProtoTime(from.risk_assessed_at()));
  return schedule;
}

// Each question once, by codes that this build knows.
absl::StatusOr<Feedback> FeedbackOf(const pb::Feedback& from) {
  std::set<int> asked;
  for (const pb::FeedbackAnswer& answer : from.answers()) {
    if (!pb::FeedbackQuestion_IsValid(answer.question()) ||
        !pb::FeedbackReply_IsValid(answer.reply()) ||
        !asked.insert(answer.question()).second) {
      return Invalid("she answers each question once, by its codes");
    }
  }
  ASSIGN_OR_RETURN(const absl::Time agreed_at, FromProtoTime(from.agreed_at()));
  // Events are dated by the millisecond.
  return Feedback{absl::FromUnixMillis(absl::ToUnixMillis(agreed_at))};
}

// "NG-KN": a country and one of its parts, as ISO 3166-2 codes them.
bool IsSubdivision(absl::string_view place) {
  constexpr size_t kDash = 2;
  constexpr size_t kLongestCode = 6;
  if (place.size() <= kDash + 1 || place.size() > kLongestCode ||
      place[kDash] != '-') {
    return false;
  }
  const auto letter = [](char c) { return c >= 'A' && c <= 'Z'; };
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  return letter(place[0]) && letter(place[1]) &&
         std::all_of(place.begin() + kDash + 1, place.end(),
                     [&](char c) { return letter(c) || digit(c); });
}

absl::StatusOr<RiskAnswer> RiskAnswerOf(const pb::RiskAnswer& from) {
  if (!pb::RiskLevel_IsValid(from.threat()) ||
      !pb::FamilyContact_IsValid(from.family_contact())) {
    return Invalid("an answer about the risk is written by its codes");
  }
  ASSIGN_OR_RETURN(const absl::Time until, FromProtoTime(from.valid_until()));
  // Events are dated by the millisecond.
  return RiskAnswer{absl::FromUnixMillis(absl::ToUnixMillis(until))};
}

}  // namespace

absl::StatusOr<std::vector<Uuid>> RecalledOf(const Payload& payload) {
  std::vector<Uuid> recalled;
  if (payload.recalled_size() == 0) return recalled;
  if (payload.kind() != pb::REFERRAL_EVENT_KIND_CONSENT_WITHDRAWN &&
      payload.kind() != pb::REFERRAL_EVENT_KIND_ERASURE_CONFIRMED &&
      payload.kind() != pb::REFERRAL_EVENT_KIND_FOLLOW_UP_STOPPED) {
    return Invalid("only a withdrawal and its answer take events back");
  }
  if (payload.recalled_size() > kMostRecalled) {
    return Invalid("an event takes back at most 256 others");
  }
  for (const std::string& each : payload.recalled()) {
    ASSIGN_OR_RETURN(const Uuid id, Uuid::Parse(each));
    recalled.push_back(id);
  }
  return recalled;
}

absl::StatusOr<EventContent> ContentOf(const Payload& payload) {
  if (payload.kind() == pb::REFERRAL_EVENT_KIND_UNSPECIFIED ||
      !pb::ReferralEventKind_IsValid(payload.kind()) ||
      payload.content_case() != ContentCaseOf(payload.kind())) {
    return Invalid("the event lacks what its kind carries");
  }
  switch (payload.content_case()) {
    case Payload::kPacket: {
      if (!IsReferralReason(payload.packet().reason())) {
        return Invalid("the reason of a referral is a code of HTCDS");
      }
      ASSIGN_OR_RETURN(const ReferralTerms terms, TermsOf(payload.packet()));
      return terms;
    }
    case Payload::kPlan:
      if (payload.plan().actions_size() > kMostActions) {
        return Invalid("a plan has at most 32 actions");
      }
      return PlanVersion{payload.plan().version()};
    case Payload::kPlanAcceptance:
      return PlanVersion{payload.plan_acceptance().version()};
    case Payload::kPlanAnswer:
      return PlanAnswer{payload.plan_answer().version(),
                        payload.plan_answer().agrees(),
                        payload.plan_answer().follow_up()};
    case Payload::kGuardianApproval:
      return GuardianApproval{payload.guardian_approval().plan_version(),
                              payload.guardian_approval().for_return()};
    case Payload::kReturnSchedule: {
      ASSIGN_OR_RETURN(const ReturnSchedule schedule,
                       ScheduleOf(payload.return_schedule()));
      return schedule;
    }
    case Payload::kWithdrawal:
      return Withdrawal{payload.withdrawal().whole()};
    case Payload::kCorrection:
      return Correction{!CarriedGroups(payload).IsSubsetOf(kAnswerGroups)};
    case Payload::kFeedback: {
      ASSIGN_OR_RETURN(const Feedback feedback, FeedbackOf(payload.feedback()));
      return feedback;
    }
    case Payload::kAttachment:
      if (payload.attachment().commitment().size() != kCommitmentSize) {
        return Invalid("an offer commits to its document by 32 bytes");
      }
      return EventContent();
    case Payload::kRiskQuestion:
      if (!IsSubdivision(payload.risk_question().place())) {
        return Invalid("a place is an ISO 3166-2 code, such as NG-KN");
      }
      return EventContent();
    case Payload::kRiskAnswer: {
      ASSIGN_OR_RETURN(const RiskAnswer answer,
                       RiskAnswerOf(payload.risk_answer()));
      return answer;
    }
    default:
      return EventContent();
  }
}

absl::StatusOr<ParsedEvent> ParseEvent(const MessageLeaf& leaf,
                                       absl::string_view bytes) {
  Payload payload;
  if (!payload.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return Invalid("the event does not parse");
  }
  RETURN_IF_ERROR(CheckRequiredFields(payload));
  if (payload.parents_size() > 2) {
    return Invalid("an event names at most two parents");
  }
  ASSIGN_OR_RETURN(const Uuid referral_id, Uuid::Parse(payload.referral_id()));
  ReferralEvent event{leaf.request_id, referral_id, leaf.sender};
  event.sequence = payload.sequence();
  for (const std::string& parent : payload.parents()) {
    ASSIGN_OR_RETURN(const Uuid id, Uuid::Parse(parent));
    event.parents.push_back(id);
  }
  event.kind = static_cast<ReferralEventKind>(payload.kind());
  ASSIGN_OR_RETURN(event.occurred_at, FromProtoTime(payload.occurred_at()));
  event.role = FromName<Role>(payload.role());
  ASSIGN_OR_RETURN(event.recalled, RecalledOf(payload));
  RETURN_IF_ERROR(CheckGroups(payload));
  ASSIGN_OR_RETURN(event.content, ContentOf(payload));
  return ParsedEvent{std::move(event), std::move(payload)};
}

void FormatEvent(const ReferralEvent& event, Payload& payload) {
  payload.set_referral_id(event.referral_id.ToString());
  payload.set_sequence(event.sequence);
  for (const Uuid& parent : event.parents) {
    payload.add_parents(parent.ToString());
  }
  payload.set_kind(static_cast<pb::ReferralEventKind>(event.kind));
  *payload.mutable_occurred_at() = ToProtoTime(event.occurred_at);
  payload.set_role(event.role == Role::kUnset ? ""
                                              : std::string(Name(event.role)));
  payload.clear_recalled();
  for (const Uuid& id : event.recalled) payload.add_recalled(id.ToString());
}

void FormatTerms(const ReferralTerms& terms, pb::ReferralPacket& packet) {
  packet.set_travels(terms.travels);
  packet.set_child(terms.child);
  packet.set_vital_interest(terms.vital_interest);
  const ReferralDeadlines& from = terms.deadlines;
  pb::ReferralDeadlines& to = *packet.mutable_deadlines();
  to.set_acknowledge_hours(from.acknowledge_hours);
  to.set_triage_working_days(from.triage_working_days);
  to.set_decide_working_days(from.decide_working_days);
  to.set_answer_info_working_days(from.answer_info_working_days);
  to.set_plan_working_days(from.plan_working_days);
  to.set_travel_notice_hours(from.travel_notice_hours);
  to.set_handover_hours(from.handover_hours);
  to.set_erasure_hours(from.erasure_hours);
  to.set_expiry_days(from.expiry_days);
  to.mutable_follow_up_days()->Assign(from.follow_up_days.begin(),
                                      from.follow_up_days.end());
}

void AddReceipt(absl::string_view receipt_payload, ReferralEvent& event) {
  pb::EventReceipt receipt;
  if (receipt_payload.empty() ||
      !receipt.ParseFromArray(receipt_payload.data(),
                              static_cast<int>(receipt_payload.size()))) {
    return;
  }
  if (receipt.has_refusal()) {
    const bool unknown =
        receipt.refusal().reason() == ReasonName(ErrorReason::kNotAvailable);
    event.receipt =
        event.kind == ReferralEventKind::kConsentWithdrawn && unknown
            ? ReceiptOutcome::kNotHeld
            : ReceiptOutcome::kRefused;
  }
  if (!receipt.has_delivered()) return;
  event.receipt = ReceiptOutcome::kStored;
  const auto at = FromProtoTime(receipt.delivered().delivered_at());
  event.received_at = at.ok() ? *at : event.occurred_at;
}

}  // namespace comity
