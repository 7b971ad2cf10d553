#include "comity/operators/v1/admin_service.grpc.pb.h"
#include "comity/operators/v1/policy_service.grpc.pb.h"
#include "tests/support/border.h"

namespace comity {
namespace {

namespace ops = operators::v1;
using Admin = ops::AdminService;
using testing::HasSubstr;
using testing::StartsWith;

constexpr char kFile[] = "agreements/ng-ne-bilateral.textproto";

// Niger and Nigeria hold the same agreement, until one of them activates
// another revision of it. Nobody asks for a probe.
class AgreementDifferenceTest : public BorderTest {
 protected:
  explicit AgreementDifferenceTest(bool ng_outbound_only = false)
      : BorderTest(ng_outbound_only) {}
  void SetUp() override {
    ASSERT_NO_FATAL_FAILURE(Open({}));
    EXPECT_EQ(AgreementAt(ne_).detail(), "");
    ng_.Tick();
    ExpectBoth(true, "the same digest on both sides, as of ");
  }

  CommandContext& Administrator(TestParticipant& node) {
    return node.As("ORG", Role::kAdmin, "admin-1");
  }
  ops::GetStatusResponse StatusOf(TestParticipant& node, bool probe = false) {
    ops::GetStatusRequest request;
    request.set_probe(probe);
    const auto status = As<Admin, ops::GetStatusResponse>(
        Administrator(node), &Admin::Stub::GetStatus, request);
    EXPECT_OK(status);
    return status.ok() ? *status : ops::GetStatusResponse();
  }
  template <typename Checks>
  static ops::StatusCheck CheckOf(const Checks& checks,
                                  const std::string& subject) {
    for (const ops::StatusCheck& check : checks) {
      if (check.subject() == subject) return check;
    }
    return {};
  }
  // What a node's status says of the agreement with the other.
  ops::StatusCheck AgreementAt(TestParticipant& node) {
    const ops::GetStatusResponse status = StatusOf(node);
    if (status.partners_size() != 1) return {};
    return CheckOf(status.partners(0).checks(), "agreement ng-ne-bilateral");
  }
  bool Says(TestParticipant& node, bool ok, const std::string& words) {
    const ops::StatusCheck check = AgreementAt(node);
    return check.ok() == ok && check.detail().find(words) != std::string::npos;
  }
  void ExpectBoth(bool ok, const std::string& words) {
    for (TestParticipant* node : {&ne_, &ng_}) {
      EXPECT_TRUE(Await([&] { return Says(*node, ok, words); }))
          << node->code().text() << ": "
          << AgreementAt(*node).ShortDebugString();
    }
  }
  // The channel waits before it dials one again that was away.
  bool NigerReachesNigeria() {
    return Await([&] {
      const ops::GetStatusResponse status = StatusOf(ne_, /*probe=*/true);
      return CheckOf(status.partners(0).checks(), "reachable").ok();
    });
  }
  static std::string Next() {
    return PolicyText(kFile, {{"revision: 1", "revision: 2"}});
  }
};

class CollectedDifferenceTest : public AgreementDifferenceTest {
 protected:
  CollectedDifferenceTest()
      : AgreementDifferenceTest(/*ng_outbound_only=*/true) {}
};

TEST_F(AgreementDifferenceTest, AnActivationShowsAtBothSidesAndSoDoesItsCure) {
  ASSERT_OK(ng_.ActivateTexts({Next()}));
  ng_.Tick();
  ExpectBoth(false, "the digests differ, as of ");
  EXPECT_THAT(AgreementAt(ne_).fix(),
              StartsWith("comity policy compare NG ng-ne-bilateral"));
  EXPECT_THAT(AgreementAt(ng_).fix(),
              StartsWith("comity policy compare NE ng-ne-bilateral"));
  ASSERT_TRUE(NigerReachesNigeria());
  ASSERT_OK(ne_.ActivateTexts({Next()}));
  ne_.Tick();
  ExpectBoth(true, "the same digest on both sides, as of ");
}

TEST_F(AgreementDifferenceTest, ItWaitsInTheInboxOfWhoMayActivate) {
  EXPECT_EQ(Inbox(Administrator(ne_)).differences_size(), 0);
  ASSERT_OK(ng_.ActivateTexts({Next()}));
  ng_.Tick();
  ExpectBoth(false, "the digests differ");
  const ops::ListInboxResponse inbox = Inbox(Administrator(ne_));
  ASSERT_EQ(inbox.differences_size(), 1);
  EXPECT_EQ(inbox.differences(0).partner(), "NG");
  EXPECT_EQ(inbox.differences(0).agreement_id(), "ng-ne-bilateral");
  EXPECT_EQ(inbox.differences(0).detail(), "the digests differ");
  EXPECT_EQ(inbox.differences(0).fix(), AgreementAt(ne_).fix());
  EXPECT_EQ(Inbox(Coordinator(ne_, "coord")).differences_size(), 0);
}

TEST_F(AgreementDifferenceTest, ARollBackIsToldAtOnceToo) {
  ASSERT_OK(ng_.ActivateTexts({Next()}));
  ng_.Tick();
  ExpectBoth(false, "the digests differ");
  ops::RollbackPolicyRequest request;
  request.set_kind("agreement");
  request.set_policy_id("ng-ne-bilateral");
  ASSERT_OK((As<ops::PolicyService, ops::RollbackPolicyResponse>(
      Administrator(ng_), &ops::PolicyService::Stub::RollbackPolicy, request)));
  ng_.Tick();
  ExpectBoth(true, "the same digest on both sides");
}

TEST_F(AgreementDifferenceTest, ATimedSwitchDiffersFromItsMomentOn) {
  ASSERT_OK(ng_.ActivateTexts({Next()}, clock_.Now() + absl::Seconds(30)));
  ng_.Tick();
  ASSERT_TRUE(Await([&] {
    return Says(ne_, true, "revision 2, which waits for its switch there");
  }));
  ExpectBoth(true, "the same digest on both sides");
  EXPECT_THAT(CheckOf(StatusOf(ng_).checks(), "agreements").detail(),
              StartsWith("1 in force, 1 switch waits for 20"));
  clock_.Advance(absl::Seconds(30));
  ng_.Tick();
  ExpectBoth(false, "the digests differ");
  EXPECT_EQ(CheckOf(StatusOf(ng_).checks(), "agreements").detail(),
            "1 in force");
}

TEST_F(CollectedDifferenceTest, OneThatCannotBeCalledTellsAndLearnsByItsCalls) {
  ASSERT_OK(ng_.ActivateTexts({Next()}));
  ng_.Tick();
  ExpectBoth(false, "the digests differ");
  EXPECT_THAT(AgreementAt(ne_).fix(), HasSubstr("comity policy digest"));
  EXPECT_THAT(AgreementAt(ng_).fix(), StartsWith("comity policy compare NE"));
  ASSERT_OK(ne_.ActivateTexts({Next()}));
  ne_.Tick();
  // Niger sees it for itself; Nigeria when its next hour begins.
  EXPECT_TRUE(Says(ne_, true, "the same digest"));
  EXPECT_TRUE(Says(ng_, false, "the digests differ"));
  clock_.Advance(absl::Hours(1));
  ng_.Tick();
  ExpectBoth(true, "the same digest on both sides");
}

}  // namespace
}  // namespace comity
