#include "node/service/live_tables.h"

#include "comity/record/v1/case_record.pb.h"
#include "tests/support/permits.h"
#include "tests/support/service_parts.h"
#include "tests/support/status_matchers.h"

namespace comity {
namespace {

// Niger's cases, which change in the store while its statistician counts.
class LiveTablesTest : public testing::Test {
 protected:
  NewCase MakeCase(const std::string& reference, const std::string& sex) {
    record::v1::CaseRecord record;
    record.set_x_local_reference(reference);
    record.set_x_registered_on("2026-03-04");
    record.set_x_sex(sex);
    NewCase made;
    made.facts.case_id = NewUuid(parts_.random);
    made.facts.owner = "ANLTP/tester";
    made.facts.organisation = "ANLTP";
    made.body = record.SerializeAsString();
    made.terms = {{IndexKind::kLocalReference, reference}};
    return made;
  }
  Uuid Insert(const std::string& reference, const std::string& sex) {
    const NewCase made = MakeCase(reference, sex);
    Write([&](StoreTransaction& tx) { return tx.InsertCase(made); });
    return made.facts.case_id;
  }
  void Write(const std::function<absl::Status(StoreTransaction&)>& body) {
    EXPECT_OK(parts_.store.Transact(body));
  }

  // Persons of 2026: female, male, all of them.
  std::vector<uint64_t> Count() {
    const auto table = live_.Count(parts_.store, parts_.self, permit_,
                                   *TableQuestion::Create("2026", {"sex"}, {}));
    EXPECT_OK(table);
    if (!table.ok()) return {};
    return {table->rows[0], table->rows[1], table->rows.back()};
  }

  ServiceParts parts_;
  const PolicyEngine engine_ = EngineForTest();
  const Permit permit_ =
      engine_.PermitTabulation(parts_.self, parts_.clock.Now());
  LiveTables live_;
};

TEST_F(LiveTablesTest, ACountHasWhatWasCommittedBeforeIt) {
  const Uuid first = Insert("R1", "female");
  Insert("R2", "male");
  EXPECT_EQ(Count(), (std::vector<uint64_t>{1, 1, 2}));
  Insert("R3", "male");
  EXPECT_EQ(Count(), (std::vector<uint64_t>{1, 2, 3}));
  Write([&](StoreTransaction& tx) {
    return tx.RewriteCase(first, [&](const StoredCase& stored) {
      NewCase rewritten = MakeCase("R1", "male");
      rewritten.facts = stored.facts;
      return absl::StatusOr<NewCase>(rewritten);
    });
  });
  EXPECT_EQ(Count(), (std::vector<uint64_t>{0, 3, 3}));
  Write([&](StoreTransaction& tx) { return tx.EraseCase(first); });
  EXPECT_EQ(Count(), (std::vector<uint64_t>{0, 2, 2}));
}

TEST_F(LiveTablesTest, AnImportCountsFromItsCommitOn) {
  EXPECT_EQ(Count(), (std::vector<uint64_t>{0, 0, 0}));
  const Uuid import = NewUuid(parts_.random);
  Write([&](StoreTransaction& tx) -> absl::Status {
    RETURN_IF_ERROR(tx.BeginImport(import, parts_.clock.Now()));
    for (const char* reference : {"R1", "R2"}) {
      RETURN_IF_ERROR(
          tx.StageCase(import, MakeCase(reference, "female")).status());
    }
    return absl::OkStatus();
  });
  EXPECT_EQ(Count(), (std::vector<uint64_t>{0, 0, 0}));
  Write([&](StoreTransaction& tx) { return tx.CommitImport(import).status(); });
  EXPECT_EQ(Count(), (std::vector<uint64_t>{2, 0, 2}));
}

// A commit that fails changed nothing, and nothing of it is counted.
TEST_F(LiveTablesTest, WhatWasNotCommittedIsNotCounted) {
  Insert("R1", "female");
  EXPECT_EQ(Count(), (std::vector<uint64_t>{1, 0, 1}));
  parts_.store.FailNextCommits(1);
  const NewCase made = MakeCase("R2", "male");
  EXPECT_FALSE(
      parts_.store
          .Transact([&](StoreTransaction& tx) { return tx.InsertCase(made); })
          .ok());
  EXPECT_EQ(Count(), (std::vector<uint64_t>{1, 0, 1}));
}

// Law 5: she is counted no more.
TEST_F(LiveTablesTest, Law5WhoTookHerConsentBackIsLeftOut) {
  NewCase made = MakeCase("R1", "female");
  made.facts.provenance =
      Provenance{*ParticipantCode::Create("NG"), NewUuid(parts_.random)};
  Write([&](StoreTransaction& tx) { return tx.InsertCase(made); });
  Insert("R2", "male");
  EXPECT_EQ(Count(), (std::vector<uint64_t>{1, 1, 2}));
  Write([&](StoreTransaction& tx) {
    return tx.PutWithdrawn(made.facts.case_id, parts_.clock.Now());
  });
  EXPECT_EQ(Count(), (std::vector<uint64_t>{0, 1, 1}));
}

TEST_F(LiveTablesTest, Law5WhoSaysNoToStatisticsIsLeftOut) {
  const Uuid first = Insert("R1", "female");
  Insert("R2", "male");
  EXPECT_EQ(Count(), (std::vector<uint64_t>{1, 1, 2}));
  Consent no{NewUuid(parts_.random), first, *ParticipantCode::Create("NG")};
  no.purpose = Purpose::kStatistics;
  no.groups = {FieldGroup::kStatus};
  no.state = ConsentState::kRefused;
  no.given_at = parts_.clock.Now();
  Write([&](StoreTransaction& tx) { return tx.PutConsent(no); });
  EXPECT_EQ(Count(), (std::vector<uint64_t>{0, 1, 1}));
}

TEST_F(LiveTablesTest, APermitForOtherWorkCountsNothing) {
  const NewCase made = MakeCase("R1", "female");
  Write([&](StoreTransaction& tx) { return tx.InsertCase(made); });
  const auto reads = engine_.DecideLocal(CallerForTest(Role::kCoordinator),
                                         LocalOperation::kCaseRead, &made.facts,
                                         parts_.clock.Now());
  ASSERT_OK(reads);
  EXPECT_THAT(live_.Count(parts_.store, parts_.self, *reads,
                          *TableQuestion::Create("2026", {"sex"}, {})),
              FailsWith(ErrorReason::kInternal));
}

}  // namespace
}  // namespace comity
