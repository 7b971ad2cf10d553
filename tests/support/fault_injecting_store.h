#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "node/base/error_reason.h"
#include "node/store/store.h"

namespace comity {

// Wraps a store and fails its commits on demand: the body runs, its writes are
// undone, as on a full disk. Or holds them, as a disk does that hangs. Reads
// pass through.
class FaultInjectingStore : public Store {
 public:
  explicit FaultInjectingStore(std::unique_ptr<Store> store)
      : store_(std::move(store)) {}

  // `passing` more commits succeed first.
  void FailNextCommits(int count, int passing = 0) {
    passing_ = passing;
    failing_ = count;
  }
  // How many were tried so far.
  int commits() const { return commits_; }

  // Commits wait until they are let go.
  void HoldCommits(bool held) {
    absl::MutexLock lock(&mutex_);
    held_ = held;
  }

  // Happens once, just before a reader is given what a dossier told.
  void BeforeNextOpenings(std::function<void()> act) {
    absl::MutexLock lock(&mutex_);
    acts_["openings"] = std::move(act);
  }

  // Happens once, just after a reader was given all cases.
  void AfterNextScan(std::function<void()> act) {
    absl::MutexLock lock(&mutex_);
    acts_["scan"] = std::move(act);
  }
  // Happens once, just before a reader is given the columns of a period.
  void BeforeNextSnapshot(std::function<void()> act) {
    absl::MutexLock lock(&mutex_);
    acts_["snapshot"] = std::move(act);
  }

  absl::Status Transact(
      const std::function<absl::Status(StoreTransaction&)>& body) override {
    {
      absl::MutexLock lock(&mutex_);
      mutex_.Await(absl::Condition(
          +[](bool* held) { return !*held; }, &held_));
    }
    return store_.whole().Transact([&](StoreTransaction& transaction) {
      const absl::Status status = body(transaction);
      ++commits_;
      if (!status.ok() || failing_ == 0) return status;
      if (passing_ > 0) {
        --passing_;
      } else {
        --failing_;
        return ReasonError(ErrorReason::kStoreUnavailable, "disk full");
      }
      return status;
    });
  }

  absl::StatusOr<CaseFacts> ReadFacts(const Uuid& case_id) const override {
    return store_->ReadFacts(case_id);
  }
  absl::StatusOr<StoredCase> ReadCase(const Permit& permit,
                                      const Uuid& case_id) const override {
    return store_->ReadCase(permit, case_id);
  }
  absl::StatusOr<uint64_t> ReadVersion(const Uuid& case_id) const override {
    return store_->ReadVersion(case_id);
  }
  absl::StatusOr<uint64_t> ReadDecoyVersion(
      const Uuid& pseudonym) const override {
    return store_->ReadDecoyVersion(pseudonym);
  }
  absl::StatusOr<StoredCase> ReadDecoy() const override {
    return store_->ReadDecoy();
  }
  absl::StatusOr<CaseFacts> ReadDecoyFacts(
      const Uuid& pseudonym) const override {
    return store_->ReadDecoyFacts(pseudonym);
  }
  absl::StatusOr<std::vector<StoredCase>> ListCases(const Permit& permit,
                                                    const Uuid& after,
                                                    int limit) const override {
    return store_->ListCases(permit, after, limit);
  }
  absl::StatusOr<std::vector<Uuid>> FindCases(
      const IndexTerm& term) const override {
    return store_->FindCases(term);
  }
  absl::Status ScanCases(const Permit& permit,
                         const std::function<absl::Status(const StoredCase&)>&
                             visit) const override {
    const absl::Status scanned = store_->ScanCases(permit, visit);
    if (const auto act = TakeAct("scan")) act();
    return scanned;
  }
  absl::StatusOr<std::vector<CaseChange>> ReadChanges(
      uint64_t sequence, int limit) const override {
    return store_->ReadChanges(sequence, limit);
  }
  absl::StatusOr<LastChanges> ReadLastChanges() const override {
    return store_->ReadLastChanges();
  }
  absl::StatusOr<std::vector<ReferralChange>> ReadReferralChanges(
      uint64_t sequence, int limit) const override {
    return store_->ReadReferralChanges(sequence, limit);
  }
  absl::StatusOr<StoredCase> ReadToTabulate(
      const Permit& permit, const Uuid& case_id) const override {
    return store_->ReadToTabulate(permit, case_id);
  }
  absl::StatusOr<std::vector<SealedCase>> SealCases(
      const std::vector<NewCase>& cases) const override {
    return store_->SealCases(cases);
  }
  absl::StatusOr<std::vector<Uuid>> ListImports() const override {
    return store_->ListImports();
  }
  absl::StatusOr<Uuid> ReadMergedInto(const Uuid& case_id) const override {
    return store_->ReadMergedInto(case_id);
  }
  absl::StatusOr<Uuid> ReadPseudonym(
      const Uuid& case_id, const ParticipantCode& partner) const override {
    return store_->ReadPseudonym(case_id, partner);
  }
  absl::StatusOr<Uuid> ResolvePseudonym(
      const Uuid& pseudonym, const ParticipantCode& partner) const override {
    return store_->ResolvePseudonym(pseudonym, partner);
  }
  absl::StatusOr<std::vector<Uuid>> ListPseudonyms(
      const Uuid& case_id) const override {
    return store_->ListPseudonyms(case_id);
  }
  absl::StatusOr<Tombstone> FindTombstone(
      absl::string_view case_name) const override {
    return store_->FindTombstone(case_name);
  }
  absl::StatusOr<std::vector<Tombstone>> ListTombstones(
      const Uuid& after, int limit) const override {
    return store_->ListTombstones(after, limit);
  }
  absl::StatusOr<std::vector<ClosedCase>> ListClosedCases(
      absl::Time before, int limit) const override {
    return store_->ListClosedCases(before, limit);
  }
  absl::StatusOr<AttachmentRow> ReadAttachment(const Uuid& id) const override {
    return store_->ReadAttachment(id);
  }
  absl::StatusOr<std::vector<AttachmentRow>> ListAttachments(
      const Uuid& owner) const override {
    return store_->ListAttachments(owner);
  }
  absl::StatusOr<std::string> ReadChunks(const Permit& permit, const Uuid& id,
                                         uint32_t first,
                                         uint32_t count) const override {
    return store_->ReadChunks(permit, id, first, count);
  }
  absl::StatusOr<std::string> DigestAttachment(const Uuid& id) const override {
    return store_->DigestAttachment(id);
  }
  absl::StatusOr<uint64_t> AttachmentBytes() const override {
    return store_->AttachmentBytes();
  }
  absl::StatusOr<std::vector<Uuid>> ListUnfinished(
      absl::Time time) const override {
    return store_->ListUnfinished(time);
  }
  absl::StatusOr<OfferedAttachment> ReadOffer(
      const Uuid& offer_id) const override {
    return store_->ReadOffer(offer_id);
  }
  absl::StatusOr<std::vector<OfferedAttachment>> ListOffersOf(
      const Uuid& attachment_id) const override {
    return store_->ListOffersOf(attachment_id);
  }
  absl::StatusOr<ReferralRow> ReadReferral(
      const Uuid& referral_id) const override {
    return store_->ReadReferral(referral_id);
  }
  absl::StatusOr<std::vector<ReferralRow>> ListReferrals(
      const ReferralPage& page) const override {
    return store_->ListReferrals(page);
  }
  absl::StatusOr<std::vector<Uuid>> ListCasesFrom(
      const Uuid& referral_id) const override {
    return store_->ListCasesFrom(referral_id);
  }
  absl::StatusOr<std::vector<Uuid>> ListCasesToErase(absl::Time now,
                                                     int limit) const override {
    return store_->ListCasesToErase(now, limit);
  }
  absl::StatusOr<std::vector<ReferralRow>> ListReferralsOf(
      const Uuid& case_id) const override {
    return store_->ListReferralsOf(case_id);
  }
  absl::StatusOr<std::vector<ReferralRow>> ListReferralsUnder(
      const Uuid& pseudonym) const override {
    return store_->ListReferralsUnder(pseudonym);
  }
  absl::StatusOr<std::vector<EventRow>> ReadEvents(
      const Uuid& referral_id) const override {
    return store_->ReadEvents(referral_id);
  }
  absl::StatusOr<EventRow> ReadEvent(const Uuid& event_id) const override {
    return store_->ReadEvent(event_id);
  }
  absl::StatusOr<EventRow> ReadEventOpenings(
      const Permit& permit, const Uuid& event_id) const override {
    if (const auto act = TakeAct("openings")) act();
    return store_->ReadEventOpenings(permit, event_id);
  }
  absl::StatusOr<std::string> ReadOfferOpening(
      const Uuid& event_id) const override {
    return store_->ReadOfferOpening(event_id);
  }
  absl::StatusOr<EventRow> ReadForDelivery(
      const OutboxRow& row) const override {
    return store_->ReadForDelivery(row);
  }
  absl::StatusOr<std::vector<OutboxRow>> ReadOutbox(
      const ParticipantCode& partner, int limit) const override {
    return store_->ReadOutbox(partner, limit);
  }
  absl::StatusOr<uint32_t> CountOutbox(const ParticipantCode& partner,
                                       const Uuid& referral_id) const override {
    return store_->CountOutbox(partner, referral_id);
  }
  absl::StatusOr<std::vector<ParticipantCode>> OutboxPartners() const override {
    return store_->OutboxPartners();
  }
  absl::StatusOr<LogHead> ReadLogHead(absl::string_view log) const override {
    return store_->ReadLogHead(log);
  }
  absl::StatusOr<std::vector<std::string>> ListLogs() const override {
    return store_->ListLogs();
  }
  absl::StatusOr<std::string> ReadNode(absl::string_view log, uint32_t level,
                                       uint64_t index) const override {
    return store_->ReadNode(log, level, index);
  }
  absl::StatusOr<std::vector<LeafRow>> ReadLeaves(
      absl::string_view log, uint64_t index, int limit,
      bool with_openings) const override {
    return store_->ReadLeaves(log, index, limit, with_openings);
  }
  absl::StatusOr<std::vector<LeafRow>> ReadLeavesAbout(
      absl::string_view log, const std::vector<Uuid>& subjects, uint64_t index,
      int limit) const override {
    return store_->ReadLeavesAbout(log, subjects, index, limit);
  }
  absl::StatusOr<PeerHead> ReadPeerHead(
      const ParticipantCode& partner) const override {
    return store_->ReadPeerHead(partner);
  }
  absl::StatusOr<std::optional<absl::Time>> ReadOldestUnproved(
      const ParticipantCode& partner) const override {
    return store_->ReadOldestUnproved(partner);
  }
  absl::StatusOr<std::vector<UnprovedHead>> ReadUnproved(
      const ParticipantCode& partner, int limit) const override {
    return store_->ReadUnproved(partner, limit);
  }
  absl::StatusOr<std::optional<SeenRequest>> ReadSeenRequest(
      absl::string_view sender, const Uuid& request_id) const override {
    return store_->ReadSeenRequest(sender, request_id);
  }
  absl::StatusOr<uint32_t> ReadCounter(
      absl::string_view counter, absl::string_view window) const override {
    return store_->ReadCounter(counter, window);
  }
  absl::StatusOr<std::vector<SnapshotRow>> ListSnapshots() const override {
    return store_->ListSnapshots();
  }
  absl::StatusOr<SnapshotRow> ReadSnapshot(
      const Permit& permit, absl::string_view period) const override {
    if (const auto act = TakeAct("snapshot")) act();
    return store_->ReadSnapshot(permit, period);
  }
  absl::Status ScanSnapshots(
      const Permit& permit, const std::vector<uint64_t>& record_keys,
      const std::function<absl::Status(const SnapshotRow&)>& visit)
      const override {
    return store_->ScanSnapshots(permit, record_keys, visit);
  }
  absl::StatusOr<std::optional<std::string>> ReadTableAnswer(
      absl::string_view key) const override {
    return store_->ReadTableAnswer(key);
  }
  absl::StatusOr<uint32_t> CountUndelivered(
      absl::string_view asker,
      const std::vector<std::string>& cells) const override {
    return store_->CountUndelivered(asker, cells);
  }
  absl::StatusOr<std::vector<PolicyRow>> ListPolicies(
      absl::Time now) const override {
    return store_->ListPolicies(now);
  }
  absl::StatusOr<std::vector<PolicyRow>> ListPolicyVersions(
      absl::string_view kind, absl::string_view id, int limit) const override {
    return store_->ListPolicyVersions(kind, id, limit);
  }
  absl::StatusOr<PolicyRow> ReadPolicy(
      absl::string_view digest) const override {
    return store_->ReadPolicy(digest);
  }
  absl::StatusOr<std::vector<PolicyProposal>> ListProposals() const override {
    return store_->ListProposals();
  }
  absl::StatusOr<std::vector<RefusedActivation>> ListRefusedActivations(
      int limit) const override {
    return store_->ListRefusedActivations(limit);
  }
  absl::StatusOr<std::vector<std::string>> ListPartnerCards() const override {
    return store_->ListPartnerCards();
  }
  absl::StatusOr<std::string> ReadMeta(absl::string_view name) const override {
    return store_->ReadMeta(name);
  }
  absl::StatusOr<std::vector<std::string>> ListMeta(
      absl::string_view prefix) const override {
    return store_->ListMeta(prefix);
  }
  absl::StatusOr<std::optional<AnsweredCall>> ReadAnsweredCall(
      absl::string_view operator_name, const Uuid& request_id) const override {
    return store_->ReadAnsweredCall(operator_name, request_id);
  }

  absl::StatusOr<std::vector<Uuid>> ListReferralsToActOn(
      absl::Time now, int limit) const override {
    return store_->ListReferralsToActOn(now, limit);
  }
  absl::StatusOr<std::vector<Uuid>> ListExpiredDossiers(
      absl::Time now, int limit) const override {
    return store_->ListExpiredDossiers(now, limit);
  }
  absl::StatusOr<ApprovalRequest> ReadApprovalRequest(
      const Uuid& id) const override {
    return store_->ReadApprovalRequest(id);
  }
  absl::StatusOr<std::optional<ApprovalRequest>> FindApprovalRequest(
      absl::string_view key, const Uuid& message,
      absl::Time now) const override {
    return store_->FindApprovalRequest(key, message, now);
  }
  absl::StatusOr<std::vector<ApprovalRequest>> ListApprovalRequests(
      absl::Time now, int limit) const override {
    return store_->ListApprovalRequests(now, limit);
  }
  absl::StatusOr<uint32_t> CountApprovalRequests(
      const ParticipantCode& partner, absl::Time now) const override {
    return store_->CountApprovalRequests(partner, now);
  }
  absl::StatusOr<std::vector<Notice>> ListNotices(absl::Time since,
                                                  int limit) const override {
    return store_->ListNotices(since, limit);
  }
  absl::StatusOr<std::vector<Notice>> ListDueHooks(absl::Time now,
                                                   int limit) const override {
    return store_->ListDueHooks(now, limit);
  }
  absl::StatusOr<Emergency> ReadEmergency(const Uuid& id) const override {
    return store_->ReadEmergency(id);
  }
  absl::StatusOr<std::vector<Emergency>> ListEmergencies(
      int limit) const override {
    return store_->ListEmergencies(limit);
  }
  absl::StatusOr<bool> InEmergency(const ParticipantCode& partner,
                                   absl::string_view agreement_id,
                                   absl::Time now) const override {
    return store_->InEmergency(partner, agreement_id, now);
  }
  absl::StatusOr<EmergencyReview> ReadReview(const Uuid& id) const override {
    return store_->ReadReview(id);
  }
  absl::StatusOr<std::vector<EmergencyReview>> ListOpenReviews(
      int limit) const override {
    return store_->ListOpenReviews(limit);
  }
  // Through the wrapper's own calls, which this thread reads of one state.
  absl::Status ReadAtOnce(const std::function<absl::Status(const StoreReader&)>&
                              body) const override {
    return store_.ReadAtOnce([&] { return body(*this); });
  }
  absl::Status ForgetDeleted() override {
    return store_.whole().ForgetDeleted();
  }
  bool MustForget() const override { return store_.whole().MustForget(); }

 private:
  // What reads go to: the state that this thread reads at once, if it does.
  class Behind {
   public:
    explicit Behind(std::unique_ptr<Store> store) : store_(std::move(store)) {}
    Store& whole() const { return *store_; }
    const StoreReader* operator->() const {
      return at_once_.first == this ? at_once_.second : store_.get();
    }
    absl::Status ReadAtOnce(const std::function<absl::Status()>& body) const {
      return store_->ReadAtOnce([&](const StoreReader& reader) {
        const auto before = at_once_;
        at_once_ = {this, &reader};
        absl::Status status = body();
        at_once_ = before;
        return status;
      });
    }

   private:
    static inline thread_local std::pair<const Behind*, const StoreReader*>
        at_once_;
    std::unique_ptr<Store> store_;
  };

  std::function<void()> TakeAct(const std::string& moment) const {
    absl::MutexLock lock(&mutex_);
    auto act = acts_.extract(moment);
    return act.empty() ? nullptr : std::move(act.mapped());
  }

  Behind store_;
  std::atomic<int> failing_ = 0;
  std::atomic<int> passing_ = 0;
  std::atomic<int> commits_ = 0;
  mutable absl::Mutex mutex_;
  // What happens at a moment, once.
  mutable std::map<std::string, std::function<void()>> acts_
      ABSL_GUARDED_BY(mutex_);
  bool held_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace comity
