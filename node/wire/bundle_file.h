#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "node/base/secret_bytes.h"
#include "node/crypto/random.h"
#include "node/domain/participant.h"
#include "node/wire/envelope.h"
#include "node/wire/federation_wire.h"

namespace comity {

// Mail from one participant to another as one sealed file
// (node/audit/FORMAT.md section 8).

// What stands on the outside: readable by the courier, changed by nobody.
struct BundleLabel {
  ParticipantCode sender;
  ParticipantCode receiver;
  uint32_t sender_card = 0;  // serial of the card it was written under
  uint32_t receiver_card =
      0;                  // serial of the card with the key it is sealed to
  absl::Time written_at;  // whole milliseconds
};

// What is sealed.
struct BundleContent {
  // Each proof leads from one size to `checkpoint`.
  CheckpointExchange heads;
  std::vector<Message> events;
  std::vector<Message> receipts;
};

// Bytes of a whole bundle, and of the envelopes in it, at most.
inline constexpr size_t kMaxBundleSize = size_t{960} * 1024;
inline constexpr size_t kMaxBundleMessages = size_t{840} * 1024;

// FIELD_INVALID if `receiver_key` is no key, MESSAGE_TOO_LARGE.
absl::StatusOr<std::string> SealBundle(const BundleLabel& label,
                                       const BundleContent& content,
                                       absl::string_view receiver_key,
                                       RandomSource& random);

// FIELD_INVALID if `file` is no bundle, INTEGRITY_FAILURE if it is cut off or
// something follows it, MESSAGE_TOO_LARGE.
absl::StatusOr<BundleLabel> ParseBundleLabel(absl::string_view file);

// INTEGRITY_FAILURE if the file was changed or is sealed to another key;
// otherwise what is wrong with its content.
absl::StatusOr<BundleContent> OpenBundle(absl::string_view file,
                                         const SecretBytes& key);

// The sealed part itself.
std::string FormatBundleContent(const BundleContent& content);
absl::StatusOr<BundleContent> ParseBundleContent(absl::string_view bytes);

// Messages as a node keeps them for itself.
std::string SerializeMessages(const std::vector<Message>& messages);
absl::StatusOr<std::vector<Message>> ParseMessages(absl::string_view bytes);

}  // namespace comity
