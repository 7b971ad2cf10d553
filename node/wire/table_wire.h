#pragma once

#include "absl/status/statusor.h"
#include "comity/federation/v1/table.pb.h"
#include "node/domain/table_question.h"

namespace comity {

// The table that a question asks for; errors as TableQuestion::Create.
absl::StatusOr<TableQuestion> ParseTableQuestion(
    const federation::v1::TableQuestion& question);
TableQuestion::Filters ParseFilters(
    const google::protobuf::RepeatedPtrField<federation::v1::TableFilter>&
        filters);

ReleasedCells ParseCells(const federation::v1::ReleasedTable& table);

// Whether a partner's table can be the answer to a question. EVIDENCE_INVALID
// unless it is of the question's period and by its dimensions, each cell has a
// code for each dimension, of at most 64 printable characters of ASCII, stands
// once and counts what a table can hold; and if there are cells beside masked
// words.
absl::Status CheckCells(const federation::v1::ReleasedTable& table,
                        const TableQuestion& question);

void FormatCells(const ReleasedCells& released,
                 federation::v1::ReleasedTable& table);

}  // namespace comity
