#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "comity/operators/v1/admin_service.pb.h"
#include "node/base/error_reason.h"

namespace comity {

// The lines of a status: what was looked at, and what was found.
using StatusChecks =
    google::protobuf::RepeatedPtrField<operators::v1::StatusCheck>;

inline void AddGood(StatusChecks& checks, absl::string_view subject,
                    absl::string_view detail) {
  auto* check = checks.Add();
  check->set_subject(std::string(subject));
  check->set_ok(true);
  check->set_detail(std::string(detail));
}

// `fix` says what to do.
inline void AddBad(StatusChecks& checks, absl::string_view subject,
                   ErrorReason reason, absl::string_view detail,
                   absl::string_view fix) {
  auto* check = checks.Add();
  check->set_subject(std::string(subject));
  check->set_detail(std::string(detail));
  check->set_fix(std::string(fix));
  check->set_reason(std::string(ReasonName(reason)));
}

}  // namespace comity
