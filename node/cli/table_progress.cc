#include "node/cli/table_progress.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "comity/operators/v1/table_service.grpc.pb.h"
#include "node/cli/waiting_line.h"

namespace comity {
namespace {

namespace pb = operators::v1;
using Tables = pb::TableService;

// Asks the node, from the thread of the waiting line. A node that cannot say
// it, an older one too, leaves the line without.
std::string AskProgress(const std::shared_ptr<grpc::Channel>& channel,
                        const std::string& request_id) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() +
                       std::chrono::seconds(1));
  pb::GetTableProgressRequest request;
  request.set_asked_as(request_id);
  pb::GetTableProgressResponse response;
  const grpc::Status status =
      Tables::NewStub(channel)->GetTableProgress(&context, request, &response);
  return status.ok() ? ProgressText(response) : "";
}

}  // namespace

absl::StatusOr<pb::RequestTableResponse> AskMembers(
    const pb::RequestTableRequest& request, CommandContext& context) {
  ASSIGN_OR_RETURN(const std::shared_ptr<grpc::Channel> channel,
                   context.Connect());
  const WaitingLine line(
      absl::StrCat("asking ", absl::StrJoin(request.members(), ", ")),
      context.quiet, [channel, id = request.request_id()] {
        return AskProgress(channel, id);
      });
  // The slowest member may take the whole time that members have.
  return context.Call<Tables, pb::RequestTableResponse>(
      &Tables::Stub::RequestTable, request);
}

std::string ProgressText(const pb::GetTableProgressResponse& progress) {
  if (progress.asked() == 0) return "";
  std::string text =
      absl::StrCat(progress.answered(), " of ", progress.asked(), " answered");
  if (progress.without_answer() > 0) {
    absl::StrAppend(&text, ", ", progress.without_answer(), " gave no answer");
  }
  return text;
}

}  // namespace comity
