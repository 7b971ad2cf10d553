#pragma once

#include "node/store/sqlite/tabulation_tables.h"

namespace comity {

// The part of SessionReader that implements TabulationReader; `Base` and
// `Derived` are as there.
template <typename Base, typename Derived>
class TabulationSessionReader : public Base {
 public:
  absl::StatusOr<LastChanges> ReadLastChanges() const override {
    return With(
        [](Session& s) { return tabulation_tables::ReadLastChanges(s); });
  }
  absl::StatusOr<std::vector<ReferralChange>> ReadReferralChanges(
      uint64_t sequence, int limit) const override {
    return With([&](Session& s) {
      return tabulation_tables::ReadReferralChanges(s, sequence, limit);
    });
  }
  absl::StatusOr<StoredCase> ReadToTabulate(
      const Permit& permit, const Uuid& case_id) const override {
    return With([&](Session& s) {
      return tabulation_tables::ReadToTabulate(s, permit, case_id);
    });
  }

 private:
  template <typename F>
  auto With(const F& body) const {
    return static_cast<const Derived*>(this)->WithSession(body);
  }
};

}  // namespace comity
