#pragma once

#include <optional>
#include <string>
#include <vector>

#include "node/crypto/verify_keys.h"
#include "node/crypto/x509.h"
#include "node/domain/participant.h"

namespace comity {

// Of each kind on a card.
inline constexpr size_t kMostPastKeys = 8;

// The root before the one on a card, which is an anchor beside it.
struct PastRoot {
  Certificate root;
  std::string signature;  // of its key, over who follows (wire/card_file.h)
};

// What a participant tells its partners about itself: code, name, where its
// node listens, and the anchors and keys that its messages are judged by.
// Signed by its root (wire/card_file.h). Immutable value.
struct ParticipantCard {
  ParticipantCode code;
  std::string name;
  bool commission = false;  // holds no records
  uint32_t serial = 1;      // rises with each new card
  // "127.0.0.1:4711"; none: its node cannot be called, and collects its mail.
  std::vector<std::string> endpoints;
  Certificate root;
  Certificate issuing;
  VerifyKey log_key;      // Ed25519
  VerifyKey witness_key;  // Ed25519, another than log_key
  // X25519, 32 bytes: what bundles for it are sealed to. Empty on cards that
  // are older than bundles.
  std::string bundle_key;
  // Keys that log and witness key replaced, newest first, at most 8 of each:
  // what they signed stays evidence, and no call is judged by them.
  std::vector<VerifyKey> past_log_keys = {};
  std::vector<VerifyKey> past_witness_keys = {};
  // From the card of comity node rotate-root on until a card without it.
  std::optional<PastRoot> past_root = std::nullopt;

  VerifyKeys LogKeys() const { return {log_key, past_log_keys}; }
  VerifyKeys WitnessKeys() const { return {witness_key, past_witness_keys}; }
  bool CollectsMail() const { return endpoints.empty(); }
  std::vector<Certificate> Anchors() const {
    std::vector<Certificate> anchors = {root, issuing};
    if (past_root.has_value()) anchors.push_back(past_root->root);
    return anchors;
  }
};

}  // namespace comity
