#pragma once

#include <string>
#include <vector>

#include "comity/operators/v1/referral_step_service.grpc.pb.h"
#include "tests/support/border.h"

namespace comity {

// The people of two nodes take a referral from Niger to Nigeria through its
// steps, over real connections; time is the test's.
class ReferralStory : public BorderTest {
 protected:
  using BorderTest::BorderTest;
  using Steps = operators::v1::ReferralStepService;
  // People, by what they do.
  CommandContext& Drafter() { return Coordinator(ne_, "coord"); }
  CommandContext& Holder() { return Coordinator(ne_, "second"); }
  CommandContext& Receiver() { return Coordinator(ng_, "coord"); }
  CommandContext& Guardian(TestParticipant& node) {
    return node.As("ORG", Role::kGuardian, "guardian");
  }

  // A screened case of a woman, or of a child, with consent.
  void MakePerson(const std::string& reference, bool child = false,
                  const std::string& purpose = "SAFE_RETURN");
  // Drafts, by the drafter; returns the draft's id.
  absl::StatusOr<std::string> Draft(const std::string& reference,
                                    const std::string& purpose = "SAFE_RETURN",
                                    const std::string& basis = "");
  absl::Status Clear(CommandContext& person, const std::string& id);
  absl::Status SendBy(CommandContext& person, const std::string& id);
  // A draft, cleared, sent and received; returns its id.
  std::string Refer(const std::string& reference, bool child = false,
                    const std::string& purpose = "SAFE_RETURN");
  absl::Status Accept(const std::string& id);

  // One step of a person's; its status, so that refusals can be expected.
  template <typename Response, typename Method, typename Request>
  absl::StatusOr<Response> Take(CommandContext& person, const std::string& id,
                                Method method, Request request) {
    request.set_referral_id(id);
    return As<Steps, Response>(person, method, request);
  }
  absl::Status Ask(const std::string& id,
                   const std::vector<v1::RecordGroup>& groups);
  absl::StatusOr<operators::v1::AnswerInfoResponse> Answer(
      CommandContext& person, const std::string& id);
  absl::Status Propose(CommandContext& person, const std::string& id);
  absl::Status AcceptPlan(CommandContext& person, const std::string& id,
                          uint32_t version);
  absl::Status AnswerPlan(const std::string& id, uint32_t version, bool agrees,
                          bool follow_up = false);
  absl::Status Approve(CommandContext& person, const std::string& id,
                       bool for_return);
  // A journey of twelve hours that begins in so many days.
  absl::Status Schedule(const std::string& id, int days);
  absl::Status Depart(const std::string& id);
  absl::Status Arrive(const std::string& id);
  absl::Status Assist(const std::string& id);
  absl::Status FollowUp(const std::string& id);
  absl::Status Close(const std::string& id);
  absl::Status Cancel(CommandContext& person, const std::string& id);
  // Accepted, planned by Nigeria and agreed by all who must.
  void AgreeOnPlan(const std::string& id);
  // Scheduled, departed and handed over, after the notice of four days.
  void Travel(const std::string& id);

  // Waits until both sides are in `state` and every event has its receipt.
  void ExpectBoth(const std::string& id, const std::string& state);
  std::string StateAt(TestParticipant& node, const std::string& id);
  std::vector<std::string> KindsAt(TestParticipant& node,
                                   const std::string& id);
  // The referral as it stands in a person's inbox; empty if it does not.
  operators::v1::Referral InInbox(CommandContext& person,
                                  const std::string& id);
  // Both nodes look at the clock until nothing of theirs is under way.
  void TickBoth();
};

}  // namespace comity
