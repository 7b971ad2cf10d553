#include <filesystem>

#include "absl/strings/match.h"
#include "comity/operators/v1/admin_service.grpc.pb.h"
#include "node/cli/node_backup.h"
#include "node/cli/open_keys.h"
#include "node/identity/node_layout.h"
#include "node/identity/private_file.h"
#include "tests/support/border.h"
#include "tests/support/node_config.h"

namespace comity {
namespace {

namespace fs = std::filesystem;
namespace ops = operators::v1;

// The key files of Niger's node, which served in the clear, are protected; the
// passphrase lies elsewhere.
class ProtectedKeysTest : public BorderTest {
 protected:
  void SetUp() override {
    Open({});
    Coordinator(ne_, "coord");
    Coordinator(ne_, "clearer");
    tls_ = TlsFilesOf(ng_, ne_.card());
    store_key_ = ReadPrivateFile(layout_.StoreKey())->Clone();
    ASSERT_OK(WritePrivateFile(file_, "correct horse battery\n"));
    ASSERT_OK_AND_ASSIGN(const auto passphrase, NewKeyPassphrase(file_));
    ASSERT_OK_AND_ASSIGN(const size_t count,
                         ProtectKeys(ne_.directory(), passphrase, random_));
    EXPECT_EQ(count, 6u);
    ne_.Stop();
    ASSERT_OK(ChangeConfig(
        ne_, [&](NodeConfig& config) { config.key_passphrase_file = file_; }));
  }

  // Files of the node's directory with a key in the clear, people's aside.
  std::vector<std::string> InTheClear() const {
    const std::string mark = absl::StrCat("BEGIN ", "PRIVATE KEY");
    std::vector<std::string> found;
    for (const auto& entry :
         fs::recursive_directory_iterator(ne_.directory())) {
      const std::string path = entry.path().string();
      if (!entry.is_regular_file() ||
          absl::StartsWith(path, layout_.Operators())) {
        continue;
      }
      // The store's journal may come and go.
      const auto text = ReadPublicFile(path);
      if (!text.ok()) continue;
      if (absl::StrContains(*text, mark) ||
          absl::StrContains(*text, store_key_.Expose())) {
        found.push_back(path);
      }
    }
    return found;
  }
  absl::Status HandshakeAnew(std::string* presented) {
    return HandshakeAt(tls_, ne_.card().endpoints[0], presented);
  }
  bool Delivered(const ops::Referral& draft) {
    return Await([&] {
      const auto shown = Show(ne_, draft.referral_id());
      return shown.ok() && shown->referral().undelivered_events() == 0;
    });
  }

  TestDirectory place_;
  const std::string file_ = place_.Path("ne.pass");
  const NodeLayout layout_{ne_.directory()};
  SecretBytes store_key_;
  SystemRandom random_;
  TlsFiles tls_;
};

TEST_F(ProtectedKeysTest, ANodeServesAndNoKeyIsInTheClearOnDisk) {
  ASSERT_OK(ne_.Start(clock_));
  const ops::Referral draft = MakeCase("C1", {v1::RECORD_GROUP_STATUS});
  ASSERT_OK(Send("coord", draft));
  EXPECT_TRUE(Delivered(draft));
  std::string presented;
  EXPECT_TRUE(Await([&] { return HandshakeAnew(&presented).ok(); }));
  EXPECT_THAT(InTheClear(), testing::IsEmpty());
}

TEST_F(ProtectedKeysTest, ARenewedKeyIsTakenOverAndStaysProtected) {
  ASSERT_OK(ne_.Start(clock_));
  ASSERT_OK(RenewNode(ne_.directory(), clock_.Now(), random_));
  const std::string renewed =
      Certificate::ListFromPem(*ReadPublicFile(layout_.TlsCertificate()))
          ->front()
          .Fingerprint();
  // Its files have to stay as they are from one look to the next.
  ne_.Tick();
  ne_.Tick();
  std::string presented;
  EXPECT_TRUE(Await(
      [&] { return HandshakeAnew(&presented).ok() && presented == renewed; }));
  EXPECT_THAT(InTheClear(), testing::IsEmpty());
}

TEST_F(ProtectedKeysTest, WithAnotherPassphraseANodeDoesNotStartAndSaysWhy) {
  ASSERT_OK(WritePrivateFile(file_, "another passphrase"));
  const std::string log = *ReadPublicFile(layout_.LogKey());
  const absl::Status started = ne_.Start(clock_);
  EXPECT_THAT(started, FailsWith(ErrorReason::kFieldInvalid));
  EXPECT_TRUE(absl::StrContains(started.message(), "the passphrase is not"))
      << started;
  EXPECT_EQ(*ReadPublicFile(layout_.LogKey()), log);
  ASSERT_OK(WritePrivateFile(file_, "correct horse battery"));
  EXPECT_OK(ne_.Start(clock_));
}

TEST_F(ProtectedKeysTest, StatusTellsOfKeysThatTheNodeDoesNotOpenAnyMore) {
  ASSERT_OK(ne_.Start(clock_));
  // Once the node answers.
  const auto status = [&] {
    std::string text;
    EXPECT_TRUE(Await([&] {
      const auto found = As<ops::AdminService, ops::GetStatusResponse>(
          ne_.As("ORG", Role::kAdmin, "admin-1"),
          &ops::AdminService::Stub::GetStatus, ops::GetStatusRequest());
      if (found.ok()) text = found->DebugString();
      return found.ok();
    }));
    return text;
  };
  const std::string wrong = "the passphrase is not the one of";
  EXPECT_FALSE(absl::StrContains(status(), wrong));
  const std::string next = place_.Path("next.pass");
  ASSERT_OK(WritePrivateFile(next, "another passphrase"));
  ASSERT_OK(ChangeKeyPassphrase(ne_.directory(), {"", next}, random_));
  ne_.Tick();
  EXPECT_TRUE(absl::StrContains(status(), wrong));
  ne_.Stop();
  fs::rename(next, file_);
  ASSERT_OK(ne_.Start(clock_));
  ne_.Tick();
  EXPECT_FALSE(absl::StrContains(status(), wrong));
}

TEST_F(ProtectedKeysTest, ANodeServesOnAndStartsByTheChangedPassphraseAlone) {
  ASSERT_OK(ne_.Start(clock_));
  const std::string next = place_.Path("next.pass");
  ASSERT_OK(WritePrivateFile(next, "another passphrase"));
  ASSERT_OK(ChangeKeyPassphrase(ne_.directory(), {"", next}, random_));
  const ops::Referral draft = MakeCase("C1", {v1::RECORD_GROUP_STATUS});
  ASSERT_OK(Send("coord", draft));
  EXPECT_TRUE(Delivered(draft));
  ne_.Stop();
  EXPECT_THAT(ne_.Start(clock_), FailsWith(ErrorReason::kFieldInvalid));
  fs::rename(next, file_);
  ASSERT_OK(ne_.Start(clock_));
  EXPECT_TRUE(Await([&] { return Show(ne_, draft.referral_id()).ok(); }));
  EXPECT_THAT(InTheClear(), testing::IsEmpty());
  // In the clear again it serves on, and starts without any.
  ASSERT_OK(UnprotectKeys(ne_.directory(), "", random_));
  fs::remove(file_);
  EXPECT_TRUE(Await([&] { return Show(ne_, draft.referral_id()).ok(); }));
  ne_.Stop();
  EXPECT_OK(ne_.Start(clock_));
}

TEST_F(ProtectedKeysTest,
       ABackupHoldsThemProtectedAndRestoresToANodeThatServes) {
  ASSERT_OK(ne_.Start(clock_));
  const ops::Referral draft = MakeCase("C1", {v1::RECORD_GROUP_STATUS});
  const SecretBytes seal("of the backup alone");
  const std::string backup = place_.Path("ne.backup");
  ASSERT_OK(BackUpNode(ne_.directory(), backup, seal, clock_.Now(), random_));
  ne_.Stop();
  fs::remove_all(ne_.directory());
  // Whoever has the backup and its passphrase has no key without the other.
  ASSERT_OK(WritePrivateFile(file_, "another passphrase"));
  EXPECT_THAT(RestoreNode(backup, ne_.directory(), seal, "", random_),
              FailsWith(ErrorReason::kFieldInvalid));
  EXPECT_FALSE(fs::exists(ne_.directory()));
  ASSERT_OK(WritePrivateFile(file_, "correct horse battery"));
  ASSERT_OK(RestoreNode(backup, ne_.directory(), seal, "", random_));
  EXPECT_THAT(InTheClear(), testing::IsEmpty());
  ASSERT_OK(ne_.Start(clock_));
  EXPECT_TRUE(Await([&] { return Show(ne_, draft.referral_id()).ok(); }));
}

}  // namespace
}  // namespace comity
