#include "absl/strings/str_cat.h"
#include "comity/operators/v1/subject_service.grpc.pb.h"
#include "node/base/error_reason.h"
#include "node/cli/all_pages.h"
#include "node/cli/command.h"
#include "node/cli/subject_text.h"
#include "node/identity/private_file.h"
#include "node/wire/policy_labels.h"

namespace comity {
namespace {

namespace pb = operators::v1;
using Subjects = pb::SubjectService;

struct ReportOptions {
  std::string name;
  std::string referral;
  std::vector<std::string> redact;
  std::string language = "en";
  std::string output;
};

constexpr absl::string_view kRedactions = "partners, times, own-people";

absl::StatusOr<pb::SubjectRedaction> ParseRedaction(
    const std::vector<std::string>& names) {
  pb::SubjectRedaction redact;
  for (const std::string& name : names) {
    if (name == "partners") {
      redact.set_partners(true);
    } else if (name == "times") {
      redact.set_times(true);
    } else if (name == "own-people") {
      redact.set_own_people(true);
    } else {
      return ReasonError(ErrorReason::kFieldInvalid,
                         absl::StrCat("\"", name, "\" cannot be left out; ",
                                      kRedactions, " can"));
    }
  }
  return redact;
}

// A file of hers is for nobody else's eyes.
absl::Status Put(const std::string& text, const std::string& path,
                 const CommandContext& context) {
  if (path.empty()) {
    printf("%s", text.c_str());
    return absl::OkStatus();
  }
  RETURN_IF_ERROR(WritePrivateFile(path, text));
  if (!context.quiet) fprintf(stderr, "written to %s\n", path.c_str());
  return absl::OkStatus();
}

// Whom else she may want to ask.
void PrintWhomToAsk(const pb::GetSubjectReportResponse& report,
                    const CommandContext& context) {
  if (context.quiet) return;
  fflush(stdout);
  for (const pb::SubjectReferral& each : report.referrals()) {
    if (each.excluded()) {
      fprintf(stderr, "a danger flag excludes the other party to %s\n",
              each.referral_id().c_str());
    } else {
      fprintf(stderr, "the other party can be asked: comity subject ask %s\n",
              each.referral_id().c_str());
    }
  }
}

absl::Status Report(const ReportOptions& options, CommandContext& context) {
  pb::GetSubjectReportRequest request;
  request.set_case_id(options.name);
  request.set_referral_id(options.referral);
  ASSIGN_OR_RETURN(*request.mutable_redact(), ParseRedaction(options.redact));
  ASSIGN_OR_RETURN(const Phrasebook words, LoadPhrasebook(options.language));
  request.set_page_size(500);
  ASSIGN_OR_RETURN(const auto report,
                   (CallAll<Subjects, pb::GetSubjectReportResponse>(
                       context, &Subjects::Stub::GetSubjectReport, request)));
  if (context.PrintedJson(report)) return absl::OkStatus();
  RETURN_IF_ERROR(
      Put(SubjectReportText(report, words), options.output, context));
  PrintWhomToAsk(report, context);
  return absl::OkStatus();
}

absl::Status Ask(const ReportOptions& options, CommandContext& context) {
  pb::RequestSubjectAccountRequest request;
  request.set_request_id(context.NewRequestId());
  request.set_referral_id(options.referral);
  ASSIGN_OR_RETURN(*request.mutable_redact(), ParseRedaction(options.redact));
  ASSIGN_OR_RETURN(const Phrasebook words, LoadPhrasebook(options.language));
  ASSIGN_OR_RETURN(const auto answer,
                   (context.Call<Subjects, pb::RequestSubjectAccountResponse>(
                       &Subjects::Stub::RequestSubjectAccount, request)));
  if (context.PrintedJson(answer)) return absl::OkStatus();
  return Put(SubjectAccountText(answer, words), options.output, context);
}

void AddOptions(CLI::App& verb, ReportOptions& options) {
  verb.add_option(
          "--redact", options.redact,
          absl::StrCat("What to leave out for her safety: ", kRedactions))
      ->delimiter(',');
  verb.add_option("--lang", options.language, "Her language")
      ->check(CLI::IsMember(LabelLanguages()));
  verb.add_option("--output", options.output,
                  "File to write, readable by you alone; left out: to the "
                  "terminal");
}

}  // namespace

void AddSubjectCommands(CLI::App& app, CommandContext& context) {
  CLI::App* noun = app.add_subcommand("subject",
                                      "Account to a person for her data, and "
                                      "erase it");
  noun->require_subcommand(1);
  auto report = std::make_shared<ReportOptions>();
  CLI::App* verb =
      AddVerb(*noun, "report", "Who asked or received what about her, and when",
              "  comity subject report NE-7 --lang fr --output statement.txt\n"
              "  comity subject report NE-7 --redact partners,times\n"
              "  comity subject report --referral ID",
              [report, &context] { return Report(*report, context); });
  verb->add_option("case", report->name, "Case id or local reference");
  verb->add_option("--referral", report->referral,
                   "A received referral without a case");
  AddOptions(*verb, *report);

  auto ask = std::make_shared<ReportOptions>();
  verb = AddVerb(*noun, "ask",
                 "Ask the other party to a referral what it did with her data",
                 "  comity subject ask ID --lang pt",
                 [ask, &context] { return Ask(*ask, context); });
  verb->add_option("referral", ask->referral, "The referral's id")->required();
  AddOptions(*verb, *ask);
  AddSubjectEraseVerb(*noun, context);
}

}  // namespace comity
