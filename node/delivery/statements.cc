#include "node/delivery/statements.h"

#include <array>
#include <string>
#include <utility>
#include <vector>

#include "node/audit/cosigned_head.h"
#include "node/audit/known_fork.h"
#include "node/audit/log_appender.h"
#include "node/audit/witness.h"
#include "node/base/error_reason.h"
#include "node/base/log.h"
#include "node/base/status_macros.h"
#include "node/crypto/merkle.h"

namespace comity {
namespace {

std::array<std::string, 2> LogsBetween(const ParticipantCode& self,
                                       const ParticipantCode& partner) {
  return {PartnerLogOrigin(partner, self), PartnerLogOrigin(self, partner)};
}

// Keeps a head of the own log that the partner cosigned.
absl::Status TakeCosigned(const StatementParts& parts,
                          const ParticipantCard& card,
                          const std::string& note) {
  const std::string log = PartnerLogOrigin(parts.self, card.code);
  ASSIGN_OR_RETURN(const CosignedHead head,
                   OpenCosigned(note, log, parts.writer.log_keys(), card.code,
                                card.WitnessKeys()));
  ASSIGN_OR_RETURN(const CosignedHead kept,
                   ReadCosigned(parts.store, card.code));
  if (!head.Supersedes(kept)) return absl::OkStatus();
  ASSIGN_OR_RETURN(
      const bool leads,
      LeadsTo(parts.store, log, parts.writer.log_keys(), head.note));
  // It is among the heads that the partner holds, and said there.
  if (!leads) return absl::OkStatus();
  parts.writer.Submit(
      [code = card.code, head](CommitScope& scope) {
        return KeepCosigned(scope.store(), code, head);
      },
      [](const auto&) {}, card.code.text());
  return absl::OkStatus();
}

// Whether this node signed both notes and does not have one of them.
absl::StatusOr<bool> IsOwnFork(const StatementParts& parts,
                               const std::string& log, const ForkNotes& fork) {
  bool lacks = false;
  for (const std::string& note : {fork.held, fork.shown}) {
    if (note.empty()) continue;
    ASSIGN_OR_RETURN(const bool leads,
                     LeadsTo(parts.store, log, parts.writer.log_keys(), note));
    lacks = lacks || !leads;
  }
  return lacks;
}

absl::StatusOr<bool> Holds(const LogReader& store,
                           const ParticipantCode& partner,
                           const Checkpoint& head) {
  ASSIGN_OR_RETURN(const PeerHead proved, store.ReadPeerHead(partner));
  if (proved.size == head.size && proved.root == head.root) return true;
  ASSIGN_OR_RETURN(const std::vector<UnprovedHead> unproved,
                   store.ReadUnproved(partner, kMaxUnprovedSizes));
  for (const UnprovedHead& each : unproved) {
    if (each.head.size == head.size && each.head.root == head.root) return true;
  }
  return false;
}

// Whether the partner signed both notes, and this node holds the first one:
// after its administrator settled the matter it does not any more.
absl::StatusOr<bool> IsPartnersFork(const StatementParts& parts,
                                    const ParticipantCard& card,
                                    const std::string& log,
                                    const ForkNotes& fork) {
  ASSIGN_OR_RETURN(const Checkpoint held,
                   parts.checkpoints.Open(fork.held, log, card.LogKeys()));
  if (!fork.shown.empty()) {
    ASSIGN_OR_RETURN(const Checkpoint shown,
                     parts.checkpoints.Open(fork.shown, log, card.LogKeys()));
    if (shown.size == held.size && shown.root == held.root) return false;
  }
  return Holds(parts.store, card.code, held);
}

absl::Status TakeFork(const StatementParts& parts, const ParticipantCard& card,
                      const ForkNotes& fork) {
  const auto [partners, own] = LogsBetween(parts.self, card.code);
  const std::string log = fork.held.substr(0, fork.held.find('\n'));
  ASSIGN_OR_RETURN(const KnownFork known, ReadFork(parts.store, log));
  if (!known.log.empty() || (log != own && log != partners)) {
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(const bool holds,
                   log == own ? IsOwnFork(parts, log, fork)
                              : IsPartnersFork(parts, card, log, fork));
  if (!holds) return absl::OkStatus();
  parts.writer.Submit(
      [log, fork, reporter = card.code.text()](CommitScope& scope) {
        return KeepFork(scope.store(), {log, fork.held, fork.shown, scope.now(),
                                        reporter, /*told=*/true});
      },
      [](const auto&) {}, card.code.text());
  return absl::OkStatus();
}

// What does not hold is no reason to end the exchange.
absl::Status UnlessOfStore(const absl::Status& status,
                           const ParticipantCode& partner) {
  if (status.ok() || ReasonOf(status) != ErrorReason::kEvidenceInvalid) {
    return status;
  }
  Log(LogLevel::kWarning, "statement_refused",
      {LogField::Public("partner", partner.text()),
       LogField::Public("why", status.message())});
  return absl::OkStatus();
}

}  // namespace

absl::Status AddStatement(const StatementParts& parts,
                          const ParticipantCode& partner,
                          CheckpointExchange& ours) {
  ASSIGN_OR_RETURN(ours.cosigned_checkpoint,
                   CosignProved(parts.store, parts.writer.signer(), parts.self,
                                partner, parts.writer.clock().Now()));
  for (const std::string& log : LogsBetween(parts.self, partner)) {
    ASSIGN_OR_RETURN(KnownFork fork, ReadFork(parts.store, log));
    if (fork.log.empty()) continue;
    ours.forks.push_back({std::move(fork.held), std::move(fork.shown)});
  }
  return absl::OkStatus();
}

absl::Status TakeStatement(const StatementParts& parts,
                           const ParticipantCard& card,
                           const CheckpointExchange& theirs) {
  if (!theirs.cosigned_checkpoint.empty()) {
    RETURN_IF_ERROR(UnlessOfStore(
        TakeCosigned(parts, card, theirs.cosigned_checkpoint), card.code));
  }
  for (const ForkNotes& fork : theirs.forks) {
    RETURN_IF_ERROR(UnlessOfStore(TakeFork(parts, card, fork), card.code));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<GivenEntry>> GiveEntries(
    const StatementParts& parts, const ParticipantCode& partner,
    const std::vector<uint64_t>& wanted) {
  const std::string log = PartnerLogOrigin(parts.self, partner);
  ASSIGN_OR_RETURN(const LogHead head, parts.store.ReadLogHead(log));
  std::vector<GivenEntry> given;
  for (const uint64_t index : wanted) {
    if (index >= head.size) continue;
    ASSIGN_OR_RETURN(const std::vector<LeafRow> rows,
                     parts.store.ReadLeaves(log, index, 1, false));
    if (rows.empty()) continue;
    ASSIGN_OR_RETURN(const MessageLeaf leaf, ParseMessageLeaf(rows[0].leaf));
    if (leaf.kind == MessageKind::kEvent) continue;
    ASSIGN_OR_RETURN(std::string proof, ProveEntry(parts.store, log, index));
    given.push_back({index, rows[0].leaf, std::move(proof)});
  }
  return given;
}

absl::StatusOr<MessageLeaf> OpenGivenEntry(const StatementParts& parts,
                                           const ParticipantCard& card,
                                           const GivenEntry& entry) {
  const std::string log = PartnerLogOrigin(card.code, parts.self);
  ASSIGN_OR_RETURN(MessageLeaf leaf, ParseMessageLeaf(entry.leaf));
  ASSIGN_OR_RETURN(const LogProof proof, ParseLogProof(entry.proof));
  ASSIGN_OR_RETURN(const Checkpoint head,
                   parts.checkpoints.Open(proof.checkpoint, log, card.log_key));
  if (proof.index != entry.index ||
      PartnerLogOrigin(leaf.sender, leaf.receiver) != log) {
    return ReasonError(ErrorReason::kEvidenceInvalid,
                       "the partner gave another entry than it says");
  }
  RETURN_IF_ERROR(VerifyInclusion(LeafHash(entry.leaf), proof.index, head.size,
                                  proof.hashes, head.root));
  return leaf;
}

void NoteStated(const StatementParts& parts, const ParticipantCode& partner,
                const CheckpointExchange& ours) {
  if (ours.cosigned_checkpoint.empty() && ours.forks.empty()) return;
  const auto told = ReadToldCosigned(parts.store, partner);
  const bool news = !ours.cosigned_checkpoint.empty() &&
                    (!told.ok() || *told != ours.proved_size);
  if (!news && ours.forks.empty()) return;
  parts.writer.Submit(
      [self = parts.self, partner, news, size = ours.proved_size,
       forked = !ours.forks.empty()](CommitScope& scope) -> absl::Status {
        if (news) {
          RETURN_IF_ERROR(PutToldCosigned(scope.store(), partner, size));
        }
        if (!forked) return absl::OkStatus();
        for (const std::string& log : LogsBetween(self, partner)) {
          RETURN_IF_ERROR(MarkForkTold(scope.store(), log));
        }
        return absl::OkStatus();
      },
      [](const auto&) {}, partner.text());
}

absl::StatusOr<bool> HasToState(const StoreReader& store,
                                const LogSigner& signer,
                                const ParticipantCode& self,
                                const ParticipantCode& partner) {
  bool forked = false;
  for (const std::string& log : LogsBetween(self, partner)) {
    ASSIGN_OR_RETURN(const KnownFork fork, ReadFork(store, log));
    if (fork.log.empty()) continue;
    if (!fork.told) return true;
    forked = true;
  }
  if (forked || !signer.IsWitness()) return false;
  ASSIGN_OR_RETURN(const PeerHead proved, store.ReadPeerHead(partner));
  ASSIGN_OR_RETURN(const uint64_t told, ReadToldCosigned(store, partner));
  return proved.size > 0 && told != proved.size;
}

}  // namespace comity
