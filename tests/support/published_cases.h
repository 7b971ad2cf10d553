#pragma once

#include <string>

#include "comity/operators/v1/case_service.grpc.pb.h"
#include "comity/operators/v1/table_service.grpc.pb.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_participant.h"

namespace comity {

// A record of its own reference, registered in a year, for RecordCase.
inline record::v1::CaseRecord RegisteredIn(const std::string& year) {
  static int records = 0;
  record::v1::CaseRecord record;
  record.set_x_local_reference("C" + std::to_string(++records));
  record.set_x_registered_on(year + "-03-04");
  return record;
}

// A case of the state with this record, screened without a flag.
inline void RecordCase(TestParticipant& state,
                       const record::v1::CaseRecord& record) {
  CommandContext& coordinator = state.As("ORG", Role::kCoordinator, "coord");
  operators::v1::CreateCaseRequest create;
  create.set_request_id(coordinator.NewRequestId());
  *create.mutable_record() = record;
  create.mutable_screening();
  ASSERT_OK(
      (coordinator
           .Call<operators::v1::CaseService, operators::v1::CreateCaseResponse>(
               &operators::v1::CaseService::Stub::CreateCase, create)));
}

// Publishes a period of the state, as its statistician.
inline void PublishPeriod(TestParticipant& state, const std::string& period) {
  CommandContext& statistician = state.As("ORG", Role::kStatistician, "stat");
  operators::v1::PublishPeriodRequest request;
  request.set_request_id(statistician.NewRequestId());
  request.set_period(period);
  ASSERT_OK((statistician.Call<operators::v1::TableService,
                               operators::v1::PublishPeriodResponse>(
      &operators::v1::TableService::Stub::PublishPeriod, request)));
}

// Whether the last revision that the state published takes no new questions.
inline bool LastPublishedIsClosed(TestParticipant& state) {
  const auto listed = state.As("ORG", Role::kStatistician, "stat")
                          .Call<operators::v1::TableService,
                                operators::v1::ListPeriodsResponse>(
                              &operators::v1::TableService::Stub::ListPeriods,
                              operators::v1::ListPeriodsRequest());
  EXPECT_OK(listed);
  operators::v1::PublishedPeriod last;
  if (!listed.ok()) return false;
  for (const auto& each : listed->periods()) {
    if (each.revision() > last.revision()) last = each;
  }
  return last.closed();
}

}  // namespace comity
