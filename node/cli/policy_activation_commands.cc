#include <set>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "comity/operators/v1/policy_service.grpc.pb.h"
#include "node/base/error_reason.h"
#include "node/cli/command.h"
#include "node/cli/policy_files.h"
#include "node/cli/policy_signing.h"
#include "node/identity/private_file.h"

namespace comity {
namespace {

namespace pb = operators::v1;
using Policies = pb::PolicyService;
using Files = std::vector<std::string>;

absl::StatusOr<pb::PolicyFile> ReadSigned(const std::string& file) {
  ASSIGN_OR_RETURN(pb::PolicyFile read, ReadPolicySignatures(file));
  read.set_file_name(file);
  ASSIGN_OR_RETURN(*read.mutable_text(), ReadPublicFile(file));
  return read;
}

absl::Status Propose(const std::string& file, CommandContext& context) {
  RETURN_IF_ERROR(LoadPolicyFrom(file).status());
  pb::ProposePolicyRequest request;
  request.set_request_id(context.NewRequestId());
  ASSIGN_OR_RETURN(*request.mutable_file(), ReadSigned(file));
  ASSIGN_OR_RETURN(const auto response,
                   (context.Call<Policies, pb::ProposePolicyResponse>(
                       &Policies::Stub::ProposePolicy, request)));
  if (context.PrintedJson(response)) return absl::OkStatus();
  const std::string digest =
      absl::BytesToHexString(response.proposal().digest());
  printf("%s %s@%u waits at the node (%d signature(s))\n",
         response.proposal().kind().c_str(),
         response.proposal().policy_id().c_str(),
         response.proposal().revision(), response.proposal().signers_size());
  printf("next: comity policy sign --proposal %s\n",
         digest.substr(0, 12).c_str());
  return absl::OkStatus();
}

struct ActivateOptions {
  Files files;
  std::vector<std::string> proposals;
  std::string switch_at;
};

absl::Status Activate(const ActivateOptions& options, CommandContext& context) {
  pb::ActivatePolicyRequest request;
  request.set_request_id(context.NewRequestId());
  for (const std::string& file : options.files) {
    ASSIGN_OR_RETURN(*request.add_files(), ReadSigned(file));
  }
  for (const std::string& prefix : options.proposals) {
    ASSIGN_OR_RETURN(const pb::Proposal found, FindProposal(prefix, context));
    request.add_proposals(found.digest());
  }
  if (!options.switch_at.empty()) {
    absl::Time at;
    if (!absl::ParseTime(absl::RFC3339_full, options.switch_at, &at, nullptr)) {
      return ReasonError(ErrorReason::kFieldInvalid,
                         "write the moment of the switch with its zone, such "
                         "as 2027-01-01T00:00:00Z");
    }
    request.mutable_switch_at()->set_seconds(absl::ToUnixSeconds(at));
  }
  ASSIGN_OR_RETURN(const auto response,
                   (context.Call<Policies, pb::ActivatePolicyResponse>(
                       &Policies::Stub::ActivatePolicy, request)));
  if (context.PrintedJson(response)) return absl::OkStatus();
  printf("in force now (entry %s):\n", response.audit_entry_id().c_str());
  PrintActivePolicies(response.active());
  return absl::OkStatus();
}

// "national", "local", or an agreement's id.
template <typename Request>
void NameFile(const std::string& name, Request& request) {
  const bool own = name == "national" || name == "local";
  request.set_kind(own ? name : "agreement");
  if (!own) request.set_policy_id(name);
}

absl::Status Rollback(const std::string& name, CommandContext& context) {
  pb::RollbackPolicyRequest request;
  request.set_request_id(context.NewRequestId());
  NameFile(name, request);
  ASSIGN_OR_RETURN(const auto response,
                   (context.Call<Policies, pb::RollbackPolicyResponse>(
                       &Policies::Stub::RollbackPolicy, request)));
  if (context.PrintedJson(response)) return absl::OkStatus();
  printf("%s (entry %s):\n",
         response.switch_called_off()
             ? "the switch is called off; in force stays"
             : "in force now",
         response.audit_entry_id().c_str());
  PrintActivePolicies(response.active());
  if (request.kind() == "agreement" && !response.switch_called_off()) {
    printf(
        "note: an agreement works between two parties that hold the same "
        "digest; see comity policy compare\n");
  }
  return absl::OkStatus();
}

std::vector<std::string> RowOf(const pb::PolicyVersion& version) {
  std::string what = version.rolled_back() ? "rolled back to" : "activated";
  if (version.called_off()) what = "switch called off";
  return {TimeText(version.activated_at()),
          version.kind(),
          version.policy_id(),
          absl::StrCat("revision ", version.revision()),
          absl::BytesToHexString(version.digest()).substr(0, 16),
          what,
          absl::StrCat("by ", version.activated_by()),
          absl::StrCat("signed by ", absl::StrJoin(version.signers(), ", "))};
}

// What was refused may be no file at all: why says which.
std::vector<std::string> RowOf(const pb::RefusedActivation& refused) {
  return {TimeText(refused.refused_at()),
          "-",
          "-",
          "-",
          "-",
          "refused",
          absl::StrCat("by ", refused.refused_by()),
          refused.why()};
}

absl::Status ShowLog(const std::string& name, CommandContext& context) {
  pb::ListPolicyVersionsRequest request;
  if (!name.empty()) NameFile(name, request);
  request.set_page_size(500);
  ASSIGN_OR_RETURN(const auto response,
                   (context.Call<Policies, pb::ListPolicyVersionsResponse>(
                       &Policies::Stub::ListPolicyVersions, request)));
  if (context.PrintedJson(response)) return absl::OkStatus();
  std::vector<std::vector<std::string>> rows;
  for (const pb::PolicyLogEntry& entry : response.entries()) {
    rows.push_back(entry.has_refused() ? RowOf(entry.refused())
                                       : RowOf(entry.version()));
  }
  PrintTable(rows);
  return absl::OkStatus();
}

// The lines of one flat form that the other lacks.
void PrintMissing(const char* mark, const std::string& in,
                  const std::string& other) {
  const std::set<std::string> known = absl::StrSplit(other, '\n');
  for (const auto& line : absl::StrSplit(in, '\n')) {
    if (!line.empty() && !known.contains(std::string(line))) {
      printf("%s %s\n", mark, OnOneLine(std::string(line)).c_str());
    }
  }
}

std::string StandingOf(const pb::AgreementCopy& copy) {
  if (copy.proposed()) return "proposed";
  if (!copy.has_switch_at()) return "in force";
  return absl::StrCat("in force from ", TimeText(copy.switch_at()));
}

void PrintCopies(
    const char* whose,
    const google::protobuf::RepeatedPtrField<pb::AgreementCopy>& copies) {
  if (copies.empty()) printf("%s: none\n", whose);
  for (const pb::AgreementCopy& copy : copies) {
    printf("%s: revision %u %s %s\n", whose, copy.revision(),
           absl::BytesToHexString(copy.digest()).substr(0, 16).c_str(),
           StandingOf(copy).c_str());
  }
}

std::string WhyNotInForce(const std::string& partner,
                          const pb::CompareAgreementResponse& response) {
  if (response.ours().empty()) return "this node holds no file of it";
  if (response.theirs().empty()) {
    return absl::StrCat(partner, " holds no file of it");
  }
  for (const pb::AgreementCopy& ours : response.ours()) {
    for (const pb::AgreementCopy& theirs : response.theirs()) {
      if (ours.digest() != theirs.digest()) continue;
      return absl::StrCat("both hold revision ", ours.revision(),
                          ", and not both have put it in force yet");
    }
  }
  return "the digests differ";
}

absl::Status Compare(const std::string& partner, const std::string& id,
                     const std::string& output, CommandContext& context) {
  pb::CompareAgreementRequest request;
  request.set_partner(partner);
  request.set_agreement_id(id);
  ASSIGN_OR_RETURN(const auto response,
                   (context.Call<Policies, pb::CompareAgreementResponse>(
                       &Policies::Stub::CompareAgreement, request)));
  if (!output.empty() && !response.theirs().empty()) {
    RETURN_IF_ERROR(WritePublicFile(
        output, response.theirs(response.theirs_size() - 1).text()));
  }
  if (context.PrintedJson(response)) return absl::OkStatus();
  PrintCopies("here", response.ours());
  PrintCopies(partner.c_str(), response.theirs());
  if (response.in_force_between_us()) {
    printf("in force between the two: the same digest on both sides\n");
    return absl::OkStatus();
  }
  if (!response.ours().empty() && !response.theirs().empty()) {
    PrintMissing("-", response.ours(0).flat_form(),
                 response.theirs(0).flat_form());
    PrintMissing("+", response.theirs(0).flat_form(),
                 response.ours(0).flat_form());
  }
  return ReasonError(ErrorReason::kAgreementNotInForce,
                     absl::StrCat(id, " is not in force between the two: ",
                                  WhyNotInForce(partner, response)));
}

absl::Status Simulate(const Files& files, uint32_t days,
                      CommandContext& context) {
  pb::SimulatePolicyRequest request;
  request.set_days(days);
  for (const std::string& file : files) {
    RETURN_IF_ERROR(LoadPolicyFrom(file).status());
    ASSIGN_OR_RETURN(*request.add_files(), ReadSigned(file));
  }
  ASSIGN_OR_RETURN(
      const auto response,
      (context.Call<Policies, pb::SimulatePolicyResponse>(
          &Policies::Stub::SimulatePolicy, request, std::chrono::seconds(60))));
  if (!context.PrintedJson(response)) {
    printf(
        "%llu decisions of the last %u days: %llu stay, %llu would allow or "
        "tell more, %llu less\n",
        static_cast<unsigned long long>(response.decisions()), days,
        static_cast<unsigned long long>(response.same()),
        static_cast<unsigned long long>(response.widened()),
        static_cast<unsigned long long>(response.narrowed()));
    std::vector<std::vector<std::string>> rows;
    for (const pb::ChangedVerdict& each : response.changed()) {
      rows.push_back({each.widened() ? "WIDENED" : "NARROWED",
                      absl::StrCat("#", each.entry_index()),
                      TimeText(each.time()), each.peer(), each.operation(),
                      absl::StrCat(each.before(), " -> ", each.after())});
    }
    PrintTable(rows);
  }
  if (response.widened() == 0) return absl::OkStatus();
  return ReasonError(ErrorReason::kNoGrant,
                     "the candidate would allow or tell more than the files "
                     "in force");
}

void AddActivate(CLI::App& policy, CommandContext& context) {
  auto options = std::make_shared<ActivateOptions>();
  CLI::App* activate = AddVerb(
      policy, "activate", "Put files in force that two administrators signed",
      "  comity --as ng/operators/admin-1 policy activate ng-ne.textproto\n"
      "  comity policy activate --proposal 5f1c2a --switch-at "
      "2027-01-01T00:00:00Z",
      [options, &context] { return Activate(*options, context); });
  activate->add_option("files", options->files, "Signed policy files");
  activate->add_option("--proposal", options->proposals,
                       "Digest, or its first digits, of a signed proposal");
  activate->add_option("--switch-at", options->switch_at,
                       "Moment of the switch; until then the revision before "
                       "stays in force");
}

}  // namespace

void AddPolicyActivationCommands(CLI::App& policy, CommandContext& context) {
  auto file = std::make_shared<std::string>();
  AddVerb(policy, "propose",
          "Keep a file at the node for others to sign and partners to read",
          "  comity --as ng/operators/admin-1 policy propose ng-ne.textproto",
          [file, &context] { return Propose(*file, context); })
      ->add_option("file", *file, "Policy file")
      ->required();
  AddActivate(policy, context);
  auto name = std::make_shared<std::string>();
  AddVerb(policy, "rollback",
          "Put the revision before back in force, or call a switch off",
          "  comity policy rollback ng-ne-bilateral\n"
          "  comity policy rollback national",
          [name, &context] { return Rollback(*name, context); })
      ->add_option("file", *name, "An agreement's id, national or local")
      ->required();
  auto logged = std::make_shared<std::string>();
  AddVerb(policy, "log",
          "List what was ever activated or refused, newest first",
          "  comity policy log\n  comity policy log ng-ne-bilateral",
          [logged, &context] { return ShowLog(*logged, context); })
      ->add_option("file", *logged, "An agreement's id, national or local");
  auto partner = std::make_shared<std::string>();
  auto id = std::make_shared<std::string>();
  auto output = std::make_shared<std::string>();
  CLI::App* compare = AddVerb(
      policy, "compare", "Compare an agreement with how a partner holds it",
      "  comity policy compare NE ng-ne-bilateral\n"
      "  comity policy compare NE ng-ne-bilateral --output theirs.textproto",
      [partner, id, output, &context] {
        return Compare(*partner, *id, *output, context);
      });
  compare->add_option("partner", *partner, "The partner's code")->required();
  compare->add_option("agreement", *id, "The agreement's id")->required();
  compare->add_option("--output", *output,
                      "Write the partner's newest file here");
  auto files = std::make_shared<Files>();
  auto days = std::make_shared<uint32_t>(30);
  CLI::App* simulate = AddVerb(
      policy, "simulate", "Decide logged questions again under candidate files",
      "  comity policy simulate ng-ne.textproto --days 30",
      [files, days, &context] { return Simulate(*files, *days, context); });
  simulate->add_option("files", *files, "Candidate files")->required();
  simulate->add_option("--days", *days, "How many days back, 1 to 366");
}

}  // namespace comity
