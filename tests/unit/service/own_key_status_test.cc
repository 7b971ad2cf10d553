#include "node/service/own_key_status.h"

#include "absl/strings/match.h"
#include "node/delivery/trust_news.h"
#include "node/service/admin_desk.h"
#include "node/wire/card_file.h"
#include "tests/support/service_parts.h"
#include "tests/support/status_matchers.h"

namespace comity {
namespace {

// Niger's node, which has Nigeria for a partner, replaces keys.
class OwnKeyStatusTest : public testing::Test {
 protected:
  void SetUp() override {
    const ParticipantCard nigeria = CardOf(ng_, 1);
    ASSERT_OK(parts_.writer.Commit([&](CommitScope& scope) {
      return scope.store().PutPartnerCard("NG", FormatCard(nigeria, root_key_));
    }));
    ASSERT_OK(LoadPartners(parts_.node));
    parts_.signer.Replace({old_, std::nullopt, witness_});
    Tell(CardOf(parts_.self, 1));
  }

  Certificate Make(CertificateKind kind, const SigningKey& key,
                   const Certificate* issuer) {
    const absl::Time now = parts_.clock.Now();
    return *IssueCertificate({kind, key.public_key(), "CA", "", "", "", now,
                              now + absl::Hours(24 * 365)},
                             issuer, root_key_, parts_.random);
  }
  ParticipantCard CardOf(const ParticipantCode& code, uint32_t serial) {
    return {code,
            "a name",
            false,
            serial,
            {"127.0.0.1:4711"},
            root_,
            Make(CertificateKind::kIssuing, issuing_key_, &root_),
            old_.public_key(),
            witness_.public_key()};
  }
  // The card under which the next key replaces the old log key.
  ParticipantCard NextCard() {
    ParticipantCard card = CardOf(parts_.self, 2);
    card.log_key = next_.public_key();
    card.past_log_keys = {old_.public_key()};
    return card;
  }
  // What partners are told from now on.
  void Tell(const ParticipantCard& card) {
    ASSERT_OK(parts_.writer.Commit([&](CommitScope& scope) {
      return PutOwnTrust(scope.store(),
                         {FormatCard(card, root_key_), card.serial, "", 0});
    }));
  }
  void NigeriaHolds(uint32_t serial) {
    TrustNews told;
    told.held_card = serial;
    NoteHeldBy(parts_.store, parts_.writer, ng_, told);
    // What was queued before is done then.
    ASSERT_OK(
        parts_.writer.Commit([](CommitScope&) { return absl::OkStatus(); }));
  }
  // The only one.
  UnfinishedRotation Unfinished() {
    const auto found = UnfinishedRotations(parts_.node);
    EXPECT_OK(found);
    if (!found.ok() || found->size() != 1) return {"none, or two", "", ""};
    return found->front();
  }

  ServiceParts parts_;
  const ParticipantCode ng_ = *ParticipantCode::Create("NG");
  const SigningKey old_ = SigningKey::Generate(KeyAlgorithm::kEd25519);
  const SigningKey next_ = SigningKey::Generate(KeyAlgorithm::kEd25519);
  const SigningKey witness_ = SigningKey::Generate(KeyAlgorithm::kEd25519);
  const SigningKey root_key_ = SigningKey::Generate(KeyAlgorithm::kP256);
  const SigningKey issuing_key_ = SigningKey::Generate(KeyAlgorithm::kP256);
  const Certificate root_ = Make(CertificateKind::kRoot, root_key_, nullptr);
};

TEST_F(OwnKeyStatusTest, OneKeyOfEachKindIsNothingToTell) {
  EXPECT_EQ(UnfinishedRotations(parts_.node)->size(), 0u);
}

TEST_F(OwnKeyStatusTest, ARotationIsDueToBeFinishedOncePartnersHoldTheCard) {
  parts_.signer.Replace({next_, old_, witness_});
  UnfinishedRotation found = Unfinished();
  EXPECT_EQ(found.key, "log");
  EXPECT_TRUE(absl::StrContains(found.detail, "partners hear")) << found.detail;
  EXPECT_EQ(found.fix, "");
  Tell(NextCard());
  found = Unfinished();
  EXPECT_TRUE(absl::StrContains(found.detail, "not reached NG"))
      << found.detail;
  EXPECT_EQ(found.fix, "");
  NigeriaHolds(2);
  EXPECT_TRUE(
      absl::StrContains(Unfinished().fix, "rotate-key log --finish --dir"))
      << Unfinished().fix;
  parts_.signer.Replace({next_, std::nullopt, witness_});
  EXPECT_EQ(UnfinishedRotations(parts_.node)->size(), 0u);
}

TEST_F(OwnKeyStatusTest, ARotationThatWasCutOffIsToBeCalledAgain) {
  // The next key is in its file, and no card names it.
  parts_.signer.Replace({old_, next_, witness_});
  EXPECT_TRUE(absl::StrContains(Unfinished().detail, "cut off"));
  EXPECT_TRUE(absl::StrContains(Unfinished().fix, "rotate-key log --dir"))
      << Unfinished().fix;
}

TEST_F(OwnKeyStatusTest, AWitnessKeyIsToldOfByItsName) {
  const SigningKey next = SigningKey::Generate(KeyAlgorithm::kEd25519);
  ParticipantCard card = CardOf(parts_.self, 2);
  card.witness_key = next.public_key();
  card.past_witness_keys = {witness_.public_key()};
  Tell(card);
  parts_.signer.Replace({old_, std::nullopt, next, witness_});
  EXPECT_EQ(Unfinished().key, "witness");
  NigeriaHolds(2);
  EXPECT_TRUE(absl::StrContains(Unfinished().fix, "rotate-key witness"))
      << Unfinished().fix;
  parts_.signer.Replace({next_, old_, next, witness_});
  EXPECT_EQ(UnfinishedRotations(parts_.node)->size(), 2u);
}

TEST_F(OwnKeyStatusTest, ChecksAreGoodWhileThereIsNothingToDo) {
  google::protobuf::RepeatedPtrField<operators::v1::StatusCheck> checks;
  parts_.signer.Replace({next_, old_, witness_});
  AddOwnKeyChecks(parts_.node, checks);
  ASSERT_EQ(checks.size(), 1);
  EXPECT_TRUE(checks[0].ok());
  EXPECT_EQ(checks[0].subject(), "log key");
  Tell(NextCard());
  NigeriaHolds(2);
  AddOwnKeyChecks(parts_.node, checks);
  ASSERT_EQ(checks.size(), 2);
  EXPECT_FALSE(checks[1].ok());
  EXPECT_EQ(checks[1].reason(), "VERSION_CONFLICT");
}

TEST_F(OwnKeyStatusTest, FilesThatWereNotTakenAreToldOfUntilTheyAre) {
  google::protobuf::RepeatedPtrField<operators::v1::StatusCheck> checks;
  parts_.node.untaken->Note(
      "TLS key", ReasonError(ErrorReason::kFieldInvalid, "it does not open"));
  AddOwnKeyChecks(parts_.node, checks);
  ASSERT_EQ(checks.size(), 1);
  EXPECT_FALSE(checks[0].ok());
  EXPECT_EQ(checks[0].subject(), "TLS key");
  EXPECT_EQ(checks[0].detail(), "it does not open");
  EXPECT_EQ(checks[0].reason(), "FIELD_INVALID");
  EXPECT_TRUE(absl::StrContains(checks[0].fix(), "restart comityd"));
  parts_.node.untaken->Note("log key", absl::OkStatus());
  EXPECT_EQ(parts_.node.untaken->List().size(), 1u);
  parts_.node.untaken->Note("TLS key", absl::OkStatus());
  checks.Clear();
  AddOwnKeyChecks(parts_.node, checks);
  EXPECT_EQ(checks.size(), 0);
}

TEST_F(OwnKeyStatusTest, FilesThatWereNotWrittenAreToldOfUntilTheyAre) {
  google::protobuf::RepeatedPtrField<operators::v1::StatusCheck> checks;
  parts_.node.unwritten->Note(
      "trusted authorities",
      ReasonError(ErrorReason::kStoreUnavailable, "no space"));
  AddOwnKeyChecks(parts_.node, checks);
  ASSERT_EQ(checks.size(), 1);
  EXPECT_FALSE(checks[0].ok());
  EXPECT_EQ(checks[0].subject(), "trusted authorities");
  EXPECT_EQ(checks[0].reason(), "STORE_UNAVAILABLE");
  EXPECT_TRUE(absl::StrContains(checks[0].fix(), "disk is full"));
  parts_.node.unwritten->Note("trusted authorities", absl::OkStatus());
  checks.Clear();
  AddOwnKeyChecks(parts_.node, checks);
  EXPECT_EQ(checks.size(), 0);
}

}  // namespace
}  // namespace comity
