#include "node/cli/referral_output.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "node/cli/command.h"
#include "node/cli/display_name.h"
#include "node/cli/event_words.h"
#include "node/cli/labelled_lines.h"
#include "node/wire/enum_code.h"

namespace comity {
namespace {

namespace pb = operators::v1;
namespace fed = federation::v1;
using Referrals = google::protobuf::RepeatedPtrField<pb::Referral>;

constexpr int64_t kDueSoonSeconds = int64_t{48} * 3600;

std::string ClockText(const pb::ReferralClock& clock, const Wording& words) {
  return words.Text(clock.overdue() ? "Work.OVERDUE" : "Work.DUE",
                    {{"what", words.Code("Deadline", clock.kind())},
                     {"who", absl::StrJoin(clock.owed_by(), ", ")},
                     {"when", TimeText(clock.due_at())}});
}

std::string StepsText(const pb::Referral& referral, const Wording& words) {
  return absl::StrJoin(referral.next_steps(),
                       absl::StrCat(" ", words.Text("Frame.OR"), " "),
                       [&](std::string* out, const std::string& step) {
                         absl::StrAppend(out, words.Code("Step", step));
                       });
}

// In words, as the history does.
template <typename Set>
std::string ContentText(const Wording& words, const Set& set) {
  fed::ReferralEventPayload payload;
  set(payload);
  return EventWords(payload, words);
}

void PrintClearance(const pb::ReferralProgress& progress,
                    const Wording& words) {
  if (progress.risk().empty()) return;
  const LabelledLines lines(words);
  std::string risk = words.Code("RiskLevel", progress.risk());
  if (!progress.cleared_by().empty()) {
    absl::StrAppend(&risk, ", ",
                    words.Text("Show.CLEARED",
                               {{"who", progress.cleared_by()},
                                {"when", TimeText(progress.cleared_at())}}));
  }
  lines.Print("Show.RISK", risk);
  lines.Print(
      "Show.REFLECTION",
      progress.has_reflection_ends_at()
          ? words.Text("Show.UNTIL",
                       {{"when", TimeText(progress.reflection_ends_at())}})
          : words.Text("Show.WAIVED"));
}

// "proposed by NG, accepted by the other side; the person: agrees".
std::string PlanStanding(const pb::ReferralProgress& progress,
                         const Wording& words) {
  const std::string reports =
      progress.follow_up()           ? words.Text("Show.WANTS_REPORTS")
      : progress.follow_up_stopped() ? words.Text("Show.WANTS_NO_REPORTS")
                                     : "";
  return absl::StrCat(
      words.Text("Show.PROPOSED_BY", {{"who", progress.plan_by()}}), ", ",
      words.Text(progress.plan_accepted() ? "Show.PLAN_ACCEPTED"
                                          : "Show.PLAN_OPEN"),
      "; ",
      words.Text("Show.PERSON",
                 {{"says", words.Code("Person", progress.person())}}),
      reports.empty() ? "" : ", ", reports);
}

void PrintPlan(const pb::ReferralProgress& progress, const Wording& words) {
  if (!progress.has_plan()) return;
  const LabelledLines lines(words);
  lines.Print("Show.PLAN", ContentText(words, [&](auto& payload) {
                *payload.mutable_plan() = progress.plan();
              }));
  lines.Print("", PlanStanding(progress, words));
  if (!progress.child()) return;
  const auto sides = [&words](const auto& codes) {
    return codes.empty() ? words.Text("Show.NOBODY")
                         : absl::StrJoin(codes, ", ");
  };
  lines.Print("Show.GUARDIANS",
              words.Text("Show.GUARDIANS_OF",
                         {{"plan", sides(progress.guardians_of_plan())},
                          {"return", sides(progress.guardians_of_return())}}));
}

// "threat in NG-KN: medium; contact with her family: not safe".
void PrintRisk(const pb::ReferralProgress& progress, const Wording& words) {
  if (!progress.has_risk_question()) return;
  const std::string& place = progress.risk_question().place();
  if (!progress.has_risk_answer()) {
    return LabelledLines(words).Print(
        "Show.RISK_THERE", words.Text("Work.RISK_ASKED", {{"place", place}}));
  }
  const fed::RiskAnswer& answer = progress.risk_answer();
  LabelledLines(words).Print(
      "Show.RISK_THERE",
      words.Text(
          "Work.RISK_ANSWERED",
          {{"place", place},
           {"threat",
            words.Code("Threat", EnumCode(*fed::RiskLevel_descriptor(),
                                          answer.threat()))},
           {"family",
            words.Code("Family", EnumCode(*fed::FamilyContact_descriptor(),
                                          answer.family_contact()))},
           {"when", TimeText(answer.valid_until())}}));
}

// "feels safe: yes; got the help she needed: in part".
std::string FeedbackText(const fed::Feedback& feedback, const Wording& words) {
  return absl::StrJoin(
      feedback.answers(), "; ",
      [&](std::string* out, const fed::FeedbackAnswer& answer) {
        absl::StrAppend(
            out,
            words.Code("Asked", EnumCode(*fed::FeedbackQuestion_descriptor(),
                                         answer.question())),
            ": ",
            words.Code("Says", EnumCode(*fed::FeedbackReply_descriptor(),
                                        answer.reply())));
      });
}

void PrintAsked(const pb::ReferralProgress& progress, const Wording& words) {
  const std::string asked = GroupWords(progress.asked(), words);
  const std::string refused =
      progress.refused().empty()
          ? ""
          : words.Text("Told.REFUSED",
                       {{"groups", GroupWords(progress.refused(), words)}});
  LabelledLines(words).Print("Show.ASKED",
                             asked.empty() || refused.empty()
                                 ? asked
                                 : absl::StrCat(asked, "; ", refused));
}

void PrintJourney(const pb::ReferralProgress& progress, const Wording& words) {
  const LabelledLines lines(words);
  if (progress.has_schedule()) {
    lines.Print("Show.RETURN", ContentText(words, [&](auto& payload) {
                  *payload.mutable_return_schedule() = progress.schedule();
                }));
  }
  if (progress.has_handover()) {
    lines.Print("Show.HANDOVER", ContentText(words, [&](auto& payload) {
                  *payload.mutable_handover() = progress.handover();
                }));
  }
  for (const fed::FollowUp& report : progress.follow_ups()) {
    lines.Print("Show.FOLLOW_UP", ContentText(words, [&](auto& payload) {
                  *payload.mutable_follow_up() = report;
                }));
  }
}

// What it ended with is a code of the list of its last event.
std::string OutcomeText(const pb::Referral& referral,
                        const pb::ReferralProgress& progress,
                        const Wording& words) {
  const std::string& state = referral.state();
  return words.Code(state == "DECLINED"    ? "Declined"
                    : state == "CANCELLED" ? "Cancelled"
                                           : "Closure",
                    progress.outcome());
}

// The clock that this node's people should look at first; null if it is the
// partner's, or none runs.
const pb::ReferralClock* OwnClock(const pb::Referral& referral) {
  const bool holds = !referral.case_id().empty();
  const std::string& self = holds ? referral.holder() : referral.receiver();
  for (const pb::ReferralClock& clock : referral.clocks()) {
    if (std::find(clock.owed_by().begin(), clock.owed_by().end(), self) !=
        clock.owed_by().end()) {
      return &clock;
    }
  }
  return nullptr;
}

// "NE -> NG", with what agreements call them.
std::string SidesText(const pb::Referral& referral, const Wording& words) {
  const auto side = [&](const std::string& code) {
    return WithName(code, referral.names(), words.language());
  };
  return absl::StrCat(side(referral.holder()), " -> ",
                      side(referral.receiver()));
}

std::vector<std::string> RowOf(const pb::Referral& referral,
                               const Wording& words) {
  std::string next = StepsText(referral, words);
  if (referral.alarm()) {
    next = absl::StrCat(words.Text("Work.ALARM"), " ", next);
  }
  return {
      referral.referral_id(),
      SidesText(referral, words),
      words.Code("State", referral.state()),
      TimeText(referral.created_at()),
      next,
      referral.clocks().empty() ? "" : ClockText(referral.clocks(0), words)};
}

enum Head { kOverdue, kDue, kMine, kOurs, kPartner, kNobody };
constexpr std::array kHeads = {"Work.HEAD_OVERDUE", "Work.HEAD_DUE",
                               "Work.HEAD_MINE",    "Work.HEAD_OURS",
                               "Work.HEAD_PARTNER", "Work.HEAD_NOBODY"};

Head HeadOf(const pb::Referral& referral, int64_t now) {
  const pb::ReferralClock* clock = OwnClock(referral);
  if (referral.alarm() || (clock != nullptr && clock->overdue())) {
    return kOverdue;
  }
  const bool expiry = clock != nullptr && clock->kind() == "EXPIRY";
  if (clock != nullptr && !expiry &&
      clock->due_at().seconds() - now <= kDueSoonSeconds) {
    return kDue;
  }
  return referral.waits_for() == "YOU"       ? kMine
         : referral.waits_for() == "US"      ? kOurs
         : referral.waits_for() == "PARTNER" ? kPartner
                                             : kNobody;
}

}  // namespace

void PrintReferral(const pb::Referral& referral, const Wording& words) {
  printf("%s %s  %s  %s\n", words.Text("Show.REFERRAL").c_str(),
         referral.referral_id().c_str(),
         OnOneLine(SidesText(referral, words)).c_str(),
         words.Code("State", referral.state()).c_str());
  const auto say = [&words](
                       const char* key,
                       const std::map<std::string, std::string>& filled = {}) {
    printf("  %s\n", OnOneLine(words.Text(key, filled)).c_str());
  };
  if (referral.alarm()) say("Show.ALARM");
  say("Show.PURPOSE", {{"purpose", words.Code("Purpose", referral.purpose())},
                       {"agreement", referral.agreement_id()},
                       {"person", referral.pseudonym()}});
  if (referral.no_onward_transfer()) say("Show.NO_ONWARD");
  if (referral.erased()) {
    say("Show.ERASED");
  } else if (referral.has_erase_at()) {
    say("Show.ERASED_ON", {{"when", TimeText(referral.erase_at())}});
  }
  if (referral.undelivered_events() > 0) {
    say("Show.UNDELIVERED",
        {{"number", absl::StrCat(referral.undelivered_events())}});
  }
  for (const pb::ReferralClock& clock : referral.clocks()) {
    printf("  %s: %s\n", words.Text("Show.DUE").c_str(),
           OnOneLine(ClockText(clock, words)).c_str());
  }
  if (referral.next_steps_size() > 0) {
    printf("  %s: %s\n", words.Text("Show.NEXT").c_str(),
           StepsText(referral, words).c_str());
  }
}

void PrintProgress(const pb::Referral& referral,
                   const pb::ReferralProgress& progress, const Wording& words) {
  const LabelledLines lines(words);
  if (!progress.reason().empty()) {
    lines.Print("Show.REASON", words.Code("Reason", progress.reason()));
  }
  PrintClearance(progress, words);
  PrintAsked(progress, words);
  if (progress.has_acceptance()) {
    lines.Print("Show.ACCEPTED", ContentText(words, [&](auto& payload) {
                  *payload.mutable_acceptance() = progress.acceptance();
                }));
  }
  PrintPlan(progress, words);
  PrintRisk(progress, words);
  PrintJourney(progress, words);
  for (const pb::ReferralCorrection& each : progress.corrections()) {
    lines.Print("Show.CORRECTED",
                words.Text("Show.CORRECTED_ON",
                           {{"groups", GroupWords(each.groups(), words)},
                            {"when", TimeText(each.corrected_at())}}));
  }
  for (const fed::Feedback& each : progress.feedback()) {
    lines.Print("Show.SAYS", FeedbackText(each, words));
  }
  lines.Print("Show.OUTCOME", OutcomeText(referral, progress, words));
  if (!referral.waits_for().empty()) {
    lines.Print("Show.WAITS", words.Code("Waits", referral.waits_for()));
  }
}

void PrintTimeline(const pb::GetReferralResponse& shown, const Wording& words) {
  std::vector<std::vector<std::string>> rows;
  for (const pb::ReferralHistoryEntry& entry : shown.history()) {
    rows.push_back(
        {"  " + TimeText(entry.occurred_at()), entry.author(),
         words.Code("Event", entry.kind()),
         entry.has_delivered_at()
             ? words.Text("Work.DELIVERED",
                          {{"when", TimeText(entry.delivered_at())}})
             : words.Text("Work.UNDELIVERED"),
         absl::StrCat("entry ", entry.log_index()),
         absl::StrCat(
             entry.without_effect() ? words.Text("Work.WITHOUT_EFFECT") : "",
             SummaryWords(entry, words))});
  }
  for (const pb::ReferralClock& clock : shown.referral().clocks()) {
    rows.push_back(
        {"  " + TimeText(clock.due_at()), absl::StrJoin(clock.owed_by(), ","),
         words.Code("Deadline", clock.kind()),
         words.Text(clock.overdue() ? "Work.ROW_OVERDUE" : "Work.ROW_DUE"), "",
         ""});
  }
  PrintTable(rows);
}

// What can be done about it differs.
std::string WithheldText(const std::string& kind) {
  if (kind == "SENT") return "Work.WITHHELD_PACKET";
  if (kind == "ATTACHMENT_OFFERED") return "Work.WITHHELD_OFFER";
  return "Work.WITHHELD";
}

void PrintWithheld(const pb::GetReferralResponse& shown, const Wording& words) {
  const LabelledLines lines(words);
  for (const pb::WithheldGroups& each : shown.withheld()) {
    std::string kind;
    for (const pb::ReferralHistoryEntry& entry : shown.history()) {
      if (entry.event_id() == each.event_id()) kind = entry.kind();
    }
    const std::string groups = GroupWords(each.groups(), words);
    const std::string what = words.Code("Event", kind);
    if (each.reason().empty()) {
      lines.Print(
          "Show.NOT_HERE",
          words.Text("Work.NOT_HERE", {{"groups", groups}, {"what", what}}));
      continue;
    }
    lines.Print("Show.NOT_TOLD",
                words.Text(WithheldText(kind),
                           {{"groups", groups},
                            {"what", what},
                            {"why", words.Code("Withheld", each.reason())},
                            {"when", TimeText(each.withheld_at())}}));
  }
}

void PrintReferralList(const Referrals& referrals, const Wording& words) {
  std::vector<std::vector<std::string>> rows;
  for (const pb::Referral& each : referrals) {
    rows.push_back(RowOf(each, words));
  }
  PrintTable(rows);
}

void PrintWork(const Referrals& referrals, const Wording& words) {
  const int64_t now = absl::ToUnixSeconds(absl::Now());
  for (size_t head = 0; head < kHeads.size(); ++head) {
    std::vector<std::vector<std::string>> rows;
    for (const pb::Referral& each : referrals) {
      if (HeadOf(each, now) == static_cast<Head>(head)) {
        rows.push_back(RowOf(each, words));
      }
    }
    if (rows.empty()) continue;
    printf("%s:\n", words.Text(kHeads.at(head)).c_str());
    PrintTable(rows);
  }
}

}  // namespace comity
