#include <optional>
#include <sstream>

#include "absl/strings/match.h"
#include "comity/operators/v1/admin_service.grpc.pb.h"
#include "node/identity/node_layout.h"
#include "node/store/sqlite/journal.h"
#include "tests/support/border.h"
#include "tests/support/file_bytes.h"

namespace comity {
namespace {

namespace ops = operators::v1;
using Admin = ops::AdminService;

// What a node's store consists of at one instant.
struct StoreFiles {
  std::string file;
  std::string journal;

  uint64_t WholeBytes() const {
    std::istringstream bytes(journal);
    return ReadJournal(bytes).whole_bytes;
  }
};

// Niger's node dies, and its disk has lost the end of what was written.
class CutStoreTest : public BorderTest {
 protected:
  void SetUp() override {
    Open({});
    Coordinator(ne_, "coord");
    Coordinator(ne_, "clearer");
  }

  std::string StorePath() const {
    return NodeLayout{ne_.directory()}.StoreFile();
  }
  StoreFiles Copy() const {
    std::string file = ReadBytes(StorePath());
    return {std::move(file), ReadBytes(StorePath() + "-wal")};
  }

  // Sends a referral, and returns the files of before and after; false if the
  // journal was carried into the store's file in between, or began anew.
  bool SendBetweenCopies(const std::string& reference, StoreFiles& before,
                         StoreFiles& after) {
    const ops::Referral draft = MakeCase(reference, {v1::RECORD_GROUP_STATUS});
    before = Copy();
    EXPECT_OK(Send("coord", draft));
    EXPECT_TRUE(Await([&] {
      const auto shown = Show(ne_, draft.referral_id());
      return shown.ok() && shown->referral().undelivered_events() == 0;
    }));
    after = Copy();
    return before.file == after.file &&
           absl::StartsWith(after.journal,
                            before.journal.substr(0, before.WholeBytes()));
  }

  // Serves what the disk kept, once people reach it again.
  void DieAndServe(const StoreFiles& kept) {
    ne_.Stop();
    WriteStoreFiles(StorePath(), kept.file, kept.journal);
    ASSERT_OK(ne_.Start(clock_));
    for (CommandContext* person :
         {&ne_.As("ORG", Role::kAdmin, "admin-1"), &Coordinator(ne_, "coord"),
          &Coordinator(ne_, "clearer")}) {
      ASSERT_TRUE(Await([&] {
        return ReasonOf(ReadStatus(*person).status()) !=
               ErrorReason::kPeerUnreachable;
      }));
    }
  }
  absl::StatusOr<ops::GetStatusResponse> ReadStatus(CommandContext& person) {
    return As<Admin, ops::GetStatusResponse>(person, &Admin::Stub::GetStatus,
                                             ops::GetStatusRequest());
  }
  // What the status of Niger's node says of its log for Nigeria.
  std::optional<ops::StatusCheck> OwnLog() {
    const auto status = ReadStatus(ne_.As("ORG", Role::kAdmin, "admin-1"));
    EXPECT_OK(status);
    if (!status.ok()) return std::nullopt;
    for (const ops::StatusCheck& check : status->partners(0).checks()) {
      if (check.subject() == "own log") return check;
    }
    return std::nullopt;
  }
};

// Nothing in the files tells of a commit that is gone to its last byte; the
// partner has seen its head.
TEST_F(CutStoreTest, WhatIsCutOffWithoutATraceTheLogsPartnerTells) {
  StoreFiles before;
  StoreFiles after;
  // That happens after a thousand pages, so not twice in a row.
  if (!SendBetweenCopies("C1", before, after)) {
    ASSERT_TRUE(SendBetweenCopies("C2", before, after));
  }
  ASSERT_LT(before.WholeBytes(), after.WholeBytes());
  ASSERT_TRUE(OwnLog().has_value());
  EXPECT_TRUE(OwnLog()->ok());

  DieAndServe({after.file, after.journal.substr(0, before.WholeBytes())});
  ASSERT_TRUE(Await([&] {
    const auto told = OwnLog();
    return told.has_value() && !told->ok();
  }));
  const ops::StatusCheck told = *OwnLog();
  EXPECT_EQ(told.reason(), "LOG_FORKED");
  EXPECT_TRUE(absl::StrContains(told.detail(), "its disk lost"))
      << told.detail();
  EXPECT_TRUE(absl::StrContains(told.fix(), "--restored")) << told.fix();
}

TEST_F(CutStoreTest, AllThatWasWrittenIsThereAndNothingIsTold) {
  StoreFiles before;
  StoreFiles after;
  if (!SendBetweenCopies("C1", before, after)) {
    ASSERT_TRUE(SendBetweenCopies("C2", before, after));
  }
  // Half a commit more, which nobody was told of.
  after.journal = after.journal.substr(0, after.WholeBytes());
  DieAndServe({after.file, after.journal + after.journal.substr(32, 1000)});
  ASSERT_TRUE(OwnLog().has_value());
  EXPECT_TRUE(OwnLog()->ok());
  const ops::Referral next = MakeCase("C3", {v1::RECORD_GROUP_STATUS});
  ASSERT_OK(Send("coord", next));
  EXPECT_TRUE(Await([&] {
    const auto shown = Show(ne_, next.referral_id());
    return shown.ok() && shown->referral().undelivered_events() == 0;
  }));
}

// What it signed before must not be signed over.
TEST_F(CutStoreTest, AStoreWithoutItsEndDoesNotServe) {
  ne_.Stop();
  const std::string file = ReadBytes(StorePath());
  WriteStoreFiles(StorePath(), file.substr(0, file.size() - 1), "");
  EXPECT_THAT(ne_.Start(clock_), FailsWith(ErrorReason::kIntegrityFailure));
  WriteStoreFiles(StorePath(), file, "");
  EXPECT_OK(ne_.Start(clock_));
}

}  // namespace
}  // namespace comity
