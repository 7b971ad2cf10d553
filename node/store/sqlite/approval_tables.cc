#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/store/sqlite/oversight_tables.h"

namespace comity::oversight_tables {
namespace {

// Columns in the order of the SELECT lists below.
absl::StatusOr<ApprovalRequest> RequestOf(const SqliteStatement& row) {
  ASSIGN_OR_RETURN(const Uuid id, Uuid::FromBytes(row.Blob(0)));
  ASSIGN_OR_RETURN(ParticipantCode partner,
                   ParticipantCode::Create(row.Blob(2)));
  ApprovalRequest read{id, static_cast<ApprovalMatter>(row.Int(1)),
                       std::move(partner), row.Blob(3)};
  ASSIGN_OR_RETURN(read.subject, Uuid::FromBytes(row.Blob(4)));
  read.agreement_id = row.Blob(5);
  read.agreement_digest = row.Blob(6);
  read.purpose = static_cast<Purpose>(row.Int(7));
  read.basis = static_cast<LegalBasis>(row.Int(8));
  read.groups = FieldGroups::FromBits(static_cast<uint32_t>(row.Int(9)));
  read.requested_by = row.Blob(10);
  read.needed = static_cast<uint32_t>(row.Int(11));
  read.created_at = absl::FromUnixMicros(row.Int(12));
  read.expires_at = absl::FromUnixMicros(row.Int(13));
  read.declined_by = row.Blob(14);
  ASSIGN_OR_RETURN(read.used_by, Uuid::FromBytes(row.Blob(15)));
  read.about = row.Blob(16);
  return read;
}

absl::Status AddApprovals(Session& session, ApprovalRequest& request) {
  ASSIGN_OR_RETURN(
      SqliteStatement rows,
      session.database.Query("SELECT person, given FROM approvals WHERE "
                             "request_id = ? ORDER BY given, person",
                             request.id.ToBytes()));
  while (true) {
    ASSIGN_OR_RETURN(const bool more, rows.Step());
    if (!more) return absl::OkStatus();
    request.approvals.push_back(
        {rows.Blob(0), absl::FromUnixMicros(rows.Int(1))});
  }
}

absl::StatusOr<std::vector<ApprovalRequest>> AllOf(Session& session,
                                                   SqliteStatement& rows) {
  std::vector<ApprovalRequest> requests;
  while (true) {
    ASSIGN_OR_RETURN(const bool more, rows.Step());
    if (!more) break;
    ASSIGN_OR_RETURN(ApprovalRequest request, RequestOf(rows));
    requests.push_back(std::move(request));
  }
  for (ApprovalRequest& request : requests) {
    RETURN_IF_ERROR(AddApprovals(session, request));
  }
  return requests;
}

}  // namespace

absl::StatusOr<ApprovalRequest> ReadApprovalRequest(Session& session,
                                                    const Uuid& id) {
  ASSIGN_OR_RETURN(
      SqliteStatement rows,
      session.database.Query(
          "SELECT id, matter, partner, key, subject, agreement_id, "
          "agreement_digest, purpose, basis, groups, requested_by, needed, "
          "created, expires, declined_by, used_by, about FROM "
          "approval_requests "
          "WHERE id = ?",
          id.ToBytes()));
  ASSIGN_OR_RETURN(std::vector<ApprovalRequest> found, AllOf(session, rows));
  if (found.empty()) {
    return ReasonError(ErrorReason::kNotFound,
                       "there is no such approval request");
  }
  return std::move(found[0]);
}

absl::StatusOr<std::optional<ApprovalRequest>> FindApprovalRequest(
    Session& session, absl::string_view key, const Uuid& message,
    absl::Time now) {
  const std::string used_for = message.ToBytes();
  ASSIGN_OR_RETURN(
      SqliteStatement rows,
      session.database.Query(
          "SELECT id, matter, partner, key, subject, agreement_id, "
          "agreement_digest, purpose, basis, groups, requested_by, needed, "
          "created, expires, declined_by, used_by, about FROM "
          "approval_requests "
          "WHERE key = ? AND expires > ? AND used_by IN (?, ?) ORDER BY "
          "used_by = ? DESC, declined_by != x'' DESC, (SELECT COUNT(*) FROM "
          "approvals WHERE request_id = id) DESC, sequence DESC LIMIT 1",
          key, absl::ToUnixMicros(now), used_for, Uuid().ToBytes(), used_for));
  ASSIGN_OR_RETURN(std::vector<ApprovalRequest> found, AllOf(session, rows));
  if (found.empty()) return std::nullopt;
  return std::move(found[0]);
}

absl::StatusOr<std::vector<ApprovalRequest>> ListApprovalRequests(
    Session& session, absl::Time now, int limit) {
  ASSIGN_OR_RETURN(
      SqliteStatement rows,
      session.database.Query(
          "SELECT id, matter, partner, key, subject, agreement_id, "
          "agreement_digest, purpose, basis, groups, requested_by, needed, "
          "created, expires, declined_by, used_by, about FROM "
          "approval_requests "
          "WHERE expires > ? AND declined_by = x'' AND used_by = ? ORDER BY "
          "sequence LIMIT ?",
          absl::ToUnixMicros(now), Uuid().ToBytes(), limit));
  return AllOf(session, rows);
}

absl::StatusOr<uint32_t> CountApprovalRequests(Session& session,
                                               const ParticipantCode& partner,
                                               absl::Time now) {
  ASSIGN_OR_RETURN(
      SqliteStatement row,
      session.database.Query(
          "SELECT COUNT(*) FROM approval_requests WHERE partner = ? AND matter "
          "IN (?, ?) AND expires > ?",
          partner.text(), static_cast<int>(ApprovalMatter::kAnswerPartner),
          static_cast<int>(ApprovalMatter::kAnswerTable),
          absl::ToUnixMicros(now)));
  RETURN_IF_ERROR(row.Step().status());
  return static_cast<uint32_t>(row.Int(0));
}

absl::Status InsertApprovalRequest(Session& session,
                                   const ApprovalRequest& row) {
  return session.database.Run(
      "INSERT INTO approval_requests (id, matter, partner, key, subject, "
      "agreement_id, agreement_digest, purpose, basis, groups, requested_by, "
      "needed, created, expires, declined_by, used_by, about) VALUES (?, ?, ?, "
      "?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      row.id.ToBytes(), static_cast<int>(row.matter), row.partner.text(),
      row.key, row.subject.ToBytes(), row.agreement_id, row.agreement_digest,
      static_cast<int>(row.purpose), static_cast<int>(row.basis),
      row.groups.bits(), row.requested_by, row.needed,
      absl::ToUnixMicros(row.created_at), absl::ToUnixMicros(row.expires_at),
      row.declined_by, row.used_by.ToBytes(), row.about);
}

absl::Status UpdateApprovalRequest(Session& session,
                                   const ApprovalRequest& row) {
  return session.database.Run(
      "UPDATE approval_requests SET needed = ?, declined_by = ?, used_by = ? "
      "WHERE id = ?",
      row.needed, row.declined_by, row.used_by.ToBytes(), row.id.ToBytes());
}

absl::Status InsertApproval(Session& session, const Uuid& id,
                            const Approval& approval) {
  return session.database.Run("INSERT INTO approvals VALUES (?, ?, ?)",
                              id.ToBytes(), approval.by,
                              absl::ToUnixMicros(approval.at));
}

}  // namespace comity::oversight_tables
