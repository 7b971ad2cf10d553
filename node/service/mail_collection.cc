#include "node/service/mail_collection.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "node/audit/known_fork.h"
#include "node/audit/witness.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/delivery/collection_times.h"
#include "node/delivery/outbox.h"
#include "node/delivery/receipts.h"
#include "node/service/outbox_departures.h"

namespace comity {
namespace {

// What is to be stored of the receipts that came.
struct CheckedReceipts {
  std::vector<CommitBody> commits;
  absl::Status failure;  // of one that does not hold
};

absl::StatusOr<CommitBody> CheckOne(NodeContext& node,
                                    const ParticipantCode& partner,
                                    Message receipt) {
  ASSIGN_OR_RETURN(const MessageLeaf leaf, ParseMessageLeaf(receipt.leaf));
  auto row = node.store.ReadEvent(leaf.request_id);
  if (ReasonOf(row.status()) == ErrorReason::kNotFound) {
    return ReasonError(ErrorReason::kEvidenceInvalid,
                       "the receipt is for no event of this node");
  }
  RETURN_IF_ERROR(row.status());
  const OutboxDepartures departures(node);
  return CheckReceipt(PartsForReceipts(node, departures), partner,
                      *std::move(row), std::move(receipt));
}

CheckedReceipts Check(NodeContext& node, const ParticipantCode& partner,
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

// What waits and may leave, as far as one answer goes.
struct Gathered {
  CollectedMail mail;
  std::vector<OutboxRow> too_much;  // those that lose something first
};

absl::StatusOr<Gathered> Gather(NodeContext& node,
                                const ParticipantCode& partner,
                                const MailRequest& request) {
  const OutboxDepartures departures(node);
  ASSIGN_OR_RETURN(const std::vector<OutboxRow> waiting,
                   node.store.ReadOutbox(partner, kOutboxLookAhead));
  OutboxBatch batch;
  CollectedMail mail;
  for (const OutboxRow& each : waiting) {
    if (std::find(request.held_up.begin(), request.held_up.end(),
                  each.event_id) != request.held_up.end()) {
      batch.held_up.insert(each.referral_id);
    }
    if (batch.held_up.contains(each.referral_id)) continue;
    mail.more = batch.rows.size() >= request.max_events;
    if (mail.more) break;
    ASSIGN_OR_RETURN(const bool added, AddWaiting(node.store, departures,
                                                  node.self, each, batch));
    mail.more = !added;
    if (mail.more) break;
  }
  mail.events = std::move(batch.events);
  return Gathered{std::move(mail), std::move(batch.too_much)};
}

// Answers with it. What may not be told any more is withheld first, in a commit
// of its own; nobody waits for it here.
void Give(NodeContext& node, const ParticipantCode& partner,
          const MailRequest& request, const MailDone& done) {
  absl::StatusOr<Gathered> gathered = Gather(node, partner, request);
  if (!gathered.ok()) {
    done(gathered.status());
    return;
  }
  if (gathered->too_much.empty()) {
    done(std::move(gathered->mail));
    return;
  }
  node.writer.Submit(
      [&node, rows = std::move(gathered->too_much)](
          CommitScope& scope) -> absl::Status {
        const OutboxDepartures departures(node);
        for (const OutboxRow& each : rows) {
          RETURN_IF_ERROR(departures.Withhold(each, scope));
        }
        return absl::OkStatus();
      },
      [&node, partner, request, done](const auto& entries) {
        if (!entries.ok()) {
          done(entries.status());
          return;
        }
        absl::StatusOr<Gathered> rest = Gather(node, partner, request);
        if (rest.ok()) {
          done(std::move(rest->mail));
        } else {
          done(rest.status());
        }
      },
      partner.text());
}

// Stores the receipts, then gives the mail.
void TakeReceipts(NodeContext& node, const ParticipantCode& partner,
                  const std::shared_ptr<CheckedReceipts>& checked,
                  const MailRequest& request, const MailDone& done) {
  node.writer.Submit(
      [checked](CommitScope& scope) -> absl::Status {
        // Each is stored or not by itself.
        for (const CommitBody& commit : checked->commits) {
          absl::Status stored = scope.Try([&] { return commit(scope); });
          if (ReasonOf(stored) == ErrorReason::kStoreUnavailable) return stored;
          if (!stored.ok()) checked->failure = stored;
          RETURN_IF_ERROR(KeepForkOf(stored, scope.store(), scope.now()));
        }
        return absl::OkStatus();
      },
      [&node, partner, request, checked, done](const auto& entries) {
        const absl::Status failure =
            entries.ok() ? checked->failure : entries.status();
        if (failure.ok()) {
          Give(node, partner, request, done);
        } else {
          done(failure);
        }
      },
      partner.text());
}

}  // namespace

void AnswerCollection(NodeContext& node, const ParticipantCode& partner,
                      MailRequest request, MailDone done) {
  NoteCollected(node.store, node.writer, partner, node.clock.Now());
  if (request.receipts.empty()) {
    Give(node, partner, request, done);
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
  TakeReceipts(node, partner, checked, request, done);
}

}  // namespace comity
