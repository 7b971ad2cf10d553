#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "comity/operators/v1/policy_service.pb.h"
#include "node/cli/command.h"

namespace comity {

// Signatures of a policy file lie beside it, in FILE.signed.
std::string PolicySignaturesFile(const std::string& file);
// None if there is no such file.
absl::StatusOr<operators::v1::PolicyFile> ReadPolicySignatures(
    const std::string& file);

// Signs a digest with the key of the profile in use.
absl::StatusOr<operators::v1::PolicySignature> SignPolicyDigest(
    const std::string& digest, CommandContext& context);

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
