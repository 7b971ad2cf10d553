#include <set>

#include "comity/operators/v1/policy_service.grpc.pb.h"
#include "node/cli/all_pages.h"
#include "tests/support/border.h"
#include "tests/support/operator_call.h"

namespace comity {
namespace {

class PageSizeTest : public BorderTest {
 protected:
  // Somebody of Niger's who may call the method.
  CommandContext& WhoMay(const std::string& name) {
    if (name.starts_with("AdminService")) {
      return ne_.As("ORG", Role::kAuditor, "auditor");
    }
    if (name.starts_with("PolicyService")) {
      return ne_.As("ORG", Role::kAdmin, "admin-1");
    }
    if (name.starts_with("SubjectService")) {
      return ne_.As("ORG", Role::kDataProtectionOfficer, "dpo");
    }
    if (name == "TableService/ListReleases") {
      return ecowas_.As("ORG", Role::kCommission, "asker");
    }
    if (name.starts_with("TableService")) {
      return ne_.As("ORG", Role::kStatistician, "stat");
    }
    return Coordinator(ne_, "coord");
  }

  TestParticipant ecowas_{"ECOWAS", clock_.Now(), true};
};

// A page of fewer than no entries is a mistake of the caller's, and is told so
// by every listing instead of being taken for another size.
TEST_F(PageSizeTest, EveryListingRefusesANegativeSize) {
  Open({});
  MakeCase("C1", {});
  ASSERT_OK(ecowas_.Start(clock_));
  ASSERT_OK(ecowas_.Activate({"local/ecowas.textproto"}));
  const std::vector<std::string> listings = OperatorMethodsWith("page_size");
  EXPECT_GE(listings.size(), 10u);
  for (const std::string& name : listings) {
    SCOPED_TRACE(name);
    const auto refused = CallByName(WhoMay(name), name,
                                    name == "SubjectService/GetSubjectReport"
                                        ? "case_id: 'C1' page_size: -1"
                                        : "page_size: -1");
    EXPECT_THAT(refused, FailsWith(ErrorReason::kFieldInvalid));
    EXPECT_THAT(std::string(refused.status().message()),
                testing::HasSubstr("page_size"));
  }
}

// Every policy is told once, however small the pages.
TEST_F(PageSizeTest, PagesTellAllAndEndWhereTheListEnds) {
  Open({});
  namespace ops = operators::v1;
  CommandContext& admin = ne_.As("ORG", Role::kAdmin, "admin-1");
  ops::ListPoliciesRequest request;
  request.set_page_size(1);
  const auto first = admin.Call<ops::PolicyService, ops::ListPoliciesResponse>(
      &ops::PolicyService::Stub::ListPolicies, request);
  ASSERT_OK(first);
  EXPECT_EQ(first->active_size(), 1);
  EXPECT_EQ(first->next_page_token(), "1");
  const auto all = CallAll<ops::PolicyService, ops::ListPoliciesResponse>(
      admin, &ops::PolicyService::Stub::ListPolicies, request);
  ASSERT_OK(all);
  ASSERT_EQ(all->active_size(), 2);
  EXPECT_NE(all->active(0).kind(), all->active(1).kind());
  EXPECT_EQ(all->next_page_token(), "");
  for (const char* broken : {"3", "-1", "x"}) {
    request.set_page_token(broken);
    const auto refused =
        admin.Call<ops::PolicyService, ops::ListPoliciesResponse>(
            &ops::PolicyService::Stub::ListPolicies, request);
    EXPECT_THAT(refused, FailsWith(ErrorReason::kFieldInvalid));
  }
}

// Three drafts of one instant, on pages of two; and again while another comes.
TEST_F(PageSizeTest, EveryReferralOfOneInstantIsToldOnce) {
  Open({});
  namespace ops = operators::v1;
  std::set<std::string> drafts;
  for (const char* name : {"C1", "C2", "C3"}) {
    drafts.insert(MakeCase(name, {v1::RECORD_GROUP_STATUS}).referral_id());
  }
  ops::ListReferralsRequest request;
  request.set_page_size(2);
  const auto list = [&](const std::string& token) {
    request.set_page_token(token);
    const auto page =
        Coordinator(ne_, "coord")
            .Call<ops::ReferralService, ops::ListReferralsResponse>(
                &ops::ReferralService::Stub::ListReferrals, request);
    EXPECT_OK(page);
    return *page;
  };
  const ops::ListReferralsResponse first = list("");
  MakeCase("C4", {v1::RECORD_GROUP_STATUS});
  const ops::ListReferralsResponse second = list(first.next_page_token());
  EXPECT_EQ(second.next_page_token(), "");
  std::set<std::string> told;
  for (const ops::ListReferralsResponse& page : {first, second}) {
    for (const ops::Referral& each : page.referrals()) {
      EXPECT_TRUE(told.insert(each.referral_id()).second);
    }
  }
  EXPECT_EQ(told, drafts);
}

// What has ended since takes up no place on a page of what waits.
TEST_F(PageSizeTest, AnOldReferralThatWaitsIsFoundBehindNewerOnesThatEnded) {
  Open({});
  namespace ops = operators::v1;
  const ops::Referral old = MakeCase("C1", {v1::RECORD_GROUP_STATUS});
  for (const char* name : {"C2", "C3"}) {
    const ops::Referral ended = MakeCase(name, {v1::RECORD_GROUP_STATUS});
    ASSERT_OK(Send("coord", ended));
    ASSERT_TRUE(Await([&] { return Show(ng_, ended.referral_id()).ok(); }));
    ops::DeclineReferralRequest decline;
    decline.set_referral_id(ended.referral_id());
    decline.set_reason("NO_CAPACITY");
    ASSERT_OK((As<ops::ReferralService, ops::DeclineReferralResponse>(
        Coordinator(ng_, "officer"),
        &ops::ReferralService::Stub::DeclineReferral, decline)));
    ASSERT_TRUE(Await([&] {
      return Show(ne_, ended.referral_id())->referral().state() == "DECLINED";
    }));
  }
  ops::ListReferralsRequest request;
  request.set_page_size(1);
  request.set_waiting_only(true);
  const auto waiting =
      Coordinator(ne_, "coord")
          .Call<ops::ReferralService, ops::ListReferralsResponse>(
              &ops::ReferralService::Stub::ListReferrals, request);
  ASSERT_OK(waiting);
  ASSERT_EQ(waiting->referrals_size(), 1);
  EXPECT_EQ(waiting->referrals(0).referral_id(), old.referral_id());
}

}  // namespace
}  // namespace comity
