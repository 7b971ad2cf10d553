#pragma once

#include "absl/status/statusor.h"
#include "node/audit/commit_writer.h"
#include "node/audit/evidence.h"
#include "node/delivery/statements.h"
#include "node/delivery/trust_news.h"
#include "node/identity/partner_table.h"
#include "node/peer/peer.h"
#include "node/store/store.h"

namespace comity {

// Keeps both sides of a pair proved: gives the proofs that a partner lacks of
// the own log, and takes those that it gives (design.md section 2). Borrows
// its parts. AnswerExchange may run on a gRPC thread, so taking proofs does not
// wait for the writer.
class CheckpointKeeper {
 public:
  CheckpointKeeper(ParticipantCode self, Store& store, CommitWriter& writer,
                   const PartnerTableHolder& partners,
                   CheckpointCache& checkpoints,
                   TrustIntake take_news = nullptr)
      : self_(std::move(self)),
        store_(store),
        writer_(writer),
        partners_(partners),
        checkpoints_(checkpoints),
        take_news_(std::move(take_news)) {}

  // What the own side asks for: its state, proofs for `theirs`, and what it
  // witnesses.
  absl::StatusOr<CheckpointExchange> Prove(const ParticipantCode& partner,
                                           const CheckpointExchange& theirs);

  // Keeps what the partner witnesses of the own log, and forks that it tells
  // of. To be called before CheckOwnLog.
  absl::Status TakeStatements(const ParticipantCode& partner,
                              const CheckpointExchange& theirs);

  // LOG_FORKED if the partner holds a head of the own log that the log lost:
  // the own node was restored from an older backup, or its disk lost the end of
  // what was written. It is noted for the status until the partner holds
  // another head, or none.
  absl::Status CheckOwnLog(const ParticipantCode& partner,
                           const CheckpointExchange& theirs);

  // Queues the proofs that came for the writer, or the newest head itself if it
  // is the first that this node sees; `wait` blocks until proofs are
  // stored, and then returns what ApplyProofs says of them.
  absl::Status TakeProofs(const ParticipantCode& partner,
                          const CheckpointExchange& theirs, bool wait = false);

  // Takes the newest head that a bundle shows, with those of its proofs that
  // begin at a head known here; blocks. What stays unproved is proved by the
  // next exchange or bundle. LOG_FORKED if a proof does not hold.
  absl::Status TakeCarried(const ParticipantCode& partner,
                           const CheckpointExchange& theirs);

  // One exchange with a partner; blocks. LOG_FORKED as above, or if the
  // partner's proofs do not hold.
  absl::Status Exchange(const ParticipantCode& partner, Peer& peer,
                        absl::Duration timeout);

  // The same, and asks for entries of its log that never came, at most 128;
  // returns what it told.
  absl::StatusOr<CheckpointExchange> AskForEntries(
      const ParticipantCode& partner, Peer& peer, std::vector<uint64_t> wanted,
      absl::Duration timeout);

  // The same with a partner that cannot call this node, and so cannot ask:
  // gives it the proofs of the own log that it lacks, as many as one request
  // holds.
  absl::Status ExchangeBothWays(const ParticipantCode& partner, Peer& peer,
                                absl::Duration timeout);

  // If the partner lacks news of the own certificates, one exchange that tells
  // them; blocks. False if it lacks none. Every exchange takes what the partner
  // tells of its own.
  absl::StatusOr<bool> TellNews(const ParticipantCode& partner, Peer& peer,
                                absl::Duration timeout);

  // Whether something of this partner's log is unproved, the partner holds a
  // head that the own log lost, or it does not know yet what this node
  // witnesses.
  absl::StatusOr<bool> IsDue(const ParticipantCode& partner) const;

 private:
  // Takes the news and the proofs that the partner gives; returns what it told.
  absl::StatusOr<CheckpointExchange> AskFor(const ParticipantCode& partner,
                                            CheckpointExchange ours, Peer& peer,
                                            absl::Duration timeout);
  // Behind proofs that did not hold, as `why` says: asks once more, by way of
  // sizes whose proofs tell whether that is a fork.
  absl::Status AskByWay(const ParticipantCode& partner, CheckpointExchange ours,
                        uint64_t newest, const absl::Status& why, Peer& peer,
                        absl::Duration timeout);
  StatementParts Parts() const {
    return {self_, store_, writer_, checkpoints_};
  }
  void NoteShown(const ParticipantCode& partner,
                 const std::vector<uint64_t>& sizes);
  absl::StatusOr<PeerHead> NewestOf(const ParticipantCode& partner,
                                    const CheckpointExchange& theirs) const;

  const ParticipantCode self_;
  Store& store_;
  CommitWriter& writer_;
  const PartnerTableHolder& partners_;
  CheckpointCache& checkpoints_;
  const TrustIntake take_news_;
};

}  // namespace comity
