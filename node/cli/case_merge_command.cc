#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "comity/operators/v1/case_service.grpc.pb.h"
#include "node/base/error_reason.h"
#include "node/cli/command.h"
#include "node/cli/correction_output.h"

namespace comity {
namespace {

namespace pb = operators::v1;
using Cases = pb::CaseService;
using Ids = google::protobuf::RepeatedPtrField<std::string>;

struct MergeOptions {
  std::string kept;
  std::string other;
  std::vector<std::string> choices;
  bool adult_confirmed = false;
  bool preview = false;
};

template <typename Request>
absl::StatusOr<Request> RequestOf(const MergeOptions& options) {
  Request request;
  request.set_case_id(options.kept);
  request.set_other_case_id(options.other);
  for (const std::string& choice : options.choices) {
    const std::vector<std::string> parts = absl::StrSplit(choice, '=');
    if (parts.size() != 2) {
      return ReasonError(ErrorReason::kFieldInvalid,
                         "write each choice as NAME=keep, NAME=other or, for a "
                         "list, NAME=both");
    }
    pb::FieldChoice& added = *request.add_choices();
    added.set_field(parts[0]);
    added.set_take(parts[1]);
  }
  return request;
}

absl::StatusOr<pb::PreviewMergeResponse> Foresee(const MergeOptions& options,
                                                 CommandContext& context) {
  ASSIGN_OR_RETURN(const auto request,
                   RequestOf<pb::PreviewMergeRequest>(options));
  return context.Call<Cases, pb::PreviewMergeResponse>(
      &Cases::Stub::PreviewMerge, request);
}

void PrintIds(const char* what, const Ids& ids) {
  if (ids.empty()) return;
  printf("%s: %s\n", what, absl::StrJoin(ids, ", ").c_str());
}

void PrintField(const pb::FieldComparison& compared) {
  printf("%-11s %s\n", compared.verdict().c_str(), compared.field().c_str());
  if (!compared.kept().empty()) {
    printf("  keep:  %s\n", OnOneLine(compared.kept()).c_str());
  }
  if (!compared.other().empty() && compared.verdict() != "EQUAL") {
    printf("  other: %s\n", OnOneLine(compared.other()).c_str());
  }
  if (!compared.undecided()) return;
  printf("  choose: --field %s=keep|other%s\n", compared.field().c_str(),
         compared.is_list() ? "|both" : "");
}

void PrintScreening(const pb::PreviewMergeResponse& preview) {
  if (!preview.has_screening()) {
    printf("nobody screened either for danger\n");
    return;
  }
  const pb::Screening& screening = preview.screening();
  printf("danger flags of both:%s%s%s\n",
         screening.never_contact() ? " NEVER_CONTACT" : "",
         screening.never_share_with().empty()
             ? ""
             : absl::StrCat(" NEVER_SHARE_WITH ",
                            absl::StrJoin(screening.never_share_with(), ","))
                   .c_str(),
         screening.official_involvement() ? " OFFICIAL_INVOLVEMENT" : "");
}

absl::Status ShowPreview(const MergeOptions& options, CommandContext& context) {
  ASSIGN_OR_RETURN(const auto preview, Foresee(options, context));
  if (context.PrintedJson(preview)) return absl::OkStatus();
  for (const pb::FieldComparison& each : preview.fields()) PrintField(each);
  PrintScreening(preview);
  PrintIds("referrals that would be this case's", preview.moved_referral_ids());
  PrintIds(
      "acts of consent that would be withdrawn, for the other record says "
      "no to them",
      preview.withdrawn_consent_ids());
  if (preview.needs_adult_confirmed()) {
    printf(
        "one record says that she is, or may be, a child: "
        "--adult-confirmed once a person established that she is not\n");
  }
  printf("nothing was changed (entry %s)\n", preview.audit_entry_id().c_str());
  return absl::OkStatus();
}

absl::Status Merge(const MergeOptions& options, CommandContext& context) {
  if (options.preview) return ShowPreview(options, context);
  // Both as they are now.
  ASSIGN_OR_RETURN(const auto preview, Foresee(options, context));
  ASSIGN_OR_RETURN(auto request, RequestOf<pb::MergeCasesRequest>(options));
  request.set_request_id(context.NewRequestId());
  request.set_version(preview.version());
  request.set_other_version(preview.other_version());
  request.set_adult_confirmed(options.adult_confirmed);
  ASSIGN_OR_RETURN(const auto response,
                   (context.Call<Cases, pb::MergeCasesResponse>(
                       &Cases::Stub::MergeCases, request)));
  if (context.PrintedJson(response)) return absl::OkStatus();
  printf("%s is part of %s now; changed %s; version %lu (entry %s)\n",
         options.other.c_str(), options.kept.c_str(),
         response.changed().empty()
             ? "nothing"
             : absl::StrJoin(response.changed(), ", ").c_str(),
         static_cast<unsigned long>(response.version()),
         response.audit_entry_id().c_str());
  PrintIds("referrals that are this case's now", response.moved_referral_ids());
  PrintIds("withdrawn acts of consent", response.withdrawn_consent_ids());
  PrintIds("withdrawn from referrals", response.withdrawn_referral_ids());
  PrintIds("drafts to clear again", response.uncleared_referral_ids());
  PrintCorrections(response.outcomes());
  if (AnyWaits(response.outcomes())) {
    printf(
        "what waits for approvals: once approved, comity case correct %s with "
        "these fields as they are now tells it\n",
        options.kept.c_str());
  }
  return absl::OkStatus();
}

}  // namespace

void AddCaseMergeVerb(CLI::App& case_noun, CommandContext& context) {
  auto merge = std::make_shared<MergeOptions>();
  CLI::App* verb = AddVerb(
      case_noun, "merge", "Make one case of two records of one person",
      "  comity case merge NE-7 POL-12 --preview\n"
      "  comity case merge NE-7 POL-12 --field prs_FirstName=keep "
      "prs_Citizenship=both\n"
      "The first stays; the other's id and reference lead to it. Danger flags "
      "are united, what\neither record says no to stays no. Nothing is undone.",
      [merge, &context] { return Merge(*merge, context); });
  verb->add_option("case", merge->kept, "The case that stays")->required();
  verb->add_option("other", merge->other, "The case that becomes part of it")
      ->required();
  verb->add_option("--field", merge->choices,
                   "NAME=keep, NAME=other or, for a list, NAME=both");
  verb->add_flag("--adult-confirmed", merge->adult_confirmed,
                 "A person established that she is an adult although one "
                 "record says otherwise");
  verb->add_flag("--preview", merge->preview,
                 "Show both field by field and change nothing");
}

}  // namespace comity
