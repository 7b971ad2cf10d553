#include "node/store/sqlite/log_tables.h"

#include <climits>
#include <set>

#include "absl/strings/str_cat.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/crypto/aead.h"

namespace comity::log_tables {
namespace {

// What a sealed opening belongs to: its log and index.
std::string OpeningContext(absl::string_view log, uint64_t index) {
  return absl::StrCat("opening/", log, "/", index);
}

// The id of a log that has a row.
absl::StatusOr<int64_t> IdOf(Session& session, absl::string_view log) {
  const auto known = session.log_ids.find(log);
  if (known != session.log_ids.end()) return known->second;
  ASSIGN_OR_RETURN(
      SqliteStatement row,
      session.database.Query("SELECT id FROM logs WHERE name = ?", log));
  ASSIGN_OR_RETURN(const bool found, row.Step());
  if (!found) {
    return ReasonError(ErrorReason::kNotFound, "there is no such log");
  }
  return session.log_ids.emplace(std::string(log), row.Int(0)).first->second;
}

// The same of a log that may have none yet.
absl::StatusOr<int64_t> MakeLog(Session& session, absl::string_view log) {
  if (!session.log_ids.contains(log)) {
    RETURN_IF_ERROR(session.database.Run(
        "INSERT OR IGNORE INTO logs (name, size, checkpoint) VALUES (?, 0, "
        "x'')",
        log));
  }
  return IdOf(session, log);
}

// Links are kept by the span that their leaf is in, then by subject: those of
// one commit are written side by side, and who looks for a subject looks into
// each span. Stores have it (schema.cc): it never changes.
constexpr uint64_t kSpan = 1024;

std::string SubjectIndex(const Session& session, const Uuid& subject) {
  return BlindIndex(session, "leaf-subject", subject.ToBytes());
}

// The last span of a log that has links; nullopt if none has.
absl::StatusOr<std::optional<uint64_t>> LastSpan(Session& session,
                                                 absl::string_view log) {
  ASSIGN_OR_RETURN(
      SqliteStatement row,
      session.database.Query(
          "SELECT span FROM leaf_links WHERE log = (SELECT id FROM logs WHERE "
          "name = ?) ORDER BY span DESC LIMIT 1",
          log));
  ASSIGN_OR_RETURN(const bool found, row.Step());
  if (!found) return std::nullopt;
  return static_cast<uint64_t>(row.Int(0));
}

// Adds the leaves from `index` on of one span that are linked to a subject.
absl::Status AddLinkedIn(Session& session, absl::string_view log, uint64_t span,
                         absl::string_view subject_index, uint64_t index,
                         std::vector<uint64_t>& found) {
  ASSIGN_OR_RETURN(
      SqliteStatement rows,
      session.database.Query(
          "SELECT leaf_index FROM leaf_links WHERE log = (SELECT id FROM logs "
          "WHERE name = ?) AND span = ? AND subject_index = ? AND leaf_index "
          ">= ? ORDER BY leaf_index",
          log, span, subject_index, index));
  while (true) {
    ASSIGN_OR_RETURN(const bool more, rows.Step());
    if (!more) return absl::OkStatus();
    found.push_back(static_cast<uint64_t>(rows.Int(0)));
  }
}

// Adds the first `limit` leaves from `index` on that are linked to a subject,
// or more.
absl::Status AddLinked(Session& session, absl::string_view log,
                       const Uuid& subject, uint64_t index, int limit,
                       std::set<uint64_t>& found) {
  ASSIGN_OR_RETURN(const std::optional<uint64_t> last, LastSpan(session, log));
  if (!last.has_value()) return absl::OkStatus();
  const std::string subject_index = SubjectIndex(session, subject);
  std::vector<uint64_t> linked;
  for (uint64_t span = index / kSpan;
       span <= *last && linked.size() < static_cast<size_t>(limit); ++span) {
    RETURN_IF_ERROR(
        AddLinkedIn(session, log, span, subject_index, index, linked));
  }
  found.insert(linked.begin(), linked.end());
  return absl::OkStatus();
}

// Removes the links of these leaves to a subject.
absl::Status Unlink(Session& session, absl::string_view log,
                    const std::vector<LeafRow>& leaves, const Uuid& subject) {
  const std::string subject_index = SubjectIndex(session, subject);
  for (const LeafRow& row : leaves) {
    RETURN_IF_ERROR(session.database.Run(
        "DELETE FROM leaf_links WHERE log = (SELECT id FROM logs WHERE name = "
        "?) AND span = ? AND subject_index = ? AND leaf_index = ?",
        log, row.index / kSpan, subject_index, row.index));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<LogHead> ReadLogHead(Session& session, absl::string_view log) {
  ASSIGN_OR_RETURN(
      SqliteStatement row,
      session.database.Query("SELECT size, checkpoint FROM logs WHERE name = ?",
                             log));
  ASSIGN_OR_RETURN(const bool found, row.Step());
  if (!found) return LogHead();
  return LogHead{static_cast<uint64_t>(row.Int(0)), row.Blob(1)};
}

absl::StatusOr<std::vector<std::string>> ListLogs(Session& session) {
  ASSIGN_OR_RETURN(
      SqliteStatement rows,
      session.database.Query("SELECT name FROM logs ORDER BY name"));
  std::vector<std::string> logs;
  while (true) {
    ASSIGN_OR_RETURN(const bool more, rows.Step());
    if (!more) return logs;
    logs.push_back(rows.Blob(0));
  }
}

absl::StatusOr<std::string> ReadNode(Session& session, absl::string_view log,
                                     uint32_t level, uint64_t index) {
  ASSIGN_OR_RETURN(
      SqliteStatement row,
      session.database.Query(
          "SELECT hash FROM log_nodes WHERE log = (SELECT id FROM logs WHERE "
          "name = ?) AND level = ? AND node_index = ?",
          log, level, index));
  ASSIGN_OR_RETURN(const bool found, row.Step());
  if (!found) {
    return ReasonError(ErrorReason::kNotFound, "the log has no such node");
  }
  return row.Blob(0);
}

absl::StatusOr<std::vector<LeafRow>> ReadLeaves(Session& session,
                                                absl::string_view log,
                                                uint64_t index, int limit,
                                                bool with_openings) {
  ASSIGN_OR_RETURN(
      SqliteStatement rows,
      session.database.Query(
          "SELECT leaf_index, leaf, sealed_opening FROM log_leaves WHERE log "
          "= (SELECT id FROM logs WHERE name = ?) AND leaf_index >= ? ORDER "
          "BY leaf_index LIMIT ?",
          log, index, limit));
  std::vector<LeafRow> leaves;
  while (true) {
    ASSIGN_OR_RETURN(const bool more, rows.Step());
    if (!more) return leaves;
    LeafRow row{static_cast<uint64_t>(rows.Int(0)), rows.Blob(1), ""};
    const std::string sealed = with_openings ? rows.Blob(2) : "";
    if (!sealed.empty()) {
      ASSIGN_OR_RETURN(row.opening, Open(session.keys.state, sealed,
                                         OpeningContext(log, row.index)));
    }
    leaves.push_back(std::move(row));
  }
}

absl::StatusOr<std::vector<LeafRow>> ReadLeavesAbout(
    Session& session, absl::string_view log, const std::vector<Uuid>& subjects,
    uint64_t index, int limit) {
  std::set<uint64_t> found;
  for (const Uuid& subject : subjects) {
    RETURN_IF_ERROR(AddLinked(session, log, subject, index, limit, found));
  }
  std::vector<LeafRow> leaves;
  for (const uint64_t each : found) {
    if (static_cast<int>(leaves.size()) == limit) break;
    ASSIGN_OR_RETURN(std::vector<LeafRow> one,
                     ReadLeaves(session, log, each, 1, true));
    leaves.push_back(std::move(one.at(0)));
  }
  return leaves;
}

absl::StatusOr<PeerHead> ReadPeerHead(Session& session,
                                      const ParticipantCode& partner) {
  ASSIGN_OR_RETURN(
      SqliteStatement row,
      session.database.Query(
          "SELECT size, root, checkpoint FROM peer_heads WHERE partner = ?",
          partner.text()));
  ASSIGN_OR_RETURN(const bool found, row.Step());
  if (!found) return PeerHead();
  return PeerHead{static_cast<uint64_t>(row.Int(0)), row.Blob(1), row.Blob(2)};
}

absl::StatusOr<std::vector<UnprovedHead>> ReadUnproved(
    Session& session, const ParticipantCode& partner, int limit) {
  ASSIGN_OR_RETURN(
      SqliteStatement rows,
      session.database.Query(
          "SELECT size, root, checkpoint, first_seen FROM unproved_heads WHERE "
          "partner = ? ORDER BY size LIMIT ?",
          partner.text(), limit));
  std::vector<UnprovedHead> heads;
  while (true) {
    ASSIGN_OR_RETURN(const bool more, rows.Step());
    if (!more) return heads;
    heads.push_back(
        {{static_cast<uint64_t>(rows.Int(0)), rows.Blob(1), rows.Blob(2)},
         absl::FromUnixMicros(rows.Int(3))});
  }
}

absl::StatusOr<std::optional<absl::Time>> ReadOldestUnproved(
    Session& session, const ParticipantCode& partner) {
  ASSIGN_OR_RETURN(
      SqliteStatement row,
      session.database.Query("SELECT first_seen FROM unproved_heads WHERE "
                             "partner = ? ORDER BY first_seen LIMIT 1",
                             partner.text()));
  ASSIGN_OR_RETURN(const bool found, row.Step());
  if (!found) return std::nullopt;
  return absl::FromUnixMicros(row.Int(0));
}

absl::StatusOr<std::optional<SeenRequest>> ReadSeenRequest(
    Session& session, absl::string_view sender, const Uuid& request_id) {
  ASSIGN_OR_RETURN(SqliteStatement row,
                   session.database.Query(
                       "SELECT leaf_hash, first_seen FROM seen_requests WHERE "
                       "sender = ? AND request_id = ?",
                       sender, request_id.ToBytes()));
  ASSIGN_OR_RETURN(const bool found, row.Step());
  if (!found) return std::nullopt;
  return SeenRequest{row.Blob(0), absl::FromUnixMicros(row.Int(1))};
}

absl::Status InsertLeaf(Session& session, absl::string_view log,
                        const LeafRow& row) {
  ASSIGN_OR_RETURN(const int64_t id, MakeLog(session, log));
  const std::string sealed =
      row.opening.empty()
          ? ""
          : Seal(session.keys.state, row.opening,
                 OpeningContext(log, row.index), session.random);
  return session.database.Run("INSERT INTO log_leaves VALUES (?, ?, ?, ?)", id,
                              row.index, row.leaf, sealed);
}

absl::Status LinkLeaf(Session& session, absl::string_view log, uint64_t index,
                      const Uuid& subject) {
  ASSIGN_OR_RETURN(const int64_t id, IdOf(session, log));
  return session.database.Run(
      "INSERT OR IGNORE INTO leaf_links VALUES (?, ?, ?, ?)", id, index / kSpan,
      SubjectIndex(session, subject), index);
}

absl::StatusOr<int64_t> ForgetSubjects(Session& session, absl::string_view log,
                                       const std::vector<Uuid>& subjects,
                                       const LeafOpeningRewrite& rewrite) {
  ASSIGN_OR_RETURN(const std::vector<LeafRow> leaves,
                   ReadLeavesAbout(session, log, subjects, 0, INT_MAX));
  for (const LeafRow& row : leaves) {
    if (row.opening.empty()) continue;
    ASSIGN_OR_RETURN(const std::string left, rewrite(row.opening));
    RETURN_IF_ERROR(session.database.Run(
        "UPDATE log_leaves SET sealed_opening = ? WHERE log = (SELECT id FROM "
        "logs WHERE name = ?) AND leaf_index = ?",
        Seal(session.keys.state, left, OpeningContext(log, row.index),
             session.random),
        log, row.index));
  }
  for (const Uuid& subject : subjects) {
    RETURN_IF_ERROR(Unlink(session, log, leaves, subject));
  }
  return static_cast<int64_t>(leaves.size());
}

absl::Status InsertNode(Session& session, absl::string_view log, uint32_t level,
                        uint64_t index, absl::string_view hash) {
  ASSIGN_OR_RETURN(const int64_t id, IdOf(session, log));
  return session.database.Run("INSERT INTO log_nodes VALUES (?, ?, ?, ?)", id,
                              level, index, hash);
}

absl::Status PutLogHead(Session& session, absl::string_view log,
                        const LogHead& head) {
  return session.database.Run(
      "UPDATE logs SET size = ?, checkpoint = ? WHERE name = ?", head.size,
      head.checkpoint, log);
}

absl::Status PutPeerHead(Session& session, const ParticipantCode& partner,
                         const PeerHead& head) {
  return session.database.Run(
      "INSERT OR REPLACE INTO peer_heads VALUES (?, ?, ?, ?)", partner.text(),
      head.size, head.root, head.checkpoint);
}

absl::Status PutUnproved(Session& session, const ParticipantCode& partner,
                         const UnprovedHead& head) {
  {
    ASSIGN_OR_RETURN(SqliteStatement row,
                     session.database.Query(
                         "SELECT root FROM unproved_heads WHERE partner = ? "
                         "AND size = ?",
                         partner.text(), head.head.size));
    ASSIGN_OR_RETURN(const bool found, row.Step());
    if (found && row.Blob(0) == head.head.root) return absl::OkStatus();
    if (found) {
      return ReasonError(ErrorReason::kLogForked,
                         "the partner signed two roots for one size");
    }
  }
  return session.database.Run(
      "INSERT INTO unproved_heads VALUES (?, ?, ?, ?, ?)", partner.text(),
      head.head.size, head.head.root, head.head.checkpoint,
      absl::ToUnixMicros(head.first_seen));
}

absl::Status DeleteUnproved(Session& session, const ParticipantCode& partner,
                            uint64_t size) {
  return session.database.Run(
      "DELETE FROM unproved_heads WHERE partner = ? AND size = ?",
      partner.text(), size);
}

absl::Status PutSeenRequest(Session& session, absl::string_view sender,
                            const Uuid& request_id, const SeenRequest& seen) {
  return session.database.Run(
      "INSERT OR REPLACE INTO seen_requests VALUES (?, ?, ?, ?)", sender,
      request_id.ToBytes(), seen.leaf_hash,
      absl::ToUnixMicros(seen.first_seen));
}

absl::Status DeleteSeenRequests(Session& session, absl::Time time) {
  return session.database.Run("DELETE FROM seen_requests WHERE first_seen < ?",
                              absl::ToUnixMicros(time));
}

}  // namespace comity::log_tables
