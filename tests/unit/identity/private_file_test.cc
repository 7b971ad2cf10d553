#include "node/identity/private_file.h"

#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "tests/support/status_matchers.h"
#include "tests/support/test_directory.h"

namespace comity {
namespace {

namespace fs = std::filesystem;

class PrivateFileTest : public testing::Test {
 protected:
  TestDirectory directory_;
  const std::string path_ = directory_.Path("key");
  const std::string temporary_ = path_ + ".new";
};

// Somebody else may write where a person lets a command write.
TEST_F(PrivateFileTest, WhoHoldsTheTemporaryFileOpenReadsNothingOfIt) {
  std::ofstream(temporary_) << "planted";
  std::ifstream held(temporary_);
  ASSERT_OK(WritePrivateFile(path_, "a secret"));
  std::string read;
  std::getline(held, read);
  EXPECT_EQ(read, "planted");
  EXPECT_EQ(ReadPrivateFile(path_)->Expose(), "a secret");
}

TEST_F(PrivateFileTest, ALinkInThePlaceOfTheTemporaryFileIsNotFollowed) {
  const std::string victim = directory_.Path("victim");
  std::ofstream(victim) << "kept";
  fs::create_symlink(victim, temporary_);
  ASSERT_OK(WritePrivateFile(path_, "a secret"));
  EXPECT_EQ(*ReadPublicFile(victim), "kept");
  EXPECT_FALSE(fs::is_symlink(path_));
}

// --output /dev/full, or the tape that a backup was to go to.
TEST_F(PrivateFileTest, NoFileTakesThePlaceOfADevice) {
  ASSERT_EQ(mkfifo(path_.c_str(), 0600), 0);
  EXPECT_THAT(WritePublicFile(path_, "a text"),
              FailsWith(ErrorReason::kFieldInvalid));
  EXPECT_TRUE(fs::is_fifo(path_));
  EXPECT_FALSE(fs::exists(temporary_));
  EXPECT_THAT(WritePublicFile(directory_.path(), "a text"),
              FailsWith(ErrorReason::kFieldInvalid));
}

TEST_F(PrivateFileTest, Law12OfADeviceThatNeverEndsNoMoreIsReadThanAFileHas) {
  EXPECT_THAT(ReadPublicFile("/dev/zero"),
              FailsWith(ErrorReason::kFieldInvalid));
}

}  // namespace
}  // namespace comity
