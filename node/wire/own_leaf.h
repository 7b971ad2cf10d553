#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "node/base/uuid.h"
#include "node/crypto/random.h"

namespace comity {

// What an entry of a node's own log records. Numbers are part of the format.
enum class OwnKind : uint8_t {
  kAnswered = 1,         // a partner's question or event, with its outcome
  kAsked = 2,            // the outcome of a question of ours
  kOperatorAction = 3,   // a call of the operator API
  kPolicyChange = 4,     // files activated
  kTrustChange = 5,      // partners, keys
  kRejectedCalls = 6,    // calls that failed before identification, counted
  kReceiptReceived = 7,  // a receipt for an event of ours
};

// "ANSWERED".
absl::string_view Name(OwnKind kind);

// One entry of the own log in clear. Its leaf (FORMAT.md section 3) holds the
// texts only as commitments, each under a fresh salt, so that erasing an
// opening leaves the log verifiable.
struct OwnEntry {
  OwnKind kind = OwnKind::kOperatorAction;
  absl::Time time;
  Uuid request_id;
  std::string peer;           // participant code; empty: none
  std::string question_leaf;  // leaf hashes of the messages concerned, or empty
  std::string answer_leaf;
  std::string policy_digest;   // over all bodies in force; 32 bytes or empty
  std::string subject;         // case id; empty: none
  std::string actor;           // operator name or node
  std::string detail;          // "CASE_READ PERMIT ng-ne/case-status"
  std::string facts;           // what was decided on (wire/decision_wire.h)
  bool person_erased = false;  // subject and facts are gone for good
  // What else it is about, as ids by which it is found: cases, dossiers,
  // pseudonyms. No part of the leaf.
  std::vector<Uuid> about;
};

// A leaf and the serialized openings of its four commitments.
struct SealedOwnEntry {
  std::string leaf;
  std::string opening;
};

SealedOwnEntry SealOwnEntry(const OwnEntry& entry, RandomSource& random);

// The opening of an entry without subject and facts: it tells who did what, and
// of nobody. INTEGRITY_FAILURE if it does not parse.
absl::StatusOr<std::string> WithoutPerson(absl::string_view opening);

// Parses the leaf and, unless `opening` is empty, the texts, each checked
// against its commitment. INTEGRITY_FAILURE if one does not match.
absl::StatusOr<OwnEntry> OpenOwnEntry(absl::string_view leaf,
                                      absl::string_view opening);

}  // namespace comity
