#include "node/service/bundle_intake.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "comity/federation/v1/referral.pb.h"
#include "node/audit/log_appender.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/delivery/checkpoint_keeper.h"
#include "node/delivery/owed_receipts.h"
#include "node/delivery/shown_heads.h"
#include "node/service/mail_intake.h"
#include "node/service/outbox_departures.h"
#include "node/service/trust_intake.h"
#include "node/wire/card_file.h"
#include "node/wire/error_wire.h"
#include "node/wire/event_wire.h"
#include "node/wire/proto_time.h"

namespace comity {
namespace {

namespace ops = operators::v1;

// A bundle is sealed to one card and proved by another: both must be those that
// the two sides hold.
absl::Status CheckSerial(uint32_t named, uint32_t held, absl::string_view whose,
                         absl::string_view remedy) {
  if (named == held) return absl::OkStatus();
  return ReasonError(ErrorReason::kFieldInvalid,
                     absl::StrCat("the bundle was written under ",
                                  named < held ? "an older" : "a newer",
                                  " card of ", whose, " (serial ", named,
                                  "; in force here is ", held, "): ", remedy));
}

void AddFault(const absl::Status& status, ops::ReadBundleResponse& response) {
  const std::string reason(ReasonName(ReasonOf(status)));
  for (ops::BundleFault& fault : *response.mutable_faults()) {
    if (fault.reason() != reason) continue;
    fault.set_count(fault.count() + 1);
    return;
  }
  ops::BundleFault* fault = response.add_faults();
  fault->set_reason(reason);
  fault->set_message(PublicMessage(status));
  fault->set_count(1);
}

// Whether it is what was brought that is to blame.
bool IsForged(const absl::Status& status) {
  return ReasonOf(status) == ErrorReason::kFieldInvalid ||
         ReasonOf(status) == ErrorReason::kEvidenceInvalid;
}

bool IsRefusal(const Message& receipt) {
  federation::v1::EventReceipt read;
  return read.ParseFromString(receipt.payload) && read.has_refusal();
}

// The size up to which the sender shows that it saw this node's log.
uint64_t SeenBy(const CheckpointExchange& heads) {
  return heads.unproved_sizes.empty()
             ? heads.proved_size
             : std::max(heads.proved_size, heads.unproved_sizes.back());
}

std::string Described(const ops::ReadBundleResponse& response) {
  std::string text = absl::StrCat(
      "BUNDLE READ ", response.events(), " stored, ", response.refused(),
      " refused, ", response.receipts(), " receipts, ", response.known(),
      " known", response.news() ? ", news of certificates" : "");
  for (const ops::BundleFault& fault : response.faults()) {
    absl::StrAppend(&text, ", ", fault.reason(), " ", fault.count());
  }
  return text;
}

}  // namespace

absl::StatusOr<ParticipantCard> BundleIntake::FindSender(
    const BundleLabel& label) const {
  if (label.receiver != node_.self) {
    return ReasonError(
        ErrorReason::kWrongAudience,
        absl::StrCat("the bundle is for ", label.receiver.text(), ", from ",
                     label.sender.text(), "; this is ", node_.self.text()));
  }
  const auto table = node_.partners.Get();
  const ParticipantCard* sender = table->Find(label.sender);
  if (sender == nullptr) {
    return ReasonError(
        ErrorReason::kPartnerUnknown,
        absl::StrCat("the bundle comes from ", label.sender.text(),
                     ", which is no partner of this node"));
  }
  return *sender;
}

absl::Status BundleIntake::CheckReceiver(const BundleLabel& label) const {
  ASSIGN_OR_RETURN(const ParticipantCard own, ParseCard(OwnCardText(node_)));
  RETURN_IF_ERROR(CheckSerial(
      label.receiver_card, own.serial, "this node",
      "give the sender the present card, and let it write the bundle again"));
  if (node_.bundle_key.empty()) {
    return ReasonError(ErrorReason::kFieldInvalid,
                       "this node has no bundle key, so nobody can seal a "
                       "bundle to it");
  }
  return absl::OkStatus();
}

absl::StatusOr<BundleContent> BundleIntake::Open(const std::string& file,
                                                 const BundleLabel& label,
                                                 Response& response) {
  RETURN_IF_ERROR(CheckReceiver(label));
  ASSIGN_OR_RETURN(BundleContent content, OpenBundle(file, node_.bundle_key));
  // Signed by root and issuing CA, whoever sealed the bundle.
  const auto news = TakeCarriedNews(node_, label.sender, content.heads.news);
  if (news.ok()) {
    response.set_news(*news);
  } else if (!IsForged(news.status())) {
    return news.status();
  } else {
    AddFault(news.status(), response);
  }
  ASSIGN_OR_RETURN(const ParticipantCard sender, FindSender(label));
  RETURN_IF_ERROR(CheckSerial(
      label.sender_card, sender.serial, label.sender.text(),
      "add the sender's present card, or let it write the bundle again"));
  return content;
}

absl::StatusOr<std::optional<Message>> BundleIntake::ReceiptGiven(
    const ParticipantCode& sender, const Message& event,
    const std::vector<Message>& owed) const {
  const std::string leaf_hash = LeafHash(event.leaf);
  for (const Message& receipt : owed) {
    ASSIGN_OR_RETURN(const MessageLeaf leaf, ParseMessageLeaf(receipt.leaf));
    if (leaf.answers == leaf_hash) return receipt;
  }
  ASSIGN_OR_RETURN(const MessageLeaf leaf, ParseMessageLeaf(event.leaf));
  const auto held = node_.store.ReadEvent(leaf.request_id);
  if (!held.ok() || held->leaf != event.leaf || held->receipt_leaf.empty()) {
    return std::nullopt;
  }
  Message receipt{held->receipt_leaf, kReceiptType, held->receipt_payload,
                  held->receipt_salt, "",           {}};
  ASSIGN_OR_RETURN(receipt.proof,
                   ProveEntry(node_.store, PartnerLogOrigin(node_.self, sender),
                              held->receipt_leaf_index));
  return receipt;
}

// A bundle that was read before must not even show an old head again, which
// would have to be proved once more.
absl::Status BundleIntake::SetKnownApart(const ParticipantCode& sender,
                                         BundleContent& content,
                                         std::vector<Message>& known) const {
  ASSIGN_OR_RETURN(const std::vector<Message> owed,
                   ReadOwedReceipts(node_.store, sender));
  std::vector<Message> fresh;
  for (Message& event : content.events) {
    ASSIGN_OR_RETURN(std::optional<Message> receipt,
                     ReceiptGiven(sender, event, owed));
    if (receipt.has_value()) {
      known.push_back(*std::move(receipt));
    } else {
      fresh.push_back(std::move(event));
    }
  }
  content.events = std::move(fresh);
  std::vector<Message> new_receipts;
  for (Message& receipt : content.receipts) {
    ASSIGN_OR_RETURN(const MessageLeaf leaf, ParseMessageLeaf(receipt.leaf));
    const auto row = node_.store.ReadEvent(leaf.request_id);
    if (row.ok() && !row->receipt_leaf.empty()) continue;
    new_receipts.push_back(std::move(receipt));
  }
  content.receipts = std::move(new_receipts);
  return absl::OkStatus();
}

void BundleIntake::TakeReceipts(const ParticipantCode& sender,
                                std::vector<Message> receipts,
                                Response& response) {
  const OutboxDepartures departures(node_);
  const CourierParts parts = PartsForReceipts(node_, departures);
  for (Message& receipt : receipts) {
    const absl::Status taken = [&]() -> absl::Status {
      ASSIGN_OR_RETURN(const MessageLeaf leaf, ParseMessageLeaf(receipt.leaf));
      ASSIGN_OR_RETURN(EventRow row, node_.store.ReadEvent(leaf.request_id));
      return TakeReceipt(parts, sender, std::move(row), std::move(receipt));
    }();
    if (taken.ok()) {
      response.set_receipts(response.receipts() + 1);
    } else {
      AddFault(taken, response);
    }
  }
}

std::vector<Message> BundleIntake::TakeEvents(const ParticipantCode& sender,
                                              std::vector<Message> events,
                                              Response& response) {
  std::vector<absl::StatusOr<Message>> outcomes =
      TakeMail(intake_, sender, std::move(events), Carriage::kBundle);
  std::vector<Message> given;
  for (absl::StatusOr<Message>& outcome : outcomes) {
    if (!outcome.ok()) {
      AddFault(outcome.status(), response);
      continue;
    }
    if (IsRefusal(*outcome)) {
      response.set_refused(response.refused() + 1);
    } else {
      response.set_events(response.events() + 1);
    }
    given.push_back(*std::move(outcome));
  }
  return given;
}

absl::Status BundleIntake::Read(OperatorCall& call,
                                const ops::ReadBundleRequest& request,
                                ops::ReadBundleResponse& response) {
  ASSIGN_OR_RETURN(const BundleLabel label, ParseBundleLabel(request.file()));
  ASSIGN_OR_RETURN(const ParticipantCard card, FindSender(label));
  call.SetPeer(card.code);
  ASSIGN_OR_RETURN(BundleContent content,
                   Open(request.file(), label, response));
  response.set_sender(card.code.text());
  *response.mutable_written_at() = ToProtoTime(label.written_at);
  const size_t all = content.events.size() + content.receipts.size();
  std::vector<Message> given;
  RETURN_IF_ERROR(SetKnownApart(card.code, content, given));
  const size_t fresh = content.events.size() + content.receipts.size();
  response.set_known(static_cast<uint32_t>(all - fresh));
  CheckpointKeeper keeper(node_.self, node_.store, node_.writer, node_.partners,
                          node_.checkpoints);
  if (fresh > 0) {
    RETURN_IF_ERROR(keeper.TakeCarried(card.code, content.heads));
  }
  // An old carrier would tell of a fork that people have settled since.
  content.heads.forks.clear();
  RETURN_IF_ERROR(keeper.TakeStatements(card.code, content.heads));
  TakeReceipts(card.code, std::move(content.receipts), response);
  for (Message& receipt :
       TakeEvents(card.code, std::move(content.events), response)) {
    given.push_back(std::move(receipt));
  }
  call.SetDetail(Described(response));
  return call
      .Commit([&](CommitScope& scope) -> absl::Status {
        RETURN_IF_ERROR(OweReceipts(scope.store(), card.code,
                                    SeenBy(content.heads), given));
        return NoteStanding(
            scope.store(), card.code,
            {content.heads.proved_size, content.heads.unproved_sizes});
      })
      .status();
}

}  // namespace comity
