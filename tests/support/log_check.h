#pragma once

#include <algorithm>

#include "comity/operators/v1/admin_service.grpc.pb.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_participant.h"

namespace comity {

// Whether all logs that the node holds verify, as its auditor finds.
inline bool LogsHold(TestParticipant& node) {
  namespace ops = operators::v1;
  const auto verified =
      node.As("ORG", Role::kAuditor, "auditor")
          .Call<ops::AdminService, ops::VerifyLogsResponse>(
              &ops::AdminService::Stub::VerifyLogs, ops::VerifyLogsRequest());
  EXPECT_OK(verified);
  if (!verified.ok()) return false;
  const auto& logs = verified->logs();
  return std::all_of(logs.begin(), logs.end(),
                     [](const auto& log) { return log.ok(); });
}

}  // namespace comity
