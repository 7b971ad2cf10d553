#include "node/audit/witness.h"

#include <algorithm>
#include <bit>
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

absl::Status Unproved(const ParticipantCode& partner) {
  Log(LogLevel::kWarning, "consistency_proof_refused",
      {LogField::Public("partner", partner.text())});
  return ReasonError(ErrorReason::kConsistencyUnproved,
                     "a proof does not join two heads of the partner's log, "
                     "which stay unproved until one does");
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
  return Unproved(partner);
}

// Whether a chain goes from a whole tree by way of the next size.
bool GoesByWay(const std::vector<ConsistencyStep>& steps, size_t at) {
  return at + 1 < steps.size() && std::has_single_bit(steps[at].old_size) &&
         steps[at].new_size == steps[at].old_size + 1 &&
         steps[at + 1].old_size == steps[at].new_size;
}

// `step` leads from the size behind the whole tree of `older` to `newer`.
absl::Status JoinByWay(const ParticipantCode& partner, const PeerHead& older,
                       const PeerHead& newer, const ConsistencyStep& step) {
  const auto root =
      WholeRootInside(older.size, newer.size, newer.root, step.hashes);
  if (!root.ok()) return Unproved(partner);
  return *root == older.root ? absl::OkStatus() : Forked(partner, older, newer);
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

absl::Status ChainBroken() {
  return ReasonError(ErrorReason::kEvidenceInvalid,
                     "the chain of proofs does not join heads known here");
}

bool Holds(const ConsistencyStep& step, const PeerHead& older,
           const PeerHead& newer) {
  return VerifyConsistency(step.old_size, step.new_size, older.root, newer.root,
                           step.hashes)
      .ok();
}

// How many steps of a chain, from one on, join two roots that are known here:
// one, or two by way of a size that is not.
absl::StatusOr<size_t> StepsThatJoin(const std::vector<ConsistencyStep>& steps,
                                     size_t at, const Heads& heads,
                                     const ParticipantCode& partner) {
  const ConsistencyStep& step = steps[at];
  const auto from = heads.find(step.old_size);
  if (from == heads.end()) return ChainBroken();
  const auto to = heads.find(step.new_size);
  if (to != heads.end() && Holds(step, from->second, to->second)) {
    return size_t{1};
  }
  const auto beyond =
      GoesByWay(steps, at) ? heads.find(steps[at + 1].new_size) : heads.end();
  if (beyond != heads.end()) {
    RETURN_IF_ERROR(
        JoinByWay(partner, from->second, beyond->second, steps[at + 1]));
    if (to == heads.end()) return size_t{2};
  }
  if (to == heads.end()) return ChainBroken();
  return NotJoined(partner, step, from->second, to->second);
}

// The sizes that a chain joins; heads that came after it was asked for stay
// unproved.
absl::StatusOr<std::set<uint64_t>> JoinedBy(
    const std::vector<ConsistencyStep>& steps, const Heads& heads,
    const ParticipantCode& partner) {
  std::set<uint64_t> joined;
  size_t at = 0;
  while (at < steps.size()) {
    if (!joined.empty() && *joined.rbegin() != steps[at].old_size) {
      return ChainBroken();
    }
    ASSIGN_OR_RETURN(const size_t taken,
                     StepsThatJoin(steps, at, heads, partner));
    joined.insert({steps[at].old_size, steps[at + taken - 1].new_size});
    at += taken;
  }
  return joined;
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

std::vector<uint64_t> SizesByWay(const WitnessNeeds& needs, uint64_t newest) {
  std::set<uint64_t> sizes(needs.unproved_sizes.begin(),
                           needs.unproved_sizes.end());
  std::set<uint64_t> known = sizes;
  known.insert(needs.proved_size);
  bool any = false;
  for (const uint64_t size : known) {
    if (size < 2 || !std::has_single_bit(size) || size + 1 >= newest) continue;
    any = true;
    sizes.insert(size + 1);
  }
  if (!any || sizes.size() > size_t{kMaxUnprovedSizes}) return {};
  return {sizes.begin(), sizes.end()};
}

absl::Status ApplyProofs(StoreTransaction& store,
                         const ParticipantCode& partner, const PeerHead& newest,
                         const std::vector<ConsistencyStep>& steps) {
  ASSIGN_OR_RETURN(Heads heads, KnownHeads(store, partner));
  const auto [at, added] = heads.emplace(newest.size, newest);
  if (!added && at->second.root != newest.root) {
    return Forked(partner, at->second, newest);
  }
  ASSIGN_OR_RETURN(const std::set<uint64_t> joined,
                   JoinedBy(steps, heads, partner));
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
