#include "node/cli/event_words.h"

#include "node/cli/referral_output.h"
#include "node/wire/enum_code.h"
#include "node/wire/event_text.h"
#include "node/wire/proto_time.h"
#include "tests/support/status_matchers.h"

namespace comity {
namespace {

namespace fed = federation::v1;
namespace ops = operators::v1;
using testing::HasSubstr;
using testing::Not;

const absl::Time kWhen = absl::FromUnixSeconds(1'800'000'000);

Wording In(const char* language) { return *Wording::Of(language); }

fed::ReferralEventPayload Arrived() {
  fed::ReferralEventPayload payload;
  fed::Handover& handover = *payload.mutable_handover();
  *handover.mutable_arrived_at() = ToProtoTime(kWhen);
  handover.set_place(fed::PLACE_KIND_SHELTER);
  handover.set_concern(true);
  return payload;
}

TEST(EventWordsTest, WhatAnEventCarriesIsSaidInTheReadersLanguage) {
  EXPECT_EQ(EventWords(Arrived(), In("fr")),
            "arrivée le 2027-01-15 08:00 UTC; foyer d’accueil; son état est "
            "préoccupant");
  EXPECT_EQ(EventWords(Arrived(), In("pt")),
            "chegou em 2027-01-15 08:00 UTC; abrigo; o seu estado é "
            "preocupante");
}

TEST(EventWordsTest, CodesStayAsScriptsReadThem) {
  EXPECT_EQ(EventWords(Arrived(), Wording()), EventText(Arrived()));
  google::protobuf::RepeatedField<int> groups;
  groups.Add(v1::RECORD_GROUP_STATUS);
  EXPECT_EQ(GroupWords(groups, Wording()), "STATUS");
  EXPECT_EQ(GroupWords(groups, In("en")), "status of the case");
}

TEST(EventWordsTest, APlanNamesItsVersionActionsAndDays) {
  fed::ReferralEventPayload payload;
  payload.mutable_plan()->set_version(2);
  fed::PlanAction& action = *payload.mutable_plan()->add_actions();
  action.set_service("Health");
  action.set_owner("NG");
  EXPECT_EQ(EventWords(payload, In("pt")), "versão 2: Health por NG");
  *action.mutable_due_at() = ToProtoTime(kWhen);
  EXPECT_EQ(EventWords(payload, In("fr")),
            "version 2: Health par NG jusqu’au 2027-01-15");
}

TEST(EventWordsTest, AnEndIsSaidByTheListOfItsEvent) {
  fed::ReferralEventPayload payload;
  payload.mutable_decline()->set_reason(fed::DECLINE_REASON_NO_CAPACITY);
  EXPECT_EQ(EventWords(payload, In("fr")), "pas de place");
  payload.mutable_closure()->set_outcome(fed::CLOSURE_OUTCOME_DECEASED);
  EXPECT_EQ(EventWords(payload, In("pt")), "falecida");
}

TEST(EventWordsTest, ALineOfTheHistorySaysOffersAndRefusalsToo) {
  ops::ReferralHistoryEntry entry;
  entry.set_summary("PHOTO, as the node says it");
  EXPECT_EQ(SummaryWords(entry, In("fr")), entry.summary());
  entry.mutable_content();
  entry.mutable_offer()->set_kind(fed::ATTACHMENT_KIND_PHOTO);
  EXPECT_THAT(SummaryWords(entry, In("fr")), Not(HasSubstr("PHOTO")));
  EXPECT_EQ(SummaryWords(entry, Wording()), entry.summary());
  entry.set_refusal("EVIDENCE_INVALID");
  EXPECT_EQ(SummaryWords(entry, In("pt")), "recusado: EVIDENCE_INVALID");
}

// Each value of each list that events carry has its word.
TEST(EventWordsTest, NoCodeOfAnEventIsWithoutAWord) {
  const std::pair<const char*, const google::protobuf::EnumDescriptor*>
      lists[] = {{"Place", fed::PlaceKind_descriptor()},
                 {"Travel", fed::TravelMode_descriptor()},
                 {"Declined", fed::DeclineReason_descriptor()},
                 {"FollowUp", fed::FollowUpStatus_descriptor()},
                 {"Closure", fed::ClosureOutcome_descriptor()},
                 {"Cancelled", fed::CancelReason_descriptor()},
                 {"RiskLevel", fed::RiskLevel_descriptor()}};
  for (const auto& [list, codes] : lists) {
    for (int i = 1; i < codes->value_count(); ++i) {
      const std::string code = EnumCode(*codes, codes->value(i)->number());
      for (const char* language : {"en", "fr", "pt"}) {
        EXPECT_NE(In(language).Code(list, code), code) << list << "." << code;
      }
    }
  }
}

TEST(EventWordsTest, AReferralIsShownWithoutAnEnglishWord) {
  ops::Referral referral;
  referral.set_purpose("SAFE_RETURN");
  referral.set_waits_for("PARTNER");
  referral.add_next_steps("close");
  referral.set_alarm(true);
  ops::ReferralProgress progress;
  progress.set_risk("LOW");
  progress.mutable_plan()->set_version(1);
  progress.set_person("AGREES");
  testing::internal::CaptureStdout();
  PrintReferral(referral, In("fr"));
  PrintProgress(referral, progress, In("fr"));
  const std::string shown = testing::internal::GetCapturedStdout();
  EXPECT_THAT(shown, HasSubstr("  ensuite: clore\n"));
  EXPECT_THAT(shown, HasSubstr("  attend     le partenaire\n"));
  EXPECT_THAT(shown, HasSubstr("la personne : d’accord"));
  for (const char* english :
       {"purpose", "person ", "next", "waits", "proposed", "accepted", "risk",
        "waived", "ALARM:", "SAFE_RETURN", "LOW"}) {
    EXPECT_THAT(shown, Not(HasSubstr(english))) << english;
  }
}

}  // namespace
}  // namespace comity
