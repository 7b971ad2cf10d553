#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "comity/operators/v1/case_service.grpc.pb.h"
#include "comity/v1/annotations.pb.h"
#include "google/protobuf/descriptor.h"
#include "node/base/error_reason.h"
#include "node/cli/all_pages.h"
#include "node/cli/case_fields.h"
#include "node/cli/command.h"
#include "node/cli/groups.h"

namespace comity {
namespace {

namespace pb = operators::v1;
using Cases = pb::CaseService;

std::string FlagNames(const pb::Screening& screening) {
  std::vector<std::string> flags;
  if (screening.never_contact()) flags.emplace_back("NEVER_CONTACT");
  if (!screening.never_share_with().empty()) {
    flags.push_back(absl::StrCat(
        "NEVER_SHARE_WITH ", absl::StrJoin(screening.never_share_with(), ",")));
  }
  if (screening.official_involvement()) {
    flags.emplace_back("OFFICIAL_INVOLVEMENT");
  }
  return flags.empty() ? "no danger flags" : absl::StrJoin(flags, " ");
}

void PrintScreening(const pb::Case& shown) {
  if (!shown.has_screening()) {
    printf("  never screened for danger: the case does not leave\n");
    return;
  }
  printf("  screened by %s: %s\n", shown.screening().screened_by().c_str(),
         FlagNames(shown.screening()).c_str());
}

void PrintCase(const pb::Case& shown) {
  printf("case %s  owner %s  version %lu\n", shown.case_id().c_str(),
         shown.owner().c_str(), static_cast<unsigned long>(shown.version()));
  if (!shown.delegate().empty()) {
    printf("  delegated to %s until %s\n", shown.delegate().c_str(),
           TimeText(shown.delegated_until()).c_str());
  }
  for (const pb::MergedCase& each : shown.merged()) {
    printf("  %s (case %s) was merged into it on %s by %s\n",
           each.local_reference().c_str(), each.case_id().c_str(),
           TimeText(each.merged_at()).c_str(), each.merged_by().c_str());
  }
  PrintScreening(shown);
  PrintRecord(shown.record(), "  ");
  for (const pb::ConsentRecord& consent : shown.consents()) {
    printf("  consent %s to %s for %s: %s%s\n", consent.state().c_str(),
           consent.recipient().c_str(), consent.purpose().c_str(),
           GroupNames(consent.groups()).c_str(),
           consent.has_withdrawn_at()       ? "  (withdrawn)"
           : consent.withdrawals_size() > 0 ? "  (withdrawn in part)"
                                            : "");
  }
}

void PrintCases(const google::protobuf::RepeatedPtrField<pb::Case>& cases) {
  std::vector<std::vector<std::string>> rows;
  for (const pb::Case& each : cases) {
    rows.push_back({each.case_id(), each.record().x_local_reference(),
                    each.record().cas_status(), each.owner()});
  }
  PrintTable(rows);
}

absl::Status Show(const std::string& name, CommandContext& context) {
  pb::GetCaseRequest request;
  request.set_case_id(name);
  ASSIGN_OR_RETURN(const auto response,
                   (context.Call<Cases, pb::GetCaseResponse>(
                       &Cases::Stub::GetCase, request)));
  if (context.PrintedJson(response)) return absl::OkStatus();
  PrintCase(response.case_());
  for (const pb::FieldConflict& each : response.conflicts()) {
    printf(
        "  %s: %s corrected it, and it was changed here; comity case edit %s "
        "--set %s=VALUE decides, also for the value that stands\n",
        each.field().c_str(), each.participant().c_str(), name.c_str(),
        each.field().c_str());
  }
  if (response.has_told()) {
    printf("  the holder's values:\n");
    PrintRecord(response.told(), "    ");
  }
  return absl::OkStatus();
}

absl::Status List(int limit, CommandContext& context) {
  ASSIGN_OR_RETURN(
      const auto response,
      (CallUpTo<Cases, pb::ListCasesResponse>(
          limit,
          [](const pb::ListCasesResponse& page) { return page.cases_size(); },
          context, &Cases::Stub::ListCases, pb::ListCasesRequest())));
  if (context.PrintedJson(response)) return absl::OkStatus();
  PrintCases(response.cases());
  return absl::OkStatus();
}

absl::Status Find(const std::string& reference, const std::string& family_name,
                  CommandContext& context) {
  pb::FindCasesRequest request;
  request.set_local_reference(reference);
  request.set_family_name(family_name);
  ASSIGN_OR_RETURN(const auto response,
                   (context.Call<Cases, pb::FindCasesResponse>(
                       &Cases::Stub::FindCases, request)));
  if (context.PrintedJson(response)) return absl::OkStatus();
  PrintCases(response.cases());
  return absl::OkStatus();
}

absl::Status Create(const std::vector<std::string>& fields,
                    const std::string& referral, CommandContext& context) {
  pb::CreateCaseRequest request;
  request.set_request_id(context.NewRequestId());
  ASSIGN_OR_RETURN(*request.mutable_record(), ParseCaseFields(fields));
  request.set_referral_id(referral);
  ASSIGN_OR_RETURN(const auto response,
                   (context.Call<Cases, pb::CreateCaseResponse>(
                       &Cases::Stub::CreateCase, request)));
  if (context.PrintedJson(response)) return absl::OkStatus();
  printf("case %s (entry %s); not screened for danger yet\n",
         response.case_id().c_str(), response.audit_entry_id().c_str());
  return absl::OkStatus();
}

struct ScreenOptions {
  std::string name;
  bool none = false;
  bool never_contact = false;
  std::vector<std::string> never_share_with;
  bool official_involvement = false;
};

absl::Status Screen(const ScreenOptions& options, CommandContext& context) {
  const bool flagged = options.never_contact || options.official_involvement ||
                       !options.never_share_with.empty();
  if (flagged == options.none) {
    return ReasonError(ErrorReason::kFieldInvalid,
                       "give the flags that were found, or --none");
  }
  pb::RecordScreeningRequest request;
  request.set_request_id(context.NewRequestId());
  request.set_case_id(options.name);
  auto* screening = request.mutable_screening();
  screening->set_never_contact(options.never_contact);
  for (const std::string& code : options.never_share_with) {
    screening->add_never_share_with(code);
  }
  screening->set_official_involvement(options.official_involvement);
  ASSIGN_OR_RETURN(const auto response,
                   (context.Call<Cases, pb::RecordScreeningResponse>(
                       &Cases::Stub::RecordScreening, request)));
  if (context.PrintedJson(response)) return absl::OkStatus();
  printf("screening recorded (entry %s)\n", response.audit_entry_id().c_str());
  return absl::OkStatus();
}

void AddWritingVerbs(CLI::App& noun, CommandContext& context) {
  AddImportVerb(noun, context);
  auto fields = std::make_shared<std::vector<std::string>>();
  auto referral = std::make_shared<std::string>();
  CLI::App* create =
      AddVerb(noun, "create", "Create one case",
              "  comity case create x_local_reference=NE-7 prs_Gender=Feminine "
              "x_registered_on=2026-11-02",
              [fields, referral, &context] {
                return Create(*fields, *referral, context);
              });
  create->add_option("--referral", *referral,
                     "Make it of this accepted referral's packet");
  create->add_option("fields", *fields, "NAME=VALUE, HTCDS names")->required();
}

void AddReadingVerbs(CLI::App& noun, CommandContext& context) {
  auto name = std::make_shared<std::string>();
  CLI::App* show = AddVerb(noun, "show", "Show one case",
                           "  comity case show NE-2018-000001",
                           [name, &context] { return Show(*name, context); });
  show->add_option("case", *name, "Case id or local reference")->required();

  auto limit = std::make_shared<int>(50);
  CLI::App* list = AddVerb(noun, "list", "List cases in your scope",
                           "  comity case list --limit 10",
                           [limit, &context] { return List(*limit, context); });
  list->add_option("--limit", *limit, "At most so many");

  auto reference = std::make_shared<std::string>();
  auto family = std::make_shared<std::string>();
  CLI::App* find = AddVerb(noun, "find", "Find cases exactly",
                           "  comity case find --reference NE-2018-000001",
                           [reference, family, &context] {
                             return Find(*reference, *family, context);
                           });
  find->add_option("--reference", *reference, "Local reference");
  find->add_option("--family-name", *family, "Family name");
}

void AddScreening(CLI::App& noun, CommandContext& context) {
  auto screen = std::make_shared<ScreenOptions>();
  CLI::App* screening = AddVerb(
      noun, "screen", "Record the danger screening",
      "  comity case screen NE-7 --none\n"
      "  comity case screen NE-7 --never-share-with NG --official-involvement",
      [screen, &context] { return Screen(*screen, context); });
  screening->add_option("case", screen->name, "Case id or local reference")
      ->required();
  screening->add_flag("--none", screen->none, "No danger was found");
  screening->add_flag("--never-contact", screen->never_contact,
                      "Nothing leaves the country");
  screening->add_option("--never-share-with", screen->never_share_with,
                        "Participants that must not learn");
  screening->add_flag("--official-involvement", screen->official_involvement,
                      "Officials may be involved");
}

}  // namespace

void AddCaseCommands(CLI::App& app, CommandContext& context) {
  CLI::App* noun = app.add_subcommand("case", "Cases of the own country");
  noun->require_subcommand(1);
  AddWritingVerbs(*noun, context);
  AddReadingVerbs(*noun, context);
  AddScreening(*noun, context);
  AddCaseChangeVerbs(*noun, context);
  AddCaseMergeVerb(*noun, context);
  AddAttachmentVerbs(*noun, context);
}

}  // namespace comity
