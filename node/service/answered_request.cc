#include "node/service/answered_request.h"

#include "absl/strings/str_cat.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/crypto/hash.h"

namespace comity {
namespace {

constexpr absl::Duration kRemembered = absl::Hours(24 * 30);

bool AsksPartners(LocalOperation operation) {
  return operation == LocalOperation::kCaseQueryAsk ||
         operation == LocalOperation::kTableAsk ||
         operation == LocalOperation::kSubjectReport;
}

// The type's name keeps two calls of equal bytes apart.
std::string DigestOf(const google::protobuf::Message& request) {
  std::string bytes = absl::StrCat(request.GetDescriptor()->full_name(), "\n");
  {
    google::protobuf::io::StringOutputStream stream(&bytes);
    google::protobuf::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);
    request.SerializeToCodedStream(&coded);
  }
  return Sha256(bytes);
}

}  // namespace

std::optional<AnsweredRequest> AnsweredRequest::Of(
    const Caller& caller, LocalOperation operation,
    const google::protobuf::Message& request) {
  const auto* field = request.GetDescriptor()->FindFieldByName("request_id");
  if (field == nullptr || AsksPartners(operation)) return std::nullopt;
  const auto id =
      Uuid::Parse(request.GetReflection()->GetString(request, field));
  if (!id.ok()) return std::nullopt;
  return AnsweredRequest(caller.OperatorName(), *id, DigestOf(request));
}

absl::StatusOr<bool> AnsweredRequest::AnswerAgain(
    const StateReader& store, absl::Time now,
    google::protobuf::Message& response) const {
  ASSIGN_OR_RETURN(const std::optional<AnsweredCall> call,
                   store.ReadAnsweredCall(operator_name_, id_));
  if (!call.has_value() || call->answered_at < now - kRemembered) return false;
  if (call->request_digest != digest_) {
    return ReasonError(ErrorReason::kRequestIdReused,
                       "the request id was used for another request; send this "
                       "one under a new id");
  }
  if (!response.ParseFromString(call->response)) {
    return ReasonError(ErrorReason::kIntegrityFailure,
                       "a kept answer does not parse");
  }
  return true;
}

absl::Status AnsweredRequest::Keep(
    CommitScope& scope, const google::protobuf::Message& response) const {
  RETURN_IF_ERROR(scope.store().DeleteAnsweredCalls(scope.now() - kRemembered));
  return scope.store().InsertAnsweredCall(
      operator_name_, id_,
      {digest_, response.SerializeAsString(), scope.now()});
}

}  // namespace comity
