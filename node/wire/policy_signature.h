#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "comity/operators/v1/policy_service.pb.h"
#include "node/crypto/x509.h"

namespace comity {

// The text that an administrator signs for a policy file of this digest.
std::string PolicySignatureText(absl::string_view digest);

// The certificates that come with a signature over `digest`, the signer's
// first; whose they are and what they are worth is not looked at.
// POLICY_INVALID, naming the file, if it has none or does not verify, and
// whatever Certificate::ListFromPem returns.
absl::StatusOr<std::vector<Certificate>> CheckPolicySignature(
    const operators::v1::PolicySignature& signature, absl::string_view digest,
    absl::string_view file_name);

}  // namespace comity
