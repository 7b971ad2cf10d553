#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "comity/operators/v1/table_service.grpc.pb.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_participant.h"

namespace comity {

// A state serves: it and the commission have each other's cards, and these
// files are in force there.
inline void ServeFor(TestParticipant& commission, TestParticipant& state,
                     const std::vector<std::string>& texts,
                     const Clock& clock) {
  ASSERT_OK(state.Start(clock));
  ASSERT_OK(state.Pair(commission));
  ASSERT_OK(commission.Pair(state));
  ASSERT_OK(state.ActivateTexts(texts));
}

// What the commission's analyst is told of an indicator by these members; she
// waits so many seconds.
inline operators::v1::RequestTableResponse AskForIndicator(
    TestParticipant& commission, const std::vector<std::string>& members,
    const std::string& indicator, const std::string& year,
    std::chrono::seconds wait = std::chrono::seconds(15)) {
  using Tables = operators::v1::TableService;
  CommandContext& person =
      commission.As("COMMISSION", Role::kCommission, "analyst");
  operators::v1::RequestTableRequest request;
  request.set_request_id(person.NewRequestId());
  for (const std::string& each : members) request.add_members(each);
  request.set_period(year);
  request.set_indicator(indicator);
  const auto response =
      person.Call<Tables, operators::v1::RequestTableResponse>(
          &Tables::Stub::RequestTable, request, wait);
  EXPECT_OK(response);
  return response.ok() ? *response : operators::v1::RequestTableResponse();
}

}  // namespace comity
