#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "node/domain/participant.h"
#include "node/wire/envelope.h"
#include "node/wire/federation_wire.h"

namespace comity {

// Another participant's node, as calls with deadlines. Answers are not verified
// here. PEER_UNREACHABLE, DEADLINE_EXCEEDED, or the reason that the other node
// gave. Thread-safe; every call blocks its thread until its deadline at most.
class Peer {
 public:
  virtual ~Peer() = default;
  virtual absl::StatusOr<HandshakeFacts> Handshake(const HandshakeFacts& facts,
                                                   absl::Duration timeout) = 0;
  virtual absl::StatusOr<Message> AskCase(const Message& question,
                                          absl::Duration timeout) = 0;
  virtual absl::StatusOr<Message> AskTable(const Message& question,
                                           absl::Duration timeout) = 0;
  virtual absl::StatusOr<Message> AskSubject(const Message& question,
                                             absl::Duration timeout) = 0;
  virtual absl::StatusOr<Message> AskAttachment(const Message& question,
                                                absl::Duration timeout) = 0;
  // One receipt for each event.
  virtual absl::StatusOr<std::vector<Message>> Deliver(
      const std::vector<Message>& events, absl::Duration timeout) = 0;
  // What waits at it for this node.
  virtual absl::StatusOr<CollectedMail> Collect(const MailRequest& request,
                                                absl::Duration timeout) = 0;
  virtual absl::StatusOr<CheckpointExchange> Exchange(
      const CheckpointExchange& ours, absl::Duration timeout) = 0;
  // Its files of an agreement: in force, to come, proposed; at most 3.
  virtual absl::StatusOr<std::vector<AgreementText>> ReadAgreement(
      const std::string& agreement_id, absl::Duration timeout) = 0;
  // Whether a connection stands; if not, one is tried. Does not block.
  virtual bool IsConnected() = 0;
};

// The nodes of all partners. Thread-safe.
class Peers {
 public:
  virtual ~Peers() = default;
  // PARTNER_UNKNOWN if `code` is no partner, PARTNER_COLLECTS if its node
  // cannot be called.
  virtual absl::StatusOr<std::shared_ptr<Peer>> Find(
      const ParticipantCode& code) = 0;
};

}  // namespace comity
