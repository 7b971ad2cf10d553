#include "tests/support/encoded_case.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "node/policy/judge.h"
#include "tests/support/reference_policy.h"
#include "tests/support/verdicts.h"

namespace comity {
namespace {

class ByteReader {
 public:
  explicit ByteReader(absl::string_view bytes) : bytes_(bytes) {}

  uint32_t Byte() {
    if (bytes_.empty()) return 0;
    const auto byte = static_cast<uint8_t>(bytes_[0]);
    bytes_.remove_prefix(1);
    return byte;
  }

  template <typename T>
  const T& OneOf(const std::vector<T>& list) {
    return list[Byte() % list.size()];
  }

  // A member of `asked` for a low byte, any value up to `last` for a high one;
  // zero, "not known", among those.
  template <typename Enum>
  Enum Value(EnumSet<Enum> asked, Enum last) {
    const uint32_t byte = Byte();
    if (byte < 192 && !asked.empty()) {
      const std::vector<Enum> values = asked.Values();
      return values[byte % values.size()];
    }
    return static_cast<Enum>(byte % (static_cast<uint32_t>(last) + 1));
  }

  bool Rarely() { return Byte() >= 224; }

 private:
  absl::string_view bytes_;
};

// Codes of the agreement that the list stands for.
std::vector<ParticipantCode> Codes(const Agreement& agreement,
                                   const std::vector<std::string>& list) {
  std::vector<ParticipantCode> codes;
  const auto add = [&](const std::string& text) {
    const auto code = ParticipantCode::Create(text);
    if (code.ok()) codes.push_back(*code);
  };
  for (const std::string& name : list) {
    add(name);
    for (const ParticipantGroup& group : agreement.groups) {
      if ("@" + group.id != name) continue;
      for (const Membership& member : group.members) add(member.participant);
    }
  }
  return codes;
}

RequestFacts DecodeRequest(const Agreement& agreement, const Grant& grant,
                           ByteReader& bytes) {
  const ParticipantCode ng = *ParticipantCode::Create("NG");
  const std::vector<ParticipantCode> anybody =
      Codes(agreement, agreement.party);
  const auto one_of = [&](const std::vector<std::string>& list) {
    const std::vector<ParticipantCode> named = Codes(agreement, list);
    const auto& from = bytes.Rarely() || named.empty() ? anybody : named;
    return from.empty() ? ng : bytes.OneOf(from);
  };
  const ParticipantCode holder = one_of(grant.holder);
  ParticipantCode asker = one_of(grant.asker);
  for (const ParticipantCode& code : anybody) {
    if (asker == holder) asker = code;
  }
  RequestFacts request{agreement.valid_from, holder, asker, holder, asker};
  if (bytes.Rarely()) std::swap(request.self, request.peer);
  request.operation = bytes.Value(grant.operation, Operation::kReferralEvent);
  request.role = bytes.Value(grant.role, Role::kSurvivorRepresentative);
  request.purpose = bytes.Value(grant.purpose, Purpose::kOversight);
  request.basis = bytes.Value(grant.basis, LegalBasis::kPublicTask);
  if (!grant.organisation.empty()) {
    request.organisation = bytes.OneOf(grant.organisation);
  }
  if (bytes.Rarely()) request.organisation = "ANOTHER";
  request.agreement_id = agreement.id;
  request.agreement_digest = agreement.digest;
  request.wanted =
      bytes.Rarely()
          ? FieldGroups::FromBits(bytes.Byte() << 1 | bytes.Byte() << 9)
          : grant.release.Minus(FieldGroups::FromBits(bytes.Byte() << 1));
  if (request.operation == Operation::kAggregateCount) {
    if (!grant.tables.empty()) request.table = bytes.OneOf(grant.tables).table;
    if (bytes.Rarely()) request.table.by = {"sex"};
    if (bytes.Rarely()) request.table.where["exploitation"] = "ForcedLabour";
  }
  // Whole days, the seconds around the end, and days beyond it.
  const absl::Duration life = agreement.valid_until - agreement.valid_from;
  request.now += life * bytes.Byte() / 250;
  if (bytes.Rarely()) request.now = agreement.valid_until;
  if (bytes.Rarely()) request.now = agreement.valid_until - absl::Seconds(1);
  return request;
}

RecordFacts DecodeRecord(const When& when, ByteReader& bytes) {
  RecordFacts record;
  record.present = !bytes.Rarely();
  for (ConsentState& state : record.consent) {
    state = bytes.Value(when.consent, ConsentState::kWithdrawn);
  }
  record.danger = bytes.Rarely() ? static_cast<BuiltInDanger>(bytes.Byte() % 5)
                                 : BuiltInDanger::kNone;
  record.onward = bytes.Rarely() ? static_cast<OnwardBar>(bytes.Byte() % 3)
                                 : OnwardBar::kNone;
  record.age = bytes.Value(when.age, AgeClass::kAgeDisputed);
  record.risks_known = !bytes.Rarely();
  record.risks = EnumSet<RiskMarker>::FromBits(bytes.Byte() % 4 << 1);
  if (!bytes.Rarely()) {
    record.risks =
        record.risks.Union(when.risk_any_of).Minus(when.risk_none_of);
  }
  record.origin = {bytes.Value(when.origin, CountryRelation::kOther)};
  record.exploitation = {
      bytes.Value(when.exploitation, CountryRelation::kOther)};
  if (bytes.Rarely()) record.origin = EnumSet<CountryRelation>();
  if (bytes.Rarely()) record.exploitation = EnumSet<CountryRelation>();
  record.stage = bytes.Value(when.stage, DossierStage::kClosed);
  record.record_age = bytes.Value(when.record_age, RecordAge::kOlder);
  return record;
}

StateFacts DecodeState(const CompiledPolicy& policy, ByteReader& bytes) {
  StateFacts state;
  state.approvals = bytes.Rarely() ? bytes.Byte() % 3 : 5;
  state.approvals_at_home = bytes.Rarely() ? bytes.Byte() % 3 : 5;
  state.emergency = bytes.Rarely();
  state.new_cells = bytes.Byte() % 8;
  state.cells_used_this_year = bytes.Rarely() ? 1u << bytes.Byte() % 32 : 0;
  // From the same bytes, so that old inputs mean what they did.
  state.linked_tables = state.new_cells % 4;
  state.epsilon_new = state.new_cells * 100;
  state.epsilon_new_for_all = state.new_cells % 2 * 100;
  state.epsilon_spent = state.cells_used_this_year;
  state.epsilon_spent_by_all = state.cells_used_this_year;
  state.delta_new = state.new_cells;
  state.delta_new_for_all = state.new_cells % 2;
  state.delta_spent = state.cells_used_this_year;
  state.delta_spent_by_all = state.cells_used_this_year;
  for (uint32_t left = bytes.Byte() / 32; left > 0; --left) {
    if (policy.rules().empty()) break;
    state.used.push_back(
        {static_cast<RuleRef>(bytes.Byte() % policy.rules().size()),
         kLimitKinds[bytes.Byte() % 4], bytes.Byte()});
  }
  return state;
}

// Stands in for the agreement when a set has none.
const Agreement& Nothing() {
  static const auto* const kNothing = new Agreement();
  return *kNothing;
}

}  // namespace

RandomCase DecodeCase(const CompiledPolicy& policy, absl::string_view encoded) {
  ByteReader bytes(encoded);
  const auto& agreements = policy.set().agreements;
  const Agreement& agreement =
      agreements.empty() ? Nothing() : bytes.OneOf(agreements);
  const Grant grant =
      agreement.grants.empty() ? Grant() : bytes.OneOf(agreement.grants);
  RandomCase one{DecodeRequest(agreement, grant, bytes), {}, {}};
  When when = grant.when;
  // Sometimes what a denial asks about.
  if (bytes.Rarely() && policy.set().national.has_value() &&
      !policy.set().national->denies.empty()) {
    when = bytes.OneOf(policy.set().national->denies).when;
  }
  one.record = DecodeRecord(when, bytes);
  one.state = DecodeState(policy, bytes);
  return one;
}

std::string DifferenceOn(const CompiledPolicy& policy,
                         absl::string_view bytes) {
  const RandomCase one = DecodeCase(policy, bytes);
  const std::string engine =
      Verdict(Judge(policy, one.request, one.record, one.state));
  const std::string text =
      Verdict(ReferenceJudge(policy.set(), one.request, one.record, one.state));
  return engine == text ? ""
                        : absl::StrCat("engine: ", engine, "\ntext: ", text);
}

}  // namespace comity
