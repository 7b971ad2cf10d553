#include "node/service/witness_steps.h"

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "node/audit/cosigned_head.h"
#include "node/audit/known_fork.h"
#include "node/audit/peer_leaves.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/delivery/checkpoint_keeper.h"
#include "node/service/admin_desk.h"
#include "node/service/dialogue.h"
#include "node/wire/message_leaf.h"
#include "node/wire/proto_time.h"

namespace comity {
namespace {

namespace pb = operators::v1;

constexpr absl::Duration kExchangeTimeout = absl::Seconds(5);
// Of 128 entries each; what is left, the next call asks for.
constexpr int kMostRounds = 8;
constexpr int kMostOutbox = 1000;
constexpr int kMostWaiting = 128;

template <typename Listing>
absl::Status AddFork(const StateReader& store, const std::string& log,
                     Listing& listing) {
  ASSIGN_OR_RETURN(const KnownFork fork, ReadFork(store, log));
  if (fork.log.empty()) return absl::OkStatus();
  pb::WitnessFork& added = *listing.add_forks();
  added.set_log(fork.log);
  *added.mutable_found_at() = ToProtoTime(fork.found);
  added.set_reporter(fork.reporter);
  added.set_held_checkpoint(fork.held);
  added.set_shown_checkpoint(fork.shown);
  return absl::OkStatus();
}

absl::Status AddPartner(const NodeContext& node, const ParticipantCode& code,
                        pb::PartnerWitness& partner) {
  const std::string own = PartnerLogOrigin(node.self, code);
  partner.set_participant(code.text());
  ASSIGN_OR_RETURN(const LogHead head, node.store.ReadLogHead(own));
  partner.set_log_size(head.size);
  ASSIGN_OR_RETURN(const CosignedHead cosigned, ReadCosigned(node.store, code));
  partner.set_cosigned_size(cosigned.size);
  if (cosigned.size > 0) {
    *partner.mutable_cosigned_at() = ToProtoTime(cosigned.at);
  }
  ASSIGN_OR_RETURN(const PeerHead proved, node.store.ReadPeerHead(code));
  partner.set_proved_size(proved.size);
  RETURN_IF_ERROR(AddFork(node.store, own, partner));
  return AddFork(node.store, PartnerLogOrigin(code, node.self), partner);
}

// One exchange after the other with one partner.
struct Reconciling {
  NodeContext& node;
  const ParticipantCard& card;
  Peer& peer;
};

// All that the partner's log counts and that never came here; anchors come to
// nobody, and are told apart once it gives them.
absl::Status AddUndelivered(const Reconciling& with,
                            const MissingLeaves& missing,
                            const CheckpointExchange& theirs,
                            pb::ReconcileLogsResponse& response) {
  const NodeContext& node = with.node;
  const ParticipantCode& code = with.card.code;
  std::map<uint64_t, MessageLeaf> given;
  for (const GivenEntry& entry : theirs.entries) {
    ASSIGN_OR_RETURN(
        MessageLeaf leaf,
        OpenGivenEntry({node.self, node.store, node.writer, node.checkpoints},
                       with.card, entry));
    given.emplace(entry.index, std::move(leaf));
  }
  std::vector<uint64_t> anchors;
  for (const uint64_t index : missing.first) {
    const auto found = given.find(index);
    if (found != given.end() && found->second.kind == MessageKind::kAnchor) {
      anchors.push_back(index);
      continue;
    }
    pb::UndeliveredEntry& added = *response.add_undelivered();
    added.set_index(index);
    if (found == given.end()) continue;
    added.set_kind(std::string(Name(found->second.kind)));
    *added.mutable_time() = ToProtoTime(found->second.time);
    added.set_request_id(found->second.request_id.ToString());
  }
  response.set_undelivered_count(missing.count - anchors.size());
  // They are not asked for again.
  return with.node.writer
      .Commit([&](CommitScope& scope) {
        return NotePeerLeaves(scope.store(), code, anchors);
      })
      .status();
}

// Of what waits how much, and the first of it.
absl::Status AddWaiting(const NodeContext& node, const ParticipantCode& code,
                        pb::ReconcileLogsResponse& response) {
  ASSIGN_OR_RETURN(const std::vector<OutboxRow> waiting,
                   node.store.ReadOutbox(code, kMostOutbox));
  response.set_outbox(static_cast<uint32_t>(waiting.size()));
  for (const OutboxRow& row : waiting) {
    if (response.waiting_size() == kMostWaiting) break;
    pb::WaitingEvent& added = *response.add_waiting();
    added.set_referral_id(row.referral_id.ToString());
    added.set_event_id(row.event_id.ToString());
    *added.mutable_queued_at() = ToProtoTime(row.queued_at);
  }
  return absl::OkStatus();
}

// Asks until no anchor is among the first of what never came.
absl::Status CompareLogs(const Reconciling& with,
                         pb::ReconcileLogsResponse& response) {
  NodeContext& node = with.node;
  const ParticipantCode& code = with.card.code;
  CheckpointKeeper keeper(node.self, node.store, node.writer, node.partners,
                          node.checkpoints);
  RETURN_IF_ERROR(keeper.Exchange(code, with.peer, kExchangeTimeout));
  // What it queued is to be seen below.
  RETURN_IF_ERROR(
      node.writer
          .Commit([](CommitScope&) { return absl::OkStatus(); }, code.text())
          .status());
  for (int round = 0; round < kMostRounds; ++round) {
    ASSIGN_OR_RETURN(const PeerHead proved, node.store.ReadPeerHead(code));
    ASSIGN_OR_RETURN(
        const MissingLeaves missing,
        MissingPeerLeaves(node.store, code, proved.size, kMostWantedEntries));
    ASSIGN_OR_RETURN(
        const CheckpointExchange theirs,
        keeper.AskForEntries(code, with.peer, missing.first, kExchangeTimeout));
    response.Clear();
    response.set_proved_here(proved.size);
    if (!theirs.checkpoint.empty()) {
      ASSIGN_OR_RETURN(const uint64_t size, SizeOfNote(theirs.checkpoint));
      response.set_partner_log_size(size);
    }
    response.set_seen_there(
        theirs.unproved_sizes.empty()
            ? theirs.proved_size
            : std::max(theirs.proved_size, theirs.unproved_sizes.back()));
    RETURN_IF_ERROR(AddUndelivered(with, missing, theirs, response));
    const auto shown = static_cast<uint64_t>(response.undelivered_size());
    if (shown == missing.first.size()) break;
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status HandleListWitnesses(OperatorCall& call,
                                 const pb::ListWitnessesRequest&,
                                 pb::ListWitnessesResponse& response) {
  const NodeContext& node = call.node();
  const auto table = node.partners.Get();
  for (const auto& [code, card] : table->cards()) {
    RETURN_IF_ERROR(AddPartner(node, code, *response.add_partners()));
  }
  return absl::OkStatus();
}

absl::Status HandleReconcileLogs(OperatorCall& call,
                                 const pb::ReconcileLogsRequest& request,
                                 pb::ReconcileLogsResponse& response) {
  NodeContext& node = call.node();
  ASSIGN_OR_RETURN(const ParticipantCode code,
                   KnownPartner(node, request.participant()));
  call.SetPeer(code);
  RETURN_IF_ERROR(CheckCanBeAsked(node, code));
  const auto table = node.partners.Get();
  const ParticipantCard* card = table->Find(code);
  ASSIGN_OR_RETURN(const std::shared_ptr<Peer> peer, node.peers.Find(code));
  if (card == nullptr) {
    return ReasonError(ErrorReason::kPartnerUnknown, "no such partner");
  }
  RETURN_IF_ERROR(CompareLogs({node, *card, *peer}, response));
  const std::string own = PartnerLogOrigin(node.self, code);
  ASSIGN_OR_RETURN(const LogHead head, node.store.ReadLogHead(own));
  response.set_log_size(head.size);
  RETURN_IF_ERROR(AddWaiting(node, code, response));
  RETURN_IF_ERROR(AddFork(node.store, own, response));
  return AddFork(node.store, PartnerLogOrigin(code, node.self), response);
}

}  // namespace comity
