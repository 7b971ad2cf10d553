#include "node/audit/dossier_verifier.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "node/audit/commit_writer.h"
#include "node/audit/evidence.h"
#include "node/store/open_store.h"
#include "node/wire/case_record.h"
#include "node/wire/event_wire.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_directory.h"

namespace comity {
namespace {

namespace pb = federation::v1;
using testing::HasSubstr;
using testing::SizeIs;

// One participant with its log for the other.
class Side {
 public:
  Side(const char* code, const Clock& clock, RandomSource& random)
      : code_(*ParticipantCode::Create(code)),
        store_(*OpenStore(directory_.Path("s.db"),
                          SecretBytes(std::string(32, 'k')), random)),
        writer_(*store_, signer_, clock) {}

  const ParticipantCode& code() const { return code_; }
  VerifyKey key() const { return signer_.public_key(); }

  Message Log(const UnprovedMessage& message) {
    auto entries = writer_.Commit([&](CommitScope& scope) {
      return scope
          .Append(PartnerLogOrigin(code_, message.leaf.receiver),
                  FormatMessageLeaf(message.leaf), "")
          .status();
    });
    return ProvedMessage(message, entries->at(0).proof);
  }

 private:
  const ParticipantCode code_;
  TestDirectory directory_;
  LogSigner signer_{SigningKey::Generate(KeyAlgorithm::kEd25519)};
  std::unique_ptr<Store> store_;
  CommitWriter writer_;
};

// Niger referred somebody to Nigeria, which accepted; Niger proposed a plan.
class DossierVerifierTest : public testing::Test {
 protected:
  DossierVerifierTest() {
    pb::ReferralEventPayload sent = PayloadOf(ReferralEventKind::kSent);
    auto* packet = sent.mutable_packet();
    FormatTerms(ReferralTerms(), *packet);
    packet->set_agreement_id("ng-ne-bilateral");
    packet->set_agreement_digest(random_.Bytes(32));
    packet->set_purpose("SAFE_RETURN");
    packet->set_basis("CONSENT");
    packet->set_pseudonym(random_.Bytes(16));
    record::v1::CaseRecord record;
    record.set_cas_status("Active");
    FieldOpening opening{FieldGroup::kStatus, random_.Bytes(32),
                         record.SerializeAsString()};
    auto* field = packet->add_fields();
    field->set_group(v1::RECORD_GROUP_STATUS);
    field->set_commitment(CommitField(
        opening.salt, static_cast<uint8_t>(opening.group), opening.value));
    Write(ne_, 1, sent, {opening});
    pb::ReferralEventPayload accepted = PayloadOf(ReferralEventKind::kAccepted);
    accepted.mutable_acceptance()->set_case_manager("NAPTIP");
    Write(ng_, 1, accepted);
    pb::ReferralEventPayload plan = PayloadOf(ReferralEventKind::kPlanProposed);
    plan.mutable_plan()->set_version(1);
    auto* action = plan.mutable_plan()->add_actions();
    action->set_service("Housing");
    action->set_owner("NG");
    Write(ne_, 2, plan);
  }

  static pb::ReferralEventPayload PayloadOf(ReferralEventKind kind) {
    pb::ReferralEventPayload payload;
    payload.set_kind(static_cast<pb::ReferralEventKind>(kind));
    return payload;
  }

  // Logs an event that builds on all before it, and the other side's receipt.
  void Write(Side& author, uint32_t sequence, pb::ReferralEventPayload payload,
             std::vector<FieldOpening> openings = {}) {
    Side& other = &author == &ne_ ? ng_ : ne_;
    ReferralEvent event{NewUuid(random_), file_.referral_id, author.code()};
    event.sequence = sequence;
    event.parents = heads_;
    event.kind = static_cast<ReferralEventKind>(payload.kind());
    clock_.Advance(absl::Hours(1));
    event.occurred_at = clock_.Now();
    event.role = Role::kCoordinator;
    FormatEvent(event, payload);
    UnprovedMessage message = MakeMessage(
        MessageKind::kEvent, author.code(), other.code(), event.event_id, "",
        kEventType, payload.SerializeAsString(), clock_.Now(), random_);
    message.openings = std::move(openings);
    DossierEntry entry{author.Log(message), ReceiptFor(other, message)};
    file_.entries.push_back(std::move(entry));
    heads_ = {event.event_id};
  }

  Message ReceiptFor(Side& receiver, const UnprovedMessage& event) {
    pb::EventReceipt receipt;
    receipt.mutable_delivered()->mutable_delivered_at()->set_seconds(
        absl::ToUnixSeconds(clock_.Now()));
    return receiver.Log(MakeMessage(
        MessageKind::kReceipt, receiver.code(), event.leaf.sender,
        event.leaf.request_id, LeafHash(FormatMessageLeaf(event.leaf)),
        kReceiptType, receipt.SerializeAsString(), clock_.Now(), random_));
  }

  DossierVerdict Verify(const DossierFile& file) const {
    return VerifyDossier(file,
                         {{ne_.code(), ne_.key()}, {ng_.code(), ng_.key()}});
  }
  std::string OnlyFinding(const DossierFile& file, size_t event) const {
    const DossierVerdict verdict = Verify(file);
    EXPECT_THAT(verdict.findings, SizeIs(1));
    if (verdict.findings.empty()) return "";
    EXPECT_EQ(verdict.findings[0].event, event);
    return verdict.findings[0].what;
  }

  SystemRandom random_;
  FakeClock clock_{absl::FromUnixSeconds(1790000000)};
  Side ne_{"NE", clock_, random_};
  Side ng_{"NG", clock_, random_};
  DossierFile file_{NewUuid(random_), {ne_.code(), ng_.code()}, {}};
  std::vector<Uuid> heads_;
};

TEST_F(DossierVerifierTest, AWholeDossierHoldsAndLeadsToItsState) {
  ASSERT_OK_AND_ASSIGN(const DossierFile read,
                       ParseDossierFile(FormatDossierFile(file_)));
  const DossierVerdict verdict = Verify(read);
  for (const DossierFinding& finding : verdict.findings) {
    ADD_FAILURE() << finding.event << ": " << finding.what;
  }
  EXPECT_THAT(verdict.ordered, SizeIs(3));
  EXPECT_EQ(verdict.status.state, ReferralState::kAccepted);
  EXPECT_EQ(verdict.status.plan, 1u);
  EXPECT_EQ(verdict.unanswered, 0u);
}

TEST_F(DossierVerifierTest, EveryChangedByteIsFound) {
  const std::string text = FormatDossierFile(file_);
  for (size_t i = 0; i < text.size(); ++i) {
    std::string changed = text;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    const auto read = ParseDossierFile(changed);
    if (!read.ok()) continue;
    EXPECT_FALSE(Verify(*read).Holds()) << "byte " << i;
  }
}

TEST_F(DossierVerifierTest, ACutFileIsFoundUnlessItEndsWithAWholeEvent) {
  const std::string text = FormatDossierFile(file_);
  int whole = 0;
  for (size_t size = 0; size < text.size(); ++size) {
    const auto read = ParseDossierFile(text.substr(0, size));
    if (read.ok() && Verify(*read).Holds()) ++whole;
  }
  // After each event, after each receipt but the last, and with the opening
  // kept back.
  EXPECT_EQ(whole, 6);
}

TEST_F(DossierVerifierTest, TheOrderInTheFileDoesNotMatter) {
  std::reverse(file_.entries.begin(), file_.entries.end());
  const DossierVerdict verdict = Verify(file_);
  EXPECT_TRUE(verdict.Holds());
  EXPECT_EQ(verdict.status.state, ReferralState::kAccepted);
  EXPECT_EQ(verdict.ordered[0].kind, ReferralEventKind::kSent);
}

TEST_F(DossierVerifierTest, AMissingEventIsMissedByThoseThatBuildOnIt) {
  file_.entries.erase(file_.entries.begin() + 1);
  EXPECT_THAT(OnlyFinding(file_, 2), HasSubstr("does not hold"));
}

TEST_F(DossierVerifierTest, AnEventOfAnotherReferralIsFound) {
  DossierFile other = file_;
  other.referral_id = NewUuid(random_);
  EXPECT_THAT(Verify(other).findings, SizeIs(3));
}

TEST_F(DossierVerifierTest, AnEventOfAThirdPartyIsFound) {
  Side tg("TG", clock_, random_);
  file_.entries[1].event = tg.Log(MakeMessage(
      MessageKind::kEvent, tg.code(), ne_.code(), NewUuid(random_), "",
      kEventType, file_.entries[1].event.payload, clock_.Now(), random_));
  EXPECT_THAT(Verify(file_).findings[0].what, HasSubstr("no party"));
}

TEST_F(DossierVerifierTest, TheSameEventTwiceIsFound) {
  file_.entries.push_back(file_.entries[2]);
  EXPECT_THAT(OnlyFinding(file_, 4), HasSubstr("twice"));
}

TEST_F(DossierVerifierTest, AReceiptForAnotherEventIsFound) {
  std::swap(file_.entries[0].receipt, file_.entries[2].receipt);
  EXPECT_THAT(Verify(file_).findings[0].what, HasSubstr("another event"));
}

TEST_F(DossierVerifierTest, AReceiptLeftOutIsToldAndNoFault) {
  file_.entries[2].receipt.reset();
  const DossierVerdict verdict = Verify(file_);
  EXPECT_TRUE(verdict.Holds());
  EXPECT_EQ(verdict.unanswered, 1u);
}

TEST_F(DossierVerifierTest, AnotherKeyIsNoneOfTheParties) {
  const DossierVerdict verdict =
      VerifyDossier(file_, {{ne_.code(), ng_.key()}, {ng_.code(), ng_.key()}});
  EXPECT_FALSE(verdict.Holds());
  EXPECT_EQ(verdict.status.state, ReferralState::kRiskCleared);
  EXPECT_FALSE(VerifyDossier(file_, {}).Holds());
}

TEST_F(DossierVerifierTest, AStepThatNobodyMayTakeIsFound) {
  pb::ReferralEventPayload handover = PayloadOf(ReferralEventKind::kHandedOver);
  handover.mutable_handover()->mutable_arrived_at()->set_seconds(1790000000);
  Write(ng_, 2, handover);
  EXPECT_THAT(OnlyFinding(file_, 4), testing::Not(HasSubstr("receipt")));
  EXPECT_EQ(Verify(file_).status.state, ReferralState::kAccepted);
}

TEST_F(DossierVerifierTest, OpeningsMayBeKeptBackAndNotChanged) {
  file_.entries[0].event.openings[0].value.clear();
  EXPECT_THAT(Verify(file_).findings[0].what, HasSubstr("commitment"));
  file_.entries[0].event.openings.clear();
  EXPECT_TRUE(Verify(file_).Holds());
  EXPECT_FALSE(absl::StrContains(FormatDossierFile(file_), "opening"));
}

}  // namespace
}  // namespace comity
