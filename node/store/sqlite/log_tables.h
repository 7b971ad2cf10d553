#pragma once

#include "node/store/log_store.h"
#include "node/store/sqlite/session.h"

namespace comity::log_tables {

// LogReader and LogWriter over one SQLite session; see log_store.h.

absl::StatusOr<LogHead> ReadLogHead(Session& session, absl::string_view log);
absl::StatusOr<std::vector<std::string>> ListLogs(Session& session);
absl::StatusOr<std::string> ReadNode(Session& session, absl::string_view log,
                                     uint32_t level, uint64_t index);
absl::StatusOr<std::vector<LeafRow>> ReadLeaves(Session& session,
                                                absl::string_view log,
                                                uint64_t index, int limit,
                                                bool with_openings);
absl::StatusOr<std::vector<LeafRow>> ReadLeavesAbout(
    Session& session, absl::string_view log, const std::vector<Uuid>& subjects,
    uint64_t index, int limit);
absl::StatusOr<PeerHead> ReadPeerHead(Session& session,
                                      const ParticipantCode& partner);
absl::StatusOr<std::vector<UnprovedHead>> ReadUnproved(
    Session& session, const ParticipantCode& partner, int limit);
absl::StatusOr<std::optional<absl::Time>> ReadOldestUnproved(
    Session& session, const ParticipantCode& partner);
absl::StatusOr<std::optional<SeenRequest>> ReadSeenRequest(
    Session& session, absl::string_view sender, const Uuid& request_id);

absl::Status InsertLeaf(Session& session, absl::string_view log,
                        const LeafRow& row);
absl::Status LinkLeaf(Session& session, absl::string_view log, uint64_t index,
                      const Uuid& subject);
absl::StatusOr<int64_t> ForgetSubjects(Session& session, absl::string_view log,
                                       const std::vector<Uuid>& subjects,
                                       const LeafOpeningRewrite& rewrite);
absl::Status InsertNode(Session& session, absl::string_view log, uint32_t level,
                        uint64_t index, absl::string_view hash);
absl::Status PutLogHead(Session& session, absl::string_view log,
                        const LogHead& head);
absl::Status PutPeerHead(Session& session, const ParticipantCode& partner,
                         const PeerHead& head);
absl::Status PutUnproved(Session& session, const ParticipantCode& partner,
                         const UnprovedHead& head);
absl::Status DeleteUnproved(Session& session, const ParticipantCode& partner,
                            uint64_t size);
absl::Status PutSeenRequest(Session& session, absl::string_view sender,
                            const Uuid& request_id, const SeenRequest& seen);
absl::Status DeleteSeenRequests(Session& session, absl::Time time);

}  // namespace comity::log_tables
