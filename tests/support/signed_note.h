#pragma once

#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "node/crypto/note.h"

namespace comity {

// A signed note over any text, which must end with a line feed: what somebody
// with the key may sign that no node would.
inline std::string SignedNote(absl::string_view text, absl::string_view name,
                              const SigningKey& key) {
  const std::vector<std::string> parts = absl::StrSplit(
      VerifierKeyText(name, key.public_key()), absl::MaxSplits('+', 2));
  const std::string id = absl::HexStringToBytes(parts[1]);
  return absl::StrCat(text, "\n\u2014 ", name, " ",
                      absl::Base64Escape(absl::StrCat(id, key.Sign(text))),
                      "\n");
}

}  // namespace comity
