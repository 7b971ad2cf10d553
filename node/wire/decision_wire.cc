#include "node/wire/decision_wire.h"

#include "absl/strings/str_cat.h"
#include "google/protobuf/arena.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/wire/proto_time.h"
#include "node/wire/required_fields.h"

namespace comity {
namespace {

namespace pb = operators::v1;

// Empty for what is not known.
template <typename Enum>
std::string Word(Enum value) {
  return value == Enum::kUnset ? "" : std::string(Name(value));
}

absl::Status NoWord(const char* field, const std::string& word) {
  return ReasonError(ErrorReason::kFieldInvalid,
                     absl::StrCat(field, ": the vocabulary has no word \"",
                                  word, "\"; policy/README.md lists them"));
}

template <typename Enum>
absl::Status ParseWord(const char* field, const std::string& word, Enum& out) {
  if (word.empty()) return absl::OkStatus();
  out = FromName<Enum>(word);
  return out == Enum::kUnset ? NoWord(field, word) : absl::OkStatus();
}

template <typename Enum, typename Words>
absl::Status ParseWords(const char* field, const Words& words,
                        EnumSet<Enum>& out) {
  for (const std::string& word : words) {
    Enum value = Enum::kUnset;
    RETURN_IF_ERROR(ParseWord(field, word, value));
    if (value == Enum::kUnset) return NoWord(field, word);
    out = out.With(value);
  }
  return absl::OkStatus();
}

// One of a short list without an unset value; empty: `out` stays.
template <typename Enum, typename List>
absl::Status ParseOneOf(const char* field, const std::string& word,
                        const List& list, Enum& out) {
  if (word.empty()) return absl::OkStatus();
  for (const Enum value : list) {
    if (word != Name(value)) continue;
    out = value;
    return absl::OkStatus();
  }
  return NoWord(field, word);
}

absl::Status ParseGroup(const char* field, int number, FieldGroup& out) {
  if (number <= 0 || number >= kFieldGroupCount) {
    return ReasonError(ErrorReason::kFieldInvalid,
                       absl::StrCat(field, ": ", number, " is no field group"));
  }
  out = static_cast<FieldGroup>(number);
  return absl::OkStatus();
}

void FormatRequest(const RequestFacts& request, pb::DecisionRequest& out) {
  *out.mutable_time() = ToProtoTime(request.now);
  out.set_self(request.self.text());
  out.set_peer(request.peer.text());
  out.set_holder(request.holder.text());
  out.set_asker(request.asker.text());
  out.set_role(Word(request.role));
  out.set_organisation(request.organisation);
  out.set_operation(Word(request.operation));
  out.set_purpose(Word(request.purpose));
  out.set_basis(Word(request.basis));
  out.set_agreement_id(request.agreement_id);
  out.set_agreement_digest(request.agreement_digest);
  for (const FieldGroup group : request.wanted.Values()) {
    out.add_wanted(static_cast<v1::RecordGroup>(group));
  }
  if (request.member_on != absl::InfinitePast()) {
    *out.mutable_member_on() = ToProtoTime(request.member_on);
  }
  for (std::string& part : request.table.Parts()) {
    out.add_table(std::move(part));
  }
}

absl::StatusOr<RequestFacts> ParseRequest(const pb::DecisionRequest& from) {
  ASSIGN_OR_RETURN(const absl::Time now, FromProtoTime(from.time()));
  ASSIGN_OR_RETURN(ParticipantCode self, ParticipantCode::Create(from.self()));
  ASSIGN_OR_RETURN(ParticipantCode peer, ParticipantCode::Create(from.peer()));
  ASSIGN_OR_RETURN(ParticipantCode holder,
                   ParticipantCode::Create(from.holder()));
  ASSIGN_OR_RETURN(ParticipantCode asker,
                   ParticipantCode::Create(from.asker()));
  RequestFacts request{now, std::move(self), std::move(peer), std::move(holder),
                       std::move(asker)};
  RETURN_IF_ERROR(ParseWord("request.role", from.role(), request.role));
  request.organisation = from.organisation();
  RETURN_IF_ERROR(
      ParseWord("request.operation", from.operation(), request.operation));
  RETURN_IF_ERROR(
      ParseWord("request.purpose", from.purpose(), request.purpose));
  RETURN_IF_ERROR(ParseWord("request.basis", from.basis(), request.basis));
  request.agreement_id = from.agreement_id();
  request.agreement_digest = from.agreement_digest();
  for (const int number : from.wanted()) {
    FieldGroup group = FieldGroup::kUnset;
    RETURN_IF_ERROR(ParseGroup("request.wanted", number, group));
    request.wanted = request.wanted.With(group);
  }
  if (from.has_member_on()) {
    ASSIGN_OR_RETURN(request.member_on, FromProtoTime(from.member_on()));
  }
  ASSIGN_OR_RETURN(request.table, TableShape::FromParts({from.table().begin(),
                                                         from.table().end()}));
  return request;
}

void FormatRecord(const RecordFacts& record, pb::DecisionRecord& out) {
  for (size_t i = 1; i < record.consent.size(); ++i) {
    if (record.consent[i] == ConsentState::kUnset) continue;
    pb::GroupConsent* consent = out.add_consents();
    consent->set_group(static_cast<v1::RecordGroup>(i));
    consent->set_state(Word(record.consent[i]));
  }
  out.set_danger(std::string(Name(record.danger)));
  out.set_onward(std::string(Name(record.onward)));
  out.set_age(Word(record.age));
  out.set_risks_known(record.risks_known);
  for (const auto value : record.risks.Values()) out.add_risks(Word(value));
  for (const auto value : record.origin.Values()) out.add_origins(Word(value));
  for (const auto value : record.exploitation.Values()) {
    out.add_exploitations(Word(value));
  }
  out.set_stage(Word(record.stage));
  out.set_record_age(Word(record.record_age));
}

absl::StatusOr<RecordFacts> ParseRecord(const pb::DecisionRecord& from) {
  RecordFacts record;
  record.present = true;
  for (const pb::GroupConsent& consent : from.consents()) {
    FieldGroup group = FieldGroup::kUnset;
    RETURN_IF_ERROR(ParseGroup("record.consents", consent.group(), group));
    RETURN_IF_ERROR(ParseWord("record.consents", consent.state(),
                              record.consent[static_cast<size_t>(group)]));
  }
  RETURN_IF_ERROR(ParseOneOf("record.danger", from.danger(), kBuiltInDangers,
                             record.danger));
  RETURN_IF_ERROR(
      ParseOneOf("record.onward", from.onward(), kOnwardBars, record.onward));
  RETURN_IF_ERROR(ParseWord("record.age", from.age(), record.age));
  record.risks_known = from.risks_known();
  RETURN_IF_ERROR(ParseWords("record.risks", from.risks(), record.risks));
  RETURN_IF_ERROR(ParseWords("record.origins", from.origins(), record.origin));
  RETURN_IF_ERROR(ParseWords("record.exploitations", from.exploitations(),
                             record.exploitation));
  RETURN_IF_ERROR(ParseWord("record.stage", from.stage(), record.stage));
  RETURN_IF_ERROR(
      ParseWord("record.record_age", from.record_age(), record.record_age));
  return record;
}

void FormatState(const CompiledPolicy& policy, const StateFacts& state,
                 pb::DecisionState& out) {
  for (const LimitUse& use : state.used) {
    pb::LimitCharge* charge = out.add_charges();
    charge->set_rule_id(policy.rule(use.rule).id);
    charge->set_window(std::string(Name(use.kind)));
    charge->set_used(use.used);
  }
  out.set_cells_used_this_year(state.cells_used_this_year);
  out.set_new_cells(state.new_cells);
  out.set_linked_tables(state.linked_tables);
  out.set_epsilon_spent(state.epsilon_spent);
  out.set_epsilon_spent_by_all(state.epsilon_spent_by_all);
  out.set_epsilon_new(state.epsilon_new);
  out.set_epsilon_new_for_all(state.epsilon_new_for_all);
  out.set_delta_spent(state.delta_spent);
  out.set_delta_spent_by_all(state.delta_spent_by_all);
  out.set_delta_new(state.delta_new);
  out.set_delta_new_for_all(state.delta_new_for_all);
  out.set_approvals(state.approvals);
  out.set_approvals_at_home(state.approvals_at_home);
  out.set_emergency(state.emergency);
}

absl::StatusOr<StateFacts> ParseState(const pb::DecisionState& from,
                                      const CompiledPolicy& policy) {
  StateFacts state;
  for (const pb::LimitCharge& charge : from.charges()) {
    LimitKind kind = LimitKind::kDay;
    RETURN_IF_ERROR(
        ParseOneOf("state.charges.window", charge.window(), kLimitKinds, kind));
    // Revisions of one agreement count together: they share the rule's name.
    for (size_t i = 0; i < policy.rules().size(); ++i) {
      if (policy.rules()[i].id != charge.rule_id()) continue;
      state.used.push_back({static_cast<RuleRef>(i), kind, charge.used()});
    }
  }
  state.cells_used_this_year = from.cells_used_this_year();
  state.new_cells = from.new_cells();
  state.linked_tables = from.linked_tables();
  state.epsilon_spent = from.epsilon_spent();
  state.epsilon_spent_by_all = from.epsilon_spent_by_all();
  state.epsilon_new = from.epsilon_new();
  state.epsilon_new_for_all = from.epsilon_new_for_all();
  state.delta_spent = from.delta_spent();
  state.delta_spent_by_all = from.delta_spent_by_all();
  state.delta_new = from.delta_new();
  state.delta_new_for_all = from.delta_new_for_all();
  state.approvals = from.approvals();
  state.approvals_at_home = from.approvals_at_home();
  state.emergency = from.emergency();
  return state;
}

void Format(const CompiledPolicy& policy, const RequestFacts& request,
            const RecordFacts& record, const StateFacts& state,
            pb::DecisionFacts& out) {
  FormatRequest(request, *out.mutable_request());
  if (record.present) FormatRecord(record, *out.mutable_record());
  FormatState(policy, state, *out.mutable_state());
}

}  // namespace

pb::DecisionFacts FormatDecisionFacts(const CompiledPolicy& policy,
                                      const RequestFacts& request,
                                      const RecordFacts& record,
                                      const StateFacts& state) {
  pb::DecisionFacts facts;
  Format(policy, request, record, state, facts);
  return facts;
}

std::string SerializeDecisionFacts(const CompiledPolicy& policy,
                                   const RequestFacts& request,
                                   const RecordFacts& record,
                                   const StateFacts& state) {
  // Many small texts, let go at once.
  google::protobuf::Arena arena;
  auto* facts =
      google::protobuf::Arena::CreateMessage<pb::DecisionFacts>(&arena);
  Format(policy, request, record, state, *facts);
  return facts->SerializeAsString();
}

absl::StatusOr<DecisionFacts> ParseDecisionFacts(const pb::DecisionFacts& facts,
                                                 const CompiledPolicy& policy) {
  RETURN_IF_ERROR(CheckRequiredFields(facts));
  ASSIGN_OR_RETURN(RequestFacts request, ParseRequest(facts.request()));
  DecisionFacts parsed{std::move(request), {}, {}};
  if (facts.has_record()) {
    ASSIGN_OR_RETURN(parsed.record, ParseRecord(facts.record()));
  }
  ASSIGN_OR_RETURN(parsed.state, ParseState(facts.state(), policy));
  return parsed;
}

}  // namespace comity
