#include "tests/conformance/store_conformance.h"

#include "absl/strings/str_cat.h"

namespace comity {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

TEST_P(StoreConformance, ACaseReadsAsItWasWrittenAfterReopening) {
  const NewCase made = MakeCase("R1");
  ASSERT_OK(Write([&](auto& tx) { return tx.InsertCase(made); }));
  Open();
  ASSERT_OK_AND_ASSIGN(CaseFacts facts, store_->ReadFacts(made.facts.case_id));
  EXPECT_EQ(facts.owner, "ANLTP/tester");
  EXPECT_EQ(facts.origin_countries, made.facts.origin_countries);
  EXPECT_EQ(facts.version, 1u);
  ASSERT_OK_AND_ASSIGN(StoredCase read,
                       store_->ReadCase(PermitFor(facts), facts.case_id));
  EXPECT_EQ(read.body, "body of R1");
}

TEST_P(StoreConformance, APermitOpensItsOwnCaseOnly) {
  const NewCase a = MakeCase("A");
  const NewCase b = MakeCase("B");
  ASSERT_OK(Write([&](auto& tx) {
    EXPECT_OK(tx.InsertCase(a));
    return tx.InsertCase(b);
  }));
  EXPECT_THAT(store_->ReadCase(PermitFor(a.facts), b.facts.case_id),
              FailsWith(ErrorReason::kInternal));
  const auto visit = [](const StoredCase&) { return absl::OkStatus(); };
  EXPECT_THAT(store_->ScanCases(PermitFor(a.facts), visit),
              FailsWith(ErrorReason::kInternal));
}

TEST_P(StoreConformance, AScopeLimitsWhatIsListed) {
  ASSERT_OK(Write([&](auto& tx) {
    EXPECT_OK(tx.InsertCase(MakeCase("A", "ANLTP")));
    EXPECT_OK(tx.InsertCase(MakeCase("B", "POLICE")));
    return tx.InsertCase(MakeCase("C", "ANLTP"));
  }));
  EXPECT_THAT(*List(Role::kCoordinator, "X", Uuid()), SizeIs(3));
  const auto own = List(Role::kCaseWorker, "ANLTP", Uuid());
  EXPECT_THAT(*own, SizeIs(2));
  EXPECT_THAT(*List(Role::kCaseWorker, "ANLTP", (*own)[0].facts.case_id),
              SizeIs(1));
}

TEST_P(StoreConformance, AReferenceIsUniqueAndFindsItsCase) {
  const NewCase made = MakeCase("R1");
  ASSERT_OK(Write([&](auto& tx) { return tx.InsertCase(made); }));
  EXPECT_THAT(Write([&](auto& tx) { return tx.InsertCase(MakeCase("R1")); }),
              FailsWith(ErrorReason::kAlreadyExists));
  EXPECT_THAT(*store_->FindCases({IndexKind::kLocalReference, "R1"}),
              ElementsAre(made.facts.case_id));
  EXPECT_THAT(*store_->FindCases({IndexKind::kFamilyName, "R1"}), IsEmpty());
  EXPECT_THAT(store_->ReadFacts(NewUuid(random_)),
              FailsWith(ErrorReason::kNotFound));
}

TEST_P(StoreConformance, ChangedFactsRaiseVersionAndChangeSequence) {
  const NewCase made = MakeCase("R1");
  ASSERT_OK(Write([&](auto& tx) { return tx.InsertCase(made); }));
  Consent consent{NewUuid(random_), made.facts.case_id, kPartner};
  consent.groups = {FieldGroup::kIdentity};
  consent.state = ConsentState::kGiven;
  consent.expires_at = kNow + absl::Hours(1);
  ASSERT_OK(Write([&](auto& tx) {
    EXPECT_OK(tx.PutScreening(made.facts.case_id,
                              {kNow, "x", true, {kPartner}, true}));
    return tx.PutConsent(consent);
  }));
  ASSERT_OK_AND_ASSIGN(CaseFacts facts, store_->ReadFacts(made.facts.case_id));
  EXPECT_EQ(facts.version, 3u);
  EXPECT_TRUE(facts.screening->never_contact);
  EXPECT_THAT(facts.screening->never_share_with, ElementsAre(kPartner));
  ASSERT_THAT(facts.consents, SizeIs(1));
  EXPECT_EQ(facts.consents[0].expires_at, consent.expires_at);
  EXPECT_THAT(*store_->ReadChanges(0, 10), SizeIs(3));
  EXPECT_THAT(*store_->ReadChanges(2, 10), SizeIs(1));
}

TEST_P(StoreConformance, AnImportBecomesVisibleAtItsCommitOnly) {
  const Uuid import = NewUuid(random_);
  const NewCase made = MakeCase("R1");
  ASSERT_OK(Write([&](auto& tx) {
    EXPECT_OK(tx.BeginImport(import, kNow));
    EXPECT_EQ(*tx.StageCase(import, made), StageResult::kStaged);
    EXPECT_EQ(*tx.StageCase(import, MakeCase("R1")), StageResult::kConflict);
    return absl::OkStatus();
  }));
  EXPECT_THAT(store_->ReadFacts(made.facts.case_id),
              FailsWith(ErrorReason::kNotFound));
  EXPECT_THAT(*store_->FindCases({IndexKind::kLocalReference, "R1"}),
              IsEmpty());
  ASSERT_OK(Write([&](auto& tx) { return tx.CommitImport(import).status(); }));
  EXPECT_OK(store_->ReadFacts(made.facts.case_id));
}

TEST_P(StoreConformance, ImportingAgainTellsUnchangedFromConflict) {
  const Uuid import = NewUuid(random_);
  const NewCase made = MakeCase("R1");
  ASSERT_OK(Write([&](auto& tx) { return tx.InsertCase(made); }));
  NewCase again = made;
  again.facts.case_id = NewUuid(random_);
  again.facts.screening->screened_at += absl::Hours(1);
  NewCase changed = again;
  changed.body = "another";
  ASSERT_OK(Write([&](auto& tx) {
    EXPECT_OK(tx.BeginImport(import, kNow));
    EXPECT_EQ(*tx.StageCase(import, again), StageResult::kUnchanged);
    EXPECT_EQ(*tx.StageCase(import, changed), StageResult::kConflict);
    return absl::OkStatus();
  }));
}

TEST_P(StoreConformance, ADiscardedImportLeavesNothing) {
  const Uuid import = NewUuid(random_);
  ASSERT_OK(Write([&](auto& tx) {
    EXPECT_OK(tx.BeginImport(import, kNow));
    return tx.StageCase(import, MakeCase("R1")).status();
  }));
  Open();
  EXPECT_THAT(*store_->ListImports(), ElementsAre(import));
  ASSERT_OK(Write([&](auto& tx) { return tx.DiscardImport(import); }));
  EXPECT_THAT(*store_->ListImports(), IsEmpty());
  EXPECT_OK(Write([&](auto& tx) { return tx.InsertCase(MakeCase("R1")); }));
}

TEST_P(StoreConformance, AFailedTransactionLeavesNothing) {
  const NewCase made = MakeCase("R1");
  EXPECT_THAT(Write([&](auto& tx) {
                EXPECT_OK(tx.InsertCase(made));
                return ReasonError(ErrorReason::kInternal, "stop");
              }),
              FailsWith(ErrorReason::kInternal));
  EXPECT_THAT(store_->ReadFacts(made.facts.case_id),
              FailsWith(ErrorReason::kNotFound));
}

TEST_P(StoreConformance, AFailedSavepointUndoesItsOwnWritesOnly) {
  const NewCase kept = MakeCase("A");
  const NewCase undone = MakeCase("B");
  ASSERT_OK(Write([&](auto& tx) {
    EXPECT_OK(tx.Savepoint([&] { return tx.InsertCase(kept); }));
    EXPECT_FALSE(tx.Savepoint([&]() -> absl::Status {
                     EXPECT_OK(tx.InsertCase(undone));
                     return ReasonError(ErrorReason::kNoGrant, "stop");
                   }).ok());
    return absl::OkStatus();
  }));
  EXPECT_OK(store_->ReadFacts(kept.facts.case_id));
  EXPECT_THAT(store_->ReadFacts(undone.facts.case_id),
              FailsWith(ErrorReason::kNotFound));
}

TEST_P(StoreConformance, APseudonymLeadsBackForItsPartnerOnly) {
  const NewCase made = MakeCase("R1");
  const Uuid pseudonym = NewUuid(random_);
  ASSERT_OK(Write([&](auto& tx) {
    EXPECT_OK(tx.InsertCase(made));
    return tx.PutPseudonym(made.facts.case_id, kPartner, pseudonym);
  }));
  EXPECT_EQ(*store_->ReadPseudonym(made.facts.case_id, kPartner), pseudonym);
  EXPECT_EQ(*store_->ResolvePseudonym(pseudonym, kPartner), made.facts.case_id);
  EXPECT_THAT(
      store_->ResolvePseudonym(pseudonym, *ParticipantCode::Create("TG")),
      FailsWith(ErrorReason::kNotFound));
}

TEST_P(StoreConformance, AnEventWaitsInTheOutboxUntilItsReceipt) {
  ReferralRow referral{NewUuid(random_), {kPartner, kPartner}};
  EventRow event{
      ReferralEvent{NewUuid(random_), referral.referral_id, kPartner}};
  event.event.parents = {NewUuid(random_)};
  event.openings = "packet";
  event.proof = "proof";
  const OutboxRow waiting{kPartner, referral.referral_id, event.event.event_id,
                          kNow};
  ASSERT_OK(Write([&](auto& tx) {
    EXPECT_OK(tx.InsertReferral(referral));
    EXPECT_OK(tx.InsertEvent(event, ReferralState::kSent));
    return tx.InsertOutbox(waiting);
  }));
  EXPECT_THAT(*store_->OutboxPartners(), ElementsAre(kPartner));
  EXPECT_EQ(*store_->CountOutbox(kPartner, referral.referral_id), 1u);
  EXPECT_EQ(*store_->CountOutbox(kPartner, NewUuid(random_)), 0u);
  EXPECT_EQ(store_->ReadForDelivery(waiting)->openings, "packet");
  EXPECT_EQ(store_->ReadEvent(event.event.event_id)->openings, "");
  EXPECT_EQ(store_->ReadReferral(referral.referral_id)->state,
            ReferralState::kSent);
  EXPECT_EQ(store_->ReadEvent(event.event.event_id)->proof, "proof");
  event.receipt_payload = "receipt";
  event.receipt_proof = "its proof";
  ASSERT_OK(Write([&](auto& tx) { return tx.PutReceipt(event); }));
  EXPECT_THAT(*store_->ReadOutbox(kPartner, 10), IsEmpty());
  EXPECT_EQ(*store_->CountOutbox(kPartner, referral.referral_id), 0u);
  const auto events = store_->ReadEvents(referral.referral_id);
  EXPECT_EQ(events->at(0).receipt_payload, "receipt");
  EXPECT_EQ(events->at(0).proof, "proof");
  EXPECT_EQ(events->at(0).receipt_proof, "its proof");
  EXPECT_EQ(events->at(0).event.parents, event.event.parents);
  EXPECT_THAT(store_->ReadForDelivery(waiting),
              FailsWith(ErrorReason::kNotFound));
}

TEST_P(StoreConformance, LogsKeepLeavesNodesAndHeads) {
  ASSERT_OK(Write([&](auto& tx) {
    EXPECT_OK(tx.InsertLeaf("comity/A/B", {0, "leaf", "opening"}));
    EXPECT_OK(tx.InsertNode("comity/A/B", 0, 0, "hash"));
    return tx.PutLogHead("comity/A/B", {1, "note"});
  }));
  EXPECT_EQ(store_->ReadLogHead("comity/A/B")->size, 1u);
  EXPECT_EQ(store_->ReadLogHead("comity/A/C")->size, 0u);
  EXPECT_EQ(*store_->ReadNode("comity/A/B", 0, 0), "hash");
  EXPECT_EQ(store_->ReadLeaves("comity/A/B", 0, 9, true)->at(0).opening,
            "opening");
  EXPECT_THAT(Write([&](auto& tx) {
                return tx.InsertLeaf("comity/A/B", {0, "other", ""});
              }),
              FailsWith(ErrorReason::kAlreadyExists));
}

TEST_P(StoreConformance, LeavesAreFoundByWhatTheyAreAboutInTheirOrder) {
  const Uuid her_case = NewUuid(random_);
  const Uuid her_dossier = NewUuid(random_);
  const Uuid another = NewUuid(random_);
  ASSERT_OK(Write([&](auto& tx) {
    for (uint64_t i = 0; i < 5; ++i) {
      EXPECT_OK(tx.InsertLeaf("comity/A", {i, "leaf", "opening"}));
      EXPECT_OK(tx.LinkLeaf("comity/A", i, i % 2 == 0 ? her_case : another));
    }
    EXPECT_OK(tx.InsertLeaf("comity/B", {0, "leaf", "opening"}));
    EXPECT_OK(tx.LinkLeaf("comity/B", 0, her_case));
    EXPECT_OK(tx.LinkLeaf("comity/A", 2, her_dossier));
    EXPECT_OK(tx.LinkLeaf("comity/A", 2, her_dossier));
    return tx.LinkLeaf("comity/A", 3, her_dossier);
  }));
  const auto about = [&](uint64_t from, int limit) {
    std::vector<uint64_t> found;
    const auto rows = store_->ReadLeavesAbout(
        "comity/A", {her_dossier, her_case}, from, limit);
    EXPECT_OK(rows);
    for (const LeafRow& row : *rows) {
      EXPECT_EQ(row.opening, "opening");
      found.push_back(row.index);
    }
    return found;
  };
  EXPECT_THAT(about(0, 9), ElementsAre(0, 2, 3, 4));
  EXPECT_THAT(about(0, 2), ElementsAre(0, 2));
  EXPECT_THAT(about(3, 9), ElementsAre(3, 4));
  EXPECT_THAT(*store_->ReadLeavesAbout("comity/A", {NewUuid(random_)}, 0, 9),
              IsEmpty());
}

TEST_P(StoreConformance, TwoRootsForOneUnprovedSizeAreAFork) {
  const UnprovedHead head{{5, "root", "note"}, kNow};
  ASSERT_OK(Write([&](auto& tx) {
    EXPECT_OK(tx.PutUnproved(kPartner, head));
    return tx.PutUnproved(kPartner, head);
  }));
  UnprovedHead fork = head;
  fork.head.root = "other";
  EXPECT_THAT(Write([&](auto& tx) { return tx.PutUnproved(kPartner, fork); }),
              FailsWith(ErrorReason::kLogForked));
  ASSERT_OK(Write([&](auto& tx) { return tx.DeleteUnproved(kPartner, 5); }));
  EXPECT_THAT(*store_->ReadUnproved(kPartner, 9), IsEmpty());
}

TEST_P(StoreConformance, TheUnprovedHeadThatWaitsLongestIsFoundByItsTime) {
  EXPECT_EQ(*store_->ReadOldestUnproved(kPartner), std::nullopt);
  const absl::Time earlier = kNow - absl::Seconds(3);
  ASSERT_OK(Write([&](auto& tx) {
    EXPECT_OK(tx.PutUnproved(kPartner, {{5, "root", "note"}, kNow}));
    return tx.PutUnproved(kPartner, {{7, "root", "note"}, earlier});
  }));
  EXPECT_EQ(*store_->ReadOldestUnproved(kPartner), earlier);
  ASSERT_OK(Write([&](auto& tx) { return tx.DeleteUnproved(kPartner, 7); }));
  EXPECT_EQ(*store_->ReadOldestUnproved(kPartner), kNow);
}

TEST_P(StoreConformance, CountersRequestsAnswersAndCellsAreKept) {
  const Uuid request = NewUuid(random_);
  ASSERT_OK(Write([&](auto& tx) {
    EXPECT_EQ(*tx.ChargeCounter("c", "2026", 2), 2u);
    EXPECT_EQ(*tx.ChargeCounter("c", "2026", 3), 5u);
    EXPECT_OK(tx.PutSeenRequest("NG", request, {"hash", kNow}));
    EXPECT_OK(tx.PutTableAnswer("key", "answer"));
    return tx.PutDelivered("ECOWAS", {"cell1"});
  }));
  EXPECT_EQ(*store_->ReadCounter("c", "2026"), 5u);
  EXPECT_EQ(*store_->ReadCounter("c", "2027"), 0u);
  EXPECT_EQ((*store_->ReadSeenRequest("NG", request))->leaf_hash, "hash");
  EXPECT_EQ(**store_->ReadTableAnswer("key"), "answer");
  EXPECT_EQ(*store_->CountUndelivered("ECOWAS", {"cell1", "cell2"}), 1u);
  ASSERT_OK(Write([&](auto& tx) {
    return tx.DeleteSeenRequests(kNow + absl::Seconds(1));
  }));
  EXPECT_FALSE(store_->ReadSeenRequest("NG", request)->has_value());
}

TEST_P(StoreConformance, AnAnsweredCallIsKeptForItsOperatorUntilForgotten) {
  const Uuid request = NewUuid(random_);
  const AnsweredCall call{std::string(32, 'd'), "response", kNow};
  const auto insert = [&](auto& tx) {
    return tx.InsertAnsweredCall("ANLTP/moussa.d", request, call);
  };
  EXPECT_FALSE(
      store_->ReadAnsweredCall("ANLTP/moussa.d", request)->has_value());
  ASSERT_OK(Write(insert));
  EXPECT_THAT(Write(insert), FailsWith(ErrorReason::kAlreadyExists));
  Open();
  const auto read = store_->ReadAnsweredCall("ANLTP/moussa.d", request);
  ASSERT_TRUE(read->has_value());
  EXPECT_EQ((*read)->request_digest, call.request_digest);
  EXPECT_EQ((*read)->response, call.response);
  EXPECT_EQ((*read)->answered_at, kNow);
  EXPECT_FALSE(store_->ReadAnsweredCall("ANLTP/amina.b", request)->has_value());
  ASSERT_OK(Write([&](auto& tx) { return tx.DeleteAnsweredCalls(kNow); }));
  EXPECT_TRUE(store_->ReadAnsweredCall("ANLTP/moussa.d", request)->has_value());
  ASSERT_OK(Write([&](auto& tx) {
    return tx.DeleteAnsweredCalls(kNow + absl::Microseconds(1));
  }));
  EXPECT_FALSE(
      store_->ReadAnsweredCall("ANLTP/moussa.d", request)->has_value());
}

TEST_P(StoreConformance, AnAnsweredCallSharesItsTransactionsFate) {
  const Uuid request = NewUuid(random_);
  EXPECT_FALSE(Write([&](auto& tx) {
                 EXPECT_OK(tx.InsertAnsweredCall(
                     "ANLTP/moussa.d", request,
                     {std::string(32, 'd'), "response", kNow}));
                 return ReasonError(ErrorReason::kInternal, "stop");
               }).ok());
  EXPECT_FALSE(
      store_->ReadAnsweredCall("ANLTP/moussa.d", request)->has_value());
}

TEST_P(StoreConformance, SnapshotsAndCardsReplaceEachOther) {
  const Permit permit = engine_.PermitTabulation(kPartner, kNow);
  EXPECT_THAT(store_->ReadSnapshot(permit, "2018"),
              FailsWith(ErrorReason::kPeriodNotPublished));
  ASSERT_OK(Write([&](auto& tx) {
    EXPECT_OK(tx.InsertSnapshot({"2018", 1, kNow, "x", "old"}));
    EXPECT_OK(tx.InsertSnapshot({"2018", 2, kNow, "x", "new"}));
    return tx.PutPartnerCard("NG", "card");
  }));
  EXPECT_EQ(store_->ReadSnapshot(permit, "2018")->columns, "new");
  EXPECT_THAT(*store_->ListPartnerCards(), ElementsAre("card"));
}

PolicyRow VersionOf(uint32_t revision, absl::Time activated,
                    absl::Time effective) {
  PolicyRow row{"agreement", "a", revision};
  row.digest = std::string(32, static_cast<char>('0' + revision));
  row.text = absl::StrCat("text", revision);
  row.activated_at = activated;
  row.effective_at = effective;
  return row;
}

TEST_P(StoreConformance, ATimedSwitchComesIntoForceAtItsTime) {
  const absl::Time switch_at = kNow + absl::Hours(1);
  ASSERT_OK(Write([&](auto& tx) {
    EXPECT_OK(tx.PutPolicy(VersionOf(1, kNow, kNow)));
    return tx.PutPolicy(VersionOf(2, kNow, switch_at));
  }));
  const auto before = *store_->ListPolicies(switch_at - absl::Seconds(1));
  ASSERT_THAT(before, SizeIs(2));
  EXPECT_EQ(before[0].text, "text1");
  EXPECT_EQ(before[1].effective_at, switch_at);
  const auto after = *store_->ListPolicies(switch_at);
  ASSERT_THAT(after, SizeIs(1));
  EXPECT_EQ(after[0].text, "text2");
  EXPECT_EQ(store_->ReadPolicy(before[0].digest)->revision, 1u);
}

TEST_P(StoreConformance, ANewActivationCallsOffASwitchToCome) {
  ASSERT_OK(Write([&](auto& tx) {
    EXPECT_OK(tx.PutPolicy(VersionOf(1, kNow, kNow)));
    EXPECT_OK(tx.PutPolicy(VersionOf(2, kNow, kNow + absl::Hours(1))));
    return tx.PutPolicy(
        VersionOf(3, kNow + absl::Minutes(1), kNow + absl::Minutes(1)));
  }));
  const auto later = *store_->ListPolicies(kNow + absl::Hours(2));
  ASSERT_THAT(later, SizeIs(1));
  EXPECT_EQ(later[0].revision, 3u);
  const auto versions = *store_->ListPolicyVersions("agreement", "a", 10);
  ASSERT_THAT(versions, SizeIs(3));
  EXPECT_TRUE(versions[1].cancelled);
  EXPECT_EQ(versions[1].text, "");
  EXPECT_THAT(*store_->ListPolicyVersions("", "", 2), SizeIs(2));
}

TEST_P(StoreConformance, AProposalIsKeptUntilItIsDecided) {
  PolicyProposal proposal{"national", "", 4, std::string(32, 'p'), "text"};
  proposal.proposed_at = kNow;
  ASSERT_OK(Write([&](auto& tx) { return tx.PutProposal(proposal); }));
  proposal.signatures = "signed";
  ASSERT_OK(Write([&](auto& tx) { return tx.PutProposal(proposal); }));
  const auto held = *store_->ListProposals();
  ASSERT_THAT(held, SizeIs(1));
  EXPECT_EQ(held[0].signatures, "signed");
  EXPECT_EQ(held[0].text, "text");
  ASSERT_OK(
      Write([&](auto& tx) { return tx.DeleteProposal(proposal.digest); }));
  EXPECT_THAT(*store_->ListProposals(), SizeIs(0));
}

TEST_P(StoreConformance, ANoticeWaitsForItsHook) {
  Notice notice{NewUuid(random_), NoticeTarget::kDpoAtHolder, kPartner};
  notice.kind = "RELEASED";
  notice.at = kNow;
  notice.hook_due = kNow;
  Notice silent = notice;
  silent.id = NewUuid(random_);
  silent.hook_due = absl::InfiniteFuture();
  ASSERT_OK(Write([&](auto& tx) {
    EXPECT_OK(tx.InsertNotice(notice));
    return tx.InsertNotice(silent);
  }));
  EXPECT_THAT(*store_->ListNotices(kNow, 9), SizeIs(2));
  ASSERT_THAT(*store_->ListDueHooks(kNow, 9), SizeIs(1));
  EXPECT_EQ(store_->ListDueHooks(kNow, 9)->at(0).id, notice.id);
  notice.hook_due = kNow + absl::Seconds(2);
  notice.hook_attempts = 1;
  ASSERT_OK(Write([&](auto& tx) { return tx.UpdateNotice(notice); }));
  EXPECT_THAT(*store_->ListDueHooks(kNow, 9), IsEmpty());
  EXPECT_EQ(
      store_->ListDueHooks(kNow + absl::Seconds(2), 9)->at(0).hook_attempts,
      1u);
  ASSERT_OK(Write([&](auto& tx) {
    return tx.DeleteOversightBefore(kNow + absl::Seconds(1));
  }));
  EXPECT_THAT(*store_->ListNotices(kNow, 9), IsEmpty());
}

TEST_P(StoreConformance, AnEmergencyIsInForceOnceConfirmedAndUntilItsEnd) {
  Emergency emergency{NewUuid(random_), kPartner, "a", "DANGER_TO_LIFE", 24,
                      "ANLTP/a",        kNow};
  ASSERT_OK(Write([&](auto& tx) { return tx.PutEmergency(emergency); }));
  EXPECT_FALSE(*store_->InEmergency(kPartner, "a", kNow));
  emergency.confirmed_by = "ANLTP/b";
  emergency.ends_at = kNow + absl::Hours(24);
  ASSERT_OK(Write([&](auto& tx) { return tx.PutEmergency(emergency); }));
  EXPECT_TRUE(*store_->InEmergency(kPartner, "a", kNow));
  EXPECT_FALSE(*store_->InEmergency(kPartner, "b", kNow));
  EXPECT_FALSE(*store_->InEmergency(kPartner, "a", emergency.ends_at));
  ASSERT_THAT(*store_->ListEmergencies(9), SizeIs(1));
  EXPECT_EQ(store_->ReadEmergency(emergency.id)->confirmed_by, "ANLTP/b");
}

TEST_P(StoreConformance, AReviewIsOpenUntilSomebodyClosesIt) {
  EmergencyReview review{NewUuid(random_), kPartner, true, "a"};
  review.opened_at = kNow;
  review.due_at = kNow + absl::Hours(72);
  ASSERT_OK(Write([&](auto& tx) { return tx.PutReview(review); }));
  ASSERT_THAT(*store_->ListOpenReviews(9), SizeIs(1));
  EXPECT_EQ(store_->ListOpenReviews(9)->at(0).due_at, review.due_at);
  review.reviewed_by = "ANLTP/dpo";
  review.finding = "JUSTIFIED";
  ASSERT_OK(Write([&](auto& tx) { return tx.PutReview(review); }));
  EXPECT_THAT(*store_->ListOpenReviews(9), IsEmpty());
  EXPECT_EQ(store_->ReadReview(review.id)->finding, "JUSTIFIED");
}

TEST_P(StoreConformance, AReferralKeepsItsClearanceBondsAndTheNodesClock) {
  ReferralRow referral{NewUuid(random_), {kPartner, kPartner}};
  ASSERT_OK(Write([&](auto& tx) { return tx.InsertReferral(referral); }));
  EXPECT_EQ(store_->ReadReferral(referral.referral_id)->clearance,
            std::nullopt);
  RiskClearance clearance{RiskLevel::kHigh, kNow - absl::Hours(2), kNow,
                          "ORG/second", std::nullopt};
  for (const bool waived : {true, false}) {
    if (!waived) clearance.reflection_ends_at = kNow + absl::Hours(1);
    ASSERT_OK(Write([&](auto& tx) {
      return tx.PutClearance(referral.referral_id, clearance);
    }));
    EXPECT_EQ(store_->ReadReferral(referral.referral_id)->clearance, clearance);
  }
  ASSERT_OK(Write([&](auto& tx) {
    EXPECT_OK(tx.BindReferral(referral.referral_id, kNow, true));
    return tx.SetReferralState(referral.referral_id,
                               {ReferralState::kInTransit, kNow});
  }));
  EXPECT_EQ(store_->ReadReferral(referral.referral_id)->erase_at, kNow);
  EXPECT_TRUE(store_->ReadReferral(referral.referral_id)->no_onward_transfer);
  EXPECT_THAT(*store_->ListReferralsToActOn(kNow - absl::Seconds(1), 9),
              IsEmpty());
  EXPECT_THAT(*store_->ListReferralsToActOn(kNow, 9),
              ElementsAre(referral.referral_id));
  ASSERT_OK(Write([&](auto& tx) {
    return tx.SetReferralState(referral.referral_id,
                               ReferralState::kHandedOver);
  }));
  EXPECT_THAT(*store_->ListReferralsToActOn(absl::InfiniteFuture(), 9),
              IsEmpty());
}

TEST_P(StoreConformance, ReferralsAreListedInPagesNewestFirst) {
  std::vector<Uuid> ids;  // newest first
  for (int i = 0; i < 4; ++i) {
    const ReferralRow referral{NewUuid(random_), {kPartner, kPartner}};
    ids.insert(ids.begin(), referral.referral_id);
    ASSERT_OK(Write([&](auto& tx) { return tx.InsertReferral(referral); }));
  }
  const auto list = [&](const ReferralPage& page) {
    std::vector<Uuid> listed;
    const auto rows = store_->ListReferrals(page);
    EXPECT_OK(rows);
    for (const ReferralRow& row : *rows) listed.push_back(row.referral_id);
    return listed;
  };
  const auto place = [&](const Uuid& id) {
    return store_->ReadReferral(id)->place;
  };
  EXPECT_EQ(list({}), ids);
  EXPECT_THAT(list({.limit = 3}), ElementsAre(ids[0], ids[1], ids[2]));
  EXPECT_THAT(list({place(ids[2]), 3}), ElementsAre(ids[3]));
  EXPECT_THAT(list({place(ids[3])}), IsEmpty());
  const int64_t behind = place(ids[1]);
  ASSERT_OK(Write([&](auto& tx) { return tx.DeleteDraft(ids[1]); }));
  EXPECT_EQ(list({behind}), std::vector<Uuid>(ids.begin() + 2, ids.end()));
  ASSERT_OK(Write([&](auto& tx) {
    return tx.SetReferralState(
        ids[2], {ReferralState::kClosed, absl::InfiniteFuture(), false});
  }));
  EXPECT_THAT(list({}), ElementsAre(ids[0], ids[2], ids[3]));
  EXPECT_THAT(list({.limit = 2, .open_only = true}),
              ElementsAre(ids[0], ids[3]));
  EXPECT_THAT(list({place(ids[0]), 9, true}), ElementsAre(ids[3]));
}

TEST_P(StoreConformance, ACaseGoesToAnotherOwnerAndToADelegate) {
  const NewCase made = MakeCase("R1");
  const CaseDelegation delegation{"SHELTER/hawa.m", kNow + absl::Hours(1)};
  ASSERT_OK(Write([&](auto& tx) {
    EXPECT_OK(tx.InsertCase(made));
    EXPECT_OK(tx.PutOwner(made.facts.case_id, "OTHER/x.y", "OTHER"));
    return tx.PutDelegation(made.facts.case_id, delegation);
  }));
  Open();
  const auto facts = store_->ReadFacts(made.facts.case_id);
  ASSERT_OK(facts);
  EXPECT_EQ(facts->owner, "OTHER/x.y");
  EXPECT_EQ(facts->organisation, "OTHER");
  EXPECT_EQ(facts->delegation, delegation);
  EXPECT_EQ(facts->version, 3u);
  EXPECT_THAT(*List(Role::kCaseWorker, "ANLTP", Uuid()), IsEmpty());
  EXPECT_THAT(*List(Role::kCaseWorker, "OTHER", Uuid()), SizeIs(1));
}

TEST_P(StoreConformance, OnlyAReferralWithoutEventsIsADraftToDelete) {
  const ReferralRow draft{NewUuid(random_), {kPartner, kPartner}};
  const ReferralRow sent{NewUuid(random_), {kPartner, kPartner}};
  ASSERT_OK(Write([&](auto& tx) {
    EXPECT_OK(tx.InsertReferral(draft));
    EXPECT_OK(tx.InsertReferral(sent));
    const EventRow event{
        ReferralEvent{NewUuid(random_), sent.referral_id, kPartner}};
    EXPECT_OK(tx.InsertEvent(event, ReferralState::kSent));
    return tx.DeleteDraft(draft.referral_id);
  }));
  EXPECT_THAT(store_->ReadReferral(draft.referral_id),
              FailsWith(ErrorReason::kNotFound));
  EXPECT_THAT(Write([&](auto& tx) { return tx.DeleteDraft(sent.referral_id); }),
              FailsWith(ErrorReason::kInternal));
  EXPECT_OK(store_->ReadReferral(sent.referral_id));
}

absl::StatusOr<std::unique_ptr<Store>> OpenSqlite(
    const TestDirectory& directory, const SecretBytes& key,
    RandomSource& random) {
  return OpenStore(directory.Path("store.db"), key, random);
}

INSTANTIATE_TEST_SUITE_P(Backends, StoreConformance,
                         testing::Values(Backend{"sqlite", OpenSqlite}),
                         [](const auto& backend) {
                           return backend.param.name;
                         });

}  // namespace
}  // namespace comity
