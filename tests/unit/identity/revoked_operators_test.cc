#include "node/identity/revoked_operators.h"

#include "node/identity/private_file.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_directory.h"

namespace comity {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class RevokedOperatorsTest : public testing::Test {
 protected:
  absl::Status Write(const std::vector<std::string>& names, absl::Time at) {
    RevocationList list;
    for (const std::string& name : names) list.Revoke(name, at);
    return WritePublicFile(path_, list.Format());
  }

  TestDirectory directory_;
  const std::string path_ = directory_.Path("revoked");
  const absl::Time now_ = absl::FromUnixSeconds(1790000000);
  const absl::Duration second_ = absl::Seconds(1);
  RevokedOperators revoked_{path_};
};

TEST_F(RevokedOperatorsTest, AListReadsAsItWasWritten) {
  RevocationList list;
  list.Revoke("NAPTIP/amina.b", now_ + absl::Milliseconds(700));
  list.Revoke("ANLTP/b", now_);
  list.Revoke("ANLTP/b", now_ + absl::Hours(1));
  list.Revoke("ANLTP/b", now_ - absl::Hours(1));
  const std::string text = list.Format();
  EXPECT_EQ(text,
            "comity revoked operators v1\n"
            "2026-09-21T15:13:20Z ANLTP/b\n"
            "2026-09-21T14:13:20Z NAPTIP/amina.b\n");
  ASSERT_OK_AND_ASSIGN(const RevocationList read, RevocationList::Parse(text));
  EXPECT_EQ(read.Format(), text);
  EXPECT_EQ(read.RevokedAt("ANLTP/b"), now_ + absl::Hours(1));
  EXPECT_EQ(read.RevokedAt("ANLTP/c"), absl::InfinitePast());
}

TEST_F(RevokedOperatorsTest, WhatIsNoListIsRefused) {
  const std::string first = "comity revoked operators v1\n";
  for (const std::string& text :
       {std::string(), first + "x", first + "2026-09-21T14:13:20Z\n",
        first + "yesterday ANLTP/b\n", first + "2026-09-21T14:13:20Z ANLTP/b",
        "comity revoked operators v2\n" + std::string()}) {
    EXPECT_THAT(RevocationList::Parse(text),
                FailsWith(ErrorReason::kFieldInvalid))
        << text;
  }
  EXPECT_OK(RevocationList::Parse(first));
}

TEST_F(RevokedOperatorsTest, WhatWasIssuedUntilThenIsRefusedFromThenOn) {
  EXPECT_FALSE(revoked_.Holds("A/b", now_, now_));
  ASSERT_OK(Write({"A/b"}, now_));
  EXPECT_TRUE(revoked_.Holds("A/b", now_ - absl::Hours(100), now_));
  EXPECT_TRUE(revoked_.Holds("A/b", now_, now_));
  EXPECT_FALSE(revoked_.Holds("A/b", now_ + second_, now_ + second_));
  // What she signed before stays signed.
  EXPECT_FALSE(revoked_.Holds("A/b", now_ - absl::Hours(100), now_ - second_));
  EXPECT_FALSE(revoked_.Holds("A/c", now_, now_));
}

TEST_F(RevokedOperatorsTest, EachRevocationIsNewOnce) {
  EXPECT_THAT(*revoked_.TakeNew(), IsEmpty());
  ASSERT_OK(Write({"A/b"}, now_));
  EXPECT_THAT(*revoked_.TakeNew(), ElementsAre("A/b"));
  EXPECT_THAT(*revoked_.TakeNew(), IsEmpty());
  ASSERT_OK(Write({"A/b", "A/c"}, now_));
  EXPECT_THAT(*revoked_.TakeNew(), ElementsAre("A/c"));
  ASSERT_OK(Write({"A/b", "A/c"}, now_ + second_));
  EXPECT_THAT(*revoked_.TakeNew(), ElementsAre("A/b", "A/c"));
}

TEST_F(RevokedOperatorsTest, AListThatDoesNotReadLeavesTheOneBefore) {
  ASSERT_OK(Write({"A/b"}, now_));
  ASSERT_OK(revoked_.TakeNew());
  ASSERT_OK(WritePublicFile(path_, "nonsense"));
  EXPECT_TRUE(revoked_.Holds("A/b", now_, now_));
  EXPECT_THAT(revoked_.TakeNew(), FailsWith(ErrorReason::kFieldInvalid));
  EXPECT_OK(revoked_.TakeNew());
  remove(path_.c_str());
  EXPECT_TRUE(revoked_.Holds("A/b", now_, now_));
}

}  // namespace
}  // namespace comity
