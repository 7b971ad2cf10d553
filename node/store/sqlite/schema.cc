#include "node/store/sqlite/schema.h"

#include <array>

#include "absl/strings/str_cat.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"

namespace comity {
namespace {

// Each migration leads from its index to the next version; never change one
// that was released. Columns named sealed_* are AES-256-GCM, *_index are HMACs.
constexpr std::array kMigrations = {
    R"sql(
CREATE TABLE meta (name BLOB PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID, STRICT;

CREATE TABLE cases (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT,
  id BLOB NOT NULL UNIQUE,
  version INTEGER NOT NULL,
  wrapped_key BLOB NOT NULL,
  sealed_facts BLOB NOT NULL,
  sealed_body BLOB NOT NULL,
  reference_index BLOB NOT NULL UNIQUE,
  content_index BLOB NOT NULL,
  import_id BLOB NOT NULL
) STRICT;
CREATE INDEX cases_by_import ON cases (import_id) WHERE import_id != x'';
CREATE TABLE case_terms (
  term_index BLOB NOT NULL, case_id BLOB NOT NULL,
  PRIMARY KEY (term_index, case_id)) WITHOUT ROWID, STRICT;
CREATE TABLE case_changes (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT, case_id BLOB NOT NULL) STRICT;
CREATE TABLE pseudonyms (
  case_id BLOB NOT NULL, partner BLOB NOT NULL,
  pseudonym_index BLOB NOT NULL UNIQUE, sealed_pseudonym BLOB NOT NULL,
  PRIMARY KEY (case_id, partner)) WITHOUT ROWID, STRICT;
CREATE TABLE imports (id BLOB PRIMARY KEY, started INTEGER NOT NULL)
  WITHOUT ROWID, STRICT;

CREATE TABLE referrals (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT,
  id BLOB NOT NULL UNIQUE, holder BLOB NOT NULL, receiver BLOB NOT NULL,
  case_id BLOB NOT NULL, pseudonym BLOB NOT NULL, purpose INTEGER NOT NULL,
  basis INTEGER NOT NULL, agreement_id BLOB NOT NULL,
  agreement_digest BLOB NOT NULL, drafted_by BLOB NOT NULL,
  created INTEGER NOT NULL, state INTEGER NOT NULL, version INTEGER NOT NULL,
  wrapped_key BLOB NOT NULL) STRICT;
CREATE INDEX referrals_by_time ON referrals (created);
CREATE TABLE events (
  arrival INTEGER PRIMARY KEY AUTOINCREMENT,
  id BLOB NOT NULL UNIQUE, referral_id BLOB NOT NULL, author BLOB NOT NULL,
  sequence INTEGER NOT NULL, parents BLOB NOT NULL, kind INTEGER NOT NULL,
  occurred INTEGER NOT NULL, role INTEGER NOT NULL, type BLOB NOT NULL,
  payload BLOB NOT NULL, salt BLOB NOT NULL, leaf BLOB NOT NULL,
  leaf_index INTEGER NOT NULL, sealed_openings BLOB NOT NULL,
  receipt_payload BLOB NOT NULL, receipt_salt BLOB NOT NULL,
  receipt_leaf BLOB NOT NULL, receipt_leaf_index INTEGER NOT NULL) STRICT;
CREATE INDEX events_by_referral ON events (referral_id, arrival);
CREATE TABLE outbox (
  position INTEGER PRIMARY KEY AUTOINCREMENT,
  event_id BLOB NOT NULL UNIQUE, partner BLOB NOT NULL,
  referral_id BLOB NOT NULL, queued INTEGER NOT NULL) STRICT;
CREATE INDEX outbox_by_partner ON outbox (partner, position);

CREATE TABLE logs (
  id INTEGER PRIMARY KEY, name BLOB NOT NULL UNIQUE, size INTEGER NOT NULL,
  checkpoint BLOB NOT NULL) STRICT;
CREATE TABLE log_leaves (
  log INTEGER NOT NULL, leaf_index INTEGER NOT NULL, leaf BLOB NOT NULL,
  sealed_opening BLOB NOT NULL, PRIMARY KEY (log, leaf_index))
  WITHOUT ROWID, STRICT;
CREATE TABLE log_nodes (
  log INTEGER NOT NULL, level INTEGER NOT NULL, node_index INTEGER NOT NULL,
  hash BLOB NOT NULL, PRIMARY KEY (log, level, node_index))
  WITHOUT ROWID, STRICT;
CREATE TABLE peer_heads (
  partner BLOB PRIMARY KEY, size INTEGER NOT NULL, root BLOB NOT NULL,
  checkpoint BLOB NOT NULL) WITHOUT ROWID, STRICT;
CREATE TABLE unproved_heads (
  partner BLOB NOT NULL, size INTEGER NOT NULL, root BLOB NOT NULL,
  checkpoint BLOB NOT NULL, first_seen INTEGER NOT NULL,
  PRIMARY KEY (partner, size)) WITHOUT ROWID, STRICT;
CREATE TABLE seen_requests (
  sender BLOB NOT NULL, request_id BLOB NOT NULL, leaf_hash BLOB NOT NULL,
  first_seen INTEGER NOT NULL, PRIMARY KEY (sender, request_id))
  WITHOUT ROWID, STRICT;
CREATE INDEX seen_requests_by_time ON seen_requests (first_seen);

CREATE TABLE counters (
  name BLOB NOT NULL, window BLOB NOT NULL, amount INTEGER NOT NULL,
  PRIMARY KEY (name, window)) WITHOUT ROWID, STRICT;
CREATE TABLE snapshots (
  period BLOB NOT NULL, revision INTEGER NOT NULL, published INTEGER NOT NULL,
  published_by BLOB NOT NULL, sealed_columns BLOB NOT NULL,
  PRIMARY KEY (period, revision)) STRICT;
CREATE TABLE table_answers (key BLOB PRIMARY KEY, sealed_answer BLOB NOT NULL)
  STRICT;
CREATE TABLE delivered_cells (
  asker BLOB NOT NULL, cell BLOB NOT NULL, PRIMARY KEY (asker, cell))
  WITHOUT ROWID, STRICT;
CREATE TABLE policies (
  kind BLOB NOT NULL, id BLOB NOT NULL, in_force INTEGER NOT NULL,
  revision INTEGER NOT NULL, digest BLOB NOT NULL, sealed_text BLOB NOT NULL,
  signatures BLOB NOT NULL, activated INTEGER NOT NULL) STRICT;
CREATE UNIQUE INDEX policies_in_force ON policies (kind, id) WHERE in_force = 1;
CREATE TABLE partner_cards (code BLOB PRIMARY KEY, card BLOB NOT NULL)
  WITHOUT ROWID, STRICT;
)sql",
    // Versions of policy files by the time from which they are in force.
    R"sql(
ALTER TABLE policies RENAME TO policies_1;
DROP INDEX policies_in_force;
CREATE TABLE policies (
  kind BLOB NOT NULL, id BLOB NOT NULL, revision INTEGER NOT NULL,
  digest BLOB NOT NULL, sealed_text BLOB NOT NULL, signatures BLOB NOT NULL,
  activated INTEGER NOT NULL, effective INTEGER NOT NULL,
  activated_by BLOB NOT NULL, rolled_back INTEGER NOT NULL,
  cancelled INTEGER NOT NULL) STRICT;
INSERT INTO policies SELECT kind, id, revision, digest, sealed_text, signatures,
  activated, activated, x'', 0, 0 FROM policies_1 ORDER BY rowid;
DROP TABLE policies_1;
CREATE INDEX policies_by_file ON policies (kind, id, effective);
CREATE INDEX policies_by_digest ON policies (digest);
CREATE TABLE proposals (
  digest BLOB PRIMARY KEY, kind BLOB NOT NULL, id BLOB NOT NULL,
  revision INTEGER NOT NULL, sealed_text BLOB NOT NULL,
  signatures BLOB NOT NULL, proposed_by BLOB NOT NULL,
  proposed INTEGER NOT NULL) WITHOUT ROWID, STRICT;
)sql",
    R"sql(
CREATE TABLE answered_calls (
  call_index BLOB PRIMARY KEY, answered INTEGER NOT NULL,
  sealed_call BLOB NOT NULL) WITHOUT ROWID, STRICT;
CREATE INDEX answered_calls_by_time ON answered_calls (answered);
)sql",
    // What people must look at, and what a packet binds its receiver to.
    R"sql(
ALTER TABLE referrals ADD COLUMN erase_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE referrals ADD COLUMN no_onward INTEGER NOT NULL DEFAULT 0;
CREATE INDEX referrals_to_erase ON referrals (erase_at) WHERE erase_at > 0;

CREATE TABLE approval_requests (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT,
  id BLOB NOT NULL UNIQUE, matter INTEGER NOT NULL, partner BLOB NOT NULL,
  key BLOB NOT NULL, subject BLOB NOT NULL, agreement_id BLOB NOT NULL,
  agreement_digest BLOB NOT NULL, purpose INTEGER NOT NULL,
  basis INTEGER NOT NULL, groups INTEGER NOT NULL, requested_by BLOB NOT NULL,
  needed INTEGER NOT NULL, created INTEGER NOT NULL, expires INTEGER NOT NULL,
  declined_by BLOB NOT NULL, used_by BLOB NOT NULL) STRICT;
CREATE INDEX approval_requests_by_key ON approval_requests (key);
CREATE INDEX approval_requests_by_end ON approval_requests (expires);
CREATE TABLE approvals (
  request_id BLOB NOT NULL, person BLOB NOT NULL, given INTEGER NOT NULL,
  PRIMARY KEY (request_id, person)) WITHOUT ROWID, STRICT;
CREATE TABLE notices (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT,
  id BLOB NOT NULL UNIQUE, target INTEGER NOT NULL, partner BLOB NOT NULL,
  person BLOB NOT NULL, kind BLOB NOT NULL, entry_id BLOB NOT NULL,
  noted INTEGER NOT NULL, hook_due INTEGER NOT NULL,
  hook_attempts INTEGER NOT NULL) STRICT;
CREATE INDEX notices_by_hook ON notices (hook_due)
  WHERE hook_due < 9223372036854775807;
CREATE INDEX notices_by_time ON notices (noted);
CREATE TABLE emergencies (
  id BLOB PRIMARY KEY, partner BLOB NOT NULL, agreement_id BLOB NOT NULL,
  reason BLOB NOT NULL, hours INTEGER NOT NULL, declared_by BLOB NOT NULL,
  declared INTEGER NOT NULL, confirmed_by BLOB NOT NULL, ends INTEGER NOT NULL,
  ended_by BLOB NOT NULL) WITHOUT ROWID, STRICT;
CREATE TABLE emergency_reviews (
  id BLOB PRIMARY KEY, partner BLOB NOT NULL, as_holder INTEGER NOT NULL,
  agreement_id BLOB NOT NULL, subject BLOB NOT NULL, entry_id BLOB NOT NULL,
  opened INTEGER NOT NULL, due INTEGER NOT NULL, reviewed_by BLOB NOT NULL,
  finding BLOB NOT NULL) WITHOUT ROWID, STRICT;
)sql",
    // The clearance of a draft's risk, and when the node acts on a referral by
    // itself; 0: not cleared, never.
    R"sql(
ALTER TABLE referrals ADD COLUMN risk INTEGER NOT NULL DEFAULT 0;
ALTER TABLE referrals ADD COLUMN assessed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE referrals ADD COLUMN cleared INTEGER NOT NULL DEFAULT 0;
ALTER TABLE referrals ADD COLUMN cleared_by BLOB NOT NULL DEFAULT x'';
ALTER TABLE referrals ADD COLUMN reflection_ends INTEGER NOT NULL DEFAULT 0;
ALTER TABLE referrals ADD COLUMN acts_at INTEGER NOT NULL DEFAULT 0;
CREATE INDEX referrals_to_act_on ON referrals (acts_at) WHERE acts_at > 0;
)sql",
    // What withdrawals look for, and what goes ahead in the outbox.
    R"sql(
ALTER TABLE cases ADD COLUMN from_referral BLOB NOT NULL DEFAULT x'';
ALTER TABLE cases ADD COLUMN erase_at INTEGER NOT NULL DEFAULT 0;
CREATE INDEX cases_by_origin ON cases (from_referral)
  WHERE from_referral != x'';
CREATE INDEX cases_to_erase ON cases (erase_at) WHERE erase_at > 0;
CREATE INDEX referrals_by_case ON referrals (case_id);
ALTER TABLE outbox ADD COLUMN urgent INTEGER NOT NULL DEFAULT 0;
DROP INDEX outbox_by_partner;
CREATE INDEX outbox_by_partner ON outbox (partner, urgent DESC, position);
)sql",
    // What the other side's evidence of an event needs to be shown again.
    R"sql(
ALTER TABLE events ADD COLUMN proof BLOB NOT NULL DEFAULT x'';
ALTER TABLE events ADD COLUMN receipt_proof BLOB NOT NULL DEFAULT x'';
)sql",
    // What approvals of tables are for, and activations that were refused:
    // `newest` is the last row of policies then.
    R"sql(
ALTER TABLE approval_requests ADD COLUMN about BLOB NOT NULL DEFAULT x'';
CREATE TABLE refused_activations (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT,
  refused INTEGER NOT NULL, refused_by BLOB NOT NULL,
  sealed_why BLOB NOT NULL, newest INTEGER NOT NULL) STRICT;
)sql",
    // What entries of a log are about, and drafts that end after 30 days
    // (2592000000000 microseconds).
    R"sql(
CREATE TABLE leaf_subjects (
  subject_index BLOB NOT NULL, log INTEGER NOT NULL,
  leaf_index INTEGER NOT NULL,
  PRIMARY KEY (subject_index, log, leaf_index)) WITHOUT ROWID, STRICT;
UPDATE referrals SET acts_at = created + 2592000000000
  WHERE acts_at = 0 AND case_id != zeroblob(16) AND state BETWEEN 1 AND 3
  AND NOT EXISTS (SELECT 1 FROM events WHERE referral_id = referrals.id);
)sql",
    // What is left of own cases that were erased (erased_at 0: not erased so),
    // and revisions of a period without columns.
    R"sql(
ALTER TABLE cases ADD COLUMN erased_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE cases ADD COLUMN erased_by INTEGER NOT NULL DEFAULT 0;
ALTER TABLE cases ADD COLUMN erased_why INTEGER NOT NULL DEFAULT 0;
ALTER TABLE cases ADD COLUMN erased_in BLOB NOT NULL DEFAULT x'';
CREATE INDEX cases_erased ON cases (erased_at) WHERE erased_at > 0;
ALTER TABLE snapshots ADD COLUMN closed INTEGER NOT NULL DEFAULT 0;
)sql",
    // Cases that were merged into another one (merged_into x'': not merged),
    // and with them several pseudonyms of a case for one partner; `made_for` is
    // the case that each was made for.
    R"sql(
ALTER TABLE cases ADD COLUMN merged_into BLOB NOT NULL DEFAULT x'';
CREATE INDEX cases_merged ON cases (merged_into) WHERE merged_into != x'';
ALTER TABLE pseudonyms RENAME TO pseudonyms_1;
CREATE TABLE pseudonyms (
  case_id BLOB NOT NULL, partner BLOB NOT NULL, made_for BLOB NOT NULL,
  pseudonym_index BLOB NOT NULL UNIQUE, sealed_pseudonym BLOB NOT NULL,
  PRIMARY KEY (case_id, partner, made_for)) WITHOUT ROWID, STRICT;
INSERT INTO pseudonyms SELECT case_id, partner, case_id, pseudonym_index,
  sealed_pseudonym FROM pseudonyms_1;
DROP TABLE pseudonyms_1;
)sql",
    // Documents of cases (owner_kind 1) and those fetched for dossiers (2).
    R"sql(
CREATE TABLE attachments (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT,
  id BLOB NOT NULL UNIQUE, owner_kind INTEGER NOT NULL, owner BLOB NOT NULL,
  sealed_key BLOB NOT NULL, sealed_facts BLOB NOT NULL,
  reserved INTEGER NOT NULL, held INTEGER NOT NULL, whole INTEGER NOT NULL,
  begun INTEGER NOT NULL) STRICT;
CREATE INDEX attachments_by_owner ON attachments (owner);
CREATE INDEX attachments_unfinished ON attachments (begun) WHERE whole = 0;
CREATE TABLE attachment_chunks (
  attachment BLOB NOT NULL, chunk INTEGER NOT NULL, sealed_chunk BLOB NOT NULL,
  PRIMARY KEY (attachment, chunk)) STRICT;
CREATE TABLE attachment_offers (
  event_id BLOB PRIMARY KEY, referral_id BLOB NOT NULL,
  attachment BLOB NOT NULL, approvals INTEGER NOT NULL,
  charged INTEGER NOT NULL) WITHOUT ROWID, STRICT;
CREATE INDEX attachment_offers_by_attachment ON attachment_offers (attachment);
)sql",
    // Documents that share their chunks; `content`: the one that they were
    // sealed for.
    R"sql(
ALTER TABLE attachments ADD COLUMN content BLOB NOT NULL DEFAULT x'';
UPDATE attachments SET content = id;
CREATE INDEX attachments_by_content ON attachments (content);
)sql",
    // The change sequence of referrals, beside that of cases.
    R"sql(
CREATE TABLE referral_changes (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT, referral_id BLOB NOT NULL)
  STRICT;
)sql",
    // Which referrals may wait for somebody; those of before are looked at.
    R"sql(
ALTER TABLE referrals ADD COLUMN open INTEGER NOT NULL DEFAULT 1;
DROP INDEX referrals_by_time;
)sql",
    // Each question asks whether a head waits for its proof too long.
    R"sql(
CREATE INDEX unproved_heads_by_time ON unproved_heads (partner, first_seen);
)sql",
    // Whose rows a revision holds; `keyed`: it was stored with them.
    R"sql(
ALTER TABLE snapshots ADD COLUMN keyed INTEGER NOT NULL DEFAULT 0;
CREATE TABLE snapshot_keys (
  period BLOB NOT NULL, revision INTEGER NOT NULL, part INTEGER NOT NULL,
  sealed_keys BLOB NOT NULL, PRIMARY KEY (period, revision, part)) STRICT;
)sql",
    // Links of entries that are committed together stand together: within a
    // span of 1024 entries.
    R"sql(
CREATE TABLE leaf_links (
  log INTEGER NOT NULL, span INTEGER NOT NULL, subject_index BLOB NOT NULL,
  leaf_index INTEGER NOT NULL,
  PRIMARY KEY (log, span, subject_index, leaf_index)) WITHOUT ROWID, STRICT;
INSERT INTO leaf_links SELECT log, leaf_index / 1024, subject_index, leaf_index
  FROM leaf_subjects ORDER BY log, leaf_index / 1024, subject_index, leaf_index;
DROP TABLE leaf_subjects;
)sql",
    // Why a person is referred.
    R"sql(
ALTER TABLE referrals ADD COLUMN reason BLOB NOT NULL DEFAULT x'';
)sql",
    // Hashes of subtrees below 32 entries follow from the entries.
    R"sql(
DELETE FROM log_nodes WHERE level < 5;
)sql",
    // Who is asked about by a pseudonym may be flagged in her referrals.
    R"sql(
CREATE INDEX referrals_by_pseudonym ON referrals (pseudonym);
)sql"};

absl::StatusOr<int64_t> Version(SqliteDatabase& database) {
  ASSIGN_OR_RETURN(SqliteStatement statement,
                   database.Query("PRAGMA user_version"));
  RETURN_IF_ERROR(statement.Step().status());
  return statement.Int(0);
}

}  // namespace

absl::Status MigrateSchema(SqliteDatabase& database) {
  ASSIGN_OR_RETURN(int64_t version, Version(database));
  if (version > static_cast<int64_t>(kMigrations.size())) {
    return ReasonError(ErrorReason::kIntegrityFailure,
                       "a newer build wrote this store; use that build");
  }
  for (; version < static_cast<int64_t>(kMigrations.size()); ++version) {
    const std::string sql = absl::StrCat(
        "BEGIN IMMEDIATE;", kMigrations[static_cast<size_t>(version)],
        "PRAGMA user_version = ", version + 1, "; COMMIT;");
    RETURN_IF_ERROR(database.Execute(sql.c_str()));
  }
  return absl::OkStatus();
}

}  // namespace comity
