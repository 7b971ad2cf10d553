#include "node/service/received_rows.h"

#include <algorithm>

#include "node/base/status_macros.h"
#include "node/service/referral_rows.h"

namespace comity {

absl::StatusOr<CodedCase> CodedReceived(const ParticipantCode& self,
                                        const Dossier& dossier) {
  const ReferralRow& row = dossier.row;
  if (row.parties.receiver != self || dossier.status.withdrawn) {
    return CodedCase();
  }
  ASSIGN_OR_RETURN(CodedCase coded, CodedReferral(dossier));
  coded.case_id = row.pseudonym;
  if (coded.year != 0) coded.columns["partner"] = {row.parties.holder.text()};
  return coded;
}

absl::StatusOr<std::vector<CodedCase>> CodedReceivedReferrals(
    const ParticipantCode& self,
    const std::function<bool(const Uuid& case_id)>& counts,
    const StoreReader& store) {
  ASSIGN_OR_RETURN(std::vector<ReferralRow> rows, store.ListReferrals({}));
  std::reverse(rows.begin(), rows.end());
  std::vector<CodedCase> received;
  for (const ReferralRow& row : rows) {
    if (row.parties.receiver != self) continue;
    ASSIGN_OR_RETURN(const std::vector<Uuid> cases,
                     store.ListCasesFrom(row.referral_id));
    if (!std::all_of(cases.begin(), cases.end(), counts)) continue;
    ASSIGN_OR_RETURN(const Dossier dossier,
                     ReadDossier(store, row.referral_id));
    ASSIGN_OR_RETURN(CodedCase coded, CodedReceived(self, dossier));
    received.push_back(std::move(coded));
  }
  return received;
}

}  // namespace comity
