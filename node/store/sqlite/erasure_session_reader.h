#pragma once

#include "node/store/sqlite/attachment_session.h"
#include "node/store/sqlite/case_tables.h"
#include "node/store/sqlite/referral_tables.h"

namespace comity {

// The part of SessionReader that implements what erasures and the clocks of
// dossiers read; `Base` and `Derived` are as there.
template <typename Base, typename Derived>
class ErasureSessionReader : public AttachmentSessionReader<Base, Derived> {
 public:
  absl::StatusOr<Uuid> ReadMergedInto(const Uuid& case_id) const override {
    return With(
        [&](Session& s) { return case_tables::ReadMergedInto(s, case_id); });
  }
  absl::StatusOr<std::vector<Uuid>> ListPseudonyms(
      const Uuid& case_id) const override {
    return With(
        [&](Session& s) { return case_tables::ListPseudonyms(s, case_id); });
  }
  absl::StatusOr<Tombstone> FindTombstone(
      absl::string_view case_name) const override {
    return With(
        [&](Session& s) { return case_tables::FindTombstone(s, case_name); });
  }
  absl::StatusOr<std::vector<Tombstone>> ListTombstones(
      const Uuid& after, int limit) const override {
    return With([&](Session& s) {
      return case_tables::ListTombstones(s, after, limit);
    });
  }
  absl::StatusOr<std::vector<ClosedCase>> ListClosedCases(
      absl::Time before, int limit) const override {
    return With([&](Session& s) {
      return case_tables::ListClosedCases(s, before, limit);
    });
  }
  absl::StatusOr<std::vector<Uuid>> ListCasesFrom(
      const Uuid& referral_id) const override {
    return With(
        [&](Session& s) { return case_tables::ListCasesFrom(s, referral_id); });
  }
  absl::StatusOr<std::vector<Uuid>> ListCasesToErase(absl::Time now,
                                                     int limit) const override {
    return With([&](Session& s) {
      return case_tables::ListCasesToErase(s, now, limit);
    });
  }
  absl::StatusOr<std::vector<Uuid>> ListExpiredDossiers(
      absl::Time now, int limit) const override {
    return With([&](Session& s) {
      return referral_tables::ListExpiredDossiers(s, now, limit);
    });
  }
  absl::StatusOr<std::vector<Uuid>> ListReferralsToActOn(
      absl::Time now, int limit) const override {
    return With([&](Session& s) {
      return referral_tables::ListReferralsToActOn(s, now, limit);
    });
  }

 private:
  template <typename F>
  auto With(const F& body) const {
    return static_cast<const Derived*>(this)->WithSession(body);
  }
};

}  // namespace comity
