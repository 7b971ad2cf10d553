#pragma once

#include "node/store/sqlite/case_session_reader.h"
#include "node/store/sqlite/erasure_session_reader.h"
#include "node/store/sqlite/log_tables.h"
#include "node/store/sqlite/oversight_session_reader.h"
#include "node/store/sqlite/policy_session_reader.h"
#include "node/store/sqlite/referral_tables.h"
#include "node/store/sqlite/state_tables.h"
#include "node/store/sqlite/tabulation_session_reader.h"
#include "node/store/store.h"

namespace comity {

// Implements StoreReader by the table functions, for the store (a pooled
// connection per call) and for its transactions (their one connection).
// `Derived` gives With(f), which calls f with a session and returns its result
// or an error of the result's type.
template <typename Base, typename Derived>
class SessionReader
    : public CaseSessionReader<
          TabulationSessionReader<
              PolicySessionReader<
                  OversightSessionReader<ErasureSessionReader<Base, Derived>,
                                         Derived>,
                  Derived>,
              Derived>,
          Derived> {
 public:
  absl::StatusOr<StoredCase> ReadCase(const Permit& permit,
                                      const Uuid& case_id) const override {
    return With(
        [&](Session& s) { return case_tables::ReadCase(s, permit, case_id); });
  }
  absl::StatusOr<StoredCase> ReadDecoy() const override {
    return With([&](Session& s) { return case_tables::ReadDecoy(s); });
  }
  absl::StatusOr<std::vector<StoredCase>> ListCases(const Permit& permit,
                                                    const Uuid& after,
                                                    int limit) const override {
    return With([&](Session& s) {
      return case_tables::ListCases(s, permit, after, limit);
    });
  }
  absl::StatusOr<std::vector<Uuid>> FindCases(
      const IndexTerm& term) const override {
    return With([&](Session& s) { return case_tables::FindCases(s, term); });
  }
  absl::Status ScanCases(const Permit& permit,
                         const std::function<absl::Status(const StoredCase&)>&
                             visit) const override {
    return With(
        [&](Session& s) { return case_tables::ScanCases(s, permit, visit); });
  }
  absl::StatusOr<std::vector<CaseChange>> ReadChanges(
      uint64_t sequence, int limit) const override {
    return With([&](Session& s) {
      return case_tables::ReadChanges(s, sequence, limit);
    });
  }
  absl::StatusOr<std::vector<Uuid>> ListImports() const override {
    return With([&](Session& s) { return case_tables::ListImports(s); });
  }
  absl::StatusOr<Uuid> ReadPseudonym(
      const Uuid& case_id, const ParticipantCode& partner) const override {
    return With([&](Session& s) {
      return case_tables::ReadPseudonym(s, case_id, partner);
    });
  }
  absl::StatusOr<Uuid> ResolvePseudonym(
      const Uuid& pseudonym, const ParticipantCode& partner) const override {
    return With([&](Session& s) {
      return case_tables::ResolvePseudonym(s, pseudonym, partner);
    });
  }
  absl::StatusOr<ReferralRow> ReadReferral(
      const Uuid& referral_id) const override {
    return With([&](Session& s) {
      return referral_tables::ReadReferral(s, referral_id);
    });
  }
  absl::StatusOr<std::vector<ReferralRow>> ListReferrals(
      const ReferralPage& page) const override {
    return With(
        [&](Session& s) { return referral_tables::ListReferrals(s, page); });
  }
  absl::StatusOr<std::vector<ReferralRow>> ListReferralsOf(
      const Uuid& case_id) const override {
    return With([&](Session& s) {
      return referral_tables::ListReferralsOf(s, case_id);
    });
  }
  absl::StatusOr<std::vector<ReferralRow>> ListReferralsUnder(
      const Uuid& pseudonym) const override {
    return With([&](Session& s) {
      return referral_tables::ListReferralsUnder(s, pseudonym);
    });
  }
  absl::StatusOr<std::vector<EventRow>> ReadEvents(
      const Uuid& referral_id) const override {
    return With([&](Session& s) {
      return referral_tables::ReadEvents(s, referral_id);
    });
  }
  absl::StatusOr<EventRow> ReadEvent(const Uuid& event_id) const override {
    return With([&](Session& s) {
      return referral_tables::ReadEvent(s, event_id, false);
    });
  }
  absl::StatusOr<EventRow> ReadEventOpenings(
      const Permit& permit, const Uuid& event_id) const override {
    return With([&](Session& s) {
      return referral_tables::ReadEventOpenings(s, permit, event_id);
    });
  }
  absl::StatusOr<std::string> ReadOfferOpening(
      const Uuid& event_id) const override {
    return With([&](Session& s) {
      return referral_tables::ReadOfferOpening(s, event_id);
    });
  }
  absl::StatusOr<EventRow> ReadForDelivery(
      const OutboxRow& row) const override {
    return With(
        [&](Session& s) { return referral_tables::ReadForDelivery(s, row); });
  }
  absl::StatusOr<std::vector<OutboxRow>> ReadOutbox(
      const ParticipantCode& partner, int limit) const override {
    return With([&](Session& s) {
      return referral_tables::ReadOutbox(s, partner, limit);
    });
  }
  absl::StatusOr<uint32_t> CountOutbox(const ParticipantCode& partner,
                                       const Uuid& referral_id) const override {
    return With([&](Session& s) {
      return referral_tables::CountOutbox(s, partner, referral_id);
    });
  }
  absl::StatusOr<std::vector<ParticipantCode>> OutboxPartners() const override {
    return With([&](Session& s) { return referral_tables::OutboxPartners(s); });
  }
  absl::StatusOr<LogHead> ReadLogHead(absl::string_view log) const override {
    return With([&](Session& s) { return log_tables::ReadLogHead(s, log); });
  }
  absl::StatusOr<std::vector<std::string>> ListLogs() const override {
    return With([&](Session& s) { return log_tables::ListLogs(s); });
  }
  absl::StatusOr<std::string> ReadNode(absl::string_view log, uint32_t level,
                                       uint64_t index) const override {
    return With(
        [&](Session& s) { return log_tables::ReadNode(s, log, level, index); });
  }
  absl::StatusOr<std::vector<LeafRow>> ReadLeaves(
      absl::string_view log, uint64_t index, int limit,
      bool with_openings) const override {
    return With([&](Session& s) {
      return log_tables::ReadLeaves(s, log, index, limit, with_openings);
    });
  }
  absl::StatusOr<std::vector<LeafRow>> ReadLeavesAbout(
      absl::string_view log, const std::vector<Uuid>& subjects, uint64_t index,
      int limit) const override {
    return With([&](Session& s) {
      return log_tables::ReadLeavesAbout(s, log, subjects, index, limit);
    });
  }
  absl::StatusOr<PeerHead> ReadPeerHead(
      const ParticipantCode& partner) const override {
    return With(
        [&](Session& s) { return log_tables::ReadPeerHead(s, partner); });
  }
  absl::StatusOr<std::optional<absl::Time>> ReadOldestUnproved(
      const ParticipantCode& partner) const override {
    return With(
        [&](Session& s) { return log_tables::ReadOldestUnproved(s, partner); });
  }
  absl::StatusOr<std::vector<UnprovedHead>> ReadUnproved(
      const ParticipantCode& partner, int limit) const override {
    return With([&](Session& s) {
      return log_tables::ReadUnproved(s, partner, limit);
    });
  }
  absl::StatusOr<std::optional<SeenRequest>> ReadSeenRequest(
      absl::string_view sender, const Uuid& request_id) const override {
    return With([&](Session& s) {
      return log_tables::ReadSeenRequest(s, sender, request_id);
    });
  }
  absl::StatusOr<uint32_t> ReadCounter(
      absl::string_view counter, absl::string_view window) const override {
    return With([&](Session& s) {
      return state_tables::ReadCounter(s, counter, window);
    });
  }
  absl::StatusOr<std::vector<SnapshotRow>> ListSnapshots() const override {
    return With([&](Session& s) { return state_tables::ListSnapshots(s); });
  }
  absl::StatusOr<SnapshotRow> ReadSnapshot(
      const Permit& permit, absl::string_view period) const override {
    return With([&](Session& s) {
      return state_tables::ReadSnapshot(s, permit, period);
    });
  }
  absl::Status ScanSnapshots(
      const Permit& permit, const std::vector<uint64_t>& record_keys,
      const std::function<absl::Status(const SnapshotRow&)>& visit)
      const override {
    return With([&](Session& s) {
      return state_tables::ScanSnapshots(s, permit, record_keys, visit);
    });
  }
  absl::StatusOr<std::optional<std::string>> ReadTableAnswer(
      absl::string_view key) const override {
    return With(
        [&](Session& s) { return state_tables::ReadTableAnswer(s, key); });
  }
  absl::StatusOr<uint32_t> CountUndelivered(
      absl::string_view asker,
      const std::vector<std::string>& cells) const override {
    return With([&](Session& s) {
      return state_tables::CountUndelivered(s, asker, cells);
    });
  }
  absl::StatusOr<std::vector<std::string>> ListPartnerCards() const override {
    return With([&](Session& s) { return state_tables::ListPartnerCards(s); });
  }
  absl::StatusOr<std::string> ReadMeta(absl::string_view name) const override {
    return With([&](Session& s) { return state_tables::ReadMeta(s, name); });
  }
  absl::StatusOr<std::vector<std::string>> ListMeta(
      absl::string_view prefix) const override {
    return With([&](Session& s) { return state_tables::ListMeta(s, prefix); });
  }
  absl::StatusOr<std::optional<AnsweredCall>> ReadAnsweredCall(
      absl::string_view operator_name, const Uuid& request_id) const override {
    return With([&](Session& s) {
      return state_tables::ReadAnsweredCall(s, operator_name, request_id);
    });
  }

 private:
  template <typename F>
  auto With(const F& body) const {
    return static_cast<const Derived*>(this)->WithSession(body);
  }
};

}  // namespace comity
