#include "node/store/sqlite/sqlite_store.h"

#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/crypto/aead.h"
#include "node/crypto/hash.h"
#include "node/store/open_store.h"
#include "node/store/sqlite/journal.h"
#include "node/store/sqlite/schema.h"

namespace comity {
namespace {

// The writing side: the table functions over the writer's one session.
class SqliteTransaction
    : public AttachmentSessionWriter<
          SessionReader<StoreTransaction, SqliteTransaction>,
          SqliteTransaction> {
 public:
  explicit SqliteTransaction(Session& session) : session_(session) {}

  // Whether it destroyed something, even if that was undone.
  bool erased() const { return erased_; }

  absl::Status Savepoint(const std::function<absl::Status()>& body) override {
    RETURN_IF_ERROR(session_.database.Run("SAVEPOINT job"));
    absl::Status status = body();
    if (!status.ok()) {
      // Of a log that was made in it the row is gone.
      session_.log_ids.clear();
      RETURN_IF_ERROR(session_.database.Run("ROLLBACK TO job"));
    }
    RETURN_IF_ERROR(session_.database.Run("RELEASE job"));
    return status;
  }

  absl::Status InsertCase(const NewCase& new_case) override {
    return case_tables::InsertCase(session_, new_case, "");
  }
  absl::Status PutScreening(const Uuid& case_id,
                            const DangerScreening& screening) override {
    return case_tables::PutScreening(session_, case_id, screening);
  }
  absl::Status PutConsent(const Consent& consent) override {
    return case_tables::PutConsent(session_, consent);
  }
  absl::Status PutPseudonym(const Uuid& case_id, const ParticipantCode& partner,
                            const Uuid& pseudonym) override {
    return case_tables::PutPseudonym(session_, case_id, partner, pseudonym);
  }
  absl::Status PutHold(const Uuid& case_id,
                       const std::optional<LegalHold>& hold) override {
    return case_tables::PutHold(session_, case_id, hold);
  }
  absl::Status PutOwner(const Uuid& case_id, absl::string_view owner,
                        absl::string_view organisation) override {
    return case_tables::PutOwner(session_, case_id, owner, organisation);
  }
  absl::Status PutDelegation(
      const Uuid& case_id,
      const std::optional<CaseDelegation>& delegation) override {
    return case_tables::PutDelegation(session_, case_id, delegation);
  }
  absl::Status PutWithdrawn(const Uuid& case_id, absl::Time at) override {
    return case_tables::PutWithdrawn(session_, case_id, at);
  }
  absl::Status EraseCase(const Uuid& case_id) override {
    erased_ = true;
    return case_tables::EraseCase(session_, case_id);
  }
  absl::Status EraseOwnCase(const Tombstone& left) override {
    erased_ = true;
    return case_tables::EraseOwnCase(session_, left);
  }
  absl::Status RewriteCase(const Uuid& case_id,
                           const CaseRewrite& rewrite) override {
    erased_ = true;
    return case_tables::RewriteCase(session_, case_id, rewrite);
  }
  absl::Status MergeCases(const Uuid& kept, const Uuid& other,
                          const CaseMerge& merge) override {
    erased_ = true;
    return case_tables::MergeCases(session_, kept, other, merge);
  }
  absl::Status BeginImport(const Uuid& import_id, absl::Time now) override {
    return case_tables::BeginImport(session_, import_id, now);
  }
  absl::StatusOr<StageResult> StageCase(const Uuid& import_id,
                                        const NewCase& new_case) override {
    return case_tables::StageCase(session_, import_id, new_case);
  }
  absl::StatusOr<StageResult> StageSealed(const Uuid& import_id,
                                          const SealedCase& row) override {
    return case_tables::StageSealed(session_, import_id, row);
  }
  absl::StatusOr<int64_t> CommitImport(const Uuid& import_id) override {
    return case_tables::CommitImport(session_, import_id);
  }
  absl::Status DiscardImport(const Uuid& import_id) override {
    return case_tables::DiscardImport(session_, import_id);
  }

  absl::Status InsertReferral(const ReferralRow& row) override {
    return referral_tables::InsertReferral(session_, row);
  }
  absl::Status InsertEvent(const EventRow& row,
                           const ReferralStanding& standing) override {
    return referral_tables::InsertEvent(session_, row, standing);
  }
  absl::Status SetReferralState(const Uuid& referral_id,
                                const ReferralStanding& standing) override {
    return referral_tables::SetReferralState(session_, referral_id, standing);
  }
  absl::Status DeleteDraft(const Uuid& referral_id) override {
    return referral_tables::DeleteDraft(session_, referral_id);
  }
  absl::Status PutClearance(const Uuid& referral_id,
                            const RiskClearance& clearance) override {
    return referral_tables::PutClearance(session_, referral_id, clearance);
  }
  absl::Status BindReferral(const Uuid& referral_id, absl::Time erase_at,
                            bool no_onward_transfer) override {
    return referral_tables::BindReferral(session_, referral_id, erase_at,
                                         no_onward_transfer);
  }
  absl::Status InsertOutbox(const OutboxRow& row) override {
    return referral_tables::InsertOutbox(session_, row);
  }
  absl::Status HurryOutbox(const Uuid& referral_id) override {
    return referral_tables::HurryOutbox(session_, referral_id);
  }
  absl::Status RemoveOutbox(const Uuid& event_id) override {
    return referral_tables::RemoveOutbox(session_, event_id);
  }
  absl::Status PutReceipt(const EventRow& row) override {
    return referral_tables::PutReceipt(session_, row);
  }

  absl::Status InsertLeaf(absl::string_view log, const LeafRow& row) override {
    return log_tables::InsertLeaf(session_, log, row);
  }
  absl::Status LinkLeaf(absl::string_view log, uint64_t index,
                        const Uuid& subject) override {
    return log_tables::LinkLeaf(session_, log, index, subject);
  }
  absl::StatusOr<int64_t> ForgetSubjects(
      absl::string_view log, const std::vector<Uuid>& subjects,
      const LeafOpeningRewrite& rewrite) override {
    erased_ = true;
    return log_tables::ForgetSubjects(session_, log, subjects, rewrite);
  }
  absl::Status InsertNode(absl::string_view log, uint32_t level, uint64_t index,
                          absl::string_view hash) override {
    return log_tables::InsertNode(session_, log, level, index, hash);
  }
  absl::Status PutLogHead(absl::string_view log, const LogHead& head) override {
    return log_tables::PutLogHead(session_, log, head);
  }
  absl::Status PutPeerHead(const ParticipantCode& partner,
                           const PeerHead& head) override {
    return log_tables::PutPeerHead(session_, partner, head);
  }
  absl::Status PutUnproved(const ParticipantCode& partner,
                           const UnprovedHead& head) override {
    return log_tables::PutUnproved(session_, partner, head);
  }
  absl::Status DeleteUnproved(const ParticipantCode& partner,
                              uint64_t size) override {
    return log_tables::DeleteUnproved(session_, partner, size);
  }
  absl::Status PutSeenRequest(absl::string_view sender, const Uuid& request_id,
                              const SeenRequest& seen) override {
    return log_tables::PutSeenRequest(session_, sender, request_id, seen);
  }
  absl::Status DeleteSeenRequests(absl::Time time) override {
    return log_tables::DeleteSeenRequests(session_, time);
  }

  absl::StatusOr<uint32_t> ChargeCounter(absl::string_view counter,
                                         absl::string_view window,
                                         uint32_t amount) override {
    return state_tables::ChargeCounter(session_, counter, window, amount);
  }
  absl::Status InsertSnapshot(const SnapshotRow& row) override {
    return state_tables::InsertSnapshot(session_, row);
  }
  absl::Status CloseSnapshot(absl::string_view period,
                             uint32_t revision) override {
    erased_ = true;
    return state_tables::CloseSnapshot(session_, period, revision);
  }
  absl::Status PutTableAnswer(absl::string_view key,
                              absl::string_view answer) override {
    return state_tables::PutTableAnswer(session_, key, answer);
  }
  absl::Status PutDelivered(absl::string_view asker,
                            const std::vector<std::string>& cells) override {
    return state_tables::PutDelivered(session_, asker, cells);
  }
  absl::Status PutPolicy(const PolicyRow& row) override {
    return policy_tables::PutPolicy(session_, row);
  }
  absl::StatusOr<int64_t> CancelScheduled(absl::string_view kind,
                                          absl::string_view id,
                                          absl::Time now) override {
    return policy_tables::CancelScheduled(session_, kind, id, now);
  }
  absl::Status PutProposal(const PolicyProposal& proposal) override {
    return policy_tables::PutProposal(session_, proposal);
  }
  absl::Status DeleteProposal(absl::string_view digest) override {
    return policy_tables::DeleteProposal(session_, digest);
  }
  absl::Status InsertRefusedActivation(
      const RefusedActivation& refused) override {
    return policy_tables::InsertRefusedActivation(session_, refused);
  }
  absl::Status PutPartnerCard(absl::string_view code,
                              absl::string_view card) override {
    return state_tables::PutPartnerCard(session_, code, card);
  }
  absl::Status DeletePartnerCard(absl::string_view code) override {
    return state_tables::DeletePartnerCard(session_, code);
  }
  absl::Status PutMeta(absl::string_view name,
                       absl::string_view value) override {
    return state_tables::PutMeta(session_, name, value);
  }
  absl::Status InsertAnsweredCall(absl::string_view operator_name,
                                  const Uuid& request_id,
                                  const AnsweredCall& call) override {
    return state_tables::InsertAnsweredCall(session_, operator_name, request_id,
                                            call);
  }
  absl::Status DeleteAnsweredCalls(absl::Time time) override {
    return state_tables::DeleteAnsweredCalls(session_, time);
  }

  absl::Status RewriteOpenings(const Uuid& referral_id,
                               const OpeningsRewrite& rewrite) override {
    erased_ = true;
    return referral_tables::RewriteOpenings(session_, referral_id, rewrite);
  }
  absl::Status EraseDossier(const Uuid& referral_id) override {
    erased_ = true;
    return referral_tables::EraseDossier(session_, referral_id);
  }

  absl::Status InsertApprovalRequest(const ApprovalRequest& row) override {
    return oversight_tables::InsertApprovalRequest(session_, row);
  }
  absl::Status UpdateApprovalRequest(const ApprovalRequest& row) override {
    return oversight_tables::UpdateApprovalRequest(session_, row);
  }
  absl::Status InsertApproval(const Uuid& id,
                              const Approval& approval) override {
    return oversight_tables::InsertApproval(session_, id, approval);
  }
  absl::Status InsertNotice(const Notice& row) override {
    return oversight_tables::InsertNotice(session_, row);
  }
  absl::Status UpdateNotice(const Notice& row) override {
    return oversight_tables::UpdateNotice(session_, row);
  }
  absl::Status PutEmergency(const Emergency& row) override {
    return oversight_tables::PutEmergency(session_, row);
  }
  absl::Status PutReview(const EmergencyReview& row) override {
    return oversight_tables::PutReview(session_, row);
  }
  absl::StatusOr<int64_t> DeleteOversightAbout(
      const std::vector<Uuid>& subjects) override {
    erased_ = true;
    return oversight_tables::DeleteOversightAbout(session_, subjects);
  }
  absl::Status DeleteOversightBefore(absl::Time time) override {
    return oversight_tables::DeleteOversightBefore(session_, time);
  }

 private:
  friend class AttachmentSessionWriter<
      SessionReader<StoreTransaction, SqliteTransaction>, SqliteTransaction>;
  template <typename Base, typename Derived>
  friend class comity::TabulationSessionReader;
  template <typename Base, typename Derived>
  friend class comity::CaseSessionReader;
  friend class AttachmentSessionReader<StoreTransaction, SqliteTransaction>;
  friend class SessionReader<StoreTransaction, SqliteTransaction>;
  friend class ErasureSessionReader<StoreTransaction, SqliteTransaction>;
  friend class OversightSessionReader<
      ErasureSessionReader<StoreTransaction, SqliteTransaction>,
      SqliteTransaction>;
  friend class PolicySessionReader<
      OversightSessionReader<
          ErasureSessionReader<StoreTransaction, SqliteTransaction>,
          SqliteTransaction>,
      SqliteTransaction>;

  template <typename F>
  auto WithSession(const F& body) const {
    return body(session_);
  }
  void NoteErased() { erased_ = true; }

  Session& session_;
  bool erased_ = false;
};

constexpr const char* kKeyCheck = "key-check";
constexpr const char* kDecoy = "decoy";
constexpr size_t kDecoySize = 400;  // about what a filled record takes

}  // namespace

absl::Status SqliteStore::Transact(
    const std::function<absl::Status(StoreTransaction&)>& body) {
  absl::MutexLock lock(&write_mutex_);
  Session session{*writer_, keys_, random_};
  RETURN_IF_ERROR(writer_->Run("BEGIN IMMEDIATE"));
  SqliteTransaction transaction(session);
  absl::Status status = body(transaction);
  if (transaction.erased()) must_forget_ = true;
  if (status.ok()) status = writer_->Run("COMMIT");
  if (!status.ok()) {
    // After some errors SQLite has rolled back already.
    (void)writer_->Run("ROLLBACK");
  }
  return status;
}

absl::Status SqliteStore::Prepare() {
  const std::string expected = HmacSha256(keys_.index.Expose(), kKeyCheck);
  ASSIGN_OR_RETURN(const std::string stored, ReadMeta(kKeyCheck));
  if (stored == expected) return absl::OkStatus();
  if (!stored.empty()) {
    return ReasonError(ErrorReason::kIntegrityFailure,
                       "the store was made with another store key; look at "
                       "the key file");
  }
  return Transact([&](StoreTransaction& transaction) -> absl::Status {
    const SecretBytes key(random_.Bytes(32));
    const std::string decoy =
        Seal(keys_.wrap, key.Expose(), kDecoy, random_) +
        Seal(key, std::string(kDecoySize, '\0'), kDecoy, random_);
    RETURN_IF_ERROR(transaction.PutMeta(kDecoy, decoy));
    return transaction.PutMeta(kKeyCheck, expected);
  });
}

absl::StatusOr<std::unique_ptr<SqliteDatabase>> SqliteStore::TakeReader()
    const {
  {
    absl::MutexLock lock(&pool_mutex_);
    if (!pool_.empty()) {
      std::unique_ptr<SqliteDatabase> reader = std::move(pool_.back());
      pool_.pop_back();
      return reader;
    }
  }
  return SqliteDatabase::Open(path_, true);
}

void SqliteStore::GiveBack(std::unique_ptr<SqliteDatabase> reader) const {
  absl::MutexLock lock(&pool_mutex_);
  pool_.push_back(std::move(reader));
}

absl::StatusOr<std::unique_ptr<Store>> OpenStore(const std::string& path,
                                                 const SecretBytes& store_key,
                                                 RandomSource& random) {
  RETURN_IF_ERROR(CheckNotEmptied(path));
  ASSIGN_OR_RETURN(std::unique_ptr<SqliteDatabase> writer,
                   SqliteDatabase::Open(path, false));
  RETURN_IF_ERROR(CheckTail(*writer, path));
  RETURN_IF_ERROR(MigrateSchema(*writer));
  auto store = std::make_unique<SqliteStore>(path, StoreKeys(store_key), random,
                                             std::move(writer));
  RETURN_IF_ERROR(store->Prepare());
  // What a process that died had still to forget; what reads it makes it wait.
  store->ForgetDeleted().IgnoreError();
  return store;
}

}  // namespace comity
