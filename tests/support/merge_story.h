#pragma once

#include <string>
#include <utility>
#include <vector>

#include "comity/operators/v1/consent_service.grpc.pb.h"
#include "tests/support/referral_story.h"

namespace comity {

// Niger's people registered one person twice, as C1 and C2, and make one case
// of both; C1 stays.
class MergeStory : public ReferralStory {
 protected:
  using Cases = operators::v1::CaseService;
  using Choices = std::vector<std::pair<std::string, std::string>>;
  using Fill = std::function<void(record::v1::CaseRecord&)>;

  // Screened, kept from nobody, with no consent.
  void Make(const std::string& reference, const Fill& fill);
  absl::StatusOr<operators::v1::Case> See(CommandContext& person,
                                          const std::string& name);
  absl::StatusOr<operators::v1::Case> See(const std::string& name) {
    return See(Drafter(), name);
  }
  void Edit(const std::string& reference, const Fill& fill);
  // Flags it anew, to be kept from `excluded`.
  absl::Status Screen(const std::string& reference,
                      const std::string& excluded);
  // An act of consent, "GIVEN" or "REFUSED", to tell Nigeria a group.
  absl::Status RecordConsent(const std::string& reference,
                             const std::string& state,
                             v1::RecordGroup group = v1::RECORD_GROUP_STATUS);
  absl::Status WithdrawConsent(const std::string& reference);

  template <typename Request>
  Request RequestOf(const Choices& choices) {
    Request request;
    request.set_case_id("C1");
    request.set_other_case_id("C2");
    for (const auto& [field, take] : choices) {
      operators::v1::FieldChoice& choice = *request.add_choices();
      choice.set_field(field);
      choice.set_take(take);
    }
    return request;
  }
  // What a merge of both as they are now asks for.
  operators::v1::MergeCasesRequest MergeOf(const Choices& choices = {});
  absl::StatusOr<operators::v1::MergeCasesResponse> Merge(
      CommandContext& person, const operators::v1::MergeCasesRequest& request) {
    return As<Cases, operators::v1::MergeCasesResponse>(
        person, &Cases::Stub::MergeCases, request);
  }
  absl::StatusOr<operators::v1::MergeCasesResponse> Merge(
      const Choices& choices = {}) {
    return Merge(Drafter(), MergeOf(choices));
  }

  // What Nigeria holds of her status under a referral.
  std::string StatusAtReceiver(const std::string& id);
  // Nigeria asks for her status by the name of a referral.
  std::string AskBy(const std::string& referral_id);
};

}  // namespace comity
