#pragma once

#include <memory>
#include <string>
#include <vector>

#include "node/audit/witness.h"
#include "node/delivery/checkpoint_keeper.h"
#include "node/store/open_store.h"
#include "tests/support/in_process_partner.h"
#include "tests/support/status_matchers.h"

namespace comity {

// One side: its logs, and what it knows of the other's.
struct ExchangingSide {
  ExchangingSide(
      const std::string& name, const Clock& clock, RandomSource& random_in,
      LogSigner with = LogSigner(SigningKey::Generate(KeyAlgorithm::kEd25519)))
      : code(*ParticipantCode::Create(name)),
        random(random_in),
        signer(std::move(with)),
        store(*OpenStore(directory.Path("s.db"),
                         SecretBytes(std::string(32, 'k')), random)),
        writer(*store, signer, clock),
        keeper(code, *store, writer, partners, checkpoints) {}

  void Pin(const ExchangingSide& other, absl::Time now) {
    partners.Set(std::make_shared<PartnerTable>(std::vector<ParticipantCard>{
        SelfMadeCard(other.code, other.signer.public_key(), now, random)}));
  }
  // Logs a message for the other side, in a commit of its own.
  std::string LogFor(const ExchangingSide& other) {
    const UnprovedMessage message =
        MakeMessage(MessageKind::kEvent, code, other.code, NewUuid(random), "",
                    "T", "payload", absl::UnixEpoch(), random);
    const auto entries = writer.Commit([&](CommitScope& scope) {
      return scope
          .Append(PartnerLogOrigin(code, other.code),
                  FormatMessageLeaf(message.leaf), "")
          .status();
    });
    return ParseLogProof((*entries)[0].proof)->checkpoint;
  }
  // Takes note of a head of the other side's log.
  void Observe(const ExchangingSide& other, const std::string& note,
               absl::Time now) {
    const auto head = checkpoints.Open(note, PartnerLogOrigin(other.code, code),
                                       other.signer.public_key());
    ASSERT_OK(head);
    ASSERT_OK(writer.Commit([&](CommitScope& scope) {
      return ObserveHead(scope.store(), other.code,
                         {head->size, head->root, note}, now);
    }));
  }
  // Waits for what was queued for the writer.
  void Settle() {
    EXPECT_OK(writer.Commit([](CommitScope&) { return absl::OkStatus(); }));
  }
  WitnessNeeds Needs(const ExchangingSide& other) {
    return *NeedsOf(*store, other.code);
  }

  const ParticipantCode code;
  RandomSource& random;
  TestDirectory directory;
  LogSigner signer;
  std::unique_ptr<Store> store;
  CommitWriter writer;
  CheckpointCache checkpoints;
  PartnerTableHolder partners;
  CheckpointKeeper keeper;
};

// The other side as it answers an exchange; refuses what a node refuses.
class ExchangingPeer : public InProcessPartner {
 public:
  ExchangingPeer(ExchangingSide& answering, const ExchangingSide& calling,
                 const Clock& clock)
      : InProcessPartner(answering.code.text(), clock, answering.random),
        answering_(answering),
        calling_(calling) {}

  absl::StatusOr<CheckpointExchange> Exchange(const CheckpointExchange& theirs,
                                              absl::Duration) override {
    ++exchanges;
    if (FormatExchangeRequest(theirs).ByteSizeLong() > size_t{16} * 1024) {
      return ReasonError(ErrorReason::kMessageTooLarge, "over 16 KiB");
    }
    CheckpointKeeper& keeper = answering_.keeper;
    RETURN_IF_ERROR(keeper.TakeStatements(calling_.code, theirs));
    RETURN_IF_ERROR(keeper.CheckOwnLog(calling_.code, theirs));
    RETURN_IF_ERROR(keeper.TakeProofs(calling_.code, theirs, /*wait=*/true));
    answering_.Settle();
    return keeper.Prove(calling_.code, theirs);
  }

  int exchanges = 0;

 private:
  ExchangingSide& answering_;
  const ExchangingSide& calling_;
};

}  // namespace comity
