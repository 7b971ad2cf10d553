#pragma once

#include "node/store/oversight_store.h"
#include "node/store/sqlite/session.h"

namespace comity::oversight_tables {

// OversightReader and OversightWriter over one SQLite session; see
// oversight_store.h.

absl::StatusOr<ApprovalRequest> ReadApprovalRequest(Session& session,
                                                    const Uuid& id);
absl::StatusOr<std::optional<ApprovalRequest>> FindApprovalRequest(
    Session& session, absl::string_view key, const Uuid& message,
    absl::Time now);
absl::StatusOr<std::vector<ApprovalRequest>> ListApprovalRequests(
    Session& session, absl::Time now, int limit);
absl::StatusOr<uint32_t> CountApprovalRequests(Session& session,
                                               const ParticipantCode& partner,
                                               absl::Time now);
absl::StatusOr<std::vector<Notice>> ListNotices(Session& session,
                                                absl::Time since, int limit);
absl::StatusOr<std::vector<Notice>> ListDueHooks(Session& session,
                                                 absl::Time now, int limit);
absl::StatusOr<Emergency> ReadEmergency(Session& session, const Uuid& id);
absl::StatusOr<std::vector<Emergency>> ListEmergencies(Session& session,
                                                       int limit);
absl::StatusOr<bool> InEmergency(Session& session,
                                 const ParticipantCode& partner,
                                 absl::string_view agreement_id,
                                 absl::Time now);
absl::StatusOr<EmergencyReview> ReadReview(Session& session, const Uuid& id);
absl::StatusOr<std::vector<EmergencyReview>> ListOpenReviews(Session& session,
                                                             int limit);

absl::Status InsertApprovalRequest(Session& session,
                                   const ApprovalRequest& row);
absl::Status UpdateApprovalRequest(Session& session,
                                   const ApprovalRequest& row);
absl::Status InsertApproval(Session& session, const Uuid& id,
                            const Approval& approval);
absl::Status InsertNotice(Session& session, const Notice& row);
absl::Status UpdateNotice(Session& session, const Notice& row);
absl::Status PutEmergency(Session& session, const Emergency& row);
absl::Status PutReview(Session& session, const EmergencyReview& row);
absl::StatusOr<int64_t> DeleteOversightAbout(Session& session,
                                             const std::vector<Uuid>& subjects);
absl::Status DeleteOversightBefore(Session& session, absl::Time time);

}  // namespace comity::oversight_tables
