#include <thread>

#include "absl/strings/str_replace.h"
#include "comity/federation/v1/case_query.pb.h"
#include "comity/operators/v1/policy_service.grpc.pb.h"
#include "node/wire/policy_file.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_participant.h"

namespace comity {
namespace {

namespace fed = federation::v1;
namespace ops = operators::v1;
using testing::HasSubstr;

constexpr char kFile[] = "agreements/ng-ne-bilateral.textproto";

// The bilateral agreement as a later revision; without its case queries if
// `narrow`.
std::string Revision(int number, bool narrow = false) {
  std::string text = absl::StrReplaceAll(
      ReadyPolicy(kFile),
      {{"revision: 1", absl::StrCat("revision: ", number)}});
  if (narrow) {
    text = absl::StrReplaceAll(
        text, {{"operation: [CASE_QUERY]", "operation: [PERSON_MATCH]"},
               {"release: [CASE_REF, STATUS, DEMOGRAPHIC, NEEDS]\n    duties "
                "{\n      redact { field: DEMOGRAPHIC how: AGE_BAND_5 }\n      "
                "max_per_day: 200",
                "duties {\n      max_per_day: 200"}});
  }
  return text;
}

std::string DigestOfText(const std::string& text) {
  const PolicyFileResult loaded = LoadPolicyFile("a", text);
  EXPECT_TRUE(loaded.body.has_value())
      << (loaded.findings.empty() ? "" : loaded.findings[0].ToString());
  return loaded.body.has_value() ? loaded.body->digest : "";
}

// Niger's node runs for real, also beside Nigeria's; Nigeria's questions are
// written by hand.
template <typename ClockType>
class PolicyVersionsOn : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_OK(ne_.Start(clock_));
    ASSERT_OK(ne_.Pair(ng_));
    ASSERT_OK(
        ne_.Activate({kFile, "national/ne.textproto", "local/ne.textproto"}));
    ne_.Stop();
    ASSERT_OK(ne_.Start(clock_));
    partner_ = std::make_unique<HandmadePartner>(ng_, ne_, clock_);
  }

  // The reason of Niger's refusal of a question about nobody; "NOT_AVAILABLE"
  // means that the agreement let the question through.
  std::string AskUnder(const std::string& digest) {
    fed::CaseQuestion question = partner_->QuestionAbout(std::string(16, 'x'));
    question.set_agreement_digest(digest);
    const auto received = partner_->peer().AskCase(
        partner_->Ask(question, NewUuid(random_)), absl::Seconds(5));
    EXPECT_OK(received);
    if (!received.ok()) return "";
    const auto verified = partner_->Verify(*received, MessageKind::kCaseAnswer);
    EXPECT_OK(verified);
    fed::CaseAnswer answer;
    answer.ParseFromString(verified->message.payload);
    return answer.refusal().reason();
  }

  CommandContext& Admin(TestParticipant& node) {
    return node.As("ORG", Role::kAdmin, "admin-1");
  }
  template <typename Response, typename Method, typename Request>
  absl::StatusOr<Response> Call(TestParticipant& node, Method method,
                                const Request& request) {
    return Admin(node).template Call<ops::PolicyService, Response>(method,
                                                                   request);
  }
  absl::Status Rollback(const std::string& id) {
    ops::RollbackPolicyRequest request;
    request.set_request_id(Admin(ne_).NewRequestId());
    request.set_kind("agreement");
    request.set_policy_id(id);
    return Call<ops::RollbackPolicyResponse>(
               ne_, &ops::PolicyService::Stub::RollbackPolicy, request)
        .status();
  }

  ClockType clock_ = MakeClock();
  SystemRandom random_;
  TestParticipant ne_{"NE", absl::Now()};
  TestParticipant ng_{"NG", absl::Now()};
  std::unique_ptr<HandmadePartner> partner_;

 private:
  static ClockType MakeClock() {
    if constexpr (std::is_same_v<ClockType, FakeClock>) {
      return FakeClock(absl::Now());
    } else {
      return ClockType();
    }
  }
};

using PolicyVersionsTest = PolicyVersionsOn<FakeClock>;
using PolicyFlipTest = PolicyVersionsOn<SystemClock>;

TEST_F(PolicyVersionsTest, BothRevisionsAreAnsweredUntilTheTimedSwitch) {
  const std::string first = DigestOfText(Revision(1));
  const std::string second = DigestOfText(Revision(2));
  const absl::Time switch_at = clock_.Now() + absl::Hours(2);
  ASSERT_OK(ne_.ActivateTexts({Revision(2)}, switch_at));
  EXPECT_EQ(AskUnder(first), "NOT_AVAILABLE");
  EXPECT_EQ(AskUnder(second), "NOT_AVAILABLE");
  ASSERT_OK(partner_->ProveHeads());
  clock_.Advance(switch_at - clock_.Now());
  EXPECT_EQ(AskUnder(first), "AGREEMENT_NOT_IN_FORCE");
  EXPECT_EQ(AskUnder(second), "NOT_AVAILABLE");
  // The switch survives a restart.
  ne_.Stop();
  ASSERT_OK(ne_.Start(clock_));
  EXPECT_EQ(AskUnder(first), "AGREEMENT_NOT_IN_FORCE");
}

TEST_F(PolicyVersionsTest, ARollBackCallsOffASwitchOrPutsTheRevisionBack) {
  const std::string first = DigestOfText(Revision(1));
  ASSERT_OK(ne_.ActivateTexts({Revision(2)}, clock_.Now() + absl::Hours(2)));
  ASSERT_OK(Rollback("ng-ne-bilateral"));
  clock_.Advance(absl::Hours(3));
  EXPECT_EQ(AskUnder(first), "NOT_AVAILABLE");
  ASSERT_OK(ne_.ActivateTexts({Revision(3)}));
  EXPECT_EQ(AskUnder(first), "AGREEMENT_NOT_IN_FORCE");
  ASSERT_OK(Rollback("ng-ne-bilateral"));
  EXPECT_EQ(AskUnder(first), "NOT_AVAILABLE");
  EXPECT_THAT(Rollback("ng-ne-bilateral"), FailsWith(ErrorReason::kNotFound));
}

TEST_F(PolicyVersionsTest, ARevisionIsUsedOnce) {
  EXPECT_THAT(ne_.ActivateTexts({Revision(1)}),
              FailsWith(ErrorReason::kAlreadyExists));
  ASSERT_OK(ne_.ActivateTexts({Revision(3)}));
  EXPECT_THAT(ne_.ActivateTexts({Revision(2)}),
              FailsWith(ErrorReason::kAlreadyExists));
  EXPECT_EQ(AskUnder(DigestOfText(Revision(3))), "NOT_AVAILABLE");
}

TEST_F(PolicyVersionsTest, AnAgreementOfOthersIsRefused) {
  const std::string others = absl::StrReplaceAll(
      Revision(2), {{"\"NE\"", "\"GH\""}, {"\"NG\"", "\"TG\""}});
  EXPECT_THAT(ne_.ActivateTexts({others}),
              FailsWith(ErrorReason::kPolicyInvalid));
}

TEST_F(PolicyVersionsTest, AProposalIsSignedAtTheNodeAndReadByThePartner) {
  ASSERT_OK(ng_.Start(clock_));
  ASSERT_OK(ng_.Pair(ne_));
  ASSERT_OK(
      ng_.Activate({kFile, "national/ng.textproto", "local/ng.textproto"}));
  const std::string text = Revision(2, /*narrow=*/true);
  ops::ProposePolicyRequest propose;
  propose.set_request_id(Admin(ne_).NewRequestId());
  propose.mutable_file()->set_file_name("a");
  propose.mutable_file()->set_text(text);
  ASSERT_OK((Call<ops::ProposePolicyResponse>(
      ne_, &ops::PolicyService::Stub::ProposePolicy, propose)));

  ops::CompareAgreementRequest compare;
  compare.set_partner("NE");
  compare.set_agreement_id("ng-ne-bilateral");
  const auto compared = Call<ops::CompareAgreementResponse>(
      ng_, &ops::PolicyService::Stub::CompareAgreement, compare);
  ASSERT_OK(compared);
  EXPECT_TRUE(compared->in_force_between_us());
  ASSERT_EQ(compared->theirs_size(), 2);
  EXPECT_TRUE(compared->theirs(1).proposed());
  EXPECT_EQ(compared->theirs(1).text(), text);

  // One signature is not enough, two are.
  ops::ActivatePolicyRequest activate;
  activate.set_request_id(Admin(ne_).NewRequestId());
  activate.add_proposals(DigestOfText(text));
  EXPECT_THAT((Call<ops::ActivatePolicyResponse>(
                  ne_, &ops::PolicyService::Stub::ActivatePolicy, activate)),
              FailsWith(ErrorReason::kApprovalsMissing));
  for (const char* person : {"admin-1", "admin-2"}) {
    *propose.mutable_file()->mutable_signatures() = {};
    *propose.mutable_file()->add_signatures() = ne_.SignatureOf(person, text);
    propose.set_request_id(Admin(ne_).NewRequestId());
    ASSERT_OK((Call<ops::ProposePolicyResponse>(
        ne_, &ops::PolicyService::Stub::ProposePolicy, propose)));
  }
  activate.set_request_id(Admin(ne_).NewRequestId());
  ASSERT_OK((Call<ops::ActivatePolicyResponse>(
      ne_, &ops::PolicyService::Stub::ActivatePolicy, activate)));
  // Now the digests differ, and that stops the agreement between the two.
  const auto differs = Call<ops::CompareAgreementResponse>(
      ng_, &ops::PolicyService::Stub::CompareAgreement, compare);
  ASSERT_OK(differs);
  EXPECT_FALSE(differs->in_force_between_us());
  EXPECT_THAT(differs->theirs(0).flat_form(), HasSubstr("PERSON_MATCH"));
  EXPECT_EQ(AskUnder(DigestOfText(Revision(1))), "AGREEMENT_NOT_IN_FORCE");
}

TEST_F(PolicyVersionsTest, ARevisionThatWaitsForItsSwitchIsNotInForce) {
  ASSERT_OK(ng_.Start(clock_));
  ASSERT_OK(ng_.Pair(ne_));
  ASSERT_OK(
      ng_.Activate({kFile, "national/ng.textproto", "local/ng.textproto"}));
  ASSERT_OK(ne_.ActivateTexts({Revision(2)}));
  const absl::Time at = clock_.Now() + absl::Hours(2);
  ASSERT_OK(ng_.ActivateTexts({Revision(2)}, at));
  ops::CompareAgreementRequest compare;
  compare.set_partner("NG");
  compare.set_agreement_id("ng-ne-bilateral");
  absl::StatusOr<ops::CompareAgreementResponse> compared;
  // The other node reads new anchors within a second.
  const absl::Time limit = absl::Now() + absl::Seconds(20);
  do {
    compared = Call<ops::CompareAgreementResponse>(
        ne_, &ops::PolicyService::Stub::CompareAgreement, compare);
  } while (!compared.ok() && absl::Now() < limit);
  ASSERT_OK(compared);
  EXPECT_FALSE(compared->in_force_between_us());
  ASSERT_EQ(compared->theirs_size(), 2);
  EXPECT_FALSE(compared->theirs(0).has_switch_at());
  EXPECT_EQ(compared->theirs(1).switch_at().seconds(), absl::ToUnixSeconds(at));
  clock_.Advance(absl::Hours(2));
  const auto later = Call<ops::CompareAgreementResponse>(
      ne_, &ops::PolicyService::Stub::CompareAgreement, compare);
  ASSERT_OK(later);
  EXPECT_TRUE(later->in_force_between_us());
}

TEST_F(PolicyVersionsTest, ASimulationSaysWhatACandidateWouldChange) {
  const std::string first = DigestOfText(Revision(1));
  EXPECT_EQ(AskUnder(first), "NOT_AVAILABLE");
  EXPECT_EQ(AskUnder(first), "NOT_AVAILABLE");
  ops::SimulatePolicyRequest request;
  request.set_days(1);
  request.add_files()->set_text(Revision(2, /*narrow=*/true));
  const auto simulated = Call<ops::SimulatePolicyResponse>(
      ne_, &ops::PolicyService::Stub::SimulatePolicy, request);
  ASSERT_OK(simulated);
  EXPECT_EQ(simulated->decisions(), 2u);
  EXPECT_EQ(simulated->narrowed(), 2u);
  EXPECT_THAT(simulated->changed(0).after(), HasSubstr("NO_GRANT"));
  clock_.Advance(absl::Hours(25));
  EXPECT_EQ(Call<ops::SimulatePolicyResponse>(
                ne_, &ops::PolicyService::Stub::SimulatePolicy, request)
                ->decisions(),
            0u);
}

TEST_F(PolicyFlipTest, NoCallIsDecidedByTheOldFileASecondAfterActivation) {
  const std::string first = DigestOfText(Revision(1));
  std::atomic<bool> stop = false;
  std::atomic<int> before = 0;
  std::atomic<int> after = 0;
  std::mutex mutex;
  absl::Time last_old = absl::InfinitePast();
  const auto load = [&] {
    HandmadePartner& partner = *partner_;
    while (!stop) {
      fed::CaseQuestion question = partner.QuestionAbout(std::string(16, 'x'));
      question.set_agreement_digest(first);
      const auto received = partner.peer().AskCase(
          partner.Ask(question, NewUuid(random_)), absl::Seconds(5));
      if (!received.ok()) continue;
      const auto verified = partner.Verify(*received, MessageKind::kCaseAnswer);
      fed::CaseAnswer answer;
      answer.ParseFromString(verified->message.payload);
      const bool old = answer.refusal().reason() == "NOT_AVAILABLE";
      ++(old ? before : after);
      const std::lock_guard<std::mutex> lock(mutex);
      if (old) last_old = std::max(last_old, verified->leaf.time);
    }
  };
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back(load);
  while (before < 20) std::this_thread::yield();
  ASSERT_OK(ne_.ActivateTexts({Revision(2)}));
  const absl::Time activated = clock_.Now();
  while (after < 20) std::this_thread::yield();
  stop = true;
  for (std::thread& thread : threads) thread.join();
  EXPECT_LE(last_old, activated + absl::Seconds(1));
}

}  // namespace
}  // namespace comity
