#include <future>

#include "absl/strings/str_replace.h"
#include "comity/operators/v1/case_service.grpc.pb.h"
#include "comity/operators/v1/referral_service.grpc.pb.h"
#include "comity/operators/v1/referral_step_service.grpc.pb.h"
#include "comity/operators/v1/table_service.grpc.pb.h"
#include "node/identity/node_layout.h"
#include "tests/support/silent_server.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_participant.h"

namespace comity {
namespace {

namespace ops = operators::v1;

// Law 12 between real nodes: Niger answers, Togo takes connections and is
// silent, either below TLS or in the middle of each call.
class SilentPartnerTest : public testing::TestWithParam<bool> {
 protected:
  // Togo's address is taken by something that never answers `caller`.
  void SilenceTogo(const TestParticipant& caller) {
    const std::string address = tg_.card().endpoints[0];
    if (GetParam()) {
      hanging_ = std::make_unique<HangingNode>(address,
                                               TlsFilesOf(tg_, caller.card()));
    } else {
      black_hole_ = std::make_unique<BlackHole>(address);
    }
  }

  // Adds each to the other's partners.
  void PairBoth(TestParticipant& a, TestParticipant& b) {
    ASSERT_OK(a.Pair(b));
    ASSERT_OK(b.Pair(a));
  }

  template <typename Response, typename Service, typename Method,
            typename Request>
  absl::StatusOr<Response> Call(TestParticipant& node, Role role, Method method,
                                Request request, int seconds = 15) {
    CommandContext& person =
        node.As("ORG", role, role == Role::kCoordinator ? "coord" : "other");
    request.set_request_id(person.NewRequestId());
    return person.Call<Service, Response>(method, request,
                                          std::chrono::seconds(seconds));
  }

  // Niger, which published 2018, and Togo, which is silent, are its members.
  void ServeCommission(TestParticipant& ecowas) {
    ASSERT_OK(ne_.Start(clock_));
    ASSERT_OK(ecowas.Start(clock_));
    PairBoth(ne_, ecowas);
    ASSERT_OK(ecowas.Pair(tg_));
    ASSERT_OK(ne_.Activate(
        {"agreements/ecowas-counts.textproto", "local/ne.textproto"}));
    ASSERT_OK(ecowas.Activate(
        {"agreements/ecowas-counts.textproto", "local/ecowas.textproto"}));
    ne_.Stop();
    ASSERT_OK(ne_.Start(clock_));
    ops::PublishPeriodRequest publish;
    publish.set_period("2018");
    ASSERT_OK((Call<ops::PublishPeriodResponse, ops::TableService>(
        ne_, Role::kStatistician, &ops::TableService::Stub::PublishPeriod,
        publish)));
    SilenceTogo(ecowas);
  }

  static bool Await(const std::function<bool()>& done) {
    const absl::Time limit = absl::Now() + absl::Seconds(20);
    while (!done()) {
      if (absl::Now() > limit) return false;
    }
    return true;
  }

  FakeClock clock_{absl::Now()};
  TestParticipant ne_{"NE", clock_.Now()};
  TestParticipant tg_{"TG", clock_.Now()};
  std::unique_ptr<HangingNode> hanging_;
  std::unique_ptr<BlackHole> black_hole_;
};

// The commission asks both; Niger's figures come, and Togo is named with why.
TEST_P(SilentPartnerTest, Law12OneSilentMemberDoesNotKeepTheTable) {
  TestParticipant ecowas("ECOWAS", clock_.Now(), true);
  ASSERT_NO_FATAL_FAILURE(ServeCommission(ecowas));
  ops::RequestTableRequest ask;
  ask.add_members("TG");
  ask.add_members("NE");
  ask.set_period("2018");
  ask.add_dimensions("sex");
  // Her own deadline is shorter than the one that members are given.
  const auto table = Call<ops::RequestTableResponse, ops::TableService>(
      ecowas, Role::kCommission, &ops::TableService::Stub::RequestTable, ask,
      3);
  ASSERT_OK(table);
  EXPECT_TRUE(table->members(1).has_table()) << table->members(1).message();
  EXPECT_FALSE(table->members(0).has_table());
  EXPECT_THAT(table->members(0).reason(),
              testing::AnyOf("DEADLINE_EXCEEDED", "PEER_UNREACHABLE"));
  EXPECT_TRUE(hanging_ == nullptr || hanging_->calls() > 0);
}

// While the table waits for Togo its asker, and nobody else, reads that one of
// two has answered; at the end there is nothing more to read.
TEST_P(SilentPartnerTest, WhoWaitsForATableReadsHowManyHaveAnswered) {
  TestParticipant ecowas("ECOWAS", clock_.Now(), true);
  ASSERT_NO_FATAL_FAILURE(ServeCommission(ecowas));
  CommandContext& analyst = ecowas.As("ORG", Role::kCommission, "other");
  // A context is for one thread; the person is the same.
  CommandContext waiting;
  waiting.profile = analyst.profile;
  CommandContext& colleague = ecowas.As("ORG", Role::kCommission, "colleague");
  ops::RequestTableRequest ask;
  ask.set_request_id(analyst.NewRequestId());
  ask.add_members("TG");
  ask.add_members("NE");
  ask.set_period("2018");
  ask.add_dimensions("sex");
  const auto progress = [&](CommandContext& person) {
    ops::GetTableProgressRequest request;
    request.set_asked_as(ask.request_id());
    const auto told =
        person.Call<ops::TableService, ops::GetTableProgressResponse>(
            &ops::TableService::Stub::GetTableProgress, request);
    EXPECT_OK(told);
    return told.ok() ? *told : ops::GetTableProgressResponse();
  };
  EXPECT_EQ(progress(waiting).asked(), 0u);
  auto table = std::async(std::launch::async, [&] {
    return analyst.Call<ops::TableService, ops::RequestTableResponse>(
        &ops::TableService::Stub::RequestTable, ask, std::chrono::seconds(6));
  });
  EXPECT_TRUE(Await([&] {
    const ops::GetTableProgressResponse told = progress(waiting);
    return told.asked() == 2 && told.answered() == 1 &&
           told.without_answer() == 0;
  }));
  EXPECT_EQ(progress(colleague).asked(), 0u);
  const absl::StatusOr<ops::RequestTableResponse> answer = table.get();
  ASSERT_OK(answer);
  EXPECT_EQ(answer->answered(), 1u);
  EXPECT_EQ(progress(waiting).asked(), 0u);
}

// Niger's referral to Nigeria arrives while the one to Togo waits for Togo.
class SilentReceiverTest : public SilentPartnerTest {
 protected:
  void SetUp() override {
    ASSERT_OK(ne_.Start(clock_));
    ASSERT_OK(ng_.Start(clock_));
    PairBoth(ne_, ng_);
    ASSERT_OK(ne_.Pair(tg_));
    const std::string bilateral =
        ReadyPolicy("agreements/ng-ne-bilateral.textproto");
    const std::string with_togo = absl::StrReplaceAll(
        bilateral, {{"ng-ne-bilateral", "ne-tg"}, {"\"NG\"", "\"TG\""}});
    ASSERT_OK(ne_.ActivateTexts(
        {bilateral, with_togo, ReadyPolicy("local/ne.textproto")}));
    ASSERT_OK(
        ng_.ActivateTexts({bilateral, ReadyPolicy("local/ng.textproto")}));
    ng_.Stop();
    ASSERT_OK(ng_.Start(clock_));
    ops::CreateCaseRequest create;
    create.mutable_record()->set_x_local_reference("C1");
    create.mutable_record()->set_cas_status("Active");
    create.mutable_screening();
    ASSERT_OK((Call<ops::CreateCaseResponse, ops::CaseService>(
        ne_, Role::kCoordinator, &ops::CaseService::Stub::CreateCase, create)));
  }

  // Consents, drafts and sends; returns the referral's id.
  std::string SendTo(const std::string& receiver) {
    ops::RecordConsentRequest consent;
    consent.set_case_id("C1");
    auto* act = consent.mutable_consent();
    act->set_recipient(receiver);
    act->set_purpose("SAFE_RETURN");
    act->add_groups(v1::RECORD_GROUP_STATUS);
    act->set_state("GIVEN");
    act->set_language("ha");
    act->set_withdrawal_channel("SHELTER");
    EXPECT_OK((Call<ops::RecordConsentResponse, ops::CaseService>(
        ne_, Role::kCoordinator, &ops::CaseService::Stub::RecordConsent,
        consent)));
    ops::CreateReferralRequest draft;
    draft.set_case_id("C1");
    draft.set_receiver(receiver);
    draft.set_purpose("SAFE_RETURN");
    const auto drafted =
        Call<ops::CreateReferralResponse, ops::ReferralService>(
            ne_, Role::kCoordinator,
            &ops::ReferralService::Stub::CreateReferral, draft);
    EXPECT_OK(drafted);
    ops::ClearReferralRequest clear;
    CommandContext& second = ne_.As("ORG", Role::kCoordinator, "second");
    clear.set_request_id(second.NewRequestId());
    clear.set_referral_id(drafted->referral().referral_id());
    clear.set_risk("LOW");
    clear.set_reflection_waived(true);
    EXPECT_OK(
        (second.Call<ops::ReferralStepService, ops::ClearReferralResponse>(
            &ops::ReferralStepService::Stub::ClearReferral, clear)));
    ops::SendReferralRequest send;
    send.set_referral_id(drafted->referral().referral_id());
    EXPECT_OK((Call<ops::SendReferralResponse, ops::ReferralService>(
        ne_, Role::kCoordinator, &ops::ReferralService::Stub::SendReferral,
        send)));
    return send.referral_id();
  }

  uint32_t Undelivered(const std::string& id) {
    ops::GetReferralRequest request;
    request.set_referral_id(id);
    CommandContext& coord = ne_.As("ORG", Role::kCoordinator, "coord");
    const auto shown =
        coord.Call<ops::ReferralService, ops::GetReferralResponse>(
            &ops::ReferralService::Stub::GetReferral, request);
    EXPECT_OK(shown);
    return shown->referral().undelivered_events();
  }

  TestParticipant ng_{"NG", clock_.Now()};
};

TEST_P(SilentReceiverTest, Law12OneSilentReceiverDelaysNoOther) {
  SilenceTogo(ne_);
  const std::string to_togo = SendTo("TG");
  if (hanging_ != nullptr) {
    ASSERT_TRUE(Await([&] { return hanging_->calls() > 0; }));
  }
  const absl::Time start = absl::Now();
  const std::string to_nigeria = SendTo("NG");
  EXPECT_TRUE(Await([&] { return Undelivered(to_nigeria) == 0; }));
  // Well inside the 5 seconds that a call to Togo hangs.
  EXPECT_LT(absl::Now() - start, absl::Seconds(4));
  EXPECT_EQ(Undelivered(to_togo), 1u);
}

INSTANTIATE_TEST_SUITE_P(All, SilentPartnerTest, testing::Bool(),
                         [](const auto& info) {
                           return info.param ? "HangsInTheCall" : "BlackHole";
                         });
INSTANTIATE_TEST_SUITE_P(All, SilentReceiverTest, testing::Bool(),
                         [](const auto& info) {
                           return info.param ? "HangsInTheCall" : "BlackHole";
                         });

}  // namespace
}  // namespace comity
