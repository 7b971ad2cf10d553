#include "node/store/sqlite/policy_tables.h"

#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/crypto/aead.h"

namespace comity::policy_tables {
namespace {

constexpr absl::string_view kRefusedContext = "refused activation";
constexpr int kRefusalsKept = 1000;

// The columns of one version in the order of the table.
PolicyRow RowOf(const SqliteStatement& row) {
  PolicyRow policy;
  policy.kind = row.Blob(0);
  policy.id = row.Blob(1);
  policy.revision = static_cast<uint32_t>(row.Int(2));
  policy.digest = row.Blob(3);
  policy.signatures = row.Blob(5);
  policy.activated_at = absl::FromUnixMicros(row.Int(6));
  policy.effective_at = absl::FromUnixMicros(row.Int(7));
  policy.activated_by = row.Blob(8);
  policy.rolled_back = row.Int(9) != 0;
  policy.cancelled = row.Int(10) != 0;
  return policy;
}

absl::StatusOr<std::vector<PolicyRow>> ReadAll(Session& session,
                                               SqliteStatement rows,
                                               bool with_text) {
  std::vector<PolicyRow> policies;
  while (true) {
    ASSIGN_OR_RETURN(const bool more, rows.Step());
    if (!more) return policies;
    PolicyRow row = RowOf(rows);
    if (with_text) {
      ASSIGN_OR_RETURN(row.text,
                       Open(session.keys.state, rows.Blob(4), row.digest));
    }
    policies.push_back(std::move(row));
  }
}

std::string SealText(Session& session, const std::string& text,
                     const std::string& digest) {
  return Seal(session.keys.state, text, digest, session.random);
}

}  // namespace

absl::StatusOr<std::vector<PolicyRow>> ListPolicies(Session& session,
                                                    absl::Time now) {
  ASSIGN_OR_RETURN(
      SqliteStatement rows,
      session.database.Query(
          "SELECT * FROM policies AS p WHERE cancelled = 0 AND (effective > ? "
          "OR rowid = (SELECT q.rowid FROM policies AS q WHERE q.kind = p.kind "
          "AND q.id = p.id AND q.cancelled = 0 AND q.effective <= ? "
          "ORDER BY q.effective DESC, q.rowid DESC LIMIT 1)) "
          "ORDER BY kind, id, effective, rowid",
          absl::ToUnixMicros(now), absl::ToUnixMicros(now)));
  return ReadAll(session, std::move(rows), true);
}

absl::StatusOr<std::vector<PolicyRow>> ListPolicyVersions(
    Session& session, absl::string_view kind, absl::string_view id, int limit) {
  ASSIGN_OR_RETURN(
      SqliteStatement rows,
      session.database.Query("SELECT * FROM policies WHERE ? = x'' OR (kind = "
                             "? AND id = ?) ORDER BY rowid DESC LIMIT ?",
                             kind, kind, id, limit));
  return ReadAll(session, std::move(rows), false);
}

absl::StatusOr<PolicyRow> ReadPolicy(Session& session,
                                     absl::string_view digest) {
  ASSIGN_OR_RETURN(SqliteStatement rows,
                   session.database.Query(
                       "SELECT * FROM policies WHERE digest = ? ORDER BY rowid "
                       "DESC LIMIT 1",
                       digest));
  ASSIGN_OR_RETURN(std::vector<PolicyRow> found,
                   ReadAll(session, std::move(rows), true));
  if (!found.empty()) return std::move(found[0]);
  return ReasonError(ErrorReason::kNotFound,
                     "no policy file of this digest was ever activated here");
}

absl::StatusOr<std::vector<PolicyProposal>> ListProposals(Session& session) {
  ASSIGN_OR_RETURN(SqliteStatement rows,
                   session.database.Query(
                       "SELECT digest, kind, id, revision, sealed_text, "
                       "signatures, proposed_by, proposed FROM proposals ORDER "
                       "BY proposed, digest"));
  std::vector<PolicyProposal> proposals;
  while (true) {
    ASSIGN_OR_RETURN(const bool more, rows.Step());
    if (!more) return proposals;
    PolicyProposal proposal;
    proposal.digest = rows.Blob(0);
    proposal.kind = rows.Blob(1);
    proposal.id = rows.Blob(2);
    proposal.revision = static_cast<uint32_t>(rows.Int(3));
    ASSIGN_OR_RETURN(proposal.text,
                     Open(session.keys.state, rows.Blob(4), proposal.digest));
    proposal.signatures = rows.Blob(5);
    proposal.proposed_by = rows.Blob(6);
    proposal.proposed_at = absl::FromUnixMicros(rows.Int(7));
    proposals.push_back(std::move(proposal));
  }
}

absl::StatusOr<std::vector<RefusedActivation>> ListRefusedActivations(
    Session& session, int limit) {
  ASSIGN_OR_RETURN(
      SqliteStatement rows,
      session.database.Query(
          "SELECT refused, refused_by, sealed_why, EXISTS (SELECT 1 FROM "
          "policies WHERE policies.rowid > newest) FROM refused_activations "
          "ORDER BY sequence DESC LIMIT ?",
          limit));
  std::vector<RefusedActivation> list;
  while (true) {
    ASSIGN_OR_RETURN(const bool more, rows.Step());
    if (!more) return list;
    RefusedActivation refused;
    refused.at = absl::FromUnixMicros(rows.Int(0));
    refused.by = rows.Blob(1);
    ASSIGN_OR_RETURN(refused.why,
                     Open(session.keys.state, rows.Blob(2), kRefusedContext));
    refused.settled = rows.Int(3) != 0;
    list.push_back(std::move(refused));
  }
}

absl::Status InsertRefusedActivation(Session& session,
                                     const RefusedActivation& refused) {
  RETURN_IF_ERROR(session.database.Run(
      "INSERT INTO refused_activations (refused, refused_by, sealed_why, "
      "newest) VALUES (?, ?, ?, (SELECT COALESCE(MAX(rowid), 0) FROM "
      "policies))",
      absl::ToUnixMicros(refused.at), refused.by,
      Seal(session.keys.state, refused.why, kRefusedContext, session.random)));
  return session.database.Run(
      "DELETE FROM refused_activations WHERE sequence <= (SELECT "
      "MAX(sequence) FROM refused_activations) - ?",
      kRefusalsKept);
}

absl::Status PutPolicy(Session& session, const PolicyRow& row) {
  RETURN_IF_ERROR(
      CancelScheduled(session, row.kind, row.id, row.activated_at).status());
  return session.database.Run(
      "INSERT INTO policies VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)", row.kind,
      row.id, row.revision, row.digest, SealText(session, row.text, row.digest),
      row.signatures, absl::ToUnixMicros(row.activated_at),
      absl::ToUnixMicros(row.effective_at), row.activated_by,
      row.rolled_back ? 1 : 0);
}

absl::StatusOr<int64_t> CancelScheduled(Session& session,
                                        absl::string_view kind,
                                        absl::string_view id, absl::Time now) {
  RETURN_IF_ERROR(session.database.Run(
      "UPDATE policies SET cancelled = 1 WHERE kind = ? AND id = ? AND "
      "effective > ? AND cancelled = 0",
      kind, id, absl::ToUnixMicros(now)));
  return session.database.changes();
}

absl::Status PutProposal(Session& session, const PolicyProposal& proposal) {
  return session.database.Run(
      "INSERT OR REPLACE INTO proposals VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
      proposal.digest, proposal.kind, proposal.id, proposal.revision,
      SealText(session, proposal.text, proposal.digest), proposal.signatures,
      proposal.proposed_by, absl::ToUnixMicros(proposal.proposed_at));
}

absl::Status DeleteProposal(Session& session, absl::string_view digest) {
  return session.database.Run("DELETE FROM proposals WHERE digest = ?", digest);
}

}  // namespace comity::policy_tables
