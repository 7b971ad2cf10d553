#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "node/base/uuid.h"
#include "node/domain/participant.h"
#include "node/domain/vocabulary.h"

namespace comity {

// What other persons are asked to approve.
enum class ApprovalMatter : uint8_t {
  kUnset = 0,
  kAskCase = 1,         // a question to a partner; subject: the pair pseudonym
  kSendReferral = 2,    // subject: the dossier
  kAnswerPartner = 3,   // an answer to a partner; subject: the case
  kAskTable = 4,        // a question for counts; subject: made of the question
  kAnswerTable = 5,     // an answer to one; the same
  kTellCorrection = 6,  // to a partner; subject: the case
};

struct Approval {
  std::string by;  // operator name
  absl::Time at;
};

// One matter that waits, or waited, for approvals. It stands until it expires;
// a declined one until then, too.
struct ApprovalRequest {
  Uuid id;
  ApprovalMatter matter = ApprovalMatter::kUnset;
  ParticipantCode partner;
  std::string key;  // 32 bytes: digest of all that the approval is bound to
  Uuid subject;
  std::string agreement_id;
  std::string agreement_digest;
  Purpose purpose = Purpose::kUnset;
  LegalBasis basis = LegalBasis::kUnset;
  FieldGroups groups;
  std::string requested_by;  // operator name, or the partner's code
  uint32_t needed = 0;
  absl::Time created_at;
  absl::Time expires_at;
  std::string declined_by;  // empty: nobody declined
  Uuid used_by;             // the message it was used for; nil: not used yet
  std::string about;        // what it is for, where no id says it
  std::vector<Approval> approvals;
};

// A note that something was released, for people of one role.
struct Notice {
  Uuid id;
  NoticeTarget target = NoticeTarget::kUnset;
  ParticipantCode partner;
  std::string person;  // the case's owner; empty: everybody of the role
  std::string kind;    // "RELEASED", "RECEIVED", "REVIEW_OPENED"
  std::string entry_id;
  absl::Time at;
  // When the hook is to be run next; InfiniteFuture: it is done, or there is
  // none.
  absl::Time hook_due = absl::InfiniteFuture();
  uint32_t hook_attempts = 0;
};

// An emergency of this holder with one partner. In force from its confirmation
// to `ends_at`.
struct Emergency {
  Uuid id;
  ParticipantCode partner;
  std::string agreement_id;
  std::string reason;
  uint32_t hours = 0;
  std::string declared_by;
  absl::Time declared_at;
  std::string confirmed_by;  // empty: not confirmed
  absl::Time ends_at = absl::InfinitePast();
  std::string ended_by;  // empty: nobody ended it early
};

// The review of one release in an emergency, at the holder or at the asker.
struct EmergencyReview {
  Uuid id;
  ParticipantCode partner;
  bool as_holder = false;
  std::string agreement_id;
  Uuid subject;  // at the holder the case, at the asker the pair pseudonym
  std::string entry_id;
  absl::Time opened_at;
  absl::Time due_at;
  std::string reviewed_by;  // empty: open
  std::string finding;
};

// Reads approvals, notices, emergencies and reviews: what people must look at.
// Thread-safe.
class OversightReader {
 public:
  virtual ~OversightReader() = default;
  // NOT_FOUND if there is no such request.
  virtual absl::StatusOr<ApprovalRequest> ReadApprovalRequest(
      const Uuid& id) const = 0;
  // The request of that key, not expired, that counts for `message`: the one
  // used for it; else, of those not used, one that was declined, or the one
  // that most persons approved, or the newest. nullopt: none.
  virtual absl::StatusOr<std::optional<ApprovalRequest>> FindApprovalRequest(
      absl::string_view key, const Uuid& message, absl::Time now) const = 0;
  // Oldest first, at most `limit`: neither used, declined nor expired.
  virtual absl::StatusOr<std::vector<ApprovalRequest>> ListApprovalRequests(
      absl::Time now, int limit) const = 0;
  // How many of those are for answers to `partner`.
  virtual absl::StatusOr<uint32_t> CountApprovalRequests(
      const ParticipantCode& partner, absl::Time now) const = 0;
  // Newest first, at most `limit`, noted at or after `since`.
  virtual absl::StatusOr<std::vector<Notice>> ListNotices(absl::Time since,
                                                          int limit) const = 0;
  // Those whose hook is due, oldest first, at most `limit`.
  virtual absl::StatusOr<std::vector<Notice>> ListDueHooks(absl::Time now,
                                                           int limit) const = 0;
  // NOT_FOUND if there is none of that id.
  virtual absl::StatusOr<Emergency> ReadEmergency(const Uuid& id) const = 0;
  // Newest first, at most `limit`.
  virtual absl::StatusOr<std::vector<Emergency>> ListEmergencies(
      int limit) const = 0;
  // Whether a confirmed emergency is in force.
  virtual absl::StatusOr<bool> InEmergency(const ParticipantCode& partner,
                                           absl::string_view agreement_id,
                                           absl::Time now) const = 0;
  virtual absl::StatusOr<EmergencyReview> ReadReview(const Uuid& id) const = 0;
  // Open reviews, oldest first, at most `limit`.
  virtual absl::StatusOr<std::vector<EmergencyReview>> ListOpenReviews(
      int limit) const = 0;
};

// Writes the same inside a transaction.
class OversightWriter {
 public:
  virtual ~OversightWriter() = default;
  // Without its approvals. ALREADY_EXISTS if the id is taken.
  virtual absl::Status InsertApprovalRequest(const ApprovalRequest& row) = 0;
  // Replaces needed, declined_by and used_by.
  virtual absl::Status UpdateApprovalRequest(const ApprovalRequest& row) = 0;
  // ALREADY_EXISTS if the person approved before.
  virtual absl::Status InsertApproval(const Uuid& id,
                                      const Approval& approval) = 0;
  virtual absl::Status InsertNotice(const Notice& row) = 0;
  // Replaces hook_due and hook_attempts.
  virtual absl::Status UpdateNotice(const Notice& row) = 0;
  // Inserts or replaces by id.
  virtual absl::Status PutEmergency(const Emergency& row) = 0;
  virtual absl::Status PutReview(const EmergencyReview& row) = 0;
  // Forgets the approval requests and the finished reviews of these subjects,
  // and what open reviews are about. Returns how many there were.
  virtual absl::StatusOr<int64_t> DeleteOversightAbout(
      const std::vector<Uuid>& subjects) = 0;
  // Forgets requests that expired, and notices noted, before `time`.
  virtual absl::Status DeleteOversightBefore(absl::Time time) = 0;
};

}  // namespace comity
