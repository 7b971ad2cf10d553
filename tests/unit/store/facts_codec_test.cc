#include "node/store/facts_codec.h"

#include "tests/support/status_matchers.h"

namespace comity {
namespace {

Uuid Id(char byte) { return *Uuid::FromBytes(std::string(16, byte)); }

CaseFacts Facts() {
  CaseFacts facts;
  facts.owner = "ANLTP/tester";
  facts.organisation = "ANLTP";
  facts.delegation =
      CaseDelegation{"ANLTP/second", absl::FromUnixSeconds(1'800'000'000)};
  return facts;
}

TEST(FactsCodecTest, MergedCasesAreReadAsTheyWereWritten) {
  CaseFacts facts = Facts();
  facts.merged = {{Id('a'),
                   "R2",
                   absl::FromUnixSeconds(1'700'000'000),
                   "ANLTP/tester",
                   {Id('p'), Id('q')}},
                  {Id('b'), "", absl::UnixEpoch(), "", {}}};
  const auto read = DecodeFacts(EncodeFacts(facts));
  ASSERT_OK(read);
  EXPECT_EQ(read->merged, facts.merged);
  EXPECT_EQ(read->delegation, facts.delegation);
  EXPECT_EQ(read->KnownBy(Id('q'))->reference, "R2");
  EXPECT_EQ(read->KnownBy(Id('x')), nullptr);
}

// An import compares digests over these bytes: rows of an earlier build stay
// what they were.
TEST(FactsCodecTest, FactsWithoutMergedCasesKeepTheirOlderForm) {
  const std::string bytes = EncodeFacts(Facts());
  EXPECT_EQ(bytes[0], 3);
  ASSERT_OK(DecodeFacts(bytes));
  EXPECT_TRUE(DecodeFacts(bytes)->merged.empty());
}

TEST(FactsCodecTest, ATruncatedListOfMergedCasesIsNoEncoding) {
  CaseFacts facts = Facts();
  facts.merged = {{Id('a'), "R2", absl::UnixEpoch(), "x", {Id('p')}}};
  const std::string bytes = EncodeFacts(facts);
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_THAT(DecodeFacts(bytes.substr(0, size)),
                FailsWith(ErrorReason::kIntegrityFailure))
        << size;
  }
}

}  // namespace
}  // namespace comity
