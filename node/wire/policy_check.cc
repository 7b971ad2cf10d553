#include "node/wire/policy_check.h"

#include <algorithm>
#include <set>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "node/domain/measure.h"
#include "node/domain/participant.h"
#include "node/domain/referral_terms.h"
#include "node/domain/table_columns.h"
#include "node/wire/counting_check.h"
#include "node/wire/indicators.h"
#include "node/wire/party_names.h"
#include "node/wire/policy_convert.h"

namespace comity {
namespace {

namespace pb = policy::v1;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::TextFormat;
using Tree = TextFormat::ParseInfoTree;
using Names = google::protobuf::RepeatedPtrField<std::string>;

constexpr int kMaxRules = 10000;
constexpr absl::Duration kLongestAgreement = absl::Hours(24 * 366 * 5);
constexpr absl::Duration kLongestEmergency = absl::Hours(24 * 90);

template <typename Repeated, typename Value>
bool Has(const Repeated& list, Value value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

// Whether one time lies before another; times that are missing or not written
// as times are faults of their own.
bool Before(const std::string& earlier, const std::string& later) {
  absl::Time from;
  absl::Time until;
  return !ReadUtc(earlier, from) || !ReadUtc(later, until) || from < until;
}

// One block of the file and where its fields stand. Faults go to a list that
// outlives it.
class Block {
 public:
  Block(const Message& message, const Tree* tree,
        TextFormat::ParseLocation place, std::vector<TextFault>& faults)
      : message_(message), tree_(tree), place_(place), faults_(faults) {}

  // Adds a fault at the field's place, else at the block's.
  void Require(bool ok, const char* field, const std::string& message) {
    if (ok) return;
    const auto at = Where(field, 0);
    faults_.push_back({at.line + 1, at.column + 1, message});
  }

  // The nested block `field`, the i-th of a list.
  template <typename Nested>
  Block Child(const Nested& nested, const char* field, int index) const {
    const auto* descriptor = Field(field);
    return Block(nested,
                 tree_->GetTreeForNested(
                     descriptor, descriptor->is_repeated() ? index : -1),
                 Where(field, index), faults_);
  }

 private:
  const FieldDescriptor* Field(const char* name) const {
    return message_.GetDescriptor()->FindFieldByName(name);
  }
  TextFormat::ParseLocation Where(const char* name, int index) const {
    const auto* field = Field(name);
    if (field == nullptr || tree_ == nullptr) return place_;
    const auto at =
        tree_->GetLocation(field, field->is_repeated() ? index : -1);
    return at.line < 0 ? place_ : at;
  }

  const Message& message_;
  const Tree* tree_;
  TextFormat::ParseLocation place_;
  std::vector<TextFault>& faults_;
};

// Whether both are one participant's time in a group, and meet.
bool Overlap(const pb::Member& a, const pb::Member& b) {
  const auto from = [](const pb::Member& member) {
    return member.has_from() ? ParseUtc(member.from()) : absl::InfinitePast();
  };
  const auto until = [](const pb::Member& member) {
    return member.has_until() ? ParseUtc(member.until())
                              : absl::InfiniteFuture();
  };
  return a.participant() == b.participant() && from(a) < until(b) &&
         from(b) < until(a);
}

// The ids of a file's groups; faults of the groups themselves go to `block`.
template <typename Body>
std::set<std::string> CheckGroups(const Body& body, const Names* parties,
                                  Block& block) {
  std::set<std::string> ids;
  for (int i = 0; i < body.group_size(); ++i) {
    const pb::Group& group = body.group(i);
    ids.insert(group.id());
    Block inner = block.Child(group, "group", i);
    for (int j = 0; j < group.member_size(); ++j) {
      const pb::Member& member = group.member(j);
      Block place = inner.Child(member, "member", j);
      for (int k = 0; k < j; ++k) {
        place.Require(!Overlap(group.member(k), member), "participant",
                      absl::StrCat(member.participant(),
                                   " is a member twice at one time; keep one, "
                                   "or let their times follow each other"));
      }
      place.Require(!member.has_from() || !member.has_until() ||
                        Before(member.from(), member.until()),
                    "from", "from must lie before until");
      place.Require(parties == nullptr || Has(*parties, member.participant()),
                    "participant",
                    absl::StrCat(member.participant(),
                                 " is not a party of the agreement"));
    }
  }
  return ids;
}

// Every name of the list is a code that `parties` holds (null: any code), or a
// group of the file.
void CheckNames(const Names& names, const char* field, const Names* parties,
                const std::set<std::string>& groups, Block& block) {
  for (const std::string& name : names) {
    if (absl::StartsWith(name, "@")) {
      block.Require(groups.contains(name.substr(1)), field,
                    absl::StrCat("there is no group \"", name.substr(1),
                                 "\" in this file"));
    } else {
      block.Require(parties == nullptr || Has(*parties, name) ||
                        !ParticipantCode::Create(name).ok(),
                    field,
                    absl::StrCat(name, " is not a party of the agreement"));
    }
  }
}

// Null if none are written, which is a fault of its own.
const Names* PartiesOf(const pb::Agreement& agreement) {
  return agreement.party_size() == 0 ? nullptr : &agreement.party();
}

bool ReleasesSensitive(const pb::Grant& grant) {
  return Has(grant.release(), pb::Field::IDENTITY) ||
         Has(grant.release(), pb::Field::BIOMETRIC_TOKEN) ||
         Has(grant.release(), pb::Field::TESTIMONY);
}

// Each column is of a kind that a measure tells of, and the other way round.
void CheckMeasures(const pb::Grant& grant, Block& block) {
  std::set<CountedUnit> told;
  for (const int value : grant.measure()) {
    told.insert(UnitOf(static_cast<Measure>(value)));
  }
  if (told.empty()) told.insert(CountedUnit::kPerson);
  std::set<CountedUnit> named;
  for (const std::string& name : grant.dimension()) {
    const TableColumn* column = FindTableColumn(name);
    const bool known = column != nullptr && !column->measured;
    block.Require(known, "dimension",
                  absl::StrCat("there is no column \"", name,
                               "\"; proto/README.md lists them"));
    if (!known) continue;
    named.insert(column->unit);
    block.Require(told.contains(column->unit), "dimension",
                  absl::StrCat("no measure of this grant is by \"", name,
                               "\"; of referrals write measure: [REFERRALS]"));
  }
  block.Require(
      grant.measure_size() != 1 || grant.measure(0) != pb::Measure::PERSONS,
      "measure", "PERSONS alone is what a grant without measure has");
  for (const int value : grant.measure()) {
    const auto measure = static_cast<Measure>(value);
    block.Require(
        named.contains(UnitOf(measure)), "measure",
        absl::StrCat(Name(measure),
                     " is told of columns in dimension, and none is "
                     "of its kind; an indicator has its own measure"));
  }
}

// Each indicator with its version, so that no later build means another table;
// each column by its name.
void CheckTables(const pb::Grant& grant, Block& block) {
  for (const std::string& name : grant.indicator()) {
    const auto indicator = FindIndicator(name);
    const absl::Status status =
        indicator.ok() ? CheckCollected(*indicator) : indicator.status();
    block.Require(status.ok(), "indicator", std::string(status.message()));
    block.Require(
        !status.ok() || IndicatorName(*indicator) == name, "indicator",
        absl::StrCat("write \"", name, "\" with its version, as \"",
                     status.ok() ? IndicatorName(*indicator) : "", "\""));
  }
  CheckMeasures(grant, block);
}

void CheckCounts(const pb::Agreement& agreement, const pb::Grant& grant,
                 Block& block) {
  const bool names = grant.indicator_size() > 0 || grant.dimension_size() > 0;
  if (!Has(grant.operation(), pb::Op::AGGREGATE_COUNT)) {
    block.Require(!names && grant.measure_size() == 0,
                  grant.indicator_size() > 0   ? "indicator"
                  : grant.dimension_size() > 0 ? "dimension"
                                               : "measure",
                  "only a grant of AGGREGATE_COUNT names tables");
    return;
  }
  block.Require(names, "operation",
                "a grant of counts names the tables that it opens: indicator: "
                "[\"Q2/1\"] or dimension: [\"sex\"]");
  CheckTables(grant, block);
  block.Require(grant.operation_size() == 1, "operation",
                "AGGREGATE_COUNT stands in a grant of its own");
  block.Require(grant.release_size() == 0, "release",
                "counts release no fields");
  for (const auto& [field, message] : CountingFaults(agreement, grant)) {
    block.Require(false, field, message);
  }
  block.Require(!agreement.emergency(), "operation",
                "an emergency agreement grants no counts");
}

void CheckGrant(const pb::Agreement& agreement, const pb::Grant& grant,
                const std::set<std::string>& groups, Block block) {
  CheckNames(grant.holder(), "holder", PartiesOf(agreement), groups, block);
  CheckNames(grant.asker(), "asker", PartiesOf(agreement), groups, block);
  block.Require(!(grant.holder_size() == 1 && grant.asker_size() == 1 &&
                  grant.holder(0) == grant.asker(0) &&
                  !absl::StartsWith(grant.holder(0), "@")),
                "asker", "holder and asker are the same participant");
  CheckCounts(agreement, grant, block);
  block.Require(!ReleasesSensitive(grant) || grant.when().consent_size() > 0 ||
                    grant.break_glass(),
                "release",
                "IDENTITY, BIOMETRIC_TOKEN and TESTIMONY are released only "
                "under a condition on consent");
  block.Require(!Has(grant.operation(), pb::Op::PERSON_MATCH) ||
                    grant.release_size() == 0,
                "release", "PERSON_MATCH releases no fields");
  block.Require(!grant.has_valid_until() ||
                    grant.valid_until() == agreement.valid_until() ||
                    Before(grant.valid_until(), agreement.valid_until()),
                "valid_until", "a grant cannot outlive its agreement");
  block.Require(!grant.break_glass() || agreement.emergency(), "break_glass",
                "break_glass stands only in an emergency agreement (emergency: "
                "true, at most 90 days)");
}

// How long each one may be is checked where it stands.
void CheckDeadlines(const pb::Deadlines& deadlines, Block block) {
  const auto& days = deadlines.follow_up_days();
  if (days.empty()) return;
  const bool rising =
      std::adjacent_find(days.begin(), days.end(), [](uint32_t a, uint32_t b) {
        return a >= b;
      }) == days.end();
  block.Require(days.size() == static_cast<int>(
                                   ReferralDeadlines().follow_up_days.size()) &&
                    rising,
                "follow_up_days",
                "write the days of four follow-up reports, each later than the "
                "one before: "
                "[30, 90, 180, 365]");
}

void CheckAgreement(const pb::Agreement& agreement, Block block) {
  absl::Time from;
  absl::Time until;
  if (!ReadUtc(agreement.valid_from(), from) ||
      !ReadUtc(agreement.valid_until(), until)) {
    until = from;  // said elsewhere
  }
  block.Require(Before(agreement.valid_from(), agreement.valid_until()),
                "valid_from", "valid_from must lie before valid_until");
  block.Require(until - from <= kLongestAgreement, "valid_until",
                "an agreement lasts at most 5 years");
  block.Require(!agreement.emergency() || until - from <= kLongestEmergency,
                "valid_until", "an emergency agreement lasts at most 90 days");
  block.Require(
      !agreement.emergency() || agreement.duties().has_retention_days(),
      "emergency",
      "an emergency agreement says under duties after how many days "
      "the receiver erases (retention_days)");
  if (agreement.has_deadlines()) {
    CheckDeadlines(agreement.deadlines(),
                   block.Child(agreement.deadlines(), "deadlines", -1));
  }
  for (const std::string& fault : NameFaults(agreement)) {
    block.Require(false, "party_name", fault);
  }
  const std::set<std::string> parties(agreement.party().begin(),
                                      agreement.party().end());
  block.Require(parties.size() != 1, "party", "an agreement has two parties");
  block.Require(agreement.grant_size() <= kMaxRules, "grant",
                "an agreement holds at most 10,000 grants");
  const std::set<std::string> groups =
      CheckGroups(agreement, PartiesOf(agreement), block);
  for (int i = 0; i < agreement.grant_size(); ++i) {
    CheckGrant(agreement, agreement.grant(i), groups,
               block.Child(agreement.grant(i), "grant", i));
  }
}

// Which records a published period holds is the same for every asker, so a
// denial that reaches counts can depend on nothing that an asker brings.
void CheckReachOfCounts(const pb::Deny& deny, Block& block) {
  if (deny.withhold_size() > 0 ||
      (deny.operation_size() > 0 &&
       !Has(deny.operation(), pb::Op::AGGREGATE_COUNT))) {
    return;
  }
  const bool depends =
      deny.asker_size() > 0 || deny.role_size() > 0 ||
      deny.purpose_size() > 0 || deny.organisation_size() > 0 ||
      deny.when().consent_size() > 0 || deny.when().stage_size() > 0 ||
      Has(deny.when().origin(), pb::Relation::SAME_AS_ASKER) ||
      Has(deny.when().exploitation(), pb::Relation::SAME_AS_ASKER);
  block.Require(!depends, "id",
                "this denial would reach published counts, which are the same "
                "for every asker; list its operations without "
                "AGGREGATE_COUNT");
}

void CheckNational(const pb::NationalRules& rules, Block block) {
  const std::set<std::string> groups = CheckGroups(rules, nullptr, block);
  block.Require(rules.deny_size() + rules.require_size() <= kMaxRules, "deny",
                "national rules hold at most 10,000 rules");
  for (int i = 0; i < rules.deny_size(); ++i) {
    const pb::Deny& deny = rules.deny(i);
    Block place = block.Child(deny, "deny", i);
    CheckNames(deny.asker(), "asker", nullptr, groups, place);
    for (const auto protective :
         {pb::Op::CONSENT_WITHDRAWAL, pb::Op::SUBJECT_ACCESS,
          pb::Op::LOG_WITNESS}) {
      place.Require(!Has(deny.operation(), protective), "operation",
                    "a protective operation cannot be denied");
    }
    CheckReachOfCounts(deny, place);
  }
  for (int i = 0; i < rules.require_size(); ++i) {
    Block place = block.Child(rules.require(i), "require", i);
    CheckNames(rules.require(i).asker(), "asker", nullptr, groups, place);
    place.Require(!NamesCounting(rules.require(i).duties()), "duties",
                  "threshold, budget and method of counts stand in "
                  "agreements");
    place.Require(rules.require(i).operation_size() > 0, "operation",
                  "list the operations that the duties are added to");
  }
}

void CheckLocal(const pb::LocalAccess& local, Block block) {
  block.Require(local.allow_size() <= kMaxRules, "allow",
                "local access holds at most 10,000 rules");
  for (int i = 0; i < local.allow_size(); ++i) {
    const pb::Allow& allow = local.allow(i);
    Block place = block.Child(allow, "allow", i);
    for (const std::string& person : allow.person()) {
      place.Require(person.find('/') != std::string::npos, "person",
                    "write a person as \"ORGANISATION/person\"");
    }
    place.Require(!allow.has_valid_from() || !allow.has_valid_until() ||
                      Before(allow.valid_from(), allow.valid_until()),
                  "valid_from", "valid_from must lie before valid_until");
  }
}

}  // namespace

std::vector<TextFault> CheckRules(const pb::PolicyFile& file,
                                  const Tree& tree) {
  std::vector<TextFault> faults;
  TextFormat::ParseLocation start;
  start.line = 0;
  start.column = 0;
  const Block root(file, &tree, start, faults);
  if (file.has_agreement()) {
    CheckAgreement(file.agreement(),
                   root.Child(file.agreement(), "agreement", -1));
  } else if (file.has_national()) {
    CheckNational(file.national(), root.Child(file.national(), "national", -1));
  } else if (file.has_local()) {
    CheckLocal(file.local(), root.Child(file.local(), "local", -1));
  }
  return faults;
}

}  // namespace comity
