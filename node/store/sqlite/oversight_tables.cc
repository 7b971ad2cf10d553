#include "node/store/sqlite/oversight_tables.h"

#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/store/sqlite/all_rows.h"

namespace comity::oversight_tables {
namespace {

// Times that may be infinite, as the column keeps them.
int64_t Micros(absl::Time time) {
  if (time == absl::InfiniteFuture()) return INT64_MAX;
  if (time == absl::InfinitePast()) return INT64_MIN;
  return absl::ToUnixMicros(time);
}
absl::Time TimeOf(int64_t micros) {
  if (micros == INT64_MAX) return absl::InfiniteFuture();
  if (micros == INT64_MIN) return absl::InfinitePast();
  return absl::FromUnixMicros(micros);
}

absl::StatusOr<Notice> NoticeOf(const SqliteStatement& row) {
  ASSIGN_OR_RETURN(const Uuid id, Uuid::FromBytes(row.Blob(0)));
  ASSIGN_OR_RETURN(ParticipantCode partner,
                   ParticipantCode::Create(row.Blob(2)));
  return Notice{id,
                static_cast<NoticeTarget>(row.Int(1)),
                std::move(partner),
                row.Blob(3),
                row.Blob(4),
                row.Blob(5),
                TimeOf(row.Int(6)),
                TimeOf(row.Int(7)),
                static_cast<uint32_t>(row.Int(8))};
}

absl::StatusOr<Emergency> EmergencyOf(const SqliteStatement& row) {
  ASSIGN_OR_RETURN(const Uuid id, Uuid::FromBytes(row.Blob(0)));
  ASSIGN_OR_RETURN(ParticipantCode partner,
                   ParticipantCode::Create(row.Blob(1)));
  return Emergency{id,
                   std::move(partner),
                   row.Blob(2),
                   row.Blob(3),
                   static_cast<uint32_t>(row.Int(4)),
                   row.Blob(5),
                   TimeOf(row.Int(6)),
                   row.Blob(7),
                   TimeOf(row.Int(8)),
                   row.Blob(9)};
}

absl::StatusOr<EmergencyReview> ReviewOf(const SqliteStatement& row) {
  ASSIGN_OR_RETURN(const Uuid id, Uuid::FromBytes(row.Blob(0)));
  ASSIGN_OR_RETURN(ParticipantCode partner,
                   ParticipantCode::Create(row.Blob(1)));
  ASSIGN_OR_RETURN(const Uuid subject, Uuid::FromBytes(row.Blob(4)));
  return EmergencyReview{
      id,          std::move(partner), row.Int(2) != 0,    row.Blob(3),
      subject,     row.Blob(5),        TimeOf(row.Int(6)), TimeOf(row.Int(7)),
      row.Blob(8), row.Blob(9)};
}

// The one row of a statement.
template <typename Row>
absl::StatusOr<Row> OneOf(SqliteStatement& rows,
                          absl::StatusOr<Row> (*row_of)(const SqliteStatement&),
                          const char* what) {
  ASSIGN_OR_RETURN(std::vector<Row> all, AllRows(rows, row_of));
  if (all.empty()) return ReasonError(ErrorReason::kNotFound, what);
  return std::move(all[0]);
}

}  // namespace

absl::StatusOr<std::vector<Notice>> ListNotices(Session& session,
                                                absl::Time since, int limit) {
  ASSIGN_OR_RETURN(
      SqliteStatement rows,
      session.database.Query(
          "SELECT id, target, partner, person, kind, entry_id, noted, "
          "hook_due, "
          "hook_attempts FROM notices WHERE noted >= ? ORDER BY sequence DESC "
          "LIMIT ?",
          Micros(since), limit));
  return AllRows(rows, NoticeOf);
}

absl::StatusOr<std::vector<Notice>> ListDueHooks(Session& session,
                                                 absl::Time now, int limit) {
  ASSIGN_OR_RETURN(
      SqliteStatement rows,
      session.database.Query(
          "SELECT id, target, partner, person, kind, entry_id, noted, "
          "hook_due, "
          "hook_attempts FROM notices WHERE hook_due <= ? ORDER BY hook_due "
          "LIMIT ?",
          Micros(now), limit));
  return AllRows(rows, NoticeOf);
}

absl::StatusOr<Emergency> ReadEmergency(Session& session, const Uuid& id) {
  ASSIGN_OR_RETURN(
      SqliteStatement rows,
      session.database.Query(
          "SELECT id, partner, agreement_id, reason, hours, declared_by, "
          "declared, confirmed_by, ends, ended_by FROM emergencies WHERE id = "
          "?",
          id.ToBytes()));
  return OneOf(rows, EmergencyOf, "there is no such emergency");
}

absl::StatusOr<std::vector<Emergency>> ListEmergencies(Session& session,
                                                       int limit) {
  ASSIGN_OR_RETURN(
      SqliteStatement rows,
      session.database.Query(
          "SELECT id, partner, agreement_id, reason, hours, declared_by, "
          "declared, confirmed_by, ends, ended_by FROM emergencies ORDER BY "
          "declared DESC LIMIT ?",
          limit));
  return AllRows(rows, EmergencyOf);
}

absl::StatusOr<bool> InEmergency(Session& session,
                                 const ParticipantCode& partner,
                                 absl::string_view agreement_id,
                                 absl::Time now) {
  ASSIGN_OR_RETURN(
      SqliteStatement row,
      session.database.Query("SELECT 1 FROM emergencies WHERE partner = ? AND "
                             "agreement_id = ? AND ends > ? AND confirmed_by "
                             "!= x'' LIMIT 1",
                             partner.text(), agreement_id, Micros(now)));
  return row.Step();
}

absl::StatusOr<EmergencyReview> ReadReview(Session& session, const Uuid& id) {
  ASSIGN_OR_RETURN(
      SqliteStatement rows,
      session.database.Query(
          "SELECT id, partner, as_holder, agreement_id, subject, entry_id, "
          "opened, due, reviewed_by, finding FROM emergency_reviews WHERE id = "
          "?",
          id.ToBytes()));
  return OneOf(rows, ReviewOf, "there is no such review");
}

absl::StatusOr<std::vector<EmergencyReview>> ListOpenReviews(Session& session,
                                                             int limit) {
  ASSIGN_OR_RETURN(
      SqliteStatement rows,
      session.database.Query(
          "SELECT id, partner, as_holder, agreement_id, subject, entry_id, "
          "opened, due, reviewed_by, finding FROM emergency_reviews WHERE "
          "reviewed_by = x'' ORDER BY opened LIMIT ?",
          limit));
  return AllRows(rows, ReviewOf);
}

absl::Status InsertNotice(Session& session, const Notice& row) {
  return session.database.Run(
      "INSERT INTO notices (id, target, partner, person, kind, entry_id, "
      "noted, hook_due, hook_attempts) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
      row.id.ToBytes(), static_cast<int>(row.target), row.partner.text(),
      row.person, row.kind, row.entry_id, Micros(row.at), Micros(row.hook_due),
      row.hook_attempts);
}

absl::Status UpdateNotice(Session& session, const Notice& row) {
  return session.database.Run(
      "UPDATE notices SET hook_due = ?, hook_attempts = ? WHERE id = ?",
      Micros(row.hook_due), row.hook_attempts, row.id.ToBytes());
}

absl::Status PutEmergency(Session& session, const Emergency& row) {
  return session.database.Run(
      "INSERT OR REPLACE INTO emergencies VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, "
      "?)",
      row.id.ToBytes(), row.partner.text(), row.agreement_id, row.reason,
      row.hours, row.declared_by, Micros(row.declared_at), row.confirmed_by,
      Micros(row.ends_at), row.ended_by);
}

absl::Status PutReview(Session& session, const EmergencyReview& row) {
  return session.database.Run(
      "INSERT OR REPLACE INTO emergency_reviews VALUES (?, ?, ?, ?, ?, ?, ?, "
      "?, ?, ?)",
      row.id.ToBytes(), row.partner.text(), row.as_holder ? 1 : 0,
      row.agreement_id, row.subject.ToBytes(), row.entry_id,
      Micros(row.opened_at), Micros(row.due_at), row.reviewed_by, row.finding);
}

absl::StatusOr<int64_t> DeleteOversightAbout(
    Session& session, const std::vector<Uuid>& subjects) {
  int64_t found = 0;
  for (const Uuid& subject : subjects) {
    const std::string id = subject.ToBytes();
    RETURN_IF_ERROR(session.database.Run(
        "DELETE FROM approvals WHERE request_id IN (SELECT id FROM "
        "approval_requests WHERE subject = ?)",
        id));
    for (const char* forget :
         {"DELETE FROM approval_requests WHERE subject = ?",
          "DELETE FROM emergency_reviews WHERE reviewed_by != x'' AND subject "
          "= ?",
          "UPDATE emergency_reviews SET subject = zeroblob(16) WHERE subject = "
          "?"}) {
      RETURN_IF_ERROR(session.database.Run(forget, id));
      found += session.database.changes();
    }
  }
  return found;
}

absl::Status DeleteOversightBefore(Session& session, absl::Time time) {
  RETURN_IF_ERROR(session.database.Run(
      "DELETE FROM approvals WHERE request_id IN (SELECT id FROM "
      "approval_requests WHERE expires < ?)",
      Micros(time)));
  RETURN_IF_ERROR(session.database.Run(
      "DELETE FROM approval_requests WHERE expires < ?", Micros(time)));
  return session.database.Run("DELETE FROM notices WHERE noted < ?",
                              Micros(time));
}

}  // namespace comity::oversight_tables
