#pragma once

#include <grpcpp/support/status.h>

#include "absl/status/status.h"

namespace comity {

// Between our statuses and gRPC's, with the reason in the error details.
grpc::Status ToGrpc(const absl::Status& status);
absl::Status FromGrpc(const grpc::Status& status);

}  // namespace comity
