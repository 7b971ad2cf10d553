#include <fstream>

#include "absl/strings/str_replace.h"
#include "comity/operators/v1/retention_service.grpc.pb.h"
#include "comity/operators/v1/subject_service.grpc.pb.h"
#include "node/identity/node_layout.h"
#include "node/identity/private_file.h"
#include "tests/support/referral_story.h"

namespace comity {
namespace {

namespace ops = operators::v1;
using testing::HasSubstr;

// Niger's own cases, kept for so many days after their referrals are over.
class ClosedCaseTest : public ReferralStory {
 protected:
  void SetUp() override { Open({}); }

  void KeepFor(int days) {
    ne_.Stop();
    const std::string path = NodeLayout{ne_.directory()}.Config();
    const std::string text = *ReadPublicFile(path);
    ASSERT_THAT(text, HasSubstr("closed_case_days: 0"));
    std::ofstream(path) << absl::StrReplaceAll(
        text,
        {{"closed_case_days: 0", "closed_case_days: " + std::to_string(days)}});
    ASSERT_OK(ne_.Start(clock_));
  }
  // Referred, travelled, assisted and closed.
  std::string CloseOne() {
    const std::string id = Refer("C1");
    AgreeOnPlan(id);
    Travel(id);
    EXPECT_OK(Assist(id));
    EXPECT_OK(FollowUp(id));
    EXPECT_OK(Close(id));
    ExpectBoth(id, "CLOSED");
    return id;
  }
  absl::Status See() {
    ops::GetCaseRequest request;
    request.set_case_id("C1");
    return As<ops::CaseService, ops::GetCaseResponse>(
               Coordinator(ne_, "coord"), &ops::CaseService::Stub::GetCase,
               request)
        .status();
  }
  ops::GetRetentionResponse Due() {
    const auto due = As<ops::RetentionService, ops::GetRetentionResponse>(
        ne_.As("ORG", Role::kDataProtectionOfficer, "dpo"),
        &ops::RetentionService::Stub::GetRetention, ops::GetRetentionRequest());
    EXPECT_OK(due);
    return due.ok() ? *due : ops::GetRetentionResponse();
  }
};

TEST_F(ClosedCaseTest, ItIsErasedWhenItsPeriodEndsAndItsPartnerKeepsItsOwn) {
  const std::string id = CloseOne();
  EXPECT_EQ(Due().items_size(), 0);
  KeepFor(30);
  ASSERT_EQ(Due().items_size(), 1);
  EXPECT_EQ(Due().items(0).kind(), "OWN_CASE");
  EXPECT_EQ(Due().items(0).cause(), "CLOSED_CASE_DAYS");
  clock_.Advance(absl::Hours(24 * 29));
  ne_.Tick();
  EXPECT_OK(See());
  clock_.Advance(absl::Hours(24 * 2));
  ASSERT_TRUE(Await([&] {
    ne_.Tick();
    return !See().ok();
  }));
  EXPECT_THAT(std::string(See().message()),
              HasSubstr("by the node itself, ground RETENTION_ENDED"));
  EXPECT_TRUE(Show(ne_, id)->referral().erased());
  EXPECT_FALSE(Show(ng_, id)->referral().erased());
}

TEST_F(ClosedCaseTest, ACaseWhoseReferralIsUnderWayIsNotClosed) {
  const std::string id = Refer("C1");
  ASSERT_OK(Accept(id));
  KeepFor(1);
  EXPECT_EQ(Due().items_size(), 0);
}

}  // namespace
}  // namespace comity
