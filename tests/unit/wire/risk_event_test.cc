#include "gmock/gmock.h"
#include "node/wire/event_text.h"
#include "node/wire/event_wire.h"
#include "node/wire/proto_time.h"
#include "tests/support/status_matchers.h"

namespace comity {
namespace {

namespace fed = federation::v1;

fed::ReferralEventPayload Asking(const std::string& place) {
  fed::ReferralEventPayload payload;
  payload.set_kind(fed::REFERRAL_EVENT_KIND_RISK_ASKED);
  payload.mutable_risk_question()->set_place(place);
  return payload;
}

fed::ReferralEventPayload Answering() {
  fed::ReferralEventPayload payload;
  payload.set_kind(fed::REFERRAL_EVENT_KIND_RISK_ANSWERED);
  fed::RiskAnswer& answer = *payload.mutable_risk_answer();
  answer.set_threat(fed::RISK_LEVEL_MEDIUM);
  answer.set_family_contact(fed::FAMILY_CONTACT_NOT_SAFE);
  *answer.mutable_valid_until() =
      ToProtoTime(absl::FromUnixSeconds(1800000000));
  return payload;
}

TEST(RiskEventTest, Law4APlaceIsNoFinerThanItsCodeAndNoWords) {
  for (const char* place : {"NG-KN", "FR-75", "FR-GES", "NE-1"}) {
    EXPECT_OK(ContentOf(Asking(place))) << place;
  }
  for (const char* place : {"Kano", "NG", "NG-", "ng-kn", "NG-kn", "NG-KANO",
                            "NG_KN", "N1-KN", "Sabon Gari 4", "NG-K "}) {
    EXPECT_THAT(ContentOf(Asking(place)), FailsWith(ErrorReason::kFieldInvalid))
        << place;
  }
}

TEST(RiskEventTest, AnAnswerHasCodesThatThisBuildKnows) {
  const auto content = ContentOf(Answering());
  ASSERT_OK(content);
  EXPECT_EQ(std::get<RiskAnswer>(*content).valid_until,
            absl::FromUnixSeconds(1800000000));
  auto unknown = Answering();
  unknown.mutable_risk_answer()->set_threat(static_cast<fed::RiskLevel>(9));
  EXPECT_THAT(ContentOf(unknown), FailsWith(ErrorReason::kFieldInvalid));
  unknown = Answering();
  unknown.mutable_risk_answer()->set_family_contact(
      static_cast<fed::FamilyContact>(9));
  EXPECT_THAT(ContentOf(unknown), FailsWith(ErrorReason::kFieldInvalid));
}

TEST(RiskEventTest, TheTimelineSaysBothInCodes) {
  EXPECT_EQ(EventText(Asking("NG-KN")), "NG-KN");
  EXPECT_EQ(EventText(Answering()),
            "threat MEDIUM; family contact NOT_SAFE; until 2027-01-15");
}

}  // namespace
}  // namespace comity
