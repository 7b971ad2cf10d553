#include "absl/strings/str_cat.h"
#include "node/base/status_macros.h"
#include "node/crypto/aead.h"
#include "node/store/facts_codec.h"
#include "node/store/sqlite/case_sealing.h"
#include "node/store/sqlite/case_tables.h"

namespace comity::case_tables {
namespace {

// What a new case takes: its data key, and the nonces of three sealed values.
constexpr size_t kDrawn = 32 + 3 * 12;

// Random bytes that were drawn at once: each call of the system's generator
// takes longer than sealing a record.
class DrawnRandom : public RandomSource {
 public:
  DrawnRandom(RandomSource& random, size_t count)
      : random_(random), drawn_(random.Bytes(count)) {}

  std::string Bytes(size_t count) override {
    if (drawn_.size() - used_ < count) return random_.Bytes(count);
    used_ += count;
    return std::string(drawn_.Expose().substr(used_ - count, count));
  }

 private:
  RandomSource& random_;
  SecretBytes drawn_;
  size_t used_ = 0;
};

}  // namespace

std::string ReferenceOf(const NewCase& new_case) {
  for (const IndexTerm& term : new_case.terms) {
    if (term.kind == IndexKind::kLocalReference) return term.value;
  }
  // A case without a reference is unique by its id.
  return new_case.facts.case_id.ToBytes();
}

std::string ContentOf(const Session& session, const NewCase& new_case) {
  CaseFacts flags;
  if (new_case.facts.screening.has_value()) {
    flags.screening = *new_case.facts.screening;
    flags.screening->screened_at = absl::UnixEpoch();
    flags.screening->screened_by.clear();
  }
  return BlindIndex(session, "content",
                    absl::StrCat(EncodeFacts(flags), new_case.body));
}

SealedCase SealCase(const Session& session, const NewCase& new_case) {
  const std::string id = new_case.facts.case_id.ToBytes();
  DrawnRandom random(session.random, kDrawn);
  const SecretBytes key(random.Bytes(32));
  SealedCase row;
  row.case_id = new_case.facts.case_id;
  row.wrapped_key = Seal(session.keys.wrap, key.Expose(), id, random);
  row.sealed_facts =
      Seal(key, EncodeFacts(new_case.facts), FactsContext(id), random);
  row.sealed_body = Seal(key, new_case.body, BodyContext(id), random);
  row.reference_index = BlindIndex(session, "reference", ReferenceOf(new_case));
  row.content_index = ContentOf(session, new_case);
  row.term_indexes = TermIndexes(session, new_case);
  row.from_referral = OriginOf(new_case.facts);
  row.erase_at = DueOf(new_case.facts);
  return row;
}

absl::StatusOr<std::vector<SealedCase>> SealCases(
    const Session& session, const std::vector<NewCase>& cases) {
  std::vector<SealedCase> rows;
  rows.reserve(cases.size());
  for (const NewCase& each : cases) rows.push_back(SealCase(session, each));
  return rows;
}

absl::Status InsertCase(Session& session, const NewCase& new_case,
                        absl::string_view import_id) {
  return InsertSealed(session, SealCase(session, new_case), import_id);
}

absl::Status InsertSealed(Session& session, const SealedCase& row,
                          absl::string_view import_id) {
  const std::string id = row.case_id.ToBytes();
  RETURN_IF_ERROR(session.database.Run(
      "INSERT INTO cases (id, version, wrapped_key, sealed_facts, sealed_body, "
      "reference_index, content_index, import_id, from_referral, erase_at) "
      "VALUES (?, 1, ?, ?, ?, ?, ?, ?, ?, ?)",
      id, row.wrapped_key, row.sealed_facts, row.sealed_body,
      row.reference_index, row.content_index, import_id, row.from_referral,
      row.erase_at));
  RETURN_IF_ERROR(InsertTermIndexes(session, id, row.term_indexes));
  if (!import_id.empty()) return absl::OkStatus();
  return session.database.Run("INSERT INTO case_changes (case_id) VALUES (?)",
                              id);
}

}  // namespace comity::case_tables
