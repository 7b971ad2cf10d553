#include "node/store/facts_codec.h"

#include "node/base/error_reason.h"
#include "node/base/status_macros.h"

namespace comity {
namespace {

// Version 1 had no holds, no guardian, channel and salt of a consent, and one
// withdrawal of all of it; version 2 had no delegation, version 3 no merged
// cases. Facts without any are still written as version 3: an import compares
// digests that are made of these bytes.
constexpr uint64_t kVersion = 4;
constexpr uint64_t kVersionWithoutMerged = 3;

class Writer {
 public:
  void Number(uint64_t value, int bytes) {
    for (int shift = (bytes - 1) * 8; shift >= 0; shift -= 8) {
      out_.push_back(static_cast<char>((value >> shift) & 0xff));
    }
  }
  void Time(absl::Time time) {
    Number(static_cast<uint64_t>(absl::ToUnixMicros(time)), 8);
  }
  void MaybeTime(const std::optional<absl::Time>& time) {
    Number(time.has_value() ? 1 : 0, 1);
    if (time.has_value()) Time(*time);
  }
  void Text(absl::string_view text) {
    Number(text.size(), 4);
    out_.append(text.data(), text.size());
  }
  void Texts(const std::optional<std::vector<std::string>>& texts) {
    Number(texts.has_value() ? 1 : 0, 1);
    if (!texts.has_value()) return;
    Number(texts->size(), 4);
    for (const std::string& text : *texts) Text(text);
  }
  std::string Take() { return std::move(out_); }

 private:
  std::string out_;
};

// Reads what Writer wrote; after a fault every read yields zero and ok() is
// false.
class Reader {
 public:
  explicit Reader(absl::string_view in) : in_(in) {}
  uint64_t Number(size_t bytes) {
    if (in_.size() < bytes) {
      ok_ = false;
      in_ = {};
      return 0;
    }
    uint64_t value = 0;
    for (size_t i = 0; i < bytes; ++i) {
      value = (value << 8) | static_cast<unsigned char>(in_[i]);
    }
    in_.remove_prefix(bytes);
    return value;
  }
  bool Flag() { return Number(1) != 0; }
  absl::Time Time() {
    return absl::FromUnixMicros(static_cast<int64_t>(Number(8)));
  }
  std::optional<absl::Time> MaybeTime() {
    if (!Flag()) return std::nullopt;
    return Time();
  }
  std::string Text() {
    const uint64_t size = Number(4);
    if (in_.size() < size) {
      ok_ = false;
      in_ = {};
      return "";
    }
    std::string text(in_.substr(0, size));
    in_.remove_prefix(size);
    return text;
  }
  // A list's length; each element takes at least one byte.
  uint64_t Count() {
    const uint64_t count = Number(4);
    if (count > in_.size()) ok_ = false;
    return ok_ ? count : 0;
  }
  std::optional<std::vector<std::string>> Texts() {
    if (!Flag()) return std::nullopt;
    std::vector<std::string> texts;
    for (uint64_t n = Count(); n > 0 && ok_; --n) texts.push_back(Text());
    return texts;
  }
  ParticipantCode Code() {
    auto code = ParticipantCode::Create(Text());
    if (code.ok()) return *code;
    ok_ = false;
    return *ParticipantCode::Create("XX");
  }
  bool ok() const { return ok_; }
  bool AtEnd() const { return ok_ && in_.empty(); }

 private:
  absl::string_view in_;
  bool ok_ = true;
};

void WriteScreening(const DangerScreening& screening, Writer& out) {
  out.Time(screening.screened_at);
  out.Text(screening.screened_by);
  out.Number(screening.never_contact ? 1 : 0, 1);
  out.Number(screening.official_involvement ? 1 : 0, 1);
  out.Number(screening.never_share_with.size(), 4);
  for (const ParticipantCode& code : screening.never_share_with) {
    out.Text(code.text());
  }
}

DangerScreening ReadScreening(Reader& in) {
  DangerScreening screening;
  screening.screened_at = in.Time();
  screening.screened_by = in.Text();
  screening.never_contact = in.Flag();
  screening.official_involvement = in.Flag();
  for (uint64_t n = in.Count(); n > 0 && in.ok(); --n) {
    screening.never_share_with.push_back(in.Code());
  }
  return screening;
}

void WriteConsent(const Consent& consent, Writer& out) {
  out.Text(consent.id.ToBytes());
  out.Text(consent.recipient.text());
  out.Text(consent.recipient_organisation);
  out.Number(static_cast<uint64_t>(consent.purpose), 1);
  out.Number(consent.groups.bits(), 4);
  out.Number(static_cast<uint64_t>(consent.state), 1);
  out.Text(consent.language);
  out.Number(consent.interpreter ? 1 : 0, 1);
  out.Time(consent.given_at);
  out.Time(consent.expires_at);
  out.Text(consent.recorded_by);
  out.Text(consent.guardian);
  out.Number(static_cast<uint64_t>(consent.channel), 1);
  out.Text(consent.salt);
  out.Number(consent.withdrawals.size(), 4);
  for (const GroupsWithdrawn& each : consent.withdrawals) {
    out.Text(each.id.ToBytes());
    out.Time(each.at);
    out.Number(each.groups.bits(), 4);
    out.Number(static_cast<uint64_t>(each.channel), 1);
    out.Text(each.recorded_by);
  }
}

GroupsWithdrawn ReadWithdrawn(Reader& in) {
  const auto id = Uuid::FromBytes(in.Text());
  GroupsWithdrawn read;
  if (id.ok()) read.id = *id;
  read.at = in.Time();
  read.groups = FieldGroups::FromBits(static_cast<uint32_t>(in.Number(4)));
  read.channel = static_cast<WithdrawalChannel>(in.Number(1));
  read.recorded_by = in.Text();
  return read;
}

Consent ReadConsent(uint64_t version, Reader& in) {
  const auto id = Uuid::FromBytes(in.Text());
  Consent consent{id.ok() ? *id : Uuid(), Uuid(), in.Code()};
  consent.recipient_organisation = in.Text();
  consent.purpose = static_cast<Purpose>(in.Number(1));
  consent.groups = FieldGroups::FromBits(static_cast<uint32_t>(in.Number(4)));
  consent.state = static_cast<ConsentState>(in.Number(1));
  consent.language = in.Text();
  consent.interpreter = in.Flag();
  consent.given_at = in.Time();
  consent.expires_at = in.Time();
  if (version == 1) {
    const bool withdrawn = in.Flag();
    const absl::Time at = in.Time();
    if (withdrawn) consent.withdrawals = {{consent.id, at, consent.groups}};
    consent.recorded_by = in.Text();
    return consent;
  }
  consent.recorded_by = in.Text();
  consent.guardian = in.Text();
  consent.channel = static_cast<WithdrawalChannel>(in.Number(1));
  consent.salt = in.Text();
  for (uint64_t n = in.Count(); n > 0 && in.ok(); --n) {
    consent.withdrawals.push_back(ReadWithdrawn(in));
  }
  return consent;
}

void WriteProvenance(const Provenance& provenance, Writer& out) {
  out.Text(provenance.from.text());
  out.Text(provenance.referral_id.ToBytes());
  out.Number(static_cast<uint64_t>(provenance.purpose), 1);
  out.Number(provenance.no_onward_transfer ? 1 : 0, 1);
  out.MaybeTime(provenance.erase_at);
  out.MaybeTime(provenance.withdrawn_at);
}

void WriteHold(const LegalHold& hold, Writer& out) {
  out.Number(static_cast<uint64_t>(hold.ground), 1);
  out.Time(hold.until);
  out.Time(hold.placed_at);
  out.Text(hold.placed_by);
}

LegalHold ReadHold(Reader& in) {
  LegalHold hold;
  hold.ground = static_cast<HoldGround>(in.Number(1));
  hold.until = in.Time();
  hold.placed_at = in.Time();
  hold.placed_by = in.Text();
  return hold;
}

Provenance ReadProvenance(uint64_t version, Reader& in) {
  Provenance provenance{in.Code()};
  const auto referral = Uuid::FromBytes(in.Text());
  if (referral.ok()) provenance.referral_id = *referral;
  provenance.purpose = static_cast<Purpose>(in.Number(1));
  provenance.no_onward_transfer = in.Flag();
  provenance.erase_at = in.MaybeTime();
  if (version > 1) provenance.withdrawn_at = in.MaybeTime();
  return provenance;
}

void WriteRisks(const std::vector<RiskMarker>& risks, Writer& out) {
  out.Number(risks.size(), 4);
  for (const RiskMarker risk : risks) {
    out.Number(static_cast<uint64_t>(risk), 1);
  }
}

std::vector<RiskMarker> ReadRisks(Reader& in) {
  std::vector<RiskMarker> risks;
  for (uint64_t n = in.Count(); n > 0 && in.ok(); --n) {
    risks.push_back(static_cast<RiskMarker>(in.Number(1)));
  }
  return risks;
}

CaseDelegation ReadDelegation(Reader& in) {
  CaseDelegation delegation;
  delegation.to = in.Text();
  delegation.until = in.Time();
  return delegation;
}

void WriteMerged(const MergedCase& merged, Writer& out) {
  out.Text(merged.case_id.ToBytes());
  out.Text(merged.reference);
  out.Time(merged.merged_at);
  out.Text(merged.merged_by);
  out.Number(merged.pseudonyms.size(), 4);
  for (const Uuid& each : merged.pseudonyms) out.Text(each.ToBytes());
}

Uuid ReadId(Reader& in) { return Uuid::FromBytes(in.Text()).value_or(Uuid()); }

MergedCase ReadMerged(Reader& in) {
  MergedCase merged;
  merged.case_id = ReadId(in);
  merged.reference = in.Text();
  merged.merged_at = in.Time();
  merged.merged_by = in.Text();
  for (uint64_t n = in.Count(); n > 0 && in.ok(); --n) {
    merged.pseudonyms.push_back(ReadId(in));
  }
  return merged;
}

std::vector<MergedCase> ReadAllMerged(Reader& in) {
  std::vector<MergedCase> all;
  for (uint64_t n = in.Count(); n > 0 && in.ok(); --n) {
    all.push_back(ReadMerged(in));
  }
  return all;
}

}  // namespace

std::string EncodeFacts(const CaseFacts& facts) {
  Writer out;
  out.Number(facts.merged.empty() ? kVersionWithoutMerged : kVersion, 1);
  out.Text(facts.owner);
  out.Text(facts.organisation);
  out.Number(facts.screening.has_value() ? 1 : 0, 1);
  if (facts.screening.has_value()) WriteScreening(*facts.screening, out);
  out.Number(static_cast<uint64_t>(facts.age.value_or(AgeClass::kUnset)), 1);
  out.Texts(facts.origin_countries);
  out.Texts(facts.exploitation_countries);
  out.Number(facts.risks.has_value() ? 1 : 0, 1);
  if (facts.risks.has_value()) WriteRisks(*facts.risks, out);
  out.Number(facts.consents.size(), 4);
  for (const Consent& consent : facts.consents) WriteConsent(consent, out);
  out.MaybeTime(facts.recorded_at);
  out.Number(facts.provenance.has_value() ? 1 : 0, 1);
  if (facts.provenance.has_value()) WriteProvenance(*facts.provenance, out);
  out.Number(facts.hold.has_value() ? 1 : 0, 1);
  if (facts.hold.has_value()) WriteHold(*facts.hold, out);
  out.Number(facts.delegation.has_value() ? 1 : 0, 1);
  if (facts.delegation.has_value()) {
    out.Text(facts.delegation->to);
    out.Time(facts.delegation->until);
  }
  if (facts.merged.empty()) return out.Take();
  out.Number(facts.merged.size(), 4);
  for (const MergedCase& each : facts.merged) WriteMerged(each, out);
  return out.Take();
}

absl::StatusOr<CaseFacts> DecodeFacts(absl::string_view bytes) {
  Reader in(bytes);
  CaseFacts facts;
  const uint64_t version = in.Number(1);
  const bool known = version >= 1 && version <= kVersion;
  facts.owner = in.Text();
  facts.organisation = in.Text();
  if (in.Flag()) facts.screening = ReadScreening(in);
  const auto age = static_cast<AgeClass>(in.Number(1));
  if (age != AgeClass::kUnset) facts.age = age;
  facts.origin_countries = in.Texts();
  facts.exploitation_countries = in.Texts();
  if (in.Flag()) facts.risks = ReadRisks(in);
  for (uint64_t n = in.Count(); n > 0 && in.ok(); --n) {
    facts.consents.push_back(ReadConsent(version, in));
  }
  facts.recorded_at = in.MaybeTime();
  if (in.Flag()) facts.provenance = ReadProvenance(version, in);
  if (version > 1 && in.Flag()) facts.hold = ReadHold(in);
  if (version > 2 && in.Flag()) facts.delegation = ReadDelegation(in);
  if (version > 3) facts.merged = ReadAllMerged(in);
  if (!known || !in.AtEnd()) {
    return ReasonError(ErrorReason::kIntegrityFailure,
                       "the stored facts of a case do not parse");
  }
  return facts;
}

}  // namespace comity
