#include "node/wire/policy_tests.h"

#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "comity/policy/v1/policy_tests.pb.h"
#include "google/protobuf/text_format.h"
#include "node/policy/dimensions.h"
#include "node/wire/policy_convert.h"
#include "node/wire/policy_meaning.h"
#include "node/wire/policy_text.h"

namespace comity {
namespace {

namespace pb = policy::v1;
using google::protobuf::TextFormat;

template <typename Enum, typename Repeated>
EnumSet<Enum> SetOf(const Repeated& list) {
  EnumSet<Enum> set;
  for (const auto value : list) set = set.With(static_cast<Enum>(value));
  return set;
}

// The file's fields are checked, so codes have their form.
ParticipantCode Code(const std::string& text) {
  return *ParticipantCode::Create(text);
}

absl::StatusOr<TableShape> ShapeIn(const pb::Request& from) {
  return TableShape::FromParts({from.table().begin(), from.table().end()});
}

// `before_asking`: the asker's own look, which reads no record.
RequestFacts ConvertRequest(const pb::Request& from, const std::string& node,
                            bool before_asking, absl::Time now) {
  const ParticipantCode holder = Code(from.holder());
  const ParticipantCode asker = Code(from.asker());
  const ParticipantCode self = before_asking ? asker : Code(node);
  RequestFacts request{now, self, holder == self ? asker : holder, holder,
                       asker};
  request.role = static_cast<Role>(from.role());
  request.organisation = from.organisation();
  request.operation = static_cast<Operation>(from.operation());
  request.purpose = static_cast<Purpose>(from.purpose());
  request.basis = static_cast<LegalBasis>(from.basis());
  request.agreement_id = from.agreement();
  request.wanted = SetOf<FieldGroup>(from.want());
  if (from.has_member_on()) request.member_on = ParseUtc(from.member_on());
  request.table = ShapeIn(from).value_or(TableShape());
  return request;
}

BuiltInDanger DangerOf(const pb::Record& record) {
  switch (record.danger()) {
    case pb::Danger::UNSET:
      return BuiltInDanger::kUnscreened;
    case pb::Danger::CLEAR:
      return BuiltInDanger::kNone;
    case pb::Danger::NEVER_CONTACT:
      return BuiltInDanger::kNeverContact;
    case pb::Danger::NEVER_SHARE_WITH:
      return BuiltInDanger::kNeverShareWith;
    case pb::Danger::OFFICIAL_INVOLVEMENT:
      return BuiltInDanger::kOfficialInvolvement;
  }
  return BuiltInDanger::kUnscreened;
}

OnwardBar OnwardOf(const pb::Record& record) {
  switch (record.received_under()) {
    case pb::Onward::UNSET:
      return OnwardBar::kNone;
    case pb::Onward::FORBIDDEN:
      return OnwardBar::kForbidden;
    case pb::Onward::OTHER_PURPOSE:
      return OnwardBar::kOtherPurpose;
  }
  return OnwardBar::kForbidden;
}

RecordFacts ConvertRecord(const pb::Record& from, FieldGroups wanted) {
  RecordFacts record;
  record.present = true;
  for (const FieldGroup group : wanted.Values()) {
    record.consent[static_cast<size_t>(group)] =
        static_cast<ConsentState>(from.consent());
  }
  for (const pb::GroupConsent& one : from.consent_for()) {
    for (const auto field : one.field()) {
      record.consent[static_cast<size_t>(field)] =
          static_cast<ConsentState>(one.state());
    }
  }
  record.danger = DangerOf(from);
  record.onward = OnwardOf(from);
  record.age = static_cast<AgeClass>(from.age());
  record.risks_known = from.risks_assessed();
  record.risks = SetOf<RiskMarker>(from.risk());
  record.origin = SetOf<CountryRelation>(from.origin());
  record.exploitation = SetOf<CountryRelation>(from.exploitation());
  record.stage = static_cast<DossierStage>(from.stage());
  record.record_age = static_cast<RecordAge>(from.record_age());
  return record;
}

LimitKind KindOf(pb::Window::Value window) {
  switch (window) {
    case pb::Window::UNSET:
    case pb::Window::DAY:
      return LimitKind::kDay;
    case pb::Window::HOUR:
      return LimitKind::kHour;
    case pb::Window::MONTH:
      return LimitKind::kMonth;
    case pb::Window::OFFICER_DAY:
      return LimitKind::kOfficerDay;
  }
  return LimitKind::kDay;
}

HomeFacts ConvertHome(const pb::HomeRequest& from, const std::string& node) {
  HomeFacts home{Caller{Code(node), false, from.organisation(),
                        static_cast<Role>(from.role()), from.person()}};
  home.operation = static_cast<LocalOperation>(from.operation());
  if (!from.has_case_owner() && !from.has_case_organisation()) return home;
  home.subject.emplace();
  home.subject->owner = from.case_owner();
  const std::vector<std::string> parts = absl::StrSplit(from.case_owner(), '/');
  home.subject->organisation =
      from.has_case_organisation() ? from.case_organisation() : parts[0];
  return home;
}

ErrorReason ReasonOfCase(pb::Reason::Value reason) {
  return ReasonFromName(pb::Reason::Value_Name(reason));
}

// The private reasons stand in the order of PrivateReason.
PrivateReason WhyOf(pb::Why::Value why) {
  return static_cast<PrivateReason>(why);
}

Expectation ConvertExpectation(const pb::Expect& from) {
  Expectation expected;
  expected.outcome = from.outcome() == pb::Outcome::PERMIT ? Outcome::kPermit
                     : from.outcome() == pb::Outcome::HOLD ? Outcome::kHold
                                                           : Outcome::kDeny;
  if (from.has_reason()) expected.reason = ReasonOfCase(from.reason());
  if (from.has_why()) expected.why = WhyOf(from.why());
  expected.released = SetOf<FieldGroup>(from.release());
  if (from.has_duties()) expected.duties = ConvertDuties(from.duties());
  if (from.rule_size() > 0) {
    expected.rules.emplace(from.rule().begin(), from.rule().end());
  }
  if (from.has_told_to_asker()) expected.shared = from.told_to_asker();
  if (from.has_approvals_missing()) {
    expected.approvals_missing = from.approvals_missing();
  }
  if (from.has_break_glass()) expected.break_glass = from.break_glass();
  return expected;
}

PolicyCase ConvertCase(const pb::Case& from, const pb::PolicyTests& file,
                       FilePlace place) {
  const pb::Facts& facts = from.facts();
  PolicyCase converted{from.name(), place};
  converted.now =
      ParseUtc(facts.state().has_time() ? facts.state().time() : file.time());
  if (facts.has_home()) {
    converted.home = ConvertHome(facts.home(), file.node());
  } else {
    converted.request = ConvertRequest(
        facts.request(), file.node(),
        !facts.has_record() &&
            AsksForFields(static_cast<Operation>(facts.request().operation())),
        converted.now);
  }
  if (facts.has_record() && converted.request.has_value()) {
    converted.record = ConvertRecord(facts.record(), converted.request->wanted);
  }
  converted.state.approvals = facts.state().approvals();
  converted.state.approvals_at_home = facts.state().approvals_at_home();
  converted.state.emergency = facts.state().emergency();
  converted.state.cells_used_this_year = facts.state().cells_used();
  converted.state.new_cells = facts.state().new_cells();
  converted.state.linked_tables = facts.state().linked_tables();
  converted.state.epsilon_spent = facts.state().epsilon_spent();
  converted.state.epsilon_spent_by_all = facts.state().epsilon_spent_by_all();
  converted.state.epsilon_new = facts.state().epsilon_new();
  converted.state.epsilon_new_for_all = facts.state().epsilon_new_for_all();
  converted.state.delta_spent = facts.state().delta_spent();
  converted.state.delta_spent_by_all = facts.state().delta_spent_by_all();
  converted.state.delta_new = facts.state().delta_new();
  converted.state.delta_new_for_all = facts.state().delta_new_for_all();
  for (const pb::Used& used : facts.state().used()) {
    converted.used.push_back(
        {used.rule(), KindOf(used.window()), used.count()});
  }
  converted.expected = ConvertExpectation(from.expect());
  return converted;
}

// What joins several fields of a case.
void CheckCase(const pb::Case& tested, const std::string& node, FilePlace place,
               std::vector<TextFault>& faults) {
  const auto require = [&](bool ok, const std::string& message) {
    if (!ok) faults.push_back({place.line, place.column, message});
  };
  const pb::Facts& facts = tested.facts();
  require(facts.question_case() != pb::Facts::QUESTION_NOT_SET,
          "the facts hold neither a request nor a home request");
  for (const std::string* code :
       {&facts.request().holder(), &facts.request().asker()}) {
    require(code->empty() || code->front() != '@',
            "holder and asker of a request are participants, not groups");
  }
  require(!facts.has_request() || facts.request().holder() == node ||
              facts.request().asker() == node,
          "the node of this file is neither holder nor asker of the request");
  const absl::Status shape = ShapeIn(facts.request()).status();
  require(shape.ok(), std::string(shape.message()));
  require(!facts.has_home() || !facts.has_record(),
          "a home request has no record; write case_owner instead");
}

FilePlace PlaceOfCase(const TextFormat::ParseInfoTree& tree, int index) {
  const auto* field = pb::PolicyTests::descriptor()->FindFieldByName("case");
  const auto at = tree.GetLocation(field, index);
  return {at.line + 1, at.column + 1};
}

std::vector<TextFault> CheckCases(const pb::PolicyTests& file,
                                  const TextFormat::ParseInfoTree& tree) {
  std::vector<TextFault> faults;
  std::set<std::string> names;
  for (int i = 0; i < file.case__size(); ++i) {
    const FilePlace place = PlaceOfCase(tree, i);
    CheckCase(file.case_(i), file.node(), place, faults);
    if (!names.insert(file.case_(i).name()).second) {
      faults.push_back(
          {place.line, place.column, "two cases have the same name"});
    }
  }
  return faults;
}

}  // namespace

PolicyTestResult LoadPolicyTests(absl::string_view file_name,
                                 absl::string_view text) {
  pb::PolicyTests file;
  TextFormat::ParseInfoTree tree;
  std::vector<TextFault> faults = ReadStrictText(text, &file, &tree);
  if (faults.empty()) faults = CheckFields(file, tree);
  if (faults.empty()) faults = CheckCases(file, tree);
  PolicyTestResult result;
  for (TextFault& fault : faults) {
    result.findings.push_back({std::string(file_name), fault.line, fault.column,
                               std::move(fault.message)});
  }
  if (!result.findings.empty()) return result;
  result.tests.emplace();
  result.tests->node = file.node();
  result.tests->files = {file.file().begin(), file.file().end()};
  for (int i = 0; i < file.case__size(); ++i) {
    result.tests->cases.push_back(
        ConvertCase(file.case_(i), file, PlaceOfCase(tree, i)));
  }
  return result;
}

std::vector<PolicyFinding> CheckAgainstSet(absl::string_view file_name,
                                           const PolicyTestFile& tests,
                                           const PolicySet& set) {
  std::vector<PolicyFinding> findings;
  const std::set<std::string> rules = RuleIds(set);
  for (const PolicyCase& tested : tests.cases) {
    const auto require_rule = [&](const std::string& rule) {
      if (rules.contains(rule)) return;
      findings.push_back(
          {std::string(file_name), tested.place.line, tested.place.column,
           absl::StrCat("the files of this test hold no rule \"", rule, "\"")});
    };
    for (const NamedUse& use : tested.used) require_rule(use.rule);
    if (!tested.expected.rules.has_value()) continue;
    for (const std::string& rule : *tested.expected.rules) require_rule(rule);
  }
  return findings;
}

}  // namespace comity
