#include "node/cli/node_init.h"

#include <filesystem>

#include "node/cli/issued_certificates.h"
#include "node/identity/node_layout.h"
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
