#include "node/crypto/note.h"
#include "node/wire/card_file.h"
#include "node/wire/envelope.h"
#include "node/wire/own_leaf.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto leaf = comity::ParseMessageLeaf(bytes);
  // One spelling for each leaf.
  if (leaf.ok() && comity::FormatMessageLeaf(*leaf) != bytes) __builtin_trap();
  const auto proof = comity::ParseLogProof(bytes);
  if (proof.ok() && comity::FormatLogProof(*proof) != bytes) __builtin_trap();
  static const auto* key = new comity::VerifyKey(
      comity::SigningKey::Generate(comity::KeyAlgorithm::kEd25519)
          .public_key());
  (void)comity::OpenCheckpoint(bytes, "comity/A/B", *key);
  (void)comity::ParseCard(bytes);
  (void)comity::ParseOpenings(bytes);
  (void)comity::OpenOwnEntry(bytes.substr(0, 234), bytes);
  return 0;
}
