#include "node/wire/policy_convert.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"

namespace comity {
namespace {

namespace pb = policy::v1;
using google::protobuf::TextFormat;

constexpr uint32_t kSmallestThreshold = 11;  // design.md law 8

absl::Time ParseUtc(const std::string& text) {
  absl::Time time;
  absl::ParseTime(absl::RFC3339_sec, text, &time, nullptr);
  return time;
}

template <typename To, typename Repeated>
std::vector<To> Values(const Repeated& list) {
  std::vector<To> values;
  for (const auto value : list) values.push_back(static_cast<To>(value));
  return values;
}

std::vector<std::string> Texts(
    const google::protobuf::RepeatedPtrField<std::string>& list) {
  return {list.begin(), list.end()};
}

template <typename Repeated>
FieldGroups Groups(const Repeated& list) {
  FieldGroups groups;
  for (const auto value : list) {
    groups = groups.With(static_cast<FieldGroup>(value));
  }
  return groups;
}

template <typename Repeated, typename Value>
bool Has(const Repeated& list, Value value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

Duties ConvertDuties(const pb::Duties& from) {
  Duties duties;
  for (const pb::RedactRule& rule : from.redact()) {
    duties.redact[static_cast<FieldGroup>(rule.field())] =
        static_cast<Redaction>(rule.how());
  }
  duties.max_per_day = from.max_per_day();
  duties.k_threshold = from.k_threshold();
  duties.yearly_budget = from.yearly_budget();
  return duties;
}

When ConvertWhen(const pb::When& from) {
  return {Values<ConsentState>(from.consent()),
          Values<AgeClass>(from.age()),
          Values<RiskMarker>(from.risk_any_of()),
          Values<RiskMarker>(from.risk_none_of()),
          Values<CountryRelation>(from.origin()),
          Values<CountryRelation>(from.exploitation()),
          Values<DossierStage>(from.stage())};
}

Grant ConvertGrant(const pb::Grant& from) {
  Grant grant;
  grant.id = from.id();
  grant.holder = Texts(from.holder());
  grant.asker = Texts(from.asker());
  grant.role = Values<Role>(from.role());
  grant.operation = Values<Operation>(from.operation());
  grant.purpose = Values<Purpose>(from.purpose());
  grant.basis = Values<LegalBasis>(from.basis());
  grant.when = ConvertWhen(from.when());
  grant.release = Groups(from.release());
  grant.duties = ConvertDuties(from.duties());
  if (from.has_valid_until()) grant.valid_until = ParseUtc(from.valid_until());
  return grant;
}

Agreement ConvertAgreement(const pb::Agreement& from,
                           const std::string& digest) {
  Agreement agreement;
  agreement.id = from.id();
  agreement.revision = from.revision();
  agreement.title = from.title();
  agreement.party = Texts(from.party());
  agreement.valid_from = ParseUtc(from.valid_from());
  agreement.valid_until = ParseUtc(from.valid_until());
  for (const pb::Grant& grant : from.grant()) {
    agreement.grants.push_back(ConvertGrant(grant));
  }
  agreement.duties = ConvertDuties(from.duties());
  agreement.digest = digest;
  return agreement;
}

NationalRules ConvertNational(const pb::NationalRules& from,
                              const std::string& digest) {
  NationalRules rules;
  rules.node = from.node();
  rules.revision = from.revision();
  for (const pb::Deny& deny : from.deny()) {
    rules.denies.push_back(
        {deny.id(), Texts(deny.asker()), Values<Role>(deny.role()),
         Values<Operation>(deny.operation()), Values<Purpose>(deny.purpose()),
         ConvertWhen(deny.when()), Groups(deny.withhold()), deny.reason()});
  }
  for (const pb::Require& require : from.require()) {
    rules.requires_.push_back({require.id(), Texts(require.asker()),
                               Values<Operation>(require.operation()),
                               ConvertWhen(require.when()),
                               ConvertDuties(require.duties())});
  }
  rules.digest = digest;
  return rules;
}

LocalAccess ConvertLocal(const pb::LocalAccess& from,
                         const std::string& digest) {
  LocalAccess local;
  local.node = from.node();
  local.revision = from.revision();
  for (const pb::Allow& allow : from.allow()) {
    local.grants.push_back({allow.id(), Values<Role>(allow.role()),
                            Texts(allow.organisation()),
                            Values<LocalOperation>(allow.operation()),
                            static_cast<CaseScope>(allow.scope())});
  }
  local.digest = digest;
  return local;
}

// Points faults of one block at the block's place.
class Place {
 public:
  Place(const TextFormat::ParseLocation& at, std::vector<TextFault>& faults)
      : at_(at), faults_(faults) {}
  void Require(bool ok, const std::string& message) {
    if (!ok) faults_.push_back({at_.line + 1, at_.column + 1, message});
  }

 private:
  TextFormat::ParseLocation at_;
  std::vector<TextFault>& faults_;
};

bool ReleasesSensitive(const pb::Grant& grant) {
  return Has(grant.release(), pb::Field::IDENTITY) ||
         Has(grant.release(), pb::Field::BIOMETRIC_TOKEN) ||
         Has(grant.release(), pb::Field::TESTIMONY);
}

void CheckCounts(const pb::Grant& grant, Place& place) {
  const bool counts = Has(grant.operation(), pb::Op::AGGREGATE_COUNT);
  if (counts) {
    place.Require(grant.operation_size() == 1,
                  "AGGREGATE_COUNT stands in a grant of its own");
    place.Require(grant.release_size() == 0, "counts release no fields");
    place.Require(
        grant.duties().has_k_threshold() && grant.duties().has_yearly_budget(),
        "a grant of counts needs k_threshold and yearly_budget");
  }
  place.Require(
      !grant.duties().has_k_threshold() ||
          grant.duties().k_threshold() >= kSmallestThreshold,
      absl::StrCat("k_threshold must be at least ", kSmallestThreshold));
}

void CheckGrant(const pb::Agreement& agreement, const pb::Grant& grant,
                Place place) {
  for (const auto* list : {&grant.holder(), &grant.asker()}) {
    for (const std::string& code : *list) {
      place.Require(Has(agreement.party(), code),
                    absl::StrCat(code, " is not a party of the agreement"));
    }
  }
  place.Require(!(grant.holder_size() == 1 && grant.asker_size() == 1 &&
                  grant.holder(0) == grant.asker(0)),
                "holder and asker are the same participant");
  CheckCounts(grant, place);
  place.Require(!ReleasesSensitive(grant) || grant.when().consent_size() > 0,
                "IDENTITY, BIOMETRIC_TOKEN and TESTIMONY are released only "
                "under a condition on consent");
  place.Require(!Has(grant.operation(), pb::Op::PERSON_MATCH) ||
                    grant.release_size() == 0,
                "PERSON_MATCH releases no fields");
  place.Require(
      !grant.has_valid_until() ||
          ParseUtc(grant.valid_until()) <= ParseUtc(agreement.valid_until()),
      "a grant cannot outlive its agreement");
}

void CheckAgreement(const pb::Agreement& agreement,
                    const TextFormat::ParseInfoTree& tree, Place place,
                    std::vector<TextFault>& faults) {
  const absl::Time from = ParseUtc(agreement.valid_from());
  const absl::Time until = ParseUtc(agreement.valid_until());
  place.Require(from < until, "valid_from must lie before valid_until");
  place.Require(until - from <= absl::Hours(24) * 366 * 5,
                "an agreement lasts at most 5 years");
  place.Require(agreement.party_size() >= 2, "an agreement has two parties");
  const auto* field = pb::Agreement::descriptor()->FindFieldByName("grant");
  for (int i = 0; i < agreement.grant_size(); ++i) {
    CheckGrant(agreement, agreement.grant(i),
               Place(tree.GetLocation(field, i), faults));
  }
}

void CheckNational(const pb::NationalRules& rules,
                   const TextFormat::ParseInfoTree& tree,
                   std::vector<TextFault>& faults) {
  const auto* field = pb::NationalRules::descriptor()->FindFieldByName("deny");
  for (int i = 0; i < rules.deny_size(); ++i) {
    Place place(tree.GetLocation(field, i), faults);
    for (const auto protective :
         {pb::Op::CONSENT_WITHDRAWAL, pb::Op::SUBJECT_ACCESS,
          pb::Op::LOG_WITNESS}) {
      place.Require(!Has(rules.deny(i).operation(), protective),
                    "a protective operation cannot be denied");
    }
  }
}

}  // namespace

void CheckRules(const pb::PolicyFile& file,
                const TextFormat::ParseInfoTree& tree,
                std::vector<TextFault>& faults) {
  const auto* type = pb::PolicyFile::descriptor();
  if (file.has_agreement()) {
    const auto* field = type->FindFieldByName("agreement");
    CheckAgreement(file.agreement(), *tree.GetTreeForNested(field, -1),
                   Place(tree.GetLocation(field, -1), faults), faults);
  }
  if (file.has_national()) {
    CheckNational(file.national(),
                  *tree.GetTreeForNested(type->FindFieldByName("national"), -1),
                  faults);
  }
}

std::variant<Agreement, NationalRules, LocalAccess> ConvertBody(
    const pb::PolicyFile& file, const std::string& digest) {
  if (file.has_agreement()) return ConvertAgreement(file.agreement(), digest);
  if (file.has_national()) return ConvertNational(file.national(), digest);
  return ConvertLocal(file.local(), digest);
}

}  // namespace comity
