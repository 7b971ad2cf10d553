#include <filesystem>

#include "comity/operators/v1/admin_service.grpc.pb.h"
#include "node/cli/node_init.h"
#include "node/crypto/note.h"
#include "node/identity/node_layout.h"
#include "node/identity/private_file.h"
#include "node/wire/message_leaf.h"
#include "tests/support/border.h"
#include "tests/support/fault_injecting_store.h"

namespace comity {
namespace {

namespace ops = operators::v1;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

// What each of two real nodes knows of the other as a witness.
class WitnessTest : public BorderTest {
 protected:
  CommandContext& Auditor(TestParticipant& node) {
    return node.As("ORG", Role::kAuditor, "auditor");
  }
  // Of the one partner that the node has.
  ops::PartnerWitness WitnessOf(TestParticipant& node) {
    const auto listed = As<ops::AdminService, ops::ListWitnessesResponse>(
        Auditor(node), &ops::AdminService::Stub::ListWitnesses,
        ops::ListWitnessesRequest());
    EXPECT_OK(listed);
    return listed.ok() && listed->partners_size() == 1 ? listed->partners(0)
                                                       : ops::PartnerWitness();
  }
  // Whether the node's status says that a fork is known.
  bool SaysForked(TestParticipant& node) {
    const auto status = As<ops::AdminService, ops::GetStatusResponse>(
        Auditor(node), &ops::AdminService::Stub::GetStatus,
        ops::GetStatusRequest());
    EXPECT_OK(status);
    if (!status.ok() || status->partners_size() != 1) return false;
    for (const ops::StatusCheck& check : status->partners(0).checks()) {
      if (check.subject() == "forks") return !check.ok();
    }
    return false;
  }
};

TEST_F(WitnessTest, PartnersCosignEachOthersHeadsAndTheAuthorKeepsIt) {
  ASSERT_NO_FATAL_FAILURE(Open({}));
  const ops::Referral draft = MakeCase("C1", {v1::RECORD_GROUP_STATUS});
  ASSERT_OK(AskStatus("coord", draft));
  for (TestParticipant* each : {&ne_, &ng_}) {
    // All of it, and no more than was logged.
    ASSERT_TRUE(Await([&] {
      const ops::PartnerWitness witness = WitnessOf(*each);
      return witness.log_size() > 0 &&
             witness.cosigned_size() == witness.log_size();
    })) << each->code().text();
    const ops::PartnerWitness witness = WitnessOf(*each);
    EXPECT_EQ(witness.cosigned_at().seconds(),
              absl::ToUnixSeconds(clock_.Now()));
    EXPECT_GT(witness.proved_size(), 0u);
    EXPECT_THAT(witness.forks(), IsEmpty());
    EXPECT_FALSE(SaysForked(*each));
  }
}

TEST_F(WitnessTest, WhoSeesTwoHistoriesKeepsBothNotesAndShowsThem) {
  ASSERT_NO_FATAL_FAILURE(Open({}));
  ng_.Stop();
  HandmadePartner honest(ng_, ne_, clock_, "honest");
  HandmadePartner other(ng_, ne_, clock_, "other");
  const Uuid id = NewUuid(honest.random());
  const auto question = honest.QuestionAbout(std::string(16, 'p'));
  ASSERT_OK(honest.peer().AskCase(honest.Ask(question, id), absl::Seconds(5)));
  const Message forked = other.Ask(question, NewUuid(other.random()));
  EXPECT_THAT(other.peer().AskCase(forked, absl::Seconds(5)),
              FailsWith(ErrorReason::kLogForked));
  const ops::PartnerWitness witness = WitnessOf(ne_);
  ASSERT_EQ(witness.forks_size(), 1);
  EXPECT_EQ(witness.forks(0).log(), "comity/NG/NE");
  EXPECT_EQ(witness.forks(0).reporter(), "NE");
  const auto held = OpenCheckpoint(witness.forks(0).held_checkpoint(),
                                   "comity/NG/NE", ng_.card().log_key);
  const auto shown = OpenCheckpoint(witness.forks(0).shown_checkpoint(),
                                    "comity/NG/NE", ng_.card().log_key);
  ASSERT_OK(held);
  ASSERT_OK(shown);
  EXPECT_EQ(held->size, shown->size);
  EXPECT_NE(held->root, shown->root);
  EXPECT_TRUE(SaysForked(ne_));
  // The other side learns of it with the first exchange.
  ASSERT_OK_AND_ASSIGN(const CheckpointExchange told,
                       honest.peer().Exchange({}, absl::Seconds(5)));
  ASSERT_EQ(told.forks.size(), 1u);
  EXPECT_EQ(told.forks[0].shown, witness.forks(0).shown_checkpoint());
  EXPECT_THAT(told.cosigned_checkpoint, IsEmpty());
}

// Nigeria's node is set back to an older copy of its data.
TEST_F(WitnessTest, ARollBackIsShownByBothNodes) {
  ASSERT_NO_FATAL_FAILURE(Open({}));
  const ops::Referral draft = MakeCase("C1", {v1::RECORD_GROUP_STATUS});
  ASSERT_OK(AskStatus("coord", draft));
  const std::string data = ng_.directory() + "/data";
  const TestDirectory copies;
  const auto recursive = std::filesystem::copy_options::recursive;
  ng_.Stop();
  std::filesystem::copy(data, copies.Path("older"), recursive);
  ASSERT_OK(ng_.Start(clock_));
  ASSERT_OK(AskStatus("coord", draft));
  ASSERT_TRUE(Await([&] { return WitnessOf(ng_).cosigned_size() == 2; }));
  ng_.Stop();
  std::filesystem::remove_all(data);
  std::filesystem::copy(copies.Path("older"), data, recursive);
  ASSERT_OK(ng_.Start(clock_));
  for (TestParticipant* each : {&ng_, &ne_}) {
    ASSERT_TRUE(Await([&] { return SaysForked(*each); }))
        << each->code().text();
    const ops::PartnerWitness witness = WitnessOf(*each);
    ASSERT_EQ(witness.forks_size(), 1);
    EXPECT_EQ(witness.forks(0).log(), "comity/NG/NE");
    EXPECT_EQ(witness.forks(0).reporter(), "NG");
  }
}

// What the auditor of one side learns by asking the other.
class ReconcileTest : public WitnessTest {
 protected:
  absl::StatusOr<ops::ReconcileLogsResponse> Reconcile(TestParticipant& node,
                                                       const char* partner) {
    ops::ReconcileLogsRequest request;
    request.set_participant(partner);
    return As<ops::AdminService, ops::ReconcileLogsResponse>(
        Auditor(node), &ops::AdminService::Stub::ReconcileLogs, request);
  }
  // Entries of Nigeria's for Niger, of messages that are lost; its node stands.
  void LogAtNigeria(const std::vector<MessageKind>& kinds) {
    SystemRandom random;
    const NodeLayout layout{ng_.directory()};
    const auto store = *OpenStore(layout.StoreFile(),
                                  *ReadPrivateFile(layout.StoreKey()), random);
    const LogSigner signer(*SigningKey::FromPem(
        ReadPrivateFile(layout.LogKey())->Expose(), SecretBytes()));
    CommitWriter writer(*store, signer, clock_);
    for (const MessageKind kind : kinds) {
      const UnprovedMessage lost =
          MakeMessage(kind, ng_.code(), ne_.code(), NewUuid(random), "", "T",
                      "payload", clock_.Now(), random);
      EXPECT_OK(writer.Commit([&](CommitScope& scope) {
        return scope.Append("comity/NG/NE", FormatMessageLeaf(lost.leaf), "")
            .status();
      }));
    }
  }
};

TEST_F(ReconcileTest, WhereEverythingCameNothingDiffers) {
  ASSERT_NO_FATAL_FAILURE(Open({}));
  ASSERT_OK(AskStatus("coord", MakeCase("C1", {v1::RECORD_GROUP_STATUS})));
  for (TestParticipant* each : {&ne_, &ng_}) {
    ASSERT_OK_AND_ASSIGN(const ops::ReconcileLogsResponse logs,
                         Reconcile(*each, each == &ne_ ? "NG" : "NE"));
    EXPECT_EQ(logs.log_size(), 1u);
    EXPECT_EQ(logs.seen_there(), 1u);
    EXPECT_EQ(logs.partner_log_size(), 1u);
    EXPECT_EQ(logs.proved_here(), 1u);
    EXPECT_EQ(logs.undelivered_count(), 0u);
    EXPECT_EQ(logs.outbox(), 0u);
  }
}

TEST_F(ReconcileTest, AnEntryThatNeverCameIsAskedForAndAnEventIsNotTold) {
  ASSERT_NO_FATAL_FAILURE(Open({}));
  ASSERT_OK(AskStatus("coord", MakeCase("C1", {v1::RECORD_GROUP_STATUS})));
  ng_.Stop();
  LogAtNigeria({MessageKind::kCaseAnswer, MessageKind::kEvent});
  ASSERT_OK(ng_.Start(clock_));
  // And an anchor, which comes to nobody.
  clock_.Advance(absl::Hours(1));
  ng_.Tick();
  ASSERT_TRUE(Await([&] { return WitnessOf(ng_).log_size() == 4; }));
  ASSERT_OK_AND_ASSIGN(const ops::ReconcileLogsResponse logs,
                       Reconcile(ne_, "NG"));
  EXPECT_EQ(logs.partner_log_size(), 4u);
  EXPECT_EQ(logs.proved_here(), 4u);
  EXPECT_EQ(logs.undelivered_count(), 2u);
  ASSERT_EQ(logs.undelivered_size(), 2);
  EXPECT_EQ(logs.undelivered(0).index(), 1u);
  EXPECT_EQ(logs.undelivered(0).kind(), "CASE_ANSWER");
  EXPECT_EQ(logs.undelivered(1).index(), 2u);
  EXPECT_THAT(logs.undelivered(1).kind(), IsEmpty());
}

// Who mistypes its name would take it for a log in which nothing happened.
TEST_F(WitnessTest, ALogThatTheNodeDoesNotKeepIsNotShownAsEmpty) {
  ASSERT_NO_FATAL_FAILURE(Open({}));
  const auto show = [&](const std::string& log) {
    ops::ListLogEntriesRequest request;
    request.set_log(log);
    return As<ops::AdminService, ops::ListLogEntriesResponse>(
               Auditor(ne_), &ops::AdminService::Stub::ListLogEntries, request)
        .status();
  };
  for (const char* log : {"comity/NE/GN", "comity/NG/NE", "nonsense"}) {
    EXPECT_THAT(show(log), FailsWith(ErrorReason::kFieldInvalid)) << log;
  }
  EXPECT_OK(show("comity/NE/NG"));
  EXPECT_OK(show("comity/NE"));
  EXPECT_OK(show(""));
}

class AnchorTest : public WitnessTest {
 protected:
  // What audit verify says of the node's own log.
  ops::LogVerification OwnLogOf(TestParticipant& node) {
    const auto verified = As<ops::AdminService, ops::VerifyLogsResponse>(
        Auditor(node), &ops::AdminService::Stub::VerifyLogs,
        ops::VerifyLogsRequest());
    EXPECT_OK(verified);
    if (!verified.ok()) return {};
    for (const ops::LogVerification& log : verified->logs()) {
      if (log.log() == OwnLogOrigin(node.code())) return log;
    }
    return {};
  }
  // An hour begins, and Niger anchors its own log; Nigeria witnesses it.
  void AnchorAtNiger() {
    const uint64_t before = WitnessOf(ne_).log_size();
    clock_.Advance(absl::Hours(1));
    ne_.Tick();
    ASSERT_TRUE(Await([&] {
      const ops::PartnerWitness witness = WitnessOf(ne_);
      return witness.log_size() == before + 1 &&
             witness.cosigned_size() == witness.log_size();
    }));
  }
};

TEST_F(AnchorTest, EveryHourTheOwnLogIsAnchoredAndThePartnerWitnessesIt) {
  ASSERT_NO_FATAL_FAILURE(Open({}));
  EXPECT_THAT(OwnLogOf(ne_).detail(), Not(HasSubstr("anchors")));
  // Nothing ever passed between the two; then something did.
  for (int i = 0; i < 2; ++i) ASSERT_NO_FATAL_FAILURE(AnchorAtNiger());
  ops::ListLogEntriesRequest list;
  list.set_log("comity/NE/NG");
  const auto entries = As<ops::AdminService, ops::ListLogEntriesResponse>(
      Auditor(ne_), &ops::AdminService::Stub::ListLogEntries, list);
  ASSERT_OK(entries);
  ASSERT_EQ(entries->entries_size(), 2);
  EXPECT_EQ(entries->entries(0).kind(), "ANCHOR");
  EXPECT_TRUE(OwnLogOf(ne_).ok());
  EXPECT_THAT(OwnLogOf(ne_).detail(), HasSubstr("2 anchors"));
  // The same hour is anchored once, also after a restart.
  ne_.Stop();
  ASSERT_OK(ne_.Start(clock_));
  ne_.Tick();
  EXPECT_EQ(WitnessOf(ne_).log_size(), 2u);
}

// The own log as it was before the last entries, under a head of that time.
class CutOwnLog : public FaultInjectingStore {
 public:
  using FaultInjectingStore::FaultInjectingStore;
  absl::StatusOr<LogHead> ReadLogHead(absl::string_view log) const override {
    if (log == "comity/NE") return LogHead{1, "a head that was signed then"};
    return FaultInjectingStore::ReadLogHead(log);
  }
};

absl::StatusOr<std::unique_ptr<Store>> OpenCut(const std::string& path,
                                               const SecretBytes& key,
                                               RandomSource& random) {
  ASSIGN_OR_RETURN(auto store, OpenStore(path, key, random));
  return std::unique_ptr<Store>(std::make_unique<CutOwnLog>(std::move(store)));
}

// Within the hour.
TEST_F(AnchorTest, AChangeOfKeysLiesBetweenTwoAnchorsThatThePartnerWitnesses) {
  ASSERT_NO_FATAL_FAILURE(Open({}));
  SystemRandom random;
  ASSERT_OK(RenewNode(ne_.directory(), clock_.Now(), random));
  EXPECT_TRUE(Await([&] {
    ne_.Tick();
    const ops::PartnerWitness witness = WitnessOf(ne_);
    return witness.log_size() == 2 && witness.cosigned_size() == 2;
  }));
  EXPECT_TRUE(OwnLogOf(ne_).ok());
  EXPECT_THAT(OwnLogOf(ne_).detail(), HasSubstr("2 anchors"));
  // Once.
  ne_.Tick();
  ne_.Tick();
  EXPECT_EQ(WitnessOf(ne_).log_size(), 2u);
  ne_.Stop();
  EXPECT_THAT(ne_.Start(clock_, OpenCut),
              FailsWith(ErrorReason::kIntegrityFailure));
}

TEST_F(AnchorTest, ANodeWhoseOwnLogLostWhatWasAnchoredDoesNotStart) {
  ASSERT_NO_FATAL_FAILURE(Open({}));
  ASSERT_NO_FATAL_FAILURE(AnchorAtNiger());
  ne_.Stop();
  const absl::Status started = ne_.Start(clock_, OpenCut);
  EXPECT_THAT(started, FailsWith(ErrorReason::kIntegrityFailure));
  EXPECT_THAT(std::string(started.message()), HasSubstr("its end was cut off"));
  ASSERT_OK(ne_.Start(clock_));
}

}  // namespace
}  // namespace comity
