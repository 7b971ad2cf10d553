#include <unistd.h>

#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "comity/operators/v1/admin_service.grpc.pb.h"
#include "node/base/error_reason.h"
#include "node/cli/command.h"
#include "node/crypto/x509.h"
#include "node/identity/private_file.h"

namespace comity {
namespace {

namespace pb = operators::v1;
using Admin = pb::AdminService;
using Checks = google::protobuf::RepeatedPtrField<pb::StatusCheck>;

constexpr absl::Duration kCertificateWarning = absl::Hours(24 * 14);

absl::StatusOr<pb::GetStatusResponse> AskStatus(bool probe,
                                                CommandContext& context) {
  pb::GetStatusRequest request;
  request.set_probe(probe);
  return context.Call<Admin, pb::GetStatusResponse>(&Admin::Stub::GetStatus,
                                                    request);
}

std::vector<std::string> RowOf(const pb::StatusCheck& check) {
  return {check.ok() ? "  ok" : "  NOT OK", check.subject(), check.detail()};
}

void PrintChecks(const Checks& checks) {
  std::vector<std::vector<std::string>> rows;
  for (const pb::StatusCheck& check : checks) rows.push_back(RowOf(check));
  PrintTable(rows);
}

absl::Status ShowStatus(bool probe, CommandContext& context) {
  ASSIGN_OR_RETURN(const pb::GetStatusResponse response,
                   AskStatus(probe, context));
  if (context.PrintedJson(response)) return absl::OkStatus();
  printf("%s  %s\n", response.participant().c_str(),
         response.fingerprint().c_str());
  PrintChecks(response.checks());
  for (const pb::PartnerStatus& partner : response.partners()) {
    printf("%s  %u event(s) wait for its receipt\n",
           partner.participant().c_str(), partner.outbox());
    PrintChecks(partner.checks());
  }
  return absl::OkStatus();
}

void Add(Checks& checks, absl::string_view subject, const absl::Status& status,
         absl::string_view detail, absl::string_view fix) {
  auto* check = checks.Add();
  check->set_subject(std::string(subject));
  check->set_ok(status.ok());
  check->set_detail(std::string(status.ok() ? detail : status.message()));
  if (status.ok()) return;
  check->set_reason(std::string(ReasonName(ReasonOf(status))));
  check->set_fix(std::string(fix));
}

// What can be looked at without the node: the operator's own certificate.
absl::Status CheckProfile(const CommandContext& context, Checks& checks) {
  ASSIGN_OR_RETURN(const Profile profile, context.ReadProfile());
  ASSIGN_OR_RETURN(const std::string pem,
                   ReadPublicFile(profile.certificate_file));
  ASSIGN_OR_RETURN(const std::vector<Certificate> chain,
                   Certificate::ListFromPem(pem));
  if (chain.empty()) {
    return ReasonError(ErrorReason::kCertificateUnknown,
                       "the profile holds no certificate");
  }
  const absl::Duration left = chain[0].not_after() - absl::Now();
  const std::string days = absl::StrCat(left / absl::Hours(24), " days left");
  Add(checks, "own certificate",
      left >= kCertificateWarning
          ? absl::OkStatus()
          : ReasonError(ErrorReason::kCertificateExpired,
                        left < absl::ZeroDuration() ? "expired" : days),
      days, "ask an administrator for a new one: comity operator renew");
  return absl::OkStatus();
}

// What doctor found, and whose it is.
struct Finding {
  std::string whose;
  pb::StatusCheck check;
};

std::vector<Finding> FindingsOf(const pb::GetStatusResponse& found) {
  std::vector<Finding> findings;
  for (const pb::StatusCheck& check : found.checks()) {
    findings.push_back({found.participant(), check});
  }
  for (const pb::PartnerStatus& partner : found.partners()) {
    for (const pb::StatusCheck& check : partner.checks()) {
      findings.push_back({partner.participant(), check});
    }
  }
  return findings;
}

// A line for each check, and below what failed a line with what to do.
void PrintFindings(const std::vector<Finding>& findings) {
  std::vector<std::vector<std::string>> rows;
  for (const auto& [whose, check] : findings) {
    std::vector<std::string> row = RowOf(check);
    row.insert(row.begin() + 1, whose);
    rows.push_back(std::move(row));
  }
  const std::string table = FormatTable(rows, isatty(STDOUT_FILENO) != 0);
  const std::vector<std::string> lines = absl::StrSplit(table, '\n');
  for (size_t i = 0; i < findings.size(); ++i) {
    printf("%s\n", lines[i].c_str());
    const pb::StatusCheck& check = findings[i].check;
    if (!check.ok()) printf("      fix: %s\n", OnOneLine(check.fix()).c_str());
  }
}

// Broken integrity before all else, then what comes first in the list: mended
// from the top.
absl::Status Verdict(const std::vector<Finding>& findings) {
  int broken = 0;
  std::optional<ErrorReason> verdict;
  for (const auto& [whose, check] : findings) {
    if (check.ok()) continue;
    ++broken;
    const ErrorReason reason = ReasonFromName(check.reason());
    if (!verdict.has_value() || ExitCode(ReasonError(reason, "")) == 8) {
      verdict = reason;
    }
  }
  if (!verdict.has_value()) return absl::OkStatus();
  return ReasonError(*verdict, absl::StrCat(broken, " of ", findings.size(),
                                            " checks failed"));
}

absl::Status Examine(CommandContext& context) {
  Checks own;
  const absl::Status profile = CheckProfile(context, own);
  pb::GetStatusResponse found;
  if (!profile.ok()) {
    Add(own, "profile", profile, "",
        "name a profile's directory: --as DIR or COMITY_PROFILE");
  } else {
    auto asked = AskStatus(true, context);
    Add(own, "node", asked.status(), "answers",
        "start it: comityd --dir DIR; or see that the profile's address is "
        "the node's");
    if (asked.ok()) found = *std::move(asked);
    found.set_participant(context.ReadProfile()->participant);
  }
  own.MergeFrom(found.checks());
  *found.mutable_checks() = std::move(own);
  const std::vector<Finding> findings = FindingsOf(found);
  if (!context.PrintedJson(found)) PrintFindings(findings);
  return Verdict(findings);
}

}  // namespace

void AddStatusCommands(CLI::App& app, CommandContext& context) {
  auto probe = std::make_shared<bool>(false);
  CLI::App* status =
      AddVerb(app, "status", "Say what works and what does not",
              "  comity status\n  comity status --probe",
              [probe, &context] { return ShowStatus(*probe, context); });
  status->add_flag("--probe", *probe, "Ask each partner for a handshake now");
  AddVerb(app, "doctor",
          "Check certificates, clocks, disk, policies and partners; each line "
          "says what to do. Exit 0: all is well, 5: something needs doing, 8: "
          "a log cannot be trusted",
          "  comity --as ng/operators/admin-1 doctor",
          [&context] { return Examine(context); });
}

}  // namespace comity
