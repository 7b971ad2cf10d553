#include "node/audit/evidence.h"

// A message as it comes from a partner.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  comity::federation::v1::Envelope envelope;
  if (!envelope.ParseFromArray(data, static_cast<int>(size))) return 0;
  auto message = comity::ParseEnvelope(envelope);
  if (!message.ok()) return 0;
  // One that was read is written and read alike.
  const auto written = comity::FormatEnvelope(*message);
  if (comity::EnvelopeSize(*message) != written.ByteSizeLong()) {
    __builtin_trap();
  }
  const auto again = comity::ParseEnvelope(written);
  if (!again.ok() || comity::FormatEnvelope(*again).SerializeAsString() !=
                         written.SerializeAsString()) {
    __builtin_trap();
  }
  // Nobody logged it under this key.
  static const auto* sender =
      new comity::ParticipantCode(*comity::ParticipantCode::Create("A1"));
  static const auto* self =
      new comity::ParticipantCode(*comity::ParticipantCode::Create("B1"));
  static const auto* key = new comity::VerifyKey(
      comity::SigningKey::Generate(comity::KeyAlgorithm::kEd25519)
          .public_key());
  static auto* checkpoints = new comity::CheckpointCache();
  if (comity::VerifyMessage(*std::move(message), comity::MessageKind::kEvent,
                            *sender, *self, *key, *checkpoints)
          .ok()) {
    __builtin_trap();
  }
  return 0;
}
