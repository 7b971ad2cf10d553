#include <filesystem>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "comity/operators/v1/admin_service.grpc.pb.h"
#include "google/protobuf/text_format.h"
#include "node/base/error_reason.h"
#include "node/cli/command.h"
#include "node/cli/policy_files.h"
#include "node/crypto/signature.h"
#include "node/identity/private_file.h"
#include "node/wire/policy_signature.h"

namespace comity {
namespace {

namespace pb = operators::v1;
using Admin = pb::AdminService;
using Files = std::vector<std::string>;

absl::Status Check(const Files& paths) {
  ASSIGN_OR_RETURN(const std::vector<std::string> files,
                   ListPolicyFiles(paths));
  absl::Status status;
  for (const std::string& file : files) {
    const auto body = LoadPolicyFrom(file);
    if (!body.ok()) {
      status = body.status();
      continue;
    }
    printf("%s  %s %s@%u  %s\n", absl::BytesToHexString(body->digest).c_str(),
           body->kind().c_str(), body->id().c_str(), body->revision(),
           file.c_str());
  }
  return status;
}

// Signatures lie beside the file they sign.
std::string SignaturesOf(const std::string& file) { return file + ".signed"; }

absl::StatusOr<pb::PolicyFile> ReadSignatures(const std::string& file) {
  pb::PolicyFile signatures;
  if (!std::filesystem::exists(SignaturesOf(file))) return signatures;
  ASSIGN_OR_RETURN(const std::string text, ReadPublicFile(SignaturesOf(file)));
  if (!google::protobuf::TextFormat::ParseFromString(text, &signatures)) {
    return ReasonError(ErrorReason::kFieldInvalid,
                       SignaturesOf(file) + " does not parse");
  }
  return signatures;
}

absl::Status Sign(const Files& files, CommandContext& context) {
  ASSIGN_OR_RETURN(const Profile profile, context.ReadProfile());
  ASSIGN_OR_RETURN(const SecretBytes pem, ReadPrivateFile(profile.key_file));
  ASSIGN_OR_RETURN(const SigningKey key,
                   SigningKey::FromPem(pem.Expose(), SecretBytes()));
  ASSIGN_OR_RETURN(const std::string chain,
                   ReadPublicFile(profile.certificate_file));
  for (const std::string& file : files) {
    ASSIGN_OR_RETURN(const PolicyFileBody body, LoadPolicyFrom(file));
    ASSIGN_OR_RETURN(pb::PolicyFile signatures, ReadSignatures(file));
    auto* added = signatures.add_signatures();
    added->set_certificate_chain(chain);
    added->set_signature(key.Sign(PolicySignatureText(body.digest)));
    std::string text;
    google::protobuf::TextFormat::PrintToString(signatures, &text);
    RETURN_IF_ERROR(WritePublicFile(SignaturesOf(file), text));
    printf("signed %s %s@%u (%d signature(s))\n", body.kind().c_str(),
           body.id().c_str(), body.revision(), signatures.signatures_size());
  }
  return absl::OkStatus();
}

void PrintActive(
    const google::protobuf::RepeatedPtrField<pb::ActivePolicy>& policies) {
  std::vector<std::vector<std::string>> rows;
  for (const pb::ActivePolicy& policy : policies) {
    rows.push_back({policy.kind(), policy.policy_id(),
                    absl::StrCat("revision ", policy.revision()),
                    absl::BytesToHexString(policy.digest()).substr(0, 16)});
  }
  PrintTable(rows);
}

absl::Status Activate(const Files& files, CommandContext& context) {
  pb::ActivatePolicyRequest request;
  request.set_request_id(context.NewRequestId());
  for (const std::string& file : files) {
    ASSIGN_OR_RETURN(*request.add_files(), ReadSignatures(file));
    auto* last = request.mutable_files(request.files_size() - 1);
    last->set_file_name(file);
    ASSIGN_OR_RETURN(*last->mutable_text(), ReadPublicFile(file));
  }
  ASSIGN_OR_RETURN(const auto response,
                   (context.Call<Admin, pb::ActivatePolicyResponse>(
                       &Admin::Stub::ActivatePolicy, request)));
  if (context.PrintedJson(response)) return absl::OkStatus();
  printf("in force now (entry %s):\n", response.audit_entry_id().c_str());
  PrintActive(response.active());
  return absl::OkStatus();
}

absl::Status List(CommandContext& context) {
  ASSIGN_OR_RETURN(const auto response,
                   (context.Call<Admin, pb::ListPoliciesResponse>(
                       &Admin::Stub::ListPolicies, pb::ListPoliciesRequest())));
  if (context.PrintedJson(response)) return absl::OkStatus();
  PrintActive(response.active());
  return absl::OkStatus();
}

}  // namespace

void AddPolicyCommands(CLI::App& app, CommandContext& context) {
  CLI::App* policy = app.add_subcommand("policy", "Agreements and rules");
  policy->require_subcommand(1);
  const auto add = [&](const char* verb, const char* help, const char* example,
                       std::function<absl::Status(const Files&)> body) {
    auto files = std::make_shared<Files>();
    CLI::App* added = AddVerb(*policy, verb, help, example,
                              [files, body] { return body(*files); });
    added->add_option("files", *files, "Policy files")->required();
  };
  add("check", "Check files and print their digests, without a node",
      "  comity policy check policy/agreements/*.textproto", Check);
  add("sign", "Sign files as an administrator (writes FILE.signed)",
      "  comity --as ng/operators/admin-1 policy sign ng-ne.textproto",
      [&context](const Files& files) { return Sign(files, context); });
  add("activate", "Put files in force that two administrators signed",
      "  comity --as ng/operators/admin-1 policy activate ng-ne.textproto",
      [&context](const Files& files) { return Activate(files, context); });
  AddVerb(*policy, "list", "List the files in force", "  comity policy list",
          [&context] { return List(context); });
}

}  // namespace comity
