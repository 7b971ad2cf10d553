#pragma once

#include "node/store/sqlite/session.h"
#include "node/store/state_store.h"

namespace comity::state_tables {

// StateReader and StateWriter over one SQLite session; see state_store.h.

absl::StatusOr<uint32_t> ReadCounter(Session& session,
                                     absl::string_view counter,
                                     absl::string_view window);
absl::StatusOr<std::vector<SnapshotRow>> ListSnapshots(Session& session);
absl::StatusOr<SnapshotRow> ReadSnapshot(Session& session, const Permit& permit,
                                         absl::string_view period);
absl::Status ScanSnapshots(
    Session& session, const Permit& permit,
    const std::vector<uint64_t>& record_keys,
    const std::function<absl::Status(const SnapshotRow&)>& visit);
absl::StatusOr<std::optional<std::string>> ReadTableAnswer(
    Session& session, absl::string_view key);
absl::StatusOr<uint32_t> CountUndelivered(
    Session& session, absl::string_view asker,
    const std::vector<std::string>& cells);
absl::StatusOr<std::vector<std::string>> ListPartnerCards(Session& session);
absl::StatusOr<std::string> ReadMeta(Session& session, absl::string_view name);
absl::StatusOr<std::vector<std::string>> ListMeta(Session& session,
                                                  absl::string_view prefix);
absl::StatusOr<std::optional<AnsweredCall>> ReadAnsweredCall(
    Session& session, absl::string_view operator_name, const Uuid& request_id);

absl::StatusOr<uint32_t> ChargeCounter(Session& session,
                                       absl::string_view counter,
                                       absl::string_view window,
                                       uint32_t amount);
absl::Status InsertSnapshot(Session& session, const SnapshotRow& row);
absl::Status CloseSnapshot(Session& session, absl::string_view period,
                           uint32_t revision);
absl::Status PutTableAnswer(Session& session, absl::string_view key,
                            absl::string_view answer);
absl::Status PutDelivered(Session& session, absl::string_view asker,
                          const std::vector<std::string>& cells);
absl::Status PutPartnerCard(Session& session, absl::string_view code,
                            absl::string_view card);
absl::Status DeletePartnerCard(Session& session, absl::string_view code);
absl::Status PutMeta(Session& session, absl::string_view name,
                     absl::string_view value);
absl::Status InsertAnsweredCall(Session& session,
                                absl::string_view operator_name,
                                const Uuid& request_id,
                                const AnsweredCall& call);
absl::Status DeleteAnsweredCalls(Session& session, absl::Time time);

}  // namespace comity::state_tables
