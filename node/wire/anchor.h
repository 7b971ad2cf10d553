#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "node/wire/message_leaf.h"

namespace comity {

// A head of the own log, as a leaf of a partner log commits to it
// (node/audit/FORMAT.md section 2): whoever has no opening learns nothing of
// it, not even whether the own log grew.
struct Anchor {
  std::string salt;  // 32 bytes, the same in all partner logs
  uint64_t size = 0;
  std::string root;  // 32 bytes
};

// HMAC-SHA-256(salt, "comity-anchor/v1" 0x00, u64 size, root).
std::string CommitAnchor(const Anchor& anchor);

// Salt, u64 size, root: 72 bytes, kept sealed beside the leaf.
std::string FormatAnchorOpening(const Anchor& anchor);

// INTEGRITY_FAILURE unless `leaf` is an anchor's and commits to what `opening`
// says.
absl::StatusOr<Anchor> OpenAnchor(const MessageLeaf& leaf,
                                  absl::string_view opening);

}  // namespace comity
