#include "node/service/log_detail.h"

#include "absl/strings/str_cat.h"
#include "tests/support/status_matchers.h"

namespace comity {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr FieldGroups kTwo = {FieldGroup::kStatus, FieldGroup::kNeeds};

TEST(LogDetailTest, WhatAReleaseToldAndByWhichRulesIsReadBack) {
  const DetailWords words = ReadDetail(
      absl::StrCat("CASE_QUERY PERMIT by a/g,national/r", ToldGroups(kTwo)));
  EXPECT_EQ(words.operation, "CASE_QUERY");
  EXPECT_THAT(words.rules, ElementsAre("a/g", "national/r"));
  EXPECT_EQ(words.groups.bits(), kTwo.bits());
  EXPECT_FALSE(words.refused);
}

TEST(LogDetailTest, WhatAQuestionOfOursRestedOnIsReadBack) {
  const DetailWords words = ReadDetail(
      absl::StrCat("CASE_QUERY_ASK ANSWERED RELEASED", ToldGroups(kTwo),
                   RestsOn("ng-ne", Purpose::kSafeReturn), " as COORDINATOR"));
  EXPECT_EQ(words.agreement_id, "ng-ne");
  EXPECT_EQ(words.purpose, "SAFE_RETURN");
  EXPECT_EQ(words.groups.bits(), kTwo.bits());
  EXPECT_FALSE(words.refused);
}

TEST(LogDetailTest, EveryKindOfRefusalIsOne) {
  for (const char* detail :
       {"CASE_QUERY DENY NOT_AVAILABLE (NATIONAL_DENY) by national/r",
        "CASE_QUERY HOLD APPROVALS_MISSING", "CASE_READ REFUSED NOT_FOUND",
        "CASE_QUERY_ASK ANSWERED NOT_AVAILABLE", "EVENT DENY NO_GRANT"}) {
    EXPECT_TRUE(ReadDetail(detail).refused) << detail;
  }
}

// A partner that refuses would have the own log say that it told her name.
TEST(LogDetailTest, WhatAPartnerGivesAsItsReasonIsNoWordOfThisLog) {
  EXPECT_EQ(ReasonWord("NOT_AVAILABLE"), "NOT_AVAILABLE");
  EXPECT_EQ(ReasonWord(""), "UNSPECIFIED");
  const DetailWords words = ReadDetail(absl::StrCat(
      "CASE_QUERY_ASK ANSWERED ", ReasonWord("RELEASED of IDENTITY as ADMIN"),
      RestsOn("ng-ne", Purpose::kSafeReturn)));
  EXPECT_TRUE(words.refused);
  EXPECT_EQ(words.groups.bits(), FieldGroups().bits());
  EXPECT_EQ(words.agreement_id, "ng-ne");
}

TEST(LogDetailTest, ADocumentAndAPieceOfItAreReadBack) {
  const std::string first =
      absl::StrCat("CASE_QUERY PERMIT by a/g", ToldGroups(kTwo), DocumentOf(1));
  EXPECT_EQ(ReadDetail(first).document, 1);
  EXPECT_FALSE(ReadDetail(first).piece);
  const DetailWords next = ReadDetail(absl::StrCat(first, kPiece));
  EXPECT_EQ(next.document, 1);
  EXPECT_TRUE(next.piece);
  EXPECT_EQ(ReadDetail("CASE_QUERY DENY FIELD_INVALID (the document has 3 "
                       "chunks)")
                .document,
            0);
}

TEST(LogDetailTest, NoGroupIsNoWord) {
  EXPECT_EQ(ToldGroups(FieldGroups()), "");
  const DetailWords words = ReadDetail("CASE_HOLD");
  EXPECT_EQ(words.operation, "CASE_HOLD");
  EXPECT_THAT(words.rules, IsEmpty());
  EXPECT_TRUE(words.groups.empty());
  EXPECT_FALSE(words.refused);
}

}  // namespace
}  // namespace comity
