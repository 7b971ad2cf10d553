#include "node/cli/referral_output.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "node/cli/command.h"
#include "node/cli/display_name.h"
#include "node/cli/groups.h"
#include "node/wire/enum_code.h"
#include "node/wire/event_text.h"

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
std::string ContentText(const Set& set) {
  fed::ReferralEventPayload payload;
  set(payload);
  return EventText(payload);
}

void PrintLine(const char* label, const std::string& text) {
  if (!text.empty()) printf("  %-10s %s\n", label, OnOneLine(text).c_str());
}

void PrintClearance(const pb::ReferralProgress& progress) {
  if (progress.risk().empty()) return;
  PrintLine("risk",
            absl::StrCat(
                progress.risk(),
                progress.cleared_by().empty()
                    ? ""
                    : absl::StrCat(", cleared by ", progress.cleared_by(),
                                   " on ", TimeText(progress.cleared_at()))));
  PrintLine(
      "reflection",
      progress.has_reflection_ends_at()
          ? absl::StrCat("until ", TimeText(progress.reflection_ends_at()))
          : "waived");
}

void PrintPlan(const pb::ReferralProgress& progress) {
  if (!progress.has_plan()) return;
  PrintLine("plan", ContentText([&](auto& payload) {
              *payload.mutable_plan() = progress.plan();
            }));
  PrintLine(
      "", absl::StrCat("proposed by ", progress.plan_by(),
                       progress.plan_accepted() ? ", accepted by the other side"
                                                : ", not accepted yet",
                       "; the person: ", progress.person(),
                       progress.follow_up() ? ", wants follow-up"
                       : progress.follow_up_stopped()
                           ? ", wants no follow-up any more"
                           : ""));
  if (!progress.child()) return;
  const auto sides = [](const auto& codes) {
    return codes.empty() ? std::string("nobody") : absl::StrJoin(codes, ", ");
  };
  PrintLine("guardians",
            absl::StrCat("plan: ", sides(progress.guardians_of_plan()),
                         "; return: ", sides(progress.guardians_of_return())));
}

// "threat in NG-KN: medium; contact with her family: not safe".
void PrintRisk(const pb::ReferralProgress& progress, const Wording& words) {
  if (!progress.has_risk_question()) return;
  const std::string& place = progress.risk_question().place();
  if (!progress.has_risk_answer()) {
    return PrintLine("risk there",
                     words.Text("Work.RISK_ASKED", {{"place", place}}));
  }
  const fed::RiskAnswer& answer = progress.risk_answer();
  PrintLine(
      "risk there",
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
  printf("referral %s  %s  %s\n", referral.referral_id().c_str(),
         OnOneLine(SidesText(referral, words)).c_str(),
         words.Code("State", referral.state()).c_str());
  if (referral.alarm()) {
    printf("  ALARM: she did not arrive in time, and nobody found her yet\n");
  }
  printf("  purpose %s under %s; person %s\n",
         OnOneLine(referral.purpose()).c_str(),
         OnOneLine(referral.agreement_id()).c_str(),
         OnOneLine(referral.pseudonym()).c_str());
  if (referral.no_onward_transfer()) {
    printf("  the packet may be passed on to nobody\n");
  }
  if (referral.erased()) {
    printf("  the packet is erased\n");
  } else if (referral.has_erase_at()) {
    printf("  the packet is erased on %s\n",
           TimeText(referral.erase_at()).c_str());
  }
  if (referral.undelivered_events() > 0) {
    printf("  %u event(s) wait for the partner's receipt\n",
           referral.undelivered_events());
  }
  for (const pb::ReferralClock& clock : referral.clocks()) {
    printf("  due: %s\n", OnOneLine(ClockText(clock, words)).c_str());
  }
  if (referral.next_steps_size() > 0) {
    printf("  next: %s\n", StepsText(referral, words).c_str());
  }
}

void PrintProgress(const pb::Referral& referral,
                   const pb::ReferralProgress& progress, const Wording& words) {
  if (!progress.reason().empty()) {
    PrintLine("reason", words.Code("Reason", progress.reason()));
  }
  PrintClearance(progress);
  const std::string asked = GroupNames(progress.asked());
  const std::string refused = GroupNames(progress.refused());
  PrintLine("asked", asked.empty() || refused.empty()
                         ? asked
                         : absl::StrCat(asked, "; refused ", refused));
  if (progress.has_acceptance()) {
    PrintLine("accepted", ContentText([&](auto& payload) {
                *payload.mutable_acceptance() = progress.acceptance();
              }));
  }
  PrintPlan(progress);
  PrintRisk(progress, words);
  if (progress.has_schedule()) {
    PrintLine("return", ContentText([&](auto& payload) {
                *payload.mutable_return_schedule() = progress.schedule();
              }));
  }
  if (progress.has_handover()) {
    PrintLine("handover", ContentText([&](auto& payload) {
                *payload.mutable_handover() = progress.handover();
              }));
  }
  for (const fed::FollowUp& report : progress.follow_ups()) {
    PrintLine("follow-up", ContentText([&](auto& payload) {
                *payload.mutable_follow_up() = report;
              }));
  }
  for (const pb::ReferralCorrection& each : progress.corrections()) {
    PrintLine("corrected", absl::StrCat(GroupNames(each.groups()), " on ",
                                        TimeText(each.corrected_at())));
  }
  for (const fed::Feedback& each : progress.feedback()) {
    PrintLine("she says", FeedbackText(each, words));
  }
  PrintLine("outcome", progress.outcome());
  if (!referral.waits_for().empty()) {
    PrintLine("waits for", referral.waits_for());
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
             entry.summary())});
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
  for (const pb::WithheldGroups& each : shown.withheld()) {
    std::string kind;
    for (const pb::ReferralHistoryEntry& entry : shown.history()) {
      if (entry.event_id() == each.event_id()) kind = entry.kind();
    }
    const std::string groups = GroupNames(each.groups());
    const std::string what = words.Code("Event", kind);
    if (each.reason().empty()) {
      PrintLine("not here", words.Text("Work.NOT_HERE",
                                       {{"groups", groups}, {"what", what}}));
      continue;
    }
    PrintLine("not told",
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
