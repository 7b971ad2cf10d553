#pragma once

#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace comity {

// The text that an administrator signs for a policy file of this digest.
inline std::string PolicySignatureText(absl::string_view digest) {
  return absl::StrCat("comity.policy.signature.v1\n",
                      absl::BytesToHexString(digest), "\n");
}

}  // namespace comity
