#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "comity/operators/v1/policy_service.pb.h"
#include "node/cli/command.h"

namespace comity {

// Signatures of a policy file lie beside it, in FILE.signed.
std::string PolicySignaturesFile(const std::string& file);
// None if there is no such file.
absl::StatusOr<operators::v1::PolicyFile> ReadPolicySignatures(
    const std::string& file);

// Signs a digest with the key of the profile in use. ROLE_NOT_ADMITTED unless
// that is an administrator's: nobody else's signature counts.
absl::StatusOr<operators::v1::PolicySignature> SignPolicyDigest(
    const std::string& digest, CommandContext& context);

// The signatures of a file, as far as the profile's country can tell.
struct FileSigners {
  std::vector<std::string> own;  // its administrators, by name
  int of_others = 0;  // another party's, or under a certificate that ended
  int dropped = 0;    // of another text
};

// Signs a file as SignPolicyDigest does and keeps that beside it, in place of
// an earlier signature of the same person. Signatures of what the file said
// before it was changed are dropped: they would keep it from being activated.
absl::StatusOr<FileSigners> SignPolicyFile(const std::string& file,
                                           const std::string& digest,
                                           CommandContext& context);

// The proposal at the node whose digest begins with these hexadecimal digits.
absl::StatusOr<operators::v1::Proposal> FindProposal(const std::string& prefix,
                                                     CommandContext& context);

// A row for each file in force or to come.
void PrintActivePolicies(
    const google::protobuf::RepeatedPtrField<operators::v1::ActivePolicy>&
        policies);

// The verbs that put files in force, compare and simulate.
void AddPolicyActivationCommands(CLI::App& policy, CommandContext& context);

}  // namespace comity
