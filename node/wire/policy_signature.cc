#include "node/wire/policy_signature.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"

namespace comity {

std::string PolicySignatureText(absl::string_view digest) {
  return absl::StrCat("comity.policy.signature.v1\n",
                      absl::BytesToHexString(digest), "\n");
}

absl::StatusOr<std::vector<Certificate>> CheckPolicySignature(
    const operators::v1::PolicySignature& signature, absl::string_view digest,
    absl::string_view file_name) {
  ASSIGN_OR_RETURN(std::vector<Certificate> chain,
                   Certificate::ListFromPem(signature.certificate_chain()));
  if (chain.empty()) {
    return ReasonError(
        ErrorReason::kPolicyInvalid,
        absl::StrCat("a signature of ", file_name, " lacks its certificate"));
  }
  const absl::Status verified = chain[0].public_key().Verify(
      PolicySignatureText(digest), signature.signature());
  if (!verified.ok()) {
    return ReasonError(
        ErrorReason::kPolicyInvalid,
        absl::StrCat("a signature of ", file_name,
                     " does not verify: the file was changed after it was "
                     "signed; delete the signatures and sign again"));
  }
  return chain;
}

}  // namespace comity
