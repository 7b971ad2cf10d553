#include "absl/strings/str_cat.h"
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

// What every backend must do about what is to be unreadable for ever, whole or
// in part; one name for each backend.
class ErasureConformance : public testing::TestWithParam<const char*> {
 protected:
  absl::Status Write(
      const std::function<absl::Status(StoreTransaction&)>& body) {
    return store_->Transact(body);
  }
  NewCase ReceivedCase(const std::string& reference) {
    NewCase made;
    made.facts.case_id = NewUuid(random_);
    made.facts.owner = "ANLTP/tester";
    made.facts.organisation = "ANLTP";
    made.facts.provenance = Provenance{kPartner, referral_};
    made.body = "first second";
    made.terms = {{IndexKind::kLocalReference, reference},
                  {IndexKind::kFamilyName, "FAMILY"}};
    return made;
  }
  absl::StatusOr<StoredCase> Read(const CaseFacts& facts) const {
    ASSIGN_OR_RETURN(
        const Permit permit,
        engine_.DecideLocal(CallerForTest(Role::kCoordinator),
                            LocalOperation::kCaseRead, &facts, kNow));
    return store_->ReadCase(permit, facts.case_id);
  }
  Uuid QueueEvent(absl::string_view openings, bool urgent = false) {
    EventRow row{ReferralEvent{NewUuid(random_), referral_, kPartner}};
    row.openings = std::string(openings);
    EXPECT_OK(Write([&](auto& tx) {
      EXPECT_OK(tx.InsertEvent(row, ReferralState::kSent));
      return tx.InsertOutbox(
          {kPartner, referral_, row.event.event_id, kNow, urgent});
    }));
    return row.event.event_id;
  }
  std::vector<Uuid> Outbox() const {
    std::vector<Uuid> ids;
    const auto waiting = store_->ReadOutbox(kPartner, 9);
    EXPECT_OK(waiting);
    for (const OutboxRow& row : *waiting) {
      ids.push_back(row.event_id);
    }
    return ids;
  }
  void SetUp() override {
    ASSERT_OK(Write([&](auto& tx) {
      return tx.InsertReferral(
          {referral_, {*ParticipantCode::Create("NE"), kPartner}});
    }));
  }

  TestDirectory directory_;
  SystemRandom random_;
  PolicyEngine engine_ = EngineForTest();
  const Uuid referral_ = NewUuid(random_);
  std::unique_ptr<Store> store_ = *OpenStore(
      directory_.Path("store.db"), SecretBytes(std::string(32, 'k')), random_);
};

TEST_P(ErasureConformance, AnErasedCaseIsNowhereAndItsReferenceIsFree) {
  const NewCase made = ReceivedCase("R1");
  ASSERT_OK(Write([&](auto& tx) {
    EXPECT_OK(tx.InsertCase(made));
    return tx.PutPseudonym(made.facts.case_id, kPartner, NewUuid(random_));
  }));
  EXPECT_THAT(*store_->ListCasesFrom(referral_),
              ElementsAre(made.facts.case_id));
  ASSERT_OK(store_->ForgetDeleted());
  EXPECT_FALSE(store_->MustForget());
  ASSERT_OK(Write([&](auto& tx) { return tx.EraseCase(made.facts.case_id); }));
  EXPECT_TRUE(store_->MustForget());
  EXPECT_THAT(store_->ReadFacts(made.facts.case_id),
              FailsWith(ErrorReason::kNotFound));
  EXPECT_THAT(Read(made.facts), FailsWith(ErrorReason::kNotFound));
  EXPECT_THAT(*store_->FindCases({IndexKind::kFamilyName, "FAMILY"}),
              IsEmpty());
  EXPECT_THAT(store_->ReadPseudonym(made.facts.case_id, kPartner),
              FailsWith(ErrorReason::kNotFound));
  EXPECT_THAT(*store_->ListCasesFrom(referral_), IsEmpty());
  EXPECT_THAT(Write([&](auto& tx) { return tx.EraseCase(made.facts.case_id); }),
              FailsWith(ErrorReason::kNotFound));
  EXPECT_OK(Write([&](auto& tx) { return tx.InsertCase(ReceivedCase("R1")); }));
}

TEST_P(ErasureConformance, WhatIsLeftOfACaseIsReadAndItsNamesStay) {
  const NewCase made = ReceivedCase("R1");
  const Uuid pseudonym = NewUuid(random_);
  ASSERT_OK(Write([&](auto& tx) {
    EXPECT_OK(tx.InsertCase(made));
    EXPECT_OK(tx.PutPseudonym(made.facts.case_id, kPartner, pseudonym));
    return tx.RewriteCase(
        made.facts.case_id,
        [](const StoredCase& stored) -> absl::StatusOr<NewCase> {
          EXPECT_EQ(stored.body, "first second");
          return NewCase{
              stored.facts, "first", {{IndexKind::kLocalReference, "R1"}}};
        });
  }));
  EXPECT_EQ(Read(made.facts)->body, "first");
  EXPECT_EQ(*store_->ReadPseudonym(made.facts.case_id, kPartner), pseudonym);
  EXPECT_THAT(*store_->FindCases({IndexKind::kFamilyName, "FAMILY"}),
              IsEmpty());
  EXPECT_THAT(*store_->FindCases({IndexKind::kLocalReference, "R1"}),
              ElementsAre(made.facts.case_id));
}

TEST_P(ErasureConformance, ACaseIsDueAtItsTimeOrWhenItsHoldEnds) {
  NewCase made = ReceivedCase("R1");
  made.facts.provenance->erase_at = kNow;
  ASSERT_OK(Write([&](auto& tx) { return tx.InsertCase(made); }));
  const Uuid id = made.facts.case_id;
  const absl::Time before = kNow - absl::Microseconds(1);
  EXPECT_THAT(*store_->ListCasesToErase(before, 9), IsEmpty());
  EXPECT_THAT(*store_->ListCasesToErase(kNow, 9), ElementsAre(id));
  const LegalHold hold{HoldGround::kCourtOrder, kNow + absl::Hours(1), kNow,
                       "ANLTP/dpo"};
  ASSERT_OK(Write([&](auto& tx) { return tx.PutHold(id, hold); }));
  EXPECT_EQ(store_->ReadFacts(id)->hold, hold);
  EXPECT_THAT(*store_->ListCasesToErase(kNow, 9), IsEmpty());
  EXPECT_THAT(*store_->ListCasesToErase(hold.until, 9), ElementsAre(id));
  ASSERT_OK(Write([&](auto& tx) {
    EXPECT_OK(tx.PutHold(id, std::nullopt));
    return tx.PutWithdrawn(id, before);
  }));
  EXPECT_THAT(*store_->ListCasesToErase(before, 9), ElementsAre(id));
}

TEST_P(ErasureConformance, OpeningsAreRewrittenOneByOne) {
  const Uuid one = QueueEvent("keep drop");
  const Uuid two = QueueEvent("drop");
  ASSERT_OK(Write([&](auto& tx) {
    return tx.RewriteOpenings(
        referral_,
        [](absl::string_view openings) -> absl::StatusOr<std::string> {
          return openings == "drop" ? "" : "keep";
        });
  }));
  EXPECT_EQ(store_->ReadForDelivery({kPartner, referral_, one})->openings,
            "keep");
  EXPECT_EQ(store_->ReadForDelivery({kPartner, referral_, two})->openings, "");
}

// What an offer says of its document is no part of a record: no permit is asked
// for. It is sealed as a packet is, and ends with it.
TEST_P(ErasureConformance, WhatAnOfferSaysIsReadWithoutAPermit) {
  const Uuid packet = QueueEvent("packet");
  EventRow offer{ReferralEvent{NewUuid(random_), referral_, kPartner}};
  offer.event.kind = ReferralEventKind::kAttachmentOffered;
  offer.openings = "document";
  ASSERT_OK(Write([&](auto& tx) {
    return tx.InsertEvent(offer, ReferralState::kAccepted);
  }));
  EXPECT_THAT(store_->ReadOfferOpening(packet),
              FailsWith(ErrorReason::kNotFound));
  EXPECT_THAT(store_->ReadOfferOpening(NewUuid(random_)),
              FailsWith(ErrorReason::kNotFound));
  EXPECT_EQ(*store_->ReadOfferOpening(offer.event.event_id), "document");
  ASSERT_OK(Write([&](auto& tx) { return tx.EraseDossier(referral_); }));
  EXPECT_EQ(*store_->ReadOfferOpening(offer.event.event_id), "");
}

TEST_P(ErasureConformance, WhatIsUrgentGoesAheadOfWhatIsOlder) {
  const Uuid first = QueueEvent("");
  const Uuid second = QueueEvent("");
  const Uuid urgent = QueueEvent("", true);
  EXPECT_THAT(Outbox(), ElementsAre(urgent, first, second));
  ASSERT_OK(Write([&](auto& tx) { return tx.HurryOutbox(referral_); }));
  EXPECT_THAT(Outbox(), ElementsAre(first, second, urgent));
}

TEST_P(ErasureConformance, AnErasedDossierKeepsItsEventsAndLosesWhatTheyTold) {
  ReferralRow referral{NewUuid(random_), {kPartner, kPartner}};
  referral.erase_at = kNow;
  referral.no_onward_transfer = true;
  EventRow event{
      ReferralEvent{NewUuid(random_), referral.referral_id, kPartner}};
  event.openings = "packet";
  ASSERT_OK(Write([&](auto& tx) {
    EXPECT_OK(tx.InsertReferral(referral));
    return tx.InsertEvent(event, ReferralState::kSent);
  }));
  const Permit reading =
      *engine_.DecideLocal(CallerForTest(Role::kCoordinator),
                           LocalOperation::kReferralRead, nullptr, kNow);
  EXPECT_EQ(store_->ReadEventOpenings(reading, event.event.event_id)->openings,
            "packet");
  EXPECT_THAT(*store_->ListExpiredDossiers(kNow - absl::Seconds(1), 9),
              IsEmpty());
  ASSERT_THAT(*store_->ListExpiredDossiers(kNow, 9),
              ElementsAre(referral.referral_id));
  ASSERT_OK(
      Write([&](auto& tx) { return tx.EraseDossier(referral.referral_id); }));
  ASSERT_OK(store_->ForgetDeleted());
  EXPECT_THAT(*store_->ListExpiredDossiers(kNow, 9), IsEmpty());
  EXPECT_THAT(store_->ReadEventOpenings(reading, event.event.event_id),
              FailsWith(ErrorReason::kNotFound));
  EXPECT_OK(store_->ReadEvent(event.event.event_id));
  const auto row = store_->ReadReferral(referral.referral_id);
  EXPECT_TRUE(row->erased);
  EXPECT_TRUE(row->no_onward_transfer);
  EXPECT_EQ(row->erase_at, kNow);
  event.event.event_id = NewUuid(random_);
  event.openings = "";
  EXPECT_OK(Write([&](auto& tx) {
    return tx.InsertEvent(event, ReferralState::kAccepted);
  }));
}

TEST_P(ErasureConformance, AnOwnCaseLeavesATombstoneAndItsReferenceIsTaken) {
  NewCase made = ReceivedCase("R1");
  made.facts.provenance.reset();
  const Uuid pseudonym = NewUuid(random_);
  const Tombstone left{made.facts.case_id, "ANLTP", kNow,
                       Role::kDataProtectionOfficer,
                       ErasureGround::kSubjectRequest};
  ASSERT_OK(Write([&](auto& tx) {
    EXPECT_OK(tx.InsertCase(made));
    return tx.PutPseudonym(made.facts.case_id, kPartner, pseudonym);
  }));
  EXPECT_THAT(*store_->ListPseudonyms(made.facts.case_id),
              ElementsAre(pseudonym));
  EXPECT_THAT(store_->FindTombstone("R1"), FailsWith(ErrorReason::kNotFound));
  ASSERT_OK(store_->ForgetDeleted());
  ASSERT_OK(Write([&](auto& tx) { return tx.EraseOwnCase(left); }));
  EXPECT_TRUE(store_->MustForget());
  EXPECT_THAT(Read(made.facts), FailsWith(ErrorReason::kNotFound));
  EXPECT_THAT(*store_->FindCases({IndexKind::kFamilyName, "FAMILY"}),
              IsEmpty());
  EXPECT_EQ(*store_->FindTombstone("R1"), left);
  EXPECT_EQ(*store_->FindTombstone(made.facts.case_id.ToString()), left);
  EXPECT_THAT(store_->FindTombstone("R2"), FailsWith(ErrorReason::kNotFound));
  EXPECT_THAT(
      Write([&](auto& tx) { return tx.InsertCase(ReceivedCase("R1")); }),
      FailsWith(ErrorReason::kAlreadyExists));
}

TEST_P(ErasureConformance, TombstonesAreListedPageByPageNewestFirst) {
  std::vector<Uuid> ids;
  for (int i = 0; i < 3; ++i) {
    NewCase made = ReceivedCase(absl::StrCat("R", i));
    made.facts.provenance.reset();
    Tombstone left{made.facts.case_id, "ANLTP", kNow + absl::Hours(i / 2)};
    ASSERT_OK(Write([&](auto& tx) {
      EXPECT_OK(tx.InsertCase(made));
      return tx.EraseOwnCase(left);
    }));
    ids.push_back(made.facts.case_id);
  }
  std::vector<Uuid> listed;
  Uuid after;
  while (true) {
    const auto page = store_->ListTombstones(after, 1);
    ASSERT_OK(page);
    if (page->empty()) break;
    after = page->at(0).case_id;
    listed.push_back(after);
  }
  EXPECT_EQ(listed[0], ids[2]);
  EXPECT_THAT(listed, testing::UnorderedElementsAreArray(ids));
}

TEST_P(ErasureConformance, LeavesAboutHerLoseWhatTheirOpeningsSayOfHer) {
  const Uuid hers = NewUuid(random_);
  const Uuid another = NewUuid(random_);
  ASSERT_OK(Write([&](auto& tx) {
    for (uint64_t i = 0; i < 3; ++i) {
      EXPECT_OK(tx.InsertLeaf("comity/NE", {i, "leaf", "who, about whom"}));
      EXPECT_OK(tx.LinkLeaf("comity/NE", i, i == 1 ? another : hers));
    }
    const auto forgotten = tx.ForgetSubjects(
        "comity/NE", {hers},
        [](absl::string_view opening) -> absl::StatusOr<std::string> {
          return std::string(opening.substr(0, 3));
        });
    EXPECT_EQ(*forgotten, 2);
    return absl::OkStatus();
  }));
  const auto leaves = store_->ReadLeaves("comity/NE", 0, 9, true);
  ASSERT_OK(leaves);
  EXPECT_EQ(leaves->at(0).opening, "who");
  EXPECT_EQ(leaves->at(1).opening, "who, about whom");
  EXPECT_EQ(leaves->at(2).opening, "who");
  EXPECT_EQ(leaves->at(2).leaf, "leaf");
  EXPECT_THAT(*store_->ReadLeavesAbout("comity/NE", {hers}, 0, 9), IsEmpty());
  EXPECT_EQ(store_->ReadLeavesAbout("comity/NE", {another}, 0, 9)->size(), 1u);
}

TEST_P(ErasureConformance, AClosedRevisionHasNoColumns) {
  const Permit counting =
      engine_.PermitTabulation(*ParticipantCode::Create("NE"), kNow);
  ASSERT_OK(Write([&](auto& tx) {
    EXPECT_OK(tx.InsertSnapshot({"2018", 1, kNow, "x", "columns"}));
    EXPECT_OK(tx.InsertSnapshot({"2019", 1, kNow, "x", "others"}));
    return tx.CloseSnapshot("2018", 1);
  }));
  EXPECT_TRUE(store_->ReadSnapshot(counting, "2018")->closed);
  EXPECT_EQ(store_->ReadSnapshot(counting, "2018")->columns, "");
  EXPECT_FALSE(store_->ReadSnapshot(counting, "2019")->closed);
  std::vector<std::string> scanned;
  EXPECT_OK(store_->ScanSnapshots(counting, {}, [&](const SnapshotRow& row) {
    scanned.push_back(row.columns);
    return absl::OkStatus();
  }));
  EXPECT_THAT(scanned, ElementsAre("others"));
}

TEST_P(ErasureConformance, ARevisionIsFoundByTheKeysItWasStoredWith) {
  const Permit counting =
      engine_.PermitTabulation(*ParticipantCode::Create("NE"), kNow);
  const uint64_t distant = uint64_t{3} << 62;
  SnapshotRow hers{"2018", 1, kNow, "x", "columns"};
  hers.record_keys = std::vector<uint64_t>{5, 7, distant};
  SnapshotRow others{"2019", 1, kNow, "x", "columns"};
  others.record_keys = std::vector<uint64_t>{6};
  ASSERT_OK(Write([&](auto& tx) {
    EXPECT_OK(tx.InsertSnapshot(hers));
    EXPECT_OK(tx.InsertSnapshot(others));
    return tx.InsertSnapshot({"2020", 1, kNow, "x", "of an older build"});
  }));
  const auto found = [&](const std::vector<uint64_t>& keys) {
    std::vector<std::string> rows;
    EXPECT_OK(
        store_->ScanSnapshots(counting, keys, [&](const SnapshotRow& row) {
          rows.push_back(absl::StrCat(row.period, " ", row.columns));
          return absl::OkStatus();
        }));
    return rows;
  };
  EXPECT_THAT(found({7}), ElementsAre("2018 ", "2020 of an older build"));
  EXPECT_THAT(found({8, distant}),
              ElementsAre("2018 ", "2020 of an older build"));
  EXPECT_THAT(found({6}), ElementsAre("2019 ", "2020 of an older build"));
  EXPECT_THAT(found({8, distant + 1}), ElementsAre("2020 of an older build"));
  ASSERT_OK(Write([&](auto& tx) { return tx.CloseSnapshot("2018", 1); }));
  EXPECT_THAT(found({7}), ElementsAre("2020 of an older build"));
}

TEST_P(ErasureConformance, WhatPeopleWereToLookAtAboutHerIsForgotten) {
  ApprovalRequest asked{NewUuid(random_), ApprovalMatter::kSendReferral,
                        kPartner, std::string(32, 'k'), referral_};
  asked.created_at = kNow;
  asked.expires_at = kNow + absl::Hours(72);
  EmergencyReview done{NewUuid(random_), kPartner, true, "a", referral_};
  done.opened_at = done.due_at = kNow;
  EmergencyReview open = done;
  open.id = NewUuid(random_);
  done.reviewed_by = "ANLTP/dpo";
  done.finding = "about her";
  ASSERT_OK(Write([&](auto& tx) {
    EXPECT_OK(tx.InsertApprovalRequest(asked));
    EXPECT_OK(tx.InsertApproval(asked.id, {"ANLTP/second", kNow}));
    EXPECT_OK(tx.PutReview(done));
    EXPECT_OK(tx.PutReview(open));
    EXPECT_EQ(*tx.DeleteOversightAbout({referral_}), 3);
    return absl::OkStatus();
  }));
  EXPECT_THAT(store_->ReadApprovalRequest(asked.id),
              FailsWith(ErrorReason::kNotFound));
  EXPECT_THAT(store_->ReadReview(done.id), FailsWith(ErrorReason::kNotFound));
  // Whoever must review still must.
  EXPECT_TRUE(store_->ReadReview(open.id)->subject.IsNil());
}

INSTANTIATE_TEST_SUITE_P(Backends, ErasureConformance,
                         testing::Values("sqlite"));

}  // namespace
}  // namespace comity
