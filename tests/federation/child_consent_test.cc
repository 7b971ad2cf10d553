#include "node/base/status_macros.h"
#include "tests/support/referral_story.h"

namespace comity {
namespace {

namespace ops = operators::v1;

// Who consents for a child.
class ChildConsentTest : public ReferralStory {
 protected:
  void SetUp() override { Open({}); }

  void MakeCaseOf(const std::string& age_class) {
    ops::CreateCaseRequest create;
    create.mutable_record()->set_x_local_reference("C1");
    create.mutable_record()->set_x_age_class(age_class);
    create.mutable_screening()->add_never_share_with("TG");
    ASSERT_OK((As<ops::CaseService, ops::CreateCaseResponse>(
        Drafter(), &ops::CaseService::Stub::CreateCase, create)));
  }
  absl::Status Consent(const std::string& guardian) {
    ops::RecordConsentRequest request;
    request.set_case_id("C1");
    auto* act = request.mutable_consent();
    act->set_recipient("NG");
    act->set_purpose("SAFE_RETURN");
    act->add_groups(v1::RECORD_GROUP_STATUS);
    act->set_state(guardian.empty() ? "GIVEN" : "GIVEN_BY_GUARDIAN");
    act->set_guardian(guardian);
    act->set_language("ha");
    act->set_withdrawal_channel("SHELTER");
    return As<ops::CaseService, ops::RecordConsentResponse>(
               Drafter(), &ops::CaseService::Stub::RecordConsent, request)
        .status();
  }
  absl::Status SetAge(const std::string& age_class) {
    ops::GetCaseRequest look;
    look.set_case_id("C1");
    ASSIGN_OR_RETURN(const auto shown,
                     (As<ops::CaseService, ops::GetCaseResponse>(
                         Drafter(), &ops::CaseService::Stub::GetCase, look)));
    ops::UpdateCaseRequest request;
    request.set_case_id("C1");
    request.set_version(shown.case_().version());
    request.mutable_record()->set_x_age_class(age_class);
    return As<ops::CaseService, ops::UpdateCaseResponse>(
               Drafter(), &ops::CaseService::Stub::UpdateCase, request)
        .status();
  }
};

TEST_F(ChildConsentTest, Law4NobodyIsReferredOnAChildsOwnConsent) {
  MakeCaseOf("Child");
  EXPECT_THAT(Consent(""), FailsWith(ErrorReason::kFieldInvalid));
  EXPECT_THAT(Draft("C1"), FailsWith(ErrorReason::kConsentMissing));
  ASSERT_OK(Consent("Her aunt"));
  EXPECT_OK(Draft("C1"));
}

TEST_F(ChildConsentTest, Law4WhoTurnsOutToBeAChildNeedsHerGuardian) {
  MakeCaseOf("Adult");
  ASSERT_OK(Consent(""));
  const auto id = Draft("C1");
  ASSERT_OK(id);
  ASSERT_OK(Clear(Holder(), *id));
  ASSERT_OK(SetAge("Disputed"));
  EXPECT_THAT(SendBy(Drafter(), *id), FailsWith(ErrorReason::kConsentMissing));
}

}  // namespace
}  // namespace comity
