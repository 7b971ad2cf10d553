#include "absl/strings/str_cat.h"
#include "comity/operators/v1/dossier_service.grpc.pb.h"
#include "node/audit/dossier_comparison.h"
#include "node/audit/dossier_verifier.h"
#include "node/base/error_reason.h"
#include "node/cli/command.h"
#include "node/cli/output_file.h"
#include "node/identity/private_file.h"
#include "node/wire/card_file.h"

namespace comity {
namespace {

namespace pb = operators::v1;
using Dossiers = pb::DossierService;

struct ExportOptions {
  std::string referral;
  std::string output;
  bool with_openings = false;
};

absl::Status Export(const ExportOptions& options, CommandContext& context) {
  pb::ExportDossierRequest request;
  request.set_referral_id(options.referral);
  request.set_with_openings(options.with_openings);
  ASSIGN_OR_RETURN(const auto response,
                   (context.Call<Dossiers, pb::ExportDossierResponse>(
                       &Dossiers::Stub::ExportDossier, request)));
  OutputFile output(options.output, options.with_openings
                                        ? Readers::kWriterAlone
                                        : Readers::kAsUmaskSays);
  output.stream() << response.file();
  RETURN_IF_ERROR(output.Keep());
  if (context.PrintedJson({{"file", options.output},
                           {"events", absl::StrCat(response.events())},
                           {"audit_entry_id", response.audit_entry_id()}})) {
    return absl::OkStatus();
  }
  printf("%u event(s) written to %s%s (entry %s)\n", response.events(),
         options.output.c_str(),
         options.with_openings ? ", with what they told of the person" : "",
         response.audit_entry_id().c_str());
  return absl::OkStatus();
}

struct VerifyOptions {
  std::string file;
  std::vector<std::string> cards;
};

using PartyKeys = std::map<ParticipantCode, VerifyKeys>;

absl::StatusOr<PartyKeys> KeysOf(const std::vector<std::string>& cards) {
  PartyKeys keys;
  for (const std::string& path : cards) {
    ASSIGN_OR_RETURN(const std::string text, ReadPublicFile(path));
    ASSIGN_OR_RETURN(const ParticipantCard card, ParseCard(text));
    keys.emplace(card.code, card.LogKeys());
  }
  return keys;
}

// A file, once both parties' cards were given.
absl::StatusOr<DossierFile> ReadDossierFile(const std::string& path,
                                            const PartyKeys& keys) {
  ASSIGN_OR_RETURN(const std::string text, ReadPublicFile(path));
  ASSIGN_OR_RETURN(DossierFile file, ParseDossierFile(text));
  for (const ParticipantCode& party :
       {file.parties.holder, file.parties.receiver}) {
    if (!keys.contains(party)) {
      return ReasonError(
          ErrorReason::kFieldMissing,
          absl::StrCat("give the card of ", party.text(), " with --card"));
    }
  }
  return file;
}

// Says what does not hold.
absl::Status CheckHolds(const DossierVerdict& verdict) {
  for (const DossierFinding& finding : verdict.findings) {
    fprintf(stderr, "event %zu: %s\n", finding.event,
            OnOneLine(finding.what).c_str());
  }
  if (verdict.Holds()) return absl::OkStatus();
  return ReasonError(ErrorReason::kIntegrityFailure,
                     absl::StrCat(verdict.findings.size(),
                                  " thing(s) in the dossier do not hold; see "
                                  "above"));
}

void PrintVerdict(const DossierFile& file, const DossierVerdict& verdict) {
  printf("referral %s  %s -> %s  %s\n", file.referral_id.ToString().c_str(),
         file.parties.holder.text().c_str(),
         file.parties.receiver.text().c_str(),
         std::string(Name(verdict.status.state)).c_str());
  std::vector<std::vector<std::string>> rows;
  for (const ReferralEvent& event : verdict.ordered) {
    rows.push_back(
        {"  " + absl::FormatTime("%Y-%m-%d %H:%M:%S", event.occurred_at,
                                 absl::UTCTimeZone()),
         event.author.text(), std::string(Name(event.kind)),
         event.receipt == ReceiptOutcome::kStored
             ? "delivered " + absl::FormatTime("%Y-%m-%d %H:%M:%S",
                                               event.received_at,
                                               absl::UTCTimeZone())
             : "no receipt yet"});
  }
  PrintTable(rows);
  if (verdict.refused > 0) {
    printf("  %zu event(s) were refused by their receiver: no effect\n",
           verdict.refused);
  }
}

// Needs no node: the file and the cards are all there is.
absl::Status Verify(const VerifyOptions& options, CommandContext& context) {
  ASSIGN_OR_RETURN(const PartyKeys keys, KeysOf(options.cards));
  ASSIGN_OR_RETURN(const DossierFile file, ReadDossierFile(options.file, keys));
  const DossierVerdict verdict = VerifyDossier(file, keys);
  const std::string state(Name(verdict.status.state));
  if (!context.PrintedJson(
          {{"referral_id", file.referral_id.ToString()},
           {"state", state},
           {"events", absl::StrCat(file.entries.size())},
           {"without_receipt", absl::StrCat(verdict.unanswered)},
           {"findings", absl::StrCat(verdict.findings.size())}})) {
    PrintVerdict(file, verdict);
  }
  return CheckHolds(verdict);
}

struct CompareOptions {
  std::string first;
  std::string second;
  std::vector<std::string> cards;
};

// One side's file, which holds.
struct Ledger {
  const std::string& name;
  DossierFile file;
  DossierVerdict verdict;
};

absl::StatusOr<Ledger> ReadLedger(const std::string& path,
                                  const PartyKeys& keys) {
  ASSIGN_OR_RETURN(DossierFile file, ReadDossierFile(path, keys));
  DossierVerdict verdict = VerifyDossier(file, keys);
  RETURN_IF_ERROR(CheckHolds(verdict));
  return Ledger{path, std::move(file), std::move(verdict)};
}

void PrintLedger(const Ledger& ledger) {
  printf("%s: %zu event(s), %zu of them without a receipt, %s\n",
         ledger.name.c_str(), ledger.file.entries.size(),
         ledger.verdict.unanswered,
         std::string(Name(ledger.verdict.status.state)).c_str());
}

std::string GapText(DossierGap gap, const Ledger& first, const Ledger& second) {
  switch (gap) {
    case DossierGap::kOnlyFirst:
      return absl::StrCat("is in ", first.name, " alone");
    case DossierGap::kOnlySecond:
      return absl::StrCat("is in ", second.name, " alone");
    case DossierGap::kOtherEvent:
      return "is another one in each file: its author signed both";
    case DossierGap::kReceiptOnlyFirst:
      return absl::StrCat("has its receipt in ", first.name, " alone");
    case DossierGap::kReceiptOnlySecond:
      return absl::StrCat("has its receipt in ", second.name, " alone");
    case DossierGap::kOtherReceipt:
      return "has another receipt in each file: its receiver signed both";
  }
  return "differs";
}

// Needs no node either.
absl::Status Compare(const CompareOptions& options, CommandContext& context) {
  ASSIGN_OR_RETURN(const PartyKeys keys, KeysOf(options.cards));
  ASSIGN_OR_RETURN(const Ledger first, ReadLedger(options.first, keys));
  ASSIGN_OR_RETURN(const Ledger second, ReadLedger(options.second, keys));
  ASSIGN_OR_RETURN(const std::vector<DossierDifference> differences,
                   CompareDossiers(first.file, second.file));
  if (context.PrintedJson(
          {{"referral_id", first.file.referral_id.ToString()},
           {"first_state", std::string(Name(first.verdict.status.state))},
           {"second_state", std::string(Name(second.verdict.status.state))},
           {"differences", absl::StrCat(differences.size())}})) {
    return absl::OkStatus();
  }
  PrintLedger(first);
  PrintLedger(second);
  for (const DossierDifference& each : differences) {
    printf("%s of %s (%s) %s.\n", std::string(Name(each.kind)).c_str(),
           each.author.text().c_str(), each.event_id.ToString().c_str(),
           GapText(each.gap, first, second).c_str());
  }
  if (differences.empty()) printf("Nothing differs.\n");
  return absl::OkStatus();
}

}  // namespace

void AddDossierCommands(CLI::App& referral, CommandContext& context) {
  auto out = std::make_shared<ExportOptions>();
  CLI::App* verb =
      AddVerb(referral, "export",
              "Write a referral's evidence to a file that anybody can verify",
              "  comity referral export ID --output dossier.txt",
              [out, &context] { return Export(*out, context); });
  verb->add_option("referral", out->referral, "The referral's id")->required();
  verb->add_option("--output", out->output, "The file to write")->required();
  verb->add_flag("--with-openings", out->with_openings,
                 "With what the events told of the person; the file is yours "
                 "alone (mode 0600)");
  auto in = std::make_shared<VerifyOptions>();
  verb = AddVerb(referral, "verify",
                 "Verify an exported referral, without any node",
                 "  comity referral verify dossier.txt --card ne.card --card "
                 "ng.card",
                 [in, &context] { return Verify(*in, context); });
  verb->add_option("file", in->file, "The exported file")->required();
  verb->add_option("--card", in->cards, "Both parties' cards")->required();
  auto both = std::make_shared<CompareOptions>();
  verb = AddVerb(referral, "compare",
                 "List what differs between both sides' exports of a referral, "
                 "without any node",
                 "  comity referral compare ours.txt theirs.txt --card ne.card "
                 "--card ng.card",
                 [both, &context] { return Compare(*both, context); });
  verb->add_option("first", both->first, "One side's file")->required();
  verb->add_option("second", both->second, "The other's")->required();
  verb->add_option("--card", both->cards, "Both parties' cards")->required();
}

}  // namespace comity
