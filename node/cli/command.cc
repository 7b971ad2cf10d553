#include "node/cli/command.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <iostream>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "node/base/clock.h"
#include "node/base/error_reason.h"
#include "node/cli/failure.h"
#include "node/identity/partner_table.h"
#include "node/identity/private_file.h"
#include "node/peer/tls_credentials.h"
#include "node/wire/proto_time.h"

namespace comity {
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
  const auto text = ReadPublicFile(directory + "/profile");
  if (!text.ok()) {
    return ReasonError(ErrorReason::kFieldInvalid,
                       absl::StrCat(directory, " holds no operator's profile (",
                                    text.status().message(),
                                    "); comity operator add makes one"));
  }
  ASSIGN_OR_RETURN(Profile read, ParseProfile(*text));
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
  const std::string text = FormatJson(message);
  printf("%s", text.c_str());
  return !text.empty();
}

bool CommandContext::PrintedJson(
    const std::vector<std::pair<std::string, std::string>>& fields) const {
  if (json) printf("%s", FormatJson(fields).c_str());
  return json;
}

absl::StatusOr<std::string> AskPerson(absl::string_view question,
                                      absl::string_view instead) {
  const absl::Status nobody = ReasonError(ErrorReason::kFieldMissing, instead);
  if (isatty(STDIN_FILENO) == 0 || isatty(STDERR_FILENO) == 0) return nobody;
  fprintf(stderr, "%s", std::string(question).c_str());
  std::string line;
  if (!std::getline(std::cin, line)) return nobody;
  return std::string(absl::StripAsciiWhitespace(line));
}

CLI::App* AddVerb(CLI::App& noun, const std::string& verb,
                  const std::string& help, const std::string& examples,
                  CommandBody body) {
  CLI::App* added = noun.add_subcommand(verb, help);
  added->footer("Examples:\n" + examples);
  std::string command = verb;
  for (const CLI::App* at = &noun; at != nullptr; at = at->get_parent()) {
    command = absl::StrCat(at->get_name(), " ", command);
  }
  added->final_callback([body = std::move(body), command] {
    const absl::Status status = body();
    if (!status.ok()) throw CommandFailed(status, command);
  });
  return added;
}

std::string TimeText(absl::Time time) {
  return absl::FormatTime("%Y-%m-%d %H:%M:%S UTC", time, absl::UTCTimeZone());
}

std::string TimeText(const google::protobuf::Timestamp& proto) {
  const auto time = FromProtoTime(proto);
  return time.ok() ? TimeText(*time) : "?";
}

absl::StatusOr<google::protobuf::Timestamp> ParseTimeText(
    const std::string& text) {
  absl::Time time;
  if (absl::ParseTime(absl::RFC3339_full, text, &time, nullptr) ||
      absl::ParseTime("%Y-%m-%d", text, &time, nullptr)) {
    return ToProtoTime(time);
  }
  return ReasonError(ErrorReason::kFieldInvalid,
                     absl::StrCat("\"", text,
                                  "\" is no time; write 2027-01-10T08:00:00Z "
                                  "or 2027-01-10"));
}

}  // namespace comity
