#include "node/service/mail_collection.h"

#include <algorithm>
#include <memory>
#include <set>
#include <utility>

#include "node/audit/witness.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/delivery/collection_times.h"
#include "node/delivery/outbox.h"
#include "node/delivery/receipts.h"

namespace comity {
namespace {

// What is to be stored of the receipts that came.
struct CheckedReceipts {
  std::vector<CommitBody> commits;
  absl::Status failure;  // of one that does not hold
};

absl::StatusOr<CommitBody> CheckOne(const NodeContext& node,
                                    const ParticipantCode& partner,
                                    Message receipt) {
  ASSIGN_OR_RETURN(const MessageLeaf leaf, ParseMessageLeaf(receipt.leaf));
  auto row = node.store.ReadEvent(leaf.request_id);
  if (ReasonOf(row.status()) == ErrorReason::kNotFound) {
    return ReasonError(ErrorReason::kEvidenceInvalid,
                       "the receipt is for no event of this node");
  }
  RETURN_IF_ERROR(row.status());
  return CheckReceipt({node.self, node.store, node.writer, node.partners,
                       node.peers, node.checkpoints, node.clock, node.random},
                      partner, *std::move(row), std::move(receipt));
}

CheckedReceipts Check(const NodeContext& node, const ParticipantCode& partner,
                      std::vector<Message> receipts) {
  CheckedReceipts checked;
  for (Message& receipt : receipts) {
    auto commit = CheckOne(node, partner, std::move(receipt));
    if (commit.ok()) {
      checked.commits.push_back(*std::move(commit));
    } else {
      checked.failure = commit.status();
    }
  }
  return checked;
}

// What waits, as far as one answer goes.
absl::StatusOr<CollectedMail> Gather(const NodeContext& node,
                                     const ParticipantCode& partner,
                                     const MailRequest& request) {
  ASSIGN_OR_RETURN(const std::vector<OutboxRow> waiting,
                   node.store.ReadOutbox(partner, kOutboxLookAhead));
  std::set<Uuid> held_up;  // dossiers
  OutboxBatch batch;
  CollectedMail mail;
  for (const OutboxRow& each : waiting) {
    if (std::find(request.held_up.begin(), request.held_up.end(),
                  each.event_id) != request.held_up.end()) {
      held_up.insert(each.referral_id);
    }
    if (held_up.contains(each.referral_id)) continue;
    mail.more = batch.rows.size() >= request.max_events;
    if (mail.more) break;
    const auto added = AddWaiting(node.store, node.self, each, batch);
    // Taken back this very moment.
    if (ReasonOf(added.status()) == ErrorReason::kNotFound) continue;
    RETURN_IF_ERROR(added.status());
    mail.more = !*added;
    if (mail.more) break;
  }
  mail.events = std::move(batch.events);
  return mail;
}

}  // namespace

void AnswerCollection(NodeContext& node, const ParticipantCode& partner,
                      MailRequest request, MailDone done) {
  NoteCollected(node.store, node.writer, partner, node.clock.Now());
  if (request.receipts.empty()) {
    done(Gather(node, partner, request));
    return;
  }
  const absl::Status proved =
      CheckProvedInTime(node.store, partner, node.clock.Now());
  if (!proved.ok()) {
    done(proved);
    return;
  }
  auto checked = std::make_shared<CheckedReceipts>(
      Check(node, partner, std::exchange(request.receipts, {})));
  // Junk buys no commit.
  if (checked->commits.empty()) {
    done(checked->failure);
    return;
  }
  node.writer.Submit(
      [checked](CommitScope& scope) -> absl::Status {
        // Each is stored or not by itself.
        for (const CommitBody& commit : checked->commits) {
          const absl::Status stored = scope.Try([&] { return commit(scope); });
          if (ReasonOf(stored) == ErrorReason::kStoreUnavailable) return stored;
          if (!stored.ok()) checked->failure = stored;
        }
        return absl::OkStatus();
      },
      [&node, partner, request, checked, done](const auto& entries) {
        const absl::Status failure =
            entries.ok() ? checked->failure : entries.status();
        if (failure.ok()) {
          done(Gather(node, partner, request));
        } else {
          done(failure);
        }
      });
}

}  // namespace comity
