#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "node/base/uuid.h"
#include "node/domain/participant.h"

namespace comity {

// What a leaf of a partner log records. Numbers are part of the format.
enum class MessageKind : uint8_t {
  kCaseQuestion = 1,
  kCaseAnswer = 2,
  kTableQuestion = 3,
  kTableAnswer = 4,
  kEvent = 5,
  kReceipt = 6,
  kSubjectQuestion = 7,
  kSubjectAnswer = 8,
  kAttachmentQuestion = 9,
  kAttachmentAnswer = 10,
  kAnchor = 11,  // no message: it commits to the sender's own log (anchor.h)
};

// "CASE_QUESTION".
absl::string_view Name(MessageKind kind);

// The leaf of one message in its sender's log for the receiver: 122 bytes,
// drawn in node/audit/FORMAT.md section 2. The receiver sees it, so nothing
// but what the message itself shows stands in it.
struct MessageLeaf {
  MessageKind kind = MessageKind::kCaseQuestion;
  absl::Time time;  // whole milliseconds
  ParticipantCode sender;
  ParticipantCode receiver;
  Uuid request_id;
  std::string answers;     // 32 bytes; zeros for a question or an event
  std::string commitment;  // 32 bytes, CommitMessage
};

// Size of a leaf of a partner log.
inline constexpr size_t kMessageLeafSize = 122;

std::string FormatMessageLeaf(const MessageLeaf& leaf);

// EVIDENCE_INVALID unless `bytes` is exactly one leaf of version 1.
absl::StatusOr<MessageLeaf> ParseMessageLeaf(absl::string_view bytes);

// HMAC-SHA-256(salt, "comity-message/v1" 0x00, u32 length of type, type, u32
// length of payload, payload); lengths are big-endian.
std::string CommitMessage(absl::string_view salt, absl::string_view type,
                          absl::string_view payload);

// HMAC-SHA-256(salt, "comity-field/v1" 0x00, group as one byte, value).
std::string CommitField(absl::string_view salt, uint8_t group,
                        absl::string_view value);

// HMAC-SHA-256(salt, "comity-attachment/v1" 0x00, SHA-256 of the content).
std::string CommitAttachment(absl::string_view salt, absl::string_view digest);

// Origin line and key name of the log of `sender` for `receiver`,
// "comity/NG/NE"; of a participant's own log, "comity/NG".
std::string PartnerLogOrigin(const ParticipantCode& sender,
                             const ParticipantCode& receiver);
std::string OwnLogOrigin(const ParticipantCode& participant);

// Name of the key that a participant cosigns others' heads with,
// "comity/NE/witness"; no code is in small letters.
std::string WitnessKeyName(const ParticipantCode& participant);

}  // namespace comity
