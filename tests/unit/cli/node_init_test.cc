#include "node/cli/node_init.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <filesystem>
#include <future>

#include "absl/strings/match.h"
#include "node/cli/issued_certificates.h"
#include "node/cli/node_root.h"
#include "node/identity/key_files.h"
#include "node/identity/node_layout.h"
#include "node/identity/private_file.h"
#include "node/wire/card_file.h"
#include "tests/support/meanwhile_random.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_directory.h"

namespace comity {
namespace {

class NodeInitTest : public testing::Test {
 protected:
  absl::Status Init() {
    const InitOptions options{"NG", "Nigeria", layout_.directory,
                              directory_.Path("root"), "ORG"};
    return InitNode(options, now_, random_).status();
  }
  // A link to itself: whether something is there cannot be said.
  static void PutLoop(const std::string& path) {
    std::filesystem::create_symlink(path, path);
  }

  TestDirectory directory_;
  SystemRandom random_;
  const absl::Time now_ = absl::FromUnixSeconds(1790000000);
  const NodeLayout layout_{directory_.Path("ng")};
};

TEST_F(NodeInitTest, APlaceThatCannotBeLookedAtIsAnErrorAndTakesNoNode) {
  std::filesystem::create_directory(layout_.directory);
  PutLoop(layout_.Config());
  EXPECT_THAT(Init(), FailsWith(ErrorReason::kStoreUnavailable));
  EXPECT_FALSE(std::filesystem::exists(layout_.Keys()));
}

TEST_F(NodeInitTest, AProfileThatCannotBeLookedAtIsAnErrorAndTakesNobody) {
  ASSERT_OK(Init());
  const std::string profile = layout_.Operators() + "/audit";
  std::filesystem::create_directory(profile);
  PutLoop(profile + "/profile");
  EXPECT_THAT(AddOperator(layout_.directory, "ORG", Role::kAuditor, "audit",
                          now_, random_),
              FailsWith(ErrorReason::kStoreUnavailable));
  EXPECT_FALSE(std::filesystem::exists(profile + "/key.pem"));
}

// Another root writes the anchors of all profiles under this lock: a profile
// whose anchors were written beside it would keep those before.
TEST_F(NodeInitTest, APersonIsAddedUnderTheLockOnCertificates) {
  ASSERT_OK(Init());
  bool kept = false;
  MeanwhileRandom random([&] {
    const int fd = open(layout_.Certificates().c_str(), O_RDONLY | O_CLOEXEC);
    kept = flock(fd, LOCK_EX | LOCK_NB) != 0;
    close(fd);
  });
  EXPECT_OK(AddOperator(layout_.directory, "ORG", Role::kAuditor, "audit", now_,
                        random));
  EXPECT_TRUE(kept);
}

// Both would have said that she was added, and one certificate be lost.
TEST_F(NodeInitTest, OfTwoCommandsThatAddOnePersonOneIsToldThatSheIsThere) {
  ASSERT_OK(Init());
  SystemRandom others;
  std::future<absl::StatusOr<std::string>> second;
  MeanwhileRandom random([&] {
    second = std::async(std::launch::async, [&] {
      return AddOperator(layout_.directory, "ORG", Role::kCoordinator, "amina",
                         now_, others);
    });
  });
  ASSERT_OK(AddOperator(layout_.directory, "ORG", Role::kAuditor, "amina", now_,
                        random));
  EXPECT_THAT(second.get(), FailsWith(ErrorReason::kAlreadyExists));
  const std::string profile = layout_.Operators() + "/amina";
  ASSERT_OK_AND_ASSIGN(const std::string text,
                       ReadPublicFile(profile + "/certificate.pem"));
  ASSERT_OK_AND_ASSIGN(const std::vector<Certificate> chain,
                       Certificate::ListFromPem(text));
  ASSERT_OK_AND_ASSIGN(const std::vector<std::string> names,
                       chain.at(0).UriNames());
  EXPECT_TRUE(absl::StrContains(names.at(0), "/AUDITOR/"));
  ASSERT_OK_AND_ASSIGN(const SigningKey key,
                       KeyFiles(layout_).ReadSigningKey(profile + "/key.pem"));
  EXPECT_EQ(key.public_key(), chain.at(0).public_key());
}

TEST_F(NodeInitTest, WhoIsAddedWhileTheRootChangesKnowsTheNewOne) {
  ASSERT_OK(Init());
  SystemRandom others;
  std::future<absl::StatusOr<RotatedRoot>> rotation;
  MeanwhileRandom random([&] {
    rotation = std::async(std::launch::async, [&] {
      return RotateRoot(layout_.directory,
                        {directory_.Path("root"), directory_.Path("next")},
                        now_, others);
    });
  });
  ASSERT_OK(AddOperator(layout_.directory, "ORG", Role::kAuditor, "audit", now_,
                        random));
  ASSERT_OK(rotation.get());
  ASSERT_OK_AND_ASSIGN(const std::string card_text,
                       ReadPublicFile(layout_.Card()));
  ASSERT_OK_AND_ASSIGN(const ParticipantCard card, ParseCard(card_text));
  std::string expected;
  for (const Certificate& anchor : card.Anchors()) expected += anchor.ToPem();
  EXPECT_EQ(*ReadPublicFile(layout_.Operators() + "/audit/anchors.pem"),
            expected);
}

// A name that is spelt wrong locks nobody out, and that must be seen.
TEST_F(NodeInitTest, WhoGotNoCertificateHereIsTold) {
  ASSERT_OK(Init());
  const auto was_issued_to = [&](const std::string& person) {
    return WasIssuedTo(layout_, person).value_or(false);
  };
  EXPECT_TRUE(was_issued_to("ORG/admin-1"));
  for (const char* name : {"ORG/admin-3", "ORG/admin", "ORG/Admin-1",
                           "ORG/ADMIN/admin-1", "TG/admin-1", ""}) {
    EXPECT_FALSE(was_issued_to(name)) << name;
  }
}

}  // namespace
}  // namespace comity
