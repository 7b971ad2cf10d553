#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/crypto/aead.h"
#include "node/store/sqlite/attachment_tables.h"
#include "node/store/sqlite/referral_tables.h"

// What withdrawals look for in dossiers, hurry and erase.
namespace comity::referral_tables {
namespace {

// Those whose id `query` finds for the one value that it asks about.
absl::StatusOr<std::vector<ReferralRow>> ReferralsFoundBy(Session& session,
                                                          const char* query,
                                                          const Uuid& value) {
  std::vector<Uuid> ids;
  {
    ASSIGN_OR_RETURN(SqliteStatement rows,
                     session.database.Query(query, value.ToBytes()));
    ASSIGN_OR_RETURN(ids, ReadIds(rows));
  }
  std::vector<ReferralRow> referrals;
  for (const Uuid& id : ids) {
    ASSIGN_OR_RETURN(ReferralRow row, ReadReferral(session, id));
    referrals.push_back(std::move(row));
  }
  return referrals;
}

}  // namespace

absl::StatusOr<std::vector<ReferralRow>> ListReferralsOf(Session& session,
                                                         const Uuid& case_id) {
  return ReferralsFoundBy(
      session, "SELECT id FROM referrals WHERE case_id = ? ORDER BY sequence",
      case_id);
}

absl::StatusOr<std::vector<ReferralRow>> ListReferralsUnder(
    Session& session, const Uuid& pseudonym) {
  return ReferralsFoundBy(
      session, "SELECT id FROM referrals WHERE pseudonym = ? ORDER BY sequence",
      pseudonym);
}

absl::Status DeleteDraft(Session& session, const Uuid& referral_id) {
  ASSIGN_OR_RETURN(const std::vector<EventRow> events,
                   ReadEvents(session, referral_id));
  if (!events.empty()) {
    return ReasonError(ErrorReason::kInternal,
                       "a referral with events is no draft");
  }
  return session.database.Run("DELETE FROM referrals WHERE id = ?",
                              referral_id.ToBytes());
}

absl::Status HurryOutbox(Session& session, const Uuid& referral_id) {
  return session.database.Run(
      "UPDATE outbox SET urgent = 1 WHERE referral_id = ?",
      referral_id.ToBytes());
}

absl::Status EraseDossier(Session& session, const Uuid& referral_id) {
  const std::string id = referral_id.ToBytes();
  RETURN_IF_ERROR(session.database.Run(
      "UPDATE referrals SET wrapped_key = x'', risk = 0, assessed = 0, cleared "
      "= 0, cleared_by = x'', reflection_ends = 0, version = version + 1 WHERE "
      "id = ?",
      id));
  RETURN_IF_ERROR(attachment_tables::DeleteOf(session, id));
  return session.database.Run(
      "UPDATE events SET sealed_openings = x'' WHERE referral_id = ?", id);
}

absl::Status RewriteOpenings(Session& session, const Uuid& referral_id,
                             const OpeningsRewrite& rewrite) {
  const std::string id = referral_id.ToBytes();
  ASSIGN_OR_RETURN(const SecretBytes old_key, DossierKey(session, referral_id));
  std::vector<std::pair<std::string, std::string>> sealed;
  {
    ASSIGN_OR_RETURN(
        SqliteStatement rows,
        session.database.Query("SELECT id, sealed_openings FROM events WHERE "
                               "referral_id = ? AND sealed_openings != x''",
                               id));
    while (true) {
      ASSIGN_OR_RETURN(const bool more, rows.Step());
      if (!more) break;
      sealed.emplace_back(rows.Blob(0), rows.Blob(1));
    }
  }
  const std::string wrapped = NewWrappedKey(session, id);
  ASSIGN_OR_RETURN(const SecretBytes key, UnwrapKey(session, wrapped, id));
  RETURN_IF_ERROR(session.database.Run(
      "UPDATE referrals SET wrapped_key = ?, version = version + 1 WHERE id = "
      "?",
      wrapped, id));
  for (const auto& [event, openings] : sealed) {
    ASSIGN_OR_RETURN(const std::string before, Open(old_key, openings, event));
    ASSIGN_OR_RETURN(const std::string left, rewrite(before));
    RETURN_IF_ERROR(session.database.Run(
        "UPDATE events SET sealed_openings = ? WHERE id = ?",
        left.empty() ? "" : Seal(key, left, event, session.random), event));
  }
  return attachment_tables::SealAnew(session, id, old_key, key);
}

}  // namespace comity::referral_tables
