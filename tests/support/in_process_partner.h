#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "node/audit/commit_writer.h"
#include "node/audit/evidence.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/identity/participant_card.h"
#include "node/peer/peer.h"
#include "node/store/open_store.h"
#include "node/wire/event_wire.h"
#include "tests/support/self_made_card.h"
#include "tests/support/test_directory.h"

namespace comity {

// A partner's node without a network: takes events, logs a receipt for each
// and gives the same one to a repeated event; and has events of its own for
// whom collects them. A test takes it away, lets it fail on single events, or
// makes its line slow. Thread-safe.
class InProcessPartner : public Peer {
 public:
  InProcessPartner(const std::string& code, const Clock& clock,
                   RandomSource& random)
      : code_(*ParticipantCode::Create(code)),
        clock_(clock),
        random_(random),
        store_(*OpenStore(directory_.Path("s.db"),
                          SecretBytes(std::string(32, 'p')), random)),
        writer_(*store_, signer_, clock) {}

  const ParticipantCode& code() const { return code_; }
  VerifyKey log_key() const { return signer_.public_key(); }

  // Its card: valid enough to be looked up.
  ParticipantCard Card() const {
    return SelfMadeCard(code_, log_key(), clock_.Now(), random_);
  }

  // Every call fails with `reason` until it is back.
  void Away(ErrorReason reason = ErrorReason::kPeerUnreachable) {
    absl::MutexLock lock(&mutex_);
    away_ = reason;
  }
  void Back() {
    absl::MutexLock lock(&mutex_);
    away_ = ErrorReason::kUnspecified;
  }
  // Whether a connection stands, as gRPC would tell.
  void Connect(bool connected) {
    absl::MutexLock lock(&mutex_);
    connected_ = connected;
  }
  // Calls with more events than that end with DEADLINE_EXCEEDED.
  void SlowLine(size_t events) {
    absl::MutexLock lock(&mutex_);
    fast_events_ = events;
  }
  // A call with this event fails as a whole.
  void CannotTake(const Uuid& event_id) {
    absl::MutexLock lock(&mutex_);
    poison_.insert(event_id);
  }

  // The events that it took, each once, in order of arrival.
  std::vector<Uuid> taken() const {
    absl::MutexLock lock(&mutex_);
    return taken_;
  }
  size_t calls() const {
    absl::MutexLock lock(&mutex_);
    return calls_;
  }
  // Waits, without a limit of its own, until it took `count` events; a test
  // that waits in vain ends by its time limit.
  void AwaitTaken(size_t count) const {
    absl::MutexLock lock(&mutex_);
    const auto there = [&]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
      return taken_.size() >= count;
    };
    mutex_.Await(absl::Condition(&there));
  }
  void AwaitCalls(size_t count) const {
    absl::MutexLock lock(&mutex_);
    const auto there = [&]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
      return calls_ >= count;
    };
    mutex_.Await(absl::Condition(&there));
  }

  absl::StatusOr<std::vector<Message>> Deliver(
      const std::vector<Message>& events, absl::Duration) override {
    absl::MutexLock lock(&mutex_);
    ++calls_;
    if (away_ != ErrorReason::kUnspecified) return Fails(away_);
    if (events.size() > fast_events_) {
      return Fails(ErrorReason::kDeadlineExceeded);
    }
    size_t bytes = 0;
    for (const Message& event : events) bytes += EnvelopeSize(event) + 4;
    if (bytes > size_t{16} * 1024) return Fails(ErrorReason::kMessageTooLarge);
    std::vector<Message> receipts;
    for (const Message& event : events) {
      ASSIGN_OR_RETURN(const MessageLeaf leaf, ParseMessageLeaf(event.leaf));
      if (poison_.contains(leaf.request_id)) {
        return Fails(ErrorReason::kInternal);
      }
      ASSIGN_OR_RETURN(Message receipt, ReceiptFor(event, leaf));
      receipts.push_back(std::move(receipt));
    }
    return receipts;
  }

  // Writes an event for `receiver`, which waits until it is collected and its
  // receipt comes.
  Uuid Write(const ParticipantCode& receiver) {
    const UnprovedMessage event =
        MakeMessage(MessageKind::kEvent, code_, receiver, NewUuid(random_), "",
                    kEventType, "an event", clock_.Now(), random_);
    const auto entries = writer_.Commit([&](CommitScope& scope) {
      return scope
          .Append(PartnerLogOrigin(code_, receiver),
                  FormatMessageLeaf(event.leaf), "")
          .status();
    });
    absl::MutexLock lock(&mutex_);
    mail_.emplace_back(event.leaf.request_id,
                       ProvedMessage(event, (*entries)[0].proof));
    return event.leaf.request_id;
  }
  // The next calls for mail are answered, and the answers lost.
  void LoseAnswers(int count) {
    absl::MutexLock lock(&mutex_);
    lost_answers_ = count;
  }
  // Always says that more waits.
  void NeverDone() {
    absl::MutexLock lock(&mutex_);
    never_done_ = true;
  }
  // The events that wait to be collected.
  size_t mail() const {
    absl::MutexLock lock(&mutex_);
    return mail_.size();
  }
  // The leaves of all receipts that it was ever given for an event.
  std::set<std::string> ReceiptsFor(const Uuid& event) const {
    absl::MutexLock lock(&mutex_);
    const auto found = given_.find(event);
    return found == given_.end() ? std::set<std::string>() : found->second;
  }
  // The requests for mail, in their order.
  std::vector<MailRequest> collections() const {
    absl::MutexLock lock(&mutex_);
    return collections_;
  }

  absl::StatusOr<CollectedMail> Collect(const MailRequest& request,
                                        absl::Duration) override {
    absl::MutexLock lock(&mutex_);
    ++calls_;
    if (away_ != ErrorReason::kUnspecified) return Fails(away_);
    if (request.max_events > fast_events_) {
      return Fails(ErrorReason::kDeadlineExceeded);
    }
    if (FormatMailRequest(request).ByteSizeLong() > size_t{16} * 1024) {
      return Fails(ErrorReason::kMessageTooLarge);
    }
    collections_.push_back(request);
    for (const Message& receipt : request.receipts) {
      ASSIGN_OR_RETURN(const MessageLeaf leaf, ParseMessageLeaf(receipt.leaf));
      given_[leaf.request_id].insert(receipt.leaf);
      std::erase_if(mail_, [&](const auto& each) {
        return each.first == leaf.request_id &&
               LeafHash(each.second.leaf) == leaf.answers;
      });
    }
    CollectedMail mail;
    mail.more = never_done_;
    for (const auto& [id, event] : mail_) {
      if (std::find(request.held_up.begin(), request.held_up.end(), id) !=
          request.held_up.end()) {
        continue;
      }
      if (mail.events.size() >= request.max_events) {
        mail.more = true;
        break;
      }
      mail.events.push_back(event);
    }
    if (lost_answers_ == 0) return mail;
    --lost_answers_;
    return Fails(ErrorReason::kDeadlineExceeded);
  }

  absl::StatusOr<CheckpointExchange> Exchange(const CheckpointExchange&,
                                              absl::Duration) override {
    absl::MutexLock lock(&mutex_);
    if (away_ != ErrorReason::kUnspecified) {
      ++calls_;
      return Fails(away_);
    }
    return CheckpointExchange();
  }
  bool IsConnected() override {
    absl::MutexLock lock(&mutex_);
    return connected_;
  }

  // What no courier calls.
  absl::StatusOr<HandshakeFacts> Handshake(const HandshakeFacts&,
                                           absl::Duration) override {
    return Fails(ErrorReason::kInternal);
  }
  absl::StatusOr<Message> AskCase(const Message&, absl::Duration) override {
    return Fails(ErrorReason::kInternal);
  }
  absl::StatusOr<Message> AskTable(const Message&, absl::Duration) override {
    return Fails(ErrorReason::kInternal);
  }
  absl::StatusOr<Message> AskSubject(const Message&, absl::Duration) override {
    return Fails(ErrorReason::kInternal);
  }
  absl::StatusOr<Message> AskAttachment(const Message&,
                                        absl::Duration) override {
    return Fails(ErrorReason::kInternal);
  }
  absl::StatusOr<std::vector<AgreementText>> ReadAgreement(
      const std::string&, absl::Duration) override {
    return Fails(ErrorReason::kInternal);
  }

 private:
  static absl::Status Fails(ErrorReason reason) {
    return ReasonError(reason, "as the test wants");
  }
  absl::StatusOr<Message> ReceiptFor(const Message& event,
                                     const MessageLeaf& leaf)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    const auto given = receipts_.find(leaf.request_id);
    if (given != receipts_.end()) return given->second;
    federation::v1::EventReceipt payload;
    payload.mutable_delivered()->mutable_delivered_at()->set_seconds(
        absl::ToUnixSeconds(clock_.Now()));
    const UnprovedMessage receipt =
        MakeMessage(MessageKind::kReceipt, code_, leaf.sender, leaf.request_id,
                    LeafHash(event.leaf), kReceiptType,
                    payload.SerializeAsString(), clock_.Now(), random_);
    ASSIGN_OR_RETURN(const std::vector<LoggedEntry> entries,
                     writer_.Commit([&](CommitScope& scope) {
                       return scope
                           .Append(PartnerLogOrigin(code_, leaf.sender),
                                   FormatMessageLeaf(receipt.leaf), "")
                           .status();
                     }));
    taken_.push_back(leaf.request_id);
    return receipts_
        .emplace(leaf.request_id, ProvedMessage(receipt, entries[0].proof))
        .first->second;
  }

  const ParticipantCode code_;
  const Clock& clock_;
  RandomSource& random_;
  TestDirectory directory_;
  LogSigner signer_{SigningKey::Generate(KeyAlgorithm::kEd25519)};
  std::unique_ptr<Store> store_;
  CommitWriter writer_;
  mutable absl::Mutex mutex_;
  ErrorReason away_ ABSL_GUARDED_BY(mutex_) = ErrorReason::kUnspecified;
  bool connected_ ABSL_GUARDED_BY(mutex_) = false;
  size_t fast_events_ ABSL_GUARDED_BY(mutex_) = SIZE_MAX;
  std::set<Uuid> poison_ ABSL_GUARDED_BY(mutex_);
  std::map<Uuid, Message> receipts_ ABSL_GUARDED_BY(mutex_);
  std::vector<Uuid> taken_ ABSL_GUARDED_BY(mutex_);
  size_t calls_ ABSL_GUARDED_BY(mutex_) = 0;
  std::vector<std::pair<Uuid, Message>> mail_ ABSL_GUARDED_BY(mutex_);
  std::map<Uuid, std::set<std::string>> given_ ABSL_GUARDED_BY(mutex_);
  std::vector<MailRequest> collections_ ABSL_GUARDED_BY(mutex_);
  int lost_answers_ ABSL_GUARDED_BY(mutex_) = 0;
  bool never_done_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace comity
