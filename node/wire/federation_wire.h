#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "comity/federation/v1/federation_service.pb.h"
#include "node/base/uuid.h"
#include "node/wire/envelope.h"

namespace comity {

// What Handshake tells, either way.
struct HandshakeFacts {
  struct AgreementFacts {
    std::string id;
    uint32_t revision = 0;
    std::string digest;  // 32 bytes
  };
  uint32_t protocol_version = 1;
  absl::Time now;
  std::vector<AgreementFacts> agreements;
  bool serving = true;
};

// One step of a chain of consistency proofs over a log.
struct ChainStep {
  uint64_t old_size = 0;
  uint64_t new_size = 0;
  std::vector<std::string> hashes;
};

// Two signed heads of one log that do not belong to one history.
struct ForkNotes {
  std::string held;   // came first
  std::string shown;  // does not join with it; empty: there is no entry left
};

// An entry of the sender's log that its receiver asked for.
struct GivenEntry {
  uint64_t index = 0;
  std::string leaf;
  std::string proof;  // C2SP tlog-proof
};

// Entries that one exchange asks for at most.
inline constexpr size_t kMostWantedEntries = 128;

// What TrustNews carries at most, in bytes: both fit one request.
inline constexpr size_t kMostCardBytes = size_t{4} * 1024;
inline constexpr size_t kMostRevocationBytes = size_t{8} * 1024;

// What a participant tells of its own certificates, and holds of the other
// side's; card and list as text, empty where nothing is new.
struct TrustNews {
  std::string card;
  std::string revocations;
  // Of the other side's, as the sender holds them. A card has serial 1 at
  // least: 0 if the sender tells nothing of this kind.
  uint32_t held_card = 0;
  uint64_t held_revocations = 0;
};

// What ExchangeCheckpoints tells, either way.
struct CheckpointExchange {
  std::string checkpoint;    // newest of the sender's log; empty: none
  uint64_t proved_size = 0;  // of the other side's log
  // Its signed notes, proved and not; at most 16.
  std::vector<std::string> held_checkpoints;
  std::vector<uint64_t> unproved_sizes;  // at most 1000
  std::vector<ChainStep> proofs;
  // The other side's highest proved head with the sender's cosignature; empty:
  // none.
  std::string cosigned_checkpoint = {};
  std::vector<ForkNotes> forks = {};          // at most 2
  std::vector<uint64_t> wanted_entries = {};  // in a request; at most 128
  std::vector<GivenEntry> entries = {};       // in a response; at most 128
  TrustNews news = {};
};

// How a participant holds an agreement: one of its files.
struct AgreementText {
  std::string text;
  bool proposed = false;  // waits for signatures
  // When it comes into force, if activated with a switch that lies ahead.
  std::optional<absl::Time> switch_at;

  bool InForce() const { return !proposed && !switch_at.has_value(); }
};

// What a node that collects its mail asks for.
struct MailRequest {
  std::vector<Message> receipts;  // for what it collected before; at most 8
  size_t max_events = 8;
  std::vector<Uuid> held_up;  // events that it could not take in; at most 64
};

// What waits for it, as far as one answer goes.
struct CollectedMail {
  std::vector<Message> events;  // at most 8
  bool more = false;
};

// Events or receipts that one call carries at most, and events that a caller
// names as held up.
inline constexpr size_t kMostEventsInCall = 8;
inline constexpr size_t kMostHeldUp = 64;

// Files that one answer to ExchangeAgreement holds at most.
inline constexpr int kMostAgreementFiles = 3;

federation::v1::HandshakeRequest FormatHandshakeRequest(
    const HandshakeFacts& facts);
federation::v1::HandshakeResponse FormatHandshakeResponse(
    const HandshakeFacts& facts);
absl::StatusOr<HandshakeFacts> ParseHandshake(
    const federation::v1::HandshakeRequest& request);
absl::StatusOr<HandshakeFacts> ParseHandshake(
    const federation::v1::HandshakeResponse& response);

federation::v1::ExchangeCheckpointsRequest FormatExchangeRequest(
    const CheckpointExchange& exchange);
federation::v1::ExchangeCheckpointsResponse FormatExchangeResponse(
    const CheckpointExchange& exchange);
// FIELD_INVALID for more than 1000 sizes or steps, sizes out of order, more
// than 2 forks or 128 entries, a witness's note over 4 KiB, or a card or list
// that is too long.
absl::StatusOr<CheckpointExchange> ParseExchange(
    const federation::v1::ExchangeCheckpointsRequest& request);
absl::StatusOr<CheckpointExchange> ParseExchange(
    const federation::v1::ExchangeCheckpointsResponse& response);

federation::v1::CollectEventsRequest FormatMailRequest(
    const MailRequest& request);
federation::v1::CollectEventsResponse FormatCollectedMail(
    const CollectedMail& mail);
// FIELD_INVALID for more than a call carries, or an id that is none; else what
// ParseEnvelope says.
absl::StatusOr<MailRequest> ParseMailRequest(
    const federation::v1::CollectEventsRequest& request);
absl::StatusOr<CollectedMail> ParseCollectedMail(
    const federation::v1::CollectEventsResponse& response);

federation::v1::ExchangeAgreementResponse FormatAgreementFiles(
    const std::vector<AgreementText>& files);
// FIELD_INVALID for more than kMostAgreementFiles, or a moment out of range.
absl::StatusOr<std::vector<AgreementText>> ParseAgreementFiles(
    const federation::v1::ExchangeAgreementResponse& response);

}  // namespace comity
