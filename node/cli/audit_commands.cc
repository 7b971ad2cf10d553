#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "comity/operators/v1/admin_service.grpc.pb.h"
#include "node/base/error_reason.h"
#include "node/cli/command.h"
#include "node/wire/proto_time.h"

namespace comity {
namespace {

namespace pb = operators::v1;
using Admin = pb::AdminService;

absl::Status Show(const std::string& log, int limit, CommandContext& context) {
  pb::ListLogEntriesRequest request;
  request.set_log(log);
  request.set_page_size(limit);
  ASSIGN_OR_RETURN(const auto response,
                   (context.Call<Admin, pb::ListLogEntriesResponse>(
                       &Admin::Stub::ListLogEntries, request)));
  if (context.PrintedJson(response)) return absl::OkStatus();
  std::vector<std::vector<std::string>> rows;
  for (const pb::LogEntry& entry : response.entries()) {
    const auto time = FromProtoTime(entry.time());
    rows.push_back({absl::StrCat(entry.index()),
                    time.ok() ? absl::FormatTime("%Y-%m-%d %H:%M:%S", *time,
                                                 absl::UTCTimeZone())
                              : "?",
                    entry.kind(), entry.peer(), entry.detail()});
  }
  PrintTable(rows);
  return absl::OkStatus();
}

absl::Status Verify(CommandContext& context) {
  ASSIGN_OR_RETURN(const auto response,
                   (context.Call<Admin, pb::VerifyLogsResponse>(
                       &Admin::Stub::VerifyLogs, pb::VerifyLogsRequest(),
                       std::chrono::seconds(120))));
  const bool printed = context.PrintedJson(response);
  bool whole = true;
  std::vector<std::vector<std::string>> rows;
  for (const pb::LogVerification& log : response.logs()) {
    whole = whole && log.ok();
    rows.push_back({log.ok() ? "ok" : "BROKEN", log.log(),
                    absl::StrCat(log.size(), " entries"),
                    absl::BytesToHexString(log.root()).substr(0, 16),
                    log.detail()});
  }
  if (!printed) PrintTable(rows);
  if (whole) return absl::OkStatus();
  return ReasonError(ErrorReason::kIntegrityFailure,
                     "a log does not verify; see above");
}

}  // namespace

void AddAuditCommands(CLI::App& app, CommandContext& context) {
  CLI::App* noun = app.add_subcommand("audit", "Logs and their proof");
  noun->require_subcommand(1);
  auto log = std::make_shared<std::string>();
  auto limit = std::make_shared<int>(50);
  CLI::App* show =
      AddVerb(*noun, "show", "Show entries of a log",
              "  comity audit show\n  comity audit show --log comity/NG/NE",
              [log, limit, &context] { return Show(*log, *limit, context); });
  show->add_option("--log", *log, "Origin; the own log if left out");
  show->add_option("--limit", *limit, "At most so many");
  AddVerb(*noun, "verify", "Recompute every log from its entries",
          "  comity audit verify", [&context] { return Verify(context); });
}

}  // namespace comity
