#include "node/wire/envelope.h"

#include "absl/strings/str_cat.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"

namespace comity {
namespace {

using federation::v1::Envelope;
constexpr size_t kSaltSize = 32;
constexpr size_t kMaxProofSize = size_t{8} * 1024;

absl::Status Missing(absl::string_view part) {
  return ReasonError(ErrorReason::kEvidenceMissing,
                     absl::StrCat("the envelope has no ", part,
                                  "; send every message with its evidence"));
}

absl::Status Invalid(absl::string_view what) {
  return ReasonError(ErrorReason::kEvidenceInvalid,
                     absl::StrCat("the envelope's ", what));
}

absl::StatusOr<std::vector<FieldOpening>> ReadOpenings(
    const Envelope& envelope) {
  std::vector<FieldOpening> openings;
  for (const auto& opening : envelope.openings()) {
    // Without a group: of no record, but of the offer of a document.
    if (opening.group() < 0 || opening.group() > 16) {
      return Invalid("opening names an unknown group");
    }
    if (opening.salt().size() != kSaltSize) {
      return Invalid("opening has a salt that is not 32 bytes");
    }
    openings.push_back({static_cast<FieldGroup>(opening.group()),
                        opening.salt(), opening.value()});
  }
  return openings;
}

void WriteOpenings(const std::vector<FieldOpening>& openings,
                   Envelope& envelope) {
  for (const FieldOpening& opening : openings) {
    auto* added = envelope.add_openings();
    added->set_group(static_cast<v1::RecordGroup>(opening.group));
    added->set_salt(opening.salt);
    added->set_value(opening.value);
  }
}

}  // namespace

UnprovedMessage MakeMessage(MessageKind kind, const ParticipantCode& sender,
                            const ParticipantCode& receiver,
                            const Uuid& request_id, absl::string_view answers,
                            absl::string_view type, std::string payload,
                            absl::Time now, RandomSource& random) {
  std::string salt = random.Bytes(kSaltSize);
  std::string commitment = CommitMessage(salt, type, payload);
  const absl::Time whole = absl::FromUnixMillis(absl::ToUnixMillis(now));
  return {MessageLeaf{kind, whole, sender, receiver, request_id,
                      std::string(answers), std::move(commitment)},
          std::string(type),
          std::move(payload),
          std::move(salt),
          {}};
}

absl::StatusOr<Message> ParseEnvelope(const Envelope& envelope) {
  if (envelope.leaf().empty()) return Missing("leaf");
  if (envelope.type().empty()) return Missing("type");
  if (envelope.payload().empty()) return Missing("payload");
  if (envelope.salt().empty()) return Missing("salt");
  if (envelope.proof().empty()) return Missing("proof");
  if (envelope.salt().size() != kSaltSize) {
    return Invalid("salt is not 32 bytes");
  }
  if (envelope.proof().size() > kMaxProofSize) {
    return Invalid("proof is longer than 8 KiB");
  }
  ASSIGN_OR_RETURN(std::vector<FieldOpening> openings, ReadOpenings(envelope));
  return Message{envelope.leaf(), envelope.type(),  envelope.payload(),
                 envelope.salt(), envelope.proof(), std::move(openings)};
}

Envelope FormatEnvelope(Message message) {
  Envelope envelope;
  envelope.set_leaf(std::move(message.leaf));
  envelope.set_type(std::move(message.type));
  envelope.set_payload(std::move(message.payload));
  envelope.set_salt(std::move(message.salt));
  envelope.set_proof(std::move(message.proof));
  WriteOpenings(message.openings, envelope);
  return envelope;
}

size_t EnvelopeSize(const Message& message) {
  return FormatEnvelope(message).ByteSizeLong();
}

std::string SerializeOpenings(const std::vector<FieldOpening>& openings) {
  Envelope envelope;
  WriteOpenings(openings, envelope);
  return envelope.SerializeAsString();
}

absl::StatusOr<std::vector<FieldOpening>> ParseOpenings(
    absl::string_view bytes) {
  Envelope envelope;
  if (!envelope.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return Invalid("openings do not parse");
  }
  return ReadOpenings(envelope);
}

}  // namespace comity
