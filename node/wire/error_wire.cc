#include "node/wire/error_wire.h"

#include "comity/v1/error.pb.h"
#include "node/base/error_reason.h"

namespace comity {
namespace {

constexpr const char* kErrorInfoUrl =
    "type.googleapis.com/google.rpc.ErrorInfo";

ErrorReason ReasonOfCode(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kUnavailable:
      return ErrorReason::kPeerUnreachable;
    case absl::StatusCode::kDeadlineExceeded:
      return ErrorReason::kDeadlineExceeded;
    case absl::StatusCode::kUnauthenticated:
      return ErrorReason::kCertificateUnknown;
    case absl::StatusCode::kResourceExhausted:
      return ErrorReason::kOverloaded;
    default:
      return ErrorReason::kInternal;
  }
}

}  // namespace

std::string PublicMessage(const absl::Status& status) {
  const ErrorReason reason = ReasonOf(status);
  if (reason == ErrorReason::kInternal || reason == ErrorReason::kUnspecified) {
    return "the node failed; its administrator finds why in its log";
  }
  return std::string(status.message());
}

std::string FormatErrorDetails(const absl::Status& status) {
  ErrorReason reason = ReasonOf(status);
  if (reason == ErrorReason::kUnspecified) reason = ErrorReason::kInternal;
  v1::ErrorInfo info;
  info.set_reason(std::string(ReasonName(reason)));
  info.set_domain("comity");
  v1::ErrorStatus details;
  details.set_code(static_cast<int>(status.code()));
  details.set_message(PublicMessage(status));
  auto* any = details.add_details();
  any->set_type_url(kErrorInfoUrl);
  any->set_value(info.SerializeAsString());
  return details.SerializeAsString();
}

absl::Status ParseErrorDetails(int code, absl::string_view message,
                               absl::string_view details) {
  v1::ErrorStatus read;
  v1::ErrorInfo info;
  if (!details.empty() &&
      read.ParseFromArray(details.data(), static_cast<int>(details.size())) &&
      read.details_size() == 1 &&
      info.ParseFromString(read.details(0).value())) {
    const ErrorReason reason = ReasonFromName(info.reason());
    if (reason != ErrorReason::kUnspecified) {
      return ReasonError(reason, message);
    }
  }
  return ReasonError(ReasonOfCode(static_cast<absl::StatusCode>(code)),
                     message);
}

}  // namespace comity
