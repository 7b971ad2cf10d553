#include "node/crypto/hash.h"
#include "node/store/open_store.h"
#include "tests/support/permits.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_directory.h"

namespace comity {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);
const ParticipantCode kPartner = *ParticipantCode::Create("NG");

// What every backend must do with documents; one name for each backend.
class AttachmentConformance : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    made_.facts.case_id = NewUuid(random_);
    made_.facts.owner = "ANLTP/tester";
    made_.facts.organisation = "ANLTP";
    made_.body = "body";
    made_.terms = {{IndexKind::kLocalReference, "R1"}};
    ASSERT_OK(Write([&](auto& tx) {
      EXPECT_OK(tx.InsertCase(made_));
      return tx.InsertReferral(
          {dossier_, {kPartner, *ParticipantCode::Create("NE")}});
    }));
  }

  absl::Status Write(
      const std::function<absl::Status(StoreTransaction&)>& body) {
    return store_->Transact(body);
  }
  AttachmentRow Row(AttachmentOwner kind) {
    AttachmentRow row;
    row.id = NewUuid(random_);
    row.owner_kind = kind;
    row.owner = kind == AttachmentOwner::kCase ? made_.facts.case_id : dossier_;
    row.facts.kind = AttachmentKind::kMedicalReport;
    row.facts.media = MediaType::kPdf;
    row.facts.group = FieldGroup::kMedical;
    row.facts.size = content_.size();
    row.facts.salt = std::string(32, 's');
    row.reserved = content_.size();
    row.begun_at = kNow;
    return row;
  }
  // Written and checked.
  AttachmentRow Put(AttachmentOwner kind) {
    AttachmentRow row = Row(kind);
    row.facts.digest = Sha256(content_);
    EXPECT_OK(Write([&](auto& tx) {
      EXPECT_OK(tx.InsertAttachment(row));
      EXPECT_OK(tx.PutChunks(row.id, 0, content_));
      return tx.PutAttachmentFacts(row.id, row.facts, true);
    }));
    return row;
  }
  Permit PermitOnCase(LocalOperation operation = LocalOperation::kCaseRead) {
    return *engine_.DecideLocal(CallerForTest(Role::kCoordinator), operation,
                                &made_.facts, kNow);
  }
  Permit PermitOnDossiers() {
    return *engine_.DecideLocal(CallerForTest(Role::kCoordinator),
                                LocalOperation::kReferralRead, nullptr, kNow);
  }
  std::string Content(const AttachmentRow& row) {
    const auto read = store_->ReadChunks(
        row.owner_kind == AttachmentOwner::kCase ? PermitOnCase()
                                                 : PermitOnDossiers(),
        row.id, 0, 100);
    return read.ok() ? *read : std::string(ReasonName(ReasonOf(read.status())));
  }

  TestDirectory directory_;
  SystemRandom random_;
  PolicyEngine engine_ = EngineForTest();
  NewCase made_;
  const Uuid dossier_ = NewUuid(random_);
  const std::string content_ =
      std::string(kChunkSize, 'a') + std::string(kChunkSize, 'b') + "the end";
  std::unique_ptr<Store> store_ = *OpenStore(
      directory_.Path("store.db"), SecretBytes(std::string(32, 'k')), random_);
};

TEST_P(AttachmentConformance, WhatWasPutIsReadBack) {
  for (const auto kind : {AttachmentOwner::kCase, AttachmentOwner::kDossier}) {
    const AttachmentRow row = Put(kind);
    const auto read = store_->ReadAttachment(row.id);
    ASSERT_OK(read);
    EXPECT_EQ(read->owner, row.owner);
    EXPECT_EQ(read->facts.kind, AttachmentKind::kMedicalReport);
    EXPECT_EQ(read->facts.media, MediaType::kPdf);
    EXPECT_EQ(read->facts.Groups(), row.facts.Groups());
    EXPECT_EQ(read->facts.size, content_.size());
    EXPECT_EQ(read->facts.digest, Sha256(content_));
    EXPECT_EQ(read->facts.salt, row.facts.salt);
    EXPECT_EQ(read->held, 3u);
    EXPECT_TRUE(read->whole);
    EXPECT_EQ(read->begun_at, kNow);
    EXPECT_EQ(Content(row), content_);
    EXPECT_EQ(*store_->DigestAttachment(row.id), Sha256(content_));
    EXPECT_EQ(store_->ListAttachments(row.owner)->size(), 1u);
  }
  EXPECT_EQ(*store_->AttachmentBytes(), 2 * content_.size());
}

TEST_P(AttachmentConformance, ChunksComeInOrderAndARepeatChangesNothing) {
  const AttachmentRow row = Row(AttachmentOwner::kDossier);
  ASSERT_OK(Write([&](auto& tx) { return tx.InsertAttachment(row); }));
  EXPECT_THAT(Write([&](auto& tx) { return tx.InsertAttachment(row); }),
              FailsWith(ErrorReason::kAlreadyExists));
  EXPECT_THAT(Write([&](auto& tx) { return tx.PutChunks(row.id, 1, "late"); }),
              FailsWith(ErrorReason::kInternal));
  ASSERT_OK(Write([&](auto& tx) {
    EXPECT_OK(tx.PutChunks(row.id, 0, content_.substr(0, kChunkSize)));
    return tx.PutChunks(
        row.id, 0, std::string(kChunkSize, 'z') + content_.substr(kChunkSize));
  }));
  EXPECT_EQ(Content(row), content_);
  EXPECT_EQ(store_->ReadAttachment(row.id)->held, 3u);
  EXPECT_FALSE(store_->ReadAttachment(row.id)->whole);
  EXPECT_EQ(*store_->ReadChunks(PermitOnDossiers(), row.id, 1, 1),
            std::string(kChunkSize, 'b'));
  EXPECT_EQ(*store_->ReadChunks(PermitOnDossiers(), row.id, 3, 1), "");
}

TEST_P(AttachmentConformance, APermitIsForItsCaseOrForReadingReferrals) {
  const AttachmentRow own = Put(AttachmentOwner::kCase);
  const AttachmentRow fetched = Put(AttachmentOwner::kDossier);
  CaseFacts other;
  other.case_id = NewUuid(random_);
  const Permit elsewhere =
      *engine_.DecideLocal(CallerForTest(Role::kCoordinator),
                           LocalOperation::kCaseRead, &other, kNow);
  EXPECT_THAT(store_->ReadChunks(elsewhere, own.id, 0, 1),
              FailsWith(ErrorReason::kInternal));
  EXPECT_THAT(store_->ReadChunks(PermitOnDossiers(), own.id, 0, 1),
              FailsWith(ErrorReason::kInternal));
  EXPECT_THAT(store_->ReadChunks(PermitOnCase(), fetched.id, 0, 1),
              FailsWith(ErrorReason::kInternal));
}

// Law 11: with the owner's data key, and from every list.
TEST_P(AttachmentConformance, Law11ErasingTheOwnerErasesIt) {
  const AttachmentRow own = Put(AttachmentOwner::kCase);
  const AttachmentRow fetched = Put(AttachmentOwner::kDossier);
  ASSERT_OK(Write([&](auto& tx) {
    EXPECT_OK(tx.InsertOffer({NewUuid(random_), dossier_, own.id}));
    EXPECT_OK(tx.EraseCase(made_.facts.case_id));
    return tx.EraseDossier(dossier_);
  }));
  for (const AttachmentRow& row : {own, fetched}) {
    EXPECT_THAT(store_->ReadAttachment(row.id),
                FailsWith(ErrorReason::kNotFound));
    EXPECT_THAT(*store_->ListAttachments(row.owner), IsEmpty());
    EXPECT_EQ(Content(row), "NOT_FOUND");
  }
  EXPECT_THAT(*store_->ListOffersOf(own.id), IsEmpty());
  EXPECT_EQ(*store_->AttachmentBytes(), 0u);
  EXPECT_THAT(Write([&](auto& tx) {
                return tx.InsertAttachment(Row(AttachmentOwner::kCase));
              }),
              FailsWith(ErrorReason::kNotFound));
}

// Whoever asked for it: a person, or the period of a closed case.
TEST_P(AttachmentConformance, Law11ErasingAnOwnCaseErasesIt) {
  const AttachmentRow own = Put(AttachmentOwner::kCase);
  ASSERT_OK(Write([&](auto& tx) {
    return tx.EraseOwnCase(Tombstone{made_.facts.case_id, "ANLTP", kNow,
                                     Role::kUnset,
                                     ErasureGround::kRetentionEnded});
  }));
  EXPECT_THAT(store_->ReadAttachment(own.id),
              FailsWith(ErrorReason::kNotFound));
  EXPECT_EQ(*store_->AttachmentBytes(), 0u);
  EXPECT_TRUE(store_->MustForget());
}

TEST_P(AttachmentConformance, AnOwnersNewDataKeyKeepsIt) {
  const AttachmentRow own = Put(AttachmentOwner::kCase);
  const AttachmentRow fetched = Put(AttachmentOwner::kDossier);
  ASSERT_OK(Write([&](auto& tx) {
    EXPECT_OK(tx.RewriteCase(
        made_.facts.case_id,
        [&](const StoredCase&) -> absl::StatusOr<NewCase> { return made_; }));
    return tx.RewriteOpenings(
        dossier_, [](absl::string_view) -> absl::StatusOr<std::string> {
          return std::string();
        });
  }));
  EXPECT_EQ(Content(own), content_);
  EXPECT_EQ(Content(fetched), content_);
}

// Both data keys of two cases that become one are destroyed.
TEST_P(AttachmentConformance, AMergedCaseHasTheDocumentsOfBoth) {
  const AttachmentRow own = Put(AttachmentOwner::kCase);
  NewCase other = made_;
  other.facts.case_id = NewUuid(random_);
  other.terms = {{IndexKind::kLocalReference, "R2"}};
  AttachmentRow theirs = Row(AttachmentOwner::kCase);
  theirs.owner = other.facts.case_id;
  theirs.facts.digest = Sha256(content_);
  ASSERT_OK(Write([&](auto& tx) {
    EXPECT_OK(tx.InsertCase(other));
    EXPECT_OK(tx.InsertAttachment(theirs));
    EXPECT_OK(tx.PutChunks(theirs.id, 0, content_));
    EXPECT_OK(tx.PutAttachmentFacts(theirs.id, theirs.facts, true));
    return tx.MergeCases(
        made_.facts.case_id, other.facts.case_id,
        [&](const StoredCase& first,
            const StoredCase&) -> absl::StatusOr<NewCase> {
          NewCase merged = made_;
          merged.facts = first.facts;
          merged.facts.merged.push_back(
              {other.facts.case_id, "R2", kNow, "ANLTP/tester"});
          return merged;
        });
  }));
  EXPECT_EQ(Content(own), content_);
  EXPECT_EQ(Content(theirs), content_);
  const auto listed = store_->ListAttachments(made_.facts.case_id);
  ASSERT_OK(listed);
  EXPECT_EQ(listed->size(), 2u);
  EXPECT_THAT(*store_->ListAttachments(other.facts.case_id), IsEmpty());
}

TEST_P(AttachmentConformance, OneIsDestroyedAndTheJournalMustForgetIt) {
  const AttachmentRow gone = Put(AttachmentOwner::kCase);
  const AttachmentRow left = Put(AttachmentOwner::kCase);
  ASSERT_OK(store_->ForgetDeleted());
  ASSERT_OK(Write([&](auto& tx) { return tx.DeleteAttachment(gone.id); }));
  EXPECT_TRUE(store_->MustForget());
  EXPECT_EQ(Content(gone), "NOT_FOUND");
  EXPECT_EQ(Content(left), content_);
  EXPECT_OK(Write([&](auto& tx) { return tx.DeleteAttachment(gone.id); }));
}

// Two owners, one content: each ends with its owner.
TEST_P(AttachmentConformance, Law11WhatIsSharedEndsWithEachOfItsOwners) {
  const AttachmentRow fetched = Put(AttachmentOwner::kDossier);
  AttachmentRow shared = Row(AttachmentOwner::kCase);
  shared.facts = fetched.facts;
  shared.facts.salt = std::string(32, 'o');
  ASSERT_OK(
      Write([&](auto& tx) { return tx.ShareAttachment(fetched.id, shared); }));
  EXPECT_EQ(Content(shared), content_);
  EXPECT_EQ(store_->ReadAttachment(shared.id)->facts.salt, shared.facts.salt);
  EXPECT_TRUE(store_->ReadAttachment(shared.id)->whole);
  EXPECT_EQ(*store_->DigestAttachment(shared.id), Sha256(content_));
  // It takes no room of its own.
  EXPECT_EQ(*store_->AttachmentBytes(), content_.size());
  ASSERT_OK(Write([&](auto& tx) { return tx.EraseDossier(dossier_); }));
  EXPECT_EQ(Content(fetched), "NOT_FOUND");
  EXPECT_EQ(Content(shared), content_);
  EXPECT_EQ(*store_->AttachmentBytes(), content_.size());
  ASSERT_OK(Write([&](auto& tx) { return tx.DeleteAttachment(shared.id); }));
  EXPECT_EQ(Content(shared), "NOT_FOUND");
  EXPECT_EQ(*store_->AttachmentBytes(), 0u);
}

TEST_P(AttachmentConformance, AnErasedCaseLeavesTheDossierItsDocument) {
  const AttachmentRow fetched = Put(AttachmentOwner::kDossier);
  AttachmentRow shared = Row(AttachmentOwner::kCase);
  shared.facts = fetched.facts;
  ASSERT_OK(Write([&](auto& tx) {
    EXPECT_OK(tx.ShareAttachment(fetched.id, shared));
    return tx.EraseCase(made_.facts.case_id);
  }));
  EXPECT_EQ(Content(fetched), content_);
  const AttachmentRow begun = Row(AttachmentOwner::kDossier);
  EXPECT_THAT(Write([&](auto& tx) {
                EXPECT_OK(tx.InsertAttachment(begun));
                return tx.ShareAttachment(begun.id, shared);
              }),
              FailsWith(ErrorReason::kInternal));
}

TEST_P(AttachmentConformance, WhatAPersonDidNotFinishIsListed) {
  Put(AttachmentOwner::kCase);
  const AttachmentRow own = Row(AttachmentOwner::kCase);
  ASSERT_OK(Write([&](auto& tx) {
    EXPECT_OK(tx.InsertAttachment(own));
    return tx.InsertAttachment(Row(AttachmentOwner::kDossier));
  }));
  EXPECT_THAT(*store_->ListUnfinished(kNow), IsEmpty());
  EXPECT_THAT(*store_->ListUnfinished(kNow + absl::Seconds(1)),
              ElementsAre(own.id));
}

TEST_P(AttachmentConformance, AnOfferIsKeptAndChargedOnce) {
  const AttachmentRow own = Put(AttachmentOwner::kCase);
  OfferedAttachment offer{NewUuid(random_), dossier_, own.id, 2};
  ASSERT_OK(Write([&](auto& tx) { return tx.InsertOffer(offer); }));
  const auto read = store_->ReadOffer(offer.offer_id);
  ASSERT_OK(read);
  EXPECT_EQ(read->referral_id, dossier_);
  EXPECT_EQ(read->attachment_id, own.id);
  EXPECT_EQ(read->approvals, 2u);
  EXPECT_FALSE(read->charged);
  ASSERT_OK(Write([&](auto& tx) { return tx.ChargeOffer(offer.offer_id); }));
  EXPECT_TRUE(store_->ListOffersOf(own.id)->at(0).charged);
  EXPECT_THAT(store_->ReadOffer(own.id), FailsWith(ErrorReason::kNotFound));
}

INSTANTIATE_TEST_SUITE_P(Backends, AttachmentConformance,
                         testing::Values("sqlite"));

}  // namespace
}  // namespace comity
