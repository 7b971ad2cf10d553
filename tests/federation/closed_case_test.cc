#include <fstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "comity/operators/v1/retention_service.grpc.pb.h"
#include "comity/operators/v1/subject_service.grpc.pb.h"
#include "node/identity/node_layout.h"
#include "node/identity/private_file.h"
#include "node/store/sqlite/database.h"
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
  std::string CloseOne(const std::string& reference = "C1") {
    const std::string id = Refer(reference);
    AgreeOnPlan(id);
    Travel(id);
    EXPECT_OK(Assist(id));
    EXPECT_OK(FollowUp(id));
    EXPECT_OK(Close(id));
    ExpectBoth(id, "CLOSED");
    return id;
  }
  absl::Status See(const std::string& reference = "C1") {
    ops::GetCaseRequest request;
    request.set_case_id(reference);
    return As<ops::CaseService, ops::GetCaseResponse>(
               Coordinator(ne_, "coord"), &ops::CaseService::Stub::GetCase,
               request)
        .status();
  }
  uint64_t OwnLogSize(SqliteDatabase& editor) {
    auto row = editor.Query("SELECT size FROM logs WHERE name = ?",
                            absl::string_view("comity/NE"));
    EXPECT_OK(row);
    if (!row.ok() || !row->Step().value_or(false)) return 0;
    return static_cast<uint64_t>(row->Int(0));
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

// A disk damaged what the own log says of the first of two.
TEST_F(ClosedCaseTest, OneThatCannotGoKeepsNobodyElse) {
  const auto editor =
      SqliteDatabase::Open(NodeLayout{ne_.directory()}.StoreFile(), false);
  ASSERT_OK(editor);
  const uint64_t from = OwnLogSize(**editor);
  CloseOne("C1");
  const uint64_t until = OwnLogSize(**editor);
  ASSERT_LT(from, until);
  CloseOne("C2");
  ASSERT_OK((*editor)->Execute(
      absl::StrCat("UPDATE log_leaves SET sealed_opening = x'00' WHERE log = "
                   "(SELECT id FROM logs WHERE name = CAST('comity/NE' AS "
                   "BLOB)) AND leaf_index >= ",
                   from, " AND leaf_index < ", until)
          .c_str()));
  KeepFor(1);
  ASSERT_TRUE(Await([&] { return Due().items_size() == 2; }));
  clock_.Advance(absl::Hours(24 * 2));
  ASSERT_TRUE(Await([&] {
    ne_.Tick();
    return !See("C2").ok();
  }));
  EXPECT_OK(See("C1"));
  ASSERT_EQ(Due().items_size(), 1);
  // Whoever runs it by hand is told.
  ops::PurgeDueRequest request;
  CommandContext& dpo = ne_.As("ORG", Role::kDataProtectionOfficer, "dpo");
  request.set_request_id(dpo.NewRequestId());
  EXPECT_THAT((As<ops::RetentionService, ops::PurgeDueResponse>(
                   dpo, &ops::RetentionService::Stub::PurgeDue, request)
                   .status()),
              FailsWith(ErrorReason::kIntegrityFailure));
}

TEST_F(ClosedCaseTest, ACaseWhoseReferralIsUnderWayIsNotClosed) {
  const std::string id = Refer("C1");
  ASSERT_OK(Accept(id));
  KeepFor(1);
  EXPECT_EQ(Due().items_size(), 0);
}

}  // namespace
}  // namespace comity
