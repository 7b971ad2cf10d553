#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "comity/federation/v1/evidence.pb.h"
#include "node/base/uuid.h"
#include "node/crypto/random.h"
#include "node/domain/participant.h"
#include "node/domain/vocabulary.h"
#include "node/wire/message_leaf.h"

namespace comity {

// What one salted commitment of a payload stands for.
struct FieldOpening {
  FieldGroup group = FieldGroup::kUnset;  // kUnset: an offered document
  std::string salt;
  std::string value;
};

// A message before its sender has logged it: everything but the proof.
struct UnprovedMessage {
  MessageLeaf leaf;
  std::string type;  // full name of the payload's message type
  std::string payload;
  std::string salt;
  std::vector<FieldOpening> openings;
};

// A message with its evidence as it travels (proto Envelope).
struct Message {
  std::string leaf;
  std::string type;
  std::string payload;
  std::string salt;
  std::string proof;  // C2SP tlog-proof, text form
  std::vector<FieldOpening> openings;
};

// Makes a message of `sender` for `receiver`: a fresh salt, the commitment, the
// leaf. `answers` is the leaf hash of the message it answers, or empty.
UnprovedMessage MakeMessage(MessageKind kind, const ParticipantCode& sender,
                            const ParticipantCode& receiver,
                            const Uuid& request_id, absl::string_view answers,
                            absl::string_view type, std::string payload,
                            absl::Time now, RandomSource& random);

// EVIDENCE_MISSING if the envelope lacks a part, EVIDENCE_INVALID if a part
// has a wrong size.
absl::StatusOr<Message> ParseEnvelope(
    const comity::federation::v1::Envelope& envelope);
comity::federation::v1::Envelope FormatEnvelope(Message message);
// Bytes of its envelope on the wire.
size_t EnvelopeSize(const Message& message);

// Openings as the store keeps them: an Envelope that holds nothing else.
std::string SerializeOpenings(const std::vector<FieldOpening>& openings);
absl::StatusOr<std::vector<FieldOpening>> ParseOpenings(
    absl::string_view bytes);

}  // namespace comity
