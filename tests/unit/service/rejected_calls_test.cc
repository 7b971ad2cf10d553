#include "node/service/rejected_calls.h"

#include "node/wire/own_leaf.h"
#include "tests/support/service_parts.h"
#include "tests/support/status_matchers.h"

namespace comity {
namespace {

class RejectedCallsTest : public testing::Test {
 protected:
  // What the own log says of rejected calls, once the writer is idle.
  std::vector<std::string> Entries() {
    EXPECT_OK(
        parts_.writer.Commit([](CommitScope&) { return absl::OkStatus(); }));
    std::vector<std::string> details;
    const auto rows = parts_.store.ReadLeaves("comity/NE", 0, 1000, true);
    for (const LeafRow& row : *rows) {
      const auto entry = OpenOwnEntry(row.leaf, row.opening);
      EXPECT_EQ(entry->kind, OwnKind::kRejectedCalls);
      // "since 2026-...: federation ..."
      details.push_back(entry->detail.substr(entry->detail.find(": ") + 2));
    }
    return details;
  }
  void Advance(absl::Duration duration) {
    parts_.clock.Advance(duration);
    rejected_.WriteIfDue();
  }

  ServiceParts parts_;
  RejectedCalls& rejected_ = parts_.rejected;
};

TEST_F(RejectedCallsTest, OneEntryAMinuteSaysHowManyForWhichReason) {
  for (int i = 0; i < 1000; ++i) {
    rejected_.Count(CallOrigin::kFederation, ErrorReason::kEvidenceInvalid);
  }
  rejected_.Count(CallOrigin::kFederation, ErrorReason::kCertificateUnknown);
  rejected_.Count(CallOrigin::kOperators, ErrorReason::kFieldMissing);
  Advance(absl::Seconds(59));
  EXPECT_THAT(Entries(), testing::IsEmpty());
  Advance(absl::Seconds(1));
  EXPECT_THAT(Entries(), testing::ElementsAre(
                             "federation CERTIFICATE_UNKNOWN 1, federation "
                             "EVIDENCE_INVALID 1000, operators FIELD_MISSING "
                             "1"));
  Advance(absl::Hours(1));
  EXPECT_EQ(Entries().size(), 1u);
}

TEST_F(RejectedCallsTest, TheMinuteStartsWithTheFirstCallThatIsCounted) {
  Advance(absl::Hours(1));
  rejected_.Count(CallOrigin::kOperators, ErrorReason::kOverloaded);
  Advance(absl::Seconds(59));
  EXPECT_THAT(Entries(), testing::IsEmpty());
  Advance(absl::Seconds(1));
  rejected_.Count(CallOrigin::kOperators, ErrorReason::kOverloaded);
  Advance(absl::Seconds(60));
  EXPECT_EQ(Entries().size(), 2u);
}

TEST_F(RejectedCallsTest, WhatCouldNotBeWrittenCountsWithTheNextEntry) {
  rejected_.Count(CallOrigin::kFederation, ErrorReason::kWrongAudience);
  // The first commit is that of the entry, tried alone.
  EXPECT_THAT(Entries(), testing::IsEmpty());
  parts_.store.FailNextCommits(1);
  Advance(absl::Minutes(1));
  while (parts_.writer.healthy()) absl::SleepFor(absl::Milliseconds(1));
  EXPECT_THAT(Entries(), testing::IsEmpty());
  rejected_.Count(CallOrigin::kFederation, ErrorReason::kWrongAudience);
  Advance(absl::Minutes(1));
  EXPECT_THAT(Entries(), testing::ElementsAre("federation WRONG_AUDIENCE 2"));
}

TEST_F(RejectedCallsTest, AnOrderlyStopWritesWhatIsCounted) {
  EXPECT_OK(rejected_.WriteAll());
  EXPECT_THAT(Entries(), testing::IsEmpty());
  rejected_.Count(CallOrigin::kFederation, ErrorReason::kEvidenceMissing);
  EXPECT_OK(rejected_.WriteAll());
  EXPECT_THAT(Entries(), testing::ElementsAre("federation EVIDENCE_MISSING 1"));
  rejected_.Count(CallOrigin::kFederation, ErrorReason::kEvidenceMissing);
  parts_.store.FailNextCommits(1);
  EXPECT_THAT(rejected_.WriteAll(), FailsWith(ErrorReason::kLogUnwritable));
}

}  // namespace
}  // namespace comity
