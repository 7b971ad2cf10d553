#include "node/cli/backup_commands.h"

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "node/cli/node_backup.h"

namespace comity {
namespace {

struct Options {
  std::string directory;
  std::string file;
  std::string passphrase;
  std::string card;
};

bool PrintedReport(const BackupReport& report, const Options& options,
                   const CommandContext& context) {
  return context.PrintedJson({{"participant", report.participant},
                              {"fingerprint", report.fingerprint},
                              {"made_at", absl::FormatTime(report.made_at)},
                              {"file", options.file},
                              {"bytes", absl::StrCat(report.bytes)},
                              {"files", absl::StrCat(report.files)},
                              {"logs", absl::StrCat(report.logs)},
                              {"log_entries", absl::StrCat(report.entries)}});
}

absl::Status BackUp(const Options& options, CommandContext& context) {
  ASSIGN_OR_RETURN(const SecretBytes passphrase,
                   ReadPassphrase(options.passphrase));
  ASSIGN_OR_RETURN(const BackupReport report,
                   BackUpNode(options.directory, options.file, passphrase,
                              absl::Now(), context.random()));
  if (PrintedReport(report, options, context)) return absl::OkStatus();
  printf(
      "%s backed up in %s: %lu bytes, %lu files; read back, opened, and %lu "
      "log(s) with %lu entries verified\n",
      report.participant.c_str(), options.file.c_str(), report.bytes,
      report.files, report.logs, report.entries);
  return absl::OkStatus();
}

absl::Status Restore(const Options& options, CommandContext& context) {
  ASSIGN_OR_RETURN(const SecretBytes passphrase,
                   ReadPassphrase(options.passphrase));
  ASSIGN_OR_RETURN(const BackupReport report,
                   RestoreNode(options.file, options.directory, passphrase,
                               options.card, context.random()));
  if (PrintedReport(report, options, context)) return absl::OkStatus();
  printf(
      "%s restored in %s as of %s: %lu files, %lu log(s) with %lu entries "
      "verified\nfingerprint %s\n",
      report.participant.c_str(), options.directory.c_str(),
      TimeText(report.made_at).c_str(), report.files, report.logs,
      report.entries, report.fingerprint.c_str());
  if (context.quiet) return absl::OkStatus();
  fprintf(stderr,
          "See that the node it is a copy of does not serve any more, then "
          "comityd --dir %s. comity status says which partners saw the node "
          "go on after the backup, and what to do. Who was erased since is "
          "here again: erase her again. Whose certificate was revoked since is "
          "admitted again: comity operator revoke, comity node revoke, before "
          "comityd serves.\n",
          options.directory.c_str());
  return absl::OkStatus();
}

}  // namespace

void AddBackupCommands(CLI::App& app, CommandContext& context) {
  auto out = std::make_shared<Options>();
  CLI::App* backup = AddVerb(
      app, "backup",
      "Write a whole node, sealed and signed, to one file; it may be serving "
      "meanwhile",
      "  comity backup --dir ng --to usb/ng.backup --passphrase-file "
      "backup.key\n"
      "The file holds every key but the root's: keep it and the passphrase "
      "apart, and the\npassphrase apart from the node as well.",
      [out, &context] { return BackUp(*out, context); });
  backup->add_option("--dir", out->directory, "The node's directory")
      ->required();
  backup->add_option("--to", out->file, "The file to write")->required();
  backup
      ->add_option("--passphrase-file", out->passphrase,
                   "Holds what the backup is sealed under; mode 0600")
      ->required();

  auto in = std::make_shared<Options>();
  CLI::App* restore = AddVerb(
      app, "restore", "Make a node of its backup, in a directory of its own",
      "  comity restore usb/ng.backup --dir ng --passphrase-file backup.key\n"
      "  comity restore ng.backup --dir ng --passphrase-file backup.key --card "
      "ng.card",
      [in, &context] { return Restore(*in, context); });
  restore->add_option("FILE", in->file, "What comity backup wrote")->required();
  restore->add_option("--dir", in->directory, "Empty, or not there")
      ->required();
  restore
      ->add_option("--passphrase-file", in->passphrase,
                   "Holds what the backup was sealed under; mode 0600")
      ->required();
  restore->add_option(
      "--card", in->card,
      "The node's card from elsewhere: restore its backup only");
}

}  // namespace comity
