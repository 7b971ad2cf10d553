#include "node/wire/policy_convert.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "node/domain/deadline_terms.h"
#include "node/domain/measure.h"
#include "node/wire/indicators.h"
#include "node/wire/party_names.h"

namespace comity {
namespace {

namespace pb = policy::v1;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::TextFormat;
using Tree = TextFormat::ParseInfoTree;

template <typename Enum, typename Repeated>
EnumSet<Enum> SetOf(const Repeated& list) {
  EnumSet<Enum> set;
  for (const auto value : list) set = set.With(static_cast<Enum>(value));
  return set;
}

std::vector<std::string> Texts(
    const google::protobuf::RepeatedPtrField<std::string>& list) {
  return {list.begin(), list.end()};
}

When ConvertWhen(const pb::When& from) {
  return {SetOf<ConsentState>(from.consent()),
          SetOf<AgeClass>(from.age()),
          SetOf<RiskMarker>(from.risk_any_of()),
          SetOf<RiskMarker>(from.risk_none_of()),
          SetOf<CountryRelation>(from.origin()),
          SetOf<CountryRelation>(from.exploitation()),
          SetOf<DossierStage>(from.stage()),
          SetOf<RecordAge>(from.record_age())};
}

// Collects the places of a message's fields, those of nested ones by path.
void CollectPlaces(const Message& message, const Tree& tree,
                   const std::string& path, RulePlaces& places) {
  std::vector<const FieldDescriptor*> fields;
  message.GetReflection()->ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    const int first = field->is_repeated() ? 0 : -1;
    const auto at = tree.GetLocation(field, first);
    if (at.line < 0) continue;
    const std::string name = absl::StrCat(path, field->name());
    places.fields[name] = {at.line + 1, at.column + 1};
    const Tree* nested = tree.GetTreeForNested(field, first);
    if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE &&
        !field->is_repeated() && nested != nullptr) {
      CollectPlaces(message.GetReflection()->GetMessage(message, field),
                    *nested, absl::StrCat(name, "."), places);
    }
  }
}

// The places of the i-th block of the list `field` of `parent`.
RulePlaces PlacesOf(const Message& rule, const Message& parent,
                    const Tree& tree, const char* field, int index) {
  const auto* descriptor = parent.GetDescriptor()->FindFieldByName(field);
  const auto at = tree.GetLocation(descriptor, index);
  RulePlaces places;
  places.rule = {at.line + 1, at.column + 1};
  const Tree* nested = tree.GetTreeForNested(descriptor, index);
  if (nested != nullptr) CollectPlaces(rule, *nested, "", places);
  return places;
}

// The groups of an agreement or of national rules.
template <typename Body>
std::vector<ParticipantGroup> ConvertGroups(const Body& from,
                                            const Tree& tree) {
  std::vector<ParticipantGroup> groups;
  for (int i = 0; i < from.group_size(); ++i) {
    const pb::Group& group = from.group(i);
    ParticipantGroup converted{group.id(), {}};
    converted.place = PlacesOf(group, from, tree, "group", i).rule;
    for (const pb::Member& member : group.member()) {
      Membership membership{member.participant()};
      if (member.has_from()) membership.from = ParseUtc(member.from());
      if (member.has_until()) membership.until = ParseUtc(member.until());
      converted.members.push_back(std::move(membership));
    }
    groups.push_back(std::move(converted));
  }
  return groups;
}

// What is told of the columns that the grant names.
EnumSet<Measure> MeasuresOf(const pb::Grant& from) {
  return from.measure_size() == 0 ? EnumSet<Measure>({Measure::kPersons})
                                  : SetOf<Measure>(from.measure());
}

// The loader has looked up every name.
std::vector<TableScope> ConvertTables(const pb::Grant& from) {
  std::vector<TableScope> scopes;
  for (const std::string& name : from.indicator()) {
    const auto indicator = FindIndicator(name);
    if (!indicator.ok()) continue;
    auto shape = ShapeOf(*indicator);
    if (shape.ok()) scopes.push_back({name, *std::move(shape)});
  }
  for (const Measure measure : MeasuresOf(from).Values()) {
    TableShape any{{}, {}, measure};
    for (const std::string& name : from.dimension()) {
      const TableColumn* column = FindTableColumn(name);
      if (column != nullptr && column->unit == UnitOf(measure)) {
        any.by.push_back(name);
      }
    }
    std::sort(any.by.begin(), any.by.end());
    if (!any.by.empty()) scopes.push_back({"", std::move(any)});
  }
  return scopes;
}

Grant ConvertGrant(const pb::Grant& from) {
  Grant grant;
  grant.id = from.id();
  grant.holder = Texts(from.holder());
  grant.asker = Texts(from.asker());
  grant.role = SetOf<Role>(from.role());
  grant.organisation = Texts(from.organisation());
  grant.operation = SetOf<Operation>(from.operation());
  grant.purpose = SetOf<Purpose>(from.purpose());
  grant.basis = SetOf<LegalBasis>(from.basis());
  grant.when = ConvertWhen(from.when());
  grant.release = SetOf<FieldGroup>(from.release());
  grant.tables = ConvertTables(from);
  grant.duties = ConvertDuties(from.duties());
  grant.break_glass = from.break_glass();
  if (from.has_valid_until()) grant.valid_until = ParseUtc(from.valid_until());
  grant.note = from.note();
  return grant;
}

// The loader has held every length to its bounds.
void ConvertDeadlines(const pb::Deadlines& from, Agreement& agreement) {
  ReferralDeadlines& to = agreement.deadlines;
  const auto* reflection = pb::Deadlines::GetReflection();
  for (const DeadlineTerm& term : kDeadlineTerms) {
    const auto* field = pb::Deadlines::descriptor()->FindFieldByName(term.name);
    if (!reflection->HasField(from, field)) continue;
    to.*term.value = reflection->GetUInt32(from, field);
    agreement.stated_deadlines.emplace_back(term.name);
  }
  if (from.follow_up_days_size() == 0) return;
  std::copy_n(from.follow_up_days().begin(), to.follow_up_days.size(),
              to.follow_up_days.begin());
  agreement.stated_deadlines.emplace_back(kFollowUpTerm.name);
}

Agreement ConvertAgreement(const pb::Agreement& from, const Tree& tree) {
  Agreement agreement;
  agreement.id = from.id();
  agreement.revision = from.revision();
  agreement.title = from.title();
  agreement.party = Texts(from.party());
  agreement.party_names = ConvertNames(from);
  agreement.legal_instrument = from.legal_instrument();
  agreement.valid_from = ParseUtc(from.valid_from());
  agreement.valid_until = ParseUtc(from.valid_until());
  agreement.emergency = from.emergency();
  agreement.groups = ConvertGroups(from, tree);
  for (int i = 0; i < from.grant_size(); ++i) {
    agreement.grants.push_back(ConvertGrant(from.grant(i)));
    agreement.grants.back().places =
        PlacesOf(from.grant(i), from, tree, "grant", i);
  }
  agreement.duties = ConvertDuties(from.duties());
  ConvertDeadlines(from.deadlines(), agreement);
  CollectPlaces(from, tree, "", agreement.places);
  return agreement;
}

NationalRules ConvertNational(const pb::NationalRules& from, const Tree& tree) {
  NationalRules rules;
  rules.node = from.node();
  rules.revision = from.revision();
  rules.title = from.title();
  rules.groups = ConvertGroups(from, tree);
  for (int i = 0; i < from.deny_size(); ++i) {
    const pb::Deny& deny = from.deny(i);
    rules.denies.push_back(
        {deny.id(), Texts(deny.asker()), SetOf<Role>(deny.role()),
         Texts(deny.organisation()), SetOf<Operation>(deny.operation()),
         SetOf<Purpose>(deny.purpose()), ConvertWhen(deny.when()),
         SetOf<FieldGroup>(deny.withhold()), deny.break_glass_may_override(),
         deny.reason(), PlacesOf(deny, from, tree, "deny", i)});
  }
  for (int i = 0; i < from.require_size(); ++i) {
    const pb::Require& require = from.require(i);
    rules.requires_.push_back({require.id(), Texts(require.asker()),
                               SetOf<Operation>(require.operation()),
                               ConvertWhen(require.when()),
                               ConvertDuties(require.duties()),
                               PlacesOf(require, from, tree, "require", i)});
  }
  return rules;
}

LocalAccess ConvertLocal(const pb::LocalAccess& from, const Tree& tree) {
  LocalAccess local;
  local.node = from.node();
  local.revision = from.revision();
  local.title = from.title();
  for (int i = 0; i < from.allow_size(); ++i) {
    const pb::Allow& allow = from.allow(i);
    LocalGrant grant{allow.id(),
                     SetOf<Role>(allow.role()),
                     Texts(allow.organisation()),
                     SetOf<LocalOperation>(allow.operation()),
                     static_cast<CaseScope>(allow.scope()),
                     Texts(allow.person())};
    if (allow.has_valid_from()) grant.valid_from = ParseUtc(allow.valid_from());
    if (allow.has_valid_until()) {
      grant.valid_until = ParseUtc(allow.valid_until());
    }
    grant.places = PlacesOf(allow, from, tree, "allow", i);
    local.grants.push_back(std::move(grant));
  }
  return local;
}

// In the order of strictness there, which is not that of the numbers here.
CountMethod ConvertCountMethod(pb::Counting::Value method) {
  switch (method) {
    case pb::Counting::CELL_KEY:
      return CountMethod::kCellKey;
    case pb::Counting::SUPPRESSION:
      return CountMethod::kSuppression;
    case pb::Counting::DISCRETE_GAUSSIAN:
      return CountMethod::kDiscreteGaussian;
    case pb::Counting::DISCRETE_LAPLACE:
      return CountMethod::kDiscreteLaplace;
    default:
      return CountMethod::kUnset;
  }
}

template <typename Body>
Body Named(Body body, absl::string_view file_name, const std::string& digest) {
  body.file = std::string(file_name);
  body.digest = digest;
  return body;
}

}  // namespace

Duties ConvertDuties(const pb::Duties& from) {
  Duties duties;
  for (const pb::RedactRule& rule : from.redact()) {
    Duties one;
    one.redact[static_cast<size_t>(rule.field())] =
        static_cast<Redaction>(rule.how());
    duties = Join(duties, one);
  }
  duties.approvals = from.approvals();
  duties.notify = SetOf<NoticeTarget>(from.notify());
  duties.max_per_hour = from.max_per_hour();
  duties.max_per_day = from.max_per_day();
  duties.max_per_month = from.max_per_month();
  duties.max_per_officer_per_day = from.max_per_officer_per_day();
  duties.k_threshold = from.k_threshold();
  duties.yearly_budget = from.yearly_budget();
  duties.count_method = ConvertCountMethod(from.count_method());
  duties.aggregation = static_cast<Aggregation>(from.aggregation());
  duties.linked_tables = from.linked_tables();
  duties.epsilon_thousandths = from.epsilon_thousandths();
  duties.epsilon_asker_thousandths = from.epsilon_asker_thousandths();
  duties.epsilon_all_thousandths = from.epsilon_all_thousandths();
  duties.delta_exponent = from.delta_exponent();
  duties.delta_budget_exponent = from.delta_budget_exponent();
  duties.retention_days = from.retention_days();
  duties.no_onward_transfer = from.no_onward_transfer();
  return duties;
}

bool ReadUtc(const std::string& text, absl::Time& time) {
  constexpr absl::string_view kForm = "%Y-%m-%dT%H:%M:%SZ";
  return absl::ParseTime(kForm, text, &time, nullptr) &&
         absl::FormatTime(kForm, time, absl::UTCTimeZone()) == text;
}

absl::Time ParseUtc(const std::string& text) {
  absl::Time time = absl::InfinitePast();
  ReadUtc(text, time);
  return time;
}

std::variant<Agreement, NationalRules, LocalAccess> ConvertBody(
    const pb::PolicyFile& file, const Tree& tree, absl::string_view file_name,
    const std::string& digest) {
  const auto* type = pb::PolicyFile::descriptor();
  const auto inside = [&](const char* body) -> const Tree& {
    return *tree.GetTreeForNested(type->FindFieldByName(body), -1);
  };
  if (file.has_agreement()) {
    return Named(ConvertAgreement(file.agreement(), inside("agreement")),
                 file_name, digest);
  }
  if (file.has_national()) {
    return Named(ConvertNational(file.national(), inside("national")),
                 file_name, digest);
  }
  return Named(ConvertLocal(file.local(), inside("local")), file_name, digest);
}

}  // namespace comity
