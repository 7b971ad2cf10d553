#include "absl/strings/match.h"
#include "comity/operators/v1/admin_service.grpc.pb.h"
#include "node/cli/node_keys.h"
#include "node/cli/node_trust.h"
#include "node/identity/node_layout.h"
#include "node/identity/private_file.h"
#include "tests/support/border.h"
#include "tests/support/call_load.h"
#include "tests/support/load_border.h"

namespace comity {
namespace {

namespace ops = operators::v1;
using Admin = ops::AdminService;

// Niger's node gets other keys for its logs.
class KeyRotationTest : public LoadBorderTest {
 protected:
  void SetUp() override {
    Open({{"max_per_day: 200", "max_per_day: 100000"}});
    for (TestParticipant* each : {&ne_, &ng_}) AllowMuch(*each);
    draft_ = MakeCase("C1", {v1::RECORD_GROUP_STATUS});
    ASSERT_OK(AnswerFor("coord"));
  }

  void Rotate(OwnKey which) {
    ASSERT_OK_AND_ASSIGN(
        rotated_, RotateKey(ne_.directory(), ne_.directory() + "-root", which));
    ne_.Tick();
  }
  // Niger's log proves the answer.
  absl::Status AnswerFor(const std::string& officer) {
    const std::string outcome = OutcomeOf(AskStatus(officer, draft_));
    if (outcome == "RELEASED") return absl::OkStatus();
    return absl::UnknownError(outcome);
  }
  // Nigeria has pinned the card that the last rotation made.
  bool CardHasArrived() { return HasPinned(ng_, rotated_.fingerprint); }
  // What a node finds wrong with the logs that it holds; empty: nothing.
  std::string FaultsOf(TestParticipant& node) {
    const auto verified = As<Admin, ops::VerifyLogsResponse>(
        node.As("ORG", Role::kAuditor, "auditor"), &Admin::Stub::VerifyLogs,
        ops::VerifyLogsRequest());
    if (!verified.ok()) return std::string(verified.status().message());
    std::string faults;
    for (const ops::LogVerification& log : verified->logs()) {
      if (!log.ok()) faults += log.log() + ": " + log.detail() + "\n";
    }
    return faults;
  }
  static bool Passes(CallLoad& load) {
    const int before = load.calls();
    return Await([&] { return load.calls() > before + 1; });
  }

  ops::Referral draft_;
  RotatedKey rotated_;
};

TEST_F(KeyRotationTest, NoCallFailsWhileLogAndWitnessKeyAreReplaced) {
  Coordinator(ng_, "second");
  CommandContext& admin = ne_.As("ORG", Role::kAdmin, "admin-1");
  ng_.As("ORG", Role::kAdmin, "admin-1");
  CallLoad one([&] { return AnswerFor("coord"); });
  CallLoad other([&] { return AnswerFor("second"); });
  CallLoad outwards([&] { return ProbeBy(admin); });
  const auto all_pass = [&] {
    return Passes(one) && Passes(other) && Passes(outwards);
  };
  Rotate(OwnKey::kLog);
  // Nobody hears of the card while an answer may be on its way that the key of
  // before alone has signed.
  EXPECT_TRUE(all_pass());
  EXPECT_FALSE(CardHasArrived());
  for (int second = 0; second <= 20; ++second) {
    clock_.Advance(absl::Seconds(1));
    ne_.Tick();
    EXPECT_TRUE(all_pass());
  }
  EXPECT_TRUE(Await([&] { return CardHasArrived(); }));
  EXPECT_TRUE(all_pass());
  Rotate(OwnKey::kWitness);
  EXPECT_TRUE(Await([&] { return CardHasArrived(); }));
  EXPECT_TRUE(all_pass());
  for (const OwnKey key : {OwnKey::kLog, OwnKey::kWitness}) {
    EXPECT_OK(EndKeyBefore(ne_.directory(), key));
    ne_.Tick();
    EXPECT_TRUE(all_pass());
  }
  EXPECT_OK(one.Stop());
  EXPECT_OK(other.Stop());
  EXPECT_OK(outwards.Stop());
  EXPECT_EQ(FaultsOf(ne_), "");
  EXPECT_EQ(FaultsOf(ng_), "");
  // And what goes out is proved by the new one.
  ASSERT_OK(Send("coord", draft_));
  EXPECT_TRUE(Await([&] { return Show(ng_, draft_.referral_id()).ok(); }));
}

TEST_F(KeyRotationTest, StatusTellsOfTwoKeysAndWhenToEndTheOneBefore) {
  const auto found = [&](const std::string& text) {
    const auto status = StatusOf(ne_);
    return status.ok() && absl::StrContains(status->DebugString(), text);
  };
  EXPECT_TRUE(found("\"certificate\""));
  EXPECT_FALSE(found("\"log key\""));
  ASSERT_NO_FATAL_FAILURE(Rotate(OwnKey::kLog));
  EXPECT_TRUE(found("partners hear of the card"));
  EXPECT_FALSE(found("--finish"));
  for (int second = 0; second <= 20; ++second) {
    clock_.Advance(absl::Seconds(1));
    ne_.Tick();
  }
  ASSERT_TRUE(Await([&] { return CardHasArrived(); }));
  // Nigeria says that it holds it when it is told again, by then for sure.
  clock_.Advance(absl::Seconds(31));
  EXPECT_TRUE(Await([&] { return found("rotate-key log --finish"); }));
  ASSERT_OK(EndKeyBefore(ne_.directory(), OwnKey::kLog));
  ne_.Tick();
  EXPECT_TRUE(found("\"certificate\""));
  EXPECT_FALSE(found("\"log key\""));
}

// A start waits for nothing: what was on its way went with the process before.
TEST_F(KeyRotationTest, AfterTheRotationTheKeyBeforeProvesNothingAnyMore) {
  HandmadePartner thief(ne_, ng_, clock_);  // with the keys of now
  ne_.Stop();
  ASSERT_OK_AND_ASSIGN(
      rotated_,
      RotateKey(ne_.directory(), ne_.directory() + "-root", OwnKey::kLog));
  ASSERT_OK(ne_.Start(clock_));
  ASSERT_TRUE(Await([&] { return CardHasArrived(); }));
  const Message question = thief.Ask(thief.QuestionAbout(std::string(16, 'p')),
                                     NewUuid(thief.random()));
  EXPECT_THAT(thief.peer().AskCase(question, absl::Seconds(5)),
              FailsWith(ErrorReason::kEvidenceInvalid));
  EXPECT_OK(AnswerFor("coord"));
  EXPECT_EQ(FaultsOf(ng_), "");
}

TEST_F(KeyRotationTest, ARevocationDoesNotWaitForTheCard) {
  CommandContext& auditor = ne_.As("ORG", Role::kAuditor, "audit");
  const auto read_log = [&] {
    return auditor
        .Call<Admin, ops::ListLogEntriesResponse>(&Admin::Stub::ListLogEntries,
                                                  ops::ListLogEntriesRequest())
        .status();
  };
  ASSERT_NO_FATAL_FAILURE(Rotate(OwnKey::kLog));
  ASSERT_OK(read_log());
  ASSERT_OK(RevokeCertificate(
      ne_.directory(),
      NodeLayout{ne_.directory()}.Operators() + "/audit/certificate.pem",
      clock_.Now()));
  ne_.Tick();
  EXPECT_FALSE(read_log().ok());
  EXPECT_FALSE(CardHasArrived());
}

TEST_F(KeyRotationTest, APartnerThatWasAwayVerifiesByTheCardThatItHas) {
  ng_.Stop();
  ASSERT_NO_FATAL_FAILURE(Rotate(OwnKey::kLog));
  ASSERT_OK(ng_.Start(clock_));
  // Both keys sign, and the card is not told yet.
  EXPECT_OK(AnswerFor("coord"));
  EXPECT_FALSE(CardHasArrived());
  clock_.Advance(absl::Seconds(21));
  ne_.Tick();
  EXPECT_TRUE(Await([&] { return CardHasArrived(); }));
  EXPECT_OK(AnswerFor("coord"));
}

}  // namespace
}  // namespace comity
