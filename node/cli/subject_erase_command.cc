#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "comity/operators/v1/subject_service.grpc.pb.h"
#include "node/base/error_reason.h"
#include "node/cli/all_pages.h"
#include "node/cli/command.h"
#include "node/cli/consent_text.h"

namespace comity {
namespace {

namespace pb = operators::v1;
using Subjects = pb::SubjectService;

struct EraseOptions {
  std::string name;
  std::string ground;
  bool confirm = false;
  bool show = false;
};

void PrintReach(const pb::ErasureReach& reach) {
  printf("  her data key, the record and %u act(s) of consent\n",
         reach.consents());
  if (reach.attachments() > 0) {
    printf("  %u document(s)\n", reach.attachments());
  }
  printf("  %u dossier(s), %u draft(s), %u event(s) that wait for delivery\n",
         reach.dossiers(), reach.drafts(), reach.waiting_events());
  printf("  her name in %u entries of the own log; the entries stay\n",
         reach.log_entries());
  if (reach.oversight() > 0) {
    printf("  %u approval(s) and review(s) about her\n", reach.oversight());
  }
  if (reach.revisions_size() > 0) {
    printf(
        "  her row in %s: closed to new questions until the next is "
        "published\n",
        absl::StrJoin(reach.revisions(), ", ").c_str());
  }
  printf("  asked to erase: %s\n",
         reach.asked_size() == 0 ? "nobody was told anything"
                                 : absl::StrJoin(reach.asked(), ", ").c_str());
}

void PrintErasure(const pb::Erasure& erasure) {
  printf("case %s was erased %s by %s, ground %s\n", erasure.case_id().c_str(),
         TimeText(erasure.erased_at()).c_str(),
         erasure.role().empty() ? "the node itself" : erasure.role().c_str(),
         erasure.ground().c_str());
  printf("  proof: entry %s, leaf %s\n", erasure.log_entry_id().c_str(),
         absl::Base64Escape(erasure.leaf_hash()).c_str());
  for (const pb::WithdrawalStanding& each : erasure.partners()) {
    PrintWithdrawal(each);
  }
}

absl::Status Show(const EraseOptions& options, CommandContext& context) {
  pb::ListErasuresRequest request;
  request.set_case_id(options.name);
  request.set_page_size(500);
  ASSIGN_OR_RETURN(const auto all,
                   (CallAll<Subjects, pb::ListErasuresResponse>(
                       context, &Subjects::Stub::ListErasures, request)));
  if (context.PrintedJson(all)) return absl::OkStatus();
  if (all.erasures().empty()) printf("nobody was erased\n");
  for (const pb::Erasure& each : all.erasures()) PrintErasure(each);
  return absl::OkStatus();
}

absl::Status Erase(const EraseOptions& options, CommandContext& context) {
  if (options.show) return Show(options, context);
  if (options.name.empty() || options.ground.empty()) {
    return ReasonError(ErrorReason::kFieldMissing,
                       "name the case and the ground: --case C17 --reason "
                       "SUBJECT_REQUEST");
  }
  pb::EraseSubjectRequest request;
  request.set_request_id(context.NewRequestId());
  request.set_case_id(options.name);
  request.set_ground(options.ground);
  request.set_confirm(options.confirm);
  ASSIGN_OR_RETURN(const auto response,
                   (context.Call<Subjects, pb::EraseSubjectResponse>(
                       &Subjects::Stub::EraseSubject, request)));
  if (context.PrintedJson(response)) return absl::OkStatus();
  if (!response.has_erasure()) {
    printf("nothing was erased; with --confirm would go, for ever:\n");
    PrintReach(response.reach());
    return absl::OkStatus();
  }
  printf("erased:\n");
  PrintReach(response.reach());
  return Show(options, context);
}

}  // namespace

void AddSubjectEraseVerb(CLI::App& subject, CommandContext& context) {
  auto options = std::make_shared<EraseOptions>();
  CLI::App* verb = AddVerb(
      subject, "erase",
      "Erase a person: all that names her here, and at every partner",
      "  comity subject erase --case NE-7 --reason SUBJECT_REQUEST\n"
      "  comity subject erase --case NE-7 --reason SUBJECT_REQUEST --confirm\n"
      "  comity subject erase --case NE-7 --show\n"
      "  comity --json subject erase --show > erased.json",
      [options, &context] { return Erase(*options, context); });
  verb->add_option("--case", options->name, "Case id or local reference");
  verb->add_option("--reason", options->ground,
                   "SUBJECT_REQUEST, CONSENT_WITHDRAWN, RECORDED_IN_ERROR, "
                   "UNLAWFUL or COURT_ORDER");
  verb->add_flag("--confirm", options->confirm,
                 "Erase; without it nothing is done but to say what would go");
  verb->add_flag("--show", options->show,
                 "Show what was erased, the proof, and who has answered");
}

}  // namespace comity
