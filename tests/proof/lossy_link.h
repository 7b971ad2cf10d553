#pragma once

#include <functional>
#include <random>
#include <string>
#include <vector>

#include "node/peer/peer.h"
#include "tests/proof/linked_node.h"

namespace comity {

// How often a link does what, in a thousand calls. The rest it carries.
struct LinkFaults {
  int request_lost = 0;
  int answer_lost = 0;  // the other node did what it was asked for
  int repeated = 0;     // the other node is asked twice in a row
  int copied = 0;       // and once more, much later
  int held = 0;         // fails now, arrives later
  bool of_deliveries_alone = false;
};
inline constexpr LinkFaults kBadLine = {150, 150, 100, 100, 150, false};

// The line from one node to another, in one direction of calls: every call
// crosses as bytes. It loses, repeats, reorders and delays them by a seeded
// generator. Used by one thread.
class LossyLink : public Peer {
 public:
  // Sees a request before it leaves the asking node, and again with the answer
  // before that leaves the answering one.
  using Tap = std::function<void(LinkCall, const std::string& request,
                                 const std::string* answer)>;

  // Borrows the other node and the generator.
  LossyLink(const ParticipantCode& from, LinkedNode& to,
            std::mt19937_64& random)
      : from_(from), to_(to), random_(random) {}

  void SetFaults(const LinkFaults& faults) { faults_ = faults; }
  void AddTap(Tap tap) { taps_.push_back(std::move(tap)); }
  // Nothing comes through at all.
  void Cut(bool cut) { cut_ = cut; }
  // What is still on its way arrives, in any order; nobody waits for answers.
  void ReleaseAll();
  size_t calls() const { return calls_; }

  absl::StatusOr<HandshakeFacts> Handshake(const HandshakeFacts& facts,
                                           absl::Duration timeout) override;
  absl::StatusOr<Message> AskCase(const Message& question,
                                  absl::Duration timeout) override;
  absl::StatusOr<std::vector<Message>> Deliver(
      const std::vector<Message>& events, absl::Duration timeout) override;
  absl::StatusOr<CollectedMail> Collect(const MailRequest& request,
                                        absl::Duration timeout) override;
  absl::StatusOr<CheckpointExchange> Exchange(const CheckpointExchange& ours,
                                              absl::Duration timeout) override;
  bool IsConnected() override { return !cut_; }

  // What no test here calls.
  absl::StatusOr<Message> AskTable(const Message&, absl::Duration) override;
  absl::StatusOr<Message> AskSubject(const Message&, absl::Duration) override;
  absl::StatusOr<Message> AskAttachment(const Message&,
                                        absl::Duration) override;
  absl::StatusOr<std::vector<AgreementText>> ReadAgreement(
      const std::string&, absl::Duration) override;

 private:
  struct OnItsWay {
    LinkCall call;
    std::string bytes;
  };
  bool Happens(int per_thousand) {
    return static_cast<int>(random_() % 1000) < per_thousand;
  }
  absl::StatusOr<std::string> Carry(LinkCall call, const std::string& bytes);
  absl::StatusOr<std::string> Arrive(LinkCall call, const std::string& bytes);
  void ReleaseOne();

  const ParticipantCode from_;
  LinkedNode& to_;
  std::mt19937_64& random_;
  LinkFaults faults_;
  std::vector<Tap> taps_;
  bool cut_ = false;
  std::vector<OnItsWay> held_;
  size_t calls_ = 0;
};

}  // namespace comity
