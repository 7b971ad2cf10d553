#include "node/store/open_store.h"
#include "tests/support/permits.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_directory.h"

namespace comity {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

const absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);
const ParticipantCode kNigeria = *ParticipantCode::Create("NG");
const ParticipantCode kTogo = *ParticipantCode::Create("TG");

// What every backend must do when two cases become one; one name for each
// backend.
class MergeConformance : public testing::TestWithParam<const char*> {
 protected:
  absl::Status Write(
      const std::function<absl::Status(StoreTransaction&)>& body) {
    return store_->Transact(body);
  }
  NewCase CaseOf(const std::string& reference) {
    NewCase made;
    made.facts.case_id = NewUuid(random_);
    made.facts.owner = "ANLTP/tester";
    made.facts.organisation = "ANLTP";
    made.body = "body of " + reference;
    made.terms = {{IndexKind::kLocalReference, reference},
                  {IndexKind::kFamilyName, "NAME OF " + reference}};
    return made;
  }
  // Imports one row and says what became of it.
  StageResult Import(const NewCase& row) {
    const Uuid import = NewUuid(random_);
    StageResult result = StageResult::kConflict;
    EXPECT_OK(Write([&](auto& tx) -> absl::Status {
      RETURN_IF_ERROR(tx.BeginImport(import, kNow));
      ASSIGN_OR_RETURN(result, tx.StageCase(import, row));
      return tx.CommitImport(import).status();
    }));
    return result;
  }
  NewCase Imported(const std::string& reference) {
    NewCase row = CaseOf(reference);
    EXPECT_EQ(Import(row), StageResult::kStaged);
    return row;
  }
  absl::Status Merge(const Uuid& kept, const Uuid& other) {
    return Write([&](auto& tx) {
      return tx.MergeCases(
          kept, other,
          [&](const StoredCase& first,
              const StoredCase& second) -> absl::StatusOr<NewCase> {
            NewCase merged{first.facts,
                           first.body + ", " + second.body,
                           {{IndexKind::kLocalReference, "R1"}}};
            merged.facts.merged.push_back({other, "R2", kNow, "ANLTP/tester"});
            return merged;
          });
    });
  }
  absl::Status Merge() { return Merge(Id1(), Id2()); }
  const Uuid& Id1() const { return first_.facts.case_id; }
  const Uuid& Id2() const { return second_.facts.case_id; }
  absl::StatusOr<StoredCase> Read(const Uuid& id) const {
    ASSIGN_OR_RETURN(const CaseFacts facts, store_->ReadFacts(id));
    ASSIGN_OR_RETURN(
        const Permit permit,
        engine_.DecideLocal(CallerForTest(Role::kCoordinator),
                            LocalOperation::kCaseRead, &facts, kNow));
    return store_->ReadCase(permit, id);
  }
  std::vector<Uuid> Find(const std::string& reference) const {
    const auto found =
        store_->FindCases({IndexKind::kLocalReference, reference});
    EXPECT_OK(found);
    return *found;
  }
  Uuid Name(const Uuid& case_id, const ParticipantCode& partner) {
    const Uuid pseudonym = NewUuid(random_);
    EXPECT_OK(Write([&](auto& tx) {
      return tx.PutPseudonym(case_id, partner, pseudonym);
    }));
    return pseudonym;
  }
  Uuid Draft(const Uuid& case_id) {
    ReferralRow row{NewUuid(random_),
                    {*ParticipantCode::Create("NE"), kNigeria}};
    row.case_id = case_id;
    row.created_at = kNow;
    EXPECT_OK(Write([&](auto& tx) { return tx.InsertReferral(row); }));
    return row.referral_id;
  }
  ApprovalRequest Ask(const Uuid& subject, const Uuid& used_by) {
    ApprovalRequest asked{NewUuid(random_), ApprovalMatter::kAnswerPartner,
                          kNigeria, std::string(32, 'k'), subject};
    asked.created_at = kNow;
    asked.expires_at = kNow + absl::Hours(72);
    asked.used_by = used_by;
    EXPECT_OK(Write([&](auto& tx) {
      EXPECT_OK(tx.InsertApprovalRequest(asked));
      return tx.InsertApproval(asked.id, {"ANLTP/second", kNow});
    }));
    return asked;
  }
  void SetUp() override {
    first_ = Imported("R1");
    second_ = Imported("R2");
  }

  TestDirectory directory_;
  SystemRandom random_;
  PolicyEngine engine_ = EngineForTest();
  std::unique_ptr<Store> store_ = *OpenStore(
      directory_.Path("store.db"), SecretBytes(std::string(32, 'k')), random_);
  NewCase first_;
  NewCase second_;
};

TEST_P(MergeConformance, OneCaseIsLeftWithWhatBothHeld) {
  const uint64_t version = store_->ReadFacts(Id1())->version;
  ASSERT_OK(store_->ForgetDeleted());
  ASSERT_OK(Merge());
  EXPECT_TRUE(store_->MustForget());
  EXPECT_EQ(Read(Id1())->body, "body of R1, body of R2");
  EXPECT_EQ(store_->ReadFacts(Id1())->version, version + 1);
  EXPECT_EQ(store_->ReadFacts(Id1())->merged[0].reference, "R2");
  EXPECT_THAT(Read(Id2()), FailsWith(ErrorReason::kNotFound));
  const auto listed = store_->ListCases(
      *engine_.DecideLocal(CallerForTest(Role::kCoordinator),
                           LocalOperation::kCaseRead, nullptr, kNow),
      Uuid(), 9);
  ASSERT_OK(listed);
  EXPECT_EQ(listed->size(), 1u);
  // A period that is published from here on counts one person.
  int counted = 0;
  EXPECT_OK(store_->ScanCases(
      engine_.PermitTabulation(*ParticipantCode::Create("NE"), kNow),
      [&](const StoredCase&) {
        ++counted;
        return absl::OkStatus();
      }));
  EXPECT_EQ(counted, 1);
}

TEST_P(MergeConformance, IdAndReferenceOfTheOtherLeadToIt) {
  EXPECT_THAT(store_->ReadMergedInto(Id2()), FailsWith(ErrorReason::kNotFound));
  ASSERT_OK(Merge());
  EXPECT_EQ(*store_->ReadMergedInto(Id2()), Id1());
  EXPECT_THAT(store_->ReadMergedInto(Id1()), FailsWith(ErrorReason::kNotFound));
  EXPECT_THAT(Find("R1"), ElementsAre(Id1()));
  EXPECT_THAT(Find("R2"), ElementsAre(Id1()));
  EXPECT_THAT(*store_->FindCases({IndexKind::kFamilyName, "NAME OF R2"}),
              IsEmpty());
  // However often it is rewritten, and merged on.
  ASSERT_OK(Write([&](auto& tx) {
    return tx.RewriteCase(
        Id1(), [](const StoredCase& stored) -> absl::StatusOr<NewCase> {
          return NewCase{
              stored.facts, "new", {{IndexKind::kLocalReference, "R1"}}};
        });
  }));
  EXPECT_THAT(Find("R2"), ElementsAre(Id1()));
  const NewCase third = Imported("R3");
  ASSERT_OK(Merge(third.facts.case_id, Id1()));
  EXPECT_EQ(*store_->ReadMergedInto(Id2()), third.facts.case_id);
  EXPECT_THAT(Find("R2"), ElementsAre(third.facts.case_id));
  EXPECT_THAT(Write([&](auto& tx) { return tx.InsertCase(CaseOf("R2")); }),
              FailsWith(ErrorReason::kAlreadyExists));
}

TEST_P(MergeConformance, EveryPseudonymStaysValidAndTheOwnOneGoesOn) {
  const Uuid own = Name(Id1(), kNigeria);
  const Uuid others = Name(Id2(), kNigeria);
  const Uuid alone = Name(Id2(), kTogo);
  ASSERT_OK(Merge());
  EXPECT_EQ(*store_->ResolvePseudonym(own, kNigeria), Id1());
  EXPECT_EQ(*store_->ResolvePseudonym(others, kNigeria), Id1());
  EXPECT_EQ(*store_->ResolvePseudonym(alone, kTogo), Id1());
  EXPECT_EQ(*store_->ReadPseudonym(Id1(), kNigeria), own);
  EXPECT_EQ(*store_->ReadPseudonym(Id1(), kTogo), alone);
  EXPECT_THAT(*store_->ListPseudonyms(Id1()),
              UnorderedElementsAre(own, others, alone));
  // Under another data key, and with a second merge.
  const NewCase third = Imported("R3");
  const Uuid thirds = Name(third.facts.case_id, kNigeria);
  ASSERT_OK(Merge(third.facts.case_id, Id1()));
  EXPECT_THAT(*store_->ListPseudonyms(third.facts.case_id),
              UnorderedElementsAre(own, others, alone, thirds));
  EXPECT_EQ(*store_->ReadPseudonym(third.facts.case_id, kNigeria), thirds);
}

TEST_P(MergeConformance, ReferralsAndReviewsAreItsAndOpenApprovalsAreNobodys) {
  const Uuid draft = Draft(Id2());
  EmergencyReview review{NewUuid(random_), kNigeria, true, "a", Id2()};
  review.opened_at = review.due_at = kNow;
  ASSERT_OK(Write([&](auto& tx) { return tx.PutReview(review); }));
  const Uuid message = NewUuid(random_);
  const ApprovalRequest used = Ask(Id2(), message);
  const std::vector<ApprovalRequest> open = {
      Ask(Id1(), Uuid()), Ask(Id2(), Uuid()), Ask(draft, Uuid())};
  const ApprovalRequest strange = Ask(NewUuid(random_), Uuid());
  ASSERT_OK(Merge());
  EXPECT_EQ(store_->ListReferralsOf(Id1())->size(), 1u);
  EXPECT_EQ(store_->ReadReferral(draft)->case_id, Id1());
  EXPECT_EQ(store_->ReadReview(review.id)->subject, Id1());
  EXPECT_EQ(store_->ReadApprovalRequest(used.id)->subject, Id1());
  for (const ApprovalRequest& each : open) {
    EXPECT_THAT(store_->ReadApprovalRequest(each.id),
                FailsWith(ErrorReason::kNotFound));
  }
  EXPECT_EQ(store_->ReadApprovalRequest(strange.id)->approvals.size(), 1u);
}

TEST_P(MergeConformance, TheSameRowsAreNoNewsAndAnotherRowIsAConflict) {
  ASSERT_OK(Merge());
  EXPECT_EQ(Import(CaseOf("R1")), StageResult::kUnchanged);
  EXPECT_EQ(Import(CaseOf("R2")), StageResult::kUnchanged);
  NewCase changed = CaseOf("R2");
  changed.body = "another body";
  EXPECT_EQ(Import(changed), StageResult::kConflict);
}

TEST_P(MergeConformance, WhatFailsChangesNothing) {
  const Uuid others = Name(Id2(), kNigeria);
  EXPECT_THAT(Write([&](auto& tx) {
                return tx.MergeCases(
                    Id1(), Id2(),
                    [](const StoredCase&,
                       const StoredCase&) -> absl::StatusOr<NewCase> {
                      return ReasonError(ErrorReason::kFieldMissing, "choose");
                    });
              }),
              FailsWith(ErrorReason::kFieldMissing));
  EXPECT_THAT(Merge(Id1(), NewUuid(random_)),
              FailsWith(ErrorReason::kNotFound));
  EXPECT_THAT(Merge(Id1(), Id1()), FailsWith(ErrorReason::kInternal));
  EXPECT_EQ(Read(Id1())->body, "body of R1");
  EXPECT_EQ(Read(Id2())->body, "body of R2");
  EXPECT_EQ(*store_->ResolvePseudonym(others, kNigeria), Id2());
  ASSERT_OK(Merge());
  // It is part of another one already.
  EXPECT_THAT(Merge(Id1(), Id2()), FailsWith(ErrorReason::kNotFound));
}

TEST_P(MergeConformance, AnErasedCaseTakesTheOthersNamesWithIt) {
  Name(Id2(), kNigeria);
  ASSERT_OK(Merge());
  const Tombstone left{Id1(), "ANLTP", kNow};
  ASSERT_OK(Write([&](auto& tx) { return tx.EraseOwnCase(left); }));
  EXPECT_EQ(*store_->FindTombstone("R2"), left);
  EXPECT_EQ(*store_->FindTombstone(Id2().ToString()), left);
  EXPECT_EQ(*store_->FindTombstone("R1"), left);
  EXPECT_EQ(store_->ListTombstones(Uuid(), 9)->size(), 1u);
  // What an import would compare is gone, too.
  EXPECT_EQ(Import(CaseOf("R2")), StageResult::kConflict);
}

TEST_P(MergeConformance, AReceivedCaseThatIsErasedFreesBothReferences) {
  ASSERT_OK(Merge());
  ASSERT_OK(Write([&](auto& tx) { return tx.EraseCase(Id1()); }));
  EXPECT_THAT(store_->ReadMergedInto(Id2()), FailsWith(ErrorReason::kNotFound));
  EXPECT_EQ(Import(CaseOf("R1")), StageResult::kStaged);
  EXPECT_EQ(Import(CaseOf("R2")), StageResult::kStaged);
}

TEST_P(MergeConformance, AClearanceIsTakenAway) {
  const Uuid draft = Draft(Id1());
  const RiskClearance clearance{RiskLevel::kLow, kNow, kNow, "ANLTP/second"};
  ASSERT_OK(Write([&](auto& tx) { return tx.PutClearance(draft, clearance); }));
  ASSERT_TRUE(store_->ReadReferral(draft)->clearance.has_value());
  ASSERT_OK(
      Write([&](auto& tx) { return tx.PutClearance(draft, RiskClearance()); }));
  EXPECT_FALSE(store_->ReadReferral(draft)->clearance.has_value());
}

// Counts of what changed must find them under the other case.
TEST_P(MergeConformance, ReferralsThatWentToTheOtherCaseChanged) {
  const Uuid moved = Draft(Id2());
  Draft(Id1());
  ASSERT_OK(Merge());
  const auto changes = store_->ReadReferralChanges(0, 9);
  ASSERT_OK(changes);
  ASSERT_EQ(changes->size(), 1u);
  EXPECT_EQ(changes->at(0).referral_id, moved);
}

INSTANTIATE_TEST_SUITE_P(Backends, MergeConformance, testing::Values("sqlite"));

}  // namespace
}  // namespace comity
