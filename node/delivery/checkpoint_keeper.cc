#include "node/delivery/checkpoint_keeper.h"

#include "node/audit/cosigned_head.h"
#include "node/audit/known_fork.h"
#include "node/audit/log_appender.h"
#include "node/audit/restore_mark.h"
#include "node/audit/witness.h"
#include "node/base/error_reason.h"
#include "node/base/log.h"
#include "node/base/status_macros.h"
#include "node/delivery/shown_heads.h"
#include "node/delivery/statements.h"

namespace comity {
namespace {

// Of a request of at most 16 KiB: what is told beside the proofs takes 7.
constexpr size_t kMaxProofBytes = size_t{9} * 1024;
// On the wire, of a step without its hashes and of a hash, at most.
constexpr size_t kStepBytes = 32;
constexpr size_t kHashBytes = 34;

absl::Status NoSuchPartner() {
  return ReasonError(ErrorReason::kPartnerUnknown, "no such partner");
}

// Joins one known size with the newest head, if there is a proof of it.
absl::Status ApplyFrom(uint64_t size, StoreTransaction& store,
                       const ParticipantCode& partner, const PeerHead& newest,
                       const std::vector<ChainStep>& proofs) {
  for (const ChainStep& proof : proofs) {
    if (proof.old_size != size || proof.new_size != newest.size) continue;
    return ApplyProofs(store, partner, newest,
                       {{proof.old_size, proof.new_size, proof.hashes}});
  }
  return absl::OkStatus();
}

// The first steps of a chain are a chain: the rest goes with the next exchange.
void KeepWhatFits(std::vector<ChainStep>& proofs) {
  size_t bytes = 0;
  size_t fitting = 0;
  while (fitting < proofs.size()) {
    bytes += kStepBytes + kHashBytes * proofs[fitting].hashes.size();
    // One alone is at most 2.2 KiB.
    if (bytes > kMaxProofBytes) break;
    ++fitting;
  }
  proofs.resize(fitting);
}

absl::Status ApplyCarried(CommitScope& scope, const ParticipantCode& partner,
                          const PeerHead& newest,
                          const std::vector<ChainStep>& proofs) {
  StoreTransaction& store = scope.store();
  RETURN_IF_ERROR(ObserveHead(store, partner, newest, scope.now()));
  ASSIGN_OR_RETURN(const WitnessNeeds before, NeedsOf(store, partner));
  RETURN_IF_ERROR(
      ApplyFrom(before.proved_size, store, partner, newest, proofs));
  // The others lead to a head that is proved itself, or to nothing.
  ASSIGN_OR_RETURN(const PeerHead proved, store.ReadPeerHead(partner));
  if (proved.size != newest.size) return absl::OkStatus();
  for (const uint64_t size : before.unproved_sizes) {
    if (size == newest.size) continue;
    RETURN_IF_ERROR(ApplyFrom(size, store, partner, newest, proofs));
  }
  return absl::OkStatus();
}

// `lost`: the note over what the own log `log` does not have any more; empty:
// the partner holds none.
absl::Status NoteOwnLoss(CommitScope& scope, const ParticipantCode& self,
                         const ParticipantCode& partner, const std::string& log,
                         const std::string& lost) {
  StoreTransaction& store = scope.store();
  RETURN_IF_ERROR(PutLostHead(store, partner, lost));
  if (lost.empty()) {
    RETURN_IF_ERROR(DropCosigned(store, partner));
    return SettleFork(store, log, scope.now());
  }
  ASSIGN_OR_RETURN(const LogHead head, store.ReadLogHead(log));
  return KeepFork(store,
                  {log, lost, head.checkpoint, scope.now(), self.text()});
}

}  // namespace

absl::StatusOr<CheckpointExchange> CheckpointKeeper::Prove(
    const ParticipantCode& partner, const CheckpointExchange& theirs) {
  const std::string log = PartnerLogOrigin(self_, partner);
  ASSIGN_OR_RETURN(const LogHead head, store_.ReadLogHead(log));
  ASSIGN_OR_RETURN(const WitnessNeeds needs, NeedsOf(store_, partner));
  ASSIGN_OR_RETURN(
      const std::vector<ConsistencyStep> steps,
      ProveNeeds(store_, log, {theirs.proved_size, theirs.unproved_sizes}));
  CheckpointExchange ours;
  ours.checkpoint = head.checkpoint;
  ours.proved_size = needs.proved_size;
  ours.held_checkpoints = needs.held_checkpoints;
  ours.unproved_sizes = needs.unproved_sizes;
  for (const ConsistencyStep& step : steps) {
    ours.proofs.push_back({step.old_size, step.new_size, step.hashes});
  }
  RETURN_IF_ERROR(AddStatement(Parts(), partner, ours));
  ASSIGN_OR_RETURN(ours.entries,
                   GiveEntries(Parts(), partner, theirs.wanted_entries));
  return ours;
}

absl::Status CheckpointKeeper::TakeStatements(
    const ParticipantCode& partner, const CheckpointExchange& theirs) {
  const auto table = partners_.Get();
  const ParticipantCard* card = table->Find(partner);
  if (card == nullptr) return absl::OkStatus();
  return TakeStatement(Parts(), *card, theirs);
}

absl::StatusOr<PeerHead> CheckpointKeeper::NewestOf(
    const ParticipantCode& partner, const CheckpointExchange& theirs) const {
  const auto table = partners_.Get();
  const ParticipantCard* card = table->Find(partner);
  if (card == nullptr) return NoSuchPartner();
  ASSIGN_OR_RETURN(
      const Checkpoint checkpoint,
      checkpoints_.Open(theirs.checkpoint, PartnerLogOrigin(partner, self_),
                        card->log_key));
  return PeerHead{checkpoint.size, checkpoint.root, theirs.checkpoint};
}

absl::Status CheckpointKeeper::TakeProofs(const ParticipantCode& partner,
                                          const CheckpointExchange& theirs,
                                          bool wait) {
  if (theirs.checkpoint.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const PeerHead known, store_.ReadPeerHead(partner));
  // The first head of all needs no proof, and without it there is none to join.
  if (theirs.proofs.empty() && known.size > 0) return absl::OkStatus();
  ASSIGN_OR_RETURN(const PeerHead newest, NewestOf(partner, theirs));
  if (known.size == 0) {
    writer_.Submit(
        [partner, newest](CommitScope& scope) {
          return ObserveHead(scope.store(), partner, newest, scope.now());
        },
        [](const auto&) {}, partner.text());
    return absl::OkStatus();
  }
  std::vector<ConsistencyStep> steps;
  for (const ChainStep& step : theirs.proofs) {
    steps.push_back({step.old_size, step.new_size, step.hashes});
  }
  CommitBody body = [partner, newest, steps](CommitScope& scope) {
    return ApplyProofs(scope.store(), partner, newest, steps);
  };
  if (wait) return writer_.Commit(std::move(body), partner.text()).status();
  writer_.Submit(
      std::move(body), [](const auto&) {}, partner.text());
  return absl::OkStatus();
}

absl::Status CheckpointKeeper::TakeCarried(const ParticipantCode& partner,
                                           const CheckpointExchange& theirs) {
  ASSIGN_OR_RETURN(const PeerHead newest, NewestOf(partner, theirs));
  return writer_
      .Commit([&](CommitScope& scope) {
        return ApplyCarried(scope, partner, newest, theirs.proofs);
      })
      .status();
}

absl::StatusOr<bool> CheckpointKeeper::IsDue(
    const ParticipantCode& partner) const {
  ASSIGN_OR_RETURN(const PeerHead lost, ReadLostHead(store_, partner));
  ASSIGN_OR_RETURN(const WitnessNeeds needs, NeedsOf(store_, partner));
  if (lost.size > 0 || !needs.unproved_sizes.empty()) return true;
  return HasToState(store_, writer_.signer(), self_, partner);
}

absl::StatusOr<CheckpointExchange> CheckpointKeeper::AskFor(
    const ParticipantCode& partner, CheckpointExchange ours, Peer& peer,
    absl::Duration timeout) {
  if (ours.news.held_card == 0) ours.news = HeldOf(*partners_.Get(), partner);
  absl::StatusOr<CheckpointExchange> answer = peer.Exchange(ours, timeout);
  // Who lost what it signed says so after it took what this node states.
  if (answer.ok() || ReasonOf(answer.status()) == ErrorReason::kLogForked) {
    NoteStated(Parts(), partner, ours);
  }
  ASSIGN_OR_RETURN(CheckpointExchange theirs, std::move(answer));
  NoteHeldBy(store_, writer_, partner, theirs.news);
  if (take_news_) take_news_(partner, theirs.news);
  // It took the head that it was shown as its first.
  if (theirs.proved_size == 0 && !ours.checkpoint.empty()) {
    ASSIGN_OR_RETURN(const uint64_t shown, SizeOfNote(ours.checkpoint));
    if (shown > kFirstSizes) NoteShown(partner, {shown});
  }
  RETURN_IF_ERROR(TakeStatements(partner, theirs));
  RETURN_IF_ERROR(CheckOwnLog(partner, theirs));
  const absl::Status taken = TakeProofs(partner, theirs, true);
  if (ReasonOf(taken) == ErrorReason::kConsistencyUnproved) {
    ASSIGN_OR_RETURN(const uint64_t newest, SizeOfNote(theirs.checkpoint));
    RETURN_IF_ERROR(
        AskByWay(partner, std::move(ours), newest, taken, peer, timeout));
    return theirs;
  }
  RETURN_IF_ERROR(taken);
  return theirs;
}

absl::Status CheckpointKeeper::AskByWay(const ParticipantCode& partner,
                                        CheckpointExchange ours,
                                        uint64_t newest,
                                        const absl::Status& why, Peer& peer,
                                        absl::Duration timeout) {
  ASSIGN_OR_RETURN(const WitnessNeeds needs, NeedsOf(store_, partner));
  ours.proved_size = needs.proved_size;
  ours.unproved_sizes = SizesByWay(needs, newest);
  if (ours.unproved_sizes.empty()) return why;
  ours.proofs.clear();
  ours.wanted_entries.clear();
  ASSIGN_OR_RETURN(const CheckpointExchange theirs,
                   peer.Exchange(ours, timeout));
  return TakeProofs(partner, theirs, true);
}

absl::StatusOr<bool> CheckpointKeeper::TellNews(const ParticipantCode& partner,
                                                Peer& peer,
                                                absl::Duration timeout) {
  ASSIGN_OR_RETURN(const bool due, IsNewsDue(store_, partner));
  if (!due) return false;
  ASSIGN_OR_RETURN(CheckpointExchange ours, Prove(partner, {}));
  // Leaves the request its place for card and list.
  ours.unproved_sizes.clear();
  ASSIGN_OR_RETURN(ours.news, NewsAgain(store_, *partners_.Get(), partner));
  RETURN_IF_ERROR(AskFor(partner, std::move(ours), peer, timeout).status());
  return true;
}

absl::Status CheckpointKeeper::Exchange(const ParticipantCode& partner,
                                        Peer& peer, absl::Duration timeout) {
  ASSIGN_OR_RETURN(const CheckpointExchange ours, Prove(partner, {}));
  return AskFor(partner, ours, peer, timeout).status();
}

absl::StatusOr<CheckpointExchange> CheckpointKeeper::AskForEntries(
    const ParticipantCode& partner, Peer& peer, std::vector<uint64_t> wanted,
    absl::Duration timeout) {
  ASSIGN_OR_RETURN(CheckpointExchange ours, Prove(partner, {}));
  ours.wanted_entries = std::move(wanted);
  return AskFor(partner, ours, peer, timeout);
}

absl::Status CheckpointKeeper::ExchangeBothWays(const ParticipantCode& partner,
                                                Peer& peer,
                                                absl::Duration timeout) {
  ASSIGN_OR_RETURN(const CheckpointExchange asking, Prove(partner, {}));
  ASSIGN_OR_RETURN(const CheckpointExchange theirs,
                   AskFor(partner, asking, peer, timeout));
  // The first head that it sees needs no proof.
  if (theirs.proved_size == 0) return absl::OkStatus();
  ASSIGN_OR_RETURN(CheckpointExchange giving, Prove(partner, theirs));
  if (giving.proofs.empty()) return absl::OkStatus();
  // What this side lacks it has just asked for.
  giving.unproved_sizes.clear();
  KeepWhatFits(giving.proofs);
  const std::vector<uint64_t> shown = {theirs.proved_size,
                                       giving.proofs.back().new_size};
  RETURN_IF_ERROR(AskFor(partner, giving, peer, timeout).status());
  NoteShown(partner, shown);
  return absl::OkStatus();
}

void CheckpointKeeper::NoteShown(const ParticipantCode& partner,
                                 const std::vector<uint64_t>& sizes) {
  writer_.Submit(
      [partner, sizes](CommitScope& scope) {
        return NoteShownHeads(scope.store(), partner, sizes);
      },
      [](const auto&) {}, partner.text());
}

absl::Status CheckpointKeeper::CheckOwnLog(const ParticipantCode& partner,
                                           const CheckpointExchange& theirs) {
  std::string lost;
  for (const std::string& note : theirs.held_checkpoints) {
    const auto leads = LeadsTo(store_, PartnerLogOrigin(self_, partner),
                               writer_.log_keys(), note);
    // What this node never signed says nothing of it.
    if (ReasonOf(leads.status()) == ErrorReason::kEvidenceInvalid) continue;
    RETURN_IF_ERROR(leads.status());
    if (!*leads) lost = note;
  }
  ASSIGN_OR_RETURN(const PeerHead known, ReadLostHead(store_, partner));
  const std::string log = PartnerLogOrigin(self_, partner);
  ASSIGN_OR_RETURN(const KnownFork fork, ReadFork(store_, log));
  // The partner holds nothing of it any more, and states none.
  const bool settled =
      lost.empty() && theirs.forks.empty() && !fork.log.empty();
  ASSIGN_OR_RETURN(const bool noted, LossIsNoted(store_, partner));
  if (settled || lost.empty() != (known.size == 0) || !noted) {
    writer_.Submit(
        [partner, lost, log, self = self_](CommitScope& scope) -> absl::Status {
          RETURN_IF_ERROR(NoteLoss(partner, !lost.empty(), scope));
          return NoteOwnLoss(scope, self, partner, log, lost);
        },
        [](const auto&) {}, partner.text());
  }
  if (lost.empty()) return absl::OkStatus();
  Log(LogLevel::kError, "own_log_lost",
      {LogField::Public("partner", partner.text())});
  return ReasonError(
      ErrorReason::kLogForked,
      "this node signed a log head that it does not have any more: it was "
      "restored from an older backup, or its disk lost the end of what was "
      "written; the partner adds its card again, with --restored");
}

}  // namespace comity
