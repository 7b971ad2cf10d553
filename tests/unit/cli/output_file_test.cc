#include "node/cli/output_file.h"

#include "tests/support/status_matchers.h"
#include "tests/support/test_directory.h"

namespace comity {
namespace {

mode_t ModeOf(const std::string& path) {
  struct stat info {};
  EXPECT_EQ(stat(path.c_str(), &info), 0) << path;
  return info.st_mode & 0777;
}

class OutputFileTest : public testing::Test {
 protected:
  OutputFileTest() : umask_(umask(0022)) {}
  ~OutputFileTest() override { umask(umask_); }

  TestDirectory directory_;
  const std::string path_ = directory_.Path("out");
  const mode_t umask_;
};

TEST_F(OutputFileTest, WhatNamesACaseIsItsWritersAloneFromItsFirstByte) {
  OutputFile file(path_, Readers::kWriterAlone);
  EXPECT_EQ(ModeOf(path_ + ".part"), 0600u);
  file.stream() << "a case";
  ASSERT_OK(file.Keep());
  EXPECT_EQ(ModeOf(path_), 0600u);
}

TEST_F(OutputFileTest, WhatAnEarlierRunLeftOpenIsReplaced) {
  std::ofstream(path_ + ".part") << "left behind";
  std::ofstream(path_) << "of yesterday";
  ASSERT_EQ(ModeOf(path_), 0644u);
  OutputFile file(path_, Readers::kWriterAlone);
  ASSERT_OK(file.Keep());
  EXPECT_EQ(ModeOf(path_), 0600u);
}

TEST_F(OutputFileTest, WhatAnybodyMayReadHasTheUmasksMode) {
  OutputFile file(path_);
  ASSERT_OK(file.Keep());
  EXPECT_EQ(ModeOf(path_), 0644u);
}

TEST_F(OutputFileTest, NoFileTakesThePlaceOfADevice) {
  ASSERT_EQ(mkfifo(path_.c_str(), 0600), 0);
  {
    OutputFile file(path_);
    EXPECT_THAT(file.Keep(), FailsWith(ErrorReason::kFieldInvalid));
  }
  struct stat info {};
  ASSERT_EQ(stat(path_.c_str(), &info), 0);
  EXPECT_TRUE(S_ISFIFO(info.st_mode));
  EXPECT_NE(access((path_ + ".part").c_str(), F_OK), 0);
}

TEST_F(OutputFileTest, AFileThatIsThereByNowIsNotReplaced) {
  OutputFile file(path_, Readers::kWriterAlone);
  file.stream() << "new";
  std::ofstream(path_) << "of somebody else";
  EXPECT_THAT(file.KeepNew(), FailsWith(ErrorReason::kAlreadyExists));
  std::string kept;
  std::getline(std::ifstream(path_), kept);
  EXPECT_EQ(kept, "of somebody else");
}

TEST_F(OutputFileTest, AFileThatCannotBeMadeIsSaid) {
  OutputFile file(directory_.Path("no/such/out"), Readers::kWriterAlone);
  file.stream() << "a case";
  EXPECT_THAT(file.Keep(), FailsWith(ErrorReason::kFieldInvalid));
}

}  // namespace
}  // namespace comity
