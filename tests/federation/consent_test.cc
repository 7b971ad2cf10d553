#include "absl/strings/escaping.h"
#include "comity/operators/v1/admin_service.grpc.pb.h"
#include "comity/operators/v1/consent_service.grpc.pb.h"
#include "tests/support/border.h"

namespace comity {
namespace {

namespace ops = operators::v1;
using Consents = ops::ConsentService;
using testing::HasSubstr;

// What Niger keeps of an act of consent, and when it stops to count.
class ConsentTest : public BorderTest {
 protected:
  static ops::RecordConsentRequest ActFor(const std::string& reference) {
    ops::RecordConsentRequest request;
    request.set_case_id(reference);
    auto* act = request.mutable_consent();
    act->set_recipient("NG");
    act->set_recipient_organisation("NAPTIP");
    act->set_purpose("SAFE_RETURN");
    act->add_groups(v1::RECORD_GROUP_STATUS);
    act->set_state("GIVEN_BY_GUARDIAN");
    act->set_guardian("Her aunt");
    act->set_language("ha");
    act->set_interpreter(true);
    act->set_withdrawal_channel("HELPLINE");
    return request;
  }
  absl::StatusOr<ops::RecordConsentResponse> Record(
      const ops::RecordConsentRequest& request) {
    return As<ops::CaseService, ops::RecordConsentResponse>(
        Coordinator(ne_, "coord"), &ops::CaseService::Stub::RecordConsent,
        request);
  }
  ops::GetConsentsResponse Standing() {
    ops::GetConsentsRequest request;
    request.set_case_id("C1");
    const auto shown = As<Consents, ops::GetConsentsResponse>(
        Coordinator(ne_, "coord"), &Consents::Stub::GetConsents, request);
    EXPECT_OK(shown);
    return shown.ok() ? *shown : ops::GetConsentsResponse();
  }
};

TEST_F(ConsentTest, AnActIsShownWithEverythingItWasGivenWith) {
  Open({});
  MakeCase("C1", {v1::RECORD_GROUP_STATUS});
  const auto recorded = Record(ActFor("C1"));
  ASSERT_OK(recorded);
  const auto standing = Standing();
  ASSERT_EQ(standing.consents_size(), 2);
  const ops::ConsentRecord& act = standing.consents(1).act();
  EXPECT_EQ(act.consent_id(), recorded->consent_id());
  EXPECT_EQ(act.recipient_organisation(), "NAPTIP");
  EXPECT_EQ(act.guardian(), "Her aunt");
  EXPECT_EQ(act.language(), "ha");
  EXPECT_TRUE(act.interpreter());
  EXPECT_EQ(act.withdrawal_channel(), "HELPLINE");
  EXPECT_EQ(act.recorded_by(), "ORG/coord");
  EXPECT_EQ(standing.consents(1).live_groups_size(), 1);
  // It is signed: the own log names its digest.
  EXPECT_EQ(act.digest().size(), 32u);
  EXPECT_THAT(LogDetail(recorded->audit_entry_id()),
              HasSubstr(absl::BytesToHexString(act.digest())));
}

TEST_F(ConsentTest, AnActThatSaysTooLittleIsNotRecorded) {
  Open({});
  MakeCase("C1", {v1::RECORD_GROUP_STATUS});
  const auto refused = [&](auto change) {
    ops::RecordConsentRequest request = ActFor("C1");
    change(*request.mutable_consent());
    return ReasonOf(Record(request).status());
  };
  EXPECT_EQ(refused([](auto& act) { act.clear_withdrawal_channel(); }),
            ErrorReason::kFieldMissing);
  EXPECT_EQ(refused([](auto& act) { act.set_withdrawal_channel("PIGEON"); }),
            ErrorReason::kFieldInvalid);
  EXPECT_EQ(refused([](auto& act) { act.clear_guardian(); }),
            ErrorReason::kFieldInvalid);
  EXPECT_EQ(refused([](auto& act) { act.set_state("GIVEN"); }),
            ErrorReason::kFieldInvalid);
  EXPECT_EQ(refused([](auto& act) { act.set_language("Hausa"); }),
            ErrorReason::kFieldInvalid);
}

TEST_F(ConsentTest, ItEndsBetweenTwoQuestionsAtItsInstant) {
  Open({});
  const ops::Referral draft = MakeCase("C1", {v1::RECORD_GROUP_STATUS});
  const absl::Time end = absl::FromUnixSeconds(
      absl::ToUnixSeconds(clock_.Now() + absl::Hours(24 * 30)));
  ops::RecordConsentRequest act = ActFor("C1");
  act.mutable_consent()->set_state("GIVEN");
  act.mutable_consent()->clear_guardian();
  act.mutable_consent()->clear_recipient_organisation();
  act.mutable_consent()->mutable_expires_at()->set_seconds(
      absl::ToUnixSeconds(end));
  ASSERT_OK(Record(act));
  clock_.Advance(end - absl::Milliseconds(1) - clock_.Now());
  EXPECT_EQ(OutcomeOf(AskStatus("coord", draft)), "RELEASED");
  clock_.Advance(absl::Milliseconds(1));
  EXPECT_EQ(OutcomeOf(AskStatus("coord", draft)), "NOT_AVAILABLE");
  EXPECT_TRUE(Standing().consents(1).live_groups().empty());
}

}  // namespace
}  // namespace comity
