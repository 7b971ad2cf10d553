#include "node/wire/event_wire.h"

// The payload of an event, and of a receipt, whose evidence holds.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view bytes(reinterpret_cast<const char*>(data), size);
  static const auto* leaf =
      new comity::MessageLeaf{comity::MessageKind::kEvent,
                              absl::FromUnixSeconds(1790000000),
                              *comity::ParticipantCode::Create("NE"),
                              *comity::ParticipantCode::Create("NG"),
                              *comity::Uuid::FromBytes(std::string(16, 'e')),
                              std::string(32, '\0'),
                              std::string(32, 'c')};
  auto read = comity::ParseEvent(*leaf, bytes);
  if (!read.ok()) return 0;
  // What every kind has in common is written and read alike.
  read->payload.clear_parents();
  comity::FormatEvent(read->event, read->payload);
  const std::string written = read->payload.SerializeAsString();
  auto again = comity::ParseEvent(*leaf, written);
  if (!again.ok()) __builtin_trap();
  again->payload.clear_parents();
  comity::FormatEvent(again->event, again->payload);
  if (again->payload.SerializeAsString() != written) __builtin_trap();
  // What tells of the record without an opening beside it is not taken in.
  const auto groups = comity::CheckOpenings(read->payload, {});
  if (groups.ok() && !groups->empty()) __builtin_trap();
  if (groups.ok() != comity::CarriedGroups(read->payload).empty()) {
    __builtin_trap();
  }
  comity::AddReceipt(bytes, read->event);
  return 0;
}
