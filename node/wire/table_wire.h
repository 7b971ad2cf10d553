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
void FormatCells(const ReleasedCells& released,
                 federation::v1::ReleasedTable& table);

}  // namespace comity
