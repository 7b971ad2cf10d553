#pragma once

#include <grpcpp/grpcpp.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "google/protobuf/message.h"
#include "google/protobuf/timestamp.pb.h"
#include "node/base/status_macros.h"
#include "node/cli/failure.h"
#include "node/cli/output.h"
#include "node/crypto/random.h"
#include "node/peer/grpc_status.h"
#include "node/wire/config_file.h"

namespace comity {

// What all commands share: the global options, and where results go. One object
// per run of the program.
class CommandContext {
 public:
  std::string profile;  // --as
  bool json = false;    // --json
  bool quiet = false;   // -q: results and errors only

  // The profile's directory and contents. FIELD_MISSING says how to name one.
  absl::StatusOr<std::string> ProfileDirectory() const;
  absl::StatusOr<Profile> ReadProfile() const;

  // A channel to the own node, whose certificate must be the country's.
  absl::StatusOr<std::shared_ptr<grpc::Channel>> Connect();

  // Runs one call with a deadline and returns its response.
  template <typename Service, typename Response, typename Method,
            typename Request>
  absl::StatusOr<Response> Call(
      Method method, const Request& request,
      std::chrono::seconds timeout = std::chrono::seconds(15)) {
    ASSIGN_OR_RETURN(const std::shared_ptr<grpc::Channel> channel, Connect());
    auto stub = Service::NewStub(channel);
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + timeout);
    Response response;
    RETURN_IF_ERROR(FromGrpc(((*stub).*method)(&context, request, &response)));
    return response;
  }

  std::string NewRequestId() { return NewUuid(random_).ToString(); }
  RandomSource& random() { return random_; }

  // Prints the result as JSON if --json is given; true then.
  bool PrintedJson(const google::protobuf::Message& message) const;
  bool PrintedJson(
      const std::vector<std::pair<std::string, std::string>>& fields) const;

 private:
  SystemRandom random_;
  std::shared_ptr<grpc::Channel> channel_;
};

// Runs when its command was chosen. The status decides the exit code.
using CommandBody = std::function<absl::Status()>;

// What ends the parsing when the verb that was chosen failed.
class CommandFailed : public CLI::Error {
 public:
  CommandFailed(absl::Status status, std::string command)
      : CLI::Error("CommandFailed", std::string(status.message()),
                   ExitCode(status)),
        status_(std::move(status)),
        command_(std::move(command)) {}

  const absl::Status& status() const { return status_; }
  const std::string& command() const { return command_; }

 private:
  absl::Status status_;
  std::string command_;
};

// Asks the person at the terminal and returns the typed line. FIELD_MISSING
// with `instead` where nobody can be asked.
absl::StatusOr<std::string> AskPerson(absl::string_view question,
                                      absl::string_view instead);

// Adds a verb with its help and examples; `body` runs if it is chosen.
CLI::App* AddVerb(CLI::App& noun, const std::string& verb,
                  const std::string& help, const std::string& examples,
                  CommandBody body);

// "2026-11-24 13:05:00 UTC".
std::string TimeText(absl::Time time);
std::string TimeText(const google::protobuf::Timestamp& proto);
// Reads "2026-11-24T13:05:00Z", or "2026-11-24" for the begin of that day in
// UTC. FIELD_INVALID.
absl::StatusOr<google::protobuf::Timestamp> ParseTimeText(
    const std::string& text);

// One file of commands each.
void AddNodeCommands(CLI::App& app, CommandContext& context);
void AddPartnerCommands(CLI::App& app, CommandContext& context);
void AddPolicyCommands(CLI::App& app, CommandContext& context);
void AddPolicyTextCommands(CLI::App& policy, CommandContext& context);
void AddPolicyAnalysisCommands(CLI::App& policy, CommandContext& context);
void AddPolicyExplainCommands(CLI::App& policy, CommandContext& context);
void AddCaseCommands(CLI::App& app, CommandContext& context);
void AddCaseChangeVerbs(CLI::App& case_noun, CommandContext& context);
void AddCaseMergeVerb(CLI::App& case_noun, CommandContext& context);
void AddAttachmentVerbs(CLI::App& case_noun, CommandContext& context);
void AddOfferVerbs(CLI::App& referral, CommandContext& context);
void AddConsentCommands(CLI::App& app, CommandContext& context);
void AddImportVerb(CLI::App& case_noun, CommandContext& context);
void AddReferralCommands(CLI::App& app, CommandContext& context);
void AddReferralStepCommands(CLI::App& referral, CommandContext& context);
void AddDossierCommands(CLI::App& referral, CommandContext& context);
void AddTableCommands(CLI::App& app, CommandContext& context);
void AddTableAuditVerb(CLI::App& table_noun, CommandContext& context);
void AddAuditCommands(CLI::App& app, CommandContext& context);
void AddStatusCommands(CLI::App& app, CommandContext& context);
void AddCompletionCommand(CLI::App& app, CommandContext& context);
void AddSubjectCommands(CLI::App& app, CommandContext& context);
void AddSubjectEraseVerb(CLI::App& subject, CommandContext& context);
void AddRetentionCommands(CLI::App& app, CommandContext& context);
void AddOversightCommands(CLI::App& app, CommandContext& context);

}  // namespace comity
