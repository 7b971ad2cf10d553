#pragma once

#include <functional>
#include <string>
#include <vector>

#include "comity/federation/v1/case_query.pb.h"
#include "comity/operators/v1/case_service.grpc.pb.h"
#include "comity/operators/v1/oversight_service.grpc.pb.h"
#include "comity/operators/v1/referral_service.grpc.pb.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_participant.h"

namespace comity {

// Two real nodes that trust each other, Niger's (NE) with the cases and
// Nigeria's (NG) that asks, under the policy files that a test writes. All
// people are coordinators of "ORG" unless a test says otherwise.
class BorderTest : public testing::Test {
 protected:
  // `ng_outbound_only`: Nigeria's node cannot be called.
  explicit BorderTest(bool ng_outbound_only = false)
      : ng_("NG", clock_.Now(), false, ng_outbound_only) {}

  // A ready file of policy/ with parts replaced: each pair is old and new text.
  using Edits = std::vector<std::pair<std::string, std::string>>;
  static std::string PolicyText(const std::string& path, const Edits& edits);

  // Puts the bilateral agreement in force at both nodes, edited, with national
  // rules of Niger's when there are any.
  void Open(const Edits& agreement_edits, const std::string& ne_national = "");
  // Gives both nodes other files than the bilateral agreement.
  void OpenWith(const std::string& agreement, const std::string& ne_national);

  // Calls as one of a node's people; gives the request an id of its own.
  template <typename Service, typename Response, typename Method,
            typename Request>
  absl::StatusOr<Response> As(CommandContext& person, Method method,
                              Request request) {
    if constexpr (requires { request.set_request_id(""); }) {
      if (request.request_id().empty()) {
        request.set_request_id(person.NewRequestId());
      }
    }
    return person.Call<Service, Response>(method, request);
  }
  CommandContext& Coordinator(TestParticipant& node, const std::string& name) {
    return node.As("ORG", Role::kCoordinator, name);
  }

  // A screened case of Niger's with consent to tell `groups` to Nigeria, and a
  // draft of a referral that a second coordinator cleared; returns the draft.
  // Without groups the case alone.
  operators::v1::Referral MakeCase(const std::string& reference,
                                   const std::vector<v1::RecordGroup>& groups);
  // The question of an officer of Nigeria's for the status of the person behind
  // a draft.
  static operators::v1::RequestCaseRequest StatusQuestion(
      const operators::v1::Referral& draft);
  absl::StatusOr<federation::v1::CaseAnswer> Ask(
      const std::string& officer,
      const operators::v1::RequestCaseRequest& question);
  absl::StatusOr<federation::v1::CaseAnswer> AskStatus(
      const std::string& officer, const operators::v1::Referral& draft) {
    return Ask(officer, StatusQuestion(draft));
  }
  operators::v1::ListInboxResponse Inbox(CommandContext& person);
  absl::Status Approve(CommandContext& person, const std::string& approval_id,
                       bool decline = false);
  absl::Status Send(const std::string& person,
                    const operators::v1::Referral& draft);
  absl::StatusOr<operators::v1::GetReferralResponse> Show(
      TestParticipant& node, const std::string& referral_id);
  // What Niger's own log says of an entry.
  std::string LogDetail(const std::string& entry_id);
  // Looks until `done`, for 10 seconds at most.
  static bool Await(const std::function<bool()>& done);
  // The reason of a refusal, at home or by the partner; "RELEASED" for none.
  std::string OutcomeOf(
      const absl::StatusOr<federation::v1::CaseAnswer>& answer);
  // Of AskStatus, once the holder is reached, who was away: the channel waits
  // before it dials again.
  std::string OutcomeOnceReached(const std::string& officer,
                                 const operators::v1::Referral& draft);

  FakeClock clock_{absl::Now()};
  TestParticipant ne_{"NE", clock_.Now()};
  TestParticipant ng_;
};

}  // namespace comity
