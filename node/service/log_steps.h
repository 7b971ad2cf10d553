#pragma once

#include "comity/operators/v1/admin_service.pb.h"
#include "node/service/operator_gate.h"

namespace comity {

// What auditors do with logs (AdminService).
absl::Status HandleListLogEntries(
    OperatorCall& call, const operators::v1::ListLogEntriesRequest& request,
    operators::v1::ListLogEntriesResponse& response);
absl::Status HandleVerifyLogs(OperatorCall& call,
                              const operators::v1::VerifyLogsRequest& request,
                              operators::v1::VerifyLogsResponse& response);
absl::Status HandleExportLog(OperatorCall& call,
                             const operators::v1::ExportLogRequest& request,
                             operators::v1::ExportLogResponse& response);
absl::Status HandleProveLogEntry(
    OperatorCall& call, const operators::v1::ProveLogEntryRequest& request,
    operators::v1::ProveLogEntryResponse& response);

}  // namespace comity
