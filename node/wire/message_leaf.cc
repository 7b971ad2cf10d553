#include "node/wire/message_leaf.h"

#include "absl/strings/str_cat.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/crypto/hash.h"
#include "node/wire/byte_fields.h"

namespace comity {
namespace {

constexpr uint8_t kVersion = 1;
constexpr size_t kCodeWidth = 16;
constexpr size_t kHashSize = 32;

absl::Status Invalid(absl::string_view what) {
  return ReasonError(ErrorReason::kEvidenceInvalid,
                     absl::StrCat("the leaf of the message ", what));
}

bool IsMessageKind(uint64_t kind) {
  return kind >= static_cast<uint64_t>(MessageKind::kCaseQuestion) &&
         kind <= static_cast<uint64_t>(MessageKind::kAnchor);
}

}  // namespace

absl::string_view Name(MessageKind kind) {
  switch (kind) {
    case MessageKind::kCaseQuestion:
      return "CASE_QUESTION";
    case MessageKind::kCaseAnswer:
      return "CASE_ANSWER";
    case MessageKind::kTableQuestion:
      return "TABLE_QUESTION";
    case MessageKind::kTableAnswer:
      return "TABLE_ANSWER";
    case MessageKind::kEvent:
      return "EVENT";
    case MessageKind::kReceipt:
      return "RECEIPT";
    case MessageKind::kSubjectQuestion:
      return "SUBJECT_QUESTION";
    case MessageKind::kSubjectAnswer:
      return "SUBJECT_ANSWER";
    case MessageKind::kAttachmentQuestion:
      return "ATTACHMENT_QUESTION";
    case MessageKind::kAttachmentAnswer:
      return "ATTACHMENT_ANSWER";
    case MessageKind::kAnchor:
      return "ANCHOR";
  }
  return "UNSET";
}

std::string FormatMessageLeaf(const MessageLeaf& leaf) {
  std::string out;
  out.reserve(kMessageLeafSize);
  AppendBigEndian(out, kVersion, 1);
  AppendBigEndian(out, static_cast<uint64_t>(leaf.kind), 1);
  AppendBigEndian(out, static_cast<uint64_t>(absl::ToUnixMillis(leaf.time)), 8);
  AppendPadded(out, leaf.sender.text(), kCodeWidth);
  AppendPadded(out, leaf.receiver.text(), kCodeWidth);
  out += leaf.request_id.ToBytes();
  AppendPadded(out, leaf.answers, kHashSize);
  AppendPadded(out, leaf.commitment, kHashSize);
  return out;
}

absl::StatusOr<MessageLeaf> ParseMessageLeaf(absl::string_view bytes) {
  if (bytes.size() != kMessageLeafSize) return Invalid("must be 122 bytes");
  if (TakeBigEndian(bytes, 1) != kVersion) return Invalid("is not version 1");
  const uint64_t kind = TakeBigEndian(bytes, 1);
  if (!IsMessageKind(kind)) return Invalid("is of an unknown kind");
  const uint64_t millis = TakeBigEndian(bytes, 8);
  // Year 9999, so that every arithmetic on times stays in range.
  if (millis > 253402300799999U) return Invalid("has an impossible time");
  ASSIGN_OR_RETURN(ParticipantCode sender,
                   ParticipantCode::Create(TakePadded(bytes, kCodeWidth)));
  ASSIGN_OR_RETURN(ParticipantCode receiver,
                   ParticipantCode::Create(TakePadded(bytes, kCodeWidth)));
  ASSIGN_OR_RETURN(Uuid request_id, Uuid::FromBytes(TakeBytes(bytes, 16)));
  std::string answers = TakeBytes(bytes, kHashSize);
  std::string commitment = TakeBytes(bytes, kHashSize);
  return MessageLeaf{static_cast<MessageKind>(kind),
                     absl::FromUnixMillis(static_cast<int64_t>(millis)),
                     std::move(sender),
                     std::move(receiver),
                     request_id,
                     std::move(answers),
                     std::move(commitment)};
}

std::string CommitMessage(absl::string_view salt, absl::string_view type,
                          absl::string_view payload) {
  std::string head("comity-message/v1");
  head.push_back('\0');
  AppendBigEndian(head, type.size(), 4);
  head.append(type.data(), type.size());
  AppendBigEndian(head, payload.size(), 4);
  return HmacSha256Joined(salt, {head, payload});
}

std::string CommitField(absl::string_view salt, uint8_t group,
                        absl::string_view value) {
  std::string head("comity-field/v1");
  head.push_back('\0');
  head.push_back(static_cast<char>(group));
  return HmacSha256Joined(salt, {head, value});
}

std::string CommitAttachment(absl::string_view salt, absl::string_view digest) {
  std::string data("comity-attachment/v1");
  data.push_back('\0');
  data.append(digest.data(), digest.size());
  return HmacSha256(salt, data);
}

std::string PartnerLogOrigin(const ParticipantCode& sender,
                             const ParticipantCode& receiver) {
  return absl::StrCat("comity/", sender.text(), "/", receiver.text());
}

std::string OwnLogOrigin(const ParticipantCode& participant) {
  return absl::StrCat("comity/", participant.text());
}

std::string WitnessKeyName(const ParticipantCode& participant) {
  return absl::StrCat("comity/", participant.text(), "/witness");
}

}  // namespace comity
