#include "node/crypto/merkle.h"
#include "tests/support/signed_note.h"

namespace {

constexpr const char* kOrigin = "comity/A/B";

const comity::SigningKey& LogKey() {
  static const auto* key = new comity::SigningKey(
      comity::SigningKey::Generate(comity::KeyAlgorithm::kEd25519));
  return *key;
}

// A path that somebody made up leads to no root that was there before it.
void ExpectNoWay(const comity::LogProof& proof, uint64_t size) {
  const std::string root(32, 'a');
  if (comity::VerifyInclusion(comity::LeafHash(""), proof.index, size,
                              proof.hashes, root)
          .ok()) {
    __builtin_trap();
  }
  if (comity::VerifyConsistency(proof.index, size, root, std::string(32, 'b'),
                                proof.hashes)
          .ok()) {
    __builtin_trap();
  }
}

}  // namespace

// A log's head and the proof of an entry, as a partner sends them.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view bytes(reinterpret_cast<const char*>(data), size);
  const comity::VerifyKey key = LogKey().public_key();
  // Nobody signed it with this key.
  if (comity::OpenCheckpoint(bytes, kOrigin, key).ok()) __builtin_trap();
  const auto cosigned = comity::CosignedAt(bytes, "comity/B/witness", key);
  if (cosigned.ok() && cosigned->has_value()) __builtin_trap();
  // Whoever has the key may sign anything; a head has one spelling.
  const std::string note = comity::SignedNote(bytes, kOrigin, LogKey());
  const auto head = comity::OpenCheckpoint(note, kOrigin, key);
  if (head.ok() && comity::SignCheckpoint(*head, LogKey()) != note) {
    __builtin_trap();
  }
  const auto proof = comity::ParseLogProof(bytes);
  if (!proof.ok()) return 0;
  if (comity::FormatLogProof(*proof) != bytes) __builtin_trap();
  ExpectNoWay(*proof, proof->index + 1 + bytes.size() % 64);
  return 0;
}
