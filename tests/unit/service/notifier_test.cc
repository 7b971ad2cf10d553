#include "node/service/notifier.h"

#include "tests/support/status_matchers.h"
#include "tests/support/test_directory.h"

namespace comity {
namespace {

const auto kNever = [] { return false; };

TEST(NotifierTest, AProgramThatSucceedsIsOk) {
  EXPECT_OK(RunProgram("/bin/true", {}, absl::Seconds(10), kNever));
  EXPECT_FALSE(RunProgram("/bin/false", {}, absl::Seconds(10), kNever).ok());
  EXPECT_FALSE(RunProgram("/no/such", {}, absl::Seconds(10), kNever).ok());
}

TEST(NotifierTest, AProgramThatTakesTooLongIsEndedWithWhatItStarted) {
  const absl::Time start = absl::Now();
  EXPECT_FALSE(RunProgram("/bin/sh", {"-c", "sleep 60 & wait"},
                          absl::Milliseconds(200), kNever)
                   .ok());
  EXPECT_FALSE(RunProgram("/bin/sleep", {"60"}, absl::Seconds(60), [] {
                 return true;
               }).ok());
  EXPECT_LT(absl::Now() - start, absl::Seconds(30));
}

}  // namespace
}  // namespace comity
