#include "node/peer/grpc_status.h"

#include "node/wire/error_wire.h"

namespace comity {

grpc::Status ToGrpc(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  return {static_cast<grpc::StatusCode>(status.code()), PublicMessage(status),
          FormatErrorDetails(status)};
}

absl::Status FromGrpc(const grpc::Status& status) {
  if (status.ok()) return absl::OkStatus();
  return ParseErrorDetails(static_cast<int>(status.error_code()),
                           status.error_message(), status.error_details());
}

}  // namespace comity
