#include "node/service/policy_signers.h"

#include "absl/strings/str_cat.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/wire/policy_signature.h"

namespace comity {
namespace {

namespace pb = operators::v1;

}  // namespace

absl::StatusOr<std::set<std::string>> SignersOf(const NodeContext& node,
                                                const pb::PolicyFile& file,
                                                const std::string& digest,
                                                absl::Time at) {
  std::set<std::string> signers;
  for (const pb::PolicySignature& signature : file.signatures()) {
    ASSIGN_OR_RETURN(const std::vector<Certificate> chain,
                     CheckPolicySignature(signature, digest, file.file_name()));
    // An agreement goes round with the signatures of all its parties.
    const auto signer = node.national.IdentifyOperator(
        chain[0], {chain.begin() + 1, chain.end()}, at);
    if (!signer.ok()) continue;
    if (signer->role == Role::kAdmin) signers.insert(signer->OperatorName());
  }
  return signers;
}

absl::Status CheckSigned(const NodeContext& node, const pb::PolicyFile& file,
                         const std::string& digest) {
  ASSIGN_OR_RETURN(const std::set<std::string> signers,
                   SignersOf(node, file, digest, node.clock.Now()));
  if (signers.size() >= kSignersNeeded) return absl::OkStatus();
  return ReasonError(
      ErrorReason::kApprovalsMissing,
      absl::StrCat(file.file_name(), " is signed by ", signers.size(),
                   " administrator(s) of ", node.self.text(),
                   " with a valid certificate, two are needed: comity policy "
                   "sign ",
                   file.file_name()));
}

std::string StoredSignatures(pb::PolicyFile file) {
  file.clear_text();
  return file.SerializeAsString();
}

absl::StatusOr<std::set<std::string>> StoredSignersOf(
    const NodeContext& node, const std::string& signatures,
    const std::string& digest, absl::Time at) {
  pb::PolicyFile file;
  file.ParseFromString(signatures);
  return SignersOf(node, file, digest, at);
}

}  // namespace comity
