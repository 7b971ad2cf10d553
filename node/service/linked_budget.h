#pragma once

#include <string>

#include "comity/federation/v1/table.pb.h"
#include "comity/operators/v1/table_service.pb.h"
#include "node/domain/participant.h"
#include "node/domain/table_question.h"
#include "node/policy/facts.h"
#include "node/store/store.h"

namespace comity {

// How many tables of one published revision that share columns an asker was
// given (domain/linked_tables.h), under whatever agreement: kept in the store
// with the charge of their cells. Of a revision that was published before the
// node was restored nobody knows it, so that it counts as spent.

// Fills how many the question would make of the newest revision of its period.
absl::Status ReadLinkedTables(const TableQuestion& question,
                              const ParticipantCode& asker,
                              const StoreReader& reader, StateFacts& state);

// Notes that the asker is given this answer.
absl::Status KeepLinkedTable(const TableQuestion& question,
                             const federation::v1::ReleasedTable& released,
                             const ParticipantCode& asker,
                             StoreTransaction& store);

// Adds what the asker was given of the newest revision of each period.
absl::Status ListLinkedTables(const StoreReader& store,
                              const std::string& asker,
                              const std::string& agreement_id, uint32_t allowed,
                              operators::v1::ListBudgetsResponse& response);

}  // namespace comity
