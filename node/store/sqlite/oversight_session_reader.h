#pragma once

#include "node/store/sqlite/oversight_tables.h"

namespace comity {

// The part of SessionReader that implements OversightReader; `Base` and
// `Derived` are as there.
template <typename Base, typename Derived>
class OversightSessionReader : public Base {
 public:
  absl::StatusOr<ApprovalRequest> ReadApprovalRequest(
      const Uuid& id) const override {
    return With([&](Session& s) {
      return oversight_tables::ReadApprovalRequest(s, id);
    });
  }
  absl::StatusOr<std::optional<ApprovalRequest>> FindApprovalRequest(
      absl::string_view key, const Uuid& message,
      absl::Time now) const override {
    return With([&](Session& s) {
      return oversight_tables::FindApprovalRequest(s, key, message, now);
    });
  }
  absl::StatusOr<std::vector<ApprovalRequest>> ListApprovalRequests(
      absl::Time now, int limit) const override {
    return With([&](Session& s) {
      return oversight_tables::ListApprovalRequests(s, now, limit);
    });
  }
  absl::StatusOr<uint32_t> CountApprovalRequests(
      const ParticipantCode& partner, absl::Time now) const override {
    return With([&](Session& s) {
      return oversight_tables::CountApprovalRequests(s, partner, now);
    });
  }
  absl::StatusOr<std::vector<Notice>> ListNotices(absl::Time since,
                                                  int limit) const override {
    return With([&](Session& s) {
      return oversight_tables::ListNotices(s, since, limit);
    });
  }
  absl::StatusOr<std::vector<Notice>> ListDueHooks(absl::Time now,
                                                   int limit) const override {
    return With([&](Session& s) {
      return oversight_tables::ListDueHooks(s, now, limit);
    });
  }
  absl::StatusOr<Emergency> ReadEmergency(const Uuid& id) const override {
    return With(
        [&](Session& s) { return oversight_tables::ReadEmergency(s, id); });
  }
  absl::StatusOr<std::vector<Emergency>> ListEmergencies(
      int limit) const override {
    return With([&](Session& s) {
      return oversight_tables::ListEmergencies(s, limit);
    });
  }
  absl::StatusOr<bool> InEmergency(const ParticipantCode& partner,
                                   absl::string_view agreement_id,
                                   absl::Time now) const override {
    return With([&](Session& s) {
      return oversight_tables::InEmergency(s, partner, agreement_id, now);
    });
  }
  absl::StatusOr<EmergencyReview> ReadReview(const Uuid& id) const override {
    return With(
        [&](Session& s) { return oversight_tables::ReadReview(s, id); });
  }
  absl::StatusOr<std::vector<EmergencyReview>> ListOpenReviews(
      int limit) const override {
    return With([&](Session& s) {
      return oversight_tables::ListOpenReviews(s, limit);
    });
  }

 private:
  template <typename F>
  auto With(const F& body) const {
    return static_cast<const Derived*>(this)->WithSession(body);
  }
};

}  // namespace comity
