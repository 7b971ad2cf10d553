#pragma once

#include "node/store/sqlite/case_tables.h"

namespace comity {

// The part of SessionReader that implements how facts of cases are read; `Base`
// and `Derived` are as there.
template <typename Base, typename Derived>
class CaseSessionReader : public Base {
 public:
  absl::StatusOr<CaseFacts> ReadFacts(const Uuid& case_id) const override {
    return With([&](Session& s) { return case_tables::ReadFacts(s, case_id); });
  }
  absl::StatusOr<CaseFacts> ReadDecoyFacts(
      const Uuid& pseudonym) const override {
    return With(
        [&](Session& s) { return case_tables::ReadDecoyFacts(s, pseudonym); });
  }
  absl::StatusOr<uint64_t> ReadVersion(const Uuid& case_id) const override {
    return With(
        [&](Session& s) { return case_tables::ReadVersion(s, case_id); });
  }
  absl::StatusOr<uint64_t> ReadDecoyVersion(
      const Uuid& pseudonym) const override {
    return With([&](Session& s) {
      return case_tables::ReadDecoyVersion(s, pseudonym);
    });
  }
  absl::StatusOr<std::vector<SealedCase>> SealCases(
      const std::vector<NewCase>& cases) const override {
    return With([&](Session& s) { return case_tables::SealCases(s, cases); });
  }

 private:
  template <typename F>
  auto With(const F& body) const {
    return static_cast<const Derived*>(this)->WithSession(body);
  }
};

}  // namespace comity
