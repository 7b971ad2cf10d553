#include <map>
#include <optional>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "comity/operators/v1/policy_service.grpc.pb.h"
#include "node/base/clock.h"
#include "node/base/error_reason.h"
#include "node/cli/command.h"
#include "node/cli/explanation_text.h"
#include "node/cli/groups.h"
#include "node/cli/policy_files.h"
#include "node/wire/decision_wire.h"
#include "node/wire/explanation_wire.h"
#include "node/wire/proto_time.h"

namespace comity {
namespace {

namespace pb = operators::v1;
using Policy = pb::PolicyService;
using Words = std::vector<std::string>;

// What the command line says of a request; what it does not is not known.
struct ExplainOptions {
  Words files;
  std::map<std::string, std::string> words;  // by option
  Words wanted, table, consent, risk, origin, exploitation, used;
  bool unscreened = false;
  bool no_record = false;
  bool emergency = false;
  bool verbose = false;
  uint32_t approvals = 0;
  uint32_t approvals_at_home = 0;
  std::optional<uint64_t> entry;

  const std::string& Of(const char* option) { return words[option]; }
};

// A verdict is no failure, but has an exit code: ends the program with it and
// without a message, as a help text does.
class VerdictGiven : public CLI::Success {
 public:
  explicit VerdictGiven(int code) : CLI::Success("RuntimeError", "", code) {}
};

absl::Status FillTime(ExplainOptions& options, pb::DecisionRequest& request) {
  absl::Time at = SystemClock().Now();
  std::string error;
  if (!options.Of("at").empty() &&
      !absl::ParseTime(absl::RFC3339_full, options.Of("at"), &at, &error)) {
    return ReasonError(
        ErrorReason::kFieldInvalid,
        absl::StrCat("--at: write a time as 2026-11-25T10:30:00Z: ", error));
  }
  *request.mutable_time() = ToProtoTime(at);
  return absl::OkStatus();
}

// The node that decides is the holder's; the asker's in a pre-flight, which
// looks at no record.
absl::Status FillRequest(ExplainOptions& options,
                         pb::DecisionRequest& request) {
  for (const char* needed : {"holder", "asker", "operation"}) {
    if (options.Of(needed).empty()) {
      return ReasonError(ErrorReason::kFieldMissing,
                         absl::StrCat("--", needed, " must be given"));
    }
  }
  RETURN_IF_ERROR(FillTime(options, request));
  const std::string& holder = options.Of("holder");
  const std::string& asker = options.Of("asker");
  request.set_holder(holder);
  request.set_asker(asker);
  request.set_self(options.no_record ? asker : holder);
  request.set_peer(options.no_record ? holder : asker);
  request.set_role(options.Of("role"));
  request.set_organisation(options.Of("organisation"));
  request.set_operation(options.Of("operation"));
  request.set_purpose(options.Of("purpose"));
  request.set_basis(options.Of("basis"));
  request.set_agreement_id(options.Of("agreement"));
  for (const std::string& part : options.table) request.add_table(part);
  return ParseGroupNames(options.wanted, request.mutable_wanted());
}

// "GIVEN" for all wanted groups, or "NEEDS=GIVEN".
absl::Status FillConsents(const ExplainOptions& options,
                          const pb::DecisionRequest& request,
                          pb::DecisionRecord& record) {
  for (const std::string& text : options.consent) {
    const std::pair<std::string, std::string> parts =
        absl::StrSplit(text, absl::MaxSplits('=', 1));
    google::protobuf::RepeatedField<int> groups = request.wanted();
    if (!parts.second.empty()) {
      groups.Clear();
      RETURN_IF_ERROR(ParseGroupNames({parts.first}, &groups));
    }
    for (const int group : groups) {
      pb::GroupConsent* consent = record.add_consents();
      consent->set_group(static_cast<v1::RecordGroup>(group));
      consent->set_state(parts.second.empty() ? parts.first : parts.second);
    }
  }
  return absl::OkStatus();
}

absl::Status FillRecord(ExplainOptions& options, pb::DecisionFacts& facts) {
  if (options.no_record) return absl::OkStatus();
  pb::DecisionRecord& record = *facts.mutable_record();
  RETURN_IF_ERROR(FillConsents(options, facts.request(), record));
  const std::string& danger = options.Of("danger");
  record.set_danger(options.unscreened ? "UNSCREENED"
                    : danger.empty()   ? "NONE"
                                       : danger);
  record.set_age(options.Of("age"));
  record.set_stage(options.Of("stage"));
  record.set_record_age(options.Of("record-age"));
  record.set_risks_known(!options.risk.empty());
  for (const std::string& risk : options.risk) {
    if (risk != "NONE") record.add_risks(risk);
  }
  for (const std::string& word : options.origin) record.add_origins(word);
  for (const std::string& word : options.exploitation) {
    record.add_exploitations(word);
  }
  return absl::OkStatus();
}

// "RULE=N": N answers under a rule in each window that runs.
absl::Status FillState(ExplainOptions& options, pb::DecisionState& state) {
  for (const std::string& text : options.used) {
    const std::pair<std::string, std::string> parts =
        absl::StrSplit(text, absl::MaxSplits('=', 1));
    uint32_t used = 0;
    if (!absl::SimpleAtoi(parts.second, &used)) {
      return ReasonError(ErrorReason::kFieldInvalid,
                         absl::StrCat("--used: write RULE=NUMBER, not ", text));
    }
    for (const LimitKind kind : kLimitKinds) {
      pb::LimitCharge* charge = state.add_charges();
      charge->set_rule_id(
          absl::StrContains(parts.first, '/')
              ? parts.first
              : absl::StrCat(options.Of("agreement"), "/", parts.first));
      charge->set_window(std::string(Name(kind)));
      charge->set_used(used);
    }
  }
  state.set_approvals(options.approvals);
  state.set_approvals_at_home(options.approvals_at_home);
  state.set_emergency(options.emergency);
  return absl::OkStatus();
}

// The newest revision of the agreement that is named among the files.
void CiteNewest(const PolicySet& set, pb::DecisionRequest& request) {
  const Agreement* newest = nullptr;
  for (const Agreement& agreement : set.agreements) {
    if (agreement.id != request.agreement_id()) continue;
    if (newest == nullptr || agreement.revision > newest->revision) {
      newest = &agreement;
    }
  }
  if (newest != nullptr) request.set_agreement_digest(newest->digest);
}

absl::StatusOr<pb::DecisionExplanation> ExplainFromFiles(
    const Words& files, pb::DecisionFacts facts) {
  ASSIGN_OR_RETURN(PolicySet set,
                   LoadPoliciesFrom(files, facts.request().self()));
  CiteNewest(set, *facts.mutable_request());
  const CompiledPolicy policy(std::move(set));
  ASSIGN_OR_RETURN(const DecisionFacts parsed,
                   ParseDecisionFacts(facts, policy));
  return FormatExplanation(
      policy, Explain(policy, parsed.request, parsed.record, parsed.state),
      SmallestChanges(policy, parsed.request, parsed.record, parsed.state),
      LosingFacts(policy, parsed.request, parsed.record, parsed.state));
}

absl::StatusOr<pb::DecisionExplanation> ExplainEntry(uint64_t index,
                                                     CommandContext& context) {
  pb::ExplainLoggedDecisionRequest request;
  request.set_entry_index(index);
  ASSIGN_OR_RETURN(auto response,
                   (context.Call<Policy, pb::ExplainLoggedDecisionResponse>(
                       &Policy::Stub::ExplainLoggedDecision, request)));
  return std::move(*response.mutable_explanation());
}

absl::StatusOr<pb::DecisionExplanation> ExplainHypothetical(
    ExplainOptions& options, CommandContext& context) {
  pb::ExplainDecisionRequest request;
  pb::DecisionFacts& facts = *request.mutable_facts();
  RETURN_IF_ERROR(FillRequest(options, *facts.mutable_request()));
  RETURN_IF_ERROR(FillRecord(options, facts));
  RETURN_IF_ERROR(FillState(options, *facts.mutable_state()));
  if (!options.files.empty()) return ExplainFromFiles(options.files, facts);
  ASSIGN_OR_RETURN(auto response,
                   (context.Call<Policy, pb::ExplainDecisionResponse>(
                       &Policy::Stub::ExplainDecision, request)));
  return std::move(*response.mutable_explanation());
}

absl::Status RunExplain(ExplainOptions& options, CommandContext& context) {
  ASSIGN_OR_RETURN(const pb::DecisionExplanation explanation,
                   options.entry.has_value()
                       ? ExplainEntry(*options.entry, context)
                       : ExplainHypothetical(options, context));
  if (!context.PrintedJson(explanation)) {
    printf("%s", ExplanationText(explanation, options.verbose).c_str());
  }
  if (explanation.outcome() == "DENY") throw VerdictGiven(3);
  if (explanation.outcome() == "HOLD") throw VerdictGiven(4);
  return absl::OkStatus();
}

void AddRequestOptions(CLI::App& verb, ExplainOptions& options) {
  const auto word = [&](const char* name, const char* help) {
    return verb.add_option(absl::StrCat("--", name), options.words[name], help);
  };
  word("holder", "Participant that discloses, NG");
  word("asker", "Participant that receives, TD");
  word("operation", "CASE_QUERY, REFERRAL_CREATE, ...");
  word("role", "Role of the person who asks, COORDINATOR");
  word("purpose", "PROTECTION, SAFE_RETURN, ...");
  word("basis", "Legal basis, CONSENT");
  word("agreement", "Id of the agreement that is cited");
  word("organisation", "Organisation of the person who asks");
  word("at", "Time of the request, 2026-11-25T10:30:00Z; else now");
  verb.add_option("--want", options.wanted, "Field groups, NEEDS,STATUS")
      ->delimiter(',');
  verb.add_option("--table", options.table,
                  "Columns of a table of counts, sex,exploitation=Other")
      ->delimiter(',');
}

void AddFactOptions(CLI::App& verb, ExplainOptions& options) {
  const auto word = [&](const char* name, const char* help) {
    return verb.add_option(absl::StrCat("--", name), options.words[name], help);
  };
  const auto list = [&](const char* name, Words& words, const char* help) {
    verb.add_option(name, words, help)->delimiter(',');
  };
  list("--consent", options.consent, "GIVEN, or by group: NEEDS=GIVEN,...");
  list("--risk", options.risk,
       "FAMILY,TRAFFICKER_AT_LARGE; NONE: there is none");
  list("--origin", options.origin, "SAME_AS_ASKER,SAME_AS_HOLDER,OTHER");
  list("--exploitation", options.exploitation, "The same for exploitation");
  word("age", "CHILD, ADULT or AGE_DISPUTED");
  word("stage", "Stage of the dossier, SENT; NONE: no dossier");
  word("record-age", "UP_TO_30_DAYS, UP_TO_1_YEAR, UP_TO_5_YEARS, OLDER");
  word("danger", "A built-in danger flag that is set, NEVER_CONTACT");
  verb.add_flag("--unscreened", options.unscreened,
                "The case was never screened for danger");
  verb.add_flag("--no-record", options.no_record,
                "No record is looked at: the asker's own check");
  verb.add_option("--approvals", options.approvals,
                  "Approvals there are, at the side that asks or sends");
  verb.add_option("--approvals-at-home", options.approvals_at_home,
                  "Approvals there are, at the holder");
  list("--used", options.used, "Answers under a rule so far, RULE=N,...");
  verb.add_flag("--emergency", options.emergency, "An emergency is declared");
}

}  // namespace

void AddPolicyExplainCommands(CLI::App& policy, CommandContext& context) {
  auto options = std::make_shared<ExplainOptions>();
  CLI::App* verb = AddVerb(
      policy, "explain", "Say why a request is decided as it is, and what else",
      "  comity policy explain --files policy --holder NG --asker NE \\\n"
      "    --operation CASE_QUERY --role COORDINATOR --purpose SAFE_RETURN \\\n"
      "    --basis CONSENT --agreement ng-ne-bilateral --want NEEDS \\\n"
      "    --consent GIVEN\n"
      "  comity --as ng/operators/auditor policy explain --entry 4711",
      [options, &context] { return RunExplain(*options, context); });
  CLI::Option* files =
      verb->add_option("--files", options->files,
                       "Policy files or folders to judge by, without a node; "
                       "else those in force");
  verb->add_option("--entry", options->entry,
                   "A decision of the own log, by its index")
      ->excludes(files);
  AddRequestOptions(*verb, *options);
  AddFactOptions(*verb, *options);
  verb->add_flag("-v,--verbose", options->verbose,
                 "Every rule with every condition");
}

}  // namespace comity
