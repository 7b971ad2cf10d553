#include "node/service/referral_rows.h"

#include <algorithm>

#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/wire/coded_referral.h"

namespace comity {
namespace {

// What had effect of a dossier, with what it carries.
absl::StatusOr<std::vector<ParsedEvent>> EffectiveEvents(
    const Dossier& dossier) {
  std::vector<ParsedEvent> effective;
  for (ReferralEvent& event :
       EventsWithEffect(dossier.row.parties, dossier.ordered)) {
    const auto row =
        std::find_if(dossier.rows.begin(), dossier.rows.end(),
                     [&event](const EventRow& each) {
                       return each.event.event_id == event.event_id;
                     });
    ParsedEvent parsed{std::move(event), {}};
    if (!parsed.payload.ParseFromString(row->payload)) {
      return ReasonError(ErrorReason::kIntegrityFailure,
                         "a stored event does not parse");
    }
    effective.push_back(std::move(parsed));
  }
  return effective;
}

}  // namespace

absl::StatusOr<CodedCase> CodedReferral(const Dossier& dossier) {
  ASSIGN_OR_RETURN(const std::vector<ParsedEvent> events,
                   EffectiveEvents(dossier));
  CodedCase coded = CodedReferralOf(dossier.row.parties, events);
  coded.case_id = dossier.row.case_id;
  return coded;
}

absl::StatusOr<std::vector<CodedCase>> CodedReferrals(
    const ParticipantCode& self, const absl::flat_hash_set<Uuid>& counted,
    const ReferralReader& store) {
  ASSIGN_OR_RETURN(std::vector<ReferralRow> rows, store.ListReferrals({}));
  std::reverse(rows.begin(), rows.end());
  std::vector<CodedCase> referrals;
  for (const ReferralRow& row : rows) {
    if (row.parties.holder != self || !counted.contains(row.case_id)) continue;
    ASSIGN_OR_RETURN(const Dossier dossier,
                     ReadDossier(store, row.referral_id));
    ASSIGN_OR_RETURN(CodedCase coded, CodedReferral(dossier));
    referrals.push_back(std::move(coded));
  }
  return referrals;
}

}  // namespace comity
