#include "node/service/consent_view.h"

#include <algorithm>
#include <map>

#include "absl/strings/ascii.h"
#include "absl/strings/strip.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/crypto/hash.h"
#include "node/domain/referral_deadlines.h"
#include "node/service/case_view.h"
#include "node/service/dossier_event.h"
#include "node/wire/proto_time.h"

namespace comity {
namespace {

namespace pb = operators::v1;
namespace fed = federation::v1;
using Kind = ReferralEventKind;

constexpr absl::Duration kLongestConsent = absl::Hours(24 * 180);
constexpr absl::Duration kUsualConsent = absl::Hours(24 * 90);
constexpr size_t kLongestGuardian = 200;

absl::Status Invalid(absl::string_view what) {
  return ReasonError(ErrorReason::kFieldInvalid, what);
}

bool IsLanguage(absl::string_view code) {
  return (code.size() == 2 || code.size() == 3) &&
         std::all_of(code.begin(), code.end(),
                     [](unsigned char c) { return absl::ascii_islower(c); });
}

absl::Status CheckWords(const Consent& consent) {
  if (consent.purpose == Purpose::kUnset) {
    return Invalid(
        "the purpose is one of PROTECTION, SAFE_RETURN, "
        "FAMILY_TRACING, PROSECUTION_SUPPORT, STATISTICS");
  }
  if (consent.state != ConsentState::kGiven &&
      consent.state != ConsentState::kGivenByGuardian &&
      consent.state != ConsentState::kRefused) {
    return Invalid("the state is GIVEN, GIVEN_BY_GUARDIAN or REFUSED");
  }
  if (consent.groups.empty()) {
    return Invalid("consent names at least one group that can be shared");
  }
  if (!IsLanguage(consent.language)) {
    return Invalid(
        "the language of the text is an ISO 639 code of two or three small "
        "letters, such as ha");
  }
  const bool by_guardian = consent.state == ConsentState::kGivenByGuardian;
  if (by_guardian == consent.guardian.empty() ||
      consent.guardian.size() > kLongestGuardian) {
    return Invalid(
        "name the guardian, in at most 200 characters, if and only if the "
        "state is GIVEN_BY_GUARDIAN");
  }
  return absl::OkStatus();
}

std::string CopyName(fed::CopyClass copies) {
  return std::string(
      absl::StripPrefix(fed::CopyClass_Name(copies), "COPY_CLASS_"));
}
std::string OutcomeName(fed::ErasureOutcome outcome) {
  return std::string(
      absl::StripPrefix(fed::ErasureOutcome_Name(outcome), "ERASURE_OUTCOME_"));
}

pb::CopyOutcome OutcomeOf(const fed::ErasedCopies& copies) {
  pb::CopyOutcome view;
  view.set_copies(CopyName(copies.copies()));
  view.set_outcome(OutcomeName(copies.outcome()));
  view.set_ground(copies.ground());
  if (copies.has_kept_until()) {
    *view.mutable_kept_until() = copies.kept_until();
  }
  return view;
}

// Gathers what the events of one dossier tell of withdrawals.
class StandingReader {
 public:
  explicit StandingReader(const Dossier& dossier) : dossier_(dossier) {
    view_.set_referral_id(dossier.row.referral_id.ToString());
    view_.set_recipient(dossier.row.parties.receiver.text());
  }

  void Withdraw(const ReferralEvent& event) {
    const auto payload = StoredPayload(dossier_, event.event_id);
    view_.set_whole(view_.whole() || payload.withdrawal().whole());
    groups_ = groups_.Union(GroupsOf(payload.withdrawal()));
    *view_.mutable_withdrawn_at() = ToProtoTime(event.occurred_at);
    view_.clear_delivered_at();
    view_.set_nothing_held(event.receipt == ReceiptOutcome::kNotHeld);
    // The receiver's own withdrawal need not reach it.
    if (event.author == dossier_.row.parties.receiver) {
      *view_.mutable_delivered_at() = ToProtoTime(event.occurred_at);
    } else if (event.receipt == ReceiptOutcome::kStored) {
      *view_.mutable_delivered_at() = ToProtoTime(event.received_at);
    }
  }

  void Answer(const ReferralEvent& event) {
    *view_.mutable_answered_at() = ToProtoTime(event.occurred_at);
    const auto payload = StoredPayload(dossier_, event.event_id);
    // A later answer about a class of copies replaces the earlier one's.
    std::map<int, std::vector<pb::CopyOutcome>> told;
    for (const auto& copies : payload.erasure().copies()) {
      told[copies.copies()].push_back(OutcomeOf(copies));
    }
    for (auto& [copies, outcomes] : told) copies_[copies] = std::move(outcomes);
  }

  pb::WithdrawalStanding Finish(absl::Time now) {
    for (const FieldGroup group : groups_.Values()) {
      view_.add_groups(static_cast<v1::RecordGroup>(group));
    }
    for (const auto& [copies, outcomes] : copies_) {
      for (const auto& each : outcomes) *view_.add_copies() = each;
    }
    for (const ReferralDeadline& each : DeadlinesOf(dossier_.status)) {
      if (each.kind != DeadlineKind::kErasure) continue;
      *view_.mutable_answer_due_at() = ToProtoTime(each.due);
      view_.set_overdue(each.Overdue(now));
    }
    return std::move(view_);
  }

 private:
  const Dossier& dossier_;
  pb::WithdrawalStanding view_;
  FieldGroups groups_;
  std::map<int, std::vector<pb::CopyOutcome>> copies_;
};

}  // namespace

pb::ConsentRecord ConsentViewOf(const Consent& consent) {
  pb::ConsentRecord view;
  view.set_consent_id(consent.id.ToString());
  view.set_recipient(consent.recipient.text());
  view.set_recipient_organisation(consent.recipient_organisation);
  view.set_purpose(std::string(Name(consent.purpose)));
  AddGroups(consent.groups, view.mutable_groups());
  view.set_state(std::string(Name(consent.state)));
  view.set_language(consent.language);
  view.set_interpreter(consent.interpreter);
  *view.mutable_given_at() = ToProtoTime(consent.given_at);
  *view.mutable_expires_at() = ToProtoTime(consent.expires_at);
  view.set_guardian(consent.guardian);
  if (consent.channel != WithdrawalChannel::kUnset) {
    view.set_withdrawal_channel(std::string(Name(consent.channel)));
  }
  view.set_recorded_by(consent.recorded_by);
  for (const GroupsWithdrawn& each : consent.withdrawals) {
    auto* withdrawn = view.add_withdrawals();
    *withdrawn->mutable_withdrawn_at() = ToProtoTime(each.at);
    AddGroups(each.groups, withdrawn->mutable_groups());
    if (each.channel != WithdrawalChannel::kUnset) {
      withdrawn->set_channel(std::string(Name(each.channel)));
    }
    withdrawn->set_recorded_by(each.recorded_by);
  }
  if (!consent.withdrawals.empty() &&
      consent.groups.IsSubsetOf(consent.Withdrawn())) {
    *view.mutable_withdrawn_at() = ToProtoTime(consent.withdrawals.back().at);
  }
  view.set_digest(DigestOf(consent));
  return view;
}

absl::StatusOr<Consent> ParseConsent(const pb::ConsentRecord& consent,
                                     const Uuid& consent_id,
                                     const Uuid& case_id,
                                     absl::string_view recorded_by,
                                     absl::Time now, RandomSource& random) {
  ASSIGN_OR_RETURN(ParticipantCode recipient,
                   ParticipantCode::Create(consent.recipient()));
  Consent parsed{consent_id, case_id, std::move(recipient)};
  parsed.recipient_organisation = consent.recipient_organisation();
  parsed.purpose = FromName<Purpose>(consent.purpose());
  parsed.state = FromName<ConsentState>(consent.state());
  parsed.groups = ParseGroups(consent.groups()).Intersect(kShareableGroups);
  parsed.language = consent.language();
  parsed.interpreter = consent.interpreter();
  parsed.guardian = consent.guardian();
  RETURN_IF_ERROR(CheckWords(parsed));
  ASSIGN_OR_RETURN(parsed.channel, ParseChannel(consent.withdrawal_channel()));
  // The store keeps microseconds: the digest is of what it gives back.
  parsed.given_at = absl::FromUnixMicros(absl::ToUnixMicros(now));
  parsed.expires_at = parsed.given_at + kUsualConsent;
  if (consent.has_expires_at()) {
    ASSIGN_OR_RETURN(const absl::Time end, FromProtoTime(consent.expires_at()));
    parsed.expires_at = absl::FromUnixMicros(absl::ToUnixMicros(end));
  }
  if (parsed.expires_at <= now || parsed.expires_at > now + kLongestConsent) {
    return Invalid("consent ends after now and within 180 days");
  }
  parsed.recorded_by = std::string(recorded_by);
  parsed.salt = random.Bytes(32);
  return parsed;
}

absl::StatusOr<WithdrawalChannel> ParseChannel(const std::string& name) {
  const auto channel = FromName<WithdrawalChannel>(name);
  if (channel != WithdrawalChannel::kUnset) return channel;
  return Invalid(
      "where she can withdraw is SHELTER, CASE_WORKER, HELPLINE, LAWYER, "
      "GUARDIAN or OFFICE");
}

std::string DigestOf(const Consent& consent) {
  if (consent.salt.empty()) return "";
  Consent recorded = consent;
  recorded.withdrawals.clear();
  recorded.salt.clear();
  std::string bytes;
  {
    google::protobuf::io::StringOutputStream stream(&bytes);
    google::protobuf::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);
    ConsentViewOf(recorded).SerializeToCodedStream(&coded);
  }
  return HmacSha256(consent.salt, bytes);
}

FieldGroups GroupsOf(const fed::ConsentWithdrawal& withdrawal) {
  return ParseGroups(withdrawal.groups()).Intersect(kShareableGroups);
}

fed::ConsentWithdrawal FormatWithdrawal(bool whole, FieldGroups groups) {
  fed::ConsentWithdrawal withdrawal;
  withdrawal.set_whole(whole);
  if (!whole) AddGroups(groups, withdrawal.mutable_groups());
  return withdrawal;
}

std::optional<pb::WithdrawalStanding> WithdrawalStandingOf(
    const Dossier& dossier, absl::Time now) {
  if (!dossier.status.withdrawal) return std::nullopt;
  StandingReader reader(dossier);
  for (const ReferralEvent& event : dossier.ordered) {
    if (event.kind == Kind::kConsentWithdrawn) reader.Withdraw(event);
    if (event.kind == Kind::kErasureConfirmed) reader.Answer(event);
  }
  return reader.Finish(now);
}

}  // namespace comity
