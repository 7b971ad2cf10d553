#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "absl/strings/match.h"
#include "comity/operators/v1/admin_service.grpc.pb.h"
#include "node/cli/node_backup.h"
#include "node/cli/node_keys.h"
#include "node/identity/node_layout.h"
#include "node/identity/private_file.h"
#include "node/wire/card_file.h"
#include "tests/support/border.h"

namespace comity {
namespace {

namespace fs = std::filesystem;
namespace ops = operators::v1;
using Admin = ops::AdminService;

// Niger's node is backed up, goes on, and is lost.
class BackupTest : public BorderTest {
 protected:
  void SetUp() override {
    Open({});
    // Made before any backup, so that they are in it.
    Coordinator(ne_, "coord");
    Coordinator(ne_, "clearer");
    ne_.As("ORG", Role::kAuditor, "audit");
  }

  absl::StatusOr<BackupReport> BackUp() {
    return BackUpNode(ne_.directory(), file_, passphrase_, clock_.Now(),
                      random_);
  }
  absl::StatusOr<BackupReport> Restore(const std::string& directory) {
    return RestoreNode(file_, directory, passphrase_, "", random_);
  }
  // The disk is gone; the node that serves then is made of the backup.
  void LoseAndRestore() {
    ne_.Stop();
    fs::remove_all(ne_.directory());
    ASSERT_OK(Restore(ne_.directory()));
    ASSERT_OK(ne_.Start(clock_));
    // Their profiles were lost with the node, and clients read them again.
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

  void SendAway(const ops::Referral& draft) { ASSERT_OK(Send("coord", draft)); }
  bool Delivered(const ops::Referral& draft) {
    return Await([&] {
      const auto shown = Show(ne_, draft.referral_id());
      return shown.ok() && shown->referral().undelivered_events() == 0;
    });
  }
  // What a log of a node says of `kind`, one request id for each entry.
  std::vector<std::string> Logged(TestParticipant& node, const std::string& log,
                                  const std::string& kind) {
    ops::ListLogEntriesRequest request;
    request.set_log(log);
    request.set_page_size(500);
    const auto entries = As<Admin, ops::ListLogEntriesResponse>(
        node.As("ORG", Role::kAuditor, "audit"), &Admin::Stub::ListLogEntries,
        request);
    std::vector<std::string> ids;
    if (!entries.ok()) return ids;
    for (const ops::LogEntry& entry : entries->entries()) {
      if (entry.kind() == kind) ids.push_back(entry.request_id());
    }
    return ids;
  }
  // What the status of `node` says of its partner's `subject`.
  ops::StatusCheck StatusOf(TestParticipant& node, const std::string& subject) {
    const auto status = ReadStatus(node.As("ORG", Role::kAdmin, "admin-1"));
    EXPECT_OK(status);
    if (!status.ok()) return {};
    for (const ops::StatusCheck& check : status->partners(0).checks()) {
      if (check.subject() == subject) return check;
    }
    return {};
  }
  absl::Status AddAsRestored(TestParticipant& node,
                             const TestParticipant& restored) {
    ops::AddPartnerRequest request = node.PairingWith(restored);
    request.set_restored(true);
    return As<Admin, ops::AddPartnerResponse>(
               node.As("ORG", Role::kAdmin, "admin-1"),
               &Admin::Stub::AddPartner, request)
        .status();
  }

  TestDirectory place_;
  const std::string file_ = place_.Path("ne.backup");
  const SecretBytes passphrase_{"correct horse battery"};
  SystemRandom random_;
};

TEST_F(BackupTest, ANodeThatServesIsBackedUpAndServesAgainFromABlankDirectory) {
  const ops::Referral draft = MakeCase("C1", {v1::RECORD_GROUP_STATUS});
  ASSERT_OK_AND_ASSIGN(const BackupReport made, BackUp());
  EXPECT_EQ(made.participant, "NE");
  EXPECT_EQ(made.bytes, fs::file_size(file_));
  EXPECT_GT(made.entries, 0u);
  const absl::Time begin = absl::Now();
  LoseAndRestore();
  ASSERT_OK(Show(ne_, draft.referral_id()));
  EXPECT_LT(absl::Now() - begin, absl::Seconds(60));
  SendAway(draft);
  EXPECT_TRUE(Delivered(draft));
}

TEST_F(BackupTest, OthersReadNeitherTheFileNorWhatIsRestoredOfIt) {
  ASSERT_OK(BackUp());
  const std::string restored = place_.Path("restored");
  ASSERT_OK(Restore(restored));
  const NodeLayout before{ne_.directory()};
  const NodeLayout after{restored};
  EXPECT_EQ(fs::status(file_).permissions(), fs::perms(0600));
  for (const auto& key :
       {&NodeLayout::TlsKey, &NodeLayout::LogKey, &NodeLayout::WitnessKey,
        &NodeLayout::StoreKey, &NodeLayout::IssuingKey}) {
    EXPECT_EQ(ReadPrivateFile((after.*key)())->Expose(),
              ReadPrivateFile((before.*key)())->Expose());
  }
  EXPECT_FALSE(fs::exists(before.StoreFile() + ".copy"));
}

// Law 7: what waits in an old outbox may have arrived long ago.
TEST_F(BackupTest, Law7AnOldOutboxThatIsSentAgainDoublesNothing) {
  const ops::Referral draft = MakeCase("C1", {v1::RECORD_GROUP_STATUS});
  ng_.Stop();
  SendAway(draft);
  ASSERT_OK(BackUp());
  ASSERT_OK(ng_.Start(clock_));
  ASSERT_TRUE(Delivered(draft));
  const std::vector<std::string> receipts =
      Logged(ng_, "comity/NG/NE", "RECEIPT");
  ASSERT_EQ(receipts.size(), 1u);
  const auto before = Show(ng_, draft.referral_id());
  ASSERT_OK(before);

  LoseAndRestore();
  EXPECT_TRUE(Delivered(draft));
  EXPECT_EQ(Logged(ng_, "comity/NG/NE", "RECEIPT"), receipts);
  const auto after = Show(ng_, draft.referral_id());
  ASSERT_OK(after);
  EXPECT_EQ(after->history_size(), before->history_size());
  EXPECT_EQ(after->referral().ShortDebugString(),
            before->referral().ShortDebugString());
  EXPECT_TRUE(StatusOf(ne_, "own log").ok());
}

TEST_F(BackupTest, ANodeLearnsThatItsLogIsOlderThanWhatItsPartnerSaw) {
  ASSERT_OK(BackUp());
  const ops::Referral lost = MakeCase("C1", {v1::RECORD_GROUP_STATUS});
  SendAway(lost);
  ASSERT_TRUE(Delivered(lost));
  EXPECT_TRUE(StatusOf(ne_, "own log").ok());

  LoseAndRestore();
  ASSERT_TRUE(Await([&] { return !StatusOf(ne_, "own log").ok(); }));
  const ops::StatusCheck told = StatusOf(ne_, "own log");
  EXPECT_EQ(told.reason(), "LOG_FORKED");
  EXPECT_TRUE(absl::StrContains(told.detail(), "restored from an older backup"))
      << told.detail();
  EXPECT_TRUE(absl::StrContains(told.fix(), "--restored")) << told.fix();
  // Nothing leaves under a log that the partner would have to call forked.
  const ops::Referral next = MakeCase("C2", {v1::RECORD_GROUP_STATUS});
  SendAway(next);
  EXPECT_TRUE(Logged(ng_, "comity/NG/NE", "RECEIPT").size() == 1u);
}

TEST_F(BackupTest, ThePartnersAdministratorLetsARestoredNodeGoOn) {
  ASSERT_OK(BackUp());
  const ops::Referral lost = MakeCase("C1", {v1::RECORD_GROUP_STATUS});
  SendAway(lost);
  ASSERT_TRUE(Delivered(lost));
  LoseAndRestore();
  const ops::Referral next = MakeCase("C2", {v1::RECORD_GROUP_STATUS});
  SendAway(next);
  ASSERT_TRUE(Await([&] { return !StatusOf(ne_, "own log").ok(); }));

  ASSERT_OK(AddAsRestored(ng_, ne_));
  EXPECT_TRUE(Delivered(next));
  EXPECT_TRUE(StatusOf(ne_, "own log").ok());
  EXPECT_TRUE(StatusOf(ng_, "log heads").ok());
  // The other way questions are answered, after a day that may be spent.
  clock_.Advance(absl::Hours(24));
  EXPECT_EQ(OutcomeOnceReached("coord", next), "RELEASED");
}

// Its partner knows a key that went with the disk, and nothing under the one
// that is there.
TEST_F(BackupTest, ANodeOfABackupFromBeforeItsCardIsToldAndGoesOn) {
  const ops::Referral before = MakeCase("C1", {v1::RECORD_GROUP_STATUS});
  SendAway(before);
  ASSERT_TRUE(Delivered(before));
  ASSERT_OK(BackUp());
  ASSERT_OK(RotateKey(ne_.directory(), ne_.directory() + "-root", OwnKey::kLog)
                .status());
  ne_.Tick();
  for (int second = 0; second <= 20; ++second) {
    clock_.Advance(absl::Seconds(1));
    ne_.Tick();
  }
  ASSERT_TRUE(Await([&] {
    const auto status = ReadStatus(ng_.As("ORG", Role::kAdmin, "admin-1"));
    return status.ok() && status->partners(0).fingerprint() !=
                              CardFingerprint(ne_.card_text());
  }));

  LoseAndRestore();
  ASSERT_TRUE(Await([&] {
    ne_.Tick();
    return StatusOf(ne_, "own card").reason() == "VERSION_CONFLICT";
  }));
  const std::string fix = StatusOf(ne_, "own card").fix();
  EXPECT_TRUE(absl::StrContains(fix, "--restored")) << fix;

  // The card of the backup, which is older than the pinned one.
  ASSERT_OK(AddAsRestored(ng_, ne_));
  const ops::Referral next = MakeCase("C2", {v1::RECORD_GROUP_STATUS});
  SendAway(next);
  EXPECT_TRUE(Delivered(next));
}

TEST_F(BackupTest, ACardOfAnotherRootIsNoRestoredNodes) {
  const TestParticipant other("NE", clock_.Now());
  EXPECT_THAT(AddAsRestored(ng_, other), FailsWith(ErrorReason::kFieldInvalid));
}

// What was asked after the backup, the restored node does not know.
TEST_F(BackupTest, WhatPartnersMayHaveAskedSinceCountsAsAsked) {
  const ops::Referral draft = MakeCase("C1", {v1::RECORD_GROUP_STATUS});
  ASSERT_OK(BackUp());
  LoseAndRestore();
  EXPECT_EQ(OutcomeOnceReached("coord", draft), "LIMIT_REACHED");
  // A restart spends nothing more.
  clock_.Advance(absl::Hours(24));
  ne_.Stop();
  ASSERT_OK(ne_.Start(clock_));
  EXPECT_EQ(OutcomeOnceReached("coord", draft), "RELEASED");
}

TEST_F(BackupTest, OnlyAPartnerIsTakenForRestored) {
  TestParticipant togo("TG", clock_.Now());
  EXPECT_THAT(AddAsRestored(ng_, togo),
              FailsWith(ErrorReason::kPartnerUnknown));
  ops::AddPartnerRequest again = ng_.PairingWith(ne_);
  EXPECT_THAT((As<Admin, ops::AddPartnerResponse>(
                  ng_.As("ORG", Role::kAdmin, "admin-1"),
                  &Admin::Stub::AddPartner, again)),
              FailsWith(ErrorReason::kFieldInvalid));
}

TEST_F(BackupTest, WhatDoesNotVerifyIsNotRestored) {
  ASSERT_OK(BackUp());
  const std::string into = place_.Path("into");
  EXPECT_THAT(
      RestoreNode(file_, into, SecretBytes("another passphrase"), "", random_),
      FailsWith(ErrorReason::kIntegrityFailure));
  const std::string card = NodeLayout{ng_.directory()}.Card();
  EXPECT_THAT(RestoreNode(file_, into, passphrase_, card, random_),
              FailsWith(ErrorReason::kIntegrityFailure));
  {
    std::fstream file(file_, std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(-70, std::ios::end);
    const char byte = static_cast<char>(file.get());
    file.seekp(-70, std::ios::end);
    file.put(static_cast<char>(byte ^ 1));
  }
  EXPECT_THAT(Restore(into), FailsWith(ErrorReason::kIntegrityFailure));
  EXPECT_FALSE(fs::exists(into));
}

TEST_F(BackupTest, ANodeIsNotRestoredOverAnother) {
  ASSERT_OK(BackUp());
  EXPECT_THAT(Restore(ng_.directory()), FailsWith(ErrorReason::kAlreadyExists));
}

TEST_F(BackupTest, ABackupLiesOutsideOfWhatItIsOf) {
  EXPECT_THAT(BackUpNode(ne_.directory(), ne_.directory() + "/keys/b",
                         passphrase_, clock_.Now(), random_),
              FailsWith(ErrorReason::kFieldInvalid));
  EXPECT_FALSE(fs::exists(ne_.directory() + "/keys/b.part"));
}

TEST_F(BackupTest, ABackupTakesNoDevicesPlace) {
  const std::string device = place_.Path("device");
  ASSERT_EQ(mkfifo(device.c_str(), 0600), 0);
  EXPECT_THAT(
      BackUpNode(ne_.directory(), device, passphrase_, clock_.Now(), random_),
      FailsWith(ErrorReason::kFieldInvalid));
  EXPECT_TRUE(fs::is_fifo(device));
}

// It must not be found out on the day of a restore.
TEST_F(BackupTest, ANodeWhoseLogsDoNotVerifyGivesNoBackup) {
  ne_.Stop();
  {
    std::fstream file(NodeLayout{ne_.directory()}.LogKey(), std::ios::out);
    file << SigningKey::Generate(KeyAlgorithm::kEd25519)
                .ToPem(SecretBytes())
                .Expose();
  }
  EXPECT_THAT(BackUp(), FailsWith(ErrorReason::kIntegrityFailure));
  EXPECT_FALSE(fs::exists(file_));
  EXPECT_FALSE(fs::exists(file_ + ".part"));
}

}  // namespace
}  // namespace comity
