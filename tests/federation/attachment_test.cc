#include <filesystem>
#include <fstream>
#include <sstream>

#include "absl/strings/match.h"
#include "comity/operators/v1/consent_service.grpc.pb.h"
#include "comity/operators/v1/subject_service.grpc.pb.h"
#include "node/crypto/hash.h"
#include "tests/support/attachment_story.h"
#include "tests/support/fault_injecting_store.h"
#include "tests/support/log_check.h"

namespace comity {
namespace {

namespace fed = federation::v1;
namespace ops = operators::v1;
using testing::Contains;
using testing::IsEmpty;
using testing::Not;

// A node's store that hands out documents otherwise than it was given them: its
// owner lies to partners.
class LyingStore : public FaultInjectingStore {
 public:
  using FaultInjectingStore::FaultInjectingStore;

  bool other_content = false;
  bool other_digest = false;

  absl::StatusOr<std::string> ReadChunks(const Permit& permit, const Uuid& id,
                                         uint32_t first,
                                         uint32_t count) const override {
    ASSIGN_OR_RETURN(std::string content,
                     FaultInjectingStore::ReadChunks(permit, id, first, count));
    if (other_content) content.back() = static_cast<char>(~content.back());
    return content;
  }
  absl::StatusOr<AttachmentRow> ReadAttachment(const Uuid& id) const override {
    ASSIGN_OR_RETURN(AttachmentRow row,
                     FaultInjectingStore::ReadAttachment(id));
    if (other_digest) row.facts.digest = std::string(32, 'd');
    return row;
  }
};

class AttachmentTest : public AttachmentStory {
 protected:
  void SetUp() override { Open({}); }

  // Niger's node goes on over a store that lies on demand.
  LyingStore* Lie() {
    LyingStore* lying = nullptr;
    ne_.Stop();
    EXPECT_OK(ne_.Start(
        clock_,
        [&](const std::string& path, const SecretBytes& key,
            RandomSource& random) -> absl::StatusOr<std::unique_ptr<Store>> {
          ASSIGN_OR_RETURN(auto store, OpenStore(path, key, random));
          auto made = std::make_unique<LyingStore>(std::move(store));
          lying = made.get();
          return std::unique_ptr<Store>(std::move(made));
        }));
    return lying;
  }
  // Once the other node is reached again after a restart.
  absl::Status FetchAfterRestart(const std::string& referral,
                                 const std::string& offer) {
    absl::Status status;
    Await([&] {
      status = Fetch(referral, offer, 1).status();
      return ReasonOf(status) != ErrorReason::kPeerUnreachable;
    });
    return status;
  }
  uint32_t HeldAtNigeria(const std::string& referral) {
    const auto offers = OffersAt(ng_, referral);
    return offers.empty() ? 0 : offers[0].held_chunks();
  }
  // "ATTACHMENT ERASED": what Nigeria answered to withdrawals.
  std::vector<std::string> Answers() {
    ops::GetConsentsRequest request;
    request.set_case_id("C1");
    const auto shown = As<ops::ConsentService, ops::GetConsentsResponse>(
        Drafter(), &ops::ConsentService::Stub::GetConsents, request);
    EXPECT_OK(shown);
    std::vector<std::string> answers;
    if (!shown.ok()) return answers;
    for (const auto& each : shown->withdrawals()) {
      for (const auto& copies : each.copies()) {
        answers.push_back(copies.copies() + " " + copies.outcome());
      }
    }
    return answers;
  }
  static bool Holds(TestParticipant& node, const std::string& what) {
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator(node.directory())) {
      if (!entry.is_regular_file()) continue;
      std::ifstream file(entry.path(), std::ios::binary);
      std::ostringstream bytes;
      bytes << file.rdbuf();
      if (absl::StrContains(bytes.str(), what)) return true;
    }
    return false;
  }
};

TEST_F(AttachmentTest, ItIsOfferedFetchedAndReadByteForByte) {
  const std::string referral = ReferAccepted();
  const std::string content = Pdf(3 * 32 * kChunk + 12345);
  const std::string offer = Offered(referral, content);
  const auto offers = OffersAt(ng_, referral);
  ASSERT_EQ(offers.size(), 1u);
  EXPECT_EQ(offers[0].attachment().kind(), fed::ATTACHMENT_KIND_MEDICAL_REPORT);
  EXPECT_EQ(offers[0].attachment().chunks(), 97u);
  EXPECT_TRUE(offers[0].attachment().names_person());
  EXPECT_THAT(ReadOffer(referral, offer), FailsWith(ErrorReason::kNotFound));
  ASSERT_OK(FetchWhole(referral, offer));
  const auto read = ReadOffer(referral, offer);
  ASSERT_OK(read);
  EXPECT_EQ(Sha256(*read), Sha256(content));
  // A further call asks nobody.
  const auto again = Fetch(referral, offer);
  ASSERT_OK(again);
  EXPECT_TRUE(again->whole());
  EXPECT_EQ(again->question_index(), 0u);
  EXPECT_TRUE(LogsHold(ne_));
  EXPECT_TRUE(LogsHold(ng_));
  // Neither node's files show what it says.
  EXPECT_FALSE(Holds(ne_, "needs insulin twice a day, line"));
  EXPECT_FALSE(Holds(ng_, "needs insulin twice a day, line"));
}

// Its offer stays for ever, and two partners can compare what they were told:
// neither the digest nor the size is in it.
TEST_F(AttachmentTest, TheOfferTellsNothingByWhichAFileCanBeRecognised) {
  const std::string referral = ReferAccepted();
  const std::string content = Pdf(3 * kChunk);
  Offered(referral, content);
  const std::string offer =
      OffersAt(ng_, referral)[0].attachment().SerializeAsString();
  EXPECT_FALSE(absl::StrContains(offer, Sha256(content)));
  const auto other = Attach(content);
  ASSERT_OK(other);
  const auto second = Offer(referral, *other);
  ASSERT_OK(second);
  ASSERT_TRUE(Await([&] { return OffersAt(ng_, referral).size() == 2; }));
  const auto offers = OffersAt(ng_, referral);
  EXPECT_NE(offers[0].attachment().commitment(),
            offers[1].attachment().commitment());
}

TEST_F(AttachmentTest, Law4NothingIsOfferedBeforeAcceptance) {
  const std::string referral = Refer("C1");
  ASSERT_OK(Consent({kMedical, kIdentity}));
  const auto document = Attach(Pdf(100));
  ASSERT_OK(document);
  EXPECT_THAT(Offer(referral, *document),
              FailsWith(ErrorReason::kReferralStateConflict));
  EXPECT_THAT(KindsAt(ne_, referral), Not(Contains("NE ATTACHMENT_OFFERED")));
}

// A report that names her needs consent to both, one that does not needs one.
TEST_F(AttachmentTest, Law4WhatNamesHerNeedsConsentToThat) {
  const std::string referral = ReferAccepted({kMedical});
  const auto named = Attach(Pdf(100));
  ASSERT_OK(named);
  EXPECT_THAT(Offer(referral, *named), FailsWith(ErrorReason::kRefusedAtHome));
  auto about = Report(100);
  about.set_without_name(true);
  const auto unnamed = Attach(Pdf(100), about);
  ASSERT_OK(unnamed);
  const auto offer = Offer(referral, *unnamed);
  ASSERT_OK(offer);
  ASSERT_TRUE(Await([&] { return OffersAt(ng_, referral).size() == 1; }));
  EXPECT_OK(FetchWhole(referral, *offer));
}

// Law 5: consent is asked at the instant of each chunk, and what came is gone.
TEST_F(AttachmentTest, Law5AWithdrawalInTheMiddleStopsAndErasesIt) {
  const std::string referral = ReferAccepted();
  const std::string offer = Offered(referral, Pdf(40 * kChunk));
  ASSERT_OK(Fetch(referral, offer));
  ASSERT_EQ(HeldAtNigeria(referral), 32u);
  // Nobody has told Nigeria yet.
  ASSERT_OK(Withdraw({kMedical}));
  EXPECT_THAT(Fetch(referral, offer),
              testing::AnyOf(FailsWith(ErrorReason::kNotAvailable),
                             FailsWith(ErrorReason::kNotFound),
                             FailsWith(ErrorReason::kReferralStateConflict)));
  EXPECT_TRUE(Await([&] { return OffersAt(ng_, referral).empty(); }));
  EXPECT_TRUE(Await([&] {
    const auto answers = Answers();
    return std::count(answers.begin(), answers.end(), "ATTACHMENT ERASED") == 1;
  }));
  EXPECT_THAT(Fetch(referral, offer), FailsWith(ErrorReason::kNotFound));
  EXPECT_THAT(OffersAt(ne_, referral), IsEmpty());
}

TEST_F(AttachmentTest, Law5AWholeOneIsErasedByAWithdrawalOfItsGroupAlone) {
  const std::string referral = ReferAccepted();
  const std::string offer = Offered(referral, Pdf(100));
  ASSERT_OK(FetchWhole(referral, offer));
  ASSERT_OK(Withdraw({v1::RECORD_GROUP_NEEDS}));
  ASSERT_TRUE(Await([&] { return !Answers().empty(); }));
  EXPECT_OK(ReadOffer(referral, offer));
  ASSERT_OK(Withdraw({kIdentity}));
  EXPECT_TRUE(Await([&] { return !ReadOffer(referral, offer).ok(); }));
  EXPECT_THAT(ReadOffer(referral, offer), FailsWith(ErrorReason::kNotFound));
}

TEST_F(AttachmentTest, Law3AFlagInTheMiddleStopsTheNextChunk) {
  const std::string referral = ReferAccepted();
  const std::string offer = Offered(referral, Pdf(40 * kChunk));
  ASSERT_OK(Fetch(referral, offer));
  ASSERT_OK(Exclude(true));
  EXPECT_THAT(Fetch(referral, offer), FailsWith(ErrorReason::kNotAvailable));
  EXPECT_EQ(HeldAtNigeria(referral), 32u);
  const auto document = Attach(Pdf(100));
  ASSERT_OK(document);
  EXPECT_FALSE(Offer(referral, *document).ok());
  ASSERT_OK(Exclude(false));
  EXPECT_OK(FetchWhole(referral, offer));
}

TEST_F(AttachmentTest, ItGoesOnAfterEitherSideWasRestarted) {
  const std::string referral = ReferAccepted();
  const std::string content = Pdf(10 * kChunk + 7);
  const std::string offer = Offered(referral, content);
  ASSERT_OK(Fetch(referral, offer, 3));
  ng_.Stop();
  ASSERT_OK(ng_.Start(clock_));
  EXPECT_EQ(HeldAtNigeria(referral), 3u);
  ASSERT_OK(FetchAfterRestart(referral, offer));
  EXPECT_EQ(HeldAtNigeria(referral), 4u);
  ne_.Stop();
  EXPECT_THAT(Fetch(referral, offer),
              testing::AnyOf(FailsWith(ErrorReason::kPeerUnreachable),
                             FailsWith(ErrorReason::kDeadlineExceeded)));
  EXPECT_EQ(HeldAtNigeria(referral), 4u);
  ASSERT_OK(ne_.Start(clock_));
  ASSERT_OK(FetchAfterRestart(referral, offer));
  ASSERT_OK(FetchWhole(referral, offer, 2));
  EXPECT_EQ(*ReadOffer(referral, offer), content);
}

TEST_F(AttachmentTest, WhatIsNotWhatWasOfferedIsDropped) {
  const std::string referral = ReferAccepted();
  const std::string content = Pdf(40 * kChunk);
  const std::string offer = Offered(referral, content);
  ASSERT_OK(Fetch(referral, offer));
  LyingStore* lying = Lie();
  lying->other_digest = true;
  EXPECT_THAT(FetchAfterRestart(referral, offer),
              FailsWith(ErrorReason::kEvidenceInvalid));
  EXPECT_EQ(HeldAtNigeria(referral), 32u);
  lying->other_digest = false;
  lying->other_content = true;
  EXPECT_THAT(FetchWhole(referral, offer),
              FailsWith(ErrorReason::kIntegrityFailure));
  EXPECT_EQ(HeldAtNigeria(referral), 0u);
  EXPECT_THAT(ReadOffer(referral, offer), FailsWith(ErrorReason::kNotFound));
  lying->other_content = false;
  ASSERT_OK(FetchWhole(referral, offer));
  EXPECT_EQ(*ReadOffer(referral, offer), content);
}

// What acknowledges so much is explained by it.
TEST_F(AttachmentTest, AnHonestReceiverOfLargeDocumentsIsNoFlood) {
  const std::string referral = ReferAccepted();
  const std::string content = Pdf(20 << 20);
  for (int i = 0; i < 2; ++i) {
    const std::string offer = Offered(referral, content);
    ASSERT_OK(FetchWhole(referral, offer));
    EXPECT_EQ(Sha256(*ReadOffer(referral, offer)), Sha256(content));
  }
}

// The agreement gives 20 answers a day: a document counts as one.
TEST_F(AttachmentTest, ALimitCountsADocumentOnce) {
  const std::string referral = ReferAccepted();
  const std::string offer = Offered(referral, Pdf(25 * kChunk));
  EXPECT_OK(FetchWhole(referral, offer, 1));
}

TEST_F(AttachmentTest, ADetachedDocumentIsNotToldAnyMore) {
  const std::string referral = ReferAccepted();
  const std::string offer = Offered(referral, Pdf(40 * kChunk));
  ASSERT_OK(Fetch(referral, offer));
  ops::DeleteAttachmentRequest detach;
  detach.set_case_id("C1");
  detach.set_attachment_id(DocumentsOfCase().attachments(0).attachment_id());
  const auto gone = As<Attachments, ops::DeleteAttachmentResponse>(
      Drafter(), &Attachments::Stub::DeleteAttachment, detach);
  ASSERT_OK(gone);
  EXPECT_THAT(gone->offered_in(), testing::ElementsAre(referral));
  EXPECT_THAT(Fetch(referral, offer), FailsWith(ErrorReason::kNotAvailable));
}

TEST_F(AttachmentTest, TheReferralsEndEndsTheFetching) {
  const std::string referral = ReferAccepted();
  const std::string offer = Offered(referral, Pdf(100));
  ASSERT_OK(Cancel(Drafter(), referral));
  ExpectBoth(referral, "CANCELLED");
  EXPECT_THAT(Fetch(referral, offer), FailsWith(ErrorReason::kNotAvailable));
}

// It waits while Nigeria is away, and never arrives.
TEST_F(AttachmentTest, Law5AnOfferThatWaitsGoesWithItsConsent) {
  const std::string referral = ReferAccepted();
  const auto document = Attach(Pdf(100));
  ASSERT_OK(document);
  ng_.Stop();
  ASSERT_OK(Offer(referral, *document));
  ASSERT_OK(Withdraw({kMedical}));
  ASSERT_OK(ng_.Start(clock_));
  ASSERT_TRUE(Await([&] { return !Answers().empty(); }));
  EXPECT_THAT(KindsAt(ng_, referral), Not(Contains("NE ATTACHMENT_OFFERED")));
  EXPECT_THAT(OffersAt(ng_, referral), IsEmpty());
}

class WaitingOfferTest : public AttachmentTest {
 protected:
  // An offer for which consent ran out while Nigeria was away.
  void SetUp() override {
    AttachmentTest::SetUp();
    referral_ = ReferAccepted();
    clock_.Advance(absl::Minutes(1));
    ASSERT_OK(Consent({kMedical, kIdentity}, absl::Hours(2)));
    const auto document = Attach(Pdf(100));
    ASSERT_OK(document);
    document_ = *document;
    ng_.Stop();
    ASSERT_OK(Offer(referral_, document_));
    clock_.Advance(absl::Hours(3));
  }
  // "CONSENT" for each event of which Niger's people are told why it
  // told nothing.
  std::vector<std::string> Reasons() {
    std::vector<std::string> reasons;
    const auto shown = Show(ne_, referral_);
    EXPECT_OK(shown);
    for (const auto& each : shown->withheld()) {
      reasons.push_back(each.reason());
    }
    return reasons;
  }
  bool Arrived() { return !OffersAt(ng_, referral_).empty(); }

  std::string referral_;
  std::string document_;
};

// Nigeria gets an event that says nothing, and a later consent changes nothing
// of that; the document can be offered anew.
TEST_F(WaitingOfferTest, Law4ItLeavesWithoutSayingWhatItOffers) {
  ASSERT_TRUE(Await([&] {
    ne_.Tick();
    return !Reasons().empty();
  }));
  ASSERT_OK(Consent({kMedical, kIdentity}));
  ASSERT_OK(ng_.Start(clock_));
  ASSERT_TRUE(Await([&] {
    ne_.Tick();
    const auto kinds = KindsAt(ng_, referral_);
    return std::count(kinds.begin(), kinds.end(), "NE ATTACHMENT_OFFERED") == 1;
  }));
  EXPECT_FALSE(Arrived());
  EXPECT_THAT(OffersAt(ne_, referral_), IsEmpty());
  for (TestParticipant* node : {&ne_, &ng_}) {
    const auto shown = Show(*node, referral_);
    ASSERT_OK(shown);
    for (const auto& entry : shown->history()) {
      // Her consent says so, and is no secret between the two.
      if (entry.kind() == "CONSENT_RECORDED") continue;
      EXPECT_FALSE(absl::StrContains(entry.summary(), "MEDICAL"))
          << entry.kind() << ": " << entry.summary();
    }
  }
  ASSERT_OK(Offer(referral_, document_));
  EXPECT_TRUE(Await([&] { return Arrived(); }));
  EXPECT_EQ(Reasons(), std::vector<std::string>{"CONSENT"});
}

// A document that may still be told does not wait for one that may not.
TEST_F(WaitingOfferTest, ItHoldsUpNoLaterOffer) {
  ASSERT_OK(Consent({kMedical}));
  auto about = Report(100);
  about.set_without_name(true);
  const auto later = Attach(Pdf(100), about);
  ASSERT_OK(later);
  const auto offer = Offer(referral_, *later);
  ASSERT_OK(offer);
  ASSERT_OK(ng_.Start(clock_));
  ASSERT_TRUE(Await([&] {
    ne_.Tick();
    return Arrived();
  }));
  const auto offers = OffersAt(ng_, referral_);
  ASSERT_EQ(offers.size(), 1u);
  EXPECT_EQ(offers[0].offer_id(), *offer);
  EXPECT_OK(FetchWhole(referral_, *offer));
}

// No step waits for it; and nobody learns what was offered.
TEST_F(WaitingOfferTest, WhatBuildsOnItTakesItAlongClosed) {
  ASSERT_OK(Cancel(Drafter(), referral_));
  ASSERT_OK(ng_.Start(clock_));
  ExpectBoth(referral_, "CANCELLED");
  EXPECT_FALSE(Arrived());
}

// Nigeria's people take the withdrawal: the offer still gets its receipt.
TEST_F(WaitingOfferTest, Law5AWithdrawnDossierDoesNotWaitForItForEver) {
  ASSERT_OK(ng_.Start(clock_));
  ops::WithdrawReferralRequest withdraw;
  withdraw.set_referral_id(referral_);
  withdraw.set_channel("SHELTER");
  ASSERT_OK((As<ops::ConsentService, ops::WithdrawReferralResponse>(
      Receiver(), &ops::ConsentService::Stub::WithdrawReferral, withdraw)));
  ExpectBoth(referral_, "WITHDRAWN");
  EXPECT_FALSE(Arrived());
}

// She learns what was offered and what was fetched, each once.
TEST_F(AttachmentTest, SheIsToldOfItByKindAndGroup) {
  const std::string referral = ReferAccepted();
  const std::string offer = Offered(referral, Pdf(5 * kChunk));
  ASSERT_OK(FetchWhole(referral, offer, 2));
  // With its receipt.
  ExpectBoth(referral, "ACCEPTED");
  ops::GetSubjectReportRequest request;
  request.set_case_id("C1");
  const auto report = As<ops::SubjectService, ops::GetSubjectReportResponse>(
      Drafter(), &ops::SubjectService::Stub::GetSubjectReport, request);
  ASSERT_OK(report);
  std::vector<std::string> told;
  for (const fed::SubjectLine& line : report->lines()) {
    if (line.attachment() != fed::ATTACHMENT_KIND_MEDICAL_REPORT) continue;
    std::string text =
        fed::SubjectAct_Name(line.act()) + " " + line.operation();
    for (const int group : line.groups()) {
      text += " " + std::string(Name(static_cast<FieldGroup>(group)));
    }
    told.push_back(text);
  }
  EXPECT_THAT(
      told,
      testing::UnorderedElementsAre(
          "SUBJECT_ACT_AT_HOME CASE_EDIT",
          "SUBJECT_ACT_TOLD_TO_OTHER ATTACHMENT_OFFERED IDENTITY MEDICAL",
          "SUBJECT_ACT_RECEIPT_OF_OTHER ATTACHMENT_OFFERED IDENTITY MEDICAL",
          "SUBJECT_ACT_ASKED_BY_OTHER IDENTITY_RELEASE IDENTITY MEDICAL"));
}

// Under an agreement of the test's own.
class AttachmentDutyTest : public AttachmentStory {};

TEST_F(AttachmentDutyTest, WhatWasFetchedEndsWithItsTime) {
  Open({{"duties { max_per_day: 20 }",
         "duties { max_per_day: 20 retention_days: 30 }"}});
  const std::string referral = ReferAccepted();
  const std::string offer = Offered(referral, Pdf(100));
  ASSERT_OK(FetchWhole(referral, offer));
  ASSERT_OK(ReadOffer(referral, offer));
  clock_.Advance(absl::Hours(24 * 31));
  EXPECT_THAT(ReadOffer(referral, offer), FailsWith(ErrorReason::kNotFound));
  EXPECT_TRUE(Await([&] {
    ng_.Tick();
    return Show(ng_, referral)->referral().erased();
  }));
  EXPECT_THAT(OffersAt(ng_, referral), IsEmpty());
}

// The receiver's own people approve once for all of a document.
TEST_F(AttachmentDutyTest, OneApprovalIsGoodForAllItsChunks) {
  Open({{"duties { max_per_day: 20 }",
         "duties { max_per_day: 20 approvals: 1 }"}});
  const std::string referral = ReferAccepted();
  const std::string offer = Offered(referral, Pdf(3 * kChunk));
  EXPECT_THAT(Fetch(referral, offer),
              FailsWith(ErrorReason::kApprovalsMissing));
  CommandContext& second = Coordinator(ng_, "second");
  const auto inbox = Inbox(second);
  ASSERT_EQ(inbox.approvals_size(), 1);
  ASSERT_OK(BorderTest::Approve(second, inbox.approvals(0).approval_id()));
  EXPECT_OK(FetchWhole(referral, offer, 1));
  // Another one needs another.
  const std::string other = Offered(referral, Pdf(100));
  EXPECT_THAT(Fetch(referral, other),
              FailsWith(ErrorReason::kApprovalsMissing));
}

}  // namespace
}  // namespace comity
