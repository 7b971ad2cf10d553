#include "node/wire/referral_reason.h"

#include "gmock/gmock.h"
#include "node/domain/code_lists.h"
#include "node/domain/table_columns.h"
#include "node/wire/coded_referral.h"
#include "node/wire/event_text.h"
#include "node/wire/event_wire.h"
#include "tests/support/status_matchers.h"

namespace comity {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
namespace fed = federation::v1;

fed::ReferralEventPayload Sent(const std::string& reason) {
  fed::ReferralEventPayload payload;
  payload.set_kind(fed::REFERRAL_EVENT_KIND_SENT);
  FormatTerms(ReferralTerms(), *payload.mutable_packet());
  payload.mutable_packet()->set_reason(reason);
  return payload;
}

std::vector<std::string> Counted(const fed::ReferralEventPayload& payload) {
  const ReferralParties parties{*ParticipantCode::Create("NE"),
                                *ParticipantCode::Create("NG")};
  ReferralEvent event{Uuid(), Uuid(), parties.holder};
  event.kind = ReferralEventKind::kSent;
  event.occurred_at = absl::FromUnixSeconds(1800000000);
  event.content = ReferralTerms();
  return CodedReferralOf(parties, {{event, payload}})
      .columns.at("referral_reason");
}

TEST(ReferralReasonTest, PeopleWriteACodeOfTheStandard) {
  EXPECT_EQ(*ReferralReasonCode("additional services required"),
            "AdditionalServicesRequired");
  EXPECT_EQ(*ReferralReasonCode("Other"), "Other");
  EXPECT_EQ(*ReferralReasonCode(""), "");
  EXPECT_THAT(ReferralReasonCode("because"),
              FailsWith(ErrorReason::kFieldInvalid));
}

TEST(ReferralReasonTest, Law4APacketTellsNoReasonInWords) {
  EXPECT_OK(ContentOf(Sent("")));
  EXPECT_OK(ContentOf(Sent("MigrationOrChangeOfLocation")));
  EXPECT_THAT(ContentOf(Sent("Efua wants home to Kano")),
              FailsWith(ErrorReason::kFieldInvalid));
  EXPECT_THAT(EventText(Sent("MigrationOrChangeOfLocation")),
              HasSubstr("MigrationOrChangeOfLocation"));
}

TEST(ReferralReasonTest, ItIsCountedFromThePacketOnEitherSide) {
  EXPECT_THAT(Counted(Sent("MigrationOrChangeOfLocation")),
              ElementsAre("MigrationOrChangeOfLocation"));
  EXPECT_THAT(Counted(Sent("")), ElementsAre(kUnknownCode));
  EXPECT_THAT(Counted(Sent("of a later build")), ElementsAre(kUnknownCode));
  std::vector<std::string> codes = CodesOf("referral_reason");
  codes.emplace_back(kUnknownCode);
  EXPECT_THAT(FindTableColumn("referral_reason")->codes,
              testing::UnorderedElementsAreArray(codes));
}

}  // namespace
}  // namespace comity
