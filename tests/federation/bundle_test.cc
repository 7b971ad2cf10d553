#include "comity/operators/v1/admin_service.grpc.pb.h"
#include "comity/operators/v1/bundle_service.grpc.pb.h"
#include "comity/operators/v1/consent_service.grpc.pb.h"
#include "node/cli/node_trust.h"
#include "node/crypto/hpke.h"
#include "node/identity/node_layout.h"
#include "node/identity/private_file.h"
#include "node/wire/bundle_file.h"
#include "node/wire/card_file.h"
#include "node/wire/proto_time.h"
#include "tests/support/referral_story.h"

namespace comity {
namespace {

namespace ops = operators::v1;
using testing::HasSubstr;

// One node runs at a time: what passes between them a courier carried.
class BundleTest : public ReferralStory {
 protected:
  void SetUp() override { Open({}); }

  void Alone(TestParticipant& node) {
    ne_.Stop();
    ng_.Stop();
    ASSERT_OK(node.Start(clock_));
  }
  void Together() {
    Alone(ne_);
    ASSERT_OK(ng_.Start(clock_));
  }

  absl::StatusOr<ops::WriteBundleResponse> Write(TestParticipant& node,
                                                 const TestParticipant& to) {
    ops::WriteBundleRequest request;
    request.set_partner(to.code().text());
    return As<ops::BundleService, ops::WriteBundleResponse>(
        Coordinator(node, "coord"), &ops::BundleService::Stub::WriteBundle,
        request);
  }
  absl::StatusOr<ops::ReadBundleResponse> Read(TestParticipant& node,
                                               const std::string& file) {
    ops::ReadBundleRequest request;
    request.set_file(file);
    return As<ops::BundleService, ops::ReadBundleResponse>(
        Coordinator(node, "coord"), &ops::BundleService::Stub::ReadBundle,
        request);
  }

  // Niger sends a referral that stays in its outbox; returns its id.
  std::string SendAlone(const std::string& reference) {
    const ops::Referral draft = MakeCase(reference, {v1::RECORD_GROUP_STATUS});
    EXPECT_OK(Send("coord", draft));
    return draft.referral_id();
  }
  // What Niger wrote about one referral more, while Nigeria is out of reach.
  std::string BundleAbout(const std::string& reference, std::string& id) {
    Alone(ne_);
    id = SendAlone(reference);
    const auto written = Write(ne_, ng_);
    EXPECT_OK(written);
    return written.ok() ? written->file() : "";
  }

  uint32_t Undelivered(TestParticipant& node, const std::string& id) {
    const auto shown = Show(node, id);
    EXPECT_OK(shown);
    return shown.ok() ? shown->referral().undelivered_events() : 99;
  }
  // What a node says about its partner's heads.
  std::string HeadsAt(TestParticipant& node) {
    const auto status = As<ops::AdminService, ops::GetStatusResponse>(
        Coordinator(node, "coord"), &ops::AdminService::Stub::GetStatus,
        ops::GetStatusRequest());
    EXPECT_OK(status);
    for (const ops::StatusCheck& check : status->partners(0).checks()) {
      if (check.subject() == "log heads") return check.detail();
    }
    return "";
  }
  // Entries of Nigeria's log for Niger.
  uint64_t AnswersLogged() {
    const auto verified = As<ops::AdminService, ops::VerifyLogsResponse>(
        ng_.As("ORG", Role::kAuditor, "auditor"),
        &ops::AdminService::Stub::VerifyLogs, ops::VerifyLogsRequest());
    EXPECT_OK(verified);
    for (const ops::LogVerification& log : verified->logs()) {
      EXPECT_TRUE(log.ok()) << log.log() << log.detail();
      if (log.log() == "comity/NG/NE") return log.size();
    }
    return 0;
  }

  // How often Nigeria's own log says that it took over a list of Niger's.
  int ListsTaken() {
    ops::ListLogEntriesRequest request;
    request.set_page_size(500);
    const auto entries = As<ops::AdminService, ops::ListLogEntriesResponse>(
        ng_.As("ORG", Role::kAuditor, "auditor"),
        &ops::AdminService::Stub::ListLogEntries, request);
    EXPECT_OK(entries);
    int found = 0;
    for (const ops::LogEntry& entry : entries->entries()) {
      const bool says = entry.detail().find("certificates revoked by NE") !=
                        std::string::npos;
      found += says ? 1 : 0;
    }
    return found;
  }
  // Up to where Nigeria is known to have cosigned Niger's log.
  uint64_t CosignedForNiger() {
    const auto listed = As<ops::AdminService, ops::ListWitnessesResponse>(
        ne_.As("ORG", Role::kAuditor, "auditor"),
        &ops::AdminService::Stub::ListWitnesses, ops::ListWitnessesRequest());
    EXPECT_OK(listed);
    return listed.ok() && listed->partners_size() == 1
               ? listed->partners(0).cosigned_size()
               : 99;
  }

  // What is sealed in a bundle for Nigeria, and the bundle with it changed.
  BundleContent ContentOf(const std::string& file) {
    const NodeLayout layout{ng_.directory()};
    return *OpenBundle(file, *ReadPrivateFile(layout.BundleKey()));
  }
  std::string Resealed(const BundleLabel& label, const BundleContent& content) {
    return *SealBundle(label, content, ng_.card().bundle_key, random_);
  }

  SystemRandom random_;
};

TEST_F(BundleTest, AReferralIsSentAndAcceptedByCourierAlone) {
  std::string id;
  const std::string there = BundleAbout("C1", id);
  EXPECT_EQ(Undelivered(ne_, id), 1u);
  Alone(ng_);
  ASSERT_OK_AND_ASSIGN(const auto read, Read(ng_, there));
  EXPECT_EQ(read.sender(), "NE");
  EXPECT_EQ(read.events(), 1u);
  EXPECT_EQ(StateAt(ng_, id), "RECEIVED");
  ASSERT_OK(Accept(id));
  ASSERT_OK_AND_ASSIGN(const auto back, Write(ng_, ne_));
  EXPECT_EQ(back.events(), 1u);
  EXPECT_EQ(back.receipts(), 1u);
  Alone(ne_);
  ASSERT_OK_AND_ASSIGN(const auto answer, Read(ne_, back.file()));
  EXPECT_EQ(answer.events(), 1u);
  EXPECT_EQ(answer.receipts(), 1u);
  EXPECT_EQ(StateAt(ne_, id), "ACCEPTED");
  EXPECT_EQ(Undelivered(ne_, id), 0u);
  const std::vector<std::string> kinds = KindsAt(ne_, id);
  ASSERT_OK_AND_ASSIGN(const auto last, Write(ne_, ng_));
  EXPECT_EQ(last.events(), 0u);
  EXPECT_EQ(last.receipts(), 1u);
  Alone(ng_);
  ASSERT_OK(Read(ng_, last.file()));
  EXPECT_EQ(Undelivered(ng_, id), 0u);
  EXPECT_EQ(KindsAt(ng_, id), kinds);
  // It told in its last bundle that it saw what Nigeria owed.
  ASSERT_OK_AND_ASSIGN(const auto nothing, Write(ng_, ne_));
  EXPECT_TRUE(nothing.file().empty());
}

TEST_F(BundleTest, ReadingABundleTwiceChangesNothing) {
  std::string id;
  const std::string file = BundleAbout("C1", id);
  Alone(ng_);
  ASSERT_OK(Read(ng_, file));
  const uint64_t logged = AnswersLogged();
  const std::vector<std::string> kinds = KindsAt(ng_, id);
  ASSERT_OK_AND_ASSIGN(const auto again, Read(ng_, file));
  EXPECT_EQ(again.events() + again.refused() + again.receipts(), 0u);
  EXPECT_EQ(again.known(), 1u);
  EXPECT_TRUE(again.faults().empty());
  EXPECT_EQ(AnswersLogged(), logged);
  EXPECT_EQ(KindsAt(ng_, id), kinds);
  EXPECT_EQ(HeadsAt(ng_), "0 waiting for proof");
}

TEST_F(BundleTest, TheNextBundleMakesUpForOneThatWasLost) {
  std::string first;
  const std::string lost = BundleAbout("C1", first);
  std::string second;
  const std::string file = BundleAbout("C2", second);
  Alone(ng_);
  ASSERT_OK_AND_ASSIGN(const auto read, Read(ng_, file));
  EXPECT_EQ(read.events(), 2u);
  ASSERT_OK_AND_ASSIGN(const auto late, Read(ng_, lost));
  EXPECT_EQ(late.known(), 1u);
  EXPECT_EQ(StateAt(ng_, first), "RECEIVED");
  EXPECT_EQ(HeadsAt(ng_), "0 waiting for proof");
}

// What was lost on the way back is owed still.
TEST_F(BundleTest, AReceiptIsWrittenUntilItsAuthorShowsThatItCame) {
  std::string id;
  const std::string file = BundleAbout("C1", id);
  Alone(ng_);
  ASSERT_OK(Read(ng_, file));
  ASSERT_OK_AND_ASSIGN(const auto lost, Write(ng_, ne_));
  ASSERT_OK_AND_ASSIGN(const auto back, Write(ng_, ne_));
  EXPECT_EQ(lost.receipts(), 1u);
  EXPECT_EQ(back.receipts(), 1u);
  Alone(ne_);
  ASSERT_OK(Read(ne_, back.file()));
  ASSERT_OK_AND_ASSIGN(const auto again, Read(ne_, lost.file()));
  EXPECT_EQ(again.known(), 1u);
  EXPECT_EQ(Undelivered(ne_, id), 0u);
}

TEST_F(BundleTest, EachBundleProvesTheWayFromTheHeadThatWasSeenLast) {
  // The first head is seen online.
  const std::string online = Refer("C0");
  std::string id;
  for (const char* reference : {"C1", "C2", "C3"}) {
    const std::string file = BundleAbout(reference, id);
    // The second is lost.
    if (std::string(reference) == "C2") continue;
    Alone(ng_);
    ASSERT_OK(Read(ng_, file));
    EXPECT_EQ(HeadsAt(ng_), "0 waiting for proof") << reference;
  }
  EXPECT_EQ(StateAt(ng_, online), "RECEIVED");
}

TEST_F(BundleTest, AnEventThatCameByCourierGetsTheSameReceiptOnline) {
  std::string id;
  const std::string file = BundleAbout("C1", id);
  Alone(ng_);
  ASSERT_OK(Read(ng_, file));
  const uint64_t logged = AnswersLogged();
  ASSERT_OK_AND_ASSIGN(const auto back, Write(ng_, ne_));
  Together();
  EXPECT_TRUE(Await([&] { return Undelivered(ne_, id) == 0; }));
  EXPECT_EQ(AnswersLogged(), logged);
  ASSERT_OK_AND_ASSIGN(const auto late, Read(ne_, back.file()));
  EXPECT_EQ(late.receipts(), 0u);
  EXPECT_EQ(late.known(), 1u);
  // And the line works on.
  ExpectBoth(Refer("C2"), "RECEIVED");
}

TEST_F(BundleTest, ARefusalGoesBackAsAReceiptToo) {
  std::string id;
  const std::string file = BundleAbout("C1", id);
  const BundleLabel label = *ParseBundleLabel(file);
  BundleContent content = ContentOf(file);
  // An opening that does not match is the event's own fault.
  content.events[0].openings[0].value += "x";
  Alone(ng_);
  ASSERT_OK_AND_ASSIGN(const auto read, Read(ng_, Resealed(label, content)));
  EXPECT_EQ(read.refused(), 1u);
  EXPECT_THAT(Show(ng_, id), FailsWith(ErrorReason::kNotFound));
  ASSERT_OK_AND_ASSIGN(const auto again, Read(ng_, Resealed(label, content)));
  EXPECT_EQ(again.known(), 1u);
  ASSERT_OK_AND_ASSIGN(const auto back, Write(ng_, ne_));
  Alone(ne_);
  ASSERT_OK_AND_ASSIGN(const auto answer, Read(ne_, back.file()));
  EXPECT_EQ(answer.receipts(), 1u);
  EXPECT_EQ(Undelivered(ne_, id), 0u);
}

TEST_F(BundleTest, AnEventThatIsNotItsSendersIsNotTakenIn) {
  std::string id;
  const std::string file = BundleAbout("C1", id);
  const BundleLabel label = *ParseBundleLabel(file);
  BundleContent content = ContentOf(file);
  content.events[0].payload += "x";
  Alone(ng_);
  ASSERT_OK_AND_ASSIGN(const auto read, Read(ng_, Resealed(label, content)));
  EXPECT_EQ(read.events() + read.refused(), 0u);
  ASSERT_EQ(read.faults_size(), 1);
  EXPECT_EQ(read.faults(0).reason(), "EVIDENCE_INVALID");
  // Whoever has the card can seal, and nothing more.
  content.heads.checkpoint = "comity/NE/NG\n1\n\n";
  EXPECT_THAT(Read(ng_, Resealed(label, content)),
              FailsWith(ErrorReason::kEvidenceInvalid));
  EXPECT_EQ(AnswersLogged(), 0u);
  // The true one is read none the less.
  ASSERT_OK_AND_ASSIGN(const auto good, Read(ng_, file));
  EXPECT_EQ(good.events(), 1u);
}

// Two histories of one log are caught in a file as they are online.
TEST_F(BundleTest, ABundleOfAnotherHistoryIsRefusedWhole) {
  std::string id;
  const std::string file = BundleAbout("C1", id);
  Alone(ng_);
  ASSERT_OK(Read(ng_, file));
  HandmadePartner other(ne_, ng_, clock_, "another-history");
  const Message event =
      other.Send(MessageKind::kEvent, NewUuid(random_),
                 "comity.federation.v1.ReferralEventPayload", "something else");
  BundleContent content;
  content.heads.checkpoint = ParseLogProof(event.proof)->checkpoint;
  content.events = {event};
  EXPECT_THAT(Read(ng_, Resealed(*ParseBundleLabel(file), content)),
              FailsWith(ErrorReason::kLogForked));
}

TEST_F(BundleTest, ABundleThatIsDamagedOrNotForThisNodeSaysSo) {
  std::string id;
  const std::string file = BundleAbout("C1", id);
  EXPECT_THAT(Read(ne_, file), FailsWith(ErrorReason::kWrongAudience));
  Alone(ng_);
  const auto cut = Read(ng_, file.substr(0, file.size() / 2));
  EXPECT_THAT(cut, FailsWith(ErrorReason::kIntegrityFailure));
  EXPECT_THAT(std::string(cut.status().message()), HasSubstr("cut off"));
  // The label is sealed in: its time, a byte of the key, of the text, the tag.
  for (const size_t at :
       {size_t{60}, size_t{70}, size_t{5000}, file.size() - 1}) {
    std::string damaged = file;
    damaged[at] = static_cast<char>(damaged[at] ^ 1);
    EXPECT_THAT(Read(ng_, damaged), FailsWith(ErrorReason::kIntegrityFailure))
        << at;
  }
  EXPECT_THAT(Read(ng_, "an ordinary file"),
              FailsWith(ErrorReason::kFieldInvalid));
  BundleLabel stranger = *ParseBundleLabel(file);
  stranger.sender = *ParticipantCode::Create("TG");
  EXPECT_THAT(Read(ng_, Resealed(stranger, ContentOf(file))),
              FailsWith(ErrorReason::kPartnerUnknown));
  EXPECT_EQ(AnswersLogged(), 0u);
}

TEST_F(BundleTest, ABundleOlderThanACardInForceSaysSo) {
  std::string id;
  const std::string file = BundleAbout("C1", id);
  BundleLabel label = *ParseBundleLabel(file);
  Alone(ng_);
  ++label.receiver_card;
  const auto newer = Read(ng_, Resealed(label, ContentOf(file)));
  EXPECT_THAT(newer, FailsWith(ErrorReason::kFieldInvalid));
  EXPECT_THAT(std::string(newer.status().message()),
              HasSubstr("a newer card of this node"));
  ParticipantCard renewed = ne_.card();
  ++renewed.serial;
  const std::string root = ne_.directory() + "-root/";
  const std::string card = FormatCard(
      renewed,
      *SigningKey::FromPem(ReadPrivateFile(root + "root.pem")->Expose(),
                           *ReadPrivateFile(root + "passphrase")));
  ops::AddPartnerRequest add;
  add.set_card(card);
  add.set_fingerprint(CardFingerprint(card));
  ASSERT_OK((As<ops::AdminService, ops::AddPartnerResponse>(
      ng_.As("ORG", Role::kAdmin, "admin-1"),
      &ops::AdminService::Stub::AddPartner, add)));
  const auto older = Read(ng_, file);
  EXPECT_THAT(older, FailsWith(ErrorReason::kFieldInvalid));
  EXPECT_THAT(std::string(older.status().message()),
              HasSubstr("an older card of NE"));
}

// What was decided when it was written is decided once more when it is written
// into a bundle.
TEST_F(BundleTest, Law4ABundleTellsNothingWhoseConsentRanOut) {
  Alone(ne_);
  const std::string id = SendAlone("C1");
  clock_.Advance(absl::Minutes(1));
  ops::RecordConsentRequest consent;
  consent.set_case_id("C1");
  auto* act = consent.mutable_consent();
  act->set_recipient("NG");
  act->set_purpose("SAFE_RETURN");
  act->add_groups(v1::RECORD_GROUP_STATUS);
  act->set_state("GIVEN");
  *act->mutable_expires_at() = ToProtoTime(clock_.Now() + absl::Hours(24));
  act->set_language("ha");
  act->set_withdrawal_channel("SHELTER");
  ASSERT_OK((As<ops::CaseService, ops::RecordConsentResponse>(
      Coordinator(ne_, "coord"), &ops::CaseService::Stub::RecordConsent,
      consent)));
  ASSERT_OK_AND_ASSIGN(const auto before, Write(ne_, ng_));
  EXPECT_FALSE(ContentOf(before.file()).events[0].openings.empty());
  clock_.Advance(absl::Hours(48));
  ASSERT_OK_AND_ASSIGN(const auto after, Write(ne_, ng_));
  for (const Message& event : ContentOf(after.file()).events) {
    EXPECT_TRUE(event.openings.empty());
  }
  EXPECT_EQ(StateAt(ne_, id), "WITHDRAWN");
  const auto inbox = Inbox(Coordinator(ne_, "coord"));
  EXPECT_TRUE(std::any_of(
      inbox.notices().begin(), inbox.notices().end(),
      [](const auto& notice) { return notice.kind() == "WITHHELD"; }));
  Alone(ng_);
  ASSERT_OK(Read(ng_, after.file()));
  EXPECT_THAT(Show(ng_, id), FailsWith(ErrorReason::kNotFound));
}

// Law 5: a flag is set and she withdraws while a courier has the packet; the
// receipt that he brings back shows who holds it.
TEST_F(BundleTest, Law5AReceiptUnderAFlagBringsTheWithdrawalAlong) {
  std::string id;
  const std::string there = BundleAbout("C1", id);
  ops::RecordScreeningRequest screen;
  screen.set_case_id("C1");
  screen.mutable_screening()->add_never_share_with("NG");
  ASSERT_OK((As<ops::CaseService, ops::RecordScreeningResponse>(
      Coordinator(ne_, "coord"), &ops::CaseService::Stub::RecordScreening,
      screen)));
  ops::WithdrawConsentRequest withdraw;
  withdraw.set_case_id("C1");
  withdraw.set_channel("HELPLINE");
  ASSERT_OK((As<ops::ConsentService, ops::WithdrawConsentResponse>(
      Coordinator(ne_, "coord"), &ops::ConsentService::Stub::WithdrawConsent,
      withdraw)));
  EXPECT_EQ(StateAt(ne_, id), "SENT");
  Alone(ng_);
  ASSERT_OK(Read(ng_, there));
  ASSERT_OK_AND_ASSIGN(const auto back, Write(ng_, ne_));
  EXPECT_EQ(back.receipts(), 1u);
  Alone(ne_);
  ASSERT_OK_AND_ASSIGN(const auto read, Read(ne_, back.file()));
  EXPECT_EQ(read.receipts(), 1u);
  EXPECT_EQ(StateAt(ne_, id), "WITHDRAWN");
  ASSERT_OK_AND_ASSIGN(const auto last, Write(ne_, ng_));
  EXPECT_EQ(last.events(), 1u);
  Alone(ng_);
  ASSERT_OK(Read(ng_, last.file()));
  EXPECT_EQ(StateAt(ng_, id), "WITHDRAWN");
  EXPECT_TRUE(Show(ng_, id)->referral().erased());
}

TEST_F(BundleTest, TheReaderCosignsByCourierWhatItProved) {
  std::string id;
  const std::string file = BundleAbout("C1", id);
  Alone(ng_);
  ASSERT_OK(Read(ng_, file));
  ASSERT_OK_AND_ASSIGN(const auto back, Write(ng_, ne_));
  Alone(ne_);
  EXPECT_EQ(CosignedForNiger(), 0u);
  ASSERT_OK(Read(ne_, back.file()));
  EXPECT_TRUE(Await([&] { return CosignedForNiger() == 1; }));
}

TEST_F(BundleTest, ARevocationReachesByCourierWhomNoLineReaches) {
  Alone(ne_);
  ASSERT_OK(RevokeCertificate(
      ne_.directory(),
      NodeLayout{ne_.directory()}.Operators() + "/admin-2/certificate.pem",
      clock_.Now()));
  ne_.Tick();
  ASSERT_OK_AND_ASSIGN(const auto written, Write(ne_, ng_));
  EXPECT_TRUE(written.news());
  EXPECT_EQ(written.events() + written.receipts(), 0u);
  BundleContent forged = ContentOf(written.file());
  std::string& list = forged.heads.news.revocations;
  const std::string name = "sequence: ";
  ASSERT_NE(list.find(name), std::string::npos);
  list.insert(list.find(name) + name.size(), "9");
  Alone(ng_);
  ASSERT_OK_AND_ASSIGN(
      const auto refused,
      Read(ng_, Resealed(*ParseBundleLabel(written.file()), forged)));
  EXPECT_FALSE(refused.news());
  ASSERT_EQ(refused.faults_size(), 1);
  EXPECT_EQ(refused.faults(0).reason(), "EVIDENCE_INVALID");
  EXPECT_EQ(ListsTaken(), 0);
  ASSERT_OK_AND_ASSIGN(const auto read, Read(ng_, written.file()));
  EXPECT_TRUE(read.news());
  EXPECT_EQ(ListsTaken(), 1);
  ASSERT_OK_AND_ASSIGN(const auto again, Read(ng_, written.file()));
  EXPECT_FALSE(again.news());
  EXPECT_TRUE(again.faults().empty());
  EXPECT_EQ(ListsTaken(), 1);
  // Each bundle tells it until Nigeria itself says that it holds it.
  Alone(ne_);
  ASSERT_OK_AND_ASSIGN(const auto second, Write(ne_, ng_));
  EXPECT_TRUE(second.news());
  Together();
  EXPECT_TRUE(Await([&] {
    const auto later = Write(ne_, ng_);
    return later.ok() && !later->news();
  }));
  EXPECT_EQ(ListsTaken(), 1);
}

TEST_F(BundleTest, ABundleBringsTheCardOfTheNewIssuingCaThatItIsUnder) {
  Alone(ne_);
  const std::string id = SendAlone("C1");
  ASSERT_OK(RenewIssuing(ne_.directory(), ne_.directory() + "-root",
                         clock_.Now(), random_));
  ne_.Tick();
  ASSERT_OK_AND_ASSIGN(const auto written, Write(ne_, ng_));
  EXPECT_TRUE(written.news());
  const BundleLabel label = *ParseBundleLabel(written.file());
  EXPECT_EQ(label.sender_card, 2u);
  BundleContent bare = ContentOf(written.file());
  bare.heads.news.card.clear();
  Alone(ng_);
  const auto refused = Read(ng_, Resealed(label, bare));
  EXPECT_THAT(refused, FailsWith(ErrorReason::kFieldInvalid));
  EXPECT_THAT(std::string(refused.status().message()),
              HasSubstr("a newer card of NE"));
  ASSERT_OK_AND_ASSIGN(const auto read, Read(ng_, written.file()));
  EXPECT_TRUE(read.news());
  EXPECT_EQ(read.events(), 1u);
  EXPECT_EQ(StateAt(ng_, id), "RECEIVED");
  ASSERT_OK_AND_ASSIGN(const auto back, Write(ng_, ne_));
  EXPECT_EQ(ParseBundleLabel(back.file())->receiver_card, 2u);
  Alone(ne_);
  ASSERT_OK_AND_ASSIGN(const auto answer, Read(ne_, back.file()));
  EXPECT_EQ(answer.receipts(), 1u);
}

TEST_F(BundleTest, WhoMayNotSendReferralsCarriesNone) {
  Alone(ne_);
  ops::WriteBundleRequest request;
  request.set_partner("NG");
  EXPECT_THAT((As<ops::BundleService, ops::WriteBundleResponse>(
                  ne_.As("ORG", Role::kStatistician, "stat"),
                  &ops::BundleService::Stub::WriteBundle, request)),
              FailsWith(ErrorReason::kLocalAccessDenied));
  request.set_partner("TG");
  EXPECT_THAT((As<ops::BundleService, ops::WriteBundleResponse>(
                  Coordinator(ne_, "coord"),
                  &ops::BundleService::Stub::WriteBundle, request)),
              FailsWith(ErrorReason::kPartnerUnknown));
}

}  // namespace
}  // namespace comity
