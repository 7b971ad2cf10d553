#include "node/service/live_tables.h"

#include "absl/container/flat_hash_set.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/delivery/dossier.h"
#include "node/domain/measure.h"
#include "node/service/received_rows.h"
#include "node/service/referral_rows.h"
#include "node/wire/case_record.h"

namespace comity {
namespace {

constexpr int kChangesAtOnce = 10'000;

// Half of an id that is random as a whole: two of a million rows are one in
// fewer than one of a million nodes.
uint64_t KeyOf(const Uuid& id) {
  uint64_t key = 0;
  for (const char byte : id.ToBytes().substr(8)) {
    key = key << 8 | static_cast<unsigned char>(byte);
  }
  return key;
}

bool IsGone(const absl::Status& status) {
  return ReasonOf(status) == ErrorReason::kNotFound;
}

// What was received, but for `left_out`.
absl::StatusOr<LiveCounts> CountReceived(
    const LiveColumns& received,
    const absl::flat_hash_map<uint64_t, uint64_t>& left_out,
    const TableQuestion& question) {
  absl::flat_hash_set<uint64_t> rows;
  for (const auto& [case_key, row] : left_out) rows.insert(row);
  return received.Count(question,
                        [&rows](uint64_t row) { return !rows.contains(row); });
}

// Referrals of the persons who are counted, or these.
absl::StatusOr<LiveCounts> CountIn(const LiveColumns& persons,
                                   const LiveColumns& referrals,
                                   const TableQuestion& question) {
  if (UnitOf(question.measure()) != CountedUnit::kReferral) {
    return persons.Count(question, [](uint64_t) { return true; });
  }
  return referrals.Count(
      question, [&persons](uint64_t person) { return persons.Holds(person); });
}

}  // namespace

// Brings a state up to what a store holds.
class LiveTables::Reader {
 public:
  Reader(const StoreReader& store, const ParticipantCode& self,
         const Permit& permit, State& state)
      : store_(store), self_(self), permit_(permit), state_(state) {}

  absl::Status BringUpToDate() {
    if (!state_.built) return ReadAll();
    RETURN_IF_ERROR(FollowCases());
    return FollowReferrals();
  }

 private:
  // What changes meanwhile is read once more afterwards.
  absl::Status ReadAll() {
    state_ = State();
    ASSIGN_OR_RETURN(state_.seen, store_.ReadLastChanges());
    RETURN_IF_ERROR(store_.ScanCases(permit_, [this](const StoredCase& stored) {
      return TakeCase(stored);
    }));
    ASSIGN_OR_RETURN(const std::vector<ReferralRow> rows,
                     store_.ListReferrals({}));
    for (const ReferralRow& row : rows) {
      RETURN_IF_ERROR(TakeReferral(row.referral_id));
    }
    state_.built = true;
    return absl::OkStatus();
  }

  absl::Status FollowCases() {
    while (true) {
      ASSIGN_OR_RETURN(const std::vector<CaseChange> changes,
                       store_.ReadChanges(state_.seen.cases, kChangesAtOnce));
      absl::flat_hash_set<Uuid> changed;
      for (const CaseChange& change : changes) changed.insert(change.case_id);
      for (const Uuid& case_id : changed) {
        RETURN_IF_ERROR(ReadAgain(case_id));
      }
      if (changes.empty()) return absl::OkStatus();
      state_.seen.cases = changes.back().sequence;
    }
  }

  absl::Status FollowReferrals() {
    while (true) {
      ASSIGN_OR_RETURN(
          const std::vector<ReferralChange> changes,
          store_.ReadReferralChanges(state_.seen.referrals, kChangesAtOnce));
      absl::flat_hash_set<Uuid> changed;
      for (const auto& change : changes) changed.insert(change.referral_id);
      for (const Uuid& referral_id : changed) {
        RETURN_IF_ERROR(TakeReferral(referral_id));
      }
      if (changes.empty()) return absl::OkStatus();
      state_.seen.referrals = changes.back().sequence;
    }
  }

  absl::Status ReadAgain(const Uuid& case_id) {
    const auto stored = store_.ReadToTabulate(permit_, case_id);
    if (stored.ok()) return TakeCase(*stored);
    if (!IsGone(stored.status())) return stored.status();
    state_.persons.Remove(KeyOf(case_id));
    state_.left_out.erase(KeyOf(case_id));
    return absl::OkStatus();
  }

  absl::Status TakeCase(const StoredCase& stored) {
    const uint64_t key = KeyOf(stored.facts.case_id);
    if (stored.facts.OutOfCounts()) {
      state_.persons.Remove(key);
      if (stored.facts.provenance.has_value()) {
        state_.left_out[key] = KeyOf(stored.facts.provenance->referral_id);
      }
      return absl::OkStatus();
    }
    state_.left_out.erase(key);
    ASSIGN_OR_RETURN(const record::v1::CaseRecord record,
                     ParseRecord(stored.body));
    state_.persons.Put(key, key, CodedCaseOf(record));
    return absl::OkStatus();
  }

  absl::Status TakeReferral(const Uuid& referral_id) {
    const uint64_t key = KeyOf(referral_id);
    const auto dossier = ReadDossier(store_, referral_id);
    if (!dossier.ok() && !IsGone(dossier.status())) return dossier.status();
    CodedCase sent;
    CodedCase received;
    if (dossier.ok()) {
      if (dossier->row.parties.holder == self_) {
        ASSIGN_OR_RETURN(sent, CodedReferral(*dossier));
      }
      ASSIGN_OR_RETURN(received, CodedReceived(self_, *dossier));
    }
    Put(key, KeyOf(sent.case_id), sent, state_.referrals);
    Put(key, key, received, state_.received);
    return absl::OkStatus();
  }

  // Or removes what has no year.
  static void Put(uint64_t key, uint64_t person, const CodedCase& coded,
                  LiveColumns& columns) {
    if (coded.year == 0) {
      columns.Remove(key);
    } else {
      columns.Put(key, person, coded);
    }
  }

  const StoreReader& store_;
  const ParticipantCode& self_;
  const Permit& permit_;
  State& state_;
};

absl::StatusOr<LiveCounts> LiveTables::Count(const StoreReader& store,
                                             const ParticipantCode& self,
                                             const Permit& permit,
                                             const TableQuestion& question) {
  absl::MutexLock lock(&mutex_);
  State& state = state_;
  RETURN_IF_ERROR(Reader(store, self, permit, state).BringUpToDate());
  if (question.measure() == Measure::kReferralsReceived) {
    return CountReceived(state.received, state.left_out, question);
  }
  return CountIn(state.persons, state.referrals, question);
}

}  // namespace comity
