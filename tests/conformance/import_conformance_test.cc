#include "tests/conformance/store_conformance.h"

namespace comity {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

IndexTerm Reference(const std::string& reference) {
  return {IndexKind::kLocalReference, reference};
}

absl::Status Stage(StoreTransaction& tx, const Uuid& import,
                   const NewCase& row) {
  ASSIGN_OR_RETURN(const StageResult result, tx.StageCase(import, row));
  EXPECT_EQ(result, StageResult::kStaged);
  return absl::OkStatus();
}

TEST_P(StoreConformance, RowsOfSeveralCommitsBecomeVisibleAtOnce) {
  const Uuid import = NewUuid(random_);
  const NewCase first = MakeCase("R1");
  const NewCase second = MakeCase("R2");
  ASSERT_OK(Write([&](auto& tx) { return tx.BeginImport(import, kNow); }));
  ASSERT_OK(Write([&](auto& tx) { return Stage(tx, import, first); }));
  ASSERT_OK(Write([&](auto& tx) { return Stage(tx, import, second); }));
  EXPECT_THAT(*List(Role::kCoordinator, "ANLTP", Uuid()), IsEmpty());
  EXPECT_THAT(*store_->ReadChanges(0, 10), IsEmpty());
  ASSERT_OK(Write([&](auto& tx) -> absl::Status {
    ASSIGN_OR_RETURN(const int64_t rows, tx.CommitImport(import));
    EXPECT_EQ(rows, 2);
    return absl::OkStatus();
  }));
  EXPECT_THAT(*List(Role::kCoordinator, "ANLTP", Uuid()), SizeIs(2));
  const auto changes = *store_->ReadChanges(0, 10);
  ASSERT_THAT(changes, SizeIs(2));
  EXPECT_EQ(changes[0].case_id, first.facts.case_id);
  EXPECT_EQ(changes[1].case_id, second.facts.case_id);
}

TEST_P(StoreConformance, ARowOfAnEarlierCommitOfTheImportIsFoundAgain) {
  const Uuid import = NewUuid(random_);
  const NewCase made = MakeCase("R1");
  NewCase again = made;
  again.facts.case_id = NewUuid(random_);
  ASSERT_OK(Write([&](auto& tx) { return tx.BeginImport(import, kNow); }));
  ASSERT_OK(Write([&](auto& tx) { return Stage(tx, import, made); }));
  const auto stage_again = [&](auto& tx) -> absl::Status {
    ASSIGN_OR_RETURN(const StageResult result, tx.StageCase(import, again));
    EXPECT_EQ(result, StageResult::kConflict);
    return absl::OkStatus();
  };
  ASSERT_OK(Write(stage_again));
  ASSERT_OK(Write([&](auto& tx) { return tx.CommitImport(import).status(); }));
  EXPECT_THAT(*store_->FindCases(Reference("R1")),
              ElementsAre(made.facts.case_id));
}

// As after kill -9 between two of its commits.
TEST_P(StoreConformance, AnImportThatWasCutOffStaysHiddenUntilItIsDiscarded) {
  const Uuid import = NewUuid(random_);
  const NewCase made = MakeCase("R1");
  ASSERT_OK(Write([&](auto& tx) { return tx.BeginImport(import, kNow); }));
  ASSERT_OK(Write([&](auto& tx) { return Stage(tx, import, made); }));
  Open();
  EXPECT_THAT(store_->ReadFacts(made.facts.case_id),
              FailsWith(ErrorReason::kNotFound));
  EXPECT_THAT(*store_->FindCases(Reference("R1")), IsEmpty());
  EXPECT_THAT(*store_->FindCases({IndexKind::kFamilyName, "FAMILY"}),
              IsEmpty());
  ASSERT_OK(Write([&](auto& tx) { return tx.DiscardImport(import); }));
  EXPECT_THAT(store_->ReadFacts(made.facts.case_id),
              FailsWith(ErrorReason::kNotFound));
  EXPECT_THAT(*store_->ReadChanges(0, 10), IsEmpty());
}

TEST_P(StoreConformance, WhatWasImportedIsNeitherDiscardedNorHiddenAgain) {
  const Uuid import = NewUuid(random_);
  const NewCase made = MakeCase("R1");
  ASSERT_OK(Write([&](auto& tx) -> absl::Status {
    RETURN_IF_ERROR(tx.BeginImport(import, kNow));
    RETURN_IF_ERROR(Stage(tx, import, made));
    return tx.CommitImport(import).status();
  }));
  EXPECT_THAT(Write([&](auto& tx) { return tx.BeginImport(import, kNow); }),
              FailsWith(ErrorReason::kAlreadyExists));
  EXPECT_OK(Write([&](auto& tx) { return tx.DiscardImport(import); }));
  EXPECT_OK(Write([&](auto& tx) { return tx.CommitImport(import).status(); }));
  EXPECT_OK(store_->ReadFacts(made.facts.case_id));
  EXPECT_THAT(*store_->ReadChanges(0, 10), SizeIs(1));
}

// A row of an import that another one discarded must not come to be seen.
TEST_P(StoreConformance, NothingIsStagedWithoutAnImport) {
  const Uuid import = NewUuid(random_);
  const auto stage = [&](auto& tx) {
    return tx.StageCase(import, MakeCase("R1")).status();
  };
  EXPECT_THAT(Write(stage), FailsWith(ErrorReason::kNotFound));
  ASSERT_OK(Write([&](auto& tx) { return tx.BeginImport(import, kNow); }));
  EXPECT_OK(Write(stage));
  ASSERT_OK(Write([&](auto& tx) { return tx.DiscardImport(import); }));
  EXPECT_THAT(Write(stage), FailsWith(ErrorReason::kNotFound));
  EXPECT_THAT(*store_->FindCases(Reference("R1")), IsEmpty());
}

TEST_P(StoreConformance, AnErasedCaseIsNotFoundByItsReference) {
  const NewCase made = MakeCase("R1");
  ASSERT_OK(Write([&](auto& tx) { return tx.InsertCase(made); }));
  EXPECT_THAT(*store_->FindCases(Reference("R1")),
              ElementsAre(made.facts.case_id));
  ASSERT_OK(Write([&](auto& tx) { return tx.EraseCase(made.facts.case_id); }));
  EXPECT_THAT(*store_->FindCases(Reference("R1")), IsEmpty());
}

}  // namespace
}  // namespace comity
