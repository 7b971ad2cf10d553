#include <fstream>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "comity/operators/v1/admin_service.grpc.pb.h"
#include "node/base/error_reason.h"
#include "node/cli/all_pages.h"
#include "node/cli/command.h"
#include "node/cli/node_reading.h"
#include "node/cli/output_file.h"
#include "node/cli/witness_commands.h"
#include "node/identity/private_file.h"
#include "node/wire/log_export.h"
#include "node/wire/proto_time.h"

namespace comity {
namespace {

namespace pb = operators::v1;
using Admin = pb::AdminService;

absl::Status Show(const std::string& log, int limit, CommandContext& context) {
  pb::ListLogEntriesRequest request;
  request.set_log(log);
  ASSIGN_OR_RETURN(const auto response,
                   (CallUpTo<Admin, pb::ListLogEntriesResponse>(
                       limit,
                       [](const pb::ListLogEntriesResponse& page) {
                         return page.entries_size();
                       },
                       context, &Admin::Stub::ListLogEntries, request)));
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

struct ExportOptions {
  std::string log;
  bool cosigned = false;
  std::string path;
};

absl::Status Export(const ExportOptions& options, CommandContext& context) {
  const std::string& path = options.path;
  OutputFile output(path);
  pb::ExportLogRequest request;
  request.set_log(options.log);
  request.set_cosigned(options.cosigned);
  uint64_t size = 0;
  do {
    ASSIGN_OR_RETURN(const auto page,
                     (context.Call<Admin, pb::ExportLogResponse>(
                         &Admin::Stub::ExportLog, request)));
    if (request.first_index() == 0) {
      size = page.size();
      if (size == 0) {
        return ReasonError(ErrorReason::kFieldInvalid, "the log is empty");
      }
      output.stream() << FormatLogExportHead(page.checkpoint());
    }
    if (page.leaves().empty()) {
      return ReasonError(ErrorReason::kIntegrityFailure,
                         "the log ends before its head; run audit verify");
    }
    for (const std::string& leaf : page.leaves()) {
      if (request.first_index() == size) break;
      output.stream() << FormatLeafLine(leaf);
      request.set_first_index(request.first_index() + 1);
    }
  } while (request.first_index() < size);
  RETURN_IF_ERROR(output.Keep());
  if (context.PrintedJson({{"file", path}, {"entries", absl::StrCat(size)}})) {
    return absl::OkStatus();
  }
  printf(
      "%lu entries written to %s; who has this node's card verifies them: "
      "comity audit verify %s --card CARD\n",
      size, path.c_str(), path.c_str());
  return absl::OkStatus();
}

struct ProveOptions {
  std::string log;
  uint64_t index = 0;
  bool open = false;
  std::string path;
};

absl::Status Prove(const ProveOptions& options, CommandContext& context) {
  pb::ProveLogEntryRequest request;
  request.set_log(options.log);
  request.set_index(options.index);
  request.set_with_opening(options.open);
  ASSIGN_OR_RETURN(const auto entry,
                   (context.Call<Admin, pb::ProveLogEntryResponse>(
                       &Admin::Stub::ProveLogEntry, request)));
  OutputFile output(options.path, options.open ? Readers::kWriterAlone
                                               : Readers::kAsUmaskSays);
  output.stream() << FormatProvedEntry(
      {entry.leaf(), entry.opening(), entry.proof()});
  RETURN_IF_ERROR(output.Keep());
  if (context.PrintedJson({{"file", options.path}})) return absl::OkStatus();
  printf("entry %lu written to %s with its proof%s\n", options.index,
         options.path.c_str(),
         options.open ? ", opened: it names who acted and a case" : "");
  return absl::OkStatus();
}

EntryText TextOf(const LogExportSummary& summary) {
  EntryText text{{"log", summary.checkpoint.origin},
                 {"entries", absl::StrCat(summary.checkpoint.size)},
                 {"root", absl::BytesToHexString(summary.checkpoint.root)},
                 {"first", TimeText(summary.first)},
                 {"last", TimeText(summary.last)}};
  if (summary.cosigned) {
    text.emplace_back("cosigned", TimeText(*summary.cosigned));
  }
  for (const auto& [kind, count] : summary.kinds) {
    text.emplace_back(kind, absl::StrCat(count));
  }
  return text;
}

// By which a log is told from an entry.
constexpr std::streamsize kFirstBytes = 64;

// What audit verify judges a file by.
struct VerifyOptions {
  std::string file;
  std::string card;
  std::string witness;  // another card; empty: whoever cosigned is not asked
};

absl::StatusOr<EntryText> VerifyFile(const VerifyOptions& options) {
  ASSIGN_OR_RETURN(const ParticipantCard card, ReadCard(options.card));
  LogAuthor author{card.code, card.LogKeys()};
  if (!options.witness.empty()) {
    ASSIGN_OR_RETURN(const ParticipantCard witness, ReadCard(options.witness));
    author.witness = LogWitness{witness.code, witness.WitnessKeys()};
  }
  const std::string& path = options.file;
  std::ifstream file(path);
  if (!file) {
    return ReasonError(ErrorReason::kFieldInvalid,
                       absl::StrCat("cannot read ", path));
  }
  std::string first(kFirstBytes, '\0');
  file.read(first.data(), kFirstBytes);
  first.resize(static_cast<size_t>(file.gcount()));
  if (IsProvedEntry(first)) {
    ASSIGN_OR_RETURN(const std::string text, ReadPublicFile(path));
    return VerifyProvedEntry(text, author);
  }
  file.clear();
  file.seekg(0);
  ASSIGN_OR_RETURN(const LogExportSummary summary,
                   VerifyLogExport(file, author));
  return TextOf(summary);
}

// Needs no node: the file and the card are all there is.
absl::Status VerifyOffline(const VerifyOptions& options,
                           CommandContext& context) {
  if (options.card.empty()) {
    return ReasonError(ErrorReason::kFieldMissing,
                       "give --card with the card of who made the file: the "
                       "key on it is what the file is judged by");
  }
  ASSIGN_OR_RETURN(const EntryText text, VerifyFile(options));
  if (context.PrintedJson(text)) return absl::OkStatus();
  printf("verified\n");
  std::vector<std::vector<std::string>> rows;
  for (const auto& [name, value] : text) rows.push_back({name, value});
  PrintTable(rows);
  return absl::OkStatus();
}

void AddExportVerb(CLI::App& noun, CommandContext& context) {
  auto options = std::make_shared<ExportOptions>();
  CLI::App* verb = AddVerb(
      noun, "export", "Write a log to a file that anybody can verify",
      "  comity audit export --output own.log\n"
      "  comity audit export --log comity/NG/NE --output ng-ne.log\n"
      "  comity audit export --log comity/NG/NE --cosigned --output ng-ne.log",
      [options, &context] { return Export(*options, context); });
  verb->add_option("--log", options->log, "Origin; the own log if left out");
  verb->add_flag("--cosigned", options->cosigned,
                 "Up to the last head that the partner cosigned, with its "
                 "cosignature");
  verb->add_option("--output", options->path, "The file to write")->required();
}

void AddProveVerb(CLI::App& noun, CommandContext& context) {
  auto options = std::make_shared<ProveOptions>();
  CLI::App* verb = AddVerb(
      noun, "prove", "Write one entry with the proof that it was logged",
      "  comity audit prove 17 --output entry.txt\n"
      "  comity audit prove 17 --open --output entry.txt",
      [options, &context] { return Prove(*options, context); });
  verb->add_option("INDEX", options->index, "As audit show lists it")
      ->required();
  verb->add_option("--log", options->log, "Origin; the own log if left out");
  verb->add_flag("--open", options->open,
                 "Tell who acted, on which case, and the outcome; the file is "
                 "yours alone (mode 0600)");
  verb->add_option("--output", options->path, "The file to write")->required();
}

void AddVerifyVerb(CLI::App& noun, CommandContext& context) {
  auto options = std::make_shared<VerifyOptions>();
  CLI::App* verb = AddVerb(
      noun, "verify",
      "Recompute every log from its entries, or check a file, which needs no "
      "node",
      "  comity audit verify\n"
      "  comity audit verify ng-ne.log --card ng.card\n"
      "  comity audit verify ng-ne.log --card ng.card --witness ne.card",
      [options, &context] {
        return options->file.empty() ? Verify(context)
                                     : VerifyOffline(*options, context);
      });
  verb->add_option("FILE", options->file,
                   "What audit export or audit prove wrote");
  verb->add_option("--card", options->card,
                   "The participant card of who made it");
  verb->add_option("--witness", options->witness,
                   "The card of a participant that must have cosigned it");
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
  AddVerifyVerb(*noun, context);
  AddExportVerb(*noun, context);
  AddProveVerb(*noun, context);
  AddWitnessVerbs(*noun, context);
}

}  // namespace comity
