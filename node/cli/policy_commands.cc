#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "comity/operators/v1/policy_service.grpc.pb.h"
#include "node/base/clock.h"
#include "node/base/error_reason.h"
#include "node/cli/all_pages.h"
#include "node/cli/command.h"
#include "node/cli/fact_json.h"
#include "node/cli/policy_files.h"
#include "node/cli/policy_signing.h"

namespace comity {
namespace {

namespace pb = operators::v1;
using Policies = pb::PolicyService;
using Files = std::vector<std::string>;
using google::protobuf::Struct;

void AddFinding(const PolicyFinding& finding, Struct& json) {
  Struct& one = AddJsonObject(json, "findings");
  JsonField(one, "file").set_string_value(finding.file);
  JsonField(one, "line").set_number_value(finding.line);
  JsonField(one, "column").set_number_value(finding.column);
  JsonField(one, "message").set_string_value(finding.message);
}

absl::Status Check(const Files& paths, CommandContext& context) {
  ASSIGN_OR_RETURN(const std::vector<std::string> files,
                   ListPolicyFiles(paths));
  absl::Status status;
  Struct json;
  std::vector<PolicyFinding> findings;
  for (const std::string& file : files) {
    const auto body = LoadPolicyFrom(file, context.json ? &findings : nullptr);
    if (!body.ok()) {
      status = body.status();
      continue;
    }
    AddJsonObject(json, "files") = PolicyFileJson(file, *body);
    if (context.json) continue;
    printf("%s  %s %s@%u  %s\n", absl::BytesToHexString(body->digest).c_str(),
           body->kind().c_str(), body->id().c_str(), body->revision(),
           file.c_str());
  }
  for (const PolicyFinding& finding : findings) AddFinding(finding, json);
  context.PrintedJson(json);
  return status;
}

// Signs what waits at the node; the text is read by the loader here, so that
// what is signed is what was shown.
absl::Status SignProposal(const std::string& prefix, CommandContext& context) {
  ASSIGN_OR_RETURN(const pb::Proposal proposal, FindProposal(prefix, context));
  const PolicyFileResult loaded = LoadPolicyFile("proposal", proposal.text());
  if (!loaded.body.has_value() || loaded.body->digest != proposal.digest()) {
    return ReasonError(ErrorReason::kIntegrityFailure,
                       "the node's proposal is not the file of its digest");
  }
  pb::ProposePolicyRequest request;
  request.set_request_id(context.NewRequestId());
  request.mutable_file()->set_file_name("proposal");
  request.mutable_file()->set_text(proposal.text());
  ASSIGN_OR_RETURN(*request.mutable_file()->add_signatures(),
                   SignPolicyDigest(loaded.body->digest, context));
  ASSIGN_OR_RETURN(const auto response,
                   (context.Call<Policies, pb::ProposePolicyResponse>(
                       &Policies::Stub::ProposePolicy, request)));
  if (context.PrintedJson(response)) return absl::OkStatus();
  printf("signed %s %s@%u; signed by %s\n", proposal.kind().c_str(),
         proposal.policy_id().c_str(), proposal.revision(),
         absl::StrJoin(response.proposal().signers(), ", ").c_str());
  return absl::OkStatus();
}

Struct SignedFileJson(const std::string& file, const PolicyFileBody& body,
                      const FileSigners& signers) {
  Struct json = PolicyFileJson(file, body);
  SetJsonNames(signers.own, json, "signers");
  JsonField(json, "of_others").set_number_value(signers.of_others);
  JsonField(json, "dropped").set_number_value(signers.dropped);
  return json;
}

void PrintSigned(const PolicyFileBody& body, const FileSigners& signers) {
  std::string names = absl::StrJoin(signers.own, ", ");
  if (signers.of_others > 0) {
    absl::StrAppend(&names, " and ", signers.of_others, " of other parties");
  }
  printf("signed %s %s@%u; signed by %s\n", body.kind().c_str(),
         body.id().c_str(), body.revision(), names.c_str());
  if (signers.dropped == 0) return;
  printf(
      "note: the file was changed; %d signature(s) of what it said before are "
      "gone\n",
      signers.dropped);
}

absl::Status SignFiles(const Files& files, CommandContext& context) {
  Struct json;
  for (const std::string& file : files) {
    ASSIGN_OR_RETURN(const PolicyFileBody body, LoadPolicyFrom(file));
    ASSIGN_OR_RETURN(const FileSigners signers,
                     SignPolicyFile(file, body.digest, context));
    AddJsonObject(json, "files") = SignedFileJson(file, body, signers);
    if (!context.json) PrintSigned(body, signers);
  }
  context.PrintedJson(json);
  return absl::OkStatus();
}

absl::Status List(bool proposals, CommandContext& context) {
  if (!proposals) {
    ASSIGN_OR_RETURN(const auto response,
                     (CallAll<Policies, pb::ListPoliciesResponse>(
                         context, &Policies::Stub::ListPolicies,
                         pb::ListPoliciesRequest())));
    if (!context.PrintedJson(response)) PrintActivePolicies(response.active());
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(const auto response,
                   (CallAll<Policies, pb::ListProposalsResponse>(
                       context, &Policies::Stub::ListProposals,
                       pb::ListProposalsRequest())));
  if (context.PrintedJson(response)) return absl::OkStatus();
  std::vector<std::vector<std::string>> rows;
  for (const pb::Proposal& each : response.proposals()) {
    rows.push_back({absl::BytesToHexString(each.digest()).substr(0, 16),
                    each.kind(), each.policy_id(),
                    absl::StrCat("revision ", each.revision()),
                    absl::StrCat("proposed by ", each.proposed_by()),
                    each.signers().empty()
                        ? "not signed"
                        : "signed by " + absl::StrJoin(each.signers(), ", ")});
  }
  PrintTable(rows);
  return absl::OkStatus();
}

void AddSign(CLI::App& policy, CommandContext& context) {
  auto files = std::make_shared<Files>();
  auto proposal = std::make_shared<std::string>();
  CLI::App* sign = AddVerb(
      policy, "sign",
      "Sign files as an administrator (writes FILE.signed), or a proposal",
      "  comity --as ng/operators/admin-1 policy sign ng-ne.textproto\n"
      "  comity --as ng/operators/admin-2 policy sign --proposal 5f1c2a",
      [files, proposal, &context] {
        if (!proposal->empty()) return SignProposal(*proposal, context);
        return SignFiles(*files, context);
      });
  auto* file = sign->add_option("files", *files, "Policy files");
  sign->add_option("--proposal", *proposal,
                   "Digest, or its first digits, of what waits at the node")
      ->excludes(file);
}

}  // namespace

absl::StatusOr<pb::Proposal> FindProposal(const std::string& prefix,
                                          CommandContext& context) {
  ASSIGN_OR_RETURN(const auto response,
                   (CallAll<Policies, pb::ListProposalsResponse>(
                       context, &Policies::Stub::ListProposals,
                       pb::ListProposalsRequest())));
  const pb::Proposal* found = nullptr;
  for (const pb::Proposal& each : response.proposals()) {
    if (!absl::StartsWith(absl::BytesToHexString(each.digest()), prefix)) {
      continue;
    }
    if (found != nullptr) {
      return ReasonError(ErrorReason::kFieldInvalid,
                         "more than one proposal begins so; give more digits");
    }
    found = &each;
  }
  if (found != nullptr) return *found;
  return ReasonError(ErrorReason::kNotFound,
                     "no proposal begins so; see comity policy list "
                     "--proposals");
}

void PrintActivePolicies(
    const google::protobuf::RepeatedPtrField<pb::ActivePolicy>& policies) {
  std::vector<std::vector<std::string>> rows;
  for (const pb::ActivePolicy& policy : policies) {
    const bool later = policy.effective_at().seconds() >
                       absl::ToUnixSeconds(SystemClock().Now());
    rows.push_back(
        {policy.kind(), policy.policy_id(),
         absl::StrCat("revision ", policy.revision()),
         absl::BytesToHexString(policy.digest()).substr(0, 16),
         later ? absl::StrCat("from ", absl::FormatTime(
                                           "%Y-%m-%dT%H:%M:%SZ",
                                           absl::FromUnixSeconds(
                                               policy.effective_at().seconds()),
                                           absl::UTCTimeZone()))
               : "in force"});
  }
  PrintTable(rows);
}

void AddPolicyCommands(CLI::App& app, CommandContext& context) {
  CLI::App* policy = app.add_subcommand("policy", "Agreements and rules");
  policy->require_subcommand(1);
  auto files = std::make_shared<Files>();
  AddVerb(*policy, "check",
          "Check files and print their digests, without a node",
          "  comity policy check policy/\n"
          "  comity policy check policy/agreements/*.textproto",
          [files, &context] { return Check(*files, context); })
      ->add_option("files", *files, "Policy files or folders")
      ->required();
  AddSign(*policy, context);
  auto proposals = std::make_shared<bool>(false);
  AddVerb(*policy, "list", "List the files in force, or those that wait",
          "  comity policy list\n  comity policy list --proposals",
          [proposals, &context] { return List(*proposals, context); })
      ->add_flag("--proposals", *proposals, "Files that wait for signatures");
  AddPolicyActivationCommands(*policy, context);
  AddPolicyTextCommands(*policy, context);
  AddPolicyAnalysisCommands(*policy, context);
  AddPolicyExplainCommands(*policy, context);
}

}  // namespace comity
