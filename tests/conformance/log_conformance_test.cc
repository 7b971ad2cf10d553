#include "tests/conformance/store_conformance.h"

namespace comity {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr const char* kNew = "comity/A/B";
constexpr const char* kOther = "comity/A/C";

const absl::Status kStop = ReasonError(ErrorReason::kInternal, "stop");

// The first entry of a log, with what hangs on it.
absl::Status Begin(StoreTransaction& tx, const char* log,
                   const std::string& leaf, const Uuid& subject) {
  RETURN_IF_ERROR(tx.InsertLeaf(log, {0, leaf, "opening"}));
  RETURN_IF_ERROR(tx.InsertNode(log, 0, 0, "hash of " + leaf));
  RETURN_IF_ERROR(tx.LinkLeaf(log, 0, subject));
  return tx.PutLogHead(log, {1, "note"});
}

std::vector<std::string> Leaves(const StoreReader& store, const char* log) {
  std::vector<std::string> leaves;
  const auto rows = store.ReadLeaves(log, 0, 9, false);
  EXPECT_OK(rows);
  for (const LeafRow& row : *rows) leaves.push_back(row.leaf);
  return leaves;
}

TEST_P(StoreConformance, ALogWhoseFirstEntryWasUndoneBeginsAnew) {
  const Uuid subject = NewUuid(random_);
  ASSERT_OK(Write([&](StoreTransaction& tx) -> absl::Status {
    EXPECT_FALSE(tx.Savepoint([&] {
                     EXPECT_OK(Begin(tx, kNew, "undone", subject));
                     return kStop;
                   }).ok());
    EXPECT_THAT(Leaves(tx, kNew), IsEmpty());
    // Another one takes the place of what was undone.
    RETURN_IF_ERROR(Begin(tx, kOther, "other", subject));
    return tx.Savepoint([&] { return Begin(tx, kNew, "kept", subject); });
  }));
  Open();
  EXPECT_THAT(*store_->ListLogs(), ElementsAre(kNew, kOther));
  EXPECT_THAT(Leaves(*store_, kNew), ElementsAre("kept"));
  EXPECT_THAT(Leaves(*store_, kOther), ElementsAre("other"));
  EXPECT_EQ(*store_->ReadNode(kNew, 0, 0), "hash of kept");
  EXPECT_EQ(*store_->ReadNode(kOther, 0, 0), "hash of other");
  EXPECT_THAT(*store_->ReadLeavesAbout(kNew, {subject}, 0, 9), SizeIs(1));
  EXPECT_THAT(*store_->ReadLeavesAbout(kOther, {subject}, 0, 9), SizeIs(1));
}

TEST_P(StoreConformance, ALogOfAFailedTransactionBeginsAnewInTheNext) {
  const Uuid subject = NewUuid(random_);
  EXPECT_FALSE(Write([&](StoreTransaction& tx) {
                 EXPECT_OK(Begin(tx, kNew, "undone", subject));
                 return kStop;
               }).ok());
  EXPECT_THAT(*store_->ListLogs(), IsEmpty());
  ASSERT_OK(Write([&](StoreTransaction& tx) -> absl::Status {
    RETURN_IF_ERROR(Begin(tx, kOther, "other", subject));
    return Begin(tx, kNew, "kept", subject);
  }));
  EXPECT_THAT(Leaves(*store_, kNew), ElementsAre("kept"));
  EXPECT_THAT(Leaves(*store_, kOther), ElementsAre("other"));
}

TEST_P(StoreConformance, AnUndoneStepOfAStepLeavesItsLogUsable) {
  const Uuid subject = NewUuid(random_);
  ASSERT_OK(Write([&](StoreTransaction& tx) {
    return tx.Savepoint([&]() -> absl::Status {
      RETURN_IF_ERROR(Begin(tx, kOther, "other", subject));
      EXPECT_FALSE(tx.Savepoint([&] {
                       EXPECT_OK(Begin(tx, kNew, "undone", subject));
                       EXPECT_OK(tx.InsertLeaf(kOther, {1, "undone", ""}));
                       return kStop;
                     }).ok());
      RETURN_IF_ERROR(tx.InsertLeaf(kOther, {1, "kept", ""}));
      return tx.InsertNode(kOther, 0, 1, "hash of kept");
    });
  }));
  EXPECT_THAT(*store_->ListLogs(), ElementsAre(kOther));
  EXPECT_THAT(Leaves(*store_, kOther), ElementsAre("other", "kept"));
  EXPECT_EQ(*store_->ReadNode(kOther, 0, 1), "hash of kept");
}

TEST_P(StoreConformance, WhatALongLogTellsOfASubjectIsFoundInItsOrder) {
  const Uuid hers = NewUuid(random_);
  const Uuid another = NewUuid(random_);
  ASSERT_OK(Write([&](StoreTransaction& tx) -> absl::Status {
    for (uint64_t i = 0; i < 5000; ++i) {
      RETURN_IF_ERROR(tx.InsertLeaf(kNew, {i, "leaf", ""}));
      RETURN_IF_ERROR(tx.LinkLeaf(kNew, i, another));
    }
    for (const uint64_t i :
         std::vector<uint64_t>{4999, 0, 1023, 1024, 3500, 1024}) {
      RETURN_IF_ERROR(tx.LinkLeaf(kNew, i, hers));
    }
    return absl::OkStatus();
  }));
  const auto about = [&](uint64_t from, int limit) {
    std::vector<uint64_t> found;
    const auto rows = store_->ReadLeavesAbout(kNew, {hers}, from, limit);
    EXPECT_OK(rows);
    for (const LeafRow& row : *rows) found.push_back(row.index);
    return found;
  };
  EXPECT_THAT(about(0, 9), ElementsAre(0, 1023, 1024, 3500, 4999));
  EXPECT_THAT(about(0, 2), ElementsAre(0, 1023));
  EXPECT_THAT(about(1024, 2), ElementsAre(1024, 3500));
  EXPECT_THAT(about(4999, 9), ElementsAre(4999));
  EXPECT_THAT(about(5000, 9), IsEmpty());
  EXPECT_THAT(*store_->ReadLeavesAbout(kNew, {hers, another}, 1022, 3),
              SizeIs(3));
  int64_t forgotten = 0;
  ASSERT_OK(Write([&](StoreTransaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(
        forgotten,
        tx.ForgetSubjects(kNew, {hers}, [](absl::string_view opening) {
          return absl::StatusOr<std::string>(opening);
        }));
    return absl::OkStatus();
  }));
  EXPECT_EQ(forgotten, 5);
  EXPECT_THAT(about(0, 9), IsEmpty());
  EXPECT_THAT(*store_->ReadLeavesAbout(kNew, {another}, 0, 9000), SizeIs(5000));
}

TEST_P(StoreConformance, WhatHangsOnALogWithoutEntriesIsRefused) {
  EXPECT_THAT(
      Write([&](auto& tx) { return tx.InsertNode(kNew, 0, 0, "hash"); }),
      FailsWith(ErrorReason::kNotFound));
  EXPECT_THAT(
      Write([&](auto& tx) { return tx.LinkLeaf(kNew, 0, NewUuid(random_)); }),
      FailsWith(ErrorReason::kNotFound));
  EXPECT_THAT(*store_->ListLogs(), IsEmpty());
}

}  // namespace
}  // namespace comity
