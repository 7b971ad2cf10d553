#include "node/cli/command.h"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "google/protobuf/util/json_util.h"
#include "node/base/clock.h"
#include "node/base/error_reason.h"
#include "node/identity/partner_table.h"
#include "node/identity/private_file.h"
#include "node/peer/tls_credentials.h"

namespace comity {
namespace {

// What the verb that was chosen ended with.
class CommandFailed : public CLI::Error {
 public:
  explicit CommandFailed(const absl::Status& status)
      : CLI::Error("CommandFailed", std::string(status.message()),
                   ExitCode(status)) {}
};

// The next thing to try, by reason.
const char* Advice(ErrorReason reason) {
  switch (reason) {
    case ErrorReason::kPeerUnreachable:
    case ErrorReason::kDeadlineExceeded:
      return "look at comity status --probe, and try again";
    case ErrorReason::kLocalAccessDenied:
    case ErrorReason::kRoleNotAdmitted:
      return "use a profile with another role: --as DIR";
    case ErrorReason::kAgreementNotInForce:
      return "compare digests with comity status --probe";
    case ErrorReason::kCertificateExpired:
    case ErrorReason::kCertificateUnknown:
      return "ask an administrator for a new certificate: comity operator add";
    case ErrorReason::kIntegrityFailure:
    case ErrorReason::kLogForked:
      return "stop, keep everything as it is, and call the administrator";
    default:
      return "see comity --help for what this command takes";
  }
}

void PrintError(const absl::Status& status) {
  const ErrorReason reason = ReasonOf(status);
  fprintf(stderr, "error: %s\n  why: %s\n  next: %s\n",
          std::string(ReasonName(reason)).c_str(),
          std::string(status.message()).c_str(), Advice(reason));
}

}  // namespace

absl::StatusOr<std::string> CommandContext::ProfileDirectory() const {
  if (!profile.empty()) return profile;
  // NOLINTNEXTLINE(concurrency-mt-unsafe): nothing sets variables here
  const char* environment = getenv("COMITY_PROFILE");
  if (environment != nullptr) return std::string(environment);
  return ReasonError(ErrorReason::kFieldMissing,
                     "no profile is named; give --as DIR or set "
                     "COMITY_PROFILE");
}

absl::StatusOr<Profile> CommandContext::ReadProfile() const {
  ASSIGN_OR_RETURN(const std::string directory, ProfileDirectory());
  ASSIGN_OR_RETURN(const std::string text,
                   ReadPublicFile(directory + "/profile"));
  ASSIGN_OR_RETURN(Profile read, ParseProfile(text));
  for (std::string* file :
       {&read.anchors_file, &read.certificate_file, &read.key_file}) {
    *file = absl::StrCat(directory, "/", *file);
  }
  return read;
}

absl::StatusOr<std::shared_ptr<grpc::Channel>> CommandContext::Connect() {
  if (channel_ != nullptr) return channel_;
  ASSIGN_OR_RETURN(const Profile read, ReadProfile());
  ASSIGN_OR_RETURN(const std::string anchors_pem,
                   ReadPublicFile(read.anchors_file));
  ASSIGN_OR_RETURN(const std::vector<Certificate> anchors,
                   Certificate::ListFromPem(anchors_pem));
  ASSIGN_OR_RETURN(const ParticipantCode code,
                   ParticipantCode::Create(read.participant));
  // The server must be this country's node.
  const auto judge =
      [anchors, uri = code.NodeSpiffeId()](
          const Certificate& leaf,
          const std::vector<Certificate>& presented) -> absl::Status {
    ASSIGN_OR_RETURN(const std::vector<std::string> uris, leaf.UriNames());
    if (uris != std::vector<std::string>{uri}) {
      return ReasonError(ErrorReason::kCertificateUnknown,
                         "another server answers at this address");
    }
    return VerifyChain(leaf, presented, anchors, ChainPurpose::kServer,
                       SystemClock().Now());
  };
  channel_ = grpc::CreateChannel(
      read.operator_address,
      TlsClientSide({read.key_file, read.certificate_file, read.anchors_file},
                    judge));
  return channel_;
}

bool CommandContext::PrintedJson(
    const google::protobuf::Message& message) const {
  if (!json) return false;
  google::protobuf::util::JsonPrintOptions options;
  options.add_whitespace = true;
  options.always_print_primitive_fields = true;
  options.preserve_proto_field_names = true;
  std::string text;
  if (!google::protobuf::util::MessageToJsonString(message, &text, options)
           .ok()) {
    return false;
  }
  printf("%s", text.c_str());
  return true;
}

CLI::App* AddVerb(CLI::App& noun, const std::string& verb,
                  const std::string& help, const std::string& examples,
                  CommandBody body) {
  CLI::App* added = noun.add_subcommand(verb, help);
  added->footer("Examples:\n" + examples);
  added->final_callback([body = std::move(body)] {
    const absl::Status status = body();
    if (status.ok()) return;
    PrintError(status);
    throw CommandFailed(status);
  });
  return added;
}

int ExitCode(const absl::Status& status) {
  if (status.ok()) return 0;
  switch (ReasonOf(status)) {
    case ErrorReason::kFieldMissing:
    case ErrorReason::kFieldInvalid:
    case ErrorReason::kMessageTooLarge:
      return 2;
    case ErrorReason::kAgreementNotInForce:
    case ErrorReason::kNoGrant:
    case ErrorReason::kLimitReached:
    case ErrorReason::kPrivacyBudgetSpent:
    case ErrorReason::kLocalAccessDenied:
    case ErrorReason::kRoleNotAdmitted:
    case ErrorReason::kPolicyInvalid:
    case ErrorReason::kConsentMissing:
    case ErrorReason::kScreeningMissing:
    case ErrorReason::kImportRejected:
    case ErrorReason::kPeriodNotPublished:
      return 3;
    case ErrorReason::kApprovalsMissing:
      return 4;
    case ErrorReason::kPeerUnreachable:
    case ErrorReason::kDeadlineExceeded:
    case ErrorReason::kOverloaded:
    case ErrorReason::kLogUnwritable:
    case ErrorReason::kStoreUnavailable:
      return 5;
    case ErrorReason::kNotFound:
    case ErrorReason::kNotAvailable:
    case ErrorReason::kPartnerUnknown:
      return 6;
    case ErrorReason::kReferralStateConflict:
    case ErrorReason::kAlreadyExists:
    case ErrorReason::kRequestIdReused:
      return 7;
    case ErrorReason::kIntegrityFailure:
    case ErrorReason::kEvidenceMissing:
    case ErrorReason::kEvidenceInvalid:
    case ErrorReason::kConsistencyUnproved:
    case ErrorReason::kLogForked:
      return 8;
    default:
      return 1;
  }
}

void PrintTable(const std::vector<std::vector<std::string>>& rows) {
  std::vector<size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max(widths[i], row[i].size());
    }
  }
  const bool terminal = isatty(STDOUT_FILENO) != 0;
  for (const auto& row : rows) {
    std::string line;
    for (size_t i = 0; i < row.size(); ++i) {
      absl::StrAppend(&line, row[i]);
      if (i + 1 == row.size()) break;
      if (terminal) {
        line.append(widths[i] - row[i].size() + 2, ' ');
      } else {
        line.push_back('\t');
      }
    }
    printf("%s\n", line.c_str());
  }
}

}  // namespace comity
