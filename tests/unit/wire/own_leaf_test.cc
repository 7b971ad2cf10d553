#include "node/wire/own_leaf.h"

#include "tests/support/status_matchers.h"

namespace comity {
namespace {

OwnEntry EntryAboutHer() {
  OwnEntry entry;
  entry.time = absl::FromUnixSeconds(1'800'000'000);
  entry.peer = "NG";
  entry.subject = "her case";
  entry.actor = "ANLTP/who";
  entry.detail = "CASE_READ";
  entry.facts = "what was decided on";
  return entry;
}

TEST(OwnLeafTest, WithoutThePersonItStillTellsWhoActedAndIsVerified) {
  SystemRandom random;
  const SealedOwnEntry sealed = SealOwnEntry(EntryAboutHer(), random);
  const auto left = WithoutPerson(sealed.opening);
  ASSERT_OK(left);
  EXPECT_EQ(left->find("her case"), std::string::npos);
  const auto entry = OpenOwnEntry(sealed.leaf, *left);
  ASSERT_OK(entry);
  EXPECT_EQ(entry->actor, "ANLTP/who");
  EXPECT_EQ(entry->detail, "CASE_READ");
  EXPECT_EQ(entry->subject, "");
  EXPECT_EQ(entry->facts, "");
  EXPECT_TRUE(entry->person_erased);
  // Erasing again changes nothing.
  EXPECT_EQ(*WithoutPerson(*left), *left);
}

// Neither the salt, by which a guess could be tried, nor a way to hide who
// acted.
TEST(OwnLeafTest, NothingIsLeftToGuessByAndNothingElseCanBeHidden) {
  SystemRandom random;
  const SealedOwnEntry sealed = SealOwnEntry(EntryAboutHer(), random);
  const std::string left = *WithoutPerson(sealed.opening);
  const std::string gone = std::string(32, '\0') + std::string(4, '\xff');
  EXPECT_EQ(left.substr(0, 36), gone);
  EXPECT_EQ(left.substr(left.size() - 36), gone);
  std::string hidden = left;
  hidden.replace(36, 36 + std::string("ANLTP/who").size(), gone);
  EXPECT_THAT(OpenOwnEntry(sealed.leaf, hidden),
              FailsWith(ErrorReason::kIntegrityFailure));
  std::string salted = left;
  salted[0] = 's';
  EXPECT_THAT(OpenOwnEntry(sealed.leaf, salted),
              FailsWith(ErrorReason::kIntegrityFailure));
}

}  // namespace
}  // namespace comity
