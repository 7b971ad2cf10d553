#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "comity/operators/v1/case_service.grpc.pb.h"
#include "node/base/error_reason.h"
#include "node/cli/case_fields.h"
#include "node/cli/command.h"
#include "node/cli/correction_output.h"
#include "node/cli/groups.h"
#include "node/identity/private_file.h"

namespace comity {
namespace {

namespace pb = operators::v1;
using Cases = pb::CaseService;

struct EditOptions {
  std::string name;
  std::vector<std::string> fields;
  std::vector<std::string> clear;
  std::string file;
  uint64_t version = 0;
};

// NAME=VALUE, one a line; empty lines and those that begin with # say nothing.
absl::StatusOr<std::vector<std::string>> ReadFieldFile(
    const std::string& path) {
  ASSIGN_OR_RETURN(const std::string text, ReadPublicFile(path));
  std::vector<std::string> fields;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    line = absl::StripAsciiWhitespace(line);
    if (!line.empty() && line[0] != '#') fields.emplace_back(line);
  }
  return fields;
}

absl::StatusOr<uint64_t> VersionNow(const std::string& name,
                                    CommandContext& context) {
  pb::GetCaseRequest request;
  request.set_case_id(name);
  ASSIGN_OR_RETURN(const auto response,
                   (context.Call<Cases, pb::GetCaseResponse>(
                       &Cases::Stub::GetCase, request)));
  return response.case_().version();
}

template <typename Request>
absl::StatusOr<Request> RequestOf(const EditOptions& options) {
  Request request;
  request.set_case_id(options.name);
  std::vector<std::string> fields = options.fields;
  if (!options.file.empty()) {
    ASSIGN_OR_RETURN(const std::vector<std::string> more,
                     ReadFieldFile(options.file));
    fields.insert(fields.end(), more.begin(), more.end());
  }
  if (fields.empty() && options.clear.empty()) {
    return ReasonError(ErrorReason::kFieldMissing,
                       "give --set, --file or --clear");
  }
  for (const std::string& name : options.clear) {
    request.add_clear(name);
  }
  if (fields.empty()) return request;
  // A row of an import has a reference; an edit leaves it as it is.
  const bool named =
      std::any_of(fields.begin(), fields.end(), [](const std::string& field) {
        return absl::StartsWithIgnoreCase(field, "x_local_reference=");
      });
  if (!named) fields.emplace_back("x_local_reference=unchanged");
  ASSIGN_OR_RETURN(*request.mutable_record(), ParseCaseFields(fields));
  if (!named) request.mutable_record()->clear_x_local_reference();
  return request;
}

// Sends a change of a case's fields, by one of the two calls that make one.
template <typename Request, typename Response, typename Method>
absl::StatusOr<Response> Change(const EditOptions& options, Method method,
                                CommandContext& context) {
  ASSIGN_OR_RETURN(Request request, RequestOf<Request>(options));
  request.set_request_id(context.NewRequestId());
  request.set_version(options.version);
  if (options.version == 0) {
    ASSIGN_OR_RETURN(const uint64_t now, VersionNow(options.name, context));
    request.set_version(now);
  }
  return context.Call<Cases, Response>(method, request);
}

template <typename Response>
void PrintChange(const Response& response) {
  printf("changed %s; version %lu (entry %s)\n",
         response.changed().empty()
             ? "nothing"
             : absl::StrJoin(response.changed(), ", ").c_str(),
         static_cast<unsigned long>(response.version()),
         response.audit_entry_id().c_str());
}

absl::Status Edit(const EditOptions& options, CommandContext& context) {
  ASSIGN_OR_RETURN(const auto response,
                   (Change<pb::UpdateCaseRequest, pb::UpdateCaseResponse>(
                       options, &Cases::Stub::UpdateCase, context)));
  if (context.PrintedJson(response)) return absl::OkStatus();
  PrintChange(response);
  for (const pb::PartnerCopy& copy : response.outdated()) {
    printf(
        "%s holds an older value of %s (referral %s); comity case correct "
        "tells it\n",
        copy.participant().c_str(), GroupNames(copy.groups()).c_str(),
        copy.referral_id().c_str());
  }
  return absl::OkStatus();
}

absl::Status Correct(const EditOptions& options, CommandContext& context) {
  ASSIGN_OR_RETURN(const auto response,
                   (Change<pb::CorrectCaseRequest, pb::CorrectCaseResponse>(
                       options, &Cases::Stub::CorrectCase, context)));
  if (context.PrintedJson(response)) return absl::OkStatus();
  PrintChange(response);
  PrintCorrections(response.outcomes());
  return absl::OkStatus();
}

struct GiveOptions {
  std::string name;
  std::string to;
  std::string until;
  bool end = false;
};

absl::Status Assign(const GiveOptions& options, CommandContext& context) {
  pb::AssignCaseRequest request;
  request.set_request_id(context.NewRequestId());
  request.set_case_id(options.name);
  request.set_to(options.to);
  ASSIGN_OR_RETURN(const auto response,
                   (context.Call<Cases, pb::AssignCaseResponse>(
                       &Cases::Stub::AssignCase, request)));
  if (context.PrintedJson(response)) return absl::OkStatus();
  printf("the case is %s's; version %lu (entry %s)\n", options.to.c_str(),
         static_cast<unsigned long>(response.version()),
         response.audit_entry_id().c_str());
  return absl::OkStatus();
}

absl::Status Delegate(const GiveOptions& options, CommandContext& context) {
  if (options.end != (options.to.empty() && options.until.empty())) {
    return ReasonError(ErrorReason::kFieldInvalid,
                       "give --to and --until, or --end");
  }
  pb::DelegateCaseRequest request;
  request.set_request_id(context.NewRequestId());
  request.set_case_id(options.name);
  request.set_to(options.to);
  if (!options.until.empty()) {
    ASSIGN_OR_RETURN(*request.mutable_until(), ParseTimeText(options.until));
  }
  ASSIGN_OR_RETURN(const auto response,
                   (context.Call<Cases, pb::DelegateCaseResponse>(
                       &Cases::Stub::DelegateCase, request)));
  if (context.PrintedJson(response)) return absl::OkStatus();
  if (options.end) {
    printf("the delegation is ended (entry %s)\n",
           response.audit_entry_id().c_str());
  } else {
    printf("%s reaches the case until %s (entry %s)\n", options.to.c_str(),
           TimeText(request.until()).c_str(),
           response.audit_entry_id().c_str());
  }
  return absl::OkStatus();
}

void AddEditOptions(CLI::App& verb, EditOptions& edit) {
  verb.add_option("case", edit.name, "Case id or local reference")->required();
  verb.add_option("--set", edit.fields,
                  "NAME=VALUE, HTCDS names; a list is replaced as a whole");
  verb.add_option("--file", edit.file, "NAME=VALUE, one a line");
  verb.add_option("--clear", edit.clear, "Fields to empty")->delimiter(',');
  verb.add_option("--if-version", edit.version,
                  "Only if the case is still as you saw it; left out: as it "
                  "is now");
}

void AddEdit(CLI::App& noun, CommandContext& context) {
  auto edit = std::make_shared<EditOptions>();
  AddEditOptions(
      *AddVerb(noun, "edit",
               "Change fields of a case at home; says which partner holds an "
               "older value",
               "  comity case edit NE-7 --set prs_Gender=Feminine "
               "x_registered_on=2026-11-02\n"
               "  comity case edit NE-7 --file changes.txt --if-version 4\n"
               "  comity case edit NE-7 --clear prs_MobilePhone",
               [edit, &context] { return Edit(*edit, context); }),
      *edit);
  auto correct = std::make_shared<EditOptions>();
  AddEditOptions(
      *AddVerb(noun, "correct",
               "Change fields of a case, and tell whoever received them",
               "  comity case correct NE-7 --set x_age_at_registration=19\n"
               "  comity case correct NE-7 --clear prs_MobilePhone\n"
               "Each group that holds a named field goes anew to each partner "
               "that was told of it,\nas far as her consent, flags and policy "
               "let it now.",
               [correct, &context] { return Correct(*correct, context); }),
      *correct);
}

void AddGiving(CLI::App& noun, CommandContext& context) {
  auto assign = std::make_shared<GiveOptions>();
  CLI::App* verb =
      AddVerb(noun, "assign", "Give a case to another person",
              "  comity case assign NE-7 --to ANLTP/ibrahim.d",
              [assign, &context] { return Assign(*assign, context); });
  verb->add_option("case", assign->name, "Case id or local reference")
      ->required();
  verb->add_option("--to", assign->to, "ORGANISATION/person")->required();

  auto delegate = std::make_shared<GiveOptions>();
  verb = AddVerb(noun, "delegate", "Let another person reach a case for a time",
                 "  comity case delegate NE-7 --to SHELTER/hawa.m --until "
                 "2027-01-15\n"
                 "  comity case delegate NE-7 --end",
                 [delegate, &context] { return Delegate(*delegate, context); });
  verb->add_option("case", delegate->name, "Case id or local reference")
      ->required();
  verb->add_option("--to", delegate->to, "ORGANISATION/person");
  verb->add_option("--until", delegate->until,
                   "A day or a time, at most 90 days ahead");
  verb->add_flag("--end", delegate->end, "End the delegation");
}

}  // namespace

void AddCaseChangeVerbs(CLI::App& noun, CommandContext& context) {
  AddEdit(noun, context);
  AddGiving(noun, context);
}

}  // namespace comity
