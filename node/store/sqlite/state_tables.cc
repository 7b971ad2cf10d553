#include "node/store/sqlite/state_tables.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/crypto/aead.h"
#include "node/store/sqlite/snapshot_keys.h"

namespace comity::state_tables {
namespace {

std::string SnapshotContext(absl::string_view period, uint32_t revision) {
  return absl::StrCat("snapshot/", period, "/", revision);
}

constexpr size_t kDigestSize = 32;

// The digest of a request about a person would show who was meant to somebody
// who guesses, so neither it nor the id stands in the clear.
std::string CallIndex(const Session& session, absl::string_view operator_name,
                      const Uuid& request_id) {
  return BlindIndex(session, "answered-call",
                    absl::StrCat(request_id.ToBytes(), operator_name));
}

absl::Status CheckMayRead(const Permit& permit) {
  if (permit.operation() == Operation::kAggregateCount ||
      permit.local_operation() == LocalOperation::kTableTabulate) {
    return absl::OkStatus();
  }
  return ReasonError(ErrorReason::kInternal,
                     "reading a snapshot needs a permit to count");
}

// Columns period, revision, published, published_by, closed.
SnapshotRow SnapshotOf(const SqliteStatement& row) {
  SnapshotRow read{row.Blob(0), static_cast<uint32_t>(row.Int(1)),
                   absl::FromUnixMicros(row.Int(2)), row.Blob(3)};
  read.closed = row.Int(4) != 0;
  return read;
}

}  // namespace

absl::StatusOr<uint32_t> ReadCounter(Session& session,
                                     absl::string_view counter,
                                     absl::string_view window) {
  ASSIGN_OR_RETURN(
      SqliteStatement row,
      session.database.Query(
          "SELECT amount FROM counters WHERE name = ? AND window = ?", counter,
          window));
  ASSIGN_OR_RETURN(const bool found, row.Step());
  return found ? static_cast<uint32_t>(row.Int(0)) : 0;
}

absl::StatusOr<std::vector<SnapshotRow>> ListSnapshots(Session& session) {
  ASSIGN_OR_RETURN(
      SqliteStatement rows,
      session.database.Query("SELECT period, revision, published, "
                             "published_by, closed FROM snapshots ORDER BY "
                             "published DESC"));
  std::vector<SnapshotRow> snapshots;
  while (true) {
    ASSIGN_OR_RETURN(const bool more, rows.Step());
    if (!more) return snapshots;
    snapshots.push_back(SnapshotOf(rows));
  }
}

absl::StatusOr<SnapshotRow> ReadSnapshot(Session& session, const Permit& permit,
                                         absl::string_view period) {
  RETURN_IF_ERROR(CheckMayRead(permit));
  ASSIGN_OR_RETURN(
      SqliteStatement row,
      session.database.Query(
          "SELECT period, revision, published, published_by, closed, "
          "sealed_columns FROM snapshots WHERE period = ? ORDER BY revision "
          "DESC LIMIT 1",
          period));
  ASSIGN_OR_RETURN(const bool found, row.Step());
  if (!found) {
    return ReasonError(ErrorReason::kPeriodNotPublished,
                       "the period is not published by this state");
  }
  SnapshotRow read = SnapshotOf(row);
  if (read.closed) return read;
  ASSIGN_OR_RETURN(read.columns,
                   Open(session.keys.state, row.Blob(5),
                        SnapshotContext(read.period, read.revision)));
  return read;
}

absl::Status ScanSnapshots(
    Session& session, const Permit& permit,
    const std::vector<uint64_t>& record_keys,
    const std::function<absl::Status(const SnapshotRow&)>& visit) {
  RETURN_IF_ERROR(CheckMayRead(permit));
  ASSIGN_OR_RETURN(
      SqliteStatement rows,
      session.database.Query("SELECT period, revision, published, "
                             "published_by, closed, keyed, CASE keyed WHEN 0 "
                             "THEN sealed_columns ELSE x'' END FROM snapshots "
                             "WHERE closed = 0 ORDER BY published"));
  while (true) {
    ASSIGN_OR_RETURN(const bool more, rows.Step());
    if (!more) return absl::OkStatus();
    SnapshotRow read = SnapshotOf(rows);
    if (rows.Int(5) != 0) {
      ASSIGN_OR_RETURN(const bool holds,
                       snapshot_keys::HoldsAny(session, read, record_keys));
      if (!holds) continue;
    } else {
      ASSIGN_OR_RETURN(read.columns,
                       Open(session.keys.state, rows.Blob(6),
                            SnapshotContext(read.period, read.revision)));
    }
    RETURN_IF_ERROR(visit(read));
  }
}

absl::StatusOr<std::optional<std::string>> ReadTableAnswer(
    Session& session, absl::string_view key) {
  ASSIGN_OR_RETURN(
      SqliteStatement row,
      session.database.Query(
          "SELECT sealed_answer FROM table_answers WHERE key = ?", key));
  ASSIGN_OR_RETURN(const bool found, row.Step());
  if (!found) return std::nullopt;
  ASSIGN_OR_RETURN(std::string answer,
                   Open(session.keys.state, row.Blob(0), key));
  return answer;
}

absl::StatusOr<uint32_t> CountUndelivered(
    Session& session, absl::string_view asker,
    const std::vector<std::string>& cells) {
  uint32_t undelivered = 0;
  for (const std::string& cell : cells) {
    ASSIGN_OR_RETURN(SqliteStatement row,
                     session.database.Query(
                         "SELECT 1 FROM delivered_cells WHERE asker = ? AND "
                         "cell = ?",
                         asker, cell));
    ASSIGN_OR_RETURN(const bool delivered, row.Step());
    if (!delivered) ++undelivered;
  }
  return undelivered;
}

absl::StatusOr<std::vector<std::string>> ListPartnerCards(Session& session) {
  ASSIGN_OR_RETURN(
      SqliteStatement rows,
      session.database.Query("SELECT card FROM partner_cards ORDER BY code"));
  std::vector<std::string> cards;
  while (true) {
    ASSIGN_OR_RETURN(const bool more, rows.Step());
    if (!more) return cards;
    cards.push_back(rows.Blob(0));
  }
}

absl::StatusOr<std::string> ReadMeta(Session& session, absl::string_view name) {
  ASSIGN_OR_RETURN(
      SqliteStatement row,
      session.database.Query("SELECT value FROM meta WHERE name = ?", name));
  ASSIGN_OR_RETURN(const bool found, row.Step());
  return found ? row.Blob(0) : "";
}

absl::StatusOr<std::vector<std::string>> ListMeta(Session& session,
                                                  absl::string_view prefix) {
  ASSIGN_OR_RETURN(
      SqliteStatement rows,
      session.database.Query("SELECT name FROM meta WHERE name >= ? AND value "
                             "<> x'' ORDER BY name",
                             prefix));
  std::vector<std::string> names;
  while (true) {
    ASSIGN_OR_RETURN(const bool more, rows.Step());
    if (!more || !absl::StartsWith(rows.Blob(0), prefix)) return names;
    names.push_back(rows.Blob(0));
  }
}

absl::StatusOr<std::optional<AnsweredCall>> ReadAnsweredCall(
    Session& session, absl::string_view operator_name, const Uuid& request_id) {
  const std::string index = CallIndex(session, operator_name, request_id);
  ASSIGN_OR_RETURN(
      SqliteStatement row,
      session.database.Query("SELECT answered, sealed_call FROM answered_calls "
                             "WHERE call_index = ?",
                             index));
  ASSIGN_OR_RETURN(const bool found, row.Step());
  if (!found) return std::nullopt;
  ASSIGN_OR_RETURN(const std::string call,
                   Open(session.keys.state, row.Blob(1), index));
  return AnsweredCall{call.substr(0, kDigestSize), call.substr(kDigestSize),
                      absl::FromUnixMicros(row.Int(0))};
}

absl::StatusOr<uint32_t> ChargeCounter(Session& session,
                                       absl::string_view counter,
                                       absl::string_view window,
                                       uint32_t amount) {
  ASSIGN_OR_RETURN(const uint32_t before,
                   ReadCounter(session, counter, window));
  RETURN_IF_ERROR(
      session.database.Run("INSERT OR REPLACE INTO counters VALUES (?, ?, ?)",
                           counter, window, before + amount));
  return before + amount;
}

absl::Status InsertSnapshot(Session& session, const SnapshotRow& row) {
  RETURN_IF_ERROR(session.database.Run(
      "INSERT INTO snapshots (period, revision, published, published_by, "
      "sealed_columns, keyed) VALUES (?, ?, ?, ?, ?, ?)",
      row.period, row.revision, absl::ToUnixMicros(row.published_at),
      row.published_by,
      Seal(session.keys.state, row.columns,
           SnapshotContext(row.period, row.revision), session.random),
      row.record_keys.has_value() ? 1 : 0));
  return snapshot_keys::Insert(session, row);
}

absl::Status CloseSnapshot(Session& session, absl::string_view period,
                           uint32_t revision) {
  RETURN_IF_ERROR(snapshot_keys::Delete(session, period, revision));
  return session.database.Run(
      "UPDATE snapshots SET sealed_columns = x'', closed = 1 WHERE period = ? "
      "AND revision = ?",
      period, revision);
}

absl::Status PutTableAnswer(Session& session, absl::string_view key,
                            absl::string_view answer) {
  return session.database.Run(
      "INSERT INTO table_answers VALUES (?, ?)", key,
      Seal(session.keys.state, answer, key, session.random));
}

absl::Status PutDelivered(Session& session, absl::string_view asker,
                          const std::vector<std::string>& cells) {
  for (const std::string& cell : cells) {
    RETURN_IF_ERROR(session.database.Run(
        "INSERT OR IGNORE INTO delivered_cells VALUES (?, ?)", asker, cell));
  }
  return absl::OkStatus();
}

absl::Status PutPartnerCard(Session& session, absl::string_view code,
                            absl::string_view card) {
  return session.database.Run(
      "INSERT OR REPLACE INTO partner_cards VALUES (?, ?)", code, card);
}

absl::Status DeletePartnerCard(Session& session, absl::string_view code) {
  return session.database.Run("DELETE FROM partner_cards WHERE code = ?", code);
}

absl::Status PutMeta(Session& session, absl::string_view name,
                     absl::string_view value) {
  return session.database.Run("INSERT OR REPLACE INTO meta VALUES (?, ?)", name,
                              value);
}

absl::Status InsertAnsweredCall(Session& session,
                                absl::string_view operator_name,
                                const Uuid& request_id,
                                const AnsweredCall& call) {
  if (call.request_digest.size() != kDigestSize) {
    return ReasonError(ErrorReason::kInternal, "a digest has 32 bytes");
  }
  const std::string index = CallIndex(session, operator_name, request_id);
  return session.database.Run(
      "INSERT INTO answered_calls VALUES (?, ?, ?)", index,
      absl::ToUnixMicros(call.answered_at),
      Seal(session.keys.state, absl::StrCat(call.request_digest, call.response),
           index, session.random));
}

absl::Status DeleteAnsweredCalls(Session& session, absl::Time time) {
  return session.database.Run("DELETE FROM answered_calls WHERE answered < ?",
                              absl::ToUnixMicros(time));
}

}  // namespace comity::state_tables
