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

absl::Status InsertCase(Session& session, const NewCase& new_case,
                        absl::string_view import_id) {
  return InsertCaseAs(session, new_case, import_id,
                      BlindIndex(session, "reference", ReferenceOf(new_case)),
                      ContentOf(session, new_case));
}

absl::Status InsertCaseAs(Session& session, const NewCase& new_case,
                          absl::string_view import_id,
                          absl::string_view reference_index,
                          absl::string_view content_index) {
  const std::string id = new_case.facts.case_id.ToBytes();
  DrawnRandom random(session.random, kDrawn);
  const SecretBytes key(random.Bytes(32));
  RETURN_IF_ERROR(session.database.Run(
      "INSERT INTO cases (id, version, wrapped_key, sealed_facts, sealed_body, "
      "reference_index, content_index, import_id, from_referral, erase_at) "
      "VALUES (?, 1, ?, ?, ?, ?, ?, ?, ?, ?)",
      id, Seal(session.keys.wrap, key.Expose(), id, random),
      Seal(key, EncodeFacts(new_case.facts), FactsContext(id), random),
      Seal(key, new_case.body, BodyContext(id), random), reference_index,
      content_index, import_id, OriginOf(new_case.facts),
      DueOf(new_case.facts)));
  RETURN_IF_ERROR(InsertTerms(session, new_case));
  if (!import_id.empty()) return absl::OkStatus();
  return session.database.Run("INSERT INTO case_changes (case_id) VALUES (?)",
                              id);
}

}  // namespace comity::case_tables
