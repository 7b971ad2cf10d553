#include "node/audit/witness.h"

#include <algorithm>
#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "node/audit/cosigned_head.h"
#include "node/audit/known_fork.h"
#include "node/audit/log_appender.h"
#include "node/audit/peer_leaves.h"
#include "node/base/error_reason.h"
#include "node/base/log.h"
#include "node/base/status_macros.h"
#include "node/crypto/merkle.h"
#include "node/crypto/note.h"

namespace comity {
namespace {

// Of the unproved heads, how many are shown to their author.
constexpr size_t kShownSmallest = 8;
constexpr size_t kShownLargest = 7;

absl::Status Forked(const ParticipantCode& partner, const PeerHead& earlier,
                    const PeerHead& other) {
  Log(LogLevel::kError, "partner_log_forked",
      {LogField::Public("partner", partner.text())});
  return ForkError(earlier.checkpoint, other.checkpoint);
}

// Of a step that does not hold. Whoever has a TLS key of the partner's can show
// heads that it signed with any hashes: those alone prove a fork that lead from
// the newer head to another root than the older one's.
absl::Status NotJoined(const ParticipantCode& partner,
                       const ConsistencyStep& step, const PeerHead& older,
                       const PeerHead& newer) {
  if (ContradictsConsistency(step.old_size, step.new_size, older.root,
                             newer.root, step.hashes)) {
    return Forked(partner, older, newer);
  }
  Log(LogLevel::kWarning, "consistency_proof_refused",
      {LogField::Public("partner", partner.text())});
  return ReasonError(ErrorReason::kConsistencyUnproved,
                     "a proof does not join two heads of the partner's log, "
                     "which stay unproved until one does");
}

using Heads = std::map<uint64_t, PeerHead>;

// Every head known of a partner, by size.
absl::StatusOr<Heads> KnownHeads(const LogReader& store,
                                 const ParticipantCode& partner) {
  Heads heads;
  ASSIGN_OR_RETURN(const PeerHead proved, store.ReadPeerHead(partner));
  if (proved.size > 0) heads[proved.size] = proved;
  ASSIGN_OR_RETURN(const std::vector<UnprovedHead> unproved,
                   store.ReadUnproved(partner, kMaxUnprovedSizes));
  for (const UnprovedHead& head : unproved) heads[head.head.size] = head.head;
  return heads;
}

std::string OriginOf(const PeerHead& head) {
  return head.checkpoint.substr(0, head.checkpoint.find('\n'));
}

// The note over a head of the own log that a partner holds and the log lost.
std::string LostHeadName(const ParticipantCode& partner) {
  return absl::StrCat("lost-head/", partner.text());
}

}  // namespace

absl::Status ObserveHead(StoreTransaction& store,
                         const ParticipantCode& partner, const PeerHead& head,
                         absl::Time now) {
  ASSIGN_OR_RETURN(const PeerHead proved, store.ReadPeerHead(partner));
  if (proved.size == 0) return store.PutPeerHead(partner, head);
  if (proved.size == head.size) {
    return proved.root == head.root ? absl::OkStatus()
                                    : Forked(partner, proved, head);
  }
  absl::Status status = store.PutUnproved(partner, {head, now});
  if (ReasonOf(status) != ErrorReason::kLogForked) return status;
  ASSIGN_OR_RETURN(const Heads known, KnownHeads(store, partner));
  const auto held = known.find(head.size);
  return held == known.end() ? status : Forked(partner, held->second, head);
}

absl::Status CheckProvedInTime(const LogReader& store,
                               const ParticipantCode& partner, absl::Time now) {
  ASSIGN_OR_RETURN(const std::optional<absl::Time> oldest,
                   store.ReadOldestUnproved(partner));
  if (!oldest.has_value() || now - *oldest <= kProofDeadline) {
    return absl::OkStatus();
  }
  return ReasonError(ErrorReason::kConsistencyUnproved,
                     "a log head was not proved consistent in 10 seconds; "
                     "call ExchangeCheckpoints first");
}

absl::StatusOr<WitnessNeeds> NeedsOf(const LogReader& store,
                                     const ParticipantCode& partner) {
  WitnessNeeds needs;
  ASSIGN_OR_RETURN(const PeerHead proved, store.ReadPeerHead(partner));
  needs.proved_size = proved.size;
  if (proved.size > 0) needs.held_checkpoints.push_back(proved.checkpoint);
  ASSIGN_OR_RETURN(const std::vector<UnprovedHead> unproved,
                   store.ReadUnproved(partner, kMaxUnprovedSizes));
  for (size_t i = 0; i < unproved.size(); ++i) {
    needs.unproved_sizes.push_back(unproved[i].head.size);
    if (i < kShownSmallest || unproved.size() - i <= kShownLargest) {
      needs.held_checkpoints.push_back(unproved[i].head.checkpoint);
    }
  }
  return needs;
}

absl::StatusOr<std::vector<ConsistencyStep>> ProveNeeds(
    const LogReader& store, absl::string_view log, const WitnessNeeds& needs) {
  ASSIGN_OR_RETURN(const LogHead head, store.ReadLogHead(log));
  std::set<uint64_t> sizes(needs.unproved_sizes.begin(),
                           needs.unproved_sizes.end());
  sizes.insert(needs.proved_size);
  sizes.insert(head.size);
  sizes.erase(0);
  std::vector<ConsistencyStep> steps;
  uint64_t previous = 0;
  for (const uint64_t size : sizes) {
    if (size > head.size) {
      return ReasonError(ErrorReason::kFieldInvalid,
                         "this log never had the size that is asked about");
    }
    if (previous > 0) {
      ConsistencyStep step{previous, size, {}};
      ASSIGN_OR_RETURN(step.hashes, ConsistencyProof(previous, size,
                                                     StoredNodes(store, log)));
      steps.push_back(std::move(step));
    }
    previous = size;
  }
  return steps;
}

absl::Status ApplyProofs(StoreTransaction& store,
                         const ParticipantCode& partner, const PeerHead& newest,
                         const std::vector<ConsistencyStep>& steps) {
  ASSIGN_OR_RETURN(Heads heads, KnownHeads(store, partner));
  const auto [at, added] = heads.emplace(newest.size, newest);
  if (!added && at->second.root != newest.root) {
    return Forked(partner, at->second, newest);
  }
  // Each step must join two roots that are known here; heads that came after
  // the chain was asked for stay unproved.
  std::set<uint64_t> joined;
  for (const ConsistencyStep& step : steps) {
    const auto from = heads.find(step.old_size);
    const auto to = heads.find(step.new_size);
    if (from == heads.end() || to == heads.end() ||
        (!joined.empty() && *joined.rbegin() != step.old_size)) {
      return ReasonError(ErrorReason::kEvidenceInvalid,
                         "the chain of proofs does not join heads known here");
    }
    if (!VerifyConsistency(step.old_size, step.new_size, from->second.root,
                           to->second.root, step.hashes)
             .ok()) {
      return NotJoined(partner, step, from->second, to->second);
    }
    joined.insert({step.old_size, step.new_size});
  }
  ASSIGN_OR_RETURN(const PeerHead proved, store.ReadPeerHead(partner));
  if (!joined.contains(proved.size)) {
    return ReasonError(ErrorReason::kEvidenceInvalid,
                       "the chain of proofs leaves out the proved head");
  }
  if (*joined.rbegin() == newest.size) {
    RETURN_IF_ERROR(store.PutPeerHead(partner, newest));
  }
  for (const uint64_t size : joined) {
    RETURN_IF_ERROR(store.DeleteUnproved(partner, size));
  }
  return DropForkIfJoined(store, OriginOf(newest), joined);
}

absl::StatusOr<uint64_t> ForgetHeads(StoreTransaction& store,
                                     const ParticipantCode& partner,
                                     absl::Time now) {
  ASSIGN_OR_RETURN(const PeerHead proved, store.ReadPeerHead(partner));
  ASSIGN_OR_RETURN(const std::vector<UnprovedHead> unproved,
                   store.ReadUnproved(partner, kMaxUnprovedSizes));
  for (const UnprovedHead& head : unproved) {
    RETURN_IF_ERROR(store.DeleteUnproved(partner, head.head.size));
  }
  if (proved.size == 0) return 0;
  RETURN_IF_ERROR(store.PutMeta(absl::StrCat("forgotten-head/", partner.text(),
                                             "/", absl::ToUnixMicros(now)),
                                proved.checkpoint));
  RETURN_IF_ERROR(SettleFork(store, OriginOf(proved), now));
  RETURN_IF_ERROR(store.PutPeerHead(partner, PeerHead()));
  RETURN_IF_ERROR(PutToldCosigned(store, partner, 0));
  RETURN_IF_ERROR(ForgetPeerLeaves(store, partner));
  return proved.size;
}

absl::StatusOr<bool> LeadsTo(const LogReader& store, absl::string_view log,
                             const VerifyKeys& keys, absl::string_view note) {
  ASSIGN_OR_RETURN(const Checkpoint held, OpenCheckpoint(note, log, keys));
  ASSIGN_OR_RETURN(const LogHead head, store.ReadLogHead(log));
  if (held.size > head.size) return false;
  ASSIGN_OR_RETURN(const std::string root,
                   RootOf(held.size, StoredNodes(store, log)));
  return root == held.root;
}

absl::Status PutLostHead(StateWriter& store, const ParticipantCode& partner,
                         absl::string_view note) {
  return store.PutMeta(LostHeadName(partner), note);
}

absl::StatusOr<PeerHead> ReadLostHead(const StateReader& store,
                                      const ParticipantCode& partner) {
  ASSIGN_OR_RETURN(const std::string note,
                   store.ReadMeta(LostHeadName(partner)));
  if (note.empty()) return PeerHead();
  PeerHead head{0, "", note};
  ASSIGN_OR_RETURN(head.size, SizeOfNote(note));
  return head;
}

}  // namespace comity
