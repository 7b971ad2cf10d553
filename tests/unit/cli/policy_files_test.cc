#include "node/cli/policy_files.h"

#include <filesystem>

#include "node/cli/policy_signing.h"
#include "node/identity/private_file.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_directory.h"

namespace comity {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;

TEST(PolicyFilesTest, ALinkThatLeadsNowhereIsNoPolicyFile) {
  const TestDirectory directory;
  const std::string file = directory.Path("local.textproto");
  ASSERT_OK(WritePublicFile(file, ""));
  fs::create_symlink("loop.textproto", directory.Path("loop.textproto"));
  fs::create_symlink("gone", directory.Path("dangling.textproto"));
  ASSERT_OK_AND_ASSIGN(const std::vector<std::string> files,
                       ListPolicyFiles({directory.path()}));
  EXPECT_THAT(files, ElementsAre(file));
}

// The longest name that a file may have leaves no room for its signatures.
TEST(PolicyFilesTest, SignaturesThatCannotBeLookedForAreAnError) {
  const TestDirectory directory;
  EXPECT_THAT(ReadPolicySignatures(directory.Path(std::string(255, 'x'))),
              FailsWith(ErrorReason::kStoreUnavailable));
  ASSERT_OK_AND_ASSIGN(const operators::v1::PolicyFile none,
                       ReadPolicySignatures(directory.Path("unsigned")));
  EXPECT_EQ(none.signatures_size(), 0);
}

}  // namespace
}  // namespace comity
