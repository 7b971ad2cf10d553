#include "node/cli/follow_up_withdrawal.h"

#include <cstdio>

#include "comity/operators/v1/consent_service.grpc.pb.h"
#include "node/base/status_macros.h"

namespace comity {

absl::Status WithdrawFollowUps(const std::string& id,
                               const std::string& channel,
                               CommandContext& context) {
  namespace pb = operators::v1;
  pb::WithdrawFollowUpsRequest request;
  request.set_request_id(context.NewRequestId());
  request.set_referral_id(id);
  request.set_channel(channel);
  ASSIGN_OR_RETURN(
      const auto response,
      (context.Call<pb::ConsentService, pb::WithdrawFollowUpsResponse>(
          &pb::ConsentService::Stub::WithdrawFollowUps, request)));
  if (context.PrintedJson(response)) return absl::OkStatus();
  printf("no follow-up reports from now on (entry %s); all else goes on\n",
         response.audit_entry_id().c_str());
  printf("  %u report(s) came before and stay; %u taken back\n",
         response.reports(), response.taken_back());
  return absl::OkStatus();
}

}  // namespace comity
