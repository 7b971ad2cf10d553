#include "node/wire/coded_referral.h"

#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"
#include "node/domain/referral_deadlines.h"
#include "node/domain/table_columns.h"
#include "node/wire/enum_code.h"
#include "node/wire/referral_reason.h"

namespace comity {
namespace {

namespace fed = federation::v1;
using Kind = ReferralEventKind;

// What columns are made of.
struct Course {
  std::optional<absl::Time> sent_at;
  std::optional<absl::Time> accepted_at;
  std::optional<absl::Time> handed_over_at;
  std::optional<absl::Time> assisted_at;
  std::optional<absl::Time> withdrawn_at;
  std::optional<absl::Time> erasure_answered_at;
  ReferralTerms terms;
  std::optional<ReturnSchedule> schedule;
  bool alarm = false;
  std::string decision = kUnknownCode;
  std::string decline_reason = kUnknownCode;
  std::string outcome = kUnknownCode;
  std::string reason = kUnknownCode;
  std::vector<std::string> events;  // that tables count, each once
};

// Kinds that tables do not count have no code.
void AddCode(Kind kind, Course& course) {
  const auto& counted = FindTableColumn("referral_event")->codes;
  const std::string code(Name(kind));
  const auto is = [&code](const std::string& one) { return one == code; };
  if (std::any_of(counted.begin(), counted.end(), is) &&
      std::none_of(course.events.begin(), course.events.end(), is)) {
    course.events.push_back(code);
  }
}

// A value of a later build is not known here.
std::string CodeIn(const google::protobuf::EnumDescriptor& type, int number) {
  std::string code = EnumCode(type, number);
  return code.empty() ? kUnknownCode : code;
}

std::string WhyReferred(const fed::ReferralPacket& packet) {
  const std::string& reason = packet.reason();
  return reason.empty() || !IsReferralReason(reason) ? kUnknownCode : reason;
}

void AddEvent(const ParsedEvent& parsed, Course& course) {
  const ReferralEvent& event = parsed.event;
  AddCode(event.kind, course);
  switch (event.kind) {
    case Kind::kSent:
      course.sent_at = event.occurred_at;
      course.terms = std::get<ReferralTerms>(event.content);
      course.reason = WhyReferred(parsed.payload.packet());
      return;
    case Kind::kAccepted:
      course.accepted_at = event.occurred_at;
      course.decision = "accepted";
      return;
    case Kind::kDeclined:
      course.decision = "declined";
      course.decline_reason = CodeIn(*fed::DeclineReason_descriptor(),
                                     parsed.payload.decline().reason());
      return;
    case Kind::kReturnScheduled:
      course.schedule = std::get<ReturnSchedule>(event.content);
      return;
    case Kind::kAlarmRaised:
      course.alarm = true;
      return;
    case Kind::kHandedOver:
      course.handed_over_at = event.occurred_at;
      return;
    case Kind::kAssistanceBegun:
      course.assisted_at = event.occurred_at;
      return;
    case Kind::kConsentWithdrawn:
      // Who holds nothing owes no answer.
      if (event.receipt != ReceiptOutcome::kNotHeld &&
          !course.withdrawn_at.has_value()) {
        course.withdrawn_at = event.occurred_at;
      }
      return;
    case Kind::kErasureConfirmed:
      if (!course.erasure_answered_at.has_value()) {
        course.erasure_answered_at = event.occurred_at;
      }
      return;
    case Kind::kClosed:
      course.outcome = CodeIn(*fed::ClosureOutcome_descriptor(),
                              parsed.payload.closure().outcome());
      return;
    default:
      return;
  }
}

// Whether the receipt of the arrival came in time; nobody is late who was not
// to arrive.
std::string HandoverReceipt(const Course& course) {
  if (!course.schedule.has_value()) return kUnknownCode;
  if (!course.handed_over_at.has_value()) {
    return course.alarm ? "missing" : kUnknownCode;
  }
  const absl::Time due =
      course.schedule->arrives_at +
      absl::Hours(int64_t{course.terms.deadlines.handover_hours});
  return *course.handed_over_at <= due ? "in time" : "late";
}

// Whether the receiver said in time what it erased, after the first withdrawal.
std::string ErasureAnswer(const Course& course) {
  if (!course.withdrawn_at.has_value()) return kUnknownCode;
  if (!course.erasure_answered_at.has_value()) return "missing";
  const absl::Time due =
      *course.withdrawn_at +
      absl::Hours(int64_t{course.terms.deadlines.erasure_hours});
  return *course.erasure_answered_at <= due ? "in time" : "late";
}

std::optional<uint32_t> DaysBetween(std::optional<absl::Time> from,
                                    std::optional<absl::Time> to,
                                    bool working_days) {
  if (!from.has_value() || !to.has_value()) return std::nullopt;
  return working_days ? WorkingDaysWithin(*from, *to) : DaysWithin(*from, *to);
}

std::string DaysCode(std::optional<uint32_t> days) {
  return days.has_value() ? absl::StrCat(*days) : kUnknownCode;
}

std::string QuarterCode(absl::CivilMonth month) {
  constexpr int kMonthsOfQuarter = 3;
  return absl::StrCat("Q", (month.month() - 1) / kMonthsOfQuarter + 1);
}

std::string AcceptanceBand(std::optional<uint32_t> days) {
  if (!days.has_value()) return kUnknownCode;
  if (*days <= 2) return "0-2 working days";
  if (*days <= 5) return "3-5 working days";
  return *days <= 10 ? "6-10 working days" : "11+ working days";
}

std::string AssistanceBand(std::optional<uint32_t> days) {
  if (!days.has_value()) return kUnknownCode;
  if (*days <= 7) return "0-7 days";
  if (*days <= 14) return "8-14 days";
  return *days <= 30 ? "15-30 days" : "31+ days";
}

}  // namespace

CodedCase CodedReferralOf(const ReferralParties& parties,
                          const std::vector<ParsedEvent>& effective) {
  Course course;
  for (const ParsedEvent& event : effective) AddEvent(event, course);
  CodedCase coded;
  if (!course.sent_at.has_value()) return coded;
  const absl::CivilMonth sent =
      absl::ToCivilMonth(*course.sent_at, absl::UTCTimeZone());
  coded.year = static_cast<int>(sent.year());
  const auto acceptance = DaysBetween(course.sent_at, course.accepted_at, true);
  const auto assistance =
      DaysBetween(course.sent_at, course.assisted_at, false);
  auto& columns = coded.columns;
  columns["acceptance_days"] = {DaysCode(acceptance)};
  columns["acceptance_time"] = {AcceptanceBand(acceptance)};
  columns["assistance_days"] = {DaysCode(assistance)};
  columns["assistance_time"] = {AssistanceBand(assistance)};
  columns["decision"] = {course.decision};
  columns["decline_reason"] = {course.decline_reason};
  columns["erasure_answer"] = {ErasureAnswer(course)};
  columns["handover_days"] = {
      DaysCode(DaysBetween(course.accepted_at, course.handed_over_at, false))};
  columns["handover_receipt"] = {HandoverReceipt(course)};
  columns["lane"] = {course.terms.vital_interest ? "emergency" : "ordinary"};
  columns["outcome"] = {course.outcome};
  columns["partner"] = {parties.receiver.text()};
  columns["referral_event"] = course.events;
  columns["referral_reason"] = {course.reason};
  columns["sent_quarter"] = {QuarterCode(sent)};
  return coded;
}

}  // namespace comity
