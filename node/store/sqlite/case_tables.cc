#include "node/store/sqlite/case_tables.h"

#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/crypto/aead.h"
#include "node/store/facts_codec.h"
#include "node/store/sqlite/case_sealing.h"
#include "node/store/sqlite/tabulation_tables.h"

namespace comity::case_tables {
namespace {

// Columns id, version, wrapped_key, sealed_facts, sealed_body.
absl::StatusOr<CaseFacts> FactsOf(const SqliteStatement& row,
                                  const SecretBytes& key) {
  const std::string id = row.Blob(0);
  ASSIGN_OR_RETURN(const std::string bytes,
                   Open(key, row.Blob(3), FactsContext(id)));
  ASSIGN_OR_RETURN(CaseFacts facts, DecodeFacts(bytes));
  ASSIGN_OR_RETURN(facts.case_id, Uuid::FromBytes(id));
  facts.version = static_cast<uint64_t>(row.Int(1));
  for (Consent& consent : facts.consents) consent.case_id = facts.case_id;
  return facts;
}

absl::StatusOr<StoredCase> CaseOf(Session& session,
                                  const SqliteStatement& row) {
  const std::string id = row.Blob(0);
  ASSIGN_OR_RETURN(const SecretBytes key, UnwrapKey(session, row.Blob(2), id));
  StoredCase stored;
  ASSIGN_OR_RETURN(stored.facts, FactsOf(row, key));
  ASSIGN_OR_RETURN(stored.body, Open(key, row.Blob(4), BodyContext(id)));
  return stored;
}

bool Covers(const Permit& permit, const CaseFacts& facts) {
  if (permit.case_id().has_value()) return *permit.case_id() == facts.case_id;
  return Reaches(permit.scope(), permit.caller(), facts, permit.decided_at());
}

// Reads facts, lets `change` work on them, seals them again, and raises the
// version.
template <typename Change>
absl::Status ChangeFacts(Session& session, const Uuid& case_id,
                         const Change& change) {
  const std::string id = case_id.ToBytes();
  ASSIGN_OR_RETURN(CaseFacts facts, ReadFacts(session, case_id));
  change(facts);
  ASSIGN_OR_RETURN(const SecretBytes key, KeyOf(session, id));
  const std::string sealed =
      Seal(key, EncodeFacts(facts), FactsContext(id), session.random);
  RETURN_IF_ERROR(session.database.Run(
      "UPDATE cases SET sealed_facts = ?, erase_at = ?, version = version + 1 "
      "WHERE id = ?",
      sealed, DueOf(facts), id));
  return session.database.Run("INSERT INTO case_changes (case_id) VALUES (?)",
                              id);
}

// Facts of the size that those of a case mostly have.
CaseFacts OrdinaryFacts() {
  CaseFacts facts;
  facts.owner = "ORGANISATION/some.person";
  facts.organisation = "ORGANISATION";
  facts.screening = DangerScreening{absl::UnixEpoch(), facts.owner};
  facts.origin_countries = {{"XX"}};
  facts.exploitation_countries = {{"XX"}};
  facts.risks.emplace();
  Consent consent{Uuid(), Uuid(), *ParticipantCode::Create("XX")};
  consent.groups = {FieldGroup::kStatus, FieldGroup::kNeeds};
  consent.language = "xx";
  consent.recorded_by = facts.owner;
  consent.salt = std::string(32, '\0');
  facts.consents = {consent, consent};
  return facts;
}

}  // namespace

absl::StatusOr<CaseFacts> ReadFacts(Session& session, const Uuid& case_id) {
  const std::string id = case_id.ToBytes();
  ASSIGN_OR_RETURN(SqliteStatement row,
                   session.database.Query(
                       "SELECT id, version, wrapped_key, sealed_facts FROM "
                       "cases WHERE id = ? AND wrapped_key != x'' AND "
                       "import_id NOT IN (SELECT id FROM imports)",
                       id));
  ASSIGN_OR_RETURN(const bool found, row.Step());
  if (!found) return NoCase();
  ASSIGN_OR_RETURN(const SecretBytes key, UnwrapKey(session, row.Blob(2), id));
  return FactsOf(row, key);
}

absl::StatusOr<StoredCase> ReadCase(Session& session, const Permit& permit,
                                    const Uuid& case_id) {
  if (!permit.case_id().has_value() || *permit.case_id() != case_id) {
    return ReasonError(ErrorReason::kInternal,
                       "a permit was used for another case");
  }
  return ReadWhole(session, case_id);
}

absl::StatusOr<StoredCase> ReadWhole(Session& session, const Uuid& case_id) {
  ASSIGN_OR_RETURN(
      SqliteStatement row,
      session.database.Query(
          "SELECT id, version, wrapped_key, sealed_facts, sealed_body FROM "
          "cases WHERE id = ? AND wrapped_key != x'' AND import_id NOT IN "
          "(SELECT id FROM imports)",
          case_id.ToBytes()));
  ASSIGN_OR_RETURN(const bool found, row.Step());
  if (!found) return NoCase();
  return CaseOf(session, row);
}

// Ids and pseudonyms are random: the nearest id is anybody's, as in ReadFacts
// found by the index of ids and read from the same table.
absl::StatusOr<CaseFacts> ReadDecoyFacts(Session& session,
                                         const Uuid& pseudonym) {
  for (
      const char* nearest :
      {"SELECT id, version, wrapped_key, sealed_facts FROM cases WHERE id >= "
       "? AND import_id NOT IN (SELECT id FROM imports) AND wrapped_key != x'' "
       "ORDER BY id LIMIT 1",
       "SELECT id, version, wrapped_key, sealed_facts FROM cases WHERE id < "
       "? AND import_id NOT IN (SELECT id FROM imports) AND wrapped_key != x'' "
       "ORDER BY id DESC LIMIT 1"}) {
    ASSIGN_OR_RETURN(SqliteStatement row,
                     session.database.Query(nearest, pseudonym.ToBytes()));
    ASSIGN_OR_RETURN(const bool found, row.Step());
    if (!found) continue;
    ASSIGN_OR_RETURN(const SecretBytes key,
                     UnwrapKey(session, row.Blob(2), row.Blob(0)));
    return FactsOf(row, key);
  }
  return NoCase();
}

absl::StatusOr<uint64_t> ReadVersion(Session& session, const Uuid& case_id) {
  ASSIGN_OR_RETURN(SqliteStatement row,
                   session.database.Query(
                       "SELECT version FROM cases WHERE id = ? AND wrapped_key "
                       "!= x'' AND import_id NOT IN (SELECT id FROM imports)",
                       case_id.ToBytes()));
  ASSIGN_OR_RETURN(const bool found, row.Step());
  if (!found) return NoCase();
  return static_cast<uint64_t>(row.Int(0));
}

// Found as in ReadDecoyFacts.
absl::StatusOr<uint64_t> ReadDecoyVersion(Session& session,
                                          const Uuid& pseudonym) {
  for (const char* nearest :
       {"SELECT version FROM cases WHERE id >= ? AND import_id NOT IN (SELECT "
        "id FROM imports) AND wrapped_key != x'' ORDER BY id LIMIT 1",
        "SELECT version FROM cases WHERE id < ? AND import_id NOT IN (SELECT "
        "id "
        "FROM imports) AND wrapped_key != x'' ORDER BY id DESC LIMIT 1"}) {
    ASSIGN_OR_RETURN(SqliteStatement row,
                     session.database.Query(nearest, pseudonym.ToBytes()));
    ASSIGN_OR_RETURN(const bool found, row.Step());
    if (found) return static_cast<uint64_t>(row.Int(0));
  }
  return NoCase();
}

absl::StatusOr<StoredCase> ReadDecoy(Session& session) {
  ASSIGN_OR_RETURN(
      SqliteStatement row,
      session.database.Query("SELECT value FROM meta WHERE name = ?", "decoy"));
  ASSIGN_OR_RETURN(const bool found, row.Step());
  if (!found) return NoCase();
  const std::string stored = row.Blob(0);
  // 12 + 32 + 16 bytes of wrapped key in front.
  ASSIGN_OR_RETURN(
      const SecretBytes key,
      UnwrapKey(session, absl::string_view(stored).substr(0, 60), "decoy"));
  StoredCase decoy;
  ASSIGN_OR_RETURN(decoy.body,
                   Open(key, absl::string_view(stored).substr(60), "decoy"));
  static const std::string facts = EncodeFacts(OrdinaryFacts());
  ASSIGN_OR_RETURN(decoy.facts, DecodeFacts(facts));
  return decoy;
}

absl::StatusOr<std::vector<StoredCase>> ListCases(Session& session,
                                                  const Permit& permit,
                                                  const Uuid& after,
                                                  int limit) {
  ASSIGN_OR_RETURN(
      SqliteStatement rows,
      session.database.Query(
          "SELECT id, version, wrapped_key, sealed_facts, sealed_body FROM "
          "cases WHERE import_id NOT IN (SELECT id FROM imports) AND "
          "wrapped_key != x'' AND sequence > "
          "coalesce((SELECT "
          "sequence FROM cases WHERE id = ?), 0) ORDER BY sequence",
          after.ToBytes()));
  std::vector<StoredCase> cases;
  while (static_cast<int>(cases.size()) < limit) {
    ASSIGN_OR_RETURN(const bool more, rows.Step());
    if (!more) break;
    ASSIGN_OR_RETURN(StoredCase stored, CaseOf(session, rows));
    if (Covers(permit, stored.facts)) cases.push_back(std::move(stored));
  }
  return cases;
}

absl::StatusOr<std::vector<Uuid>> FindCases(Session& session,
                                            const IndexTerm& term) {
  const bool reference = IsReference(term);
  const std::string index = BlindIndex(
      session, reference ? "reference" : TermKind(term.kind), term.value);
  ASSIGN_OR_RETURN(
      SqliteStatement rows,
      session.database.Query(
          reference
              ? "SELECT id FROM cases WHERE reference_index = ? AND "
                "wrapped_key != x'' AND import_id NOT IN (SELECT id FROM "
                "imports)"
              : "SELECT t.case_id FROM case_terms t JOIN cases c ON c.id = "
                "t.case_id WHERE t.term_index = ? AND c.import_id NOT IN "
                "(SELECT id FROM imports) ORDER BY c.sequence",
          index));
  ASSIGN_OR_RETURN(const std::vector<Uuid> ids, ReadIds(rows));
  if (!ids.empty() || term.kind != IndexKind::kLocalReference) return ids;
  return FindMergedReference(session, term.value);
}

absl::Status ScanCases(
    Session& session, const Permit& permit,
    const std::function<absl::Status(const StoredCase&)>& visit) {
  RETURN_IF_ERROR(tabulation_tables::CheckTabulates(permit));
  ASSIGN_OR_RETURN(
      SqliteStatement rows,
      session.database.Query(
          "SELECT id, version, wrapped_key, sealed_facts, sealed_body FROM "
          "cases WHERE import_id NOT IN (SELECT id FROM imports) AND "
          "wrapped_key != x'' ORDER BY "
          "sequence"));
  while (true) {
    ASSIGN_OR_RETURN(const bool more, rows.Step());
    if (!more) return absl::OkStatus();
    ASSIGN_OR_RETURN(const StoredCase stored, CaseOf(session, rows));
    RETURN_IF_ERROR(visit(stored));
  }
}

absl::StatusOr<std::vector<CaseChange>> ReadChanges(Session& session,
                                                    uint64_t sequence,
                                                    int limit) {
  ASSIGN_OR_RETURN(
      SqliteStatement rows,
      session.database.Query("SELECT sequence, case_id FROM case_changes WHERE "
                             "sequence > ? ORDER BY sequence LIMIT ?",
                             sequence, limit));
  std::vector<CaseChange> changes;
  while (true) {
    ASSIGN_OR_RETURN(const bool more, rows.Step());
    if (!more) return changes;
    CaseChange change;
    change.sequence = static_cast<uint64_t>(rows.Int(0));
    ASSIGN_OR_RETURN(change.case_id, Uuid::FromBytes(rows.Blob(1)));
    changes.push_back(change);
  }
}

absl::StatusOr<Uuid> ReadPseudonym(Session& session, const Uuid& case_id,
                                   const ParticipantCode& partner) {
  const std::string id = case_id.ToBytes();
  ASSIGN_OR_RETURN(
      SqliteStatement row,
      session.database.Query(
          "SELECT p.sealed_pseudonym, c.wrapped_key FROM pseudonyms p JOIN "
          "cases c ON c.id = p.case_id WHERE p.case_id = ? AND p.partner = ? "
          "ORDER BY p.made_for = p.case_id DESC, p.made_for LIMIT 1",
          id, partner.text()));
  ASSIGN_OR_RETURN(const bool found, row.Step());
  if (!found) {
    return ReasonError(ErrorReason::kNotFound,
                       "the case has no pseudonym for this partner");
  }
  ASSIGN_OR_RETURN(const SecretBytes key, UnwrapKey(session, row.Blob(1), id));
  ASSIGN_OR_RETURN(const std::string bytes,
                   Open(key, row.Blob(0), partner.text()));
  return Uuid::FromBytes(bytes);
}

absl::StatusOr<Uuid> ResolvePseudonym(Session& session, const Uuid& pseudonym,
                                      const ParticipantCode& partner) {
  const std::string index =
      BlindIndex(session, "pseudonym/" + partner.text(), pseudonym.ToBytes());
  ASSIGN_OR_RETURN(
      SqliteStatement row,
      session.database.Query(
          "SELECT case_id FROM pseudonyms WHERE pseudonym_index = ?", index));
  ASSIGN_OR_RETURN(const bool found, row.Step());
  if (!found) return NoCase();
  return Uuid::FromBytes(row.Blob(0));
}

absl::Status PutScreening(Session& session, const Uuid& case_id,
                          const DangerScreening& screening) {
  return ChangeFacts(session, case_id,
                     [&](CaseFacts& facts) { facts.screening = screening; });
}

absl::Status PutConsent(Session& session, const Consent& consent) {
  return ChangeFacts(session, consent.case_id, [&](CaseFacts& facts) {
    for (Consent& known : facts.consents) {
      if (known.id == consent.id) {
        known = consent;
        return;
      }
    }
    facts.consents.push_back(consent);
  });
}

absl::Status PutPseudonym(Session& session, const Uuid& case_id,
                          const ParticipantCode& partner,
                          const Uuid& pseudonym) {
  const std::string id = case_id.ToBytes();
  ASSIGN_OR_RETURN(const SecretBytes key, KeyOf(session, id));
  return session.database.Run(
      "INSERT INTO pseudonyms VALUES (?, ?, ?, ?, ?)", id, partner.text(), id,
      BlindIndex(session, "pseudonym/" + partner.text(), pseudonym.ToBytes()),
      Seal(key, pseudonym.ToBytes(), partner.text(), session.random));
}

absl::Status PutHold(Session& session, const Uuid& case_id,
                     const std::optional<LegalHold>& hold) {
  return ChangeFacts(session, case_id,
                     [&](CaseFacts& facts) { facts.hold = hold; });
}

absl::Status PutOwner(Session& session, const Uuid& case_id,
                      absl::string_view owner, absl::string_view organisation) {
  return ChangeFacts(session, case_id, [&](CaseFacts& facts) {
    facts.owner = std::string(owner);
    facts.organisation = std::string(organisation);
  });
}

absl::Status PutDelegation(Session& session, const Uuid& case_id,
                           const std::optional<CaseDelegation>& delegation) {
  return ChangeFacts(session, case_id,
                     [&](CaseFacts& facts) { facts.delegation = delegation; });
}

absl::Status PutWithdrawn(Session& session, const Uuid& case_id,
                          absl::Time at) {
  return ChangeFacts(session, case_id, [&](CaseFacts& facts) {
    if (facts.provenance.has_value()) facts.provenance->withdrawn_at = at;
  });
}

}  // namespace comity::case_tables
