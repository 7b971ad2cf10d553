#include "absl/strings/ascii.h"
#include "tests/support/referral_story.h"

namespace comity {
namespace {

namespace ops = operators::v1;
using Cases = ops::CaseService;
using Referrals = ops::ReferralService;

// What people of one organisation learn of the cases of another one.
class WhoseCaseTest : public ReferralStory {
 protected:
  void SetUp() override { Open({}); }

  CommandContext& Worker(TestParticipant& node,
                         const std::string& organisation) {
    return node.As(organisation, Role::kCaseWorker,
                   absl::AsciiStrToLower(organisation) + "-worker");
  }
  absl::Status Look(CommandContext& person, const std::string& id) {
    ops::GetReferralRequest request;
    request.set_referral_id(id);
    return As<Referrals, ops::GetReferralResponse>(
               person, &Referrals::Stub::GetReferral, request)
        .status();
  }
  absl::Status MakeCaseOf(CommandContext& person, const std::string& id) {
    ops::CreateCaseRequest request;
    request.set_referral_id(id);
    request.mutable_record()->set_x_local_reference("NG-1");
    return As<Cases, ops::CreateCaseResponse>(person, &Cases::Stub::CreateCase,
                                              request)
        .status();
  }
};

TEST_F(WhoseCaseTest, AnotherOrganisationsCaseLooksLikeNone) {
  MakePerson("C1");
  const auto look_for = [&](const std::string& reference) {
    ops::GetCaseRequest request;
    request.set_case_id(reference);
    return As<Cases, ops::GetCaseResponse>(Worker(ne_, "NGO"),
                                           &Cases::Stub::GetCase, request)
        .status();
  };
  EXPECT_THAT(look_for("C1"), FailsWith(ErrorReason::kNotFound));
  EXPECT_EQ(look_for("C1").message(), look_for("C2").message());
}

TEST_F(WhoseCaseTest, WhoIsTakenOnIsOfTheOrganisationThatManagesHerCase) {
  const std::string id = Refer("C1");
  // Anybody may find her a place.
  EXPECT_OK(Look(Worker(ng_, "NGO"), id));
  ASSERT_OK(Accept(id));
  EXPECT_THAT(Look(Worker(ng_, "NGO"), id), FailsWith(ErrorReason::kNotFound));
  EXPECT_THAT(MakeCaseOf(Worker(ng_, "NGO"), id),
              FailsWith(ErrorReason::kNotFound));
  // Nor is a longer name the organisation's.
  EXPECT_THAT(Look(Worker(ng_, "OR"), id), FailsWith(ErrorReason::kNotFound));
  EXPECT_OK(Look(Worker(ng_, "ORG"), id));
  EXPECT_OK(MakeCaseOf(Worker(ng_, "ORG"), id));
}

TEST_F(WhoseCaseTest, ACoordinatorHandsHerOnToAnotherOrganisation) {
  const std::string id = Refer("C1");
  ops::AcceptReferralRequest request;
  request.set_referral_id(id);
  request.set_case_manager("NGO-2/intake");
  ASSERT_OK((As<Referrals, ops::AcceptReferralResponse>(
      Receiver(), &Referrals::Stub::AcceptReferral, request)));
  EXPECT_OK(MakeCaseOf(Worker(ng_, "NGO-2"), id));
  EXPECT_OK(Look(Receiver(), id));
  // Whose name another's begins with is another organisation.
  EXPECT_THAT(Look(Worker(ng_, "NGO"), id), FailsWith(ErrorReason::kNotFound));
}

// Ready local access of Nigeria's whose case workers ask partners, too.
std::string WithAskingWorkers() {
  std::string local = ReadyPolicy("local/ng.textproto");
  local.insert(local.find("  allow {\n    id: \"statisticians\""), R"(  allow {
    id: "asking-workers"
    role: [CASE_WORKER]
    organisation: ["*"]
    operation: [CASE_QUERY_ASK]
    scope: ORGANISATION
  }
)");
  return local.replace(local.find("revision: 1"), 11, "revision: 2");
}

TEST_F(WhoseCaseTest, SheIsAskedAboutByThoseWhoSeeHerReferral) {
  ASSERT_OK(ng_.ActivateTexts({WithAskingWorkers()}));
  const std::string id = Refer("C1");
  ASSERT_OK(Accept(id));
  ExpectBoth(id, "ACCEPTED");
  const auto ask = [&](const std::string& organisation) {
    ops::RequestCaseRequest request;
    request.set_holder("NE");
    request.set_referral_id(id);
    request.set_purpose("SAFE_RETURN");
    request.add_wanted(v1::RECORD_GROUP_STATUS);
    return As<Referrals, ops::RequestCaseResponse>(
               Worker(ng_, organisation), &Referrals::Stub::RequestCase,
               request)
        .status();
  };
  EXPECT_THAT(ask("NGO"), FailsWith(ErrorReason::kNotFound));
  EXPECT_OK(ask("ORG"));
}

TEST_F(WhoseCaseTest, SheIsAskedAboutByHerPseudonymLikewise) {
  ASSERT_OK(ng_.ActivateTexts({WithAskingWorkers()}));
  const std::string id = Refer("C1");
  ASSERT_OK(Accept(id));
  ExpectBoth(id, "ACCEPTED");
  const auto shown = Show(ng_, id);
  ASSERT_OK(shown);
  const auto ask = [&](const std::string& organisation) {
    ops::RequestCaseRequest request;
    request.set_holder("NE");
    request.set_pseudonym(shown->referral().pseudonym());
    request.set_purpose("SAFE_RETURN");
    request.add_wanted(v1::RECORD_GROUP_STATUS);
    return As<Referrals, ops::RequestCaseResponse>(
               Worker(ng_, organisation), &Referrals::Stub::RequestCase,
               request)
        .status();
  };
  EXPECT_THAT(ask("NGO"), FailsWith(ErrorReason::kNotFound));
  EXPECT_OK(ask("ORG"));
}

}  // namespace
}  // namespace comity
